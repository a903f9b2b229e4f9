//! The catalogue of words: both languages, each key once and asked for somewhere, and the marks of each script.

use std::collections::BTreeSet;
use std::fs;

use crate::dist;
use crate::workspace::repository;

/// Files of the repository below `folder` with one of these endings.
fn texts(folder: &str, endings: &[&str]) -> Vec<String> {
    let root = repository().join(folder);
    let mut found = dist::files(&root).expect("a readable folder");
    found.retain(|file| {
        endings
            .iter()
            .any(|ending| file.to_string_lossy().ends_with(ending))
    });
    let read = |file| fs::read_to_string(root.join(file)).expect("a text file");
    found.into_iter().map(read).collect()
}

/// Key, English and Chinese of every entry, as they are written.
fn entries() -> Vec<[String; 3]> {
    let mut entries = Vec::new();
    for file in texts("crates/zfnet-words/words", &[".json"]) {
        let words: serde_json::Value = serde_json::from_str(&file).expect("JSON");
        let words = words.as_object().expect("an object");
        let written = file.lines().filter(|line| line.starts_with("  \"")).count();
        assert_eq!(
            written,
            words.len(),
            "a key is there twice, or two stand in a line"
        );
        for (key, texts) in words {
            let text = |language: &str| texts[language].as_str().expect("words").to_owned();
            entries.push([key.clone(), text("en"), text("zh")]);
        }
    }
    entries
}

/// The keys that `say!` asks for in a Rust source, outside its comments.
fn asked(source: &str) -> BTreeSet<String> {
    let lines = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let calls = code.split("say!(").skip(1);
    calls
        .filter_map(|call| Some(call.split('"').nth(1)?.to_owned()))
        .collect()
}

#[test]
fn every_word_is_asked_for() {
    let sources = texts("crates", &[".rs"]);
    let asked: BTreeSet<String> = sources.iter().flat_map(|source| asked(source)).collect();
    let unused: Vec<_> = entries()
        .into_iter()
        .map(|[key, ..]| key)
        .filter(|key| !asked.contains(key))
        .collect();
    assert_eq!(unused, Vec::<String>::new(), "in words/");
}

#[test]
fn chinese_has_marks_of_its_own() {
    let is_han = |sign: char| ('\u{4e00}'..='\u{9fff}').contains(&sign);
    for [key, _, zh] in entries() {
        let half = zh.char_indices().find(|&(at, sign)| {
            let before = zh[..at].chars().next_back();
            let after = zh[at + sign.len_utf8()..].chars().next();
            let ends =
                ",;:!?".contains(sign) || sign == '.' && !after.is_some_and(char::is_alphanumeric);
            ends && before.is_some_and(is_han)
        });
        assert_eq!(half, None, "{key}: {zh}");
    }
}
