//! `zf-lens evolution`: what a few maps see in a photograph at every checkpoint of a training (paper figure 4), and how
//! far every layer went in between.

mod history;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use zfnet::Trace;
use zfnet::experiments::paper::evolution::{self, FeatureMap, Follower, Growth, Settings, Stage};
use zfnet::network::architecture::Op;
use zfnet::network::plan::PlannedLayer;
use zfnet_figures::Scene;
use zfnet_figures::experiments::evolution::{
    Held, Line, Moved, Of, Row, Shown, epoch_in_words, figure,
};
use zfnet_figures::sheet::zoom_to;
use zfnet_words::say;

use self::history::History;
use crate::device::wait;
use crate::failure::{Outcome, bad_input};
use crate::globals::Globals;
use crate::language::words;
use crate::lens::Lens;
use crate::options::{Brightness, Rule};
use crate::photos::Photographs;
use crate::runner::{self, Answered, Files, Look, Traced};
use crate::watch::Watch;

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
    /// The layers, or all for every convolution [default: the last convolution or join, conv5 in a ZFNet]
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
    /// Write a table with a row for each map in each checkpoint; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
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
    let ending = match &layers[..] {
        [layer] => format!(".{layer}.evolution.png"),
        _ => ".evolution.png".into(),
    };
    let files = Files {
        output: arguments.output.as_deref(),
        ending: &ending,
        csv: arguments.csv.as_deref(),
        names_photo: true,
        dump: arguments.dump.as_deref(),
    };
    runner::each(&lens, photographs, globals, &files, |look| {
        let settings = Settings {
            maps: maps(&look.trace, &layers, &arguments.map)?,
            rule: arguments.rule.engine(),
            stretch: arguments.stretch.engine(),
            common_scale: arguments.common_scale,
        };
        let found = follow(&look, &history, settings)?;
        Ok(Answered {
            figure: draw(&lens, &found),
            caption: caption(&found),
            traced: Traced::Input(look.trace),
            found,
        })
    })
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
fn maps(trace: &Trace, layers: &[String], named: &[usize]) -> anyhow::Result<Vec<FeatureMap>> {
    let mut all: Vec<FeatureMap> = Vec::new();
    for layer in layers {
        let maps = match named {
            [] => wait(evolution::strongest_maps(trace, layer, MAPS))?,
            named => named.to_vec(),
        };
        for map in maps {
            let layer = layer.clone();
            let map = FeatureMap { layer, map };
            if !all.contains(&map) {
                all.push(map);
            }
        }
    }
    Ok(all)
}

/// Asks one checkpoint after the other; the weights of each are gone before the next one's come.
fn follow(look: &Look<'_>, history: &History, settings: Settings) -> anyhow::Result<Growth> {
    let watch = Watch::new(look.quiet, "checkpoints");
    let network = look.lens.network();
    let mut follower = Follower::new(network, settings);
    let checkpoints = history.checkpoints();
    for (done, checkpoint) in checkpoints.iter().enumerate() {
        let _ = watch.tell(done, checkpoints.len());
        let earlier = history.read(checkpoint, network)?;
        wait(follower.look(checkpoint, &earlier, look.prepared))?;
    }
    Ok(follower.found())
}

fn draw(lens: &Lens, found: &Growth) -> Scene {
    let input = &lens.network().model.input;
    let Settings {
        maps,
        stretch,
        rule,
        common_scale,
        ..
    } = &found.settings;
    let rows = maps.iter().enumerate().map(|(at, map)| {
        let common = found.common_scale(at);
        let tiles = found.stages.iter().map(|stage| &stage.units[at].tile);
        let tiles = tiles.map(|tile| {
            let size = tile.view.shape();
            // Half a tile more: to the nearest whole zoom instead of the one below.
            let zoom = zoom_to(size, SIDE + size[0].max(size[1]) / 2);
            tile.draw(input, *stretch, common).0.magnified(zoom)
        });
        Row {
            layer: map.layer.clone(),
            map: map.map,
            tiles: tiles.collect(),
        }
    });
    let epochs = found.stages.iter().map(|stage| stage.checkpoint.epoch);
    let shown = Shown {
        epochs: epochs.collect(),
        rows: rows.collect(),
        map: None,
        rule: *rule,
        stretch: *stretch,
        shared: *common_scale,
        moved: moved(found),
        logarithmic: true,
        held: Held::of(&lens.network().model),
    };
    figure(&lens.context(), &shown)
}

/// How far the layers' weights moved, and their answers to the photograph, where that is known.
fn moved(found: &Growth) -> Vec<Moved> {
    let of = |of: Of, shares: fn(&Stage) -> Option<&BTreeMap<String, f32>>| {
        let known = found.stages.iter().filter_map(shares);
        let names: BTreeSet<&String> = known.flat_map(BTreeMap::keys).collect();
        let line = |layer: &String| Line {
            layer: layer.clone(),
            values: { found.stages.iter() }
                .map(|stage| shares(stage)?.get(layer).copied().map(f64::from))
                .collect(),
        };
        Moved {
            of,
            layers: names.into_iter().map(line).collect(),
        }
    };
    let mut all = vec![
        of(Of::Weights, |stage| Some(&stage.checkpoint.moved)),
        of(Of::Answers, |stage| stage.moved.as_ref()),
    ];
    all.retain(|moved| !moved.layers.is_empty());
    all
}

/// What the figure shows.
fn caption(found: &Growth) -> String {
    let mut rows = String::new();
    let mut above = "";
    for FeatureMap { layer, map } in &found.settings.maps {
        match layer == above {
            true => rows.push_str(&format!(", {map}")),
            false => {
                let between = if above.is_empty() { "" } else { "; " };
                rows.push_str(between);
                rows.push_str(&say!(words(), "mapOfLayer", layer = layer, map = map));
            }
        }
        above = layer;
    }
    let stages = found.stages.iter();
    let epochs: Vec<String> = stages
        .map(|stage| epoch_in_words(stage.checkpoint.epoch))
        .collect();
    say!(
        words(),
        "evolutionCaption",
        maps = rows,
        epochs = epochs.join(", ")
    )
}
