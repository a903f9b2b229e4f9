//! How a method is asked: its results stream in and can be stopped, the batch changes nothing, and what has no answer says so.

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use zfnet::experiments::Step;
use zfnet::experiments::since::attribution::{
    Attribution, BATCH, Baseline, Method, Numbers, attribute, noise,
};
use zfnet::{Error, Network, Trace};

use super::{golden, off};

pub(super) fn the_case() -> (Network, Trace, usize) {
    let (stored, about) = golden();
    let network = stored.network(&Device::flex());
    let input = stored.input(network.device());
    let trace = network.forward(input).expect("runs");
    (network, trace, about.class)
}

/// Methods whose answer comes in several batches.
fn sampled() -> [Method; 3] {
    [
        Method::SmoothGrad {
            samples: 40,
            noise: 0.1,
            seed: 3,
        },
        Method::IntegratedGradients {
            steps: 40,
            baseline: Baseline::Black,
        },
        Method::ScoreCam {
            layer: "conv1".into(),
        },
    ]
}

#[test]
fn results_stream_in_and_come_near_the_end_early() {
    let (network, trace, class) = the_case();
    for method in sampled() {
        let mut reports = Vec::new();
        let told = async |state: Step<Option<&Attribution>>| {
            reports.push((state.done, state.total, state.part.cloned()));
            ControlFlow::Continue(())
        };
        let found = block_on(attribute(&network, &trace, class, &method, BATCH, told));
        let found = found.expect("sound").expect("not stopped");
        let name = method.name();
        assert_eq!((reports[0].0, reports[0].2.is_none()), (0, true), "{name}");
        assert!(
            reports.windows(2).all(|pair| pair[0].0 < pair[1].0),
            "{name}"
        );
        let last = reports.last().expect("a report");
        assert_eq!((last.0, last.2.as_ref()), (last.1, Some(&found)), "{name}");
        let early = reports[1]
            .2
            .as_ref()
            .expect("something after the first batch");
        let length = |values: &[f32]| values.iter().map(|v| v * v).sum::<f32>().sqrt();
        let missing: Vec<f32> = early
            .values
            .iter()
            .zip(&found.values)
            .map(|(a, b)| a - b)
            .collect();
        assert!(
            length(&missing) < 0.8 * length(&found.values),
            "{name}: the first batch shows the whole coarsely"
        );
    }
}

#[test]
fn whoever_listens_can_stop_it() {
    let (network, trace, class) = the_case();
    let stopped = |method: &Method, after: usize| {
        let mut calls = 0;
        let told = async |_: Step<Option<&Attribution>>| {
            calls += 1;
            match calls == after {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let found = block_on(attribute(&network, &trace, class, method, BATCH, told));
        (found.expect("sound"), calls)
    };
    for method in sampled() {
        assert_eq!(stopped(&method, 2), (None, 2), "{}", method.name());
    }
    for method in Method::all("conv3", Numbers::default()) {
        assert_eq!(stopped(&method, 1), (None, 1), "{}", method.name());
    }
}

#[test]
fn the_batch_is_a_matter_of_pace_alone() {
    let (network, trace, class) = the_case();
    for method in Method::all("conv2", Numbers::default()) {
        let [one, five, all] = [1, 5, 1000].map(|batch| {
            let go_on = async |_: Step<Option<&Attribution>>| ControlFlow::Continue(());
            let found = attribute(&network, &trace, class, &method, batch, go_on);
            block_on(found).expect("sound").expect("not stopped")
        });
        for other in [&five, &all] {
            let off = off(&other.values, &one.values);
            assert!(off < 1e-5, "{}: off by {off}", method.name());
        }
    }
}

#[test]
fn noise_follows_from_seed_and_sample_alone() {
    let one = noise(5, 2, 3.0, 301);
    assert_eq!(one[..100], noise(5, 2, 3.0, 100)[..]);
    assert_ne!(one, noise(5, 3, 3.0, 301));
    assert_ne!(one, noise(6, 2, 3.0, 301));
}

#[test]
fn questions_without_an_answer_say_what_was_expected_and_found() {
    let (network, trace, class) = the_case();
    let ask = |trace: &Trace, class: usize, method: &Method| {
        let found = attribute(&network, trace, class, method, BATCH, async |_| {
            ControlFlow::Continue(())
        });
        block_on(found).expect_err("no answer")
    };
    let layer = |layer: &str| Method::GradCam {
        layer: layer.into(),
    };
    assert!(matches!(
        ask(&trace, 99, &Method::Saliency),
        Error::OutOfRange { .. }
    ));
    assert!(matches!(
        ask(&trace, class, &layer("conv9")),
        Error::UnknownLayer { .. }
    ));
    assert!(matches!(
        ask(&trace, class, &layer("fc4")),
        Error::Architecture { .. }
    ));
    let none = Method::SmoothGrad {
        samples: 0,
        noise: 0.1,
        seed: 0,
    };
    assert!(matches!(
        ask(&trace, class, &none),
        Error::OutOfRange { .. }
    ));
    let negative = Method::SmoothGrad {
        samples: 1,
        noise: -0.1,
        seed: 0,
    };
    assert!(matches!(
        ask(&trace, class, &negative),
        Error::OutOfRange { .. }
    ));
    let twice = Tensor::cat(vec![trace.input.clone(), trace.input.clone()], 0);
    let two = network.forward(twice).expect("runs");
    assert!(matches!(
        ask(&two, class, &Method::Saliency),
        Error::OutOfRange { .. }
    ));
}
