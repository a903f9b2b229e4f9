//! Whitening: the coordinates in which patches vary equally in every direction, so that k-means finds structure and
//! not merely what varies most.

use burn::tensor::{Tensor, TensorData};
use nalgebra::{DMatrix, SymmetricEigen};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use zfnet::readback::floats;

use crate::Result;

/// Added to each variance, as a share of their mean: directions of little variance are mostly noise.
const DAMPING: f64 = 0.1;
/// Rounds of subspace iteration; the spectrum of patches falls so fast that few do.
const ROUNDS: usize = 8;
/// Directions that are iterated beyond those wanted, so that the last of these come out right.
const SPARE: usize = 20;

/// A linear map into whitened coordinates.
pub(crate) struct Whitening {
    /// From patches to whitened coordinates, `[width, directions]`.
    pub(crate) forward: Tensor<2>,
    /// From a direction there to the filter that answers to it, `[directions, width]`: the transpose.
    pub(crate) back: Tensor<2>,
}

/// The whitening of the strongest directions of rows `[patches, width]`.
///
/// Subspace iteration with Rayleigh–Ritz: matrix products on the device, and eigenvalues of small matrices on the host.
pub(crate) fn orthogonal_directions(
    rows: Tensor<2>,
    directions: usize,
    random: &mut ChaCha8Rng,
) -> Result<Whitening> {
    let [patches, width] = rows.dims();
    let device = rows.device();
    let centred = rows.clone() - rows.mean_dim(0);
    let covariance = centred.clone().transpose().matmul(centred) * (1.0 / patches as f64);
    let kept = (directions + SPARE).min(width);
    let tensor = |matrix: &DMatrix<f64>| {
        let values: Vec<f32> = matrix.transpose().iter().map(|v| *v as f32).collect();
        Tensor::<2>::from_data(
            TensorData::new(values, [matrix.nrows(), matrix.ncols()]),
            &device,
        )
    };
    let matrix = |tensor: Tensor<2>| -> Result<DMatrix<f64>> {
        let [height, width] = tensor.dims();
        let values = pollster::block_on(floats(tensor))?;
        Ok(DMatrix::from_row_iterator(
            height,
            width,
            values.into_iter().map(f64::from),
        ))
    };
    if kept == width {
        let (values, vectors) = sorted(SymmetricEigen::new(matrix(covariance)?));
        return Ok(whitening(
            &values[..directions],
            tensor(&vectors),
            directions,
        ));
    }
    let start: Vec<f32> = (0..width * kept)
        .map(|_| random.sample::<f32, _>(StandardNormal))
        .collect();
    let mut basis = Tensor::<2>::from_data(TensorData::new(start, [width, kept]), &device);
    for _ in 0..ROUNDS {
        // Orthonormal columns through the inverse root of their Gram matrix.
        let image = covariance.clone().matmul(basis);
        let gram = image.clone().transpose().matmul(image.clone());
        let (values, vectors) = sorted(SymmetricEigen::new(matrix(gram)?));
        let strongest = values[0].max(1e-300);
        let scale = DMatrix::from_diagonal(&nalgebra::DVector::from_iterator(
            kept,
            values.iter().map(|v| 1.0 / v.max(strongest * 1e-14).sqrt()),
        ));
        basis = image.matmul(tensor(&(vectors * scale)));
    }
    let small = basis
        .clone()
        .transpose()
        .matmul(covariance.matmul(basis.clone()));
    let (values, vectors) = sorted(SymmetricEigen::new(matrix(small)?));
    let vectors = basis.matmul(tensor(&vectors));
    Ok(whitening(&values[..directions], vectors, directions))
}

/// Scales the first directions `[width, …]` by the inverse roots of their damped variances.
fn whitening(variances: &[f64], vectors: Tensor<2>, directions: usize) -> Whitening {
    let [width, _] = vectors.dims();
    let mean = variances.iter().sum::<f64>() / directions as f64;
    let scale: Vec<f32> = variances
        .iter()
        .map(|v| (v.max(0.0) + DAMPING * mean).max(1e-30).sqrt().recip() as f32)
        .collect();
    let device = vectors.device();
    let scale = Tensor::<2>::from_data(TensorData::new(scale, [1, directions]), &device);
    let forward = vectors.slice([0..width, 0..directions]) * scale;
    Whitening {
        back: forward.clone().transpose(),
        forward,
    }
}

/// Eigenvalues from the largest, and their vectors as columns.
fn sorted(eigen: SymmetricEigen<f64, nalgebra::Dyn>) -> (Vec<f64>, DMatrix<f64>) {
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let values = order.iter().map(|at| eigen.eigenvalues[*at]).collect();
    let columns: Vec<_> = order
        .iter()
        .map(|at| eigen.eigenvectors.column(*at).into_owned())
        .collect();
    (values, DMatrix::from_columns(&columns))
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};
    use rand::SeedableRng;

    use super::*;

    /// Rows whose variance falls from column to column, seen through the whitening, vary equally.
    #[test]
    fn whitened_directions_vary_equally_and_are_uncorrelated() {
        let device = Device::flex();
        let mut random = ChaCha8Rng::seed_from_u64(3);
        for (width, directions) in [(12, 12), (90, 10)] {
            let scales: Vec<f32> = (0..width).map(|i| 0.7f32.powi(i)).collect();
            let scales =
                Tensor::<2>::from_data(TensorData::new(scales, [1, width as usize]), &device);
            let rows = Tensor::<2>::random(
                [4000, width as usize],
                Distribution::Normal(0.0, 1.0),
                &device,
            );
            let rows = rows * scales;
            let found = orthogonal_directions(rows.clone(), directions, &mut random)
                .expect("the CPU answers");
            let white = (rows.clone() - rows.mean_dim(0)).matmul(found.forward);
            let covariance = white.clone().transpose().matmul(white) * (1.0 / 4000.0);
            let values = pollster::block_on(floats(covariance)).expect("the CPU answers");
            for row in 0..directions {
                for col in 0..directions {
                    let value = values[row * directions + col];
                    match row == col {
                        true => assert!(value > 0.0 && value < 1.01, "{value}"),
                        false => assert!(value.abs() < 0.02, "{row} {col} {value}"),
                    }
                }
            }
            // The strongest variance is damped least.
            assert!(values[0] > 0.9, "{}", values[0]);
        }
    }
}
