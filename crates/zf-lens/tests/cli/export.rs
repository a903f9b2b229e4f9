//! Shards, manifest and card from a network, and what they lose.

use std::fs;

use serde_json::Value;

use crate::bench::{Bench, about, parsed};

#[test]
fn an_export_is_a_network_that_answers_as_before() {
    let bench = Bench::new("export");
    let photo = bench.photo("a.png", 60, 40);
    bench
        .run(&["export", ".", "out", "--precision", "f32"])
        .done();
    let classify = |weights: &str| {
        bench
            .run(&["classify", &photo, "--weights", weights, "--top", "3"])
            .done()
    };
    assert_eq!(classify("out"), classify("."));
    let mut names: Vec<_> = fs::read_dir(bench.path("out"))
        .expect("it was written")
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    let expected = [
        "MODEL_CARD.md",
        "manifest.json",
        "tiny.classifier.f32.safetensors",
        "tiny.features.f32.safetensors",
    ];
    assert_eq!(names, expected);
    let card = fs::read_to_string(bench.path("out/MODEL_CARD.md")).expect("it was written");
    assert!(
        card.contains("# tiny") && card.contains("dog 狗, cat 猫, bird 鸟"),
        "{card}"
    );
}

#[test]
fn what_bytes_lose_is_measured_and_written_down() {
    let bench = Bench::new("export-i8");
    for class in ["dog", "cat", "bird"] {
        for at in 0..4 {
            bench.photo(
                &format!("data/{class}/{at}.png"),
                33 + 7 * at,
                40 + class.len() as u32,
            );
        }
    }
    let json = bench
        .run(&[
            "export",
            ".",
            "out",
            "--precision",
            "i8",
            "--data",
            "data",
            "--photos",
            "data/dog",
            "--json",
        ])
        .done();
    let found: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(found["accuracy"]["pictures"], 12);
    let [given, stored] =
        ["given", "stored"].map(|which| found["accuracy"][which]["loss"].as_f64().expect("a loss"));
    assert!(
        given != stored && (given - stored).abs() < 0.2,
        "{given} and {stored}"
    );
    let projections = &found["projections"];
    assert_eq!(
        (&projections["photographs"], &projections["layer"]),
        (&4.into(), &"conv3".into())
    );
    let [psnr, worst] =
        ["psnr", "worst"].map(|which| projections[which].as_f64().expect("decibels"));
    assert!(psnr > 20.0 && worst <= psnr, "{psnr} dB, worst {worst} dB");

    // What the export says of itself is what an evaluation of it finds.
    let json = bench.run(&["evaluate", "out", "data", "--json"]).done();
    let again: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(again["data"]["loss"], stored);
    let json = bench.run(&["inspect", "--weights", "out", "--json"]).done();
    let inspected: Value = serde_json::from_str(&json).expect("JSON");
    let validation = &inspected["provenance"]["accuracy"]["validation"];
    assert_eq!(
        (&validation["pictures"], &validation["precision"]),
        (&12.into(), &"i8".into())
    );
    let card = fs::read_to_string(bench.path("out/MODEL_CARD.md")).expect("it was written");
    for words in ["`zf-lens evaluate out data`", "| top-1 |", "dB"] {
        assert!(card.contains(words), "{words:?} in {card}");
    }
    let size = |name: &str| fs::metadata(bench.path(name)).expect("it is there").len();
    assert!(size("out/tiny.classifier.i8.safetensors") < size("classifier.safetensors"));
}

#[test]
fn what_it_knows_is_learnt_kept_and_said() {
    let bench = Bench::new("export-known");
    for split in ["train", "val"] {
        for class in ["dog", "cat", "bird"] {
            for at in 0..3 {
                let size = 33 + 7 * at + split.len() as u32;
                bench.photo(&format!("data/{split}/{class}/{at}.png"), size, 40);
            }
        }
    }
    bench.run(&["export", ".", "out", "--known", "data"]).done();
    let known = |weights: &str, photo: &str| {
        let json = bench.run(&["classify", photo, "--weights", weights, "--json"]);
        parsed(&json.done())["fit"].clone()
    };
    let photo = bench.path("data/val/cat/0.png");
    let fit = known("out", &photo);
    let share = fit["share"].as_f64().expect("a share");
    assert!(
        (0.0..=1.0).contains(&share) && fit["strange"].is_boolean(),
        "{fit}"
    );
    assert_eq!(known(".", &photo), Value::Null, "it was never learnt");
    // Nine known pictures: one fits least of all, and that is said.
    let spoken = bench
        .run(&["classify", "data/val", "--weights", "out"])
        .done();
    assert!(
        spoken.contains("Nothing it knows fits well: 100 %"),
        "{spoken}"
    );
    // What is written again is still known; the features alone know nothing of it.
    bench.run(&["export", "out", "again"]).done();
    assert_eq!(known("again", &photo), fit);
    let features = fs::read(bench.path("again/tiny.features.f16.safetensors")).expect("features");
    assert!(about(&features)["familiarity"].is_null());

    fs::remove_dir_all(bench.path("data/train/bird")).expect("removed");
    bench
        .run(&["export", ".", "other", "--known", "data"])
        .failed(2, &["training pictures of class 2", "at least 1"]);
    assert!(fs::metadata(bench.path("other")).is_err());
}

#[test]
fn what_is_there_stays_unless_it_may_be_replaced() {
    let bench = Bench::new("export-force");
    bench.run(&["export", ".", "out"]).done();
    let manifest = || fs::read(bench.path("out/manifest.json")).expect("it was written");
    let first = manifest();
    bench
        .run(&["export", ".", "out", "--precision", "i8"])
        .failed(2, &["out", "expected", "--force"]);
    assert_eq!(manifest(), first);
    bench
        .run(&["export", ".", "out", "--precision", "i8", "--force"])
        .done();
    assert_ne!(manifest(), first);
    let text = bench.run(&["export", ".", "loud", "--photos", "nowhere.png"]);
    assert_eq!(
        text.code, 2,
        "the photograph is named, the rest is there: {}",
        text.stderr
    );
    assert!(text.stderr.contains("nowhere.png") && text.stdout.contains("loud"));
}

#[test]
fn bad_input_is_one_line() {
    let bench = Bench::new("export-usage");
    bench.photo("data/unicorn/a.png", 40, 40);
    fs::write(bench.path("file"), "in the way").expect("the folder is there");
    let run = |arguments: &[&str], words: &[&str]| bench.run(arguments).failed(2, words);
    run(&["export", "."], &["expected", "OUT"]);
    run(&["export", "nowhere", "out"], &["nowhere", "expected"]);
    run(
        &["export", ".", "file"],
        &["file", "expected", "found a file"],
    );
    run(
        &["export", ".", "out", "--precision", "f8"],
        &["expected one of f16, i8, f32"],
    );
    run(
        &["export", ".", "out", "--data", "data"],
        &["unicorn", "dog, cat, bird"],
    );
    run(
        &["export", "features.safetensors", "out"],
        &["fc4", "expected", "features"],
    );
}
