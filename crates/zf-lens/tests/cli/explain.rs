//! The methods side by side, and the numbers behind them.

use std::fs;

use safetensors::SafeTensors;
use serde_json::Value;

use crate::bench::{Bench, about, captioned, numbers, painted, png};

#[test]
fn all_methods_stand_side_by_side_with_their_numbers() {
    let bench = Bench::new("explain");
    let photo = bench.photo("a.png", 50, 40);
    let (dump, picture) = (bench.path("numbers.safetensors"), bench.path("picture.png"));
    let table = bench.path("methods.csv");
    let run = bench.run(&[
        "explain",
        &photo,
        "--samples",
        "6",
        "--seed",
        "4",
        "--steps",
        "200",
        "--json",
        "--csv",
        &table,
        "--dump",
        &dump,
        "-o",
        &picture,
    ]);
    let json: Value = serde_json::from_str(&run.done()).expect("JSON");
    let methods = json["methods"].as_array().expect("methods");
    let names: Vec<&str> = methods
        .iter()
        .filter_map(|method| method["method"].as_str())
        .collect();
    let expected = [
        "saliency",
        "input_x_gradient",
        "smooth_grad",
        "integrated_gradients",
        "guided_backprop",
        "grad_cam",
        "guided_grad_cam",
        "score_cam",
    ];
    assert_eq!(names, expected);

    draws_two_rows(&picture);

    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(about(&bytes)["methods"], json["methods"]);
    let rules: Vec<_> = methods
        .iter()
        .map(|method| method["rule"].as_str())
        .collect();
    assert_eq!(
        rules[..5],
        [Some("gradient"); 4]
            .into_iter()
            .chain([Some("guided")])
            .collect::<Vec<_>>()
    );
    assert_eq!(
        (rules[5], rules[6], rules[7]),
        (Some("gradient"), Some("guided"), None)
    );
    sums_are_those_of_the_definitions(methods, &tensors);
    tabulates(methods, &table);
    let (shape, noise) = numbers(&tensors, "noise.smooth_grad");
    assert_eq!(shape, [6, 3, 32, 32]);
    let deviation =
        (noise.iter().map(|v| f64::from(v * v)).sum::<f64>() / noise.len() as f64).sqrt();
    let sigma = methods[2]["sigma"].as_f64().expect("a number");
    assert!(
        (deviation / sigma - 1.0).abs() < 0.05,
        "{deviation} {sigma}"
    );
    for name in ["map.grad_cam", "map.score_cam"] {
        let (shape, map) = numbers(&tensors, name);
        assert_eq!(shape, [32, 32], "{name}");
        assert!(map.iter().all(|value| *value >= 0.0), "{name}");
    }
    assert_eq!(numbers(&tensors, "logits").0, [1, 3]);
}

/// Input × gradient is the product of both, and integrated gradients add up to what they should explain.
fn sums_are_those_of_the_definitions(methods: &[Value], tensors: &SafeTensors<'_>) {
    let (_, input) = numbers(tensors, "input");
    let (shape, saliency) = numbers(tensors, "attribution.saliency");
    assert_eq!(shape, [3, 32, 32]);
    let (_, product) = numbers(tensors, "attribution.input_x_gradient");
    for ((product, slope), pixel) in product.iter().zip(&saliency).zip(&input) {
        assert!((product - slope * pixel).abs() <= 1e-5 * product.abs().max(1e-3));
    }
    let integrated = &methods[3];
    let (_, parts) = numbers(tensors, "attribution.integrated_gradients");
    let sum: f64 = parts.iter().copied().map(f64::from).sum();
    let [told, difference] = ["sum", "difference"]
        .map(|key| integrated["completeness"][key].as_f64().expect("a number"));
    assert!(
        (sum - told).abs() < 1e-3 * told.abs().max(1e-2),
        "{sum} {told}"
    );
    assert!(
        (told - difference).abs() < 0.05 * difference.abs().max(0.1),
        "{told} {difference}"
    );
}

fn tabulates(methods: &[Value], table: &str) {
    let text = fs::read_to_string(table).expect("the table was written");
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let header = [
        "method",
        "class",
        "score",
        "sum",
        "difference",
        "sigma",
        "half",
        "row",
        "col",
        "scale",
        "class_name",
    ];
    assert_eq!(rows[0], header);
    assert_eq!(rows.len(), 9, "{text}");
    for (row, method) in rows[1..].iter().zip(methods) {
        assert_eq!(Some(row[0]), method["method"].as_str());
        // serde_json reads a number's last bit as it comes.
        let close = |(a, b): (f64, f64)| (a - b).abs() <= 1e-12 * b.abs();
        let same = |cell: &str, value: &Value| {
            let (cell, value) = (cell.parse::<f64>().ok(), value.as_f64());
            cell.is_some() == value.is_some() && cell.zip(value).is_none_or(close)
        };
        assert!(same(row[3], &method["completeness"]["sum"]), "{text}");
        assert!(same(row[6], &method["half"]), "{text}");
        assert_eq!(row[5].is_empty(), method["sigma"].is_null(), "{text}");
        let half: f64 = row[6].parse().expect("a share");
        assert!(half > 0.0 && half <= 0.5, "{text}");
    }
}

/// A photograph and eight methods of the network's 32 pixels, seven times as large, five side by side.
fn draws_two_rows(picture: &str) {
    let tile = 32 * 7 + 16;
    let figure = captioned(picture);
    assert_eq!(figure.width(), 5 * tile + 16);
    // Each method's name stands below its column.
    for method in 5..9 {
        let left = 16 + (method - 5) * tile;
        let rows = figure.height() - 150..figure.height() - 60;
        let dark = |pixel: [u8; 3]| pixel.iter().all(|channel| *channel < 100);
        let ink = painted(&figure, left..left + 224, rows, dark);
        assert!(ink > 60, "below column {method}: {ink}");
    }
}

#[test]
fn one_method_of_another_class_has_the_plain_names() {
    let bench = Bench::new("explain-one");
    let photo = bench.photo("a.png", 40, 40);
    let dump = bench.path("numbers.safetensors");
    let map = |class: &str| {
        bench
            .run(&[
                "explain", &photo, "--method", "grad-cam", "--layer", "conv2", "--class", class,
                "--dump", &dump, "-o", "p.png",
            ])
            .done();
        let bytes = fs::read(&dump).expect("the dump was written");
        let method = about(&bytes)["methods"][0].clone();
        assert_eq!(
            (&method["method"], &method["layer"]),
            (&"grad_cam".into(), &"conv2".into())
        );
        let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
        assert!(numbers(&tensors, "coarse").0[0] < 32);
        (about(&bytes)["class"].clone(), numbers(&tensors, "map").1)
    };
    let maps = ["dog", "猫", "2"].map(map);
    assert_eq!(
        maps.each_ref().map(|(class, _)| class.as_u64()),
        [Some(0), Some(1), Some(2)]
    );
    assert!(
        maps[0].1 != maps[1].1 && maps[1].1 != maps[2].1,
        "classes differ"
    );
}

#[test]
fn bad_questions_are_one_line_and_bad_photographs_are_left_out() {
    let bench = Bench::new("explain-bad");
    let photo = bench.photo("good/a.png", 40, 40);
    fs::write(bench.path("good/b.png"), "no picture").expect("the folder is there");
    for more in [
        ["--method", "magic"],
        ["--class", "unicorn"],
        ["--layer", "conv9"],
        ["--samples", "0"],
        ["--noise", "-1"],
        ["--steps", "many"],
    ] {
        let run = bench.run(&["explain", &photo, more[0], more[1]]);
        run.failed(2, &["zf-lens: ", "expected", "found"]);
    }
    let folder = bench.path("good");
    let run = bench.run(&[
        "explain",
        &folder,
        "--method",
        "saliency",
        "--json",
        "-o",
        &bench.path("out"),
    ]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("b.png"), "{}", run.stderr);
    let list: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    png(&bench.path("out/a.explained.png"));
}

#[test]
fn methods_are_measured_by_deletion_and_insertion() {
    let bench = Bench::new("explain-measured");
    let photo = bench.photo("a.png", 40, 40);
    let (dump, table) = (bench.path("numbers.safetensors"), bench.path("areas.csv"));
    let (plain, picture) = (bench.path("plain.png"), bench.path("measured.png"));
    let methods = ["explain", &photo, "--method", "saliency,grad-cam"];
    bench.run(&[&methods[..], &["-o", &plain]].concat()).done();
    let measure = [
        "--deletion-insertion",
        "--deletion-steps",
        "8",
        "--deletion-fill",
        "blur",
        "--json",
        "--csv",
        &table,
        "--dump",
        &dump,
        "-o",
        &picture,
    ];
    let run = bench.run(&[&methods[..], &measure].concat());
    let json: Value = serde_json::from_str(&run.done()).expect("JSON");
    let all = &json["deletion_insertion"];
    let asked = &all["settings"];
    assert_eq!(
        (&asked["steps"], &asked["deletion"], &asked["insertion"]),
        (&8.into(), &"blur".into(), &"blur".into())
    );
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(about(&bytes)["deletion_insertion"], *all);
    let (_, share) = numbers(&tensors, "share");
    assert_eq!(share, (0..9).map(|at| at as f32 / 8.0).collect::<Vec<_>>());
    let text = fs::read_to_string(&table).expect("the table was written");
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let measured = ["saliency", "grad_cam", "chance"].map(|name| (name, &all["curves"][name]));
    assert_eq!(rows[0][11..], ["deletion", "insertion"]);
    assert_eq!(rows.len(), 1 + measured.len(), "{text}");
    for ((name, curves), row) in measured.into_iter().zip(&rows[1..]) {
        assert_eq!((row[0], row.len()), (name, 13));
        let mut ends = Vec::new();
        for (metric, cell) in [("deletion", row[11]), ("insertion", row[12])] {
            let (_, curve) = numbers(&tensors, &format!("{metric}.{name}"));
            assert_eq!(curve.len(), 9);
            let told = curves[metric]["probability"].as_array().expect("a curve");
            for (value, told) in curve.iter().zip(told) {
                let told = told.as_f64().expect("a number");
                assert!((f64::from(*value) - told).abs() < 1e-6, "{name}");
            }
            let sides = curve
                .windows(2)
                .map(|pair| f64::from(pair[0] + pair[1]) / 16.0);
            let area: f64 = sides.sum();
            let found: f64 = cell.parse().expect("an area");
            assert!((area - found).abs() < 1e-6, "{name}: {area}, {found}");
            ends.push([curve[0], curve[8]]);
        }
        // One fill for both: what one begins with the other ends with.
        let [deletion, insertion] = [ends[0], ends[1]];
        for (a, b) in [(deletion[0], insertion[1]), (deletion[1], insertion[0])] {
            assert!((a - b).abs() < 1e-5, "{name}: {ends:?}");
        }
    }
    // The charts stand below, in the colours of both curves.
    let (before, after) = (captioned(&plain), captioned(&picture));
    assert!(after.height() > before.height() + 120, "{}", after.height());
    for colour in [[213, 94, 0], [0, 114, 178]] {
        let rows = before.height() - 100..after.height();
        let ink = painted(&after, 0..after.width(), rows, |pixel| pixel == colour);
        assert!(ink > 200, "{colour:?}: {ink}");
    }
    let lonely = bench.run(&["explain", &photo, "--deletion-steps", "8"]);
    lonely.failed(2, &["--deletion-insertion"]);
    let odd = [
        "explain",
        &photo,
        "--deletion-insertion",
        "--deletion-fill",
        "red",
    ];
    bench.run(&odd).failed(2, &["mean or blur", "red"]);
}
