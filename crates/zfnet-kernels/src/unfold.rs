//! The columns of a convolution: what each of its units sees, packed for [`Product`](crate::product::Product).

use std::borrow::Cow;

use crate::conv::Geometry;

/// Numbers that are copied at a time.
const BLOCK: usize = 4;

/// One picture's maps, bordered with zeros and with the columns of a row sorted by their rest to the stride, so that what
/// neighbouring units see through one tap of a filter lies side by side.
pub(crate) struct Bordered<'a> {
    values: Cow<'a, [f32]>,
    /// Where each number of a filter finds its value for the first unit.
    taps: Vec<usize>,
    /// Distance from one row of units to the next.
    down: usize,
    /// Units in a row.
    across: usize,
}

impl<'a> Bordered<'a> {
    /// Of maps `[maps, rows, cols]`, seen through a kernel by units `[down, across]`.
    pub(crate) fn new(
        maps: &'a [f32],
        [rows, cols]: [usize; 2],
        kernel: [usize; 2],
        geometry: &Geometry,
        units: [usize; 2],
    ) -> Self {
        let [top, left, ..] = geometry.pad;
        let [down, across] = geometry.stride;
        // What no unit sees is left out.
        let height = (units[0] - 1) * down + kernel[0];
        let part = ((units[1] - 1) * across + kernel[1]).div_ceil(across);
        let width = part * across;
        let count = maps.len() / (rows * cols);
        // What has no border and is seen in its own order is read where it lies, if behind every map but the last there is room
        // for the rest of a block.
        let is_plain = *geometry == Geometry::PLAIN && kernel == [1, 1] && rows * cols >= BLOCK;
        let mut values = match is_plain {
            true => Cow::Borrowed(maps),
            false => Cow::Owned(vec![0.0; count * height * width + BLOCK]),
        };
        let bordered = match &mut values {
            Cow::Borrowed(_) => &mut [],
            Cow::Owned(values) => values.as_mut_slice(),
        };
        for (map, values) in maps
            .chunks_exact(rows * cols)
            .zip(bordered.chunks_exact_mut(height * width))
        {
            let seen = values.chunks_exact_mut(width).skip(top);
            for (row, values) in map.chunks_exact(cols).zip(seen) {
                if across == 1 {
                    let length = cols.min(width - left);
                    values[left..left + length].copy_from_slice(&row[..length]);
                    continue;
                }
                for (rest, values) in values.chunks_exact_mut(part).enumerate() {
                    // The first column of the row with this rest, and its place.
                    let first = (rest + across * left - left) % across;
                    let place = (first + left) / across;
                    let chosen = row.iter().skip(first).step_by(across);
                    for (value, chosen) in values.iter_mut().skip(place).zip(chosen) {
                        *value = *chosen;
                    }
                }
            }
        }
        let taps = (0..count * kernel[0] * kernel[1])
            .map(|tap| {
                let (map, tap) = (tap / (kernel[0] * kernel[1]), tap % (kernel[0] * kernel[1]));
                let (row, col) = (tap / kernel[1], tap % kernel[1]);
                (map * height + row) * width + col % across * part + col / across
            })
            .collect();
        Self {
            values,
            taps,
            down: down * width,
            across: units[1],
        }
    }

    /// Writes one panel: `columns` units from `first`, as `[taps][width]`.
    pub(crate) fn panel(&self, first: usize, columns: usize, panel: &mut [f32], width: usize) {
        // Stretches of units in one row: place in the panel, length, where their values lie.
        let mut stretches = Vec::with_capacity(columns / self.across + 2);
        let mut at = 0;
        while at < columns {
            let (row, col) = ((first + at) / self.across, (first + at) % self.across);
            let length = (self.across - col).min(columns - at);
            stretches.push((at, length, row * self.down + col));
            at += length;
        }
        // Blocks of one size, which are a load and a store: what a stretch's last one writes too much, the next stretch or the
        // next tap writes over. The last taps have no room for that.
        let roomy = self.taps.len().saturating_sub(BLOCK.div_ceil(width));
        for (tap, from_tap) in self.taps[..roomy].iter().enumerate() {
            for (at, length, from) in &stretches {
                let seen = &self.values[from_tap + from..];
                let place = &mut panel[tap * width + at..];
                for (place, seen) in place[..length.next_multiple_of(BLOCK)]
                    .as_chunks_mut::<BLOCK>()
                    .0
                    .iter_mut()
                    .zip(seen.as_chunks::<BLOCK>().0)
                {
                    *place = *seen;
                }
            }
        }
        for (panel, tap) in panel.chunks_exact_mut(width).zip(&self.taps).skip(roomy) {
            for (at, length, from) in &stretches {
                panel[*at..at + length].copy_from_slice(&self.values[tap + from..][..*length]);
            }
        }
    }
}
