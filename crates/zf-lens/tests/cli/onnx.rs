//! Files of other programs, wherever weights are: asked as they are, and turned into ours.

use std::fs;
use std::path::Path;

use safetensors::SafeTensors;

use crate::bench::{Bench, numbers, parsed};

/// A file of another program.
pub(crate) fn made(name: &str) -> String {
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
fn the_graph_is_drawn_beside_the_table_and_for_graphviz() {
    let bench = Bench::new("graph");
    let file = made("residual.onnx");
    let inspect = |more: &[&str]| {
        let arguments = [&["inspect", "--weights", &file][..], more].concat();
        bench.run(&arguments).done()
    };
    let table = inspect(&[]);
    let row = |name: &str| {
        let found = table.lines().find(|line| line.contains(name));
        found.unwrap_or_else(|| panic!("{name} in {table}"))
    };
    assert!(row("○").starts_with("○    input "), "{table}");
    assert!(row("layer1.conv1").starts_with("├─●  "), "{table}");
    assert!(row("layer1.conv2").starts_with("│ ●  "), "{table}");
    let sum = table.lines().find(|line| line.contains(" add "));
    assert!(sum.is_some_and(|sum| sum.starts_with("●─╯  ")), "{table}");

    let described: serde_json::Value = serde_json::from_str(&inspect(&["--json"])).expect("JSON");
    let edges = described["edges"].as_array().expect("edges");
    let layers = described["layers"].as_array().expect("layers");
    assert_eq!(edges.len(), layers.len() + 1, "the sum reads two");
    let dot = inspect(&["--dot"]);
    assert_eq!(dot.matches(" -> ").count(), edges.len(), "{dot}");
    for edge in edges {
        assert!(
            dot.contains(&format!("{} -> {};", edge[0], edge[1])),
            "{dot}"
        );
    }
    let chain = bench.run(&["inspect", "--arch", "zfnet"]).done();
    assert!(
        !chain.contains('●'),
        "a chain is drawn by its table: {chain}"
    );
    let both = ["inspect", "--dot", "--json"];
    bench.run(&both).failed(2, &["--dot", "--json"]);
}

#[test]
fn a_network_that_averages_its_maps_takes_another_size() {
    let bench = Bench::new("onnx-size");
    let out = bench.path("gated.safetensors");
    let convert = |name: &str| {
        let arguments = ["convert", &made(name), &out, "--size", "48", "--force"];
        bench.run(&arguments)
    };
    convert("gated.onnx").done();
    let table = bench.run(&["inspect", "--weights", &out]).done();
    assert!(table.starts_with("gated, input 3×48×48\n"), "{table}");
    convert("residual.onnx").failed(2, &["residual.onnx", "expected", "found"]);
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

#[test]
fn how_pictures_enter_is_asked_where_nobody_says_and_written_down_when_chosen() {
    let bench = Bench::new("entering");
    let photos = [bench.photo("a.png", 50, 40), bench.photo("b.png", 40, 60)];
    let classes = bench.path("config.json");
    let labels = r#"{"id2label": {"0": "ant", "1": "bee", "2": "cat", "3": "dog", "4": "eel"}}"#;
    fs::write(&classes, labels).expect("a file can be written");
    let (file, out) = (made("residual.onnx"), bench.path("a.safetensors"));
    let convert = ["convert", &file, &out, "--classes", &classes, "--force"];
    let said = bench.run(&convert).done();
    assert!(said.contains("--input chooses one"), "{said}");

    let trying = [&convert[..], &["--try", &photos[0], &photos[1]]].concat();
    let table = bench.run(&trying).done();
    let rows: Vec<&str> = table.lines().collect();
    for way in ["torchvision", "caffe", "zero-to-one", "minus-one-to-one"] {
        let row = rows.iter().find(|row| row.starts_with(way)).expect(way);
        assert_eq!(row.matches(" %").count(), 3, "{row}");
    }
    let json = parsed(&bench.run(&[&trying[..], &["--json"]].concat()).done());
    assert_eq!(json["preprocessing"], "guessed");
    let tried = json["tried"].as_array().expect("four ways");
    assert_eq!(tried.len(), 4);

    // What was tried is what a network that is so fed says, and the file keeps the choice.
    for one in tried {
        let way = one["preprocessing"].as_str().expect("a name");
        let chosen = [&convert[..], &["--input", way, "--json"]].concat();
        assert_eq!(parsed(&bench.run(&chosen).done())["preprocessing"], way);
        for (photo, said) in photos
            .iter()
            .zip(one["said"].as_array().expect("photographs"))
        {
            let asked = ["classify", photo, "--weights", &out, "--json"];
            let seen = parsed(&bench.run(&asked).done());
            let first = &seen["classes"][0];
            assert_eq!(first["en"], said["class"]["en"], "{way}");
            let [found, expected] = [first, said].map(|one| one["probability"].as_f64());
            let (found, expected) = (found.expect("a share"), expected.expect("a share"));
            assert!(
                (found - expected).abs() < 1e-5,
                "{way}: {found}, {expected}"
            );
        }
        let quiet = bench
            .run(&[&convert[..], &["--input", way]].concat())
            .done();
        assert!(!quiet.contains("--input"), "{quiet}");
    }
    bench
        .run(&[&convert[..], &["--input", "bgr"]].concat())
        .failed(2, &["--input", "torchvision", "bgr"]);
}
