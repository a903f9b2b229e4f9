//! `zf-lens explain`: which parts of a photograph a class's score rests on, by the methods that followed the deconvnet.

mod sheet;

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::ValueEnum;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use zfnet::Trace;
use zfnet::analysis::attribution::{self, Attribution, BATCH, Baseline, Method};

use self::sheet::sheet;
use super::csv;
use crate::device::wait;
use crate::dump::{Dump, Shown};
use crate::failure::Outcome;
use crate::globals::Globals;
use crate::lens::{Lens, destination, most_probable};
use crate::options::{Rule, passes, share};
use crate::output;
use crate::photos::{Photographs, progress};
use crate::picture::write_png;

/// Which methods, and what they are told.
#[derive(Debug, clap::Args)]
#[command(after_help = include_str!("explain.help.txt").trim_end())]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// The methods, side by side in this order
    #[arg(
        long,
        value_name = "METHOD,…",
        value_enum,
        value_delimiter = ',',
        default_value = "all"
    )]
    method: Vec<Choice>,
    /// Another head on the network's features: its file, or its name in the manifest; a head that averages its maps has CAM
    #[arg(long, value_name = "FILE|NAME")]
    head: Option<String>,
    /// The class whose score is explained; its English or Chinese name, or its number [default: the most probable one]
    #[arg(long, value_name = "NAME|INDEX")]
    class: Option<String>,
    /// The layer whose maps Grad-CAM and Score-CAM weigh [default: the last convolution, conv5 in a ZFNet]
    #[arg(long)]
    layer: Option<String>,
    /// Noisy copies that SmoothGrad averages over
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = passes)]
    samples: usize,
    /// Standard deviation of SmoothGrad's noise, as a share of the input's range
    #[arg(long, value_name = "SHARE", default_value_t = 0.15, value_parser = share)]
    noise: f64,
    /// What SmoothGrad's noise follows from
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Steps of integrated gradients' line
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = passes)]
    steps: usize,
    /// Where integrated gradients' line begins
    #[arg(long, value_enum, default_value_t)]
    baseline: Start,
    /// The PNG to write, a folder for several photographs [default: <photo>.explained.png here]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write a table with a row for each method; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    /// All of them
    All,
    /// The score's derivative
    Saliency,
    /// The derivative times the pixels
    InputXGradient,
    /// The mean derivative over noisy copies
    SmoothGrad,
    /// The mean derivative on the way from an empty picture, times that way
    IntegratedGradients,
    /// Positive signal through units that fired
    GuidedBackprop,
    /// Averaged maps, weighed as they are for the score: for a head that averages
    Cam,
    /// A layer's maps, weighed by their derivatives
    GradCam,
    /// Guided backpropagation times Grad-CAM
    GuidedGradCam,
    /// A layer's maps, weighed by the score of the picture seen through each
    ScoreCam,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Start {
    /// The mean that is subtracted from every picture
    #[default]
    Mean,
    /// Black
    Black,
    /// White
    White,
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let photographs = Photographs::gather(&arguments.photos, globals.quiet);
    if photographs.is_empty() {
        return Ok(Outcome::SomeSkipped);
    }
    let lens = Lens::open(globals)?;
    let lens = match &arguments.head {
        Some(head) => lens.with_head(head)?,
        None => lens,
    };
    let network = lens.network();
    lens.layer(Some(&network.plan.output().layer.name))?;
    let class = match &arguments.class {
        Some(name) => Some(network.model.class(name)?),
        None => None,
    };
    let averages = network.averaging().is_ok();
    let layer = lens.layer(arguments.layer.as_deref())?;
    let methods = methods(arguments, &layer, averages);
    let many = photographs.many;
    let mut values = Vec::new();
    let outcome = photographs.each(&network.model.input, lens.crop, |source, prepared| {
        let trace = network.forward(prepared.tensor(network)?)?;
        let class = match class {
            Some(class) => class,
            None => most_probable("explain", &trace)?,
        };
        let quiet = globals.quiet || many;
        let found = methods
            .iter()
            .map(|method| attribute(&lens, &trace, class, method, quiet))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let path = destination(arguments.output.as_deref(), many, source, ".explained.png");
        let (picture, scales) = sheet(&lens, prepared, &found);
        write_png(&path, &picture)?;
        let described: Vec<Value> = found.iter().zip(scales).map(described).collect();
        if let Some(file) = &arguments.csv {
            let path = destination(Some(file), many, source, ".csv");
            output::file(&path, table(&found).as_bytes())?;
        }
        let mut about = json!({
            "class": class,
            "score": found[0].score,
            "head": arguments.head,
            "methods": described,
        });
        if let Some(dump) = &arguments.dump {
            let path = destination(Some(dump), many, source, ".safetensors");
            let shown = [Shown::new(source, prepared)];
            dumped(&lens, &trace, &found)?.write(&path, &lens, &shown, &about)?;
        }
        if globals.json {
            about["class"] = lens.class(class);
            lens.sign(&mut about, source, prepared);
            about["picture"] = json!(path.to_string_lossy());
            values.push(about);
            return Ok(None);
        }
        let caption = caption(&lens.class_name(class), &found);
        Ok(Some(output::written(&path, &caption, globals.quiet)))
    })?;
    if globals.json {
        output::json(values, many)?;
    }
    Ok(outcome)
}

/// The methods asked for, each once, with their numbers.
///
/// CAM is one of all only where the network averages its maps; who names it otherwise is told so.
fn methods(arguments: &Arguments, layer: &str, averages: bool) -> Vec<Method> {
    let baseline = match arguments.baseline {
        Start::Mean => Baseline::Mean,
        Start::Black => Baseline::Black,
        Start::White => Baseline::White,
    };
    let mut methods = Vec::new();
    for choice in &arguments.method {
        let mut add = |method: Method| {
            if !methods.contains(&method) {
                methods.push(method);
            }
        };
        let mut all = Method::all(layer);
        if averages || *choice == Choice::Cam {
            let last = all
                .iter()
                .position(|method| matches!(method, Method::GradCam { .. }));
            all.insert(last.unwrap_or(all.len()), Method::Cam);
        }
        for method in &mut all {
            match method {
                Method::SmoothGrad {
                    samples,
                    noise,
                    seed,
                } => {
                    (*samples, *noise, *seed) =
                        (arguments.samples, arguments.noise, arguments.seed);
                }
                Method::IntegratedGradients {
                    steps,
                    baseline: start,
                } => {
                    (*steps, *start) = (arguments.steps, baseline);
                }
                _ => {}
            }
        }
        let wanted = choice
            .to_possible_value()
            .map(|value| value.get_name().replace('-', "_"));
        let wanted =
            |method: &Method| *choice == Choice::All || wanted.as_deref() == Some(method.name());
        all.into_iter().filter(wanted).for_each(&mut add);
    }
    methods
}

fn attribute(
    lens: &Lens,
    trace: &Trace,
    class: usize,
    method: &Method,
    quiet: bool,
) -> anyhow::Result<Attribution> {
    let mut bar = ProgressBar::hidden();
    let network = lens.network();
    let found = attribution::attribute(network, trace, class, method, BATCH, async |state| {
        if state.done == 0 && state.total > 1 && !quiet {
            bar = progress(state.total, method.name());
        }
        bar.set_position(state.done as u64);
        ControlFlow::Continue(())
    });
    let found = wait(found);
    bar.finish_and_clear();
    found?.ok_or_else(|| anyhow::anyhow!("{}: expected an answer, found none", method.name()))
}

/// A method's numbers, what is drawn at full brightness, and what it says about itself.
fn described((found, scale): (&Attribution, f32)) -> Value {
    let mut about = serde_json::to_value(&found.method).unwrap_or_default();
    about["scale"] = json!(scale);
    about["rule"] = json!(rule(&found.method));
    let [_, _, cols] = found.shape;
    let relevance = found.relevance();
    // The first of equals, row by row.
    let strongest = (0..relevance.len())
        .rev()
        .max_by(|a, b| relevance[*a].total_cmp(&relevance[*b]));
    about["half"] = json!(found.half_of_the_energy());
    about["strongest"] = json!(strongest.map(|at| [at / cols, at % cols]));
    if let Some(completeness) = found.completeness {
        about["completeness"] = json!(completeness);
    }
    if let Some(sigma) = found.sigma {
        about["sigma"] = json!(sigma);
    }
    about
}

/// What a rectifier lets through on the way down; none where a method has no way down.
fn rule(method: &Method) -> Option<&'static str> {
    match method {
        Method::GuidedBackprop | Method::GuidedGradCam { .. } => Some(Rule::Guided.name()),
        Method::Cam | Method::ScoreCam { .. } => None,
        _ => Some(Rule::Gradient.name()),
    }
}

fn caption(class: &str, found: &[Attribution]) -> String {
    let names: Vec<&str> = found.iter().map(|found| found.method.name()).collect();
    let mut caption = format!("{class}: {:.4}; {}", found[0].score, names.join(", "));
    for completeness in found.iter().filter_map(|found| found.completeness) {
        caption += &format!(
            "; integrated gradients add up to {:.4} of {:.4}",
            completeness.sum, completeness.difference
        );
    }
    caption
}

fn dumped(lens: &Lens, trace: &Trace, found: &[Attribution]) -> anyhow::Result<Dump> {
    let mut dump = Dump::of_trace(lens.network(), trace)?;
    for one in found {
        let named = |what: &str| match found.len() {
            1 => what.to_owned(),
            _ => format!("{what}.{}", one.method.name()),
        };
        let [channels, rows, cols] = one.shape;
        match one.method.gives_a_map() {
            true => dump.floats(&named("map"), &[rows, cols], &one.values),
            false => dump.floats(&named("attribution"), &[channels, rows, cols], &one.values),
        }
        if let Some(coarse) = &one.coarse {
            dump.floats(&named("coarse"), &coarse.size, &coarse.values);
        }
        if let (Method::SmoothGrad { samples, seed, .. }, Some(sigma)) = (&one.method, one.sigma) {
            let count = channels * rows * cols;
            let noise = (0..*samples)
                .flat_map(|sample| attribution::noise(*seed, sample, sigma, count))
                .collect::<Vec<f32>>();
            dump.floats(&named("noise"), &[*samples, channels, rows, cols], &noise);
        }
    }
    Ok(dump)
}

/// A row for each method; a cell is empty where a method has no such number.
fn table(found: &[Attribution]) -> String {
    let header = [
        "method",
        "class",
        "score",
        "sum",
        "difference",
        "sigma",
        "half",
    ];
    let cell = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    let rows = found.iter().map(|one| {
        vec![
            one.method.name().to_owned(),
            one.class.to_string(),
            one.score.to_string(),
            cell(one.completeness.map(|whole| whole.sum)),
            cell(one.completeness.map(|whole| whole.difference)),
            one.sigma.map_or(String::new(), |sigma| sigma.to_string()),
            one.half_of_the_energy().to_string(),
        ]
    });
    csv::table(&header.map(str::to_owned), rows)
}
