//! What a unit, a map or a class answers to most.

use std::fs;

use safetensors::SafeTensors;
use serde_json::Value;

use crate::bench::{Bench, numbers, png};

#[test]
fn a_climb_raises_the_answer_and_leaves_its_numbers() {
    let bench = Bench::new("favourite");
    let (dump, picture) = (bench.path("numbers.safetensors"), bench.path("picture.png"));
    let table = bench.path("answers.csv");
    let climbed = |more: &[&str]| -> Value {
        let mut arguments = vec![
            "favourite",
            "--steps",
            "20",
            "--json",
            "--csv",
            &table,
            "--dump",
            &dump,
            "-o",
            &picture,
        ];
        arguments.extend(more);
        serde_json::from_str(&bench.run(&arguments).done()).expect("JSON")
    };
    let photo = bench.photo("a.png", 40, 40);
    for more in [
        &["--layer", "conv2", "--map", "1", "--jitter", "1"][..],
        &[
            "--layer", "conv2", "--map", "1", "--at", "1,1", "--jitter", "0",
        ],
        &["--class", "cat", "--seed", "3"],
        &["--class", "2", "--from", &photo],
    ] {
        let about = climbed(more);
        let [before, answer] =
            ["before", "answer"].map(|key| about[key].as_f64().expect("a number"));
        assert!(answer > before, "{more:?}: from {before} to {answer}");
        let text = fs::read_to_string(&table).expect("the table was written");
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(1)
            .map(|line| {
                line.split(',')
                    .filter_map(|cell| cell.parse().ok())
                    .collect()
            })
            .collect();
        let steps: Vec<f64> = rows.iter().map(|row| row[0]).collect();
        assert_eq!(steps, [0.0, 8.0, 16.0, 20.0], "{text}");
        let near =
            |found: f64, expected: f64| (found - expected).abs() <= 1e-5 * expected.abs().max(1.0);
        assert!(
            near(rows[0][1], before) && near(rows[3][1], answer),
            "{text}"
        );
        let bytes = fs::read(&dump).expect("the dump was written");
        let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
        let (shape, end) = numbers(&tensors, "favourite");
        assert_eq!(shape, [3, 32, 32]);
        assert!(end.iter().all(|value| (0.0..=1.0).contains(value)));
        assert_ne!(end, numbers(&tensors, "start").1);
        // The dumped trace is that of the final picture: the answer stands in it.
        let (unit, field) = (
            about["target"]["unit"]["unit"].clone(),
            about["receptive_field"].clone(),
        );
        if let Ok([map, row, col]) = serde_json::from_value::<[usize; 3]>(unit) {
            let (shape, layer) = numbers(&tensors, "conv2");
            let found = f64::from(layer[(map * shape[2] + row) * shape[3] + col]);
            assert!(
                (found - answer).abs() <= 1e-4 * answer.abs().max(1.0),
                "{found} {answer}"
            );
            let [top, left, bottom, right]: [u32; 4] =
                serde_json::from_value(field).expect("four numbers");
            let (width, height) = png(&picture);
            assert_eq!(
                width * (bottom - top),
                height * (right - left),
                "the receptive field is shown"
            );
        } else {
            assert_eq!(png(&picture), (448, 448));
        }
    }
    assert_eq!(
        climbed(&["--class", "cat"])["answer"],
        climbed(&["--class", "猫"])["answer"]
    );
    assert_ne!(
        climbed(&["--class", "cat"])["answer"],
        climbed(&["--class", "cat", "--seed", "9"])["answer"]
    );
}

#[test]
fn wrong_targets_are_one_line() {
    let bench = Bench::new("favourite-bad");
    for arguments in [
        &["favourite"][..],
        &["favourite", "--map", "99"],
        &["favourite", "--layer", "conv9", "--map", "0"],
        &["favourite", "--map", "0", "--at", "99,0"],
        &["favourite", "--class", "unicorn"],
        &["favourite", "--class", "cat", "--map", "0"],
        &["favourite", "--class", "cat", "--steps", "0"],
        &["favourite", "--class", "cat", "--rate", "fast"],
        &["favourite", "--class", "cat", "--jitter", "1000000"],
        &["favourite", "--class", "cat", "--from", "nowhere.jpg"],
    ] {
        bench
            .run(arguments)
            .failed(2, &["zf-lens: ", "expected", "found"]);
    }
    bench
        .run(&["favourite", "--class", "cat", "--steps", "2"])
        .done();
    png(&bench.path("cat.favourite.png"));
}
