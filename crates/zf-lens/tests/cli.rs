//! The command line's contract, from outside: arguments in, exit codes, one-line errors, pictures and numbers out.

mod bench;

use std::fs;

use bench::{Bench, png};
use safetensors::SafeTensors;
use serde_json::Value;

fn numbers(tensors: &SafeTensors<'_>, name: &str) -> (Vec<usize>, Vec<f32>) {
    let tensor = tensors
        .tensor(name)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let values = tensor
        .data()
        .chunks_exact(4)
        .map(|four| f32::from_le_bytes(four.try_into().expect("four bytes")));
    (tensor.shape().to_vec(), values.collect())
}

fn integers(tensors: &SafeTensors<'_>, name: &str) -> (Vec<usize>, Vec<i32>) {
    let tensor = tensors
        .tensor(name)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let values = tensor
        .data()
        .chunks_exact(4)
        .map(|four| i32::from_le_bytes(four.try_into().expect("four bytes")));
    (tensor.shape().to_vec(), values.collect())
}

#[test]
fn wrong_usage_is_one_line_that_says_what_was_expected_and_found() {
    let bench = Bench::new("usage");
    let photo = bench.photo("a.png", 40, 30);
    let lines: [&[&str]; 14] = [
        &[],
        &["clasify"],
        &["classify"],
        &["classify", &photo, "--nonsense"],
        &["classify", &photo, "--top", "none"],
        &["classify", &photo, "--top"],
        &["classify", &photo, "--crop", "1,2"],
        &["project", &photo, "--rule", "magic"],
        &["project", &photo, "--layer", "conv9"],
        &["project", &photo, "--map", "99"],
        &["project", &photo, "--map", "0", "--at", "99,0"],
        &["project", &photo, "--class", "unicorn"],
        &["project", &photo, "--class", "cat", "--layer", "conv1"],
        &["classify", &photo, "--weights", "nowhere.safetensors"],
    ];
    for arguments in lines {
        bench
            .run(arguments)
            .failed(2, &["zf-lens: ", "expected", "found"]);
    }
}

#[test]
fn help_and_version_are_not_errors() {
    let bench = Bench::new("help");
    assert!(bench.run(&["--help"]).done().contains("Examples:"));
    assert!(bench.run(&["--version"]).done().starts_with("zf-lens "));
    for command in [
        "classify",
        "project",
        "inspect",
        "filters",
        "mosaic",
        "completions",
    ] {
        assert!(
            bench.run(&[command, "--help"]).done().contains("Example"),
            "{command} --help has an example"
        );
    }
    assert!(
        bench
            .run(&["project", "--help"])
            .done()
            .contains("receptive_field"),
        "the dump is documented"
    );
}

#[test]
fn completions_complete_every_command() {
    let bench = Bench::new("completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = bench.run(&["completions", shell]).done();
        for word in ["classify", "project", "mosaic", "whole-map"] {
            assert!(script.contains(word), "{shell} completes {word}");
        }
    }
}

#[test]
fn classify_ranks_all_classes_and_their_probabilities_sum_to_one() {
    let bench = Bench::new("classify");
    let photo = bench.photo("a.png", 64, 48);
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
    assert_eq!(one["square"], serde_json::json!([8, 0, 48]));

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
fn a_projection_is_dumped_with_everything_that_led_to_it() {
    let bench = Bench::new("dump");
    let photo = bench.photo("a.png", 50, 40);
    let (dump, picture) = (bench.path("numbers.safetensors"), bench.path("picture.png"));
    let run = bench.run(&[
        "project", &photo, "--layer", "conv2", "--map", "1", "--dump", &dump, "-o", &picture,
    ]);
    assert_eq!(run.done().trim(), picture);

    let bytes = fs::read(&dump).expect("the dump was written");
    let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("safetensors");
    let about: Value =
        serde_json::from_str(&metadata.metadata().as_ref().expect("metadata")["zf-lens"])
            .expect("JSON");
    let keys: Vec<&str> = about
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        ["activation", "layer", "receptive_field", "rule", "unit"]
    );
    assert_eq!(
        (&about["layer"], &about["rule"]),
        (&"conv2".into(), &"deconvnet".into())
    );

    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(numbers(&tensors, "input").0, [1, 3, 32, 32]);
    assert_eq!(numbers(&tensors, "projection").0, [3, 32, 32]);
    assert_eq!(numbers(&tensors, "logits").0, [1, 3]);
    assert_eq!(numbers(&tensors, "fc4").0, [1, 12]);
    assert_eq!(numbers(&tensors, "fc5").1, numbers(&tensors, "logits").1);

    // The named unit is the map's strongest, and its answer the rectified activation.
    let (shape, conv) = numbers(&tensors, "conv2");
    let [rows, cols] = [shape[2], shape[3]];
    let unit: Vec<usize> = serde_json::from_value(about["unit"].clone()).expect("three numbers");
    let map = &conv[rows * cols..][..rows * cols];
    let answer = map[unit[1] * cols + unit[2]];
    assert_eq!(unit[0], 1);
    assert_eq!(answer, map.iter().copied().fold(f32::MIN, f32::max));
    assert_eq!(
        about["activation"].as_f64().expect("a number") as f32,
        answer.max(0.0)
    );
    assert!(
        conv.iter().any(|value| *value < 0.0),
        "activations are those before the ReLU"
    );

    // A switch is the place of the maximum in the pool's unpadded input.
    let (shape, switches) = integers(&tensors, "switches.pool1");
    assert_eq!(shape, numbers(&tensors, "pool1").0);
    let ((below, input), (_, pooled)) = (numbers(&tensors, "relu1"), numbers(&tensors, "pool1"));
    let (plane, units) = (below[2] * below[3], shape[2] * shape[3]);
    for (at, (switch, value)) in switches.iter().zip(&pooled).enumerate() {
        assert_eq!(
            input[at / units * plane + *switch as usize],
            *value,
            "switch {at}"
        );
    }

    // Nothing outside the receptive field, something inside.
    let field: Vec<usize> =
        serde_json::from_value(about["receptive_field"].clone()).expect("four numbers");
    let (_, projection) = numbers(&tensors, "projection");
    let inside = |at: usize| {
        let (row, col) = (at / 32 % 32, at % 32);
        (field[0]..field[2]).contains(&row) && (field[1]..field[3]).contains(&col)
    };
    assert!(
        projection
            .iter()
            .enumerate()
            .all(|(at, value)| inside(at) || *value == 0.0)
    );
    assert_eq!(projection.iter().any(|value| *value != 0.0), answer > 0.0);

    let (width, height) = png(&picture);
    assert!(
        width > 2 * (field[3] - field[1]) as u32 && height > (field[2] - field[0]) as u32,
        "{width}×{height}"
    );
}

#[test]
fn rules_differ_and_a_whole_map_reaches_further_than_a_unit() {
    let bench = Bench::new("rules");
    let photo = bench.photo("a.png", 40, 40);
    let projection = |more: &[&str]| {
        let dump = bench.path("numbers.safetensors");
        let mut arguments = vec![
            "project",
            &photo,
            "--layer",
            "conv3",
            "--dump",
            &dump,
            "-o",
            "picture.png",
        ];
        arguments.extend(more);
        bench.run(&arguments).done();
        let bytes = fs::read(&dump).expect("the dump was written");
        numbers(
            &SafeTensors::deserialize(&bytes).expect("safetensors"),
            "projection",
        )
        .1
    };
    let [deconvnet, guided, gradient] =
        ["deconvnet", "guided", "gradient"].map(|rule| projection(&["--rule", rule]));
    assert!(deconvnet != guided && guided != gradient && deconvnet != gradient);
    let reach = |values: &[f32]| values.iter().filter(|value| **value != 0.0).count();
    assert!(reach(&projection(&["--whole-map", "--rule", "gradient"])) > reach(&gradient));
    assert_eq!(projection(&[]), deconvnet, "deconvnet is the default");
}

#[test]
fn a_class_is_found_by_either_name_and_by_number() {
    let bench = Bench::new("class");
    let photo = bench.photo("a.png", 40, 40);
    let described = |class: &str| -> Value {
        let run = bench.run(&[
            "project",
            &photo,
            "--class",
            class,
            "--json",
            "-o",
            "class.png",
        ]);
        serde_json::from_str(&run.done()).expect("JSON")
    };
    let by_name = described("cat");
    assert_eq!(by_name, described("猫"));
    assert_eq!(by_name, described("1"));
    assert_eq!(
        (&by_name["layer"], &by_name["unit"]),
        (&"fc5".into(), &serde_json::json!([1, 0, 0]))
    );
    assert_eq!(
        by_name["receptive_field"],
        serde_json::json!([0, 0, 32, 32])
    );
    let classes: Value =
        serde_json::from_str(&bench.run(&["classify", &photo, "--json"]).done()).expect("JSON");
    let cat = classes["classes"]
        .as_array()
        .expect("classes")
        .iter()
        .find(|class| class["en"] == "cat")
        .expect("a cat")
        .clone();
    let [score, activation] =
        [&cat["score"], &by_name["activation"]].map(|value| value.as_f64().expect("a number"));
    assert!(
        (score - activation).abs() < 1e-5 * score.abs().max(1.0),
        "{score} and {activation}"
    );
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

#[test]
fn an_output_that_cannot_be_written_is_not_the_inputs_fault() {
    let bench = Bench::new("unwritable");
    let photo = bench.photo("a.png", 40, 40);
    fs::write(bench.path("file"), "in the way").expect("the folder is there");
    bench
        .run(&["project", &photo, "-o", &bench.path("file/picture.png")])
        .failed(1, &["file", "expected"]);
}

#[test]
fn a_mosaic_has_a_tile_for_every_map() {
    let bench = Bench::new("mosaic");
    let photo = bench.photo("a.png", 40, 40);
    let (picture, dump) = (bench.path("mosaic.png"), bench.path("mosaic.safetensors"));
    let run = bench.run(&[
        "mosaic", &photo, "--layer", "conv2", "-o", &picture, "--dump", &dump, "--json", "--scale",
        "shared",
    ]);
    let about: Value = serde_json::from_str(&run.done()).expect("JSON");
    let units = about["units"].as_array().expect("units");
    assert_eq!(units.len(), 6);
    let silent = units
        .iter()
        .filter(|unit| unit["activation"] == 0.0)
        .count();
    assert_eq!(about["silent"], silent);
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let (shape, values) = numbers(&tensors, "projections");
    assert_eq!((shape[0], shape[1]), (6, 3));
    for (tile, unit) in values.chunks(values.len() / 6).zip(units) {
        assert_eq!(
            tile.iter().all(|value| *value == 0.0),
            unit["silent"] == true
        );
    }
    let alone = png(&picture);
    bench
        .run(&[
            "mosaic",
            &photo,
            "--layer",
            "conv2",
            "-o",
            &picture,
            "--patches",
            "--sort",
            "index",
        ])
        .done();
    assert!(
        png(&picture).0 > 2 * alone.0,
        "the patches stand beside the projections"
    );
}

#[test]
fn a_mosaics_tile_is_the_units_own_projection() {
    let bench = Bench::new("tile");
    let photo = bench.photo("a.png", 40, 40);
    let (mosaic, alone) = (
        bench.path("mosaic.safetensors"),
        bench.path("alone.safetensors"),
    );
    bench
        .run(&[
            "mosaic", &photo, "--layer", "conv2", "-o", "m.png", "--dump", &mosaic,
        ])
        .done();
    let mosaic = fs::read(&mosaic).expect("the dump was written");
    let mosaic = SafeTensors::deserialize(&mosaic).expect("safetensors");
    let ((shape, tiles), (_, corners)) = (
        numbers(&mosaic, "projections"),
        integers(&mosaic, "corners"),
    );
    let [rows, cols] = [shape[2], shape[3]];
    for map in 0..6 {
        bench
            .run(&[
                "project",
                &photo,
                "--layer",
                "conv2",
                "--map",
                &map.to_string(),
                "-o",
                "p.png",
                "--dump",
                &alone,
            ])
            .done();
        let bytes = fs::read(&alone).expect("the dump was written");
        let (_, whole) = numbers(
            &SafeTensors::deserialize(&bytes).expect("safetensors"),
            "projection",
        );
        let largest = whole
            .iter()
            .fold(1e-6f32, |most, value| most.max(value.abs()));
        for (at, value) in tiles[map * 3 * rows * cols..][..3 * rows * cols]
            .iter()
            .enumerate()
        {
            let row = corners[2 * map] + (at / cols % rows) as i32;
            let col = corners[2 * map + 1] + (at % cols) as i32;
            let inside = (0..32).contains(&row) && (0..32).contains(&col);
            let expected = if inside {
                whole[(at / (rows * cols) * 32 + row as usize) * 32 + col as usize]
            } else {
                0.0
            };
            assert!(
                (value - expected).abs() <= 1e-5 * largest,
                "map {map}, place {at}: expected {expected}, found {value}"
            );
        }
    }
}

#[test]
fn inspect_counts_what_the_paper_counts() {
    let bench = Bench::new("inspect");
    let named: Value =
        serde_json::from_str(&bench.run(&["inspect", "--arch", "zfnet", "--json"]).done())
            .expect("JSON");
    assert_eq!(named["parameters"], 62_357_608);
    assert!(
        bench
            .run(&["inspect", "--arch", "zfnet"])
            .done()
            .contains("62,357,608")
    );
    let own: Value = serde_json::from_str(&bench.run(&["inspect", "--json"]).done()).expect("JSON");
    let layers = own["weights"]["layers"].as_array().expect("layers");
    assert_eq!(
        layers
            .iter()
            .map(|layer| layer["layer"].as_str().expect("a name"))
            .collect::<Vec<_>>(),
        ["conv1", "conv2", "conv3", "fc4", "fc5"]
    );
    assert_eq!(
        layers[0]["dead"],
        serde_json::json!([3]),
        "the test's network has one dead filter"
    );
    bench
        .run(&["inspect", "--arch", "lenet"])
        .failed(2, &["lenet", "expected", "zfnet"]);
}

#[test]
fn filters_are_drawn_in_the_size_asked_for() {
    let bench = Bench::new("filters");
    let picture = bench.path("filters.png");
    bench
        .run(&["filters", "--zoom", "4", "-o", &picture])
        .done();
    // Four filters of 5×5 in a square of two by two, with gaps of one filter pixel.
    assert_eq!(png(&picture), (2 * 5 * 4 + 3 * 4, 2 * 5 * 4 + 3 * 4));
}

#[test]
fn weights_come_as_manifest_folder_or_file_and_damage_is_named() {
    let bench = Bench::new("weights");
    let photo = bench.photo("a.png", 40, 40);
    let classify = |weights: &str| bench.run(&["classify", &photo, "--weights", weights]);
    let answers = [".", "manifest.json", "all.safetensors"]
        .map(|weights| classify(&bench.path(weights)).done());
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );

    // Convolutions alone can be projected, not classified.
    let features = bench.path("features.safetensors");
    classify(&features).failed(2, &["fc4", "expected", "found features"]);
    bench
        .run(&["project", &photo, "--weights", &features, "-o", "f.png"])
        .done();

    let mut bytes = fs::read(&features).expect("the shard is there");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&features, &bytes).expect("the folder is there");
    classify(&bench.path("manifest.json")).failed(2, &["features.safetensors", "SHA-256", "found"]);
    fs::write(&features, &bytes[..last]).expect("the folder is there");
    classify(&features).failed(2, &["expected a whole safetensors file"]);
}

#[test]
fn a_reader_that_leaves_early_is_not_an_error() {
    use std::process::Stdio;
    let bench = Bench::new("pipe");
    let mut child = bench
        .command(&["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
