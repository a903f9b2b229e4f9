//! `zf-lens invariance`: how far features move when a photograph is translated, scaled or rotated.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value, json};
use zfnet::Prepared;
use zfnet::analysis::invariance::{self, Invariance, Progress, Settings, Transformation};

use super::{Lens, csv, destination};
use crate::cli::Globals;
use crate::device::wait;
use crate::dump::Dump;
use crate::failure::{Outcome, bad_input};
use crate::options::count;
use crate::output;
use crate::photos::{Photographs, Source};
use crate::watch::Watch;

/// What to do to the photograph, and where to look.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The photograph is moved down and up, enlarged, or turned counter-clockwise about its middle (bilinear; the mean colour
comes in from outside), and a layer's answers, after their ReLU, are compared with those to the photograph as it is:
their Euclidean distance, and that distance as a multiple of the original's length. Layers have different lengths, so
compare layers by the relative distance. The CSV has a row for each parameter.

--dump writes a safetensors file with the tensors
  input             [1,3,H,W]  what entered the first layer, untransformed
  parameter         [n]        pixels, times or degrees
  transformation    [n]        0 translation, 1 scale, 2 rotation (I32)
  images            [n,3,H,W]  what entered the first layer
  distance.<layer>  [n]
  norm.<layer>      [1]        length of the original's answers
  probability       [n]        of the class
and under the metadata key zf-lens the settings as JSON.

Examples:
  zf-lens invariance cat.jpg
  zf-lens invariance cat.jpg --transform rotation --layers conv1,conv5,fc7
  zf-lens invariance holiday/ --transform scale --parameters 1,1.5,2 -o curves/")]
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
    /// The CSV to write, a folder for several photographs [default: <photo>.invariance.csv here]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
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
            let path = destination(arguments.output.as_deref(), many, source, ".invariance.csv");
            output::file(&path, table(source, &found).as_bytes())?;
            if let Some(dump) = &arguments.dump {
                let path = destination(Some(dump), many, source, ".safetensors");
                dumped(&lens, prepared, &found)?.write(&path, &json!({ "sweeps": sweeps }))?;
            }
            if !globals.json {
                return Ok(Some(output::written(
                    &path,
                    &caption(&found),
                    globals.quiet,
                )));
            }
            values.push(json!({
            "photo": source.path.to_string_lossy(),
            "network": lens.network().model.name,
            "device": lens.device,
            "square": prepared.square,
            "table": path.to_string_lossy(),
            "transformations": found.iter().map(|found| describe(&lens, found)).collect::<Vec<_>>(),
        }));
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
    let heard = async |step: Progress<'_>| watch.tell(step.done, step.total);
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
    let mut dump = Dump::default();
    dump.floats(
        "input",
        &input.dims(),
        &wait(zfnet::readback::floats(input.clone()))?,
    );
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
