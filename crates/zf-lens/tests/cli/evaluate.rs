//! Accuracy on a folder by class, and the measures on photographs.

use std::fs;

use serde_json::Value;

use crate::bench::{Bench, png};

/// Nine photographs of the three classes of the test's network, under val/.
fn labelled(name: &str) -> Bench {
    let bench = Bench::new(name);
    for class in ["dog", "Cat", "bird"] {
        for at in 0..3 {
            bench.photo(
                &format!("data/val/{class}/{at}.png"),
                40 + 9 * at,
                50 + class.len() as u32,
            );
        }
    }
    bench
}

#[test]
fn accuracy_agrees_with_classify_photograph_by_photograph() {
    let bench = labelled("evaluate");
    let json = bench.run(&["evaluate", ".", "data", "--json"]).done();
    let found: Value = serde_json::from_str(&json).expect("JSON");
    let data = &found["data"];
    assert_eq!(data["pictures"], 9);
    let json = bench
        .run(&["classify", "data/val", "--top", "1", "--json"])
        .done();
    let classified: Value = serde_json::from_str(&json).expect("JSON");
    let mut expected = [[0u64; 3]; 3];
    for photo in classified.as_array().expect("a list") {
        let path = photo["photo"].as_str().expect("a path").to_lowercase();
        let class = ["dog", "cat", "bird"]
            .iter()
            .position(|name| path.contains(name));
        let guess = photo["classes"][0]["index"].as_u64().expect("an index");
        expected[class.expect("a class")][guess as usize] += 1;
    }
    assert_eq!(data["confusion"], serde_json::json!(expected));
    let right: u64 = (0..3).map(|class| expected[class][class]).sum();
    assert_eq!(data["top_1"].as_f64(), Some(right as f64 / 9.0));
    assert_eq!(data["top_5"], 1.0, "five guesses of three classes");

    let json = bench
        .run(&["evaluate", ".", "data/val", "--crops", "ten", "--json"])
        .done();
    let ten: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(ten["data"]["pictures"], 9);
    assert_ne!(
        ten["data"]["loss"], data["loss"],
        "other crops, other probabilities"
    );
}

#[test]
fn the_confusion_matrix_is_drawn_and_tabled() {
    let bench = labelled("confusion");
    let text = bench
        .run(&[
            "evaluate",
            "all.safetensors",
            "data",
            "--per-class",
            "--confusion",
            "c.csv",
        ])
        .done();
    for word in [
        "9 photographs",
        "top-1",
        "top-5",
        "mistaken for",
        "bird",
        "c.csv",
    ] {
        assert!(text.contains(word), "{word:?} in {text}");
    }
    let table = fs::read_to_string(bench.path("c.csv")).expect("it was written");
    let lines: Vec<_> = table.lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, "true,dog,cat,bird"));
    for line in &lines[1..] {
        let counts = line.split(',').skip(1);
        assert_eq!(
            counts
                .map(|count| count.parse::<u32>().expect("a count"))
                .sum::<u32>(),
            3
        );
    }
    bench
        .run(&["evaluate", ".", "data", "--confusion", "c.png"])
        .done();
    let (width, height) = png(&bench.path("c.png"));
    assert!(width == height && width.is_multiple_of(3));
}

#[test]
fn photographs_are_measured_without_classes() {
    let bench = Bench::new("measures");
    bench.photo("holiday/a.png", 60, 40);
    bench.photo("holiday/b.png", 50, 80);
    let json = bench
        .run(&[
            "evaluate",
            "features.safetensors",
            "--pictures",
            "holiday",
            "--json",
        ])
        .done();
    let found: Value = serde_json::from_str(&json).expect("JSON");
    let pictures = &found["pictures"];
    assert_eq!(pictures["photographs"], 2);
    assert_eq!(pictures["filters"]["negligible"], serde_json::json!([3]));
    let share = pictures["filters"]["high_frequencies"]
        .as_f64()
        .expect("a share");
    assert!((0.0..=1.0).contains(&share));
    let silent = pictures["silent"][0]["silent"].as_array().expect("a list");
    assert!(
        pictures["silent"][0]["maps"] == 4 && silent.len() < 4,
        "{silent:?}"
    );
    for layer in pictures["projections"].as_array().expect("a list") {
        assert!(
            layer["units"]
                .as_u64()
                .is_some_and(|units| units > 0 && units <= 10)
        );
        assert!(
            layer["area"]
                .as_f64()
                .is_some_and(|area| area > 0.0 && area <= 0.9)
        );
    }
    let text = bench
        .run(&["evaluate", ".", "--pictures", "holiday/a.png"])
        .done();
    for word in [
        "1 photograph\n",
        "high frequencies",
        "correlation",
        "area",
        "silent maps",
    ] {
        assert!(text.contains(word), "{word:?} in {text}");
    }
}

#[test]
fn a_broken_file_is_named_and_left_out() {
    let bench = labelled("broken");
    fs::write(bench.path("data/val/dog/broken.png"), "no picture").expect("the folder is there");
    let run = bench.run(&["evaluate", ".", "data", "--json"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("broken.png"), "{}", run.stderr);
    let found: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(found["data"]["pictures"], 9);
    assert!(
        found["data"]["skipped"][0]["path"]
            .as_str()
            .is_some_and(|p| p.ends_with("broken.png"))
    );
}

#[test]
fn bad_input_is_one_line() {
    let bench = labelled("evaluate-usage");
    bench.photo("other/unicorn/a.png", 40, 40);
    let run = |arguments: &[&str], words: &[&str]| bench.run(arguments).failed(2, words);
    run(&["evaluate"], &["expected", "WEIGHTS"]);
    run(&["evaluate", "."], &["expected", "DATA"]);
    run(
        &["evaluate", ".", "nowhere"],
        &["nowhere", "expected", "found nothing"],
    );
    run(&["evaluate", ".", "other"], &["unicorn", "dog, cat, bird"]);
    run(
        &["evaluate", "features.safetensors", "data"],
        &["expected", "feature maps only"],
    );
    run(
        &["evaluate", ".", "data", "--crops", "two"],
        &["expected one of one, ten", "two"],
    );
    run(
        &["evaluate", ".", "data", "--confusion", "c.txt"],
        &["expected", ".csv", "c.txt"],
    );
    run(
        &["evaluate", ".", "data", "--weights", "."],
        &["either", "both"],
    );
    run(
        &["evaluate", ".", "data", "--crop", "0,0,8"],
        &["--crop", "expected"],
    );
    run(
        &["evaluate", ".", "--pictures", "nowhere.png"],
        &["nowhere.png", "expected"],
    );
}
