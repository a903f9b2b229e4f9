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
use crate::product::{PANEL, Product, width};
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

/// A number of each filter of a panel.
type Lanes = [f32; PANEL];

fn each(number: impl Fn(usize) -> f32) -> Lanes {
    std::array::from_fn(number)
}

/// Filters' row or column of up to three taps, transformed to the same places; zero where [`pairs`] has none.
fn spread(taps: &[Lanes]) -> [Lanes; 4] {
    let nothing = [0.0; PANEL];
    match taps {
        [a] => [*a, nothing, nothing, each(|n| -a[n])],
        [a, b] => [*a, each(|n| a[n] + b[n]), nothing, *b],
        [a, b, c] => [
            *a,
            each(|n| (a[n] + b[n] + c[n]) / 2.0),
            each(|n| (a[n] - b[n] + c[n]) / 2.0),
            *c,
        ],
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

    /// Whether its filters are transformed to a place of a tile.
    fn has(&self, place: usize) -> bool {
        let [down, across] = self.taps.map(pairs);
        down[place / 4].is_some() && across[place % 4].is_some()
    }

    /// G g Gᵀ of its taps, of which `tap` tells the numbers by their row and column in the filters.
    fn transformed(
        &self,
        stride: [usize; 2],
        tap: impl Fn(usize, usize) -> Lanes,
    ) -> [Lanes; PLACES] {
        let [down, across] = self.taps;
        let mut rows = [[[0.0; PANEL]; 4]; 3];
        for (at, row) in rows[..down].iter_mut().enumerate() {
            let mut taps = [[0.0; PANEL]; 3];
            for (col, number) in taps[..across].iter_mut().enumerate() {
                *number = tap(
                    self.first[0] + at * stride[0],
                    self.first[1] + col * stride[1],
                );
            }
            *row = spread(&taps[..across]);
        }
        let mut out = [[0.0; PANEL]; PLACES];
        for col in 0..4 {
            let column = rows.map(|row| row[col]);
            for (row, values) in spread(&column[..down]).into_iter().enumerate() {
                out[4 * row + col] = values;
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
        let depths: [usize; PLACES] =
            std::array::from_fn(|place| having(&phases, place).count() * seen);
        // Some filters, packed as a product reads them; those that are missing in the last panel are zero.
        let panel = |filters: &[f32]| {
            let mut places = depths.map(|depth| Vec::with_capacity(PANEL * depth));
            for phase in &phases {
                for map in 0..seen {
                    let values = phase.transformed(stride, |row, col| {
                        std::array::from_fn(|filter| {
                            let at = ((filter * seen + map) * rows + row) * cols + col;
                            filters.get(at).copied().unwrap_or(0.0)
                        })
                    });
                    let places = places.iter_mut().zip(values).enumerate();
                    for (_, (place, values)) in places.filter(|(at, _)| phase.has(*at)) {
                        place.extend(values);
                    }
                }
            }
            places
        };
        let group = |filters: &[f32]| {
            let panels = threads::map(filters.chunks(PANEL * seen * rows * cols).collect(), panel);
            let whole = |place: usize| {
                panels
                    .iter()
                    .map(move |panel: &[_; PLACES]| &panel[place][..])
            };
            (0..PLACES)
                .map(|place| whole(place).collect::<Vec<_>>().concat())
                .collect()
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
        let bordered = threads::map(x.chunks_exact(rows * cols).collect(), |map| {
            self.phased(map, cols, [top, left], tiles)
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
                let stretches = Stretch::of(first, count, tiles);
                let columns: Vec<Vec<f32>> = threads::map((0..4).collect(), |row| {
                    self.transform(row, count, &stretches, tiles, &seen)
                })
                .into_iter()
                .flatten()
                .collect();
                let products = self.multiply(filters, &columns, count);
                let bias = &bias[group * self.made..];
                let rows = outs.iter_mut().enumerate().collect();
                threads::each(rows, |(filter, pictures): (usize, &mut Vec<&mut [f32]>)| {
                    let places: [&[f32]; PLACES] =
                        std::array::from_fn(|place| &products[place][filter * count..]);
                    for stretch in &stretches {
                        let out = &mut pictures[stretch.picture];
                        stretch.untransform(&places, bias[filter], out, units);
                    }
                });
            }
        }
        (out, units)
    }

    /// A map bordered with zeros, phase after phase; of every row its even columns, then its odd ones, so that what neighbouring tiles
    /// have at one place lies side by side.
    fn phased(
        &self,
        map: &[f32],
        cols: usize,
        [top, left]: [usize; 2],
        tiles: [usize; 2],
    ) -> Vec<f32> {
        let (plane, half) = plane(tiles);
        let mut bordered = vec![0.0; self.phases.len() * plane + SOME];
        for (phase, bordered) in self.phases.iter().zip(bordered.chunks_exact_mut(plane)) {
            let [down, across] = self.stride;
            // The first row of the map that the phase sees, and the phase's row that it is.
            let seen = |axis: usize, border: usize| {
                let (first, step) = (phase.first[axis], self.stride[axis]);
                let skipped = border.saturating_sub(first).div_ceil(step);
                (first + skipped * step - border, skipped)
            };
            let ((from_row, row), (from_col, col)) = (seen(0, top), seen(1, left));
            let lines = bordered.chunks_exact_mut(2 * half).skip(row);
            let rows = map.chunks_exact(cols).skip(from_row).step_by(down);
            for (line, values) in lines.zip(rows) {
                for (parity, line) in line.chunks_exact_mut(half).enumerate() {
                    let skipped = (parity + col) % 2;
                    let values = values.get(from_col + skipped * across..).unwrap_or(&[]);
                    let places = line.iter_mut().skip((col + skipped) / 2);
                    for (place, value) in places.zip(values.iter().step_by(2 * across)) {
                        *place = *value;
                    }
                }
            }
        }
        bordered
    }

    /// Numbers that are multiplied at a place, for each unit.
    fn depth(&self, place: usize) -> usize {
        having(&self.phases, place).count() * self.seen
    }

    /// For each place of a tile, what every filter makes of that of every column, `[filters, columns]` and room for some more.
    fn multiply(&self, filters: &[Vec<f32>], columns: &[Vec<f32>], count: usize) -> Vec<Vec<f32>> {
        let nothing = vec![0.0; self.made];
        let mut products = vec![vec![0.0; self.made * count + SOME]; PLACES];
        // Shares of the filters, so that no thread waits for another's last place.
        let share = self.made.div_ceil(2).next_multiple_of(2 * PANEL);
        let parts = products.iter_mut().enumerate();
        let parts = parts.filter(|(place, _)| !filters[*place].is_empty());
        let parts = parts.flat_map(|(place, products)| {
            let (filters, columns, depth) = (&filters[place], &columns[place], self.depth(place));
            let rows = products[..self.made * count].chunks_mut(share * count);
            let rows = rows.enumerate();
            rows.map(move |(at, rows)| (rows, &filters[at * share * depth..], columns, depth))
        });
        threads::each(
            parts.collect(),
            |(rows, filters, columns, depth): (&mut [f32], &[f32], &Vec<f32>, usize)| {
                let mut out: Vec<_> = rows.chunks_exact_mut(count).collect();
                let product = Product {
                    filters,
                    columns,
                    depth,
                    bias: &nothing,
                    out: &mut out,
                };
                product.dispatch();
            },
        );
        products
    }

    /// The four places in a row of every column's transformed tiles, in panels as a [`Product`] reads them.
    fn transform<'x>(
        &self,
        row: usize,
        count: usize,
        stretches: &[Stretch],
        tiles: [usize; 2],
        seen: &impl Fn(usize) -> &'x [Vec<f32>],
    ) -> [Vec<f32>; 4] {
        let ((plane, half), width) = (plane(tiles), width());
        let depths: [usize; 4] = std::array::from_fn(|col| self.depth(4 * row + col));
        let mut made = depths.map(|depth| match depth {
            0 => Vec::new(),
            _ => vec![0.0; count.next_multiple_of(width) * depth + SOME],
        });
        // In the order in which panels lie: what a stretch's last block writes too much is written over.
        for panel in stretches.chunk_by(|a, b| a.at / width == b.at / width) {
            let mut starts = depths.map(|depth| panel[0].at / width * width * depth);
            for (phase, taps) in self.phases.iter().map(|phase| phase.taps).enumerate() {
                let (Some((above, below, sign)), along) = (pairs(taps[0])[row], pairs(taps[1]))
                else {
                    continue;
                };
                for map in 0..self.seen {
                    for stretch in panel {
                        let values = &seen(stretch.picture)[map][phase * plane..];
                        let line = |tap: usize| (2 * stretch.row + tap) * 2 * half + stretch.col;
                        let (above, below) = (&values[line(above)..], &values[line(below)..]);
                        for from in (0..stretch.length).step_by(SOME) {
                            // Down the four columns that the tiles have.
                            let columns: [[f32; SOME]; 4] = std::array::from_fn(|col| {
                                let at = col % 2 * half + col / 2 + from;
                                let (above, below) = (some(above, at), some(below, at));
                                std::array::from_fn(|tile| above[tile] + sign * below[tile])
                            });
                            let at = stretch.at % width + from;
                            let places = made.iter_mut().zip(&starts).zip(along);
                            for ((made, start), along) in places {
                                let Some((left, right, sign)) = along else {
                                    continue;
                                };
                                let (left, right) = (&columns[left], &columns[right]);
                                let place = &mut made[start + at..][..SOME];
                                for (tile, place) in place.iter_mut().enumerate() {
                                    *place = left[tile] + sign * right[tile];
                                }
                            }
                        }
                    }
                    for (start, along) in starts.iter_mut().zip(along) {
                        *start += if along.is_some() { width } else { 0 };
                    }
                }
            }
        }
        made
    }
}

/// Numbers of a phase's bordered plane for so many tiles, and half of those of a row.
fn plane([down, across]: [usize; 2]) -> (usize, usize) {
    ((2 * down + 2) * (2 * across + 2), across + 1)
}

/// Tiles that are transformed at a time.
const SOME: usize = 4;

/// The numbers of some tiles.
fn some(values: &[f32], at: usize) -> &[f32; SOME] {
    let some = values[at..].first_chunk();
    some.expect("behind the last tile there is room for some more")
}

/// Phases whose filters are transformed to a place.
fn having(phases: &[Phase], place: usize) -> impl Iterator<Item = &Phase> {
    phases.iter().filter(move |phase| phase.has(place))
}

/// Neighbouring tiles of one picture, of columns in one panel.
struct Stretch {
    picture: usize,
    /// Row of the tiles, and the first one's column.
    row: usize,
    col: usize,
    /// Column of the first in its block of columns, and how many there are.
    at: usize,
    length: usize,
}

impl Stretch {
    /// Those of a block of columns: picture by picture, row by row.
    fn of(first: usize, count: usize, [down, across]: [usize; 2]) -> Vec<Self> {
        let mut stretches = Vec::new();
        let mut at = 0;
        while at < count {
            let (row, col) = ((first + at) / across, (first + at) % across);
            let of_panel = width() - at % width();
            let length = (across - col).min(of_panel).min(count - at);
            stretches.push(Self {
                picture: row / down,
                row: row % down,
                col,
                at,
                length,
            });
            at += length;
        }
        stretches
    }

    /// Aᵀ m A and the bias of every tile: its two by two units, as far as there are any.
    fn untransform(
        &self,
        places: &[&[f32]; PLACES],
        bias: f32,
        out: &mut [f32],
        [rows, cols]: [usize; 2],
    ) {
        for from in (0..self.length).step_by(SOME) {
            let place = |place: usize| some(places[place], self.at + from);
            // Across, for each row of a tile; then down.
            let across: [[[f32; SOME]; 2]; 4] =
                std::array::from_fn(|row| gather([0, 1, 2, 3].map(|col| place(4 * row + col))));
            let units = [0, 1].map(|col| gather([0, 1, 2, 3].map(|row| &across[row][col])));
            let col = 2 * (self.col + from);
            let length = (2 * SOME.min(self.length - from)).min(cols - col);
            for (at, row) in (2 * self.row..rows.min(2 * self.row + 2)).enumerate() {
                let line: [f32; 2 * SOME] =
                    std::array::from_fn(|unit| units[unit % 2][at][unit / 2] + bias);
                out[row * cols + col..][..length].copy_from_slice(&line[..length]);
            }
        }
    }
}

/// Of the four numbers that some tiles have in a row or column, their two units.
fn gather([a, b, c, d]: [&[f32; SOME]; 4]) -> [[f32; SOME]; 2] {
    [
        std::array::from_fn(|tile| a[tile] + b[tile] + c[tile]),
        std::array::from_fn(|tile| b[tile] - c[tile] - d[tile]),
    ]
}
