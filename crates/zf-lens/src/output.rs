//! What goes to stdout, and files that are written.

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

/// Writes a line to stdout.
///
/// # Errors
/// When stdout is closed; a broken pipe ends the run without a complaint.
pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}").context("standard output")
}

/// The line that names a file that was written; a person also reads what it shows, a script only its path.
pub(crate) fn written(path: &Path, caption: &str, quiet: bool) -> String {
    match quiet || !std::io::stdout().is_terminal() {
        true => path.display().to_string(),
        false => format!("{}  {caption}", path.display()),
    }
}

/// Writes one object, or a list where several photographs were asked for.
///
/// # Errors
/// As [`line`].
pub(crate) fn json(mut values: Vec<Value>, many: bool) -> anyhow::Result<()> {
    match (many, values.pop()) {
        (false, None) => Ok(()),
        (false, Some(value)) => line(&format!("{value:#}")),
        (true, last) => {
            values.extend(last);
            line(&format!("{:#}", Value::Array(values)))
        }
    }
}

/// Writes a file and the folders above it.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{}: expected a folder that can be made", folder.display()))?;
    }
    std::fs::write(path, bytes)
        .with_context(|| format!("{}: expected a file that can be written", path.display()))
}
