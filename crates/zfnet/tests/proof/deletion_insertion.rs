//! Deletion and insertion against a few lines of PyTorch (`tests/golden/attribution/deletion_insertion.py`), and their laws: a
//! curve's ends are known without it, and what one curve takes out the other brings in.

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use proptest::prelude::*;
use serde::Deserialize;
use zfnet::experiments::Step;
use zfnet::experiments::since::deletion_insertion::{
    DeletionInsertion, Fill, Metric, Removal, Settings, by_chance, delete_and_insert,
};
use zfnet::network::model::Scores;
use zfnet::network::trace;
use zfnet::{Error, Network, Trace};

use crate::device::on_a_graphics_device;
use crate::laws::{assert_close, numbers};
use crate::random::any_network;
use crate::stored::Stored;

#[derive(Deserialize)]
struct Expected {
    relevance: String,
    ask: Settings,
    area: Areas,
}

#[derive(Deserialize)]
struct Areas {
    deletion: f64,
    insertion: f64,
}

fn measured(
    network: &Network,
    trace: &Trace,
    relevance: &[f32],
    settings: &Settings,
) -> DeletionInsertion {
    let go_on = async |_: Step<&DeletionInsertion>| ControlFlow::Continue(());
    block_on(delete_and_insert(
        network, trace, relevance, settings, go_on,
    ))
    .expect("sound")
}

fn the_case(device: &Device) -> (Stored, Network, Trace) {
    let stored = Stored::read("attribution/deletion_insertion.safetensors");
    let network = stored.network(device);
    let trace = network.forward(stored.input(device)).expect("runs");
    (stored, network, trace)
}

fn check(device: &Device) {
    let (stored, network, trace) = the_case(device);
    let tolerance: f32 = stored.says("/tolerance");
    let cases: Vec<Expected> = stored.says("/cases");
    assert_eq!(cases.len(), 4);
    for (
        number,
        Expected {
            relevance,
            ask,
            area,
        },
    ) in cases.iter().enumerate()
    {
        let found = measured(&network, &trace, &stored.floats(relevance), ask);
        assert_eq!(Some(found.class), ask.class);
        let curves = [
            ("deletion", &found.deletion, area.deletion),
            ("insertion", &found.insertion, area.insertion),
        ];
        for (metric, curve, area) in curves {
            let expected = stored.floats(&format!("golden.{number}.{metric}"));
            assert_eq!(curve.probability.len(), expected.len(), "{ask:?}");
            for (step, (found, expected)) in curve.probability.iter().zip(&expected).enumerate() {
                let near = (found - expected).abs() <= tolerance;
                assert!(near, "{metric} {ask:?} {step}: {found}, not {expected}");
            }
            let found = curve.area.expect("a whole curve");
            let near = (found - area).abs() <= f64::from(tolerance);
            assert!(near, "{metric} {ask:?}: {found}, not {area}");
        }
    }
}

#[test]
fn the_cpu_deletes_and_inserts_as_pytorch_does() {
    check(&Device::flex());
}

#[test]
fn a_graphics_device_deletes_and_inserts_as_pytorch_does() {
    on_a_graphics_device(check);
}

/// The class's probability for one input.
fn probability(network: &Network, input: Tensor<4>, class: usize) -> f32 {
    let logits = network
        .forward(input)
        .expect("runs")
        .logits()
        .expect("scores");
    let ranked = trace::ranked(&numbers(logits), Scores::Softmax);
    let own = ranked.into_iter().find(|(index, _)| *index == class);
    own.expect("the class").1
}

/// As finely as rows, which are a whole number of pixels, with one fill for both.
fn row_by_row(trace: &Trace, fill: Fill) -> Settings {
    Settings {
        steps: trace.input.dims()[2],
        deletion: fill,
        insertion: fill,
        ..Settings::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_ends_are_the_picture_and_the_fill(case in any_network(), fill in prop_oneof![Just(Fill::Mean), Just(Fill::Blur)]) {
        let network = case.network(&Device::flex());
        let trace = network.forward(case.input(network.device())).expect("runs");
        let settings = Settings { class: Some(case.pick(3)), ..row_by_row(&trace, fill) };
        let [_, _, rows, cols] = trace.input.dims();
        let relevance = by_chance(3, rows * cols);
        let found = measured(&network, &trace, &relevance, &settings);
        let whole = probability(&network, trace.input.clone(), found.class);
        let removal = block_on(Removal::new(&network, &trace, &relevance, &settings)).expect("sound");
        let empty = match fill {
            Fill::Mean => trace.input.zeros_like(),
            Fill::Blur => removal.picture(Metric::Insertion, 0),
        };
        let empty = probability(&network, empty, found.class);
        let ends = |curve: &[f32]| [curve[0], curve[curve.len() - 1]];
        assert_close(&ends(&found.deletion.probability), &[whole, empty], "deletion");
        assert_close(&ends(&found.insertion.probability), &[empty, whole], "insertion");
        prop_assert_eq!(ends(&found.share.iter().map(|v| *v as f32).collect::<Vec<_>>()), [0.0, 1.0]);
        // Its own numbers to the bit, where nothing stands in for them.
        prop_assert_eq!(numbers(removal.picture(Metric::Deletion, 0)), numbers(trace.input.clone()));
        prop_assert_eq!(numbers(removal.picture(Metric::Insertion, rows)), numbers(trace.input.clone()));
    }

    #[test]
    fn what_is_deleted_is_inserted_in_the_opposite_order(case in any_network(), seed in any::<u64>()) {
        let network = case.network(&Device::flex());
        let trace = network.forward(case.input(network.device())).expect("runs");
        let settings = row_by_row(&trace, Fill::Blur);
        let [_, _, rows, cols] = trace.input.dims();
        // No two pixels are equally relevant.
        let relevance: Vec<f32> = (0..rows * cols).map(|at| ((at * 179 + (seed % 997) as usize) % 997) as f32).collect();
        let opposite: Vec<f32> = relevance.iter().map(|value| -value).collect();
        let deleted = measured(&network, &trace, &relevance, &settings).deletion;
        let mut inserted = measured(&network, &trace, &opposite, &settings).insertion;
        inserted.probability.reverse();
        assert_close(&inserted.probability, &deleted.probability, "curves");
        let difference = inserted.area.expect("whole") - deleted.area.expect("whole");
        prop_assert!(difference.abs() < 1e-4, "areas: {}", difference);
    }
}

#[test]
fn the_batch_is_a_matter_of_pace_alone() {
    let (stored, network, trace) = the_case(&Device::flex());
    let relevance = stored.floats("golden.saliency");
    let [one, three, all] = [1, 3, 1000].map(|batch| {
        let settings = Settings {
            batch,
            ..Settings::default()
        };
        measured(&network, &trace, &relevance, &settings)
    });
    for other in [three, all] {
        assert_close(
            &other.deletion.probability,
            &one.deletion.probability,
            "deletion",
        );
        assert_close(
            &other.insertion.probability,
            &one.insertion.probability,
            "insertion",
        );
    }
}

#[test]
fn the_area_below_a_constant_is_the_constant() {
    let (stored, network, _) = the_case(&Device::flex());
    // With filters of nothing the scores are the last layer's biases, whatever the picture.
    let biases = |name: &str, shape: &[usize]| -> Vec<f32> {
        let value = |at: usize| if name == "fc4.bias" { at as f32 } else { 0.0 };
        (0..shape.iter().product()).map(value).collect()
    };
    let network = Network::build(network.model, &Device::flex(), biases).expect("a network");
    let trace = network
        .forward(stored.input(network.device()))
        .expect("runs");
    // Steps that are not all of one size.
    let settings = Settings {
        steps: 7,
        ..Settings::default()
    };
    let found = measured(&network, &trace, &stored.floats("golden.even"), &settings);
    let total: f64 = (0..4).map(|score| f64::from(score).exp()).sum();
    let constant = 3f64.exp() / total;
    assert_eq!(found.class, 3, "the most probable one");
    for area in [found.deletion.area, found.insertion.area] {
        let area = area.expect("a whole curve");
        assert!((area - constant).abs() < 1e-6, "{area}, not {constant}");
    }
}

#[test]
fn the_strongest_go_first_and_equals_row_by_row() {
    let (_, network, trace) = the_case(&Device::flex());
    let pixels = 19 * 19;
    let mut relevance = vec![0.0; pixels];
    relevance[40] = 2.0;
    relevance[300] = f32::INFINITY;
    relevance[0] = -0.0; // a zero as any other
    relevance[1] = -1.0;
    let settings = Settings {
        steps: pixels,
        ..Settings::default()
    };
    let removal = block_on(Removal::new(&network, &trace, &relevance, &settings)).expect("sound");
    let whole = numbers(trace.input.clone());
    let gone = |metric: Metric, step: usize| -> Vec<usize> {
        let picture = numbers(removal.picture(metric, step));
        let fill = match metric {
            Metric::Deletion => vec![0.0; whole.len()],
            Metric::Insertion => numbers(removal.picture(metric, 0)),
        };
        let stands = match metric {
            Metric::Deletion => &fill,
            Metric::Insertion => &whole,
        };
        (0..pixels)
            .filter(|at| {
                (0..3)
                    .all(|channel| picture[channel * pixels + at] == stands[channel * pixels + at])
            })
            .collect()
    };
    for metric in Metric::ALL {
        assert_eq!(gone(metric, 1), [300], "{metric:?}");
        assert_eq!(gone(metric, 2), [40, 300], "{metric:?}");
        assert_eq!(gone(metric, 5), [0, 2, 3, 40, 300], "{metric:?}");
        let but_one: Vec<usize> = (0..pixels).filter(|at| *at != 1).collect();
        assert_eq!(gone(metric, pixels - 1), but_one, "{metric:?}");
    }
    assert_eq!(by_chance(5, 100), by_chance(5, 100));
    assert_ne!(by_chance(5, 100), by_chance(6, 100));
}

#[test]
fn both_curves_grow_and_what_came_stays_when_it_is_stopped() {
    let (stored, network, trace) = the_case(&Device::flex());
    let relevance = stored.floats("golden.saliency");
    let settings = Settings::default();
    let whole = measured(&network, &trace, &relevance, &settings);
    let mut heard = Vec::new();
    let ask = delete_and_insert(&network, &trace, &relevance, &settings, async |step| {
        let so_far: &DeletionInsertion = step.part;
        heard.push((step.done, step.total));
        assert_eq!(
            so_far.deletion.probability.len() + so_far.insertion.probability.len(),
            step.done
        );
        match step.done < 20 {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    });
    let stopped = block_on(ask).expect("sound");
    assert_eq!(heard, [(8, 58), (16, 58), (24, 58)]);
    for (part, all) in [
        (&stopped.deletion, &whole.deletion),
        (&stopped.insertion, &whole.insertion),
    ] {
        assert_eq!(part.probability, all.probability[..12]);
        assert_eq!(part.area, None);
    }
    assert_eq!(stopped.share, whole.share);
}

#[test]
fn what_cannot_be_measured_says_what_was_expected_and_found() {
    let (stored, network, trace) = the_case(&Device::flex());
    let relevance = stored.floats("golden.saliency");
    let refused = |trace: &Trace, relevance: &[f32], settings: Settings, what: &str| {
        let removal = block_on(Removal::new(&network, trace, relevance, &settings));
        let error = removal.expect_err("it cannot be");
        assert!(matches!(error, Error::OutOfRange { .. }), "{error:?}");
        assert!(error.to_string().contains(what), "{error}");
    };
    let plain = Settings::default;
    refused(&trace, &relevance[1..], plain(), "361");
    let mut odd = relevance.clone();
    odd[23] = f32::NAN;
    refused(&trace, &odd, plain(), "row 1, column 4");
    let steps = |steps| Settings { steps, ..plain() };
    refused(&trace, &relevance, steps(0), "1 to 361");
    refused(&trace, &relevance, steps(362), "1 to 361");
    let batch = Settings {
        batch: 0,
        ..plain()
    };
    refused(&trace, &relevance, batch, "at least 1");
    let class = Settings {
        class: Some(4),
        ..plain()
    };
    refused(&trace, &relevance, class, "0 to 3");
    let twice = Tensor::cat(vec![trace.input.clone(), trace.input.clone()], 0);
    let two = network.forward(twice).expect("runs");
    refused(&two, &relevance, plain(), "pictures of the trace");
    assert!(serde_json::from_str::<Settings>("{\"stepz\": 3}").is_err());
    assert_eq!(
        serde_json::from_str::<Settings>("{}").expect("defaults"),
        plain()
    );
}
