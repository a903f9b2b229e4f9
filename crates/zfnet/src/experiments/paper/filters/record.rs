//! Filters written down.

use serde_json::{Map, Value, json};

use super::{Filter, Filters};
use crate::experiments::shared::record::{Numbers, Record, Table, cell, fields};
use crate::network::model::ClassName;

impl Record for Filters {
    fn about(&self) -> Map<String, Value> {
        fields(&json!({
            "layer": self.layer,
            "shape": self.shape,
            "stride": self.stride,
            "mixture": self.mixture,
        }))
    }

    fn numbers(&self, _classes: &[ClassName]) -> Map<String, Value> {
        fields(self)
    }

    /// A row for each filter; what it does not have is empty.
    fn table(&self, _classes: &[ClassName]) -> Table {
        let head = [
            "filter",
            "rms",
            "weak",
            "silent",
            "frequency",
            "low",
            "between",
            "high",
        ];
        let more = ["aliasing", "strongest", "aliasing_on_pictures"];
        let rows = self.filters.iter().enumerate().map(|(at, filter)| {
            let [low, between, high] =
                [0, 1, 2].map(|at| cell(filter.bands.map(|bands| bands[at])));
            vec![
                at.to_string(),
                filter.rms.to_string(),
                filter.weak.to_string(),
                cell(filter.silent()),
                cell(filter.frequency),
                low,
                between,
                high,
                cell(filter.aliasing),
                cell(filter.strongest),
                cell(filter.aliasing_on_pictures),
            ]
        });
        Table::new(head.into_iter().chain(more)).with(rows)
    }

    /// A value for each filter; not a number for what it does not have.
    fn tensors(&self) -> Vec<Numbers> {
        let count = self.filters.len();
        let column = |name: &str, value: &dyn Fn(&Filter) -> Option<f64>| {
            let values = self.filters.iter();
            let values = values.map(|filter| value(filter).map_or(f32::NAN, |value| value as f32));
            Numbers::floats(name, &[count], values.collect())
        };
        let bands = self.filters.iter().flat_map(|filter| {
            let bands = filter.bands.map(|bands| bands.map(|share| share as f32));
            bands.unwrap_or([f32::NAN; 3])
        });
        vec![
            column("rms", &|filter| Some(filter.rms)),
            column("frequency", &|filter| filter.frequency),
            column("aliasing", &|filter| filter.aliasing),
            column("strongest", &|filter| filter.strongest.map(f64::from)),
            column("aliasing_on_pictures", &|filter| {
                filter.aliasing_on_pictures
            }),
            Numbers::floats("bands", &[count, 3], bands.collect()),
        ]
    }
}
