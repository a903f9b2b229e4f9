//! `zf-lens favourite`: draw what a unit, a map or a class answers to most.

use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::Context;
use indicatif::ProgressBar;
use serde_json::json;
use zfnet::analysis::favourite::{Climb, Favourite, Settings, Target, climb};
use zfnet::rendering::Picture;
use zfnet::{Photo, Prepared};

use super::{Lens, csv};
use crate::cli::Globals;
use crate::device::wait;
use crate::dump::Dump;
use crate::failure::{Outcome, bad_input};
use crate::options::{passes, place, share};
use crate::output;
use crate::photos::progress;
use crate::picture::{Area, write_png, zoom_to};

/// The longer side of the picture comes near this.
const SIDE: usize = 448;

/// What to draw, and how to get there.
#[derive(Debug, clap::Args)]
#[command(after_help = include_str!("favourite.help.txt").trim_end())]
pub(crate) struct Arguments {
    /// The layer of the map or unit [default: the last convolution, conv5 in a ZFNet]
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
    /// Begin with a photograph [default: noise]
    #[arg(long, value_name = "PHOTO")]
    from: Option<PathBuf>,
    /// Steps of the climb
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
    /// The PNG to write [default: <layer>.<map>.favourite.png or <class>.favourite.png here]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write a table of what the target answered on the way
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let lens = Lens::open(globals)?;
    let network = lens.network();
    let (target, name) = target(&lens, arguments)?;
    let prepared = match &arguments.from {
        Some(path) => Some(prepare(&lens, path)?),
        None => None,
    };
    let from = match &prepared {
        Some(prepared) => Some(prepared.tensor(network)?),
        None => None,
    };
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
    let bar = match globals.quiet {
        true => ProgressBar::hidden(),
        false => progress(settings.steps, "steps"),
    };
    let climbed = wait(climb(network, &target, from, &settings, async |frame| {
        bar.set_position(frame.step as u64);
        ControlFlow::Continue(())
    }));
    bar.finish_and_clear();
    let climbed = climbed?;
    let path = match &arguments.output {
        Some(path) if path.is_dir() => path.join(format!("{name}.favourite.png")),
        Some(path) => path.clone(),
        None => format!("{name}.favourite.png").into(),
    };
    let area = seen_by(&lens, &target)?;
    write_png(&path, &cropped(&climbed.end, area))?;
    let mut about = json!({
        "target": target,
        "settings": settings,
        "from": arguments.from.as_ref().map(|path| path.to_string_lossy()),
        "before": climbed.start.answer,
        "answer": climbed.end.answer,
        "receptive_field": area.corners(),
    });
    if let Some(file) = &arguments.csv {
        output::file(file, table(&climbed, &settings).as_bytes())?;
    }
    if let Some(dump) = &arguments.dump {
        dumped(&lens, &climbed)?.write(dump, &about)?;
    }
    if globals.json {
        about["network"] = json!(network.model.name);
        about["device"] = json!(lens.device);
        about["square"] = json!(prepared.map(|prepared| prepared.square));
        about["picture"] = json!(path.to_string_lossy());
        if let Target::Class { class } = target {
            about["class"] = lens.class(class);
        }
        output::json(vec![about], false)?;
    } else {
        let caption = format!(
            "{name}: from {:.4} to {:.4} in {} steps",
            climbed.start.answer, climbed.end.answer, climbed.end.step
        );
        output::line(&output::written(&path, &caption, globals.quiet))?;
    }
    Ok(Outcome::Done)
}

/// The target, and what it is called in a file's name.
fn target(lens: &Lens, arguments: &Arguments) -> anyhow::Result<(Target, String)> {
    let network = lens.network();
    if let Some(name) = &arguments.class {
        let class = network.model.class(name)?;
        let last = network
            .plan
            .last()
            .map(|planned| planned.layer.name.as_str());
        lens.layer(last)?;
        let name = match network.model.classes.get(class) {
            Some(name) => name.en.replace(['/', '\\', ' '], "-"),
            None => format!("class-{class}"),
        };
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

fn prepare(lens: &Lens, path: &std::path::Path) -> anyhow::Result<Prepared> {
    let bytes = std::fs::read(path)
        .map_err(|error| bad_input(path.display(), "a readable picture", error))?;
    Photo::decode(&bytes)
        .and_then(|photo| photo.prepare(&lens.network().model.input, lens.crop))
        .with_context(|| path.display().to_string())
}

/// What a unit sees, or the whole frame for anything larger.
fn seen_by(lens: &Lens, target: &Target) -> anyhow::Result<Area> {
    let frame = lens.frame();
    Ok(match target {
        Target::Unit { layer, unit } => {
            let place = [unit[1], unit[2]];
            let field = lens.network().layer(layer)?.field;
            Area::seen_by(field, place, place)
                .clipped(frame)
                .drawable(frame)
        }
        _ => Area::frame(frame),
    })
}

fn cropped(found: &Favourite, area: Area) -> Picture {
    let whole = found.picture();
    let [rows, cols] = area.size();
    let mut part = Picture {
        width: cols,
        height: rows,
        rgba: Vec::with_capacity(rows * cols * 4),
    };
    for row in 0..rows {
        let start = ((area.top as usize + row) * whole.width + area.left as usize) * 4;
        part.rgba
            .extend_from_slice(&whole.rgba[start..start + cols * 4]);
    }
    part.magnified(zoom_to([rows, cols], SIDE))
}

fn dumped(lens: &Lens, climbed: &Climb) -> anyhow::Result<Dump> {
    let network = lens.network();
    let end = &climbed.end;
    let [rows, cols] = end.size;
    let planes = |found: &Favourite| -> Vec<f32> {
        found.pixels.iter().map(|value| value * 255.0).collect()
    };
    let trace = network.forward(network.input_of(planes(end))?)?;
    let mut dump = Dump::of_trace(network, &trace)?;
    dump.floats("start", &[3, rows, cols], &climbed.start.pixels);
    dump.floats("favourite", &[3, rows, cols], &end.pixels);
    dump.floats("answers", &[climbed.answers.len()], &climbed.answers);
    Ok(dump)
}

/// What the target answered: at the start, at every frame (to the picture as it was then shifted), and at the end.
fn table(climbed: &Climb, settings: &Settings) -> String {
    let frames = (1..).zip(&climbed.answers);
    let frames = frames.map(|(frame, answer)| (frame * settings.every, *answer));
    let ends = |found: &Favourite| (found.step, found.answer);
    let rows = std::iter::once(ends(&climbed.start))
        .chain(frames)
        .chain([ends(&climbed.end)]);
    let rows = rows.map(|(step, answer)| vec![step.to_string(), answer.to_string()]);
    csv::table(&["step", "answer"].map(str::to_owned), rows)
}
