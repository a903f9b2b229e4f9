//! The entries of a ZIP archive whose content is stored as it is, as `torch.save` writes them.
//!
//! Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.

use std::collections::HashMap;

use crate::refusal::{Result, damaged};

const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
/// The record at the end, and the longest comment after it.
const SEARCHED: usize = 22 + 0xffff;

/// Contents by their names.
pub(super) type Entries<'a> = HashMap<&'a str, &'a [u8]>;

/// Reads the list of an archive; entries that are compressed are left out.
pub(super) fn entries(bytes: &[u8]) -> Result<Entries<'_>> {
    listed(bytes).ok_or_else(|| {
        damaged(
            "a whole ZIP archive, as torch.save writes it",
            "a damaged one",
        )
    })
}

fn listed(bytes: &[u8]) -> Option<Entries<'_>> {
    let tail = bytes.len().saturating_sub(SEARCHED);
    let end = bytes[tail..]
        .windows(END.len())
        .rposition(|window| window == END)?
        + tail;
    let count = short(bytes, end + 10)?;
    let mut at = long(bytes, end + 16)?;
    let mut entries = HashMap::new();
    for _ in 0..count {
        if !bytes.get(at..)?.starts_with(ENTRY) {
            return None;
        }
        let method = short(bytes, at + 10)?;
        let size = long(bytes, at + 20)?;
        let [name, extra, comment] = [28, 30, 32].map(|place| short(bytes, at + place));
        let (name, extra, comment) = (name?, extra?, comment?);
        let local = long(bytes, at + 42)?;
        let title = bytes.get(at + 46..at + 46 + name)?;
        at += 46 + name + extra + comment;
        if method != 0 {
            continue;
        }
        if !bytes.get(local..)?.starts_with(LOCAL) {
            return None;
        }
        let start = local + 30 + short(bytes, local + 26)? + short(bytes, local + 28)?;
        let content = bytes.get(start..start.checked_add(size)?)?;
        entries.insert(str::from_utf8(title).ok()?, content);
    }
    Some(entries)
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let two = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*two).into())
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*four)).ok()
}
