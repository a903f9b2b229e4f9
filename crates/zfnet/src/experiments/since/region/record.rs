//! What answers in a region written down.

use serde_json::{Map, Value, json};

use super::{Answering, Compared, Found, Level};
use crate::experiments::shared::record::{Numbers, Record, Table, fields};
use crate::network::model::ClassName;

impl Record for Answering {
    fn about(&self) -> Map<String, Value> {
        let found = |found: &Found| {
            let (compared, answer) = (found.compared, found.strongest);
            json!({
                "map": answer.unit.map,
                "correlation": compared.correlation,
                "inside": compared.inside,
                "outside": compared.outside,
                "row": answer.unit.row,
                "col": answer.unit.col,
                "activation": answer.activation,
            })
        };
        let level = |level: &Level| {
            let found: Vec<Value> = level.found.iter().map(found).collect();
            json!({ "layer": level.layer, "maps": level.maps.len(), "found": found })
        };
        let layers: Vec<Value> = self.layers.iter().map(level).collect();
        fields(&json!({ "region": self.region, "layers": layers }))
    }

    fn numbers(&self, _classes: &[ClassName]) -> Map<String, Value> {
        self.about()
    }

    /// A row for each map that is named.
    fn table(&self, _classes: &[ClassName]) -> Table {
        let head = ["layer", "rank", "map", "correlation", "inside", "outside"];
        let more = ["row", "col", "activation"];
        let rows = self.layers.iter().flat_map(|level| {
            level.found.iter().enumerate().map(|(rank, found)| {
                let (compared, answer) = (found.compared, found.strongest);
                vec![
                    level.layer.clone(),
                    rank.to_string(),
                    answer.unit.map.to_string(),
                    compared.correlation.to_string(),
                    compared.inside.to_string(),
                    compared.outside.to_string(),
                    answer.unit.row.to_string(),
                    answer.unit.col.to_string(),
                    answer.activation.to_string(),
                ]
            })
        });
        Table::new(head.into_iter().chain(more)).with(rows)
    }

    /// Of each layer what all its maps answer, and the strongest units of those that are named.
    fn tensors(&self) -> Vec<Numbers> {
        let level = |level: &Level| {
            let called = |tensor: &str| format!("{}.{tensor}", level.layer);
            let of = |number: fn(&Compared) -> f64| {
                level
                    .maps
                    .iter()
                    .map(move |map| number(map) as f32)
                    .collect()
            };
            let (maps, found) = (level.maps.len(), level.found.len());
            let units = level.found.iter();
            let units = units.flat_map(|found| <[usize; 3]>::from(found.strongest.unit));
            [
                Numbers::floats(called("correlation"), &[maps], of(|map| map.correlation)),
                Numbers::floats(called("inside"), &[maps], of(|map| map.inside)),
                Numbers::floats(called("outside"), &[maps], of(|map| map.outside)),
                Numbers::indices(called("units"), &[found, 3], units.map(Some)),
            ]
        };
        self.layers.iter().flat_map(level).collect()
    }
}
