//! What a graphics device finds against what the CPU finds, of the same network and pictures, where the golden file holds no
//! numbers: one place of the square in full, the figure's own sweeps, random positions.

use std::ops::ControlFlow;

use burn::tensor::Device;
use pollster::block_on;
use zfnet::experiments::paper::invariance::{Settings, Transformation, sweeps};
use zfnet::experiments::paper::occlusion::{Detail, Occluder};

use super::{Golden, near};
use crate::device::on_a_graphics_device;

/// What a question finds on the CPU, and on a graphics device where there is one.
fn on_both<T>(ask: impl Fn(&Golden) -> T, compare: impl Fn(T, T)) {
    on_a_graphics_device(|device| {
        let [cpu, graphics] = [&Device::flex(), device].map(|device| ask(&Golden::read(device)));
        compare(cpu, graphics);
    });
}

#[test]
fn one_place_of_the_square_is_the_same_in_full() {
    // Places of the golden grid, where no label hangs by a hair.
    let ask = |golden: &Golden| {
        let trace = golden.network.forward(golden.input(0)).expect("it fits");
        let settings = golden.of("/occlusion/settings");
        let occluder = block_on(Occluder::new(&golden.network, &trace, &settings));
        let occluder = occluder.expect("it can be");
        [[0, 0], [9, 12], [21, 21]]
            .map(|corner| block_on(occluder.at(corner)).expect("it computes"))
    };
    on_both(ask, |expected, found| {
        let shares = |detail: &Detail| {
            let mut classes = detail.classes.clone();
            classes.sort_by_key(|(class, _)| *class);
            classes
                .into_iter()
                .map(|(_, share)| share)
                .collect::<Vec<_>>()
        };
        for (expected, found) in expected.iter().zip(&found) {
            assert_eq!(found.shape, expected.shape);
            near("the map", &expected.answers, &found.answers);
            near("uncovered", &expected.uncovered, &found.uncovered);
            near("the sum", &[expected.seen.activity], &[found.seen.activity]);
            near("the classes", &shares(expected), &shares(found));
            let label = |detail: &Detail| detail.seen.class.expect("a classifier").label;
            assert_eq!(label(found), label(expected));
        }
    });
}

#[test]
fn the_figures_sweeps_are_the_same() {
    let ask = |golden: &Golden| {
        let all = Transformation::ALL
            .map(|transformation| Settings::figure(transformation, &golden.network));
        let found = sweeps(&golden.network, &golden.pictures[2], &all, async |_| {
            ControlFlow::Continue(())
        });
        block_on(found).expect("it computes")
    };
    on_both(ask, |expected, found| {
        for (expected, found) in expected.iter().zip(&found) {
            assert_eq!(
                (found.transformation, &found.parameters, found.class),
                (
                    expected.transformation,
                    &expected.parameters,
                    expected.class
                )
            );
            assert_eq!(found.layers.len(), 2);
            for (expected, found) in expected.layers.iter().zip(&found.layers) {
                assert_eq!(found.layer, expected.layer);
                near("the length", &[expected.norm], &[found.norm]);
                near(&found.layer, &expected.distance, &found.distance);
            }
            let [expected, found] = [expected, found].map(|sweep| sweep.probability.as_deref());
            let [expected, found] = [expected, found].map(|curve| curve.expect("a classifier"));
            near("the probability", expected, found);
        }
    });
}

#[test]
fn random_positions_and_what_they_change_are_the_same() {
    let ask = |golden: &Golden| golden.compared(golden.inputs(&[0, 1, 2]), &golden.parts());
    on_both(ask, |expected, found| {
        assert_eq!(found.random, expected.random);
        for (expected, found) in expected.layers.iter().zip(&found.layers) {
            assert_eq!(
                (&found.layer, &found.signs),
                (&expected.layer, &expected.signs)
            );
            let pairs = expected.random.iter().zip(&found.random);
            for (expected, found) in pairs {
                let [expected, found] = [expected, found].map(|score| score.expect("done"));
                let numbers =
                    [expected, found].map(|score| [score.mean, score.spread.expect("three pairs")]);
                near(&format!("{expected:?}"), &numbers[0], &numbers[1]);
            }
        }
    });
}
