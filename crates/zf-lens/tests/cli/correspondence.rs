//! Whether covering the same part does the same: table, dump and figure agree.

use std::fs;

use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::bench::{Bench, captioned, integers, numbers, painted, parsed};

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
    let picture = bench.path("bars.png");
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
    let value = parsed(
        &compare(
            &[&a, &b, &c],
            &["--json", "--dump", &dump, "--csv", &table, "-o", &picture],
        )
        .done(),
    );
    draws_a_bar_for_each_share(&picture, &value);
    dumps_what_it_says(&dump, &table, &value);
    let single = parsed(&compare(&[&a, &c], &["--part", "left eye", "--json"]).done());
    let single = &single["layers"][0]["parts"][0];
    assert!(
        single["delta"]["mean"].is_number()
            && [&single["delta"]["spread"], &single["random"]["spread"]]
                .iter()
                .all(|spread| spread.is_null()),
        "{single}"
    );
    let spoken = compare(&[&a, &c], &["--part", "left eye"]).done();
    assert!(
        spoken.contains("left eye") && !spoken.contains("nose"),
        "{spoken}"
    );
    assert!(
        spoken.contains("a single pair: no spread") && !spoken.contains('±'),
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

/// The signs that were dumped give the shares of the answer and of the table.
fn dumps_what_it_says(dump: &str, table: &str, value: &Value) {
    let bytes = fs::read(dump).expect("the dump was written");
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
    let lines = fs::read_to_string(table).expect("a table");
    assert_eq!(lines.lines().count(), 1 + 2 * 2);
    assert!(
        lines
            .lines()
            .nth(3)
            .is_some_and(|line| line.starts_with(&format!("fc4,nose,{},", delta[0]))),
        "{lines}"
    );
}

/// A chart for each layer: of each part one bar, as high as its share is large, and beside it that of random positions.
fn draws_a_bar_for_each_share(picture: &str, value: &Value) {
    let figure = captioned(picture);
    assert_eq!(figure.width(), 2 * 16 + 2 * (60 + 256 + 16) - 16);
    let parts = [[230, 159, 0], [86, 180, 233]];
    let random = [176, 174, 168];
    let bars = |layer: u32, part: u32, colour: [u8; 3]| {
        // Beside the line of the spread, which stands in a bar's middle.
        let own = if colour == random { 98 } else { 30 };
        let col = 16 + layer * 332 + 60 + part * 128 + own;
        let rows = figure.height() - 400..figure.height();
        painted(&figure, col..col + 1, rows, |pixel| pixel == colour) as f64
    };
    let part = |layer: usize, part: usize, kind: &str| {
        let score = &value["layers"][layer]["parts"][part][kind]["mean"];
        score.as_f64().expect("a mean")
    };
    let ratio = bars(0, 0, parts[0]) / part(0, 0, "delta");
    for (layer, own) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        for (kind, colour) in [("delta", parts[own as usize]), ("random", random)] {
            let height = bars(layer, own, colour);
            let expected = part(layer as usize, own as usize, kind) * ratio;
            assert!(
                (height - expected).abs() <= 3.0,
                "{kind} {layer} {own}: {height} {expected}"
            );
        }
    }
}
