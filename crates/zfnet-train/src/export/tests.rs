use image::{Rgb, RgbImage};
use zfnet::network::Parameters;
use zfnet::{Crop, Photo, Prepared, readback};

use super::*;
use crate::evaluation::tests::{Folder, noise, tiny};

fn numbers(parameters: &Parameters) -> Vec<f32> {
    pollster::block_on(readback::floats(parameters.rows())).expect("the CPU answers")
}

/// Both networks' weights, layer by layer, in rows of one filter or unit each.
fn rows(a: &Network, b: &Network) -> Vec<(Vec<f32>, Vec<f32>)> {
    let layers = a.parameters().iter().zip(b.parameters());
    layers
        .filter_map(|(a, b)| a.as_ref().zip(b.as_ref()))
        .flat_map(|(a, b)| {
            let width = a.rows().dims()[1];
            let (a, b) = (numbers(a), numbers(b));
            let rows = a.chunks(width).zip(b.chunks(width));
            rows.map(|(a, b)| (a.to_vec(), b.to_vec()))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn stored(network: &Network, precision: Precision) -> Network {
    let shards = shards(network, precision).expect("the network is whole");
    reread(&shards, network).expect("the shards are whole")
}

fn photograph(network: &Network) -> Prepared {
    let mut next = noise(21);
    let rgb = RgbImage::from_fn(40, 40, |x, y| {
        Rgb([(x * 6) as u8, (y * 6) as u8, (next() * 255.0) as u8])
    });
    Photo { rgb }
        .prepare(&network.model.input, Crop::Centre)
        .expect("the centre is inside")
}

#[test]
fn bytes_are_right_within_half_a_step_of_their_channel() {
    let network = tiny();
    let other = stored(&network, Precision::I8);
    let mut largest = 0f32;
    for (given, stored) in rows(&network, &other) {
        let step = given.iter().fold(0f32, |most, v| most.max(v.abs())) / 127.0;
        for (a, b) in given.iter().zip(&stored) {
            assert!(
                (a - b).abs() <= step * 0.5001,
                "{a} became {b}, step {step}"
            );
            largest = largest.max((a - b).abs() / step);
        }
    }
    assert!(largest > 0.4, "the weights were rounded at all: {largest}");
    for (given, stored) in rows(&network, &stored(&network, Precision::F32)) {
        assert_eq!(given, stored);
    }
}

#[test]
fn projections_are_compared_in_decibels() {
    let network = tiny();
    let photograph = photograph(&network);
    let compared = |other: &Network| {
        let mut comparison = Comparison::new(&network, other).expect("it has convolutions");
        comparison.look(&photograph).expect("a photograph");
        comparison.fidelity()
    };
    let same = compared(&stored(&network, Precision::F32));
    assert_eq!((same.layer.as_str(), same.photographs), ("conv3", 1));
    assert!(same.units > 0);
    assert_eq!((same.psnr, same.worst), (None, None));
    let [half, byte] = [Precision::F16, Precision::I8].map(|precision| {
        let found = compared(&stored(&network, precision));
        let (psnr, worst) = (found.psnr.expect("rounded"), found.worst.expect("rounded"));
        assert!(worst <= psnr, "{found:?}");
        psnr
    });
    assert!(half > byte + 10.0, "{half} dB and {byte} dB");
    assert!(byte > 25.0, "{byte} dB");

    // The last convolution's weights times s make the answer s times as strong and its way down as well: the projection is
    // s² times as bright, the same for every unit and pixel.
    let darker = |factor: f64| {
        let mut parameters = network.parameters().to_vec();
        let last = network
            .plan
            .iter()
            .position(|layer| layer.layer.name == "conv3");
        if let Some(layer) = &mut parameters[last.expect("the layer compared")] {
            *layer = layer.with(layer.rows() * factor, layer.bias() * factor);
        }
        let other = network
            .with_parameters(parameters)
            .expect("the same shapes");
        compared(&other).psnr.expect("darker")
    };
    let difference = darker(0.9) - darker(0.8);
    let expected = 20.0 * (0.36f64 / 0.19).log10();
    assert!((difference - expected).abs() < 1e-3, "{difference} dB");
}

#[test]
fn a_folder_is_written_whole_and_not_twice() {
    let network = tiny();
    let folder = Folder::new("export");
    let out = folder.0.join("out/here");
    let write = |text: &str, replaced: bool| {
        let shards = shards(&network, Precision::I8).expect("the network is whole");
        write(&out, &network.model.name, &shards, text, replaced)
    };
    write("first", false).expect("a new folder");
    let mut names: Vec<_> = std::fs::read_dir(&out)
        .expect("it is there")
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    let expected = [
        "MODEL_CARD.md",
        "manifest.json",
        "tiny.classifier.i8.safetensors",
        "tiny.features.i8.safetensors",
    ];
    assert_eq!(names, expected);
    let manifest = std::fs::read(out.join(MANIFEST)).expect("it is there");
    let manifest = Manifest::parse(&manifest).expect("a manifest");
    for file in &manifest.files {
        let bytes = std::fs::read(out.join(&file.path)).expect("it is there");
        file.verify(&bytes).expect("whole");
    }
    let error = write("second", false).expect_err("there is something");
    assert!(error.to_string().contains("--force"), "{error}");
    let card = || std::fs::read_to_string(out.join(CARD)).expect("it is there");
    assert_eq!(card(), "first");
    write("second", true).expect("replaced");
    assert_eq!(card(), "second");

    // A folder in a file's place: nothing of the new export is left behind.
    let in_the_way = folder.0.join("file");
    std::fs::write(&in_the_way, "in the way").expect("the folder is there");
    let shards = shards(&network, Precision::I8).expect("the network is whole");
    assert!(super::write(&in_the_way, "tiny", &shards, "", true).is_err());
    let full = folder.0.join("full");
    std::fs::create_dir_all(full.join(MANIFEST)).expect("the folder takes another");
    assert!(super::write(&full, "tiny", &shards, "", true).is_err());
    let parts = std::fs::read_dir(&full).expect("it is there");
    let parts = parts.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    assert_eq!(parts.filter(|name| name.ends_with(".part")).count(), 0);
}

#[test]
fn a_card_says_what_the_file_says_and_what_was_measured() {
    let mut network = tiny();
    network.model.provenance = json!({
        "recipe": { "optimiser": "SGD", "sizes": [112, 144], "note": "a | b\nc" },
        "accuracy": { "validation": { "top1": 0.1 }, "test": 3 },
    });
    let given = Evaluated {
        pictures: 40,
        top_1: 0.7,
        top_5: 0.9,
        loss: 1.25,
        confusion: Vec::new(),
        skipped: Vec::new(),
    };
    // Of the second class all are known, of the first three in ten.
    let mut confusion = vec![vec![0; 7]; 7];
    confusion[0] = vec![3, 2, 5, 0, 0, 0, 0];
    confusion[1][1] = 4;
    let after = Evaluated {
        top_1: 0.675,
        confusion,
        ..given.clone()
    };
    let network = with_accuracy(&network, &after, "one, centre", Precision::I8);
    let shards = shards(&network, Precision::I8).expect("the network is whole");
    let files: Vec<File> = shards.iter().map(|(file, _)| file.clone()).collect();
    let fidelity = Fidelity {
        layer: "conv3".into(),
        photographs: 2,
        units: 10,
        psnr: Some(41.23),
        worst: None,
    };
    let measured = Measured {
        accuracy: Some((&given, &after, "zf-lens evaluate out data")),
        fidelity: Some(&fidelity),
    };
    let text = card(&network.model, &files, Precision::I8, measured);
    let name = |class: usize| network.model.classes[class].en.as_str();
    let [one, two, three] = [0, 1, 2].map(name);
    let known = format!("| {two} | 4 | 100 % |  |\n| {one} | 10 | 30 % | {three} 5, {two} 2 |\n");
    for expected in [
        "# tiny\n",
        &known,
        "7 classes",
        "conv1 6 maps 5×5 / 2",
        &files[0].sha256,
        "`zf-lens evaluate out data`",
        "| top-1 | 70.00 % | 67.50 % | -2.50 |",
        "PSNR 41.2 dB, worst unit no difference",
        "T-shirt, big cat",
        "| recipe.sizes | 112, 144 |",
        "| recipe.note | a \\| b c |",
        "| accuracy.validation.top1 | 0.675 |",
        "| accuracy.test | 3 |",
    ] {
        assert!(text.contains(expected), "{expected:?} in\n{text}");
    }
    assert!(!card(&tiny().model, &files, Precision::I8, Measured::default()).contains("Measured"));
}
