//! The methods side by side: a column for each, what counts above, how it counts below, and what it is underneath; then what the
//! network and its heads attend to.

use serde::Deserialize;
use zfnet::experiments::since::attribution::{Attribution, Baseline, Completeness, Method};
use zfnet::experiments::since::deletion_insertion::{self as measuring, DeletionInsertion};
use zfnet::network::model::Input;
use zfnet::pictures::rendering::{self, Picture, Stretch};
use zfnet_typescript::TypeScript;
use zfnet_words::{Words, say};

use super::attention_mining::{self, Attention};
use super::{Unread, deletion_insertion, over};
use crate::context::Context;
use crate::numbers::number;
use crate::scene::Scene;
use crate::sheet::{GAP, MARGIN, NAME, NEAR, SMALL, Sheet, WORDS, columns, zoom_to};

/// A tile's side comes near this.
const SIDE: usize = 224;
/// So many columns lie side by side.
const ACROSS: usize = 5;

/// What a method says of itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Found {
    /// How it was found.
    #[serde(flatten)]
    pub method: Method,
    /// How nearly the parts make up the whole, for integrated gradients.
    #[serde(default)]
    pub completeness: Option<Completeness>,
}

/// What a method found, as it is drawn.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
pub struct Explained {
    /// What was found.
    pub found: Unread<Found>,
    /// The value that is drawn brightest.
    pub drawn: f32,
    /// How much each place counts, and how it counts: signed pixels, or the map over the photograph.
    pub tiles: [Picture; 2],
    /// How alike it is for the other class.
    pub likeness: Option<f64>,
    /// What deletion and insertion measured of it.
    pub curves: Option<DeletionInsertion>,
}

/// The methods, and what they are asked.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "AttributionShown")]
pub struct Shown {
    /// What entered the network.
    pub photograph: Picture,
    /// The class that is explained.
    pub class: usize,
    /// Its score, where it is known.
    pub score: Option<f32>,
    /// The class that it is compared with.
    pub other: Option<usize>,
    /// Whether methods that measure the same have one scale.
    pub shared: bool,
    /// The methods, in their order.
    pub methods: Vec<Explained>,
    /// How deletion and insertion are measured, and what an order by chance gives.
    pub removal: Option<Removal>,
    /// What the network and its heads attend to.
    pub attention: Option<Attention>,
}

/// What methods' curves are measured with, and beside.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
pub struct Removal {
    /// How.
    pub settings: measuring::Settings,
    /// The curves of an order by chance, where they are known.
    pub chance: Option<DeletionInsertion>,
}

impl Explained {
    /// Draws what counts in viridis from 0 to the 99.5 % quantile of the method's own numbers, and signed pixels about mid grey.
    pub fn of(found: &Attribution, photograph: &Picture, input: &Input) -> Self {
        let drawn = found.scale();
        let heat = rendering::feature_map(&found.relevance(), input.size, 0.0, drawn);
        let tile = match found.method.gives_a_map() {
            true => over(photograph, &heat),
            false => {
                let values = input.in_rgb_order(found.values.clone());
                rendering::projection(&values, input.size, Stretch::Quantile, None).0
            }
        };
        Self {
            found: Found {
                method: found.method.clone(),
                completeness: found.completeness,
            },
            drawn,
            tiles: [heat, tile],
            likeness: None,
            curves: None,
        }
    }
}

/// All methods have one scale in the upper row: viridis from 0 to what is drawn brightest of each, since a derivative and a mean
/// activation have no unit in common.
pub fn figure(context: &Context<'_>, shown: &Shown) -> Scene {
    let words = context.words;
    let photograph = &shown.photograph;
    let zoom = zoom_to([photograph.height, photograph.width], SIDE);
    let side = photograph.width * zoom;
    let cells = std::iter::once(None).chain(shown.methods.iter().map(Some));
    let cells: Vec<Option<&Explained>> = cells.collect();
    let fewest = shown
        .attention
        .as_ref()
        .map_or(1, |_| attention_mining::TILES);
    let (lefts, width) = columns(cells.len().min(ACROSS).max(fewest), side);
    let mut sheet = Sheet::new(width);
    let class_name = context.class_name(shown.class);
    let title = say!(words, "figureEvidenceTitle", class_name = class_name);
    let scale = match shown.shared {
        true => say!(words, "figureEvidenceShared"),
        false => say!(words, "figureEvidenceOwn"),
    };
    let how = say!(words, "figureEvidenceText", scale = scale);
    sheet.open(&title, &how);
    for row in cells.chunks(ACROSS) {
        let top = sheet.bottom();
        for (cell, left) in row.iter().zip(&lefts) {
            match cell {
                Some(one) => explained(&mut sheet, context, shown, one, [*left, top], zoom),
                None => asked(&mut sheet, context, shown, [*left, top], zoom),
            }
        }
        let top = sheet.bottom() + 2 * NEAR;
        for (cell, left) in row.iter().zip(&lefts) {
            let Some(removal) = &shown.removal else {
                continue;
            };
            let (at, chance) = ([*left, top], removal.chance.as_ref());
            match cell.map(|one| &one.curves) {
                None => {
                    deletion_insertion::legend(&mut sheet, words, removal, at, side, &class_name);
                }
                Some(None) => (),
                Some(Some(own)) => {
                    deletion_insertion::chart(&mut sheet, words, own, chance, at, side);
                }
            }
        }
        sheet.reach(sheet.bottom() + GAP);
    }
    if let Some(attention) = &shown.attention {
        let title = say!(words, "gainTitle");
        let under = sheet.tell(title, MARGIN, sheet.bottom(), width, WORDS);
        sheet.reach(under + NEAR);
        attention_mining::draw(&mut sheet, context, photograph, attention, zoom);
    }
    let made_with = say!(words, "classUnnamed", index = shown.class);
    sheet.close(context, &made_with)
}

/// Draws what was asked: the photograph, the scale, the class and its score.
fn asked(
    sheet: &mut Sheet,
    context: &Context<'_>,
    shown: &Shown,
    [left, top]: [usize; 2],
    zoom: usize,
) {
    let words = context.words;
    let photograph = shown.photograph.magnified(zoom);
    let side = photograph.width;
    let under = sheet.place(photograph, left, top) + 2 * NEAR;
    let ends = [
        say!(words, "figureEvidenceNothing"),
        say!(words, "figureEvidenceMost"),
    ];
    let under = sheet.ramp(ends, left, under, side) + NEAR;
    if let Some(score) = shown.score {
        let class_name = context.class_name(shown.class);
        let score = number(f64::from(score));
        let text = say!(
            words,
            "figureEvidenceScore",
            class_name = class_name,
            score = score
        );
        sheet.tell(&text, left, under, side, WORDS);
    }
}

/// Draws what a method found, and says how.
fn explained(
    sheet: &mut Sheet,
    context: &Context<'_>,
    shown: &Shown,
    one: &Explained,
    [left, top]: [usize; 2],
    zoom: usize,
) {
    let words = context.words;
    let side = shown.photograph.width * zoom;
    let [heat, tile] = &one.tiles;
    let lower = sheet.place(heat.magnified(zoom), left, top) + NEAR;
    let mut under = sheet.place(tile.magnified(zoom), left, lower) + NEAR;
    under = sheet.tell(name(words, &one.found.method), left, under, side, NAME);
    let mut lines = notes(words, one);
    if let Some((other, likeness)) = shown.other.zip(one.likeness) {
        let name = context.class_name(other);
        let value = format_args!("{likeness:.2}");
        lines.push(say!(words, "whyLike", name = name, value = value));
    }
    for line in lines {
        under = sheet.tell(&line, left, under, side, SMALL);
    }
}

/// A method's name for a reader.
fn name(words: Words, method: &Method) -> &'static str {
    match method {
        Method::Saliency => say!(words, "why-saliency"),
        Method::InputXGradient => say!(words, "why-input_x_gradient"),
        Method::SmoothGrad { .. } => "SmoothGrad",
        Method::IntegratedGradients { .. } => say!(words, "why-integrated_gradients"),
        Method::GuidedBackprop => say!(words, "why-guided_backprop"),
        Method::Cam => "CAM",
        Method::GradCam { .. } => "Grad-CAM",
        Method::GuidedGradCam { .. } => say!(words, "why-guided_grad_cam"),
        Method::ScoreCam { .. } => "Score-CAM",
    }
}

/// What a method was told, and the number behind its brightest colour.
fn notes(words: Words, one: &Explained) -> Vec<String> {
    let mut notes = match &one.found.method {
        Method::SmoothGrad {
            samples,
            noise,
            seed,
        } => vec![say!(
            words,
            "figureEvidenceSmoothGrad",
            samples = samples,
            noise = noise,
            seed = seed
        )],
        Method::IntegratedGradients { steps, baseline } => {
            let baseline = match baseline {
                Baseline::Mean => say!(words, "fill-mean"),
                Baseline::Black => say!(words, "colourBlack"),
                Baseline::White => say!(words, "colourWhite"),
            };
            vec![say!(
                words,
                "figureEvidenceIntegrated",
                steps = steps,
                baseline = baseline
            )]
        }
        Method::GradCam { layer }
        | Method::GuidedGradCam { layer }
        | Method::ScoreCam { layer } => vec![say!(words, "figureEvidenceLayer", layer = layer)],
        Method::Saliency | Method::InputXGradient | Method::GuidedBackprop | Method::Cam => vec![],
    };
    if let Some(whole) = one.found.completeness {
        let [sum, difference] = [whole.sum, whole.difference].map(number);
        notes.push(say!(
            words,
            "figureEvidenceSum",
            sum = sum,
            difference = difference
        ));
    }
    let most = number(f64::from(one.drawn));
    notes.push(say!(words, "figureEvidenceMostIs", most = most));
    notes
}
