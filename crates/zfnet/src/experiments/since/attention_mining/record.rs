//! What is attended to, written down.

use serde_json::{Map, Value, json};

use super::{Attended, Said};
use crate::experiments::shared::order::first_largest;
use crate::experiments::shared::record::{Numbers, Record, Table, cell, class_name, fields};
use crate::network::model::ClassName;

impl Attended {
    /// Share of all pixels that is taken out.
    pub fn removed_share(&self) -> f64 {
        let sum: f64 = self.share.iter().copied().map(f64::from).sum();
        sum / self.share.len().max(1) as f64
    }

    /// Row and column of the most attention, the first of equals.
    pub fn strongest(&self) -> [usize; 2] {
        first_largest(&self.map, self.size[1])
    }
}

impl Record for Attended {
    fn about(&self) -> Map<String, Value> {
        fields(&json!({
            "before": self.before,
            "after": self.after,
            "removed": self.removed_share(),
            "strongest": self.strongest(),
        }))
    }

    fn numbers(&self, _classes: &[ClassName]) -> Map<String, Value> {
        self.about()
    }

    /// One row.
    fn table(&self, classes: &[ClassName]) -> Table {
        let head = [
            "class",
            "score_before",
            "score_after",
            "probability_before",
            "probability_after",
        ];
        let after = |number: fn(&Said) -> f32| cell(self.after.as_ref().map(number));
        Table::new(head.into_iter().chain(["removed", "class_name"])).with([vec![
            self.class.to_string(),
            self.before.score.to_string(),
            after(|said| said.score),
            self.before.probability.to_string(),
            after(|said| said.probability),
            self.removed_share().to_string(),
            cell(class_name(classes, self.class)),
        ]])
    }

    fn tensors(&self) -> Vec<Numbers> {
        let [rows, cols] = self.size;
        let channels = self.removed.len() / (rows * cols).max(1);
        vec![
            Numbers::floats("map", &self.size, self.map.clone()),
            Numbers::floats("share", &self.size, self.share.clone()),
            Numbers::floats("removed", &[channels, rows, cols], self.removed.clone()),
        ]
    }
}
