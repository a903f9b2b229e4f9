//! How a value of the graph shows the maps that a layer gives: which of its axes are pictures, maps, rows and columns.
//!
//! `Reshape`, `Transpose`, `Flatten` and their like move no number of ours; they change this view alone.

use zfnet::network::architecture::Shape;

/// Most axes of a value.
pub(super) const MOST_AXES: usize = 8;

/// What an axis, or a part of one, runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Pictures,
    Maps,
    Rows,
    Cols,
}

/// A run over `size` places, `step` apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) over: Over,
    pub(super) size: usize,
    pub(super) step: usize,
}

/// The axes of a value, each a product of runs, the slowest first. Runs of one place are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View(Vec<Vec<Run>>);

impl View {
    /// Pictures, maps, rows, columns.
    pub(super) fn maps(pictures: usize, shape: Shape) -> Self {
        let [maps, rows, cols] = shape;
        Self::of(&[
            (Over::Pictures, pictures),
            (Over::Maps, maps),
            (Over::Rows, rows),
            (Over::Cols, cols),
        ])
    }

    /// Pictures, rows, columns, maps.
    pub(super) fn maps_last(pictures: usize, shape: Shape) -> Self {
        let [maps, rows, cols] = shape;
        Self::of(&[
            (Over::Pictures, pictures),
            (Over::Rows, rows),
            (Over::Cols, cols),
            (Over::Maps, maps),
        ])
    }

    /// Pictures, and units of a dense layer.
    pub(super) fn units(pictures: usize, units: usize) -> Self {
        Self::of(&[(Over::Pictures, pictures), (Over::Maps, units)])
    }

    fn of(axes: &[(Over, usize)]) -> Self {
        let axis = |&(over, size): &(Over, usize)| match size {
            1 => Vec::new(),
            _ => vec![Run {
                over,
                size,
                step: 1,
            }],
        };
        Self(axes.iter().map(axis).collect())
    }

    /// Lengths of the axes.
    pub(super) fn dims(&self) -> Vec<usize> {
        let length = |axis: &Vec<Run>| axis.iter().map(|run| run.size).product();
        self.0.iter().map(length).collect()
    }

    /// Runs, the slowest first.
    pub(super) fn runs(&self) -> impl Iterator<Item = Run> + '_ {
        self.0.iter().flatten().copied()
    }

    /// The runs of an axis.
    pub(super) fn axis(&self, axis: usize) -> &[Run] {
        &self.0[axis]
    }

    /// The axes, each with its runs.
    pub(super) fn axes(&self) -> &[Vec<Run>] {
        &self.0
    }

    /// Without what some axes run over, and without the axes themselves unless they are kept.
    pub(super) fn without(&self, axes: &[usize], keeps: bool) -> Self {
        let places = self.0.iter().enumerate();
        let left = places.filter_map(|(at, axis)| match axes.contains(&at) {
            true => keeps.then(Vec::new),
            false => Some(axis.clone()),
        });
        Self(left.collect())
    }

    /// The only axis over all maps and nothing else; with one map, the second of them.
    pub(super) fn axis_of_maps(&self, maps: usize) -> Option<usize> {
        let whole = Run {
            over: Over::Maps,
            size: maps,
            step: 1,
        };
        match maps {
            1 => Some(1.min(self.0.len().checked_sub(1)?)),
            _ => self.0.iter().position(|axis| axis == &[whole]),
        }
    }

    /// The same with another number of maps, where it has one axis of them; `None` where it has not.
    pub(super) fn with_maps(&self, before: usize, maps: usize) -> Option<Self> {
        let axis = self.axis_of_maps(before)?;
        let mut view = self.clone();
        view.0[axis] = Self::of(&[(Over::Maps, maps)]).0.swap_remove(0);
        Some(view)
    }

    /// The same axes over maps of another size.
    pub(super) fn transposed(&self, order: &[usize]) -> Option<Self> {
        let mut seen = vec![false; self.0.len()];
        for axis in order {
            if std::mem::replace(seen.get_mut(*axis)?, true) {
                return None;
            }
        }
        let axes = order.iter().map(|axis| self.0[*axis].clone()).collect();
        (order.len() == self.0.len()).then_some(Self(axes))
    }

    /// Other axes over the same runs; `None` where a run would have to be cut across.
    pub(super) fn reshaped(&self, dims: &[usize]) -> Option<Self> {
        if dims.len() > MOST_AXES {
            return None;
        }
        let mut runs: Vec<Run> = self.runs().collect();
        runs.reverse();
        let mut axes = Vec::with_capacity(dims.len());
        for length in dims {
            let mut left = *length;
            let mut axis: Vec<Run> = Vec::new();
            while left > 1 {
                let run = runs.pop()?;
                let taken = if left.is_multiple_of(run.size) {
                    run
                } else if run.size.is_multiple_of(left) {
                    let size = run.size / left;
                    runs.push(Run { size, ..run });
                    Run {
                        over: run.over,
                        size: left,
                        step: run.step * size,
                    }
                } else {
                    return None;
                };
                left /= taken.size;
                match axis.last_mut() {
                    Some(last)
                        if last.over == taken.over && last.step == taken.step * taken.size =>
                    {
                        last.size *= taken.size;
                        last.step = taken.step;
                    }
                    _ => axis.push(taken),
                }
            }
            if left == 0 {
                return None;
            }
            axes.push(axis);
        }
        runs.is_empty().then_some(Self(axes))
    }

    /// In how many groups the maps are shuffled: what was counted group by group is counted across the groups.
    pub(super) fn shuffled(&self, shape: Shape) -> Option<usize> {
        let [_, rows, cols] = shape;
        let [_, maps, high, wide] = self.0.as_slice() else {
            return None;
        };
        let [inner, outer] = maps.as_slice() else {
            return None;
        };
        let is_shuffled = [inner, outer].iter().all(|run| run.over == Over::Maps)
            && inner.step == 1
            && outer.step == inner.size
            && inner.size * outer.size == shape[0];
        let is_whole = |axis: &[Run], over, size: usize| match size {
            1 => axis.is_empty(),
            _ => {
                axis == [Run {
                    over,
                    size,
                    step: 1,
                }]
            }
        };
        (is_shuffled && is_whole(high, Over::Rows, rows) && is_whole(wide, Over::Cols, cols))
            .then_some(outer.size)
    }
}

#[cfg(test)]
mod tests {
    use super::{Over, View};

    #[test]
    fn flattening_and_back_is_the_same() {
        let maps = View::maps(1, [6, 4, 5]);
        let flat = maps.reshaped(&[1, 120]).expect("flat");
        assert_eq!(flat.dims(), [1, 120]);
        assert_eq!(flat.reshaped(&[1, 6, 4, 5]), Some(maps.clone()));
        assert_eq!(maps.reshaped(&[1, 119]), None);
        assert_eq!(maps.reshaped(&[1, 7, 120]), None);
        assert_eq!(maps.reshaped(&[0, 120]), None);
    }

    #[test]
    fn groups_that_change_places_are_a_shuffle() {
        let maps = View::maps(1, [6, 4, 5]);
        let split = maps.reshaped(&[1, 3, 2, 4, 5]).expect("three groups");
        let moved = split.transposed(&[0, 2, 1, 3, 4]).expect("five axes");
        let shuffled = moved.reshaped(&[1, 6, 4, 5]).expect("maps");
        assert_eq!(shuffled.shuffled([6, 4, 5]), Some(3));
        assert_eq!(maps.shuffled([6, 4, 5]), None);
        let back = split.reshaped(&[1, 6, 4, 5]);
        assert_eq!(back, Some(maps.clone()));
        assert_eq!(maps.transposed(&[0, 1, 1, 2]), None);
    }

    #[test]
    fn maps_may_come_last() {
        let last = View::maps_last(1, [3, 8, 8]);
        assert_eq!(last.dims(), [1, 8, 8, 3]);
        assert_eq!(
            last.transposed(&[0, 3, 1, 2]),
            Some(View::maps(1, [3, 8, 8]))
        );
        assert_eq!(last.axis_of_maps(3), Some(3));
        let flat = last.reshaped(&[1, 192]).expect("flat");
        let order: Vec<Over> = flat.runs().map(|run| run.over).collect();
        assert_eq!(order, [Over::Rows, Over::Cols, Over::Maps]);
    }
}
