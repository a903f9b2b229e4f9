//! `zf-lens project`: from a unit, a map or a class back to the pixels that made it answer.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value, json};
use zfnet::deconvnet::tile::Tile;
use zfnet::geometry::view::View;
use zfnet::pictures::rendering::{self, Picture};
use zfnet::{Answer, Prepared, Targets, Trace, Unit, project, readback};
use zfnet_figures::experiments::outline;
use zfnet_figures::experiments::projection::{self as shown_as, Map, Of, Shown};
use zfnet_figures::sheet::zoom_to;
use zfnet_words::say;

use crate::device::wait;
use crate::dump::{self, Dump};
use crate::failure::{Outcome, bad_input};
use crate::figure::{self, PAPER, write_picture};
use crate::globals::Globals;
use crate::language::words;
use crate::lens::{Lens, destination};
use crate::options::{Brightness, Rule, place, scale};
use crate::output;
use crate::photos::{Photographs, Source};

/// The longer side of each half of the picture comes near this.
const SIDE: usize = 448;
const GAP: usize = 8;

/// What to project, and how to draw it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// The layer whose unit is projected [default: the last convolution or join, conv5 in a ZFNet]
    #[arg(long, conflicts_with = "class")]
    layer: Option<String>,
    /// The feature map [default: the one with the strongest unit]
    #[arg(long, value_name = "N", conflicts_with = "class")]
    map: Option<usize>,
    /// The unit's place in its map [default: where the map is strongest]
    #[arg(long, value_name = "ROW,COL", requires = "map", conflicts_with_all = ["class", "whole_map"], value_parser = place)]
    at: Option<[usize; 2]>,
    /// Project all units of the map together
    #[arg(long, conflicts_with = "class")]
    whole_map: bool,
    /// Project a class's score; its English or Chinese name, or its number
    #[arg(long, value_name = "NAME|INDEX")]
    class: Option<String>,
    /// The rule for ReLUs on the backward pass
    #[arg(long, value_enum, default_value_t)]
    rule: Rule,
    /// Whether a maximum returns to its switch, or to the first place of its window
    #[arg(long, value_enum, default_value_t)]
    switches: Switches,
    /// How numbers become brightness
    #[arg(long, value_enum, default_value_t)]
    stretch: Brightness,
    /// The value drawn as full white, to put several projections on one scale [default: each its own]
    #[arg(long, value_name = "VALUE", value_parser = scale)]
    scale: Option<f32>,
    /// Show the receptive field, or the whole input
    #[arg(long, value_enum, default_value_t)]
    frame: Frame,
    /// Write a figure with words, scales and the map, in place of the bare pictures
    #[arg(long)]
    figure: bool,
    /// The PNG, SVG or PDF to write, a folder for several photographs [default: <photo>.<layer>.<map>.png here]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

/// What unpooling goes by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Switches {
    /// The place where the maximum was found
    #[default]
    Kept,
    /// The first place of the window: what a projection lacks without switches
    Lost,
}

/// How much of the input is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Frame {
    /// The receptive field
    #[default]
    Crop,
    /// The whole input, with the receptive field outlined on the photograph
    Full,
}

/// What was asked for, checked against the network.
enum Asked {
    Class(usize),
    /// A layer's map or unit, as far as they were named.
    Layer(Option<usize>, Option<[usize; 2]>),
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let photographs = Photographs::gather(&arguments.photos, globals.quiet);
    if photographs.is_empty() {
        return Ok(Outcome::SomeSkipped);
    }
    let lens = Lens::open(globals)?;
    let (layer, asked) = asked(&lens, arguments)?;
    let many = photographs.many;
    let mut values = Vec::new();
    let outcome = photographs.each(
        &lens.network().model.input,
        lens.crop,
        |source, prepared| {
            let trace = lens.network().forward(prepared.tensor(lens.network())?)?;
            let projection = Projected::of(&lens, &trace, &layer, &asked, arguments)?;
            let drawn = projection.draw(&lens, prepared, arguments);
            let white = drawn.white;
            let what = asked.named(&lens, &layer, projection.answer.unit, arguments);
            let suffix = format!(".{layer}.{}.png", projection.answer.unit.map);
            let path = destination(arguments.output.as_deref(), many, source, &suffix);
            match arguments.figure {
                true => {
                    let map = asked.map(&trace, &layer, projection.answer.unit.map)?;
                    let shown = drawn.shown(&what, &asked, &projection, map, arguments);
                    figure::write(&path, &shown_as::figure(&lens.context(), &shown))?;
                }
                false => write_picture(&path, drawn.side_by_side())?,
            }
            let about = projection.about(&layer, arguments);
            if let Some(dump) = &arguments.dump {
                let mut file = Dump::of_trace(lens.network(), &trace)?;
                let [rows, cols] = lens.frame();
                file.floats(
                    "projection",
                    &[projection.whole.values.len() / (rows * cols), rows, cols],
                    &projection.whole.values,
                );
                let path = destination(Some(dump), many, source, ".safetensors");
                file.write(&path, &lens, &[dump::Shown::new(source, prepared)], &about)?;
            }
            if globals.json {
                values.push(described(
                    &lens, about, source, prepared, &asked, white, &path,
                ));
                return Ok(None);
            }
            let caption = say!(
                words(),
                "projectCaption",
                what = what,
                activation = format_args!("{:.4}", projection.answer.activation),
                white = format_args!("{white:.4}")
            );
            Ok(Some(output::written(&path, &caption, globals.quiet)))
        },
    )?;
    if globals.json {
        output::json(values, many)?;
    }
    Ok(outcome)
}

fn asked(lens: &Lens, arguments: &Arguments) -> anyhow::Result<(String, Asked)> {
    let network = lens.network();
    if let Some(class) = &arguments.class {
        let index = network.model.class(class)?;
        let last = &network.plan.output().layer.name;
        return Ok((lens.layer(Some(last))?, Asked::Class(index)));
    }
    let layer = lens.layer(arguments.layer.as_deref())?;
    let [maps, rows, cols] = network.layer(&layer)?.output;
    let within = |what: &str, count: usize, value: Option<usize>| match value {
        Some(value) if value >= count => Err(bad_input(
            format!("{what} of {layer}"),
            format!("0 to {}", count.saturating_sub(1)),
            value,
        )),
        _ => Ok(()),
    };
    within("map", maps, arguments.map)?;
    within("row", rows, arguments.at.map(|at| at[0]))?;
    within("column", cols, arguments.at.map(|at| at[1]))?;
    Ok((layer, Asked::Layer(arguments.map, arguments.at)))
}

impl Asked {
    /// What was asked for in words; of a layer, the unit was.
    fn named(&self, lens: &Lens, layer: &str, unit: Unit, arguments: &Arguments) -> String {
        let Unit { map, row, col } = unit;
        match self {
            Self::Class(class) => lens.class_name(*class),
            Self::Layer(..) if arguments.whole_map => {
                say!(words(), "allUnits", layer = layer, map = map)
            }
            Self::Layer(..) => say!(
                words(),
                "oneUnitOf",
                layer = layer,
                map = map,
                row = row,
                col = col
            ),
        }
    }

    /// The map that the unit stands in, in colours.
    fn map(&self, trace: &Trace, layer: &str, map: usize) -> anyhow::Result<Option<Map>> {
        if matches!(self, Self::Class(_)) {
            return Ok(None);
        }
        let answer = trace.layer(layer)?.answer();
        let [_, _, rows, cols] = answer.dims();
        let own = answer.slice([0..1, map..map + 1, 0..rows, 0..cols]);
        let values = wait(readback::floats(own))?;
        let high = values.iter().copied().fold(0.0, f32::max);
        let picture = rendering::feature_map(&values, [rows, cols], 0.0, high);
        Ok(Some(Map { picture, high }))
    }
}

/// A projection in numbers.
struct Projected {
    answer: Answer,
    /// On the whole frame.
    whole: Tile,
    /// What the target sees, clipped to the frame.
    field: View,
}

impl Projected {
    fn of(
        lens: &Lens,
        trace: &Trace,
        layer: &str,
        asked: &Asked,
        arguments: &Arguments,
    ) -> anyhow::Result<Self> {
        let network = lens.network();
        let unit = match *asked {
            Asked::Class(class) => Unit {
                map: class,
                row: 0,
                col: 0,
            },
            Asked::Layer(Some(map), Some([row, col])) => Unit { map, row, col },
            Asked::Layer(map, _) => {
                let answers = wait(trace.strongest(0, &[layer]))?.swap_remove(0);
                // The first of equals, in the order of the maps.
                let strongest = answers
                    .iter()
                    .rev()
                    .max_by(|a, b| a.activation.total_cmp(&b.activation));
                let chosen = map.and_then(|map| answers.get(map)).or(strongest);
                chosen
                    .ok_or_else(|| bad_input(layer, "at least one map", "none"))?
                    .unit
            }
        };
        let planned = network.layer(layer)?;
        let [_, rows, cols] = planned.output;
        let here = [unit.row, unit.col];
        let (targets, first, last) = match asked {
            Asked::Class(class) => (Targets::Classes(vec![*class]), here, here),
            Asked::Layer(..) if arguments.whole_map => (
                Targets::Maps(layer.into(), vec![unit.map]),
                [0, 0],
                [rows - 1, cols - 1],
            ),
            Asked::Layer(..) => (Targets::Units(layer.into(), vec![unit.into()]), here, here),
        };
        let lost = (arguments.switches == Switches::Lost).then(|| network.without_switches(trace));
        let trace = lost.as_ref().unwrap_or(trace);
        let projections = project(network, trace, 0, &targets, arguments.rule.engine())?;
        let whole = wait(projections.tiles(&[View::whole(lens.frame())]))?.swap_remove(0);
        let field = View::seen_by(planned.field, first, last).clipped(lens.frame());
        Ok(Self {
            answer: Answer {
                unit,
                activation: whole.activation,
            },
            whole,
            field,
        })
    }

    /// The projection and its patch.
    fn draw(&self, lens: &Lens, prepared: &Prepared, arguments: &Arguments) -> Drawn {
        let input = &lens.network().model.input;
        let shown = match arguments.frame {
            Frame::Crop => self.field.drawable(lens.frame()),
            Frame::Full => View::whole(lens.frame()),
        };
        let tile = self.whole.cut(shown);
        let (projection, white) = tile.draw(input, arguments.stretch.engine(), arguments.scale);
        let mut patch = tile.patch(prepared, input);
        if arguments.frame == Frame::Full {
            outline(&mut patch, self.field);
        }
        Drawn {
            projection,
            patch,
            white,
        }
    }

    /// What `--dump` says about itself.
    fn about(&self, layer: &str, arguments: &Arguments) -> Value {
        let Unit { map, row, col } = self.answer.unit;
        let mut about = json!({
            "layer": layer,
            "unit": [map, row, col],
            "rule": arguments.rule.name(),
            "activation": self.answer.activation,
            "receptive_field": self.field.corners(),
        });
        if arguments.whole_map {
            about["whole_map"] = json!(true);
        }
        if arguments.switches == Switches::Lost {
            about["switches"] = json!("lost");
        }
        about
    }
}

/// A projection as it is drawn, and the piece of the photograph.
struct Drawn {
    projection: Picture,
    patch: Picture,
    /// The value drawn as full white.
    white: f32,
}

impl Drawn {
    fn side_by_side(&self) -> Picture {
        let Self {
            projection, patch, ..
        } = self;
        let zoom = zoom_to([patch.height, patch.width], SIDE);
        let pair = [projection, patch].map(|picture| picture.magnified(zoom));
        rendering::grid(&pair, 2, GAP, PAPER)
    }

    /// What a figure shows of it.
    fn shown(
        self,
        what: &str,
        asked: &Asked,
        projected: &Projected,
        map: Option<Map>,
        arguments: &Arguments,
    ) -> Shown {
        let activation = projected.answer.activation;
        let of = match asked {
            Asked::Class(_) => Of::Class,
            Asked::Layer(..) if arguments.whole_map => Of::Map,
            Asked::Layer(..) => Of::Unit,
        };
        let is_silent = of != Of::Class && activation <= 0.0;
        let drawn = shown_as::Drawn {
            picture: self.projection,
            scale: self.white,
            activation,
        };
        Shown {
            name: what.to_owned(),
            of,
            projection: (!is_silent).then_some(drawn),
            patch: self.patch,
            map,
            rule: arguments.rule.engine(),
            stretch: arguments.stretch.engine(),
            shared: arguments.scale.is_some(),
            grey: false,
        }
    }
}

fn described(
    lens: &Lens,
    mut about: Value,
    source: &Source,
    prepared: &Prepared,
    asked: &Asked,
    white: f32,
    picture: &std::path::Path,
) -> Value {
    lens.sign(&mut about, source, prepared);
    about["scale"] = json!(white);
    about["picture"] = json!(picture.to_string_lossy());
    if let Asked::Class(class) = asked {
        about["class"] = lens.class(*class);
    }
    about
}
