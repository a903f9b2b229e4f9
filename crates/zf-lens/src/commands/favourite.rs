//! `zf-lens favourite`: draw what a unit, a map or a class answers to most.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zfnet::Prepared;
use zfnet::experiments::Record;
use zfnet::experiments::shared::record::fields;
use zfnet::experiments::since::activation_maximisation::{Climb, Settings, Target, climb};
use zfnet::geometry::view::View;
use zfnet_figures::experiments::activation_maximisation::figure;
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
    /// One unit of the map [default: the whole map]
    #[arg(long, value_name = "ROW,COL", requires = "map", conflicts_with = "class", value_parser = place)]
    at: Option<[usize; 2]>,
    /// A class's score; its English or Chinese name, or its number
    #[arg(long, value_name = "NAME|INDEX")]
    class: Option<String>,
    /// The same as naming the photograph alone
    #[arg(long, value_name = "PHOTO")]
    from: Vec<PathBuf>,
    /// Steps to take
    #[arg(long, value_name = "N", default_value_t = Settings::default().steps, value_parser = passes)]
    steps: usize,
    /// What noise and jitter follow from
    #[arg(long, value_name = "N", default_value_t = Settings::default().seed)]
    seed: u64,
    /// About as far as a pixel goes in a step, from 0, black, to 1, white
    #[arg(long, value_name = "SHARE", default_value_t = Settings::default().rate, value_parser = share)]
    rate: f64,
    /// Pixels by which the picture may be shifted before a step
    #[arg(long, value_name = "PIXELS", default_value_t = Settings::default().jitter)]
    jitter: usize,
    /// Weight of total variation: more makes smoother pictures
    #[arg(long, value_name = "WEIGHT", default_value_t = Settings::default().variation, value_parser = share)]
    variation: f64,
    /// Weight of the pull towards the mean picture: more makes greyer pictures
    #[arg(long, value_name = "WEIGHT", default_value_t = Settings::default().decay, value_parser = share)]
    decay: f64,
    /// Standard deviation of a blur every four steps, in pixels; 0 for none
    #[arg(long, value_name = "PIXELS", default_value_t = Settings::default().blur, value_parser = share)]
    blur: f64,
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

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let photos = [&arguments.photos[..], &arguments.from[..]].concat();
    let photographs = (!photos.is_empty()).then(|| Photographs::gather(&photos, globals.quiet));
    if photographs.as_ref().is_some_and(Photographs::is_empty) {
        return Ok(Outcome::SomeSkipped);
    }
    let lens = Lens::open(globals)?;
    let (target, name) = target(&lens, arguments)?;
    let settings = Settings {
        steps: arguments.steps,
        seed: arguments.seed,
        rate: arguments.rate,
        jitter: arguments.jitter,
        variation: arguments.variation,
        decay: arguments.decay,
        blur: arguments.blur,
        ..Settings::default()
    };
    let many = photographs.as_ref().is_some_and(|photos| photos.many);
    let mut errand = Errand {
        lens: &lens,
        target,
        name,
        settings,
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
    target: Target,
    /// What the target is called in a file's name.
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
            &self.target,
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
        let area = seen_by(lens, &self.target)?;
        let caption = say!(
            words(),
            "favouriteCaption",
            name = self.name,
            from = format_args!("{:.4}", climbed.start.answer),
            to = format_args!("{:.4}", climbed.end.answer),
            steps = climbed.end.step
        );
        let drawn = figure(
            &lens.context(),
            &self.target,
            &climbed,
            &self.settings,
            area,
        );
        figure::write(&path, &drawn)?;
        let about = json!({
            "from": from.map(|(source, _)| source.path.to_string_lossy()),
            "receptive_field": area.corners(),
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

/// The target, and what it is called in a file's name.
fn target(lens: &Lens, arguments: &Arguments) -> anyhow::Result<(Target, String)> {
    let network = lens.network();
    if let Some(name) = &arguments.class {
        let class = network.model.class(name)?;
        lens.layer(Some(&network.plan.output().layer.name))?;
        let name = lens.class_key(class).replace(['/', '\\', ' '], "-");
        return Ok((Target::Class { class }, name));
    }
    let layer = lens.layer(arguments.layer.as_deref())?;
    let [maps, rows, cols] = network.layer(&layer)?.output;
    let map = arguments.map.unwrap_or_default();
    let [row, col] = arguments.at.unwrap_or_default();
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
    Ok(match arguments.at {
        Some([row, col]) => {
            let name = format!("{layer}.{map}.{row}-{col}");
            let unit = [map, row, col];
            (Target::Unit { layer, unit }, name)
        }
        None => {
            let name = format!("{layer}.{map}");
            (Target::Map { layer, map }, name)
        }
    })
}

/// What a unit sees, or the whole frame for anything larger.
fn seen_by(lens: &Lens, target: &Target) -> anyhow::Result<View> {
    let frame = lens.frame();
    Ok(match target {
        Target::Unit { layer, unit } => {
            let place = [unit[1], unit[2]];
            let field = lens.network().layer(layer)?.field;
            View::seen_by(field, place, place)
                .clipped(frame)
                .drawable(frame)
        }
        _ => View::whole(frame),
    })
}

/// What the network makes of the end, and what the climb found.
fn dumped(lens: &Lens, climbed: &Climb) -> anyhow::Result<Dump> {
    let network = lens.network();
    let planes = climbed.end.pixels.iter().map(|value| value * 255.0);
    let trace = network.forward(network.input_of(planes.collect())?)?;
    Ok(Dump::of_trace(network, &trace)?.with(climbed))
}
