//! Files of text, of JSON and of tables, whatever program has written them: every one that people bring is read here.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// A file's text, in the encodings of [`zfnet::text::decode`].
///
/// # Errors
/// [`Error::Input`], which says that `expected` was expected, when the file cannot be read or is no text.
pub fn read(path: &Path, expected: &str) -> Result<String> {
    let unfit = |found: String| Error::input(path.display().to_string(), expected, found);
    let bytes = std::fs::read(path).map_err(|error| unfit(error.to_string()))?;
    let text = zfnet::text::decode(&bytes).map_err(unfit)?;
    Ok(text.into_owned())
}

/// A file's JSON.
///
/// # Errors
/// As [`read`]; also when the text is not the JSON of a `T`.
pub fn json<T: DeserializeOwned>(path: &Path, expected: &str) -> Result<T> {
    let text = read(path, expected)?;
    serde_json::from_str(&text)
        .map_err(|error| Error::input(path.display().to_string(), expected, error.to_string()))
}

/// The line of a table's text, from 1, on which a record begins; a reader of CSV counts ends of lines that it has passed, and
/// is one short after `\r\n` and empty lines.
pub fn line(text: &str, record: &csv::StringRecord) -> usize {
    let passed = record.position().map_or(0, |place| place.byte() as usize);
    let (before, rest) = text.split_at(passed);
    let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
    let ends = |text: &str| text.matches('\n').count();
    1 + ends(before) + ends(&rest[..blank])
}
