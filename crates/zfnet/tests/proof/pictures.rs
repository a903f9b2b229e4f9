//! Decoding against Pillow's pixels (`tests/golden/pictures.py`).

mod preprocessing;

use std::path::PathBuf;

use safetensors::SafeTensors;
use serde::Deserialize;
use zfnet::files::manifest::sha256;
use zfnet::network::model::Input;
use zfnet::pictures::image::Kind;
use zfnet::{Crop, Error, Photo};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/pictures")
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
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
    mean_difference: Option<f64>,
}

/// The kind of an error, as the page calls it.
fn code(error: &Error) -> &'static str {
    match error {
        Error::ImageDecode { .. } => "image-decode",
        Error::ImageCutOff { .. } => "image-cut-off",
        Error::NotAnImage { .. } => "image-not-a-picture",
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
    assert!(entries.len() > 100, "found {}", entries.len());
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
            let (found, allowed) = (mean_difference(&photo, &reference), expect.mean_difference);
            assert!(
                Some(found) <= allowed,
                "{file}: differs from {like} by {found} on the whole, allowed {allowed:?}"
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

fn mean_difference(a: &Photo, b: &Photo) -> f64 {
    let (a, b) = (a.rgb.as_raw(), b.rgb.as_raw());
    let sum: u64 = a
        .iter()
        .zip(b)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / a.len() as f64
}

#[derive(Deserialize)]
struct Jpegs {
    max_difference: u8,
    cases: Vec<Jpeg>,
}

/// How many files the JPEGs lie in.
const JPEGS: usize = 6;

#[derive(Deserialize)]
struct Jpeg {
    file: String,
    /// Nothing where libjpeg refuses as well.
    pixels: Option<String>,
}

/// Never wrong without a word: what the decoder cannot do it refuses, and only where it has to.
#[test]
fn jpegs_of_every_sampling_split_and_coding_are_those_of_libjpeg_turbo() {
    let (mut decoded, mut refused) = (0, 0);
    let mut all = Vec::new();
    for at in 1..=JPEGS {
        let (more, fewer) = compare_jpegs(&read(&format!("jpegs-{at}.safetensors")), &mut all);
        decoded += more;
        refused += fewer;
    }
    assert!(
        decoded >= 140 && refused < 50,
        "{decoded} decoded, {refused} refused"
    );
    let known: std::collections::BTreeMap<String, String> =
        serde_json::from_slice(&read("decoded.json")).expect("hashes by file");
    assert_eq!(
        sha256(&all),
        known["jpegs"],
        "as the browser decodes them, to the last bit"
    );
}

/// Holds each JPEG of a file against libjpeg-turbo: how many are decoded, how many are refused.
fn compare_jpegs(bytes: &[u8], all: &mut Vec<u8>) -> (usize, usize) {
    let stored = SafeTensors::deserialize(bytes).expect("a whole file");
    let (_, metadata) = SafeTensors::read_metadata(bytes).expect("a whole file");
    let json = &metadata.metadata().as_ref().expect("metadata")["jpegs"];
    let Jpegs {
        max_difference,
        cases,
    } = serde_json::from_str(json).expect("the cases");
    let (mut decoded, mut refused) = (0, 0);
    for Jpeg { file, pixels } in cases {
        match Photo::decode(stored.tensor(&file).expect("listed").data()) {
            Ok(photo) => {
                let pixels = pixels.unwrap_or_else(|| panic!("{file}: libjpeg refuses it"));
                let expected = stored.tensor(&pixels).expect("listed");
                let worst = difference(photo.rgb.as_raw(), expected.data());
                assert!(worst <= max_difference, "{file}: differs by {worst}");
                all.extend(photo.rgb.as_raw());
                decoded += 1;
            }
            Err(Error::ImageUnsupported { kind, .. }) => {
                assert_eq!(kind, Kind::JpegSampling, "{file}");
                let (_, samplings) = file.split_once('-').expect("a name with its sampling");
                let unusual = ["1x4", "4x1", "4x2", "2x4", "3x1", "1x3"];
                assert!(
                    unusual.iter().any(|one| samplings.starts_with(one)),
                    "{file}"
                );
                refused += 1;
            }
            Err(error) => panic!("{file}: {error}"),
        }
    }
    (decoded, refused)
}

#[test]
fn a_picture_without_content_is_known() {
    let blank = |name: &str| {
        Photo::decode(&read(name))
            .expect("a whole picture")
            .is_blank()
    };
    assert!(blank("one-pixel.png"));
    assert!(!blank("upright.png"));
    let grey = |levels: [u8; 2]| {
        let pixels: Vec<u8> = (0..64)
            .flat_map(|at| [levels[at % 2]; 3].into_iter().chain([255]))
            .collect();
        Photo::from_rgba(8, 8, &pixels).expect("pixels that fit")
    };
    assert!(grey([0, 0]).is_blank() && grey([254, 255]).is_blank());
    assert!(!grey([0, 5]).is_blank());
    // A square of a picture may be blank where the picture is not.
    let corner = Photo::decode(&read("upright.png")).expect("a whole picture");
    let bar = Crop::Part {
        left: 30,
        top: 14,
        width: 4,
    };
    assert!(
        corner
            .prepare(&input(4, 4), bar)
            .expect("a square inside")
            .is_blank()
    );
}

#[test]
fn the_preview_of_a_panorama_leaves_its_short_side_large_enough() {
    let size = |width: u32, height: u32| {
        let pixels = vec![9; (width * height * 4) as usize];
        let photo = Photo::from_rgba(width, height, &pixels).expect("pixels that fit");
        photo.preview(120).dimensions()
    };
    assert_eq!(size(240, 160), (120, 80));
    assert_eq!(size(600, 30), (400, 20));
    assert_eq!(size(10, 600), (10, 600));
    assert_eq!(size(60, 40), (60, 40));
}

#[test]
fn files_that_are_no_pictures_are_called_by_their_kind() {
    let found = |name: &str| match Photo::decode(&read(name)) {
        Err(Error::NotAnImage { kind } | Error::ImageUnsupported { kind, .. }) => kind.id(),
        other => panic!("{name}: {:?}", other.map(|photo| photo.rgb.dimensions())),
    };
    let kinds = [
        ("text.jpg", "text"),
        ("page.jpg", "html"),
        ("document.jpg", "pdf"),
        ("archive.jpg", "archive"),
        ("noise.jpg", "unknown"),
        ("picture.heic", "heic"),
        ("picture.tiff", "tiff"),
        ("long-prolog.svg", "svg"),
        ("utf-16.svg", "svg"),
        ("12-bit.jpg", "jpeg-deep"),
        ("arithmetic.jpg", "jpeg-arithmetic"),
        ("mixed.jpg", "jpeg-mixed"),
        ("lossless.jpg", "jpeg-lossless"),
        ("two-components.jpg", "jpeg-components"),
    ];
    for (name, kind) in kinds {
        assert_eq!(found(name), kind, "{name}");
    }
}

/// What the browser test found, to the last bit, for every picture that both decode.
#[test]
fn the_browser_decodes_the_same_pixels() {
    let decoded: std::collections::BTreeMap<String, String> =
        serde_json::from_slice(&read("decoded.json")).expect("hashes by file");
    assert!(decoded.len() > 25, "found {}", decoded.len());
    for (file, expected) in decoded.into_iter().filter(|(file, _)| file != "jpegs") {
        let photo = Photo::decode(&read(&file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert_eq!(sha256(photo.rgb.as_raw()), expected, "{file}");
    }
}

fn input(size: usize, resize_short_side: usize) -> Input {
    Input {
        size: [size; 2],
        resize_short_side,
        channels: Default::default(),
        range: 255.0,
        mean: vec![0.0; 3],
        std: vec![1.0; 3],
    }
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
