//! Heads on frozen features: trained, drawn by CAM, and asked what is left without what they attend to.

use std::fs;

use safetensors::SafeTensors;
use serde_json::Value;

use crate::bench::{Bench, about, captioned, numbers};

/// Pictures of the bench's three classes: a stripe of the class's colour and direction on grey noise.
fn pictures(name: &str) -> Bench {
    let bench = Bench::new(name);
    let classes = [
        ("cat", [230, 40, 30]),
        ("dog", [30, 200, 60]),
        ("bird", [40, 60, 230]),
    ];
    for (class, (name, colour)) in (1u32..).zip(classes) {
        for at in 0..8 {
            let split = if at < 6 { "train" } else { "val" };
            let path = bench.path(&format!("data/{split}/{name}/{at}.png"));
            let picture = image::RgbImage::from_fn(40 + at, 44, |x, y| {
                let grey = ((x * 31 + y * 17 + at * 7) * (x + 3) % 97) as u8 + 80;
                match (x * class + y + at) % 16 < 8 {
                    true => image::Rgb(colour),
                    false => image::Rgb([grey; 3]),
                }
            });
            let folder = std::path::Path::new(&path).parent().expect("a folder");
            fs::create_dir_all(folder).expect("a folder can be made");
            picture.save(&path).expect("a PNG can be written");
        }
    }
    bench
}

fn train(bench: &Bench, more: &[&str]) -> String {
    let start = ["train", "data", "--head", "gap", "--out", "out", "-q"];
    bench.run(&[&start[..], more].concat()).done()
}

#[test]
fn heads_are_trained_on_the_features_and_looked_into_side_by_side() {
    let bench = pictures("gain");
    let said = train(&bench, &["--seed", "3", "--epochs", "60"]);
    assert!(
        said.starts_with("top-1 ") && said.contains("gap.head.safetensors"),
        "{said}"
    );
    let said = train(
        &bench,
        &[
            "--gain",
            "--epochs",
            "30",
            "--set",
            "gain.batch=6",
            "--set",
            "gain.epochs=4",
        ],
    );
    assert!(said.contains("gain.head.safetensors"), "{said}");
    for name in ["gap", "gain"] {
        has_learnt(&bench, name);
    }
    bench
        .run(&["train", "data", "--head", "gap", "--out", "out", "-q"])
        .failed(2, &["gap.head.safetensors", "expected", "found"]);

    let photo = bench.photo("a.png", 50, 40);
    cam_is_grad_cam_up_to_a_constant(&bench, &photo);
    both_remove_what_they_attend_to(&bench, &photo);
}

fn cam_is_grad_cam_up_to_a_constant(bench: &Bench, photo: &str) {
    let (dump, table) = (bench.path("numbers.safetensors"), bench.path("methods.csv"));
    let run = bench.run(&[
        "explain",
        photo,
        "--head",
        "out/gap.head.safetensors",
        "--method",
        "cam,grad-cam",
        "--class",
        "cat",
        "--json",
        "--dump",
        &dump,
        "--csv",
        &table,
        "-o",
        "p.png",
    ]);
    let json: Value = serde_json::from_str(&run.done()).expect("JSON");
    assert_eq!(json["network"], "tiny-gap");
    assert_eq!(json["methods"][0]["method"], "cam");
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let (shape, cam) = numbers(&tensors, "coarse.cam");
    let (_, grad) = numbers(&tensors, "coarse.grad_cam");
    let places = (shape[0] * shape[1]) as f32;
    for (cam, grad) in cam.iter().zip(&grad) {
        let expected = cam.max(0.0) / places;
        assert!(
            (grad - expected).abs() <= 1e-4 * expected.abs().max(1e-2),
            "{grad} {expected}"
        );
    }
    assert_eq!(numbers(&tensors, "map.cam").0, [32, 32]);
    assert_eq!(numbers(&tensors, "gap").0, [1, 5, 1, 1]);
    let text = fs::read_to_string(&table).expect("the table was written");
    assert_eq!(text.lines().count(), 3, "{text}");
}

fn both_remove_what_they_attend_to(bench: &Bench, photo: &str) {
    let (dump, table) = (bench.path("numbers.safetensors"), bench.path("methods.csv"));
    let out = bench.path("attention.png");
    let heads = "out/gap.head.safetensors,out/gain.head.safetensors";
    let run = bench.run(&[
        "gain", photo, "--head", heads, "--class", "猫", "--json", "--dump", &dump, "--csv",
        &table, "-o", &out,
    ]);
    let json: Value = serde_json::from_str(&run.done()).expect("JSON");
    let figure = captioned(&out);
    assert_eq!(figure.width(), 4 * (32 * 7 + 16) + 16);
    assert!(figure.height() > 2 * 32 * 7, "a row for each head");
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let (_, input) = numbers(&tensors, "input");
    for (at, name) in ["gap", "gain"].into_iter().enumerate() {
        let said = &json["heads"][at];
        assert_eq!(
            (&said["head"], &json["class"]["index"]),
            (&name.into(), &1.into())
        );
        assert_eq!(said["mined"], name == "gain");
        let (shape, removed) = numbers(&tensors, &format!("removed.{name}"));
        assert_eq!(shape, [3, 32, 32]);
        let (_, share) = numbers(&tensors, &format!("share.{name}"));
        for (at, (left, whole)) in removed.iter().zip(&input).enumerate() {
            let expected = whole * (1.0 - share[at % share.len()]);
            assert!((left - expected).abs() <= 1e-3, "{left} {expected}");
        }
        let mean = share.iter().sum::<f32>() / share.len() as f32;
        assert!((f64::from(mean) - said["removed"].as_f64().expect("a number")).abs() < 1e-4);
        let (_, map) = numbers(&tensors, &format!("map.{name}"));
        assert!(map.iter().all(|value| (0.0..=1.0).contains(value)));
    }
    let text = fs::read_to_string(&table).expect("the table was written");
    assert_eq!(text.lines().count(), 3, "{text}");
}

/// A head is small, says where it comes from, and fits better at the end than at the beginning.
fn has_learnt(bench: &Bench, name: &str) {
    let bytes = fs::read(bench.path(&format!("out/{name}.head.safetensors"))).expect("a head");
    assert!(
        bytes.len() < 10_000,
        "a head is small: {} bytes",
        bytes.len()
    );
    let about = about(&bytes);
    assert_eq!(
        (&about["shard"], &about["name"]),
        (&"head".into(), &name.into())
    );
    // The network's own names and order, not that of the folders.
    assert_eq!(about["classes"][0]["zh"], "狗");
    assert_eq!(about["features"]["last"], "relu3");
    assert_eq!(about["provenance"]["pictures"]["training"], 18);
    assert!(
        about["provenance"]["accuracy"]["validation"]["top1"]
            .as_f64()
            .is_some()
    );
    assert_eq!(
        about["provenance"]["recipe"]["gain"].is_null(),
        name == "gap"
    );
    let text = fs::read_to_string(bench.path(&format!("out/{name}.metrics.csv"))).expect("metrics");
    let losses: Vec<f64> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(6)?.parse().ok())
        .collect();
    assert!(losses.len() >= 10, "{text}");
    assert!(
        losses[19] < 0.7 * losses[0],
        "the linear fit learns: {text}"
    );
}

#[test]
fn a_manifest_names_its_heads_and_wrong_ones_are_refused() {
    let bench = pictures("gain-manifest");
    let photo = bench.photo("a.png", 50, 40);
    // Without a head, the network itself is asked.
    let json = bench.run(&["gain", &photo, "--json", "-o", "p.png"]).done();
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["heads"][0]["head"], "tiny");

    train(&bench, &["--epochs", "2", "--set", "views=1"]);
    for _ in 0..2 {
        // The second time it takes the place of the first.
        bench
            .run(&["export", "out/gap.head.safetensors", "."])
            .done();
    }
    let manifest = fs::read(bench.path("manifest.json")).expect("there");
    let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    assert_eq!(manifest["files"].as_array().map(Vec::len), Some(3));
    assert_eq!(manifest["files"][2]["name"], "gap");
    let json = bench.run(&["gain", &photo, "--json", "-o", "p.png"]).done();
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["heads"][0]["head"], "gap");
    bench
        .run(&[
            "explain", &photo, "--head", "gap", "--method", "cam", "-o", "p.png",
        ])
        .done();
    bench.run(&["classify", &photo]).done();
    bench.run(&["inspect"]).done();

    refuses_wrong_wishes(&bench, &photo);
    // A head of other features.
    let all = [
        "train",
        "data",
        "--out",
        "own",
        "--arch",
        "table.json",
        "--epochs",
        "1",
        "--batch",
        "4",
        "-q",
    ];
    let table = zfnet::network::architecture::Architecture::tiny([4, 6, 5], 12, 3);
    fs::write(
        bench.path("table.json"),
        serde_json::to_vec(&table).expect("JSON"),
    )
    .expect("room");
    let sizes = r#"sizes=[{"until":1.0,"size":32}]"#;
    let start = r#"initialisation={"gaussian":{"deviation":0.01}}"#;
    bench
        .run(
            &[
                &all[..],
                &["--set", sizes, "--set", start, "--set", "short_side=40"],
            ]
            .concat(),
        )
        .done();
    bench
        .run(&[
            "gain",
            &photo,
            "--weights",
            "own/weights.safetensors",
            "--head",
            "out/gap.head.safetensors",
        ])
        .failed(2, &["head gap", "features", "expected", "found"]);
    bench
        .run(&["export", "own/weights.safetensors", "other"])
        .done();
    bench
        .run(&["export", "out/gap.head.safetensors", "other"])
        .failed(2, &["head gap", "features", "expected", "found"]);
}

fn refuses_wrong_wishes(bench: &Bench, photo: &str) {
    for arguments in [
        &["gain", photo, "--head", "magic"][..],
        &["gain", photo, "--class", "unicorn"],
        &["gain", photo, "--sigma", "2"],
        &["gain", photo, "--omega", "-1"],
        &["gain", photo, "--head", "all.safetensors"],
        &["explain", photo, "--method", "cam"],
        &["classify", photo, "--weights", "out/gap.head.safetensors"],
        &["train", "data", "--head", "dense"],
        &["train", "data", "--gain"],
        &["train", "data", "--head", "gap", "--resume"],
        &[
            "train", "data", "--head", "gap", "--out", "o", "--set", "views=0",
        ],
        &[
            "train",
            "data",
            "--head",
            "gap",
            "--out",
            "o",
            "--set",
            "gain.alpha=1",
        ],
    ] {
        bench.run(arguments).failed(2, &["zf-lens: ", "expected"]);
    }
}

#[cfg(unix)]
#[test]
fn a_head_that_is_told_to_stop_is_written_as_it_is() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let bench = pictures("gain-stop");
    let arguments = [
        "train", "data", "--head", "gap", "--out", "out", "--epochs", "1000000", "--set",
        "views=1", "--batch", "3",
    ];
    let mut command = bench.command(&arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    let start = Instant::now();
    // The metrics' first row takes a twentieth of all steps; the file itself is there when the steps begin.
    while !std::path::Path::new(&bench.path("out/gap.metrics.csv")).exists() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "no steps after a minute"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(100));
    let interrupt = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.expect("kill(1) is there").success());
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("stopped after step"), "{said}");
    assert!(
        about(&fs::read(bench.path("out/gap.head.safetensors")).expect("a head"))["name"] == "gap"
    );
}
