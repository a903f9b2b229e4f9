//! Tables as comma-separated values (RFC 4180), out and in.

use zfnet::analysis::record::Table as Found;

/// A table with a header; fields are quoted where they have to be.
pub(crate) fn table(header: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |fields: &[String]| {
        let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        format!("{}\n", fields.join(","))
    };
    let rows = rows.into_iter().map(|row| line(&row));
    std::iter::once(line(header)).chain(rows).collect()
}

/// The same of what an experiment found.
pub(crate) fn of(found: &Found) -> String {
    table(&found.head, found.rows.iter().cloned())
}

/// A table that was read.
pub(crate) struct Table {
    /// What stands between two fields.
    pub(crate) separator: char,
    /// The rows, each with the number of the line it began on; empty lines are left out.
    pub(crate) rows: Vec<(usize, Vec<String>)>,
}

/// Reads a table whose fields lie between commas, or between the semicolons or tabs that spreadsheets write where a comma is
/// in numbers; a first line such as `sep=;` says which, or else the header.
pub(crate) fn read(text: &str) -> Table {
    let first = text.lines().next().unwrap_or_default();
    let said = first.trim_matches('"').strip_prefix("sep=");
    let separator = said
        .and_then(|said| said.chars().next())
        .unwrap_or_else(|| most_frequent(first));
    let rows = rows(text, separator).into_iter();
    Table {
        separator,
        rows: rows.skip(usize::from(said.is_some())).collect(),
    }
}

/// The separator that a header has most of.
fn most_frequent(header: &str) -> char {
    let count = |separator: char| header.matches(separator).count();
    // The last of several equal ones is taken.
    let known = ['\t', ';', ','].into_iter();
    known.max_by_key(|known| count(*known)).unwrap_or(',')
}

fn rows(text: &str, separator: char) -> Vec<(usize, Vec<String>)> {
    let mut rows = Vec::new();
    let (mut row, mut field) = (Vec::new(), String::new());
    let (mut inside, mut line, mut begun) = (false, 1, 1);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        line += usize::from(character == '\n');
        match character {
            '"' if inside && characters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => inside = !inside,
            other if other == separator && !inside => row.push(std::mem::take(&mut field)),
            '\r' if !inside => (),
            '\n' if !inside => {
                if !(row.is_empty() && field.is_empty()) {
                    row.push(std::mem::take(&mut field));
                    rows.push((begun, std::mem::take(&mut row)));
                }
                begun = line;
            }
            other => field.push(other),
        }
    }
    if !(row.is_empty() && field.is_empty()) {
        row.push(field);
        rows.push((begun, row));
    }
    rows
}

fn quoted(field: &str) -> String {
    match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let strings = |fields: &[&str]| {
            fields
                .iter()
                .map(|field| (*field).to_owned())
                .collect::<Vec<_>>()
        };
        let written = [
            strings(&["a, b.jpg", "1"]),
            strings(&["say \"cat\"\nhere", ""]),
            strings(&["猫", "2"]),
        ];
        let text = table(&strings(&["file", "number"]), written.clone());
        let table = read(&text.replace("\n猫", "\r\n\r\n猫"));
        let (lines, read): (Vec<_>, Vec<_>) = table.rows.into_iter().unzip();
        assert_eq!(read[0], ["file", "number"]);
        assert_eq!(read[1..], written);
        assert_eq!(lines, [1, 2, 3, 6]);
    }

    #[test]
    fn tables_of_spreadsheets_say_what_separates_their_fields() {
        let fields = |rows: &[(usize, Vec<String>)]| {
            let rows = rows.iter().map(|(_, row)| row.join("|"));
            rows.collect::<Vec<_>>().join("/")
        };
        for (text, separator, first) in [
            ("file;x\na, b.jpg;1,5\n", ';', 1),
            ("file\tx\na, b.jpg\t1,5\n", '\t', 1),
            ("sep=;\r\nfile;x\r\na, b.jpg;1,5", ';', 2),
            ("file,x\n\"a, b.jpg\",\"1,5\"\n", ',', 1),
            ("file,x;y\n\"a, b.jpg\",\"1,5\"\n", ',', 1),
        ] {
            let table = read(text);
            assert_eq!(
                (table.separator, table.rows[0].0),
                (separator, first),
                "{text:?}"
            );
            assert_eq!(fields(&table.rows[1..]), "a, b.jpg|1,5", "{text:?}");
        }
        assert_eq!(read("").rows, []);
        assert_eq!(fields(&read("file\na.jpg").rows), "file/a.jpg");
    }
}
