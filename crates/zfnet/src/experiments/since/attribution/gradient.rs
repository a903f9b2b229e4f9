//! The methods of one pass down: saliency, input × gradient, guided backpropagation.

use super::{Attribution, Method, Question};
use crate::Result;
use crate::deconvnet::projection::ReluRule;
use crate::experiments::shared::Listener;
use crate::readback;

pub(super) async fn attribute(
    question: &Question<'_>,
    tell: &mut impl for<'a> Listener<Option<&'a Attribution>>,
) -> Result<Option<Attribution>> {
    if !tell.goes_on(0, 1, None).await {
        return Ok(None);
    }
    let rule = match question.method {
        Method::GuidedBackprop => ReluRule::Guided,
        _ => ReluRule::Gradient,
    };
    let signal = question.down(question.trace, rule);
    let signal = match question.method {
        Method::InputXGradient => signal * question.trace.input.clone(),
        _ => signal,
    };
    let found = question.answer(readback::floats(signal).await?, None);
    Ok(tell.goes_on(1, 1, Some(&found)).await.then_some(found))
}
