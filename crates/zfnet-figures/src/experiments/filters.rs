//! The filters of a network's first layer, and what they are like.

use zfnet::experiments::paper::filters::{Filters, Settings, tiles};
use zfnet::network::model::Input;
use zfnet::pictures::rendering::{self, Picture};

use crate::context::Context;
use crate::numbers::percent;
use crate::scene::Scene;
use crate::sheet::{MARGIN, NEAR, Sheet, WORDS};
use zfnet_words::{Words, say};

/// The figure is at least so wide, for its words.
const NARROWEST: usize = 440;
/// What lies between filters.
pub(super) const GROUND: [u8; 4] = [128, 128, 128, 255];

/// Filters side by side, each pixel as a square of `zoom` by `zoom`, each filter on its own scale or all on one.
///
/// `weights` are `[filters, channels, rows, cols]`, as `shape` says, in the channels of `input`.
pub fn bank(
    input: &Input,
    weights: &[f32],
    shape: [usize; 4],
    shared: bool,
    zoom: usize,
) -> Picture {
    let tiles = tiles(input, weights, shape, shared).into_iter();
    let tiles: Vec<Picture> = tiles.map(|tile| tile.magnified(zoom)).collect();
    rendering::mosaic(&tiles, zoom.max(1), GROUND)
}

/// The filters as [`bank`] draws them, and below what they are like.
pub fn figure(
    context: &Context<'_>,
    bank: Picture,
    found: &Filters,
    shared: bool,
    settings: Settings,
) -> Scene {
    let words = context.words;
    let mut sheet = Sheet::new(bank.width.max(NARROWEST));
    let ([count, _, rows, cols], layer) = (found.shape, &found.layer);
    let title = say!(words, "figureFiltersTitle", count = count, layer = layer);
    let scale = match shared {
        false => say!(words, "figureFiltersOwn"),
        true => say!(words, "figureFiltersShared"),
    };
    let how = say!(words, "figureFiltersText", scale = scale);
    sheet.open(&title, &how);
    let mut below = sheet.place(bank, MARGIN, sheet.bottom()) + NEAR;
    for (name, line) in in_words(words, found, settings) {
        let line = say!(words, "figureFiltersLine", name = name, line = line);
        below = sheet.tell(&line, MARGIN, below, sheet.inner(), WORDS);
    }
    let stride = found.stride[0];
    let made_with = say!(
        words,
        "figureFiltersSettings",
        rows = rows,
        cols = cols,
        stride = stride
    );
    sheet.close(context, &made_with)
}

/// What all filters amount to: what it is about, and a line on it.
pub fn in_words(words: Words, found: &Filters, settings: Settings) -> Vec<(&'static str, String)> {
    let mixture = &found.mixture;
    let none = || say!(words, "figureNone").to_owned();
    let share = |share: Option<f64>| share.map_or_else(none, percent);
    let number = |value: Option<f64>| value.map_or_else(none, |value| format!("{value:.3}"));
    let (weak, limit) = (percent(mixture.weak), percent(settings.weak_below));
    let mut lines = vec![(
        say!(words, "figureFiltersDead"),
        say!(words, "figureFiltersDeadText", weak = weak, limit = limit),
    )];
    lines.extend(mixture.silent.map(percent).map(|silent| {
        let line = match found.pictures {
            1 => say!(words, "filtersSilentOne", silent = silent),
            many => say!(words, "filtersSilentMany", silent = silent, many = many),
        };
        (say!(words, "silentOption"), line)
    }));
    let [frequency, spread] = [mixture.frequency, mixture.spread].map(number);
    let [low, between, high] = [0, 1, 2].map(|band| share(mixture.bands.map(|bands| bands[band])));
    let seen = mixture.aliasing_on_pictures.map(percent);
    let seen = seen.map_or_else(String::new, |seen| {
        say!(words, "filtersAliasingSeen", seen = seen)
    });
    let (noise, stride) = (share(mixture.aliasing), found.stride[0]);
    lines.extend([
        (
            say!(words, "figureFiltersFrequency"),
            say!(
                words,
                "figureFiltersFrequencyText",
                frequency = frequency,
                spread = spread
            ),
        ),
        (
            say!(words, "filtersEnergy"),
            say!(
                words,
                "filtersEnergyText",
                low = low,
                between = between,
                high = high
            ),
        ),
        (
            say!(words, "figureFiltersAliasing"),
            say!(
                words,
                "figureFiltersAliasingText",
                noise = noise,
                seen = seen,
                stride = stride
            ),
        ),
    ]);
    lines
}
