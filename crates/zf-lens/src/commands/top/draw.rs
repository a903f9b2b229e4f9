//! The second pass, over the winners alone: their projections and patches on sheets, and the gallery's description.

use std::path::Path;

use anyhow::{Context, anyhow};
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

use super::ahead::Ahead;
use super::stop::Stop;
use super::{Arguments, Set};
use crate::device::wait;
use crate::failure::bad_input;
use crate::lens::Lens;

/// Longest side of a picture that a JPEG file can hold.
const JPEG_SIDE: usize = 65_535;
/// The same of a WebP file.
const WEBP_SIDE: usize = 16_383;
/// How long the encoder of WebP may think: as long as it likes.
const WEBP_METHOD: i32 = 6;
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
        let [tile, patch_tile] = tiles_of(lens, watched, arguments)?;
        let patches = (!arguments.no_patches).then_some((patch_tile, WEBP_SIDE));
        for (tile, side) in [(tile, JPEG_SIDE)].into_iter().chain(patches) {
            let [rows, cols] = Sheet::size(watched.maps.len(), top.count, tile);
            if rows.max(cols) > side {
                return Err(bad_input(
                    format!("sheet of {}", watched.layer),
                    format!("at most {side} pixels a side, or a smaller --tile or --count"),
                    format!("{cols}×{rows}"),
                ));
            }
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
    set: &Set,
    arguments: &Arguments,
    bar: &ProgressBar,
    stop: &Stop,
) -> anyhow::Result<Option<Vec<Layer>>> {
    let network = lens.network();
    let input = &network.model.input;
    let mut pages = Vec::with_capacity(top.layers.len());
    for watched in &top.layers {
        pages.push(Page::new(lens, watched, top.count, arguments)?);
    }
    let wanted = top.wanted();
    bar.set_length(wanted.len() as u64);
    let winners = wanted.iter().map(|won| set.paths[won.picture].clone());
    let mut ahead = Ahead::start(winners.collect(), input, lens.crop)?;
    for won in &wanted {
        let Some(prepared) = ahead.next(stop) else {
            return Ok(None);
        };
        let prepared = prepared.context("a photograph that has won")?;
        let trace = top.forward(network, prepared.tensor(network)?)?;
        let is_shown = !arguments.no_patches && set.may_show(won.picture);
        for (layer, places) in &won.layers {
            let name = &top.layers[*layer].layer;
            let units: Vec<_> = places.iter().map(|place| place.unit).collect();
            let rule = arguments.rule.engine();
            let drawn = wait(tiles(network, &trace, 0, name, &units, rule))?;
            for (place, tile) in places.iter().zip(&drawn) {
                let patch = is_shown.then(|| prepared.patch(tile.view, input));
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
    set: &Set,
    skipped: usize,
    arguments: &Arguments,
) -> anyhow::Result<Gallery> {
    let features = lens.loaded.files.iter();
    let features = { features }.find(|file| matches!(file.shard, Shard::Features | Shard::All));
    let winners: Vec<_> = top.wanted().iter().map(|won| won.picture).collect();
    let shown = { winners.iter().copied() }
        .filter(|picture| !arguments.no_patches && set.may_show(*picture));
    let gallery = Gallery {
        format: FORMAT.into(),
        network: lens.network().model.name.clone(),
        features_sha256: features.map_or(String::new(), |file| file.sha256.clone()),
        rule: arguments.rule.name().into(),
        count: top.count,
        pictures: set.names.len() - skipped,
        skipped,
        names: shown
            .map(|picture| (picture, set.names[picture].clone()))
            .collect(),
        credits: set.rights.as_ref().map(|rights| rights.of(&winners)),
        layers,
    };
    let json = serde_json::to_vec(&gallery).context("the gallery's description")?;
    write_whole(&arguments.out.join(DESCRIPTION), &json)?;
    Ok(gallery)
}

/// Side of a layer's tiles: of projections, and of patches, which are never smaller.
fn tiles_of(lens: &Lens, watched: &Watched, arguments: &Arguments) -> anyhow::Result<[usize; 2]> {
    let planned = lens.network().layer(&watched.layer)?;
    let field = View::size(planned.field, lens.frame());
    let tile = side_of_tile(field, arguments.tile);
    let longest = field[0].max(field[1]);
    let patch_tile = { arguments.patch_tile }.map_or(tile, |most| tile.max(most.min(longest)));
    Ok([tile, patch_tile])
}

impl Page {
    fn new(
        lens: &Lens,
        watched: &Watched,
        count: usize,
        arguments: &Arguments,
    ) -> anyhow::Result<Self> {
        let blank = |tile| Sheet::new(watched.maps.len(), count, tile);
        let [tile, patch_tile] = tiles_of(lens, watched, arguments)?;
        let winners = watched.maps.iter();
        Ok(Self {
            patches: (!arguments.no_patches).then(|| blank(patch_tile)),
            projections: blank(tile),
            drawn: winners.map(|winners| vec![None; winners.len()]).collect(),
        })
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
        let field = View::size(planned.field, lens.frame());
        let projections = format!("{}.projections.jpg", watched.layer);
        let jpeg = arguments.out.join(&projections);
        write_jpeg(&jpeg, &self.projections.picture, arguments.quality)?;
        let patches = match &self.patches {
            Some(sheet) => {
                let name = format!("{}.patches.webp", watched.layer);
                let is_enlarged = sheet.tile > field[0].max(field[1]);
                let webp = arguments.out.join(&name);
                write_webp(&webp, &sheet.picture, arguments.patch_quality, is_enlarged)?;
                Some(name)
            }
            None => None,
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
            patch_tile: self.patches.as_ref().map(|sheet| sheet.tile),
            field,
            projections,
            patches,
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

/// A sheet whose pixels are `enlarged` is written without losses where that is smaller: its edges lie on no grid of the format.
fn write_webp(path: &Path, picture: &RgbImage, quality: u8, enlarged: bool) -> anyhow::Result<()> {
    let encoder = webp::Encoder::from_rgb(picture, picture.width(), picture.height());
    let encoded = |lossless: bool| {
        let expected = || {
            let path = path.display();
            format!("{path}: expected a picture that can be encoded")
        };
        let mut config = webp::WebPConfig::new().map_err(|()| anyhow!(expected()))?;
        config.method = WEBP_METHOD;
        config.quality = f32::from(quality);
        config.lossless = lossless.into();
        config.use_sharp_yuv = 1;
        let encoded = encoder.encode_advanced(&config);
        encoded.map_err(|error| anyhow!("{}, found {error:?}", expected()))
    };
    let mut bytes = encoded(false)?;
    if enlarged {
        let whole = encoded(true)?;
        if whole.len() <= bytes.len() {
            bytes = whole;
        }
    }
    Ok(write_whole(path, &bytes)?)
}
