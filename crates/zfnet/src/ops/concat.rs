//! Several layers' maps, one behind the other (Szegedy et al. 2015, *Going Deeper with Convolutions*).

use burn::tensor::Tensor;

use crate::geometry::signal::Signal;

/// Joins maps of one size, `[pictures, maps, rows, cols]` each, along the maps.
pub fn forward(inputs: Vec<Tensor<4>>) -> Tensor<4> {
    Tensor::cat(inputs, 1)
}

/// Every part gets the signal of its own maps, of which there are `maps` in each.
pub fn reverse(signal: Signal, maps: impl IntoIterator<Item = usize>) -> Vec<Signal> {
    let (values, windows) = signal.into_parts();
    let [targets, _, rows, cols] = values.dims();
    let mut from = 0;
    let part = |count: usize| {
        let own = [0..targets, from..from + count, 0..rows, 0..cols];
        from += count;
        Signal::new(values.clone().slice(own), windows.clone())
    };
    maps.into_iter().map(part).collect()
}
