//! A layer's filters in words, in a table and as tensors.

use zfnet::analysis::filters::{Filter, Filters, Settings};

use crate::dump::Dump;

/// The columns of the table.
pub(in crate::commands) const HEADER: [&str; 11] = [
    "filter",
    "rms",
    "weak",
    "silent",
    "frequency",
    "low",
    "between",
    "high",
    "aliasing",
    "strongest",
    "aliasing_on_pictures",
];

/// A filter's row; what it does not have is empty.
pub(in crate::commands) fn row(at: usize, filter: &Filter) -> Vec<String> {
    fn cell<T: ToString>(value: Option<T>) -> String {
        value.map_or(String::new(), |value| value.to_string())
    }
    let band = |at: usize| cell(filter.bands.map(|bands| bands[at]));
    vec![
        at.to_string(),
        filter.rms.to_string(),
        filter.weak.to_string(),
        cell(filter.silent()),
        cell(filter.frequency),
        band(0),
        band(1),
        band(2),
        cell(filter.aliasing),
        cell(filter.strongest),
        cell(filter.aliasing_on_pictures),
    ]
}

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

/// Adds the numbers to a dump, under names that begin with `prefix`; NaN for what a filter does not have.
pub(in crate::commands) fn dump(dump: &mut Dump, prefix: &str, weights: &[f32], found: &Filters) {
    let name = |name: &str| format!("{prefix}{name}");
    let count = found.filters.len();
    dump.floats(&name("weight"), &found.shape, weights);
    let mut column = |title: &str, value: &dyn Fn(&Filter) -> Option<f64>| {
        let values = found.filters.iter();
        let values = values.map(|filter| value(filter).map_or(f32::NAN, |value| value as f32));
        dump.floats(&name(title), &[count], &values.collect::<Vec<_>>());
    };
    column("rms", &|filter| Some(filter.rms));
    column("frequency", &|filter| filter.frequency);
    column("aliasing", &|filter| filter.aliasing);
    column("strongest", &|filter| filter.strongest.map(f64::from));
    column("aliasing_on_pictures", &|filter| {
        filter.aliasing_on_pictures
    });
    let bands = found.filters.iter().flat_map(|filter| {
        let bands = filter.bands.map(|bands| bands.map(|share| share as f32));
        bands.unwrap_or([f32::NAN; 3])
    });
    dump.floats(&name("bands"), &[count, 3], &bands.collect::<Vec<_>>());
}
