//! `zf-lens region`: which maps of every layer answer in a region of a photograph.

use std::path::PathBuf;

use zfnet::Prepared;
use zfnet::deconvnet::tile::tiles;
use zfnet::experiments::Experiment;
use zfnet::experiments::shared::covering::Rectangle;
use zfnet::experiments::since::region::{Answering, Ask};
use zfnet::pictures::rendering::Picture;
use zfnet_figures::experiments::region::{Shown, figure};
use zfnet_words::say;

use crate::device::wait;
use crate::failure::{Outcome, bad_input};
use crate::globals::Globals;
use crate::language::words;
use crate::lens::Lens;
use crate::options::{Rule, count};
use crate::photos::{Photographs, on_input};
use crate::runner::{self, Answered, Files, Look, Traced};

/// Which region, and of which layers how many maps.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// The region's sides, in pixels of the upright photograph, or in percent of the part that the network looks at
    #[arg(
        long,
        value_name = "LEFT,TOP,RIGHT,BOTTOM",
        value_parser = sides,
        allow_hyphen_values = true
    )]
    region: Sides,
    /// Layers to show [default: every convolution]
    #[arg(long, value_name = "LAYER,…", value_delimiter = ',')]
    layers: Vec<String>,
    /// Maps of each layer at most [default: 8]
    #[arg(long, value_name = "N", value_parser = count)]
    maps: Option<usize>,
    /// The rule for ReLUs on the backward pass
    #[arg(long, value_enum, default_value_t)]
    rule: Rule,
    /// The PNG, SVG or PDF to write, a folder for several photographs [default: <photo>.region.png here]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write a table with a row for each map that is shown; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

/// Left, top, right, bottom of a region; the last two are exclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sides {
    /// In pixels of the upright photograph.
    Pixels([f64; 4]),
    /// In percent of the part that the network looks at.
    Percent([f64; 4]),
}

/// LEFT,TOP,RIGHT,BOTTOM.
fn sides(text: &str) -> Result<Sides, String> {
    let number = |side: &str| {
        side.trim()
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
    };
    let percent = |side: &str| number(side.trim().strip_suffix('%')?);
    let four = |number: &dyn Fn(&str) -> Option<f64>| -> Option<[f64; 4]> {
        let sides: Option<Vec<f64>> = text.split(',').map(number).collect();
        sides?.try_into().ok()
    };
    four(&number)
        .map(Sides::Pixels)
        .or_else(|| four(&percent).map(Sides::Percent))
        .ok_or_else(|| {
            "LEFT,TOP,RIGHT,BOTTOM, four numbers of pixels, or each in percent as 25%".into()
        })
}

impl Sides {
    /// In pixels of the input; what lies outside it is cut off.
    fn on(self, prepared: &Prepared) -> anyhow::Result<Rectangle> {
        let [left, top, width, height] = prepared.part;
        let pixels = match self {
            Self::Pixels(sides) => sides,
            Self::Percent([xmin, ymin, xmax, ymax]) => {
                let place = |from: u32, length: u32, share: f64| {
                    f64::from(from) + share / 100.0 * f64::from(length)
                };
                [
                    place(left, width, xmin),
                    place(top, height, ymin),
                    place(left, width, xmax),
                    place(top, height, ymax),
                ]
            }
        };
        on_input(pixels, prepared).ok_or_else(|| {
            let expected = format!(
                "a region that shows in the part at left {left}, top {top}, {width}×{height}"
            );
            bad_input("--region", expected, format!("{pixels:?}"))
        })
    }
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let photographs = Photographs::gather(&arguments.photos, globals.quiet);
    if photographs.is_empty() {
        return Ok(Outcome::SomeSkipped);
    }
    let lens = Lens::open(globals)?;
    let usual = Answering::usual(lens.network());
    let files = Files {
        output: arguments.output.as_deref(),
        ending: ".region.png",
        csv: arguments.csv.as_deref(),
        names_photo: true,
        dump: arguments.dump.as_deref(),
    };
    runner::each(&lens, photographs, globals, &files, |look| {
        let ask = Ask {
            region: arguments.region.on(look.prepared)?,
            layers: Some(arguments.layers.clone()).filter(|layers| !layers.is_empty()),
            maps: arguments.maps.unwrap_or(usual.maps),
        };
        let found: Answering = look.ask(&ask, "layers")?;
        let input = &lens.network().model.input;
        let mut projections = Vec::new();
        for level in &found.layers {
            let units = level.found.iter().map(|found| found.strongest.unit.into());
            let units: Vec<[usize; 3]> = units.collect();
            let drawn = drawn(&look, &level.layer, &units, arguments.rule)?;
            projections.extend(drawn.iter().map(|tile| Some(tile.picture(input))));
        }
        let shown = Shown {
            photograph: Picture::from_rgb(&look.prepared.rgb),
            projections,
        };
        Ok(Answered {
            figure: figure(&lens.context(), &found, &shown),
            caption: caption(&found),
            traced: Traced::Whole(look.trace),
            found,
        })
    })
}

/// What made units of a layer answer.
fn drawn(
    look: &Look<'_>,
    layer: &str,
    units: &[[usize; 3]],
    rule: Rule,
) -> anyhow::Result<Vec<zfnet::deconvnet::tile::Tile>> {
    let network = look.lens.network();
    Ok(wait(tiles(
        network,
        &look.trace,
        0,
        layer,
        units,
        rule.engine(),
    ))?)
}

/// The first map of the last layer that has one.
fn caption(found: &Answering) -> String {
    let last = found.layers.iter().rev();
    let mut first = last.filter_map(|level| Some((&level.layer, level.found.first()?)));
    match first.next() {
        Some((layer, first)) => say!(
            words(),
            "regionCaption",
            layer = layer,
            map = first.strongest.unit.map,
            correlation = format_args!("{:.2}", first.compared.correlation)
        ),
        None => say!(words(), "regionNothing").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_pixels_of_the_photograph_or_shares_of_the_square() {
        assert_eq!(
            sides("1,2.5, 30,-4"),
            Ok(Sides::Pixels([1.0, 2.5, 30.0, -4.0]))
        );
        assert_eq!(
            sides("0%,12.5%,50%,100%"),
            Ok(Sides::Percent([0.0, 12.5, 50.0, 100.0]))
        );
        for text in ["", "1,2,3", "1,2,3,4,5", "1%,2,3,4", "1,2,3,nan", "a,b,c,d"] {
            assert!(sides(text).is_err(), "{text}");
        }
        let prepared = Prepared {
            rgb: image::RgbImage::new(32, 32),
            part: [10, 0, 64, 64],
        };
        let rectangle = Rectangle {
            top: 16,
            left: 8,
            rows: 16,
            cols: 16,
        };
        for sides in [
            Sides::Percent([25.0, 50.0, 75.0, 200.0]),
            Sides::Pixels([26.0, 32.0, 58.0, 64.0]),
        ] {
            assert_eq!(sides.on(&prepared).expect("it shows"), rectangle);
        }
        assert!(Sides::Pixels([0.0, 0.0, 9.0, 9.0]).on(&prepared).is_err());
    }
}
