//! Max pooling with switches, in one pass.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

use crate::product::LANES;
use crate::threads;

/// Where the windows are put.
#[derive(Debug, Clone, Copy)]
pub struct Geometry {
    /// Rows and columns of a window.
    pub kernel: [usize; 2],
    /// Step between neighbouring windows.
    pub stride: [usize; 2],
    /// Padding that never wins: top, left, bottom, right.
    pub pad: [usize; 4],
}

/// What pooling leaves.
#[derive(Debug)]
pub struct Pooled {
    /// The maximum of every window.
    pub values: Vec<f32>,
    /// Its place in the map, row-major: the first maximum's, or the last one's that is no number.
    pub switches: Vec<i32>,
    /// Windows down and across.
    pub windows: [usize; 2],
}

/// Maps that a thread takes at a time.
const MAPS: usize = 8;

/// Pools maps of `[rows, cols]`, however many there are.
///
/// # Panics
/// When a window is larger than the padded map.
pub fn forward(x: &[f32], [rows, cols]: [usize; 2], geometry: &Geometry) -> Pooled {
    let [top, left, bottom, right] = geometry.pad;
    let windows = [
        (rows + top + bottom - geometry.kernel[0]) / geometry.stride[0] + 1,
        (cols + left + right - geometry.kernel[1]) / geometry.stride[1] + 1,
    ];
    let (places, count) = (rows * cols, windows[0] * windows[1]);
    let maps = x.len() / places;
    let mut values = vec![f32::NEG_INFINITY; maps * count];
    let mut switches = vec![-1; maps * count];
    let parts = x
        .chunks(MAPS * places)
        .zip(values.chunks_mut(MAPS * count))
        .zip(switches.chunks_mut(MAPS * count))
        .map(|((x, values), switches)| Part {
            x,
            values,
            switches,
            size: [rows, cols],
            windows,
            geometry,
        });
    threads::each(parts.collect(), |part| part.dispatch());
    Pooled {
        values,
        switches,
        windows,
    }
}

struct Part<'a> {
    x: &'a [f32],
    values: &'a mut [f32],
    switches: &'a mut [i32],
    size: [usize; 2],
    windows: [usize; 2],
    geometry: &'a Geometry,
}

impl SimdOp for Part<'_> {
    type Output = ();

    /// Row by row and tap by tap, over all windows of a row at once; compiled for what the processor has.
    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let Self {
            x,
            values,
            switches,
            size: [rows, cols],
            windows: [down, across],
            geometry,
        } = self;
        let Geometry {
            kernel,
            stride,
            pad: [top, left, ..],
        } = *geometry;
        let part = cols.div_ceil(stride[1]);
        let mut sorted = vec![0.0; part * stride[1]];
        let maps = x.chunks_exact(rows * cols);
        let pooled = values
            .chunks_exact_mut(down * across)
            .zip(switches.chunks_exact_mut(down * across));
        for (map, (values, switches)) in maps.zip(pooled) {
            let lines = values
                .chunks_exact_mut(across)
                .zip(switches.chunks_exact_mut(across));
            for (line, (values, switches)) in lines.enumerate() {
                for row in line * stride[0]..line * stride[0] + kernel[0] {
                    let Some(row) = row.checked_sub(top).filter(|row| *row < rows) else {
                        continue;
                    };
                    sort(&map[row * cols..][..cols], stride[1], part, &mut sorted);
                    for tap in 0..kernel[1] {
                        // Windows whose tap lies on the map.
                        let first = left.saturating_sub(tap).div_ceil(stride[1]);
                        let end = match (cols + left).checked_sub(tap + 1) {
                            Some(last) => across.min(last / stride[1] + 1),
                            None => 0,
                        };
                        if first >= end {
                            continue;
                        }
                        let col = first * stride[1] + tap - left;
                        let seen = &sorted[col % stride[1] * part + col / stride[1]..];
                        let steps = [(row * cols + col) as i32, stride[1] as i32];
                        best(
                            isa,
                            seen,
                            steps,
                            &mut values[first..end],
                            &mut switches[first..end],
                        );
                    }
                }
            }
        }
    }
}

/// Sorts the numbers of a row by their rest to the stride, `part` of each, so that what neighbouring windows see through one tap
/// lies side by side.
#[inline(always)]
fn sort(row: &[f32], stride: usize, part: usize, sorted: &mut [f32]) {
    match stride {
        1 => sorted[..row.len()].copy_from_slice(row),
        2 => {
            let (even, odd) = sorted.split_at_mut(part);
            let (pairs, last) = row.as_chunks::<2>();
            for (pair, (even, odd)) in pairs.iter().zip(even.iter_mut().zip(odd)) {
                [*even, *odd] = *pair;
            }
            if let [last] = last {
                even[pairs.len()] = *last;
            }
        }
        _ => {
            for (rest, sorted) in sorted.chunks_exact_mut(part).enumerate() {
                let chosen = row.iter().skip(rest).step_by(stride);
                for (sorted, chosen) in sorted.iter_mut().zip(chosen) {
                    *sorted = *chosen;
                }
            }
        }
    }
}

/// One tap of neighbouring windows: the place of the first, and the step to the next one's.
#[inline(always)]
fn best<I: Isa>(
    isa: I,
    seen: &[f32],
    [place, step]: [i32; 2],
    values: &mut [f32],
    switches: &mut [i32],
) {
    let (floats, places) = (isa.f32(), isa.i32());
    let lanes = floats.len();
    let steps: [i32; LANES] = std::array::from_fn(|at| at as i32 * step);
    let steps = places.load(&steps);
    let (whole, count) = (values.len() / lanes * lanes, values.len());
    for at in (0..whole).step_by(lanes) {
        let (values, switches) = (&mut values[at..at + lanes], &mut switches[at..at + lanes]);
        let x = floats.load(&seen[at..at + lanes]);
        let (value, switch) = (floats.load(values), places.load(switches));
        let here = places.add(places.splat(place + at as i32 * step), steps);
        // As `better` says it.
        let greater = floats.gt(x, value);
        let first = places.lt(switch, places.zero());
        let number = floats.eq(x, x);
        let value = floats.select(x, floats.select(x, value, greater), first);
        let switch = places.select(here, places.select(here, switch, greater), first);
        floats.store(floats.select(value, x, number), values);
        places.store(places.select(switch, here, number), switches);
    }
    for at in whole..count {
        better(
            seen[at],
            place + at as i32 * step,
            &mut values[at],
            &mut switches[at],
        );
    }
}

/// Takes a value that is greater than the best so far, the first of a window, or no number, which wins wherever it stands.
#[inline(always)]
fn better(seen: f32, place: i32, value: &mut f32, switch: &mut i32) {
    let wins = (seen > *value) | (*switch < 0) | seen.is_nan();
    *value = if wins { seen } else { *value };
    *switch = if wins { place } else { *switch };
}
