//! `zf-lens occlusion`: what a square that covers part of a photograph does to a map and to the classes.

mod figure;

use std::path::PathBuf;

use burn::tensor::Tensor;
use clap::ValueEnum;
use serde_json::{Value, json};
use zfnet::analysis::Step;
use zfnet::analysis::covering::Fill;
use zfnet::analysis::occlusion::{self, Occlusion, Part, Settings};
use zfnet::{ReluRule, Targets, Trace, project};

use super::csv;
use crate::device::wait;
use crate::dump::{Dump, Shown};
use crate::failure::Outcome;
use crate::globals::Globals;
use crate::lens::{Lens, destination};
use crate::options::{count, fill};
use crate::output;
use crate::photos::Photographs;
use crate::picture::write_png;
use crate::watch::Watch;

/// What to cover, and what to watch.
#[derive(Debug, clap::Args)]
#[command(after_help = include_str!("occlusion.help.txt").trim_end())]
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
    /// The layer whose map is watched [default: the last convolution, conv5 in a ZFNet]
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
    #[arg(long, value_name = "N", default_value = "16", value_parser = count)]
    batch: usize,
    /// Compute every layer whole for every square, to check or to compare: slower, with the same result
    #[arg(long)]
    whole: bool,
    /// The PNG to write, a folder for several photographs [default: <photo>.occlusion.png here]
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
    let many = photographs.many;
    let mut values = Vec::new();
    let outcome = photographs.each(&network.model.input, lens.crop, |source, prepared| {
        let trace = network.forward(prepared.tensor(network)?)?;
        let found = covered(&lens, &trace, &settings, globals.quiet || many)?;
        let target = Targets::Maps(found.layer.clone(), vec![found.map]);
        let projection = project(network, &trace, 0, &target, ReluRule::Deconvnet)?;
        let projection = wait(projection.on_whole_input(lens.frame()))?.swap_remove(0);
        let path = destination(arguments.output.as_deref(), many, source, ".occlusion.png");
        let legend = figure::legend(&found);
        write_png(
            &path,
            &figure::draw(&lens, prepared, &found, &projection, &legend, &settings),
        )?;
        let about = about(&found, &settings);
        if let Some(file) = &arguments.csv {
            let path = destination(Some(file), many, source, ".csv");
            output::file(&path, table(&found).as_bytes())?;
        }
        if let Some(dump) = &arguments.dump {
            let path = destination(Some(dump), many, source, ".safetensors");
            let shown = [Shown::new(source, prepared)];
            dumped(trace.input.clone(), &found)?.write(&path, &lens, &shown, &about)?;
        }
        if !globals.json {
            return Ok(Some(output::written(
                &path,
                &caption(&lens, &found),
                globals.quiet,
            )));
        }
        let mut value = about;
        lens.sign(&mut value, source, prepared);
        value["picture"] = json!(path.to_string_lossy());
        value["watched"] = found.class.map_or(Value::Null, |class| lens.class(class));
        value["positions"] = json!(found.positions);
        value["activity"] = rows(&found, found.activity());
        if found.class.is_some() {
            value["probability"] = rows(&found, found.probability());
            value["label"] = rows(&found, found.label());
            value["legend"] = legend.iter().map(|entry| entry.describe(&lens)).collect();
        }
        values.push(value);
        Ok(None)
    })?;
    if globals.json {
        output::json(values, many)?;
    }
    Ok(outcome)
}

fn settings(lens: &Lens, arguments: &Arguments) -> anyhow::Result<Settings> {
    let layer = lens.layer(arguments.layer.as_deref())?;
    let class = arguments.class.as_deref();
    let ordinary = Settings::for_input(lens.network().model.input.size);
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

/// All positions of one photograph, under a progress bar of its own where it is the only one.
fn covered(
    lens: &Lens,
    trace: &Trace,
    settings: &Settings,
    quiet: bool,
) -> anyhow::Result<Occlusion> {
    let watch = Watch::new(quiet, "positions");
    let heard = async |step: Step<Part<'_>>| watch.tell(step.done, step.total);
    Ok(wait(occlusion::occlude(
        lens.network(),
        trace,
        settings,
        heard,
    ))?)
}

/// The settings, with what was chosen where nothing was asked for, and what is seen without a square.
fn about(found: &Occlusion, settings: &Settings) -> Value {
    let mut about = json!(settings);
    about["layer"] = json!(found.layer);
    about["map"] = json!(found.map);
    about["class"] = json!(found.class);
    about["grid"] = json!(found.grid);
    about["uncovered"] = json!(found.uncovered);
    about
}

fn rows<T: serde::Serialize>(found: &Occlusion, values: Vec<T>) -> Value {
    values
        .chunks(found.grid[1].max(1))
        .map(|row| json!(row))
        .collect()
}

fn table(found: &Occlusion) -> String {
    let header = ["top", "left", "activity", "probability", "label"].map(str::to_owned);
    let rows = found
        .positions
        .iter()
        .zip(&found.seen)
        .map(|([top, left], seen)| {
            let activity = seen.map_or(String::new(), |seen| seen.activity.to_string());
            let class = seen.and_then(|seen| seen.class);
            let probability = class.map_or(String::new(), |class| class.probability.to_string());
            let label = class.map_or(String::new(), |class| class.label.to_string());
            vec![
                top.to_string(),
                left.to_string(),
                activity,
                probability,
                label,
            ]
        });
    csv::table(&header, rows)
}

fn dumped(input: Tensor<4>, found: &Occlusion) -> anyhow::Result<Dump> {
    let mut dump = Dump::of_input(input)?;
    let corners: Vec<i32> = found
        .positions
        .iter()
        .flatten()
        .map(|at| *at as i32)
        .collect();
    dump.integers("positions", &[found.positions.len(), 2], &corners);
    dump.floats("activity", &found.grid, &found.activity());
    if found.class.is_some() {
        dump.floats("probability", &found.grid, &found.probability());
        let labels = found
            .label()
            .into_iter()
            .map(|label| label.map_or(-1, |label| label as i32));
        dump.integers("label", &found.grid, &labels.collect::<Vec<_>>());
    }
    Ok(dump)
}

fn caption(lens: &Lens, found: &Occlusion) -> String {
    let (low, high) = figure::range(&found.activity());
    let uncovered = found.uncovered;
    let map = format!(
        "{} map {}: {:.4}, under the square {low:.4} to {high:.4}",
        found.layer, found.map, uncovered.activity
    );
    match found.class.zip(uncovered.class) {
        None => map,
        Some((class, seen)) => {
            let (low, high) = figure::range(&found.probability());
            let name = lens.class_name(class);
            let [whole, low, high] = [seen.probability, low, high].map(|share| share * 100.0);
            format!("{map}; {name}: {whole:.1} %, under the square {low:.1} to {high:.1} %")
        }
    }
}
