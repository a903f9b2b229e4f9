//! `zf-lens hierarchy`: a poster of what the layers see in a photograph, from edges to objects.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Value, json};
use zfnet::experiments::paper::hierarchy::{Hierarchy, Part, Settings, grow, photograph};
use zfnet::experiments::{Record, Step};
use zfnet::network::trace::ranked;
use zfnet::pictures::rendering::Picture;
use zfnet::{Photo, Prepared, Trace, readback};
use zfnet_figures::Scene;
use zfnet_figures::poster::{Words, poster};
use zfnet_words::say;

use crate::csv;
use crate::device::wait;
use crate::dump::{Dump, Shown};
use crate::failure::{Outcome, bad_input};
use crate::figure::{self, Format};
use crate::globals::Globals;
use crate::language::words;
use crate::lens::{Lens, destination};
use crate::options::{Rule, count};
use crate::output;
use crate::photos::{Photographs, Source};
use crate::watch::Watch;

/// Widest poster that is drawn, in pixels.
const WIDEST: usize = 10_000;

/// What to show, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// Maps of each layer that has so many active [default: many of the first, few of the last]
    #[arg(long, value_name = "N", value_parser = count)]
    maps: Option<usize>,
    /// The rule for ReLUs on the backward pass
    #[arg(long, value_enum, default_value_t)]
    rule: Rule,
    /// The poster's title [default: From edges to objects]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The poster's format [default: the ending of --output, or PNG]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// A PNG's width in pixels
    #[arg(long, value_name = "PIXELS", default_value = "2520", value_parser = width)]
    width: usize,
    /// The file to write, a folder for several photographs [default: <photo>.hierarchy.png here]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write a table with a row for each tile; a folder for several photographs
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
    let network = lens.network();
    let mut settings = Settings::poster(network, arguments.maps);
    settings.rule = arguments.rule.engine();
    let many = photographs.many;
    let format = match (arguments.format, &arguments.output) {
        (Some(format), _) => format,
        (None, Some(path)) if !many => format_of(path)?,
        (None, _) => Format::Png,
    };
    let mut values = Vec::new();
    let outcome = photographs.each(&network.model.input, lens.crop, |source, prepared| {
        let trace = network.forward(prepared.tensor(network)?)?;
        let found = grown(&lens, &trace, &settings, globals.quiet || many)?;
        let suffix = format!(".hierarchy.{}", format.ending());
        let path = destination(arguments.output.as_deref(), many, source, &suffix);
        let drawn = draw(&lens, &trace, &found, square(source, prepared)?, arguments)?;
        let bytes = figure::encoded(&drawn, format, arguments.width)?;
        output::file(&path, &bytes)?;
        let mut about = json!({ "settings": settings, "rule": arguments.rule.name() });
        if let Value::Object(about) = &mut about {
            about.extend(found.about());
        }
        if let Some(file) = &arguments.csv {
            let path = destination(Some(file), many, source, ".csv");
            let table = found.table(&network.model.classes);
            output::file(&path, csv::of(&table).as_bytes())?;
        }
        if let Some(file) = &arguments.dump {
            let path = destination(Some(file), many, source, ".safetensors");
            let dump = Dump::of_input(trace.input.clone())?.with(&found);
            dump.write(&path, &lens, &[Shown::new(source, prepared)], &about)?;
        }
        if !globals.json {
            let shown = found.tiles().count();
            let layers = found.levels.len();
            let caption = say!(words(), "posterCaption", maps = shown, layers = layers);
            return Ok(Some(output::written(&path, &caption, globals.quiet)));
        }
        lens.sign(&mut about, source, prepared);
        about["poster"] = json!(path.to_string_lossy());
        values.push(about);
        Ok(None)
    })?;
    if globals.json {
        output::json(values, many)?;
    }
    Ok(outcome)
}

/// A poster's width that can be drawn.
fn width(text: &str) -> Result<usize, String> {
    let value = text.parse::<usize>().ok();
    let value = value.filter(|value| (1..=WIDEST).contains(value));
    value.ok_or_else(|| format!("a whole number from 1 to {WIDEST}"))
}

/// The format of a poster of that name; PNG where it has no ending.
///
/// # Errors
/// When it ends in something else.
fn format_of(path: &Path) -> anyhow::Result<Format> {
    match path.extension().filter(|_| !path.is_dir()) {
        None => Ok(Format::Png),
        Some(_) => Format::of(path)
            .ok_or_else(|| bad_input("--output", "a name in .png, .svg or .pdf", path.display())),
    }
}

/// The part that the network looked at, as fine as the photograph has it.
///
/// # Errors
/// When the photograph can no longer be read.
fn square(source: &Source, prepared: &Prepared) -> anyhow::Result<Picture> {
    let name = || source.path.display().to_string();
    let bytes = std::fs::read(&source.path).with_context(name)?;
    let photo = Photo::decode(&bytes).with_context(name)?;
    Ok(photograph(&photo, prepared.part))
}

/// The poster, with what the network takes the photograph for.
///
/// # Errors
/// When the device fails.
fn draw(
    lens: &Lens,
    trace: &Trace,
    found: &Hierarchy,
    photograph: Picture,
    arguments: &Arguments,
) -> anyhow::Result<Scene> {
    let model = &lens.network().model;
    let said = match trace.logits().filter(|_| !model.classes.is_empty()) {
        Some(logits) => ranked(&wait(readback::floats(logits))?, model.scores)
            .first()
            .copied(),
        None => None,
    };
    let said = said.filter(|(class, _)| *class < model.classes.len());
    let (rule, title) = (arguments.rule.engine(), arguments.title.as_deref());
    let words = Words::new(&lens.context(), found, rule, said, title);
    let tiles = found.tiles().map(|tile| tile.picture(&model.input));
    let pictures = std::iter::once(photograph).chain(tiles).collect();
    Ok(poster(&found.bands(), &words, pictures)?)
}

/// The strongest maps of the layers, under a progress bar of its own where that is wanted.
pub(super) fn grown(
    lens: &Lens,
    trace: &Trace,
    settings: &Settings,
    quiet: bool,
) -> anyhow::Result<Hierarchy> {
    let watch = Watch::new(quiet, "units");
    let heard = async |step: Step<Part<'_>>| watch.tell(step.done, step.total);
    Ok(wait(grow(lens.network(), trace, settings, heard))?)
}
