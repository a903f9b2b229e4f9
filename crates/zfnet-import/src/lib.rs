//! Other people's networks: from the bytes of their files, ONNX or state dicts of PyTorch, to a [`Model`] of ours and its numbers.
//!
//! Nothing here opens a file. What is read stays in the bytes that were given: only names, lengths and a few small tensors are
//! copied, until the numbers of a layer are asked for.
//!
//! ```no_run
//! # fn example(file: &[u8], device: burn::tensor::Device) -> zfnet::Result<()> {
//! let imported = zfnet_import::read(file, &zfnet_import::Options::default())?;
//! if imported.is_guessed() {
//!     println!("nobody says how pictures enter; guessed {:?}", imported.model.input);
//! }
//! let network = imported.network(&device)?;
//! # Ok(())
//! # }
//! ```

mod found;
mod names;
mod onnx;
mod preprocessing;
mod refusal;
mod row;
mod simplify;
mod state;
mod table;
mod weight;

use std::collections::HashMap;
use std::ops::Range;

use burn::tensor::Device;
use serde_json::json;
use zfnet::experiments::since::preprocessing::{GUESSED, KEY, is_guessed};
use zfnet::network::model::{ClassName, FORMAT, Model};
use zfnet::{Network, Result};

use crate::table::Tensor;

/// What is said about a file besides its bytes.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What the network is called: by rule the file's name without its ending. Without it, as the file itself says.
    pub name: Option<String>,
    /// Rows and columns of the input, where the file leaves them open or others are wanted; 224 if nobody says.
    pub size: Option<[usize; 2]>,
    /// Names for the classes of a network that has as many, or one more, the first of which is then the background; see
    /// [`imagenet`].
    pub classes: Vec<ClassName>,
}

/// Short names of ImageNet's thousand classes, in the order in which networks give their scores; as they are written down in
/// `imagenet.json`.
#[cfg(feature = "imagenet")]
pub fn imagenet() -> Vec<ClassName> {
    class_names(include_str!("../imagenet.json")).expect("a list of names")
}

/// Names of classes from JSON, `[{"en": "tench", "zh": "丁鱥"}, …]`, as in a weights file.
///
/// # Errors
/// [`zfnet::Error::Weights`] for other JSON, or none.
pub fn class_names(json: &str) -> Result<Vec<ClassName>> {
    let names = serde_json::from_str(json);
    names.map_err(|error| {
        let found = error.to_string();
        refusal::wrong("classes", "a list of names as JSON", found)
    })
}

/// A network of another program.
#[derive(Debug)]
pub struct Imported<'a> {
    /// Its description, planned once, so that it is a possible one.
    pub model: Model,
    tensors: HashMap<String, Tensor<'a>>,
}

/// What [`read`] understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A graph of operations with its weights.
    Onnx,
    /// Named tensors of a network of torchvision, timm or pytorchcv: what `torch.save` writes, or safetensors that are not of
    /// this program.
    StateDict,
}

impl Format {
    /// The format of a file by its beginning; `None` for one that is not read here.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if onnx::is_onnx(bytes) {
            return Some(Self::Onnx);
        }
        state::is_state(bytes).then_some(Self::StateDict)
    }

    /// The format that a file's name speaks of; `None` where it speaks of none.
    pub fn named(file: &str) -> Option<Self> {
        let (_, ending) = file.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "onnx" => Some(Self::Onnx),
            "pth" | "pt" | "ckpt" | "tar" => Some(Self::StateDict),
            _ => None,
        }
    }
}

/// Names of the networks whose state dicts are understood, for [`read_state_dict`]: package and network.
pub fn layouts() -> impl Iterator<Item = &'static str> {
    state::names()
}

/// Names and shapes of the tensors of a network as it is published, by its name, one of [`layouts`]; `None` for another.
pub fn tensors(layout: &str) -> Option<Vec<(String, Vec<usize>)>> {
    state::published(layout)
}

/// Reads a state dict of the network with this name, one of [`layouts`], or of that which its tensors tell.
///
/// # Errors
/// [`zfnet::Error::Weights`] for bytes that are no state dict, are damaged or of another network, naming the first tensor that
/// is missing, too many or of another shape.
pub fn read_state_dict<'a>(
    bytes: &'a [u8],
    layout: Option<&str>,
    options: &Options,
) -> Result<Imported<'a>> {
    let file = options.name.as_deref().unwrap_or_default();
    imported(state::read(bytes, options.size, layout, file)?, options)
}

/// Reads a network from a file's bytes. What begins like no known format is taken for ONNX.
///
/// # Errors
/// [`zfnet::Error::Weights`] for bytes that are no such file, are damaged, or keep their numbers elsewhere;
/// [`zfnet::Error::Architecture`] for a network with operations that are not computed here, naming the first.
pub fn read<'a>(bytes: &'a [u8], options: &Options) -> Result<Imported<'a>> {
    match Format::of(bytes) {
        Some(Format::StateDict) => read_state_dict(bytes, None, options),
        Some(Format::Onnx) | None => imported(onnx::read(bytes, options.size)?, options),
    }
}

fn imported<'a>(found: found::Found<'a>, options: &Options) -> Result<Imported<'a>> {
    let (rows, output) = simplify::simplified(found.rows, found.input, found.output);
    let table = table::of(rows, output)?;
    let name = match &options.name {
        Some(name) => name.as_str(),
        None if found.name.is_empty() => "network",
        None => found.name,
    };
    let (input, guessed) = preprocessing::of(
        found.input,
        found.producer,
        name,
        &table.architecture,
        table.first_factors(),
    );
    let mut model = Model {
        format: FORMAT,
        name: name.to_owned(),
        architecture: table.architecture,
        input,
        classes: Vec::new(),
        scores: table.scores,
        provenance: json!({ "imported_from": found.about }),
    };
    if guessed {
        model.provenance[KEY] = json!(GUESSED);
    }
    let plan = model.plan()?;
    model.classes = named(plan.classes(), &options.classes);
    Ok(Imported {
        model,
        tensors: table.tensors,
    })
}

/// What a file is that is not read here, to end the sentence "expected …, found".
fn foreign(bytes: &[u8]) -> &'static str {
    let pictures: [(&[u8], &str); 4] = [
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"\x89PNG", "a PNG picture"),
        (b"GIF8", "a GIF picture"),
        (b"RIFF", "a WebP picture, or sound"),
    ];
    let picture = pictures.iter().find(|(start, _)| bytes.starts_with(start));
    zfnet::foreign::kind(bytes)
        .or(picture.map(|(_, name)| *name))
        .unwrap_or("bytes of another kind")
}

/// The names that fit so many classes.
fn named(classes: Option<usize>, names: &[ClassName]) -> Vec<ClassName> {
    let background = || ClassName {
        en: "background".into(),
        zh: Some("背景".into()),
    };
    match classes {
        Some(count) if count == names.len() => names.to_vec(),
        Some(count) if !names.is_empty() && count == names.len() + 1 => {
            [&[background()], names].concat()
        }
        _ => Vec::new(),
    }
}

impl Imported<'_> {
    /// Whether how pictures enter (`model.input`) is a guess: neither the file nor its layers' names tell.
    pub fn is_guessed(&self) -> bool {
        is_guessed(&self.model)
    }

    /// The network on a device.
    ///
    /// # Errors
    /// [`zfnet::Error::Weights`] for the first tensor whose numbers are not finite or not as many as its layer needs.
    pub fn network(&self, device: &Device) -> Result<Network> {
        let mut failure = None;
        let network = Network::build(self.model.clone(), device, |name, _| {
            self.numbers(name).unwrap_or_else(|error| {
                failure.get_or_insert(error);
                Vec::new()
            })
        });
        match failure {
            Some(error) => Err(error),
            None => network,
        }
    }

    /// The numbers of a tensor by the name that [`Network::build`] asks for, row-major: `LAYER.weight` or `LAYER.bias`.
    ///
    /// # Errors
    /// [`zfnet::Error::Weights`] when there is no such tensor or it holds what is not finite.
    pub fn numbers(&self, name: &str) -> Result<Vec<f32>> {
        self.part(name, 0..usize::MAX)
    }

    /// The names of all tensors, in order, and how many numbers each holds.
    pub fn tensors(&self) -> Vec<(&str, usize)> {
        let mut tensors: Vec<_> = self
            .tensors
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor.count()))
            .collect();
        tensors.sort_unstable();
        tensors
    }

    /// Of the numbers of a tensor those in a range, as far as it holds so many: who has no room for all at once asks for some after
    /// the others.
    ///
    /// # Errors
    /// As [`Self::numbers`].
    pub fn part(&self, name: &str, range: Range<usize>) -> Result<Vec<f32>> {
        let subject = || format!("tensor {name}");
        let Some(tensor) = self.tensors.get(name) else {
            return Err(refusal::wrong(
                subject(),
                "a tensor of this name",
                "no such tensor",
            ));
        };
        let end = range.end.min(tensor.count());
        let numbers = tensor.numbers(range.start.min(end)..end);
        let numbers = numbers.map_err(|found| refusal::wrong(subject(), "its numbers", found))?;
        match numbers.iter().position(|number| !number.is_finite()) {
            None => Ok(numbers),
            Some(at) => Err(refusal::wrong(
                subject(),
                "finite numbers of single precision",
                format!("{} at place {at}", numbers[at]),
            )),
        }
    }
}
