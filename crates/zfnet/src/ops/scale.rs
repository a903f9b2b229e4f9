//! One layer's maps times another's: a gate for each map, or for each unit (Hu et al. 2018, *Squeeze-and-Excitation*).
//!
//! A product is no linear operation. On the way down it is passed by its derivative under every rule.

use burn::tensor::Tensor;

use crate::geometry::signal::Signal;

/// Opens and closes.
///
/// # Shapes
/// x `[pictures, maps, rows, cols]`, gate the same or `[pictures, maps, 1, 1]`.
pub fn forward(x: Tensor<4>, gate: Tensor<4>) -> Tensor<4> {
    x * gate
}

/// The signal for the maps, which is as open as they were; and for the gate, which is what it let through.
///
/// # Shapes
/// signal `[targets, maps, window rows, window cols]`; `x` and `gate` as they went in, of one picture.
pub fn reverse(signal: Signal, x: Tensor<4>, gate: Tensor<4>) -> Vec<Signal> {
    let [_, maps, rows, cols] = gate.dims();
    let whole = [rows, cols] != [1, 1] || signal.windows().frame == [1, 1];
    let opened = signal.clone().map(|signal, windows| match whole {
        true => signal * windows.cut(gate),
        false => signal * gate,
    });
    let let_through = signal.map(|signal, windows| signal * windows.cut(x));
    let let_through = match whole {
        true => let_through,
        false => {
            let (values, _) = let_through.into_parts();
            let [targets, ..] = values.dims();
            let sums = values.sum_dim(2).sum_dim(3).reshape([targets, maps, 1, 1]);
            Signal::whole(sums)
        }
    };
    vec![opened, let_through]
}
