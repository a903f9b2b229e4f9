//! `zf-lens evolution`: what a few maps see in a photograph at every checkpoint of a training (paper figure 4), and how
//! far every layer went in between.

mod growth;
mod history;
mod record;

use std::path::PathBuf;

use indicatif::ProgressBar;
use serde_json::json;
use zfnet::Prepared;
use zfnet::experiments::paper::evolution;
use zfnet::network::architecture::Op;
use zfnet::network::plan::PlannedLayer;
use zfnet_figures::Scene;
use zfnet_figures::experiments::evolution::{Row, figure};
use zfnet_figures::sheet::zoom_to;

use self::growth::{Growth, Subject};
use self::history::History;
use self::record::{about, caption, dumped};
use crate::device::wait;
use crate::dump::Shown;
use crate::failure::{Outcome, bad_input};
use crate::figure;
use crate::globals::Globals;
use crate::lens::{Lens, destination};
use crate::options::{Brightness, Rule};
use crate::output;
use crate::photos::{Photographs, progress};

/// Maps of a layer that are shown when none is named.
const MAPS: usize = 5;
/// The longer side of a tile comes near this.
const SIDE: usize = 128;
/// Asks for every convolution.
const ALL: &str = "all";

/// Which maps, and how to draw them.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// The training's evolution.json, or the folder that holds it [default: evolution/ beside the weights]
    #[arg(long, value_name = "FOLDER|FILE")]
    checkpoints: Option<PathBuf>,
    /// The layers, or all for every convolution [default: the last convolution, conv5 in a ZFNet]
    #[arg(long, value_name = "LAYER,…", value_delimiter = ',')]
    layer: Vec<String>,
    /// The feature maps [default: the five that are strongest in the final network]
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = map)]
    map: Vec<usize>,
    /// The rule for ReLUs on the backward pass
    #[arg(long, value_enum, default_value_t)]
    rule: Rule,
    /// How numbers become brightness
    #[arg(long, value_enum, default_value_t)]
    stretch: Brightness,
    /// All checkpoints of a map on one scale, so that weak projections look weak [default: each on its own]
    #[arg(long)]
    common_scale: bool,
    /// The PNG, SVG or PDF to write, a folder for several photographs [default: <photo>.<layer>.evolution.png here]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let photographs = Photographs::gather(&arguments.photos, globals.quiet);
    if photographs.is_empty() {
        return Ok(Outcome::SomeSkipped);
    }
    let lens = Lens::open(globals)?;
    let layers = layers(&lens, arguments)?;
    let history = History::open(arguments.checkpoints.as_deref(), &lens)?;
    let many = photographs.many;
    let suffix = match &layers[..] {
        [layer] => format!(".{layer}.evolution.png"),
        _ => ".evolution.png".into(),
    };
    let mut values = Vec::new();
    let input = &lens.network().model.input;
    let outcome = photographs.each(input, lens.crop, |source, prepared| {
        let bar = match globals.quiet || many {
            true => ProgressBar::hidden(),
            false => progress(history.checkpoints().len(), "checkpoints"),
        };
        let subjects = subjects(&lens, prepared, &layers, &arguments.map)?;
        let growth = Growth::follow(&lens, &history, prepared, subjects, arguments.rule, &bar);
        bar.finish_and_clear();
        let growth = growth?;
        let (drawn, whites) = draw(&lens, &history, &growth, arguments);
        let path = destination(arguments.output.as_deref(), many, source, &suffix);
        figure::write(&path, &drawn)?;
        let mut about = about(&lens, &history, &growth, &whites, arguments.rule);
        if let Some(dump) = &arguments.dump {
            let path = destination(Some(dump), many, source, ".safetensors");
            let shown = [Shown::new(source, prepared)];
            dumped(&lens, &history, prepared, &growth)?.write(&path, &lens, &shown, &about)?;
        }
        if !globals.json {
            let caption = caption(&history, &growth);
            return Ok(Some(output::written(&path, &caption, globals.quiet)));
        }
        lens.sign(&mut about, source, prepared);
        about["picture"] = json!(path.to_string_lossy());
        values.push(about);
        Ok(None)
    })?;
    if globals.json {
        output::json(values, many)?;
    }
    Ok(outcome)
}

/// A feature map's number.
fn map(text: &str) -> Result<usize, String> {
    text.trim()
        .parse()
        .map_err(|_| "whole numbers from 0, with commas between them".into())
}

/// The layers asked for, each once, and checked against the network and the maps asked for.
fn layers(lens: &Lens, arguments: &Arguments) -> anyhow::Result<Vec<String>> {
    let network = lens.network();
    let mut layers: Vec<String> = Vec::new();
    let asked = match &arguments.layer[..] {
        [] => vec![lens.layer(None)?],
        asked => asked
            .iter()
            .flat_map(|layer| match layer.as_str() {
                ALL => network.convolutions(),
                layer => vec![layer],
            })
            .map(|layer| lens.layer(Some(layer)))
            .collect::<anyhow::Result<_>>()?,
    };
    let is_dense = |planned: &&PlannedLayer| matches!(planned.layer.op, Op::Dense(_));
    let classifier: Vec<&str> = network
        .plan
        .iter()
        .skip_while(|planned| !is_dense(planned))
        .map(|planned| planned.layer.name.as_str())
        .collect();
    for layer in asked {
        if classifier.contains(&layer.as_str()) {
            return Err(bad_input(
                "--layer",
                "a layer that checkpoints have, below the first dense one",
                layer,
            ));
        }
        let maps = network.layer(&layer)?.output[0];
        if let Some(map) = arguments.map.iter().find(|map| **map >= maps) {
            let expected = format!("0 to {}", maps.saturating_sub(1));
            return Err(bad_input(format!("map of {layer}"), expected, map));
        }
        if !layers.contains(&layer) {
            layers.push(layer);
        }
    }
    Ok(layers)
}

/// The maps to follow, layer by layer: those named, or the strongest that the finished network has on this photograph.
fn subjects(
    lens: &Lens,
    prepared: &Prepared,
    layers: &[String],
    named: &[usize],
) -> anyhow::Result<Vec<Subject>> {
    let network = lens.network();
    let trace = match named {
        [] => Some(network.forward(prepared.tensor(network)?)?),
        _ => None,
    };
    let mut subjects: Vec<Subject> = Vec::new();
    for layer in layers {
        let maps = match &trace {
            Some(trace) => wait(evolution::strongest_maps(trace, layer, MAPS))?,
            None => named.to_vec(),
        };
        for map in maps {
            let subject = Subject {
                layer: layer.clone(),
                map,
            };
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
    }
    Ok(subjects)
}

/// The figure, and the value drawn as full white in each tile, checkpoint by checkpoint.
fn draw(
    lens: &Lens,
    history: &History,
    growth: &Growth,
    arguments: &Arguments,
) -> (Scene, Vec<Vec<f32>>) {
    let input = &lens.network().model.input;
    let mut whites = vec![Vec::new(); growth.stages.len()];
    let mut rows = Vec::new();
    for (at, subject) in growth.subjects.iter().enumerate() {
        let tiles = || growth.stages.iter().map(|stage| &stage.tiles[at]);
        let magnitudes = tiles().map(|tile| tile.seen.scale());
        let common = arguments
            .common_scale
            .then(|| magnitudes.fold(f32::MIN_POSITIVE, f32::max));
        let mut pictures = Vec::new();
        for (tile, whites) in tiles().zip(&mut whites) {
            let size = tile.seen.view.shape();
            let stretch = arguments.stretch.engine();
            let (picture, white) = tile.seen.draw(input, stretch, common);
            // Half a tile more: to the nearest whole zoom instead of the one below.
            let zoom = zoom_to(size, SIDE + size[0].max(size[1]) / 2);
            pictures.push(picture.magnified(zoom));
            whites.push(white);
        }
        rows.push(Row {
            layer: &subject.layer,
            map: subject.map,
            tiles: pictures,
        });
    }
    let epochs = history.checkpoints().iter().map(|point| point.epoch);
    let epochs: Vec<f64> = epochs.collect();
    (
        figure(&lens.context(), &epochs, rows, arguments.common_scale),
        whites,
    )
}
