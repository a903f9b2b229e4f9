//! Tables as comma-separated values (RFC 4180), out and in.

/// A table with a header; fields are quoted where they have to be.
pub(crate) fn table(header: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |fields: &[String]| {
        let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        format!("{}\n", fields.join(","))
    };
    let rows = rows.into_iter().map(|row| line(&row));
    std::iter::once(line(header)).chain(rows).collect()
}

/// The rows of a table, each with the number of the line it began on; empty lines are left out.
pub(crate) fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut rows = Vec::new();
    let (mut row, mut field) = (Vec::new(), String::new());
    let (mut inside, mut line, mut begun) = (false, 1, 1);
    let mut characters = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(character) = characters.next() {
        line += usize::from(character == '\n');
        match character {
            '"' if inside && characters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => inside = !inside,
            ',' if !inside => row.push(std::mem::take(&mut field)),
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
        let (lines, read): (Vec<_>, Vec<_>) = rows(&text.replace("\n猫", "\r\n\r\n猫"))
            .into_iter()
            .unzip();
        assert_eq!(read[0], ["file", "number"]);
        assert_eq!(read[1..], written);
        assert_eq!(lines, [1, 2, 3, 6]);
    }
}
