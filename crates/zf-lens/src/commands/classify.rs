//! `zf-lens classify`: which classes the network thinks of.

use std::path::PathBuf;

use burn::tensor::Tensor;
use serde_json::{Value, json};
use zfnet::network::familiarity::Fit;
use zfnet::network::trace::ranked;
use zfnet::{Prepared, readback};
use zfnet_words::{Language, say};

use crate::device::wait;
use crate::dump::{Dump, Shown};
use crate::failure::{Outcome, bad_input};
use crate::globals::Globals;
use crate::language::words;
use crate::lens::{Lens, destination};
use crate::options::count;
use crate::output;
use crate::photos::{Photographs, Source};

/// Photographs that go through the network together.
const GROUP: usize = 8;

/// What to classify.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// How many classes to name
    #[arg(long, value_name = "K", default_value = "5", value_parser = count)]
    top: usize,
    /// Write the raw numbers (input, every activation, switches, logits) as safetensors; a folder for several photographs
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
    lens.layer(Some(&network.plan.output().layer.name))?;
    let many = photographs.many;
    let mut values = Vec::new();
    // One at a time where each leaves a file behind, since a dump holds one photograph.
    let group = if arguments.dump.is_some() { 1 } else { GROUP };
    let outcome = photographs.each_group(group, &network.model.input, lens.crop, |group| {
        let inputs = group
            .iter()
            .map(|(_, prepared)| prepared.tensor(network))
            .collect::<Result<Vec<_>, _>>()?;
        let trace = network.forward(Tensor::cat(inputs, 0))?;
        let scores = trace.logits().ok_or_else(|| {
            bad_input(
                "classify",
                "a network that ends in one number for each class",
                "maps",
            )
        })?;
        let classes = scores.dims()[1];
        let scores = wait(readback::floats(scores))?;
        let mut lines = Vec::new();
        let pictures = group.iter().zip(scores.chunks(classes.max(1))).enumerate();
        for (picture, ((source, prepared), scores)) in pictures {
            let ranked = ranked(scores, network.model.scores).into_iter();
            let ranked = ranked
                .take(arguments.top)
                .map(|(class, share)| (class, scores[class], share));
            let ranked: Vec<_> = ranked.collect();
            let fit = wait(network.known(&trace, picture, scores))?;
            let value = describe(&lens, source, prepared, &ranked, fit);
            if let Some(dump) = &arguments.dump {
                let path = destination(Some(dump), many, source, ".safetensors");
                let shown = [Shown::new(source, prepared)];
                let about = json!({ "classes": value["classes"] });
                Dump::of_trace(network, &trace)?.write(&path, &lens, &shown, &about)?;
            }
            match globals.json {
                true => values.push(value),
                false => lines.push(spoken(&lens, source, &ranked, fit, many)),
            }
        }
        Ok(lines)
    })?;
    if globals.json {
        output::json(values, many)?;
    }
    Ok(outcome)
}

fn describe(
    lens: &Lens,
    source: &Source,
    prepared: &Prepared,
    ranked: &[(usize, f32, f32)],
    fit: Option<Fit>,
) -> Value {
    let classes = ranked.iter().map(|(class, score, probability)| {
        let mut value = lens.class(*class);
        value["probability"] = json!(probability);
        value["score"] = json!(score);
        value
    });
    let mut value = json!({ "classes": classes.collect::<Vec<_>>(), "fit": fit });
    lens.sign(&mut value, source, prepared);
    value
}

fn spoken(
    lens: &Lens,
    source: &Source,
    ranked: &[(usize, f32, f32)],
    fit: Option<Fit>,
    many: bool,
) -> String {
    let classes = ranked.iter().map(|(class, _, probability)| {
        let name = match lens.network().model.classes.get(*class) {
            // Both names, since either may be asked for.
            Some(name) => match (words().language, &name.zh) {
                (Language::En, Some(zh)) => format!("{}  {zh}", name.en),
                (Language::Zh, Some(zh)) => format!("{zh}  {}", name.en),
                (_, None) => name.en.clone(),
            },
            None => lens.class_name(*class),
        };
        format!("{:5.1} %  {name}", probability * 100.0)
    });
    let title = many.then(|| output::shown(&source.path));
    let strange = fit.filter(|fit| fit.strange).map(|fit| {
        say!(
            words(),
            "classifyStrange",
            share = format_args!("{:.0} %", 100.0 * (1.0 - fit.share)),
            count = lens.network().model.classes.len()
        )
    });
    title
        .into_iter()
        .chain(classes)
        .chain(strange)
        .collect::<Vec<_>>()
        .join("\n")
}
