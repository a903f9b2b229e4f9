//! A row for each head: the photograph, its attention map, the map over the photograph, and the photograph without what it
//! attends to.

use zfnet::analysis::gain::Attended;
use zfnet::rendering::{self, Picture};
use zfnet::{Network, Prepared, readback};

use crate::commands::Lens;
use crate::device::wait;
use crate::picture::{PAPER, over, zoom_to};

/// A tile's side comes near this.
const SIDE: usize = 224;
const GAP: usize = 8;

/// Draws the sheet. The maps are in viridis from 0 to 1, for all heads; what is taken out becomes the mean colour.
pub(super) fn sheet(
    lens: &Lens,
    prepared: &Prepared,
    heads: &[&Attended],
) -> anyhow::Result<Picture> {
    let photograph = Picture::from_rgb(&prepared.rgb);
    let frame = lens.frame();
    let mean = mean(lens.network())?;
    let zoom = zoom_to(frame, SIDE);
    let tiles: Vec<Picture> = heads
        .iter()
        .flat_map(|found| {
            let map = rendering::feature_map(&found.map, frame, 0.0, 1.0);
            let left = without(&photograph, &found.share, &mean);
            [
                photograph.clone(),
                map.clone(),
                over(&photograph, &map),
                left,
            ]
        })
        .map(|tile| tile.magnified(zoom))
        .collect();
    Ok(rendering::grid(&tiles, 4, GAP, PAPER))
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
