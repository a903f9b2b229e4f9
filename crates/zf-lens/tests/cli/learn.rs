//! The operations and their ways back on a few numbers.

use std::fs;

use safetensors::SafeTensors;
use serde_json::json;

use crate::bench::{Bench, about, integers, numbers, parsed};

#[test]
fn the_lesson_is_worked_out_and_can_be_checked_by_hand() {
    let bench = Bench::new("learn");
    let dump = bench.path("d.safetensors");
    let run = bench.run(&[
        "learn",
        "--picture",
        "1,2,0;0,1,3;2,0,1",
        "--kernel",
        "1,0;0,-1",
        "--signal",
        "5,-6;7,8",
        "--window",
        "2",
        "--every",
        "1",
        "--dump",
        &dump,
        "--json",
    ]);
    let value = parsed(&run.done());
    // y: 1-1, 2-3, 0-0, 1-1.
    assert_eq!(
        value["convolution"]["answer"]["values"],
        json!([0.0, -1.0, 0.0, 0.0])
    );
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(numbers(&tensors, "input").0, [1, 1, 3, 3]);
    let (shape, matrix) = numbers(&tensors, "matrix");
    assert_eq!(shape, [4, 9]);
    assert_eq!(matrix[..9], [1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0]);
    let (_, transposed) = numbers(&tensors, "transposed");
    for (row, col) in (0..4).flat_map(|row| (0..9).map(move |col| (row, col))) {
        assert_eq!(matrix[row * 9 + col], transposed[col * 4 + row]);
    }
    // Only the second place answers: the kernel there, times -1.
    assert_eq!(
        numbers(&tensors, "back").1,
        [0.0, -1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    );
    assert_eq!(numbers(&tensors, "pooled").1, [2.0, 3.0, 2.0, 3.0]);
    assert_eq!(integers(&tensors, "switches").1, [1, 5, 6, 5]);
    // A place that two windows chose receives the sum.
    assert_eq!(
        numbers(&tensors, "unpooled").1,
        [0.0, 2.0, 0.0, 0.0, 0.0, 6.0, 2.0, 0.0, 0.0]
    );
    assert_eq!(numbers(&tensors, "deconvnet").1, [5.0, 0.0, 7.0, 8.0]);
    assert_eq!(
        numbers(&tensors, "gradient").1,
        [0.0; 4],
        "y is nowhere positive"
    );
    assert_eq!(numbers(&tensors, "guided").1, [0.0; 4]);
    let about = about(&bytes);
    assert_eq!(
        (&about["window"], &about["device"]),
        (&json!(2), &json!("cpu"))
    );

    // With the lesson's own numbers each rule lets through something else.
    let own = parsed(&bench.run(&["learn", "--json"]).done());
    let rules = ["gradient", "deconvnet", "guided"].map(|rule| &own["rectifier"][rule]);
    assert!(
        rules[0] != rules[1] && rules[1] != rules[2] && rules[0] != rules[2],
        "{own}"
    );
    let spoken = bench.run(&["learn"]).done();
    for word in ["y = Cx", "switches", "deconvnet", "guided"] {
        assert!(spoken.contains(word), "{word} in {spoken}");
    }
}

#[test]
fn numbers_that_make_no_grid_are_one_line() {
    let bench = Bench::new("learn-bad");
    for more in [
        ["--picture", "1,2;3"],
        ["--picture", "1,two"],
        ["--kernel", "1,2,3,4,5"],
        ["--signal", "1"],
        ["--window", "9"],
        ["--every", "3"],
        ["--picture", "inf,0;0,0"],
    ] {
        bench
            .run(&["learn", more[0], more[1]])
            .failed(2, &["zf-lens: ", "expected", "found"]);
    }
}
