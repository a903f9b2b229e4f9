//! The derivatives that training uses, against autodiff; and what another picture size must not change.

use burn::tensor::{Device, Tensor};
use proptest::prelude::*;
use zfnet::Network;
use zfnet::deconvnet::gradients::cross_entropy;
use zfnet::network::Parameters;
use zfnet::network::kernels::Kernels;

use crate::laws::{assert_close, numbers};
use crate::random::{Numbers, any_network};

fn values(parameters: &Parameters) -> [Vec<f32>; 2] {
    [numbers(parameters.rows()), numbers(parameters.bias())]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn derivatives_by_the_weights_are_those_of_autodiff(case in any_network(), lowest in 0usize..3) {
        let own = case.network(&Device::flex());
        let plain = own.with_kernels(Kernels::Plain);
        let batch = |device: &Device| {
            let one = case.input(device);
            Tensor::cat(vec![one.clone(), one.clone() * 0.5 + 0.1, one.neg()], 0)
        };
        let classes = [0, 2, 1];
        let width = plain.plan.output().output[0];
        let mask = |device: &Device, at: usize, shape: [usize; 3]| {
            let [maps, rows, cols] = shape;
            let mask = Numbers::new(at as u64).tensor([3, maps, rows, cols], device);
            mask.greater_elem(0.0).float() * 2.0
        };
        let at = plain.plan.iter().position(|l| l.layer.op.name() == "dropout");
        let masks = |device: &Device| at.map(|at| (at, mask(device, at, plain.plan[at].output))).into_iter().collect::<Vec<_>>();

        // One trace for both, by the operations that autodiff follows: what nearly is 0 is on the same side of a rectifier for all.
        let trace = plain.forward_training(batch(plain.device()), &masks(plain.device())).expect("runs");
        let (loss, signal) = cross_entropy(trace.logits().expect("whole"), &classes, 0.1);
        let found = [&own, &plain].map(|network| network.gradients(&trace, &masks(plain.device()), signal.clone(), lowest));

        let tracking = case.network(&Device::flex().autodiff());
        let tracked: Vec<_> = tracking.parameters().iter().map(|layer| layer.as_ref().map(|layer| match layer {
            Parameters::Conv(weight, bias) => Parameters::Conv(weight.clone().require_grad(), bias.clone().require_grad()),
            Parameters::Dense(weight, bias) => Parameters::Dense(weight.clone().require_grad(), bias.clone().require_grad()),
            Parameters::Maps(weight, bias) => Parameters::Maps(weight.clone().require_grad(), bias.clone().require_grad()),
        })).collect();
        let tracking = tracking.with_parameters(tracked).expect("the same shapes");
        let again = tracking.forward_training(batch(tracking.device()), &masks(tracking.device())).expect("runs");
        let (same, _) = cross_entropy(again.logits().expect("whole"), &classes, 0.1);
        assert_close(&numbers(loss), &numbers(same.clone().inner()), "loss");
        let gradients = same.backward();
        for (at, layer) in tracking.parameters().iter().enumerate() {
            let Some(layer) = layer else { continue };
            let name = &plain.plan[at].layer.name;
            if at < lowest {
                assert!(found.iter().all(|layers| layers[at].is_none()), "{name} is held still");
                continue;
            }
            let (rows, bias) = match layer {
                Parameters::Conv(weight, bias) => (weight.grad(&gradients).map(|g| g.flatten(1, 3)), bias.grad(&gradients)),
                Parameters::Dense(weight, bias) => (weight.grad(&gradients), bias.grad(&gradients)),
                Parameters::Maps(weight, bias) => (
                    weight.grad(&gradients).map(|g| g.reshape([-1, 1])),
                    // Slopes shift nothing.
                    Some(bias.grad(&gradients).unwrap_or_else(|| bias.clone().inner().zeros_like())),
                ),
            };
            // Half of a bias's derivatives may be lost in the other half: what a layer's largest is, tells how exact they can be.
            let expected = [rows.expect("tracked").flatten(0, 1), bias.expect("tracked")].map(numbers).concat();
            for found in &found {
                let found = values(found[at].as_ref().expect("a derivative")).concat();
                assert_close(&found, &expected, &format!("{name}'s weights and biases, of {width} classes"));
            }
        }
    }
}

#[test]
fn smoothed_labels_have_the_loss_and_slope_of_their_definition() {
    let device = Device::flex();
    let scores = Tensor::<2>::from_floats([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]], &device);
    let (loss, signal) = cross_entropy(scores.clone(), &[1, 0], 0.3);
    let softmax = |row: [f64; 3]| {
        let sum: f64 = row.iter().map(|v| v.exp()).sum();
        row.map(|v| v.exp() / sum)
    };
    let rows = [softmax([1.0, 2.0, 0.5]), softmax([0.0, -1.0, 3.0])];
    let wanted = [[0.1, 0.8, 0.1], [0.8, 0.1, 0.1]];
    let expected: f64 = rows
        .iter()
        .zip(wanted)
        .flat_map(|(row, wanted)| {
            row.iter()
                .zip(wanted)
                .map(|(p, w)| -w * p.ln())
                .collect::<Vec<_>>()
        })
        .sum::<f64>()
        / 2.0;
    assert_close(&numbers(loss), &[expected as f32], "loss");
    let slope: Vec<f32> = rows
        .iter()
        .zip(wanted)
        .flat_map(|(row, wanted)| [0, 1, 2].map(|c| ((row[c] - wanted[c]) / 2.0) as f32))
        .collect();
    assert_close(&numbers(signal), &slope, "slope");
}

#[test]
fn filters_do_not_change_with_the_size_of_pictures_and_dense_sums_keep_their_scale() {
    use zfnet::network::architecture::Architecture;
    use zfnet::network::model::{FORMAT, Input, Model};
    let model = Model {
        format: FORMAT,
        name: "growing".into(),
        architecture: Architecture::tiny([4, 5, 6], 8, 3),
        input: Input {
            size: [48; 2],
            resize_short_side: 56,
            channels: Default::default(),
            range: 255.0,
            mean: vec![100.0; 3],
            std: vec![1.0; 3],
        },
        classes: vec![],
        scores: Default::default(),
        provenance: serde_json::Value::Null,
    };
    let mut random = Numbers::new(5);
    let network = Network::build(model, &Device::flex(), |_, shape| {
        (0..shape.iter().product())
            .map(|_| random.next() * 0.2)
            .collect()
    })
    .expect("a sound model");
    let grown = network.at_size([80; 2]).expect("there is room");
    assert_eq!(grown.plan.input(), [3, 80, 80]);
    assert_eq!(grown.model.input.resize_short_side, 94);
    // An even picture gives even maps away from the border; without padding, everywhere.
    let dense = network
        .plan
        .iter()
        .position(|l| l.layer.op.name() == "dense")
        .expect("one");
    let [maps, rows, cols] = network.plan[dense].input;
    let even = |network: &Network| {
        let [_, rows, cols] = network.plan[dense].input;
        let x = Tensor::<2>::ones([1, maps * rows * cols], network.device());
        let weight = network.parameters()[dense].as_ref().expect("loaded").rows();
        numbers(x.matmul(weight.transpose()))
    };
    assert!(rows * cols > 1, "a case that shows something");
    let [small, large] = [even(&network), even(&grown)];
    let length = |v: &[f32]| v.iter().map(|v| v * v).sum::<f32>().sqrt();
    let difference: Vec<f32> = small.iter().zip(&large).map(|(a, b)| a - b).collect();
    assert!(
        length(&difference) < 0.35 * length(&small),
        "{small:?} {large:?}"
    );
    for (old, new) in network.parameters()[..dense]
        .iter()
        .zip(&grown.parameters()[..dense])
    {
        if let (Some(old), Some(new)) = (old, new) {
            assert_eq!(values(old), values(new));
        }
    }
}
