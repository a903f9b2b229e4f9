//! What a unit, a map or a class answers to most.

use std::fs;

use safetensors::SafeTensors;
use serde_json::Value;

use crate::bench::{Bench, about, captioned, numbers, painted, parsed, png};

/// Whether a figure has a picture of that size in its middle: there alone no row or column of it is all paper.
fn shows(path: &str, width: u32, height: u32) -> bool {
    let figure = captioned(path);
    assert_eq!(figure.width(), 448 + 2 * 16);
    let left = 16 + (448 - width) / 2;
    let solid = |y: u32| {
        painted(&figure, left..left + width, y..y + 1, |pixel| {
            pixel != [255; 3]
        })
    };
    let rows = (0..figure.height()).filter(|y| solid(*y) as u32 > width * 9 / 10);
    let beside = painted(&figure, 0..left, 160..160 + height / 2, |pixel| {
        pixel != [255; 3]
    });
    rows.count() as u32 == height && beside == 0
}

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
        &["--layer", "conv2", "--map", "1", "--mean"],
        &["--class", "cat", "--method", "pixels", "--decay", "0.1"],
        &["--class", "2", "--from", &photo, "--method", "pixels"],
    ] {
        let about = climbed(more);
        let [before, answer] =
            ["before", "answer"].map(|key| about[key].as_f64().expect("a number"));
        assert!(answer > before, "{more:?}: from {before} to {answer}");
        tabulates(&table, before, answer);
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
            // The receptive field is shown, every pixel as a square of whole pixels, in the middle of 448.
            let zoom = 448 / (bottom - top).max(right - left);
            let (width, height) = ((right - left) * zoom, (bottom - top) * zoom);
            assert!(
                shows(&picture, width, height),
                "{width}×{height} of the field"
            );
        } else {
            assert!(shows(&picture, 448, 448));
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

/// Every eighth step and the last have a row, from the answer before to that at the end.
fn tabulates(table: &str, before: f64, answer: f64) {
    let text = fs::read_to_string(table).expect("the table was written");
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
}

#[test]
fn each_photograph_is_a_beginning_of_its_own() {
    let bench = Bench::new("favourite-many");
    let photos = [
        bench.photo("in/a.png", 40, 40),
        bench.photo("in/b.png", 60, 44),
    ];
    fs::write(bench.path("in/c.png"), "no picture").expect("the folder is there");
    let climb = [
        "favourite",
        "--class",
        "cat",
        "--steps",
        "3",
        "--json",
        "--method",
        "pixels",
    ];
    let run = bench.run(
        &[
            &climb[..],
            &[
                &bench.path("in"),
                "-o",
                "out",
                "--csv",
                "out",
                "--dump",
                "out",
            ],
        ]
        .concat(),
    );
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("c.png"), "{}", run.stderr);
    let found = parsed(&run.stdout);
    let list = found.as_array().expect("a list");
    assert_eq!(list.len(), 2);
    for (photo, (name, value)) in photos.iter().zip(["a", "b"].into_iter().zip(list)) {
        assert_eq!(value["from"].as_str(), Some(photo.as_str()));
        captioned(&bench.path(&format!("out/{name}.cat.favourite.png")));
        assert!(fs::exists(bench.path(&format!("out/{name}.csv"))).expect("a folder"));
        let bytes = fs::read(bench.path(&format!("out/{name}.safetensors"))).expect("a dump");
        let about = about(&bytes);
        assert_eq!(about["photos"][0]["photo"].as_str(), Some(photo.as_str()));
        assert_eq!(about["photos"][0]["square"], value["square"]);
        // The climb begins with that photograph.
        let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
        let (_, start) = numbers(&tensors, "start");
        let classified = bench.path("classified.safetensors");
        bench
            .run(&["classify", photo, "--dump", &classified])
            .done();
        let classified = fs::read(&classified).expect("a dump");
        let classified = SafeTensors::deserialize(&classified).expect("safetensors");
        let (_, input) = numbers(&classified, "input");
        let mean = [120.0, 115.0, 100.0];
        for (at, (start, input)) in start.iter().zip(&input).enumerate() {
            let expected = (input + mean[at / (32 * 32)]) / 255.0;
            assert!(
                (start - expected).abs() < 1e-5,
                "{name} {at}: {start}, {expected}"
            );
        }
    }
    // By the option, too; and with another name for its file where there is no photograph.
    let one = parsed(
        &bench
            .run(&[&climb[..], &["--from", &photos[0]]].concat())
            .done(),
    );
    assert_eq!(one["answer"], list[0]["answer"]);
    png(&bench.path("a.cat.favourite.png"));
    let noise = parsed(&bench.run(&climb).done());
    assert!(noise["from"].is_null() && noise["square"].is_null());
    png(&bench.path("cat.favourite.png"));
}

#[test]
fn a_photograph_is_accentuated_unless_something_of_pixels_is_said() {
    let bench = Bench::new("favourite-accentuated");
    let photo = bench.photo("a.png", 40, 40);
    let dump = bench.path("d.safetensors");
    let climb = [
        "favourite",
        "--class",
        "cat",
        "--steps",
        "6",
        "--json",
        "--dump",
        &dump,
        &photo,
    ];
    let method = |more: &[&str]| {
        let about = parsed(&bench.run(&[&climb[..], more].concat()).done());
        let [before, answer] =
            ["before", "answer"].map(|key| about[key].as_f64().expect("a number"));
        assert!(answer > before, "{more:?}: from {before} to {answer}");
        about["settings"]["method"].as_str().map(str::to_owned)
    };
    assert_eq!(method(&[]).as_deref(), Some("accentuate"));
    // The photograph's own part stands beside it: two pictures of 448 pixels.
    assert!(captioned(&bench.path("a.cat.favourite.png")).width() > 2 * 448);
    assert_eq!(method(&["--variation", "0.3"]).as_deref(), Some("pixels"));
    assert_eq!(method(&["--near", "0"]).as_deref(), Some("accentuate"));
    let noise = parsed(&bench.run(&climb[..6]).done());
    assert_eq!(noise["settings"]["method"], "maco");
    let _ = captioned(&bench.path("cat.favourite.png"));
}

#[test]
fn two_targets_are_told_of_both() {
    let bench = Bench::new("favourite-two");
    let (dump, table) = (bench.path("d.safetensors"), bench.path("t.csv"));
    let climb = [
        "favourite",
        "--layer",
        "conv2",
        "--map",
        "1",
        "--steps",
        "16",
        "--json",
    ];
    let two = |and: &[&str]| {
        let more = ["--dump", &dump, "--csv", &table, "--and"];
        parsed(&bench.run(&[&climb[..], &more[..], and].concat()).done())
    };
    let about = two(&["conv2/3/2,2", "--weight", "0.5"]);
    assert_eq!(
        about["and"]["target"]["unit"]["unit"],
        serde_json::json!([3, 2, 2])
    );
    assert_eq!(about["and"]["weight"], 0.5);
    png(&bench.path("conv2.1+conv2.3.2-2.favourite.png"));
    let bytes = fs::read(&dump).expect("a dump");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(numbers(&tensors, "and").0, [1]);
    assert_eq!(numbers(&tensors, "opacity").0, [32, 32]);
    let text = fs::read_to_string(&table).expect("a table");
    assert!(text.starts_with("step,answer,and\n"), "{text}");
    // What is wanted is answered more than what is to be avoided.
    let answer = |about: &Value| about["and"]["answer"].as_f64().expect("a number");
    assert!(answer(&two(&["cat"])) > answer(&two(&["cat", "--weight", "-1"])));
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let bench = Bench::new("favourite-large");
    let path = bench.path("large.jpg");
    let file = fs::File::create(&path).expect("the folder is there");
    file.set_len(zfnet::pictures::image::MAX_BYTES as u64 + 1)
        .expect("a file with a hole");
    bench
        .run(&["favourite", "--class", "cat", &path])
        .failed(2, &["large.jpg", "at most", "bytes"]);
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
        &["favourite", "--class", "cat", "--method", "magic"],
        &["favourite", "--class", "cat", "--method", "accentuate"],
        &[
            "favourite",
            "--class",
            "cat",
            "--method",
            "pixels",
            "--grain",
            "0.1",
        ],
        &[
            "favourite",
            "--class",
            "cat",
            "--method",
            "maco",
            "--blur",
            "1",
        ],
        &["favourite", "--class", "cat", "--least-crop", "0"],
        &["favourite", "--class", "cat", "--and", "unicorn"],
        &["favourite", "--class", "cat", "--and", "conv2/99"],
        &["favourite", "--class", "cat", "--and", "conv2/x"],
        &["favourite", "--class", "cat", "--and", "conv2/1/1"],
        &[
            "favourite",
            "--class",
            "cat",
            "--and",
            "dog",
            "--weight",
            "1e9",
        ],
        &["favourite", "--map", "0", "--mean", "--at", "1,1"],
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
