//! Decoding and preprocessing against Pillow's pixels (`tests/golden/pictures.py`).

use std::path::PathBuf;

use burn::tensor::Device;
use pollster::block_on;
use safetensors::SafeTensors;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use zfnet::architecture::Architecture;
use zfnet::model::{FORMAT, Input, Model};
use zfnet::{Crop, Error, Network, Photo, readback};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/pictures")
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[derive(Deserialize)]
struct Entry {
    file: String,
    expect: Expect,
}

#[derive(Deserialize)]
struct Expect {
    error: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    sha256: Option<String>,
    like: Option<String>,
    max_difference: Option<u8>,
}

/// The kind of an error, as the page calls it.
fn code(error: &Error) -> &'static str {
    match error {
        Error::ImageDecode { .. } => "image-decode",
        Error::ImageUnsupported { .. } => "image-unsupported",
        Error::ImageTooLarge { .. } => "image-too-large",
        Error::ImageEmpty { .. } => "image-empty",
        _ => "another",
    }
}

#[test]
fn every_kind_of_file_is_decoded_as_it_should_be_or_refused_clearly() {
    let entries: Vec<Entry> =
        serde_json::from_slice(&read("pictures.json")).expect("a list of pictures");
    assert!(entries.len() > 30, "found {}", entries.len());
    for Entry { file, expect } in entries {
        let photo = match (Photo::decode(&read(&file)), &expect.error) {
            (Err(error), Some(expected)) => {
                assert_eq!(code(&error), expected, "{file}: {error}");
                let message = error.to_string();
                assert!(
                    message.contains("expected") && message.contains("found"),
                    "{file}: {message}"
                );
                continue;
            }
            (Ok(_), Some(expected)) => panic!("{file}: expected {expected}, found a picture"),
            (Err(error), None) => panic!("{file}: {error}"),
            (Ok(photo), None) => photo,
        };
        let size = photo.rgb.dimensions();
        assert_eq!(
            Some(size),
            expect.width.zip(expect.height),
            "{file}: width and height"
        );
        if let Some(expected) = &expect.sha256 {
            assert_eq!(&sha256(photo.rgb.as_raw()), expected, "{file}: pixels");
        }
        if let Some(like) = &expect.like {
            let reference = Photo::decode(&read(like)).expect("a lossless reference");
            let allowed = expect.max_difference.expect("a tolerance");
            let worst = difference(photo.rgb.as_raw(), reference.rgb.as_raw());
            assert!(
                worst <= allowed,
                "{file}: differs from {like} by {worst}, allowed {allowed}"
            );
        }
    }
}

fn difference(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| a.abs_diff(*b))
        .max()
        .unwrap_or(0)
}

/// What the browser test found, to the last bit, for every picture that both decode.
#[test]
fn the_browser_decodes_the_same_pixels() {
    let decoded: std::collections::BTreeMap<String, String> =
        serde_json::from_slice(&read("decoded.json")).expect("hashes by file");
    assert!(decoded.len() > 25, "found {}", decoded.len());
    for (file, expected) in decoded {
        let photo = Photo::decode(&read(&file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert_eq!(sha256(photo.rgb.as_raw()), expected, "{file}");
    }
}

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

fn input(size: usize, resize_short_side: usize) -> Input {
    Input {
        size,
        resize_short_side,
        channels: Default::default(),
        range: 255.0,
        mean: vec![0.0; 3],
        std: Vec::new(),
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

#[test]
fn pixels_that_do_not_fit_their_size_are_refused() {
    let error = Photo::from_rgba(3, 3, &[0; 35]).expect_err("one byte short");
    assert!(
        error.to_string().contains("35") && error.to_string().contains("36"),
        "{error}"
    );
    assert!(matches!(
        Photo::from_rgba(0, 3, &[]),
        Err(Error::ImageEmpty { .. })
    ));
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
