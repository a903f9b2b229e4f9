//! Occlusion and invariance: tables, dumps and figures that agree with one another and with the other commands.

use std::fs;

use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::bench::{Bench, about, captioned, integers, numbers, painted, parsed};

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
        Some("top,left,activity,probability,label,label_name")
    );
    let last = format!("24,24,{},{},{},", activity[24], probability[24], labels[24]);
    let found = lines.lines().nth(25).expect("a row for each position");
    assert!(found.starts_with(&last), "{found}");
    draws_five_panels(&picture, &value);

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

    starts_from_what_classify_sees(&bench, &photo, &value["uncovered"]["class"]);
}

fn starts_from_what_classify_sees(bench: &Bench, photo: &str, uncovered: &Value) {
    let classes = parsed(&bench.run(&["classify", photo, "--json"]).done());
    let cat = classes["classes"]
        .as_array()
        .expect("classes")
        .iter()
        .find(|class| class["en"] == "cat")
        .expect("a cat");
    let [expected, found] = [&cat["probability"], &uncovered["probability"]]
        .map(|share| share.as_f64().expect("a number"));
    assert!((expected - found).abs() < 1e-5, "{expected}, {found}");
}

/// The legend's first colour and words stand below the fifth panel, a colour bar below the second and the fourth.
fn draws_five_panels(picture: &str, value: &Value) {
    let figure = captioned(picture);
    let (width, height) = figure.dimensions();
    assert_eq!(width, 2 * 16 + 5 * 224 + 4 * 16, "five panels side by side");
    let left = |panel: u32| 16 + panel * (224 + 16);
    let under = height - 110..height - 36;
    let colour = value["legend"][0]["colour"].as_str().expect("a colour");
    let channel = |at: usize| u8::from_str_radix(&colour[at..at + 2], 16).expect("two digits");
    let colour = [1, 3, 5].map(channel);
    let patch = left(4)..left(4) + 14;
    assert!(painted(&figure, patch, under.clone(), |pixel| pixel == colour) >= 100);
    let words = |panel: u32| {
        let cols = left(panel) + 20..left(panel) + 224;
        painted(&figure, cols, under.clone(), |pixel| {
            pixel.iter().all(|c| *c < 140)
        })
    };
    for panel in 1..5 {
        assert!(words(panel) > 50, "numbers below panel {panel}");
    }
    for panel in [1, 3] {
        let end = left(panel) + 220..left(panel) + 224;
        let yellow = |[red, green, blue]: [u8; 3]| red > 240 && green > 220 && blue < 60;
        assert!(
            painted(&figure, end, under.clone(), yellow) >= 12,
            "a bar below panel {panel}"
        );
    }
}

#[test]
fn an_occlusion_that_cannot_be_says_why_and_works_without_a_classifier() {
    let bench = Bench::new("occlusion-bad");
    let photo = bench.photo("a.png", 40, 40);
    bench
        .run(&["occlusion", &photo, "--size", "48"])
        .failed(2, &["size of the square", "expected 1 to 32", "found 48"]);
    // Unless told otherwise, the square fits: an eighth of 48 pixels, as the input is nearest to an eighth of 224.
    let json = bench.run(&["occlusion", &photo, "--json", "-o", "p.png"]);
    let json: Value = serde_json::from_str(&json.done()).expect("JSON");
    assert_eq!((&json["size"], &json["stride"]), (&6.into(), &1.into()));
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
                "--csv",
                "tables",
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
    let table = fs::read_to_string(bench.path("tables/b.csv")).expect("a table");
    assert_eq!(table.lines().count(), 1 + 78);
    assert_eq!(
        table.lines().next(),
        Some(
            "photo,transformation,parameter,distance.conv1,relative.conv1,distance.fc4,relative.fc4,probability,class,class_name"
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

    draws_a_row_for_each_transformation(&bench.path("curves/b.invariance.png"));

    asks_for_what_is_named_alone(&bench, &photos[0]);
}

fn asks_for_what_is_named_alone(bench: &Bench, photo: &str) {
    let few = [
        "invariance",
        photo,
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
        .run(&["invariance", photo, "--parameters", "1"])
        .failed(2, &["--transform"]);
    bench
        .run(&[
            "invariance",
            photo,
            "--transform",
            "scale",
            "--parameters",
            "0",
        ])
        .failed(2, &["parameter of a scale", "above 0", "found 0"]);
    bench
        .run(&["invariance", photo, "--layers", "conv9"])
        .failed(2, &["conv9", "expected one of"]);
}

/// A row of curves for each transformation: a chart for each of two layers, and one for the probability.
fn draws_a_row_for_each_transformation(picture: &str) {
    let figure = captioned(picture);
    let (width, height) = figure.dimensions();
    assert_eq!(width, 2 * 16 + 348 + 3 * (16 + 60 + 300) + 16);
    let colour = [0, 114, 178];
    for cols in [440..740, 816..1116, 1192..1492] {
        for row in 0..3 {
            // The legend is above the first chart.
            let rows = height - 825 + row * 250..height - 625 + row * 250;
            let ink = painted(&figure, cols.clone(), rows, |pixel| pixel == colour);
            assert!(ink > 150, "curve in {cols:?} in row {row}: {ink}");
        }
    }
}
