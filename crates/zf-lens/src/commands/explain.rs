//! `zf-lens explain`: which parts of a photograph a class's score rests on, by the methods that followed the deconvnet.

mod deletion_insertion;

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::ValueEnum;
use indicatif::ProgressBar;
use zfnet::experiments::Step;
use zfnet::experiments::since::attribution::{
    self, Attribution, BATCH, Baseline, Explained, Method, Numbers,
};
use zfnet::experiments::since::deletion_insertion::{Curves, Measured};
use zfnet::pictures::rendering::Picture;
use zfnet_figures::experiments::attribution::{Explained as Drawn, Removal, Shown, figure};
use zfnet_words::say;

use self::deletion_insertion::Measuring;
use crate::device::wait;
use crate::failure::Outcome;
use crate::globals::Globals;
use crate::language::words;
use crate::lens::{Lens, most_probable};
use crate::options::{passes, share};
use crate::photos::{Photographs, progress};
use crate::runner::{self, Answered, Files, Look, Traced};

/// Which methods, and what they are told.
#[derive(Debug, clap::Args)]
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
    /// The layer whose maps Grad-CAM and Score-CAM combine [default: the last convolution or join, conv5 in a ZFNet]
    #[arg(long)]
    layer: Option<String>,
    /// Noisy copies that SmoothGrad averages over
    #[arg(long, value_name = "N", default_value_t = Numbers::default().samples, value_parser = passes)]
    samples: usize,
    /// Standard deviation of SmoothGrad's noise, as a share of the input's range
    #[arg(long, value_name = "SHARE", default_value_t = Numbers::default().noise, value_parser = share)]
    noise: f64,
    /// What SmoothGrad's noise, and an order by chance, follow from
    #[arg(long, value_name = "N", default_value_t = Numbers::default().seed)]
    seed: u64,
    /// Steps of integrated gradients' line
    #[arg(long, value_name = "N", default_value_t = Numbers::default().steps, value_parser = passes)]
    steps: usize,
    /// Where integrated gradients' line begins
    #[arg(long, value_enum, default_value_t)]
    baseline: Start,
    #[command(flatten)]
    measuring: Measuring,
    /// The PNG, SVG or PDF to write, a folder for several photographs [default: <photo>.explained.png here]
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
    /// The derivative, of which each ReLU keeps what is positive
    GuidedBackprop,
    /// Averaged maps, weighted as they are for the score: for a head that averages
    Cam,
    /// A layer's maps, weighted by their derivatives
    GradCam,
    /// Guided backpropagation times Grad-CAM
    GuidedGradCam,
    /// A layer's maps, weighted by the score of the picture seen through each
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
    let files = Files {
        output: arguments.output.as_deref(),
        ending: ".explained.png",
        csv: arguments.csv.as_deref(),
        names_photo: false,
        dump: arguments.dump.as_deref(),
    };
    runner::each(&lens, photographs, globals, &files, |look| {
        let class = match class {
            Some(class) => class,
            None => most_probable("explain", &look.trace)?,
        };
        let found = methods
            .iter()
            .map(|method| attribute(&look, class, method))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let curves = arguments.measuring.of(&look, &found, arguments.seed)?;
        Ok(Answered {
            figure: figure(&lens.context(), &shown(&look, &found, curves.as_ref())),
            caption: caption(&lens.class_name(class), &found),
            traced: Traced::Whole(look.trace),
            found: Measured {
                maps: Explained {
                    class,
                    head: arguments.head.clone(),
                    methods: found,
                },
                curves,
            },
        })
    })
}

/// What the figure shows: the methods, and below them the curves that belong to them.
fn shown(look: &Look<'_>, found: &[Attribution], curves: Option<&Curves>) -> Shown {
    let photograph = Picture::from_rgb(&look.prepared.rgb);
    let input = &look.lens.network().model.input;
    let first = found.first();
    let methods = found.iter().enumerate().map(|(at, one)| Drawn {
        curves: curves
            .and_then(|curves| curves.maps.get(at))
            .map(|(_, own)| own.clone()),
        ..Drawn::of(one, &photograph, input)
    });
    Shown {
        methods: methods.collect(),
        class: first.map_or(0, |one| one.class),
        score: first.map(|one| one.score),
        other: None,
        shared: false,
        removal: curves.map(|curves| Removal {
            settings: curves.settings.clone(),
            chance: Some(curves.chance.clone()),
        }),
        attention: None,
        photograph,
    }
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
    let numbers = Numbers {
        samples: arguments.samples,
        noise: arguments.noise,
        seed: arguments.seed,
        steps: arguments.steps,
        baseline,
    };
    let mut methods = Vec::new();
    for choice in &arguments.method {
        let mut add = |method: Method| {
            if !methods.contains(&method) {
                methods.push(method);
            }
        };
        let mut all = Method::all(layer, numbers);
        if averages || *choice == Choice::Cam {
            let last = all
                .iter()
                .position(|method| matches!(method, Method::GradCam { .. }));
            all.insert(last.unwrap_or(all.len()), Method::Cam);
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

fn attribute(look: &Look<'_>, class: usize, method: &Method) -> anyhow::Result<Attribution> {
    let mut bar = ProgressBar::hidden();
    let network = look.lens.network();
    let heard = async |state: Step<Option<&Attribution>>| {
        if state.done == 0 && state.total > 1 && !look.quiet {
            bar = progress(state.total, method.name());
        }
        bar.set_position(state.done as u64);
        ControlFlow::Continue(())
    };
    let found = wait(attribution::attribute(
        network,
        &look.trace,
        class,
        method,
        BATCH,
        heard,
    ));
    bar.finish_and_clear();
    found?.ok_or_else(|| anyhow::anyhow!("{}: expected an answer, found none", method.name()))
}

fn caption(class: &str, found: &[Attribution]) -> String {
    let names: Vec<&str> = found.iter().map(|found| found.method.name()).collect();
    let mut caption = format!("{class}: {:.4}; {}", found[0].score, names.join(", "));
    for completeness in found.iter().filter_map(|found| found.completeness) {
        caption += &say!(
            words(),
            "explainComplete",
            sum = format_args!("{:.4}", completeness.sum),
            difference = format_args!("{:.4}", completeness.difference)
        );
    }
    caption
}
