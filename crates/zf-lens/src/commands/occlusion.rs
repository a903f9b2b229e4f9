//! `zf-lens occlusion`: what a square that covers part of a photograph does to a map and to the classes.

use std::path::PathBuf;

use clap::ValueEnum;
use zfnet::experiments::Experiment;
use zfnet::experiments::paper::occlusion::{self, Occlusion, Settings};
use zfnet::experiments::shared::covering::Fill;
use zfnet::geometry::view::View;
use zfnet::pictures::rendering::Picture;
use zfnet::{ReluRule, Targets, project};
use zfnet_figures::experiments::Projected;
use zfnet_figures::experiments::occlusion::{Shown, figure, range};
use zfnet_words::say;

use crate::device::wait;
use crate::failure::Outcome;
use crate::globals::Globals;
use crate::language::words;
use crate::lens::Lens;
use crate::options::{count, fill};
use crate::photos::Photographs;
use crate::runner::{self, Answered, Files, Traced};

/// What to cover, and what to watch.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// Rows and columns of the square, in pixels of the input [default: 48 for an input of 224, halved for half of that]
    #[arg(long, value_name = "PIXELS", value_parser = count)]
    size: Option<usize>,
    /// Distance of neighbouring positions [default: 8, halved likewise]
    #[arg(long, value_name = "PIXELS", value_parser = count)]
    stride: Option<usize>,
    /// What the square is filled with: grey, mean (what the network subtracts), or RED,GREEN,BLUE
    #[arg(long, default_value = "grey", value_parser = fill)]
    fill: Fill,
    /// The layer whose map is watched [default: the last convolution or join, conv5 in a ZFNet]
    #[arg(long)]
    layer: Option<String>,
    /// The feature map [default: the strongest of the photograph]
    #[arg(long, value_name = "N")]
    map: Option<usize>,
    /// What makes a map the strongest
    #[arg(long, value_enum, default_value_t, conflicts_with = "map")]
    strongest: Strongest,
    /// The class whose probability is watched [default: the photograph's most probable]
    #[arg(long, value_name = "NAME|INDEX")]
    class: Option<String>,
    /// Squares that go through the network together
    #[arg(long, value_name = "N", default_value_t = Settings::default().batch, value_parser = count)]
    batch: usize,
    /// Compute every layer whole for every square, to check or to compare: slower, with the same result
    #[arg(long)]
    whole: bool,
    /// The PNG, SVG or PDF to write, a folder for several photographs [default: <photo>.occlusion.png here]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write a table with a row for each position; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Strongest {
    /// Its largest single activation
    #[default]
    Unit,
    /// The sum of its activations
    Sum,
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let photographs = Photographs::gather(&arguments.photos, globals.quiet);
    if photographs.is_empty() {
        return Ok(Outcome::SomeSkipped);
    }
    let lens = Lens::open(globals)?;
    let network = lens.network();
    let settings = settings(&lens, arguments)?;
    let files = Files {
        output: arguments.output.as_deref(),
        ending: ".occlusion.png",
        csv: arguments.csv.as_deref(),
        names_photo: false,
        dump: arguments.dump.as_deref(),
    };
    runner::each(&lens, photographs, globals, &files, |look| {
        let found: Occlusion = look.ask(&settings, "positions")?;
        let target = Targets::Maps(found.layer.clone(), vec![found.map]);
        let projection = project(network, &look.trace, 0, &target, ReluRule::Deconvnet)?;
        let whole = [View::whole(lens.frame())];
        let tile = wait(projection.tiles(&whole))?.swap_remove(0);
        let input = &network.model.input;
        let shown = Shown {
            photograph: Picture::from_rgb(&look.prepared.rgb),
            square: None,
            projection: Some(Projected::of(&tile, look.prepared, input)),
            elsewhere: Vec::new(),
        };
        Ok(Answered {
            figure: figure(&lens.context(), &found, &shown),
            caption: caption(&lens, &found),
            traced: Traced::Input(look.trace),
            found,
        })
    })
}

fn settings(lens: &Lens, arguments: &Arguments) -> anyhow::Result<Settings> {
    let layer = lens.layer(arguments.layer.as_deref())?;
    let class = arguments.class.as_deref();
    let ordinary = Occlusion::usual(lens.network());
    Ok(Settings {
        size: arguments.size.unwrap_or(ordinary.size),
        stride: arguments.stride.unwrap_or(ordinary.stride),
        fill: arguments.fill,
        layer: Some(layer),
        map: arguments.map,
        strongest: match arguments.strongest {
            Strongest::Unit => occlusion::Strongest::Unit,
            Strongest::Sum => occlusion::Strongest::Sum,
        },
        class: class
            .map(|class| lens.network().model.class(class))
            .transpose()?,
        batch: arguments.batch,
        whole: arguments.whole,
    })
}

fn caption(lens: &Lens, found: &Occlusion) -> String {
    let (low, high) = range(&found.activity());
    let uncovered = found.uncovered;
    let map = say!(words(), "mapOfLayer", layer = found.layer, map = found.map);
    let map = say!(
        words(),
        "occlusionSeen",
        what = map,
        whole = format_args!("{:.4}", uncovered.activity),
        low = format_args!("{low:.4}"),
        high = format_args!("{high:.4}")
    );
    match found.class.zip(uncovered.class) {
        None => map,
        Some((class, seen)) => {
            let (low, high) = range(&found.probability());
            let name = lens.class_name(class);
            let [whole, low, high] = [seen.probability, low, high].map(|share| share * 100.0);
            let class = say!(
                words(),
                "occlusionSeen",
                what = name,
                whole = format_args!("{whole:.1} %"),
                low = format_args!("{low:.1}"),
                high = format_args!("{high:.1} %")
            );
            format!("{map}; {class}")
        }
    }
}
