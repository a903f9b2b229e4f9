//! Many photographs, bad ones among them, and their classes.

use std::fs;

use serde_json::Value;

use crate::bench::{Bench, png};

#[test]
fn classify_ranks_all_classes_and_their_probabilities_sum_to_one() {
    let bench = Bench::new("classify");
    let photo = bench.photo("a.png", 72, 48);
    let one: Value = serde_json::from_str(
        &bench
            .run(&["classify", &photo, "--json", "--top", "9"])
            .done(),
    )
    .expect("JSON");
    let classes = one["classes"].as_array().expect("a list of classes");
    assert_eq!(classes.len(), 3);
    let probabilities: Vec<f64> = classes
        .iter()
        .map(|class| class["probability"].as_f64().expect("a number"))
        .collect();
    assert!(
        probabilities.is_sorted_by(|a, b| a >= b),
        "{probabilities:?}"
    );
    assert!(
        (probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-5,
        "{probabilities:?}"
    );
    assert_eq!(one["square"], serde_json::json!([12, 0, 48]));

    let spoken = bench.run(&["classify", &photo, "--top", "1"]).done();
    assert!(
        spoken.contains(classes[0]["en"].as_str().expect("a name")),
        "{spoken}"
    );
}

#[test]
fn classifying_together_equals_classifying_one_by_one() {
    let bench = Bench::new("together");
    let photos: Vec<String> = (0..11)
        .map(|at| bench.photo(&format!("set/{at:02}.png"), 40 + at, 33))
        .collect();
    let folder = bench.path("set");
    let all: Vec<Value> =
        serde_json::from_str(&bench.run(&["classify", &folder, "--json"]).done()).expect("JSON");
    assert_eq!(all.len(), photos.len());
    for (photo, together) in photos.iter().zip(&all) {
        let alone: Value =
            serde_json::from_str(&bench.run(&["classify", photo, "--json"]).done()).expect("JSON");
        assert_eq!(alone["photo"], together["photo"]);
        for (a, b) in alone["classes"]
            .as_array()
            .expect("classes")
            .iter()
            .zip(together["classes"].as_array().expect("classes"))
        {
            assert_eq!(a["index"], b["index"]);
            let [a, b] = [a, b].map(|class| class["score"].as_f64().expect("a score"));
            assert!(
                (a - b).abs() < 1e-4 * a.abs().max(1.0),
                "{a} alone, {b} together"
            );
        }
    }
}

#[test]
fn a_bad_file_is_named_and_the_others_are_done() {
    let bench = Bench::new("bad");
    bench.photo("set/a.png", 40, 40);
    bench.photo("set/deeper/b.png", 40, 40);
    fs::write(bench.path("set/broken.jpg"), "this is text").expect("the folder is there");
    fs::write(bench.path("set/notes.txt"), "not a picture, not looked at")
        .expect("the folder is there");
    let run = bench.run(&[
        "classify",
        "--json",
        &bench.path("set"),
        &bench.path("missing.png"),
    ]);
    let found: Vec<Value> = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(found.len(), 2, "{}", run.stdout);
    assert_eq!(run.code, 2);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", run.stderr);
    for name in ["broken.jpg", "missing.png"] {
        assert!(
            lines
                .iter()
                .any(|line| line.starts_with("zf-lens: ") && line.contains(name)),
            "{name} in {}",
            run.stderr
        );
    }
}

#[test]
fn a_picture_without_content_is_looked_at_and_said_to_be_one() {
    let bench = Bench::new("blank");
    bench.photo("set/a.png", 40, 40);
    image::RgbImage::new(50, 40)
        .save(bench.path("set/black.png"))
        .expect("the folder is there");
    let run = bench.run(&["classify", "--json", &bench.path("set")]);
    let found: Vec<Value> = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!((run.code, found.len()), (0, 2), "{}", run.stderr);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 1, "{}", run.stderr);
    assert!(lines[0].contains("black.png") && lines[0].contains("one colour everywhere"));
}

#[test]
fn an_empty_file_and_an_empty_folder_are_bad_input() {
    let bench = Bench::new("empty");
    fs::write(bench.path("empty.jpg"), "").expect("the folder is there");
    fs::create_dir(bench.path("nothing")).expect("the folder is new");
    for bad in ["empty.jpg", "nothing"] {
        bench
            .run(&["classify", &bench.path(bad)])
            .failed(2, &[bad, "expected", "found"]);
    }
}

#[test]
fn outputs_of_many_photographs_keep_their_folders() {
    let bench = Bench::new("outputs");
    bench.photo("set/a.png", 40, 40);
    bench.photo("set/deeper/a.png", 40, 40);
    let out = bench.path("out");
    let run = bench.run(&[
        "project",
        &bench.path("set"),
        "--layer",
        "conv1",
        "--map",
        "2",
        "-o",
        &out,
    ]);
    assert_eq!(run.done().lines().count(), 2);
    for name in ["out/a.conv1.2.png", "out/deeper/a.conv1.2.png"] {
        png(&bench.path(name));
    }
    let photo = bench.path("set/a.png");
    assert_eq!(
        bench
            .run(&["project", &photo, "--layer", "conv1", "--map", "2"])
            .done()
            .trim(),
        "a.conv1.2.png"
    );
    png(&bench.path("a.conv1.2.png"));
}
