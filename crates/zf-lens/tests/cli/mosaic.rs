//! Mosaics of a whole layer.

use std::fs;

use safetensors::SafeTensors;
use serde_json::Value;

use crate::bench::{Bench, integers, numbers, png};

#[test]
fn a_mosaic_has_a_tile_for_every_map() {
    let bench = Bench::new("mosaic");
    let photo = bench.photo("a.png", 40, 40);
    let (picture, dump) = (bench.path("mosaic.png"), bench.path("mosaic.safetensors"));
    let run = bench.run(&[
        "mosaic", &photo, "--layer", "conv2", "-o", &picture, "--dump", &dump, "--json", "--scale",
        "shared",
    ]);
    let about: Value = serde_json::from_str(&run.done()).expect("JSON");
    let units = about["units"].as_array().expect("units");
    assert_eq!(units.len(), 6);
    let silent = units
        .iter()
        .filter(|unit| unit["activation"] == 0.0)
        .count();
    assert_eq!(about["silent"], silent);
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let (shape, values) = numbers(&tensors, "projections");
    assert_eq!((shape[0], shape[1]), (6, 3));
    for (tile, unit) in values.chunks(values.len() / 6).zip(units) {
        assert_eq!(
            tile.iter().all(|value| *value == 0.0),
            unit["silent"] == true
        );
    }
    let alone = png(&picture);
    bench
        .run(&[
            "mosaic",
            &photo,
            "--layer",
            "conv2",
            "-o",
            &picture,
            "--patches",
            "--sort",
            "index",
        ])
        .done();
    assert!(
        png(&picture).0 > 2 * alone.0,
        "the patches stand beside the projections"
    );
}

#[test]
fn a_mosaics_tile_is_the_units_own_projection() {
    let bench = Bench::new("tile");
    let photo = bench.photo("a.png", 40, 40);
    let (mosaic, alone) = (
        bench.path("mosaic.safetensors"),
        bench.path("alone.safetensors"),
    );
    bench
        .run(&[
            "mosaic", &photo, "--layer", "conv2", "-o", "m.png", "--dump", &mosaic,
        ])
        .done();
    let mosaic = fs::read(&mosaic).expect("the dump was written");
    let mosaic = SafeTensors::deserialize(&mosaic).expect("safetensors");
    let ((shape, tiles), (_, corners)) = (
        numbers(&mosaic, "projections"),
        integers(&mosaic, "corners"),
    );
    let [rows, cols] = [shape[2], shape[3]];
    for map in 0..6 {
        bench
            .run(&[
                "project",
                &photo,
                "--layer",
                "conv2",
                "--map",
                &map.to_string(),
                "-o",
                "p.png",
                "--dump",
                &alone,
            ])
            .done();
        let bytes = fs::read(&alone).expect("the dump was written");
        let (_, whole) = numbers(
            &SafeTensors::deserialize(&bytes).expect("safetensors"),
            "projection",
        );
        let largest = whole
            .iter()
            .fold(1e-6f32, |most, value| most.max(value.abs()));
        for (at, value) in tiles[map * 3 * rows * cols..][..3 * rows * cols]
            .iter()
            .enumerate()
        {
            let row = corners[2 * map] + (at / cols % rows) as i32;
            let col = corners[2 * map + 1] + (at % cols) as i32;
            let inside = (0..32).contains(&row) && (0..32).contains(&col);
            let expected = if inside {
                whole[(at / (rows * cols) * 32 + row as usize) * 32 + col as usize]
            } else {
                0.0
            };
            assert!(
                (value - expected).abs() <= 1e-5 * largest,
                "map {map}, place {at}: expected {expected}, found {value}"
            );
        }
    }
}
