//! Max pooling with switches, in one pass.

use rten_simd::{Isa, SimdOp};

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
    fn eval<I: Isa>(self, _: I) {
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
                        let start = row * cols;
                        let seen = &map[start + col..start + cols];
                        let place = (start + col) as i32;
                        let (values, switches) =
                            (&mut values[first..end], &mut switches[first..end]);
                        match stride[1] {
                            1 => best::<1>(seen, place, values, switches),
                            2 => best::<2>(seen, place, values, switches),
                            stride => {
                                for (at, (value, switch)) in
                                    values.iter_mut().zip(switches).enumerate()
                                {
                                    better(
                                        seen[at * stride],
                                        place + (at * stride) as i32,
                                        value,
                                        switch,
                                    );
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One tap of neighbouring windows that lie a constant stride apart.
#[inline(always)]
fn best<const STRIDE: usize>(seen: &[f32], place: i32, values: &mut [f32], switches: &mut [i32]) {
    let (whole, rest) = seen.as_chunks::<STRIDE>();
    // The last window's tap may be the last of the row, with less than a stride behind it.
    let all = whole.len().min(values.len());
    let (values, last_value) = values.split_at_mut(all);
    let (switches, last_switch) = switches.split_at_mut(all);
    for ((at, chunk), (value, switch)) in whole
        .iter()
        .enumerate()
        .zip(values.iter_mut().zip(switches.iter_mut()))
    {
        better(chunk[0], place + (at * STRIDE) as i32, value, switch);
    }
    if let ([value], [switch]) = (last_value, last_switch) {
        better(rest[0], place + (all * STRIDE) as i32, value, switch);
    }
}

/// Takes a value that is greater than the best so far, the first of a window, or no number, which wins wherever it stands.
#[inline(always)]
fn better(seen: f32, place: i32, value: &mut f32, switch: &mut i32) {
    let wins = (seen > *value) | (*switch < 0) | seen.is_nan();
    *value = if wins { seen } else { *value };
    *switch = if wins { place } else { *switch };
}
