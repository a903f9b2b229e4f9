//! An occlusion written down.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use zfnet_typescript::TypeScript;

use super::{Classified, Occlusion, Seen, Settings};
use crate::experiments::shared::order::coarse_first;
use crate::experiments::shared::record::{
    Numbers, Record, Table, cell, class, class_name, fields, rows,
};
use crate::network::model::ClassName;
use crate::pictures::rendering::{OTHER, PALETTE};

/// A class that is the most probable somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TypeScript)]
#[serde(rename = "OcclusionEntry")]
pub struct Entry {
    /// The class.
    pub class: usize,
    /// In how many places of the grid.
    pub positions: usize,
    /// Red, green and blue that it is drawn in.
    pub colour: [u8; 3],
}

impl Occlusion {
    /// The classes that are the most probable somewhere, the most frequent first.
    ///
    /// A colour belongs to a class from the moment that it comes, so that none changes while the grid fills.
    pub fn legend(&self) -> Vec<Entry> {
        let [rows, cols] = self.grid;
        let order = coarse_first(rows, cols).into_iter().flatten();
        let seen = order.filter_map(|[row, col]| self.seen[row * cols + col]);
        let labels = seen.filter_map(|seen| Some(seen.class?.label));
        let mut order: Vec<usize> = self
            .uncovered
            .class
            .iter()
            .map(|class| class.label)
            .collect();
        let mut positions: BTreeMap<usize, usize> = BTreeMap::new();
        for label in labels {
            if !order.contains(&label) {
                order.push(label);
            }
            *positions.entry(label).or_default() += 1;
        }
        let colours = PALETTE.into_iter().chain(std::iter::repeat(OTHER));
        let entry = |(class, colour)| {
            let positions = *positions.get(&class)?;
            Some(Entry {
                class,
                positions,
                colour,
            })
        };
        let mut legend: Vec<_> = order.into_iter().zip(colours).filter_map(entry).collect();
        legend.sort_by_key(|entry| std::cmp::Reverse(entry.positions));
        legend
    }
}

/// An occlusion as it was written down.
#[derive(Deserialize)]
pub(super) struct Written {
    #[serde(flatten)]
    settings: Settings,
    layer: String,
    map: usize,
    class: Option<usize>,
    grid: [usize; 2],
    uncovered: Seen,
    positions: Vec<[usize; 2]>,
    activity: Vec<Vec<Option<f32>>>,
    #[serde(default)]
    probability: Vec<Vec<Option<f32>>>,
    #[serde(default)]
    label: Vec<Vec<Option<usize>>>,
}

impl From<Written> for Occlusion {
    fn from(written: Written) -> Self {
        let mut probability = written.probability.into_iter().flatten();
        let mut label = written.label.into_iter().flatten();
        let activity = written.activity.into_iter().flatten();
        let seen = activity.map(|activity| {
            let said = probability.next().flatten().zip(label.next().flatten());
            let class = said.map(|(probability, label)| Classified { probability, label });
            activity.map(|activity| Seen { activity, class })
        });
        Self {
            seen: seen.collect(),
            settings: Settings {
                layer: Some(written.layer.clone()),
                map: Some(written.map),
                class: written.class,
                ..written.settings
            },
            layer: written.layer,
            map: written.map,
            class: written.class,
            uncovered: written.uncovered,
            grid: written.grid,
            positions: written.positions,
        }
    }
}

impl Record for Occlusion {
    fn about(&self) -> Map<String, Value> {
        let mut about = fields(&self.settings);
        about.extend(fields(&json!({
            "layer": self.layer,
            "map": self.map,
            "class": self.class,
            "grid": self.grid,
            "uncovered": self.uncovered,
        })));
        about
    }

    fn numbers(&self, classes: &[ClassName]) -> Map<String, Value> {
        let cols = self.grid[1];
        let mut numbers = self.about();
        numbers.extend(fields(&json!({
            "watched": self.class.map(|at| class(classes, at)),
            "positions": self.positions,
            "activity": rows(&self.activity(), cols),
        })));
        if self.class.is_some() {
            let entry = |entry: Entry| {
                let [red, green, blue] = entry.colour;
                json!({
                    "class": class(classes, entry.class),
                    "positions": entry.positions,
                    "colour": format!("#{red:02x}{green:02x}{blue:02x}"),
                })
            };
            numbers.extend(fields(&json!({
                "probability": rows(&self.probability(), cols),
                "label": rows(&self.label(), cols),
                "legend": self.legend().into_iter().map(entry).collect::<Vec<_>>(),
            })));
        }
        numbers
    }

    /// A row for each place of the square.
    fn table(&self, classes: &[ClassName]) -> Table {
        let head = [
            "top",
            "left",
            "activity",
            "probability",
            "label",
            "label_name",
        ];
        let rows = self
            .positions
            .iter()
            .zip(&self.seen)
            .map(|([top, left], seen)| {
                let said = seen.and_then(|seen| seen.class);
                vec![
                    top.to_string(),
                    left.to_string(),
                    cell(seen.map(|seen| seen.activity)),
                    cell(said.map(|said| said.probability)),
                    cell(said.map(|said| said.label)),
                    cell(said.and_then(|said| class_name(classes, said.label))),
                ]
            });
        Table::new(head).with(rows)
    }

    fn tensors(&self) -> Vec<Numbers> {
        let corners = self.positions.iter().flatten().copied().map(Some);
        let mut tensors = vec![
            Numbers::indices("positions", &[self.positions.len(), 2], corners),
            Numbers::floats("activity", &self.grid, self.activity()),
        ];
        if self.class.is_some() {
            tensors.extend([
                Numbers::floats("probability", &self.grid, self.probability()),
                Numbers::indices("label", &self.grid, self.label()),
            ]);
        }
        tensors
    }
}
