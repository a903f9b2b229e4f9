//! What is written down beside the figure: JSON, a caption, tensors.

use serde_json::{Map, Value, json};
use zfnet::Prepared;
use zfnet::geometry::view::View;
use zfnet_figures::experiments::evolution::epoch_in_words;
use zfnet_words::say;

use super::growth::{Growth, Tile};
use super::history::History;
use crate::dump::Dump;
use crate::language::words;
use crate::lens::Lens;
use crate::options::Rule;

/// All numbers but the pixels.
pub(super) fn about(
    lens: &Lens,
    history: &History,
    growth: &Growth,
    whites: &[Vec<f32>],
    rule: Rule,
) -> Value {
    let unit = |(tile, white): (&Tile, &f32)| {
        let unit: [usize; 3] = tile.answer.unit.into();
        json!({
            "unit": unit,
            "activation": tile.answer.activation,
            "silent": tile.is_silent(),
            "scale": white,
        })
    };
    let stages = history.checkpoints().iter().zip(&growth.stages).zip(whites);
    let checkpoints = stages.map(|((checkpoint, stage), whites)| {
        let answers = stage.moved.as_ref().map(|moved| {
            let layers = lens.network().convolutions().into_iter();
            let moved = layers
                .zip(moved)
                .map(|(layer, moved)| (layer.into(), json!(moved)));
            moved.collect::<Map<String, Value>>()
        });
        json!({
            "epoch": checkpoint.epoch,
            "pictures": checkpoint.pictures,
            "top_1": checkpoint.top_1,
            "moved": { "weights": checkpoint.moved, "activations": answers },
            "units": stage.tiles.iter().zip(whites).map(unit).collect::<Vec<_>>(),
        })
    });
    let maps = growth.subjects.iter();
    json!({
        "rule": rule.name(),
        "maps": maps.map(|subject| json!({ "layer": subject.layer, "map": subject.map })).collect::<Vec<_>>(),
        "checkpoints": checkpoints.collect::<Vec<_>>(),
    })
}

/// What the figure shows.
pub(super) fn caption(history: &History, growth: &Growth) -> String {
    let mut rows = String::new();
    let mut layer = "";
    for subject in &growth.subjects {
        match subject.layer == layer {
            true => rows.push_str(&format!(", {}", subject.map)),
            false => {
                let between = if layer.is_empty() { "" } else { "; " };
                rows.push_str(between);
                let (layer, map) = (&subject.layer, subject.map);
                rows.push_str(&say!(words(), "mapOfLayer", layer = layer, map = map));
            }
        }
        layer = &subject.layer;
    }
    let epochs = history.checkpoints().iter();
    let epochs: Vec<String> = epochs.map(|point| epoch_in_words(point.epoch)).collect();
    say!(
        words(),
        "evolutionCaption",
        maps = rows,
        epochs = epochs.join(", ")
    )
}

pub(super) fn dumped(
    lens: &Lens,
    history: &History,
    prepared: &Prepared,
    growth: &Growth,
) -> anyhow::Result<Dump> {
    let input = prepared.tensor(lens.network())?;
    let shape = input.dims();
    let mut dump = Dump::of_input(input)?;
    for (checkpoint, stage) in history.checkpoints().iter().zip(&growth.stages) {
        for (subject, tile) in growth.subjects.iter().zip(&stage.tiles) {
            let mut name = format!("projection.{}", checkpoint.epoch);
            if growth.subjects.len() > 1 {
                name.push_str(&format!(".{}.{}", subject.layer, subject.map));
            }
            let whole = tile.seen.cut(View::whole(lens.frame()));
            dump.floats(&name, &shape[1..], &whole.values);
        }
    }
    Ok(dump)
}
