//! The transpose of a convolution, for signals of which little is left.
//!
//! The sums stand with their maps innermost, so that what one value adds through one row of a filter lies side by side: it
//! is a run of numbers times that value. Filters are packed in such runs once, in panels that stay in the second cache while
//! all targets' values pass.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

use crate::pairs::Pairs;
use crate::product::{LANES, lanes};
use crate::threads;

/// Vectors of a panel, from the widest down; every run is cut into such.
const WIDTHS: [usize; 5] = [12, 6, 3, 2, 1];
/// Numbers of the widest panel that pays: of more, a panel of all maps leaves the second cache.
const WIDEST: usize = 96;

/// A convolution's filters for the way down.
#[derive(Debug)]
pub struct Transposed {
    /// Group after group, row after row of the kernel, panel after panel: `[filters][width]`.
    groups: Vec<Vec<f32>>,
    /// Numbers that a value adds to in a row, and the panels that these are cut into, in vectors.
    run: usize,
    panels: Vec<usize>,
    /// Filters of a group, maps that they see.
    made: usize,
    seen: usize,
    kernel: [usize; 2],
    lanes: usize,
}

impl Transposed {
    /// Packs filters `[out, in / groups, kernel rows, kernel cols]`.
    ///
    /// # Panics
    /// When there are not as many numbers, or the groups do not come out even.
    pub fn pack(filters: &[f32], [out, seen, rows, cols]: [usize; 4], groups: usize) -> Self {
        assert_eq!(
            filters.len(),
            out * seen * rows * cols,
            "numbers of the filters"
        );
        assert_eq!(out % groups, 0, "filters for every group");
        let lanes = lanes();
        let (made, run) = (out / groups, seen * cols);
        let mut left = run.div_ceil(lanes);
        let mut panels = Vec::new();
        while left > 0 {
            let fits = |width: &&usize| **width <= left && **width * lanes <= WIDEST.max(lanes);
            let width = *WIDTHS.iter().find(fits).unwrap_or(&1);
            panels.push(width);
            left -= width;
        }
        let group = |filters: &[f32]| {
            let mut packed = Vec::with_capacity(rows * made * run.next_multiple_of(lanes));
            for row in 0..rows {
                let mut from = 0;
                for width in &panels {
                    for filter in filters.chunks_exact(seen * rows * cols) {
                        packed.extend((from..from + width * lanes).map(|at| {
                            let (col, map) = (at / seen, at % seen);
                            if at < run {
                                filter[(map * rows + row) * cols + col]
                            } else {
                                0.0
                            }
                        }));
                    }
                    from += width * lanes;
                }
            }
            packed
        };
        Self {
            groups: filters
                .chunks_exact(made * seen * rows * cols)
                .map(group)
                .collect(),
            run,
            panels,
            made,
            seen,
            kernel: [rows, cols],
            lanes,
        }
    }

    /// Filters of a group, and groups.
    pub(crate) fn shape(&self) -> [usize; 2] {
        [self.made, self.groups.len()]
    }
}

/// Sends signals down: each target's pairs, group after group, on windows of `size`, to `[targets, maps, …]` on the whole windows
/// below, with their rows and columns.
pub(crate) fn reverse(
    signals: &[Pairs],
    size: [usize; 2],
    filters: &Transposed,
    stride: [usize; 2],
) -> (Vec<f32>, [usize; 2]) {
    let below = [0, 1].map(|axis| (size[axis] - 1) * stride[axis] + filters.kernel[axis]);
    let places = below[0] * below[1];
    let [_, groups] = filters.shape();
    let mut out = vec![0.0; signals.len() * filters.seen * places];
    // As many targets together as leave every thread some.
    let together = (signals.len() / groups)
        .div_ceil(threads::count())
        .min(TOGETHER);
    let mut parts = Vec::new();
    let mut outs: Vec<_> = out
        .chunks_exact_mut(filters.seen * places)
        .map(Some)
        .collect();
    for group in 0..groups {
        let chosen: Vec<usize> = (group..signals.len()).step_by(groups).collect();
        for chosen in chosen.chunks(together.max(1)) {
            let outs = chosen.iter().filter_map(|at| outs[*at].take()).collect();
            let signals = chosen.iter().map(|at| &signals[*at]).collect();
            parts.push(Part {
                signals,
                outs,
                group: &filters.groups[group],
                filters,
                size,
                stride,
                below,
            });
        }
    }
    threads::each(parts, |part| part.dispatch());
    (out, below)
}

/// Targets that pass under one panel: their sums lie in the third cache.
const TOGETHER: usize = 8;

struct Part<'a, 'b> {
    signals: Vec<&'a Pairs>,
    outs: Vec<&'b mut [f32]>,
    group: &'a [f32],
    filters: &'a Transposed,
    size: [usize; 2],
    stride: [usize; 2],
    below: [usize; 2],
}

impl SimdOp for Part<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let Transposed {
            run,
            ref panels,
            made,
            seen,
            kernel,
            lanes,
            ..
        } = *self.filters;
        let numbers = self.below[0] * self.below[1] * seen;
        let mut sums = vec![0.0; self.signals.len() * numbers];
        let mut group = self.group;
        for row in 0..kernel[0] {
            let mut from = 0;
            for width in panels {
                let length = width * lanes;
                let (panel, rest) = group.split_at(made * length);
                group = rest;
                let valid = length.min(run - from);
                for (signal, sums) in self.signals.iter().zip(sums.chunks_exact_mut(numbers)) {
                    for (place, pairs) in signal.sums() {
                        let at = [place / self.size[1], place % self.size[1]];
                        let start =
                            (at[0] * self.stride[0] + row) * self.below[1] + at[1] * self.stride[1];
                        let sums = &mut sums[start * seen + from..][..valid];
                        match width {
                            12 => add::<I, 12>(isa, panel, pairs, sums),
                            6 => add::<I, 6>(isa, panel, pairs, sums),
                            3 => add::<I, 3>(isa, panel, pairs, sums),
                            2 => add::<I, 2>(isa, panel, pairs, sums),
                            _ => add::<I, 1>(isa, panel, pairs, sums),
                        }
                    }
                }
                from += length;
            }
        }
        let places = self.below[0] * self.below[1];
        for (out, sums) in self.outs.into_iter().zip(sums.chunks_exact(numbers)) {
            // Maps outermost again, some places at a time, so that these stay in the first cache.
            for (at, sums) in sums.chunks(SOME * seen).enumerate() {
                for (map, out) in out.chunks_exact_mut(places).enumerate() {
                    let out = out[at * SOME..].iter_mut();
                    for (out, sum) in out.zip(sums[map..].iter().step_by(seen)) {
                        *out = *sum;
                    }
                }
            }
        }
    }
}

/// Places whose maps are turned outermost at a time.
const SOME: usize = 16;

/// Adds every pair's value times its run of the panel.
#[inline(always)]
fn add<I: Isa, const WIDTH: usize>(isa: I, panel: &[f32], pairs: &[(u32, f32)], out: &mut [f32]) {
    let ops = isa.f32();
    let length = WIDTH * ops.len();
    let mut sums = [ops.zero(); WIDTH];
    for (map, value) in pairs {
        let value = ops.splat(*value);
        let run: [I::F32; WIDTH] = ops.load_many(&panel[*map as usize * length..][..length]);
        for (sum, run) in sums.iter_mut().zip(&run) {
            *sum = ops.mul_add(value, *run, *sum);
        }
    }
    for (sum, out) in sums.iter().zip(out.chunks_mut(ops.len())) {
        if out.len() == ops.len() {
            ops.store(ops.add(ops.load(out), *sum), out);
        } else {
            let mut whole = [0.0; LANES];
            ops.store(*sum, &mut whole);
            for (out, sum) in out.iter_mut().zip(whole) {
                *out += sum;
            }
        }
    }
}
