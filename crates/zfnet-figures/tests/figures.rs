//! Figures as SVG, line by line, in both languages; `UPDATE_EXPECT=1` writes them anew.

use expect_test::expect_file;
use image::RgbImage;
use serde_json::Value;
use zfnet::Prepared;
use zfnet::experiments::paper::correspondence::{self, Correspondence, LayerScores, Part, Score};
use zfnet::experiments::paper::invariance::{Curve, Invariance, Transformation};
use zfnet::experiments::paper::occlusion::{Classified, Occlusion, Seen, Settings, Strongest};
use zfnet::experiments::shared::covering::{Fill, Rectangle};
use zfnet::experiments::since::region::{Answering, Compared, Found, Level};
use zfnet::network::architecture::Architecture;
use zfnet::network::model::{Channels, ClassName, FORMAT, Input, Model};
use zfnet::network::trace::{Answer, Unit};
use zfnet::pictures::rendering::Picture;
use zfnet_figures::experiments::evolution::Row;
use zfnet_figures::experiments::{
    correspondence as parts, evolution, invariance, occlusion, region as region_of,
};
use zfnet_figures::{Context, Scene, svg};
use zfnet_words::{Language, Words};

/// Side of the input.
const SIDE: usize = 16;

fn model() -> Model {
    let name = |en: &str, zh: &str| ClassName {
        en: en.into(),
        zh: Some(zh.into()),
    };
    Model {
        format: FORMAT,
        name: "tiny".into(),
        architecture: Architecture::tiny([4, 6, 5], 12, 2),
        input: Input {
            size: [SIDE; 2],
            resize_short_side: SIDE,
            channels: Channels::Rgb,
            range: 255.0,
            mean: vec![120.0; 3],
            std: vec![1.0; 3],
        },
        classes: vec![name("dog <big>", "狗"), name("cat", "猫")],
        scores: Default::default(),
        provenance: Value::Null,
    }
}

fn prepared() -> Prepared {
    let shade = |x: u32, y: u32| image::Rgb([(x * 16) as u8, (y * 16) as u8, 90]);
    Prepared {
        rgb: RgbImage::from_fn(SIDE as u32, SIDE as u32, shade),
        part: [0, 0, SIDE as u32, SIDE as u32],
    }
}

/// Draws a figure in a language.
fn drawn(language: Language, figure: impl Fn(&Context<'_>) -> Scene) -> String {
    let model = model();
    let context = Context {
        model: &model,
        device: "CPU",
        words: Words::new(language),
    };
    svg(&figure(&context)).expect("a figure")
}

fn occluded(context: &Context<'_>) -> Scene {
    let seen = |activity: f32, probability: f32, label: usize| Seen {
        activity,
        class: Some(Classified { probability, label }),
    };
    let settings = Settings {
        size: 8,
        stride: 8,
        fill: Fill::default(),
        layer: None,
        map: None,
        strongest: Strongest::default(),
        class: None,
        batch: 1,
        whole: false,
    };
    let found = Occlusion {
        settings,
        layer: "conv3".into(),
        map: 2,
        class: Some(1),
        uncovered: seen(8.5, 0.75, 1),
        grid: [2, 2],
        positions: vec![[0, 0], [0, 8], [8, 0], [8, 8]],
        seen: vec![
            Some(seen(8.0, 0.7, 1)),
            Some(seen(1.25, 0.1, 0)),
            Some(seen(4.0, 0.5, 1)),
            None,
        ],
    };
    let projection: Vec<f32> = (0..3 * SIDE * SIDE).map(|at| (at as f32).sin()).collect();
    occlusion::figure(context, &prepared(), &found, &projection)
}

fn compared(context: &Context<'_>) -> Scene {
    let score = |mean, spread| Some(Score { mean, spread });
    let found = Correspondence {
        names: vec!["eye".into(), "nose".into()],
        layers: vec![LayerScores {
            layer: "conv3".into(),
            parts: vec![score(0.125, Some(0.04)), None],
            random: vec![score(0.31, Some(0.05)), score(0.27, None)],
            signs: Vec::new(),
        }],
        random: Vec::new(),
    };
    let named = |name: &str| Part {
        name: name.into(),
        boxes: Vec::new(),
    };
    let settings = correspondence::Settings {
        layers: Vec::new(),
        fill: Fill::Mean,
        random: 10,
        seed: 1,
        batch: 1,
    };
    parts::figure(
        context,
        &found,
        &[named("left eye"), named("鼻子")],
        &settings,
        5,
    )
}

fn moved(context: &Context<'_>) -> Scene {
    let found = Invariance {
        transformation: Transformation::Translation,
        parameters: vec![-4.0, -2.0, 0.0, 2.0, 4.0],
        layers: vec![Curve {
            layer: "conv1".into(),
            norm: 2.0,
            distance: vec![1.5, 1.0, 0.0, f32::NAN, 1.25],
        }],
        class: Some(0),
        probability: Some(vec![0.2, 0.4, 0.9, 0.5, 0.1]),
    };
    invariance::figure(context, &prepared(), &[found]).expect("it can be moved")
}

fn answering(context: &Context<'_>) -> Scene {
    let compared = |correlation: f64| Compared {
        inside: 2.5,
        outside: 0.125,
        correlation,
    };
    let found = |map: usize, correlation: f64| Found {
        compared: compared(correlation),
        strongest: Answer {
            unit: Unit {
                map,
                row: 1,
                col: 2,
            },
            activation: 4.0,
        },
    };
    let level = |layer: &str, found: Vec<Found>| Level {
        layer: layer.into(),
        maps: vec![compared(0.0); 6],
        found,
    };
    let region = Rectangle {
        top: 2,
        left: 3,
        rows: 6,
        cols: 8,
    };
    let all = Answering {
        region,
        layers: vec![
            level("conv1", vec![found(4, 0.75), found(0, 0.0625)]),
            level("conv2", vec![]),
        ],
    };
    let tile = |width: usize, height: usize| Picture {
        width,
        height,
        rgba: [9, 99, 199, 255].repeat(width * height),
    };
    let tiles = [tile(7, 7), tile(120, 60)].into_iter();
    region_of::figure(context, &prepared(), &all, tiles)
}

fn trained(context: &Context<'_>) -> Scene {
    let tile = |side: usize| Picture {
        width: side,
        height: side,
        rgba: [9, 99, 199, 255].repeat(side * side),
    };
    let row = |layer, map, side| Row {
        layer,
        map,
        tiles: vec![tile(side), tile(side)],
    };
    let rows = vec![row("conv1", 3, 28), row("conv2", 7, 52)];
    evolution::figure(context, &[0.5, 64.0], rows, false)
}

#[test]
fn every_line_of_a_figure_is_where_it_was() {
    for (language, code) in [(Language::En, "en"), (Language::Zh, "zh")] {
        let same = |name: &str, figure: fn(&Context<'_>) -> Scene| {
            let path = format!("snapshots/{name}.{code}.svg");
            expect_file![path].assert_eq(&drawn(language, figure));
        };
        same("occlusion", occluded);
        same("correspondence", compared);
        same("invariance", moved);
        same("evolution", trained);
        same("region", answering);
    }
}

#[test]
fn nothing_runs_over_the_paper() {
    let model = model();
    for language in [Language::En, Language::Zh] {
        let context = Context {
            model: &model,
            device: "CPU",
            words: Words::new(language),
        };
        let figures = [occluded, compared, moved, trained, answering];
        for scene in figures.map(|figure| figure(&context)) {
            inside(&scene);
        }
    }
}

/// Words and pictures between a figure's margins.
fn inside(scene: &Scene) {
    use zfnet_figures::letters::extent;
    use zfnet_figures::scene::{Anchor, Item};
    for item in &scene.items {
        let [left, top, right, bottom] = match item {
            Item::Picture { at, .. } | Item::Fill { at, .. } => {
                [at.left, at.top, at.left + at.width, at.top + at.height]
            }
            Item::Text {
                text,
                at: [x, y],
                anchor,
                size,
                bold,
                ..
            } => {
                let reach = extent(text, *bold) * size;
                let left = match anchor {
                    Anchor::Left => *x,
                    Anchor::Middle => x - reach / 2.0,
                    Anchor::Right => x - reach,
                };
                [left, y - size, left + reach, y + size / 4.0]
            }
            Item::Line { .. } => continue,
        };
        let whole =
            left >= 8.0 && top >= 8.0 && right <= scene.width - 8.0 && bottom <= scene.height - 8.0;
        assert!(whole, "{item:?} on {} × {}", scene.width, scene.height);
    }
}
