//! The winners written down.

use serde_json::{Map, Value, json};

use super::{Top, Watched};
use crate::experiments::shared::record::{Numbers, Record, Table, fields};
use crate::network::model::ClassName;

impl Record for Top {
    fn about(&self) -> Map<String, Value> {
        let layers = self.layers.iter().map(|watched| &watched.layer);
        fields(&json!({ "count": self.count, "layers": layers.collect::<Vec<_>>() }))
    }

    /// The layers in short; who has won is in the table and in the tensors.
    fn numbers(&self, _classes: &[ClassName]) -> Map<String, Value> {
        let layer = |watched: &Watched| {
            json!({
                "layer": watched.layer,
                "maps": watched.maps.len(),
                "silent": watched.silent(),
            })
        };
        let layers: Vec<Value> = self.layers.iter().map(layer).collect();
        fields(&json!({ "count": self.count, "layers": layers }))
    }

    /// A row for each winner.
    fn table(&self, _classes: &[ClassName]) -> Table {
        let head = [
            "layer",
            "map",
            "rank",
            "picture",
            "row",
            "col",
            "activation",
        ];
        let rows = self.layers.iter().flat_map(|watched| {
            let maps = watched.maps.iter().enumerate();
            maps.flat_map(move |(map, winners)| {
                winners.iter().enumerate().map(move |(rank, winner)| {
                    vec![
                        watched.layer.clone(),
                        map.to_string(),
                        rank.to_string(),
                        winner.picture.to_string(),
                        winner.row.to_string(),
                        winner.col.to_string(),
                        winner.activation.to_string(),
                    ]
                })
            })
        });
        Table::new(head).with(rows)
    }

    /// Of each layer what [`Watched::places`] says.
    fn tensors(&self) -> Vec<Numbers> {
        let layer = |watched: &Watched| {
            let called = |tensor: &str| format!("{}.{tensor}", watched.layer);
            let (maps, count) = (watched.maps.len(), self.count);
            let (activations, units) = watched.places(count);
            [
                Numbers::floats(called("activation"), &[maps, count], activations),
                Numbers::integers(called("unit"), &[maps, count, 3], units),
            ]
        };
        self.layers.iter().flat_map(layer).collect()
    }
}

impl Watched {
    /// Maps that no picture reached.
    pub fn silent(&self) -> usize {
        let maps = self.maps.iter();
        maps.filter(|winners| winners.is_empty()).count()
    }

    /// The winners as tables with `count` places for each map, the strongest first: activations `[maps, count]`, and of each
    /// `[maps, count, 3]` picture, row and column; 0 and -1 where nobody has won.
    pub fn places(&self, count: usize) -> (Vec<f32>, Vec<i32>) {
        let places = self.maps.len() * count;
        let (mut activations, mut units) = (vec![0.0; places], vec![-1; places * 3]);
        for (map, winners) in self.maps.iter().enumerate() {
            for (rank, winner) in winners.iter().take(count).enumerate() {
                let at = map * count + rank;
                activations[at] = winner.activation;
                let place = [winner.picture, winner.row, winner.col];
                units[at * 3..at * 3 + 3].copy_from_slice(&place.map(|value| value as i32));
            }
        }
        (activations, units)
    }
}
