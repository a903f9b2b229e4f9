//! The Fourier transform on tensors, and climbs along waves: MACO's and feature accentuation.

use std::f64::consts::TAU;
use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use proptest::prelude::*;
use serde_json::json;
use zfnet::experiments::Record;
use zfnet::experiments::shared::fourier::Fourier;
use zfnet::experiments::shared::spectrum;
use zfnet::experiments::since::activation_maximisation::{
    Climb, Free, Method, Objective, Parametrisation, Second, Settings, Target, climb,
};
use zfnet::geometry::view::View;
use zfnet::{Error, Network, ReluRule, Targets, project};

use crate::attribution::golden;
use crate::laws::{assert_close, numbers};
use crate::random::{Numbers, any_network};

fn dot<const D: usize>(a: &Tensor<D>, b: &Tensor<D>) -> f64 {
    let (a, b) = (numbers(a.clone()), numbers(b.clone()));
    let pairs = a.iter().zip(&b);
    pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_transform_has_its_transpose_its_inverse_and_its_energy(
        rows in 1usize..14, cols in 1usize..14, seed in any::<u64>(),
    ) {
        let device = Device::flex();
        let fourier = Fourier::new([rows, cols], &device);
        let mut random = Numbers::new(seed);
        let [_, half] = fourier.half();
        let planes = random.tensor([1, 2, rows, cols], &device);
        let free = random.tensor([1, 2, 2 * rows, half], &device);
        let (up, down) = (
            dot(&fourier.inverse(free.clone()), &planes),
            dot(&free, &fourier.transposed(planes.clone())),
        );
        prop_assert!((up - down).abs() <= 1e-4 * (rows * cols) as f64, "{up}, {down}");
        let waves = fourier.transform(planes.clone());
        assert_close(&numbers(fourier.inverse(waves.clone())), &numbers(planes.clone()), "there and back");
        let energy = dot(&waves, &(waves.clone() * fourier.counts()));
        let expected = dot(&planes, &planes);
        prop_assert!((energy - expected).abs() <= 1e-4 * expected, "{energy}, {expected}");
        // The sum by hand, which is not unitary.
        let all = numbers(planes);
        let slow = spectrum::transform(&all[..rows * cols], [rows, cols], [rows, cols]);
        let waves = numbers(waves);
        for row in 0..rows {
            for col in 0..half {
                let share = ((rows * cols) as f64).sqrt();
                for part in [0, 1] {
                    let expected = slow[row * cols + col][part] / share;
                    let found = f64::from(waves[(part * rows + row) * half + col]);
                    prop_assert!((found - expected).abs() < 1e-4, "{row} {col}: {found}, {expected}");
                }
            }
        }
    }

    #[test]
    fn the_slope_by_phases_and_by_parts_is_that_of_autodiff(case in any_network(), seed in any::<u64>()) {
        let plain = case.network(&Device::flex());
        let tracking = case.network(&Device::flex().autodiff());
        let [channels, rows, cols] = plain.model.input_shape();
        let shares = |device: &Device| Numbers::new(seed).tensor([1, channels, rows, cols], device) * 0.4 + 0.5;
        for free in [Free::Phases, Free::Parts] {
            let made = |network: &Network| Parametrisation::new(network, shares(network.device()), free);
            let start = |network: &Network| {
                let start = made(network).start(seed % 97, network.device());
                let shape = start.dims();
                start + Numbers::new(seed ^ 1).tensor(shape, network.device())
            };
            let class = case.pick(3);
            let free_numbers = start(&tracking).require_grad();
            let picture = made(&tracking).picture(free_numbers.clone());
            let trace = tracking.forward(picture * 8.0).expect("the input fits");
            let score = trace.logits().expect("the whole network").slice([0..1, class..class + 1]).sum();
            let expected = free_numbers.grad(&score.backward()).expect("the numbers were tracked");

            let free_numbers = start(&plain);
            let picture = made(&plain).picture(free_numbers.clone());
            let trace = plain.forward(picture.clone() * 8.0).expect("the input fits");
            let found = project(&plain, &trace, 0, &Targets::Classes(vec![class]), ReluRule::Gradient);
            let slope = block_on(found.expect("a class").on_whole_input([rows, cols])).expect("the CPU answers");
            let slope = burn::tensor::TensorData::new(slope[0].clone(), [1, channels, rows, cols]);
            let slope = Tensor::from_data(slope, plain.device()) * 8.0;
            let found = made(&plain).slope(free_numbers, picture, slope);
            assert_close(&numbers(found), &numbers(expected), &format!("{free:?}"));
        }
    }
}

/// What the waves of pictures are as strong as, however they lie: without colours, at every frequency.
#[test]
fn phases_change_the_picture_and_never_its_magnitudes() {
    let network = golden().0.network(&Device::flex());
    let device = network.device();
    for size in [[16, 20], [15, 21]] {
        let ground = Tensor::full([1, 3, size[0], size[1]], 0.5, device);
        let made = Parametrisation::new(&network, ground, Free::Phases);
        let fourier = Fourier::new(size, device);
        let magnitudes = |seed: u64| {
            let picture = made.picture(made.start(seed, device));
            let odds = (picture.clone() / (picture.clone().neg() + 1.0)).log() / 4.0;
            let lightness = odds.sum_dim(1) / 3f64.sqrt();
            let waves = fourier.transform(lightness);
            let square = waves.clone() * waves;
            let parts = [0, size[0]].map(|first| square.clone().narrow(2, first, size[0]));
            let [real, imaginary] = parts;
            (numbers(picture), numbers((real + imaginary).sqrt()))
        };
        let ((one, first), (other, second)) = (magnitudes(1), magnitudes(2));
        assert_close(&first, &second, "magnitudes");
        assert!(first[0].abs() < 1e-4, "the mean colour stays: {}", first[0]);
        // At twice the frequency a wave is less than half as strong, as in photographs.
        assert!(first[4] < 0.5 * first[2] && first[4] > 0.3 * first[2]);
        let moved = one
            .iter()
            .zip(&other)
            .filter(|(a, b)| (*a - *b).abs() > 0.01);
        assert!(moved.count() > one.len() / 2);
    }
}

fn asked(
    network: &Network,
    objective: &Objective,
    from: Option<Tensor<4>>,
    settings: &Settings,
) -> zfnet::Result<Climb> {
    block_on(climb(network, objective, from, settings, async |_| {
        ControlFlow::Continue(())
    }))
}

fn quick(method: Method) -> Settings {
    Settings {
        steps: 24,
        every: 6,
        jitter: 1,
        ..Settings::of(method)
    }
}

#[test]
fn a_climb_along_phases_rises_follows_from_its_seed_and_stays_where_its_target_sees() {
    let (stored, about) = golden();
    let network = stored.network(&Device::flex());
    let unit = Target::middle(&network, "conv2", 3).expect("a layer");
    let targets = [
        unit.clone(),
        Target::Map {
            layer: "conv2".into(),
            map: 3,
        },
        Target::Class { class: about.class },
    ];
    for target in targets {
        let settings = quick(Method::Maco);
        let found = asked(&network, &target.clone().into(), None, &settings).expect("sound");
        let (before, after) = (found.start.answer, found.end.answer);
        assert!(after > before, "{target:?}: from {before} to {after}");
        assert_eq!((found.answers.len(), found.and.len()), (3, 0));
        let again = asked(&network, &target.clone().into(), None, &settings).expect("sound");
        assert_eq!(found, again);
        let other = Settings {
            seed: 5,
            ..settings
        };
        let other = asked(&network, &target.clone().into(), None, &other).expect("sound");
        assert_ne!(found.end.pixels, other.end.pixels);
        // Several crops in a step are a climb, too, and another one.
        let crops = Settings {
            crops: 3,
            ..settings
        };
        let crops = asked(&network, &target.clone().into(), None, &crops).expect("sound");
        assert!(crops.end.answer > before && crops.end.pixels != found.end.pixels);
    }
    let found = asked(&network, &unit.into(), None, &quick(Method::Maco)).expect("sound");
    let view = found.view;
    assert!(view.height < network.frame()[0] && view.height > 3);
    let whole = View::whole(found.end.size);
    let inside = whole.carry(&vec![1.0; found.end.size.iter().product()], view);
    let inside = view.carry(&inside, whole).repeat(3);
    let opacity = found.end.opacity.as_ref().expect("MACO's transparency");
    assert!(
        opacity
            .iter()
            .zip(&inside)
            .all(|(share, inside)| share <= inside)
    );
    assert!(opacity.contains(&1.0));
    // Around it lies the mean picture, 100 of 255 in every channel.
    let outside = found.end.pixels.iter().zip(&inside);
    let outside = outside.filter(|(_, inside)| **inside == 0.0);
    assert!(outside.clone().count() > 0);
    outside.for_each(|(value, _)| assert!((value - 100.0 / 255.0).abs() < 1e-5, "{value}"));
    assert!(
        found
            .end
            .pixels
            .iter()
            .all(|value| (0.0..=1.0).contains(value))
    );
    assert_eq!(found.end.picture(view).width, view.width);
}

#[test]
fn accentuating_begins_at_the_photograph_and_stays_the_nearer_the_more_it_is_held() {
    let (stored, _) = golden();
    let network = stored.network(&Device::flex());
    let target = Target::middle(&network, "conv3", 4).expect("a layer");
    let photograph = stored.input(network.device());
    let settings = quick(Method::Accentuate);
    let climbed = |near: f64| {
        let settings = Settings { near, ..settings };
        let from = Some(photograph.clone());
        asked(&network, &target.clone().into(), from, &settings).expect("sound")
    };
    let [free, held] = [0.0, 20.0].map(climbed);
    let shares = numbers((photograph.clone() + 100.0) / 255.0);
    let view = View::whole(free.end.size);
    let [expected, found] = [&shares, &free.start.pixels].map(|all| view.carry(all, free.view));
    for (found, expected) in found.iter().zip(&expected) {
        // Black and white themselves have no odds.
        assert!(
            (found - expected.clamp(0.0, 1.0)).abs() < 3e-3,
            "{found}, {expected}"
        );
    }
    assert!(free.end.answer > free.start.answer && held.end.answer > held.start.answer);
    assert!(free.end.answer > held.end.answer);
    let moved = |climb: &Climb| {
        let pairs = climb.end.pixels.iter().zip(&climb.start.pixels);
        pairs
            .map(|(end, start)| (end - start).powi(2))
            .sum::<f32>()
            .sqrt()
    };
    assert!(
        moved(&held) < 0.7 * moved(&free),
        "{} {}",
        moved(&held),
        moved(&free)
    );
    assert!(free.end.opacity.is_none(), "a photograph hides nothing");
    // Of the lowest layer, the pixels themselves stay near.
    let lowest = Target::middle(&network, "conv1", 1).expect("a layer");
    let from = Some(photograph);
    let found = asked(&network, &lowest.into(), from, &settings).expect("sound");
    assert!(found.end.answer > found.start.answer);
}

#[test]
fn two_targets_at_once_are_both_answered_and_one_can_be_avoided() {
    let (stored, about) = golden();
    let network = stored.network(&Device::flex());
    let target = Target::middle(&network, "conv2", 3).expect("a layer");
    let second = Target::Class { class: about.class };
    for method in [Method::Maco, Method::Pixels] {
        let with = |weight: f64| {
            let and = Some(Second {
                target: second.clone(),
                weight,
            });
            let objective = Objective {
                target: target.clone(),
                and,
            };
            asked(&network, &objective, None, &quick(method)).expect("sound")
        };
        let (both, against) = (with(1.0), with(-1.0));
        let and = |climb: &Climb| [&climb.start, &climb.end].map(|one| one.and.expect("two"));
        let [before, after] = and(&both);
        assert!(both.end.answer > both.start.answer && after > before);
        assert!(against.end.answer > against.start.answer && and(&against)[1] < after);
        assert_eq!((both.answers.len(), both.and.len()), (3, 3));
        // A class sees everything, and so does the picture.
        assert_eq!(both.view, View::whole(network.frame()));
        let written = both.numbers(&[]);
        assert_eq!(written["and"]["weight"], json!(1.0));
        assert_eq!(written["frames"][4]["and"], json!(after));
        assert_eq!(both.table(&[]).head, ["step", "answer", "and"]);
        // What is told of the end is what the network answers to it.
        let planes = both.end.pixels.iter().map(|value| value * 255.0).collect();
        let trace = network
            .forward(network.input_of(planes).expect("planes"))
            .expect("it fits");
        let score = numbers(trace.logits().expect("scores"))[about.class];
        assert!(
            (score - after).abs() <= 1e-3 * after.abs().max(1.0),
            "{score}, {after}"
        );
    }
    // Two units: what is shown holds what both see.
    let unit = |unit| Target::Unit {
        layer: "conv2".into(),
        unit,
    };
    let objective = Objective {
        target: unit([0, 1, 1]),
        and: Some(Second {
            target: unit([0, 4, 2]),
            weight: 0.5,
        }),
    };
    let [one, other] = [[0, 1, 1], [0, 4, 2]].map(|at| unit(at).view(&network).expect("a layer"));
    let both = objective.view(&network).expect("a layer").corners();
    let [one, other] = [one.corners(), other.corners()];
    assert_eq!(
        both,
        [0, 1, 2, 3].map(|at| match at < 2 {
            true => one[at].min(other[at]),
            false => one[at].max(other[at]),
        })
    );
}

#[test]
fn settings_are_those_of_their_method() {
    let read = |value| serde_json::from_value::<Settings>(value);
    let maco = read(json!({ "method": "maco", "steps": 7 })).expect("settings");
    assert_eq!(
        maco,
        Settings {
            steps: 7,
            ..Settings::of(Method::Maco)
        }
    );
    assert_eq!(
        read(json!({})).expect("settings"),
        Settings::of(Method::Pixels)
    );
    let written = serde_json::to_value(maco).expect("an object");
    assert_eq!(read(written).expect("settings"), maco);
    read(json!({ "method": "maco", "phase": TAU })).expect_err("no such setting");
    read(json!({ "method": "magic" })).expect_err("no such method");
}

#[test]
fn climbs_that_their_method_does_not_know_are_refused() {
    let (stored, about) = golden();
    let network = stored.network(&Device::flex());
    let objective = Objective::from(Target::Class { class: about.class });
    let photograph = || Some(stored.input(network.device()));
    let of = Settings::of;
    for (settings, from, said) in [
        (
            Settings {
                variation: 0.1,
                ..of(Method::Maco)
            },
            None,
            "variation",
        ),
        (
            Settings {
                near: 1.0,
                ..of(Method::Maco)
            },
            None,
            "near",
        ),
        (
            Settings {
                blur: 1.0,
                ..of(Method::Accentuate)
            },
            photograph(),
            "blur",
        ),
        (
            Settings {
                crop: 0.5,
                ..of(Method::Pixels)
            },
            None,
            "crop",
        ),
        (
            Settings {
                crop: 0.01,
                ..of(Method::Maco)
            },
            None,
            "crop",
        ),
        (
            Settings {
                crops: 0,
                ..of(Method::Maco)
            },
            None,
            "crops",
        ),
        (
            Settings {
                grain: f64::NAN,
                ..of(Method::Maco)
            },
            None,
            "grain",
        ),
        (of(Method::Maco), photograph(), "a photograph"),
        (of(Method::Accentuate), None, "a photograph"),
    ] {
        let error = asked(&network, &objective, from, &settings).expect_err("refused");
        assert!(matches!(error, Error::OutOfRange { .. }), "{error:?}");
        assert!(error.to_string().contains(said), "{error}");
    }
    let heavy = Objective {
        and: Some(Second {
            target: Target::Class { class: 0 },
            weight: f64::INFINITY,
        }),
        ..objective
    };
    let error = asked(&network, &heavy, None, &of(Method::Maco)).expect_err("refused");
    assert!(error.to_string().contains("weight"), "{error}");
}
