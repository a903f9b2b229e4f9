//! `zf-lens invariance`: how far features move when a photograph is translated, scaled or rotated.

mod figure;

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value, json};
use zfnet::Prepared;
use zfnet::analysis::Step;
use zfnet::analysis::invariance::{self, Invariance, Part, Settings, Transformation};

use super::csv;
use crate::device::wait;
use crate::dump::{Dump, Shown};
use crate::failure::{Outcome, bad_input};
use crate::globals::Globals;
use crate::lens::{Lens, destination};
use crate::options::count;
use crate::output;
use crate::photos::{Photographs, Source};
use crate::picture::write_png;
use crate::watch::Watch;

/// What to do to the photograph, and where to look.
#[derive(Debug, clap::Args)]
#[command(after_help = include_str!("invariance.help.txt").trim_end())]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// What happens to the photograph [default: all three, one after the other]
    #[arg(long, value_enum, value_name = "KIND")]
    transform: Option<Kind>,
    /// How far: pixels, times or degrees [default: the paper's range]
    #[arg(
        long,
        value_name = "NUMBER,…",
        requires = "transform",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    parameters: Vec<f32>,
    /// Layers to compare [default: the first convolution and the last hidden dense layer]
    #[arg(long, value_name = "LAYER,…", value_delimiter = ',')]
    layers: Vec<String>,
    /// The class whose probability is watched [default: the photograph's most probable]
    #[arg(long, value_name = "NAME|INDEX")]
    class: Option<String>,
    /// Pictures that go through the network together, the original among them
    #[arg(long, value_name = "N", default_value = "16", value_parser = count)]
    batch: usize,
    /// The PNG to write, a folder for several photographs [default: <photo>.invariance.png here]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write a table with a row for each parameter; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Down by so many pixels of the input, up where negative
    Translation,
    /// Enlarged so many times
    Scale,
    /// Counter-clockwise by so many degrees
    Rotation,
}

impl Kind {
    fn engine(self) -> Transformation {
        match self {
            Self::Translation => Transformation::Translation,
            Self::Scale => Transformation::Scale,
            Self::Rotation => Transformation::Rotation,
        }
    }
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let photographs = Photographs::gather(&arguments.photos, globals.quiet);
    if photographs.is_empty() {
        return Ok(Outcome::SomeSkipped);
    }
    let lens = Lens::open(globals)?;
    let sweeps = sweeps(&lens, arguments)?;
    let many = photographs.many;
    let mut values = Vec::new();
    let outcome = photographs.each(
        &lens.network().model.input,
        lens.crop,
        |source, prepared| {
            let found = swept(&lens, prepared, &sweeps, globals.quiet || many)?;
            let path = destination(arguments.output.as_deref(), many, source, ".invariance.png");
            write_png(&path, &figure::draw(&lens, prepared, &found)?)?;
            if let Some(file) = &arguments.csv {
                let path = destination(Some(file), many, source, ".csv");
                output::file(&path, table(source, &found).as_bytes())?;
            }
            if let Some(dump) = &arguments.dump {
                let path = destination(Some(dump), many, source, ".safetensors");
                let class = found.first().and_then(|found| found.class);
                let about = json!({ "class": class, "sweeps": sweeps });
                let shown = [Shown::new(source, prepared)];
                dumped(&lens, prepared, &found)?.write(&path, &lens, &shown, &about)?;
            }
            if !globals.json {
                return Ok(Some(output::written(
                    &path,
                    &caption(&found),
                    globals.quiet,
                )));
            }
            let transformations = found.iter().map(|found| describe(&lens, found));
            let mut value = json!({ "transformations": transformations.collect::<Vec<_>>() });
            lens.sign(&mut value, source, prepared);
            value["picture"] = json!(path.to_string_lossy());
            values.push(value);
            Ok(None)
        },
    )?;
    if globals.json {
        output::json(values, many)?;
    }
    Ok(outcome)
}

fn sweeps(lens: &Lens, arguments: &Arguments) -> anyhow::Result<Vec<Settings>> {
    let network = lens.network();
    if arguments.batch < 2 {
        return Err(bad_input("--batch", "at least 2", arguments.batch));
    }
    for layer in &arguments.layers {
        lens.layer(Some(layer))?;
    }
    let class = arguments
        .class
        .as_deref()
        .map(|class| network.model.class(class))
        .transpose()?;
    let kinds = match arguments.transform {
        Some(kind) => vec![kind.engine()],
        None => Transformation::ALL.to_vec(),
    };
    let settings = |kind| {
        let mut settings = Settings {
            class,
            batch: arguments.batch,
            ..Settings::figure(kind, network)
        };
        if !arguments.layers.is_empty() {
            settings.layers.clone_from(&arguments.layers);
        }
        if !arguments.parameters.is_empty() {
            settings.parameters.clone_from(&arguments.parameters);
        }
        settings
    };
    Ok(kinds.into_iter().map(settings).collect())
}

/// All sweeps of one photograph, under a progress bar of their own where it is the only one.
fn swept(
    lens: &Lens,
    prepared: &Prepared,
    sweeps: &[Settings],
    quiet: bool,
) -> anyhow::Result<Vec<Invariance>> {
    let watch = Watch::new(quiet, "pictures");
    let heard = async |step: Step<Part<'_>>| watch.tell(step.done, step.total);
    Ok(wait(invariance::sweeps(
        lens.network(),
        prepared,
        sweeps,
        heard,
    ))?)
}

fn table(source: &Source, found: &[Invariance]) -> String {
    let layers = found.first().map_or(&[][..], |found| &found.layers);
    let mut header = ["photo", "transformation", "parameter"]
        .map(str::to_owned)
        .to_vec();
    for curve in layers {
        header.extend(["distance", "relative"].map(|what| format!("{what}.{}", curve.layer)));
    }
    header.push("probability".into());
    let rows = found.iter().flat_map(|found| {
        let relative: Vec<Vec<f32>> = found.layers.iter().map(|curve| curve.relative()).collect();
        found
            .parameters
            .iter()
            .enumerate()
            .map(move |(point, parameter)| {
                let mut row = vec![
                    source.path.display().to_string(),
                    found.transformation.name().into(),
                ];
                row.push(parameter.to_string());
                for (curve, relative) in found.layers.iter().zip(&relative) {
                    row.extend(
                        [curve.distance[point], relative[point]].map(|value| value.to_string()),
                    );
                }
                let probability = found
                    .probability
                    .as_ref()
                    .map(|values| values[point].to_string());
                row.push(probability.unwrap_or_default());
                row
            })
    });
    csv::table(&header, rows)
}

fn dumped(lens: &Lens, prepared: &Prepared, found: &[Invariance]) -> anyhow::Result<Dump> {
    let network = lens.network();
    let input = prepared.tensor(network)?;
    let [_, channels, rows, cols] = input.dims();
    let mut dump = Dump::of_input(input)?;
    let mut images = Vec::new();
    for found in found {
        for parameter in &found.parameters {
            let planes = found
                .transformation
                .apply(*parameter, prepared, &network.model.input)?;
            images.extend(wait(zfnet::readback::floats(network.input_of(planes)?))?);
        }
    }
    let parameters: Vec<f32> = found
        .iter()
        .flat_map(|found| found.parameters.clone())
        .collect();
    let points = parameters.len();
    let kind = |found: &Invariance| {
        Transformation::ALL
            .iter()
            .position(|kind| *kind == found.transformation)
    };
    let kinds: Vec<i32> = found
        .iter()
        .flat_map(|found| vec![kind(found).map_or(-1, |at| at as i32); found.parameters.len()])
        .collect();
    dump.floats("parameter", &[points], &parameters);
    dump.integers("transformation", &[points], &kinds);
    dump.floats("images", &[points, channels, rows, cols], &images);
    for (at, curve) in found
        .first()
        .map_or(&[][..], |found| &found.layers)
        .iter()
        .enumerate()
    {
        let distances: Vec<f32> = found
            .iter()
            .flat_map(|found| found.layers[at].distance.clone())
            .collect();
        dump.floats(&format!("distance.{}", curve.layer), &[points], &distances);
        dump.floats(&format!("norm.{}", curve.layer), &[1], &[curve.norm]);
    }
    let probability: Option<Vec<f32>> = found
        .iter()
        .map(|found| found.probability.clone())
        .collect::<Option<Vec<_>>>()
        .map(|all| all.concat());
    if let Some(probability) = probability {
        dump.floats("probability", &[points], &probability);
    }
    Ok(dump)
}

fn describe(lens: &Lens, found: &Invariance) -> Value {
    let curve = |curve: &invariance::Curve| {
        json!({
            "layer": curve.layer,
            "norm": curve.norm,
            "distance": curve.distance,
            "relative": curve.relative(),
        })
    };
    json!({
        "transformation": found.transformation,
        "parameters": found.parameters,
        "class": found.class.map(|class| lens.class(class)),
        "layers": found.layers.iter().map(curve).collect::<Vec<_>>(),
        "probability": found.probability,
    })
}

/// The mean relative distance of each layer under each transformation.
fn caption(found: &[Invariance]) -> String {
    let mean = |values: Vec<f32>| values.iter().sum::<f32>() / values.len().max(1) as f32;
    let layer =
        |curve: &invariance::Curve| format!("{} {:.3}", curve.layer, mean(curve.relative()));
    let one = |found: &Invariance| {
        let layers: Vec<String> = found.layers.iter().map(layer).collect();
        format!("{}: {}", found.transformation.name(), layers.join(", "))
    };
    format!(
        "mean relative distance: {}",
        found.iter().map(one).collect::<Vec<_>>().join("; ")
    )
}
