//! Tables as comma-separated values (RFC 4180), out and in.

use csv::{ReaderBuilder, StringRecord, Trim, WriterBuilder};
use zfnet::experiments::shared::record::Table as Found;

/// A table with a header; fields are quoted where they have to be.
pub(crate) fn table(header: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    written(header, rows).expect("memory takes every row")
}

fn written(
    header: &[String],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> anyhow::Result<String> {
    let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The same of what an experiment found.
pub(crate) fn of(found: &Found) -> String {
    table(&found.head, found.rows.iter().cloned())
}

/// A table that was read.
pub(crate) struct Table {
    /// What stands between two fields.
    pub(crate) separator: char,
    /// The rows, fields without blanks around them; empty lines are left out.
    pub(crate) rows: Vec<StringRecord>,
}

/// Reads a table whose fields lie between commas, or between the semicolons or tabs that spreadsheets write where a comma is
/// in numbers; a first line such as `sep=;` says which, or else the header.
///
/// # Errors
/// None: every text is a table of some kind.
pub(crate) fn read(text: &str) -> csv::Result<Table> {
    let first = text.lines().next().unwrap_or_default();
    let said = first.trim_matches('"').strip_prefix("sep=");
    let separator = said
        .and_then(|said| said.chars().find(char::is_ascii))
        .unwrap_or_else(|| most_frequent(first));
    let mut reader = ReaderBuilder::new()
        .delimiter(separator as u8)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let rows = reader.records().skip(usize::from(said.is_some()));
    Ok(Table {
        separator,
        rows: rows.collect::<csv::Result<_>>()?,
    })
}

/// The separator that a header has most of.
fn most_frequent(header: &str) -> char {
    let count = |separator: char| header.matches(separator).count();
    // The last of several equal ones is taken.
    let known = ['\t', ';', ','].into_iter();
    known.max_by_key(|known| count(*known)).unwrap_or(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_as_it_was_written() -> csv::Result<()> {
        let strings = |fields: &[&str]| fields.iter().map(ToString::to_string).collect::<Vec<_>>();
        let rows = [
            strings(&["a, b.jpg", "1"]),
            strings(&["say \"cat\"\nhere", ""]),
            strings(&["猫", "2"]),
        ];
        let text = table(&strings(&["file", "number"]), rows.clone());
        assert_eq!(
            text,
            "file,number\n\"a, b.jpg\",1\n\"say \"\"cat\"\"\nhere\",\n猫,2\n"
        );
        let text = text.replace("\n猫", "\r\n\r\n猫");
        let read = read(&text)?.rows;
        assert_eq!(read[0], ["file", "number"][..]);
        assert_eq!(read[1..], rows);
        let lines = read
            .iter()
            .map(|row| zfnet_train::text::line(&text, row))
            .collect::<Vec<_>>();
        assert_eq!(lines, [1, 2, 3, 6]);
        Ok(())
    }

    #[test]
    fn tables_of_spreadsheets_say_what_separates_their_fields() -> csv::Result<()> {
        let fields = |rows: &[StringRecord]| {
            let rows = rows
                .iter()
                .map(|row| row.iter().collect::<Vec<_>>().join("|"));
            rows.collect::<Vec<_>>().join("/")
        };
        for (text, separator, first) in [
            ("file;x\na, b.jpg;1,5\n", ';', 1),
            ("file\tx\na, b.jpg\t1,5\n", '\t', 1),
            ("sep=;\r\nfile;x\r\na, b.jpg;1,5", ';', 2),
            ("file,x\n\"a, b.jpg\",\"1,5\"\n", ',', 1),
            ("file,x;y\n\"a, b.jpg\", 1,5\n", ',', 1),
        ] {
            let table = read(text)?;
            let line = zfnet_train::text::line(text, &table.rows[0]);
            assert_eq!((table.separator, line), (separator, first), "{text:?}");
        }
        assert_eq!(
            fields(&read("file;x\na, b.jpg; 1,5\n")?.rows),
            "file|x/a, b.jpg|1,5"
        );
        assert!(read("")?.rows.is_empty());
        assert_eq!(fields(&read("file\na.jpg")?.rows), "file/a.jpg");
        Ok(())
    }
}
