//! What programs report, in the language that is read.
//!
//! A message is English, in a few forms: `SUBJECT: expected X, found Y`, with any number of subjects before one another, or
//! `SUBJECT: PHRASE`, or a phrase alone. Its phrases stand in `words/messages/`, with `#` for a number, `*` for a name, a
//! number or a piece of a file, which stay as they are, and `@` for another phrase; in the Chinese these are counted from 1.
//! The longest that fits counts. What begins with 应 says by itself what was expected; what begins with 实际 or 但, what was
//! found. What is in no file, as a path or what the system says, stays as it is.

use crate::{Language, Words};

/// English and Chinese of every phrase, the longest English first.
const PHRASES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/messages.rs"));

impl Words {
    /// A message in this language.
    pub fn message(self, english: &str) -> String {
        match self.language {
            Language::En => english.to_owned(),
            Language::Zh => in_chinese(english),
        }
    }

    /// A part of one, as it stands in a sentence or alone.
    pub fn phrase(self, english: &str) -> String {
        match self.language {
            Language::En => english.to_owned(),
            Language::Zh => subjects(english),
        }
    }
}

fn in_chinese(message: &str) -> String {
    let Some((about, rest)) = expectation(message) else {
        let whole = subjects(message.trim_end_matches('.'));
        return match whole.ends_with(is_han) {
            true => format!("{whole}。"),
            false => whole,
        };
    };
    let rest = rest.trim_end_matches('.');
    let apart = |mark: &str| rest.split_once(mark);
    let (expected, found) = match apart(", found ").or_else(|| apart("; ")) {
        Some((expected, found)) => {
            let found = marked(phrase(found), &["实际", "但"], "实际为");
            (expected, format!("；{found}"))
        }
        // What the system says, after what was to be done.
        None => match apart(": ") {
            Some((expected, reason)) => (expected, format!("；{}", phrase(reason))),
            None => (rest, String::new()),
        },
    };
    let about = match about {
        "" => String::new(),
        about => format!("{}：", subjects(about)),
    };
    let expected = marked(phrase(expected), &["应"], "应为");
    format!("{about}{expected}{found}。")
}

/// What a message is about, perhaps nothing, and what follows `expected`.
fn expectation(message: &str) -> Option<(&str, &str)> {
    message.match_indices("expected ").find_map(|(at, word)| {
        let about = match at {
            0 => "",
            _ => message[..at].strip_suffix(": ")?,
        };
        Some((about, &message[at + word.len()..]))
    })
}

/// Subjects, each within the one before it, and at the end a phrase.
fn subjects(english: &str) -> String {
    if let Some(chinese) = known(english) {
        return bare(&chinese).to_owned();
    }
    // The longest subject that is known, so that names with a colon in them stay whole where they can.
    for (at, _) in english.match_indices(": ") {
        let (before, after) = (&english[..at], &english[at + 2..]);
        let (first, rest) = (known(before), subjects(after));
        if first.is_some() || rest != after {
            let first = first.map_or(before.to_owned(), |chinese| bare(&chinese).to_owned());
            return format!("{first}：{rest}");
        }
    }
    english.to_owned()
}

fn phrase(english: &str) -> String {
    known(english).unwrap_or_else(|| subjects(english))
}

fn marked(chinese: String, marks: &[&str], mark: &str) -> String {
    match marks.iter().any(|mark| chinese.starts_with(mark)) {
        true => chinese,
        false => joined(mark.to_owned(), &chinese),
    }
}

fn known(english: &str) -> Option<String> {
    PHRASES.iter().find_map(|(pattern, chinese)| {
        let filled = values(pattern, english)?;
        let mut pieces = chinese.split('$');
        let first = pieces.next().unwrap_or_default().to_owned();
        Some(pieces.fold(first, |before, piece| {
            let (place, after) = piece.split_at(1);
            let place: usize = place.parse().unwrap_or_default();
            let value = place.checked_sub(1).and_then(|at| filled.get(at));
            joined(joined(before, value.map_or("", |value| bare(value))), after)
        }))
    })
}

/// What stands in the places of a pattern where a text is of it, phrases in Chinese; of several ways the one that gives
/// the first places least.
fn values(pattern: &str, text: &str) -> Option<Vec<String>> {
    let Some(at) = pattern.find(['#', '*', '@']) else {
        return (pattern == text).then(Vec::new);
    };
    let text = text.strip_prefix(&pattern[..at])?;
    let (place, rest) = (&pattern[at..=at], &pattern[at + 1..]);
    let mut ends = text.char_indices().map(|(at, sign)| at + sign.len_utf8());
    ends.find_map(|end| {
        let (value, after) = text.split_at(end);
        // What follows comes first: it is seldom there, and a phrase is looked up only within another that fits.
        let mut others = values(rest, after)?;
        let value = match place {
            "#" => value.parse::<f64>().is_ok().then(|| value.to_owned()),
            "@" => known(value).or_else(|| is_name(value).then(|| value.to_owned())),
            // Of two subjects, the second alone is meant.
            _ if value.contains(": ") && !rest.is_empty() && !is_name(value) => None,
            _ => Some(value.to_owned()),
        };
        others.insert(0, value?);
        Some(others)
    })
}

/// Whether it is one word, or a piece of a file, so that it stays as it is.
fn is_name(english: &str) -> bool {
    let is_quoted = [('[', ']'), ('{', '}'), ('"', '"')]
        .iter()
        .any(|&(open, close)| english.starts_with(open) && english.ends_with(close));
    let letters = |sign: char| sign.is_ascii_alphabetic();
    let is_sentence = { english.split(' ').collect::<Vec<_>>() }
        .windows(2)
        .any(|two| two[0].ends_with(letters) && two[1].starts_with(letters));
    is_quoted || !is_sentence
}

/// Without what makes a part of a sentence of it.
fn bare(chinese: &str) -> &str {
    let marks = ["应为", "应", "实际为", "实际", "但"];
    let bare = marks.iter().find_map(|mark| chinese.strip_prefix(mark));
    bare.filter(|rest| !rest.is_empty()).unwrap_or(chinese)
}

/// Chinese characters and Latin ones stand apart.
fn joined(mut before: String, after: &str) -> String {
    let opens = |sign: char| sign.is_alphanumeric() || "_\"'`([{<-".contains(sign);
    let closes = |sign: char| sign.is_alphanumeric() || "_\"'`)]}>".contains(sign);
    if let (Some(last), Some(first)) = (before.chars().next_back(), after.chars().next())
        && (is_han(last) && !is_han(first) && opens(first)
            || is_han(first) && !is_han(last) && closes(last))
    {
        before.push(' ');
    }
    before + after
}

fn is_han(sign: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_told_from_its_names_numbers_and_pieces_of_files() {
        for (english, chinese) in [
            (
                "cat.jpg: weights: tensor conv1.weight: expected shape [96, 3, 7, 7], found shape [96, 3, 11, 11]",
                "cat.jpg：网络文件，张量 conv1.weight：应为形状 [96, 3, 7, 7]；实际为形状 [96, 3, 11, 11]。",
            ),
            (
                "weights: file: expected a whole safetensors file, found invalid JSON in header: expected value at line 1 column 9",
                "网络文件：应为完整的 safetensors 文件；但文件头的 JSON 有误：缺少值（第 1 行第 9 列）。",
            ),
            (
                "unknown layer: expected one of conv1, pool1, found conv9",
                "没有这一层：应为 conv1, pool1 之一；实际为 conv9。",
            ),
            (
                "weights of layer fc6 are not loaded: expected a shard that carries fc6, found none",
                "层 fc6 的权重还没有载入：应有包含层 fc6 的分片；实际没有。",
            ),
            (
                "my cats/: expected a folder that can be made: Permission denied (os error 13)",
                "my cats/：应为可以创建的文件夹；没有权限。",
            ),
            (
                "--size <PIXELS>: expected a whole number from 1 to 1000000, found no",
                "--size <PIXELS>：应为 1 到 1000000 的整数；实际为 no。",
            ),
            (
                "finishing this step; once more to stop at once",
                "将完成这一步；再按一次立即停止。",
            ),
            (
                "a.pth: numbers of maps: expected torchvision-alexnet, or --layout to say which, found [8, 4]",
                "a.pth：特征图数：应为 torchvision-alexnet，或用 --layout 指明；实际为 [8, 4]。",
            ),
            (
                "step 9: expected a finite loss, found NaN; a lower --rate may help",
                "第 9 步：应为有限的损失；实际为 NaN；减小 --rate 可能有用。",
            ),
            ("A strange thing", "A strange thing"),
            (
                "my cat: 2.jpg: a strange thing",
                "my cat: 2.jpg: a strange thing",
            ),
        ] {
            assert_eq!(Words::new(Language::Zh).message(english), chinese);
            assert_eq!(Words::new(Language::En).message(english), english);
        }
    }
}
