//! What a report must keep: every row, every count, no foreign markup and no way out of the file.

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use image::GenericImageView;
use zfnet::{Crop, Network, Photo, Prepared};
use zfnet_words::Language;

use super::*;
use crate::metrics::Validation;

/// A history as a training of three picture sizes leaves it.
fn history(steps: u64) -> Vec<Row> {
    (1..=steps)
        .map(|step| {
            let done = step as f64 / steps as f64;
            let rough = (step as f64 * 12.9898).sin() * 0.05;
            let learnt = 1.0 - (-4.0 * done).exp();
            Row {
                step: step * 20,
                epoch: done * 25.0,
                pictures: step * 20 * 64,
                seconds: step as f64 * 31.0,
                size: [128, 160, 224][[0.6, 0.85].iter().filter(|end| done > **end).count()],
                learning_rate: 2e-3 * (1.0 + (done * std::f64::consts::PI).cos()) / 2.0,
                loss: 3.4 - 2.3 * learnt + rough,
                accuracy: (0.03 + 0.7 * learnt + rough / 2.0).clamp(0.0, 1.0),
                validation: (step % (steps / 25).max(1) == 0).then_some(Validation {
                    loss: 3.3 - 2.5 * learnt,
                    top_1: 0.03 + 0.8 * learnt,
                    top_5: 0.16 + 0.82 * learnt,
                }),
                pictures_per_second: 41.0 + rough * 30.0,
            }
        })
        .collect()
}

fn page(rows: &[Row], classes: &[String], confusion: Option<&[Vec<u32>]>) -> String {
    html(&Content {
        title: "everyday",
        recipe: &serde_json::json!({"preset": "small-data", "seed": 7}),
        rows,
        classes,
        confusion,
        checkpoints: &[],
        skipped: &[],
        device: "CPU",
        words: Words::default(),
    })
}

fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).into()).collect()
}

/// The `d` of the only path whose class is `class`, in the n-th chart that has one.
fn path<'a>(page: &'a str, class: &str, nth: usize) -> &'a str {
    let opening = format!("<path class=\"{class}\" d=\"");
    let tail = page
        .split(&opening)
        .nth(nth + 1)
        .expect("the curve is there");
    &tail[..tail.find('"').expect("the path ends")]
}

#[test]
fn every_row_is_a_point_of_its_curve() {
    let rows = history(300);
    let page = page(&rows, &[], None);
    let points = |class, nth| path(&page, class, nth).matches(['M', 'L']).count();
    assert_eq!(points("curve training", 0), rows.len());
    assert_eq!(points("curve training", 1), rows.len());
    assert_eq!(points("curve rate", 0), rows.len());
    let asked = rows.iter().filter(|row| row.validation.is_some()).count();
    assert_eq!(points("curve validation", 0), asked);
    assert_eq!(points("marks five", 0), asked);
}

#[test]
fn a_loss_that_is_no_number_breaks_the_curve_and_nothing_else() {
    let mut rows = history(30);
    rows[14].loss = f64::NAN;
    rows[15].loss = f64::INFINITY;
    let page = page(&rows, &[], None);
    let curve = path(&page, "curve training", 0);
    assert_eq!(curve.matches(['M', 'L']).count(), 28);
    assert_eq!(curve.matches('M').count(), 2);
    assert!(!page.contains("NaN") && !curve.contains("inf"));
}

#[test]
fn the_ends_of_a_curve_lie_where_their_numbers_say() {
    let mut rows = history(2);
    (rows[0].accuracy, rows[1].accuracy) = (0.25, 1.0);
    let page = page(&rows, &[], None);
    assert_eq!(path(&page, "curve training", 1), "M500 180L1000 0");
}

#[test]
fn an_empty_training_has_a_report() {
    let page = page(&[], &[], Some(&[]));
    assert!(page.contains("no step has been reported yet"));
    assert!(!page.contains("<svg"));
}

#[test]
fn no_text_becomes_markup() {
    let evil = "<script>alert('1')</script>";
    let classes = named(&[evil, "\" onload=\"x"]);
    let page = html(&Content {
        title: evil,
        recipe: &serde_json::json!({evil: evil, "group": {"name\"": [evil]}}),
        rows: &history(3),
        classes: &classes,
        confusion: Some(&[vec![1, 2], vec![3, 4]]),
        checkpoints: &[Snapshot {
            epoch: 1.0,
            filters: vec![1],
            photos: vec![Photograph {
                png: vec![2],
                side: 8,
            }],
            projections: vec![Tile {
                photo: 0,
                layer: evil.into(),
                window: [0, 0, 8, 8],
                png: vec![3],
                strongest: None,
            }],
        }],
        skipped: &[(PathBuf::from(format!("{evil}.png")), evil.into())],
        device: evil,
        words: Words::default(),
    });
    assert!(!page.contains("<script") && !page.contains("\" onload"));
    assert!(page.contains("&lt;script&gt;"));
}

#[test]
fn the_file_fetches_nothing() {
    let page = everything(Language::En);
    let quoted = |opening: &'static str| {
        page.split(opening)
            .skip(1)
            .map(|tail| &tail[..tail.find('"').expect("the attribute ends")])
    };
    let mut targets = 0;
    for target in quoted(" src=\"").chain(quoted(" href=\"")) {
        targets += 1;
        assert!(
            target.starts_with("data:image/png;base64,") || target.starts_with('#'),
            "{target}"
        );
    }
    assert!(targets > 20, "{targets} pictures");
    for way_out in [
        "http://", "https://", "@import", "url(", "<link", "<script", "<iframe",
    ] {
        assert!(!page.contains(way_out), "{way_out}");
    }
}

/// Whatever people read in a report is in its language; names of the recipe and of the layers have none.
#[test]
fn a_report_is_in_one_language() {
    let is_han = |sign: char| ('\u{4e00}'..='\u{9fff}').contains(&sign);
    let read = [
        ("<title>", 1),
        ("<p class=\"over\">", 1),
        ("<dt>", 5),
        ("<h2>", 7),
        ("<h3>", 3),
        ("<p class=\"lead\">", 7),
        ("<summary>", 1),
        ("<span class=\"along\">", 3),
        ("<li class=", 6),
        ("<figcaption>", 20),
        ("<ol class=\"told\"><li>", 1),
        (" aria-label=\"", 10),
        (" alt=\"", 5),
    ];
    for language in Language::ALL {
        let page = everything(language);
        assert!(page.contains(&format!("<html lang=\"{}\">", language.tag())));
        assert_eq!(page.contains("Training report"), language == Language::En);
        for (opening, least) in read {
            let texts = page.split(opening).skip(1);
            let ends: &[char] = if opening.ends_with("=\"") {
                &['"']
            } else {
                &['<']
            };
            let texts: Vec<&str> = texts
                .map(|tail| tail.split(ends).next().expect("a piece"))
                .filter(|text| !text.is_empty())
                .collect();
            assert!(texts.len() >= least, "{opening}: {texts:?}");
            for text in texts {
                let chinese = text.contains(is_han);
                assert_eq!(chinese, language == Language::Zh, "{opening}{text}");
            }
        }
    }
}

#[test]
fn every_picture_of_the_matrix_is_counted_once() {
    let confusion = [vec![8, 1, 1], vec![0, 9, 1], vec![3, 0, 7]];
    let page = page(
        &history(3),
        &named(&["cat", "dog", "owl"]),
        Some(&confusion),
    );
    assert!(page.contains("24 of 30 validation pictures are named right, 80.0\u{202f}%"));
    let table = &page[page.find("<table class=\"confusion\"").unwrap()..];
    let table = &table[..table.find("</table>").unwrap()];
    let counts: Vec<u32> = table
        .split("</td>")
        .filter_map(|cell| cell[cell.rfind('>')? + 1..].parse().ok())
        .collect();
    assert_eq!(counts, [8, 1, 1, 9, 1, 3, 7]);
    assert!(page.contains("3 of 10 pictures of <b>owl</b> were taken for <b>cat</b>"));
    assert!(page.contains("1 of 10 pictures of <b>cat</b> was taken for <b>dog</b>"));
    let best = page.find("<li><span>dog</span>").unwrap();
    assert!(best < page.find("<li><span>owl</span>").unwrap());
}

#[test]
fn only_the_ten_commonest_confusions_are_told() {
    let confusion: Vec<Vec<u32>> = (0..5)
        .map(|row| (0..5).map(|col| 1 + row * 5 + col).collect())
        .collect();
    let page = page(
        &history(3),
        &named(&["a", "b", "c", "d", "e"]),
        Some(&confusion),
    );
    let told = &page[page.find("<ol class=\"told\">").unwrap()..];
    let told = &told[..told.find("</ol>").unwrap()];
    assert_eq!(told.matches("<li>").count(), 10);
    assert!(told.find("24 of 115").unwrap() < told.find("23 of 115").unwrap());
}

#[test]
fn a_thousand_classes_are_a_picture() {
    let confusion: Vec<Vec<u32>> = (0..1000)
        .map(|row| (0..1000).map(|col| u32::from(row == col)).collect())
        .collect();
    let page = page(&history(3), &[], Some(&confusion));
    assert!(page.contains("Confusion matrix of 1000 classes") && page.len() < 1 << 20);
    assert!(page.contains("No picture was taken for anything else"));
}

#[test]
fn a_snapshot_survives_its_file() {
    let before = Snapshot {
        epoch: 2.5,
        filters: (0..=255).collect(),
        photos: vec![Photograph {
            png: vec![1, 2],
            side: 3,
        }],
        projections: vec![Tile {
            photo: 0,
            layer: "conv1".into(),
            window: [1, 2, 3, 4],
            png: vec![5, 6, 7],
            strongest: Some(Strongest {
                unit: [1, 2, 3],
                activation: 0.1,
            }),
        }],
    };
    let text = serde_json::to_string(&before).unwrap();
    assert_eq!(serde_json::from_str::<Snapshot>(&text).unwrap(), before);
    assert!(text.len() < 700, "{} bytes", text.len());
}

#[test]
fn a_snapshot_shows_what_each_layer_sees() {
    let network = shipped();
    let photos = photos(&network);
    let shot = snapshot(&network, &photos, 3.0).unwrap();
    let (filters, side) = (
        image::load_from_memory(&shot.filters).unwrap(),
        network.model.input.short_side(),
    );
    assert!(
        filters.width() > 200 && filters.width() < 400,
        "{}",
        filters.width()
    );
    let layers = network.convolutions();
    assert_eq!(shot.projections.len(), photos.len() * layers.len());
    for (at, tile) in shot.projections.iter().enumerate() {
        assert_eq!(
            (tile.photo, tile.layer.as_str()),
            (at / layers.len(), layers[at % layers.len()])
        );
        let [top, left, height, width] = tile.window;
        let field = network.layer(&tile.layer).unwrap().field.size;
        assert!(
            top + height <= side && left + width <= side && height <= field[0] && width <= field[1]
        );
        let picture = image::load_from_memory(&tile.png).unwrap().to_rgb8();
        assert_eq!(picture.dimensions(), (width as u32, height as u32));
        // The strongest units of a trained network answer, so their projections are not all grey.
        assert!(
            picture
                .pixels()
                .any(|pixel| pixel.0.iter().any(|v| v.abs_diff(128) > 100)),
            "{tile:?}",
        );
    }
    // What is kept of the photograph is what went in.
    assert_eq!(
        image::load_from_memory(&shot.photos[0].png)
            .unwrap()
            .to_rgb8(),
        photos[0].rgb
    );
}

#[test]
fn a_photograph_of_another_size_is_refused() {
    let network = shipped();
    let mut photos = photos(&network);
    photos[0].rgb = photos[0].rgb.view(0, 0, 100, 100).to_image();
    let complaint = snapshot(&network, &photos, 0.0).unwrap_err().to_string();
    assert!(
        complaint.contains("224×224") && complaint.contains("100×100"),
        "{complaint}"
    );
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The features of the network in the repository.
fn shipped() -> Network {
    let weights = repository().join("weights");
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(weights.join("manifest.json")).unwrap()).unwrap();
    let files = manifest["files"].as_array().unwrap();
    let features = files
        .iter()
        .find(|file| file["shard"] == "features")
        .unwrap();
    let path = weights.join(features["path"].as_str().unwrap());
    Network::read(&fs::read(path).unwrap(), &Device::flex()).unwrap()
}

fn photos(network: &Network) -> Vec<Prepared> {
    ["cat.jpg", "coffee.jpg"]
        .iter()
        .map(|name| {
            let bytes = fs::read(repository().join("www/samples").join(name)).unwrap();
            Photo::decode(&bytes)
                .unwrap()
                .prepare(&network.model.input, Crop::Centre)
                .unwrap()
        })
        .collect()
}

/// A report with everything in it, left beside the other temporary files for whoever wants to look at it.
fn everything(language: Language) -> String {
    let network = shipped();
    let rows = history(500);
    let classes: Vec<String> = network
        .model
        .classes
        .iter()
        .map(|class| class.en.clone())
        .collect();
    let confusion: Vec<Vec<u32>> = (0..classes.len())
        .map(|class| {
            let count =
                |answer: usize| match (answer, (class * 31 + answer * 17 + class * answer) % 13) {
                    (answer, _) if answer == class => 30 + (class * 7 % 20) as u32,
                    (_, chance @ 0..=1) => 1 + (chance + class % 5) as u32,
                    _ => 0,
                };
            (0..classes.len()).map(count).collect()
        })
        .collect();
    let photos = photos(&network);
    let first = snapshot(&network, &photos, 1.0).unwrap();
    let checkpoints: Vec<Snapshot> = [1.0, 2.0, 5.0, 10.0, 25.0]
        .map(|epoch| Snapshot {
            epoch,
            ..first.clone()
        })
        .into();
    let page = html(&Content {
        title: "zfnet-everyday",
        recipe: &serde_json::to_value(crate::recipe::Recipe::small_data()).unwrap(),
        rows: &rows,
        classes: &classes,
        confusion: Some(&confusion),
        checkpoints: &checkpoints,
        skipped: &[(
            "train/cat/broken.jpg".into(),
            "expected a picture, found 12 bytes of text".into(),
        )],
        device: "CPU, 2 threads",
        words: Words::new(language),
    });
    fs::write(
        std::env::temp_dir().join(format!("zf-lens-report.{}.html", language.name())),
        &page,
    )
    .unwrap();
    page
}
