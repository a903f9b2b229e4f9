//! A layer's filters in words.

use crate::language::words;
use zfnet::experiments::paper::filters::{Filters, Settings};
use zfnet_figures::experiments::filters::in_words;

/// What all filters amount to, for a person.
pub(in crate::commands) fn lines(found: &Filters, settings: Settings) -> Vec<String> {
    let lines = in_words(words(), found, settings).into_iter();
    lines
        .map(|(name, line)| format!("{name:<10} {line}"))
        .collect()
}
