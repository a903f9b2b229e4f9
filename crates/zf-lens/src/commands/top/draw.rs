//! The second pass, over the winners alone: their projections and patches on sheets, and the gallery's description.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use indicatif::ProgressBar;
use zfnet::deconvnet::tile::tiles;
use zfnet::experiments::paper::top::{
    Entry, FORMAT, Gallery, Layer, Sheet, Top, Watched, Winner, side_of_tile,
};
use zfnet::files::weights::Shard;
use zfnet::geometry::view::View;
use zfnet::pictures::rendering::Picture;
use zfnet_train::checkpoint::write_whole;

use super::Arguments;
use super::ahead::Ahead;
use super::stop::Stop;
use crate::device::wait;
use crate::failure::bad_input;
use crate::lens::Lens;

/// Longest side of a picture that a JPEG file can hold.
const JPEG_SIDE: usize = 65_535;
/// Name of a gallery's description in its folder.
pub(super) const DESCRIPTION: &str = "gallery.json";

/// One layer on its way to the disk.
struct Page {
    projections: Sheet,
    patches: Option<Sheet>,
    /// What was drawn of each map, by rank.
    drawn: Vec<Vec<Option<(View, f32)>>>,
}

/// Refuses sheets that could not be written, before hours have gone into them.
///
/// # Errors
/// When a layer has more maps, or a map more winners, than a sheet has room for.
pub(super) fn check(lens: &Lens, top: &Top, arguments: &Arguments) -> anyhow::Result<()> {
    for watched in &top.layers {
        let tile = tile(lens, watched, arguments)?;
        let [rows, cols] = Sheet::size(watched.maps.len(), top.count, tile);
        if rows.max(cols) > JPEG_SIDE {
            return Err(bad_input(
                format!("sheet of {}", watched.layer),
                format!("at most {JPEG_SIDE} pixels a side, or a smaller --tile or --count"),
                format!("{cols}×{rows}"),
            ));
        }
    }
    Ok(())
}

/// Draws the winners and writes the gallery; `None` when a stop was wanted before it was whole.
///
/// # Errors
/// When a winner can no longer be read, the device fails or the disk refuses.
pub(super) fn draw(
    lens: &Lens,
    top: &Top,
    paths: &[PathBuf],
    arguments: &Arguments,
    bar: &ProgressBar,
    stop: &Stop,
) -> anyhow::Result<Option<Vec<Layer>>> {
    let network = lens.network();
    let input = &network.model.input;
    let mut pages = Vec::with_capacity(top.layers.len());
    for watched in &top.layers {
        pages.push(Page::new(
            watched,
            top.count,
            tile(lens, watched, arguments)?,
            arguments,
        ));
    }
    let wanted = top.wanted();
    bar.set_length(wanted.len() as u64);
    let winners = wanted.iter().map(|won| paths[won.picture].clone());
    let mut ahead = Ahead::start(winners.collect(), input, lens.crop)?;
    for won in &wanted {
        let Some(prepared) = ahead.next(stop) else {
            return Ok(None);
        };
        let prepared = prepared.context("a photograph that has won")?;
        let trace = top.forward(network, prepared.tensor(network)?)?;
        for (layer, places) in &won.layers {
            let name = &top.layers[*layer].layer;
            let units: Vec<_> = places.iter().map(|place| place.unit).collect();
            let rule = arguments.rule.engine();
            let drawn = wait(tiles(network, &trace, 0, name, &units, rule))?;
            for (place, tile) in places.iter().zip(&drawn) {
                let patch = (!arguments.no_patches).then(|| prepared.patch(tile.view, input));
                let picture = tile.picture(input);
                pages[*layer].put(place.unit[0], place.rank, &picture, patch.as_ref());
                pages[*layer].drawn[place.unit[0]][place.rank] = Some((tile.view, tile.scale()));
            }
        }
        bar.inc(1);
    }
    let written = top.layers.iter().zip(pages);
    let written = written.map(|(watched, page)| page.write(lens, watched, arguments));
    written.collect::<anyhow::Result<_>>().map(Some)
}

/// Writes what the sheets show; last, so that a gallery that has it is whole.
///
/// # Errors
/// When the disk refuses.
pub(super) fn describe(
    lens: &Lens,
    top: &Top,
    layers: Vec<Layer>,
    names: &[String],
    skipped: usize,
    arguments: &Arguments,
) -> anyhow::Result<Gallery> {
    let features = lens.loaded.files.iter();
    let features = { features }.find(|file| matches!(file.shard, Shard::Features | Shard::All));
    let winners = top.wanted();
    let winners = winners.iter().map(|won| won.picture);
    let named = winners.map(|picture| (picture, names[picture].clone()));
    let gallery = Gallery {
        format: FORMAT.into(),
        network: lens.network().model.name.clone(),
        features_sha256: features.map_or(String::new(), |file| file.sha256.clone()),
        rule: arguments.rule.name().into(),
        count: top.count,
        pictures: names.len() - skipped,
        skipped,
        names: match arguments.no_patches {
            true => BTreeMap::new(),
            false => named.collect(),
        },
        layers,
    };
    let json = serde_json::to_vec(&gallery).context("the gallery's description")?;
    write_whole(&arguments.out.join(DESCRIPTION), &json)?;
    Ok(gallery)
}

fn tile(lens: &Lens, watched: &Watched, arguments: &Arguments) -> anyhow::Result<usize> {
    let planned = lens.network().layer(&watched.layer)?;
    let field = View::size(planned.field, lens.frame());
    Ok(side_of_tile(field, arguments.tile))
}

impl Page {
    fn new(watched: &Watched, count: usize, tile: usize, arguments: &Arguments) -> Self {
        let blank = Sheet::new(watched.maps.len(), count, tile);
        let winners = watched.maps.iter();
        Self {
            patches: (!arguments.no_patches).then(|| blank.clone()),
            projections: blank,
            drawn: winners.map(|winners| vec![None; winners.len()]).collect(),
        }
    }

    fn put(&mut self, map: usize, rank: usize, picture: &Picture, patch: Option<&RgbImage>) {
        self.projections.put_drawn(map, rank, picture);
        if let Some((sheet, patch)) = self.patches.as_mut().zip(patch) {
            sheet.put(map, rank, patch);
        }
    }

    /// Writes the sheets, and says what is on them.
    fn write(self, lens: &Lens, watched: &Watched, arguments: &Arguments) -> anyhow::Result<Layer> {
        let planned = lens.network().layer(&watched.layer)?;
        let write = |sheet: &Sheet, kind: &str| {
            let name = format!("{}.{kind}.jpg", watched.layer);
            write_jpeg(
                &arguments.out.join(&name),
                &sheet.picture,
                arguments.quality,
            )?;
            anyhow::Ok(name)
        };
        let winners = watched.maps.iter().zip(&self.drawn);
        let entries = |(winners, drawn): (&Vec<_>, &Vec<Option<(View, f32)>>)| {
            let both = winners.iter().zip(drawn);
            let entries = both.filter_map(|(winner, drawn): (&Winner, _)| {
                let (window, scale) = (*drawn)?;
                Some(Entry {
                    picture: winner.picture,
                    row: winner.row,
                    col: winner.col,
                    activation: winner.activation,
                    window,
                    scale,
                })
            });
            entries.collect()
        };
        Ok(Layer {
            layer: watched.layer.clone(),
            maps: watched.maps.len(),
            columns: self.projections.columns,
            tile: self.projections.tile,
            field: View::size(planned.field, lens.frame()),
            projections: write(&self.projections, "projections")?,
            patches: match &self.patches {
                Some(sheet) => Some(write(sheet, "patches")?),
                None => None,
            },
            top: winners.map(entries).collect(),
        })
    }
}

fn write_jpeg(path: &Path, picture: &RgbImage, quality: u8) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(picture)
        .with_context(|| format!("{}: expected a picture that can be encoded", path.display()))?;
    Ok(write_whole(path, &bytes)?)
}
