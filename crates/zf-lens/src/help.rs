//! The command line as its help shows it, in the language of the run.

use clap::Command;
use clap::builder::{PossibleValue, PossibleValuesParser};
use zfnet_words::Words;

use crate::language::words;

/// What clap says by itself.
const FIXED: [&str; 14] = [
    "Usage:",
    "Arguments:",
    "Options:",
    "Commands:",
    "Global options:",
    "[default: ",
    "[possible values: ",
    "[alias: ",
    "[aliases: ",
    "Possible values:",
    "Print help (see more with '--help')",
    "Print help (see a summary with '-h')",
    "Print help",
    "Print version",
];
const HELP_COMMAND: &str = "Print this message or the help of the given subcommand(s)";

/// A command and those below it, with everything that help says of them. It is there to be shown and not to be run: its
/// values are words.
pub(crate) fn shown(command: Command) -> Command {
    translated(command, words())
}

fn translated(mut command: Command, words: Words) -> Command {
    let name = command.get_name().to_owned();
    let about = command.get_about().map(ToString::to_string);
    if let Some(about) = about.as_deref().and_then(|about| words.option(about)) {
        command = command.about(about.to_owned());
    }
    if let Some(below) = words.below(&name) {
        command = command.after_help(below);
    }
    command
        .mut_args(|argument| {
            let help = argument.get_help().map(ToString::to_string);
            let values = argument.get_possible_values();
            let argument = match help.as_deref().and_then(|help| words.option(help)) {
                Some(help) => argument.help(help.to_owned()),
                None => argument,
            };
            match argument.get_action().takes_values()
                && values.iter().any(|value| value.get_help().is_some())
            {
                true => argument.value_parser(PossibleValuesParser::new(
                    values.into_iter().map(|value| described(value, words)),
                )),
                false => argument,
            }
        })
        .mut_subcommands(|command| translated(command, words))
}

fn described(value: PossibleValue, words: Words) -> PossibleValue {
    let help = value.get_help().map(ToString::to_string);
    match help.as_deref().and_then(|help| words.option(help)) {
        Some(help) => value.help(help.to_owned()),
        None => value,
    }
}

/// A text of clap's, with its own words in the language of the run.
pub(crate) fn with_fixed_words(text: &str) -> String {
    FIXED
        .iter()
        .chain([&HELP_COMMAND])
        .fold(text.to_owned(), |text, fixed| {
            text.replace(fixed, words().option(fixed).unwrap_or(fixed))
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;
    use zfnet_words::{Language, Words};

    use super::*;
    use crate::cli::Cli;

    /// Everything that help says of a command and those below it.
    fn said(command: &Command, english: &mut BTreeSet<String>, names: &mut BTreeSet<String>) {
        names.insert(command.get_name().to_owned());
        english.extend(command.get_about().map(ToString::to_string));
        assert!(command.get_long_about().is_none(), "{}", command.get_name());
        for argument in command.get_arguments() {
            assert!(argument.get_long_help().is_none(), "{argument}");
            english.extend(argument.get_help().map(ToString::to_string));
            let values = argument.get_possible_values();
            english.extend(
                values
                    .iter()
                    .filter_map(|value| value.get_help().map(ToString::to_string)),
            );
        }
        for command in command.get_subcommands() {
            said(command, english, names);
        }
    }

    #[test]
    fn every_command_and_option_has_words_and_every_word_is_said() {
        let (mut english, mut names) = (BTreeSet::new(), BTreeSet::new());
        said(&Cli::command(), &mut english, &mut names);
        assert!(english.len() > 200, "{} texts", english.len());
        let chinese = Words::new(Language::Zh);
        let lacking: Vec<_> = english
            .iter()
            .filter(|text| chinese.option(text).is_none())
            .collect();
        assert!(
            lacking.is_empty(),
            "no Chinese in words/help/options.json: {lacking:#?}"
        );
        let fixed = FIXED.iter().chain([&HELP_COMMAND]).copied();
        let (options, commands) = Words::helped();
        let needless: Vec<_> = options
            .filter(|text| !english.contains(*text) && !fixed.clone().any(|fixed| fixed == *text))
            .collect();
        assert!(needless.is_empty(), "nobody says: {needless:#?}");
        let needless: Vec<_> = commands.filter(|name| !names.contains(*name)).collect();
        assert!(needless.is_empty(), "no such commands: {needless:?}");
    }

    #[test]
    fn help_is_shown_in_chinese() {
        let mut command = translated(Cli::command(), Words::new(Language::Zh));
        let command = command.find_subcommand_mut("occlusion").expect("a command");
        let help = command.render_long_help().to_string();
        for words in [
            "最大的单个激活值",
            "方块依次放到照片上",
            "示例：",
            "一起通过网络的方块数",
        ] {
            assert!(help.contains(words), "{help}");
        }
    }
}
