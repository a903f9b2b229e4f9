//! A signal on its way down as what is left of it: after unpooling and a rectifier most of a signal is zero, and what is zero need
//! not be filtered.

/// What a rectifier lets through on the way down.
#[derive(Debug, Clone, Copy)]
pub struct Rectifier<'a> {
    /// Whether negative signal stops.
    pub positive: bool,
    /// The rectifier's output `[maps, rows, cols]`; signal stops where it did not fire.
    pub output: Option<&'a [f32]>,
}

impl Rectifier<'_> {
    /// Whether it lets a value through, where zeros stop too: there is nothing to let through. What is no number passes, as it
    /// does in burn; and so does what lies outside the frame, which is cut off in the end.
    fn passes(&self, value: f32, place: Option<usize>) -> bool {
        let positive = |value: f32| value > 0.0 || value.is_nan();
        let has_sign = match self.positive {
            true => positive(value),
            false => value != 0.0,
        };
        let fired = self.output.zip(place);
        has_sign && fired.is_none_or(|(output, place)| positive(output[place]))
    }
}

/// A window of a layer's maps.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Rows and columns of the maps.
    pub frame: [usize; 2],
    /// Its top and left, which may lie outside.
    pub origin: [isize; 2],
    /// Its rows and columns.
    pub size: [usize; 2],
}

impl Window {
    /// Where one of its places lies in the frame, row-major.
    fn in_frame(&self, place: usize) -> Option<usize> {
        let at = [place / self.size[1], place % self.size[1]];
        let [row, col] = [0, 1].map(|axis| {
            usize::try_from(self.origin[axis] + at[axis] as isize)
                .ok()
                .filter(|at| *at < self.frame[axis])
        });
        Some(row? * self.frame[1] + col?)
    }
}

/// A value that is left of a signal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left {
    pub(crate) place: u32,
    pub(crate) map: u32,
    pub(crate) value: f32,
}

/// What is left of a window's values `[maps, rows, cols]` behind a rectifier, map after map.
pub(crate) fn left_of(signal: &[f32], window: &Window, rectifier: &Rectifier<'_>) -> Vec<Left> {
    let places = window.size[0] * window.size[1];
    let frame = window.frame[0] * window.frame[1];
    let mut left = Vec::new();
    for (map, values) in signal.chunks_exact(places).enumerate() {
        let some = values
            .iter()
            .enumerate()
            .filter(|(_, value)| **value != 0.0);
        for (place, value) in some {
            let in_frame = rectifier.output.and_then(|_| window.in_frame(place));
            if rectifier.passes(*value, in_frame.map(|at| map * frame + at)) {
                left.push(Left {
                    place: place as u32,
                    map: map as u32,
                    value: *value,
                });
            }
        }
    }
    left
}

/// What is left of values `[maps, rows, cols]` of a window of pooled maps, put back in the window `below` where a `switch` of the
/// whole pooled maps says, behind a rectifier, map after map. Where windows chose the same place, their values add.
pub(crate) fn unpooled(
    signal: &[f32],
    pooled: &Window,
    switch: impl Fn(usize) -> usize,
    below: &Window,
    rectifier: &Rectifier<'_>,
) -> Vec<Left> {
    let count = pooled.size[0] * pooled.size[1];
    let frame = pooled.frame[0] * pooled.frame[1];
    let frame_below = below.frame[0] * below.frame[1];
    let inside: Vec<Option<usize>> = (0..count).map(|place| pooled.in_frame(place)).collect();
    let mut sums = vec![0.0; below.size[0] * below.size[1]];
    let mut touched: Vec<(usize, usize)> = Vec::new();
    let mut left = Vec::new();
    for (map, values) in signal.chunks_exact(count).enumerate() {
        for (value, place) in values.iter().zip(&inside) {
            let Some(place) = place.filter(|_| *value != 0.0) else {
                continue;
            };
            let switch = switch(map * frame + place);
            let row = (switch / below.frame[1]) as isize - below.origin[0];
            let col = (switch % below.frame[1]) as isize - below.origin[1];
            let at = row as usize * below.size[1] + col as usize;
            sums[at] += value;
            touched.push((at, switch));
        }
        for (at, switch) in touched.drain(..) {
            // Once for each place, however many windows chose it.
            let value = std::mem::take(&mut sums[at]);
            if rectifier.passes(value, Some(map * frame_below + switch)) {
                left.push(Left {
                    place: at as u32,
                    map: map as u32,
                    value,
                });
            }
        }
    }
    left
}

/// Values with what each is to be multiplied with, sorted by where their products are added up.
#[derive(Debug)]
pub(crate) struct Pairs {
    /// Where each sum's pairs begin, and where the last one's end.
    starts: Vec<u32>,
    pairs: Vec<(u32, f32)>,
}

impl Pairs {
    /// Of sums, factors and values, whose order is kept within each sum.
    pub(crate) fn of(found: impl Iterator<Item = (u32, u32, f32)> + Clone, sums: usize) -> Self {
        let mut starts = vec![0u32; sums + 1];
        for (sum, ..) in found.clone() {
            starts[sum as usize + 1] += 1;
        }
        for at in 0..sums {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut pairs = vec![(0, 0.0); starts[sums] as usize];
        for (sum, factor, value) in found {
            let next = &mut next[sum as usize];
            pairs[*next as usize] = (factor, value);
            *next += 1;
        }
        Self { starts, pairs }
    }

    /// One target's signal: at every place, its maps.
    pub(crate) fn by_place(left: &[Left], places: usize) -> Self {
        Self::of(
            left.iter().map(|left| (left.place, left.map, left.value)),
            places,
        )
    }

    /// What one of the sums has.
    pub(crate) fn of_sum(&self, sum: usize) -> &[(u32, f32)] {
        &self.pairs[self.starts[sum] as usize..self.starts[sum + 1] as usize]
    }

    /// Sums that have any, with what they have.
    pub(crate) fn sums(&self) -> impl Iterator<Item = (usize, &[(u32, f32)])> {
        let all = 0..self.starts.len() - 1;
        all.map(|sum| (sum, self.of_sum(sum)))
            .filter(|(_, pairs)| !pairs.is_empty())
    }
}
