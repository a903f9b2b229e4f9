//! Heads on averaged maps: CAM, attention and its mining against PyTorch (`tests/golden/attribution/heads.py`), the laws
//! between them, and files that fit only the features they were trained on.

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use proptest::prelude::*;
use safetensors::SafeTensors;
use serde::Deserialize;
use zfnet::analysis::attribution::{Attribution, BATCH, Method, attribute};
use zfnet::analysis::bilinear::{Enlargement, enlarged};
use zfnet::analysis::gain::{Attended, Attention, Mining, Threshold, Wanted, attend, mine};
use zfnet::head::Head;
use zfnet::learning::cross_entropy;
use zfnet::manifest::Manifest;
use zfnet::network::Parameters;
use zfnet::weights::{Precision, Shard};
use zfnet::{Error, Network, Trace};

use crate::attribution::{off, stored, stored_input};
use crate::laws::{assert_close, numbers};
use crate::random::{Numbers, a_network, an_averaging_network};

#[derive(Deserialize)]
struct About {
    tolerance: f32,
    classes: Vec<usize>,
    omega: f64,
    sigma: f64,
    alpha: f64,
    losses: std::collections::BTreeMap<String, [f32; 2]>,
}

fn golden() -> (Vec<u8>, About) {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/golden/attribution/heads.safetensors"
    );
    let bytes = std::fs::read(path).expect("the golden file is in the repository");
    let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("safetensors");
    let json = &metadata.metadata().as_ref().expect("metadata")["golden"];
    let about = serde_json::from_str(json).expect("a description");
    (bytes, about)
}

fn asked(network: &Network, trace: &Trace, class: usize, method: &Method) -> Attribution {
    let found = attribute(network, trace, class, method, BATCH, async |_| {
        ControlFlow::Continue(())
    });
    block_on(found)
        .expect("the question is sound")
        .expect("nobody stopped it")
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
    let (bytes, about) = golden();
    let network = Network::read(&bytes, device).expect("a network");
    let both = stored_input(&bytes, device);
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
            let (shape, values) = stored(&bytes, &format!("golden.{name}"));
            let count = shape[1..].iter().product::<usize>();
            values[picture * count..][..count].to_vec()
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
        let of = |what: &str| stored(&bytes, &format!("golden.{name}.{what}")).1;
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
    match Device::wgpu_options().init() {
        Ok(device) => check(&device),
        Err(e) => eprintln!("no graphics driver, heads were tried on the CPU alone: {e}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn grad_cam_of_averaged_maps_is_cam_up_to_a_constant_and_cam_averages_to_the_score(case in an_averaging_network()) {
        let network = case.network(&Device::flex());
        let trace = network.forward(case.input(network.device())).expect("runs");
        let class = case.pick(3);
        let gap = network.plan.len() - 2;
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

        let dense = plain.plan.len() - 1;
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

    #[test]
    fn enlarging_is_one_thing_and_its_reverse_the_transpose(seed in any::<u64>(), from in prop::array::uniform2(1usize..7), more in prop::array::uniform2(0usize..9)) {
        let device = Device::flex();
        let to = [from[0] + more[0], from[1] + more[1]];
        let mut random = Numbers::new(seed);
        let [rows, cols] = from;
        let [new_rows, new_cols] = to;
        let maps = random.tensor([2, 1, rows, cols], &device);
        let signal = random.tensor([2, 1, new_rows, new_cols], &device);
        let enlargement = Enlargement::new(from, to, &device);
        let large = numbers(enlargement.forward(maps.clone()));
        let plane = rows * cols;
        for (map, found) in numbers(maps.clone()).chunks(plane).zip(large.chunks(new_rows * new_cols)) {
            assert_close(found, &enlarged(map, from, to), "one by one");
        }
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
        let up = dot(&large, &numbers(signal.clone()));
        let down = dot(&numbers(maps), &numbers(enlargement.reverse(signal)));
        prop_assert!((up - down).abs() <= 1e-4 * up.abs().max(1.0), "{} {}", up, down);
    }

    #[test]
    fn a_head_shares_the_features_and_comes_back_from_its_file(case in a_network()) {
        let base = case.network(&Device::flex());
        let head = block_on(Head::gap(&base, "gap", 4)).expect("there are convolutions");
        let mut random = Numbers::new(case.pick(1000) as u64);
        let network = base.headed(&head, |_, shape| {
            let weight = random.tensor([shape[0], shape[1]], base.device());
            Some(Parameters::Dense(weight, random.tensor([shape[0]], base.device())))
        });
        let network = network.expect("it fits");
        let bytes = block_on(network.write_head(&head)).expect("whole");
        let again = block_on(base.with_head(&bytes)).expect("its own features");
        let scores = |network: &Network| numbers(network.forward(case.input(network.device())).expect("fits").logits().expect("whole"));
        prop_assert_eq!(scores(&again), scores(&network));
        prop_assert_eq!(again.model.name, format!("{}-gap", base.model.name));
        // Whatever file the features came from: alone they are enough.
        let features = block_on(base.write(Shard::Features, Precision::F32)).expect("loaded");
        let alone = Network::read(&features, base.device()).expect("features");
        prop_assert_eq!(scores(&block_on(alone.with_head(&bytes)).expect("the same features")), scores(&network));
    }
}

fn random_network() -> (Network, Tensor<4>) {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let case = a_network().new_tree(&mut runner).expect("one").current();
    let network = case.network(&Device::flex());
    let input = case.input(network.device());
    (network, input)
}

#[test]
fn heads_of_other_features_and_files_that_are_none_are_refused() {
    let (base, _) = random_network();
    let head = block_on(Head::gap(&base, "gap", 3)).expect("there are convolutions");
    let zeros = |_: &str, shape: &[usize]| {
        let weight = Tensor::zeros([shape[0], shape[1]], base.device());
        Some(Parameters::Dense(
            weight,
            Tensor::zeros([shape[0]], base.device()),
        ))
    };
    let network = base.headed(&head, zeros).expect("it fits");
    let bytes = block_on(network.write_head(&head)).expect("whole");
    let mut changed = base.parameters().to_vec();
    let first = changed[0].as_ref().expect("a convolution");
    changed[0] = Some(first.with(first.rows() * 1.01, first.bias()));
    let other = base.with_parameters(changed).expect("the same shapes");
    let refused = |network: &Network, bytes: &[u8], words: &[&str]| {
        let error = block_on(network.with_head(bytes)).expect_err("no head of these");
        let message = error.to_string();
        for word in words.iter().chain(&["expected", "found"]) {
            assert!(message.contains(word), "{word} is not in: {message}");
        }
    };
    refused(
        &other,
        &bytes,
        &["head gap", "features", &head.features.sha256[..12]],
    );
    let whole = block_on(base.write(Shard::All, Precision::F32)).expect("whole");
    refused(&base, &whole, &["head", "\"all\""]);
    refused(&base, b"nothing", &["safetensors"]);
    // The other way round: a head is no network.
    let error = Network::read(&bytes, base.device()).expect_err("no network");
    assert!(error.to_string().contains("on top"), "{error}");
    assert!(block_on(base.write(Shard::Head, Precision::F32)).is_err());
}

#[test]
fn a_manifest_may_list_heads() {
    let json = br#"{"format":1,"name":"n","files":[
        {"shard":"features","path":"f","bytes":1,"sha256":"0"},
        {"shard":"head","name":"gap","path":"h","bytes":2,"sha256":"1"}]}"#;
    let manifest = Manifest::parse(json).expect("a manifest");
    assert_eq!(manifest.files[1].shard, Shard::Head);
    assert_eq!(manifest.files[1].name.as_deref(), Some("gap"));
    let again = serde_json::to_value(&manifest).expect("JSON");
    assert!(again["files"][0].get("name").is_none(), "{again}");
}

#[test]
fn attention_needs_no_head_streams_in_and_can_be_stopped() {
    let (network, input) = random_network();
    let trace = network.forward(input.clone()).expect("runs");
    let threshold = Threshold::default();
    let mut passes = Vec::new();
    let found = block_on(attend(&network, &trace, 1, &threshold, async |state| {
        passes.push((state.done, state.so_far.after.is_some()));
        ControlFlow::Continue(())
    }));
    let found = found.expect("sound").expect("not stopped");
    assert_eq!(passes, [(1, false), (2, true)]);
    assert!(found.map.iter().all(|value| (0.0..=1.0).contains(value)));
    let stopped = block_on(attend(&network, &trace, 1, &threshold, async |_| {
        ControlFlow::Break(())
    }));
    assert_eq!(stopped.expect("sound"), None);

    // Where nothing speaks for a class, next to nothing is taken out, and no number is lost.
    let silent = Attention::new(
        Tensor::zeros([2, 1, 3, 3], network.device()),
        [7, 5],
        &threshold,
    );
    assert!(
        numbers(silent.map.clone())
            .iter()
            .all(|value| *value == 0.0)
    );
    assert!(
        numbers(silent.share.clone())
            .iter()
            .all(|value| *value < 0.01)
    );
    let slope = silent.reverse(Tensor::ones([2, 1, 7, 5], network.device()));
    assert!(numbers(slope).iter().all(|value| *value == 0.0));

    let ask = |class: usize, threshold: Threshold| {
        let found = attend(&network, &trace, class, &threshold, async |_| {
            ControlFlow::Continue(())
        });
        block_on(found).expect_err("no answer")
    };
    assert!(matches!(ask(99, threshold), Error::OutOfRange { .. }));
    let sharp = Threshold {
        omega: f64::NAN,
        ..threshold
    };
    assert!(matches!(ask(1, sharp), Error::OutOfRange { .. }));
    let no_cam = block_on(attribute(
        &network,
        &trace,
        1,
        &Method::Cam,
        BATCH,
        async |_| ControlFlow::Continue(()),
    ));
    let message = no_cam.expect_err("dense layers").to_string();
    assert!(message.contains("global average"), "{message}");
    assert!(mine(&network, input, &[1], &Mining::default()).is_err());
}

#[test]
fn half_of_the_energy_lies_where_it_is_drawn() {
    let (network, input) = random_network();
    let trace = network.forward(input).expect("runs");
    let mut found = asked(&network, &trace, 1, &Method::Saliency);
    let [channels, rows, cols] = found.shape;
    found.values = vec![1.0; channels * rows * cols];
    let even = found.half_of_the_energy();
    assert!((even - 0.5).abs() <= 1.0 / (rows * cols) as f64, "{even}");
    found.values = vec![0.0; channels * rows * cols];
    assert_eq!(found.half_of_the_energy(), 0.0);
    found.values[7] = -3.0;
    assert_eq!(found.half_of_the_energy(), 1.0 / (rows * cols) as f64);
}
