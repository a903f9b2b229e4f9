//! Convolution with filters of 3 by 3 and a step of 1 in 4 multiplications for a unit in place of 9: F(2×2, 3×3) of Lavin & Gray
//! (2016).
//!
//! Two by two units see a tile of four by four numbers. Tile and filter are transformed, multiplied place by place, which is a
//! product of matrices for each of the sixteen places, and what comes out is transformed to the four units. All factors are 1 and
//! ½, so that sums are rounded no worse than those of the products themselves.

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
/// Of each row or column of a transformed tile: the two of the tile that it is made of, and the sign of the second.
const PAIRS: [(usize, usize, f32); 4] = [(0, 2, -1.0), (1, 2, 1.0), (2, 1, -1.0), (1, 3, -1.0)];

/// Transformed filters.
#[derive(Debug)]
pub(crate) struct Transformed {
    /// Group after group, panels of each place of a tile.
    groups: Vec<Vec<Vec<f32>>>,
    /// Filters of a group, maps that they see.
    made: usize,
    seen: usize,
}

impl Transformed {
    /// Transforms filters `[out, in / groups, kernel rows, kernel cols]`, if it pays for such.
    pub(crate) fn of(
        filters: &[f32],
        [out, seen, rows, cols]: [usize; 4],
        groups: usize,
    ) -> Option<Self> {
        let made = out / groups;
        if [rows, cols] != [3, 3] || seen.min(made) < FEWEST {
            return None;
        }
        let group = |filters: &[f32]| {
            let mut places = [const { Vec::new() }; PLACES];
            for filter in filters.as_chunks::<9>().0 {
                for (places, value) in places.iter_mut().zip(transformed(filter)) {
                    places.push(value);
                }
            }
            places.iter().map(|rows| pack_rows(rows, seen)).collect()
        };
        Some(Self {
            groups: filters.chunks_exact(made * seen * 9).map(group).collect(),
            made,
            seen,
        })
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
        let units = [rows + top + bottom - 2, cols + left + right - 2];
        let tiles = units.map(|units| units.div_ceil(2));
        let frame = tiles.map(|tiles| 2 * tiles + 2);
        let bordered = threads::map(x.chunks_exact(rows * cols).collect(), |map| {
            let mut bordered = vec![0.0; frame[0] * frame[1]];
            let lines = bordered.chunks_exact_mut(frame[1]).skip(top);
            for (line, row) in lines.zip(map.chunks_exact(cols)) {
                let seen = cols.min(frame[1] - left);
                line[left..left + seen].copy_from_slice(&row[..seen]);
            }
            bordered
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
        let block = (BLOCK / (PLACES * self.seen)).next_multiple_of(width());
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
                let products = self.multiply(filters, &columns, frame[1], seen);
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

    /// For each place of a tile, what every filter makes of every column's maps there, `[filters, columns]`.
    fn multiply<'x>(
        &self,
        filters: &[Vec<f32>],
        columns: &[Column],
        across: usize,
        seen: impl Fn(usize) -> &'x [Vec<f32>] + Sync,
    ) -> Vec<Vec<f32>> {
        let nothing = vec![0.0; self.made];
        let tiles = threads::map((0..PLACES).collect(), |place| {
            transform(place, columns, across, self.seen, &seen)
        });
        let mut products = vec![vec![0.0; self.made * columns.len()]; PLACES];
        // Shares of the filters, so that no thread waits for another's last place.
        let share = self.made.div_ceil(2).next_multiple_of(2 * PANEL);
        let parts = products.iter_mut().zip(filters.iter().zip(&tiles));
        let parts = parts.flat_map(|(products, (filters, tiles))| {
            let shares = products.chunks_mut(share * columns.len()).enumerate();
            shares.map(move |(at, rows)| (rows, &filters[at * share * self.seen..], tiles))
        });
        threads::each(
            parts.collect(),
            |(rows, filters, tiles): (&mut [f32], &[f32], &Vec<f32>)| {
                let mut out: Vec<_> = rows.chunks_exact_mut(columns.len()).collect();
                let product = Product {
                    filters,
                    columns: tiles,
                    depth: self.seen,
                    bias: &nothing,
                    out: &mut out,
                };
                product.dispatch();
            },
        );
        products
    }
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

/// One place of every column's transformed tiles, in panels as a [`Product`] reads them.
fn transform<'x>(
    place: usize,
    columns: &[Column],
    across: usize,
    depth: usize,
    seen: &impl Fn(usize) -> &'x [Vec<f32>],
) -> Vec<f32> {
    let width = width();
    let (one, other, down) = PAIRS[place / 4];
    let (left, right, along) = PAIRS[place % 4];
    let mut panels = vec![0.0; columns.len().next_multiple_of(width) * depth];
    for (panel, columns) in panels
        .chunks_exact_mut(width * depth)
        .zip(columns.chunks(width))
    {
        for (at, column) in columns.iter().enumerate() {
            let start = 2 * column.row * across + 2 * column.col;
            let [first, second] = [one, other].map(|row| start + row * across);
            for (map, values) in seen(column.picture).iter().enumerate() {
                let along = |row: usize| values[row + left] + along * values[row + right];
                panel[map * width + at] = along(first) + down * along(second);
            }
        }
    }
    panels
}

/// G g Gᵀ.
fn transformed(filter: &[f32; 9]) -> [f32; PLACES] {
    let spread = |a: f32, b: f32, c: f32| [a, (a + b + c) / 2.0, (a - b + c) / 2.0, c];
    let rows =
        [0, 1, 2].map(|row| spread(filter[3 * row], filter[3 * row + 1], filter[3 * row + 2]));
    let mut out = [0.0; PLACES];
    for col in 0..4 {
        for (row, value) in spread(rows[0][col], rows[1][col], rows[2][col])
            .into_iter()
            .enumerate()
        {
            out[4 * row + col] = value;
        }
    }
    out
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
