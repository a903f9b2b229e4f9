//! The methods side by side: a column for each, what counts above, how it counts below.

use zfnet::Prepared;
use zfnet::analysis::attribution::Attribution;
use zfnet::rendering::{self, Picture, Stretch, magnitude};

use crate::commands::Lens;
use crate::picture::{PAPER, over, zoom_to};

/// A tile's side comes near this.
const SIDE: usize = 224;
const GAP: usize = 8;

/// Draws the sheet, and gives for each method the number drawn at full brightness in the upper row.
///
/// All methods have one scale there: viridis from 0 to the 99.5 % quantile of their own numbers, since a derivative and a
/// mean activation have no unit in common.
pub(super) fn sheet(
    lens: &Lens,
    prepared: &Prepared,
    found: &[Attribution],
) -> (Picture, Vec<f32>) {
    let input = &lens.network().model.input;
    let photograph = Picture::from_rgb(&prepared.rgb);
    let frame = lens.frame();
    let mut upper = vec![photograph.clone()];
    let mut lower = vec![Picture {
        rgba: PAPER.repeat(photograph.width * photograph.height),
        ..photograph.clone()
    }];
    let mut scales = Vec::with_capacity(found.len());
    for one in found {
        let relevance = one.relevance();
        let scale = magnitude(&relevance);
        let heat = rendering::feature_map(&relevance, frame, 0.0, scale);
        lower.push(match one.method.gives_a_map() {
            true => over(&photograph, &heat),
            false => {
                let values = input.in_rgb_order(one.values.clone());
                rendering::projection(&values, frame, Stretch::Quantile, None).0
            }
        });
        upper.push(heat);
        scales.push(scale);
    }
    let columns = upper.len();
    let zoom = zoom_to(frame, SIDE);
    let tiles: Vec<Picture> = upper
        .iter()
        .chain(&lower)
        .map(|tile| tile.magnified(zoom))
        .collect();
    (rendering::grid(&tiles, columns, GAP, PAPER), scales)
}
