//! A folder with a tiny network and pictures in it, and the program to try on them.

use std::path::PathBuf;
use std::process::Command;

use burn::tensor::Device;
use safetensors::SafeTensors;
use serde_json::Value;
use zfnet::Network;
use zfnet::files::manifest::{File, Manifest};
use zfnet::files::weights::{Precision, Shard};
use zfnet::network::architecture::Architecture;
use zfnet::network::model::{Channels, ClassName, FORMAT, Input, Model};

/// A folder of one test; removed when the test is over.
pub(crate) struct Bench {
    folder: PathBuf,
}

/// What a run left behind.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    /// A fresh folder with `manifest.json`, its two shards, and the same network in one file.
    pub(crate) fn new(name: &str) -> Self {
        Self::with(name, network(vec![120.0, 115.0, 100.0]))
    }

    /// The same with a network that takes the grey of photographs.
    pub(crate) fn grey(name: &str) -> Self {
        Self::with(name, network(vec![112.0]))
    }

    fn with(name: &str, network: Network) -> Self {
        let folder = std::env::temp_dir().join(format!("zf-lens-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
        let bench = Self { folder };
        let mut files = Vec::new();
        for (shard, name) in [
            (Shard::Features, "features"),
            (Shard::Classifier, "classifier"),
            (Shard::All, "all"),
        ] {
            let path = format!("{name}.safetensors");
            let bytes = pollster::block_on(network.write(shard, Precision::F32))
                .expect("the network is whole");
            if shard != Shard::All {
                files.push(File::of(shard, &path, &bytes));
            }
            std::fs::write(bench.folder.join(path), bytes).expect("the folder takes a file");
        }
        let manifest = Manifest {
            format: FORMAT,
            name: network.model.name,
            files,
            drawings: None,
        };
        let json = serde_json::to_vec(&manifest).expect("a manifest is JSON");
        std::fs::write(bench.folder.join("manifest.json"), json).expect("the folder takes a file");
        bench
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder
            .join(name)
            .to_str()
            .expect("a plain path")
            .to_owned()
    }

    /// Draws a picture of coloured waves, different for every size, and gives its path.
    pub(crate) fn photo(&self, name: &str, width: u32, height: u32) -> String {
        let path = self.path(name);
        let folder = std::path::Path::new(&path)
            .parent()
            .expect("a file has a folder");
        std::fs::create_dir_all(folder).expect("a folder can be made");
        let wave = |at: u32, period: u32| (((at % period) * 255) / period) as u8;
        let picture = image::RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([
                wave(x * y + width, 23),
                wave(x + 2 * y, 17),
                wave(3 * x + y, 31),
            ])
        });
        picture.save(&path).expect("a PNG can be written");
        path
    }

    /// The program with this folder's network as the bundled one, on the CPU, in English.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zf-lens"));
        command
            .current_dir(&self.folder)
            .env("ZF_LENS_WEIGHTS", &self.folder)
            .env("LC_ALL", "C")
            .arg("--device")
            .arg("cpu")
            .args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.command(arguments))
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Run {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Asserts that nothing went wrong, and gives stdout.
    pub(crate) fn done(self) -> String {
        assert_eq!(
            (self.code, self.stderr.as_str()),
            (0, ""),
            "{}",
            self.stdout
        );
        self.stdout
    }

    /// Asserts that the run failed with a code and one line on stderr that holds some words.
    pub(crate) fn failed(self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        assert_eq!(self.stdout, "");
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} in {:?}", self.stderr);
        }
    }
}

/// What a program printed or wrote as JSON.
pub(crate) fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What a safetensors file says about itself.
pub(crate) fn about(bytes: &[u8]) -> Value {
    let (_, metadata) = SafeTensors::read_metadata(bytes).expect("safetensors");
    parsed(&metadata.metadata().as_ref().expect("metadata")["zf-lens"])
}

/// How many pixels of a rectangle (columns, rows) have a colour.
pub(crate) fn painted(
    picture: &image::RgbImage,
    cols: std::ops::Range<u32>,
    rows: std::ops::Range<u32>,
    is: impl Fn([u8; 3]) -> bool,
) -> usize {
    let places = rows.flat_map(|y| cols.clone().map(move |x| (x, y)));
    places
        .filter(|(x, y)| is(picture.get_pixel(*x, *y).0))
        .count()
}

/// A figure: its title stands above, and what it was made with below. Gives it for a closer look.
pub(crate) fn captioned(path: &str) -> image::RgbImage {
    let picture = image::open(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let picture = picture.to_rgb8();
    let (width, height) = picture.dimensions();
    let dark = |pixel: [u8; 3]| pixel.iter().all(|channel| *channel < 140);
    let (first, last) = (16..40, height - 40..height - 16);
    for rows in [first, last] {
        let ink = painted(&picture, 16..width / 2, rows.clone(), dark);
        assert!(
            ink > 100,
            "{path}: words in rows {rows:?}, found {ink} pixels of ink"
        );
    }
    // Nothing runs over the margins.
    for cols in [0..8, width - 8..width] {
        assert_eq!(
            painted(&picture, cols, 0..height, |pixel| pixel != [255; 3]),
            0,
            "{path}"
        );
    }
    picture
}

/// Width and height of a PNG that can be read.
pub(crate) fn png(path: &str) -> (u32, u32) {
    let picture = image::open(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    (picture.width(), picture.height())
}

/// A tensor of numbers: its shape and values.
pub(crate) fn numbers(tensors: &SafeTensors<'_>, name: &str) -> (Vec<usize>, Vec<f32>) {
    stored(tensors, name, f32::from_le_bytes)
}

/// A tensor of whole numbers: its shape and values.
pub(crate) fn integers(tensors: &SafeTensors<'_>, name: &str) -> (Vec<usize>, Vec<i32>) {
    stored(tensors, name, i32::from_le_bytes)
}

fn stored<T>(
    tensors: &SafeTensors<'_>,
    name: &str,
    value: fn([u8; 4]) -> T,
) -> (Vec<usize>, Vec<T>) {
    let tensor = tensors
        .tensor(name)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let values = tensor.data().as_chunks().0.iter().map(|four| value(*four));
    (tensor.shape().to_vec(), values.collect())
}

/// Three convolutions with strides, one-sided padding, pools and normalisation; the fourth filter of conv1 is dead.
fn network(mean: Vec<f32>) -> Network {
    let name = |en: &str, zh: &str| ClassName {
        en: en.into(),
        zh: Some(zh.into()),
    };
    let model = Model {
        format: FORMAT,
        name: "tiny".into(),
        architecture: Architecture::tiny([4, 6, 5], 12, 3),
        input: Input {
            size: [32; 2],
            resize_short_side: 32,
            channels: Channels::Rgb,
            range: 255.0,
            std: vec![1.0; mean.len()],
            mean,
        },
        classes: vec![name("dog", "狗"), name("cat", "猫"), name("bird", "鸟")],
        scores: Default::default(),
        provenance: Value::Null,
    };
    // A linear congruential generator: the same network on every machine.
    let mut state = 20u64;
    let values = |name: &str, shape: &[usize]| {
        let count: usize = shape.iter().product();
        let fan_in = (count / shape[0]).max(1);
        let mut values: Vec<f32> = (0..count)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let uniform = (state >> 40) as f32 / (1 << 24) as f32 - 0.5;
                uniform * 4.0 / (fan_in as f32).sqrt()
            })
            .collect();
        if name == "conv1.weight" {
            values[3 * fan_in..].fill(0.0);
        }
        values
    };
    Network::build(model, &Device::flex(), values).expect("the description fits itself")
}
