//! Convolution in fewer multiplications: F(2×2, 3×3) of Lavin & Gray (2016), 4 for a unit in place of 9; and with larger steps,
//! of which each phase is a convolution of its own (Huang et al. 2020, DWM), 12 in place of 25 for a filter of 5 by 5 and a step
//! of 2.
//!
//! Two by two units see a tile of four by four numbers of every phase. Tile and filter are transformed, multiplied place by place,
//! which is a product of matrices for each of the sixteen places, and what comes out is transformed to the four units: for all
//! phases together, since filters of fewer taps are transformed to some of the same places. All factors are 1 and ½, so that sums
//! are rounded no worse than those of the products themselves.

use rten_simd::SimdOp;

use crate::conv::Geometry;
use crate::product::{PANEL, Product, pack_rows, width};
use crate::threads;

/// Places of a tile.
const PLACES: usize = 16;
/// Numbers of the tiles of a block of columns: a share of the second cache.
const BLOCK: usize = 1 << 20;
/// Maps of which fewer cost more to transform than is saved.
const FEWEST: usize = 8;
/// Share of the multiplications of which no more may be left.
const MOST: f64 = 0.6;

/// What a row or column of a transformed tile is made of: a number of the tile, another one, and the sign of that.
type Pair = (usize, usize, f32);

/// A row or column of a tile that filters of so many taps see, transformed to the places 0, 1, −1 and ∞ (Toom and Cook); filters of
/// fewer taps do without some.
const fn pairs(taps: usize) -> [Option<Pair>; 4] {
    match taps {
        1 => [Some((0, 0, 0.0)), None, None, Some((1, 1, 0.0))],
        2 => [
            Some((0, 1, -1.0)),
            Some((1, 1, 0.0)),
            None,
            Some((1, 2, -1.0)),
        ],
        _ => [
            Some((0, 2, -1.0)),
            Some((1, 2, 1.0)),
            Some((2, 1, -1.0)),
            Some((1, 3, -1.0)),
        ],
    }
}

/// A filter's row or column of up to three taps, transformed to the same places; zero where [`pairs`] has none.
fn spread(taps: &[f32]) -> [f32; 4] {
    match *taps {
        [a] => [a, 0.0, 0.0, -a],
        [a, b] => [a, a + b, 0.0, b],
        [a, b, c] => [a, (a + b + c) / 2.0, (a - b + c) / 2.0, c],
        _ => unreachable!("a phase has up to three taps"),
    }
}

/// What a step leaves out: the places of the input that some of a filter's taps see.
#[derive(Debug, Clone, Copy)]
struct Phase {
    /// Row and column of its first tap.
    first: [usize; 2],
    /// Taps down and across.
    taps: [usize; 2],
}

impl Phase {
    /// Those of a kernel.
    fn all(kernel: [usize; 2], stride: [usize; 2]) -> Vec<Self> {
        let taps =
            |axis: usize, first: usize| kernel[axis].saturating_sub(first).div_ceil(stride[axis]);
        let firsts = (0..stride[0]).flat_map(|row| (0..stride[1]).map(move |col| [row, col]));
        firsts
            .map(|first| Self {
                first,
                taps: [taps(0, first[0]), taps(1, first[1])],
            })
            .filter(|phase| !phase.taps.contains(&0))
            .collect()
    }

    /// How one place of its tiles is made, if its filters are transformed to that place: by rows, by columns.
    fn at(&self, place: usize) -> Option<(Pair, Pair)> {
        Option::zip(
            pairs(self.taps[0])[place / 4],
            pairs(self.taps[1])[place % 4],
        )
    }

    /// G g Gᵀ of its taps of a filter `[rows, cols]`.
    fn transformed(&self, filter: &[f32], cols: usize, stride: [usize; 2]) -> [f32; PLACES] {
        let row = |at: usize| {
            let taps = filter[(self.first[0] + at * stride[0]) * cols + self.first[1]..].iter();
            let taps: Vec<f32> = taps
                .step_by(stride[1])
                .take(self.taps[1])
                .copied()
                .collect();
            spread(&taps)
        };
        let rows: Vec<[f32; 4]> = (0..self.taps[0]).map(row).collect();
        let mut out = [0.0; PLACES];
        for col in 0..4 {
            let column: Vec<f32> = rows.iter().map(|row| row[col]).collect();
            for (row, value) in spread(&column).into_iter().enumerate() {
                out[4 * row + col] = value;
            }
        }
        out
    }
}

/// Transformed filters.
#[derive(Debug)]
pub(crate) struct Transformed {
    /// Group after group, panels of each place of a tile: of every phase that has it, every map.
    groups: Vec<Vec<Vec<f32>>>,
    phases: Vec<Phase>,
    /// Filters of a group, maps that they see.
    made: usize,
    seen: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
}

impl Transformed {
    /// Transforms filters `[out, in / groups, kernel rows, kernel cols]`, if it pays for such.
    pub(crate) fn of(
        filters: &[f32],
        [out, seen, rows, cols]: [usize; 4],
        groups: usize,
        stride: [usize; 2],
    ) -> Option<Self> {
        let made = out / groups;
        let phases = Phase::all([rows, cols], stride);
        let is_short = |phase: &Phase| phase.taps.iter().all(|taps| *taps <= 3);
        let products: usize = (0..PLACES)
            .map(|place| having(&phases, place).count())
            .sum();
        let share = products as f64 / (4 * rows * cols) as f64;
        if !phases.iter().all(is_short) || share > MOST || seen.min(made) < FEWEST {
            return None;
        }
        let group = |filters: &[f32]| {
            let mut places = [const { Vec::new() }; PLACES];
            for filter in filters.chunks_exact(seen * rows * cols) {
                for phase in &phases {
                    for taps in filter.chunks_exact(rows * cols) {
                        let values = phase.transformed(taps, cols, stride);
                        for (place, value) in values.into_iter().enumerate() {
                            if phase.at(place).is_some() {
                                places[place].push(value);
                            }
                        }
                    }
                }
            }
            let packed = |rows: &Vec<f32>| match rows.len() / made {
                0 => Vec::new(), // a place that no phase has
                depth => pack_rows(rows, depth),
            };
            places.iter().map(packed).collect()
        };
        let group_of = made * seen * rows * cols;
        Some(Self {
            groups: filters.chunks_exact(group_of).map(group).collect(),
            phases,
            made,
            seen,
            kernel: [rows, cols],
            stride,
        })
    }

    /// Whether they are for such a step.
    pub(crate) fn fits(&self, stride: [usize; 2]) -> bool {
        self.stride == stride
    }

    /// As [`conv::forward`](crate::conv::forward), for numbers that are all finite: what is none would spoil all units of its tiles.
    pub(crate) fn forward(
        &self,
        x: &[f32],
        [pictures, maps, rows, cols]: [usize; 4],
        bias: &[f32],
        geometry: &Geometry,
    ) -> (Vec<f32>, [usize; 2]) {
        let [top, left, bottom, right] = geometry.pad;
        let units = [
            (rows + top + bottom - self.kernel[0]) / self.stride[0] + 1,
            (cols + left + right - self.kernel[1]) / self.stride[1] + 1,
        ];
        let tiles = units.map(|units| units.div_ceil(2));
        let frame = tiles.map(|tiles| 2 * tiles + 2);
        let bordered = threads::map(x.chunks_exact(rows * cols).collect(), |map| {
            self.phased(map, cols, [top, left], frame)
        });
        let places = units[0] * units[1];
        let mut out = vec![0.0; pictures * self.made * self.groups.len() * places];
        let mut outs: Vec<Vec<&mut [f32]>> = (0..self.groups.len() * self.made)
            .map(|_| Vec::with_capacity(pictures))
            .collect();
        for (at, row) in out.chunks_exact_mut(places).enumerate() {
            let filters = outs.len();
            outs[at % filters].push(row);
        }
        let all = pictures * tiles[0] * tiles[1];
        let depths: usize = (0..PLACES).map(|place| self.depth(place)).sum();
        let block = (BLOCK / depths).max(1).next_multiple_of(width());
        for (group, (filters, outs)) in self
            .groups
            .iter()
            .zip(outs.chunks_mut(self.made))
            .enumerate()
        {
            let seen =
                |picture: usize| &bordered[picture * maps + group * self.seen..][..self.seen];
            for first in (0..all).step_by(block) {
                let count = block.min(all - first);
                let columns: Vec<Column> = (first..first + count)
                    .map(|at| Column::of(at, tiles))
                    .collect();
                let products = self.multiply(filters, &columns, frame, seen);
                let bias = &bias[group * self.made..];
                let rows = outs.iter_mut().enumerate().collect();
                threads::each(rows, |(filter, pictures): (usize, &mut Vec<&mut [f32]>)| {
                    let places: [&[f32]; PLACES] =
                        std::array::from_fn(|place| &products[place][filter * count..][..count]);
                    let made = untransformed(&places, bias[filter]);
                    for (at, column) in columns.iter().enumerate() {
                        column.put(made[at], pictures[column.picture], units);
                    }
                });
            }
        }
        (out, units)
    }

    /// A map bordered with zeros, phase after phase.
    fn phased(
        &self,
        map: &[f32],
        cols: usize,
        [top, left]: [usize; 2],
        frame: [usize; 2],
    ) -> Vec<f32> {
        let plane = frame[0] * frame[1];
        let mut bordered = vec![0.0; self.phases.len() * plane];
        for (phase, bordered) in self.phases.iter().zip(bordered.chunks_exact_mut(plane)) {
            let [down, across] = self.stride;
            // The first row of the map that the phase sees, and the phase's row that it is.
            let seen = |axis: usize, border: usize| {
                let (first, step) = (phase.first[axis], self.stride[axis]);
                let skipped = border.saturating_sub(first).div_ceil(step);
                (first + skipped * step - border, skipped)
            };
            let ((from_row, row), (from_col, col)) = (seen(0, top), seen(1, left));
            let lines = bordered.chunks_exact_mut(frame[1]).skip(row);
            let rows = map.chunks_exact(cols).skip(from_row).step_by(down);
            for (line, values) in lines.zip(rows) {
                if across == 1 {
                    let length = (cols - from_col).min(frame[1] - col);
                    line[col..col + length].copy_from_slice(&values[from_col..][..length]);
                    continue;
                }
                let values = values.iter().skip(from_col).step_by(across);
                for (place, value) in line[col.min(frame[1])..].iter_mut().zip(values) {
                    *place = *value;
                }
            }
        }
        bordered
    }

    /// Numbers that are multiplied at a place, for each unit.
    fn depth(&self, place: usize) -> usize {
        having(&self.phases, place).count() * self.seen
    }

    /// For each place of a tile, what every filter makes of every column's maps there, `[filters, columns]`.
    fn multiply<'x>(
        &self,
        filters: &[Vec<f32>],
        columns: &[Column],
        frame: [usize; 2],
        seen: impl Fn(usize) -> &'x [Vec<f32>] + Sync,
    ) -> Vec<Vec<f32>> {
        let nothing = vec![0.0; self.made];
        let tiles = threads::map((0..PLACES).collect(), |place| {
            self.transform(place, columns, frame, &seen)
        });
        let mut products = vec![vec![0.0; self.made * columns.len()]; PLACES];
        // Shares of the filters, so that no thread waits for another's last place.
        let share = self.made.div_ceil(2).next_multiple_of(2 * PANEL);
        let parts = products.iter_mut().zip(filters.iter().zip(&tiles));
        let parts = parts.filter(|(_, (filters, _))| !filters.is_empty());
        let parts = parts.flat_map(|(products, (filters, tiles))| {
            let depth = tiles.len() / columns.len().next_multiple_of(width());
            let shares = products.chunks_mut(share * columns.len()).enumerate();
            shares.map(move |(at, rows)| (rows, &filters[at * share * depth..], tiles, depth))
        });
        threads::each(
            parts.collect(),
            |(rows, filters, tiles, depth): (&mut [f32], &[f32], &Vec<f32>, usize)| {
                let mut out: Vec<_> = rows.chunks_exact_mut(columns.len()).collect();
                let product = Product {
                    filters,
                    columns: tiles,
                    depth,
                    bias: &nothing,
                    out: &mut out,
                };
                product.dispatch();
            },
        );
        products
    }

    /// One place of every column's transformed tiles, in panels as a [`Product`] reads them.
    fn transform<'x>(
        &self,
        place: usize,
        columns: &[Column],
        frame: [usize; 2],
        seen: &impl Fn(usize) -> &'x [Vec<f32>],
    ) -> Vec<f32> {
        let (depth, width) = (self.depth(place), width());
        if depth == 0 {
            return Vec::new();
        }
        let (plane, across) = (frame[0] * frame[1], frame[1]);
        let mut panels = vec![0.0; columns.len().next_multiple_of(width) * depth];
        for (panel, columns) in panels
            .chunks_exact_mut(width * depth)
            .zip(columns.chunks(width))
        {
            let own = having(&self.phases, place).zip(panel.chunks_exact_mut(width * self.seen));
            for ((phase, (down, along)), panel) in own {
                for (at, column) in columns.iter().enumerate() {
                    let start = phase * plane + 2 * column.row * across + 2 * column.col;
                    let [first, second] = [down.0, down.1].map(|row| start + row * across);
                    for (map, values) in seen(column.picture).iter().enumerate() {
                        let made =
                            |row: usize| values[row + along.0] + along.2 * values[row + along.1];
                        panel[map * width + at] = made(first) + down.2 * made(second);
                    }
                }
            }
        }
        panels
    }
}

/// Phases whose filters are transformed to a place, with how their tiles are.
fn having(phases: &[Phase], place: usize) -> impl Iterator<Item = (usize, (Pair, Pair))> {
    let phases = phases.iter().enumerate();
    phases.filter_map(move |(at, phase)| Some((at, phase.at(place)?)))
}

/// Where a tile lies.
struct Column {
    picture: usize,
    row: usize,
    col: usize,
}

impl Column {
    /// Picture by picture, row by row.
    fn of(at: usize, [down, across]: [usize; 2]) -> Self {
        let (picture, at) = (at / (down * across), at % (down * across));
        Self {
            picture,
            row: at / across,
            col: at % across,
        }
    }

    /// Writes its units, as far as there are any.
    fn put(&self, [a, b, c, d]: [f32; 4], out: &mut [f32], [rows, cols]: [usize; 2]) {
        let (row, col) = (2 * self.row, 2 * self.col);
        let (has_right, has_below) = (col + 1 < cols, row + 1 < rows);
        let out = &mut out[row * cols + col..];
        out[0] = a;
        if has_right {
            out[1] = b;
        }
        if has_below {
            out[cols] = c;
            if has_right {
                out[cols + 1] = d;
            }
        }
    }
}

/// Aᵀ m A and the bias: the two by two units of every tile, row by row.
fn untransformed(places: &[&[f32]; PLACES], bias: f32) -> Vec<[f32; 4]> {
    let gather = |a: f32, b: f32, c: f32, d: f32| [a + b + c, b - c - d];
    let tile = |at: usize| {
        let along = |row: usize| {
            gather(
                places[4 * row][at],
                places[4 * row + 1][at],
                places[4 * row + 2][at],
                places[4 * row + 3][at],
            )
        };
        let [first, second, third, last] = [along(0), along(1), along(2), along(3)];
        let down = |col: usize| gather(first[col], second[col], third[col], last[col]);
        let ([a, c], [b, d]) = (down(0), down(1));
        [a + bias, b + bias, c + bias, d + bias]
    };
    (0..places[0].len()).map(tile).collect()
}
