//! The family of methods against captum and PyTorch (`tests/golden/attribution/make.py`), and the laws that need neither.

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor, TensorData};
use pollster::block_on;
use proptest::prelude::*;
use safetensors::SafeTensors;
use serde::Deserialize;
use serde_json::Value;
use zfnet::analysis::attribution::{
    Attribution, BATCH, Baseline, Completeness, Method, Progress, attribute, noise,
};
use zfnet::{Error, Network, ReluRule, Targets, Trace, project};

use crate::random::a_network;

/// What the file says beside its tensors.
#[derive(Deserialize)]
pub(crate) struct About {
    pub(crate) class: usize,
    pub(crate) tolerance: f32,
    pub(crate) score: f32,
    pub(crate) methods: Vec<Expected>,
    pub(crate) climbs: Vec<Value>,
}

#[derive(Deserialize)]
pub(crate) struct Expected {
    tensor: String,
    settings: Method,
    #[serde(default)]
    sigma: Option<f32>,
    #[serde(default)]
    sum: Option<f64>,
    #[serde(default)]
    difference: Option<f64>,
}

/// The golden file: bytes, and what it says.
pub(crate) fn golden() -> (Vec<u8>, About) {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/golden/attribution/methods.safetensors"
    );
    let bytes = std::fs::read(path).expect("the golden file is in the repository");
    let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("safetensors");
    let json = &metadata.metadata().as_ref().expect("metadata")["golden"];
    let about = serde_json::from_str(json).expect("a description");
    (bytes, about)
}

pub(crate) fn stored(bytes: &[u8], name: &str) -> (Vec<usize>, Vec<f32>) {
    let tensors = SafeTensors::deserialize(bytes).expect("safetensors");
    let tensor = tensors.tensor(name).expect("a tensor of that name");
    let values = tensor.data().as_chunks().0.iter();
    let values = values.map(|four| f32::from_le_bytes(*four)).collect();
    (tensor.shape().to_vec(), values)
}

pub(crate) fn stored_input(bytes: &[u8], device: &Device) -> Tensor<4> {
    let (shape, values) = stored(bytes, "golden.input");
    let shape: [usize; 4] = shape.try_into().expect("four axes");
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// The largest difference, as a share of the largest number expected.
pub(crate) fn off(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len(), "numbers");
    let largest = expected.iter().fold(1e-12f32, |most, v| most.max(v.abs()));
    let differences = found.iter().zip(expected).map(|(f, e)| (f - e).abs());
    differences.fold(0f32, |most, v| {
        if v.is_finite() {
            most.max(v)
        } else {
            f32::INFINITY
        }
    }) / largest
}

fn asked(network: &Network, trace: &Trace, class: usize, method: &Method) -> Attribution {
    let found = attribute(network, trace, class, method, BATCH, async |_| {
        ControlFlow::Continue(())
    });
    block_on(found)
        .expect("the question is sound")
        .expect("nobody stopped it")
}

fn check(device: &Device) {
    let (bytes, about) = golden();
    let network = Network::read(&bytes, device).expect("a network");
    let trace = network.forward(stored_input(&bytes, device)).expect("runs");
    assert_eq!(about.methods.len(), 9);
    for expected in &about.methods {
        let (method, name) = (&expected.settings, expected.settings.name());
        let found = asked(&network, &trace, about.class, method);
        let (shape, values) = stored(&bytes, &expected.tensor);
        let channels = if method.gives_a_map() { &[1][..] } else { &[] };
        assert_eq!([channels, &shape].concat(), found.shape, "{name}");
        let off = off(&found.values, &values);
        assert!(off <= about.tolerance, "{name}: off by {off}");
        assert!(
            (found.score - about.score).abs() <= about.tolerance * about.score.abs(),
            "{name}"
        );
        if let Some(sigma) = expected.sigma {
            let found = found.sigma.expect("a deviation");
            assert!(
                (found - sigma).abs() <= 1e-5 * sigma,
                "expected {sigma}, found {found}"
            );
        }
        if let (Some(sum), Some(difference)) = (expected.sum, expected.difference) {
            let found = found.completeness.expect("a sum");
            let near =
                |a: f64, b: f64| (a - b).abs() <= f64::from(about.tolerance) * b.abs().max(1.0);
            assert!(
                near(found.sum, sum) && near(found.difference, difference),
                "{found:?} {sum} {difference}"
            );
        }
    }
}

#[test]
fn the_cpu_agrees_with_captum_and_pytorch() {
    check(&Device::flex());
}

#[test]
fn a_graphics_device_agrees_with_captum_and_pytorch() {
    match Device::wgpu_options().init() {
        Ok(device) => check(&device),
        Err(e) => eprintln!("no graphics driver, the methods were tried on the CPU alone: {e}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn one_pass_methods_are_projections_of_the_class(case in a_network()) {
        let network = case.network(&Device::flex());
        let trace = network.forward(case.input(network.device())).expect("runs");
        let class = case.pick(3);
        let [_, rows, cols] = network.plan[0].input;
        for (method, rule) in [(Method::Saliency, ReluRule::Gradient), (Method::GuidedBackprop, ReluRule::Guided)] {
            let target = Targets::Classes(vec![class]);
            let expected = project(&network, &trace, 0, &target, rule).expect("a class");
            let expected = block_on(expected.on_whole_input([rows, cols])).expect("CPU");
            let found = asked(&network, &trace, class, &method);
            prop_assert!(off(&found.values, &expected[0]) < 1e-5, "{}", method.name());
        }
    }

    #[test]
    fn integrated_gradients_are_complete(case in a_network()) {
        let network = case.network(&Device::flex());
        let trace = network.forward(case.input(network.device())).expect("runs");
        let class = case.pick(3);
        let error = |steps: usize| {
            let method = Method::IntegratedGradients { steps, baseline: Baseline::Mean };
            let Completeness { sum, difference } = asked(&network, &trace, class, &method).completeness.expect("a sum");
            ((sum - difference).abs(), difference.abs())
        };
        let (missed, whole) = error(512);
        prop_assert!(missed <= 0.03 * whole.max(1.0), "512 steps miss {missed} of {whole}");
    }

    #[test]
    fn without_noise_smooth_grad_is_saliency_and_input_times_gradient_is_that(case in a_network()) {
        let network = case.network(&Device::flex());
        let trace = network.forward(case.input(network.device())).expect("runs");
        let class = case.pick(3);
        let still = Method::SmoothGrad { samples: 3, noise: 0.0, seed: 1 };
        let plain = asked(&network, &trace, class, &Method::Saliency);
        prop_assert!(off(&asked(&network, &trace, class, &still).values, &plain.values) < 1e-5);
        let product = asked(&network, &trace, class, &Method::InputXGradient);
        let input = crate::laws::numbers(trace.input.clone());
        let expected: Vec<f32> = plain.values.iter().zip(&input).map(|(g, x)| g * x).collect();
        prop_assert!(off(&product.values, &expected) < 1e-5);
    }
}

fn the_case() -> (Network, Trace, usize) {
    let (bytes, about) = golden();
    let network = Network::read(&bytes, &Device::flex()).expect("a network");
    let trace = network
        .forward(stored_input(&bytes, network.device()))
        .expect("runs");
    (network, trace, about.class)
}

#[test]
fn results_stream_in_come_near_the_end_early_and_can_be_stopped() {
    let (network, trace, class) = the_case();
    let sampled = [
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
    ];
    for method in sampled {
        let mut reports = Vec::new();
        let found = block_on(attribute(
            &network,
            &trace,
            class,
            &method,
            BATCH,
            async |state| {
                reports.push((state.done, state.of, state.so_far.cloned()));
                ControlFlow::Continue(())
            },
        ));
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

        let mut calls = 0;
        let stopped = block_on(attribute(
            &network,
            &trace,
            class,
            &method,
            BATCH,
            async |_| {
                calls += 1;
                if calls == 2 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        ));
        assert_eq!((stopped.expect("sound"), calls), (None, 2), "{name}");
    }
    for method in Method::all("conv3") {
        let stopped = block_on(attribute(
            &network,
            &trace,
            class,
            &method,
            BATCH,
            async |_| ControlFlow::Break(()),
        ));
        assert_eq!(stopped.expect("sound"), None, "{}", method.name());
    }
}

#[test]
fn the_batch_is_a_matter_of_pace_alone() {
    let (network, trace, class) = the_case();
    for method in Method::all("conv2") {
        let [one, five, all] = [1, 5, 1000].map(|batch| {
            let go_on = async |_: Progress<'_>| ControlFlow::Continue(());
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
fn likeness_is_the_correlation_of_what_is_drawn() {
    let (network, trace, class) = the_case();
    let guided = asked(&network, &trace, class, &Method::GuidedBackprop);
    let slope = asked(&network, &trace, class, &Method::Saliency);
    let near = |found: Option<f64>, expected: f64| {
        let found = found.expect("uneven numbers");
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    };
    near(guided.likeness(&guided), 1.0);
    let scaled = |factor: f32| Attribution {
        values: slope.values.iter().map(|value| value * factor).collect(),
        ..slope.clone()
    };
    near(slope.likeness(&scaled(-3.0)), 1.0);
    // Four places by hand: (1, 2, 4, 5) against (2, 1, 5, 4), deviations (-2, -1, 1, 2) and (-1, -2, 2, 1).
    let map = |values: [f32; 4]| Attribution {
        method: Method::Cam,
        shape: [1, 2, 2],
        values: values.into(),
        ..slope.clone()
    };
    let first = map([1.0, 2.0, 4.0, 5.0]);
    near(first.likeness(&map([2.0, 1.0, 5.0, 4.0])), 0.8);
    near(first.likeness(&map([5.0, 4.0, 2.0, 1.0])), -1.0);
    assert_eq!(first.likeness(&map([3.0; 4])), None, "the same everywhere");
    assert_eq!(first.likeness(&slope), None, "another size");
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
