//! Text from a file's bytes, whatever program has written it.

use std::borrow::Cow;

use crate::foreign;

/// The text of a file: UTF-8 or UTF-16, with or without a byte-order mark, which is not of the text.
///
/// # Errors
/// What was found instead: text in an encoding that does not say what it is, or a file of another kind, as
/// [`foreign::kind`] names it.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    if let Some(kind) = foreign::kind(bytes).filter(|_| !bytes.is_empty()) {
        return Err(kind.into());
    }
    match bytes {
        [0xef, 0xbb, 0xbf, text @ ..] => utf_8(text),
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            Err("text in UTF-32, which is not read".into())
        }
        [0xff, 0xfe, text @ ..] => utf_16(text, u16::from_le_bytes),
        [0xfe, 0xff, text @ ..] => utf_16(text, u16::from_be_bytes),
        // Lists begin with a character of ASCII, and text has no character 0: half of one is empty.
        [1..=0x7f, 0, ..] => utf_16(bytes, u16::from_le_bytes),
        [0, 1..=0x7f, ..] => utf_16(bytes, u16::from_be_bytes),
        text => utf_8(text),
    }
}

fn utf_8(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
        let at = error.valid_up_to();
        let line = 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count();
        format!(
            "text that is neither UTF-8 nor UTF-16: byte {:#04x} in line {line}",
            bytes[at]
        )
    })
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, String> {
    let (pairs, rest) = bytes.as_chunks();
    let units = pairs.iter().map(|pair| unit(*pair));
    let text: Option<String> = char::decode_utf16(units).collect::<Result<_, _>>().ok();
    text.filter(|_| rest.is_empty())
        .map(Cow::Owned)
        .ok_or_else(|| "broken text in UTF-16".into())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn text_is_the_same_in_every_encoding() {
        let text = "[\"猫 🐈\", 1]\r\n";
        let units = || text.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(&[0xef, 0xbb, 0xbf], text.as_bytes()),
            marked(&[0xff, 0xfe], &little),
            marked(&[0xfe, 0xff], &big),
            little,
            big,
        ] {
            assert_eq!(decode(&bytes).as_deref(), Ok(text), "{bytes:?}");
        }
        assert_eq!(decode(b"").as_deref(), Ok(""));
        assert_eq!(decode(b"\xef\xbb\xbf").as_deref(), Ok(""));
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (bytes, words) in [
            (&b"file\ncaf\xe9.jpg"[..], "byte 0xe9 in line 2"),
            (b"\xff\xfe\0\0[\0\0\0", "UTF-32"),
            (b"\xff\xfe[\0]", "broken text in UTF-16"),
            (b"\xff\xfe\0\xd8", "broken text in UTF-16"),
            (b"\xef\xbb\xbf\r\n<!DOCTYPE html>", "a web page"),
        ] {
            let found = decode(bytes).expect_err(words);
            assert!(found.contains(words), "{found}");
        }
    }
}
