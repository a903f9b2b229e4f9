//! Heads on averaged maps: CAM, attention and its mining against PyTorch (`tests/golden/attribution/heads.py`), and the laws
//! between them.

mod attention;
mod files;

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use proptest::prelude::*;
use serde::Deserialize;
use zfnet::deconvnet::gradients::cross_entropy;
use zfnet::experiments::since::attention_mining::{
    Attended, Attention, Mining, Threshold, Wanted, attend, mine,
};
use zfnet::experiments::since::attribution::Method;
use zfnet::network::Parameters;
use zfnet::network::architecture::Op;
use zfnet::{Network, Trace};

use crate::attribution::{asked, off};
use crate::device::on_a_graphics_device;
use crate::laws::{assert_close, numbers};
use crate::random::{a_graph, a_network, an_averaging_network};
use crate::stored::Stored;

#[derive(Deserialize)]
struct About {
    tolerance: f32,
    classes: Vec<usize>,
    omega: f64,
    sigma: f64,
    alpha: f64,
    losses: std::collections::BTreeMap<String, [f32; 2]>,
}

fn attended(network: &Network, trace: &Trace, class: usize, threshold: &Threshold) -> Attended {
    let found = attend(network, trace, class, threshold, async |_| {
        ControlFlow::Continue(())
    });
    block_on(found)
        .expect("the question is sound")
        .expect("nobody stopped it")
}

fn check(device: &Device) {
    let stored = Stored::read("attribution/heads.safetensors");
    let about: About = stored.says("");
    let network = stored.network(device);
    let both = stored.input(device);
    let [_, channels, rows, cols] = both.dims();
    let near = |found: &[f32], expected: &[f32], what: &str| {
        let off = off(found, expected);
        assert!(off <= about.tolerance, "{what}: off by {off}");
    };
    let threshold = Threshold {
        omega: about.omega,
        sigma: about.sigma,
    };
    for (picture, class) in about.classes.iter().enumerate() {
        let one = both
            .clone()
            .slice([picture..picture + 1, 0..channels, 0..rows, 0..cols]);
        let trace = network.forward(one).expect("runs");
        let expected = |name: &str| {
            let name = format!("golden.{name}");
            let count = stored.shape(&name)[1..].iter().product::<usize>();
            stored.floats(&name)[picture * count..][..count].to_vec()
        };
        let cam = asked(&network, &trace, *class, &Method::Cam);
        near(&cam.values, &expected("cam"), "CAM");
        near(
            &cam.coarse.expect("a map").values,
            &expected("coarse"),
            "CAM before it is enlarged",
        );
        let found = attended(&network, &trace, *class, &threshold);
        near(&found.map, &expected("map"), "attention");
        near(&found.share, &expected("share"), "what is taken out");
        near(&found.removed, &expected("removed"), "what is left");
        let (before, after) = (expected("before"), expected("after"));
        let said = found.after.expect("two passes");
        near(&[found.before.score], &[before[*class]], "score before");
        near(&[said.score], &[after[*class]], "score after");
        let sum: f32 = after.iter().map(|score| score.exp()).sum();
        near(
            &[said.probability],
            &[after[*class].exp() / sum],
            "probability after",
        );
    }
    for (name, [classification, attention]) in &about.losses {
        let mining = Mining {
            alpha: about.alpha,
            threshold,
            wanted: match name.as_str() {
                "score" => Wanted::Score,
                _ => Wanted::Probability,
            },
        };
        let mined = mine(&network, both.clone(), &about.classes, &mining).expect("runs");
        near(&numbers(mined.classification), &[*classification], name);
        near(&numbers(mined.attention), &[*attention], name);
        let of = |what: &str| stored.floats(&format!("golden.{name}.{what}"));
        near(&numbers(mined.gradients.rows()), &of("weight"), name);
        near(&numbers(mined.gradients.bias()), &of("bias"), name);
    }
}

#[test]
fn the_cpu_agrees_with_pytorch() {
    check(&Device::flex());
}

#[test]
fn a_graphics_device_agrees_with_pytorch() {
    on_a_graphics_device(check);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn grad_cam_of_averaged_maps_is_cam_up_to_a_constant_and_cam_averages_to_the_score(case in an_averaging_network()) {
        let network = case.network(&Device::flex());
        let trace = network.forward(case.input(network.device())).expect("runs");
        let class = case.pick(3);
        let gap = network.averaging().expect("it averages").gap;
        let below = &network.plan[gap - 1];
        let [_, rows, cols] = below.output;
        let cam = asked(&network, &trace, class, &Method::Cam);
        let coarse = cam.coarse.as_ref().expect("a map");
        prop_assert_eq!(coarse.size, [rows, cols]);
        let Some(Parameters::Dense(_, bias)) = &network.parameters()[gap + 1] else { panic!("a dense layer") };
        let mean = coarse.values.iter().copied().map(f64::from).sum::<f64>() / (rows * cols) as f64;
        let expected = f64::from(cam.score) - f64::from(numbers(bias.clone())[class]);
        prop_assert!((mean - expected).abs() <= 1e-4 * expected.abs().max(1.0), "{} {}", mean, expected);
        // Grad-CAM asks for maps with several places; the layer is named by what its answer comes from.
        let layer = match below.layer.name.strip_prefix("relu") {
            Some(number) => format!("conv{number}"),
            None => below.layer.name.clone(),
        };
        if rows * cols > 1 {
            let grad = asked(&network, &trace, class, &Method::GradCam { layer });
            let scaled: Vec<f32> = coarse.values.iter().map(|value| value.max(0.0) / (rows * cols) as f32).collect();
            let found = grad.coarse.expect("a map").values;
            let largest = coarse.values.iter().fold(0f32, |most, value| most.max(value.abs())) / (rows * cols) as f32;
            for (found, expected) in found.iter().zip(&scaled) {
                prop_assert!((found - expected).abs() <= 1e-4 * largest.max(1e-6), "{} {}", found, expected);
            }
        }
    }

    #[test]
    fn cam_averages_to_the_score_where_averages_are_the_scores(case in a_graph()) {
        let network = case.network(&Device::flex());
        let ends = network.model.architecture.layers.last().map(|layer| &layer.op);
        prop_assert_eq!(network.averages(), ends == Some(&Op::Gap) || network.averaging().is_ok());
        if ends == Some(&Op::Gap) {
            let trace = network.forward(case.input(network.device())).expect("runs");
            let cam = asked(&network, &trace, case.pick(3), &Method::Cam);
            let values = cam.coarse.expect("a map").values;
            let mean = values.iter().copied().map(f64::from).sum::<f64>() / values.len() as f64;
            let score = f64::from(cam.score);
            prop_assert!((mean - score).abs() <= 1e-5 * score.abs().max(1.0), "{} {}", mean, score);
        }
    }

    #[test]
    fn mining_has_the_derivative_of_autodiff(case in an_averaging_network(), by_score in any::<bool>()) {
        let plain = case.network(&Device::flex());
        let tracking = case.network(&Device::flex().autodiff());
        let batch = |device: &Device| {
            let one = case.input(device);
            Tensor::cat(vec![one.clone(), one * -0.7 + 0.2], 0)
        };
        let classes = [case.pick(3), 1];
        let mining = Mining {
            alpha: 0.8,
            threshold: Threshold { omega: 4.0, sigma: 0.4 },
            wanted: if by_score { Wanted::Score } else { Wanted::Probability },
        };
        let found = mine(&plain, batch(plain.device()), &classes, &mining).expect("runs");

        let dense = plain.plan.top();
        let mut parameters = tracking.parameters().to_vec();
        let Some(Parameters::Dense(weight, bias)) = &parameters[dense] else { panic!("a dense layer") };
        let (weight, bias) = (weight.clone().require_grad(), bias.clone().require_grad());
        parameters[dense] = Some(Parameters::Dense(weight.clone(), bias.clone()));
        let tracking = tracking.with_parameters(parameters).expect("the same shapes");
        let input = batch(tracking.device());
        let [_, _, rows, cols] = input.dims();
        let trace = tracking.forward(input.clone()).expect("runs");
        let maps = trace.layers[dense - 2].activation.clone();
        let [_, count, _, _] = maps.dims();
        let own: Vec<Tensor<2>> = classes.iter().map(|class| weight.clone().slice([*class..class + 1, 0..count])).collect();
        let map = (maps * Tensor::cat(own, 0).reshape([2, count, 1, 1])).sum_dim(1);
        // Where several places are the largest or the smallest there is no derivative: autodiff gives one of them all of it,
        // PyTorch and the engine give each its part.
        let [_, _, map_rows, map_cols] = map.dims();
        for places in numbers(map.clone().inner()).chunks(map_rows * map_cols) {
            let mut places: Vec<f32> = places.iter().map(|value| value.max(0.0)).collect();
            places.sort_by(f32::total_cmp);
            let apart = |pair: [f32; 2]| pair[1] == 0.0 || pair[1] - pair[0] > 1e-3 * pair[1];
            if let ([first, second, ..], [.., before, last]) = (&places[..], &places[..]) {
                prop_assume!(*first == 0.0 || apart([*first, *second]));
                prop_assume!(apart([*before, *last]));
            }
        }
        let attention = Attention::new(map, [rows, cols], &mining.threshold);
        let left = tracking.forward(attention.removed_from(input)).expect("runs").logits().expect("scores");
        let left = if by_score { left } else { burn::tensor::activation::softmax(left, 1) };
        let chosen: Vec<Tensor<1>> = classes.iter().enumerate()
            .map(|(picture, class)| left.clone().slice([picture..picture + 1, *class..class + 1]).reshape([1])).collect();
        let (classification, _) = cross_entropy(trace.logits().expect("scores"), &classes, 0.0);
        let loss = classification.reshape([1]) + Tensor::cat(chosen, 0).mean().reshape([1]) * 0.8;
        let gradients = loss.backward();
        assert_close(&numbers(found.gradients.rows()), &numbers(weight.grad(&gradients).expect("tracked")), "weights");
        assert_close(&numbers(found.gradients.bias()), &numbers(bias.grad(&gradients).expect("tracked")), "biases");
    }
}

/// A network with a classifier of dense layers, and a picture.
fn random_network() -> (Network, Tensor<4>) {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let case = a_network().new_tree(&mut runner).expect("one").current();
    let network = case.network(&Device::flex());
    let input = case.input(network.device());
    (network, input)
}
