//! The picture, what it is of, and how it was come by; beside it what the unit answers to in the photograph.

use serde::Deserialize;
use zfnet::experiments::since::activation_maximisation::{Climb, Method, Settings, Target};
use zfnet::pictures::rendering::Picture;
use zfnet_typescript::TypeScript;
use zfnet_words::say;

use super::pictures::Projected;
use crate::context::Context;
use crate::numbers::number;
use crate::scene::Scene;
use crate::sheet::{MARGIN, NEAR, SMALL, Sheet, WORDS, zoom_to};

/// The longer side of the picture comes near this.
const SIDE: usize = 448;
/// Side of a picture beside it.
const SMALLER: usize = (SIDE - NEAR) / 2;

/// What a climb says of itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Climbed {
    /// What answers.
    pub target: Target,
    /// How it was climbed.
    pub settings: Settings,
    /// What the target answered at the start, and answers now.
    pub before: f32,
    /// See above.
    pub answer: f32,
    /// A second target.
    #[serde(default)]
    pub and: Option<Second>,
    /// The way, of which the last step is now.
    pub frames: Vec<Frame>,
}

/// What else a picture was made for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Second {
    /// What answers.
    pub target: Target,
    /// What it weighs.
    pub weight: f64,
    /// As of the first.
    pub before: f32,
    /// As of the first.
    pub answer: f32,
}

/// A step that was told of.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Frame {
    /// Which.
    pub step: usize,
}

/// What is shown beside the numbers.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "FavouriteShown")]
pub struct Shown {
    /// The part that the targets see.
    pub picture: Picture,
    /// Of a photograph that was accentuated, what it was.
    pub photograph: Option<Picture>,
    /// Whether pixels began as those of the photograph.
    pub from_photograph: bool,
    /// What made the unit, or the map, answer in the photograph.
    pub beside: Option<Projected>,
}

impl From<&Climb> for Climbed {
    fn from(climb: &Climb) -> Self {
        let (start, end) = (&climb.start, &climb.end);
        let second = climb.objective.and.as_ref();
        Self {
            target: climb.objective.target.clone(),
            settings: climb.settings,
            before: start.answer,
            answer: end.answer,
            and: second.map(|second| Second {
                target: second.target.clone(),
                weight: second.weight,
                before: start.and.unwrap_or_default(),
                answer: end.and.unwrap_or_default(),
            }),
            frames: vec![Frame { step: end.step }],
        }
    }
}

impl Shown {
    /// The pictures of a climb.
    pub fn of(climb: &Climb, from_photograph: bool) -> Self {
        let photograph = match climb.settings.method {
            Method::Accentuate => Some(climb.start.picture(climb.view)),
            Method::Pixels | Method::Maco => None,
        };
        Self {
            picture: climb.end.picture(climb.view),
            photograph,
            from_photograph,
            beside: None,
        }
    }
}

/// The picture; of a photograph that was accentuated, beside what it was.
pub fn figure(context: &Context<'_>, climbed: &Climbed, shown: &Shown) -> Scene {
    let words = context.words;
    let large = |picture: &Picture| {
        let zoom = zoom_to([picture.height, picture.width], SIDE);
        picture.magnified(zoom)
    };
    let pictures = shown.photograph.iter().chain([&shown.picture]);
    let pictures: Vec<Picture> = pictures.map(large).collect();
    let widths = pictures.iter().map(|picture| picture.width + NEAR);
    let beside = shown.beside.as_ref().map_or(0, |_| SMALLER + NEAR);
    let width = widths.sum::<usize>() + beside - NEAR;
    let mut sheet = Sheet::new(width.max(SIDE));
    let what = named(context, &climbed.target);
    let title = say!(words, "figureMaximisedTitle", what = what);
    sheet.open(&title, say!(words, "figureMaximisedText"));
    let mut left = MARGIN + (sheet.inner() - width) / 2;
    let top = sheet.bottom();
    for picture in pictures {
        let next = left + picture.width + NEAR;
        sheet.place(picture, left, top);
        left = next;
    }
    if let Some(beside) = &shown.beside {
        let under = sheet.fit(beside.patch.clone(), left, top, SMALLER) + NEAR;
        sheet.fit(beside.projection.clone(), left, under, SMALLER);
    }
    let (from, to) = (
        number(f64::from(climbed.before)),
        number(f64::from(climbed.answer)),
    );
    let mut said = say!(words, "figureMaximisedActivation", to = to, from = from);
    if let Some(second) = &climbed.and {
        let [from, to] = [second.before, second.answer].map(|answer| number(f64::from(answer)));
        let what = named(context, &second.target);
        let weight = second.weight;
        let second = say!(
            words,
            "figureMaximisedSecond",
            what = what,
            weight = weight,
            to = to,
            from = from
        );
        said = format!("{said} {second}");
    }
    let inner = sheet.inner();
    let mut under = sheet.tell(&said, MARGIN, sheet.bottom() + NEAR, inner, WORDS);
    if let Some(beside) = &shown.beside {
        let scale = number(f64::from(beside.scale));
        let text = say!(words, "figureMaximisedBeside", scale = scale);
        under = sheet.tell(&text, MARGIN, under, inner, SMALL);
    }
    let source = match climbed.settings.method {
        Method::Pixels => say!(words, "favouriteSource"),
        Method::Maco => say!(words, "favouriteSourceMaco"),
        Method::Accentuate => say!(words, "favouriteSourceAccentuate"),
    };
    sheet.tell(source, MARGIN, under, inner, SMALL);
    sheet.close(context, &settings(context, climbed, shown))
}

/// How it was made.
fn settings(context: &Context<'_>, climbed: &Climbed, shown: &Shown) -> String {
    let words = context.words;
    let steps = climbed.frames.last().map_or(0, |frame| frame.step);
    let Settings {
        method,
        rate,
        jitter,
        variation,
        decay,
        blur,
        seed,
        crop,
        grain,
        near,
        ..
    } = climbed.settings;
    match method {
        Method::Pixels => say!(
            words,
            "figureMaximisedSettings",
            start = match shown.from_photograph {
                true => say!(words, "figureMaximisedPhotograph"),
                false => say!(words, "figureMaximisedNoise"),
            },
            steps = steps,
            rate = rate,
            jitter = jitter,
            variation = variation,
            decay = decay,
            blur = blur,
            seed = seed
        ),
        Method::Maco => say!(
            words,
            "figureMaximisedMaco",
            steps = steps,
            rate = rate,
            crop = crop,
            grain = grain,
            jitter = jitter,
            seed = seed
        ),
        Method::Accentuate => say!(
            words,
            "figureMaximisedAccentuate",
            steps = steps,
            rate = rate,
            near = near,
            crop = crop,
            grain = grain,
            jitter = jitter,
            seed = seed
        ),
    }
}

fn named(context: &Context<'_>, target: &Target) -> String {
    let words = context.words;
    match target {
        Target::Class { class } => {
            let name = context.class_name(*class);
            say!(words, "figureMaximisedClass", name = name)
        }
        Target::Map { layer, map } => {
            say!(words, "figureMaximisedMap", map = map, layer = layer)
        }
        Target::Unit {
            layer,
            unit: [map, row, col],
        } => say!(
            words,
            "figureMaximisedUnit",
            row = row,
            col = col,
            map = map,
            layer = layer
        ),
    }
}
