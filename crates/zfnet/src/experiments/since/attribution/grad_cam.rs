//! Grad-CAM: a layer's maps, weighed by how much the score rises with them; and guided Grad-CAM.

use burn::tensor::{Tensor, activation};

use super::{Attribution, Coarse, Question};
use crate::deconvnet::projection::ReluRule;
use crate::experiments::shared::Listener;
use crate::experiments::shared::bilinear::enlarged;
use crate::experiments::shared::class_score::weighed_maps;
use crate::readback::{self, Readback};
use crate::{Error, Result};

pub(super) async fn attribute(
    question: &Question<'_>,
    layer: &str,
    tell: &mut impl for<'a> Listener<Option<&'a Attribution>>,
) -> Result<Option<Attribution>> {
    if !tell.goes_on(0, 1, None).await {
        return Ok(None);
    }
    let map = weighed(question, layer)?;
    let [_, _, rows, cols] = map.dims();
    let coarse = Coarse {
        size: [rows, cols],
        values: readback::floats(map).await?,
    };
    let found = of_map(question, coarse);
    Ok(tell.goes_on(1, 1, Some(&found)).await.then_some(found))
}

pub(super) async fn guided(
    question: &Question<'_>,
    layer: &str,
    tell: &mut impl for<'a> Listener<Option<&'a Attribution>>,
) -> Result<Option<Attribution>> {
    if !tell.goes_on(0, 1, None).await {
        return Ok(None);
    }
    let map = weighed(question, layer)?;
    let [_, _, rows, cols] = map.dims();
    let pixels = question.down(question.trace, ReluRule::Guided);
    let mut answers = Readback::default()
        .floats(map)
        .floats(pixels)
        .read()
        .await?;
    let [_, height, width] = question.input();
    let map = enlarged(&answers.floats()?, [rows, cols], [height, width]);
    let mut pixels = answers.floats()?;
    for channel in pixels.chunks_mut(height * width) {
        channel
            .iter_mut()
            .zip(&map)
            .for_each(|(pixel, share)| *pixel *= share);
    }
    let found = question.answer(pixels, None);
    Ok(tell.goes_on(1, 1, Some(&found)).await.then_some(found))
}

/// A map of a layer and its enlargement to the picture.
pub(super) fn of_map(question: &Question<'_>, coarse: Coarse) -> Attribution {
    let [_, height, width] = question.input();
    let large = enlarged(&coarse.values, coarse.size, [height, width]);
    question.answer(large, Some(coarse))
}

/// Where the answer of a layer that has maps stands in the trace.
pub(super) fn answering(question: &Question<'_>, layer: &str) -> Result<usize> {
    let at = question.trace.position(layer)?;
    let at = question.network.plan.activation(at);
    let [_, maps, rows, cols] = question.trace.layers[at].activation.dims();
    match rows * cols {
        1 => Err(Error::Architecture {
            layer: layer.into(),
            expected: "maps with several places, to draw over the picture".into(),
            found: format!("{maps} single numbers"),
        }),
        _ => Ok(at),
    }
}

/// max(Σ mean derivative · map, 0), `[1, 1, rows, cols]`.
fn weighed(question: &Question<'_>, layer: &str) -> Result<Tensor<4>> {
    let at = answering(question, layer)?;
    let map = weighed_maps(question.network, question.trace, question.class, at);
    Ok(activation::relu(map))
}
