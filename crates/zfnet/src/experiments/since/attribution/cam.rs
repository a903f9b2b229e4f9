//! Class activation mapping (Zhou et al. 2016): of a network whose last maps are averaged and then weighed, the maps, weighed
//! before they are averaged. Where the averages are the scores themselves, as in SqueezeNet, each class has a map of its own (Lin
//! et al. 2014).

use burn::tensor::Tensor;

use super::grad_cam::of_map;
use super::{Attribution, Coarse, Question};
use crate::experiments::shared::Listener;
use crate::files::head::Averaging;
use crate::network::Parameters;
use crate::network::architecture::Op;
use crate::{Result, readback};

/// Σ weight · map, signed: its mean over the places is the class's score, less the bias where there is one.
pub(super) async fn attribute(
    question: &Question<'_>,
    tell: &mut impl for<'a> Listener<Option<&'a Attribution>>,
) -> Result<Option<Attribution>> {
    let network = question.network;
    let top = network.plan.top();
    let averaging = match network.plan[top].layer.op {
        Op::Gap => None,
        _ => Some(network.averaging()?),
    };
    if !tell.goes_on(0, 1, None).await {
        return Ok(None);
    }
    let gap = averaging.as_ref().map_or(top, |averaging| averaging.gap);
    let maps = network.entering(question.trace, gap).clone();
    let [_, count, rows, cols] = maps.dims();
    let class = question.class;
    let weighed = match averaging {
        None => maps.narrow(1, class, 1),
        Some(Averaging { dense, .. }) => {
            let Some(Parameters::Dense(weight, _)) = &network.parameters()[dense] else {
                return Err(network.not_loaded(&network.plan[dense].layer.name));
            };
            let weight: Tensor<4> = weight
                .clone()
                .slice([class..class + 1, 0..count])
                .reshape([1, count, 1, 1]);
            (maps * weight).sum_dim(1)
        }
    };
    let coarse = Coarse {
        size: [rows, cols],
        values: readback::floats(weighed).await?,
    };
    let found = of_map(question, coarse);
    Ok(tell.goes_on(1, 1, Some(&found)).await.then_some(found))
}
