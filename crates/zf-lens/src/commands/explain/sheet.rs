//! The methods side by side: a column for each, what counts above, how it counts below, and what it is underneath.

use zfnet::Prepared;
use zfnet::analysis::attribution::{Attribution, Baseline, Method};
use zfnet::analysis::deletion_insertion::Curves;
use zfnet::rendering::{self, Picture, Stretch};

use super::curves;
use crate::figure::{Figure, NAME, NEAR, SMALL, WORDS, columns, number};
use crate::lens::Lens;
use crate::picture::{over, zoom_to};

/// A tile's side comes near this.
const SIDE: usize = 224;
const HOW: &str = "Above: how much each place counts, all methods on one scale, from nothing to the method's own 99.5 % \
    quantile. Below: signed pixels about mid grey, or the map over the photograph.";

/// Draws the sheet. All methods have one scale there: viridis from 0 to the 99.5 % quantile of their own numbers, since a derivative and a
/// mean activation have no unit in common.
pub(super) fn sheet(
    lens: &Lens,
    prepared: &Prepared,
    found: &[Attribution],
    measured: Option<&Curves>,
) -> Picture {
    let input = &lens.network().model.input;
    let photograph = Picture::from_rgb(&prepared.rgb);
    let frame = lens.frame();
    let zoom = zoom_to(frame, SIDE);
    let side = frame[1] * zoom;
    let (lefts, width) = columns(found.len() + 1, side);
    let mut figure = Figure::new(width);
    let class = found.first().map_or(0, |one| one.class);
    let name = lens.class_name(class);
    figure.open(&format!("Evidence for {name}"), HOW);
    let upper = figure.bottom();
    let lower = figure.place(&photograph.magnified(zoom), lefts[0], upper) + NEAR;
    let below = figure.ramp(["nothing", "most"], lefts[0], lower + NEAR, side) + NEAR;
    if let Some(one) = found.first() {
        let score = format!("{name}: score {}", number(f64::from(one.score)));
        figure.tell(&score, lefts[0], below, side, WORDS);
    }
    for (one, left) in found.iter().zip(&lefts[1..]) {
        let relevance = one.relevance();
        let scale = one.scale();
        let heat = rendering::feature_map(&relevance, frame, 0.0, scale);
        figure.place(&heat.magnified(zoom), *left, upper);
        let tile = match one.method.gives_a_map() {
            true => over(&photograph, &heat),
            false => {
                let values = input.in_rgb_order(one.values.clone());
                rendering::projection(&values, frame, Stretch::Quantile, None).0
            }
        };
        let mut under = figure.place(&tile.magnified(zoom), *left, lower) + NEAR;
        under = figure.tell(spoken(&one.method), *left, under, side, NAME);
        for line in notes(one, scale) {
            under = figure.tell(&line, *left, under, side, SMALL);
        }
    }
    if let Some(measured) = measured {
        curves::draw(&mut figure, measured, &lefts, side, &name);
    }
    figure.close(lens, &format!("class {class}"))
}

/// A method's name for a reader.
fn spoken(method: &Method) -> &'static str {
    match method {
        Method::Saliency => "Saliency",
        Method::InputXGradient => "Input × gradient",
        Method::SmoothGrad { .. } => "SmoothGrad",
        Method::IntegratedGradients { .. } => "Integrated gradients",
        Method::GuidedBackprop => "Guided backpropagation",
        Method::Cam => "CAM",
        Method::GradCam { .. } => "Grad-CAM",
        Method::GuidedGradCam { .. } => "Guided Grad-CAM",
        Method::ScoreCam { .. } => "Score-CAM",
    }
}

/// What a method was told, and the number behind its brightest colour.
fn notes(one: &Attribution, scale: f32) -> Vec<String> {
    let mut notes = match &one.method {
        Method::SmoothGrad {
            samples,
            noise,
            seed,
        } => vec![format!("{samples} samples, noise {noise}, seed {seed}")],
        Method::IntegratedGradients { steps, baseline } => {
            let baseline = match baseline {
                Baseline::Mean => "the mean colour",
                Baseline::Black => "black",
                Baseline::White => "white",
            };
            vec![format!("{steps} steps from {baseline}")]
        }
        Method::GradCam { layer }
        | Method::GuidedGradCam { layer }
        | Method::ScoreCam { layer } => vec![format!("maps of {layer}")],
        Method::Saliency | Method::InputXGradient | Method::GuidedBackprop | Method::Cam => vec![],
    };
    if let Some(whole) = one.completeness {
        let [sum, difference] = [whole.sum, whole.difference].map(number);
        notes.push(format!("adds up to {sum} of {difference}"));
    }
    notes.push(format!("most is {}", number(f64::from(scale))));
    notes
}
