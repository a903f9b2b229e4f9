//! The methods side by side: a column for each, what counts above, how it counts below, and what it is underneath.

use zfnet::Prepared;
use zfnet::experiments::since::attribution::{Attribution, Baseline, Method};
use zfnet::experiments::since::deletion_insertion::Curves;
use zfnet::pictures::rendering::{self, Picture, Stretch};

use super::{deletion_insertion, over};
use crate::context::Context;
use crate::numbers::number;
use crate::scene::Scene;
use crate::sheet::{NAME, NEAR, SMALL, Sheet, WORDS, columns, zoom_to};
use zfnet_words::{Words, say};

/// A tile's side comes near this.
const SIDE: usize = 224;

/// All methods have one scale in the upper row: viridis from 0 to the 99.5 % quantile of their own numbers, since a derivative and a
/// mean activation have no unit in common.
///
/// `curves`: below them, what deletion and insertion measured of each.
pub fn figure(
    context: &Context<'_>,
    prepared: &Prepared,
    found: &[Attribution],
    curves: Option<&Curves>,
) -> Scene {
    let (words, input) = (context.words, &context.model.input);
    let photograph = Picture::from_rgb(&prepared.rgb);
    let frame = context.frame();
    let zoom = zoom_to(frame, SIDE);
    let side = frame[1] * zoom;
    let (lefts, width) = columns(found.len() + 1, side);
    let mut sheet = Sheet::new(width);
    let class = found.first().map_or(0, |one| one.class);
    let class_name = context.class_name(class);
    let title = say!(words, "figureEvidenceTitle", class_name = class_name);
    let how = say!(words, "figureEvidenceText");
    sheet.open(&title, how);
    let upper = sheet.bottom();
    let lower = sheet.place(photograph.magnified(zoom), lefts[0], upper) + NEAR;
    let [nothing, most] = [
        say!(words, "figureEvidenceNothing"),
        say!(words, "figureEvidenceMost"),
    ];
    let below = sheet.ramp([nothing, most], lefts[0], lower + NEAR, side) + NEAR;
    if let Some(one) = found.first() {
        let score = number(f64::from(one.score));
        let score = say!(
            words,
            "figureEvidenceScore",
            class_name = class_name,
            score = score
        );
        sheet.tell(&score, lefts[0], below, side, WORDS);
    }
    for (one, left) in found.iter().zip(&lefts[1..]) {
        let relevance = one.relevance();
        let scale = one.scale();
        let heat = rendering::feature_map(&relevance, frame, 0.0, scale);
        sheet.place(heat.magnified(zoom), *left, upper);
        let tile = match one.method.gives_a_map() {
            true => over(&photograph, &heat),
            false => {
                let values = input.in_rgb_order(one.values.clone());
                rendering::projection(&values, frame, Stretch::Quantile, None).0
            }
        };
        let mut under = sheet.place(tile.magnified(zoom), *left, lower) + NEAR;
        under = sheet.tell(name(words, &one.method), *left, under, side, NAME);
        for line in notes(words, one, scale) {
            under = sheet.tell(&line, *left, under, side, SMALL);
        }
    }
    if let Some(curves) = curves {
        deletion_insertion::draw(&mut sheet, words, curves, &lefts, side, &class_name);
    }
    let made_with = say!(words, "classUnnamed", index = class);
    sheet.close(context, &made_with)
}

/// A method's name for a reader.
fn name(words: Words, method: &Method) -> &'static str {
    match method {
        Method::Saliency => say!(words, "methodSaliency"),
        Method::InputXGradient => say!(words, "methodInputXGradient"),
        Method::SmoothGrad { .. } => "SmoothGrad",
        Method::IntegratedGradients { .. } => say!(words, "methodIntegratedGradients"),
        Method::GuidedBackprop => say!(words, "methodGuidedBackprop"),
        Method::Cam => "CAM",
        Method::GradCam { .. } => "Grad-CAM",
        Method::GuidedGradCam { .. } => say!(words, "methodGuidedGradCam"),
        Method::ScoreCam { .. } => "Score-CAM",
    }
}

/// What a method was told, and the number behind its brightest colour.
fn notes(words: Words, one: &Attribution, scale: f32) -> Vec<String> {
    let mut notes = match &one.method {
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
                Baseline::Mean => say!(words, "colourMean"),
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
    if let Some(whole) = one.completeness {
        let [sum, difference] = [whole.sum, whole.difference].map(number);
        notes.push(say!(
            words,
            "figureEvidenceSum",
            sum = sum,
            difference = difference
        ));
    }
    let most = number(f64::from(scale));
    notes.push(say!(words, "figureEvidenceMostIs", most = most));
    notes
}
