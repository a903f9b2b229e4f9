//! `zf-lens mosaic`: every map's strongest unit of a layer, projected, in one picture.

use std::path::PathBuf;

use burn::tensor::Tensor;
use clap::ValueEnum;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use zfnet::deconvnet::tile::tiles;
use zfnet::geometry::view::View;
use zfnet::pictures::rendering::{self, Picture};
use zfnet::{Answer, Prepared, Trace};
use zfnet_figures::sheet::zoom_to;
use zfnet_words::say;

use crate::device::wait;
use crate::dump::{Dump, Shown};
use crate::failure::Outcome;
use crate::figure::{PAPER, write_picture};
use crate::globals::Globals;
use crate::language::words;
use crate::lens::{Lens, destination};
use crate::options::{Brightness, Rule};
use crate::output;
use crate::photos::{Photographs, progress};

/// Projections that go down together.
const BATCH: usize = 16;
/// Small tiles are enlarged to about this.
const SIDE: usize = 48;
const GAP: usize = 2;
const GREY: [u8; 4] = [128, 128, 128, 255];

/// Which layer, and how to draw it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// The layer [default: the last convolution or join, conv5 in a ZFNet]
    #[arg(long)]
    layer: Option<String>,
    /// The rule for ReLUs on the backward pass
    #[arg(long, value_enum, default_value_t)]
    rule: Rule,
    /// Each tile on its own scale, or all on one
    #[arg(long, value_enum, default_value_t)]
    scale: Scale,
    /// How numbers become brightness
    #[arg(long, value_enum, default_value_t)]
    stretch: Brightness,
    /// The order of the tiles
    #[arg(long, value_enum, default_value_t)]
    sort: Sort,
    /// Show the patches of the photograph beside the projections, in the same order
    #[arg(long)]
    patches: bool,
    /// The PNG, SVG or PDF to write, a folder for several photographs [default: <photo>.<layer>.mosaic.png here]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Scale {
    /// Weak maps are as visible as strong ones
    #[default]
    Own,
    /// The strongest projection's scale for all: weak maps look weak
    Shared,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// The strongest map first
    #[default]
    Strength,
    /// By the maps' numbers
    Index,
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let photographs = Photographs::gather(&arguments.photos, globals.quiet);
    if photographs.is_empty() {
        return Ok(Outcome::SomeSkipped);
    }
    let lens = Lens::open(globals)?;
    let layer = lens.layer(arguments.layer.as_deref())?;
    let many = photographs.many;
    let mut values = Vec::new();
    let outcome = photographs.each(&lens.network().model.input, lens.crop, |source, prepared| {
        let trace = lens.network().forward(prepared.tensor(lens.network())?)?;
        let maps = lens.network().layer(&layer)?.output[0];
        let bar = if globals.quiet || many { ProgressBar::hidden() } else { progress(maps, "maps") };
        let tiles = Tile::all(&lens, &trace, &layer, arguments.rule, &bar)?;
        bar.finish_and_clear();
        let path = destination(arguments.output.as_deref(), many, source, &format!(".{layer}.mosaic.png"));
        write_picture(&path, sheet(&lens, prepared, &tiles, arguments))?;
        let silent = tiles.iter().filter(|tile| tile.seen.is_none()).count();
        let mut about = json!({ "layer": layer, "rule": arguments.rule.name(), "maps": tiles.len(), "silent": silent });
        if let Some(dump) = &arguments.dump {
            let path = destination(Some(dump), many, source, ".safetensors");
            let shown = [Shown::new(source, prepared)];
            dumped(trace.input.clone(), &tiles)?.write(&path, &lens, &shown, &about)?;
        }
        if !globals.json {
            let caption = say!(words(), "mosaicCaption", layer = layer, maps = tiles.len(), silent = silent);
            return Ok(Some(output::written(&path, &caption, globals.quiet)));
        }
        lens.sign(&mut about, source, prepared);
        about["picture"] = json!(path.to_string_lossy());
        about["units"] = tiles.iter().map(Tile::describe).collect();
        values.push(about);
        Ok(None)
    })?;
    if globals.json {
        output::json(values, many)?;
    }
    Ok(outcome)
}

/// One map's strongest unit.
struct Tile {
    answer: Answer,
    /// What the unit sees; all of a layer are equally large, so it may reach outside the input.
    view: View,
    /// The projection there; `None` for a silent map.
    seen: Option<zfnet::deconvnet::tile::Tile>,
}

impl Tile {
    /// Projects every map's strongest unit, in the order of the maps.
    fn all(
        lens: &Lens,
        trace: &Trace,
        layer: &str,
        rule: Rule,
        bar: &ProgressBar,
    ) -> anyhow::Result<Vec<Self>> {
        let network = lens.network();
        let field = network.layer(layer)?.field;
        let answers = wait(trace.strongest(0, &[layer]))?.swap_remove(0);
        let silent = |answer: Answer| Self {
            answer,
            view: View::of_unit(field, [answer.unit.row, answer.unit.col], lens.frame()),
            seen: None,
        };
        let mut all: Vec<Self> = answers.into_iter().map(silent).collect();
        let mut loud: Vec<&mut Self> = { all.iter_mut() }
            .filter(|tile| tile.answer.activation > 0.0)
            .collect();
        bar.set_length(loud.len() as u64);
        for batch in loud.chunks_mut(BATCH) {
            let units: Vec<_> = batch.iter().map(|tile| tile.answer.unit.into()).collect();
            let found = wait(tiles(network, trace, 0, layer, &units, rule.engine()))?;
            for (tile, found) in batch.iter_mut().zip(found) {
                tile.seen = Some(found);
            }
            bar.inc(batch.len() as u64);
        }
        Ok(all)
    }

    fn describe(&self) -> Value {
        let unit: [usize; 3] = self.answer.unit.into();
        json!({ "unit": unit, "activation": self.answer.activation, "silent": self.seen.is_none() })
    }
}

/// All tiles in one picture, the patches beside them if they are wanted.
fn sheet(lens: &Lens, prepared: &Prepared, tiles: &[Tile], arguments: &Arguments) -> Picture {
    let input = &lens.network().model.input;
    let mut order: Vec<&Tile> = tiles.iter().collect();
    if arguments.sort == Sort::Strength {
        order.sort_by(|a, b| b.answer.activation.total_cmp(&a.answer.activation));
    }
    let shared = (arguments.scale == Scale::Shared).then(|| {
        let scales = tiles.iter().filter_map(|tile| tile.seen.as_ref());
        scales.fold(f32::MIN_POSITIVE, |most, seen| most.max(seen.scale()))
    });
    let sheet = |draw: &dyn Fn(&zfnet::deconvnet::tile::Tile) -> Picture| {
        let drawn = order.iter().map(|tile| {
            let size = tile.view.shape();
            let picture = tile.seen.as_ref().map_or_else(|| plain(size), draw);
            picture.magnified(zoom_to(size, SIDE))
        });
        rendering::mosaic(&drawn.collect::<Vec<_>>(), GAP, PAPER)
    };
    let stretch = arguments.stretch.engine();
    let projections = sheet(&|seen| seen.draw(input, stretch, shared).0);
    if !arguments.patches {
        return projections;
    }
    let patches = sheet(&|seen| seen.patch(prepared, input));
    rendering::grid(&[projections, patches], 2, 4 * GAP, PAPER)
}

fn plain([height, width]: [usize; 2]) -> Picture {
    Picture {
        width,
        height,
        rgba: GREY.repeat(width * height),
    }
}

fn dumped(input: Tensor<4>, tiles: &[Tile]) -> anyhow::Result<Dump> {
    let [_, channels, ..] = input.dims();
    let mut dump = Dump::of_input(input)?;
    let [rows, cols] = tiles.first().map_or([0, 0], |tile| tile.view.shape());
    let size = channels * rows * cols;
    let values: Vec<f32> = tiles
        .iter()
        .flat_map(|tile| match &tile.seen {
            Some(seen) => seen.values.clone(),
            None => vec![0.0; size],
        })
        .collect();
    dump.floats("projections", &[tiles.len(), channels, rows, cols], &values);
    let units: Vec<i32> = tiles
        .iter()
        .flat_map(|tile| <[usize; 3]>::from(tile.answer.unit))
        .map(|at| at as i32)
        .collect();
    dump.integers("units", &[tiles.len(), 3], &units);
    let activations: Vec<f32> = tiles.iter().map(|tile| tile.answer.activation).collect();
    dump.floats("activations", &[tiles.len()], &activations);
    let corners: Vec<i32> = tiles
        .iter()
        .flat_map(|tile| [tile.view.top as i32, tile.view.left as i32])
        .collect();
    dump.integers("corners", &[tiles.len(), 2], &corners);
    Ok(dump)
}
