//! What must hold where signals come to one layer by several ways.

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use proptest::prelude::*;
use zfnet::geometry::signal::Signal;
use zfnet::geometry::window::Windows;

use crate::laws::{assert_close, numbers};
use crate::random::Numbers;

const FRAME: [usize; 2] = [9, 11];
const MAPS: usize = 2;

/// A size of windows, and where each target's lies; some reach over the frame's edges.
fn windows(targets: usize) -> impl Strategy<Value = Windows> {
    let size = prop::array::uniform2(1usize..7);
    let origins = prop::collection::vec(prop::array::uniform2(-3isize..10), targets);
    let one_place = any::<bool>();
    (size, origins, one_place).prop_map(|(size, mut origins, one_place)| {
        if one_place {
            let first = origins[0];
            origins.fill(first);
        }
        Windows {
            frame: FRAME,
            size,
            origins,
        }
    })
}

fn two_ways() -> impl Strategy<Value = (Windows, Windows)> {
    (1usize..4).prop_flat_map(|targets| (windows(targets), windows(targets)))
}

/// Every target's values on the whole frame, zero outside its window.
fn on_frame(signal: &Signal) -> Vec<f32> {
    let projections = zfnet::Projections {
        pixels: signal.values(),
        windows: signal.windows().clone(),
        activations: Tensor::zeros([signal.windows().origins.len()], &Device::flex()),
    };
    block_on(projections.on_whole_input(FRAME))
        .expect("the CPU answers")
        .concat()
}

fn signal(random: &mut Numbers, windows: &Windows) -> Signal {
    let [rows, cols] = windows.size;
    let shape = [windows.origins.len(), MAPS, rows, cols];
    Signal::new(random.tensor(shape, &Device::flex()), windows.clone())
}

fn times(signal: &Signal, factor: f32) -> Signal {
    signal.clone().map(|values, _| values * factor)
}

proptest! {
    #[test]
    fn a_sum_of_signals_is_the_sum_of_what_they_say_of_every_place((a, b) in two_ways(), seed in any::<u64>()) {
        let mut random = Numbers::new(seed);
        let (a, b) = (signal(&mut random, &a), signal(&mut random, &b));
        let expected: Vec<f32> = on_frame(&a).iter().zip(on_frame(&b)).map(|(a, b)| a + b).collect();
        let sum = a.clone().add(b.clone());
        prop_assert_eq!(on_frame(&sum), expected.clone());
        prop_assert_eq!(on_frame(&b.add(a)), expected);
    }

    #[test]
    fn sums_of_signals_are_linear((a, b) in two_ways(), seed in any::<u64>(), alpha in -3f32..3.0, beta in -3f32..3.0) {
        let mut random = Numbers::new(seed);
        let (a1, a2) = (signal(&mut random, &a), signal(&mut random, &a));
        let (b1, b2) = (signal(&mut random, &b), signal(&mut random, &b));
        let mixed = |one: &Signal, two: &Signal| times(one, alpha).add(times(two, beta));
        let found = mixed(&a1, &a2).add(mixed(&b1, &b2));
        let expected = mixed(&a1.add(b1), &a2.add(b2));
        prop_assert_eq!(found.windows(), expected.windows());
        assert_close(&numbers(found.values()), &numbers(expected.values()), "α(a + b) + β(a' + b')");
    }
}
