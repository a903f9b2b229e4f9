//! Score-CAM: a layer's maps, weighed by the score of the picture seen through each of them; no derivative at all.

use burn::tensor::{Tensor, TensorData};

use super::grad_cam::{answering, of_map};
use super::{Attribution, Coarse, Question};
use crate::Result;
use crate::experiments::shared::Listener;
use crate::experiments::shared::bilinear::enlarged;
use crate::readback;

/// Strong maps come first, so that what is shown early is close to what is shown last.
pub(super) async fn attribute(
    question: &Question<'_>,
    layer: &str,
    tell: &mut impl for<'a> Listener<Option<&'a Attribution>>,
) -> Result<Option<Attribution>> {
    let at = answering(question, layer)?;
    let maps = question.trace.layers[at].activation.clone();
    let [_, count, rows, cols] = maps.dims();
    if !tell.goes_on(0, count, None).await {
        return Ok(None);
    }
    let maps = readback::floats(maps).await?;
    let map = |at: usize| &maps[at * rows * cols..][..rows * cols];
    let mut order: Vec<(usize, [f32; 2])> = (0..count).map(|at| (at, ends(map(at)))).collect();
    order.sort_by(|(_, [_, a]), (_, [_, b])| b.total_cmp(a));
    // Through an even map nothing is seen, whatever its value: all of them have one score, that of the mean picture.
    let (uneven, even): (Vec<_>, Vec<_>) =
        order.into_iter().partition(|(_, [low, high])| high > low);

    let input = question.trace.input.clone();
    let [channels, height, width] = question.input();
    let mut scores: Vec<(usize, f32)> = Vec::with_capacity(count);
    if !even.is_empty() {
        let unseen = question.network.forward(input.clone() * 0.0)?;
        let score = readback::floats(question.scores(&unseen)).await?[0];
        scores.extend(even.iter().map(|(at, _)| (*at, score)));
    }
    if uneven.is_empty() {
        let found = seen(question, &scores, map, [rows, cols]);
        return Ok(tell
            .goes_on(count, count, Some(&found))
            .await
            .then_some(found));
    }
    let mut found = None;
    for chunk in uneven.chunks(question.batch) {
        let masks = chunk.iter().flat_map(|(at, _)| {
            let large = enlarged(map(*at), [rows, cols], [height, width]);
            let [low, high] = ends(&large);
            let range = (high - low).max(f32::MIN_POSITIVE);
            large.into_iter().map(move |value| (value - low) / range)
        });
        let masks = TensorData::new(masks.collect::<Vec<f32>>(), [chunk.len(), 1, height, width]);
        let masks = Tensor::<4>::from_data(masks, &input.device());
        let masked = input.clone().expand([chunk.len(), channels, height, width]) * masks;
        let trace = question.network.forward(masked)?;
        let answers = readback::floats(question.scores(&trace)).await?;
        scores.extend(chunk.iter().map(|(at, _)| *at).zip(answers));
        let so_far = seen(question, &scores, map, [rows, cols]);
        if !tell.goes_on(scores.len(), count, Some(&so_far)).await {
            return Ok(None);
        }
        found = Some(so_far);
    }
    Ok(found)
}

/// max(Σ softmax(score) · map, 0) over the maps that have a score.
fn seen<'m>(
    question: &Question<'_>,
    scores: &[(usize, f32)],
    map: impl Fn(usize) -> &'m [f32],
    size: [usize; 2],
) -> Attribution {
    let highest = scores
        .iter()
        .fold(f32::NEG_INFINITY, |most, (_, score)| most.max(*score));
    let weight = |score: f32| f64::from(score - highest).exp();
    let total: f64 = scores.iter().map(|(_, score)| weight(*score)).sum();
    let mut sum = vec![0f64; size[0] * size[1]];
    for (at, score) in scores {
        let share = weight(*score) / total;
        for (sum, value) in sum.iter_mut().zip(map(*at)) {
            *sum += share * f64::from(*value);
        }
    }
    let values = sum.into_iter().map(|value| value.max(0.0) as f32).collect();
    of_map(question, Coarse { size, values })
}

/// The smallest and the largest value.
fn ends(values: &[f32]) -> [f32; 2] {
    values
        .iter()
        .fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], value| {
            [low.min(*value), high.max(*value)]
        })
}
