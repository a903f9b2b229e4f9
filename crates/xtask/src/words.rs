//! The catalogue of words: into the scripts that ask for it; and its tests.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// Where the catalogue is.
const FOLDER: &str = "crates/zfnet-words/words";

/// Puts words into a script in place of their imports: browsers of before 2025 import no JSON.
pub(crate) fn put_into(script: &Path, root: &Path) -> Result<()> {
    let text =
        fs::read_to_string(script).with_context(|| format!("reading {}", script.display()))?;
    let words = |file: &str| -> Result<String> {
        let path = root.join(FOLDER).join(file);
        let words = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let words: Value =
            serde_json::from_slice(&words).with_context(|| path.display().to_string())?;
        Ok(words.to_string())
    };
    let whole = with_words(&text, words)?;
    match whole == text {
        true => Ok(()),
        false => fs::write(script, whole).with_context(|| format!("writing {}", script.display())),
    }
}

fn with_words(text: &str, words: impl Fn(&str) -> Result<String>) -> Result<String> {
    let mut pieces = text.split("import ");
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match import(piece) {
            Some((name, file, rest)) => whole += &format!("const {name}={};{rest}", words(file)?),
            None => whole += &format!("import {piece}"),
        }
    }
    Ok(whole)
}

/// `NAME from '…/words/FILE' with { type: 'json' };` after its first word, with blanks or without: the name, the file, and what
/// follows.
fn import(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once(" from")?;
    let rest = rest.trim_start();
    let quote = rest
        .chars()
        .next()
        .filter(|sign| matches!(sign, '"' | '\''))?;
    let (path, rest) = rest[1..].split_once(quote)?;
    let (_, file) = path.split_once("../crates/zfnet-words/words/")?;
    let (_, rest) = rest.trim_start().strip_prefix("with")?.split_once('}')?;
    Some((name, file, rest.strip_prefix(';').unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use serde_json::Map;

    use super::*;
    use crate::dist;
    use crate::workspace::repository;

    #[test]
    fn a_script_gets_the_words_that_it_imports() -> Result<()> {
        for (script, expected) in [
            (
                "import a from '../../crates/zfnet-words/words/b.json' with { type: 'json' };\nimport { c } from './c.js';\nc(a);",
                "const a=<b.json>;\nimport { c } from './c.js';\nc(a);",
            ),
            (
                r#"import{c as o}from"./c.js";import a from"../../crates/zfnet-words/words/d/e.json"with{type:"json"};o(a);"#,
                r#"import{c as o}from"./c.js";const a=<d/e.json>;o(a);"#,
            ),
            (
                "import a from './words/b.js';",
                "import a from './words/b.js';",
            ),
        ] {
            assert_eq!(
                with_words(script, |file| Ok(format!("<{file}>")))?,
                expected
            );
        }
        Ok(())
    }

    /// Files of the repository below `folder` with this ending, without what is built.
    fn texts(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
        let root = repository().join(folder);
        let mut found = dist::files(&root).expect("a readable folder");
        found.retain(|file| file.to_string_lossy().ends_with(ending) && !file.starts_with("pkg"));
        let read = |file: &PathBuf| fs::read_to_string(root.join(file)).expect("a text file");
        found
            .into_iter()
            .map(|file| (file.clone(), read(&file)))
            .collect()
    }

    /// Key and texts of every entry, of the catalogue itself or of all files below it.
    fn entries(deep: bool) -> Vec<(String, Map<String, Value>)> {
        let mut entries = Vec::new();
        for (file, text) in texts(FOLDER, ".json") {
            let words: Map<String, Value> = serde_json::from_str(&text).expect("an object");
            let written = text.lines().filter(|line| line.starts_with("  \"")).count();
            let file = file.display();
            assert_eq!(
                written,
                words.len(),
                "{file}: a key is there twice, or two stand in a line"
            );
            if deep || !file.to_string().contains(['/', '\\']) {
                let entry = |(key, texts): (String, Value)| {
                    (key, texts.as_object().expect("texts by language").clone())
                };
                entries.extend(words.into_iter().map(entry));
            }
        }
        entries
    }

    /// The keys that `say!` asks for in a Rust source, outside its comments.
    fn said(source: &str) -> Vec<String> {
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        let code: Vec<&str> = source.lines().filter(is_code).collect();
        let code = code.join("\n");
        let calls = code.split("say!(").skip(1);
        calls
            .filter_map(|call| Some(call.split('"').nth(1)?.to_owned()))
            .collect()
    }

    fn is_of_key(text: &str) -> bool {
        text.chars()
            .all(|sign| sign.is_ascii_alphanumeric() || "_-".contains(sign))
    }

    /// The words in single quotes of a script, any of which may be a key.
    fn quoted(script: &str) -> impl Iterator<Item = &str> {
        script
            .split('\'')
            .filter(|text| !text.is_empty() && is_of_key(text))
    }

    /// How keys begin and end that a script puts together, as `why-${name}`.
    fn put_together(script: &str) -> impl Iterator<Item = (&str, &str)> {
        script.split('`').filter_map(|text| {
            let (before, rest) = text.split_once("${")?;
            let (_, after) = rest.split_once('}')?;
            (is_of_key(before) && is_of_key(after) && before.len() + after.len() > 2)
                .then_some((before, after))
        })
    }

    #[test]
    fn every_word_is_asked_for() {
        let (sources, scripts) = (texts("crates", ".rs"), texts("www", ".js"));
        let mut asked: BTreeSet<String> = sources
            .iter()
            .flat_map(|(_, source)| said(source))
            .collect();
        asked.extend(
            scripts
                .iter()
                .flat_map(|(_, script)| quoted(script))
                .map(str::to_owned),
        );
        let patterns: BTreeSet<_> = scripts
            .iter()
            .flat_map(|(_, script)| put_together(script))
            .collect();
        let is_asked = |key: &str| {
            let is_of = |(before, after): &(&str, &str)| {
                key.len() > before.len() + after.len()
                    && key.starts_with(before)
                    && key.ends_with(after)
            };
            asked.contains(key) || patterns.iter().any(is_of)
        };
        let entries = entries(false);
        assert!(entries.len() > 800, "{} words were found", entries.len());
        let unused: Vec<_> = entries
            .iter()
            .map(|(key, _)| key)
            .filter(|key| !is_asked(key))
            .collect();
        assert_eq!(unused, Vec::<&String>::new(), "{FOLDER}");
    }

    #[test]
    fn chinese_has_marks_of_its_own() {
        let is_han = |sign: char| ('\u{4e00}'..='\u{9fff}').contains(&sign);
        for (key, texts) in entries(true) {
            let zh = texts["zh"].as_str().expect("words");
            let half = zh.char_indices().find(|&(at, sign)| {
                let before = zh[..at].chars().next_back();
                let after = zh[at + sign.len_utf8()..].chars().next();
                let ends = ",;:!?".contains(sign)
                    || sign == '.' && !after.is_some_and(char::is_alphanumeric);
                ends && before.is_some_and(is_han)
            });
            assert_eq!(half, None, "{key}: {zh}");
        }
    }
}
