//! Where the weights start: at random, as in the paper, or from the pictures themselves.
//!
//! With a few thousand pictures random filters stay close to where the dice threw them, and a projection through them
//! looks like noise. Filters learnt from patches, layer by layer and without labels, show edges, eyes and whiskers
//! before the first step (Coates & Ng 2012, "Learning feature representations with k-means"; Krähenbühl et al. 2016,
//! "Data-dependent initializations of convolutional neural networks").

mod whitening;

use burn::tensor::{Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Normal, StandardNormal};
use zfnet::network::Parameters;
use zfnet::network::architecture::{Conv, Dense, Op};
use zfnet::readback::floats;
use zfnet::{Model, Network};

use self::whitening::{Whitening, orthogonal_directions};
use crate::recipe::Initialisation;
use crate::{Error, Result};

/// Pictures that pass through the net at once while it is initialised.
const AT_ONCE: usize = 32;
/// Directions that are kept of a layer's patches, above the first.
const DIRECTIONS: usize = 400;
/// Rounds of k-means.
const ROUNDS: usize = 15;
/// Deviation of a dense layer's answers, in the units of the network's own scale; the last layer's is far smaller, so
/// that no class is ahead at the start.
const DENSE_DEVIATION: [f64; 2] = [2.0, 0.02];

/// A network with normal weights of one deviation and biases of zero.
///
/// # Errors
/// [`Error::Engine`] when the model does not fit itself.
pub fn gaussian(
    model: Model,
    deviation: f64,
    seed: u64,
    device: &burn::tensor::Device,
) -> Result<Network> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let normal = Normal::new(0.0, deviation)
        .map_err(|e| Error::input("deviation", "a finite number above 0", e.to_string()))?;
    let values = |name: &str, shape: &[usize]| {
        let count = shape.iter().product();
        match name.ends_with(".weight") {
            true => (0..count)
                .map(|_| random.sample(normal) as f32)
                .collect::<Vec<_>>(),
            false => vec![0.0; count],
        }
    };
    Ok(Network::build(model, device, values)?)
}

/// Takes a network's filters from pictures, layer by layer; `report` hears the name of each layer that is done.
///
/// # Shapes
/// `pictures` are input tensors' numbers `[n, 3, size, size]` in planes of 0 to 255, of the network's size.
///
/// # Errors
/// [`Error::Engine`] when the device fails.
pub fn from_pictures(
    network: &Network,
    pictures: &[Vec<f32>],
    how: &Initialisation,
    seed: u64,
    report: &mut dyn FnMut(&str),
) -> Result<Network> {
    let &Initialisation::KMeans {
        patches,
        first,
        deviation,
        shift,
    } = how
    else {
        return Ok(network.clone());
    };
    let mut network = network.clone();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut convolutions = 0;
    for at in 0..network.plan.len() {
        let layer = network.plan[at].layer.clone();
        match layer.op {
            Op::Conv(Conv {
                kernel,
                pad,
                groups,
                ..
            }) => {
                let wanted = if convolutions == 0 {
                    patches
                } else {
                    patches * 2 / 5
                };
                let scale = if convolutions == 0 { first } else { deviation };
                let sample = patches_of(&network, at, pictures, kernel, pad, wanted, &mut random)?;
                let Some(Some(Parameters::Conv(weight, _))) = network.parameters().get(at) else {
                    continue;
                };
                let [out, seen, ..] = weight.dims();
                let maps = network.plan[at].input[0];
                let found: Vec<(Tensor<2>, Tensor<1>)> = (0..groups)
                    .map(|group| {
                        let taps = kernel[0] * kernel[1];
                        let own = sample.clone().reshape([0, maps as i32, taps as i32]);
                        let [count, ..] = own.dims();
                        let own = own
                            .slice([0..count, group * seen..(group + 1) * seen])
                            .reshape([count, seen * taps]);
                        filters(
                            own,
                            out / groups,
                            scale,
                            shift,
                            convolutions == 0,
                            &mut random,
                        )
                    })
                    .collect::<Result<_>>()?;
                let (rows, biases): (Vec<_>, Vec<_>) = found.into_iter().unzip();
                replace(
                    &mut network,
                    at,
                    Tensor::cat(rows, 0),
                    Tensor::cat(biases, 0),
                )?;
                convolutions += 1;
            }
            Op::Dense(Dense { out }) => {
                let (rows, biases) = dense(&network, at, out, pictures, &mut random)?;
                replace(&mut network, at, rows, biases)?;
            }
            _ => continue,
        }
        report(&layer.name);
    }
    Ok(network)
}

/// Normal weights for a dense layer, scaled so that its answers to the pictures have [`DENSE_DEVIATION`]; biases of zero.
fn dense(
    network: &Network,
    at: usize,
    out: usize,
    pictures: &[Vec<f32>],
    random: &mut ChaCha8Rng,
) -> Result<(Tensor<2>, Tensor<1>)> {
    let inputs = inputs_of(network, at, pictures)?;
    let [_, width] = inputs.dims();
    let numbers: Vec<f32> = (0..out * width)
        .map(|_| random.sample::<f32, _>(StandardNormal))
        .collect();
    let numbers = TensorData::new(numbers, [out, width]);
    let rows = Tensor::<2>::from_data(numbers, network.device());
    let spread = deviation_of(inputs.matmul(rows.clone().transpose()))?.max(1e-12);
    let is_last = at == network.plan.top();
    let rows = rows * (DENSE_DEVIATION[usize::from(is_last)] / spread);
    Ok((rows, Tensor::zeros([out], network.device())))
}

/// Filters for one layer: centroids of its patches in whitened space, scaled so that their answers have the wanted
/// deviation and a mean of `shift` deviations.
fn filters(
    patches: Tensor<2>,
    count: usize,
    deviation: f64,
    shift: f64,
    first: bool,
    random: &mut ChaCha8Rng,
) -> Result<(Tensor<2>, Tensor<1>)> {
    let [_, width] = patches.dims();
    // Of pixels the mean grey of each patch is taken off; of features the mean patch, for their mean says something.
    let centred = match first {
        true => patches.clone() - patches.clone().mean_dim(1),
        false => patches.clone() - patches.clone().mean_dim(0),
    };
    let lengths = centred.clone().square().sum_dim(1).sqrt();
    let floor = match first {
        true => lengths.clone().full_like(10.0 * (width as f64).sqrt()), // ten grey levels a pixel
        false => lengths.clone().mean().reshape([1, 1]) * 0.1,
    };
    let even = centred / (lengths + floor);
    let Whitening { forward, back } = match first {
        true => orthogonal_directions(even.clone(), width, random)?,
        false => orthogonal_directions(even.clone(), DIRECTIONS.min(width), random)?,
    };
    let even = even.clone() - even.mean_dim(0);
    let white = unit_length(even.matmul(forward));
    let centroids = spherical_k_means(white, count, random)?;
    let filters = centroids.matmul(back);
    let filters = match first {
        true => filters.clone() - filters.mean_dim(1),
        false => filters,
    };
    let answers = patches.matmul(filters.clone().transpose());
    let mean = answers.clone().mean_dim(0);
    let spread = (answers - mean.clone()).square().mean_dim(0).sqrt();
    let factor = spread.clamp_min(1e-12).recip() * deviation; // [1, count]
    let biases = (mean * factor.clone()).neg() + shift * deviation;
    Ok((filters * factor.transpose(), biases.reshape([count])))
}

/// Centroids of directions: each direction belongs to the centroid it agrees with most, each centroid is the mean of
/// what belongs to it, scaled to length 1; an empty one starts again at a random direction.
fn spherical_k_means(
    directions: Tensor<2>,
    count: usize,
    random: &mut ChaCha8Rng,
) -> Result<Tensor<2>> {
    let [points, width] = directions.dims();
    let device = directions.device();
    let on_host = pollster::block_on(floats(directions.clone()))?;
    let pick = |random: &mut ChaCha8Rng| random.random_range(0..points);
    let mut centroids: Vec<f32> = (0..count)
        .flat_map(|_| {
            let at = pick(random);
            on_host[at * width..(at + 1) * width].to_vec()
        })
        .collect();
    let tensor = |values: &[f32]| {
        Tensor::<2>::from_data(TensorData::new(values.to_vec(), [count, width]), &device)
    };
    for _ in 0..ROUNDS {
        let agreement = directions.clone().matmul(tensor(&centroids).transpose());
        let nearest = agreement.argmax(1).reshape([points]).float();
        let nearest = pollster::block_on(floats(nearest))?;
        let mut members = vec![0usize; count];
        centroids.fill(0.0);
        for (point, nearest) in nearest.into_iter().enumerate() {
            let nearest = nearest as usize;
            members[nearest] += 1;
            let sum = &mut centroids[nearest * width..(nearest + 1) * width];
            for (sum, value) in sum.iter_mut().zip(&on_host[point * width..]) {
                *sum += value;
            }
        }
        for (centroid, members) in centroids.chunks_mut(width).zip(members) {
            if members == 0 {
                let at = pick(random);
                centroid.copy_from_slice(&on_host[at * width..(at + 1) * width]);
            }
            let length = centroid
                .iter()
                .map(|v| v * v)
                .sum::<f32>()
                .sqrt()
                .max(1e-12);
            centroid.iter_mut().for_each(|v| *v /= length);
        }
    }
    Ok(tensor(&centroids))
}

fn unit_length(rows: Tensor<2>) -> Tensor<2> {
    let lengths = rows.clone().square().sum_dim(1).sqrt().clamp_min(1e-9);
    rows / lengths
}

fn deviation_of(values: Tensor<2>) -> Result<f64> {
    let variance = (values.clone() - values.mean().reshape([1, 1]))
        .square()
        .mean();
    Ok(f64::from(pollster::block_on(floats(variance))?[0]).sqrt())
}

fn replace(network: &mut Network, at: usize, rows: Tensor<2>, biases: Tensor<1>) -> Result<()> {
    let mut parameters = network.parameters().to_vec();
    parameters[at] = parameters[at].as_ref().map(|old| old.with(rows, biases));
    *network = network.with_parameters(parameters)?;
    Ok(())
}

/// What enters a layer when a batch passes through the layers below.
fn below(network: &Network, at: usize, pictures: &[Vec<f32>]) -> Result<Tensor<4>> {
    let input = network.input_of(pictures.concat())?;
    Ok(network.forward_below(input, at))
}

/// Patches of a layer's input at random places, `[patches, maps·rows·cols]`.
fn patches_of(
    network: &Network,
    at: usize,
    pictures: &[Vec<f32>],
    kernel: [usize; 2],
    pad: [usize; 4],
    wanted: usize,
    random: &mut ChaCha8Rng,
) -> Result<Tensor<2>> {
    let each = wanted.div_ceil(pictures.len());
    let mut patches = Vec::new();
    let mut width = 0;
    for batch in pictures.chunks(AT_ONCE) {
        let x = below(network, at, batch)?;
        let [count, maps, rows, cols] = x.dims();
        let values = pollster::block_on(floats(x))?;
        width = maps * kernel[0] * kernel[1];
        let [top, left, bottom, right] = pad;
        for picture in 0..count {
            for _ in 0..each {
                let row = random.random_range(0..=rows + top + bottom - kernel[0]);
                let col = random.random_range(0..=cols + left + right - kernel[1]);
                for map in 0..maps {
                    for tap in 0..kernel[0] * kernel[1] {
                        let row = (row + tap / kernel[1]).wrapping_sub(top);
                        let col = (col + tap % kernel[1]).wrapping_sub(left);
                        let inside = row < rows && col < cols;
                        let place =
                            ((picture * maps + map) * rows + row.min(rows)) * cols + col.min(cols);
                        patches.push(if inside { values[place] } else { 0.0 });
                    }
                }
            }
        }
    }
    let count = patches.len() / width;
    Ok(Tensor::from_data(
        TensorData::new(patches, [count, width]),
        network.device(),
    ))
}

/// Everything that enters a dense layer, `[pictures, maps·rows·cols]`.
fn inputs_of(network: &Network, at: usize, pictures: &[Vec<f32>]) -> Result<Tensor<2>> {
    let batches = pictures.chunks(AT_ONCE).take(512 / AT_ONCE);
    let inputs = batches
        .map(|batch| Ok(below(network, at, batch)?.flatten::<2>(1, 3)))
        .collect::<Result<Vec<_>>>()?;
    Ok(Tensor::cat(inputs, 0))
}
