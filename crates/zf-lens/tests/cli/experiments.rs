//! Occlusion, invariance and correspondence: tables and dumps that agree with one another and with the other commands.

use std::fs;

use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::bench::{Bench, integers, numbers, png};

fn about(bytes: &[u8]) -> Value {
    let (_, metadata) = SafeTensors::read_metadata(bytes).expect("safetensors");
    let text = &metadata.metadata().as_ref().expect("metadata")["zf-lens"];
    serde_json::from_str(text).expect("JSON")
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn an_occlusion_is_drawn_dumped_and_the_same_when_computed_whole() {
    let bench = Bench::new("occlusion");
    let photo = bench.photo("a.png", 50, 40);
    let [dump, table, picture] = ["d.safetensors", "t.csv", "p.png"].map(|name| bench.path(name));
    let arguments = [
        "occlusion",
        &photo,
        "--size",
        "8",
        "--stride",
        "6",
        "--class",
        "cat",
        "--json",
        "-o",
        &picture,
        "--dump",
        &dump,
        "--csv",
        &table,
    ];
    let value = parsed(&bench.run(&arguments).done());
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(numbers(&tensors, "input").0, [1, 3, 32, 32]);
    let (shape, corners) = integers(&tensors, "positions");
    assert_eq!(shape, [25, 2]);
    assert_eq!(corners[..6], [0, 0, 0, 6, 0, 12]);
    assert_eq!(corners[48..], [24, 24]);
    let (shape, activity) = numbers(&tensors, "activity");
    let (_, probability) = numbers(&tensors, "probability");
    let (label_shape, labels) = integers(&tensors, "label");
    assert_eq!((shape, label_shape), (vec![5, 5], vec![5, 5]));
    assert!(activity.iter().any(|value| *value != activity[0]));
    assert!(probability.iter().all(|value| (0.0..=1.0).contains(value)));
    assert!(labels.iter().all(|label| (0..3).contains(label)));
    let about = about(&bytes);
    assert_eq!(
        (&about["class"], &about["layer"], &about["size"]),
        (&json!(1), &json!("conv3"), &json!(8))
    );
    assert_eq!(value["uncovered"], about["uncovered"]);
    assert_eq!(value["label"][4], json!(labels[20..]));
    let counted: u64 = value["legend"]
        .as_array()
        .expect("a legend")
        .iter()
        .map(|entry| entry["positions"].as_u64().expect("a count"))
        .sum();
    assert_eq!(counted, 25);
    let lines = fs::read_to_string(&table).expect("the table was written");
    assert_eq!(
        lines.lines().next(),
        Some("top,left,activity,probability,label")
    );
    assert_eq!(
        lines.lines().nth(25),
        Some(format!("24,24,{},{},{}", activity[24], probability[24], labels[24]).as_str())
    );
    let (width, height) = png(&picture);
    assert!(
        width > 5 * height - 5 * 32 && height >= 32,
        "five panels side by side: {width}×{height}"
    );

    bench
        .run(&[&arguments[..], &["--whole", "--batch", "7"]].concat())
        .done();
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let most = activity
        .iter()
        .fold(1e-3f32, |most, value| most.max(*value));
    for (name, expected, largest) in [
        ("activity", activity, most),
        ("probability", probability, 1.0),
    ] {
        for (at, (expected, found)) in expected.iter().zip(numbers(&tensors, name).1).enumerate() {
            assert!(
                (expected - found).abs() < 1e-4 * largest,
                "{name} {at}: {expected}, {found}"
            );
        }
    }

    // What the square hides is what classify sees without it.
    let classes = parsed(&bench.run(&["classify", &photo, "--json"]).done());
    let cat = classes["classes"]
        .as_array()
        .expect("classes")
        .iter()
        .find(|class| class["en"] == "cat")
        .expect("a cat");
    let [expected, found] = [
        &cat["probability"],
        &value["uncovered"]["class"]["probability"],
    ]
    .map(|share| share.as_f64().expect("a number"));
    assert!((expected - found).abs() < 1e-5, "{expected}, {found}");
}

#[test]
fn an_occlusion_that_cannot_be_says_why_and_works_without_a_classifier() {
    let bench = Bench::new("occlusion-bad");
    let photo = bench.photo("a.png", 40, 40);
    bench
        .run(&["occlusion", &photo])
        .failed(2, &["size of the square", "expected 1 to 32", "found 48"]);
    bench
        .run(&["occlusion", &photo, "--size", "0"])
        .failed(2, &["--size", "expected"]);
    bench
        .run(&["occlusion", &photo, "--fill", "300,0,0"])
        .failed(2, &["--fill", "grey, mean", "300,0,0"]);
    bench
        .run(&["occlusion", &photo, "--size", "8", "--map", "5"])
        .failed(2, &["map of conv3", "0 to 4", "5"]);
    let features = bench.path("features.safetensors");
    let run = [
        "occlusion",
        &photo,
        "--size",
        "16",
        "--stride",
        "16",
        "--fill",
        "mean",
        "--weights",
        &features,
        "--json",
    ];
    let value = parsed(&bench.run(&run).done());
    assert_eq!(
        (&value["grid"], &value["watched"]),
        (&json!([2, 2]), &Value::Null)
    );
    assert!(value.get("probability").is_none());
    bench
        .run(&[&run[..], &["--class", "cat"]].concat())
        .failed(2, &["fc4", "features"]);
}

#[test]
fn invariance_writes_curves_of_all_transformations() {
    let bench = Bench::new("invariance");
    let photos = [
        bench.photo("in/a.png", 40, 40),
        bench.photo("in/b.png", 60, 44),
    ];
    let folder = bench.path("in");
    let dumps = bench.path("dumps");
    let value = parsed(
        &bench
            .run(&[
                "invariance",
                &folder,
                "--json",
                "--dump",
                &dumps,
                "-o",
                "curves",
            ])
            .done(),
    );
    let list = value.as_array().expect("a list");
    assert_eq!(list.len(), 2);
    let bytes = fs::read(bench.path("dumps/b.safetensors")).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let (_, input) = numbers(&tensors, "input");
    let (shape, images) = numbers(&tensors, "images");
    assert_eq!(shape, [25 + 17 + 36, 3, 32, 32]);
    let (_, parameters) = numbers(&tensors, "parameter");
    let (_, kinds) = integers(&tensors, "transformation");
    let (_, distances) = numbers(&tensors, "distance.conv1");
    let (_, norm) = numbers(&tensors, "norm.conv1");
    numbers(&tensors, "distance.fc4");
    for (at, image) in images.chunks(input.len()).enumerate() {
        let identity = if kinds[at] == 1 { 1.0 } else { 0.0 };
        let is_still = parameters[at] == identity;
        assert_eq!(image == input, is_still, "{at}");
        assert_eq!(
            distances[at] < 1e-5 * norm[0],
            is_still,
            "{at}: {}",
            distances[at]
        );
    }
    let table = fs::read_to_string(bench.path("curves/b.invariance.csv")).expect("a table");
    assert_eq!(table.lines().count(), 1 + 78);
    assert_eq!(
        table.lines().next(),
        Some(
            "photo,transformation,parameter,distance.conv1,relative.conv1,distance.fc4,relative.fc4,probability"
        )
    );
    let first = format!("{},translation,-60,{},", photos[1], distances[0]);
    assert!(
        table
            .lines()
            .nth(1)
            .is_some_and(|line| line.starts_with(&first)),
        "{table}"
    );

    let few = [
        "invariance",
        &photos[0],
        "--transform",
        "translation",
        "--parameters",
        "-4,0",
        "--layers",
        "conv2",
        "--json",
    ];
    let value = parsed(&bench.run(&few).done());
    let curve = &value["transformations"][0];
    assert_eq!(
        (&curve["parameters"], &curve["layers"][0]["layer"]),
        (&json!([-4.0, 0.0]), &json!("conv2"))
    );
    bench
        .run(&["invariance", &photos[0], "--parameters", "1"])
        .failed(2, &["--transform"]);
    bench
        .run(&[
            "invariance",
            &photos[0],
            "--transform",
            "scale",
            "--parameters",
            "0",
        ])
        .failed(2, &["parameter of a scale", "above 0", "found 0"]);
    bench
        .run(&["invariance", &photos[0], "--layers", "conv9"])
        .failed(2, &["conv9", "expected one of"]);
}

#[test]
fn correspondence_compares_the_same_part_and_leaves_out_who_lacks_it() {
    let bench = Bench::new("correspondence");
    // Two equal photographs and a third that is different.
    let (a, b, c) = (
        bench.photo("a.png", 64, 64),
        bench.path("b.png"),
        bench.photo("c.png", 96, 64),
    );
    fs::copy(&a, &b).expect("a copy");
    let entry = |file: &str, part: &str, sides: [f64; 4]| json!({ "file": file, "part": part, "box": sides });
    let nose = [20.0, 24.0, 36.0, 40.0];
    let mut list = Vec::new();
    for file in ["a.png", "b.png", "c.png"] {
        list.push(entry(file, "nose", nose));
        list.push(entry(file, "left eye", [10.0, 4.0, 26.0, 20.0]));
    }
    let boxes = bench.path("boxes.json");
    let write = |list: &[Value]| {
        fs::write(&boxes, serde_json::to_vec(list).expect("JSON")).expect("a file");
    };
    write(&list);
    let (dump, table) = (bench.path("d.safetensors"), bench.path("t.csv"));
    let compare = |photos: &[&str], more: &[&str]| {
        let arguments = [
            &["correspondence"],
            photos,
            &["--boxes", &boxes, "--random", "3"],
            more,
        ]
        .concat();
        bench.run(&arguments)
    };
    let equal = parsed(&compare(&[&a, &b], &["--json"]).done());
    for layer in equal["layers"].as_array().expect("layers") {
        for part in layer["parts"].as_array().expect("parts") {
            assert_eq!(part["delta"]["mean"], json!(0.0), "{layer}");
        }
    }
    let value =
        parsed(&compare(&[&a, &b, &c], &["--json", "--dump", &dump, "--csv", &table]).done());
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(numbers(&tensors, "input").0, [3, 3, 32, 32]);
    let (shape, signs) = integers(&tensors, "sign.fc4.nose");
    assert_eq!(shape, [3, 12]);
    assert!(signs.iter().all(|sign| (-1..=1).contains(sign)));
    let differ = |i: usize, j: usize| {
        (0..12)
            .filter(|unit| signs[i * 12 + unit] != signs[j * 12 + unit])
            .count() as f32
            / 12.0
    };
    let expected = (differ(0, 1) + differ(0, 2) + differ(1, 2)) / 3.0;
    let (shape, delta) = numbers(&tensors, "delta.fc4");
    assert_eq!(shape, [2]);
    assert!(
        (delta[0] - expected).abs() < 1e-6 && expected > 0.0,
        "{delta:?}, {expected}"
    );
    assert_eq!(
        value["layers"][1]["parts"][0]["delta"]["mean"]
            .as_f64()
            .map(|mean| mean as f32),
        Some(delta[0])
    );
    let lines = fs::read_to_string(&table).expect("a table");
    assert_eq!(lines.lines().count(), 1 + 2 * 2);
    assert!(
        lines
            .lines()
            .nth(3)
            .is_some_and(|line| line.starts_with(&format!("fc4,nose,{},", delta[0]))),
        "{lines}"
    );
    let spoken = compare(&[&a, &c], &["--part", "left eye"]).done();
    assert!(
        spoken.contains("left eye") && !spoken.contains("nose"),
        "{spoken}"
    );

    // c has no nose any more.
    list.remove(4);
    write(&list);
    let run = compare(&[&a, &b, &c], &["--json"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("c.png") && run.stderr.contains("one box of nose"),
        "{}",
        run.stderr
    );
    assert_eq!(
        parsed(&run.stdout)["photos"].as_array().map(Vec::len),
        Some(2)
    );
    compare(&[&a, &b], &["--part", "tail"]).failed(2, &["--part", "nose, left eye", "tail"]);
    fs::write(&boxes, "file,xmin\n").expect("a file");
    compare(&[&a, &b], &[]).failed(2, &["boxes.json", "ymax"]);
}
