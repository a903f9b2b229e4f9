//! Attributions written down.

use serde_json::{Map, Value, json};

use super::{Attribution, Method, noise};
use crate::deconvnet::projection::ReluRule;
use crate::experiments::shared::record::{Numbers, Record, Table, cell, class, class_name, fields};
use crate::network::model::ClassName;
use crate::pictures::rendering::magnitude;

impl Method {
    /// What a rectifier lets through on the way down; `None` where a method has no way down.
    pub fn rule(&self) -> Option<ReluRule> {
        match self {
            Self::GuidedBackprop | Self::GuidedGradCam { .. } => Some(ReluRule::Guided),
            Self::Cam | Self::ScoreCam { .. } => None,
            _ => Some(ReluRule::Gradient),
        }
    }
}

impl Attribution {
    /// What is drawn brightest where methods are compared: the 99.5 % quantile of [`Self::relevance`].
    pub fn scale(&self) -> f32 {
        magnitude(&self.relevance())
    }

    /// The tensors, their names followed by the method's where there are several methods.
    fn named(&self, alone: bool) -> Vec<Numbers> {
        let called = |tensor: &str| match alone {
            true => tensor.to_owned(),
            false => format!("{tensor}.{}", self.method.name()),
        };
        let [channels, rows, cols] = self.shape;
        let values = self.values.clone();
        let mut tensors = vec![match self.method.gives_a_map() {
            true => Numbers::floats(called("map"), &[rows, cols], values),
            false => Numbers::floats(called("attribution"), &self.shape, values),
        }];
        if let Some(coarse) = &self.coarse {
            let values = coarse.values.clone();
            tensors.push(Numbers::floats(called("coarse"), &coarse.size, values));
        }
        if let (Method::SmoothGrad { samples, seed, .. }, Some(sigma)) = (&self.method, self.sigma)
        {
            let count = channels * rows * cols;
            let noise = (0..*samples).flat_map(|sample| noise(*seed, sample, sigma, count));
            let shape = [*samples, channels, rows, cols];
            tensors.push(Numbers::floats(called("noise"), &shape, noise.collect()));
        }
        tensors
    }
}

impl Record for Attribution {
    fn about(&self) -> Map<String, Value> {
        let mut about = fields(&self.method);
        about.extend(fields(&json!({
            "class": self.class,
            "score": self.score,
            "scale": self.scale(),
            "rule": self.method.rule(),
            "half": self.half_of_the_energy(),
            "strongest": self.strongest(),
        })));
        if let Some(whole) = self.completeness {
            about.insert("completeness".into(), json!(whole));
        }
        if let Some(sigma) = self.sigma {
            about.insert("sigma".into(), json!(sigma));
        }
        about
    }

    fn numbers(&self, _classes: &[ClassName]) -> Map<String, Value> {
        self.about()
    }

    /// One row; a cell is empty where a method has no such number.
    fn table(&self, classes: &[ClassName]) -> Table {
        let head = [
            "method",
            "class",
            "score",
            "sum",
            "difference",
            "sigma",
            "half",
        ];
        let more = ["row", "col", "scale", "class_name"];
        let [row, col] = self.strongest();
        Table::new(head.into_iter().chain(more)).with([vec![
            self.method.name().to_owned(),
            self.class.to_string(),
            self.score.to_string(),
            cell(self.completeness.map(|whole| whole.sum)),
            cell(self.completeness.map(|whole| whole.difference)),
            cell(self.sigma),
            self.half_of_the_energy().to_string(),
            row.to_string(),
            col.to_string(),
            self.scale().to_string(),
            cell(class_name(classes, self.class)),
        ]])
    }

    fn tensors(&self) -> Vec<Numbers> {
        self.named(true)
    }
}

/// What several methods say of one class's score.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The class.
    pub class: usize,
    /// Another head of the network, where one was asked.
    pub head: Option<String>,
    /// What each method found; at least one.
    pub methods: Vec<Attribution>,
}

impl Record for Explained {
    fn about(&self) -> Map<String, Value> {
        let methods: Vec<_> = self.methods.iter().map(Record::about).collect();
        fields(&json!({
            "class": self.class,
            "score": self.methods.first().map(|found| found.score),
            "head": self.head,
            "methods": methods,
        }))
    }

    fn numbers(&self, classes: &[ClassName]) -> Map<String, Value> {
        let mut numbers = self.about();
        numbers.insert("class".into(), class(classes, self.class));
        numbers
    }

    /// A row for each method.
    fn table(&self, classes: &[ClassName]) -> Table {
        Table::joined(self.methods.iter().map(|found| found.table(classes)))
    }

    fn tensors(&self) -> Vec<Numbers> {
        let alone = self.methods.len() == 1;
        self.methods
            .iter()
            .flat_map(|found| found.named(alone))
            .collect()
    }
}
