//! `zf-lens train`: from a folder of pictures to a network to look into.

mod head;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use zfnet_train::checkpoint::FILE;
use zfnet_train::data::{Cache, Dataset};
use zfnet_train::evaluation::Evaluated;
use zfnet_train::history::{REPORT, WEIGHTS};
use zfnet_train::metrics::Row;
use zfnet_train::recipe::{PRESETS, Recipe, Table};
use zfnet_train::text::json;
use zfnet_train::training::{End, Training, Watch};
use zfnet_train::workshop::{About, Workshop};
use zfnet_words::say;

use crate::failure::{Outcome, bad_input, name_left_out, report};
use crate::globals::Globals;
use crate::language::words;
use crate::{device, output, weights};

/// Share of the memory for decoded pictures that the validation set gets.
const VALIDATION: f64 = 0.2;

/// Trains a network on a folder of pictures.
///
/// DATA holds train/<class>/ and val/<class>/, or <class>/ alone with --val-fraction; pictures in folders below a class are
/// of it, and folders without pictures are no classes. Ctrl-C finishes the step, saves, and
/// says how to go on.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A folder with one folder of pictures for each class
    data: PathBuf,
    /// Where weights, checkpoints, metrics and the report go
    #[arg(long, short, default_value = "training")]
    out: PathBuf,
    /// The recipe to start from: the paper's, or one for a few thousand pictures
    #[arg(long, value_parser = PRESETS, default_value = "small-data")]
    preset: String,
    /// A recipe of one's own, as written into a network's provenance
    #[arg(long, value_name = "FILE", conflicts_with = "preset")]
    recipe: Option<PathBuf>,
    /// zfnet, zfnet-spp, zfnet512, alexnet, vgg16, or a file with a table of layers as JSON
    #[arg(long)]
    arch: Option<String>,
    /// Units of fc6 and of fc7
    #[arg(long)]
    dense: Option<usize>,
    /// How often every picture is seen, the recipe's parts in proportion
    #[arg(long)]
    epochs: Option<f64>,
    /// About how long it may take on this machine
    #[arg(long, conflicts_with = "epochs")]
    minutes: Option<f64>,
    /// Go on with the training in OUT
    #[arg(long, conflicts_with_all = ["preset", "recipe", "arch", "dense", "epochs", "minutes", "from", "freeze", "seed", "rate", "batch", "set"])]
    resume: bool,
    /// Start from the layers of this network that fit, instead of anew; with --freeze and --head, the features that it goes on
    /// [default: the bundled network's]
    #[arg(long, value_name = "WEIGHTS")]
    from: Option<PathBuf>,
    /// Keep the convolutions as they are and train the dense layers alone: a network for other classes in minutes
    #[arg(long, conflicts_with_all = ["head", "arch", "dense"])]
    freeze: bool,
    /// Train another head on a network's features, which stay as they are: their last maps averaged, one dense layer to the
    /// classes, for which class activation maps can be drawn
    #[arg(long, value_name = "KIND", value_parser = ["gap"], conflicts_with_all = ["preset", "recipe", "arch", "dense", "minutes", "resume"])]
    head: Option<String>,
    /// Train the head on to attend to all that its scores rest on (GAIN); its constants are --set gain.alpha=1, gain.omega=10,
    /// gain.sigma=0.5, gain.epochs=2, gain.batch=16, gain.rate=0.005, gain.wanted=probability|score
    #[arg(long, requires = "head")]
    gain: bool,
    /// Where all randomness comes from
    #[arg(long)]
    seed: Option<u64>,
    /// The highest learning rate
    #[arg(long)]
    rate: Option<f64>,
    /// Pictures in a step
    #[arg(long)]
    batch: Option<usize>,
    /// Any other value of the recipe, such as optimiser.momentum=0.95
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Share of the pictures that is held out when DATA has no val/
    #[arg(long, value_name = "SHARE")]
    val_fraction: Option<f64>,
    /// What the network is to say of itself, as JSON: name, classes (FOLDER: {en, zh}), provenance (data, licence, …)
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    about: Option<PathBuf>,
    /// Memory for decoded pictures, in megabytes
    #[arg(long, default_value_t = 3000)]
    memory: usize,
    /// Threads that prepare pictures [default: one for each two cores]
    #[arg(long)]
    workers: Option<usize>,
}

impl Arguments {
    /// Threads that prepare pictures.
    fn workers(&self) -> usize {
        let cores = std::thread::available_parallelism();
        let half = cores.map_or(1, |cores| cores.get().div_ceil(2));
        self.workers.unwrap_or(half).max(1)
    }
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    if arguments.head.is_some() {
        return head::run(arguments, globals);
    }
    let (device, device_name) = device::open(globals.device)?;
    let resumed = arguments.out.join(FILE).exists();
    if resumed && !arguments.resume {
        return Err(bad_input(
            arguments.out.display(),
            "a folder without a training, or --resume",
            "a training",
        ));
    }
    let recipe = recipe(arguments)?;
    let dataset = Dataset::scan(&arguments.data, arguments.val_fraction, recipe.seed)?;
    let listed = name_left_out(&dataset.left_out);
    let about = match &arguments.about {
        Some(path) => json(path, "what the network says of itself as JSON")?,
        None => About::default(),
    };
    let bytes = arguments.memory << 20;
    let for_validation = (bytes as f64 * VALIDATION) as usize;
    let side = recipe.view(recipe.size()) as u32;
    let workshop = Workshop {
        folder: arguments.out.clone(),
        cache: Cache::new(bytes - for_validation, recipe.short_side as u32),
        validation_cache: Cache::new(for_validation, side),
        dataset,
        about,
        workers: arguments.workers(),
        device_name: device_name.into(),
        words: words(),
    };
    let out = output::shown(&arguments.out);
    let left = format!("stopped at once; the last state saved is in {out}");
    let mut screen = Screen::open(globals.quiet, &left)?;
    let mut training = if arguments.resume {
        Training::resume(workshop, &device)?
    } else {
        let from = match (arguments.from.as_deref(), arguments.freeze) {
            (None, false) => None,
            (path, _) => Some(weights::load(path, &device, globals.kernels.engine())?),
        };
        let from = from.as_ref().map(|loaded| &loaded.network);
        let mut training = Training::begin(recipe, workshop, from, &device, &mut screen)?;
        if let Some(minutes) = arguments.minutes {
            training.fit_to(minutes * 60.0)?;
        }
        training
    };
    let end = training.run(&mut screen);
    screen.close();
    for (path, reason) in training.skipped() {
        report(&format!("{}: left out: {reason}", path.display()));
    }
    match end.with_context(|| format!("training in {out}"))? {
        End::Finished(evaluated) => {
            let accuracy = accuracy(&evaluated);
            output::line(&format!("{accuracy}\n{out}/{WEIGHTS}\n{out}/{REPORT}"))?;
        }
        End::Stopped => {
            let data = output::shown(&arguments.data);
            let progress = training.progress();
            let line = say!(
                words(),
                "trainStopped",
                step = progress.step,
                steps = progress.steps(),
                command = format_args!("zf-lens train {data} --out {out} --resume")
            );
            output::line(&line)?;
        }
    }
    Ok(match training.skipped().is_empty() {
        true => listed,
        false => Outcome::SomeSkipped,
    })
}

/// How often a network was right.
fn accuracy(evaluated: &Evaluated) -> String {
    say!(
        words(),
        "trainAccuracy",
        top_1 = format_args!("{:.3}", evaluated.top_1),
        top_5 = format_args!("{:.3}", evaluated.top_5),
        count = evaluated.pictures
    )
}

/// The recipe that was asked for; of a resumed training its own.
fn recipe(arguments: &Arguments) -> anyhow::Result<Recipe> {
    if arguments.resume {
        return Ok(zfnet_train::checkpoint::Progress::read(&arguments.out)?.recipe);
    }
    let mut recipe = match &arguments.recipe {
        Some(path) => json(path, "a recipe as JSON")?,
        None => Recipe::preset(&arguments.preset)?,
    };
    if let Some(arch) = &arguments.arch {
        recipe.architecture = match Path::new(arch).extension() {
            Some(_) => Table::Own(json(Path::new(arch), "a table of layers as JSON")?),
            None => Table::Named(arch.clone()),
        };
    }
    recipe.dense = arguments.dense.or(recipe.dense);
    if arguments.freeze {
        recipe = recipe.frozen();
    }
    if let Some(epochs) = arguments.epochs {
        recipe = recipe.with_epochs(epochs);
    }
    recipe.seed = arguments.seed.unwrap_or(recipe.seed);
    recipe.batch = arguments.batch.unwrap_or(recipe.batch);
    match (arguments.rate, &mut recipe.finish) {
        (Some(rate), Some(finish)) if arguments.freeze => finish.rate = rate,
        (Some(rate), _) => recipe.schedule = recipe.schedule.with_rate(rate),
        (None, _) => {}
    }
    for set in &arguments.set {
        let (key, value) = set
            .split_once('=')
            .ok_or_else(|| bad_input("--set", "KEY=VALUE", set))?;
        recipe = recipe.with(key, value)?;
    }
    recipe.check()?;
    Ok(recipe)
}

/// What the user sees: a bar on a terminal, lines elsewhere.
struct Screen {
    bar: Option<ProgressBar>,
    lines: bool,
    stop: Arc<AtomicBool>,
}

impl Screen {
    /// `left` is what is said to somebody who does not wait for the end of a step.
    fn open(quiet: bool, left: &str) -> anyhow::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let left = left.to_owned();
        ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::SeqCst) {
                report(&left);
                std::process::exit(130);
            }
            report("finishing this step; once more to stop at once");
        })
        .context("cannot listen for Ctrl-C")?;
        let terminal = std::io::stderr().is_terminal();
        let style = ProgressStyle::with_template("{bar:24} {percent:>3}%  {msg}  {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = (terminal && !quiet).then(|| ProgressBar::new(0).with_style(style));
        Ok(Self {
            bar,
            lines: !terminal && !quiet,
            stop,
        })
    }

    fn close(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None if self.lines => eprintln!("{line}"),
            None => {}
        }
    }
}

impl Watch for Screen {
    fn doing(&mut self, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(words().phrase(what));
            bar.tick();
        } else if self.lines && !what.starts_with("validation") && !what.starts_with("a checkpoint")
        {
            eprintln!("{}", words().phrase(what));
        }
    }

    fn stepped(&mut self, row: &Row, steps: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(steps);
            bar.set_position(row.step);
            bar.set_message(say!(
                words(),
                "trainStep",
                epoch = format_args!("{:.1}", row.epoch),
                loss = format_args!("{:.3}", row.loss),
                accuracy = format_args!("{:.1} %", 100.0 * row.accuracy),
                speed = format_args!("{:.0}", row.pictures_per_second)
            ));
        }
    }

    fn epoch(&mut self, row: &Row) {
        let validation = row.validation.as_ref().map_or(String::new(), |said| {
            say!(
                words(),
                "trainValidation",
                loss = format_args!("{:.3}", said.loss),
                top_1 = format_args!("{:.1} %", 100.0 * said.top_1),
                top_5 = format_args!("{:.1} %", 100.0 * said.top_5)
            )
        });
        self.say(&say!(
            words(),
            "trainEpoch",
            epoch = format_args!("{:.1}", row.epoch),
            step = row.step,
            size = row.size,
            rate = format_args!("{:.2e}", row.learning_rate),
            loss = format_args!("{:.3}", row.loss),
            accuracy = format_args!("{:.1} %", 100.0 * row.accuracy),
            validation = validation,
            speed = format_args!("{:.0}", row.pictures_per_second),
            seconds = format_args!("{:.0}", row.seconds)
        ));
    }

    fn stop(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}
