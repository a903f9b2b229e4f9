//! `zf-lens classify`: which classes the network thinks of.

use std::path::PathBuf;

use burn::tensor::Tensor;
use serde_json::{Value, json};
use zfnet::network::familiarity::Fit;
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
            let ranked = ranked(scores, arguments.top);
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

/// The strongest classes: index, score and probability.
fn ranked(scores: &[f32], top: usize) -> Vec<(usize, f32, f32)> {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = scores.iter().map(|score| (score - highest).exp()).sum();
    let mut ranked: Vec<_> = scores
        .iter()
        .map(|score| (*score, (score - highest).exp() / total))
        .enumerate()
        .collect();
    // A stable sort: equal scores keep the order of the classes.
    ranked.sort_by(|(_, (a, _)), (_, (b, _))| b.total_cmp(a));
    ranked
        .into_iter()
        .take(top)
        .map(|(class, (score, probability))| (class, score, probability))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::ranked;

    #[test]
    fn probabilities_sum_to_one_and_equal_scores_keep_their_order() {
        let found = ranked(&[1.0, 3.0, 3.0, 90.0 - 100.0], 4);
        assert_eq!(
            found.iter().map(|(class, ..)| *class).collect::<Vec<_>>(),
            [1, 2, 0, 3]
        );
        let sum: f32 = found.iter().map(|(.., probability)| probability).sum();
        assert!((sum - 1.0).abs() < 1e-6, "sum {sum}");
    }
}
