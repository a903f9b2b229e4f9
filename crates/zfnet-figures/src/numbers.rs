//! Numbers as words.

/// A number in about three digits.
pub fn number(value: f64) -> String {
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
pub fn round(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.replace('-', "–")
}

/// A number where there is little room: three digits where it has decimals, and no 0 before the point.
pub fn brief(value: f64) -> String {
    let text = match value.abs() {
        small if small < 9.995 => format!("{value:.2}"),
        large if large < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}."),
    };
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let text = match text {
        "-0" => "0".to_owned(),
        text => text.replacen("0.", ".", usize::from(value.abs() < 1.0)),
    };
    text.replace('-', "–")
}

/// A share as people say it.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_about_three_digits() {
        let cases = [
            (0.0, "0"),
            (1.0, "1.00"),
            (-12.345, "–12.3"),
            (123.4, "123"),
            (0.5, "0.500"),
            (0.0123, "0.0123"),
            (0.000_012, "1.20e–5"),
            (1_234_567.0, "1.23e6"),
        ];
        for (value, expected) in cases {
            assert_eq!(number(value), expected);
        }
        assert_eq!(
            [0.2, -60.0, 1.25, 0.0].map(round),
            ["0.2", "–60", "1.25", "0"]
        );
        assert_eq!(
            [0.0, -0.001, -0.25, 0.996, 12.25, -3.0, 720.25].map(brief),
            ["0", "0", "–.25", "1", "12.2", "–3", "720"]
        );
    }
}
