//! `zf-lens evaluate`: how often a network is right, and whether its pictures show anything.

mod measured;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use zfnet_train::data::Crops;
use zfnet_train::evaluation::{Evaluated, ValidationSet, samples};
use zfnet_train::measures::{Gauge, Measures};
use zfnet_words::say;

use crate::failure::{Outcome, bad_input, name_left_out, report};
use crate::globals::Globals;
use crate::language::words;
use crate::lens::Lens;
use crate::output;
use crate::photos::{Photographs, progress};

/// What to measure, and on what.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A manifest.json, a folder holding one, or a single safetensors file
    #[arg(value_name = "WEIGHTS")]
    network: PathBuf,
    /// Photographs in one folder for each class, or a folder with val/ of that kind
    #[arg(value_name = "DATA", required_unless_present = "pictures")]
    data: Option<PathBuf>,
    /// Crops of a photograph to average over
    #[arg(long, value_enum, default_value_t)]
    crops: Wish,
    /// Also say how each class does
    #[arg(long, requires = "data")]
    per_class: bool,
    /// Write the confusion matrix, as a heat map (.png) or as a table (.csv)
    #[arg(long, value_name = "FILE", requires = "data", value_parser = table)]
    confusion: Option<PathBuf>,
    /// Photographs, or folders of them, to measure projections on
    #[arg(long, value_name = "PHOTO", num_args = 1..)]
    pictures: Vec<PathBuf>,
}

/// How many crops.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Wish {
    /// The centre, as everywhere else
    #[default]
    One,
    /// Four corners, the centre, and their mirror images
    Ten,
}

impl Wish {
    fn crops(self) -> Crops {
        match self {
            Self::One => Crops::One,
            Self::Ten => Crops::Ten,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Ten => "ten",
        }
    }
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let lens = open(&arguments.network, globals)?;
    let mut outcome = Outcome::Done;
    let mut value = json!({
        "network": lens.network().model.name,
        "weights": lens.loaded.source.to_string_lossy(),
        "device": lens.device,
    });
    let mut lines = Vec::new();
    if let Some(data) = &arguments.data {
        if globals.crop.is_some() {
            return Err(bad_input(
                "--crop",
                "none for DATA, whose crops --crops names",
                "one",
            ));
        }
        let (set, listed) = validation(&lens, data, arguments.crops, 0)?;
        let evaluated = evaluate(&lens, &set, globals)?;
        outcome = listed.and(skipped(&evaluated));
        let classes: Vec<_> = { 0..evaluated.confusion.len() }
            .map(|at| lens.class_key(at))
            .collect();
        if let Some(path) = &arguments.confusion {
            measured::write_confusion(path, &classes, &evaluated.confusion)?;
        }
        value["data"] = described(data, arguments.crops, &classes, &evaluated);
        lines.push(measured::accuracy(&evaluated, arguments.crops.name()));
        if arguments.per_class {
            let names = { 0..classes.len() }.map(|at| lens.class_name(at));
            lines.push(measured::per_class(&names.collect::<Vec<_>>(), &evaluated));
        }
        lines.extend(arguments.confusion.iter().map(|path| {
            let caption = say!(words(), "evaluateConfusion");
            output::written(path, caption, globals.quiet)
        }));
    }
    if !arguments.pictures.is_empty() {
        let (found, looked) = pictures(&lens, &arguments.pictures, globals)?;
        outcome = outcome.and(looked);
        if let Some(measures) = found {
            value["pictures"] = serde_json::to_value(&measures)?;
            lines.push(measured::pictures(&measures));
        }
    }
    match (lines.is_empty(), globals.json) {
        // Every photograph was bad, and has been named.
        (true, _) => {}
        (false, true) => output::json(vec![value], false)?,
        (false, false) => output::line(&lines.join("\n\n"))?,
    }
    Ok(outcome)
}

/// The measures on photographs; nothing when none of them could be read.
fn pictures(
    lens: &Lens,
    photos: &[PathBuf],
    globals: &Globals,
) -> anyhow::Result<(Option<Measures>, Outcome)> {
    let photographs = Photographs::gather(photos, globals.quiet);
    let input = &lens.network().model.input;
    let mut gauge = Gauge::new(lens.network())?;
    let looked = photographs.each(input, lens.crop, |_, prepared| {
        Ok(gauge.look(prepared).map(|()| None)?)
    })?;
    let measures = (gauge.photographs() > 0).then(|| gauge.measures());
    Ok((measures.transpose()?, looked))
}

/// Opens the network that an argument names, where other commands have an option.
pub(super) fn open(weights: &Path, globals: &Globals) -> anyhow::Result<Lens> {
    if let Some(other) = &globals.weights {
        return Err(bad_input(
            "weights",
            "either WEIGHTS or --weights",
            format!("both, {} and {}", weights.display(), other.display()),
        ));
    }
    let (device, name) = crate::device::open(globals.device)?;
    Ok(Lens {
        loaded: crate::weights::load(Some(weights), &device, globals.kernels.engine())?,
        device: name,
        crop: globals.crop.unwrap_or(zfnet::Crop::Centre),
    })
}

/// The photographs of a folder by the network's classes, decoded ones kept within `memory` bytes; what is left out is named.
pub(super) fn validation(
    lens: &Lens,
    data: &Path,
    crops: Wish,
    memory: usize,
) -> anyhow::Result<(ValidationSet, Outcome)> {
    let model = &lens.network().model;
    let (samples, left_out) = samples(data, &model.classes)?;
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    if crops == Wish::Ten {
        // Its ten squares are the paper's.
        model.input.side()?;
    }
    let set = ValidationSet::new(samples, &model.input, crops.crops(), memory, workers);
    Ok((set, name_left_out(&left_out)))
}

fn evaluate(lens: &Lens, set: &ValidationSet, globals: &Globals) -> anyhow::Result<Evaluated> {
    let bar = bar(set.len(), globals);
    let evaluated = set.evaluate(lens.network(), &mut |done| bar.set_position(done as u64));
    bar.finish_and_clear();
    Ok(evaluated?)
}

/// Progress over photographs.
pub(super) fn bar(length: usize, globals: &Globals) -> ProgressBar {
    match globals.quiet {
        true => ProgressBar::hidden(),
        false => progress(length, "photographs"),
    }
}

/// Names the files that could not be read.
pub(super) fn skipped(evaluated: &Evaluated) -> Outcome {
    for (path, reason) in &evaluated.skipped {
        report(&format!("{}: {reason}", path.display()));
    }
    match evaluated.skipped.is_empty() {
        true => Outcome::Done,
        false => Outcome::SomeSkipped,
    }
}

fn described(data: &Path, crops: Wish, classes: &[String], evaluated: &Evaluated) -> Value {
    let per_class = evaluated
        .class_accuracy()
        .into_iter()
        .zip(evaluated.class_pictures())
        .zip(classes)
        .map(|((accuracy, pictures), name)| {
            json!({ "class": name, "pictures": pictures, "top_1": accuracy })
        });
    let skipped = evaluated.skipped.iter();
    let skipped =
        skipped.map(|(path, reason)| json!({ "path": path.to_string_lossy(), "reason": reason }));
    json!({
        "folder": data.to_string_lossy(),
        "crops": crops.name(),
        "pictures": evaluated.pictures,
        "top_1": evaluated.top_1,
        "top_5": evaluated.top_5,
        "loss": evaluated.loss,
        "classes": per_class.collect::<Vec<_>>(),
        "confusion": evaluated.confusion,
        "skipped": skipped.collect::<Vec<_>>(),
    })
}

/// A file for a matrix.
fn table(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match measured::is_png(&path) || measured::is_csv(&path) {
        true => Ok(path),
        false => Err("a file name that ends in .png or .csv".into()),
    }
}
