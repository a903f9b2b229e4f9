//! The table of scores written down.

use serde_json::{Map, Value, json};

use super::{Correspondence, LayerScores, Score};
use crate::experiments::shared::record::{Numbers, Record, Table, cell, fields};
use crate::network::model::ClassName;

impl Record for Correspondence {
    fn about(&self) -> Map<String, Value> {
        Map::new()
    }

    fn numbers(&self, _classes: &[ClassName]) -> Map<String, Value> {
        let layer = |layer: &LayerScores| {
            let scores = self.names.iter().zip(&layer.parts).zip(&layer.random);
            let score =
                |((name, own), random)| json!({ "part": name, "delta": own, "random": random });
            json!({ "layer": layer.layer, "parts": scores.map(score).collect::<Vec<_>>() })
        };
        let layers: Vec<Value> = self.layers.iter().map(layer).collect();
        fields(&json!({ "layers": layers }))
    }

    /// A row for each part in each layer.
    fn table(&self, _classes: &[ClassName]) -> Table {
        let head = [
            "layer",
            "part",
            "delta",
            "spread",
            "random",
            "random_spread",
        ];
        let numbers = |score: Option<Score>| {
            [score.map(|it| it.mean), score.and_then(|it| it.spread)].map(cell)
        };
        let rows = self.layers.iter().flat_map(|layer| {
            self.names.iter().enumerate().map(move |(at, name)| {
                let mut row = vec![layer.layer.clone(), name.clone()];
                row.extend(numbers(layer.parts[at]));
                row.extend(numbers(layer.random[at]));
                row
            })
        });
        Table::new(head).with(rows)
    }

    /// Of each layer the signs of each part, and the scores; not a number where there is none.
    fn tensors(&self) -> Vec<Numbers> {
        let mut tensors = Vec::new();
        for layer in &self.layers {
            for (part, signs) in self.names.iter().zip(&layer.signs) {
                let units = signs.first().map_or(0, Vec::len);
                let values = signs.iter().flatten().map(|sign| i32::from(*sign));
                let name = format!("sign.{}.{part}", layer.layer);
                tensors.push(Numbers::integers(
                    name,
                    &[signs.len(), units],
                    values.collect(),
                ));
            }
            for (name, scores) in [("delta", &layer.parts), ("random", &layer.random)] {
                let mean = |score: &Option<Score>| score.map_or(f32::NAN, |score| score.mean);
                let spread = |score: &Option<Score>| {
                    score.and_then(|score| score.spread).unwrap_or(f32::NAN)
                };
                let count = [self.names.len()];
                tensors.extend([
                    Numbers::floats(
                        format!("{name}.{}", layer.layer),
                        &count,
                        scores.iter().map(mean).collect(),
                    ),
                    Numbers::floats(
                        format!("{name}_spread.{}", layer.layer),
                        &count,
                        scores.iter().map(spread).collect(),
                    ),
                ]);
            }
        }
        tensors
    }
}
