//! A file of named tensors: what `torch.save` writes, in any of its containers, or safetensors.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pytorch_reader::{DType, PytorchReader};
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use zfnet::foreign;

use super::unwrapping::unwrapped;
use crate::{Error, Result};

const WHOLE: &str = "a whole PyTorch state dict (.pth) or safetensors file";

/// Named tensors whose numbers are still in their file, without the wrappings of a checkpoint.
pub(crate) struct StateDict<'a> {
    file: String,
    /// Each tensor under its name in the network.
    tensors: BTreeMap<String, Stored<'a>>,
}

/// What a stored number is made of.
enum Kind {
    F64,
    F32,
    F16,
    Bf16,
}

enum Stored<'a> {
    PyTorch(pytorch_reader::Tensor),
    Safetensors(Dtype, Vec<usize>, &'a [u8]),
}

impl<'a> StateDict<'a> {
    /// Reads the names and shapes of the file at `path`, whose bytes are `bytes`; `keys` are the names of known networks'
    /// tensors.
    ///
    /// # Errors
    /// [`Error::Input`] when it is neither a PyTorch file nor safetensors, is cut short, or holds no tensor.
    pub(crate) fn read(path: &Path, bytes: &'a [u8], keys: &BTreeSet<String>) -> Result<Self> {
        let file = path.display().to_string();
        let unfit = |said: &dyn std::fmt::Display| {
            // What torch.save writes is a ZIP archive too, and may be a broken one.
            let kind = foreign::kind(bytes).filter(|_| !holds_a_pickle(bytes));
            let found = kind.map_or_else(|| said.to_string(), str::to_owned);
            Error::input(&file, WHOLE, found)
        };
        let stored: BTreeMap<String, Stored<'a>> = if opens_like_safetensors(bytes) {
            let tensors = SafeTensors::deserialize(bytes).map_err(|error| unfit(&error))?;
            tensors
                .iter()
                .map(|(name, view)| {
                    let stored =
                        Stored::Safetensors(view.dtype(), view.shape().to_vec(), view.data());
                    (name.to_owned(), stored)
                })
                .collect()
        } else {
            let reader = PytorchReader::new(path).map_err(|error| unfit(&error))?;
            reader
                .into_tensors()
                .into_iter()
                .map(|(name, tensor)| (name, Stored::PyTorch(tensor)))
                .collect()
        };
        if stored.is_empty() {
            return Err(Error::input(
                file,
                "a state dict",
                "a file without any tensor",
            ));
        }
        Ok(Self {
            tensors: unwrapped(stored, keys),
            file,
        })
    }

    /// The file's name, for messages.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Every name, in alphabetical order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The shape of a tensor, if there is such a one.
    pub(crate) fn shape(&self, name: &str) -> Option<&[usize]> {
        Some(match self.tensors.get(name)? {
            Stored::PyTorch(tensor) => tensor.shape(),
            Stored::Safetensors(_, shape, _) => shape,
        })
    }

    /// The numbers of a tensor, row-major.
    ///
    /// # Errors
    /// [`Error::Input`] when there is no such tensor, it is not made of floating-point numbers, or the file is damaged
    /// there.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f32>> {
        let wrong = |expected: &str, found: String| {
            Error::input(format!("{}: tensor {name}", self.file), expected, found)
        };
        let stored = self
            .tensors
            .get(name)
            .ok_or_else(|| wrong("a tensor of this name", "no such tensor".into()))?;
        let (kind, found, bytes) = match stored {
            Stored::PyTorch(tensor) => {
                let mut bytes = tensor
                    .read()
                    .map_err(|error| wrong("its numbers, whole", error.to_string()))?;
                if cfg!(target_endian = "big") {
                    // The reader hands numbers over as the machine has them.
                    bytes
                        .chunks_mut(tensor.dtype().size())
                        .for_each(<[u8]>::reverse);
                }
                let kind = match tensor.dtype() {
                    DType::F64 => Some(Kind::F64),
                    DType::F32 => Some(Kind::F32),
                    DType::F16 => Some(Kind::F16),
                    DType::BF16 => Some(Kind::Bf16),
                    _ => None,
                };
                (kind, format!("{:?}", tensor.dtype()), Cow::Owned(bytes))
            }
            Stored::Safetensors(dtype, _, bytes) => {
                let kind = match dtype {
                    Dtype::F64 => Some(Kind::F64),
                    Dtype::F32 => Some(Kind::F32),
                    Dtype::F16 => Some(Kind::F16),
                    Dtype::BF16 => Some(Kind::Bf16),
                    _ => None,
                };
                (kind, format!("{dtype:?}"), Cow::Borrowed(*bytes))
            }
        };
        let numbers = match kind {
            Some(Kind::F64) => each(&bytes, |eight| f64::from_le_bytes(eight) as f32),
            Some(Kind::F32) => each(&bytes, f32::from_le_bytes),
            Some(Kind::F16) => each(&bytes, |two| half::f16::from_le_bytes(two).to_f32()),
            Some(Kind::Bf16) => each(&bytes, |two| half::bf16::from_le_bytes(two).to_f32()),
            None => return Err(wrong("F64, F32, F16 or BF16", found)),
        };
        match numbers.iter().position(|number| !number.is_finite()) {
            Some(at) => Err(wrong(
                "finite numbers of single precision",
                format!("{} at place {at}", numbers[at]),
            )),
            None => Ok(numbers),
        }
    }
}

/// Whether a file begins as safetensors do: a length, and the brace of the JSON that has it.
fn opens_like_safetensors(bytes: &[u8]) -> bool {
    bytes.get(8) == Some(&b'{') && bytes[..8].ends_with(&[0; 4])
}

/// Whether a file names the entry that every archive of PyTorch begins with.
fn holds_a_pickle(bytes: &[u8]) -> bool {
    let name = b"data.pkl";
    bytes.windows(name.len()).any(|window| window == name)
}

fn each<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|one| number(*one)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use safetensors::tensor::{Dtype, TensorView, serialize};

    use super::StateDict;

    #[test]
    fn numbers_come_from_every_floating_precision_and_from_no_other() {
        let halves = [0.5f32, -2.0];
        let f64s = halves.map(|v| f64::from(v).to_le_bytes()).concat();
        let f32s = halves.map(f32::to_le_bytes).concat();
        let f16s = halves
            .map(|v| half::f16::from_f32(v).to_le_bytes())
            .concat();
        let bf16s = halves
            .map(|v| half::bf16::from_f32(v).to_le_bytes())
            .concat();
        let infinite = [f32::INFINITY, 0.0].map(f32::to_le_bytes).concat();
        let stored = [
            ("f64", Dtype::F64, &f64s),
            ("f32", Dtype::F32, &f32s),
            ("f16", Dtype::F16, &f16s),
            ("bf16", Dtype::BF16, &bf16s),
            ("i64", Dtype::I64, &f64s),
            ("infinite", Dtype::F32, &infinite),
        ];
        let views = stored.map(|(name, dtype, bytes)| {
            let view = TensorView::new(dtype, vec![2], bytes).expect("two numbers");
            (name, view)
        });
        let file = serialize(views, None).expect("a file");
        let state = StateDict::read(Path::new("x.safetensors"), &file, &BTreeSet::new())
            .expect("a state dict");
        for name in ["f64", "f32", "f16", "bf16"] {
            assert_eq!(state.numbers(name).expect(name), halves, "{name}");
        }
        for (name, words) in [
            (
                "i64",
                "tensor i64: expected F64, F32, F16 or BF16, found I64",
            ),
            ("infinite", "found inf at place 0"),
            ("none", "found no such tensor"),
        ] {
            let message = state.numbers(name).expect_err(name).to_string();
            assert!(message.contains(words), "{message}");
        }
    }
}
