//! Convolution: filters that were packed once, times what every unit sees.

use crate::product::{PANEL, Product, pack_rows, width};
use crate::threads;
use crate::unfold::Bordered;
use crate::winograd::Transformed;
use rten_simd::SimdOp;

/// Where the filters are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Step between neighbouring units, down and across.
    pub stride: [usize; 2],
    /// Zeros around the input: top, left, bottom, right.
    pub pad: [usize; 4],
}

impl Geometry {
    /// Every place as it is.
    pub(crate) const PLAIN: Self = Self {
        stride: [1, 1],
        pad: [0; 4],
    };
}

/// A convolution's filters in the order in which they are read.
#[derive(Debug)]
pub struct Filters {
    order: Order,
    /// Filters, numbers of a filter.
    count: usize,
    depth: usize,
    kernel: [usize; 2],
}

#[derive(Debug)]
enum Order {
    /// Panels, group after group.
    Panels(Vec<Vec<f32>>),
    /// Transformed, for fewer multiplications.
    Transformed(Transformed),
}

impl Filters {
    /// Packs filters `[out, in / groups, kernel rows, kernel cols]` of a convolution with a stride.
    ///
    /// # Panics
    /// When there are not as many numbers, or the groups do not come out even.
    pub fn pack(
        filters: &[f32],
        [out, seen, rows, cols]: [usize; 4],
        groups: usize,
        stride: [usize; 2],
    ) -> Self {
        let depth = seen * rows * cols;
        assert_eq!(filters.len(), out * depth, "numbers of the filters");
        assert_eq!(out % groups, 0, "filters for every group");
        let transformed = Transformed::of(filters, [out, seen, rows, cols], groups, stride);
        let panels = || {
            let groups = filters.chunks_exact(out / groups * depth);
            groups.map(|group| pack_rows(group, depth)).collect()
        };
        Self {
            order: transformed.map_or_else(|| Order::Panels(panels()), Order::Transformed),
            count: out,
            depth,
            kernel: [rows, cols],
        }
    }
}

/// Numbers of a block of columns: a share of the second cache.
const BLOCK: usize = 1 << 19;
/// Shares of the filters for each thread, where one part has several.
const SHARES: usize = 4;

/// Filters every map: `[pictures, maps, rows, cols]` and a bias for each filter to `[pictures, filters, …]`, with the rows and
/// columns of the result. `None` where transformed filters would give another answer: with another stride than they were packed for, and with what is no
/// finite number, which would spoil units that do not see it.
///
/// # Panics
/// When the numbers are not as many as the shapes say, or a filter is larger than the bordered maps.
pub fn forward(
    x: &[f32],
    [pictures, maps, rows, cols]: [usize; 4],
    filters: &Filters,
    bias: &[f32],
    geometry: &Geometry,
) -> Option<(Vec<f32>, [usize; 2])> {
    assert_eq!(
        x.len(),
        pictures * maps * rows * cols,
        "numbers of the maps"
    );
    assert_eq!(bias.len(), filters.count, "a bias for each filter");
    let [top, left, bottom, right] = geometry.pad;
    let units = [
        (rows + top + bottom - filters.kernel[0]) / geometry.stride[0] + 1,
        (cols + left + right - filters.kernel[1]) / geometry.stride[1] + 1,
    ];
    let groups = match &filters.order {
        Order::Panels(groups) => groups,
        Order::Transformed(transformed) => {
            let fits = transformed.fits(geometry.stride) && x.iter().all(|value| value.is_finite());
            return fits
                .then(|| transformed.forward(x, [pictures, maps, rows, cols], bias, geometry));
        }
    };
    // Filters of one number do not tell rows: a map is one long row to them, which is unfolded in one stretch.
    let is_plain = *geometry == Geometry::PLAIN && filters.kernel == [1, 1];
    let row = [1, rows * cols];
    let (sides, steps) = match is_plain {
        true => (row, row),
        false => ([rows, cols], units),
    };
    let places = units[0] * units[1];
    let (seen, made) = (maps / groups.len(), filters.count / groups.len());
    assert_eq!(
        filters.depth,
        seen * filters.kernel[0] * filters.kernel[1],
        "maps that a filter sees"
    );
    let mut out = vec![0.0; pictures * filters.count * places];
    let inputs = threads::map(x.chunks_exact(seen * rows * cols).collect(), |maps| {
        Bordered::new(maps, sides, filters.kernel, geometry, steps)
    });
    let width = width();
    let block = (BLOCK / filters.depth)
        .next_multiple_of(width)
        .max(4 * width);
    let mut parts = Vec::new();
    for (at, out) in out.chunks_exact_mut(made * places).enumerate() {
        let mut blocks: Vec<Vec<&mut [f32]>> = (0..places.div_ceil(block))
            .map(|_| Vec::with_capacity(made))
            .collect();
        for row in out.chunks_exact_mut(places) {
            for (block, part) in blocks.iter_mut().zip(row.chunks_mut(block)) {
                block.push(part);
            }
        }
        let group = at % groups.len();
        parts.extend(blocks.into_iter().enumerate().map(|(index, rows)| Part {
            input: &inputs[at],
            first: index * block,
            filters: &groups[group],
            bias: &bias[group * made..(group + 1) * made],
            rows,
        }));
    }
    if parts.len() < 2 * threads::count() {
        for part in parts {
            part.compute(filters.depth, width, threads::count());
        }
    } else {
        threads::each(parts, |part| part.compute(filters.depth, width, 1));
    }
    Some((out, units))
}

/// Filters nothing, a few million times: an engine of WebAssembly compiles for speed only what has run for a while, and a first
/// picture would have to wait for that.
pub fn warm_up() {
    const SIDE: usize = 28;
    const MAPS: usize = 64;
    for (kernel, stride) in [(5, 2), (7, 2)] {
        let seen = vec![0.0; MAPS * MAPS * kernel * kernel];
        let filters = Filters::pack(&seen, [MAPS, MAPS, kernel, kernel], 1, [stride; 2]);
        let geometry = Geometry {
            stride: [stride; 2],
            pad: [kernel / 2; 4],
        };
        let maps = vec![0.0; MAPS * SIDE * SIDE];
        forward(
            &maps,
            [1, MAPS, SIDE, SIDE],
            &filters,
            &[0.0; MAPS],
            &geometry,
        );
    }
}

/// One group's filters at a block of places of one picture.
struct Part<'a, 'b> {
    input: &'a Bordered<'a>,
    /// The first place.
    first: usize,
    filters: &'a [f32],
    bias: &'a [f32],
    /// What they make there, a row for each filter.
    rows: Vec<&'b mut [f32]>,
}

impl Part<'_, '_> {
    /// On so many threads.
    fn compute(mut self, depth: usize, width: usize, threads: usize) {
        let count = self.rows[0].len();
        let mut columns = vec![0.0; count.next_multiple_of(width) * depth];
        let panels = columns.chunks_exact_mut(width * depth).enumerate();
        let unfold = |(at, panel): (usize, &mut [f32])| {
            let from = at * width;
            self.input
                .panel(self.first + from, width.min(count - from), panel, width);
        };
        if threads == 1 {
            panels.for_each(unfold);
        } else {
            threads::each(panels.collect(), unfold);
        }
        // Every thread a few shares, so that one that is held up does not hold up the others.
        let share = match threads {
            1 => self.rows.len(),
            _ => self.rows.len().div_ceil(threads * SHARES),
        };
        let share = share.next_multiple_of(2 * PANEL);
        let shares = self.rows.chunks_mut(share).enumerate();
        let multiply = |(at, out): (usize, &mut [&mut [f32]])| {
            let product = Product {
                filters: &self.filters[at * share * depth..],
                columns: &columns,
                depth,
                bias: &self.bias[at * share..],
                out,
            };
            product.dispatch();
        };
        threads::each(shares.collect(), multiply);
    }
}
