//! A network of one channel sees the grey of a photograph: what a network of three channels sees whose first filters weigh red,
//! green and blue as grey does.

use std::collections::HashMap;

use burn::tensor::Device;
use zfnet::network::architecture::Architecture;
use zfnet::network::model::{Channels, FORMAT, Input, Model};
use zfnet::pictures::image::LUMA;
use zfnet::{Network, ReluRule, Targets, Trace, project};

use crate::laws::{assert_close, numbers};
use crate::random::Numbers;

const SIDE: usize = 32;

fn model(channels: Channels, maps: usize) -> Model {
    Model {
        format: FORMAT,
        name: "tiny".into(),
        architecture: Architecture::tiny([4, 6, 5], 8, 3),
        input: Input {
            size: [SIDE; 2],
            resize_short_side: SIDE,
            channels,
            range: 1.0,
            mean: vec![0.25; maps],
            std: vec![0.5; maps],
        },
        classes: Vec::new(),
        scores: Default::default(),
        provenance: serde_json::Value::Null,
    }
}

/// A network of one channel, and that of three whose first filters are its own times each colour's share of grey.
fn pair(channels: Channels) -> [Network; 2] {
    let device = Device::flex();
    let mut random = Numbers::new(7);
    let mut drawn = HashMap::new();
    let grey = Network::build(model(channels, 1), &device, |name, shape| {
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|_| 0.4 * random.next()).collect();
        drawn.insert(name.to_owned(), values.clone());
        values
    });
    let mut shares = LUMA;
    if channels == Channels::Bgr {
        shares.reverse();
    }
    let colour = Network::build(model(channels, 3), &device, |name, shape| {
        let own = drawn[name].clone();
        if name != "conv1.weight" {
            return own;
        }
        let plane = shape[2] * shape[3];
        let filters = own.chunks(plane);
        let coloured =
            filters.flat_map(|filter| shares.map(|share| filter.iter().map(move |v| v * share)));
        coloured.flatten().collect()
    });
    [grey, colour].map(|network| network.expect("the table is sound"))
}

fn seen(network: &Network, planes: &[f32]) -> Trace {
    let input = network.input_of(planes.to_vec()).expect("a photograph");
    network.forward(input).expect("a trace")
}

#[test]
fn one_channel_sees_what_three_weighed_as_grey_do() {
    let mut random = Numbers::new(3);
    let planes: Vec<f32> = (0..3 * SIDE * SIDE)
        .map(|_| 255.0 * random.next().abs())
        .collect();
    for channels in [Channels::Rgb, Channels::Bgr] {
        let networks = pair(channels);
        let [grey, colour] = [0, 1].map(|at| seen(&networks[at], &planes));
        assert_eq!(grey.input.dims(), [1, 1, SIDE, SIDE]);
        for (one, other) in grey.layers.iter().zip(&colour.layers) {
            let [one_values, other] = [one, other].map(|record| numbers(record.activation.clone()));
            assert_close(&one_values, &other, &one.name);
        }
        for rule in [ReluRule::Deconvnet, ReluRule::Guided, ReluRule::Gradient] {
            let targets = Targets::Maps("conv3".into(), vec![0, 3]);
            let [one, other] =
                [(&networks[0], &grey), (&networks[1], &colour)].map(|(network, trace)| {
                    let found =
                        project(network, trace, 0, &targets, rule).expect("the targets exist");
                    let whole = pollster::block_on(found.on_whole_input([SIDE; 2]));
                    let whole = whole.expect("the CPU answers").into_iter();
                    let ordered = whole.flat_map(|values| network.model.input.in_rgb_order(values));
                    ordered.collect::<Vec<f32>>()
                });
            let plane = SIDE * SIDE;
            for (map, one) in one.chunks(plane).enumerate() {
                for (channel, share) in LUMA.into_iter().enumerate() {
                    let expected: Vec<f32> = one.iter().map(|v| v * share).collect();
                    let found = &other[(3 * map + channel) * plane..][..plane];
                    assert_close(found, &expected, "a projection");
                }
            }
        }
    }
}

#[test]
fn other_numbers_of_channels_take_no_photographs() {
    let device = Device::flex();
    let network = Network::build(model(Channels::Rgb, 2), &device, |_, shape| {
        vec![0.1; shape.iter().product()]
    });
    let network = network.expect("the table is sound");
    let error = network
        .input_of(vec![0.0; 3 * SIDE * SIDE])
        .expect_err("two channels");
    assert!(
        error
            .to_string()
            .contains("or one for its grey, found 2 channels"),
        "{error}"
    );
}
