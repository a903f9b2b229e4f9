//! What a training writes into its weights file besides numbers.

use zfnet::Model;
use zfnet::network::architecture::{Dropout, Op};
use zfnet::network::model::{FORMAT, Input};

use crate::Result;
use crate::checkpoint::Progress;
use crate::evaluation::Evaluated;
use crate::metrics::Row;
use crate::recipe::Recipe;
use crate::workshop::{About, Workshop};

/// What is said of the network in its weights file.
pub(super) fn describe(recipe: &Recipe, workshop: &Workshop, mean: Vec<f32>) -> Result<Model> {
    let About {
        name, provenance, ..
    } = workshop.about.clone();
    let classes = workshop.about.names(&workshop.dataset.classes)?;
    let mut architecture = recipe.architecture.layers(recipe.dense, classes.len())?;
    for layer in &mut architecture.layers {
        if let Op::Dropout(Dropout { p }) = &mut layer.op {
            *p = recipe.dropout;
        }
    }
    let size = recipe.size();
    Ok(Model {
        format: FORMAT,
        name: name.unwrap_or_else(|| format!("{}-{}", recipe.architecture.name(), recipe.preset)),
        architecture,
        input: Input {
            size: [size; 2],
            resize_short_side: recipe.view(size),
            channels: Default::default(),
            range: 255.0,
            mean,
            std: vec![1.0; 3],
        },
        classes,
        scores: Default::default(),
        provenance: provenance.into(),
    })
}

/// What a training says about itself in the weights file.
pub(crate) fn provenance(
    progress: &Progress,
    workshop: &Workshop,
    evaluated: &Evaluated,
    row: &Row,
) -> serde_json::Value {
    let trained = serde_json::json!({
        "program": concat!("zf-lens ", env!("CARGO_PKG_VERSION")),
        "pictures": {
            "training": workshop.dataset.training.len(),
            "validation": workshop.dataset.validation.len(),
            "skipped": workshop.skipped().len(),
        },
        "recipe": progress.recipe,
        "trained": { "steps": row.step, "epochs": row.epoch, "seconds": row.seconds, "device": workshop.device_name },
        "accuracy": { "validation": {
            "pictures": evaluated.pictures,
            "top1": evaluated.top_1,
            "top5": evaluated.top_5,
            "size": row.size,
        } },
    });
    let mut all = progress.model.provenance.clone();
    match (all.as_object_mut(), trained) {
        (Some(all), serde_json::Value::Object(trained)) => all.extend(trained),
        (_, trained) => all = trained,
    }
    all
}
