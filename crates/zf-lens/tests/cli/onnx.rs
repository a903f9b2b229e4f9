//! Files of other programs, wherever weights are: asked as they are, and turned into ours.

use std::fs;
use std::path::Path;

use safetensors::SafeTensors;

use crate::bench::{Bench, numbers};

fn made(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../zfnet-import/tests/import/made");
    folder.join(name).to_str().expect("a plain path").to_owned()
}

fn logits(bench: &Bench, weights: &str) -> Vec<f32> {
    let picture = bench.path("grey.png");
    let plain = image::RgbImage::from_fn(40, 40, |x, y| image::Rgb([x as u8 * 6, y as u8 * 6, 90]));
    plain.save(&picture).expect("a PNG can be written");
    let dump = bench.path("dump.safetensors");
    let arguments = ["classify", &picture, "--weights", weights, "--dump", &dump];
    bench.run(&arguments).done();
    let bytes = fs::read(&dump).expect("the dump is there");
    numbers(
        &SafeTensors::deserialize(&bytes).expect("safetensors"),
        "logits",
    )
    .1
}

#[test]
fn an_onnx_file_answers_as_what_it_is_turned_into() {
    let bench = Bench::new("onnx");
    let out = bench.path("residual.safetensors");
    bench.run(&["convert", &made("residual.onnx"), &out]).done();
    let found = logits(&bench, &made("residual.onnx"));
    assert_eq!(found.len(), 5);
    assert_eq!(found, logits(&bench, &out));
    let table = bench.run(&["inspect", "--weights", &out]).done();
    assert!(table.contains("layer1.conv1"), "{table}");
    // Behind a gate that is one number for a whole map, a unit sees the whole picture.
    let gated = bench.run(&["inspect", "--json", "--weights", &made("gated.onnx")]);
    let gated: serde_json::Value = serde_json::from_str(&gated.done()).expect("JSON");
    let fields = gated["layers"].as_array().expect("layers").iter();
    let sizes: Vec<_> = fields
        .map(|layer| &layer["receptive_field"]["size"])
        .collect();
    assert!(
        sizes
            .iter()
            .any(|size| **size == serde_json::json!([32, 32])),
        "{sizes:?}"
    );
    assert!(
        sizes.iter().all(|size| size[0].as_u64() < Some(1000)),
        "{sizes:?}"
    );
}

#[test]
fn what_cannot_be_read_is_named_with_its_file() {
    let bench = Bench::new("onnx-refused");
    let out = bench.path("out.safetensors");
    let layout = [
        "convert",
        &made("gated.onnx"),
        &out,
        "--layout",
        "torchvision-vgg16",
    ];
    bench.run(&layout).failed(
        2,
        &["expected a state dict, as --layout is given, found an ONNX file"],
    );
    let other = bench.path("other.onnx");
    for (bytes, found) in [
        (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], "a JPEG picture"),
        (b"\x9c\x1e\x55 noise", "bytes of another kind"),
    ] {
        fs::write(&other, bytes).expect("a file can be written");
        for command in [
            &["inspect", "--weights", &other][..],
            &["convert", &other, &out],
        ] {
            let words =
                format!("other.onnx: weights: file: expected a whole ONNX file, found {found}");
            bench.run(command).failed(2, &[&words]);
        }
    }
    let cut = bench.path("cut.onnx");
    let bytes = fs::read(made("gated.onnx")).expect("the file is there");
    fs::write(&cut, &bytes[..bytes.len() / 2]).expect("a file can be written");
    bench
        .run(&["inspect", "--weights", &cut])
        .failed(2, &["cut.onnx: weights: file: expected a whole ONNX file"]);
}
