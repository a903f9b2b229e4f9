//! `zf-lens favourite`: draw what a unit, a map or a class answers to most.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zfnet::Prepared;
use zfnet::experiments::Record;
use zfnet::experiments::shared::record::fields;
use zfnet::experiments::since::activation_maximisation::{
    Climb, Method, Objective, Second, Settings, Target, climb,
};
use zfnet_figures::experiments::activation_maximisation::{Climbed, Shown as Drawn, figure};
use zfnet_words::say;

use crate::csv;
use crate::device::wait;
use crate::dump::{Dump, Shown};
use crate::failure::{Outcome, bad_input};
use crate::figure;
use crate::globals::Globals;
use crate::language::words;
use crate::lens::{Lens, destination};
use crate::options::{passes, place, share};
use crate::output;
use crate::photos::{Photographs, Source, place_of};
use crate::watch::Watch;

/// What to draw, and how to get there.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them, to begin with; a picture for each [default: noise]
    #[arg(value_name = "PHOTO")]
    photos: Vec<PathBuf>,
    /// The layer of the map or unit [default: the last convolution or join, conv5 in a ZFNet]
    #[arg(long, conflicts_with = "class")]
    layer: Option<String>,
    /// The feature map
    #[arg(
        long,
        value_name = "N",
        required_unless_present = "class",
        conflicts_with = "class"
    )]
    map: Option<usize>,
    /// One unit of the map [default: the one in its middle]
    #[arg(long, value_name = "ROW,COL", requires = "map", conflicts_with_all = ["class", "mean"], value_parser = place)]
    at: Option<[usize; 2]>,
    /// The mean of the whole map instead of one unit
    #[arg(long, requires = "map", conflicts_with = "class")]
    mean: bool,
    /// A class's score; its English or Chinese name, or its number
    #[arg(long, value_name = "NAME|INDEX")]
    class: Option<String>,
    /// A second target at once: LAYER/MAP, LAYER/MAP/ROW,COL, or a class's name or number
    #[arg(long, value_name = "TARGET")]
    and: Option<String>,
    /// What the second target weighs beside the first; below zero, what is to be avoided
    #[arg(
        long,
        value_name = "WEIGHT",
        default_value_t = 1.0,
        requires = "and",
        allow_negative_numbers = true
    )]
    weight: f64,
    /// What is changed: pixels, the phases of waves with magnitudes of photographs (maco), or a photograph (accentuate)
    /// [default: accentuate with a photograph, pixels where an option of theirs is given, else maco]
    #[arg(long, value_enum, value_name = "METHOD")]
    method: Option<Choice>,
    /// The same as naming the photograph alone
    #[arg(long, value_name = "PHOTO")]
    from: Vec<PathBuf>,
    #[command(flatten)]
    climbing: Climbing,
    /// The PNG, SVG or PDF to write, a folder for several photographs
    /// [default: <layer>.<map>.favourite.png or <class>.favourite.png here, with <photo>. before it where there is one]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write a table of the target's activation on the way; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

/// A method as it is asked for.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Choice {
    Pixels,
    Maco,
    Accentuate,
}

/// How to climb; what is not said is as usual for the method.
#[derive(Debug, clap::Args)]
struct Climbing {
    /// Steps to take
    #[arg(long, value_name = "N", value_parser = passes)]
    steps: Option<usize>,
    /// What noise, phases, jitter and crops follow from
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// About as far as a number goes in a step: a pixel, from 0, black, to 1, white; a phase, in radians; a wave, in shares of what
    /// is natural
    #[arg(long, value_name = "SHARE", value_parser = share)]
    rate: Option<f64>,
    /// Pixels by which the picture may be shifted before a step
    #[arg(long, value_name = "PIXELS")]
    jitter: Option<usize>,
    /// Of pixels, weight of total variation: more makes smoother pictures
    #[arg(long, value_name = "WEIGHT", value_parser = share)]
    variation: Option<f64>,
    /// Of pixels, weight of the pull towards the mean picture: more makes greyer pictures
    #[arg(long, value_name = "WEIGHT", value_parser = share)]
    decay: Option<f64>,
    /// Of pixels, standard deviation of a blur every four steps, in pixels; 0 for none
    #[arg(long, value_name = "PIXELS", value_parser = share)]
    blur: Option<f64>,
    /// Of waves, the shortest side of a random crop, from 0.1 to 1, all of what the target sees
    #[arg(long, value_name = "SHARE", value_parser = share)]
    least_crop: Option<f64>,
    /// Of waves, crops in each step
    #[arg(long, value_name = "N", value_parser = passes)]
    crops: Option<usize>,
    /// Of waves, standard deviation of the noise on each crop
    #[arg(long, value_name = "SHARE", value_parser = share)]
    grain: Option<f64>,
    /// Of a photograph, weight of the distance from it in an early layer
    #[arg(long, value_name = "WEIGHT", value_parser = share)]
    near: Option<f64>,
}

impl Climbing {
    /// Whether something is said that pixels alone have.
    fn is_of_pixels(&self) -> bool {
        [self.variation, self.decay, self.blur]
            .iter()
            .any(Option::is_some)
    }

    fn settings(&self, method: Method) -> Settings {
        let usual = Settings::of(method);
        Settings {
            steps: self.steps.unwrap_or(usual.steps),
            seed: self.seed.unwrap_or(usual.seed),
            rate: self.rate.unwrap_or(usual.rate),
            jitter: self.jitter.unwrap_or(usual.jitter),
            variation: self.variation.unwrap_or(usual.variation),
            decay: self.decay.unwrap_or(usual.decay),
            blur: self.blur.unwrap_or(usual.blur),
            crop: self.least_crop.unwrap_or(usual.crop),
            crops: self.crops.unwrap_or(usual.crops),
            grain: self.grain.unwrap_or(usual.grain),
            near: self.near.unwrap_or(usual.near),
            ..usual
        }
    }
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let photos = [&arguments.photos[..], &arguments.from[..]].concat();
    let photographs = (!photos.is_empty()).then(|| Photographs::gather(&photos, globals.quiet));
    if photographs.as_ref().is_some_and(Photographs::is_empty) {
        return Ok(Outcome::SomeSkipped);
    }
    let lens = Lens::open(globals)?;
    let (objective, name) = objective(&lens, arguments)?;
    let method = match arguments.method {
        Some(Choice::Pixels) => Method::Pixels,
        Some(Choice::Maco) => Method::Maco,
        Some(Choice::Accentuate) => Method::Accentuate,
        None if arguments.climbing.is_of_pixels() => Method::Pixels,
        None => Method::usual(photographs.is_some()),
    };
    let many = photographs.as_ref().is_some_and(|photos| photos.many);
    let mut errand = Errand {
        lens: &lens,
        objective,
        name,
        settings: arguments.climbing.settings(method),
        arguments,
        globals,
        many,
        values: Vec::new(),
    };
    let outcome = match photographs {
        Some(photographs) => {
            let input = &lens.network().model.input;
            photographs.each(input, lens.crop, |source, prepared| {
                errand.run(Some((source, prepared)))
            })?
        }
        None => {
            if let Some(text) = errand.run(None)? {
                output::line(&text)?;
            }
            Outcome::Done
        }
    };
    if globals.json {
        output::json(errand.values, many)?;
    }
    Ok(outcome)
}

/// What is done once for each photograph, or once from noise.
struct Errand<'a> {
    lens: &'a Lens,
    objective: Objective,
    /// What the targets are called in a file's name.
    name: String,
    settings: Settings,
    arguments: &'a Arguments,
    globals: &'a Globals,
    many: bool,
    /// What is said as JSON at the end.
    values: Vec<Value>,
}

impl Errand<'_> {
    /// Climbs, writes what was asked for, and gives the line to print.
    fn run(&mut self, from: Option<(&Source, &Prepared)>) -> anyhow::Result<Option<String>> {
        let (lens, arguments) = (self.lens, self.arguments);
        let network = lens.network();
        let start = from
            .map(|(_, prepared)| prepared.tensor(network))
            .transpose()?;
        let watch = Watch::new(self.globals.quiet || self.many, "steps");
        let climbed = wait(climb(
            network,
            &self.objective,
            start,
            &self.settings,
            async |step| watch.tell(step.done, step.total),
        ));
        drop(watch);
        let climbed = climbed?;
        let place = |asked: Option<&Path>, ending: &str| match from {
            Some((source, _)) => destination(asked, self.many, source, ending),
            None => {
                let file = format!("{}{ending}", self.name);
                match asked {
                    Some(path) if path.is_dir() => path.join(file),
                    Some(path) => path.to_path_buf(),
                    None => file.into(),
                }
            }
        };
        let ending = match from {
            Some(_) => format!(".{}.favourite.png", self.name),
            None => ".favourite.png".into(),
        };
        let path = place(arguments.output.as_deref(), &ending);
        let caption = say!(
            words(),
            "favouriteCaption",
            name = self.name,
            from = format_args!("{:.4}", climbed.start.answer),
            to = format_args!("{:.4}", climbed.end.answer),
            steps = climbed.end.step
        );
        let drawn = Drawn::of(&climbed, from.is_some());
        let scene = figure(&lens.context(), &Climbed::from(&climbed), &drawn);
        figure::write(&path, &scene)?;
        let about = json!({
            "from": from.map(|(source, _)| source.path.to_string_lossy()),
            "receptive_field": climbed.view.corners(),
        });
        let classes = &network.model.classes;
        if let Some(file) = &arguments.csv {
            let table = csv::of(&climbed.table(classes));
            output::file(&place(Some(file), ".csv"), table.as_bytes())?;
        }
        if let Some(file) = &arguments.dump {
            let shown = from.map(|(source, prepared)| Shown::new(source, prepared));
            let path = place(Some(file), ".safetensors");
            let mut said = climbed.about();
            said.extend(fields(&about));
            let said = Value::Object(said);
            dumped(lens, &climbed)?.write(&path, lens, shown.as_slice(), &said)?;
        }
        if !self.globals.json {
            return Ok(Some(output::written(&path, &caption, self.globals.quiet)));
        }
        let mut value = climbed.numbers(classes);
        value.extend(fields(&about));
        value.extend(fields(&json!({
            "network": network.model.name,
            "device": lens.device,
            "square": from.map(|(_, prepared)| place_of(prepared)),
            "picture": path.to_string_lossy(),
        })));
        self.values.push(Value::Object(value));
        Ok(None)
    }
}

/// The targets, and what they are called in a file's name.
fn objective(lens: &Lens, arguments: &Arguments) -> anyhow::Result<(Objective, String)> {
    let (target, name) = target(lens, arguments)?;
    let Some(and) = &arguments.and else {
        return Ok((target.into(), name));
    };
    let (second, other) = named(lens, and)?;
    let and = Second {
        target: second,
        weight: arguments.weight,
    };
    let objective = Objective {
        target,
        and: Some(and),
    };
    Ok((objective, format!("{name}+{other}")))
}

/// The first target, and what it is called.
fn target(lens: &Lens, arguments: &Arguments) -> anyhow::Result<(Target, String)> {
    match &arguments.class {
        Some(name) => class(lens, name),
        None => {
            let layer = lens.layer(arguments.layer.as_deref())?;
            let map = arguments.map.unwrap_or_default();
            of_map(lens, layer, map, arguments.at, arguments.mean)
        }
    }
}

/// A target by its name: LAYER/MAP, LAYER/MAP/ROW,COL, or a class.
fn named(lens: &Lens, text: &str) -> anyhow::Result<(Target, String)> {
    let parts: Vec<&str> = text.split('/').collect();
    let number = |part: &str| {
        let expected = "LAYER/MAP, LAYER/MAP/ROW,COL, or a class";
        part.parse()
            .map_err(|_| bad_input("second target", expected, text))
    };
    match parts[..] {
        [layer, map] => of_map(lens, lens.layer(Some(layer))?, number(map)?, None, false),
        [layer, map, at] => {
            let at = place(at).map_err(|expected| bad_input("second target", expected, text))?;
            of_map(
                lens,
                lens.layer(Some(layer))?,
                number(map)?,
                Some(at),
                false,
            )
        }
        _ => class(lens, text),
    }
}

fn class(lens: &Lens, name: &str) -> anyhow::Result<(Target, String)> {
    let network = lens.network();
    let class = network.model.class(name)?;
    lens.layer(Some(&network.plan.output().layer.name))?;
    let name = lens.class_key(class).replace(['/', '\\', ' '], "-");
    Ok((Target::Class { class }, name))
}

/// A unit of a map, the one in its middle where none is named, or all of the map.
fn of_map(
    lens: &Lens,
    layer: String,
    map: usize,
    at: Option<[usize; 2]>,
    mean: bool,
) -> anyhow::Result<(Target, String)> {
    let network = lens.network();
    let [maps, rows, cols] = network.layer(&layer)?.output;
    let [row, col] = at.unwrap_or_default();
    for (what, count, value) in [
        ("map", maps, map),
        ("row", rows, row),
        ("column", cols, col),
    ] {
        if value >= count {
            let expected = format!("0 to {}", count.saturating_sub(1));
            return Err(bad_input(format!("{what} of {layer}"), expected, value));
        }
    }
    Ok(match at {
        Some([row, col]) => {
            let name = format!("{layer}.{map}.{row}-{col}");
            let unit = [map, row, col];
            (Target::Unit { layer, unit }, name)
        }
        None => {
            let name = format!("{layer}.{map}");
            match mean {
                true => (Target::Map { layer, map }, name),
                false => (Target::middle(network, &layer, map)?, name),
            }
        }
    })
}

/// What the network makes of the end, and what the climb found.
fn dumped(lens: &Lens, climbed: &Climb) -> anyhow::Result<Dump> {
    let network = lens.network();
    let planes = climbed.end.pixels.iter().map(|value| value * 255.0);
    let trace = network.forward(network.input_of(planes.collect())?)?;
    Ok(Dump::of_trace(network, &trace)?.with(climbed))
}
