//! The network itself: its table, filters and files.

use std::fs;

use serde_json::Value;

use crate::bench::{Bench, captioned, painted};

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
    // Four filters of 5×5 in a square of two by two, with gaps of one filter pixel, on white.
    let figure = captioned(&picture);
    let side = 2 * 5 * 4 + 3 * 4;
    let solid = |y: u32| painted(&figure, 16..16 + side, y..y + 1, |pixel| pixel != [255; 3]);
    let rows = (0..figure.height()).filter(|y| solid(*y) as u32 > side * 9 / 10);
    assert_eq!(rows.count() as u32, side);
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
