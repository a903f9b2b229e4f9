//! What the command line, the training and the engine say when something fails has Chinese words: every piece of a message as
//! it stands in their sources; and nothing has Chinese words that is not said.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use zfnet_words::{Language, Words};

/// Where messages are written, and what is none: figures, reports and cards have words of their own.
const SOURCES: [&str; 3] = ["zfnet/src", "zfnet-train/src", "zf-lens/src"];
const SILENT: [&str; 10] = [
    "/report/",
    "/report.rs",
    "/export/card.rs",
    "/tests",
    "_tests.rs",
    "/commands/compare.rs",
    "/commands/filters.rs",
    "/figure",
    "/sheet.rs",
    "/help.rs",
];
/// What is no message although words stand in it: said in another way, never read, or a style.
const ASIDE: [&str; 10] = [
    "say!(",
    "#[",
    "#![",
    ".expect(",
    "assert!(",
    "assert_eq!(",
    "debug_assert!(",
    "panic!(",
    "unreachable!(",
    "with_template(",
];
/// Names of formats and programs, and of fields as they are written in files.
const NAMES: &str = "safetensors golden features classifier all head gzip git lfs pull range mean blur std omega sigma alpha state dict \
    grey none size k file val train conv1 bias weight torch zf lens smooth grad input PyTorch WebP Keras Photoshop Windows Office \
    Git GIF BMP PNG key value top part as zf-lens Ctrl-C logits projection map gpu gap epoch path weights id2label ROWSxCOLS";
/// What nobody reads as words.
const NOT_READ: [&str; 3] = ["one, centre", "system volume information", "<!doctype html"];

/// What is said although it stands in no source as a whole.
const PUT_TOGETHER: [&str; 7] = [
    "weights: file",
    "row of conv1",
    "column of conv1",
    "samples of SmoothGrad",
    "a zf-lens top state 1",
    "an argument that --help lists (perhaps --map)",
    "7 broken files, the last: a.png",
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

/// The strings of a source with their places, and the source with blanks in place of them and of comments.
fn strings(source: &str) -> (Vec<(usize, String)>, String) {
    let (mut found, mut bare) = (Vec::new(), String::with_capacity(source.len()));
    let mut rest = source;
    while let Some(sign) = rest.chars().next() {
        let at = source.len() - rest.len();
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            let length = raw.find("\"#").expect("a raw string ends");
            found.push((at, raw[..length].to_owned()));
            length + 5
        } else if sign == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|sign| {
                let ends = sign == '"' && !escaped;
                escaped = sign == '\\' && !escaped;
                ends
            });
            let end = end.expect("a string ends") + 2;
            found.push((at, rest[1..end - 1].to_owned()));
            end
        } else if rest.starts_with("'\"'")
            || rest.starts_with("'\\''")
            || rest.starts_with("'\\\\'")
        {
            rest[1..].find('\'').map_or(1, |end| {
                if rest[1..].starts_with("\\'") {
                    4
                } else {
                    end + 2
                }
            })
        } else {
            bare.push(sign);
            rest = &rest[sign.len_utf8()..];
            continue;
        };
        bare.extend(
            rest[..length]
                .bytes()
                .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
        );
        rest = &rest[length..];
    }
    (found, bare)
}

/// From `from`, to where the bracket closes that opens at the end of what is there.
fn span(bare: &str, from: usize, opening: &str) -> (usize, usize) {
    let (mut depth, start) = (0, from + opening.len() - 1);
    for (at, sign) in bare[start..].char_indices() {
        match sign {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return (from, start + at);
        }
    }
    (from, bare.len())
}

/// As it is printed, with samples in its gaps.
fn filled(literal: &str) -> String {
    let mut lines = literal.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    let whole = lines.fold(first, |whole, line| whole + line.trim_start());
    let whole = whole.replace("\\\"", "\"").replace("\\n", " ");
    let mut pieces = whole.split('{');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (gap, rest) = piece.split_once('}').unwrap_or(("", piece));
        text += match gap {
            gap if gap.ends_with("?") => "[7]",
            gap if gap.starts_with("what") => "map",
            // Perhaps nothing.
            "near" => "",
            _ => "7",
        };
        text += rest;
    }
    text
}

/// The words of a source that messages are made of, all that are more than one word.
fn messages(source: &str) -> Vec<String> {
    let code = source
        .split("#[cfg(test)]\nmod ")
        .next()
        .unwrap_or_default();
    let (strings, bare) = strings(code);
    let aside: Vec<_> = ASIDE
        .iter()
        .flat_map(|opening| {
            bare.match_indices(opening)
                .map(|(at, _)| span(&bare, at, opening))
        })
        .collect();
    let is_read = |at: &usize| !aside.iter().any(|(from, to)| (from..to).contains(&at));
    let strings = strings
        .into_iter()
        .filter(|(at, _)| is_read(at))
        .map(|(_, literal)| filled(&literal));
    strings
        .filter(|text| text.trim() == text && !text.starts_with([',', ';', ':']))
        .filter(|text| !NOT_READ.contains(&text.as_str()))
        .filter(|text| text.split(' ').filter(|word| is_word(word)).count() > 1)
        .collect()
}

fn is_word(word: &str) -> bool {
    let word = word.trim_matches(|sign: char| !sign.is_alphanumeric());
    word.len() > 1
        && word
            .chars()
            .all(|sign| sign.is_ascii_alphabetic() || sign == '\'')
}

/// Words that are left in English.
fn foreign(chinese: &str) -> Vec<&str> {
    let words =
        chinese.split(|sign: char| !(sign.is_ascii_alphanumeric() || "-_.'<>=*`".contains(sign)));
    let is_name = |word: &str| {
        word.starts_with("--")
            || word.contains(['.', '_', '<', '=', '`'])
            || !word.contains(|sign: char| sign.is_ascii_lowercase())
            || NAMES.split_whitespace().any(|name| name == word)
    };
    words
        .filter(|word| word.len() > 1 && !is_name(word))
        .collect()
}

/// All Rust files of some folders, by their path with slashes.
fn sources(folders: &[&str]) -> Vec<(String, PathBuf)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for folder in folders {
        files(&crates.join(folder), &mut found);
    }
    let named = found
        .into_iter()
        .map(|file| (file.to_string_lossy().replace('\\', "/"), file));
    named.filter(|(name, _)| name.ends_with(".rs")).collect()
}

#[test]
fn nothing_has_words_that_is_not_said() {
    let mut literals = PUT_TOGETHER.map(str::to_owned).to_vec();
    for (_, file) in sources(&[&SOURCES[..], &["zfnet-web/src", "zfnet-web-figures/src"]].concat())
    {
        let (found, _) = strings(&fs::read_to_string(&file).expect("a source"));
        literals.extend(found.into_iter().map(|(_, literal)| filled(&literal)));
    }
    // What stands between the gaps of a phrase, in this order.
    let is_said = |phrase: &str| {
        literals.iter().any(|literal| {
            let mut pieces = phrase.split(['#', '*', '@']);
            pieces
                .try_fold(literal.as_str(), |rest, piece| {
                    Some(rest.split_once(piece)?.1)
                })
                .is_some()
        })
    };
    for file in ["engine", "command"] {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("words/messages/{file}.json"));
        let phrases: BTreeMap<String, serde_json::Value> =
            serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON");
        let needless: Vec<_> = phrases.keys().filter(|phrase| !is_said(phrase)).collect();
        assert!(
            needless.is_empty(),
            "{file}.json: nobody says {needless:#?}"
        );
    }
}

#[test]
fn every_message_has_chinese_words() {
    let mut found = BTreeSet::new();
    for (name, file) in sources(&SOURCES) {
        if !SILENT.iter().any(|silent| name.contains(silent)) {
            found.extend(messages(&fs::read_to_string(&file).expect("a source")));
        }
    }
    assert!(found.len() > 300, "{} pieces of messages", found.len());
    for one in [
        "at most 7 bytes",
        "a whole safetensors file",
        "a folder that can be made",
        "a lower --rate may help",
    ] {
        assert!(found.iter().any(|text| text.contains(one)), "{one}");
    }
    let words = Words::new(Language::Zh);
    let lacking: Vec<String> = found
        .iter()
        .filter_map(|text| {
            let whole = match text.contains("expected ") {
                true => text.clone(),
                false => format!("expected {text}, found 7"),
            };
            let chinese = words.message(&whole);
            let left = foreign(&chinese);
            (!left.is_empty()).then(|| format!("{text}  →  {chinese}  {left:?}"))
        })
        .collect();
    assert!(
        lacking.is_empty(),
        "no Chinese in words/messages/:\n{}",
        lacking.join("\n")
    );
}
