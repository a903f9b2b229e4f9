//! Which maps answer in a region: against answers spread over the picture pixel by pixel, and by laws.

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor, TensorData};
use pollster::block_on;
use proptest::prelude::*;
use zfnet::experiments::shared::covering::Rectangle;
use zfnet::experiments::since::region::{Answering, Ask, Compared};
use zfnet::experiments::{Experiment, Record, Step, Subject};
use zfnet::network::architecture::{Architecture, Conv, Layer, Op};
use zfnet::network::model::{FORMAT, Input, Model};
use zfnet::network::plan::PlannedLayer;
use zfnet::{Network, Prepared, Result, Trace};

use crate::device::on_a_graphics_device;
use crate::laws::{assert_close, numbers};
use crate::random::any_network;

fn asked(network: &Network, trace: &Trace, ask: &Ask, most: usize) -> Result<Answering> {
    let prepared = Prepared {
        rgb: image::RgbImage::new(1, 1),
        part: [0, 0, 1, 1],
    };
    let subject = Subject {
        network,
        prepared: &prepared,
        trace,
    };
    let tell = async |step: Step<&Answering>| match step.done < most {
        true => ControlFlow::Continue(()),
        false => ControlFlow::Break(()),
    };
    block_on(Answering::ask(subject, ask, tell))
}

fn all(network: &Network, trace: &Trace, ask: &Ask) -> Answering {
    asked(network, trace, ask, usize::MAX).expect("it computes")
}

/// All layers of a network that have places.
fn layers(network: &Network) -> Vec<String> {
    let placed = network.plan.iter();
    let placed = placed.filter(|planned| planned.output[1..] != [1, 1]);
    placed.map(|planned| planned.layer.name.clone()).collect()
}

fn rectangle(top: usize, left: usize, rows: usize, cols: usize) -> Rectangle {
    Rectangle {
        top,
        left,
        rows,
        cols,
    }
}

/// Of each part of a pixel along an axis, so fine that no border between units lies in a part: the unit whose field's centre is
/// nearest, and whether the part lies in the region.
fn parts(
    planned: &PlannedLayer,
    axis: usize,
    frame: usize,
    span: [usize; 2],
) -> Vec<(usize, bool)> {
    let (field, units) = (planned.field, planned.output[1 + axis]);
    let centre = |unit: usize| match field.is_everything() {
        true => (unit as f64 + 0.5) * frame as f64 / units as f64,
        false => {
            let first = field.offset[axis] as f64 + field.size[axis] as f64 / 2.0;
            first + (field.stride[axis] * unit) as f64
        }
    };
    let fine = if field.is_everything() { units } else { 2 };
    let part = |at: usize| {
        let place = (at as f64 + 0.5) / fine as f64;
        let away = |unit: &usize| (centre(*unit) - place).abs();
        let nearest = (0..units).min_by(|a, b| away(a).total_cmp(&away(b)));
        let pixel = at / fine;
        (nearest.expect("units"), (span[0]..span[1]).contains(&pixel))
    };
    (0..fine * frame).map(part).collect()
}

/// The same by spreading a map over the picture, and Pearson's formula.
fn recomputed(
    planned: &PlannedLayer,
    map: &[f32],
    region: Rectangle,
    frame: [usize; 2],
) -> Compared {
    let down = parts(planned, 0, frame[0], [region.top, region.top + region.rows]);
    let across = parts(
        planned,
        1,
        frame[1],
        [region.left, region.left + region.cols],
    );
    let cols = planned.output[2];
    let points = down.iter().flat_map(|(row, high)| {
        across.iter().map(move |(col, wide)| {
            let mask = f64::from(u8::from(*high && *wide));
            (f64::from(map[row * cols + col]), mask)
        })
    });
    let points: Vec<(f64, f64)> = points.collect();
    let mean =
        |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
    let share = mean(&|point| point.1);
    let [answer, both] = [mean(&|point| point.0), mean(&|point| point.0 * point.1)];
    let square = mean(&|point| (point.0 - answer).powi(2));
    let spread = (square * share * (1.0 - share)).sqrt();
    let largest = map.iter().fold(0f32, |most, value| most.max(value.abs()));
    let correlation = match square.sqrt() > 1e-6 * f64::from(largest) {
        true => (both - answer * share) / spread,
        false => 0.0,
    };
    Compared {
        inside: both / share,
        outside: (answer - both) / (1.0 - share),
        correlation,
    }
}

fn near(found: f64, expected: f64, largest: f64) -> bool {
    (found - expected).abs() <= 1e-6 * largest.max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn maps_are_compared_as_if_spread_over_the_picture(
        case in any_network(),
        [top, left, bottom, right] in prop::array::uniform4(0.0f64..1.0),
    ) {
        let device = Device::flex();
        let network = case.network(&device);
        let trace = network.forward(case.input(&device)).expect("it fits");
        let frame = network.frame();
        let span = |axis: usize, a: f64, b: f64| {
            let size = frame[axis];
            let from = (a.min(b) * size as f64) as usize;
            (from, ((a.max(b) * size as f64) as usize).max(from + 1) - from)
        };
        let ((top, rows), (left, cols)) = (span(0, top, bottom), span(1, left, right));
        let region = rectangle(top, left, rows, cols);
        prop_assume!([rows, cols] != frame);
        let ask = Ask { region, layers: Some(layers(&network)), maps: 3 };
        for level in all(&network, &trace, &ask).layers {
            let planned = network.layer(&level.layer).expect("a layer");
            let answers = numbers(trace.layer(&level.layer).expect("it ran").answer());
            let units = planned.output[1] * planned.output[2];
            let mut best: Vec<(usize, f64)> = Vec::new();
            for (map, values) in answers.chunks(units).enumerate() {
                let (found, expected) = (level.compared[map], recomputed(planned, values, region, frame));
                let largest = values.iter().fold(0f32, |most, value| most.max(value.abs()));
                for (found, expected, largest) in [
                    (found.inside, expected.inside, largest.into()),
                    (found.outside, expected.outside, largest.into()),
                    (found.correlation, expected.correlation, 1.0),
                ] {
                    prop_assert!(near(found, expected, largest), "{} {map}: {found}, {expected}", level.layer);
                }
                prop_assert!(found.correlation.abs() <= 1.0 + 1e-9);
                best.push((map, found.correlation));
            }
            best.retain(|(_, correlation)| *correlation > 0.0);
            best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            best.truncate(3);
            let named: Vec<usize> = level.found.iter().map(|found| found.strongest.unit.map).collect();
            prop_assert_eq!(named, best.into_iter().map(|(map, _)| map).collect::<Vec<_>>());
            for found in &level.found {
                let unit = found.strongest.unit;
                let at = (unit.map * planned.output[1] + unit.row) * planned.output[2] + unit.col;
                prop_assert_eq!(found.strongest.activation, answers[at]);
                let places = parts(planned, 0, frame[0], [top, top + rows]);
                let others = parts(planned, 1, frame[1], [left, left + cols]);
                prop_assert!(places.iter().any(|(row, inside)| *row == unit.row && *inside));
                prop_assert!(others.iter().any(|(col, inside)| *col == unit.col && *inside));
            }
        }
    }

    #[test]
    fn where_inside_and_outside_change_places_the_sign_changes(case in any_network(), share in 0.0f64..1.0) {
        let device = Device::flex();
        let network = case.network(&device);
        let trace = network.forward(case.input(&device)).expect("it fits");
        let [rows, cols] = network.frame();
        let cut = 1 + (share * (cols - 1) as f64) as usize;
        let [left, right] = [rectangle(0, 0, rows, cut), rectangle(0, cut, rows, cols - cut)]
            .map(|region| all(&network, &trace, &Ask { region, layers: Some(layers(&network)), maps: 1 }));
        for (left, right) in left.layers.iter().zip(&right.layers) {
            for (left, right) in left.compared.iter().zip(&right.compared) {
                let largest = left.inside.abs().max(left.outside.abs());
                prop_assert!(near(left.correlation, -right.correlation, 1.0));
                prop_assert!(near(left.inside, right.outside, largest));
                prop_assert!(near(left.outside, right.inside, largest));
            }
        }
    }
}

/// A network whose one map is the mean of the picture's channels, and one that is the opposite.
fn mirror(device: &Device) -> Network {
    let conv = Layer::new("conv1", Op::Conv(Conv::new(3, [1, 1])));
    let model = Model {
        format: FORMAT,
        name: "mirror".into(),
        architecture: Architecture { layers: vec![conv] },
        input: Input {
            size: [12; 2],
            resize_short_side: 12,
            channels: Default::default(),
            range: 255.0,
            mean: vec![0.0; 3],
            std: vec![1.0; 3],
        },
        classes: Vec::new(),
        scores: Default::default(),
        provenance: serde_json::Value::Null,
    };
    Network::build(model, device, |name, _| match name {
        "conv1.bias" => vec![0.0, 2.0, 5.0],
        _ => [1.0 / 3.0, -1.0 / 3.0, 0.0]
            .map(|weight| [weight; 3])
            .concat(),
    })
    .expect("the description fits itself")
}

fn lit(region: Rectangle, device: &Device) -> Tensor<4> {
    let inside = |at: usize| {
        let (row, col) = (at / 12 % 12, at % 12);
        (region.top..region.top + region.rows).contains(&row)
            && (region.left..region.left + region.cols).contains(&col)
    };
    let values: Vec<f32> = (0..3 * 144)
        .map(|at| f32::from(u8::from(inside(at))))
        .collect();
    Tensor::from_data(TensorData::new(values, [1, 3, 12, 12]), device)
}

#[test]
fn a_map_that_is_the_region_correlates_fully_with_it() {
    let check = |device: &Device| {
        let network = mirror(device);
        let region = rectangle(2, 5, 3, 4);
        let trace = network.forward(lit(region, device)).expect("it fits");
        let ask = Ask {
            region,
            layers: None,
            maps: 8,
        };
        let found = all(&network, &trace, &ask);
        let level = &found.layers[0];
        let each = |of: fn(&Compared) -> f64| -> Vec<f32> {
            level.compared.iter().map(|map| of(map) as f32).collect()
        };
        assert_close(
            &each(|map| map.correlation),
            &[1.0, -1.0, 0.0],
            "correlation",
        );
        assert_close(&each(|map| map.inside), &[1.0, 1.0, 5.0], "inside");
        assert_close(&each(|map| map.outside), &[0.0, 2.0, 5.0], "outside");
        let [one] = &level.found[..] else {
            panic!("one map answers more inside: {level:?}")
        };
        let unit = one.strongest.unit;
        assert_eq!(
            [unit.map, unit.row, unit.col],
            [0, 2, 5],
            "the first of equals"
        );
        let table = found.table(&[]);
        assert_eq!(table.rows.len(), 1);
        assert_eq!(table.rows[0][..3], ["conv1", "0", "0"]);
        let tensors = found.tensors();
        let shapes: Vec<_> = tensors
            .iter()
            .map(|t| (t.name.as_str(), t.shape.as_slice()))
            .collect();
        assert_eq!(shapes[0], ("conv1.correlation", &[3][..]));
        assert_eq!(shapes[3], ("conv1.units", &[1, 3][..]));
    };
    check(&Device::flex());
    on_a_graphics_device(check);
}

#[test]
fn bad_questions_are_refused_and_it_stops_when_told() {
    let device = Device::flex();
    let network = mirror(&device);
    let region = rectangle(0, 0, 12, 6);
    let trace = network.forward(lit(region, &device)).expect("it fits");
    let refused = |region: Rectangle, layers: &[&str], maps: usize| {
        let layers = layers.iter().map(|layer| (*layer).to_owned()).collect();
        let ask = Ask {
            region,
            layers: Some(layers),
            maps,
        };
        let error = asked(&network, &trace, &ask, 1).expect_err("it cannot be");
        error.to_string()
    };
    let all = rectangle(0, 0, 12, 12);
    assert!(
        refused(all, &["conv1"], 1).contains("so that something lies outside, found all of it")
    );
    assert!(refused(rectangle(8, 0, 5, 1), &["conv1"], 1).contains("region: expected a rectangle"));
    assert!(refused(rectangle(0, 0, 0, 1), &["conv1"], 1).contains("region: expected a rectangle"));
    assert!(refused(region, &[], 1).contains("at least 1"));
    assert!(refused(region, &["conv1"], 0).contains("at least 1"));
    assert!(refused(region, &["conv2"], 1).contains("conv1"));
    let twice = Ask {
        region,
        layers: Some(vec!["conv1".into(), "conv1".into()]),
        maps: 1,
    };
    let stopped = asked(&network, &trace, &twice, 1).expect("it computes");
    assert_eq!(stopped.layers.len(), 1);
    let usual = Answering::usual(&network).region;
    assert_eq!(usual, rectangle(3, 3, 6, 6));
}
