//! `zf-lens export`: a network as the files that are shipped, and what storing it with fewer bits has cost.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;
use zfnet::Network;
use zfnet::files::manifest::File;
use zfnet::files::weights::Shard;
use zfnet::network::familiarity::Familiarity;
use zfnet_train::evaluation::Evaluated;
use zfnet_train::export::{
    Comparison, Fidelity, Measured, Stored, add_head, card, evolution, reread, shards,
    with_accuracy, write,
};
use zfnet_words::say;

use super::evaluate::{Wish, bar, open, skipped, validation};
use crate::failure::{Outcome, bad_input};
use crate::globals::Globals;
use crate::language::words;
use crate::lens::Lens;
use crate::options::Bits;
use crate::output;
use crate::photos::Photographs;
use crate::weights;

/// Decoded photographs are kept between the two evaluations up to so many bytes.
const MEMORY: usize = 512 << 20;

/// What to write.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A manifest.json, a folder holding one, or a single safetensors file
    #[arg(value_name = "WEIGHTS")]
    network: PathBuf,
    /// The folder to write
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// How to store numbers
    #[arg(long, value_enum, default_value_t = Bits::F16)]
    precision: Bits,
    /// Photographs in one folder for each class, or a folder with val/ of that kind, to measure accuracy on
    #[arg(long, value_name = "DATA")]
    data: Option<PathBuf>,
    /// Photographs in one folder for each class below train/ and val/, to learn from what the network knows
    #[arg(long, value_name = "DATA")]
    known: Option<PathBuf>,
    /// Photographs, or folders of them, to compare projections on
    #[arg(long, value_name = "PHOTO", num_args = 1..)]
    photos: Vec<PathBuf>,
    /// Replace files that are there
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    if is_head(&arguments.network)? {
        return head(arguments, globals);
    }
    vacant(&arguments.out, arguments.force)?;
    let lens = open(&arguments.network, globals)?;
    let precision = arguments.precision.precision();
    let mut outcome = Outcome::Done;
    let mut network = lens.network().clone();
    if let Some(data) = &arguments.known {
        let (familiarity, listed) = known(&lens, data, globals)?;
        network.familiarity = Some(familiarity);
        outcome = listed;
    }
    let network = &network;
    let mut written = shards(network, precision)?;
    let stored = reread(&written, network)?;

    let mut accuracy = None;
    if let Some(data) = &arguments.data {
        let (given, after, listed) = measured(&lens, &stored, data, globals)?;
        outcome = outcome.and(listed).and(skipped(&after));
        let described = with_accuracy(network, &after, "one, centre", precision);
        written = shards(&described, precision)?;
        accuracy = Some((given, after, command(&arguments.out, data)));
    }
    let mut fidelity = None;
    if !arguments.photos.is_empty() {
        let (found, looked) = compared(&lens, &stored, &arguments.photos, globals)?;
        fidelity = found;
        outcome = outcome.and(looked);
    }

    // What the card says is what the shards say: the description that they carry.
    let model = reread(&written, network)?.model;
    let files: Vec<File> = written.iter().map(|(file, _)| file.clone()).collect();
    let measured = Measured {
        accuracy: accuracy
            .as_ref()
            .map(|(given, after, command)| (given, after, command.as_str())),
        fidelity: fidelity.as_ref(),
    };
    let text = card(&model, &files, precision, measured);
    write(
        &arguments.out,
        &model.name,
        &written,
        &text,
        arguments.force,
    )?;
    let training = lens.loaded.source.parent().unwrap_or(Path::new("."));
    let checkpoints = evolution(training, &arguments.out, network)?;

    match globals.json {
        true => {
            let share = |evaluated: &Evaluated| json!({ "top_1": evaluated.top_1, "top_5": evaluated.top_5, "loss": evaluated.loss });
            let value = json!({
                "network": model.name,
                "out": arguments.out.to_string_lossy(),
                "files": files,
                "checkpoints": checkpoints,
                "accuracy": accuracy.as_ref().map(|(given, after, _)| json!({
                    "pictures": after.pictures,
                    "given": share(given),
                    "stored": share(after),
                })),
                "projections": fidelity,
            });
            output::json(vec![value], false)?;
        }
        false => {
            output::line(&spoken(&arguments.out, &written, measured, globals.quiet))?;
            if let Some(count) = checkpoints {
                let text = say!(words(), "exportCheckpoints", count = count);
                output::line(&format!("\n{text}"))?;
            }
        }
    }
    Ok(outcome)
}

fn is_head(path: &Path) -> anyhow::Result<bool> {
    Ok(path.is_file() && weights::shard_of(&weights::read(path)?) == Shard::Head)
}

/// Puts a head beside its features.
fn head(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let bytes = weights::read(&arguments.network)?;
    let lens = open(&arguments.out, globals)?;
    let file = add_head(&arguments.out, lens.network(), &bytes)
        .with_context(|| arguments.network.display().to_string())?;
    let path = arguments.out.join(&file.path);
    match globals.json {
        true => output::json(vec![json!({ "files": [file] })], false)?,
        false => {
            let caption = say!(words(), "bytesWritten", count = file.bytes);
            output::line(&output::written(&path, &caption, globals.quiet))?;
        }
    }
    Ok(Outcome::Done)
}

/// Complains about an occupied folder before anything is measured, which may take minutes.
fn vacant(out: &Path, force: bool) -> anyhow::Result<()> {
    let occupied = match std::fs::read_dir(out) {
        Ok(mut entries) => !force && entries.next().is_some(),
        Err(_) => out.exists(),
    };
    match occupied {
        false => Ok(()),
        true => Err(bad_input(
            out.display(),
            "a new or an empty folder, or --force",
            if out.is_dir() {
                "one with files in it"
            } else {
                "a file"
            },
        )),
    }
}

/// Accuracy of the network as it was given and as it is stored, and whether all pictures could be listed.
fn measured(
    lens: &Lens,
    stored: &Network,
    data: &Path,
    globals: &Globals,
) -> anyhow::Result<(Evaluated, Evaluated, Outcome)> {
    let (set, listed) = validation(lens, data, Wish::One, MEMORY)?;
    let bar = bar(2 * set.len(), globals);
    let evaluate = |network: &Network, before: usize| {
        set.evaluate(network, &mut |done| {
            bar.set_position((before + done) as u64);
        })
    };
    let both =
        evaluate(lens.network(), 0).and_then(|given| Ok((given, evaluate(stored, set.len())?)));
    bar.finish_and_clear();
    let (given, after) = both?;
    Ok((given, after, listed))
}

/// What pictures of known things are like, and whether all could be listed.
fn known(lens: &Lens, data: &Path, globals: &Globals) -> anyhow::Result<(Familiarity, Outcome)> {
    let network = lens.network();
    let Some(layer) = network.convolutions().pop() else {
        return Err(bad_input("--known", "a network with a convolution", "none"));
    };
    let seen = |folder: &str| {
        let (set, listed) = validation(lens, &data.join(folder), Wish::One, 0)?;
        let bar = bar(set.len(), globals);
        let seen = set.seen(network, layer, &mut |done| bar.set_position(done as u64));
        bar.finish_and_clear();
        anyhow::Ok((seen?, listed))
    };
    let ((training, first), (known, second)) = (seen("train")?, seen("val")?);
    let known: Vec<_> = known.into_iter().map(|(seen, _)| seen).collect();
    Ok((
        Familiarity::learn(layer, &training, &known)?,
        first.and(second),
    ))
}

/// How much the projections of the stored network differ; nothing when no photograph could be read.
fn compared(
    lens: &Lens,
    stored: &Network,
    photos: &[PathBuf],
    globals: &Globals,
) -> anyhow::Result<(Option<Fidelity>, Outcome)> {
    let photographs = Photographs::gather(photos, globals.quiet);
    let mut comparison = Comparison::new(lens.network(), stored)?;
    let input = &lens.network().model.input;
    let looked = photographs.each(input, lens.crop, |_, prepared| {
        Ok(comparison.look(prepared).map(|()| None)?)
    })?;
    let fidelity = comparison.fidelity();
    Ok(((fidelity.photographs > 0).then_some(fidelity), looked))
}

/// The command that measures the stored weights; folders by their own names, since a card travels.
fn command(out: &Path, data: &Path) -> String {
    let name = |path: &Path| {
        let name = path.canonicalize().ok();
        let name = name.as_deref().unwrap_or(path).file_name();
        name.map_or("…".into(), |name| name.to_string_lossy().into_owned())
    };
    format!("zf-lens evaluate {} {}", name(out), name(data))
}

fn spoken(out: &Path, written: &[Stored], measured: Measured<'_>, quiet: bool) -> String {
    let mut lines: Vec<String> = written
        .iter()
        .map(|(file, bytes)| {
            let caption = say!(words(), "bytesWritten", count = bytes.len());
            output::written(&out.join(&file.path), &caption, quiet)
        })
        .collect();
    if let Some((given, stored, _)) = measured.accuracy {
        let share = |name: &str, of: fn(&Evaluated) -> f64| {
            let [given, stored] = [given, stored].map(|evaluated| of(evaluated) * 100.0);
            say!(
                words(),
                "exportShare",
                name = name,
                given = format_args!("{given:.2} %"),
                stored = format_args!("{stored:.2} %"),
                change = format_args!("{:+.2}", stored - given)
            )
        };
        let photographs = say!(words(), "manyPhotographs", count = stored.pictures);
        lines.push(format!("\n{photographs}"));
        lines.push(share("top-1", |evaluated| evaluated.top_1));
        lines.push(share("top-5", |evaluated| evaluated.top_5));
        lines.push(say!(
            words(),
            "exportLoss",
            given = format_args!("{:.4}", given.loss),
            stored = format_args!("{:.4}", stored.loss)
        ));
    }
    if let Some(fidelity) = measured.fidelity {
        let decibels = |value: Option<f64>| {
            let none = say!(words(), "exportSame");
            value.map_or(none.into(), |value| format!("{value:.1} dB"))
        };
        let text = say!(
            words(),
            "exportProjections",
            units = fidelity.units,
            layer = fidelity.layer,
            photographs = fidelity.photographs,
            psnr = decibels(fidelity.psnr),
            worst = decibels(fidelity.worst)
        );
        lines.push(format!("\n{text}"));
    }
    lines.join("\n")
}
