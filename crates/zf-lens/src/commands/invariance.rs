//! `zf-lens invariance`: how far features move when a photograph is translated, scaled or rotated.

use std::path::PathBuf;

use clap::ValueEnum;
use zfnet::Prepared;
use zfnet::experiments::paper::invariance::{self, Invariance, Settings, Sweeps, Transformation};
use zfnet_figures::experiments::invariance::{Photograph, Row, Shown, figure};
use zfnet_words::say;

use crate::device::wait;
use crate::dump::Dump;
use crate::failure::{Outcome, bad_input};
use crate::globals::Globals;
use crate::language::words;
use crate::lens::Lens;
use crate::options::count;
use crate::photos::Photographs;
use crate::runner::{self, Answered, Files, Traced};

/// What to do to the photograph, and where to look.
#[derive(Debug, clap::Args)]
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
    #[arg(long, value_name = "N", default_value_t = Settings::BATCH, value_parser = count)]
    batch: usize,
    /// The PNG, SVG or PDF to write, a folder for several photographs [default: <photo>.invariance.png here]
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
    let files = Files {
        output: arguments.output.as_deref(),
        ending: ".invariance.png",
        csv: arguments.csv.as_deref(),
        names_photo: true,
        dump: arguments.dump.as_deref(),
    };
    runner::each(&lens, photographs, globals, &files, |look| {
        let found: Sweeps = look.ask(&sweeps, "pictures")?;
        let traced = match &arguments.dump {
            Some(_) => Traced::More(images(&lens, look.prepared, &found.found)?),
            None => Traced::Nothing,
        };
        let input = &lens.network().model.input;
        let rows = found.found.iter();
        let rows = rows.map(|found| Row::of(found, look.prepared, input));
        let layers = found.found.first().map(|found| found.layers.iter());
        let shown = Shown {
            rows: rows.collect::<zfnet::Result<_>>()?,
            layers: { layers.into_iter().flatten() }
                .map(|curve| curve.layer.clone())
                .collect(),
            relative: true,
        };
        let photograph = Photograph {
            name: String::new(),
            found: found.found.clone(),
        };
        Ok(Answered {
            figure: figure(&lens.context(), &[photograph], &shown),
            caption: caption(&found.found),
            traced,
            found,
        })
    })
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

/// What entered the network: the photograph, and as `images` what each parameter made of it.
fn images(lens: &Lens, prepared: &Prepared, found: &[Invariance]) -> anyhow::Result<Dump> {
    let network = lens.network();
    let input = prepared.tensor(network)?;
    let [_, channels, rows, cols] = input.dims();
    let mut dump = Dump::of_input(input)?;
    let mut images = Vec::new();
    for found in found {
        for parameter in &found.parameters {
            let input = &network.model.input;
            let planes = found.transformation.apply(*parameter, prepared, input)?;
            images.extend(wait(zfnet::readback::floats(network.input_of(planes)?))?);
        }
    }
    let points = images.len() / (channels * rows * cols).max(1);
    dump.floats("images", &[points, channels, rows, cols], &images);
    Ok(dump)
}

/// The mean relative distance of each layer under each transformation.
fn caption(found: &[Invariance]) -> String {
    let mean = |values: Vec<f32>| values.iter().sum::<f32>() / values.len().max(1) as f32;
    let layer =
        |curve: &invariance::Curve| format!("{} {:.3}", curve.layer, mean(curve.relative()));
    let one = |found: &Invariance| {
        let layers: Vec<String> = found.layers.iter().map(layer).collect();
        let name = match found.transformation {
            Transformation::Translation => say!(words(), "invarianceTranslation"),
            Transformation::Scale => say!(words(), "invarianceScale"),
            Transformation::Rotation => say!(words(), "invarianceRotation"),
        };
        format!("{name}: {}", layers.join(", "))
    };
    let found = found.iter().map(one).collect::<Vec<_>>().join("; ");
    say!(words(), "invarianceCaption", distances = found)
}
