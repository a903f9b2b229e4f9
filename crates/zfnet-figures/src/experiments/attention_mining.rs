//! A row for each head: the photograph, its attention map, the map over the photograph, and the photograph without what it
//! attends to.

use zfnet::Prepared;
use zfnet::experiments::since::attention_mining::{Attended, Said, Threshold};
use zfnet::pictures::rendering::{self, Picture};

use super::over;
use crate::context::Context;
use crate::numbers::percent;
use crate::scene::Scene;
use crate::sheet::{GAP, MARGIN, NAME, NEAR, SMALL, Sheet, WORDS, columns, zoom_to};
use zfnet_words::say;

/// A tile's side comes near this.
const SIDE: usize = 224;

/// A head, or the network itself, and what it attends to.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it was trained with attention mining.
    pub mined: bool,
    /// What it attends to.
    pub found: &'a Attended,
}

impl Head<'_> {
    /// What it says without what it attends to.
    pub fn after(&self) -> Said {
        self.found.after.unwrap_or(self.found.before)
    }
}

/// A row for each head. The maps are in viridis from 0 to 1, for all heads; what is taken out becomes `mean`, the picture
/// that enters the network as nothing: planes of red, green and blue, from 0 to 255.
pub fn figure(
    context: &Context<'_>,
    prepared: &Prepared,
    heads: &[Head<'_>],
    threshold: &Threshold,
    mean: &[f32],
) -> Scene {
    let words = context.words;
    let photograph = Picture::from_rgb(&prepared.rgb);
    let frame = context.frame();
    let zoom = zoom_to(frame, SIDE);
    let side = frame[1] * zoom;
    let (lefts, width) = columns(4, side);
    let mut sheet = Sheet::new(width);
    let class = heads.first().map_or(0, |head| head.found.class);
    let name = context.class_name(class);
    let title = say!(words, "figureMinedTitle", name = name);
    let how = say!(words, "figureMinedText");
    sheet.open(&title, how);
    let over_columns = [
        say!(words, "figureMinedPhotograph"),
        say!(words, "figureMinedMap"),
        say!(words, "figureMinedOver"),
        say!(words, "figureMinedWithout"),
    ];
    sheet.heads(&over_columns, &lefts, side, SMALL);
    for head in heads {
        let found = head.found;
        let map = rendering::feature_map(&found.map, frame, 0.0, 1.0);
        let left = without(&photograph, &found.share, mean);
        let top = sheet.bottom() + NEAR;
        let tiles = [&photograph, &map, &over(&photograph, &map), &left];
        for (tile, left) in tiles.into_iter().zip(&lefts) {
            sheet.place(tile.magnified(zoom), *left, top);
        }
        let under = sheet.bottom() + NEAR;
        let under = sheet.tell(&fall(context, head), MARGIN, under, width, NAME);
        let (before, after) = (found.before.score, head.after().score);
        let score = say!(
            words,
            "figureMinedScore",
            before = format_args!("{before:.3}"),
            after = format_args!("{after:.3}")
        );
        let under = sheet.tell(&score, MARGIN, under, width, WORDS);
        sheet.reach(under + GAP / 2);
    }
    let below = sheet.bottom();
    let [nothing, most] = [
        say!(words, "figureMinedLow"),
        say!(words, "figureMinedHigh"),
    ];
    sheet.ramp([nothing, most], lefts[1], below, side);
    let Threshold { omega, sigma } = threshold;
    let taken = say!(words, "figureMinedTaken", omega = omega, sigma = sigma);
    sheet.tell(&taken, lefts[2], below, 2 * side + GAP, SMALL);
    let made_with = say!(words, "figureMinedClass", class = class, name = name);
    sheet.close(context, &made_with)
}

/// How far the probability falls, in words.
fn fall(context: &Context<'_>, head: &Head<'_>) -> String {
    let words = context.words;
    let how = match head.mined {
        true => say!(words, "figureMinedHow"),
        false => "",
    };
    let name = head.name;
    let [was, is] = [head.found.before, head.after()].map(|said| percent(said.probability.into()));
    let removed = percent(head.found.removed_share());
    say!(
        words,
        "figureMinedFall",
        name = name,
        how = how,
        was = was,
        is = is,
        removed = removed
    )
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
