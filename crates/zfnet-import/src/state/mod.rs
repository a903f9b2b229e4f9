//! State dicts: tensors under the names that networks of torchvision, timm and pytorchcv give them, and nothing of how they are
//! used.

mod archive;
mod known;
mod legacy;
mod maker;
mod networks;
mod pickle;
mod unwrapping;

use std::collections::BTreeMap;

use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde_json::json;

use crate::found::Found;
use crate::refusal::{Result, damaged, wrong};
use crate::row::Source;
use crate::weight::{Kind, Stored, Weight};
use known::{Family, Known};
use unwrapping::unwrapped;

/// Side of the input.
const SIDE: usize = 224;
/// Largest side that is asked for.
const LARGEST: usize = 4096;
/// Longest list of tensors in safetensors, in bytes; one takes some hundred.
const LONGEST_LIST: u64 = 1 << 22;
/// The entry of an archive of PyTorch that says which tensors there are.
const PICKLE: &str = "data.pkl";
/// And the one that an archive of TorchScript has besides.
const SCRIPT: &str = "constants.pkl";
/// What can be read.
const WHOLE: &str = "a whole PyTorch state dict (.pth) or safetensors file";
const STATE: &str = "a state dict, as torch.save(model.state_dict(), \"FILE.pth\") writes it";

/// Tensors by their names.
type Tensors<'a> = BTreeMap<String, Weight<'a>>;

/// Names of every network that is recognised.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    known::ALL.iter().map(|known| known.name)
}

/// Names and shapes of a network's tensors.
pub(crate) fn published(name: &str) -> Option<known::Shapes> {
    Known::named(name).map(Known::published)
}

/// Whether bytes are what PyTorch writes, or begin as safetensors do that are not of this program: a length, and the brace of
/// the JSON that has it.
pub(crate) fn is_state(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"PK") {
        return archive::entries(bytes)
            .is_ok_and(|entries| entries.keys().any(|name| name.ends_with(PICKLE)));
    }
    let of_others = || {
        SafeTensors::read_metadata(bytes).is_ok_and(|(_, header)| {
            let own = header.metadata().as_ref();
            own.is_none_or(|own| !own.contains_key(zfnet::files::weights::METADATA_KEY))
        })
    };
    legacy::is_legacy(bytes) || opens_like_safetensors(bytes) && of_others()
}

fn opens_like_safetensors(bytes: &[u8]) -> bool {
    let length = bytes.first_chunk().map(|eight| u64::from_le_bytes(*eight));
    bytes.get(8) == Some(&b'{') && length.is_some_and(|length| length <= LONGEST_LIST)
}

/// Reads a state dict of a known network: the one that is asked for, or that which its tensors tell. `size` is the rows and
/// columns of the input where they are asked for, `file` what the file is called.
pub(crate) fn read<'a>(
    bytes: &'a [u8],
    size: Option<[usize; 2]>,
    asked: Option<&str>,
    file: &str,
) -> Result<Found<'a>> {
    let asked = match asked {
        Some(name) => Some(Known::named(name).ok_or_else(|| {
            let all: Vec<&str> = names().collect();
            wrong("network", all.join(", "), name)
        })?),
        None => None,
    };
    let [high, wide] = size.unwrap_or([SIDE; 2]);
    if high.max(wide) > LARGEST {
        return Err(wrong(
            "input",
            format!("at most {LARGEST} pixels a side"),
            high.max(wide).to_string(),
        ));
    }
    let tensors = unwrapped(tensors(bytes)?, &known::every_name());
    let known = known::recognised(&tensors, asked, file)?;
    // Filters of the first layer may be for grey; what else is wrong is told as of pictures in colour.
    let colour = [3, high, wide];
    let grey = [1, high, wide];
    let (rows, input) = match known.rows(&tensors, colour) {
        Ok(rows) => (rows, colour),
        Err(error) => (known.rows(&tensors, grey).map_err(|_| error)?, grey),
    };
    let output = Source::Row(rows.len() - 1);
    Ok(Found {
        rows,
        input,
        output,
        name: known.name,
        producer: match known.family {
            Family::Googlenet => "torchvision googlenet",
            _ => "torchvision",
        },
        about: json!({ "format": "state dict", "layout": known.name }),
    })
}

/// Every tensor of numbers that a file holds.
fn tensors(bytes: &[u8]) -> Result<Tensors<'_>> {
    let tensors = if opens_like_safetensors(bytes) {
        listed(bytes)?
    } else if bytes.starts_with(b"PK") {
        archived(bytes)?
    } else if legacy::is_legacy(bytes) {
        let (pickle, storages) = legacy::read(bytes)?;
        placed(&pickle, |entry| storages.get(entry).copied())?
    } else {
        return Err(damaged(WHOLE, crate::foreign(bytes)));
    };
    // Networks before the second torchvision have a dot more.
    let plain = tensors.into_iter().map(|(name, weight)| {
        let name = match name.contains("denselayer") {
            true => (["norm.1", "norm.2", "conv.1", "conv.2"].iter()).fold(name, |name, part| {
                name.replace(part, &part.replace('.', ""))
            }),
            false => name,
        };
        (name, weight)
    });
    let tensors: Tensors<'_> = plain.collect();
    match tensors.is_empty() {
        true => Err(damaged("a state dict", "a file without any tensor")),
        false => Ok(tensors),
    }
}

/// The tensors of a safetensors file.
fn listed(bytes: &[u8]) -> Result<Tensors<'_>> {
    let file =
        SafeTensors::deserialize(bytes).map_err(|error| damaged(WHOLE, error.to_string()))?;
    let mut tensors = BTreeMap::new();
    for (name, view) in file.iter() {
        let kind = match view.dtype() {
            Dtype::F64 => Kind::F64,
            Dtype::F32 => Kind::F32,
            Dtype::F16 => Kind::F16,
            Dtype::BF16 => Kind::Bf16,
            _ => continue, // counters
        };
        if let Some(stored) = Stored::new(kind, Some(view.data()), Vec::new()) {
            let weight = Weight::stored(view.shape().to_vec(), stored);
            tensors.insert(name.to_owned(), weight);
        }
    }
    Ok(tensors)
}

/// The tensors of an archive of PyTorch.
fn archived(bytes: &[u8]) -> Result<Tensors<'_>> {
    let entries = archive::entries(bytes)?;
    let pickle = entries.iter().find_map(|(name, content)| {
        let folder = name.strip_suffix(PICKLE)?;
        Some((folder, content))
    });
    let Some((folder, content)) = pickle else {
        return Err(damaged(WHOLE, crate::foreign(bytes)));
    };
    if entries.contains_key(format!("{folder}{SCRIPT}").as_str()) {
        return Err(damaged(STATE, "a program of TorchScript"));
    }
    let pickle = pickle::read(content)?;
    placed(&pickle, |entry| {
        entries
            .get(format!("{folder}data/{entry}").as_str())
            .copied()
    })
}

/// The tensors of a pickle, with the bytes of the storages that it names.
fn placed<'a>(
    pickle: &pickle::Pickled<'a>,
    storage: impl Fn(&str) -> Option<&'a [u8]>,
) -> Result<Tensors<'a>> {
    if let (true, Some((module, class))) = (pickle.tensors.is_empty(), pickle.object) {
        let found =
            format!("a whole object ({module}.{class}), which its own program alone can open");
        return Err(damaged(STATE, found));
    }
    let mut tensors = BTreeMap::new();
    for (name, place) in &pickle.tensors {
        let size = place.kind.size();
        let count = (place.dims.iter()).try_fold(size, |all, length| all.checked_mul(*length));
        let part = storage(place.entry)
            .zip(count)
            .and_then(|(storage, count)| {
                let start = place.offset.checked_mul(size)?;
                storage.get(start..start.checked_add(count)?)
            });
        let stored = part.and_then(|part| Stored::new(place.kind, Some(part), Vec::new()));
        let stored =
            stored.ok_or_else(|| wrong(format!("tensor {name}"), "its numbers, whole", "fewer"))?;
        tensors.insert(name.clone(), Weight::stored(place.dims.clone(), stored));
    }
    Ok(tensors)
}

#[cfg(test)]
mod tests {
    use super::{is_state, tensors};

    /// What `torch.save` wrote: now, and before PyTorch 1.6.
    fn saved(name: &str) -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/convert/");
        std::fs::read(format!("{folder}{name}")).expect("the file is there")
    }

    #[test]
    fn tensors_come_from_what_torch_saves() {
        for (file, first) in [
            ("torchvision-alexnet.pth", "features.0.weight"),
            ("pytorchcv-alexnet.pth", "features.stage1.unit1.conv.weight"),
        ] {
            let file = saved(file);
            assert!(is_state(&file));
            let tensors = tensors(&file).expect("a state dict");
            assert_eq!(tensors.len(), 16);
            let first = &tensors[first];
            assert_eq!(first.dims()[1..], [3, 11, 11]);
            let numbers = first.read().expect("numbers");
            assert!(numbers.iter().all(|number| number.abs() < 100.0));
            assert!(numbers.iter().any(|number| *number != 0.0));
        }
    }

    #[test]
    fn what_is_cut_off_or_changed_is_refused_or_read_and_never_more() {
        for name in ["torchvision-alexnet.pth", "pytorchcv-alexnet.pth"] {
            let file = saved(name);
            let step = file.len() / 500 + 1;
            for at in (0..file.len()).step_by(step) {
                assert!(tensors(&file[..at]).is_err(), "{name}: {at}");
            }
            // The list of an archive comes last, the pickles first.
            for at in (0..4000).chain(file.len() - 4000..file.len()) {
                let mut changed = file.clone();
                changed[at] ^= 0x41;
                let _ = tensors(&changed);
            }
        }
    }
}
