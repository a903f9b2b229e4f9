//! Names of classes from a file.

use std::collections::BTreeMap;

use anyhow::Result;
use csv::{ReaderBuilder, StringRecord, Trim};
use serde::Deserialize;
use serde_json::Value;
use zfnet::network::model::ClassName;

use crate::failure::bad_input;

/// What the column with the English name, or the only one, is called; the surest first.
const NAMES: [&str; 6] = ["en", "name", "class_name", "display_name", "label", "class"];
/// What the column with a class's number is called.
const NUMBERS: [&str; 5] = ["index", "id", "class_id", "label_id", "number"];

/// Reads names of classes in the order of the network's outputs. `file` is what messages call it. Its text is
///
/// - a name on each line;
/// - a table with a header: one column is called `en`, `name`, `label` or `class`, one may be called `zh`, and one `index` or
///   `id`, by which the rows are then put in order; or without a header rows of a number and a name;
/// - a JSON list of names or of `{"en": …, "zh": …}`;
/// - JSON with names by their numbers, `{"0": "tench", …}`, alone or as the `id2label` of a network's `config.json`; where a
///   class has several, as in Keras' list of ImageNet, the last.
///
/// # Errors
/// When there is no name, an empty one, a number that is missing or is there twice, or a list that is not JSON.
pub(super) fn class_names(file: &str, text: &str) -> Result<Vec<ClassName>> {
    let text = text.trim();
    let names = match text.chars().next() {
        Some('[') => of_list(file, text)?,
        Some('{') => of_object(file, text)?,
        _ => match of_table(file, text)? {
            Some(names) => names,
            None => text.lines().map(plain).collect(),
        },
    };
    match names.iter().position(|name| name.en.trim().is_empty()) {
        None if !names.is_empty() => Ok(names),
        None => Err(bad_input(file, "at least one name", "none")),
        Some(at) => Err(bad_input(
            format!("{file}: name {}", at + 1),
            "a name",
            "nothing",
        )),
    }
}

fn plain(en: &str) -> ClassName {
    ClassName {
        en: en.trim().into(),
        zh: None,
    }
}

/// A name, in one language or two.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Name(String),
    // Before a name in two languages, which a list would be taken for.
    Several(Vec<String>),
    Names(ClassName),
}

impl Entry {
    fn name(self) -> ClassName {
        match self {
            Self::Name(name) => plain(&name),
            Self::Names(names) => names,
            Self::Several(names) => plain(names.last().map_or("", String::as_str)),
        }
    }
}

fn of_list(file: &str, text: &str) -> Result<Vec<ClassName>> {
    let entries: Vec<Entry> = serde_json::from_str(text)
        .map_err(|error| bad_input(file, "a JSON list of names", error))?;
    Ok(entries.into_iter().map(Entry::name).collect())
}

fn of_object(file: &str, text: &str) -> Result<Vec<ClassName>> {
    let wrong = |error: serde_json::Error| {
        let expected = "JSON with names by their numbers, or with id2label";
        bad_input(file, expected, error)
    };
    let mut all: Value = serde_json::from_str(text).map_err(wrong)?;
    let names = match all.get_mut("id2label") {
        Some(names) => names.take(),
        None => all,
    };
    let names: BTreeMap<usize, Entry> = serde_json::from_value(names).map_err(wrong)?;
    let numbered = names
        .into_iter()
        .map(|(number, entry)| (number, entry.name()));
    in_order(file, numbered.collect())
}

/// The names of a table; `None` for a text that is none.
fn of_table(file: &str, text: &str) -> Result<Option<Vec<ClassName>>> {
    let first = text.lines().next().unwrap_or_default();
    let separators = ['\t', ';', ','];
    let separator = separators.into_iter().find(|known| first.contains(*known));
    // A table of one column has none, but a header.
    let is_header =
        { NAMES.iter() }.any(|name| first.trim().trim_matches('"').eq_ignore_ascii_case(name));
    let Some(separator) = separator.or(is_header.then_some(',')) else {
        return Ok(None);
    };
    let mut reader = ReaderBuilder::new()
        .delimiter(separator as u8)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let rows: std::result::Result<Vec<StringRecord>, csv::Error> = reader.records().collect();
    let rows = rows.map_err(|error| bad_input(file, "a table of names", error))?;
    let called = |row: &StringRecord, known: &[&str]| {
        let place = |name: &&str| row.iter().position(|cell| cell.eq_ignore_ascii_case(name));
        known.iter().find_map(place)
    };
    let is_number = |row: &StringRecord| row.len() > 1 && row[0].parse::<usize>().is_ok();
    let (name, zh, number, rows) = match rows.split_first() {
        Some((head, rest)) if called(head, &NAMES).is_some() => {
            let name = called(head, &NAMES).unwrap_or_default();
            (name, called(head, &["zh"]), called(head, &NUMBERS), rest)
        }
        Some(_) if rows.iter().all(is_number) => (1, None, Some(0), rows.as_slice()),
        // Names with commas in them, one a line.
        _ => return Ok(None),
    };
    let cell = |row: &StringRecord, at: usize| row.get(at).unwrap_or_default().to_owned();
    let named = |row: &StringRecord| ClassName {
        en: cell(row, name),
        zh: zh.map(|at| cell(row, at)).filter(|zh| !zh.is_empty()),
    };
    let Some(number) = number else {
        return Ok(Some(rows.iter().map(named).collect()));
    };
    let numbered = rows.iter().map(|row| {
        let found = cell(row, number);
        let value = found
            .parse()
            .map_err(|_| bad_input(file, "a class's number", found));
        Ok((value?, named(row)))
    });
    Ok(Some(in_order(file, numbered.collect::<Result<_>>()?)?))
}

/// The names from 0 on, each number once.
fn in_order(file: &str, mut names: Vec<(usize, ClassName)>) -> Result<Vec<ClassName>> {
    names.sort_by_key(|(number, _)| *number);
    match names
        .iter()
        .enumerate()
        .find(|(at, (number, _))| at != number)
    {
        None => Ok(names.into_iter().map(|(_, name)| name).collect()),
        Some((at, (number, _))) => Err(bad_input(
            file,
            format!("every number from 0 on once, next {at}"),
            number.to_string(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::class_names;

    #[test]
    fn names_come_from_lines_and_from_json() {
        let read = |text: &str| {
            let names = class_names("names", text).expect(text);
            names
                .into_iter()
                .map(|name| (name.en, name.zh))
                .collect::<Vec<_>>()
        };
        let two = [("tabby cat".into(), None), ("[dog]".into(), None)];
        assert_eq!(read("tabby cat\r\n[dog]\r\n"), two);
        assert_eq!(read("[\"tabby cat\", \"[dog]\"]"), two);
        assert_eq!(
            read(r#"[{"en": "cat", "zh": "猫"}, "dog"]"#),
            [
                ("cat".into(), Some("猫".into())),
                ("dog".into(), None::<String>)
            ]
        );
    }

    #[test]
    fn names_come_from_tables_and_from_what_lies_beside_networks() {
        let read = |text: &str| {
            let names = class_names("names", text).expect(text);
            let plain = names.into_iter().map(|name| match name.zh {
                Some(zh) => format!("{} {zh}", name.en),
                None => name.en,
            });
            plain.collect::<Vec<_>>()
        };
        let two = ["cat", "dog, small"];
        for text in [
            "index,name\n1,\"dog, small\"\n0,cat\n",
            "Label\tid\ndog, small\t1\ncat\t0",
            "0;cat\r\n1;dog, small",
            "class;supercategory\ncat;animal\ndog, small;animal",
            "\"name\"\n\"cat\"\n\"dog, small\"\n",
            r#"{"model_type": "resnet", "id2label": {"1": "dog, small", "0": "cat"}, "label2id": {"cat": 0}}"#,
            r#"{"0": ["n02123045", "cat"], "1": ["n02085620", "dog, small"]}"#,
        ] {
            assert_eq!(read(text), two, "{text}");
        }
        assert_eq!(read("en,zh\ncat,猫\ndog,\n"), ["cat 猫", "dog"]);
        assert_eq!(
            read("tench, Tinca tinca\ngoldfish, Carassius auratus"),
            ["tench, Tinca tinca", "goldfish, Carassius auratus"],
            "one a line"
        );
        let ten: String = (0..11).rev().map(|at| format!("{at},n{at}\n")).collect();
        assert_eq!(read(&ten)[10], "n10");
    }

    #[test]
    fn what_is_no_list_of_names_is_named() {
        for (text, words) in [
            ("", "names: expected at least one name, found none"),
            ("cat\n\ndog", "names: name 2"),
            ("[]", "names: expected at least one name, found none"),
            ("[1]", "names: expected a JSON list of names"),
            ("[\"cat\"", "names: expected a JSON list of names"),
            (
                "{\"cat\": 0}",
                "names: expected JSON with names by their numbers",
            ),
            (
                "{\"0\": \"cat\", \"2\": \"dog\"}",
                "names: expected every number from 0 on once, next 1, found 2",
            ),
            (
                "0,cat\n0,dog",
                "names: expected every number from 0 on once, next 1, found 0",
            ),
            (
                "id,name\nx,cat",
                "names: expected a class's number, found x",
            ),
            ("name,zh\n,猫", "names: name 1"),
        ] {
            let message = class_names("names", text).expect_err(text).to_string();
            assert!(message.starts_with(words), "{text}: {message}");
        }
    }
}
