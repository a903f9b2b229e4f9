//! What people read, in two languages.
//!
//! The catalogue is the folder `words/` of this crate: `{KEY: {"en": WORDS, "zh": WORDS}}`, with named gaps as
//! in `Layer {layer}`. Page, command line, figures and reports take their words from it. Here, [`say!`] does:
//!
//! ```
//! use zfnet_words::{Language, Words, say};
//!
//! let words = Words::new(Language::Zh);
//! assert_eq!(say!(words, "classUnnamed", index = 3), "类别 3");
//! ```
//!
//! A key that the catalogue does not have, and a gap that is left out or that its words do not have, are errors of the
//! compiler:
//!
//! ```compile_fail
//! # use zfnet_words::{Words, say};
//! say!(Words::default(), "noSuchKey");
//! ```
//! ```compile_fail
//! # use zfnet_words::{Words, say};
//! say!(Words::default(), "classUnnamed");
//! ```
//! ```compile_fail
//! # use zfnet_words::{Words, say};
//! say!(Words::default(), "classUnnamed", index = 3, name = "cat");
//! ```
//!
//! A key that nobody asks for fails a test of `xtask`. Only words that are asked for become part of a program.

mod help;
mod language;
mod messages;

use std::fmt::{Display, Write};

pub use language::{Language, UnknownLanguage};

/// All words, sorted by key.
const CATALOGUE: &[Entry] = include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// One thing to say.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    key: &'static str,
    en: &'static str,
    zh: &'static str,
    /// Sorted, each once.
    gaps: &'static [&'static str],
}

impl Entry {
    /// Looks it up while the program is compiled; [`say!`] is how to call it.
    ///
    /// # Panics
    /// When there is no such key, or its words have other gaps.
    pub const fn find(key: &str, gaps: &[&str]) -> Self {
        let (mut low, mut high) = (0, CATALOGUE.len());
        while low < high {
            let at = usize::midpoint(low, high);
            match compare(CATALOGUE[at].key, key) {
                Order::Before => low = at + 1,
                Order::Same => {
                    assert!(CATALOGUE[at].has_gaps(gaps), "these words have other gaps");
                    return CATALOGUE[at];
                }
                Order::After => high = at,
            }
        }
        panic!("no file of words/ has this key")
    }

    const fn has_gaps(self, gaps: &[&str]) -> bool {
        are_among(gaps, self.gaps) && are_among(self.gaps, gaps)
    }
}

const fn are_among(some: &[&str], all: &[&str]) -> bool {
    let mut at = 0;
    while at < some.len() {
        let mut other = 0;
        while other < all.len() && !matches!(compare(some[at], all[other]), Order::Same) {
            other += 1;
        }
        if other == all.len() {
            return false;
        }
        at += 1;
    }
    true
}

enum Order {
    Before,
    Same,
    After,
}

const fn compare(one: &str, other: &str) -> Order {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return if one[at] < other[at] {
                Order::Before
            } else {
                Order::After
            };
        }
        at += 1;
    }
    if one.len() == other.len() {
        Order::Same
    } else if one.len() < other.len() {
        Order::Before
    } else {
        Order::After
    }
}

/// One language to speak; [`say!`] takes the words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Words {
    /// The language.
    pub language: Language,
}

impl Words {
    /// Words of a language.
    pub const fn new(language: Language) -> Self {
        Self { language }
    }

    /// What comes with names of its own, as classes do: the Chinese one where it is asked for and there.
    pub fn either<'n>(self, en: &'n str, zh: Option<&'n str>) -> &'n str {
        match (self.language, zh) {
            (Language::Zh, Some(zh)) => zh,
            _ => en,
        }
    }

    /// The words of an entry, their gaps as they are.
    pub const fn of(self, entry: Entry) -> &'static str {
        match self.language {
            Language::En => entry.en,
            Language::Zh => entry.zh,
        }
    }

    /// The words of an entry with their gaps filled; [`say!`] is how to call it.
    pub fn filled(self, entry: Entry, values: &[(&str, &dyn Display)]) -> String {
        let mut pieces = self.of(entry).split('{');
        let mut said = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (gap, rest) = piece.split_once('}').unwrap_or_default();
            if let Some((_, value)) = values.iter().find(|(name, _)| *name == gap) {
                // A string takes all there is.
                let _ = write!(said, "{value}");
            }
            said.push_str(rest);
        }
        said
    }
}

/// Words of the catalogue by their key: `&'static str`, or, where there are gaps to fill, `String`.
///
/// `say!(words, "occlusionPlaces", count = 12)`; values are what can be displayed.
#[macro_export]
macro_rules! say {
    ($words:expr, $key:literal $(,)?) => {{
        const ENTRY: $crate::Entry = $crate::Entry::find($key, &[]);
        $words.of(ENTRY)
    }};
    ($words:expr, $key:literal, $($gap:ident = $value:expr),+ $(,)?) => {{
        const ENTRY: $crate::Entry = $crate::Entry::find($key, &[$(stringify!($gap)),+]);
        $words.filled(ENTRY, &[$((stringify!($gap), &$value)),+])
    }};
}
