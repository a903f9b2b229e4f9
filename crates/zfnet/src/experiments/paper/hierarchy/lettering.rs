//! Letters as strokes of a pen, for pictures that are made where there is no font.

/// A letter, its width, and its strokes.
///
/// Points are two characters each, digits in base 36: right, and up with the baseline at 5; small letters end at `f`, capitals
/// at `j`. A stroke goes straight from point to point, or after `~` smoothly through them. A stroke of one point is a dot.
const LETTERS: [(char, u8, &str); 84] = [
    ('A', 12, "056jc5 29a9"),
    ('B', 10, "050j ~0j5j8i9f8d5c0c ~0c6c9ba9966505"),
    ('C', 11, "~bg9i6j3i1f0c19366596b8"),
    ('D', 11, "050j ~0j4j8iafbca9864505"),
    ('E', 9, "9j0j0595 0c7c"),
    ('F', 9, "9j0j05 0c7c"),
    ('G', 12, "~bg9i6j3i1f0c19366596b8 7bbbb8"),
    ('H', 11, "050j b5bj 0cbc"),
    ('I', 0, "050j"),
    ('J', 7, "~7j7d7966351608"),
    ('K', 10, "050j aj09 4da5"),
    ('L', 8, "0j0585"),
    ('M', 12, "050j67cjc5"),
    ('N', 11, "050jb5bj"),
    ('O', 14, "~7j3i1f0c193675b6d9ecdfbi7j"),
    ('P', 10, "050j ~0j6j9iaf9c6b0b"),
    ('Q', 14, "~7j3i1f0c193675b6d9ecdfbi7j 98e4"),
    ('R', 10, "050j ~0j6j9iaf9c6b0b 5ba5"),
    ('S', 9, "~9g8i5j2i1g2d5c8b9886552608"),
    ('T', 10, "0jaj 5j55"),
    ('U', 12, "~0j0e0a2665a6cacecj"),
    ('V', 12, "0j65cj"),
    ('W', 16, "0j458jc5gj"),
    ('X', 11, "05bj 0jb5"),
    ('Y', 12, "0j6ccj 6c65"),
    ('Z', 10, "0jaj05a5"),
    ('a', 8, "8f85 ~8d6f4f1d0a17456587"),
    ('b', 8, "0k05 ~0d2f4f7d8a77452507"),
    ('c', 8, "~8d6f4f1d0a17456587"),
    ('d', 8, "8k85 ~8d6f4f1d0a17456587"),
    ('e', 8, "0a8a ~8a7d4f1d0a17456587"),
    ('f', 6, "~6k4k2i2f2a25 0f5f"),
    ('g', 8, "~8f8a85724112 ~8d6f4f1d0a17456587"),
    ('h', 8, "0k05 ~0c2e5f7e8b8785"),
    ('i', 0, "0f05 0j"),
    ('j', 2, "~2f2a2401 2j"),
    ('k', 8, "0k05 8f08 3b85"),
    ('l', 0, "0k05"),
    ('m', 14, "0f05 ~0c2e4f6e7b7775 ~7c9ebfdeebe7e5"),
    ('n', 8, "0f05 ~0c2e5f7e8b8785"),
    ('o', 8, "~4f1d0a1745778a7d4f"),
    ('p', 8, "0f01 ~0d2f4f7d8a77452507"),
    ('q', 8, "8f81 ~8d6f4f1d0a17456587"),
    ('r', 5, "0f05 ~0b1d3f5f"),
    ('s', 7, "~7d5f3f1e1b4a6977553507"),
    ('t', 5, "~2j2d283555 0f5f"),
    ('u', 8, "8f85 ~0f0d0916356688"),
    ('v', 8, "0f458f"),
    ('w', 12, "0f356f95cf"),
    ('x', 8, "0f85 8f05"),
    ('y', 8, "0f45 8f21"),
    ('z', 7, "0f7f0575"),
    ('0', 8, "~4j1h0c1745778c7h4j"),
    ('1', 5, "1g4j45"),
    ('2', 8, "~0g1i4j7i8f7c4905 0585"),
    ('3', 8, "~0h2j5j7i8g7d4c ~4c7b8976451608"),
    ('4', 9, "6j0999 6j65"),
    ('5', 8, "7j1j0c ~0c2e4e7d8a77452507"),
    ('6', 8, "~7i4j1g0a1745778a7d4e1d0a"),
    ('7', 8, "0j8j35"),
    ('8', 8, "~4j1i1e4d7e7i4j ~4d1b09164576897b4d"),
    ('9', 8, "~1645788e7h4j1h0e1b4a7b8e"),
    ('.', 0, "05"),
    (',', 1, "1503"),
    (':', 0, "05 0d"),
    (';', 1, "1503 1d"),
    ('-', 6, "0a6a"),
    ('–', 9, "0a9a"),
    ('—', 14, "0aea"),
    ('×', 6, "076d 0d67"),
    ('%', 14, "35bj ~2j0h2f4h2j ~c9a7c5e7c9"),
    ('(', 3, "~3k1g0b1632"),
    (')', 3, "~0k2g3b2602"),
    ('/', 7, "037k"),
    ('·', 0, "0b"),
    ('&', 11, "~b53f3i5j7i7f1b08255587ab"),
    ('?', 8, "~0g1i4j7i8g7e4b49 45"),
    ('!', 0, "0j09 05"),
    ('\'', 0, "0j0g"),
    ('’', 0, "0j0g"),
    ('"', 3, "0j0g 3j3g"),
    ('+', 8, "0a8a 4e46"),
    ('=', 8, "0888 0c8c"),
    ('_', 9, "0595"),
];
/// What stands for a letter that is not among them.
const UNKNOWN: (u8, &str) = (8, "050j8j8505");
/// Units of the letters' grid in the height of the type.
const UNITS: f64 = 20.0;
/// Between two letters, and for a space.
const APART: f64 = 5.0;
const SPACE: f64 = 5.0;
/// Straight pieces between two points of a smooth stroke.
const PIECES: usize = 6;

/// The straight strokes of a line of text: right and up from where it begins, in heights of its type.
pub(super) fn lines(text: &str) -> Vec<[[f64; 2]; 2]> {
    let mut found = Vec::new();
    let mut right = 0.0;
    for character in text.chars() {
        if character.is_whitespace() {
            right += SPACE;
            continue;
        }
        let (width, strokes) = letter(character);
        for stroke in strokes.split(' ') {
            let points = match stroke.strip_prefix('~') {
                Some(through) => smooth(&points(through)),
                None => points(stroke),
            };
            let placed: Vec<_> = points
                .iter()
                .map(|[x, y]| [(right + x) / UNITS, y / UNITS])
                .collect();
            match placed[..] {
                [dot] => found.push([dot, dot]),
                _ => found.extend(placed.windows(2).map(|pair| [pair[0], pair[1]])),
            }
        }
        right += f64::from(width) + APART;
    }
    found
}

/// How far a line of text reaches, as [`super::write`] draws it, in heights of its type.
pub fn extent(text: &str) -> f64 {
    let advance = |character: char| match character.is_whitespace() {
        true => SPACE,
        false => f64::from(letter(character).0) + APART,
    };
    (text.chars().map(advance).sum::<f64>() - APART).max(0.0) / UNITS
}

/// A letter's width and strokes.
fn letter(character: char) -> (u8, &'static str) {
    let found = LETTERS.iter().find(|(letter, ..)| *letter == character);
    found.map_or(UNKNOWN, |(_, width, strokes)| (*width, *strokes))
}

fn points(stroke: &str) -> Vec<[f64; 2]> {
    let digits: Vec<f64> = stroke
        .chars()
        .filter_map(|digit| digit.to_digit(36).map(f64::from))
        .collect();
    digits
        .as_chunks()
        .0
        .iter()
        .map(|[x, y]| [*x, y - 5.0])
        .collect()
}

/// A curve through the points (Catmull & Rom); it closes smoothly where the last is the first.
fn smooth(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let last = points.len() - 1;
    let closed = points[0] == points[last];
    let before = |at: usize| match at {
        0 if closed => points[last - 1],
        0 => points[0],
        _ => points[at - 1],
    };
    let after = |at: usize| match at + 2 {
        beyond if beyond <= last => points[beyond],
        _ if closed => points[1],
        _ => points[last],
    };
    let mut curve = vec![points[0]];
    for at in 0..last {
        let [a, b, c, d] = [before(at), points[at], points[at + 1], after(at)];
        for piece in 1..=PIECES {
            let t = piece as f64 / PIECES as f64;
            curve.push([0, 1].map(|axis| {
                let [a, b, c, d] = [a, b, c, d].map(|point| point[axis]);
                let (square, cube) = (t * t, t * t * t);
                b + 0.5
                    * ((c - a) * t
                        + (2.0 * a - 5.0 * b + 4.0 * c - d) * square
                        + (3.0 * b - a - 3.0 * c + d) * cube)
            }));
        }
    }
    curve
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_drawn_inside_its_width() {
        for (letter, width, strokes) in LETTERS {
            let each = strokes
                .split(' ')
                .map(|stroke| stroke.trim_start_matches('~'));
            let even = each
                .clone()
                .all(|stroke| !stroke.is_empty() && stroke.len() % 2 == 0);
            assert!(even, "{letter}: points are two digits");
            let drawn = lines(&letter.to_string());
            assert!(!drawn.is_empty(), "{letter}");
            for [right, up] in drawn.concat() {
                // A curve may swing out by a little.
                let most = f64::from(width) + 0.5;
                assert!(
                    (-0.5..=most).contains(&(right * UNITS)),
                    "{letter}: {right}"
                );
                assert!((-4.5..=15.5).contains(&(up * UNITS)), "{letter}: {up}");
            }
        }
        assert_eq!(lines("猫"), lines("\u{1}"), "unknown letters are boxes");
        assert!(lines(" ").is_empty());
    }

    #[test]
    fn letters_stand_one_after_the_other() {
        let ends = |text: &str| {
            let right = lines(text).concat().into_iter().map(|[right, _]| right);
            right.fold(0.0, f64::max)
        };
        let steps = ["I", "IL", "ILL"].map(ends);
        let between = (f64::from(8u8) + APART) / UNITS;
        assert!((steps[1] - steps[0] - (APART + 8.0) / UNITS).abs() < 1e-9);
        assert!((steps[2] - steps[1] - between).abs() < 1e-9);
        for text in ["I", "ILL", "LIL LI"] {
            assert!((extent(text) - ends(text)).abs() < 1e-9, "{text}");
        }
        assert_eq!(extent(""), 0.0);
    }
}
