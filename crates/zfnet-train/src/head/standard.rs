//! Averages of unit deviation: maps differ in strength by orders of magnitude, and one learning rate is to suit them all.

use burn::tensor::{Tensor, TensorData};
use zfnet::network::Parameters;

use super::views::Views;

/// Below this share of the strongest map's deviation a map is as good as even, and its average is left as it is.
const EVEN: f64 = 1e-6;

/// Mean and deviation of each map's average, `[1, maps]`.
pub(super) struct Standard {
    mean: Tensor<2>,
    deviation: Tensor<2>,
}

impl Standard {
    /// Of all views.
    pub(super) fn of(views: &Views, device: &burn::tensor::Device) -> Self {
        let count = views.count().max(1) as f64;
        let mut mean = vec![0f64; views.maps];
        let mut square = vec![0f64; views.maps];
        for view in views.averages.chunks(views.maps) {
            for ((mean, square), value) in mean.iter_mut().zip(&mut square).zip(view) {
                *mean += f64::from(*value) / count;
                *square += f64::from(*value).powi(2) / count;
            }
        }
        let spread = mean.iter().zip(square).map(|(mean, square)| {
            let variance: f64 = square - mean * mean;
            variance.max(0.0).sqrt()
        });
        let spread: Vec<f64> = spread.collect();
        let most = spread.iter().copied().fold(0.0, f64::max);
        let deviation = spread.iter().map(|spread| match *spread > EVEN * most {
            true => *spread as f32,
            false => 1.0,
        });
        let row = |values: Vec<f32>| {
            Tensor::<2>::from_data(TensorData::new(values, [1, views.maps]), device)
        };
        Self {
            deviation: row(deviation.collect()),
            mean: row(mean.iter().map(|mean| *mean as f32).collect()),
        }
    }

    /// Averages `[views, maps]` in these terms.
    pub(super) fn applied(&self, averages: Tensor<2>) -> Tensor<2> {
        (averages - self.mean.clone()) / self.deviation.clone()
    }

    /// Weights on averages in these terms, as weights on the averages themselves.
    pub(super) fn plain(&self, standard: &Parameters) -> Parameters {
        let rows = standard.rows() / self.deviation.clone();
        let [classes, _] = rows.dims();
        let shift = (rows.clone() * self.mean.clone()).sum_dim(1);
        Parameters::Dense(rows, standard.bias() - shift.reshape([classes]))
    }

    /// Derivatives by weights on the averages themselves, as derivatives by weights in these terms.
    pub(super) fn derivative(&self, plain: &Parameters) -> Parameters {
        let bias = plain.bias();
        let [classes] = bias.dims();
        let by_bias = bias.clone().reshape([classes, 1]) * self.mean.clone();
        Parameters::Dense((plain.rows() - by_bias) / self.deviation.clone(), bias)
    }
}
