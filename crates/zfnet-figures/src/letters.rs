//! How wide words are, and where their lines break: the same wherever a figure is laid out, fonts at hand or not.

mod widths;

use self::widths::{LATIN, SIGN, SIGNS};

/// From here on letters are as wide as high.
const CHINESE: char = '\u{2e80}';
/// Thousandths of its height that a letter is wide of which nothing is known.
const UNKNOWN: u16 = 600;
/// What no line begins with.
const CLOSING: &str = "，。、：；！？）》〉」』】％…”’,.:;!?)%";

/// How far a line of words reaches, as a multiple of its type's height.
pub fn extent(text: &str, bold: bool) -> f64 {
    text.chars()
        .map(|letter| f64::from(width(letter, bold)) / 1000.0)
        .sum()
}

fn width(letter: char, bold: bool) -> u16 {
    let face = usize::from(bold);
    let code = letter as usize;
    match letter {
        ' '..='~' => LATIN[face][code - 0x20],
        '\u{a0}'..='ÿ' => LATIN[face][code - 0xa0 + 0x5f],
        CHINESE.. => 1000,
        _ => { SIGN.chars().position(|sign| sign == letter) }.map_or(UNKNOWN, |at| SIGNS[face][at]),
    }
}

/// The words in lines of at most `width` times their type's height. Lines break at spaces and beside Chinese letters; a
/// word that is wider is broken.
pub fn wrapped(text: &str, width: f64, bold: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for (spaced, word) in pieces(text) {
        let gap = if spaced && !line.is_empty() { " " } else { "" };
        let longer = format!("{line}{gap}{word}");
        if extent(&longer, bold) <= width {
            line = longer;
            continue;
        }
        lines.extend(Some(std::mem::take(&mut line)).filter(|line| !line.is_empty()));
        for letter in word.chars() {
            line.push(letter);
            if extent(&line, bold) > width && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, letter.into()));
            }
        }
    }
    lines.extend(Some(line).filter(|line| !line.is_empty()));
    lines
}

/// What stays together on a line, and whether a space is before it.
fn pieces(text: &str) -> Vec<(bool, String)> {
    let mut pieces: Vec<(bool, String)> = Vec::new();
    for word in text.split_whitespace() {
        // A sign of percent stays with its number.
        let mut before = match pieces.last_mut() {
            Some((_, piece)) if word.starts_with('%') => {
                piece.push(' ');
                Some(' ')
            }
            _ => None,
        };
        for letter in word.chars() {
            let chinese = |letter: char| letter >= CHINESE;
            let joins = before.is_some_and(|before| {
                CLOSING.contains(letter)
                    || !chinese(before) && !chinese(letter)
                    || "（“《「".contains(before)
            });
            match pieces.last_mut().filter(|_| joins) {
                Some((_, piece)) => piece.push(letter),
                None => pieces.push((before.is_none(), letter.into())),
            }
            before = Some(letter);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_wider_than_their_column_and_lose_no_letter() {
        for text in [
            "the most probable class of a veryveryverylongwordindeed here",
            "把图像上下移动、放大和旋转。距离：某层的响应偏离原图多远（以其长度的倍数计），so layers 之间可以比较。",
        ] {
            for width in [2.0, 6.0, 13.0, 60.0] {
                let lines = wrapped(text, width, false);
                assert!(
                    lines.iter().all(|line| extent(line, false) <= width),
                    "{width}: {lines:?}"
                );
                let letters = |text: &str| text.replace(' ', "");
                assert_eq!(letters(&lines.concat()), letters(text), "{width}");
            }
        }
        assert_eq!(wrapped("one line", 60.0, false), ["one line"]);
        assert!(wrapped("  ", 60.0, false).is_empty());
    }

    #[test]
    fn a_line_breaks_beside_chinese_letters_but_never_before_a_full_stop() {
        assert_eq!(wrapped("猫的眼睛。", 4.0, false), ["猫的眼", "睛。"]);
        assert_eq!(wrapped("用 conv5 看", 3.0, false), ["用", "conv5", "看"]);
        assert_eq!(
            wrapped("by 12.5 %, 是", 4.0, false),
            ["by", "12.5 %,", "是"]
        );
    }
}
