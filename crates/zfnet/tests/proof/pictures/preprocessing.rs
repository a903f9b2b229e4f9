//! From a picture to the tensor that enters the network, against Pillow and torch (`tests/golden/preprocess.py`).

use burn::tensor::Device;
use pollster::block_on;
use safetensors::SafeTensors;
use serde::Deserialize;
use zfnet::network::architecture::Architecture;
use zfnet::network::model::{FORMAT, Input, Model};
use zfnet::{Crop, Network, Photo, readback};

use super::{difference, input, read};

#[derive(Deserialize)]
struct Preprocessing {
    max_difference: u8,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    file: String,
    size: usize,
    resize_short_side: usize,
    crop: CaseCrop,
    expect: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CaseCrop {
    Named(String),
    Square { left: u32, top: u32, size: u32 },
}

impl From<CaseCrop> for Crop {
    fn from(crop: CaseCrop) -> Self {
        match crop {
            CaseCrop::Named(name) => {
                assert_eq!(name, "centre");
                Self::Centre
            }
            CaseCrop::Square { left, top, size } => Self::Part {
                left,
                top,
                width: size,
            },
        }
    }
}

#[test]
fn scaling_and_cropping_is_that_of_pillow() {
    let Preprocessing {
        max_difference,
        cases,
    } = serde_json::from_slice(&read("preprocess.json")).expect("cases");
    assert!(cases.len() >= 6);
    for case in cases {
        let photo = Photo::decode(&read(&case.file)).expect("a whole picture");
        let prepared = photo
            .prepare(&input(case.size, case.resize_short_side), case.crop.into())
            .expect("a square inside");
        let expected = Photo::decode(&read(&case.expect)).expect("a lossless reference");
        let worst = difference(prepared.rgb.as_raw(), expected.rgb.as_raw());
        assert!(
            worst <= max_difference,
            "{}: differs by {worst}",
            case.expect
        );
    }
}

#[test]
fn a_crop_outside_the_photograph_is_refused_with_both_numbers() {
    let photo = Photo::from_rgba(30, 20, &[7; 30 * 20 * 4]).expect("pixels that fit");
    for crop in [
        Crop::Part {
            left: 15,
            top: 0,
            width: 16,
        },
        Crop::Part {
            left: 0,
            top: u32::MAX,
            width: 2,
        },
        Crop::Part {
            left: 0,
            top: 0,
            width: 0,
        },
    ] {
        let error = photo
            .prepare(&input(8, 8), crop)
            .expect_err("no such square");
        assert!(error.to_string().contains("30×20"), "{error}");
    }
    let whole = photo
        .prepare(&input(8, 8), Crop::Centre)
        .expect("the centre");
    assert_eq!(whole.part, [5, 0, 20, 20]);
    let square = Crop::Part {
        left: 5,
        top: 0,
        width: 20,
    };
    let same = photo
        .prepare(&input(8, 8), square)
        .expect("the centre by its numbers");
    assert_eq!(same.rgb, whole.rgb);
}

#[test]
fn what_enters_an_oblong_input_has_its_ratio() {
    // Every pixel tells its place.
    let place = |at: usize| [(at % 60) as u8 * 4, (at / 60) as u8 * 6, 0, 255];
    let pixels: Vec<u8> = (0..60 * 40).flat_map(place).collect();
    let photo = Photo::from_rgba(60, 40, &pixels).expect("pixels that fit");
    let oblong = |size, resize_short_side| Input {
        size,
        ..input(1, resize_short_side)
    };
    // Twice as wide as high, three quarters of that, as tall as possible, and a photograph of its ratio.
    for (size, resize, part) in [
        ([10, 20], 10, [0, 5, 60, 30]),
        ([12, 24], 16, [7, 8, 45, 23]),
        ([20, 5], 5, [25, 0, 10, 40]),
        ([20, 30], 20, [0, 0, 60, 40]),
    ] {
        let input = oblong(size, resize);
        let centre = photo.prepare(&input, Crop::Centre).expect("the centre");
        assert_eq!(centre.part, part, "{size:?}");
        let [left, top, width, height] = part;
        assert_eq!(input.height_of(width), height);
        let cut = image::imageops::crop_imm(&photo.rgb, left, top, width, height).to_image();
        let expected = zfnet::pictures::image::scaled(&cut, size[1] as u32, size[0] as u32);
        assert_eq!(centre.rgb, expected);
        let asked = Crop::Part { left, top, width };
        let again = photo.prepare(&input, asked).expect("the same");
        assert_eq!((again.rgb, again.part), (centre.rgb, part));
    }
    let lower = Crop::Part {
        left: 10,
        top: 20,
        width: 40,
    };
    let wide = photo.prepare(&oblong([10, 20], 10), lower);
    assert_eq!(wide.expect("it ends at the border").part, [10, 20, 40, 20]);
    let beyond = photo.prepare(&oblong([11, 20], 11), lower);
    let error = beyond.expect_err("two rows too many").to_string();
    assert!(
        error.contains("60×40") && error.contains("left 10, top 20, 40×22"),
        "{error}"
    );
    // Hardly anything to look at: still a pixel, and never one that is not there.
    for (width, height) in [(1, 1), (500, 1), (1, 500)] {
        let pixels = vec![9; width as usize * height as usize * 4];
        let line = Photo::from_rgba(width, height, &pixels).expect("pixels that fit");
        for size in [[3, 50], [50, 3]] {
            let found = line
                .prepare(&oblong(size, 3), Crop::Centre)
                .expect("a pixel");
            assert_eq!(found.rgb.dimensions(), (size[1] as u32, size[0] as u32));
        }
    }
}

#[derive(Deserialize)]
struct Tensors {
    file: String,
    size: usize,
    resize_short_side: usize,
    mean: Vec<f32>,
    max_difference: f32,
    cases: Vec<TensorCase>,
}

#[derive(Deserialize)]
struct TensorCase {
    tensor: String,
    crop: CaseCrop,
}

/// torch scales on floating-point numbers and does not round to 8 bits in between; the rest must be the same.
#[test]
fn the_input_tensor_is_that_of_torch() {
    let bytes = read("preprocess.safetensors");
    let stored = SafeTensors::deserialize(&bytes).expect("a whole file");
    let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("a whole file");
    let json = &metadata.metadata().as_ref().expect("metadata")["preprocess"];
    let about: Tensors = serde_json::from_str(json).expect("the cases");
    let model = Model {
        format: FORMAT,
        name: "picture".into(),
        architecture: Architecture::tiny([2, 2, 2], 2, 2),
        input: Input {
            mean: about.mean,
            ..input(about.size, about.resize_short_side)
        },
        classes: Vec::new(),
        scores: Default::default(),
        provenance: serde_json::Value::Null,
    };
    let zeros = |_: &str, shape: &[usize]| vec![0.0; shape.iter().product()];
    let network = Network::build(model, &Device::flex(), zeros).expect("a sound table");
    let photo = Photo::decode(&read(&about.file)).expect("a whole picture");
    assert_eq!(about.cases.len(), 2);
    for case in about.cases {
        let prepared = photo
            .prepare(&network.model.input, case.crop.into())
            .expect("a square inside");
        let tensor = prepared.tensor(&network).expect("three channels");
        let found = block_on(readback::floats(tensor)).expect("the CPU answers");
        let data = stored.tensor(&case.tensor).expect("listed").data();
        let expected = data.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b));
        assert_eq!(found.len() * 4, data.len());
        let worst = expected
            .zip(&found)
            .fold(0f32, |most, (e, f)| most.max((e - f).abs()));
        assert!(
            worst <= about.max_difference,
            "{}: differs by {worst}",
            case.tensor
        );
    }
}
