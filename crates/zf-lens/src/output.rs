//! What goes to stdout, and files that are written.

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::Context;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

/// Writes a line to stdout.
///
/// # Errors
/// When stdout is closed; a broken pipe ends the run without a complaint.
pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}").context("standard output")
}

/// A path in one line: a name with line breaks or other control characters, or one that looks as if it were quoted, stands
/// in quotes, these characters escaped.
pub(crate) fn shown(path: &Path) -> String {
    let name = path.display().to_string();
    match name.contains(char::is_control) || name.starts_with('"') {
        true => format!("{name:?}"),
        false => name,
    }
}

/// A text with blanks after it, so many columns of a terminal wide.
pub(crate) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// The line that names a file that was written; a person also reads what it shows, a script only its path.
pub(crate) fn written(path: &Path, caption: &str, quiet: bool) -> String {
    match quiet || !std::io::stdout().is_terminal() {
        true => shown(path),
        false => format!("{}  {caption}", shown(path)),
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::shown;

    #[test]
    fn a_path_is_one_line_that_can_be_told_apart() {
        for (name, line) in [
            ("holiday/a b.jpg", "holiday/a b.jpg"),
            ("猫\\n.jpg", "猫\\n.jpg"),
            ("a\nb.jpg", r#""a\nb.jpg""#),
            ("a\r\u{1b}[2J.jpg", r#""a\r\u{1b}[2J.jpg""#),
            ("\"a\\n\".jpg", r#""\"a\\n\".jpg""#),
        ] {
            assert_eq!(shown(Path::new(name)), line);
        }
    }
}
