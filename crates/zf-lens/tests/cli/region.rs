//! Which maps answer in a region: figure, table, dump and JSON say the same, and what they say follows from the dump.

use std::fs;

use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::bench::{Bench, about, captioned, integers, numbers, painted, parsed};

#[test]
fn what_answers_in_a_region_is_drawn_tabulated_and_dumped() {
    let bench = Bench::new("region");
    let photo = bench.photo("a.png", 50, 40);
    let [dump, table, picture] = ["d.safetensors", "t.csv", "p.png"].map(|name| bench.path(name));
    let value = parsed(
        &bench
            .run(&[
                "region",
                &photo,
                "--region",
                "25%,0%,100%,50%",
                "--maps",
                "3",
                "--json",
                "-o",
                &picture,
                "--dump",
                &dump,
                "--csv",
                &table,
            ])
            .done(),
    );
    let region = json!({ "top": 0, "left": 8, "rows": 16, "cols": 24 });
    assert_eq!(value["region"], region);
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(
        (&about(&bytes)["region"], &about(&bytes)["layers"]),
        (&region, &value["layers"])
    );
    let layers = value["layers"].as_array().expect("layers");
    let names: Vec<_> = layers
        .iter()
        .filter_map(|layer| layer["layer"].as_str())
        .collect();
    assert_eq!(names, ["conv1", "conv2", "conv3"]);
    let rows = fs::read_to_string(&table).expect("the table was written");
    let mut rows = rows.lines();
    assert_eq!(
        rows.next(),
        Some("photo,layer,rank,map,correlation,inside,outside,row,col,activation")
    );
    let shown: usize = layers
        .iter()
        .zip(names)
        .map(|(layer, name)| says_the_same(layer, name, &tensors, &mut rows))
        .sum();
    assert!(shown > 2, "{shown}");
    assert_eq!(rows.next(), None);
    let figure = captioned(&picture);
    let outline = painted(&figure, 16..240, 60..360, |pixel| pixel == [230, 159, 0]);
    assert!(
        outline > 100,
        "the region stands on the photograph: {outline}"
    );
}

/// What the JSON and the table say of a layer follows from the dump; gives how many maps are shown.
fn says_the_same<'a>(
    layer: &Value,
    name: &str,
    tensors: &SafeTensors<'_>,
    rows: &mut impl Iterator<Item = &'a str>,
) -> usize {
    let (_, correlation) = numbers(tensors, &format!("{name}.correlation"));
    let (_, inside) = numbers(tensors, &format!("{name}.inside"));
    let (_, outside) = numbers(tensors, &format!("{name}.outside"));
    let (_, units) = integers(tensors, &format!("{name}.units"));
    let (shape, activation) = numbers(tensors, name);
    assert_eq!(layer["maps"], json!(correlation.len()));
    let mut order: Vec<usize> = (0..correlation.len())
        .filter(|map| correlation[*map] > 0.0)
        .collect();
    order.sort_by(|a, b| correlation[*b].total_cmp(&correlation[*a]));
    order.truncate(3);
    let found = layer["found"].as_array().expect("maps");
    assert_eq!(found.len(), order.len());
    for (rank, (one, map)) in found.iter().zip(order).enumerate() {
        assert_eq!(one["map"], json!(map));
        for (key, values) in [
            ("correlation", &correlation),
            ("inside", &inside),
            ("outside", &outside),
        ] {
            let value = one[key].as_f64().expect("a number");
            assert!(
                (value - f64::from(values[map])).abs() <= 1e-5 * value.abs().max(1e-3),
                "{key} of {map}"
            );
        }
        let unit: Vec<_> = ["map", "row", "col"].map(|key| one[key].clone()).into();
        assert_eq!(json!(unit), json!(units[3 * rank..3 * rank + 3]));
        let [row, col] = ["row", "col"].map(|key| one[key].as_u64().expect("a place") as usize);
        let at = (map * shape[2] + row) * shape[3] + col;
        let answer = f64::from(activation[at].max(0.0));
        assert!((one["activation"].as_f64().expect("a number") - answer).abs() < 1e-5);
        let row = rows.next().expect("a row for each map");
        assert!(row.contains(&format!(",{name},{rank},{map},")), "{row}");
    }
    found.len()
}

#[test]
fn a_region_that_cannot_be_says_why() {
    let bench = Bench::new("region-bad");
    let photo = bench.photo("a.png", 50, 40);
    let failed = |region: &str, more: &[&str], words: &[&str]| {
        let arguments = [&["region", &photo, "--region", region, "-o", "p.png"], more].concat();
        bench.run(&arguments).failed(2, words);
    };
    failed(
        "0%,0%,100%,100%",
        &[],
        &[
            "region",
            "so that something lies outside",
            "found all of it",
        ],
    );
    failed(
        "0,0,4,4",
        &[],
        &[
            "--region",
            "the part at left 5, top 0, 40×40",
            "[0.0, 0.0, 4.0, 4.0]",
        ],
    );
    failed("1,2,3", &[], &["--region", "LEFT,TOP,RIGHT,BOTTOM"]);
    failed(
        "0%,0%,50%,50%",
        &["--layers", "fc4"],
        &["fc4", "maps with more than one unit"],
    );
    failed("0%,0%,50%,50%", &["--layers", "conv7"], &["conv7"]);
    bench.run(&["region", &photo]).failed(2, &["--region"]);
    let two = bench.photo("b.png", 64, 64);
    let run = bench.run(&[
        "region",
        &photo,
        &two,
        "--region",
        "0%,0%,50%,100%",
        "--json",
        "--layers",
        "conv2",
        "-o",
        "out",
    ]);
    let values: Value = parsed(&run.done());
    let values = values.as_array().expect("one for each photograph");
    let same = json!({ "top": 0, "left": 0, "rows": 32, "cols": 16 });
    assert!(
        values
            .iter()
            .all(|value| value["region"] == same && value["layers"][0]["layer"] == "conv2")
    );
}
