//! Lists and tables as editors and spreadsheets save them: marks, encodings and separators change nothing.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use zfnet::network::architecture::Architecture;

use crate::bench::{Bench, about, parsed};

/// How programs save the same text.
#[derive(Debug, Clone, Copy)]
enum Saved {
    Plain,
    Marked,
    Utf16,
}

impl Saved {
    const ALL: [Self; 3] = [Self::Plain, Self::Marked, Self::Utf16];

    fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Self::Plain => text.into(),
            Self::Marked => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            Self::Utf16 => format!("\u{feff}{text}")
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect(),
        }
    }
}

/// Saves a file again in another way.
fn again(file: &str, saved: Saved) {
    let text = fs::read_to_string(file).expect("a text file");
    let text = text.trim_start_matches('\u{feff}');
    fs::write(file, saved.bytes(text)).expect("the folder is there");
}

#[test]
fn boxes_are_read_however_they_were_saved() {
    let bench = Bench::new("texts-boxes");
    let photos = ["a.png", "b.png"].map(|name| bench.photo(name, 64, 64));
    let json = r#"[{"file": "a.png", "part": "nose", "box": [4.5, 8, 20, 30]},
        {"file": "b.png", "part": "nose", "box": [4.5, 8, 20, 30]}]"#;
    let comma = "file,part,xmin,ymin,xmax,ymax\na.png,nose,4.5,8,20,30\nb.png,nose,4.5,8,20,30\n";
    let semicolon = comma
        .replace(',', ";")
        .replace('.', ",")
        .replace(",png", ".png");
    let tab = semicolon.replace(';', "\t").replace('\n', "\r\n");
    let said = format!("sep=;\r\n{semicolon}");
    let boxes = bench.path("boxes");
    let mut all = Vec::new();
    for text in [json, comma, &semicolon, &tab, &said] {
        for saved in Saved::ALL {
            fs::write(&boxes, saved.bytes(text)).expect("the folder is there");
            let found = [
                "correspondence",
                &photos[0],
                &photos[1],
                "--boxes",
                &boxes,
                "--json",
            ];
            all.push(bench.run(&found).done());
        }
    }
    assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
    fs::write(
        &boxes,
        b"file,part,xmin,ymin,xmax,ymax\ncaf\xe9.png,nose,1,2,3,4\n",
    )
    .expect("a file");
    bench
        .run(&["correspondence", &photos[0], &photos[1], "--boxes", &boxes])
        .failed(
            2,
            &["boxes", "neither UTF-8 nor UTF-16", "byte 0xe9 in line 2"],
        );
}

#[test]
fn names_and_manifests_are_read_however_they_were_saved() {
    let bench = Bench::new("texts-names");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/golden/convert/pytorchcv-zfnet.pth");
    let golden = golden.to_str().expect("a plain path");
    let (names, out) = (bench.path("names"), bench.path("out.safetensors"));
    let photo = bench.photo("a.png", 40, 40);
    let manifest = fs::read_to_string(bench.path("manifest.json")).expect("a manifest");
    for saved in Saved::ALL {
        for text in [
            "猫\ndog\nhen\ncrane\nT-shirt\n",
            r#"["猫", "dog", "hen", "crane", "T-shirt"]"#,
        ] {
            fs::write(&names, saved.bytes(text)).expect("the folder is there");
            let convert = ["convert", golden, &out, "--classes", &names, "--force"];
            bench.run(&convert).done();
            let classes = &about(&fs::read(&out).expect("weights"))["classes"];
            assert_eq!(classes[0], json!({ "en": "猫" }), "{saved:?}");
            assert_eq!(classes.as_array().map(Vec::len), Some(5));
        }
        fs::write(bench.path("manifest.json"), saved.bytes(&manifest)).expect("a file");
        bench.run(&["classify", &photo]).done();
    }
}

#[test]
fn a_training_takes_and_goes_on_from_files_however_they_were_saved() {
    let bench = Bench::new("texts-train");
    for at in 0..6 {
        let split = if at < 4 { "train" } else { "val" };
        bench.photo(&format!("data/{split}/cat/below/{at}.png"), 44 + at, 40);
        bench.photo(&format!("data/{split}/dog/{at}.png"), 80 + at, 60);
    }
    for name in [
        "data/__MACOSX/cat",
        "data/train/empty",
        "data/val/dog/empty",
        "data/val/fox",
    ] {
        fs::create_dir_all(bench.path(name)).expect("a folder can be made");
    }
    let table = serde_json::to_string(&Architecture::tiny([4, 6, 6], 8, 2)).expect("JSON");
    let names = json!({ "name": "two", "classes": { "cat": { "en": "cat", "zh": "猫" }, "dog": { "en": "dog" } } });
    fs::write(bench.path("table.json"), Saved::Utf16.bytes(&table)).expect("a file");
    fs::write(
        bench.path("about.json"),
        Saved::Marked.bytes(&names.to_string()),
    )
    .expect("a file");
    let small = [
        "train",
        "data",
        "--out",
        "out",
        "--arch",
        "table.json",
        "--about",
        "about.json",
        "--epochs",
        "1",
        "--batch",
        "4",
        "--set",
        r#"sizes=[{"until":1.0,"size":32}]"#,
        "--set",
        "short_side=40",
        "-q",
    ];
    let run = bench.run(&small);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    // Folders without a picture are named, and stop nothing.
    for folder in ["data/train/empty", "data/val/fox"] {
        let named = format!("zf-lens: {folder}: left out: no pictures");
        assert!(run.stderr.contains(&named), "{}", run.stderr);
    }
    assert_eq!(run.stderr.lines().count(), 2, "{}", run.stderr);
    let written = || about(&fs::read(bench.path("out/weights.safetensors")).expect("weights"));
    let model = written();
    assert_eq!(model["classes"][0]["zh"], "猫");
    assert_eq!(model["input"]["std"], json!([1.0, 1.0, 1.0]));

    for (name, saved) in [
        ("metrics.csv", Saved::Marked),
        ("snapshots.json", Saved::Utf16),
        ("evolution/evolution.json", Saved::Marked),
    ] {
        again(&bench.path(&format!("out/{name}")), saved);
    }
    let go_on = ["train", "data", "--out", "out", "--resume", "-q"];
    let resumed = bench.run(&go_on);
    assert_eq!(resumed.code, 0, "{}{}", resumed.stdout, resumed.stderr);
    an_evolution_is_read_however_it_was_saved(&bench);

    a_recipe_is_read_however_it_was_saved(&bench, &model["provenance"]["recipe"]);

    // What is measured on the same folders says the same of them.
    let measured = bench.run(&["evaluate", "out/weights.safetensors", "data", "--json"]);
    assert_eq!(measured.code, 0, "{}", measured.stderr);
    assert!(
        measured.stderr.contains("data/val/fox: left out"),
        "{}",
        measured.stderr
    );
    assert_eq!(parsed(&measured.stdout)["data"]["pictures"], 4);
}

fn an_evolution_is_read_however_it_was_saved(bench: &Bench) {
    let photo = bench.photo("a.png", 50, 40);
    let grown = [
        "evolution",
        &photo,
        "--weights",
        "out/weights.safetensors",
        "-o",
        "grown.png",
    ];
    again(&bench.path("out/evolution/evolution.json"), Saved::Utf16);
    bench.run(&grown).done();
}

fn a_recipe_is_read_however_it_was_saved(bench: &Bench, recipe: &Value) {
    fs::write(
        bench.path("recipe.json"),
        Saved::Utf16.bytes(&recipe.to_string()),
    )
    .expect("a file");
    let repeated = [
        "train",
        "data",
        "--out",
        "again",
        "--recipe",
        "recipe.json",
        "-q",
    ];
    assert_eq!(bench.run(&repeated).code, 0);
    fs::write(bench.path("recipe.json"), "<html>404").expect("a file");
    let refused = [
        "train",
        "data",
        "--out",
        "third",
        "--recipe",
        "recipe.json",
        "-q",
    ];
    bench.run(&refused).failed(
        2,
        &["recipe.json: expected a recipe as JSON, found a web page"],
    );
}

#[test]
fn a_gallery_goes_on_from_a_state_however_it_was_saved() {
    let bench = Bench::new("texts-top");
    for at in 0..3 {
        bench.photo(&format!("set/{at}.png"), 40 + at, 36);
    }
    let top = ["top", "set", "--out", "out", "--json", "--resume"];
    let first: Value = parsed(&bench.run(&top).done());
    for saved in [Saved::Marked, Saved::Utf16] {
        let state = bench.path("out/top.state.json");
        again(&state, saved);
        assert_eq!(parsed(&bench.run(&top).done()), first);
        let text = fs::read_to_string(bench.path("out/gallery.json")).expect("a gallery");
        assert!(text.contains("0.png"));
        fs::remove_file(&state).expect("a state");
        bench.run(&top).done();
    }
}
