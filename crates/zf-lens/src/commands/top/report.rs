//! What is said of a part, and of a gallery: its numbers as safetensors, its summary as JSON, its caption.

use std::collections::HashSet;
use std::path::Path;

use burn::tensor::Tensor;
use serde_json::{Value, json};
use zfnet::experiments::paper::top::{Gallery, Layer, Top};
use zfnet_words::say;

use super::parts::Share;
use super::state::State;
use super::{Arguments, Set};
use crate::dump::{Dump, Shown};
use crate::globals::Globals;
use crate::language::words;
use crate::lens::Lens;
use crate::output;
use crate::photos::prepare;

/// Winners whose inputs are dumped, at most: a set may have as many as there are maps and ranks, which no memory holds.
const MOST: usize = 128;

/// The winners as tensors, and the photographs that entered `input`, in its order; see the help.
///
/// # Errors
/// When a winner can no longer be read, or the device fails.
pub(super) fn dumped(
    lens: &Lens,
    top: &Top,
    set: &Set,
    arguments: &Arguments,
) -> anyhow::Result<(Dump, Vec<Shown>)> {
    let network = lens.network();
    let (mut inputs, mut shown) = (Vec::new(), Vec::new());
    if !arguments.no_patches {
        for number in foremost(top) {
            let path = &set.paths[number];
            let prepared = prepare(path, &network.model.input, lens.crop)?;
            inputs.push(prepared.tensor(network)?);
            shown.push(Shown::at(path, &prepared));
        }
    }
    let mut dump = match inputs.is_empty() {
        true => Dump::default(),
        false => Dump::of_input(Tensor::cat(inputs, 0))?,
    };
    for watched in &top.layers {
        let (maps, count) = (watched.maps.len(), top.count);
        let mut activations = vec![0f32; maps * count];
        let mut units = vec![-1i32; maps * count * 3];
        for (map, winners) in watched.maps.iter().enumerate() {
            for (rank, winner) in winners.iter().enumerate() {
                let at = map * count + rank;
                activations[at] = winner.activation;
                let unit = [winner.picture, winner.row, winner.col];
                units[at * 3..at * 3 + 3].copy_from_slice(&unit.map(|value| value as i32));
            }
        }
        let name = |what: &str| format!("{}.{what}", watched.layer);
        dump.floats(&name("activation"), &[maps, count], &activations);
        dump.integers(&name("unit"), &[maps, count, 3], &units);
    }
    Ok((dump, shown))
}

/// Numbers of the photographs that have won, each once: first the strongest of every map of every layer, then the second
/// of every map, and so on, as far as there is room.
fn foremost(top: &Top) -> Vec<usize> {
    let mut taken = HashSet::new();
    let of_rank = |rank: usize| {
        let maps = top.layers.iter().flat_map(|watched| &watched.maps);
        maps.filter_map(move |winners| Some(winners.get(rank)?.picture))
    };
    (0..top.count)
        .flat_map(of_rank)
        .filter(|picture| taken.insert(*picture))
        .take(MOST)
        .collect()
}

/// The settings and the names of all photographs, for the metadata of a dump.
pub(super) fn about(gallery: &Gallery, set: &Set, state: &State, arguments: &Arguments) -> Value {
    let names = (!arguments.no_patches).then_some(&set.names);
    let inputs = (!arguments.no_patches).then(|| foremost(&state.top));
    let mut about = json!(state.conditions);
    about["rule"] = json!(gallery.rule);
    about["pictures"] = json!(gallery.pictures);
    about["skipped"] = json!(state.skipped);
    about["names"] = json!(names);
    about["inputs"] = json!(inputs);
    about
}

/// Says that one part of the photographs was looked through.
///
/// # Errors
/// When there is nobody to say it to.
pub(super) fn part(share: &Share, skipped: &[usize], globals: &Globals) -> anyhow::Result<()> {
    let count = share.photographs.len();
    match globals.json {
        true => {
            let found = json!({"part": share.file, "photographs": count, "skipped": skipped});
            output::json(vec![found], false)
        }
        false => {
            let text = say!(words(), "topPart", count = count);
            output::line(&output::written(&share.file, &text, globals.quiet))
        }
    }
}

/// Maps that no photograph reached.
fn silent(layer: &Layer) -> usize {
    layer
        .top
        .iter()
        .filter(|winners| winners.is_empty())
        .count()
}

/// The gallery in short, as JSON.
pub(super) fn summary(lens: &Lens, gallery: &Gallery, path: &Path) -> Value {
    let layers = gallery.layers.iter().map(|layer| {
        json!({
            "layer": layer.layer,
            "maps": layer.maps,
            "silent": silent(layer),
            "projections": layer.projections,
            "patches": layer.patches,
        })
    });
    json!({
        "gallery": path.to_string_lossy(),
        "network": gallery.network,
        "device": lens.device,
        "rule": gallery.rule,
        "count": gallery.count,
        "pictures": gallery.pictures,
        "skipped": gallery.skipped,
        "layers": layers.collect::<Vec<_>>(),
    })
}

/// The gallery in one line.
pub(super) fn caption(gallery: &Gallery) -> String {
    let (maps, silent) = gallery.layers.iter().fold((0, 0), |(maps, quiet), layer| {
        (maps + layer.maps, quiet + silent(layer))
    });
    say!(
        words(),
        "topCaption",
        count = gallery.count,
        photographs = gallery.pictures,
        maps = maps,
        silent = silent
    )
}
