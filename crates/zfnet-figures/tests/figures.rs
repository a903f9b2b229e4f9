//! Figures as SVG, line by line, in both languages; `UPDATE_EXPECT=1` writes them anew.

use expect_test::expect_file;
use image::RgbImage;
use serde::de::DeserializeOwned;
use zfnet::ReluRule;
use zfnet::experiments::Record;
use zfnet::experiments::arithmetic::Grid;
use zfnet::experiments::paper::correspondence::{Correspondence, LayerScores, Score};
use zfnet::experiments::paper::filters::{Filter, Filters, Mixture};
use zfnet::experiments::paper::invariance::{Curve, Invariance, Transformation};
use zfnet::experiments::paper::occlusion::{Classified, Occlusion, Seen, Settings, Strongest};
use zfnet::experiments::shared::covering::{Fill, Rectangle};
use zfnet::experiments::since::activation_maximisation::{self, Target};
use zfnet::experiments::since::attention_mining::{Said, Threshold};
use zfnet::experiments::since::attribution::{Baseline, Method};
use zfnet::experiments::since::deletion_insertion::{self as measuring, DeletionInsertion};
use zfnet::experiments::since::region::{Answering, Compared, Found, Level};
use zfnet::geometry::view::View;
use zfnet::network::model::ClassName;
use zfnet::network::trace::{Answer, Unit};
use zfnet::pictures::rendering::{Picture, Stretch};
use zfnet_figures::experiments::activation_maximisation::{self as favourite, Climbed};
use zfnet_figures::experiments::attention_mining::{Attention, Head};
use zfnet_figures::experiments::{
    Projected, arithmetic, attribution, card, comparison, correspondence as parts, evolution,
    invariance, maps, occlusion, projection, region as region_of, top,
};
use zfnet_figures::{Context, Scene, svg};
use zfnet_words::{Language, Words};

/// Side of the input.
const SIDE: usize = 16;

fn classes() -> Vec<ClassName> {
    let name = |en: &str, zh: &str| ClassName {
        en: en.into(),
        zh: Some(zh.into()),
    };
    vec![name("dog <big>", "狗"), name("cat", "猫")]
}

/// A picture that goes from colour to colour.
fn photograph() -> Picture {
    let shade = |x: u32, y: u32| image::Rgb([(x * 16) as u8, (y * 16) as u8, 90]);
    Picture::from_rgb(&RgbImage::from_fn(SIDE as u32, SIDE as u32, shade))
}

/// A picture of one colour.
fn tile(width: usize, height: usize) -> Picture {
    Picture {
        width,
        height,
        rgba: [9, 99, 199, 255].repeat(width * height),
    }
}

fn projected() -> Projected {
    Projected {
        activation: 2.5,
        window: View {
            top: -2,
            left: 4,
            height: 8,
            width: 8,
        },
        projection: tile(8, 8),
        patch: tile(8, 8),
        scale: 0.25,
    }
}

/// Draws a figure in a language.
fn drawn(language: Language, figure: impl Fn(&Context<'_>) -> Scene) -> String {
    let classes = classes();
    let context = Context {
        network: "tiny",
        classes: &classes,
        device: "CPU",
        words: Words::new(language),
    };
    svg(&figure(&context)).expect("a figure")
}

/// Four places, of which one has not come.
fn covered() -> Occlusion {
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
    Occlusion {
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
    }
}

fn occluded(context: &Context<'_>) -> Scene {
    let found = covered();
    let shown = occlusion::Shown {
        photograph: photograph(),
        square: Some([4, 8]),
        projection: Some(projected()),
        elsewhere: vec![occlusion::Elsewhere {
            name: "a cat".into(),
            found: projected(),
        }],
    };
    occlusion::figure(context, &found, &shown)
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
    let marked = |name: &str, top: usize| parts::Marked {
        name: name.into(),
        picture: photograph(),
        boxes: [top, 9]
            .map(|top| Rectangle {
                top,
                left: 3,
                rows: 4,
                cols: 5,
            })
            .into(),
    };
    let shown = parts::Shown {
        photographs: vec![marked("one", 2), marked("two", 1), marked("three", 3)],
        parts: vec!["left eye".into(), "鼻子".into()],
        random: 10,
        seed: 1,
        fill: Fill::Mean,
    };
    parts::figure(context, &found, &shown)
}

/// How far a layer moves, where one point has not come.
fn moves(far: f32) -> Invariance {
    Invariance {
        transformation: Transformation::Translation,
        parameters: vec![-4.0, -2.0, 0.0, 2.0, 4.0],
        layers: vec![Curve {
            layer: "conv1".into(),
            norm: 2.0,
            distance: [1.5, 1.0, 0.0, f32::NAN, 1.25].map(|own| own * far).into(),
        }],
        class: Some(0),
        probability: Some(vec![0.2, 0.4, 0.9, 0.5, 0.1]),
    }
}

fn moved(context: &Context<'_>) -> Scene {
    let photograph_of = |name: &str, far: f32| invariance::Photograph {
        name: name.into(),
        found: vec![moves(far)],
    };
    let shown = invariance::Shown {
        rows: vec![invariance::Row {
            transformation: Transformation::Translation,
            cursor: Some(-2.0),
            pictures: vec![invariance::Moved {
                parameter: -2.0,
                picture: photograph(),
            }],
        }],
        layers: vec!["conv1".into()],
        relative: true,
    };
    let both = [photograph_of("a cat", 1.0), photograph_of("a dog", 0.5)];
    invariance::figure(context, &both, &shown)
}

/// Two layers, of which one has nothing to say.
fn in_region() -> Answering {
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
        maps: 6,
        compared: Vec::new(),
        found,
    };
    let region = Rectangle {
        top: 2,
        left: 3,
        rows: 6,
        cols: 8,
    };
    Answering {
        region,
        layers: vec![
            level("conv1", vec![found(4, 0.75), found(0, 0.0625)]),
            level("conv2", vec![]),
        ],
    }
}

fn answering(context: &Context<'_>) -> Scene {
    let all = in_region();
    let shown = region_of::Shown {
        photograph: photograph(),
        projections: vec![Some(tile(7, 7)), None],
    };
    region_of::figure(context, &all, &shown)
}

fn trained(context: &Context<'_>) -> Scene {
    let row = |layer: &str, map, side| evolution::Row {
        layer: layer.into(),
        map,
        tiles: vec![tile(side, side), tile(side, side)],
    };
    let shown = evolution::Shown {
        epochs: vec![0.5, 64.0],
        rows: vec![row("conv1", 3, 28), row("conv2", 7, 52)],
        map: None,
        rule: ReluRule::Deconvnet,
        stretch: Stretch::Quantile,
        shared: false,
        moved: Vec::new(),
        logarithmic: true,
        held: None,
    };
    evolution::figure(context, &shown)
}

/// One map of a training, with how far the layers moved.
fn followed(context: &Context<'_>) -> Scene {
    let line = |layer: &str, values: [Option<f64>; 3]| evolution::Line {
        layer: layer.into(),
        values: values.into(),
    };
    let of = |of: evolution::Of| evolution::Moved {
        of,
        layers: vec![
            line("conv1", [Some(1e-9), Some(0.5), Some(0.02)]),
            line("conv2", [None, Some(0.25), Some(0.125)]),
        ],
    };
    let silent = Projected {
        activation: 0.0,
        ..projected()
    };
    let shown = evolution::Shown {
        epochs: vec![1.0, 8.0, 64.0],
        rows: Vec::new(),
        map: Some(evolution::Followed {
            layer: "conv2".into(),
            map: 7,
            stages: vec![Some(silent), Some(projected()), None],
        }),
        rule: ReluRule::Guided,
        stretch: Stretch::MinMax,
        shared: true,
        moved: vec![of(evolution::Of::Weights), of(evolution::Of::Answers)],
        logarithmic: true,
        held: Some(evolution::Held {
            layer: "conv1".into(),
            until: 4.0,
            found: true,
        }),
    };
    evolution::figure(context, &shown)
}

fn explained(context: &Context<'_>) -> Scene {
    let curves = |far: f64| DeletionInsertion {
        class: 1,
        share: vec![0.0, 0.5, 1.0],
        deletion: measuring::Curve {
            probability: vec![0.75, 0.25, 0.0],
            area: Some(far),
        },
        insertion: measuring::Curve {
            probability: vec![0.0, 0.5, 0.75],
            area: None,
        },
    };
    let one = |method: Method, likeness| attribution::Explained {
        found: attribution::Found {
            method,
            completeness: None,
        },
        drawn: 0.125,
        tiles: [photograph(), photograph()],
        likeness,
        curves: Some(curves(0.25)),
    };
    let said = Said {
        score: 3.5,
        probability: 0.75,
    };
    let shown = attribution::Shown {
        photograph: photograph(),
        class: 1,
        score: Some(3.5),
        other: Some(0),
        shared: true,
        methods: vec![
            one(Method::Saliency, Some(0.5)),
            one(
                Method::IntegratedGradients {
                    steps: 64,
                    baseline: Baseline::Black,
                },
                None,
            ),
        ],
        removal: Some(attribution::Removal {
            settings: measuring::Settings::default(),
            chance: Some(curves(0.5)),
        }),
        attention: Some(Attention {
            threshold: Threshold::default(),
            heads: vec![Head {
                head: None,
                mined: false,
                map: photograph(),
                left: photograph(),
                removed: 0.125,
                before: said,
                after: None,
            }],
        }),
    };
    attribution::figure(context, &shown)
}

fn maximised(context: &Context<'_>) -> Scene {
    let climbed = Climbed {
        target: Target::Unit {
            layer: "conv3".into(),
            unit: [2, 1, 1],
        },
        settings: activation_maximisation::Settings::of(
            activation_maximisation::Method::Accentuate,
        ),
        before: 1.5,
        answer: 12.5,
        and: Some(favourite::Second {
            target: Target::Class { class: 1 },
            weight: 0.5,
            before: 0.0,
            answer: 2.0,
        }),
        frames: vec![favourite::Frame { step: 128 }],
    };
    let shown = favourite::Shown {
        picture: photograph(),
        photograph: Some(photograph()),
        from_photograph: true,
        beside: Some(projected()),
    };
    favourite::figure(context, &climbed, &shown)
}

fn strongest(context: &Context<'_>) -> Scene {
    let winner = |picture: usize, name: Option<&str>| top::Winner {
        picture,
        name: name.map(str::to_owned),
        row: 1,
        col: 2,
        activation: 8.0 - picture as f32,
        credit: name.map(|_| top::Credit {
            title: "A set".into(),
            by: "somebody".into(),
            licence: top::Licence {
                name: "CC BY 2.0".into(),
            },
        }),
        withheld: (name.is_none()).then(|| "nobody knows whose it is".to_owned()),
        tile: Some(top::Tile {
            projection: tile(7, 7),
            patch: name.map(|_| tile(7, 7)),
            scale: 0.5,
        }),
    };
    let shown = top::Shown {
        layer: "conv2".into(),
        map: 7,
        count: 4,
        winners: vec![winner(0, Some("cat/0.jpg")), winner(3, None)],
        has_patches: true,
        pictures: 500,
        network: "tiny".into(),
        rule: ReluRule::Deconvnet,
        licence: Some("CC BY-SA 4.0".into()),
        yours: Some(top::Yours {
            row: 3,
            col: 4,
            activation: 6.5,
            found: Some(projected()),
        }),
    };
    top::figure(context, &shown)
}

fn filtered(context: &Context<'_>) -> Scene {
    let filter = |weak: bool| Filter {
        rms: 0.5,
        weak,
        frequency: Some(0.25),
        bands: Some([0.25, 0.5, 0.25]),
        aliasing: Some(0.125),
        strongest: Some(1.5),
        aliasing_on_pictures: None,
    };
    let side = |network: &str| comparison::Side {
        network: network.into(),
        found: Filters {
            layer: "conv1".into(),
            shape: [2, 3, 7, 7],
            stride: [2, 2],
            pictures: 1,
            mixture: Mixture {
                median_rms: 0.5,
                largest_rms: 0.5,
                weak: 0.5,
                silent: Some(0.0),
                frequency: Some(0.25),
                spread: Some(0.0),
                histogram: vec![0, 0, 0, 0, 1, 0, 0, 0],
                bands: Some([0.25, 0.5, 0.25]),
                aliasing: Some(0.125),
                aliasing_on_pictures: None,
            },
            filters: vec![filter(false), filter(true)],
        },
        bank: vec![tile(7, 7), tile(7, 7)],
        training: Some(comparison::Training {
            pictures: 500,
            unanswered: vec![false, true],
        }),
        levels: vec![comparison::Level {
            layer: "conv1".into(),
            maps: 2,
            tiles: vec![tile(7, 7)],
        }],
    };
    let shown = comparison::Shown {
        sides: vec![side("tiny"), side("other")],
        shared: false,
        weak_below: 0.1,
        rule: ReluRule::Deconvnet,
    };
    comparison::figure(context, &shown)
}

type Figure = fn(&Context<'_>) -> Scene;

/// Every figure, by the name of its snapshot.
const FIGURES: [(&str, Figure); 15] = [
    ("occlusion", occluded),
    ("correspondence", compared),
    ("invariance", moved),
    ("evolution", trained),
    ("training", followed),
    ("region", answering),
    ("attribution", explained),
    ("favourite", maximised),
    ("top", strongest),
    ("filters", filtered),
    ("projection", projected_back),
    ("maps", on_paper),
    ("learn", derived),
    ("card", posted),
    ("still", filmed),
];

fn projected_back(context: &Context<'_>) -> Scene {
    let shown = projection::Shown {
        name: "conv3 · map 2, unit 1, 1".into(),
        of: projection::Of::Unit,
        projection: Some(projection::Drawn {
            picture: tile(7, 7),
            scale: 0.25,
            activation: 2.5,
        }),
        patch: photograph(),
        map: Some(projection::Map {
            picture: tile(4, 3),
            high: 8.5,
        }),
        rule: ReluRule::Guided,
        stretch: Stretch::Quantile,
        shared: false,
        grey: true,
    };
    projection::figure(context, &shown)
}

fn on_paper(context: &Context<'_>) -> Scene {
    let tile = |map: usize, activation: f32| maps::Tile {
        map,
        activation,
        picture: (map != 2).then(|| tile(6, 3)),
    };
    let shown = maps::Shown {
        layer: "conv2".into(),
        photograph: "a <cat>".into(),
        order: "Strength".into(),
        tiles: vec![tile(3, 12.5), tile(0, 1.5), tile(1, 0.25), tile(2, 0.0)],
        shared: true,
        projected: Some(maps::Manner {
            rule: ReluRule::Deconvnet,
            stretch: Stretch::MinMax,
        }),
    };
    maps::figure(context, &shown)
}

fn posted(context: &Context<'_>) -> Scene {
    let print = |layer: &str, map: Option<usize>| card::Print {
        layer: layer.into(),
        map,
        projection: map.map(|_| tile(7, 7)),
        patch: Some(tile(40, 30)),
    };
    let shown = card::Shown {
        title: "The network says <dog>, and that with so many words that they do not fit".into(),
        photograph: Some(photograph()),
        prints: ["conv1", "conv2", "conv3", "inception_4c/output", "conv5"]
            .iter()
            .zip(1..)
            .map(|(layer, map)| print(layer, Some(map)))
            .chain([print("scores", None)])
            .collect(),
    };
    card::figure(context, &shown)
}

fn filmed(context: &Context<'_>) -> Scene {
    let still = evolution::Still {
        title: "conv3, map 2".into(),
        epoch: 2.5,
        found: projected(),
    };
    evolution::still(context, &still)
}

fn derived(context: &Context<'_>) -> Scene {
    let numbers = |letter: &str, values: [f32; 4], rings: &[usize]| arithmetic::Numbers {
        letter: letter.into(),
        words: "a few numbers, and as many words as do not fit on one line".into(),
        grid: Grid {
            rows: 2,
            cols: 2,
            values: values.into(),
        },
        rings: rings.into(),
        scale: (rings.is_empty()).then_some(4.0),
    };
    let lesson = |title: &str| arithmetic::Lesson {
        title: title.into(),
        rows: vec![
            vec![
                numbers("x", [1.0, -2.25, 0.5, 0.0], &[1, 2]),
                numbers("y", [-1.0; 4], &[]),
            ],
            vec![numbers("z", [0.0; 4], &[3])],
        ],
    };
    let shown = arithmetic::Shown {
        lessons: vec![lesson("The first"), lesson("The second")],
    };
    arithmetic::figure(context, &shown)
}

#[test]
fn every_line_of_a_figure_is_where_it_was() {
    for (language, code) in [(Language::En, "en"), (Language::Zh, "zh")] {
        for (name, figure) in FIGURES {
            let path = format!("snapshots/{name}.{code}.svg");
            expect_file![path].assert_eq(&drawn(language, figure));
        }
    }
}

#[test]
fn what_is_written_down_is_read_again() {
    fn same<R: Record + DeserializeOwned>(found: &R) {
        let written = found.numbers(&classes());
        let again: R = serde_json::from_value(written.clone().into()).expect("an answer");
        assert_eq!(again.numbers(&classes()), written);
    }
    same(&covered());
    same(&in_region());
    same(&moves(1.0));
}

#[test]
fn nothing_runs_over_the_paper() {
    let classes = classes();
    for language in [Language::En, Language::Zh] {
        let context = Context {
            network: "tiny",
            classes: &classes,
            device: "CPU",
            words: Words::new(language),
        };
        for (_, figure) in FIGURES {
            inside(&figure(&context));
        }
    }
}

/// Words and pictures between a figure's margins.
fn inside(scene: &Scene) {
    use zfnet_figures::letters::extent;
    use zfnet_figures::scene::{Anchor, Item};
    for item in &scene.items {
        let [left, top, right, bottom] = match item {
            // A strip of the paper.
            Item::Fill { at, .. } if at.width == scene.width => continue,
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
