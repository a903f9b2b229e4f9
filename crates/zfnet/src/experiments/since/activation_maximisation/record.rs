//! A climb written down.

use serde_json::{Map, Value, json};

use super::{Climb, Target};
use crate::experiments::shared::record::{Numbers, Record, Table, class, fields};
use crate::network::model::ClassName;

impl Climb {
    /// What the target answered: at the start, at every frame, to the picture as it was then shifted, and where the climb is
    /// or has ended.
    fn way(&self) -> Vec<(usize, f32)> {
        let every = self.settings.every;
        let frames = (1..)
            .map(|frame| frame * every)
            .zip(self.answers.iter().copied());
        let mut way = vec![(self.start.step, self.start.answer)];
        way.extend(frames);
        if way.last() != Some(&(self.end.step, self.end.answer)) {
            way.push((self.end.step, self.end.answer));
        }
        way
    }
}

impl Record for Climb {
    fn about(&self) -> Map<String, Value> {
        fields(&json!({
            "target": self.target,
            "settings": self.settings,
            "before": self.start.answer,
            "answer": self.end.answer,
        }))
    }

    fn numbers(&self, classes: &[ClassName]) -> Map<String, Value> {
        let frame = |(step, answer)| json!({ "step": step, "answer": answer });
        let mut numbers = self.about();
        numbers.insert("frames".into(), self.way().into_iter().map(frame).collect());
        if let Target::Class { class: at } = self.target {
            numbers.insert("class".into(), class(classes, at));
        }
        numbers
    }

    /// A row for each frame.
    fn table(&self, _classes: &[ClassName]) -> Table {
        let row = |(step, answer): (usize, f32)| vec![step.to_string(), answer.to_string()];
        Table::new(["step", "answer"]).with(self.way().into_iter().map(row))
    }

    fn tensors(&self) -> Vec<Numbers> {
        let [rows, cols] = self.end.size;
        let planes = [3, rows, cols];
        vec![
            Numbers::floats("start", &planes, self.start.pixels.clone()),
            Numbers::floats("favourite", &planes, self.end.pixels.clone()),
            Numbers::floats("answers", &[self.answers.len()], self.answers.clone()),
        ]
    }
}
