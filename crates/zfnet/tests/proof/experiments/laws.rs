//! Laws of the experiments, and what they refuse.

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use proptest::prelude::*;
use zfnet::Network;
use zfnet::experiments::Step;
use zfnet::experiments::paper::correspondence::{self, Part};
use zfnet::experiments::paper::invariance::Transformation;
use zfnet::experiments::paper::occlusion::{self, Occluder, Seen};
use zfnet::experiments::shared::covering::{Fill, Rectangle, cover};

use super::{Golden, near, numbers, rectangle};
use crate::random::any_network;

#[test]
fn an_identity_moves_nothing_and_the_opposite_moves_back() {
    let golden = Golden::read(&Device::flex());
    let (picture, input) = (&golden.pictures[1], &golden.network.model.input);
    let original: Vec<f32> = (0..3)
        .flat_map(|channel| {
            picture
                .rgb
                .pixels()
                .map(move |pixel| f32::from(pixel.0[channel]))
        })
        .collect();
    for transformation in Transformation::ALL {
        let identity = transformation.identity();
        let same = transformation
            .apply(identity, picture, input)
            .expect("it can be");
        assert_eq!(same, original, "{}", transformation.name());
        let drawn = transformation
            .drawn(identity, picture, input)
            .expect("it can be");
        assert_eq!(drawn, picture.rgb, "{}", transformation.name());
        let found = golden.swept(transformation, vec![identity; 4]);
        for curve in &found.layers {
            assert!(curve.norm > 0.0);
            assert!(
                curve.relative().iter().all(|distance| *distance < 1e-6),
                "{curve:?}"
            );
        }
        assert!(transformation.figure().contains(&identity));
    }
    // Two rows down: the picture's first row is the third, and the mean colour comes in.
    let down = Transformation::Translation
        .apply(2.0, picture, input)
        .expect("it can be");
    let size = input.side().expect("a square");
    assert_eq!(down[2 * size..3 * size], original[..size]);
    assert!(down[..2 * size].iter().all(|value| *value == input.mean[0]));
    // A quarter turn counter-clockwise: the last column is the first row.
    let turned = Transformation::Rotation
        .apply(90.0, picture, input)
        .expect("it can be");
    let last: Vec<f32> = (0..size)
        .map(|row| original[row * size + size - 1])
        .collect();
    near("the first row", &last, &turned[..size]);
    let message = Transformation::Scale
        .apply(0.0, picture, input)
        .expect_err("no size")
        .to_string();
    assert!(message.contains("above 0"), "{message}");
}

#[test]
fn equal_pictures_correspond_and_random_boxes_are_compared_as_parts_are() {
    let golden = Golden::read(&Device::flex());
    let same = |name: &str, own: Rectangle| Part {
        name: name.into(),
        boxes: vec![own; 3],
    };
    let parts = [
        same("eye", rectangle([4, 5, 6, 7])),
        same("nose", rectangle([9, 9, 6, 7])),
    ];
    let found = golden.compared(golden.inputs(&[0, 0, 0]), &parts);
    for layer in &found.layers {
        for score in &layer.parts {
            assert_eq!(
                score.map(|score| (score.mean, score.spread)),
                Some((0.0, Some(0.0))),
                "{}",
                layer.layer
            );
        }
        assert!(
            layer.random.iter().flatten().any(|score| score.mean > 0.0),
            "other places differ"
        );
    }
    assert_eq!(
        found.random[0], found.random[1],
        "boxes of equal sizes share their random positions"
    );

    // The boxes that were drawn, given as parts, score the same.
    let pictures = golden.inputs(&[0, 1, 2]);
    let found = golden.compared(pictures.clone(), &golden.parts());
    let drawn: Vec<Part> = found.random[1]
        .iter()
        .map(|boxes| Part {
            name: "drawn".into(),
            boxes: boxes.clone(),
        })
        .collect();
    assert_eq!(drawn.len(), 4);
    let again = golden.compared(pictures, &drawn);
    for (layer, again) in found.layers.iter().zip(&again.layers) {
        let mean = again
            .parts
            .iter()
            .map(|score| score.expect("done").mean)
            .sum::<f32>()
            / 4.0;
        near(
            &layer.layer,
            &[mean],
            &[layer.random[1].expect("done").mean],
        );
    }
}

#[test]
fn what_cannot_be_asked_names_expected_and_found() {
    let golden = Golden::read(&Device::flex());
    let network = &golden.network;
    let refused = |message: String, words: &[&str]| {
        for word in words.iter().chain(&["expected", "found"]) {
            assert!(message.contains(word), "{word} is not in: {message}");
        }
    };
    let trace = network.forward(golden.input(0)).expect("it fits");
    let occluder = |settings: occlusion::Settings| {
        block_on(Occluder::new(network, &trace, &settings))
            .expect_err("it cannot be")
            .to_string()
    };
    let base = || occlusion::Settings {
        size: 7,
        ..Default::default()
    };
    refused(
        occluder(occlusion::Settings { size: 29, ..base() }),
        &["size of the square", "1 to 28", "29"],
    );
    refused(
        occluder(occlusion::Settings {
            stride: 0,
            ..base()
        }),
        &["stride", "at least 1"],
    );
    refused(
        occluder(occlusion::Settings {
            map: Some(6),
            ..base()
        }),
        &["map of conv3", "0 to 5", "6"],
    );
    refused(
        occluder(occlusion::Settings {
            class: Some(4),
            ..base()
        }),
        &["class", "0 to 3"],
    );
    refused(
        occluder(occlusion::Settings {
            layer: Some("conv9".into()),
            ..base()
        }),
        &["conv9"],
    );
    let settings = base();
    let sound = block_on(Occluder::new(network, &trace, &settings)).expect("it can be");
    let message = block_on(sound.covered(&[[0, 0], [22, 0]]))
        .expect_err("outside")
        .to_string();
    refused(message, &["square", "28 rows", "row 22"]);

    let compare = |pictures: &[usize], parts: &[Part]| {
        let go_on = async |_: Step<&correspondence::Correspondence>| ControlFlow::Continue(());
        let settings = golden.comparison();
        let found =
            correspondence::correspond(network, golden.inputs(pictures), parts, &settings, go_on);
        block_on(found).expect_err("it cannot be").to_string()
    };
    refused(
        compare(&[0], &golden.parts()),
        &["pictures", "at least 2", "1"],
    );
    refused(
        compare(&[0, 1], &golden.parts()),
        &["boxes of eye", "2", "3"],
    );
    refused(compare(&[0, 1], &[]), &["parts"]);
    let outside = Part {
        name: "tail".into(),
        boxes: vec![rectangle([25, 0, 4, 4]); 2],
    };
    refused(compare(&[0, 1], &[outside]), &["box of tail", "row 25"]);
}

#[test]
fn covering_nothing_changes_nothing() {
    let golden = Golden::read(&Device::flex());
    let input = golden.input(0);
    let ground = Fill::default()
        .ground(&golden.network)
        .expect("three channels");
    let nothing = [rectangle([3, 3, 0, 5]), rectangle([27, 0, 0, 0])];
    let covered = numbers(cover(input.clone(), ground.clone(), &nothing));
    assert_eq!(covered, numbers(input.clone()).repeat(2), "to the last bit");
    // A grey picture under a grey square: what is seen is what is seen without it.
    let grey = network_sees_grey(&golden.network);
    let trace = golden.network.forward(grey).expect("it fits");
    for whole in [false, true] {
        let settings = occlusion::Settings {
            size: 5,
            stride: 4,
            whole,
            ..Default::default()
        };
        let go_on = async |_: Step<occlusion::Part<'_>>| ControlFlow::Continue(());
        let found = block_on(occlusion::occlude(
            &golden.network,
            &trace,
            &settings,
            go_on,
        ))
        .expect("CPU");
        let expected = vec![found.uncovered.activity; found.seen.len()];
        near("activity", &expected, &found.activity());
    }
}

#[test]
fn one_place_in_full_is_that_place_of_the_grid() {
    let golden = Golden::read(&Device::flex());
    let trace = golden.network.forward(golden.input(0)).expect("it fits");
    let settings = golden.of("/occlusion/settings");
    let found = golden.occluded(|_| {});
    let occluder = block_on(Occluder::new(&golden.network, &trace, &settings)).expect("it can be");
    let maps = numbers(trace.layer("conv3").expect("it ran").answer());
    let own = &maps[found.map * maps.len() / 6..(found.map + 1) * maps.len() / 6];
    for at in [0, 27, 63] {
        let detail = block_on(occluder.at(found.positions[at])).expect("CPU");
        let seen = found.seen[at].expect("done");
        let class = seen.class.expect("a classifier");
        assert_eq!(detail.shape.iter().product::<usize>(), detail.answers.len());
        assert_eq!(detail.uncovered, own, "the map without the square");
        let sum = detail.answers.iter().sum();
        near("the map", &[seen.activity; 2], &[sum, detail.seen.activity]);
        assert_eq!(detail.classes[0].0, class.label);
        let own = detail
            .classes
            .iter()
            .find(|(index, _)| Some(*index) == found.class);
        let total = detail.classes.iter().map(|(_, share)| share).sum();
        let shares = [own.expect("one of them").1, total];
        near("the classes", &[class.probability, 1.0], &shares);
    }
}

fn network_sees_grey(network: &Network) -> Tensor<4> {
    let [rows, cols] = network.frame();
    network
        .input_of(vec![128.0; 3 * rows * cols])
        .expect("three channels")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn an_incremental_occlusion_equals_a_whole_one(
        case in any_network(), size in 1usize..9, stride in 1usize..6, batch in 1usize..6,
    ) {
        let network = case.network(&Device::flex());
        let trace = network.forward(case.input(&Device::flex())).expect("it fits");
        let layers = network.convolutions();
        let settings = |whole| occlusion::Settings {
            size, stride, batch, whole,
            fill: Fill::Colour([4, 0, 2]),
            layer: Some(layers[case.pick(layers.len())].into()),
            ..Default::default()
        };
        let seen = |whole| -> Vec<Seen> {
            let go_on = async |_: Step<occlusion::Part<'_>>| ControlFlow::Continue(());
            let found = block_on(occlusion::occlude(&network, &trace, &settings(whole), go_on));
            found.expect("CPU").seen.into_iter().map(|seen| seen.expect("done")).collect()
        };
        let (whole, incremental) = (seen(true), seen(false));
        let most = whole.iter().fold(1e-3f32, |most, seen| most.max(seen.activity.abs()));
        for (at, (a, b)) in whole.iter().zip(&incremental).enumerate() {
            prop_assert!((a.activity - b.activity).abs() <= 1e-4 * most, "{at}: {a:?}, {b:?}");
            let [a, b] = [a, b].map(|seen| seen.class.expect("a classifier").probability);
            prop_assert!((a - b).abs() <= 1e-4, "{at}: {a}, {b}");
        }
    }
}
