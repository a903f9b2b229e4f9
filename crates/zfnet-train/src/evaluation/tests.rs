use std::path::{Path, PathBuf};

use burn::tensor::Device;
use image::{Rgb, RgbImage};
use zfnet::network::architecture::Architecture;
use zfnet::network::model::{Channels, ClassName, FORMAT, Model};

use super::*;
use crate::data::EvaluationBatch;

const SIZE: usize = 32;
const CLASSES: usize = 7;

/// A folder of one test; removed when the test is over.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("zfnet-train-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
        Self(folder)
    }

    /// Writes a picture whose pixels are a function of column and row.
    pub(crate) fn picture(&self, name: &str, side: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) {
        let path = self.0.join(name);
        let folder = path.parent().expect("a file has a folder");
        std::fs::create_dir_all(folder).expect("a folder can be made");
        RgbImage::from_fn(side, side, |x, y| Rgb(pixel(x, y)))
            .save(path)
            .expect("a PNG can be written");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A small network with random weights and every quirk of the paper's.
pub(crate) fn tiny() -> Network {
    let names = ["T-shirt", "big cat", "bird", "boat", "bug", "dog", "rose"];
    let class = |en: &str| ClassName {
        en: en.into(),
        zh: None,
    };
    let model = Model {
        format: FORMAT,
        name: "tiny".into(),
        architecture: Architecture::tiny([6, 8, 10], 12, CLASSES),
        input: Input {
            size: [SIZE; 2],
            resize_short_side: SIZE,
            channels: Channels::Rgb,
            range: 255.0,
            mean: vec![120.0, 115.0, 100.0],
            std: vec![1.0; 3],
        },
        classes: names.map(class).into(),
        scores: Default::default(),
        provenance: serde_json::Value::Null,
    };
    let mut next = noise(5);
    Network::build(model, &Device::flex(), |_, shape| {
        let count: usize = shape.iter().product();
        let scale = 4.0 / ((count / shape[0]).max(1) as f32).sqrt();
        (0..count).map(|_| (next() - 0.5) * scale).collect()
    })
    .expect("the description fits itself")
}

/// Numbers from 0 to 1, the same on every machine.
pub(crate) fn noise(mut state: u64) -> impl FnMut() -> f32 {
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32
    }
}

/// Batches of noisy pictures of no particular class.
fn batches(sizes: &[usize]) -> Vec<Result<EvaluationBatch>> {
    let mut next = noise(9);
    let mut first = 0;
    sizes
        .iter()
        .map(|&pictures| {
            let samples: Vec<usize> = (first..first + pictures).collect();
            first += pictures;
            Ok(EvaluationBatch {
                pixels: (0..pictures * 3 * SIZE * SIZE)
                    .map(|_| next() * 255.0)
                    .collect(),
                classes: samples.iter().map(|sample| sample % CLASSES).collect(),
                first: samples[0],
                samples,
            })
        })
        .collect()
}

#[test]
fn every_picture_is_counted_once_and_the_shares_follow_from_the_counts() {
    let mut seen = Vec::new();
    let found = evaluate(&tiny(), batches(&[5, 5, 4]), Crops::One, &mut |done| {
        seen.push(done);
    })
    .expect("the batches are whole");
    assert_eq!(seen, [5, 10, 14]);
    assert_eq!(found.pictures, 14);
    assert_eq!(found.class_pictures(), [2; CLASSES]);
    let right: u32 = (0..CLASSES)
        .map(|class| found.confusion[class][class])
        .sum();
    assert_eq!(found.top_1, f64::from(right) / 14.0);
    let mean: f64 = found.class_accuracy().into_iter().flatten().sum::<f64>() / CLASSES as f64;
    assert!(
        (mean - found.top_1).abs() < 1e-12,
        "classes are equally large"
    );
    assert!(found.top_5 >= found.top_1 && found.top_5 < 1.0, "{found:?}");
    assert!(found.loss > 0.0);
}

#[test]
fn scores_become_ranks_and_a_loss() {
    let mut tally = Tally::new(CLASSES);
    // Probabilities 0.5 for class 1 and 0.5 / 6 for each other.
    let mut scores = [0f32; CLASSES];
    scores[1] = 6f32.ln();
    tally.add(&scores, 1).expect("a class of seven");
    // Among equals the first come first: class 4 is the fifth guess, class 6 the seventh.
    tally.add(&scores, 4).expect("a class of seven");
    tally.add(&scores, 6).expect("a class of seven");
    let found = tally.evaluated();
    assert_eq!((found.top_1, found.top_5), (1.0 / 3.0, 2.0 / 3.0));
    assert_eq!([1, 4, 6].map(|class| found.confusion[class][1]), [1, 1, 1]);
    let expected = (2f64.ln() + 2.0 * 12f64.ln()) / 3.0;
    assert!((found.loss - expected).abs() < 1e-6, "{}", found.loss);
}

#[test]
fn probabilities_of_crops_are_averaged_after_the_softmax() {
    // One crop is sure of class 0, the other of class 1: half and half, which averaged scores would not give.
    let scores = [[50.0, 0.0, 0.0], [0.0, 10.0, 0.0]].concat();
    let mean = mean_probabilities(&scores, 3);
    assert!(
        (mean[0] - 0.5).abs() < 1e-4 && (mean[1] - 0.5).abs() < 1e-4,
        "{mean:?}"
    );
    assert!((mean.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn ten_crops_of_an_even_picture_are_as_one() {
    let folder = Folder::new("even");
    let colours = [[200, 40, 90], [10, 160, 30], [128, 128, 128], [250, 240, 3]];
    for (at, colour) in colours.into_iter().enumerate() {
        folder.picture(&format!("val/bird/{at}.png"), 60, |_, _| colour);
        folder.picture(&format!("val/big_cat/{at}.png"), 41, |_, _| {
            colour.map(|v| 255 - v)
        });
    }
    std::fs::write(folder.0.join("val/bird/broken.png"), "no picture")
        .expect("the folder is there");
    std::fs::write(folder.0.join("val/bird/notes.txt"), "no picture").expect("the folder is there");
    let network = tiny();
    let (samples, _) = samples(&folder.0, &network.model.classes).expect("two classes");
    assert_eq!(samples.len(), 9);
    let found = [Crops::One, Crops::Ten].map(|crops| {
        ValidationSet::new(samples.clone(), &network.model.input, crops, 1 << 20, 2)
            .evaluate(&network, &mut |_| {})
            .expect("pictures")
    });
    assert_eq!(found[0].pictures, 8);
    assert_eq!(found[0].confusion, found[1].confusion);
    assert!((found[0].loss - found[1].loss).abs() < 1e-4, "{found:?}");
    for found in &found {
        let [(path, _)] = &found.skipped[..] else {
            panic!("one broken file: {:?}", found.skipped)
        };
        assert!(path.ends_with("broken.png"));
    }
}

#[test]
fn what_cannot_be_evaluated_is_an_error() {
    let evaluate = |network: &Network, batches| {
        let error = evaluate(network, batches, Crops::One, &mut |_| {}).expect_err("bad input");
        error.to_string()
    };
    let network = tiny();
    assert!(evaluate(&network, Vec::new()).contains("at least one picture"));
    let of_class = |class| {
        let mut batches = batches(&[1]);
        if let Ok(batch) = &mut batches[0] {
            batch.classes[0] = class;
        }
        batches
    };
    assert!(evaluate(&network, of_class(CLASSES)).contains("found class 7"));
    let mut parameters = network.parameters().to_vec();
    for layer in parameters.iter_mut().flatten() {
        *layer = layer.with(layer.rows() * f32::NAN, layer.bias());
    }
    let broken = network
        .with_parameters(parameters)
        .expect("the same shapes");
    assert!(evaluate(&broken, of_class(0)).contains("finite numbers"));
    let features = pollster::block_on(network.write(
        zfnet::files::weights::Shard::Features,
        zfnet::files::weights::Precision::F32,
    ))
    .expect("the network is whole");
    let features = Network::read(&features, &Device::flex()).expect("a shard");
    assert!(evaluate(&features, of_class(0)).contains("feature maps only"));
}

#[test]
fn folders_are_matched_to_the_networks_classes() {
    let folder = Folder::new("classes");
    let classes = tiny().model.classes;
    let said = |folder: &Folder| {
        samples(&folder.0, &classes)
            .expect_err("bad input")
            .to_string()
    };
    assert!(said(&folder).contains("found none"));
    folder.picture("t_shirt/b.png", 8, |_, _| [0; 3]);
    folder.picture("t_shirt/a.PNG", 8, |_, _| [0; 3]);
    folder.picture("Big Cat/a.png", 8, |_, _| [0; 3]);
    // A folder without a picture may be called anything.
    std::fs::create_dir_all(folder.0.join("unicorn/foals")).expect("a folder can be made");
    let (found, left_out) = samples(&folder.0, &classes).expect("two classes");
    assert_eq!(left_out.empty, [folder.0.join("unicorn")]);
    let named: Vec<_> = found
        .iter()
        .map(|sample| {
            (
                sample.class,
                sample.path.strip_prefix(&folder.0).expect("inside"),
            )
        })
        .collect();
    let expected = [
        (1, "Big Cat/a.png"),
        (0, "t_shirt/a.PNG"),
        (0, "t_shirt/b.png"),
    ];
    assert_eq!(
        named,
        expected.map(|(class, path)| (class, Path::new(path)))
    );
    folder.picture("big-cat/a.png", 8, |_, _| [0; 3]);
    assert!(said(&folder).contains("one folder for big cat"));
    folder.picture("val/unicorn/a.png", 8, |_, _| [0; 3]);
    assert!(said(&folder).contains("found unicorn"));
    let nowhere = samples(Path::new("nowhere"), &classes).expect_err("bad input");
    assert!(nowhere.to_string().contains("found nothing"));
}
