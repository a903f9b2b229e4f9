//! The family of methods against captum and PyTorch (`tests/golden/attribution/make.py`), and the laws that need neither.

mod asking;
mod comparing;

use std::ops::ControlFlow;

use burn::tensor::Device;
use pollster::block_on;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use zfnet::experiments::since::attribution::{
    Attribution, BATCH, Baseline, Completeness, Method, attribute,
};
use zfnet::{Network, ReluRule, Targets, Trace, project};

use crate::device::on_a_graphics_device;
use crate::random::any_network;
use crate::stored::Stored;

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

/// The golden file of the methods and of the climbs.
pub(crate) fn golden() -> (Stored, About) {
    let stored = Stored::read("attribution/methods.safetensors");
    let about = stored.says("");
    (stored, about)
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

pub(crate) fn asked(
    network: &Network,
    trace: &Trace,
    class: usize,
    method: &Method,
) -> Attribution {
    let found = attribute(network, trace, class, method, BATCH, async |_| {
        ControlFlow::Continue(())
    });
    block_on(found)
        .expect("the question is sound")
        .expect("nobody stopped it")
}

fn check(device: &Device) {
    let (stored, about) = golden();
    let network = stored.network(device);
    let trace = network.forward(stored.input(device)).expect("runs");
    assert_eq!(about.methods.len(), 9);
    for expected in &about.methods {
        let (method, name) = (&expected.settings, expected.settings.name());
        let found = asked(&network, &trace, about.class, method);
        let shape = stored.shape(&expected.tensor);
        let channels = if method.gives_a_map() { &[1][..] } else { &[] };
        assert_eq!([channels, &shape].concat(), found.shape, "{name}");
        let off = off(&found.values, &stored.floats(&expected.tensor));
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
    on_a_graphics_device(check);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn one_pass_methods_are_projections_of_the_class(case in any_network()) {
        let network = case.network(&Device::flex());
        let trace = network.forward(case.input(network.device())).expect("runs");
        let class = case.pick(3);
        let [_, rows, cols] = network.plan.input();
        for (method, rule) in [(Method::Saliency, ReluRule::Gradient), (Method::GuidedBackprop, ReluRule::Guided)] {
            let target = Targets::Classes(vec![class]);
            let expected = project(&network, &trace, 0, &target, rule).expect("a class");
            let expected = block_on(expected.on_whole_input([rows, cols])).expect("CPU");
            let found = asked(&network, &trace, class, &method);
            prop_assert!(off(&found.values, &expected[0]) < 1e-5, "{}", method.name());
        }
    }

    #[test]
    fn integrated_gradients_are_complete(case in any_network()) {
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
    fn without_noise_smooth_grad_is_saliency_and_input_times_gradient_is_that(case in any_network()) {
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
