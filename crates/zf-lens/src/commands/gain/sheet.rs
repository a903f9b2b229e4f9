//! A row for each head: the photograph, its attention map, the map over the photograph, and the photograph without what it
//! attends to.

use zfnet::analysis::gain::Threshold;
use zfnet::head::mined;
use zfnet::rendering::{self, Picture};
use zfnet::{Network, Prepared, readback};

use super::Asked;
use crate::device::wait;
use crate::figure::{Figure, GAP, MARGIN, NAME, NEAR, SMALL, WORDS, columns, percent};
use crate::lens::Lens;
use crate::picture::{over, zoom_to};

/// A tile's side comes near this.
const SIDE: usize = 224;
const HOW: &str = "The attention map, and what is left of the score when the network no longer sees what it attends to: \
    the further the score falls, the less the map has missed. It does not show why a place counts.";
/// What stands over the columns.
const HEADS: [&str; 4] = [
    "The photograph",
    "What it attends to",
    "Over the photograph",
    "Without it",
];

/// Draws the sheet. The maps are in viridis from 0 to 1, for all heads; what is taken out becomes the mean colour.
pub(super) fn sheet(
    lens: &Lens,
    prepared: &Prepared,
    heads: &[Asked<'_>],
    threshold: &Threshold,
) -> anyhow::Result<Picture> {
    let photograph = Picture::from_rgb(&prepared.rgb);
    let frame = lens.frame();
    let mean = mean(lens.network())?;
    let zoom = zoom_to(frame, SIDE);
    let side = frame[1] * zoom;
    let (lefts, width) = columns(HEADS.len(), side);
    let mut figure = Figure::new(width);
    let class = heads.first().map_or(0, |asked| asked.found.class);
    let name = lens.class_name(class);
    let title = format!("What is left of {name} without what the network attends to");
    figure.open(&title, HOW);
    figure.heads(&HEADS.map(str::to_owned), &lefts, side, SMALL);
    for asked in heads {
        let found = &asked.found;
        let map = rendering::feature_map(&found.map, frame, 0.0, 1.0);
        let left = without(&photograph, &found.share, &mean);
        let top = figure.bottom() + NEAR;
        for (tile, left) in [&photograph, &map, &over(&photograph, &map), &left]
            .into_iter()
            .zip(&lefts)
        {
            figure.place(&tile.magnified(zoom), *left, top);
        }
        let (before, after) = (found.before, asked.after());
        let [was, is, removed] = [
            f64::from(before.probability),
            f64::from(after.probability),
            asked.found.removed_share(),
        ]
        .map(percent);
        let under = figure.bottom() + NEAR;
        let how = match mined(&asked.lens.network().model) {
            true => ", trained with attention mining",
            false => "",
        };
        let name = asked.name;
        let fall = format!("{name}{how}: from {was} to {is} without {removed} of the picture");
        let under = figure.tell(&fall, MARGIN, under, width, NAME);
        let score = format!("score from {:.3} to {:.3}", before.score, after.score);
        let under = figure.tell(&score, MARGIN, under, width, WORDS);
        figure.reach(under + GAP / 2);
    }
    let below = figure.bottom();
    figure.ramp(["0, nothing", "1, most"], lefts[1], below, side);
    let taken = format!(
        "taken out: 1 / (1 + exp(–{} (map – {})))",
        threshold.omega, threshold.sigma
    );
    figure.tell(&taken, lefts[2], below, 2 * side + GAP, SMALL);
    Ok(figure.close(lens, &format!("class {class}, {name}")))
}

/// The photograph with a share of each pixel replaced by the mean.
fn without(photograph: &Picture, share: &[f32], mean: &[f32]) -> Picture {
    let plane = share.len();
    let mut left = photograph.clone();
    for (at, (pixel, share)) in left.rgba.chunks_exact_mut(4).zip(share).enumerate() {
        for (channel, value) in pixel.iter_mut().take(3).enumerate() {
            let mixed = f32::from(*value) * (1.0 - share) + mean[channel * plane + at] * share;
            *value = mixed.round().clamp(0.0, 255.0) as u8;
        }
    }
    left
}

/// The picture that enters the network as nothing: planes of red, green and blue, from 0 to 255.
fn mean(network: &Network) -> anyhow::Result<Vec<f32>> {
    let size = network.model.input.size;
    let even = |value: f32| -> anyhow::Result<Vec<f32>> {
        let input = network.input_of(vec![value; 3 * size * size])?;
        let values = wait(readback::floats(input))?;
        Ok(network.model.input.in_rgb_order(values))
    };
    let (black, white) = (even(0.0)?, even(255.0)?);
    let ends = black.into_iter().zip(white);
    Ok(ends
        .map(|(black, white)| -255.0 * black / (white - black))
        .collect())
}
