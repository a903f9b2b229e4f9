//! How features evolved during a training: figures, curves and numbers from checkpoints.

use std::fs;

use burn::tensor::Device;
use pollster::block_on;
use safetensors::SafeTensors;
use serde_json::{Value, json};
use zfnet::Network;
use zfnet::files::checkpoints::{Checkpoint, Evolution, FORMAT};
use zfnet::files::weights::{Precision, Shard};

use crate::bench::{self, Bench, numbers, parsed, png};

const EPOCHS: [f64; 3] = [0.5, 1.0, 2.0];

/// Three checkpoints beside the bench's network: conv2 at half its strength, then conv3, then the network itself.
fn checkpoints(bench: &Bench) -> Evolution {
    fs::create_dir_all(bench.path("evolution")).expect("a folder can be made");
    let bytes = fs::read(bench.path("features.safetensors")).expect("the bench has weights");
    let network = Network::read(&bytes, &Device::flex()).expect("its own file");
    let halved = |layer: &str| {
        let parameters = network.plan.iter().zip(network.parameters());
        let parameters = parameters.map(|(planned, parameters)| {
            let own = parameters.as_ref()?;
            let factor = if planned.layer.name == layer {
                0.5
            } else {
                1.0
            };
            Some(own.with(own.rows() * factor, own.bias() * factor))
        });
        network
            .with_parameters(parameters.collect())
            .expect("the same shapes")
    };
    let states = [halved("conv2"), halved("conv3"), network.clone()];
    let entries = EPOCHS.iter().zip(states).map(|(epoch, state)| {
        let path = format!("epoch-{epoch}.features.f32.safetensors");
        let bytes = block_on(state.write(Shard::Features, Precision::F32)).expect("weights");
        fs::write(bench.path(&format!("evolution/{path}")), &bytes).expect("a file can be written");
        Checkpoint {
            top_1: Some(epoch / 4.0),
            moved: [("conv1".to_owned(), 0.25), ("conv2".to_owned(), 0.5)].into(),
            ..Checkpoint::of(*epoch, (epoch * 200.0) as u64, path, &bytes)
        }
    });
    let evolution = Evolution {
        format: FORMAT,
        network: network.model.name.clone(),
        checkpoints: entries.collect(),
    };
    write(bench, &evolution);
    evolution
}

fn write(bench: &Bench, evolution: &Evolution) {
    let json = serde_json::to_vec(evolution).expect("JSON");
    fs::write(bench.path("evolution/evolution.json"), json).expect("a file can be written");
}

#[test]
fn the_last_checkpoint_sees_what_the_network_sees() {
    let bench = Bench::new("evolution");
    checkpoints(&bench);
    let photo = bench.photo("a.png", 50, 40);
    let (dump, alone) = (
        bench.path("all.safetensors"),
        bench.path("alone.safetensors"),
    );
    let about = bench.run(&[
        "evolution",
        &photo,
        "--layer",
        "conv3",
        "--map",
        "2",
        "--rule",
        "guided",
        "--dump",
        &dump,
        "--json",
    ]);
    let about = parsed(&about.done());
    assert!(
        fs::exists(bench.path("a.conv3.evolution.png")).expect("the folder is there"),
        "the figure is called after photograph and layer"
    );
    let project = bench.run(&[
        "project", &photo, "--layer", "conv3", "--map", "2", "--rule", "guided", "--dump", &alone,
        "--json",
    ]);
    let project = parsed(&project.done());
    let stages = about["checkpoints"].as_array().expect("a list");
    let epochs: Vec<_> = stages.iter().map(|stage| stage["epoch"].as_f64()).collect();
    assert_eq!(epochs, EPOCHS.map(Some));
    let unit = |stage: usize, field: &str| &stages[stage]["units"][0][field];
    assert_eq!(unit(2, "unit"), &project["unit"]);
    assert_eq!(unit(2, "activation"), &project["activation"]);

    let (dump, alone) = (
        fs::read(&dump).expect("the dump was written"),
        fs::read(&alone).expect("the dump was written"),
    );
    let settings = bench::about(&dump);
    assert_eq!(settings["rule"], "guided");
    assert_eq!(
        (&settings["network"], &settings["photos"][0]["photo"]),
        (&json!("tiny"), &json!(photo))
    );
    assert_eq!(settings["maps"], json!([{ "layer": "conv3", "map": 2 }]));
    assert_eq!(settings["checkpoints"], about["checkpoints"]);
    let dump = SafeTensors::deserialize(&dump).expect("safetensors");
    let alone = SafeTensors::deserialize(&alone).expect("safetensors");
    assert_eq!(
        numbers(&dump, "projection.2"),
        numbers(&alone, "projection")
    );
    assert_eq!(numbers(&dump, "input"), numbers(&alone, "input"));

    // A layer at half its strength answers half as strongly from the same place. Guided signal goes down through the same
    // units and the same filters, once more at half their strength.
    assert_eq!(unit(1, "unit"), unit(2, "unit"));
    let [half, whole] = [1, 2].map(|stage| unit(stage, "activation").as_f64().expect("a number"));
    assert!(
        whole > 0.0 && (half - whole / 2.0).abs() < 1e-6 * whole,
        "{half} and {whole}"
    );
    let [(_, half), (_, whole)] = ["projection.1", "projection.2"].map(|name| numbers(&dump, name));
    let largest = whole.iter().fold(0f32, |most, value| most.max(value.abs()));
    assert!(largest > 0.0);
    for (half, whole) in half.iter().zip(&whole) {
        assert!(
            (half - whole / 4.0).abs() <= 1e-5 * largest,
            "{half} and {whole}"
        );
    }
}

#[test]
fn curves_say_which_layer_moved() {
    let bench = Bench::new("curves");
    let evolution = checkpoints(&bench);
    let photo = bench.photo("a.png", 40, 40);
    let table = bench.path("t.csv");
    let about = bench.run(&["evolution", &photo, "--json", "--csv", &table]);
    let about = parsed(&about.done());
    let stages = about["checkpoints"].as_array().expect("a list");
    tells_the_same(&about, &fs::read_to_string(table).expect("a table"));
    for (stage, entry) in stages.iter().zip(&evolution.checkpoints) {
        assert_eq!(stage["moved"]["weights"], json!(entry.moved));
        assert_eq!(stage["top_1"], json!(entry.top_1));
        assert_eq!(stage["pictures"], json!(entry.pictures));
    }
    assert_eq!(
        stages[0]["moved"]["activations"],
        Value::Null,
        "nothing came before"
    );
    let moved = |stage: usize, layer: &str| {
        let share = &stages[stage]["moved"]["activations"][layer];
        share
            .as_f64()
            .unwrap_or_else(|| panic!("{layer} in {stages:?}"))
    };
    assert_eq!(moved(1, "conv1"), 0.0);
    assert!(
        (moved(1, "conv2") - 0.5).abs() < 1e-6,
        "{}",
        moved(1, "conv2")
    );
    assert_eq!(moved(2, "conv2"), 0.0);
    assert!(
        (moved(2, "conv3") - 0.5).abs() < 1e-6,
        "{}",
        moved(2, "conv3")
    );

    // Without --map, the finished network's strongest; there are five of them where the layer has so many.
    let maps = about["maps"].as_array().expect("a list");
    assert_eq!(maps.len(), 5);
    let strength = |at: usize| {
        stages[2]["units"][at]["activation"]
            .as_f64()
            .expect("a number")
    };
    assert!(
        (1..5).all(|at| strength(at - 1) >= strength(at)),
        "{:?}",
        stages[2]
    );
}

/// The table has a row for each map in each checkpoint, and says of them what the JSON says.
fn tells_the_same(about: &Value, table: &str) {
    let mut rows = table.lines().map(|row| row.split(',').collect::<Vec<_>>());
    let head = rows.next().expect("a head");
    let rows: Vec<_> = rows.collect();
    let [stages, maps] =
        ["checkpoints", "maps"].map(|list| about[list].as_array().expect("a list"));
    assert_eq!(rows.len(), stages.len() * maps.len());
    for (at, row) in rows.iter().enumerate() {
        let (stage, map) = (&stages[at / maps.len()], at % maps.len());
        let cell = |name: &str| {
            let column = head.iter().position(|column| *column == name);
            row[column.unwrap_or_else(|| panic!("no {name} in {head:?}"))]
        };
        let number = |name: &str| cell(name).parse::<f64>().ok();
        let same = |name: &str, value: &Value| match (number(name), value.as_f64()) {
            (Some(own), Some(other)) => {
                assert!(
                    (own - other).abs() <= 1e-6 * other.abs(),
                    "{name} of {row:?}"
                );
            }
            (own, other) => assert_eq!((own, cell(name)), (other, ""), "{name}"),
        };
        assert_eq!(cell("photo"), about["photo"]);
        assert_eq!(cell("layer"), maps[map]["layer"]);
        let unit = &stage["units"][map];
        for (name, at) in [("map", 0), ("row", 1), ("col", 2)] {
            same(name, &unit["unit"][at]);
        }
        for name in ["activation", "scale", "largest"] {
            same(name, &unit[name]);
        }
        for name in ["epoch", "pictures", "top_1"] {
            same(name, &stage[name]);
        }
        for layer in ["conv1", "conv2", "conv3"] {
            let moved = &stage["moved"];
            same(
                &format!("activations_moved_{layer}"),
                &moved["activations"][layer],
            );
            if layer != "conv3" {
                same(&format!("weights_moved_{layer}"), &moved["weights"][layer]);
            }
        }
    }
}

#[test]
fn a_figure_has_a_row_for_each_map_and_a_column_for_each_checkpoint() {
    let bench = Bench::new("figure");
    checkpoints(&bench);
    let photo = bench.photo("a.png", 40, 40);
    let figure = |more: &[&str]| {
        let mut arguments = vec!["evolution", &photo, "-o", "figure.png", "--json"];
        arguments.extend(more);
        let about = parsed(&bench.run(&arguments).done());
        (png(&bench.path("figure.png")), about)
    };
    let ((wide, one), _) = figure(&["--layer", "conv2", "--map", "1"]);
    let ((same, two), about) = figure(&["--layer", "conv2", "--map", "1,4,1"]);
    assert_eq!(
        about["maps"].as_array().map(Vec::len),
        Some(2),
        "each map once"
    );
    assert_eq!(wide, same);
    let row = two - one;
    let ((_, three), _) = figure(&["--layer", "conv2", "--map", "1,4,5"]);
    assert_eq!(three - two, row);

    let (_, about) = figure(&["--layer", "all"]);
    let layers: Vec<_> = about["maps"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|map| map["layer"].as_str().expect("a name").to_owned())
        .collect();
    let expected = [vec!["conv1"; 4], vec!["conv2"; 5], vec!["conv3"; 5]].concat();
    assert_eq!(layers, expected, "the first layer has only four maps");

    let scales = |about: &Value| -> Vec<f64> {
        let stages = about["checkpoints"].as_array().expect("a list").iter();
        stages
            .map(|stage| stage["units"][0]["scale"].as_f64().expect("a number"))
            .collect()
    };
    let strongest = |common: bool| {
        let mut arguments = vec!["--layer", "conv3"];
        arguments.extend(common.then_some("--common-scale"));
        scales(&figure(&arguments).1)
    };
    let (own, common) = (strongest(false), strongest(true));
    assert!(own[1] < own[2], "a weaker layer projects weakly: {own:?}");
    let most = own.iter().copied().fold(0.0, f64::max);
    assert_eq!(common, [most; 3]);
}

#[test]
fn several_photographs_and_maps_go_into_folders_and_names() {
    let bench = Bench::new("evolutions");
    checkpoints(&bench);
    bench.photo("in/a.png", 40, 40);
    bench.photo("in/deep/b.png", 60, 40);
    fs::write(bench.path("in/c.png"), "no picture").expect("the folder is there");
    let run = bench.run(&[
        "evolution",
        "in",
        "--checkpoints",
        "evolution",
        "--layer",
        "conv2,conv3",
        "--map",
        "0,3",
        "-o",
        "out",
        "--dump",
        "dumps",
    ]);
    assert_eq!(run.code, 2, "a broken photograph is left out");
    assert!(
        run.stderr.contains("c.png") && run.stderr.lines().count() == 1,
        "{}",
        run.stderr
    );
    assert_eq!(run.stdout.lines().count(), 2);
    for name in ["a", "deep/b"] {
        png(&bench.path(&format!("out/{name}.evolution.png")));
        let bytes = fs::read(bench.path(&format!("dumps/{name}.safetensors"))).expect("a dump");
        let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
        assert_eq!(tensors.len(), 1 + 3 * 2 * 2);
        for name in ["projection.0.5.conv2.3", "projection.2.conv3.0"] {
            assert_eq!(numbers(&tensors, name).0, [3, 32, 32]);
        }
    }
}

#[test]
fn what_is_missing_or_broken_is_named_once() {
    let bench = Bench::new("no-evolution");
    let photo = bench.photo("a.png", 40, 40);
    bench
        .run(&["evolution", &photo])
        .failed(2, &["evolution.json", "--checkpoints", "expected", "found"]);
    let mut evolution = checkpoints(&bench);
    let asked = |more: &[&str], words: &[&str]| {
        let mut arguments = vec!["evolution", &photo, &photo];
        arguments.extend(more);
        bench.run(&arguments).failed(2, words);
    };
    asked(
        &["--checkpoints", "nowhere.json"],
        &["nowhere.json", "expected", "found"],
    );
    asked(
        &["--checkpoints", "manifest.json"],
        &["manifest.json", "list of checkpoints"],
    );
    asked(&["--map", "99"], &["map of conv3", "0 to 4", "99"]);
    asked(&["--map", "one"], &["--map", "whole numbers", "one"]);
    asked(&["--layer", "conv9"], &["conv1", "conv9"]);
    asked(&["--layer", "conv2,fc4"], &["fc4", "checkpoint"]);

    let path = evolution.checkpoints[1].path.clone();
    let file = bench.path(&format!("evolution/{path}"));
    let whole = fs::read(&file).expect("a checkpoint");
    let mut broken = whole.clone();
    broken[100] ^= 1;
    fs::write(&file, broken).expect("a file can be written");
    asked(&[], &[&path, "SHA-256", "expected", "found"]);
    fs::remove_file(&file).expect("it is there");
    asked(&[], &[&path, "readable checkpoint"]);
    fs::write(&file, whole).expect("a file can be written");

    evolution.network = "stranger".into();
    write(&bench, &evolution);
    asked(&[], &["tiny", "stranger"]);
}

#[test]
fn help_says_what_the_numbers_are() {
    let bench = Bench::new("evolution-help");
    let help = bench.run(&["evolution", "--help"]).done();
    for word in [
        "Example",
        "projection.<epoch>",
        "\"moved\"",
        "--common-scale",
    ] {
        assert!(help.contains(word), "{word}");
    }
}
