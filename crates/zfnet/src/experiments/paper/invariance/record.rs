//! Curves of invariance written down.

use serde_json::{Map, Value, json};

use super::{Curve, Invariance, Sweeps, Transformation};
use crate::experiments::shared::record::{Numbers, Record, Table, cell, class, class_name, fields};
use crate::network::model::ClassName;

impl Record for Invariance {
    fn about(&self) -> Map<String, Value> {
        fields(&json!({
            "transformation": self.transformation,
            "parameters": self.parameters,
            "class": self.class,
        }))
    }

    fn numbers(&self, classes: &[ClassName]) -> Map<String, Value> {
        let curve = |curve: &Curve| {
            json!({
                "layer": curve.layer,
                "norm": curve.norm,
                "distance": curve.distance,
                "relative": curve.relative(),
            })
        };
        let mut numbers = self.about();
        numbers.extend(fields(&json!({
            "class": self.class.map(|at| class(classes, at)),
            "layers": self.layers.iter().map(curve).collect::<Vec<_>>(),
            "probability": self.probability,
        })));
        numbers
    }

    /// A row for each parameter.
    fn table(&self, classes: &[ClassName]) -> Table {
        let measured =
            |curve: &Curve| ["distance", "relative"].map(|what| format!("{what}.{}", curve.layer));
        let names: Vec<String> = self.layers.iter().flat_map(measured).collect();
        let head = ["transformation", "parameter"].into_iter();
        let head = head.chain(names.iter().map(String::as_str)).chain([
            "probability",
            "class",
            "class_name",
        ]);
        let known = |value: f32| cell((!value.is_nan()).then_some(value));
        let relative: Vec<Vec<f32>> = self.layers.iter().map(Curve::relative).collect();
        let rows = self.parameters.iter().enumerate().map(|(at, parameter)| {
            let mut row = vec![self.transformation.name().to_owned(), parameter.to_string()];
            for (curve, relative) in self.layers.iter().zip(&relative) {
                row.extend([curve.distance[at], relative[at]].map(known));
            }
            row.push(
                self.probability
                    .as_ref()
                    .map_or_else(String::new, |values| known(values[at])),
            );
            row.push(cell(self.class));
            row.push(cell(self.class.and_then(|at| class_name(classes, at))));
            row
        });
        Table::new(head).with(rows)
    }

    fn tensors(&self) -> Vec<Numbers> {
        let points = [self.parameters.len()];
        let kind = Transformation::ALL
            .iter()
            .position(|kind| *kind == self.transformation);
        let mut tensors = vec![
            Numbers::floats("parameter", &points, self.parameters.clone()),
            Numbers::indices("transformation", &points, vec![kind; points[0]]),
        ];
        for Curve {
            layer,
            norm,
            distance,
        } in &self.layers
        {
            tensors.extend([
                Numbers::floats(format!("distance.{layer}"), &points, distance.clone()),
                Numbers::floats(format!("norm.{layer}"), &[1], vec![*norm]),
            ]);
        }
        if let Some(probability) = &self.probability {
            tensors.push(Numbers::floats("probability", &points, probability.clone()));
        }
        tensors
    }
}

/// One transformation after the other.
impl Record for Sweeps {
    fn about(&self) -> Map<String, Value> {
        fields(&json!({
            "class": self.found.first().and_then(|found| found.class),
            "sweeps": self.settings,
        }))
    }

    fn numbers(&self, classes: &[ClassName]) -> Map<String, Value> {
        let all = self.found.iter().map(|found| found.numbers(classes));
        fields(&json!({ "transformations": all.collect::<Vec<_>>() }))
    }

    fn table(&self, classes: &[ClassName]) -> Table {
        Table::joined(self.found.iter().map(|found| found.table(classes)))
    }

    fn tensors(&self) -> Vec<Numbers> {
        Numbers::joined(self.found.iter().map(Record::tensors))
    }
}
