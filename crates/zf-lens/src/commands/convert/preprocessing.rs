//! How pictures enter the network that is converted: what it says of some under each usual way.

use std::path::PathBuf;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;
use zfnet::experiments::Step;
use zfnet::experiments::shared::record::class;
use zfnet::experiments::since::preprocessing::{Tried, try_each};
use zfnet::network::model::ClassName;
use zfnet::{Crop, Network, Prepared};
use zfnet_words::say;

use crate::device::wait;
use crate::failure::bad_input;
use crate::globals::Globals;
use crate::language::words;
use crate::output;
use crate::photos::Photographs;
use crate::watch::Watch;

/// What was found, and of what.
pub(super) struct Table {
    photos: Vec<PathBuf>,
    tried: Vec<Tried>,
    classes: Vec<ClassName>,
}

/// Tries every way on the photographs, if there are any.
///
/// # Errors
/// When none of them can be read, or the network gives no scores.
pub(super) fn tried(
    network: &Network,
    photos: &[PathBuf],
    globals: &Globals,
) -> anyhow::Result<Option<Table>> {
    if photos.is_empty() {
        return Ok(None);
    }
    let (mut names, mut pictures): (Vec<PathBuf>, Vec<Prepared>) = Default::default();
    let photographs = Photographs::gather(photos, globals.quiet);
    let crop = globals.crop.unwrap_or(Crop::Centre);
    photographs.each(&network.model.input, crop, |source, prepared| {
        names.push(source.path.clone());
        pictures.push(prepared.clone());
        Ok(None)
    })?;
    if pictures.is_empty() {
        return Err(bad_input("--try", "photographs to try", "none"));
    }
    let watch = Watch::new(globals.quiet, "pictures");
    let heard = async |step: Step<&[Tried]>| watch.tell(step.done, step.total);
    let tried = wait(try_each(network, &pictures, heard))?;
    Ok(Some(Table {
        photos: names,
        tried,
        classes: network.model.classes.clone(),
    }))
}

impl Table {
    /// A list with an entry for each way.
    pub(super) fn json(&self) -> Value {
        let way = |one: &Tried| {
            let said = self.photos.iter().zip(&one.said).map(|(photo, said)| {
                json!({
                    "photo": photo.to_string_lossy(),
                    "class": class(&self.classes, said.class),
                    "probability": said.probability,
                })
            });
            json!({
                "preprocessing": one.preprocessing,
                "confidence": one.confidence,
                "said": said.collect::<Vec<_>>(),
            })
        };
        self.tried.iter().map(way).collect()
    }

    /// A row for each way: its name, how sure the network is in the mean, and what it says of each photograph.
    pub(super) fn words(&self) -> String {
        let head = [
            say!(words(), "convertWay"),
            say!(words(), "convertConfidence"),
        ];
        let head = head.into_iter().map(str::to_owned);
        let head = head.chain(self.photos.iter().map(|photo| output::shown(photo)));
        let row = |one: &Tried| {
            let said = one.said.iter().map(|said| {
                let name = match self.classes.get(said.class) {
                    Some(class) => words().either(&class.en, class.zh.as_deref()).to_owned(),
                    None => say!(words(), "classUnnamed", index = said.class),
                };
                format!("{name} {:.1} %", said.probability * 100.0)
            });
            let first = [
                one.preprocessing.name().to_owned(),
                format!("{:.1} %", one.confidence * 100.0),
            ];
            first.into_iter().chain(said).collect()
        };
        let mut rows: Vec<Vec<String>> = vec![head.collect()];
        rows.extend(self.tried.iter().map(row));
        let widest = |column: usize| rows.iter().map(|row| row[column].width()).max();
        let widths: Vec<usize> = (0..rows[0].len())
            .map(|at| widest(at).unwrap_or(0))
            .collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths);
            let cells = cells.map(|(cell, width)| output::padded(cell, *width));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}
