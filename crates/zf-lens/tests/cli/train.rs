//! Training from the command line: what it leaves, what it says, and what a kill cannot take.

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use safetensors::SafeTensors;
use serde_json::Value;
use zfnet::network::architecture::Architecture;

use crate::bench::{self, Bench, numbers, png};
use crate::onnx::made;

/// Pictures of three classes, and a table of layers for them.
fn pictures(name: &str) -> Bench {
    let bench = Bench::new(name);
    for (class, width) in [("cat", 44), ("dog", 60), ("t_shirt", 80)] {
        for at in 0..8 {
            let split = if at < 6 { "train" } else { "val" };
            bench.photo(
                &format!("data/{split}/{class}/{at}.png"),
                width + at,
                40 + 2 * at,
            );
        }
    }
    let table = serde_json::to_vec(&Architecture::tiny([4, 6, 6], 8, 3)).expect("a table is JSON");
    fs::write(bench.path("table.json"), table).expect("the folder takes a file");
    bench
}

/// A small training of that table.
fn arguments<'a>(out: &'a str, epochs: &'a str) -> Vec<&'a str> {
    let sizes = r#"sizes=[{"until":0.5,"size":32},{"until":1.0,"size":36}]"#;
    let start =
        r#"initialisation={"k_means":{"patches":400,"first":10,"deviation":10,"shift":-0.3}}"#;
    vec![
        "train",
        "data",
        "--out",
        out,
        "--arch",
        "table.json",
        "--epochs",
        epochs,
        "--batch",
        "4",
        "--set",
        sizes,
        "--set",
        start,
        "--set",
        "short_side=40",
        "--set",
        "hold_first=1",
    ]
}

fn metrics(bench: &Bench, out: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(bench.path(&format!("{out}/metrics.csv"))).unwrap_or_default();
    let rows = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned).collect());
    rows.collect()
}

/// The weights, without what the file says of the time it took.
fn weights(bench: &Bench, out: &str) -> Vec<Vec<f32>> {
    let bytes = fs::read(bench.path(&format!("{out}/weights.safetensors"))).expect("weights");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let mut names = tensors.names();
    names.sort();
    names
        .into_iter()
        .map(|name| numbers(&tensors, name).1)
        .collect()
}

#[test]
fn a_folder_of_pictures_becomes_a_network_to_look_into() {
    let bench = pictures("train");
    fs::write(bench.path("data/train/dog/broken.jpg"), b"no picture")
        .expect("the folder takes a file");
    let about = r#"{"name":"three","classes":{"cat":{"en":"cat","zh":"猫"},"dog":{"en":"dog"},"t_shirt":{"en":"T-shirt"}},
        "provenance":{"licence":"none"}}"#;
    fs::write(bench.path("about.json"), about).expect("the folder takes a file");
    let mut all = arguments("out", "3");
    all.extend(["--about", "about.json", "--seed", "5", "--rate", "0.004"]);
    let run = bench.run(&all);
    assert_eq!(
        run.code, 2,
        "one file was left out: {}{}",
        run.stdout, run.stderr
    );
    let named: Vec<&str> = run
        .stderr
        .lines()
        .filter(|line| line.contains("broken.jpg"))
        .collect();
    assert_eq!(named.len(), 1, "{}", run.stderr);
    assert!(
        run.stderr.lines().any(|line| line.starts_with("epoch 3.0")),
        "{}",
        run.stderr
    );
    assert!(
        run.stdout.contains("top-1") && run.stdout.contains("out/report.html"),
        "{}",
        run.stdout
    );

    let rows = metrics(&bench, "out");
    assert!(rows.len() >= 3);
    let report = fs::read_to_string(bench.path("out/report.html")).expect("a report");
    assert!(report.contains("three") && report.contains("broken.jpg"));
    let out = bench.path("out/weights.safetensors");
    let json = bench.run(&["inspect", "--weights", &out, "--json"]).done();
    let found: Value = serde_json::from_str(&json).expect("JSON");
    assert!(found.to_string().contains("\"three\""), "{found}");
    let bytes = fs::read(&out).expect("weights");
    let about = bench::about(&bytes);
    assert_eq!(about["classes"][0]["zh"], "猫");
    assert_eq!(about["provenance"]["licence"], "none");
    let recipe = &about["provenance"]["recipe"];
    assert_eq!(
        (&recipe["seed"], &recipe["batch"]),
        (&Value::from(5), &Value::from(4))
    );
    assert_eq!(recipe["schedule"]["cosine"]["rate"], 0.004);

    let photo = bench.photo("cat.png", 90, 70);
    bench
        .run(&["project", &photo, "--weights", &out, "-o", "cat.out.png"])
        .done();
    png(&bench.path("cat.out.png"));
    bench
        .run(&["evolution", &photo, "--weights", &out, "-o", "growth.png"])
        .done();
    png(&bench.path("growth.png"));
    bench
        .run(&["export", &out, "shipped", "--precision", "i8"])
        .done();
    bench
        .run(&[
            "evolution",
            &photo,
            "--weights",
            "shipped",
            "-o",
            "shipped.png",
        ])
        .done();

    other_classes_leave_the_features_as_they_are(&bench, &out);

    // A folder with a training in it is not trained over by accident.
    bench
        .run(&arguments("out", "3"))
        .failed(2, &["out", "expected", "--resume", "found a training"]);
}

fn other_classes_leave_the_features_as_they_are(bench: &Bench, out: &str) {
    for (class, width) in [("wide", 90), ("narrow", 50)] {
        for at in 0..6 {
            let split = if at < 4 { "train" } else { "val" };
            bench.photo(&format!("other/{split}/{class}/{at}.png"), width + at, 60);
        }
    }
    let frozen = [
        "train", "other", "--freeze", "--from", out, "--out", "frozen", "--epochs", "2", "--batch",
        "4", "--rate", "0.02",
    ];
    assert_eq!(bench.run(&frozen).code, 0);
    let [before, after] = ["out", "frozen"].map(|out| weights(bench, out));
    // In the order of their names: weight and bias of three convolutions, then those of the dense layers.
    assert_eq!(after[..6], before[..6]);
    assert_ne!(after[6..], before[6..]);
    let bytes = fs::read(bench.path("frozen/weights.safetensors")).expect("weights");
    let about = bench::about(&bytes);
    assert_eq!(about["name"], "three-frozen");
    assert_eq!(about["classes"].as_array().map(Vec::len), Some(2));
    assert_eq!(about["provenance"]["recipe"]["finish"]["epochs"], 2.0);
    assert_eq!(about["provenance"]["recipe"]["finish"]["rate"], 0.02);
}

#[test]
fn wrong_wishes_are_named() {
    let bench = pictures("train-wrong");
    bench
        .run(&["train", "nowhere"])
        .failed(2, &["nowhere", "expected", "found"]);
    let with = |extra: &[&'static str]| {
        let mut all = arguments("out", "1");
        all.extend(extra);
        bench.run(&all)
    };
    with(&["--set", "optimiser.speed=3"])
        .failed(2, &["optimiser.speed", "expected a value of the recipe"]);
    with(&["--set", "dropout=1.5"]).failed(2, &["dropout", "from 0 to below 1", "1.5"]);
    with(&["--set", "dropout"]).failed(2, &["KEY=VALUE"]);
    let run = bench.run(&["train", "data", "--arch", "lenet", "--epochs", "1", "-q"]);
    run.failed(2, &["architecture", "zfnet", "lenet"]);
    assert!(
        !std::path::Path::new(&bench.path("out")).exists(),
        "nothing was begun"
    );
}

/// Waits until a child's metrics have so many rows.
fn wait_for(bench: &Bench, out: &str, rows: usize, child: &mut Child) {
    let start = Instant::now();
    while metrics(bench, out).len() < rows {
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "no rows after two minutes"
        );
        assert!(
            child.try_wait().expect("a child").is_none(),
            "it ended before it was stopped"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(unix)]
#[test]
fn a_killed_training_and_one_that_was_asked_to_stop_go_on_as_if_nothing_had_been() {
    let bench = pictures("train-kill");
    let epochs = "40";
    bench
        .run(&[arguments("unbroken", epochs), vec!["-q"]].concat())
        .done();

    let start = |arguments: &[&str]| {
        let mut command = bench.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    };
    let mut child = start(&arguments("broken", epochs));
    wait_for(&bench, "broken", 30, &mut child);
    child.kill().expect("it runs"); // SIGKILL
    child.wait().expect("it ends");
    let killed_at = metrics(&bench, "broken").len();

    let mut child = start(&["train", "data", "--out", "broken", "--resume"]);
    wait_for(&bench, "broken", killed_at + 20, &mut child);
    let interrupt = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.expect("kill(1) is there").success());
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("go on with: zf-lens train data --out broken --resume"),
        "{said}"
    );
    let stopped_at = metrics(&bench, "broken").len();
    assert!(
        stopped_at < metrics(&bench, "unbroken").len(),
        "stopped before its end"
    );

    let resume = ["train", "data", "--out", "broken", "--resume", "-q"];
    bench.run(&[&resume[..], &["--lang", "zh"]].concat()).done();
    for (out, language) in [("unbroken", "en"), ("broken", "zh-Hans")] {
        let report = fs::read_to_string(bench.path(&format!("{out}/report.html")));
        let report = report.expect("a report");
        assert!(
            report.contains(&format!("<html lang=\"{language}\">")),
            "{out}"
        );
    }
    assert_eq!(weights(&bench, "broken"), weights(&bench, "unbroken"));
    let without_clock = |out: &str| {
        let rows = metrics(&bench, out).into_iter();
        let kept = rows.map(|row| [&row[..3], &row[4..11]].concat());
        kept.collect::<Vec<_>>()
    };
    assert_eq!(without_clock("broken"), without_clock("unbroken"));
}

/// A tensor of a file of ours.
fn tensor(path: &str, name: &str) -> Vec<f32> {
    let bytes = fs::read(path).expect("weights");
    numbers(
        &SafeTensors::deserialize(&bytes).expect("safetensors"),
        name,
    )
    .1
}

#[test]
fn other_networks_keep_their_features_under_a_new_end() {
    let bench = pictures("train-converted");
    let photo = bench.photo("cat.png", 90, 70);
    // Of both, filters are larger than those that are trained may become; the second has dense layers in its gates.
    for (name, last) in [("residual", "last"), ("gated", "v27_out")] {
        let from = made(&format!("{name}.onnx"));
        let converted = bench.path(&format!("{name}.safetensors"));
        bench.run(&["convert", &from, &converted]).done();
        let out = bench.path(&format!("{name}-frozen"));
        let frozen = [
            "train", "data", "--freeze", "--from", &from, "--out", &out, "--epochs", "2", "-q",
        ];
        bench.run(&frozen).done();
        let trained = format!("{out}/weights.safetensors");
        let json = bench
            .run(&["inspect", "--json", "--weights", &trained])
            .done();
        let found: Value = serde_json::from_str(&json).expect("JSON");
        let layers = found["layers"].as_array().expect("layers");
        let end = layers.last().expect("a last layer");
        assert_eq!(end["out"], 3);
        for layer in &layers[..layers.len() - 1] {
            if layer["parameters"] != 0 {
                let weight = format!("{}.weight", layer["name"].as_str().expect("a name"));
                let [before, after] = [&converted, &trained].map(|path| tensor(path, &weight));
                assert!(before == after, "{name}: {weight} is held still");
            }
        }

        let out = bench.path(&format!("{name}-head"));
        let head = [
            "train", "data", "--head", "gap", "--from", &from, "--out", &out, "-q",
        ];
        bench.run(&head).done();
        let file = format!("{out}/gap.head.safetensors");
        let about = bench::about(&fs::read(&file).expect("a head"));
        assert_eq!(about["features"]["last"], last);
        let cam = [
            "explain",
            &photo,
            "--weights",
            &converted,
            "--head",
            &file,
            "--method",
            "cam",
            "-o",
            "cam.png",
        ];
        bench.run(&cam).done();
    }
}

#[test]
fn what_cannot_be_trained_on_another_network_is_said() {
    let bench = pictures("train-refused");
    let squeezenet = made("../light/light_squeezenet.onnx");
    let train =
        |more: &[&str]| bench.run(&[&["train", "data", "--out", "out", "-q"][..], more].concat());
    train(&["--freeze", "--from", &squeezenet])
        .failed(2, &["ends in a dense layer", "--head gap", "found"]);
    let table = [
        "--arch",
        "table.json",
        "--set",
        "short_side=40",
        "--set",
        "hold_first=1",
    ];
    let sizes = r#"sizes=[{"until":1.0,"size":32}]"#;
    let gated = made("gated.onnx");
    let other = [&["--from", &gated, "--set", sizes][..], &table].concat();
    train(&other).failed(
        2,
        &[
            "gated",
            "a layer of the same name and shape",
            "--freeze",
            "found none",
        ],
    );
}
