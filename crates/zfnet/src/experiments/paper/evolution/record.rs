//! The growth of features written down.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::growth::{FeatureMap, Growth, Seen, Stage};
use crate::experiments::shared::record::{Numbers, Record, Table, cell, fields};
use crate::geometry::view::View;
use crate::network::model::ClassName;

impl Record for Growth {
    fn about(&self) -> Map<String, Value> {
        let stages = self.stages.iter().map(|stage| self.stage(stage));
        let mut about = fields(&self.settings);
        about.insert("checkpoints".into(), stages.collect());
        about
    }

    fn numbers(&self, _classes: &[ClassName]) -> Map<String, Value> {
        self.about()
    }

    /// A row for each map in each checkpoint; the shares by which the layers moved stand in columns of their own.
    fn table(&self, _classes: &[ClassName]) -> Table {
        let weights = self.layers(|stage| Some(&stage.checkpoint.moved));
        let answers = self.layers(|stage| stage.moved.as_ref());
        let mut table = Table::new([
            "epoch",
            "pictures",
            "top_1",
            "layer",
            "map",
            "row",
            "col",
            "activation",
            "scale",
            "largest",
        ]);
        let columns = weights.iter().map(|layer| format!("weights_moved_{layer}"));
        table.head.extend(columns);
        let columns = { answers.iter() }.map(|layer| format!("activations_moved_{layer}"));
        table.head.extend(columns);
        let rows = self.stages.iter().flat_map(|stage| {
            let weights = { weights.iter() }.map(|layer| cell(stage.checkpoint.moved.get(*layer)));
            let moved = |layer: &str| stage.moved.as_ref()?.get(layer);
            let answers = answers.iter().map(|layer| cell(moved(layer)));
            let shares: Vec<String> = weights.chain(answers).collect();
            let units = self.settings.maps.iter().zip(&stage.units);
            let units = units.zip(self.whites(stage));
            let rows = units.map(|((map, seen), white)| {
                let mut row = row(stage, map, seen, white);
                row.extend_from_slice(&shares);
                row
            });
            rows.collect::<Vec<_>>()
        });
        table.with(rows)
    }

    /// The whole projection of each map in each checkpoint, under the checkpoint's epoch, and where several maps were followed
    /// under layer and map too.
    fn tensors(&self) -> Vec<Numbers> {
        let maps = &self.settings.maps;
        let [rows, cols] = self.frame;
        let units = self.stages.iter().flat_map(|stage| {
            maps.iter().zip(&stage.units).map(|(map, seen)| {
                let epoch = stage.checkpoint.epoch;
                let name = match maps.len() {
                    1 => format!("projection.{epoch}"),
                    _ => format!("projection.{epoch}.{}.{}", map.layer, map.map),
                };
                let whole = seen.tile.cut(View::whole(self.frame)).values;
                Numbers::floats(
                    name,
                    &[whole.len() / (rows * cols).max(1), rows, cols],
                    whole,
                )
            })
        });
        units.collect()
    }
}

impl Growth {
    fn stage(&self, stage: &Stage) -> Value {
        let unit = |(seen, white): (&Seen, f32)| {
            let unit: [usize; 3] = seen.answer.unit.into();
            json!({
                "unit": unit,
                "activation": seen.answer.activation,
                "silent": seen.is_silent(),
                "scale": white,
                "window": seen.tile.view,
                "largest": largest(seen),
            })
        };
        let units = stage.units.iter().zip(self.whites(stage)).map(unit);
        let checkpoint = &stage.checkpoint;
        json!({
            "epoch": checkpoint.epoch,
            "pictures": checkpoint.pictures,
            "file": checkpoint.path,
            "bytes": checkpoint.bytes,
            "sha256": checkpoint.sha256,
            "top_1": checkpoint.top_1,
            "moved": { "weights": checkpoint.moved, "activations": stage.moved },
            "units": units.collect::<Vec<_>>(),
        })
    }

    /// The layers whose movement is known in any checkpoint.
    fn layers<'a>(
        &'a self,
        moved: impl Fn(&'a Stage) -> Option<&'a BTreeMap<String, f32>>,
    ) -> BTreeSet<&'a str> {
        let stages = self.stages.iter().filter_map(moved);
        stages.flatten().map(|(layer, _)| layer.as_str()).collect()
    }
}

/// The largest magnitude of a projection.
fn largest(seen: &Seen) -> f32 {
    let values = seen.tile.values.iter();
    values.fold(0.0, |most, value| most.max(value.abs()))
}

fn row(stage: &Stage, of: &FeatureMap, seen: &Seen, white: f32) -> Vec<String> {
    let checkpoint = &stage.checkpoint;
    vec![
        checkpoint.epoch.to_string(),
        checkpoint.pictures.to_string(),
        cell(checkpoint.top_1),
        of.layer.clone(),
        of.map.to_string(),
        seen.answer.unit.row.to_string(),
        seen.answer.unit.col.to_string(),
        seen.answer.activation.to_string(),
        white.to_string(),
        largest(seen).to_string(),
    ]
}
