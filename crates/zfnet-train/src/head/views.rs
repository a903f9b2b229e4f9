//! The averaged features of several versions of each picture: computed once, since the features stay as they are.

use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};
use zfnet::{Network, readback};

use super::recipe::HeadRecipe;
use crate::Result;
use crate::data::{Loader, Order};
use crate::training::Watch;
use crate::workshop::Workshop;

/// Pictures that go through the features together.
const TOGETHER: usize = 16;

/// Averaged features of views, on the host.
pub(super) struct Views {
    /// `[views, maps]`.
    pub(super) averages: Vec<f32>,
    /// Number of maps.
    pub(super) maps: usize,
    /// Class of each view.
    pub(super) classes: Vec<usize>,
    /// Pictures that they are views of.
    pub(super) pictures: usize,
}

impl Views {
    /// Number of views.
    pub(super) fn count(&self) -> usize {
        self.classes.len()
    }

    /// On the device, `[views, maps]`.
    pub(super) fn tensor(&self, network: &Network) -> Tensor<2> {
        let data = TensorData::new(self.averages.clone(), [self.count(), self.maps]);
        Tensor::from_data(data, network.device())
    }
}

/// Looks at every picture of the training set several times; `None` when told to stop.
pub(super) fn look(
    recipe: &HeadRecipe,
    network: &Network,
    workshop: &Workshop,
    watch: &mut dyn Watch,
) -> Result<Option<Views>> {
    let gap = network.averaging()?.gap;
    let samples = &workshop.dataset.training;
    let together = TOGETHER.min(samples.len().max(1));
    let order = Order {
        seed: recipe.seed,
        batch: together,
    };
    let steps = order.steps_per_epoch(samples.len()) * recipe.views as u64;
    let size = network.model.input.side()?;
    let loader = Loader::start(
        Arc::new(samples.clone()),
        workshop.cache.clone(),
        recipe.augmentation.clone(),
        order,
        move |step| (step < steps).then_some(size),
        0,
        workshop.workers,
    );
    let mut views = Views {
        averages: Vec::new(),
        maps: network.plan[gap].output[0],
        classes: Vec::new(),
        pictures: samples.len(),
    };
    let mut told = 0;
    for (done, batch) in (1u64..).zip(loader) {
        let batch = batch?;
        let trace = network.forward(network.input_of(batch.pixels)?)?;
        let averages = readback::floats(trace.layers[gap].activation.clone());
        views.averages.extend(pollster::block_on(averages)?);
        views.classes.extend(batch.classes);
        if watch.stop() {
            return Ok(None);
        }
        let tenths = 10 * done / steps;
        if tenths > told {
            told = tenths;
            let [done, all] = [done, steps].map(|steps| steps * together as u64);
            watch.doing(&format!("features of the pictures: {done} of {all} views"));
        }
    }
    Ok(Some(views))
}
