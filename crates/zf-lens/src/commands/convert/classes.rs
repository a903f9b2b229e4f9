//! Names of classes from a file.

use serde::Deserialize;
use zfnet::network::model::ClassName;

use crate::failure::bad_input;

/// Reads names of classes in the order of the network's outputs: one a line, or a JSON list of names or of
/// `{"en": …, "zh": …}`. `file` is what messages call it.
///
/// # Errors
/// When there is no name, an empty one, or a list that is not JSON.
pub(super) fn class_names(file: &str, text: &str) -> anyhow::Result<Vec<ClassName>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Entry {
        Name(String),
        Names(ClassName),
    }
    let text = text.trim();
    let plain = |en: &str| ClassName {
        en: en.trim().into(),
        zh: None,
    };
    let names: Vec<ClassName> = if text.starts_with('[') {
        let entries: Vec<Entry> = serde_json::from_str(text)
            .map_err(|error| bad_input(file, "a JSON list of names", error))?;
        let name = |entry| match entry {
            Entry::Name(name) => plain(&name),
            Entry::Names(names) => names,
        };
        entries.into_iter().map(name).collect()
    } else {
        text.lines().map(plain).collect()
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
    fn what_is_no_list_of_names_is_named() {
        for (text, words) in [
            ("", "names: expected at least one name, found none"),
            ("cat\n\ndog", "names: name 2"),
            ("[]", "names: expected at least one name, found none"),
            ("[1]", "names: expected a JSON list of names"),
            ("[\"cat\"", "names: expected a JSON list of names"),
        ] {
            let message = class_names("names", text).expect_err(text).to_string();
            assert!(message.starts_with(words), "{text}: {message}");
        }
    }
}
