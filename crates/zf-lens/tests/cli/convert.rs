//! State dicts of other packages: the converted network answers as the package's own did (`tests/golden/convert`).

mod checkpoints;

use std::fs;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::{Value, json};

use crate::bench::{Bench, numbers};

/// The file of a golden state dict.
fn golden(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/convert");
    folder.join(name).to_str().expect("a plain path").to_owned()
}

fn answers() -> serde_json::Map<String, Value> {
    let text = fs::read_to_string(golden("answers.json")).expect("the answers are there");
    serde_json::from_str(&text).expect("an object")
}

/// The picture that the answers are about: whole numbers, drawn in the same way by the script.
fn picture(bench: &Bench) -> String {
    let picture = image::RgbImage::from_fn(256, 256, |x, y| {
        image::Rgb(
            [0, 1, 2].map(|c| ((x * (3 + c) + y * (5 - c) + x * y / (17 + 12 * c)) % 256) as u8),
        )
    });
    let path = bench.path("waves.png");
    picture.save(&path).expect("a PNG can be written");
    path
}

/// Logits of the picture under converted weights, by way of the command line.
fn logits(bench: &Bench, weights: &str) -> Vec<f32> {
    let dump = bench.path("dump.safetensors");
    bench
        .run(&[
            "classify",
            &picture(bench),
            "--weights",
            weights,
            "--dump",
            &dump,
        ])
        .done();
    let bytes = fs::read(&dump).expect("the dump is there");
    numbers(
        &SafeTensors::deserialize(&bytes).expect("safetensors"),
        "logits",
    )
    .1
}

/// The largest difference from the expected logits, as a part of the largest of them.
fn apart(found: &[f32], expected: &Value) -> f64 {
    let expected: Vec<f64> = serde_json::from_value(expected["logits"].clone()).expect("numbers");
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
    let differences = found
        .iter()
        .zip(&expected)
        .map(|(a, b)| (f64::from(*a) - b).abs());
    differences.fold(0.0, f64::max) / largest
}

#[test]
fn converted_networks_answer_as_their_packages_did() {
    let bench = Bench::new("convert");
    let answers = answers();
    assert_eq!(answers.len(), 5, "five networks");
    for (file, answer) in &answers {
        let layout = answer["layout"].as_str().expect("a name");
        let out = bench.path(&format!("{layout}.safetensors"));
        // The narrow networks have no published numbers of maps; where those decide, the layout must be named.
        let automatic = bench.run(&["convert", &golden(file), &out]);
        if layout.starts_with("pytorchcv-alexnet") {
            automatic.failed(
                2,
                &[
                    "numbers of maps",
                    "pytorchcv-alexnetb with [64, 192",
                    "found [",
                ],
            );
            bench
                .run(&["convert", &golden(file), &out, "--layout", layout])
                .done();
        } else {
            assert_eq!(automatic.done().trim(), out);
        }
        let apart = apart(&logits(&bench, &out), answer);
        assert!(apart < 1e-4, "{file}: logits differ by {apart}");

        let about: Value =
            serde_json::from_str(&bench.run(&["inspect", "--json", "--weights", &out]).done())
                .expect("JSON");
        assert_eq!(about["name"], layout);
        let source = &about["provenance"]["converted_from"];
        assert_eq!(source["file"], file.as_str());
        assert_eq!(source["sha256"].as_str().map(str::len), Some(64));
        let widths: Vec<_> = about["layers"]
            .as_array()
            .expect("layers")
            .iter()
            .filter_map(|layer| layer.get("out"))
            .collect();
        assert_eq!(json!(widths), answer["widths"], "{file}");
    }
}

#[test]
fn a_folder_of_shards_can_be_looked_into_with_the_names_given() {
    let bench = Bench::new("convert-folder");
    let names = bench.path("names.txt");
    fs::write(&names, "tench\ngreat white shark\nhen\ncrane\ncrane\n")
        .expect("the folder is there");
    let file = "pytorchcv-zfnet.pth";
    let folder = bench.path("zfnet");
    let source = golden(file);
    let convert = |more: &[&str]| {
        bench.run(&[&["convert", &source, &folder, "--classes", &names], more].concat())
    };
    let told: Value =
        serde_json::from_str(&convert(&["--precision", "f16", "--json"]).done()).expect("JSON");
    assert_eq!(told["files"].as_array().map(Vec::len), Some(2));
    assert_eq!(told["class_names"], 5);
    let answer = &answers()[file];
    let half = apart(&logits(&bench, &folder), answer);
    assert!((1e-7..1e-2).contains(&half), "half precision: {half}");

    let photo = picture(&bench);
    let classes = bench
        .run(&["classify", &photo, "--weights", &folder])
        .done();
    assert!(classes.contains("great white shark"), "{classes}");
    bench
        .run(&[
            "project",
            &photo,
            "--weights",
            &folder,
            "--layer",
            "features.stage3.unit1.conv",
            "-o",
            "p.png",
        ])
        .done();

    // A second time only when asked for, and then with the other precision's shards.
    convert(&[]).failed(2, &["zfnet", "expected a folder that is empty", "--force"]);
    convert(&["--force", "--precision", "i8"]).done();
    let bytes = apart(&logits(&bench, &folder), answer);
    assert!((1e-6..0.1).contains(&bytes), "bytes: {bytes}");
    assert_ne!(half, bytes);

    fs::write(&names, "tench\nhen\n").expect("the folder is there");
    convert(&["--force"]).failed(2, &["classes", "expected 5 names", "found 2"]);
}

#[test]
fn what_cannot_be_converted_is_named() {
    let bench = Bench::new("convert-refusals");
    let out = bench.path("out.safetensors");
    let refused = |file: &Path, words: &[&str]| {
        let file = file.to_str().expect("a plain path");
        bench.run(&["convert", file, &out]).failed(2, words);
        assert!(!Path::new(&out).exists(), "{file} leaves nothing behind");
    };
    let text = PathBuf::from(bench.path("text.pth"));
    fs::write(&text, "weights, honestly").expect("the folder is there");
    refused(
        &text,
        &[
            "text.pth",
            "expected a whole PyTorch state dict",
            "found bytes of another kind",
        ],
    );
    refused(
        &text.with_file_name("none.pth"),
        &["none.pth: expected a readable state dict or ONNX file, found"],
    );
    fs::write(&text, "").expect("the folder is there");
    refused(
        &text,
        &[
            "text.pth",
            "expected a whole PyTorch state dict",
            "found an empty file",
        ],
    );
    // Cut short, in each container there is.
    for file in [
        "torchvision-alexnet.pth",
        "pytorchcv-alexnet.pth",
        "torchvision-vgg16.safetensors",
    ] {
        let bytes = fs::read(golden(file)).expect("the golden file is there");
        for kept in [bytes.len() / 50, bytes.len() / 2, bytes.len() - 3] {
            fs::write(&text, &bytes[..kept]).expect("the folder is there");
            refused(&text, &["text.pth", "expected", "found"]);
        }
    }
    // Weights of our own are no state dict of a package.
    refused(
        Path::new(&bench.path("all.safetensors")),
        &["expected the tensors of AlexNet", "found conv1.bias"],
    );
    bench
        .run(&[
            "convert",
            &golden("torchvision-alexnet.pth"),
            &out,
            "--layout",
            "pytorchcv-zfnet",
        ])
        .failed(
            2,
            &[
                "expected the tensors of pytorchcv-zfnet (features.stage1.unit1.conv.weight",
                "found classifier.1.bias",
            ],
        );
    bench
        .run(&[
            "convert",
            &golden("torchvision-alexnet.pth"),
            &out,
            "--layout",
            "lenet",
        ])
        .failed(2, &["--layout", "pytorchcv-zfnet", "found lenet"]);
}

/// A golden safetensors file with other tensors: each a name, its shape and its numbers.
type Tensors = Vec<(String, Vec<usize>, Vec<u8>)>;

fn changed(bench: &Bench, change: impl FnOnce(&mut Tensors)) -> PathBuf {
    let bytes =
        fs::read(golden("torchvision-vgg16.safetensors")).expect("the golden file is there");
    let state = SafeTensors::deserialize(&bytes).expect("safetensors");
    let mut tensors: Tensors = state
        .iter()
        .map(|(name, view)| (name.into(), view.shape().to_vec(), view.data().to_vec()))
        .collect();
    tensors.sort();
    change(&mut tensors);
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).expect("as many numbers");
        (name, view)
    });
    let path = PathBuf::from(bench.path("changed.safetensors"));
    fs::write(&path, safetensors::serialize(views, None).expect("a file"))
        .expect("the folder is there");
    path
}

#[test]
fn a_tensor_that_does_not_fit_is_named() {
    let bench = Bench::new("convert-tensors");
    let out = bench.path("out.safetensors");
    let refused = |precision: &str, words: &[&str], change: &dyn Fn(&mut Tensors)| {
        let file = changed(&bench, change);
        let file = file.to_str().expect("a plain path");
        bench
            .run(&["convert", file, &out, "--precision", precision])
            .failed(2, words);
    };
    fn tensor<'a>(tensors: &'a mut Tensors, name: &str) -> &'a mut (String, Vec<usize>, Vec<u8>) {
        let found = tensors.iter_mut().find(|(known, ..)| known == name);
        found.expect("a tensor of this name")
    }
    refused(
        "f32",
        &[
            "tensor features.5.bias: expected every tensor of torchvision-vgg16, found no such tensor",
        ],
        &|all| {
            all.retain(|(name, ..)| name != "features.5.bias");
        },
    );
    refused(
        "f32",
        &["tensor features.99.weight: expected only the tensors of torchvision-vgg16"],
        &|all| {
            all.push(("features.99.weight".into(), vec![1], vec![0; 4]));
        },
    );
    refused(
        "f32",
        &["tensor features.5.weight: expected shape [6, 5, 3, 3], found shape [6, 3, 5, 3]"],
        &|all| {
            tensor(all, "features.5.weight").1 = vec![6, 3, 5, 3];
        },
    );
    refused(
        "f32",
        &["tensor classifier.3.weight: expected 2 dimensions, found shape [72]"],
        &|all| {
            tensor(all, "classifier.3.weight").1 = vec![72];
        },
    );
    refused(
        "f32",
        &[
            "tensor features.0.bias: expected finite numbers of single precision, found NaN at place 1",
        ],
        &|all| {
            tensor(all, "features.0.bias").2[4..8].copy_from_slice(&f32::NAN.to_le_bytes());
        },
    );
    refused(
        "f16",
        &[
            "tensor features.0.bias: expected numbers up to 65504",
            "found -70000",
        ],
        &|all| {
            tensor(all, "features.0.bias").2[..4].copy_from_slice(&(-7e4f32).to_le_bytes());
        },
    );
}

#[test]
fn nothing_is_written_over_unasked() {
    let bench = Bench::new("convert-targets");
    let file = golden("torchvision-vgg16.safetensors");
    let out = bench.path("out.safetensors");
    fs::write(&out, "mine").expect("the folder is there");
    bench.run(&["convert", &file, &out]).failed(
        2,
        &["out.safetensors: expected a file that is not there yet, or --force"],
    );
    assert_eq!(fs::read(&out).expect("the file is there"), b"mine");
    bench.run(&["convert", &file, &out, "--force"]).done();
    bench
        .run(&["convert", &out, &out, "--force"])
        .failed(2, &["expected another file than IN"]);
    bench
        .run(&["convert", &file, &bench.path("manifest.json"), "--force"])
        .failed(
            2,
            &["expected a folder, or a name that ends with .safetensors, found a file"],
        );
    let left: Vec<_> = fs::read_dir(bench.path("."))
        .expect("the folder is there")
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter(|name| name.ends_with(".partial"))
        .collect();
    assert_eq!(left, Vec::<String>::new(), "no half-written files stay");
}
