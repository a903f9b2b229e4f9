//! Class activation mapping (Zhou et al. 2016): of a network whose last maps are averaged and then weighed, the maps, weighed
//! before they are averaged.

use burn::tensor::Tensor;

use super::grad_cam::of_map;
use super::{Attribution, Coarse, Question};
use crate::experiments::shared::Listener;
use crate::network::Parameters;
use crate::{Result, readback};

/// Σ weight · map, signed: its mean over the places is the class's score, less the bias.
pub(super) async fn attribute(
    question: &Question<'_>,
    tell: &mut impl for<'a> Listener<Option<&'a Attribution>>,
) -> Result<Option<Attribution>> {
    let network = question.network;
    let averaging = network.averaging()?;
    if !tell.goes_on(0, 1, None).await {
        return Ok(None);
    }
    let maps = network.entering(question.trace, averaging.gap).clone();
    let [_, count, rows, cols] = maps.dims();
    let Some(Parameters::Dense(weight, _)) = &network.parameters()[averaging.dense] else {
        return Err(network.not_loaded(&network.plan[averaging.dense].layer.name));
    };
    let class = question.class;
    let weight: Tensor<4> = weight
        .clone()
        .slice([class..class + 1, 0..count])
        .reshape([1, count, 1, 1]);
    let coarse = Coarse {
        size: [rows, cols],
        values: readback::floats((maps * weight).sum_dim(1)).await?,
    };
    let found = of_map(question, coarse);
    Ok(tell.goes_on(1, 1, Some(&found)).await.then_some(found))
}
