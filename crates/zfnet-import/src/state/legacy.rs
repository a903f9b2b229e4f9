//! What `torch.save` wrote before PyTorch 1.6: pickles one after the other, then the storages.
//!
//! Source: `_legacy_save` and `_legacy_load` in `torch/serialization.py`.

use std::collections::HashMap;

use super::pickle::{self, Pickled};
use crate::refusal::{Result, damaged};

/// The first pickle, a number.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";

/// Whether bytes begin as these files do.
pub(super) fn is_legacy(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The pickle that says which tensors there are, and the bytes of each storage by its name in it.
pub(super) fn read(bytes: &[u8]) -> Result<(Pickled<'_>, HashMap<&str, &[u8]>)> {
    // Before it stand the magic number, the version of the format and how large numbers are on the machine.
    let mut rest = bytes;
    for _ in 0..3 {
        rest = pickle::read(rest)?.rest;
    }
    let tensors = pickle::read(rest)?;
    let names = pickle::read(tensors.rest)?;
    let mut rest = names.rest;
    let mut storages = HashMap::new();
    for name in names.texts {
        let part = tensors.storages.get(name).and_then(|size| {
            let (count, after) = rest.split_first_chunk()?;
            let count = usize::try_from(u64::from_le_bytes(*count)).ok()?;
            after.split_at_checked(count.checked_mul(*size)?)
        });
        let (part, after) = part.ok_or_else(|| {
            damaged(
                "a whole file of torch.save",
                "one that is cut off or damaged",
            )
        })?;
        storages.insert(name, part);
        rest = after;
    }
    Ok((tensors, storages))
}
