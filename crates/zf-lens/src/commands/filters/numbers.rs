//! A layer's filters in words.

use crate::language::words;
use zfnet::analysis::filters::{Filters, Settings};
use zfnet_words::say;

/// What all filters amount to, for a person.
pub(in crate::commands) fn lines(found: &Filters, settings: Settings) -> Vec<String> {
    let mixture = &found.mixture;
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let none = say!(words(), "none");
    let share = |share: Option<f64>| share.map_or(none.into(), percent);
    let number = |value: Option<f64>| value.map_or(none.into(), |value| format!("{value:.3}"));
    let silent = mixture.silent.map(percent);
    let silent = silent.map(|share| match found.pictures {
        1 => say!(words(), "filtersLineSilent", share = share),
        many => say!(
            words(),
            "filtersLineSilentOnAll",
            share = share,
            count = many
        ),
    });
    let [low, between, high] = [0, 1, 2].map(|band| share(mixture.bands.map(|bands| bands[band])));
    let dead = say!(
        words(),
        "filtersLineDead",
        share = percent(mixture.weak),
        below = percent(settings.weak_below)
    );
    let mut lines = vec![dead];
    lines.extend(silent);
    lines.extend([
        say!(
            words(),
            "filtersLineFrequency",
            mean = number(mixture.frequency),
            spread = number(mixture.spread)
        ),
        say!(
            words(),
            "filtersLineEnergy",
            low = low,
            between = between,
            high = high
        ),
    ]);
    let noise = share(mixture.aliasing);
    let stride = found.stride[0];
    lines.push(match mixture.aliasing_on_pictures.map(percent) {
        None => say!(
            words(),
            "filtersLineAliasing",
            noise = noise,
            stride = stride
        ),
        Some(seen) => say!(
            words(),
            "filtersLineAliasingSeen",
            noise = noise,
            seen = seen,
            stride = stride
        ),
    });
    lines
}
