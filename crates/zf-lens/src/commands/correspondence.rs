//! `zf-lens correspondence`: whether covering the same part of several photographs changes the features alike.

mod boxes;

use std::path::PathBuf;

use burn::tensor::Tensor;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;
use zfnet::experiments::paper::correspondence::{self, Correspondence, Part, Score, Settings};
use zfnet::experiments::shared::covering::Fill;
use zfnet::experiments::shared::record::fields;
use zfnet::experiments::{Record, Step};
use zfnet::pictures::rendering::Picture;
use zfnet_figures::experiments::correspondence::{Marked, Shown as Drawn, figure};
use zfnet_words::say;

use self::boxes::Boxes;
use crate::csv;
use crate::device::wait;
use crate::dump::{Dump, Shown};
use crate::failure::{Outcome, bad_input};
use crate::figure;
use crate::globals::Globals;
use crate::language::words;
use crate::lens::Lens;
use crate::options::{count, fill};
use crate::output::{self, padded};
use crate::photos::Photographs;
use crate::watch::Watch;

/// What to compare.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// Where the parts are, see below
    #[arg(long, value_name = "FILE")]
    boxes: PathBuf,
    /// Compare only these parts [default: all of the file]
    #[arg(long = "part", value_name = "NAME")]
    parts: Vec<String>,
    /// Layers to compare [default: the last convolution and the last hidden dense layer, as in the paper]
    #[arg(long, value_name = "LAYER,…", value_delimiter = ',')]
    layers: Vec<String>,
    /// What parts are covered with: grey, mean (what the network subtracts), or RED,GREEN,BLUE
    #[arg(long, default_value = "grey", value_parser = fill)]
    fill: Fill,
    /// Random positions to compare with, for each photograph and size of parts
    #[arg(long, value_name = "N", default_value_t = Settings::RANDOM, value_parser = count)]
    random: usize,
    /// Where the random positions come from
    #[arg(long, value_name = "N", default_value_t = Settings::SEED)]
    seed: u64,
    /// Photographs that go through the network together
    #[arg(long, value_name = "N", default_value_t = Settings::BATCH, value_parser = count)]
    batch: usize,
    /// Draw the table as bars, as PNG, SVG or PDF
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the table as CSV
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let boxes = Boxes::read(&arguments.boxes, &arguments.parts)?;
    let photographs = Photographs::gather(&arguments.photos, globals.quiet);
    if photographs.is_empty() {
        return Ok(Outcome::SomeSkipped);
    }
    let lens = Lens::open(globals)?;
    let network = lens.network();
    let settings = settings(&lens, arguments)?;
    let mut parts: Vec<Part> = boxes
        .parts
        .iter()
        .map(|name| Part {
            name: name.clone(),
            boxes: Vec::new(),
        })
        .collect();
    let (mut inputs, mut photos, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    let mut marked = Vec::new();
    let outcome = photographs.each(&network.model.input, lens.crop, |source, prepared| {
        let own = boxes.on(&source.path, prepared)?;
        inputs.push(prepared.tensor(network)?);
        photos.push(source.path.to_string_lossy().into_owned());
        shown.push(Shown::new(source, prepared));
        marked.push(Marked {
            name: source.name.to_string_lossy().into_owned(),
            picture: Picture::from_rgb(&prepared.rgb),
            boxes: own.clone(),
        });
        for (part, own) in parts.iter_mut().zip(own) {
            part.boxes.push(own);
        }
        Ok(None)
    })?;
    if inputs.len() < 2 {
        let expected = "at least 2 photographs with all parts";
        return Err(bad_input("correspondence", expected, inputs.len()));
    }
    let pictures = Tensor::cat(inputs, 0);
    let found = compared(&lens, pictures.clone(), &parts, &settings, globals.quiet)?;
    let mut about = json!({ "settings": settings, "parts": parts });
    let classes = &network.model.classes;
    if let Some(path) = &arguments.output {
        let drawn = Drawn {
            photographs: marked,
            parts: boxes.parts.clone(),
            random: settings.random,
            seed: settings.seed,
            fill: settings.fill,
        };
        figure::write(path, &figure(&lens.context(), &found, &drawn))?;
    }
    if let Some(path) = &arguments.csv {
        output::file(path, csv::of(&found.table(classes)).as_bytes())?;
    }
    if let Some(path) = &arguments.dump {
        let dump = Dump::of_input(pictures)?.with(&found);
        dump.write(path, &lens, &shown, &about)?;
    }
    if globals.json {
        about["photos"] = json!(photos);
        about["network"] = json!(network.model.name);
        about["device"] = json!(lens.device);
        about["picture"] = json!(arguments.output);
        let mut value = found.numbers(classes);
        value.extend(fields(&about));
        output::json(vec![Value::Object(value)], false)?;
    } else {
        output::line(&spoken(&found, &parts, photos.len()))?;
    }
    Ok(outcome)
}

fn settings(lens: &Lens, arguments: &Arguments) -> anyhow::Result<Settings> {
    let mut layers = Settings::table(lens.network()).layers;
    if !arguments.layers.is_empty() {
        layers.clone_from(&arguments.layers);
    }
    for layer in &layers {
        lens.layer(Some(layer))?;
    }
    Ok(Settings {
        layers,
        fill: arguments.fill,
        random: arguments.random,
        seed: arguments.seed,
        batch: arguments.batch,
    })
}

fn compared(
    lens: &Lens,
    pictures: Tensor<4>,
    parts: &[Part],
    settings: &Settings,
    quiet: bool,
) -> anyhow::Result<Correspondence> {
    let watch = Watch::new(quiet, "covered photographs");
    let heard = async |step: Step<&Correspondence>| watch.tell(step.done, step.total);
    Ok(wait(correspondence::correspond(
        lens.network(),
        pictures,
        parts,
        settings,
        heard,
    ))?)
}

/// The table as in the paper, with what random positions of the same size give beside each score.
fn spoken(found: &Correspondence, parts: &[Part], photographs: usize) -> String {
    let widest = parts
        .iter()
        .map(|part| part.name.width())
        .max()
        .unwrap_or(0)
        .max(4);
    let number = |score: Option<Score>| match score.map(|score| (score.mean, score.spread)) {
        Some((mean, Some(spread))) => format!("{mean:.3} ± {spread:.3}"),
        Some((mean, None)) => format!("{mean:.3}"),
        None => "–".into(),
    };
    let mut lines = vec![say!(
        words(),
        "correspondenceCaption",
        photographs = photographs
    )];
    if photographs < 3 {
        lines.push(say!(words(), "correspondenceSingle").into());
    }
    for layer in &found.layers {
        lines.push(format!(
            "{:widest$}  {}  {}",
            layer.layer,
            padded(say!(words(), "correspondencePart"), 13),
            say!(words(), "correspondenceRandom")
        ));
        for (at, part) in parts.iter().enumerate() {
            let [own, random] = [layer.parts[at], layer.random[at]].map(number);
            let name = padded(&part.name, widest);
            lines.push(format!("{name}  {own:13}  {random}"));
        }
    }
    lines.join("\n")
}
