//! `zf-lens filters`: the first layer's filters as pictures, and what they are like in numbers.

pub(super) mod numbers;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::json;
use zfnet::experiments::Record;
use zfnet::experiments::paper::filters::{Filters, Meter, Settings};
use zfnet::readback;
use zfnet_figures::Scene;
use zfnet_figures::experiments::filters::{self, bank};
use zfnet_words::say;

use crate::csv;
use crate::device::wait;
use crate::dump::{Dump, Shown};
use crate::failure::{Outcome, bad_input};
use crate::figure;
use crate::globals::Globals;
use crate::language::words;
use crate::lens::Lens;
use crate::options::{share, zoom};
use crate::output;
use crate::photos::Photographs;

/// How to draw them, and what to measure them on.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them, to measure the filters' activations on
    #[arg(value_name = "PHOTO")]
    photos: Vec<PathBuf>,
    /// The PNG, SVG or PDF to write [default: <network>.<layer>.png]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Screen pixels for each pixel of a filter
    #[arg(long, value_name = "N", default_value = "6", value_parser = zoom)]
    zoom: usize,
    /// Each filter on its own scale, or all on one
    #[arg(long, value_enum, default_value_t)]
    scale: Scale,
    /// Filters below this share of the median root mean square are weak
    #[arg(long, value_name = "SHARE", default_value_t = Settings::default().weak_below, value_parser = share)]
    weak_below: f64,
    /// Write a table with a row for each filter
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

/// How brightly filters are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Scale {
    /// Weak filters are as visible as strong ones
    #[default]
    Own,
    /// The layer's largest weights' scale for all: weak filters look weak
    Shared,
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let photographs = (!arguments.photos.is_empty())
        .then(|| Photographs::gather(&arguments.photos, globals.quiet));
    let lens = Lens::open(globals)?;
    let network = lens.network();
    let settings = Settings {
        weak_below: arguments.weak_below,
    };
    let mut meter = meter(&lens, settings)?;
    let mut seen = Seen::default();
    let outcome = match photographs {
        None => Outcome::Done,
        Some(photographs) => seen.look(&lens, photographs, &mut meter, arguments.dump.is_some())?,
    };
    let found = meter.filters();
    let path = arguments.output.clone().unwrap_or_else(|| {
        let name = network.model.name.replace(['/', '\\'], "-");
        format!("{name}.{}.png", found.layer).into()
    });
    figure::write(&path, &draw(&lens, &meter, &found, arguments))?;
    if let Some(file) = &arguments.csv {
        let table = found.table(&network.model.classes);
        output::file(file, csv::of(&table).as_bytes())?;
    }
    if let Some(file) = &arguments.dump {
        seen.dump(file, &lens, &meter, &found, settings)?;
    }
    if globals.json {
        let mut value = json!(found);
        value["network"] = json!(network.model.name);
        value["device"] = json!(lens.device);
        value["settings"] = json!(settings);
        value["picture"] = json!(path.to_string_lossy());
        output::json(vec![value], false)?;
        return Ok(outcome);
    }
    output::line(&output::written(&path, &caption(&found), globals.quiet))?;
    if !globals.quiet {
        numbers::lines(&found, settings)
            .iter()
            .try_for_each(|text| output::line(text))?;
    }
    Ok(outcome)
}

/// What the filters were measured on, for the raw numbers.
#[derive(Default)]
struct Seen {
    inputs: Vec<f32>,
    shown: Vec<Shown>,
}

impl Seen {
    /// Measures on photographs, and remembers what entered the network where that is to be `kept`.
    ///
    /// # Errors
    /// What is not the photographs' fault.
    fn look(
        &mut self,
        lens: &Lens,
        photographs: Photographs,
        meter: &mut Meter<'_>,
        kept: bool,
    ) -> anyhow::Result<Outcome> {
        let network = lens.network();
        photographs.each(&network.model.input, lens.crop, |source, prepared| {
            let input = prepared.tensor(network)?;
            if kept {
                self.inputs.extend(wait(readback::floats(input.clone()))?);
                self.shown.push(Shown::new(source, prepared));
            }
            wait(meter.look(input))?;
            Ok(None)
        })
    }

    /// Writes the raw numbers.
    ///
    /// # Errors
    /// When the disk refuses.
    fn dump(
        &self,
        file: &Path,
        lens: &Lens,
        meter: &Meter<'_>,
        found: &Filters,
        settings: Settings,
    ) -> anyhow::Result<()> {
        let about = json!({
            "layer": found.layer,
            "stride": found.stride,
            "settings": settings,
            "mixture": found.mixture,
        });
        let mut dump = Dump::default();
        if found.pictures > 0 {
            let [channels, height, width] = lens.network().model.input_shape();
            let shape = [found.pictures, channels, height, width];
            dump.floats("input", &shape, &self.inputs);
        }
        dump.floats("weight", &found.shape, meter.weights());
        dump.with(found).write(file, lens, &self.shown, &about)
    }
}

fn draw(lens: &Lens, meter: &Meter<'_>, found: &Filters, arguments: &Arguments) -> Scene {
    let (input, zoom) = (&lens.network().model.input, arguments.zoom);
    let shared = arguments.scale == Scale::Shared;
    let settings = Settings {
        weak_below: arguments.weak_below,
    };
    let drawn = bank(input, meter.weights(), meter.shape(), shared, zoom);
    filters::figure(&lens.context(), drawn, found, shared, settings)
}

fn caption(found: &Filters) -> String {
    let [count, _, rows, cols] = found.shape;
    say!(
        words(),
        "filtersCaption",
        count = count,
        layer = found.layer,
        rows = rows,
        cols = cols
    )
}

/// Measures the first convolution, whose filters can be drawn.
///
/// # Errors
/// When the network has none, or it looks at something else than one or three colours.
pub(super) fn meter(lens: &Lens, settings: Settings) -> anyhow::Result<Meter<'_>> {
    let meter = wait(Meter::new(lens.network(), None, settings))?;
    let [_, channels, ..] = meter.shape();
    match channels {
        1 | 3 => Ok(meter),
        _ => Err(bad_input(
            format!("filters of {}", lens.network().model.name),
            "filters on one or three colour channels",
            format!("{channels} channels"),
        )),
    }
}
