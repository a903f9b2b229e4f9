//! Words and numbers as a reader wants them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zfnet_words::{Words, say};

/// A picture inside the page.
pub(super) fn data_url(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png))
}

/// Up to three significant digits below a thousand, whole numbers above; powers of ten where zeros would be counted.
pub(super) fn number(words: Words, value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return match value.is_nan() {
            true => say!(words, "reportNotANumber").into(),
            false => value.to_string().replace("inf", "∞").replace('-', "−"),
        };
    }
    let exponent = value.abs().log10().floor() as i32;
    if !(-4..6).contains(&exponent) {
        let digits = trimmed(format!("{:.1}", value / 10f64.powi(exponent)));
        return match digits.as_str() {
            "1" => power_of_ten(exponent),
            _ => format!("{digits}·{}", power_of_ten(exponent)),
        };
    }
    trimmed(format!("{value:.*}", (2 - exponent).max(0) as usize)).replace('-', "−")
}

/// Ten to a whole power.
fn power_of_ten(exponent: i32) -> String {
    let raised = |digit: char| match digit.to_digit(10) {
        Some(digit) => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][digit as usize],
        None => '⁻',
    };
    format!(
        "10{}",
        exponent.to_string().chars().map(raised).collect::<String>()
    )
}

fn trimmed(digits: String) -> String {
    match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').into(),
        false => digits,
    }
}

/// A whole number with thin spaces between thousands.
pub(super) fn counted(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A share as per cent, with one decimal.
pub(super) fn percent(words: Words, share: f64) -> String {
    match share.is_finite() {
        true => format!("{:.1}\u{202f}%", share * 100.0),
        false => number(words, share),
    }
}

/// A loss with three decimals, so that losses below each other line up.
pub(super) fn nats(words: Words, loss: f64) -> String {
    match loss.is_finite() {
        true => format!("{loss:.3}"),
        false => number(words, loss),
    }
}

/// Seconds in the two largest units.
pub(super) fn duration(words: Words, seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    let [days, hours, minutes, rest] = [
        whole / 86_400,
        whole / 3600 % 24,
        whole / 60 % 60,
        whole % 60,
    ];
    match whole {
        86_400.. => say!(words, "reportDays", days = days, hours = hours),
        3600.. => say!(words, "reportHours", hours = hours, minutes = minutes),
        60.. => say!(words, "reportMinutes", minutes = minutes, seconds = rest),
        _ => say!(words, "reportSeconds", seconds = rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits_and_no_idle_zeros() {
        let cases = [
            (0.0, "0"),
            (2.0, "2"),
            (0.01, "0.01"),
            (0.012345, "0.0123"),
            (-1.5, "−1.5"),
            (31.25, "31.2"),
            (1234.5, "1234"),
            (2.5e-6, "2.5·10⁻⁶"),
            (1e-7, "10⁻⁷"),
            (1e6, "10⁶"),
        ];
        for (value, expected) in cases {
            assert_eq!(number(Words::default(), value), expected);
        }
    }

    #[test]
    fn durations_name_two_units() {
        let cases = [
            (42.4, "42 s"),
            (75.0, "1 min 15 s"),
            (5000.0, "1 h 23 min"),
            (200_000.0, "2 d 7 h"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(duration(Words::default(), seconds), expected);
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(counted(999), "999");
        assert_eq!(counted(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
