//! The order in which a sweep visits its places: coarse first, so that a picture of the whole is there early.

/// Distance of the places that are visited first.
const COARSEST: usize = 8;

/// Every place of a grid once, as row and column, in levels: every eighth row and column, then what is missing of every
/// fourth, every second, and the rest.
pub(crate) fn coarse_first(rows: usize, cols: usize) -> Vec<Vec<[usize; 2]>> {
    let steps = std::iter::successors(Some(COARSEST), |step| (*step > 1).then_some(step / 2));
    let on = |[row, col]: [usize; 2], step: usize| row % step == 0 && col % step == 0;
    let places = || (0..rows).flat_map(|row| (0..cols).map(move |col| [row, col]));
    let level = |step: usize| {
        let fresh = |place| on(place, step) && (step == COARSEST || !on(place, 2 * step));
        places().filter(|place| fresh(*place)).collect()
    };
    steps.map(level).collect()
}

/// Row and column of the largest of numbers that lie row by row, the first of equals.
pub(crate) fn first_largest(values: &[f32], cols: usize) -> [usize; 2] {
    let at = (0..values.len())
        .rev()
        .max_by(|a, b| values[*a].total_cmp(&values[*b]))
        .unwrap_or_default();
    [at / cols.max(1), at % cols.max(1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equals_is_the_largest() {
        assert_eq!(first_largest(&[0.0, 2.0, 1.0, 2.0], 2), [0, 1]);
        assert_eq!(first_largest(&[], 2), [0, 0]);
    }

    #[test]
    fn every_place_is_visited_once_and_the_first_ones_lie_far_apart() {
        for [rows, cols] in [[23, 23], [1, 25], [9, 1], [0, 4], [1, 1]] {
            let levels = coarse_first(rows, cols);
            let mut all: Vec<[usize; 2]> = levels.concat();
            assert!(levels[0].iter().flatten().all(|at| at % COARSEST == 0));
            all.sort_unstable();
            let expected: Vec<[usize; 2]> =
                (0..rows * cols).map(|at| [at / cols, at % cols]).collect();
            assert_eq!(all, expected, "{rows} rows, {cols} columns");
        }
        assert_eq!(
            coarse_first(23, 23).iter().map(Vec::len).sum::<usize>(),
            529
        );
    }
}
