//! What the command line says of its commands and options.
//!
//! An option's English stands beside it in the code, and is the key of its Chinese in `words/help/options.json`; what stands
//! below a command's options is a text of `words/help/` in each language.

use crate::{Language, Words};

/// English and Chinese of what is said of an option, a value or a command.
const OPTIONS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/options.rs"));

/// A command, and what stands below its options in English and in Chinese.
const COMMANDS: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/commands.rs"));

impl Words {
    /// What is said of an option, a value or a command; `None` where there are no words for it.
    pub fn option(self, english: &str) -> Option<&str> {
        match self.language {
            Language::En => Some(english),
            Language::Zh => chinese(english),
        }
    }

    /// What stands below the options of a command, if anything does.
    pub fn below(self, command: &str) -> Option<&'static str> {
        let (_, en, zh) = COMMANDS.iter().find(|(name, ..)| *name == command)?;
        Some(match self.language {
            Language::En => en,
            Language::Zh => zh,
        })
    }

    /// The English of all options that there are words for, and the names of all commands with a text of their own.
    pub fn helped() -> (
        impl Iterator<Item = &'static str>,
        impl Iterator<Item = &'static str>,
    ) {
        (
            OPTIONS.iter().map(|(english, _)| *english),
            COMMANDS.iter().map(|(command, ..)| *command),
        )
    }
}

fn chinese(english: &str) -> Option<&'static str> {
    let (_, chinese) = OPTIONS.iter().find(|(key, _)| *key == english)?;
    Some(chinese)
}
