//! A climb written down.

use serde_json::{Map, Value, json};

use super::{Climb, Favourite, Target};
use crate::experiments::shared::record::{Numbers, Record, Table, cell, class, fields};
use crate::network::model::ClassName;

impl Climb {
    /// What the target answered: at the start, at every frame, to the picture as it was then shifted, and where the climb is
    /// or has ended.
    fn way(&self) -> Vec<(usize, f32, Option<f32>)> {
        let every = self.settings.every;
        let frames = self.answers.iter().enumerate().map(|(at, answer)| {
            let and = self.and.get(at).copied();
            ((at + 1) * every, *answer, and)
        });
        let whole = |frame: &Favourite| (frame.step, frame.answer, frame.and);
        let mut way = vec![whole(&self.start)];
        way.extend(frames);
        if way.last() != Some(&whole(&self.end)) {
            way.push(whole(&self.end));
        }
        way
    }
}

impl Record for Climb {
    fn about(&self) -> Map<String, Value> {
        let mut about = fields(&json!({
            "target": self.objective.target,
            "settings": self.settings,
            "before": self.start.answer,
            "answer": self.end.answer,
        }));
        if let Some(second) = &self.objective.and {
            let and = json!({
                "target": second.target,
                "weight": second.weight,
                "before": self.start.and,
                "answer": self.end.and,
            });
            about.insert("and".into(), and);
        }
        about
    }

    fn numbers(&self, classes: &[ClassName]) -> Map<String, Value> {
        let frame = |(step, answer, and): (usize, f32, Option<f32>)| match and {
            Some(and) => json!({ "step": step, "answer": answer, "and": and }),
            None => json!({ "step": step, "answer": answer }),
        };
        let mut numbers = self.about();
        numbers.insert("frames".into(), self.way().into_iter().map(frame).collect());
        if let Target::Class { class: at } = self.objective.target {
            numbers.insert("class".into(), class(classes, at));
        }
        numbers
    }

    /// A row for each frame.
    fn table(&self, _classes: &[ClassName]) -> Table {
        let has_second = self.objective.and.is_some();
        let head = ["step", "answer", "and"].into_iter();
        let row = |(step, answer, and): (usize, f32, Option<f32>)| {
            let mut row = vec![step.to_string(), answer.to_string()];
            row.extend(has_second.then(|| cell(and)));
            row
        };
        Table::new(head.take(2 + usize::from(has_second))).with(self.way().into_iter().map(row))
    }

    fn tensors(&self) -> Vec<Numbers> {
        let [rows, cols] = self.end.size;
        let planes = [3, rows, cols];
        let frames = [self.answers.len()];
        let mut tensors = vec![
            Numbers::floats("start", &planes, self.start.pixels.clone()),
            Numbers::floats("favourite", &planes, self.end.pixels.clone()),
            Numbers::floats("answers", &frames, self.answers.clone()),
        ];
        if self.objective.and.is_some() {
            tensors.push(Numbers::floats("and", &frames, self.and.clone()));
        }
        let opacity = self.end.opacity.iter();
        tensors.extend(
            opacity.map(|opacity| Numbers::floats("opacity", &[rows, cols], opacity.clone())),
        );
        tensors
    }
}
