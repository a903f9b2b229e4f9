//! How pictures enter: what each way makes of a pixel, and what is tried against the network that was changed.

use std::ops::ControlFlow;

use burn::tensor::Device;
use pollster::block_on;
use zfnet::experiments::Step;
use zfnet::experiments::since::preprocessing::{
    GUESSED, KEY, Preprocessing, Tried, is_guessed, try_each,
};
use zfnet::network::architecture::Architecture;
use zfnet::network::model::{Channels, FORMAT, Input, Model};
use zfnet::network::trace::ranked;
use zfnet::{Network, Prepared, readback};

use crate::device::on_a_graphics_device;
use crate::laws::{assert_close, numbers};
use crate::random::Numbers;

const SIZE: usize = 32;

/// A network with a classifier, of which nobody says how pictures enter.
fn guessed(device: &Device) -> Network {
    let model = Model {
        format: FORMAT,
        name: "tiny".into(),
        architecture: Architecture::tiny([6, 8, 7], 6, 5),
        input: Input {
            size: [SIZE; 2],
            resize_short_side: 40,
            channels: Channels::Rgb,
            range: 255.0,
            mean: vec![1.0, 2.0, 3.0],
            std: vec![4.0; 3],
        },
        classes: vec![],
        scores: Default::default(),
        provenance: serde_json::json!({ "imported_from": "a test", KEY: GUESSED }),
    };
    let mut random = Numbers::new(11);
    let network = Network::build(model, device, |_, shape| {
        (0..shape.iter().product())
            .map(|_| random.next() * 0.3)
            .collect()
    });
    network.expect("the description fits itself")
}

fn pictures() -> Vec<Prepared> {
    let shade = |seed: u32| {
        move |x: u32, y: u32| image::Rgb([(x * 7 + seed) as u8, (y * 5) as u8, (seed * 40) as u8])
    };
    let picture = |seed| Prepared {
        rgb: image::RgbImage::from_fn(SIZE as u32, SIZE as u32, shade(seed)),
        part: [0, 0, SIZE as u32, SIZE as u32],
    };
    [1, 3, 6].map(picture).into()
}

fn tried(network: &Network, pictures: &[Prepared], most: usize) -> zfnet::Result<Vec<Tried>> {
    block_on(try_each(network, pictures, async |step: Step<&[Tried]>| {
        assert_eq!((step.done, step.total), (step.part.len(), 4));
        match step.done < most {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }))
}

#[test]
fn a_pixel_enters_as_each_way_says() {
    let device = Device::flex();
    let network = guessed(&device);
    let pixel = image::Rgb([255, 51, 0]);
    let picture = Prepared {
        rgb: image::RgbImage::from_pixel(SIZE as u32, SIZE as u32, pixel),
        part: [0, 0, SIZE as u32, SIZE as u32],
    };
    let entered = |preprocessing: Preprocessing| -> Vec<f32> {
        let network = preprocessing.of(&network);
        let planes = numbers(picture.tensor(&network).expect("three channels"));
        planes.into_iter().step_by(SIZE * SIZE).collect()
    };
    let expected: [(Preprocessing, [f32; 3]); 4] = [
        (
            Preprocessing::Torchvision,
            [0.515 / 0.229, (0.2 - 0.456) / 0.224, -0.406 / 0.225],
        ),
        (
            Preprocessing::Caffe,
            [-103.939, 51.0 - 116.779, 255.0 - 123.68],
        ),
        (Preprocessing::ZeroToOne, [1.0, 0.2, 0.0]),
        (Preprocessing::MinusOneToOne, [1.0, -0.6, -1.0]),
    ];
    for (preprocessing, expected) in expected {
        let name = preprocessing.name();
        assert_close(&entered(preprocessing), &expected, name);
        assert_eq!(Preprocessing::named(name), Some(preprocessing));
        let json = serde_json::to_value(preprocessing).expect("a word");
        assert_eq!(json, name);
        let chosen = preprocessing.of(&network);
        assert_eq!(chosen.model.provenance[KEY], name);
        assert_eq!(chosen.model.provenance["imported_from"], "a test");
        assert!(is_guessed(&network.model) && !is_guessed(&chosen.model));
        let input = &chosen.model.input;
        assert_eq!((input.size, input.resize_short_side), ([SIZE; 2], 40));
    }
    assert_eq!(Preprocessing::named("imagenet"), None);
}

#[test]
fn each_way_says_what_a_network_that_is_so_fed_says() {
    let check = |device: &Device| {
        let (network, pictures) = (guessed(device), pictures());
        let found = tried(&network, &pictures, 9).expect("it computes");
        let ways: Vec<Preprocessing> = found.iter().map(|one| one.preprocessing).collect();
        assert_eq!(ways, Preprocessing::ALL);
        for one in &found {
            let fed = one.preprocessing.of(&network);
            let mut sum = 0.0;
            for (said, picture) in one.said.iter().zip(&pictures) {
                let trace = fed
                    .forward(picture.tensor(&fed).expect("it fits"))
                    .expect("it fits");
                let logits = trace.logits().expect("it ends in scores");
                let logits = block_on(readback::floats(logits)).expect("numbers");
                let (class, probability) = ranked(&logits, fed.model.scores)[0];
                assert_eq!((said.class, said.probability), (class, probability));
                sum += f64::from(probability);
            }
            assert_eq!(one.said.len(), pictures.len());
            assert!((one.confidence - sum / 3.0).abs() < 1e-9);
        }
        assert!(
            found.windows(2).any(|pair| pair[0].said != pair[1].said),
            "the ways differ"
        );
    };
    check(&Device::flex());
    on_a_graphics_device(check);
}

#[test]
fn it_stops_when_told_and_needs_a_picture_and_scores() {
    let network = guessed(&Device::flex());
    assert_eq!(
        tried(&network, &pictures(), 1).expect("it computes").len(),
        1
    );
    let error = tried(&network, &[], 9).expect_err("nothing to try on");
    assert!(
        error
            .to_string()
            .contains("pictures to try: expected at least 1")
    );
}
