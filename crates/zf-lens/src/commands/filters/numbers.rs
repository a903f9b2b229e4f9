//! A layer's filters in words.

use zfnet::analysis::filters::{Filters, Settings};

/// What all filters amount to, for a person.
pub(in crate::commands) fn lines(found: &Filters, settings: Settings) -> Vec<String> {
    let mixture = &found.mixture;
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let share = |share: Option<f64>| share.map_or("none".into(), percent);
    let number = |value: Option<f64>| value.map_or("none".into(), |value| format!("{value:.3}"));
    let silent = mixture.silent.map(|silent| match found.pictures {
        1 => format!("silent     {} on the photograph", percent(silent)),
        many => format!("silent     {} on all {many} photographs", percent(silent)),
    });
    let seen = match mixture.aliasing_on_pictures {
        Some(aliasing) => format!(", {} of activations on the photographs", percent(aliasing)),
        None => String::new(),
    };
    let [low, between, high] = [0, 1, 2].map(|band| share(mixture.bands.map(|bands| bands[band])));
    let dead = format!(
        "dead       {} by their weights, below {} of the median",
        percent(mixture.weak),
        percent(settings.weak_below)
    );
    let mut lines = vec![dead];
    lines.extend(silent);
    lines.extend([
        format!(
            "frequency  {} cycles per pixel, spread {}",
            number(mixture.frequency),
            number(mixture.spread)
        ),
        format!("energy     {low} low, {between} between, {high} high"),
        format!(
            "aliasing   {} of activations on noise{seen}, at stride {}",
            share(mixture.aliasing),
            found.stride[0]
        ),
    ]);
    lines
}
