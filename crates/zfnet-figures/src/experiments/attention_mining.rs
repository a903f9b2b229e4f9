//! A row for each head: the photograph, its attention map, the map over the photograph, and the photograph without what it
//! attends to.

use serde::Deserialize;
use zfnet::experiments::since::attention_mining::{Attended, Said, Threshold};
use zfnet::pictures::rendering::{self, Picture};
use zfnet_typescript::TypeScript;
use zfnet_words::say;

use super::over;
use crate::context::Context;
use crate::numbers::percent;
use crate::scene::Scene;
use crate::sheet::{GAP, MARGIN, NAME, NEAR, SMALL, Sheet, WORDS, columns, zoom_to};

/// A tile's side comes near this.
const SIDE: usize = 224;
/// Tiles of a row.
pub(super) const TILES: usize = 4;

/// What the network itself and other heads attend to, and how much of it is taken out.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
pub struct Attention {
    /// What is taken out.
    pub threshold: Threshold,
    /// The heads.
    pub heads: Vec<Head>,
}

/// A head, or the network itself, and what it attends to.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
pub struct Head {
    /// Its name; `None` for the network itself.
    pub head: Option<String>,
    /// Whether it was trained with attention mining.
    pub mined: bool,
    /// The attention map in viridis from 0 to 1.
    pub map: Picture,
    /// The photograph without what is attended to.
    pub left: Picture,
    /// Share of the picture that is taken out.
    pub removed: f64,
    /// Of the whole picture.
    pub before: Said,
    /// Of the picture without what is attended to, where that is known.
    pub after: Option<Said>,
}

impl Head {
    /// Draws what a head attends to. What is taken out becomes `mean`, the picture that enters the network as nothing: planes of
    /// red, green and blue, from 0 to 255.
    pub fn of(
        name: &str,
        mined: bool,
        found: &Attended,
        photograph: &Picture,
        mean: &[f32],
    ) -> Self {
        Self {
            head: Some(name.to_owned()),
            mined,
            map: rendering::feature_map(&found.map, found.size, 0.0, 1.0),
            left: without(photograph, &found.share, mean),
            removed: found.removed_share(),
            before: found.before,
            after: found.after,
        }
    }
}

/// A row for each head, of what they attend to when they name a class.
pub fn figure(
    context: &Context<'_>,
    photograph: &Picture,
    class: usize,
    attention: &Attention,
) -> Scene {
    let words = context.words;
    let zoom = zoom_to([photograph.height, photograph.width], SIDE);
    let (_, width) = columns(TILES, photograph.width * zoom);
    let mut sheet = Sheet::new(width);
    let name = context.class_name(class);
    let title = say!(words, "figureMinedTitle", name = name);
    let how = say!(words, "figureMinedText");
    sheet.open(&title, how);
    draw(&mut sheet, context, photograph, attention, zoom);
    let made_with = say!(words, "figureMinedClass", class = class, name = name);
    sheet.close(context, &made_with)
}

/// Draws the rows with what is over and under them.
pub(super) fn draw(
    sheet: &mut Sheet,
    context: &Context<'_>,
    photograph: &Picture,
    attention: &Attention,
    zoom: usize,
) {
    let words = context.words;
    let side = photograph.width * zoom;
    let (lefts, width) = columns(TILES, side);
    let over_columns = [
        say!(words, "whyPhotograph"),
        say!(words, "gainMap"),
        say!(words, "whyOpacity"),
        say!(words, "gainLeft"),
    ];
    sheet.heads(&over_columns, &lefts, side, SMALL);
    for head in &attention.heads {
        let top = sheet.bottom() + NEAR;
        let tiles = [
            photograph,
            &head.map,
            &over(photograph, &head.map),
            &head.left,
        ];
        for (tile, left) in tiles.into_iter().zip(&lefts) {
            sheet.place(tile.magnified(zoom), *left, top);
        }
        let under = sheet.bottom() + NEAR;
        let mut under = sheet.tell(&fall(context, head), MARGIN, under, width, NAME);
        if let Some(after) = head.after {
            let score = say!(
                words,
                "figureMinedScore",
                before = format_args!("{:.3}", head.before.score),
                after = format_args!("{:.3}", after.score)
            );
            under = sheet.tell(&score, MARGIN, under, width, WORDS);
        }
        sheet.reach(under + GAP / 2);
    }
    let below = sheet.bottom();
    let [nothing, most] = [
        say!(words, "figureMinedLow"),
        say!(words, "figureMinedHigh"),
    ];
    sheet.ramp([nothing, most], lefts[1], below, side);
    let Threshold { omega, sigma } = attention.threshold;
    let taken = say!(words, "figureMinedTaken", omega = omega, sigma = sigma);
    sheet.tell(&taken, lefts[2], below, 2 * side + GAP, SMALL);
}

/// How far the probability falls, in words.
fn fall(context: &Context<'_>, head: &Head) -> String {
    let words = context.words;
    let how = match head.mined {
        true => say!(words, "figureMinedHow"),
        false => "",
    };
    let name = head.head.as_deref();
    let name = name.unwrap_or_else(|| say!(words, "gainItself"));
    let share = |said: Said| percent(f64::from(said.probability));
    let is = head.after.map_or_else(|| "…".to_owned(), share);
    let removed = percent(head.removed);
    say!(
        words,
        "figureMinedFall",
        name = name,
        how = how,
        was = share(head.before),
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
