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
            CaseCrop::Square { left, top, size } => Self::Square { left, top, size },
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
        Crop::Square {
            left: 15,
            top: 0,
            size: 16,
        },
        Crop::Square {
            left: 0,
            top: u32::MAX,
            size: 2,
        },
        Crop::Square {
            left: 0,
            top: 0,
            size: 0,
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
    assert_eq!(whole.square, [5, 0, 20]);
    let square = Crop::Square {
        left: 5,
        top: 0,
        size: 20,
    };
    let same = photo
        .prepare(&input(8, 8), square)
        .expect("the centre by its numbers");
    assert_eq!(same.rgb, whole.rgb);
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
