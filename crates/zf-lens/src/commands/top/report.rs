//! What is said of a part, and of a gallery: its numbers as safetensors, its summary as JSON, its caption.

use std::collections::HashSet;
use std::path::Path;

use burn::tensor::Tensor;
use serde_json::{Value, json};
use zfnet::experiments::Record;
use zfnet::experiments::paper::top::{Gallery, Top};
use zfnet::experiments::shared::record::Table;
use zfnet_words::say;

use super::parts::Share;
use super::state::State;
use super::{Arguments, Set};
use crate::dump::{Dump, Shown};
use crate::globals::Globals;
use crate::language::words;
use crate::lens::Lens;
use crate::output;
use crate::photos::prepare;

/// Winners whose inputs are dumped, at most: a set may have as many as there are maps and ranks, which no memory holds.
const MOST: usize = 128;

/// The winners as tensors, and the photographs that entered `input`, in its order; see the help.
///
/// # Errors
/// When a winner can no longer be read, or the device fails.
pub(super) fn dumped(
    lens: &Lens,
    top: &Top,
    set: &Set,
    arguments: &Arguments,
) -> anyhow::Result<(Dump, Vec<Shown>)> {
    let network = lens.network();
    let (mut inputs, mut shown) = (Vec::new(), Vec::new());
    if !arguments.no_patches {
        for number in foremost(top) {
            let path = &set.paths[number];
            let prepared = prepare(path, &network.model.input, lens.crop)?;
            inputs.push(prepared.tensor(network)?);
            shown.push(Shown::at(path, &prepared));
        }
    }
    let dump = match inputs.is_empty() {
        true => Dump::default(),
        false => Dump::of_input(Tensor::cat(inputs, 0))?,
    };
    Ok((dump.with(top), shown))
}

/// A row for each winner, with its photograph's name where the gallery shows photographs.
pub(super) fn table(lens: &Lens, top: &Top, set: &Set, arguments: &Arguments) -> Table {
    let mut table = top.table(&lens.network().model.classes);
    if !arguments.no_patches {
        let winners = top.layers.iter().flat_map(|own| own.maps.iter().flatten());
        table.head.push("photo".into());
        for (row, winner) in table.rows.iter_mut().zip(winners) {
            row.push(set.names[winner.picture].clone());
        }
    }
    table
}

/// Numbers of the photographs that have won, each once: first the strongest of every map of every layer, then the second
/// of every map, and so on, as far as there is room.
fn foremost(top: &Top) -> Vec<usize> {
    let mut taken = HashSet::new();
    let of_rank = |rank: usize| {
        let maps = top.layers.iter().flat_map(|watched| &watched.maps);
        maps.filter_map(move |winners| Some(winners.get(rank)?.picture))
    };
    (0..top.count)
        .flat_map(of_rank)
        .filter(|picture| taken.insert(*picture))
        .take(MOST)
        .collect()
}

/// The settings and the names of all photographs, for the metadata of a dump.
pub(super) fn about(gallery: &Gallery, set: &Set, state: &State, arguments: &Arguments) -> Value {
    let names = (!arguments.no_patches).then_some(&set.names);
    let inputs = (!arguments.no_patches).then(|| foremost(&state.top));
    let mut about = json!(state.conditions);
    about["rule"] = json!(gallery.rule);
    about["pictures"] = json!(gallery.pictures);
    about["skipped"] = json!(state.skipped);
    about["names"] = json!(names);
    about["inputs"] = json!(inputs);
    about
}

/// Says that one part of the photographs was looked through.
///
/// # Errors
/// When there is nobody to say it to.
pub(super) fn part(share: &Share, skipped: &[usize], globals: &Globals) -> anyhow::Result<()> {
    let count = share.photographs.len();
    match globals.json {
        true => {
            let found = json!({"part": share.file, "photographs": count, "skipped": skipped});
            output::json(vec![found], false)
        }
        false => {
            let text = say!(words(), "topPart", count = count);
            output::line(&output::written(&share.file, &text, globals.quiet))
        }
    }
}

/// The gallery in short, as JSON.
pub(super) fn summary(lens: &Lens, top: &Top, gallery: &Gallery, path: &Path) -> Value {
    let mut summary = Value::Object(top.numbers(&lens.network().model.classes));
    for (at, layer) in gallery.layers.iter().enumerate() {
        summary["layers"][at]["projections"] = json!(layer.projections);
        summary["layers"][at]["patches"] = json!(layer.patches);
    }
    summary["gallery"] = json!(path.to_string_lossy());
    summary["network"] = json!(gallery.network);
    summary["device"] = json!(lens.device);
    summary["rule"] = json!(gallery.rule);
    summary["pictures"] = json!(gallery.pictures);
    summary["skipped"] = json!(gallery.skipped);
    summary
}

/// The gallery in one line.
pub(super) fn caption(top: &Top, gallery: &Gallery) -> String {
    let layers = top.layers.iter();
    let (maps, silent) = layers.fold((0, 0), |(maps, silent), own| {
        (maps + own.maps.len(), silent + own.silent())
    });
    say!(
        words(),
        "topCaption",
        count = gallery.count,
        photographs = gallery.pictures,
        maps = maps,
        silent = silent
    )
}
