//! The languages, and which of them someone reads.

use std::fmt;
use std::str::FromStr;

/// A language in which everything can be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// The name in options, addresses and the catalogue.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// As HTML and SVG name it in `lang`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-Hans",
        }
    }

    /// What a locale asks for, as in `zh_CN.UTF-8`; English where it is another language, `C`, or nothing.
    ///
    /// `locales` are the values of `LC_ALL`, `LC_MESSAGES` and `LANG`: the first that is there and not empty decides, as
    /// POSIX has it.
    pub fn of_locale<'l>(locales: impl IntoIterator<Item = &'l str>) -> Self {
        let locale = locales.into_iter().find(|locale| !locale.is_empty());
        let language = locale.and_then(|locale| locale.split(['_', '-', '.', '@']).next());
        language
            .and_then(|language| language.to_ascii_lowercase().parse().ok())
            .unwrap_or_default()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Occurs when a language is named that there are no words in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLanguage(String);

impl fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "language: expected en or zh, found {}", self.0)
    }
}

impl std::error::Error for UnknownLanguage {}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(name: &str) -> Result<Self, UnknownLanguage> {
        let known = Self::ALL
            .into_iter()
            .find(|language| language.name() == name);
        known.ok_or_else(|| UnknownLanguage(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_that_says_something_decides() {
        for (locales, language) in [
            (["", "", ""], Language::En),
            (["", "", "zh_CN.UTF-8"], Language::Zh),
            (["", "en_GB.UTF-8", "zh_CN.UTF-8"], Language::En),
            (["zh", "en_GB.UTF-8", "C"], Language::Zh),
            (["C", "", "zh_CN.UTF-8"], Language::En),
            (["C.UTF-8", "zh_CN", "zh_CN"], Language::En),
            (["zh-Hans", "", ""], Language::Zh),
            (["ZH_TW@stroke", "", ""], Language::Zh),
            (["zhx", "", ""], Language::En),
            (["de_DE.UTF-8", "", ""], Language::En),
        ] {
            assert_eq!(Language::of_locale(locales), language, "{locales:?}");
        }
    }

    #[test]
    fn a_language_is_known_by_its_name() {
        for language in Language::ALL {
            assert_eq!(language.to_string().parse(), Ok(language));
        }
        assert!(
            "fr".parse::<Language>()
                .is_err_and(|error| error.to_string().ends_with("found fr"))
        );
    }
}
