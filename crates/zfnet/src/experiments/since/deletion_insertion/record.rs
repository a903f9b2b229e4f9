//! Deletion and insertion written down: the curves of one map, and those of several beside what each of them said.

use serde_json::{Map, Value, json};

use super::{DeletionInsertion, Metric, Settings};
use crate::experiments::shared::Experiment;
use crate::experiments::shared::record::{Numbers, Record, Table, cell, class, fields};
use crate::network::model::ClassName;

impl Record for DeletionInsertion {
    fn about(&self) -> Map<String, Value> {
        fields(self)
    }

    fn numbers(&self, classes: &[ClassName]) -> Map<String, Value> {
        let mut numbers = self.about();
        numbers.insert("class".into(), class(classes, self.class));
        numbers
    }

    /// A row for each point.
    fn table(&self, _classes: &[ClassName]) -> Table {
        let row = |(at, share): (usize, &f64)| {
            let known = |metric| cell(self.curve(metric).probability.get(at));
            vec![
                share.to_string(),
                known(Metric::Deletion),
                known(Metric::Insertion),
            ]
        };
        Table::new(["share", "deletion", "insertion"]).with(self.share.iter().enumerate().map(row))
    }

    fn tensors(&self) -> Vec<Numbers> {
        let mut tensors = vec![self.shares()];
        tensors.extend(self.named(|metric| metric.to_owned()));
        tensors
    }
}

impl DeletionInsertion {
    fn shares(&self) -> Numbers {
        let share: Vec<f32> = self.share.iter().map(|share| *share as f32).collect();
        Numbers::floats("share", &[share.len()], share)
    }

    fn named(&self, name: impl Fn(&str) -> String) -> [Numbers; 2] {
        Metric::ALL.map(|metric| {
            let values = self.curve(metric).probability.clone();
            Numbers::floats(name(metric.name()), &[values.len()], values)
        })
    }
}

/// What several maps say, a row of its table each, and the curves of each where they were measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured<R> {
    /// What they say.
    pub maps: R,
    /// The curves, where they were asked for.
    pub curves: Option<Curves>,
}

/// The curves of several maps of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// How they were measured.
    pub settings: Settings,
    /// Each map's by its name, in the order of the maps.
    pub maps: Vec<(String, DeletionInsertion)>,
    /// Those of an order by chance.
    pub chance: DeletionInsertion,
}

/// What the order by chance is called among the maps.
const CHANCE: &str = "chance";

impl Curves {
    /// All of them by their names.
    fn all(&self) -> impl Iterator<Item = (&str, &DeletionInsertion)> {
        let maps = self
            .maps
            .iter()
            .map(|(name, curves)| (name.as_str(), curves));
        maps.chain([(CHANCE, &self.chance)])
    }

    /// What is written beside what the maps say.
    fn entry(&self) -> (String, Value) {
        let named = |(name, curves): (&str, &DeletionInsertion)| (name.to_owned(), json!(curves));
        let curves: Map<_, _> = self.all().map(named).collect();
        let value = json!({ "settings": self.settings, "curves": curves });
        (DeletionInsertion::NAME.to_owned(), value)
    }
}

impl<R: Record> Record for Measured<R> {
    fn about(&self) -> Map<String, Value> {
        let mut about = self.maps.about();
        about.extend(self.curves.iter().map(Curves::entry));
        about
    }

    fn numbers(&self, classes: &[ClassName]) -> Map<String, Value> {
        let mut numbers = self.maps.numbers(classes);
        numbers.extend(self.curves.iter().map(Curves::entry));
        numbers
    }

    /// The maps' own with the areas in two more columns, and one more row for chance.
    fn table(&self, classes: &[ClassName]) -> Table {
        let mut table = self.maps.table(classes);
        let Some(curves) = &self.curves else {
            return table;
        };
        let mut chance = vec![CHANCE.to_owned()];
        chance.resize(table.head.len(), String::new());
        table.rows.push(chance);
        table
            .head
            .extend(Metric::ALL.map(|metric| metric.name().to_owned()));
        for (row, (_, curves)) in table.rows.iter_mut().zip(curves.all()) {
            row.extend(Metric::ALL.map(|metric| cell(curves.curve(metric).area)));
        }
        table
    }

    fn tensors(&self) -> Vec<Numbers> {
        let mut tensors = self.maps.tensors();
        if let Some(curves) = &self.curves {
            tensors.push(curves.chance.shares());
            for (name, curves) in curves.all() {
                tensors.extend(curves.named(|metric| format!("{metric}.{name}")));
            }
        }
        tensors
    }
}
