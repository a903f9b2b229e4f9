//! Raw numbers: every command's file holds what entered the network, and all that is needed to make it again.

use std::fs;

use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::bench::{Bench, about, numbers, parsed};

/// Settings of a command's own that its file must hold.
const OWN: [(&str, &[&str], &[&str]); 11] = [
    ("classify", &[], &["classes"]),
    (
        "project",
        &["--layer", "conv2"],
        &["layer", "unit", "rule", "activation"],
    ),
    (
        "mosaic",
        &["--layer", "conv2"],
        &["layer", "rule", "maps", "silent"],
    ),
    (
        "occlusion",
        &["--size", "9", "--stride", "11", "--batch", "3", "--whole"],
        &[
            "size",
            "stride",
            "fill",
            "layer",
            "map",
            "strongest",
            "class",
            "batch",
            "whole",
            "grid",
            "uncovered",
        ],
    ),
    (
        "invariance",
        &[
            "--transform",
            "scale",
            "--parameters",
            "1,1.5",
            "--batch",
            "2",
        ],
        &["class", "sweeps"],
    ),
    (
        "explain",
        &[
            "--method",
            "smooth-grad,grad-cam",
            "--samples",
            "3",
            "--seed",
            "8",
        ],
        &["class", "score", "head", "methods"],
    ),
    ("gain", &[], &["class", "rule", "threshold", "heads"]),
    (
        "favourite",
        &["--class", "cat", "--steps", "2", "--seed", "6"],
        &["target", "settings", "before", "answer"],
    ),
    (
        "region",
        &["--region", "10%,10%,60%,60%"],
        &["region", "layers"],
    ),
    ("filters", &[], &["layer", "stride", "settings", "mixture"]),
    (
        "hierarchy",
        &["--maps", "2", "--width", "420"],
        &["settings", "layers", "rule"],
    ),
];

/// What every file says, and that it holds `input`; gives the rest.
fn complete(bench: &Bench, dump: &str, photos: &[(&str, [u32; 3])]) -> Value {
    let bytes = fs::read(dump).unwrap_or_else(|error| panic!("{dump}: {error}"));
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let (shape, values) = numbers(&tensors, "input");
    assert_eq!(shape, [photos.len(), 3, 32, 32]);
    assert!(values.iter().any(|value| *value != values[0]));
    let about = about(&bytes);
    assert_eq!(
        (&about["network"], &about["device"]),
        (&json!("tiny"), &json!("cpu"))
    );
    let manifest = fs::read_to_string(bench.path("manifest.json")).expect("a manifest");
    let files = parsed(&manifest)["files"].clone();
    let sums: Vec<_> = files
        .as_array()
        .expect("files")
        .iter()
        .map(|file| &file["sha256"])
        .collect();
    assert_eq!(about["weights"], json!(sums));
    let expected = photos
        .iter()
        .map(|(photo, square)| json!({ "photo": photo, "square": square }));
    assert_eq!(about["photos"], expected.collect::<Value>());
    about
}

#[test]
fn every_dump_holds_its_input_and_says_how_it_was_made() {
    let bench = Bench::new("dumps");
    let photo = bench.photo("a.png", 50, 40);
    let dump = bench.path("d.safetensors");
    for (command, more, keys) in OWN {
        let start = [command, &photo, "--dump", &dump, "-q"];
        let place: &[&str] = if command == "classify" {
            &[]
        } else {
            &["-o", "p.png"]
        };
        for (crop, square) in [(&[][..], [5, 0, 40]), (&["--crop", "3,2,35"], [3, 2, 35])] {
            bench.run(&[&start[..], place, more, crop].concat()).done();
            let about = complete(&bench, &dump, &[(&photo, square)]);
            for key in keys {
                assert!(about.get(*key).is_some(), "{command}: {key} in {about}");
            }
            match command {
                "occlusion" => {
                    let told = ["size", "stride", "batch", "whole"].map(|key| about[key].clone());
                    assert_eq!(told, [json!(9), json!(11), json!(3), json!(true)]);
                }
                "explain" => assert_eq!(about["methods"][0]["seed"], 8),
                "favourite" => assert_eq!(about["settings"]["seed"], 6),
                "invariance" => {
                    assert_eq!(about["sweeps"][0]["parameters"], json!([1.0, 1.5]));
                    assert_eq!(about["sweeps"][0]["batch"], 2);
                    assert!(
                        about["class"].as_u64().is_some(),
                        "the class that was taken: {about}"
                    );
                }
                "gain" => assert_eq!(about["heads"][0]["layer"], "conv3"),
                _ => {}
            }
        }
    }
}

#[test]
fn dumps_of_several_photographs_and_networks_name_each() {
    let bench = Bench::new("dumps-many");
    let (a, b) = (
        bench.photo("in/a.png", 50, 40),
        bench.photo("in/b.png", 40, 44),
    );
    let (folder, dump) = (bench.path("in"), bench.path("d.safetensors"));
    let both = [(a.as_str(), [5, 0, 40]), (b.as_str(), [0, 2, 40])];
    bench
        .run(&["filters", &folder, "--dump", &dump, "-q", "-o", "f.png"])
        .done();
    complete(&bench, &dump, &both);
    let boxes = bench.path("boxes.csv");
    let rows = "file,part,xmin,ymin,xmax,ymax\na.png,ear,10,4,30,20\nb.png,ear,8,6,25,30\n";
    fs::write(&boxes, rows).expect("a file");
    let compared = [
        "correspondence",
        &folder,
        "--boxes",
        &boxes,
        "--random",
        "2",
        "--seed",
        "5",
        "--dump",
        &dump,
    ];
    bench.run(&compared).done();
    let told = complete(&bench, &dump, &both);
    assert_eq!(
        (&told["settings"]["seed"], &told["settings"]["random"]),
        (&json!(5), &json!(2))
    );
    assert_eq!(told["parts"][0]["boxes"].as_array().map(Vec::len), Some(2));

    // The same network twice, the second time without its classifier, on the same photograph.
    let other = bench.path("features.safetensors");
    bench
        .run(&[
            "compare", &a, "--with", &other, "--dump", &dump, "-q", "-o", "c.png",
        ])
        .done();
    let told = complete(&bench, &dump, &both[..1]);
    assert_eq!(
        (&told["with"]["network"], &told["with"]["square"]),
        (&json!("tiny"), &json!([5, 0, 40]))
    );
    assert_eq!(told["with"]["weights"], json!([told["weights"][0]]));

    // Filters alone need no photograph, and have no input.
    bench
        .run(&["filters", "--dump", &dump, "-q", "-o", "f.png"])
        .done();
    let bytes = fs::read(&dump).expect("a dump");
    assert!(
        SafeTensors::deserialize(&bytes)
            .expect("safetensors")
            .tensor("input")
            .is_err()
    );
    assert_eq!(about(&bytes)["photos"], json!([]));
    assert!(
        bench
            .run(&["filters", "--help"])
            .done()
            .contains("there is none")
    );
}
