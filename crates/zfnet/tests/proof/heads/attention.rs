//! Attention without a head, how it is asked for, and the enlargement that it is drawn with.

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use proptest::prelude::*;
use zfnet::Error;
use zfnet::experiments::shared::bilinear::{Enlargement, enlarged};
use zfnet::experiments::since::attention_mining::{Attention, Mining, Threshold, attend, mine};
use zfnet::experiments::since::attribution::{BATCH, Method, attribute};

use super::random_network;
use crate::laws::{assert_close, numbers};
use crate::random::Numbers;

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn enlarging_is_one_thing_and_its_reverse_the_transpose(seed in any::<u64>(), from in prop::array::uniform2(1usize..7), more in prop::array::uniform2(0usize..9)) {
        let device = Device::flex();
        let to = [from[0] + more[0], from[1] + more[1]];
        let mut random = Numbers::new(seed);
        let [rows, cols] = from;
        let [new_rows, new_cols] = to;
        let maps = random.tensor([2, 1, rows, cols], &device);
        let signal = random.tensor([2, 1, new_rows, new_cols], &device);
        let enlargement = Enlargement::new(from, to, &device);
        let large = numbers(enlargement.forward(maps.clone()));
        let plane = rows * cols;
        for (map, found) in numbers(maps.clone()).chunks(plane).zip(large.chunks(new_rows * new_cols)) {
            assert_close(found, &enlarged(map, from, to), "one by one");
        }
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
        let up = dot(&large, &numbers(signal.clone()));
        let down = dot(&numbers(maps), &numbers(enlargement.reverse(signal)));
        prop_assert!((up - down).abs() <= 1e-4 * up.abs().max(1.0), "{} {}", up, down);
    }
}

#[test]
fn attention_needs_no_head_streams_in_and_can_be_stopped() {
    let (network, input) = random_network();
    let trace = network.forward(input.clone()).expect("runs");
    let threshold = Threshold::default();
    let mut passes = Vec::new();
    let found = block_on(attend(&network, &trace, 1, &threshold, async |state| {
        passes.push((state.done, state.part.after.is_some()));
        ControlFlow::Continue(())
    }));
    let found = found.expect("sound").expect("not stopped");
    assert_eq!(passes, [(1, false), (2, true)]);
    assert!(found.map.iter().all(|value| (0.0..=1.0).contains(value)));
    let stopped = block_on(attend(&network, &trace, 1, &threshold, async |_| {
        ControlFlow::Break(())
    }));
    assert_eq!(stopped.expect("sound"), None);

    // Where nothing speaks for a class, next to nothing is taken out, and no number is lost.
    let silent = Attention::new(
        Tensor::zeros([2, 1, 3, 3], network.device()),
        [7, 5],
        &threshold,
    );
    assert!(
        numbers(silent.map.clone())
            .iter()
            .all(|value| *value == 0.0)
    );
    assert!(
        numbers(silent.share.clone())
            .iter()
            .all(|value| *value < 0.01)
    );
    let slope = silent.reverse(Tensor::ones([2, 1, 7, 5], network.device()));
    assert!(numbers(slope).iter().all(|value| *value == 0.0));

    let ask = |class: usize, threshold: Threshold| {
        let found = attend(&network, &trace, class, &threshold, async |_| {
            ControlFlow::Continue(())
        });
        block_on(found).expect_err("no answer")
    };
    assert!(matches!(ask(99, threshold), Error::OutOfRange { .. }));
    let sharp = Threshold {
        omega: f64::NAN,
        ..threshold
    };
    assert!(matches!(ask(1, sharp), Error::OutOfRange { .. }));
    let no_cam = block_on(attribute(
        &network,
        &trace,
        1,
        &Method::Cam,
        BATCH,
        async |_| ControlFlow::Continue(()),
    ));
    let message = no_cam.expect_err("dense layers").to_string();
    assert!(message.contains("global average"), "{message}");
    assert!(mine(&network, input, &[1], &Mining::default()).is_err());
}
