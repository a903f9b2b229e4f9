//! A product of matrices in tiles that stay in registers: filters × columns.
//!
//! Both come packed, in the order in which a tile reads them: filters in panels of [`PANEL`] rows, `[depth][PANEL]`; columns in
//! panels of [`width`] columns, `[depth][width]`.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

/// Rows of a panel of filters.
pub(crate) const PANEL: usize = 4;
/// Vectors of a panel of columns: with what a step reads, as many sums as the processor has registers for. An engine of
/// WebAssembly on x86 has sixteen, and keeps one for itself.
const VECTORS: usize = if cfg!(target_arch = "wasm32") { 2 } else { 3 };
/// Lanes of the widest vector.
pub(crate) const LANES: usize = 16;
/// Steps of depth that are taken at a time: a panel of filters of that depth stays in the first cache, all columns' in the
/// second.
const DEPTH: usize = 512;

/// Numbers of a vector on this processor.
pub(crate) fn lanes() -> usize {
    struct Lanes;
    impl SimdOp for Lanes {
        type Output = usize;

        #[inline(always)]
        fn eval<I: Isa>(self, isa: I) -> usize {
            isa.f32().len()
        }
    }
    Lanes.dispatch()
}

/// Columns of a panel on this processor.
pub(crate) fn width() -> usize {
    lanes() * VECTORS
}

/// Rows packed into panels; those that are missing in the last one are zero.
pub(crate) fn pack_rows(rows: &[f32], depth: usize) -> Vec<f32> {
    let count = rows.len() / depth;
    let mut packed = vec![0.0; count.next_multiple_of(PANEL) * depth];
    for (at, row) in rows.chunks_exact(depth).enumerate() {
        let panel = &mut packed[at / PANEL * PANEL * depth..][..PANEL * depth];
        for (place, value) in panel[at % PANEL..].iter_mut().step_by(PANEL).zip(row) {
            *place = *value;
        }
    }
    packed
}

/// out = filters × columns + bias, for some panels of filters and the rows that they make.
pub(crate) struct Product<'a, 'b> {
    /// Panels of filters, one for every [`PANEL`] of `out`.
    pub(crate) filters: &'a [f32],
    /// Panels of columns, as many as cover a row of `out`.
    pub(crate) columns: &'a [f32],
    /// Numbers of a filter.
    pub(crate) depth: usize,
    /// What each row begins with.
    pub(crate) bias: &'a [f32],
    /// Rows, all equally long.
    pub(crate) out: &'a mut [&'b mut [f32]],
}

impl SimdOp for Product<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let Self {
            filters,
            columns,
            depth,
            bias,
            out,
        } = self;
        let lanes = isa.f32().len();
        let width = lanes * VECTORS;
        let count = out.first().map_or(0, |row| row.len());
        for from in (0..depth).step_by(DEPTH) {
            let to = (from + DEPTH).min(depth);
            for (at, out) in out.chunks_mut(2 * PANEL).enumerate() {
                let first = at * 2 * PANEL;
                let panel = |index: usize| {
                    let start = (first + index * PANEL) * depth;
                    &filters[start + from * PANEL..start + to * PANEL]
                };
                for (at, columns) in columns.chunks_exact(width * depth).enumerate() {
                    let mut place = Place {
                        bias: (from == 0).then(|| &bias[first..first + out.len()]),
                        start: at * width,
                        end: count.min((at + 1) * width),
                    };
                    let columns = &columns[from * width..to * width];
                    let vectors = (place.end - place.start).div_ceil(lanes);
                    if out.len() <= PANEL {
                        tiles::<I, 1>(isa, [panel(0)], columns, out, vectors, &place);
                    } else if lanes == LANES {
                        // Twice the registers take twice the rows.
                        tiles::<I, 2>(isa, [panel(0), panel(1)], columns, out, vectors, &place);
                    } else if vectors == 1 {
                        // So few sums would have to wait for themselves.
                        tile::<I, 2, 1>(isa, [panel(0), panel(1)], columns, out, &place);
                    } else {
                        let (above, below) = out.split_at_mut(PANEL);
                        tiles::<I, 1>(isa, [panel(0)], columns, above, vectors, &place);
                        place.bias = place.bias.map(|bias| &bias[PANEL..]);
                        tiles::<I, 1>(isa, [panel(1)], columns, below, vectors, &place);
                    }
                }
            }
        }
    }
}

/// A tile of as many vectors as there are.
#[inline(always)]
fn tiles<I: Isa, const PANELS: usize>(
    isa: I,
    filters: [&[f32]; PANELS],
    columns: &[f32],
    out: &mut [&mut [f32]],
    vectors: usize,
    place: &Place<'_>,
) {
    match vectors {
        1 => tile::<I, PANELS, 1>(isa, filters, columns, out, place),
        2 => tile::<I, PANELS, 2>(isa, filters, columns, out, place),
        _ => tile::<I, PANELS, 3>(isa, filters, columns, out, place),
    }
}

/// Where a tile's sums come from and go to.
struct Place<'a> {
    /// What the sums begin with; what is there already if none.
    bias: Option<&'a [f32]>,
    /// First column.
    start: usize,
    /// One behind the last column.
    end: usize,
}

#[inline(always)]
fn tile<I: Isa, const PANELS: usize, const WIDE: usize>(
    isa: I,
    filters: [&[f32]; PANELS],
    columns: &[f32],
    out: &mut [&mut [f32]],
    place: &Place<'_>,
) {
    let ops = isa.f32();
    let lanes = ops.len();
    let mut sums = [[[ops.zero(); WIDE]; PANEL]; PANELS];
    for (row, out) in out.iter().enumerate() {
        let sums = &mut sums[row / PANEL][row % PANEL];
        match place.bias {
            Some(bias) => *sums = [ops.splat(bias[row]); WIDE],
            None => {
                for (sum, out) in sums
                    .iter_mut()
                    .zip(out[place.start..place.end].chunks(lanes))
                {
                    *sum = ops.load_pad(out).0;
                }
            }
        }
    }
    let steps = columns.chunks_exact(lanes * VECTORS);
    let first = filters[0].chunks_exact(PANEL);
    let second = filters[PANELS - 1].chunks_exact(PANEL);
    for ((columns, first), second) in steps.zip(first).zip(second) {
        let columns: [I::F32; WIDE] = ops.load_many(columns);
        for (at, sums) in sums.iter_mut().enumerate() {
            let filters = if at == 0 { first } else { second };
            for (filter, sums) in filters.iter().zip(sums) {
                let filter = ops.splat(*filter);
                for (column, sum) in columns.iter().zip(sums) {
                    *sum = ops.mul_add(filter, *column, *sum);
                }
            }
        }
    }
    for (row, out) in out.iter_mut().enumerate() {
        let sums = &sums[row / PANEL][row % PANEL];
        for (sum, out) in sums
            .iter()
            .zip(out[place.start..place.end].chunks_mut(lanes))
        {
            if out.len() == lanes {
                ops.store(*sum, out);
            } else {
                let mut whole = [0.0; LANES];
                ops.store(*sum, &mut whole);
                out.copy_from_slice(&whole[..out.len()]);
            }
        }
    }
}
