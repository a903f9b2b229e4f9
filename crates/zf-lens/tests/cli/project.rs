//! Projections, and the numbers behind them.

use std::fs;

use safetensors::SafeTensors;
use serde_json::Value;

use crate::bench::{Bench, about, integers, numbers, png};

#[test]
fn a_projection_is_dumped_with_everything_that_led_to_it() {
    let bench = Bench::new("dump");
    let photo = bench.photo("a.png", 50, 40);
    let (dump, picture) = (bench.path("numbers.safetensors"), bench.path("picture.png"));
    let run = bench.run(&[
        "project", &photo, "--layer", "conv2", "--dump", &dump, "-o", &picture,
    ]);
    assert_eq!(run.done().trim(), picture);

    let bytes = fs::read(&dump).expect("the dump was written");
    let about = about(&bytes);
    let keys: Vec<&str> = about
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "activation",
            "device",
            "layer",
            "network",
            "photos",
            "receptive_field",
            "rule",
            "unit",
            "weights"
        ]
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

    // The named unit is the layer's strongest, and its answer the rectified activation.
    let (shape, conv) = numbers(&tensors, "conv2");
    let [rows, cols] = [shape[2], shape[3]];
    let unit: Vec<usize> = serde_json::from_value(about["unit"].clone()).expect("three numbers");
    let answer = conv[(unit[0] * rows + unit[1]) * cols + unit[2]];
    assert_eq!(answer, conv.iter().copied().fold(f32::MIN, f32::max));
    assert!(
        answer > 0.0,
        "the strongest unit of a layer fires: {answer}"
    );
    assert_eq!(
        about["activation"].as_f64().expect("a number") as f32,
        answer
    );
    assert!(
        conv.iter().any(|value| *value < 0.0),
        "activations are those before the ReLU"
    );

    switches_are_places_of_maxima(&tensors);

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
    assert!(projection.iter().any(|value| *value != 0.0));

    let (width, height) = png(&picture);
    assert!(
        width > 2 * (field[3] - field[1]) as u32 && height > (field[2] - field[0]) as u32,
        "{width}×{height}"
    );
}

/// A switch is the place of the maximum in the pool's unpadded input.
fn switches_are_places_of_maxima(tensors: &SafeTensors<'_>) {
    let (shape, switches) = integers(tensors, "switches.pool1");
    assert_eq!(shape, numbers(tensors, "pool1").0);
    let ((below, input), (_, pooled)) = (numbers(tensors, "relu1"), numbers(tensors, "pool1"));
    let (plane, units) = (below[2] * below[3], shape[2] * shape[3]);
    for (at, (switch, value)) in switches.iter().zip(&pooled).enumerate() {
        assert_eq!(
            input[at / units * plane + *switch as usize],
            *value,
            "switch {at}"
        );
    }
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
    assert_eq!(projection(&["--switches", "kept"]), deconvnet);
    assert_ne!(projection(&["--switches", "lost"]), deconvnet);
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
fn a_figure_has_words_and_the_map_beside_the_pictures() {
    let bench = Bench::new("figure");
    let photo = bench.photo("a.png", 40, 40);
    let drawn = |more: &[&str]| {
        let path = bench.path("figure.svg");
        let mut arguments = vec!["project", &photo, "-o", &path];
        arguments.extend(more);
        bench.run(&arguments).done();
        fs::read_to_string(&path).expect("the figure was written")
    };
    let pictures = |svg: &str| svg.matches("<image").count();
    let unit = drawn(&["--layer", "conv2", "--figure"]);
    for words in [
        "conv2 map ",
        " at row",
        "Activation",
        "Deconvnet",
        "Where its",
    ] {
        assert!(unit.contains(words), "{words}: {unit}");
    }
    // The projection, the patch, the map and its colours.
    assert_eq!(pictures(&unit), 4);
    let class = drawn(&["--class", "cat", "--scale", "2", "--figure"]);
    assert_eq!(pictures(&class), 2);
    assert!(class.contains("Scale: Shared") && class.contains("white is 2.00"));
    let bare = drawn(&["--layer", "conv2", "--map", "1"]);
    assert!(!bare.contains("<text") && pictures(&bare) == 1);
}
