//! The derivation in small against its definitions, written out as loops.

use burn::tensor::Device;
use pollster::block_on;
use proptest::prelude::*;
use zfnet::experiments::arithmetic::{Convolution, Grid, Pooling, convolve, pool, rectify};

use crate::laws::assert_close;
use crate::random::Numbers;

fn grid(rows: usize, cols: usize, seed: u64) -> Grid {
    let mut random = Numbers::new(seed);
    let values = (0..rows * cols).map(|_| random.next()).collect();
    Grid { rows, cols, values }
}

/// Few different numbers, so that windows have ties.
fn coarse(rows: usize, cols: usize, seed: u64) -> Grid {
    let mut grid = grid(rows, cols, seed);
    for value in &mut grid.values {
        *value = (*value * 2.0).round();
    }
    grid
}

fn times(matrix: &Grid, vector: &[f32]) -> Vec<f32> {
    matrix
        .values
        .chunks(matrix.cols)
        .map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
        .collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn convolved(picture: &Grid, kernel: &Grid) -> Convolution {
    block_on(convolve(picture, kernel, &Device::flex())).expect("the kernel fits")
}

fn pooled(picture: &Grid, size: usize, every: usize, signal: Option<&Grid>) -> Pooling {
    block_on(pool(picture, size, every, signal, &Device::flex())).expect("the windows fit")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_convolution_is_its_matrix_and_the_way_back_the_transpose(
        rows in 3..6usize, cols in 3..6usize, high in 1..4usize, wide in 1..4usize, seed: u64,
    ) {
        let (picture, kernel) = (grid(rows, cols, seed), grid(high, wide, seed ^ 1));
        let found = convolved(&picture, &kernel);
        let places = [rows - high + 1, cols - wide + 1];
        prop_assert_eq!(found.answer.size(), places);
        prop_assert_eq!(found.matrix.size(), [places[0] * places[1], rows * cols]);
        prop_assert_eq!(found.transposed.size(), [rows * cols, places[0] * places[1]]);
        for position in 0..found.matrix.rows {
            let [top, left] = [position / places[1], position % places[1]];
            for cell in 0..found.matrix.cols {
                let [row, col] = [cell / cols, cell % cols];
                let inside = (top..top + high).contains(&row) && (left..left + wide).contains(&col);
                let expected = if inside { kernel.values[(row - top) * wide + col - left] } else { 0.0 };
                prop_assert_eq!(found.matrix.values[position * found.matrix.cols + cell], expected);
                prop_assert_eq!(found.transposed.values[cell * found.transposed.cols + position], expected);
            }
        }
        assert_close(&found.answer.values, &times(&found.matrix, &picture.values), "y = Cx");
        assert_close(&found.back.values, &times(&found.transposed, &found.answer.values), "Cᵀy");
        let both = [
            dot(&times(&found.matrix, &picture.values), &found.answer.values),
            dot(&picture.values, &found.back.values),
        ];
        assert_close(&both[..1], &both[1..], "⟨Cx, y⟩ = ⟨x, Cᵀy⟩");
        prop_assert_eq!(found.spread.len(), places[0] * places[1]);
        for (position, spread) in found.spread.iter().enumerate() {
            let y = found.answer.values[position];
            let row = &found.matrix.values[position * rows * cols..][..rows * cols];
            let expected: Vec<f32> = row.iter().map(|weight| weight * y).collect();
            assert_close(&spread.values, &expected, "what one number puts back");
        }
    }

    #[test]
    fn switches_are_the_first_maxima_and_unpooling_puts_every_number_back_there(
        side in 4..7usize, overlapping: bool, seed: u64,
    ) {
        let (size, every) = if overlapping { (3, 2) } else { (2, 2) };
        let picture = coarse(side, side, seed);
        let across = (side - size).div_ceil(every) + 1;
        let signal = grid(across, across, seed ^ 1);
        let found = pooled(&picture, size, every, Some(&signal));
        prop_assert_eq!(found.pooled.size(), [across, across]);
        prop_assert_eq!(&found.signal, &signal);
        let mut back = vec![0.0; side * side];
        for window in 0..across * across {
            let [top, left] = [window / across * every, window % across * every];
            let mut best: Option<usize> = None;
            for row in top..(top + size).min(side) {
                for col in left..(left + size).min(side) {
                    let at = row * side + col;
                    if best.is_none_or(|best| picture.values[at] > picture.values[best]) {
                        best = Some(at);
                    }
                }
            }
            let best = best.expect("a window has a number");
            prop_assert_eq!(found.switches[window] as usize, best);
            prop_assert_eq!(found.pooled.values[window], picture.values[best]);
            back[best] += signal.values[window];
        }
        prop_assert_eq!(found.unpooled.size(), [side, side]);
        assert_close(&found.unpooled.values, &back, "unpooled");
        // Unpooling is the transpose of the selection that pooling made.
        let both = [dot(&found.pooled.values, &signal.values), dot(&picture.values, &found.unpooled.values)];
        assert_close(&both[..1], &both[1..], "⟨pooled, signal⟩ = ⟨picture, unpooled⟩");
        // Without a signal the maxima themselves go back, and are found again.
        let own = pooled(&picture, size, every, None);
        prop_assert_eq!(&own.signal, &own.pooled);
        // (A window that holds a single number has no zero beside it, so a negative one stays what it is.)
        if !overlapping && side % 2 == 0 {
            let again = pooled(&own.unpooled, size, every, None);
            let risen: Vec<f32> = own.pooled.values.iter().map(|value| value.max(0.0)).collect();
            prop_assert_eq!(again.pooled.values, risen);
        }
    }

    #[test]
    fn each_rule_lets_through_what_it_says(count in 1..12usize, seed: u64) {
        let (x, signal) = (coarse(1, count, seed), coarse(1, count, seed ^ 1));
        let found = block_on(rectify(&x, &signal, &Device::flex())).expect("both are as long");
        for (at, (x, g)) in x.values.iter().zip(&signal.values).enumerate() {
            let fired = *x > 0.0;
            prop_assert_eq!(found.answer.values[at], x.max(0.0));
            prop_assert_eq!(found.gradient.values[at], if fired { *g } else { 0.0 });
            prop_assert_eq!(found.deconvnet.values[at], g.max(0.0));
            prop_assert_eq!(found.guided.values[at], if fired { g.max(0.0) } else { 0.0 });
        }
    }
}

#[test]
fn what_is_no_lesson_is_refused_by_name() {
    let device = Device::flex();
    let picture = grid(4, 4, 1);
    let short = Grid {
        values: vec![0.0; 8],
        ..grid(3, 3, 2)
    };
    let odd = Grid {
        values: vec![f32::NAN],
        ..grid(1, 1, 2)
    };
    let refusals = [
        (
            block_on(convolve(&picture, &short, &device)).err(),
            "kernel",
        ),
        (block_on(convolve(&picture, &odd, &device)).err(), "NaN"),
        (
            block_on(convolve(&picture, &grid(5, 5, 3), &device)).err(),
            "at most 4 by 4, found 5 by 5",
        ),
        (
            block_on(pool(&picture, 2, 3, None, &device)).err(),
            "found 2 every 3",
        ),
        (
            block_on(pool(&picture, 2, 2, Some(&grid(3, 3, 4)), &device)).err(),
            "expected 2 by 2, found 3 by 3",
        ),
        (
            block_on(rectify(&picture, &grid(1, 4, 5), &device)).err(),
            "expected 4 by 4, found 1 by 4",
        ),
    ];
    for (found, words) in refusals {
        let found = found.expect("it is refused").to_string();
        assert!(found.contains(words), "{words}: {found}");
    }
}
