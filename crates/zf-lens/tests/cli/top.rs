//! Top activations: the gallery agrees with what every photograph answers alone, and a run that was broken off ends as
//! one that was not.

#[cfg(unix)]
mod broken_off;
mod parts;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::bench::{Bench, about, integers, numbers, parsed};

const LAYERS: [(&str, u64); 3] = [("conv1", 4), ("conv2", 6), ("conv3", 5)];

fn gallery(folder: &str) -> Value {
    let path = Path::new(folder).join("gallery.json");
    parsed(&fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
}

/// Every file of a folder.
fn files(folder: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder");
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, fs::read(entry.path()).expect("a file"))
    };
    entries
        .map(|entry| file(entry.expect("an entry")))
        .collect()
}

fn list(value: &Value) -> &Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no list: {value}"))
}

fn at(entry: &Value, key: &str) -> u64 {
    entry[key]
        .as_u64()
        .unwrap_or_else(|| panic!("no {key}: {entry}"))
}

#[test]
fn a_gallery_holds_the_strongest_pictures_of_every_map_each_once() {
    let bench = Bench::new("top");
    for number in 0..12 {
        bench.photo(&format!("set/{number:02}.png"), 40 + number, 36);
    }
    let set = bench.path("set");
    fs::copy(format!("{set}/03.png"), format!("{set}/12-copy.png")).expect("a copy");
    fs::write(format!("{set}/05-broken.jpg"), "this is text").expect("a file");
    let [out, dump, table] = ["gallery", "d.safetensors", "t.csv"].map(|name| bench.path(name));
    let again = format!("{set}/03.png"); // also in the folder
    let run = bench.run(&[
        "top", &set, &again, "--out", &out, "--batch", "5", "--dump", &dump, "--csv", &table,
        "--json",
    ]);
    assert_eq!(
        (run.code, run.stderr.lines().count()),
        (2, 1),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("05-broken.jpg"), "{}", run.stderr);
    let summary = parsed(&run.stdout);
    assert_eq!(
        (&summary["pictures"], &summary["skipped"]),
        (&json!(13), &json!(1))
    );
    let found = gallery(&out);
    assert_eq!(found["format"], "zf-lens gallery 1");
    assert_eq!(
        (&found["rule"], &found["count"]),
        (&json!("deconvnet"), &json!(9))
    );
    let manifest = parsed(&fs::read_to_string(bench.path("manifest.json")).expect("a manifest"));
    assert_eq!(found["features_sha256"], manifest["files"][0]["sha256"]);

    let table = fs::read_to_string(&table).expect("the table was written");
    assert_eq!(table, table_of(&found), "a row for each winner");

    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let about = about(&bytes);
    assert_eq!(
        (&about["batch"], &about["count"], &about["skipped"]),
        (&json!(5), &json!(9), &json!([5]))
    );
    assert_eq!(about["names"][3], "03.png");
    let mut winners = HashSet::new();
    for (number, layer) in LAYERS.into_iter().enumerate() {
        let described = &found["layers"][number];
        let (silent, won) = holds_the_strongest(&bench, &set, layer, described, &tensors);
        assert_eq!(summary["layers"][number]["silent"], json!(silent));
        winners.extend(won);
        shows_its_sheets(&out, described);
    }
    dumps_the_inputs_of(&winners, &bench, &tensors, &about);
    let first = at(&found["layers"][0]["top"][0][0], "picture");
    assert_eq!(
        about["inputs"][0],
        json!(first),
        "the first of the first map"
    );
    // Names of the winners and of nobody else, as they are called under the folder.
    let names = found["names"].as_object().expect("names");
    let named: HashSet<u64> = names
        .keys()
        .map(|key| key.parse().expect("a number"))
        .collect();
    assert_eq!(named, winners);
    assert_eq!(names.get("3"), Some(&json!("03.png")));
    assert!(names.get("13").is_none_or(|name| name == "12-copy.png"));
}

/// Holds a layer of a gallery and of its dump against what every photograph of the set answers alone: how many of its maps are
/// silent, and which pictures have won a place.
fn holds_the_strongest(
    bench: &Bench,
    set: &str,
    (layer, maps): (&str, u64),
    described: &Value,
    tensors: &SafeTensors<'_>,
) -> (usize, HashSet<u64>) {
    let alone = bench.run(&[
        "mosaic", set, "--layer", layer, "-o", "m", "--sort", "index", "--json",
    ]);
    // The broken file is the sixth of the list, so the numbers from there on are one higher.
    let alone: Vec<(u64, Value)> = list(&parsed(&alone.stdout))
        .iter()
        .enumerate()
        .map(|(at, value)| (at as u64 + u64::from(at >= 5), value["units"].clone()))
        .collect();
    assert_eq!(alone.len(), 13);
    let (shape, activations) = numbers(tensors, &format!("{layer}.activation"));
    let (_, units) = integers(tensors, &format!("{layer}.unit"));
    assert_eq!(shape, [maps as usize, 9]);
    assert_eq!(
        (&described["layer"], &described["maps"]),
        (&json!(layer), &json!(maps))
    );
    let mut winners = HashSet::new();
    for map in 0..maps as usize {
        let expected = strongest(&alone, map);
        let top = list(&described["top"][map]);
        assert_eq!(top.len(), expected.len(), "{layer} {map}");
        let distinct: HashSet<u64> = top.iter().map(|entry| at(entry, "picture")).collect();
        assert_eq!(distinct.len(), top.len(), "{layer} {map}");
        for (rank, (entry, (activation, picture, unit))) in top.iter().zip(&expected).enumerate() {
            let place = map * 9 + rank;
            let near = |found: f64| (found as f32 - activation).abs() <= 1e-4 * activation;
            assert!(
                near(entry["activation"].as_f64().expect("a number")),
                "{layer} {map} {rank}"
            );
            assert!(near(activations[place].into()), "{layer} {map} {rank}");
            assert_eq!(at(entry, "picture"), *picture, "{layer} {map} {rank}");
            assert_eq!(json!([map, entry["row"], entry["col"]]), *unit);
            let unit = [*picture, at(entry, "row"), at(entry, "col")].map(|number| number as i32);
            assert_eq!(units[place * 3..place * 3 + 3], unit);
            // The fourth filter of conv1 is dead: it answers with its bias, and there is nothing to see.
            let is_dead = (layer, map) == ("conv1", 3);
            assert_eq!(entry["scale"] == json!(0.0), is_dead, "{layer} {map}");
            let window = &entry["window"];
            assert_eq!(
                json!([window["height"], window["width"]]),
                described["field"]
            );
            winners.insert(*picture);
        }
        for rank in top.len()..9 {
            assert_eq!(activations[map * 9 + rank], 0.0);
            assert_eq!(units[(map * 9 + rank) * 3], -1);
        }
    }
    let tops = list(&described["top"]);
    assert!(tops.iter().any(|top| list(top).len() == 9), "{layer}");
    let silent = tops.iter().filter(|top| list(top).is_empty()).count();
    (silent, winners)
}

/// The winners of a gallery as a table.
fn table_of(gallery: &Value) -> String {
    let mut table = "layer,map,rank,picture,row,col,activation,photo\n".to_owned();
    for layer in list(&gallery["layers"]) {
        for (map, winners) in list(&layer["top"]).iter().enumerate() {
            for (rank, winner) in list(winners).iter().enumerate() {
                let [picture, row, col] = ["picture", "row", "col"].map(|key| at(winner, key));
                let activation = winner["activation"].as_f64().expect("a number") as f32;
                let layer = layer["layer"].as_str().expect("a name");
                let photo = &gallery["names"][picture.to_string()];
                let photo = photo.as_str().expect("a name");
                table +=
                    &format!("{layer},{map},{rank},{picture},{row},{col},{activation},{photo}\n");
            }
        }
    }
    table
}

/// The nine strongest activations of a map with their pictures and units, from what each picture answers alone.
fn strongest(alone: &[(u64, Value)], map: usize) -> Vec<(f32, u64, Value)> {
    let mut all: Vec<(f32, u64, Value)> = alone
        .iter()
        .map(|(picture, units)| {
            let activation = units[map]["activation"].as_f64().expect("a number") as f32;
            (activation, *picture, units[map]["unit"].clone())
        })
        .filter(|(activation, ..)| *activation > 0.0)
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    all.truncate(9);
    all
}

/// A layer's sheets have room for nine tiles of each map.
fn shows_its_sheets(out: &str, described: &Value) {
    let [columns, tile, maps] = ["columns", "tile", "maps"].map(|key| at(described, key));
    for (kind, ending) in [("projections", ".jpg"), ("patches", ".webp")] {
        let name = described[kind].as_str().expect("a name");
        assert!(name.ends_with(ending), "{name}");
        let sheet = image::open(Path::new(out).join(name)).expect("a sheet");
        let expected = (columns * 3 * tile, maps.div_ceil(columns) * 3 * tile);
        assert_eq!(
            (u64::from(sheet.width()), u64::from(sheet.height())),
            expected
        );
    }
}

/// The winners' inputs are dumped, each once, and as every command sees them.
fn dumps_the_inputs_of(
    winners: &HashSet<u64>,
    bench: &Bench,
    tensors: &SafeTensors<'_>,
    about: &Value,
) {
    let inputs: Vec<u64> = list(&about["inputs"])
        .iter()
        .filter_map(Value::as_u64)
        .collect();
    let distinct: HashSet<u64> = inputs.iter().copied().collect();
    assert_eq!((&distinct, inputs.len()), (winners, winners.len()));
    let (shape, values) = numbers(tensors, "input");
    assert_eq!(shape, [inputs.len(), 3, 32, 32]);
    for (row, photo) in list(&about["photos"]).iter().enumerate() {
        let path = photo["photo"].as_str().expect("a path");
        let name = about["names"][inputs[row] as usize]
            .as_str()
            .expect("a name");
        assert!(path.ends_with(name), "{path} {name}");
        if row % 4 == 0 {
            let alone = bench.path("alone.safetensors");
            bench.run(&["classify", path, "--dump", &alone]).done();
            let alone = fs::read(&alone).expect("a dump");
            let alone = SafeTensors::deserialize(&alone).expect("safetensors");
            let own = &values[row * 3 * 32 * 32..(row + 1) * 3 * 32 * 32];
            assert_eq!(numbers(&alone, "input").1, own, "{path}");
        }
    }
}

#[test]
fn a_gallery_without_patches_shows_no_photograph() {
    let bench = Bench::new("top-no-patches");
    let photos = [
        bench.photo("in/a.png", 40, 40),
        bench.photo("in/b.png", 60, 44),
    ];
    let out = bench.path("out");
    let dump = bench.path("d.safetensors");
    let arguments = [
        "top",
        &photos[0],
        &photos[1],
        "--out",
        &out,
        "--layers",
        "conv3,conv1",
        "--dump",
        &dump,
    ];
    let spoken = bench
        .run(
            &[
                &arguments[..],
                &["--no-patches", "--count", "4", "--tile", "16"],
                &["--csv", "t.csv"],
            ]
            .concat(),
        )
        .done();
    assert_eq!(spoken.trim(), format!("{out}/gallery.json"));
    let table = fs::read_to_string(bench.path("t.csv")).expect("the table was written");
    assert!(table.starts_with("layer,map,rank") && !table.contains(".png"));
    let found = gallery(&out);
    assert_eq!(found["names"], json!({}));
    let bytes = fs::read(&dump).expect("the dump was written");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert!(tensors.tensor("input").is_err() && tensors.tensor("conv3.unit").is_ok());
    let about = about(&bytes);
    assert!(
        about["names"].is_null() && about["photos"] == json!([]),
        "{about}"
    );
    assert!(!about.to_string().contains(".png"), "{about}");
    let layers = list(&found["layers"]);
    let named: Vec<_> = layers.iter().map(|layer| &layer["layer"]).collect();
    assert_eq!(named, ["conv1", "conv3"], "in the network's order");
    assert!(
        layers
            .iter()
            .all(|layer| layer["patches"].is_null() && at(layer, "tile") <= 16)
    );
    let files: Vec<String> = files(&out).into_keys().collect();
    assert_eq!(
        files,
        [
            "conv1.projections.jpg",
            "conv3.projections.jpg",
            "gallery.json",
            "top.state.json"
        ]
    );

    // The same winners drawn again, in another way, without looking at all photographs again.
    let redrawn = [
        &arguments[..],
        &["--count", "4", "--rule", "guided", "--resume"],
    ]
    .concat();
    bench.run(&redrawn).done();
    let again = gallery(&out);
    assert_eq!(
        (&again["rule"], &again["names"]["1"]),
        (&json!("guided"), &json!("b.png"))
    );
    let unit = |found: &Value| found["layers"][1]["top"][0][0]["row"].clone();
    assert_eq!(unit(&found), unit(&again));
}

#[test]
fn what_cannot_be_resumed_or_done_says_why() {
    let bench = Bench::new("top-bad");
    let photos = [bench.photo("a.png", 40, 40), bench.photo("b.png", 60, 44)];
    let out = bench.path("out");
    let arguments = ["top", &photos[0], &photos[1], "--out", &out];
    bench.run(&arguments).done();
    let resumed = |more: &[&str]| bench.run(&[&arguments[..], &["--resume"], more].concat());
    resumed(&["--count", "3"]).failed(2, &["the same --count as when the run began, 9", "found 3"]);
    resumed(&["--layers", "conv1"]).failed(2, &["the same --layers", "found [\"conv1\"]"]);
    resumed(&["--batch", "2"]).failed(2, &["the same --batch", "16"]);
    resumed(&["--crop", "0,0,30"]).failed(2, &["the same --crop", "null", "[0,0,30]"]);
    let other = bench.path("features.safetensors");
    resumed(&["--weights", &other]).failed(2, &["the same weights"]);
    resumed(&[&bench.photo("c.png", 44, 44)]).failed(2, &["the same number of photographs"]);
    bench
        .run(&["top", &photos[1], &photos[0], "--out", &out, "--resume"])
        .failed(2, &["the same list of photographs"]);
    let state = bench.path("out/top.state.json");
    fs::write(&state, "{}").expect("a file");
    resumed(&[]).failed(2, &["top.state.json", "zf-lens top state 1"]);
    fs::remove_file(&state).expect("a file");
    resumed(&[]).done(); // nothing to go on from is a beginning

    let fresh = bench.path("fresh");
    let top = |more: &[&str]| bench.run(&[&["top", &photos[0], "--out", &fresh], more].concat());
    top(&["--layers", "conv9"]).failed(2, &["conv9", "expected one of"]);
    top(&["--layers", "conv1,conv1"]).failed(2, &["each once", "conv1 twice"]);
    top(&["--tile", "4"]).failed(2, &["--tile", "from 8 to 256"]);
    top(&["--quality", "0"]).failed(2, &["--quality", "from 1 to 100"]);
    top(&["--count", "0"]).failed(2, &["--count"]);
    assert!(!Path::new(&fresh).exists());
    fs::write(bench.path("broken.png"), "text").expect("a file");
    let run = bench.run(&["top", &bench.path("broken.png"), "--out", &fresh]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("at least one that can be read"),
        "{}",
        run.stderr
    );
}

/// Credits for photographs that are called a…, and none for those that are called b….
fn credits(bench: &Bench) -> String {
    let path = bench.path("credits.json");
    let json = json!({
        "licence": {"name": "CC BY-SA 4.0", "url": "https://example.org/by-sa"},
        "photographs": [
            {"files": ["b*.png"], "withheld": {"en": "a face", "zh": "人脸"}},
            {"files": ["a?.png"], "credit": {
                "title": "Squares", "by": "A. Painter", "source": "https://example.org/squares",
                "licence": {"name": "CC BY 4.0", "url": "https://example.org/by"},
            }},
            {"files": ["nobody.png"], "withheld": {"en": "not asked", "zh": "没有问过"}},
        ],
    });
    fs::write(&path, json.to_string()).expect("a file");
    path
}

#[test]
fn a_gallery_with_credits_shows_those_alone_that_have_one() {
    let bench = Bench::new("top-credits");
    for number in 0..4 {
        bench.photo(&format!("in/a{number}.png"), 40 + number, 40);
        bench.photo(&format!("in/b{number}.png"), 50 + number, 44);
    }
    let (set, out, whole) = (bench.path("in"), bench.path("out"), bench.path("whole"));
    let file = credits(&bench);
    let top = |out: &str, more: &[&str]| {
        let command = [
            "top",
            &set,
            "--out",
            out,
            "--tile",
            "20",
            "--patch-tile",
            "26",
        ];
        bench.run(&[&command[..], more].concat())
    };
    top(&out, &["--credits", &file, "--patch-quality", "100"]).done();
    top(&whole, &["--patch-quality", "100"]).done();
    let (found, all) = (gallery(&out), gallery(&whole));
    assert_eq!(all.get("credits"), None);
    let names: Vec<_> = found["names"]
        .as_object()
        .expect("names")
        .values()
        .collect();
    assert_eq!(names, ["a0.png", "a1.png", "a2.png", "a3.png"]);
    // Their numbers are those of the sorted names.
    let said = &found["credits"];
    assert_eq!(said["licence"]["name"], "CC BY-SA 4.0");
    assert_eq!(list(&said["shown"]).len(), 1);
    assert_eq!(said["shown"][0]["credit"]["by"], "A. Painter");
    assert_eq!(said["shown"][0]["pictures"], json!([0, 1, 2, 3]));
    let withheld = json!([{"why": {"en": "a face", "zh": "人脸"}, "pictures": [4, 5, 6, 7]}]);
    assert_eq!(
        said["withheld"], withheld,
        "and nobody whom it does not show"
    );

    let mut shown = 0;
    for (layer, same) in list(&found["layers"]).iter().zip(list(&all["layers"])) {
        assert_eq!(layer["top"], same["top"]);
        let field = layer["field"][0].as_u64().expect("a number");
        let tile = at(layer, "patch_tile");
        assert_eq!(tile, at(layer, "tile").max(field.min(26)), "{layer}");
        let columns = at(layer, "columns");
        let sheet = |out: &str| {
            let name = layer["patches"].as_str().expect("a name");
            image::open(Path::new(out).join(name))
                .expect("a sheet")
                .to_rgb8()
        };
        let (some, every) = (sheet(&out), sheet(&whole));
        assert_eq!(some.dimensions(), every.dimensions());
        for (map, winners) in list(&layer["top"]).iter().enumerate() {
            for (rank, winner) in list(winners).iter().enumerate() {
                let (map, rank) = (map as u64, rank as u64);
                let left = ((map % columns) * 3 + rank % 3) * tile;
                let top = ((map / columns) * 3 + rank / 3) * tile;
                let middle = [left + tile / 2, top + tile / 2].map(|place| place as u32);
                let far = |sheet: &image::RgbImage, other: [u8; 3]| {
                    let pixel = sheet.get_pixel(middle[0], middle[1]).0;
                    pixel
                        .iter()
                        .zip(other)
                        .any(|(one, other)| one.abs_diff(other) > 10)
                };
                match at(winner, "picture") < 4 {
                    true => {
                        assert!(!far(&some, every.get_pixel(middle[0], middle[1]).0));
                        shown += u64::from(far(&some, [128; 3]));
                    }
                    false => assert!(!far(&some, [128; 3]), "{map} {rank}"),
                }
            }
        }
    }
    assert!(shown > 9, "{shown} tiles are photographs");
}

#[test]
fn what_nobody_gave_a_credit_for_is_not_shown_by_mistake() {
    let bench = Bench::new("top-uncredited");
    bench.photo("in/a1.png", 40, 40);
    let stranger = bench.photo("in/deep/a2.png", 40, 40);
    let (set, out, file) = (bench.path("in"), bench.path("out"), credits(&bench));
    let top = |more: &[&str]| bench.run(&[&["top", &set, "--out", &out], more].concat());
    top(&["--credits", &file]).failed(
        2,
        &["a pattern for every photograph", "none for deep/a2.png"],
    );
    fs::remove_file(stranger).expect("a file");
    top(&["--credits", &file, "--no-patches"]).failed(2, &["--no-patches"]);
    for (text, words) in [
        ("{}", ["credits of photographs as JSON", "licence"]),
        (
            r#"{"licence": {"name": "a", "url": "b"}, "photographs": [{"files": ["a***"], "withheld": {"en": "c", "zh": "d"}}]}"#,
            ["patterns like *.jpg", "a***"],
        ),
    ] {
        fs::write(&file, text).expect("a file");
        top(&["--credits", &file]).failed(2, &words);
    }
    assert!(!Path::new(&out).exists());
}
