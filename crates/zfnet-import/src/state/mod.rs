//! State dicts: tensors under the names that networks of torchvision give them, and nothing of how they are used.

mod archive;
mod maker;
mod networks;
mod pickle;

use std::collections::BTreeMap;

use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde_json::json;
use zfnet::network::architecture::Shape;

use crate::found::Found;
use crate::refusal::{Result, damaged, wrong};
use crate::row::Row;
use crate::weight::{Kind, Stored, Weight};
use maker::Maker;
pub(crate) use networks::Known;

/// Side of the input.
const SIDE: usize = 224;
/// What names are put before a network's own by what it is put into, the longest first.
const HOLDERS: [&str; 9] = [
    "model_state_dict.",
    "state_dict.",
    "_orig_mod.",
    "backbone.",
    "network.",
    "module.",
    "model.",
    "net.",
    "encoder.",
];

/// Tensors by their names in the network.
struct State<'a>(BTreeMap<String, Weight<'a>>);

/// The entry of an archive of PyTorch that says which tensors there are.
const PICKLE: &str = "data.pkl";

/// Whether bytes are an archive of PyTorch, or begin as safetensors do that are not of this program: a length, and the brace of
/// the JSON that has it.
pub(crate) fn is_state(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"PK") {
        let entries = archive::entries(bytes).unwrap_or_default();
        return entries.keys().any(|name| name.ends_with(PICKLE));
    }
    let opens = bytes.get(8) == Some(&b'{') && bytes[..8].ends_with(&[0; 4]);
    opens
        && SafeTensors::read_metadata(bytes).is_ok_and(|(_, header)| {
            let own = header.metadata().as_ref();
            own.is_none_or(|own| !own.contains_key(zfnet::files::weights::METADATA_KEY))
        })
}

/// Reads a state dict of a known network; `size` is the side of the input where it is asked for.
pub(crate) fn read(bytes: &[u8], size: Option<usize>) -> Result<Found<'_>> {
    let state = State::read(bytes)?;
    let input = [3, size.unwrap_or(SIDE), size.unwrap_or(SIDE)];
    let known = state.recognised()?;
    let classes = state.0[known.head()].dims()[0];
    let mut tensors = |name: &str, _: &[usize]| Ok(state.0[name].clone());
    let rows = laid(known, input, classes, &mut tensors)?;
    let output = crate::row::Source::Row(rows.len() - 1);
    Ok(Found {
        rows,
        input,
        output,
        name: known.name(),
        producer: match known {
            Known::Googlenet => "torchvision googlenet",
            _ => "torchvision",
        },
        about: json!({ "format": "state dict", "layout": known.name() }),
    })
}

/// The rows of a network with these tensors.
fn laid<'a>(
    known: Known,
    input: Shape,
    classes: usize,
    tensors: &mut maker::Tensors<'_, 'a>,
) -> Result<Vec<Row<'a>>> {
    // No window is larger than what is left of an input of this side.
    if !(SIDE / 2..=1 << 12).contains(&input[1]) {
        return Err(wrong(
            "input",
            "112 to 4096 pixels a side",
            input[1].to_string(),
        ));
    }
    let mut all = |name: &str, dims: &[usize]| tensors(name, dims);
    let mut net = Maker::new(input, &mut all);
    known.lay(&mut net, classes)?;
    Ok(net.rows)
}

/// Names and shapes of the tensors that a network needs.
fn needed(known: Known, classes: usize) -> Vec<(String, Vec<usize>)> {
    let mut needed = Vec::new();
    let mut tensors = |name: &str, dims: &[usize]| {
        needed.push((name.to_owned(), dims.to_vec()));
        Ok(Weight::fill(dims.to_vec(), 1.0))
    };
    // Tensors of ones are refused by none.
    let _ = laid(known, [3, SIDE, SIDE], classes, &mut tensors);
    needed
}

impl<'a> State<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self> {
        let tensors = match bytes.starts_with(b"PK") {
            true => pickled(bytes)?,
            false => listed(bytes)?,
        };
        Ok(Self(tensors).renamed())
    }

    /// Under the names of torchvision, without those of what a network was put into.
    fn renamed(self) -> Self {
        let mut tensors = self.0;
        loop {
            let holder = HOLDERS
                .iter()
                .find(|holder| tensors.keys().any(|name| name.starts_with(**holder)));
            let Some(holder) = holder else { break };
            let inside = tensors.into_iter();
            tensors = inside
                .filter_map(|(name, weight)| Some((name.strip_prefix(holder)?.to_owned(), weight)))
                .collect();
        }
        let renamed = tensors.into_iter().map(|(name, weight)| {
            // timm's VGG keeps its dense layers as filters; DenseNets of old have a dot more.
            let plain = name
                .replace("pre_logits.fc1.", "classifier.0.")
                .replace("pre_logits.fc2.", "classifier.3.")
                .replace("head.fc.", "classifier.6.");
            let plain = ["norm.1", "norm.2", "conv.1", "conv.2"].iter().fold(
                plain,
                |name, part| match name.contains("denselayer") {
                    true => name.replace(part, &part.replace('.', "")),
                    false => name,
                },
            );
            let is_matrix = plain.starts_with("classifier.") && name != plain;
            let weight = match weight.dims() {
                [out, rest @ ..] if is_matrix && rest.len() == 3 => {
                    let seen = rest.iter().product();
                    let out = *out;
                    weight.reshaped(vec![out, seen])
                }
                _ => weight,
            };
            (plain, weight)
        });
        Self(renamed.collect())
    }

    /// The network whose tensors these are, by their names and shapes.
    fn recognised(&self) -> Result<Known> {
        let classes = |known: &Known| self.0.get(known.head())?.dims().first().copied();
        let missing = |known: &Known| {
            let needed = needed(*known, classes(known).unwrap_or(1000));
            let missing = needed.into_iter().find(|(name, dims)| {
                self.0
                    .get(name)
                    .is_none_or(|weight| weight.dims() != dims.as_slice())
            });
            missing.map(|(name, _)| name)
        };
        let known = Known::ALL
            .into_iter()
            .find(|known| missing(known).is_none());
        known.ok_or_else(|| {
            let names: Vec<_> = Known::ALL.iter().map(|known| known.name()).collect();
            let few: Vec<_> = self.0.keys().take(3).map(String::as_str).collect();
            let expected = format!("the tensors of {}", names.join(", "));
            damaged(
                expected,
                format!("{}, … ({} in all)", few.join(", "), self.0.len()),
            )
        })
    }
}

/// The tensors of a safetensors file.
fn listed(bytes: &[u8]) -> Result<BTreeMap<String, Weight<'_>>> {
    let file = SafeTensors::deserialize(bytes)
        .map_err(|error| damaged("a whole safetensors file", error.to_string()))?;
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
fn pickled(bytes: &[u8]) -> Result<BTreeMap<String, Weight<'_>>> {
    let entries = archive::entries(bytes)?;
    let (folder, pickle) = entries
        .iter()
        .find_map(|(name, content)| Some((name.strip_suffix(PICKLE)?, content)))
        .ok_or_else(|| damaged("an archive of PyTorch", "another archive"))?;
    let mut tensors = BTreeMap::new();
    for (name, place) in pickle::tensors(pickle)? {
        let entry = entries.get(format!("{folder}data/{}", place.entry).as_str());
        let size = place.kind.size();
        let count = (place.dims.iter()).try_fold(size, |all, length| all.checked_mul(*length));
        let part = entry.zip(count).and_then(|(entry, count)| {
            let start = place.offset.checked_mul(size)?;
            entry.get(start..start.checked_add(count)?)
        });
        let stored = part.and_then(|part| Stored::new(place.kind, Some(part), Vec::new()));
        let stored =
            stored.ok_or_else(|| wrong(format!("tensor {name}"), "its numbers, whole", "fewer"))?;
        tensors.insert(name, Weight::stored(place.dims.clone(), stored));
    }
    Ok(tensors)
}

#[cfg(test)]
mod tests {
    use super::{Known, State, is_state, needed};

    /// What `torch.save` wrote.
    fn saved() -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/convert/");
        std::fs::read(format!("{folder}torchvision-alexnet.pth")).expect("the file is there")
    }

    #[test]
    fn tensors_come_from_what_torch_saves() {
        let file = saved();
        assert!(is_state(&file));
        let state = State::read(&file).expect("a state dict");
        assert_eq!(state.0.len(), 16);
        let first = &state.0["features.0.weight"];
        assert_eq!(first.dims()[1..], [3, 11, 11]);
        let numbers = first.read().expect("numbers");
        assert!(numbers.iter().all(|number| number.abs() < 1.0));
        assert!(numbers.iter().any(|number| *number != 0.0));
    }

    #[test]
    fn what_is_cut_off_or_changed_is_refused_or_read_and_never_more() {
        let file = saved();
        let step = file.len() / 500 + 1;
        for at in (0..file.len()).step_by(step) {
            assert!(State::read(&file[..at]).is_err());
        }
        for at in (0..file.len()).rev().take(4000) {
            let mut changed = file.clone();
            changed[at] ^= 0x41;
            let _ = State::read(&changed);
        }
        // The pickle comes first.
        for at in 0..4000 {
            let mut changed = file.clone();
            changed[at] ^= 0x41;
            let _ = State::read(&changed);
        }
    }

    #[test]
    fn networks_have_as_many_parameters_as_their_publishers_say() {
        let published = [
            61_100_840,
            132_863_336,
            133_047_848,
            138_357_544,
            143_667_240,
            132_868_840,
            133_053_736,
            138_365_992,
            143_678_248,
            1_248_424,
            1_235_496,
            6_624_904,
            11_689_512,
            21_797_672,
            25_557_032,
            44_549_160,
            7_978_856,
            14_149_480,
            3_504_872,
        ];
        for (known, published) in Known::ALL.into_iter().zip(published) {
            let tensors = needed(known, 1000);
            let learnt = tensors.iter().filter(|(name, _)| !name.contains("running"));
            let count: usize = learnt.map(|(_, dims)| dims.iter().product::<usize>()).sum();
            assert_eq!(count, published, "{}", known.name());
            let head = tensors.iter().find(|(name, _)| name == known.head());
            assert_eq!(head.expect("a head").1[0], 1000, "{}", known.name());
        }
    }
}
