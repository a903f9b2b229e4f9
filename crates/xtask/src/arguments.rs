//! The command line of `cargo xtask`.

use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::str::FromStr;

use anyhow::Result;

/// The command line was not understood; ends the program with status 2.
#[derive(Debug)]
pub(crate) struct WrongUsage(String);

impl fmt::Display for WrongUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for WrongUsage {}

pub(crate) fn wrong_usage(message: impl Into<String>) -> anyhow::Error {
    WrongUsage(message.into()).into()
}

/// What is left of the command line; each question takes its answer out, so that `finish` can refuse the rest.
pub(crate) struct Arguments(VecDeque<String>);

impl Arguments {
    pub(crate) fn from_environment() -> Self {
        Self(
            std::env::args_os()
                .skip(1)
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
        )
    }

    pub(crate) fn command(&mut self, usage: &str) -> Result<String> {
        self.0
            .pop_front()
            .ok_or_else(|| wrong_usage(format!("expected a command\n\n{usage}")))
    }

    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() != before
    }

    /// The value of `--name VALUE` or `--name=VALUE`.
    pub(crate) fn parsed<T: FromStr>(&mut self, name: &str, expected: &str) -> Result<Option<T>> {
        let prefix = format!("{name}=");
        let Some(at) = self
            .0
            .iter()
            .position(|word| word == name || word.starts_with(&prefix))
        else {
            return Ok(None);
        };
        let word = self.0.remove(at).unwrap_or_default();
        let value = match word.strip_prefix(&prefix) {
            Some(value) => Some(value.to_owned()),
            None => self.0.remove(at),
        };
        let Some(value) = value else {
            return Err(wrong_usage(format!(
                "{name}: expected {expected}, found nothing"
            )));
        };
        match value.parse() {
            Ok(parsed) => Ok(Some(parsed)),
            Err(_) => Err(wrong_usage(format!(
                "{name}: expected {expected}, found `{value}`"
            ))),
        }
    }

    pub(crate) fn finish(self) -> Result<()> {
        match self.0.front() {
            None => Ok(()),
            Some(word) => Err(wrong_usage(format!(
                "`{word}` is not an argument of this command; see `cargo xtask help`"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> Arguments {
        Arguments(words.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn takes_flags_and_values_in_any_order() {
        let mut given = arguments(&["--open", "--port", "9000"]);
        assert_eq!(
            given
                .parsed::<u16>("--port", "a port number")
                .expect("a number"),
            Some(9000)
        );
        assert!(given.flag("--open"));
        assert!(!given.flag("--no-build"));
        given.finish().expect("nothing is left");

        let mut given = arguments(&["--port=81"]);
        assert_eq!(
            given
                .parsed::<u16>("--port", "a port number")
                .expect("a number"),
            Some(81)
        );
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for words in [&["--port", "many"][..], &["--port"], &["--port=70000"]] {
            let error = arguments(words)
                .parsed::<u16>("--port", "a port number")
                .expect_err("not a port");
            assert!(
                error.to_string().contains("expected a port number"),
                "{error}"
            );
        }
        let error = arguments(&["--prot", "1"])
            .finish()
            .expect_err("a misspelt flag");
        assert!(error.to_string().contains("--prot"), "{error}");
    }
}
