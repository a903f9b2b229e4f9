//! The derivative of a convolution by its filters, for signals of which little is left.
//!
//! The mirror of [`transpose`](crate::transpose): the input stands with its maps innermost, so that what one row of a filter sees
//! lies side by side, and a value of the signal adds that run of numbers, times itself, to its filter's sums.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

use crate::conv::Geometry;
use crate::pairs::{Left, Pairs};
use crate::product::{LANES, lanes};
use crate::threads;

/// Vectors of the widest panel of a run: their sums stay in registers.
const WIDEST: usize = 6;
/// Numbers of the input that are seen through one panel by a filter before the next filter's turn: a share of the second cache.
const TOGETHER: usize = 1 << 17;

/// Derivatives by the filters `[out, in / groups, kernel rows, kernel cols]` and by the biases, summed over the pictures.
///
/// x is `[pictures, maps, rows, cols]`; `signals` are what is left of every picture's, group after group, on maps of `units`
/// rows and columns.
///
/// # Panics
/// When the numbers are not as many as the shapes say.
pub(crate) fn gradient(
    x: &[f32],
    [pictures, maps, rows, cols]: [usize; 4],
    signals: &[Vec<Left>],
    units: [usize; 2],
    [out, seen, down, across]: [usize; 4],
    geometry: &Geometry,
) -> (Vec<f32>, Vec<f32>) {
    assert_eq!(
        x.len(),
        pictures * maps * rows * cols,
        "numbers of the maps"
    );
    assert_eq!(
        maps % seen,
        0,
        "maps that a filter sees, for every group of them"
    );
    let groups = maps / seen;
    assert_eq!(
        signals.len(),
        pictures * groups,
        "a signal of every group of every picture"
    );
    let filter = seen * down * across;
    let mut weights = vec![0.0; out * filter];
    let mut biases = vec![0.0; out];
    let own = weights.chunks_exact_mut(out / groups * filter);
    for (group, (weights, biases)) in own.zip(biases.chunks_exact_mut(out / groups)).enumerate() {
        let every = |numbers: usize| (0..pictures).map(move |at| (at * groups + group) * numbers);
        let signals: Vec<&[Left]> = every(1).map(|at| signals[at].as_slice()).collect();
        let plane = rows * cols;
        let maps = every(seen * plane).map(|from| &x[from..][..seen * plane]);
        let input = Turned::new(
            maps.collect(),
            [rows, cols],
            units,
            [down, across],
            geometry,
        );
        input.gradient(&signals, weights, biases);
    }
    (weights, biases)
}

/// One group's maps of all pictures, bordered with zeros, maps innermost.
struct Turned {
    values: Vec<f32>,
    /// Numbers of a picture, of one of its rows, of one of its places.
    picture: usize,
    row: usize,
    place: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    /// Units in a row.
    across: usize,
}

impl Turned {
    /// Of each picture's maps `[maps, rows, cols]`.
    fn new(
        pictures: Vec<&[f32]>,
        [rows, cols]: [usize; 2],
        units: [usize; 2],
        kernel: [usize; 2],
        geometry: &Geometry,
    ) -> Self {
        let [top, left, ..] = geometry.pad;
        // What no unit sees is left out.
        let [height, width] =
            [0, 1].map(|axis| (units[axis] - 1) * geometry.stride[axis] + kernel[axis]);
        let place = pictures[0].len() / (rows * cols);
        let (row, picture) = (width * place, height * width * place);
        // Room for the rest of a panel behind the last run.
        let mut values = vec![0.0; pictures.len() * picture + WIDEST * LANES];
        let parts = pictures.into_iter().zip(values.chunks_exact_mut(picture));
        threads::each(parts.collect(), |(maps, values)| {
            for (from, values) in values
                .chunks_exact_mut(row)
                .skip(top)
                .take(rows)
                .enumerate()
            {
                for (map, maps) in maps.chunks_exact(rows * cols).enumerate() {
                    let places = values.iter_mut().skip(left * place + map).step_by(place);
                    for (value, seen) in places.zip(&maps[from * cols..][..cols]) {
                        *value = *seen;
                    }
                }
            }
        });
        Self {
            values,
            picture,
            row,
            place,
            kernel,
            stride: geometry.stride,
            across: units[1],
        }
    }

    /// Where the first number lies that a unit sees.
    fn corner(&self, picture: usize, unit: u32) -> u32 {
        let (row, col) = (unit as usize / self.across, unit as usize % self.across);
        let corner = row * self.stride[0] * self.row + col * self.stride[1] * self.place;
        (picture * self.picture + corner) as u32
    }

    /// Derivatives by the group's filters and biases.
    fn gradient(&self, signals: &[&[Left]], weights: &mut [f32], biases: &mut [f32]) {
        let [down, across] = self.kernel;
        let (run, made) = (across * self.place, biases.len());
        let together = (TOGETHER / self.picture).max(1);
        let chunks = signals.chunks(together).enumerate().collect();
        let pairs = threads::map(chunks, |(chunk, signals): (usize, &[&[Left]])| {
            let pictures = signals.iter().enumerate();
            let left = pictures.flat_map(|(at, left)| {
                let of_unit = move |unit| self.corner(chunk * together + at, unit);
                left.iter()
                    .map(move |left| (left.map, of_unit(left.place), left.value))
            });
            Pairs::of(left, made)
        });
        let parts = (0..down).flat_map(|row| panels(run).map(move |panel| (row, panel)));
        let done = threads::map(parts.collect(), |(row, (from, vectors))| {
            let part = Part {
                vectors,
                made,
                input: &self.values[row * self.row + from..],
                pairs: &pairs,
            };
            (row, from, part.dispatch())
        });
        let filters = weights.chunks_exact_mut(down * run).zip(biases).enumerate();
        threads::each(filters.collect(), |(filter, (weights, bias))| {
            let own = pairs.iter().flat_map(|pairs| pairs.of_sum(filter));
            *bias = own.map(|(_, value)| value).sum();
            for (row, from, sums) in &done {
                let length = sums.len() / made;
                for (at, sum) in (*from..run).zip(&sums[filter * length..][..length]) {
                    let (col, map) = (at / self.place, at % self.place);
                    weights[(map * down + row) * across + col] = *sum;
                }
            }
        });
    }
}

/// A run cut into panels that are as alike as can be: where each begins, and its vectors.
fn panels(run: usize) -> impl Iterator<Item = (usize, usize)> {
    let lanes = lanes();
    let vectors = run.div_ceil(lanes);
    let count = vectors.div_ceil(WIDEST);
    let from = move |panel: usize| panel * vectors / count;
    (0..count).map(move |panel| (from(panel) * lanes, from(panel + 1) - from(panel)))
}

/// One panel of one row of every filter of a group.
struct Part<'a> {
    /// Vectors of the panel.
    vectors: usize,
    /// Filters of the group.
    made: usize,
    /// The input from the first number that the first unit sees of it through the panel.
    input: &'a [f32],
    pairs: &'a [Pairs],
}

impl SimdOp for Part<'_> {
    /// Sums of every filter, `[filters][vectors × lanes]`.
    type Output = Vec<f32>;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> Vec<f32> {
        let length = self.vectors * isa.f32().len();
        let mut sums = vec![0.0; self.made * length];
        for (filter, pairs) in self.pairs.iter().flat_map(Pairs::sums) {
            let sums = &mut sums[filter * length..][..length];
            match self.vectors {
                1 => add::<I, 1>(isa, self.input, pairs, sums),
                2 => add::<I, 2>(isa, self.input, pairs, sums),
                3 => add::<I, 3>(isa, self.input, pairs, sums),
                4 => add::<I, 4>(isa, self.input, pairs, sums),
                5 => add::<I, 5>(isa, self.input, pairs, sums),
                _ => add::<I, WIDEST>(isa, self.input, pairs, sums),
            }
        }
        sums
    }
}

/// Adds every pair's value times what lies at its place of the input.
#[inline(always)]
fn add<I: Isa, const WIDE: usize>(isa: I, input: &[f32], pairs: &[(u32, f32)], out: &mut [f32]) {
    let ops = isa.f32();
    let length = WIDE * ops.len();
    let mut sums: [I::F32; WIDE] = ops.load_many(out);
    for (place, value) in pairs {
        let value = ops.splat(*value);
        let seen: [I::F32; WIDE] = ops.load_many(&input[*place as usize..][..length]);
        for (sum, seen) in sums.iter_mut().zip(&seen) {
            *sum = ops.mul_add(value, *seen, *sum);
        }
    }
    for (sum, out) in sums.iter().zip(out.chunks_exact_mut(ops.len())) {
        ops.store(*sum, out);
    }
}
