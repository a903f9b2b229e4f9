//! The language that this run speaks.

use std::env;
use std::sync::OnceLock;

use zfnet_words::{Language, Words};

static CHOSEN: OnceLock<Words> = OnceLock::new();

/// The words of this run; there is one language for all of it.
pub(crate) fn words() -> Words {
    *CHOSEN.get_or_init(|| {
        let arguments = env::args_os()
            .skip(1)
            .map(|argument| argument.to_string_lossy().into_owned());
        Words::new(asked(arguments).unwrap_or_else(of_locale))
    })
}

/// What `--lang` asks for. Read here and not by clap, whose own complaints and help are said in it.
fn asked(mut arguments: impl Iterator<Item = String>) -> Option<Language> {
    while let Some(argument) = arguments.next().filter(|argument| argument != "--") {
        let value = match argument.strip_prefix("--lang") {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        if let Some(language) = value.and_then(|value| value.parse().ok()) {
            return Some(language);
        }
    }
    None
}

/// Tests are in English on every machine.
#[cfg(test)]
fn of_locale() -> Language {
    Language::En
}

#[cfg(not(test))]
fn of_locale() -> Language {
    let locales = ["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| env::var(name).unwrap_or_default());
    Language::of_locale(locales.each_ref().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_asked_for_anywhere_among_the_options() {
        for (line, language) in [
            ("project cat.jpg --lang zh", Some(Language::Zh)),
            ("--lang=en project", Some(Language::En)),
            ("project --lang", None),
            ("project --lang fr --lang zh", Some(Language::Zh)),
            ("project --language zh", None),
            ("project -- --lang zh", None),
        ] {
            assert_eq!(
                asked(line.split(' ').map(str::to_owned)),
                language,
                "{line}"
            );
        }
    }
}
