//! Another head on a network's features, which stay as they are: their last maps averaged, one dense layer to the classes
//! (Zhou et al. 2016); and, on demand, trained on to attend to all that its scores rest on (GAIN: Li et al. 2018).

mod fit;
mod recipe;
mod standard;
mod views;

use std::path::PathBuf;
use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use serde_json::json;
use zfnet::Network;
use zfnet::files::head::{Averaging, Head};
use zfnet::network::Parameters;
use zfnet::network::model::ClassName;

pub use self::recipe::{Gain, HeadRecipe};
use crate::checkpoint::write_whole;
use crate::data::{Crops, Evaluation, Sample};
use crate::evaluation::{Evaluated, evaluate, plain};
use crate::metrics::{Metrics, Row};
use crate::training::Watch;
use crate::workshop::Workshop;
use crate::{Error, Result};

/// Pictures that are evaluated at once.
const EVALUATED_AT_ONCE: usize = 32;

/// A head and what there is to say of it.
#[derive(Debug)]
pub struct Trained {
    /// The features with the head on them.
    pub network: Network,
    /// Its file.
    pub path: PathBuf,
    /// What it is worth.
    pub evaluated: Evaluated,
    /// Steps done and steps that there were to do.
    pub steps: [u64; 2],
}

/// Where a head's file goes.
pub fn path(workshop: &Workshop, recipe: &HeadRecipe) -> PathBuf {
    workshop
        .folder
        .join(format!("{}.head.safetensors", recipe.name()))
}

/// Trains a head on the features of a network, and writes its file and its metrics into the workshop's folder.
///
/// A head that is told to stop is written as it is. `None` when it was told so before its first step.
///
/// # Errors
/// [`Error::Input`] for a recipe or data that do not fit, or a head that is there already; [`Error::Diverged`];
/// [`Error::File`]; [`Error::Engine`].
pub fn train(
    recipe: &HeadRecipe,
    network: &Network,
    workshop: &mut Workshop,
    watch: &mut dyn Watch,
) -> Result<Option<Trained>> {
    recipe.check()?;
    let path = path(workshop, recipe);
    if path.exists() {
        return Err(Error::input(
            path.display().to_string(),
            "no head of that name yet, or another folder",
            "one",
        ));
    }
    if workshop.dataset.validation.is_empty() {
        return Err(Error::input(
            "the data",
            "a folder val/, or a share of the pictures held out for validation",
            "none",
        ));
    }
    let classes = classes(network, workshop)?;
    let mut head = pollster::block_on(Head::gap(network, recipe.name(), classes.len()))?;
    head.classes = classes;
    let blank = network.headed(&head, |_, shape| Some(nothing(shape, network.device())))?;
    std::fs::create_dir_all(&workshop.folder).map_err(Error::file(&workshop.folder))?;
    let Some(views) = views::look(recipe, &blank, workshop, watch)? else {
        return Ok(None);
    };
    let metrics = workshop
        .folder
        .join(format!("{}.metrics.csv", recipe.name()));
    let mut course = fit::Course::new(recipe, &blank, Metrics::open(metrics, None)?, &views)?;
    course.linear(&views, watch)?;
    if recipe.gain.is_some() {
        course.mined(workshop, watch)?;
    }
    watch.doing("the last evaluation");
    let trained = course.network()?;
    let batches = Evaluation::start(
        Arc::new(workshop.dataset.validation.clone()),
        trained.model.input.clone(),
        Crops::One,
        EVALUATED_AT_ONCE,
        workshop.validation_cache.clone(),
        workshop.workers,
    );
    let evaluated = evaluate(&trained, batches, Crops::One, &mut |_| ())?;
    head.provenance = provenance(recipe, workshop, &evaluated, course.last());
    let bytes = pollster::block_on(trained.write_head(&head))?;
    write_whole(&path, &bytes)?;
    Ok(Some(Trained {
        network: trained,
        path,
        evaluated,
        steps: course.steps(),
    }))
}

/// Weights of nothing.
fn nothing(shape: &[usize], device: &Device) -> Parameters {
    let (out, width) = (shape[0], shape[1..].iter().product::<usize>());
    Parameters::Dense(
        Tensor::zeros([out, width], device),
        Tensor::zeros([out], device),
    )
}

/// The names of the head's classes, in the order of its scores.
///
/// Folders that are all classes of the network get its names and its order, so that heads and network can be compared; the
/// samples are counted anew then.
fn classes(network: &Network, workshop: &mut Workshop) -> Result<Vec<ClassName>> {
    let dataset = &mut workshop.dataset;
    let known = &network.model.classes;
    let place = |folder: &String| {
        let named = |class: &ClassName| {
            plain(&class.en) == plain(folder) || class.zh.as_ref() == Some(folder)
        };
        known.iter().position(named)
    };
    let places: Option<Vec<usize>> = dataset.classes.iter().map(place).collect();
    let (true, Some(places)) = (workshop.about.classes.is_empty(), places) else {
        return workshop.about.names(&dataset.classes);
    };
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|class| places[*class]);
    if order
        .windows(2)
        .any(|pair| places[pair[0]] == places[pair[1]])
    {
        return workshop.about.names(&dataset.classes);
    }
    let rank = |class: usize| order.iter().position(|other| *other == class);
    let counted = |sample: &mut Sample| sample.class = rank(sample.class).unwrap_or(sample.class);
    dataset.training.iter_mut().for_each(counted);
    dataset.validation.iter_mut().for_each(counted);
    dataset.classes = order
        .iter()
        .map(|at| dataset.classes[*at].clone())
        .collect();
    Ok(order.iter().map(|at| known[places[*at]].clone()).collect())
}

/// What a head's training says about itself.
fn provenance(
    recipe: &HeadRecipe,
    workshop: &Workshop,
    evaluated: &Evaluated,
    row: &Row,
) -> serde_json::Value {
    let mut all = workshop.about.provenance.clone();
    let trained = json!({
        "program": concat!("zf-lens ", env!("CARGO_PKG_VERSION")),
        "pictures": {
            "training": workshop.dataset.training.len(),
            "validation": workshop.dataset.validation.len(),
            "skipped": workshop.skipped().len(),
        },
        "recipe": recipe,
        "trained": { "steps": row.step, "seconds": row.seconds, "device": workshop.device_name },
        "accuracy": { "validation": {
            "pictures": evaluated.pictures,
            "top1": evaluated.top_1,
            "top5": evaluated.top_5,
            "crop": "one, centre",
        } },
    });
    if let serde_json::Value::Object(trained) = trained {
        all.extend(trained);
    }
    all.into()
}

/// The place of the dense layer that is trained.
fn dense(network: &Network) -> Result<usize> {
    let Averaging { dense, .. } = network.averaging()?;
    Ok(dense)
}
