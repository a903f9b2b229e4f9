//! Which photographs a gallery may show, and whose they are.

use std::path::Path;

use glob::{MatchOptions, Pattern};
use serde::Deserialize;
use zfnet::experiments::paper::top::{Credit, Credits, Licence, Shown, Why, Withheld};
use zfnet_train::text;

use crate::failure::bad_input;

/// What is said of the file when it is something else.
const EXPECTED: &str = "credits of photographs as JSON";

/// A file of credits.
#[derive(Debug, Deserialize)]
struct File {
    /// Of the sheets.
    licence: Licence,
    photographs: Vec<Group>,
}

/// Some of the photographs, by the patterns of their names.
#[derive(Debug, Deserialize)]
struct Group {
    files: Vec<String>,
    #[serde(flatten)]
    answer: Answer,
}

/// Whether they may be shown.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Credit(Credit),
    Withheld(Why),
}

/// The credits of a list of photographs.
#[derive(Debug)]
pub(super) struct Rights {
    licence: Licence,
    answers: Vec<Answer>,
    /// Which of the answers is that of each photograph.
    of: Vec<usize>,
}

impl Rights {
    /// Reads a file and finds each of the names in it; of several patterns the first counts.
    ///
    /// # Errors
    /// When it is no such file, or does not speak of one of the photographs: what nobody spoke of must not be shown by mistake.
    pub(super) fn read(path: &Path, names: &[String]) -> anyhow::Result<Self> {
        let File {
            licence,
            photographs,
        } = text::json(path, EXPECTED)?;
        let mut patterns = Vec::new();
        for (answer, group) in photographs.iter().enumerate() {
            for pattern in &group.files {
                let pattern = Pattern::new(pattern).map_err(|error| {
                    let found = format!("{pattern}: {error}");
                    bad_input(path.display(), "patterns like *.jpg", found)
                })?;
                patterns.push((answer, pattern));
            }
        }
        let options = MatchOptions {
            require_literal_separator: true,
            ..MatchOptions::new()
        };
        let of = names.iter().map(|name| {
            let mut fitting = patterns.iter();
            let found = fitting.find(|(_, pattern)| pattern.matches_with(name, options));
            found.map(|(answer, _)| *answer).ok_or_else(|| {
                let expected = "a pattern for every photograph";
                bad_input(path.display(), expected, format!("none for {name}"))
            })
        });
        Ok(Self {
            licence,
            of: of.collect::<anyhow::Result<_>>()?,
            answers: photographs.into_iter().map(|group| group.answer).collect(),
        })
    }

    /// Whether a photograph may be shown.
    pub(super) fn allow(&self, picture: usize) -> bool {
        matches!(self.answers[self.of[picture]], Answer::Credit(_))
    }

    /// What a gallery says of these photographs.
    pub(super) fn of(&self, pictures: &[usize]) -> Credits {
        let mut credits = Credits {
            licence: self.licence.clone(),
            shown: Vec::new(),
            withheld: Vec::new(),
        };
        for (number, answer) in self.answers.iter().enumerate() {
            let mine = pictures.iter().copied();
            let pictures: Vec<_> = mine.filter(|picture| self.of[*picture] == number).collect();
            match answer {
                _ if pictures.is_empty() => {}
                Answer::Credit(credit) => credits.shown.push(Shown {
                    credit: credit.clone(),
                    pictures,
                }),
                Answer::Withheld(why) => credits.withheld.push(Withheld {
                    why: why.clone(),
                    pictures,
                }),
            }
        }
        credits
    }
}
