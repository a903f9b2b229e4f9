//! `zf-lens top`: the photographs of a set that every map answers to most, their patches and projections (figure 2).

mod ahead;
mod credits;
mod draw;
mod parts;
mod report;
mod state;
mod stop;

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use burn::tensor::Tensor;
use indicatif::ProgressBar;
use zfnet::Crop;
use zfnet::experiments::paper::top::Top;

use self::ahead::Ahead;
use self::credits::Rights;
use self::parts::{Part, Share};
use self::state::{Conditions, State};
use self::stop::Stop;
use crate::csv;
use crate::device::wait;
use crate::failure::{self, Outcome, bad_input, is_bad_input};
use crate::globals::Globals;
use crate::lens::Lens;
use crate::options::{Rule, count};
use crate::output;
use crate::photos::{Photographs, progress};

/// What to look through, and how to draw what is found.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// The folder that gets the gallery
    #[arg(short, long, value_name = "FOLDER")]
    out: PathBuf,
    /// The layers [default: all convolutions]
    #[arg(long, value_name = "LAYER,…", value_delimiter = ',')]
    layers: Vec<String>,
    /// Photographs of a map
    #[arg(long, value_name = "N", default_value_t = Top::COUNT, value_parser = few)]
    count: usize,
    /// Photographs that go through the network together
    #[arg(long, value_name = "N", default_value_t = Top::BATCH, value_parser = count)]
    batch: usize,
    /// The rule for ReLUs on the backward pass
    #[arg(long, value_enum, default_value_t)]
    rule: Rule,
    /// Longest side of a tile, in pixels; small receptive fields are enlarged by whole pixels up to it
    #[arg(long, value_name = "PIXELS", default_value = "64", value_parser = tile)]
    tile: usize,
    /// Quality of the sheets of projections, which are JPEG files, from 1 to 100
    #[arg(long, value_name = "Q", default_value = "85", value_parser = quality)]
    quality: u8,
    /// The same of patches of receptive fields that are larger than a tile [default: as --tile]
    #[arg(long, value_name = "PIXELS", value_parser = tile)]
    patch_tile: Option<usize>,
    /// Quality of the sheets of patches, which are WebP files, from 1 to 100
    #[arg(long, value_name = "Q", default_value = "80", value_parser = quality)]
    patch_quality: u8,
    /// Show only the photographs that this file gives a credit for, and say whose they are, see below
    #[arg(long, value_name = "FILE", conflicts_with = "no_patches")]
    credits: Option<PathBuf>,
    /// Only projections, and no file's name: nothing that shows a photograph
    #[arg(long)]
    no_patches: bool,
    /// Go on with the run in the folder, if there is one
    #[arg(long)]
    resume: bool,
    /// Save the state after so many photographs
    #[arg(long, value_name = "N", default_value = "256", value_parser = count)]
    save_every: usize,
    /// Go through one of so many parts of the photographs, and draw nothing, see below
    #[arg(long, value_name = "K/N", value_parser = Part::parse, conflicts_with_all = ["join", "csv", "dump"])]
    part: Option<Part>,
    /// Draw what all parts in the folder have found
    #[arg(long, conflicts_with = "resume")]
    join: bool,
    /// Write a table with a row for each winner
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the winners as safetensors, see below
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let set = Set::gather(arguments, globals)?;
    if set.paths.is_empty() {
        return Ok(Outcome::SomeSkipped);
    }
    let lens = Lens::open(globals)?;
    let layers = layers(&lens, arguments)?;
    let names: Vec<&str> = layers.iter().map(String::as_str).collect();
    let blank = Top::new(lens.network(), &names, arguments.count)?;
    draw::check(&lens, &blank, arguments)?;
    std::fs::create_dir_all(&arguments.out).with_context(|| {
        format!(
            "{}: expected a folder that can be made",
            arguments.out.display()
        )
    })?;
    let conditions = conditions(&lens, &set, &blank, arguments);
    let all = set.paths.len();
    let share = match arguments.part {
        Some(part) => part.share(&arguments.out, all, arguments.batch),
        None => Share {
            photographs: 0..all,
            file: arguments.out.join(state::FILE),
        },
    };
    let stop = Stop::listen()?;
    let (network, resume) = (lens.network(), arguments.resume);
    let mut state = match arguments.join {
        true => parts::join(&arguments.out, conditions, blank, network)?,
        false => State::open(&share, conditions, blank, resume, network)?,
    };
    let bar = bar(share.photographs.len(), "photographs", globals);
    let looked = look(&lens, &set, &mut state, &share, arguments, &bar, &stop);
    bar.finish_and_clear();
    if !looked? {
        let Range { start, end } = share.photographs;
        let (done, all) = (state.done - start, end - start);
        return Err(stopped(format!("after {done} of {all} photographs")));
    }
    match arguments.part {
        Some(_) => report::part(&share, &state.skipped, globals)?,
        None => show(&lens, &set, &state, arguments, globals, &stop)?,
    }
    Ok(match set.bad || !state.skipped.is_empty() {
        true => Outcome::SomeSkipped,
        false => Outcome::Done,
    })
}

/// What is said of a run that was interrupted.
fn stopped(what: String) -> anyhow::Error {
    anyhow!("stopped {what}; the same command with --resume goes on")
}

/// Draws the gallery, and writes what else was asked for.
///
/// # Errors
/// When no photograph could be read or a winner no longer can, the device fails, the disk refuses, or somebody stops it.
fn show(
    lens: &Lens,
    set: &Set,
    state: &State,
    arguments: &Arguments,
    globals: &Globals,
    stop: &Stop,
) -> anyhow::Result<()> {
    if state.pictures() == 0 {
        let expected = "at least one that can be read";
        return Err(bad_input("photographs", expected, "none"));
    }
    let bar = bar(0, "winners drawn", globals);
    let drawn = draw::draw(lens, &state.top, set, arguments, &bar, stop);
    bar.finish_and_clear();
    let drawn = drawn?.ok_or_else(|| stopped("while the winners were drawn".into()))?;
    let skipped = state.skipped.len();
    let gallery = draw::describe(lens, &state.top, drawn, set, skipped, arguments)?;
    if let Some(path) = &arguments.csv {
        let table = report::table(lens, &state.top, set, arguments);
        output::file(path, csv::of(&table).as_bytes())?;
    }
    if let Some(path) = &arguments.dump {
        let (dump, shown) = report::dumped(lens, &state.top, set, arguments)?;
        let about = report::about(&gallery, set, state, arguments);
        dump.write(path, lens, &shown, &about)?;
    }
    let path = arguments.out.join(draw::DESCRIPTION);
    match globals.json {
        true => output::json(
            vec![report::summary(lens, &state.top, &gallery, &path)],
            false,
        ),
        false => output::line(&output::written(
            &path,
            &report::caption(&state.top, &gallery),
            globals.quiet,
        )),
    }
}

/// The files of a run, each once.
struct Set {
    paths: Vec<PathBuf>,
    /// What they are called in the gallery: their paths under the folders that were given.
    names: Vec<String>,
    /// The real paths, whatever folder the program is called from.
    list: String,
    /// Which of them may be shown, where not all may.
    rights: Option<Rights>,
    /// Whether something that was asked for is not there.
    bad: bool,
}

impl Set {
    /// Finds them.
    ///
    /// # Errors
    /// When not all of them have their credits.
    fn gather(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Self> {
        let (sources, bad) = Photographs::gather(&arguments.photos, globals.quiet).into_sources();
        let mut taken = HashSet::new();
        let (mut paths, mut real) = (Vec::new(), Vec::new());
        for source in sources {
            let path = source.path;
            let own = path.canonicalize().unwrap_or_else(|_| path.clone());
            if taken.insert(own.clone()) {
                paths.push(path);
                real.push(own);
            }
        }
        let names: Vec<_> = paths.iter().map(|path| called(path, arguments)).collect();
        let credits = arguments.credits.as_ref();
        Ok(Self {
            rights: credits.map(|file| Rights::read(file, &names)).transpose()?,
            names,
            list: state::fingerprint(&real),
            paths,
            bad,
        })
    }

    /// Whether a photograph may be shown.
    fn may_show(&self, picture: usize) -> bool {
        { self.rights.as_ref() }.is_none_or(|rights| rights.allow(picture))
    }
}

/// A file's path under the folder it was found in.
fn called(path: &Path, arguments: &Arguments) -> String {
    let folders = arguments.photos.iter();
    let inside = { folders }.find_map(|folder| path.strip_prefix(folder).ok());
    let inside = inside.filter(|inside| !inside.as_os_str().is_empty());
    let name = inside.or(path.file_name().map(Path::new)).unwrap_or(path);
    let parts = name.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

fn layers(lens: &Lens, arguments: &Arguments) -> anyhow::Result<Vec<String>> {
    match arguments.layers.is_empty() {
        true => {
            let all = lens.network().convolutions();
            Ok(all.into_iter().map(str::to_owned).collect())
        }
        false => {
            let asked = arguments.layers.iter();
            asked.map(|layer| lens.layer(Some(layer))).collect()
        }
    }
}

fn conditions(lens: &Lens, set: &Set, top: &Top, arguments: &Arguments) -> Conditions {
    let files = lens.loaded.files.iter();
    Conditions {
        network: lens.network().model.name.clone(),
        weights: files.map(|file| file.sha256.clone()).collect(),
        device: lens.device.into(),
        batch: arguments.batch,
        layers: top.layers.iter().map(|own| own.layer.clone()).collect(),
        count: top.count,
        crop: match lens.crop {
            Crop::Centre => None,
            Crop::Part { left, top, width } => Some([left, top, width]),
        },
        photographs: set.paths.len(),
        list: set.list.clone(),
    }
}

/// Lets the photographs that are not done yet compete; whether none is left when it returns. The state is saved before.
fn look(
    lens: &Lens,
    set: &Set,
    state: &mut State,
    share: &Share,
    arguments: &Arguments,
    bar: &ProgressBar,
    stop: &Stop,
) -> anyhow::Result<bool> {
    let network = lens.network();
    let Range { start, end } = share.photographs;
    let todo = set.paths[state.done..end].to_vec();
    let mut ahead = Ahead::start(todo, &network.model.input, lens.crop)?;
    state.save(&share.file)?;
    let mut saved = state.done;
    bar.set_position((saved - start) as u64);
    while state.done < end {
        // A run that is resumed makes the same batches: rounding may depend on what goes through the network together.
        let batch = state.done..(state.done + arguments.batch).min(end);
        let (mut numbers, mut inputs, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        for number in batch.clone() {
            let Some(photograph) = ahead.next(stop) else {
                state.save(&share.file)?;
                return Ok(false);
            };
            match photograph {
                Ok(prepared) => {
                    numbers.push(number);
                    inputs.push(prepared.tensor(network)?);
                }
                Err(error) if is_bad_input(&error) => {
                    bar.suspend(|| failure::report(&format!("{error:#}")));
                    skipped.push(number);
                }
                Err(error) => return Err(error),
            }
        }
        if !inputs.is_empty() {
            let trace = state.top.forward(network, Tensor::cat(inputs, 0))?;
            wait(state.top.observe(&numbers, &trace))?;
        }
        state.skipped.append(&mut skipped);
        state.done = batch.end;
        bar.set_position((state.done - start) as u64);
        if state.done - saved >= arguments.save_every || state.done == end {
            state.save(&share.file)?;
            saved = state.done;
        }
    }
    Ok(true)
}

fn bar(length: usize, what: &'static str, globals: &Globals) -> ProgressBar {
    match globals.quiet {
        true => ProgressBar::hidden(),
        false => progress(length, what),
    }
}

/// How many photographs a map keeps.
fn few(text: &str) -> Result<usize, String> {
    within(text, 1, 100)
}

/// Side of a tile.
fn tile(text: &str) -> Result<usize, String> {
    within(text, 8, 256)
}

fn quality(text: &str) -> Result<u8, String> {
    within(text, 1, 100).map(|quality| quality as u8)
}

fn within(text: &str, low: usize, high: usize) -> Result<usize, String> {
    let value = text.parse::<usize>().ok();
    let value = value.filter(|value| (low..=high).contains(value));
    value.ok_or_else(|| format!("a whole number from {low} to {high}"))
}
