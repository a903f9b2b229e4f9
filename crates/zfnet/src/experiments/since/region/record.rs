//! What answers in a region written down.

use serde::Serialize;
use serde_json::{Map, Value};
use zfnet_typescript::TypeScript;

use super::{Answering, Compared, Found, Level};
use crate::experiments::shared::record::{Numbers, Record, Table, fields};
use crate::network::model::ClassName;

/// A layer, how many maps it has, and those that answer more inside, the highest correlation first.
#[derive(Debug, Clone, PartialEq, Serialize, TypeScript)]
#[serde(rename = "RegionLayer")]
pub struct LayerFound<'a> {
    /// The layer.
    pub layer: &'a str,
    /// Maps that it has.
    pub maps: usize,
    /// Those that answer more inside.
    pub found: Vec<MapFound>,
}

/// A map that answers more inside, and its strongest unit there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TypeScript)]
#[serde(rename = "RegionFound")]
pub struct MapFound {
    /// The map.
    pub map: usize,
    /// From -1 to 1.
    pub correlation: f64,
    /// Mean over the pixels of the region.
    pub inside: f64,
    /// Mean over all others.
    pub outside: f64,
    /// Of the strongest unit.
    pub row: usize,
    /// Likewise.
    pub col: usize,
    /// Its answer.
    pub activation: f32,
}

impl From<&Found> for MapFound {
    fn from(found: &Found) -> Self {
        let (compared, answer) = (found.compared, found.strongest);
        Self {
            map: answer.unit.map,
            correlation: compared.correlation,
            inside: compared.inside,
            outside: compared.outside,
            row: answer.unit.row,
            col: answer.unit.col,
            activation: answer.activation,
        }
    }
}

impl Answering {
    /// The layers as they are written down.
    pub fn found(&self) -> Vec<LayerFound<'_>> {
        let layers = self.layers.iter().map(|level| LayerFound {
            layer: &level.layer,
            maps: level.maps,
            found: level.found.iter().map(MapFound::from).collect(),
        });
        layers.collect()
    }
}

impl Record for Answering {
    fn about(&self) -> Map<String, Value> {
        fields(self)
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
                    .compared
                    .iter()
                    .map(move |map| number(map) as f32)
                    .collect()
            };
            let (maps, found) = (level.maps, level.found.len());
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
