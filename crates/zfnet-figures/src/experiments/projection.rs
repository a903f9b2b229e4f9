//! One target: its projection large; beside it the piece of the picture that it is of, and the map that it stands in.

use serde::Deserialize;
use zfnet::ReluRule;
use zfnet::pictures::rendering::{Picture, Stretch};
use zfnet_typescript::TypeScript;
use zfnet_words::{Words, say};

use super::pictures::even;
use crate::context::{Context, rule_in_words, scale_in_words, stretch_in_words};
use crate::numbers::number;
use crate::scene::Scene;
use crate::sheet::{GAP, GREY, MARGIN, NEAR, SMALL, Sheet, WORDS, zoom_to};

/// The longer side of the projection.
const SIDE: usize = 480;
/// Of what is beside it.
const SMALLER: usize = (SIDE - GAP) / 2;

/// A target and its pictures.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "ProjectionShown")]
pub struct Shown {
    /// What the target is called.
    pub name: String,
    /// What kind of target it is.
    pub of: Of,
    /// The projection as it is drawn, about mid grey; `None` of a target that is silent.
    pub projection: Option<Drawn>,
    /// What it is of.
    pub patch: Picture,
    /// The map that a unit stands in.
    pub map: Option<Map>,
    /// What let the projection through.
    pub rule: ReluRule,
    /// How its numbers became brightness.
    pub stretch: Stretch,
    /// Whether projections are on one scale, and not each on its own.
    pub shared: bool,
    /// Whether it is drawn by its luminance alone.
    pub grey: bool,
}

/// What was projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TypeScript)]
#[serde(rename = "ProjectionOf", rename_all = "snake_case")]
pub enum Of {
    /// One unit.
    Unit,
    /// All units of a map.
    Map,
    /// A class's score.
    Class,
}

/// A projection that there is.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "ProjectionDrawn")]
pub struct Drawn {
    /// About mid grey.
    pub picture: Picture,
    /// The value that is drawn as full white.
    pub scale: f32,
    /// What the target answered.
    pub activation: f32,
}

/// A map in colours.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "ProjectionMap")]
pub struct Map {
    /// A pixel for each unit.
    pub picture: Picture,
    /// The number that the brightest colour stands for.
    pub high: f32,
}

/// The projection, the patch and the map.
pub fn figure(context: &Context<'_>, shown: &Shown) -> Scene {
    let words = context.words;
    let mut sheet = Sheet::new(SIDE + GAP + SMALLER);
    let (how, patch) = match shown.of {
        Of::Unit => (say!(words, "projectionText"), say!(words, "patchText")),
        Of::Map => (
            say!(words, "projectionTextMap"),
            say!(words, "patchTextWhole"),
        ),
        Of::Class => (
            say!(words, "projectionTextClass"),
            say!(words, "patchTextWhole"),
        ),
    };
    sheet.open(&shown.name, how);
    let top = sheet.bottom();
    let (picture, numbers) = match &shown.projection {
        Some(drawn) => (drawn.picture.clone(), in_numbers(words, drawn)),
        None => (
            even(GREY, [1, 1]),
            say!(words, "figureProjectionSilent").to_owned(),
        ),
    };
    let under = sheet.fit(picture, MARGIN, top, SIDE) + NEAR;
    sheet.tell(&numbers, MARGIN, under, SIDE, WORDS);
    let right = MARGIN + SIDE + GAP;
    let under = sheet.fit(shown.patch.clone(), right, top, SMALLER) + NEAR;
    let under = sheet.tell(patch, right, under, SMALLER, SMALL);
    if let Some(Map { picture, high }) = &shown.map {
        let zoom = zoom_to([picture.height, picture.width], SMALLER);
        let under = sheet.place(picture.magnified(zoom), right, under + GAP) + NEAR;
        let high = number(f64::from(*high));
        let under = sheet.ramp(["0", &high], right, under, SMALLER);
        sheet.tell(say!(words, "figureMap"), right, under, SMALLER, SMALL);
    }
    let mut manner = vec![
        rule_in_words(words, shown.rule).to_owned(),
        scale_in_words(words, shown.shared),
        stretch_in_words(words, shown.stretch),
    ];
    manner.extend(shown.grey.then(|| say!(words, "inGrey").to_owned()));
    sheet.close(context, &manner.join(" · "))
}

/// What was answered, and what white stands for.
fn in_numbers(words: Words, drawn: &Drawn) -> String {
    let [activation, scale] = [drawn.activation, drawn.scale].map(|own| number(f64::from(own)));
    say!(
        words,
        "figureProjectionNumbers",
        activation = activation,
        scale = scale
    )
}
