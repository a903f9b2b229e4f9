//! Filters in numbers, two networks side by side, and the poster of the layers.

use std::fs;

use safetensors::SafeTensors;
use serde_json::Value;

use crate::bench::{Bench, about, captioned, integers, numbers, painted, parsed, png};

#[test]
fn filters_are_measured_alone_and_on_photographs() {
    let bench = Bench::new("filters-numbers");
    let (picture, table) = (bench.path("filters.png"), bench.path("filters.csv"));
    let alone = parsed(&bench.run(&["filters", "--json", "-o", &picture]).done());
    assert_eq!(alone["shape"], serde_json::json!([4, 3, 5, 5]));
    assert_eq!(alone["stride"], serde_json::json!([2, 2]));
    assert_eq!(alone["mixture"]["weak"], 0.25, "the fourth filter is dead");
    assert_eq!(alone["mixture"]["silent"], Value::Null);
    assert_eq!(alone["filters"][3]["frequency"], Value::Null);
    // Nearly white: random numbers without a preference.
    let aliasing = alone["mixture"]["aliasing"].as_f64().expect("a number");
    assert!((0.5..0.95).contains(&aliasing), "{aliasing}");

    bench.photo("photos/a.png", 50, 40);
    bench.photo("photos/b.png", 33, 47);
    let dump = bench.path("filters.safetensors");
    let run = bench.run(&[
        "filters",
        &bench.path("photos"),
        "--scale",
        "shared",
        "--json",
        "--csv",
        &table,
        "--dump",
        &dump,
        "-o",
        &picture,
    ]);
    let seen = parsed(&run.done());
    assert_eq!(seen["pictures"], 2);
    for (filter, before) in [(0, &alone), (2, &alone)] {
        assert_eq!(
            seen["filters"][filter]["frequency"],
            before["filters"][filter]["frequency"]
        );
        let aliasing = seen["filters"][filter]["aliasing_on_pictures"].as_f64();
        assert!(aliasing.is_some_and(|share| (0.0..=1.0).contains(&share)));
    }
    let text = fs::read_to_string(&table).expect("the table was written");
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!((rows.len(), rows[0][0], rows[4][2]), (5, "filter", "true"));
    assert_eq!(
        rows[1][1].parse::<f64>().ok(),
        seen["filters"][0]["rms"].as_f64()
    );
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(numbers(&tensors, "input").0, [2, 3, 32, 32]);
    let (shape, weights) = numbers(&tensors, "weight");
    assert_eq!(shape, [4, 3, 5, 5]);
    let (_, rms) = numbers(&tensors, "rms");
    for (filter, rms) in weights.chunks(75).zip(rms) {
        let own = (filter.iter().map(|v| v * v).sum::<f32>() / 75.0).sqrt();
        assert!((own - rms).abs() < 1e-5 * rms.max(1e-3), "{own} {rms}");
    }
    assert!(numbers(&tensors, "frequency").1[3].is_nan());
    assert_eq!(about(&bytes)["mixture"], seen["mixture"]);
    // The dead filter is plain grey on the shared scale, and so is it on its own.
    // Two rows of two filters, 5 pixels each, six times as large, with gaps of 6: the last has nothing but grey.
    let drawn = captioned(&picture);
    let ground =
        |y: u32| drawn.get_pixel(16, y).0 == [128; 3] && drawn.get_pixel(17, y).0 == [128; 3];
    let top = (0..drawn.height())
        .find(|y| ground(*y) && ground(*y + 1))
        .expect("filters");
    let last = (16 + 42..16 + 72, top + 42..top + 72);
    let first = (16 + 6..16 + 36, top + 6..top + 36);
    let grey = |(cols, rows)| painted(&drawn, cols, rows, |pixel| pixel == [128; 3]);
    assert_eq!(grey(last), 30 * 30);
    assert!(grey(first) < 30 * 30 / 2);

    says_what_is_dead_and_what_is_silent(&bench, &picture);
}

fn says_what_is_dead_and_what_is_silent(bench: &Bench, picture: &str) {
    let text = bench.run(&["filters", "-o", picture]).done();
    let dead = "dead       25.0 % by their weights";
    for word in ["filters.png", dead, "frequency", "aliasing"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    // What is silent on a photograph is another matter, and is not counted with the dead.
    assert!(!text.contains("silent"), "{text}");
    let photo = bench.photo("one.png", 64, 64);
    let seen = bench.run(&["filters", &photo, "-o", picture]).done();
    assert!(
        seen.contains(dead) && seen.contains("\nsilent     "),
        "{seen}"
    );
    assert_eq!(
        bench
            .run(&["filters", "-q", "-o", picture])
            .done()
            .lines()
            .count(),
        1
    );
    bench
        .run(&["filters", "--weak-below", "-1"])
        .failed(2, &["expected", "found -1"]);
}

#[test]
fn two_networks_stand_side_by_side() {
    let bench = Bench::new("compare");
    let photo = bench.photo("a.png", 50, 40);
    let (picture, table) = (bench.path("compared.png"), bench.path("compared.csv"));
    let dump = bench.path("compared.safetensors");
    let run = bench.run(&[
        "compare",
        &photo,
        "--with",
        &bench.path("features.safetensors"),
        "--maps",
        "3",
        "--json",
        "--csv",
        &table,
        "--dump",
        &dump,
        "-o",
        &picture,
    ]);
    let found = parsed(&run.done());
    let networks = found["networks"].as_array().expect("two networks");
    // The same features twice: the same numbers and tiles.
    assert_eq!(networks.len(), 2);
    assert_eq!(networks[0], networks[1]);
    let layers = networks[0]["layers"].as_array().expect("layers");
    assert_eq!(layers.len(), 2);
    assert!(
        layers
            .iter()
            .all(|layer| layer["units"].as_array().is_some_and(|u| u.len() <= 3))
    );
    let drawn = captioned(&picture);
    let (width, height) = drawn.dimensions();
    let half = (width - 2 * 16 + 16) / 2;
    // Below the title and the words under it, which run over both.
    for (x, y) in (16..half).flat_map(|x| (90..height - 40).map(move |y| (x, y))) {
        // A letter's edge may be rounded otherwise at another place.
        let [one, other] = [x, x + half].map(|x| drawn.get_pixel(x, y).0);
        let near = one.iter().zip(other).all(|(a, b)| a.abs_diff(b) <= 16);
        assert!(near, "{x}, {y}: {one:?}, {other:?}");
    }
    let text = fs::read_to_string(&table).expect("the table was written");
    assert_eq!(text.lines().count(), 9);
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    for name in ["input", "weight", "conv1.projections", "conv2.activations"] {
        let other = numbers(&tensors, &format!("with.{name}"));
        assert_eq!(numbers(&tensors, name), other, "{name}");
    }
    let text = bench
        .run(&[
            "compare",
            &photo,
            "--with",
            &bench.path("."),
            "-o",
            &picture,
        ])
        .done();
    assert_eq!(text.matches("aliasing").count(), 2, "{text}");
    bench
        .run(&["compare", &photo, "--with", "nothing.safetensors"])
        .failed(2, &["nothing.safetensors", "expected"]);
    bench.run(&["compare", &photo]).failed(2, &["--with"]);
}

#[test]
fn a_poster_comes_in_three_formats_with_its_numbers() {
    let bench = Bench::new("hierarchy");
    let photo = bench.photo("a.png", 50, 40);
    let (picture, table) = (bench.path("poster.png"), bench.path("poster.csv"));
    let dump = bench.path("poster.safetensors");
    let run = bench.run(&[
        "hierarchy",
        &photo,
        "--maps",
        "3",
        "--width",
        "420",
        "--json",
        "--csv",
        &table,
        "--dump",
        &dump,
        "-o",
        &picture,
    ]);
    let found = parsed(&run.done());
    assert_eq!(png(&picture), (420, 594));
    let layers = found["layers"].as_array().expect("layers");
    let names: Vec<_> = layers
        .iter()
        .filter_map(|layer| layer["layer"].as_str())
        .collect();
    assert_eq!(names, ["conv1", "conv2", "conv3"]);
    let units = |layer: &Value| layer["units"].as_array().expect("units").clone();
    let shown: usize = layers.iter().map(|layer| units(layer).len()).sum();
    assert!(shown > 3 && layers.iter().all(|layer| units(layer).len() <= 3));
    let text = fs::read_to_string(&table).expect("the table was written");
    assert_eq!(text.lines().count(), shown + 1);
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(numbers(&tensors, "input").0, [1, 3, 32, 32]);
    for layer in layers {
        let (name, units) = (layer["layer"].as_str().expect("a name"), units(layer));
        let (shape, _) = numbers(&tensors, &format!("{name}.projections"));
        let field = layer["field"].as_array().expect("a field").clone();
        assert_eq!(shape[..2], [units.len(), 3]);
        assert_eq!(Some(shape[2] as u64), field[0].as_u64());
        let (_, places) = integers(&tensors, &format!("{name}.units"));
        let (_, activations) = numbers(&tensors, &format!("{name}.activations"));
        assert!(activations.is_sorted_by(|a, b| a >= b));
        for (unit, (place, activation)) in units.iter().zip(places.chunks(3).zip(&activations)) {
            assert_eq!(unit["map"].as_i64(), Some(i64::from(place[0])));
            assert_eq!(
                unit["activation"].as_f64().map(|a| a as f32),
                Some(*activation)
            );
        }
    }
    assert_eq!(about(&bytes)["layers"], found["layers"]);

    let draw = |name: &str| {
        let path = bench.path(name);
        bench
            .run(&["hierarchy", &photo, "--title", "Dog & cat", "-o", &path])
            .done();
        fs::read(&path).expect("the poster was written")
    };
    let drawn = String::from_utf8(draw("poster.svg")).expect("text");
    assert!(drawn.contains("Dog &amp; cat") && drawn.contains("conv3 – the"));
    let printed = draw("poster.pdf");
    assert!(printed.starts_with(b"%PDF-1."));
    let again = draw("again.pdf");
    assert!(printed == again, "the same photograph, the same bytes");
}

#[test]
fn posters_of_many_photographs_go_into_a_folder_and_bad_wishes_are_one_line() {
    let bench = Bench::new("hierarchy-many");
    let photo = bench.photo("photos/a.png", 50, 40);
    bench.photo("photos/b.png", 40, 50);
    fs::write(bench.path("photos/c.png"), "no picture").expect("the folder is there");
    let (folder, out) = (bench.path("photos"), bench.path("out"));
    let run = bench.run(&[
        "hierarchy",
        &folder,
        "--format",
        "pdf",
        "-o",
        &out,
        "--json",
    ]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("c.png"), "{}", run.stderr);
    assert_eq!(parsed(&run.stdout).as_array().map(Vec::len), Some(2));
    for name in ["a", "b"] {
        let path = bench.path(&format!("out/{name}.hierarchy.pdf"));
        assert!(
            fs::read(path)
                .expect("a poster")
                .trim_ascii_end()
                .ends_with(b"%%EOF")
        );
    }
    for more in [
        ["-o", "poster.gif"],
        ["--width", "0"],
        ["--maps", "none"],
        ["--format", "tiff"],
        ["--rule", "magic"],
    ] {
        let run = bench.run(&["hierarchy", &photo, more[0], more[1]]);
        run.failed(2, &["zf-lens: ", "expected", "found"]);
    }
}
