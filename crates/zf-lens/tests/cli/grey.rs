//! A network that takes the grey of photographs: every command looks through it, and draws its projections grey.

use std::fs;

use safetensors::SafeTensors;
use serde_json::Value;

use crate::bench::{Bench, numbers, painted, parsed, png};

fn is_grey([red, green, blue]: [u8; 3]) -> bool {
    red == green && green == blue
}

#[test]
fn projections_are_grey_beside_the_coloured_photograph() {
    let bench = Bench::grey("grey-mosaic");
    let photo = bench.photo("a.png", 50, 40);
    let (picture, dump) = (bench.path("mosaic.png"), bench.path("mosaic.safetensors"));
    bench
        .run(&[
            "mosaic",
            &photo,
            "--patches",
            "--dump",
            &dump,
            "-o",
            &picture,
        ])
        .done();
    let drawn = image::open(&picture).expect("a picture").to_rgb8();
    let (width, height) = drawn.dimensions();
    let greys = |cols| painted(&drawn, cols, 0..height, is_grey);
    let half = (width / 2 * height) as usize;
    assert_eq!(greys(0..width / 2), half, "projections");
    assert!(greys(width - width / 2..width) < half, "the photograph");
    let different = painted(&drawn, 0..width / 2, 0..height, |pixel| pixel != [128; 3]);
    assert!(different > half / 20, "{different} of {half} say something");

    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(numbers(&tensors, "input").0, [1, 1, 32, 32]);
    let (shape, _) = numbers(&tensors, "projections");
    assert_eq!(shape[1], 1);
}

#[test]
fn every_question_is_asked_of_it() {
    let bench = Bench::grey("grey-questions");
    let photo = bench.photo("photos/a.png", 50, 40);
    bench.photo("photos/b.png", 40, 50);
    let folder = bench.path("photos");
    let picture = bench.path("out.png");
    for command in [
        &["project", &photo][..],
        &["hierarchy", &photo, "--maps", "2", "--width", "420"],
        &["occlusion", &photo, "--size", "16", "--stride", "16"],
        &["invariance", &photo],
        &["region", &photo, "--region", "25%,0%,100%,50%"],
        &["filters", &photo],
        &[
            "compare",
            &photo,
            "--with",
            &bench.path("features.safetensors"),
            "--maps",
            "2",
        ],
        &[
            "favourite",
            "--from",
            &photo,
            "--class",
            "cat",
            "--steps",
            "3",
        ],
        &[
            "explain",
            &photo,
            "--method",
            "saliency,smooth-grad,integrated-gradients,grad-cam,score-cam",
        ],
    ] {
        let dump = bench.path("out.safetensors");
        let more = ["--json", "--dump", &dump, "-o", &picture];
        parsed(&bench.run(&[command, &more].concat()).done());
        png(&picture);
        fs::remove_file(&dump).expect("a dump");
    }
    let classes: Value = parsed(&bench.run(&["classify", &photo, "--json"]).done());
    assert_eq!(classes["classes"].as_array().map(Vec::len), Some(3));
    bench
        .run(&["top", &folder, "--out", "gallery", "-q"])
        .done();
    let favourite = bench.path("favourite.png");
    bench
        .run(&[
            "favourite",
            "--layer",
            "conv3",
            "--map",
            "1",
            "--steps",
            "2",
            "-o",
            &favourite,
        ])
        .done();
}
