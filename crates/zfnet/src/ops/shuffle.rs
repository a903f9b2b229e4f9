//! Maps of groups that do not see each other, dealt out so that the next groups see some of each (Zhang et al. 2018, *ShuffleNet*).

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::geometry::signal::Signal;

/// Deals maps out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shuffle {
    /// How many groups there are below.
    pub groups: usize,
}

/// Deals the maps out: the first of every group, then the second of every group, …
pub fn forward(x: Tensor<4>, Shuffle { groups }: Shuffle) -> Tensor<4> {
    let [pictures, maps, rows, cols] = x.dims();
    x.reshape([pictures, groups, maps / groups, rows, cols])
        .swap_dims(1, 2)
        .reshape([pictures, maps, rows, cols])
}

/// Gathers them again.
pub fn reverse(signal: Signal, Shuffle { groups }: Shuffle) -> Signal {
    signal.map(|signal, _| {
        let [_, maps, ..] = signal.dims();
        let groups = maps / groups;
        forward(signal, Shuffle { groups })
    })
}
