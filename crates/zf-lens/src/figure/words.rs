//! Words in lines, and numbers as words.

use super::Type;

/// The words in lines of at most so many pixels; a word that is wider is broken.
pub(super) fn wrapped(text: &str, width: usize, kind: Type) -> Vec<String> {
    let fits = |line: &str| kind.reach(line) <= width as f64;
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = match line.is_empty() {
            true => word.to_owned(),
            false => format!("{line} {word}"),
        };
        if fits(&longer) {
            line = longer;
            continue;
        }
        lines.extend(Some(std::mem::take(&mut line)).filter(|line| !line.is_empty()));
        for letter in word.chars() {
            line.push(letter);
            if !fits(&line) && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, letter.into()));
            }
        }
    }
    lines.extend(Some(line).filter(|line| !line.is_empty()));
    lines
}

/// A number in about three digits.
pub(crate) fn number(value: f64) -> String {
    let text = match value.abs() {
        0.0 => "0".into(),
        far if !(0.000_95..99_999.5).contains(&far) => format!("{value:.2e}"),
        large if large >= 99.5 => format!("{value:.0}"),
        large if large >= 9.95 => format!("{value:.1}"),
        large if large >= 0.995 => format!("{value:.2}"),
        large if large >= 0.0995 => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    };
    text.replace('-', "–")
}

/// A number of an axis: no more decimals than it has.
pub(crate) fn round(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.replace('-', "–")
}

/// A share as people say it.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::super::WORDS;
    use super::*;

    #[test]
    fn lines_are_no_wider_than_their_column_and_lose_no_letter() {
        let text = "the most probable class of a veryveryverylongwordindeed here";
        for width in [30, 90, 200, 900] {
            let lines = wrapped(text, width, WORDS);
            assert!(
                lines.iter().all(|line| WORDS.reach(line) <= width as f64),
                "{width}: {lines:?}"
            );
            let letters = |text: &str| text.replace(' ', "");
            assert_eq!(letters(&lines.concat()), letters(text), "{width}");
        }
        assert_eq!(wrapped("one line", 900, WORDS), ["one line"]);
        assert!(wrapped("  ", 900, WORDS).is_empty());
    }

    #[test]
    fn numbers_have_about_three_digits() {
        let cases = [
            0.0,
            1.0,
            -12.345,
            123.4,
            0.5,
            0.0123,
            0.000_012,
            1_234_567.0,
        ];
        let expected = [
            "0",
            "1.00",
            "–12.3",
            "123",
            "0.500",
            "0.0123",
            "1.20e–5",
            "1.23e6",
        ];
        assert_eq!(cases.map(number), expected);
        assert_eq!(
            [0.2, -60.0, 1.25, 0.0].map(round),
            ["0.2", "–60", "1.25", "0"]
        );
    }
}
