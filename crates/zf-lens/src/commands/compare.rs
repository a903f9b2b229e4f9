//! `zf-lens compare`: two networks on the same photograph: their first filters, what their first two layers answer to, and
//! their numbers.

use std::path::PathBuf;

use serde_json::{Value, json};
use zfnet::Prepared;
use zfnet::experiments::Record;
use zfnet::experiments::paper::filters::{Filters, MAPS, Settings};
use zfnet::experiments::paper::hierarchy::{self, Chosen, Hierarchy};
use zfnet::experiments::shared::record::{Table, fields};
use zfnet_figures::experiments::comparison;

use super::filters::{self, numbers};
use super::hierarchy::grown;
use crate::csv;
use crate::device::wait;
use crate::dump::{Dump, Shown};
use crate::failure::{Outcome, bad_input};
use crate::figure;
use crate::globals::Globals;
use crate::lens::{Lens, destination};
use crate::options::{Rule, count, share};
use crate::output;
use crate::photos::{Photographs, place_of, prepare};
use crate::weights;

/// Which networks to compare, and on what.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// The other network: a manifest.json, a folder holding one, or a single safetensors file
    #[arg(long, value_name = "FILE|FOLDER")]
    with: PathBuf,
    /// The strongest maps of each of the two layers to show
    #[arg(long, value_name = "N", default_value_t = MAPS, value_parser = count)]
    maps: usize,
    /// The rule for ReLUs on the backward pass
    #[arg(long, value_enum, default_value_t)]
    rule: Rule,
    /// Filters below this share of the median root mean square are weak
    #[arg(long, value_name = "SHARE", default_value_t = Settings::default().weak_below, value_parser = share)]
    weak_below: f64,
    /// The PNG, SVG or PDF to write, a folder for several photographs [default: <photo>.compared.png here]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write a table with a row for each filter of both; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

/// What one network makes of a photograph.
struct Side {
    filters: Filters,
    weights: Vec<f32>,
    found: Hierarchy,
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let photographs = Photographs::gather(&arguments.photos, globals.quiet);
    if photographs.is_empty() {
        return Ok(Outcome::SomeSkipped);
    }
    let lens = Lens::open(globals)?;
    let other = Lens {
        loaded: weights::load(
            Some(&arguments.with),
            lens.network().device(),
            globals.kernels.engine(),
        )?,
        ..lens
    };
    let lenses = [&lens, &other];
    let many = photographs.many;
    let mut values = Vec::new();
    let outcome = photographs.each(&lens.network().model.input, lens.crop, |source, prepared| {
        // The other network may take pictures of another size.
        let again = prepare(&source.path, &other.network().model.input, other.crop)?;
        let sides = [
            look(&lens, prepared, arguments, globals.quiet || many)?,
            look(&other, &again, arguments, globals.quiet || many)?,
        ];
        let path = destination(arguments.output.as_deref(), many, source, ".compared.png");
        let shown = shown(lenses, &sides, arguments);
        figure::write(&path, &comparison::figure(&lens.context(), &shown))?;
        let files = other.loaded.files.iter();
        let mut about = json!({
            "rule": arguments.rule.name(),
            "maps": arguments.maps,
            "with": {
                "network": other.network().model.name,
                "weights": files.map(|file| &file.sha256).collect::<Vec<_>>(),
                "square": place_of(&again),
            },
            "weak_below": arguments.weak_below,
            "networks": lenses.iter().zip(&sides).map(|(lens, side)| describe(lens, side)).collect::<Vec<_>>(),
        });
        if let Some(file) = &arguments.csv {
            let path = destination(Some(file), many, source, ".csv");
            output::file(&path, table(lenses, &sides).as_bytes())?;
        }
        if let Some(file) = &arguments.dump {
            let path = destination(Some(file), many, source, ".safetensors");
            let mut dump = Dump::of_input(prepared.tensor(lens.network())?)?;
            dump.pictures("with.input", again.tensor(other.network())?)?;
            for (prefix, side) in ["", "with."].into_iter().zip(&sides) {
                let shape = &side.filters.shape;
                dump.floats(&format!("{prefix}weight"), shape, &side.weights);
                for found in [side.filters.tensors(), side.found.tensors()] {
                    dump.add(found.into_iter().map(|one| one.prefixed(prefix)));
                }
            }
            dump.write(&path, &lens, &[Shown::new(source, prepared)], &about)?;
        }
        if !globals.json {
            let mut text = output::written(&path, &captions(lenses), globals.quiet);
            if !globals.quiet {
                for (lens, side) in lenses.iter().zip(&sides) {
                    let settings = settings(arguments);
                    let lines = numbers::lines(&side.filters, settings).join("\n  ");
                    text.push_str(&format!("\n{}\n  {lines}", lens.network().model.name));
                }
            }
            return Ok(Some(text));
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

/// What the figure shows.
fn shown(lenses: [&Lens; 2], sides: &[Side; 2], arguments: &Arguments) -> comparison::Shown {
    let drawn = lenses.iter().zip(sides).map(|(lens, side)| {
        let (model, filters) = (&lens.network().model, side.filters.clone());
        comparison::Side::of(model, filters, &side.weights, &side.found)
    });
    comparison::Shown {
        sides: drawn.collect(),
        shared: true,
        weak_below: arguments.weak_below,
        rule: arguments.rule.engine(),
    }
}

fn settings(arguments: &Arguments) -> Settings {
    Settings {
        weak_below: arguments.weak_below,
    }
}

/// One network's filters, and the strongest maps of its first two convolutions.
fn look(
    lens: &Lens,
    prepared: &Prepared,
    arguments: &Arguments,
    quiet: bool,
) -> anyhow::Result<Side> {
    let network = lens.network();
    let layers: Vec<_> = network.convolutions().into_iter().take(2).collect();
    if layers.is_empty() {
        let subject = format!("network {}", network.model.name);
        return Err(bad_input(subject, "at least one convolution", "none"));
    }
    let mut meter = filters::meter(lens, settings(arguments))?;
    let input = prepared.tensor(network)?;
    wait(meter.look(input.clone()))?;
    let wanted = layers.iter().map(|layer| Chosen {
        layer: (*layer).to_owned(),
        maps: arguments.maps,
    });
    let wanted = hierarchy::Settings {
        layers: wanted.collect(),
        rule: arguments.rule.engine(),
    };
    let trace = network.forward(input)?;
    Ok(Side {
        filters: meter.filters(),
        weights: meter.weights().to_vec(),
        found: grown(lens, &trace, &wanted, quiet)?,
    })
}

fn describe(lens: &Lens, side: &Side) -> Value {
    let mut about = side.found.about();
    about.extend(fields(&json!({
        "network": lens.network().model.name,
        "filters": side.filters.about(),
    })));
    Value::Object(about)
}

fn table(lenses: [&Lens; 2], sides: &[Side; 2]) -> String {
    let tables = lenses.iter().zip(sides).map(|(lens, side)| {
        let model = &lens.network().model;
        side.filters
            .table(&model.classes)
            .of("network", &model.name)
    });
    csv::of(&Table::joined(tables))
}

fn captions(lenses: [&Lens; 2]) -> String {
    let [one, other] = lenses.map(|lens| lens.network().model.name.as_str());
    format!("{one} (left) and {other} (right)")
}
