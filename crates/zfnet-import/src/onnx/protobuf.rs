//! The wire format of protocol buffers: fields of a message, one after the other, without copying what they hold.
//!
//! Source: <https://protobuf.dev/programming-guides/encoding/>.

use crate::refusal::{Result, damaged};

/// How a field's value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    Varint,
    Eight,
    Bytes,
    Four,
}

/// A field: its number, and its value as it lies in the file (without the length, where it has one).
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) number: u64,
    pub(super) wire: Wire,
    pub(super) bytes: &'a [u8],
}

impl<'a> Field<'a> {
    /// The value as a whole number; 0 where it is none.
    pub(super) fn integer(&self) -> i64 {
        match self.wire {
            Wire::Varint => varint(self.bytes).map_or(0, |(value, _)| value.cast_signed()),
            _ => 0,
        }
    }

    /// The value as a number of single precision; 0 where it is none.
    pub(super) fn float(&self) -> f32 {
        self.bytes.try_into().map_or(0.0, f32::from_le_bytes)
    }

    /// The value as a text.
    pub(super) fn text(&self) -> Result<&'a str> {
        str::from_utf8(self.bytes).map_err(|_| damaged("names in UTF-8", "other bytes"))
    }

    /// The value as a message.
    pub(super) fn message(&self) -> Result<Fields<'a>> {
        match self.wire {
            Wire::Bytes => Ok(Fields(self.bytes)),
            _ => Err(damaged("a message", "a number")),
        }
    }

    /// The values of a field that repeats whole numbers, packed into one or one in each.
    pub(super) fn integers(&self) -> impl Iterator<Item = i64> + use<'a> {
        Varints(match self.wire {
            Wire::Varint | Wire::Bytes => self.bytes,
            _ => &[],
        })
    }
}

/// The fields of a message, in the order of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = field(&mut self.0);
        if field.is_none() {
            self.0 = &[];
        }
        Some(field.ok_or_else(|| {
            damaged(
                "a whole ONNX file",
                "one that is cut off, damaged or of another kind",
            )
        }))
    }
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<Field<'a>> {
    let (key, length) = varint(rest)?;
    *rest = &rest[length..];
    let (wire, length) = match key & 7 {
        0 => (Wire::Varint, varint(rest)?.1),
        1 => (Wire::Eight, 8),
        2 => {
            let (bytes, length) = varint(rest)?;
            *rest = &rest[length..];
            (Wire::Bytes, usize::try_from(bytes).ok()?)
        }
        5 => (Wire::Four, 4),
        _ => return None,
    };
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    let number = key >> 3;
    (number > 0).then_some(Field {
        number,
        wire,
        bytes,
    })
}

/// A whole number of variable length, and its length.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

/// Whole numbers of variable length, to the first that is none.
struct Varints<'a>(&'a [u8]);

impl Iterator for Varints<'_> {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        let (value, length) = varint(self.0)?;
        self.0 = &self.0[length..];
        Some(value.cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::{Fields, Wire};

    #[test]
    fn a_message_of_every_kind_of_field_is_read() {
        let message = [
            &[0x08, 0x96, 0x01][..], // 1: 150
            &[0x12, 3, b'o', b'n', b'e'],
            &[0x1d, 0, 0, 0x20, 0x41], // 3: 10.0
            &[0x21, 1, 2, 3, 4, 5, 6, 7, 8],
            &[0x2a, 3, 1, 0x80, 0x02], // 5, packed: 1, 256
        ]
        .concat();
        let fields: Vec<_> = Fields(&message)
            .map(|field| field.expect("sound"))
            .collect();
        assert_eq!(fields.len(), 5);
        assert_eq!(fields[0].integer(), 150);
        assert_eq!(fields[1].text().expect("text"), "one");
        assert_eq!(fields[2].float(), 10.0);
        assert_eq!((fields[3].number, fields[3].wire), (4, Wire::Eight));
        assert_eq!(fields[4].integers().collect::<Vec<_>>(), [1, 256]);
    }

    #[test]
    fn what_is_cut_off_or_none_ends_the_message() {
        for bytes in [
            &[0x12, 5, b'a'][..],
            &[0x08],
            &[0x08, 0x80],
            &[0xff; 12],
            &[0x0b],
            &[0x00, 0x00],
            &[
                0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
            ],
        ] {
            let read: Vec<_> = Fields(bytes).collect();
            assert!(read.len() == 1 && read[0].is_err(), "{bytes:?}");
        }
    }
}
