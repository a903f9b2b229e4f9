//! A golden file: its network, its tensors and what it says beside them.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zfnet::Network;

/// A file of `tests/golden`.
pub(crate) struct Stored {
    bytes: Vec<u8>,
    about: Value,
}

impl Stored {
    pub(crate) fn read(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
        let bytes = std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("safetensors");
        let about = &metadata.metadata().as_ref().expect("metadata")["golden"];
        Self {
            about: serde_json::from_str(about).expect("JSON"),
            bytes,
        }
    }

    pub(crate) fn network(&self, device: &Device) -> Network {
        Network::read(&self.bytes, device).expect("a network")
    }

    /// What the file says at a JSON pointer; all of it at the empty one.
    pub(crate) fn says<T: DeserializeOwned>(&self, pointer: &str) -> T {
        let value = self.about.pointer(pointer);
        let value = value.unwrap_or_else(|| panic!("no {pointer}")).clone();
        serde_json::from_value(value).unwrap_or_else(|e| panic!("{pointer}: {e}"))
    }

    pub(crate) fn shape(&self, name: &str) -> Vec<usize> {
        self.look(name, |tensor| tensor.shape().to_vec())
    }

    pub(crate) fn floats(&self, name: &str) -> Vec<f32> {
        self.numbers(name, f32::from_le_bytes)
    }

    pub(crate) fn integers(&self, name: &str) -> Vec<i32> {
        self.numbers(name, i32::from_le_bytes)
    }

    /// The batch that the file was made with.
    pub(crate) fn input(&self, device: &Device) -> Tensor<4> {
        let name = "golden.input";
        let shape: [usize; 4] = self.shape(name).try_into().expect("four axes");
        Tensor::from_data(TensorData::new(self.floats(name), shape), device)
    }

    /// Planes of red, green and blue of every picture that the file was made with.
    pub(crate) fn pictures(&self) -> Vec<Vec<u8>> {
        self.look("golden.pictures", |tensor| {
            let size = tensor.shape()[1..].iter().product();
            tensor.data().chunks(size).map(<[u8]>::to_vec).collect()
        })
    }

    fn numbers<T>(&self, name: &str, number: fn([u8; 4]) -> T) -> Vec<T> {
        self.look(name, |tensor| {
            let each = tensor.data().as_chunks().0.iter();
            each.map(|four| number(*four)).collect()
        })
    }

    fn look<T>(&self, name: &str, of: impl FnOnce(TensorView<'_>) -> T) -> T {
        let file = SafeTensors::deserialize(&self.bytes).expect("safetensors");
        of(file.tensor(name).unwrap_or_else(|e| panic!("{name}: {e}")))
    }
}
