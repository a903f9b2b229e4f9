//! Score-CAM: a layer's maps, weighed by the score of the picture seen through each of them; no derivative at all.

use burn::tensor::{Tensor, TensorData};

use super::grad_cam::{answering, of_map};
use super::{Attribution, Coarse, Method, Question};
use crate::experiments::shared::Listener;
use crate::experiments::shared::bilinear::enlarged;
use crate::network::trace::Trace;
use crate::{Network, Result, readback};

/// How often the map is made on the way: a few more masks hardly change it.
const SHOWN: usize = 24;

/// One picture, and a layer's maps as masks that it is seen through.
#[derive(Debug)]
pub struct ScoreCam<'a> {
    question: Question<'a>,
    /// Map after map.
    maps: Vec<f32>,
    size: [usize; 2],
    batches: Vec<Vec<usize>>,
}

impl<'a> ScoreCam<'a> {
    /// As [`attribute`](super::attribute) does, of which each batch can here be asked for alone.
    ///
    /// # Errors
    /// Those of [`attribute`](super::attribute).
    pub async fn new(
        network: &'a Network,
        trace: &'a Trace,
        class: usize,
        layer: &str,
        batch: usize,
    ) -> Result<Self> {
        let method = Method::ScoreCam {
            layer: layer.into(),
        };
        Self::of(
            Question::new(network, trace, class, &method, batch).await?,
            layer,
        )
        .await
    }

    pub(super) async fn of(question: Question<'a>, layer: &str) -> Result<Self> {
        let at = answering(&question, layer)?;
        let maps = question.trace.layers[at].activation.clone();
        let [_, count, rows, cols] = maps.dims();
        let maps = readback::floats(maps).await?;
        let places = rows * cols;
        let ends: Vec<_> = (0..count)
            .map(|at| ends(&maps[at * places..][..places]))
            .collect();
        // Strong maps come first, so that what is shown early is close to what is shown last.
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|a, b| ends[*b][1].total_cmp(&ends[*a][1]));
        // Those through which nothing is seen take one pass together.
        let (even, uneven): (Vec<_>, Vec<_>) = order.into_iter().partition(|at| is_even(ends[*at]));
        let chunks = uneven.chunks(question.batch);
        let mut batches: Vec<Vec<usize>> = chunks.map(<[usize]>::to_vec).collect();
        match batches.first_mut() {
            Some(first) => drop(first.splice(0..0, even)),
            None => batches.push(even),
        }
        Ok(Self {
            question,
            maps,
            size: [rows, cols],
            batches,
        })
    }

    /// Every map once, in the batches in which they are masks.
    pub fn batches(&self) -> &[Vec<usize>] {
        &self.batches
    }

    /// The class's score of the picture through each of some maps, in the order of a batch.
    ///
    /// # Errors
    /// [`Error::Execution`](crate::Error::Execution).
    pub async fn scores(&self, maps: &[usize]) -> Result<Vec<f32>> {
        let question = &self.question;
        let input = question.trace.input.clone();
        let [channels, height, width] = question.input();
        // Through an even map nothing is seen, whatever its value: all of them have one score, that of the mean picture.
        let (even, uneven): (Vec<usize>, Vec<usize>) =
            maps.iter().partition(|at| is_even(ends(self.map(**at))));
        let mut scores = Vec::with_capacity(maps.len());
        if !even.is_empty() {
            let unseen = question.network.forward(input.clone() * 0.0)?;
            let score = readback::floats(question.scores(&unseen)).await?[0];
            scores.resize(even.len(), score);
        }
        if uneven.is_empty() {
            return Ok(scores);
        }
        let masks = uneven.iter().flat_map(|at| {
            let large = enlarged(self.map(*at), self.size, [height, width]);
            let [low, high] = ends(&large);
            let range = (high - low).max(f32::MIN_POSITIVE);
            large.into_iter().map(move |value| (value - low) / range)
        });
        let count = uneven.len();
        let masks = TensorData::new(masks.collect::<Vec<f32>>(), [count, 1, height, width]);
        let masks = Tensor::<4>::from_data(masks, &input.device());
        let masked = input.expand([count, channels, height, width]) * masks;
        let trace = question.network.forward(masked)?;
        scores.extend(readback::floats(question.scores(&trace)).await?);
        Ok(scores)
    }

    /// max(Σ softmax(score) · map, 0) over the maps of the first batches, with the scores of each.
    pub fn found(&self, scores: &[Vec<f32>]) -> Attribution {
        let maps = self.batches.iter().flatten().copied();
        let scores: Vec<(usize, f32)> = maps.zip(scores.iter().flatten().copied()).collect();
        let highest = scores
            .iter()
            .fold(f32::NEG_INFINITY, |most, (_, score)| most.max(*score));
        let weight = |score: f32| f64::from(score - highest).exp();
        let total: f64 = scores.iter().map(|(_, score)| weight(*score)).sum();
        let mut sum = vec![0f64; self.size[0] * self.size[1]];
        for (at, score) in scores {
            let share = weight(score) / total;
            for (sum, value) in sum.iter_mut().zip(self.map(at)) {
                *sum += share * f64::from(*value);
            }
        }
        let values = sum.into_iter().map(|value| value.max(0.0) as f32).collect();
        let size = self.size;
        of_map(&self.question, Coarse { size, values })
    }

    /// What the first batches come to, where it is time to look: some times on the way, and in the end.
    pub fn so_far(&self, scores: &[Vec<f32>]) -> Option<Attribution> {
        let masks = |batches: &[Vec<usize>]| batches.iter().map(Vec::len).sum::<usize>();
        let all = masks(&self.batches);
        let share = |batches: usize| masks(&self.batches[..batches]) * SHOWN / all;
        let (before, now) = (scores.len().checked_sub(1)?, scores.len());
        let is_time = share(now) > share(before) || now == self.batches.len();
        is_time.then(|| self.found(scores))
    }

    fn map(&self, at: usize) -> &[f32] {
        let places = self.size[0] * self.size[1];
        &self.maps[at * places..][..places]
    }
}

pub(super) async fn attribute(
    question: Question<'_>,
    layer: &str,
    tell: &mut impl for<'a> Listener<Option<&'a Attribution>>,
) -> Result<Option<Attribution>> {
    let masks = ScoreCam::of(question, layer).await?;
    let count = masks.batches.iter().map(Vec::len).sum();
    if !tell.goes_on(0, count, None).await {
        return Ok(None);
    }
    let mut scores = Vec::with_capacity(masks.batches.len());
    let mut done = 0;
    let mut found = None;
    for batch in &masks.batches {
        scores.push(masks.scores(batch).await?);
        done += batch.len();
        found = masks.so_far(&scores);
        if !tell.goes_on(done, count, found.as_ref()).await {
            return Ok(None);
        }
    }
    Ok(found)
}

/// Whether nothing is seen through a map that ends so.
fn is_even([low, high]: [f32; 2]) -> bool {
    high <= low
}

/// The smallest and the largest value.
fn ends(values: &[f32]) -> [f32; 2] {
    values
        .iter()
        .fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], value| {
            [low.min(*value), high.max(*value)]
        })
}
