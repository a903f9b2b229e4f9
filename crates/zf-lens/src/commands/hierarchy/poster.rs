//! What the poster says, and its file.

use std::path::Path;

use anyhow::Context;
use clap::ValueEnum;
use zfnet::analysis::hierarchy::{self, Hierarchy, Words, layout, pdf, raster, svg};
use zfnet::model::Input;
use zfnet::rendering::Picture;
use zfnet::trace::ranked;
use zfnet::{Photo, Prepared, Trace, readback};

use super::Arguments;
use crate::device::wait;
use crate::failure::bad_input;
use crate::lens::Lens;
use crate::photos::Source;
use crate::picture::png;

/// A poster's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Pixels
    Png,
    /// Vectors, real text, pictures inside
    Svg,
    /// One page to print
    Pdf,
}

impl Format {
    /// The format of a file of that name; PNG where it has no ending.
    ///
    /// # Errors
    /// When it ends in something else.
    pub(super) fn of(path: &Path) -> anyhow::Result<Self> {
        let Some(ending) = path.extension().filter(|_| !path.is_dir()) else {
            return Ok(Self::Png);
        };
        let ending = ending.to_string_lossy().to_lowercase();
        let all = [Self::Png, Self::Svg, Self::Pdf];
        let found = all.into_iter().find(|format| format.ending() == ending);
        found.ok_or_else(|| bad_input("--output", "a name in .png, .svg or .pdf", path.display()))
    }

    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Pdf => "pdf",
        }
    }
}

/// The square that the network looked at, as fine as the photograph has it.
///
/// # Errors
/// When the photograph can no longer be read.
pub(super) fn photograph(source: &Source, prepared: &Prepared) -> anyhow::Result<Picture> {
    let name = || source.path.display().to_string();
    let bytes = std::fs::read(&source.path).with_context(name)?;
    let photo = Photo::decode(&bytes).with_context(name)?;
    Ok(hierarchy::photograph(&photo, prepared.square))
}

/// The title, a line for each band, and what stands beside the photograph.
///
/// # Errors
/// When the device fails.
pub(super) fn words(
    lens: &Lens,
    trace: &Trace,
    found: &Hierarchy,
    arguments: &Arguments,
) -> anyhow::Result<Words> {
    let model = &lens.network().model;
    let shown = found.levels.iter().filter(|level| !level.found.is_empty());
    let bands = shown.map(|level| {
        let [rows, cols] = level.field;
        format!(
            "{} – the {} strongest of {} maps – each unit sees {rows} × {cols} pixels",
            level.layer,
            level.found.len(),
            level.maps
        )
    });
    let mut caption = vec![model.name.clone()];
    if let Some(logits) = trace.logits().filter(|_| !model.classes.is_empty()) {
        let ranked = ranked(&wait(readback::floats(logits))?);
        let best = ranked.first();
        let named = best.and_then(|(class, share)| Some((model.classes.get(*class)?, share)));
        if let Some((class, share)) = named {
            caption.push(format!("It says: {}, {:.0} %.", class.en, share * 100.0));
        }
    }
    let rule = arguments.rule.name();
    caption.extend([
        format!("Every tile is the projection ({rule}) of a map’s strongest unit back to pixels:"),
        "what in this photograph excited it, not all that could.".to_owned(),
        "Read upwards: every layer sees more of the photograph than the one below.".to_owned(),
    ]);
    Ok(Words {
        title: arguments.title.clone(),
        bands: bands.collect(),
        caption,
    })
}

/// The poster's file.
///
/// # Errors
/// When a picture cannot be encoded.
pub(super) fn draw(
    found: &Hierarchy,
    input: &Input,
    photograph: Picture,
    words: &Words,
    format: Format,
    width: usize,
) -> anyhow::Result<Vec<u8>> {
    let layout = layout(&found.bands(), words);
    let tiles = found.tiles().map(|tile| tile.picture(input));
    let pictures: Vec<Picture> = std::iter::once(photograph).chain(tiles).collect();
    match format {
        Format::Svg => Ok(svg(&layout, &pictures)?.into_bytes()),
        Format::Pdf => Ok(pdf(&layout, &pictures)?),
        Format::Png => png(&raster(&layout, &pictures, width)?),
    }
}
