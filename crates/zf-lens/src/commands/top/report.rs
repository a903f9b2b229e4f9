//! What is said of a gallery: its numbers as safetensors, its summary as JSON, its caption.

use std::path::Path;

use serde_json::{Value, json};
use zfnet::analysis::top::{Gallery, Layer, Top};

use crate::commands::Lens;
use crate::dump::Dump;

/// The winners as tensors; see the help.
pub(super) fn dumped(top: &Top) -> Dump {
    let mut dump = Dump::default();
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
    dump
}

/// The settings and the names of all photographs, for the metadata of a dump.
pub(super) fn about(gallery: &Gallery, names: &[String]) -> Value {
    let layers = gallery.layers.iter();
    json!({
        "network": gallery.network,
        "features_sha256": gallery.features_sha256,
        "layers": layers.map(|layer| &layer.layer).collect::<Vec<_>>(),
        "count": gallery.count,
        "pictures": gallery.pictures,
        "skipped": gallery.skipped,
        "photographs": names,
    })
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
    format!(
        "the {} strongest of {} photographs for {maps} maps, {silent} silent",
        gallery.count, gallery.pictures
    )
}
