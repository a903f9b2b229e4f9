//! The raw numbers behind a picture, as safetensors, for anyone who wants to check them.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context;
use burn::tensor::Tensor;
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;
use serde_json::{Value, json};
use zfnet::experiments::Record;
use zfnet::experiments::shared::record::{Numbers, Values};
use zfnet::files::weights::METADATA_KEY;
use zfnet::network::architecture::Op;
use zfnet::readback::{self, Readback};
use zfnet::{Network, Prepared, Trace};

use crate::device::wait;
use crate::failure::bad_input;
use crate::lens::Lens;
use crate::output;
use crate::photos::{Source, place_of};

/// A photograph that a dump is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Shown {
    /// Where it is.
    photo: String,
    /// Where what entered the network lies, in pixels of the upright photograph: see [`place_of`].
    square: Vec<u32>,
}

impl Shown {
    pub(crate) fn new(source: &Source, prepared: &Prepared) -> Self {
        Self::at(&source.path, prepared)
    }

    pub(crate) fn at(path: &Path, prepared: &Prepared) -> Self {
        Self {
            photo: path.to_string_lossy().into_owned(),
            square: place_of(prepared),
        }
    }
}

/// Named tensors on their way into a file.
#[derive(Default)]
pub(crate) struct Dump {
    tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)>,
}

impl Dump {
    /// What entered the first layer, as `input`.
    ///
    /// # Errors
    /// When the device fails.
    pub(crate) fn of_input(input: Tensor<4>) -> anyhow::Result<Self> {
        let mut dump = Self::default();
        dump.pictures("input", input)?;
        Ok(dump)
    }

    /// What one picture's forward pass left behind: `input`, every layer's activation under its name (before the rectifier
    /// where that is a layer of its own), `switches.<pool>`, and `logits` when the classifier ran.
    ///
    /// # Errors
    /// When the device fails.
    pub(crate) fn of_trace(network: &Network, trace: &Trace) -> anyhow::Result<Self> {
        let mut readback = Readback::default().floats(trace.input.clone());
        for record in &trace.layers {
            readback = readback.floats(record.activation.clone());
            if let Some(switches) = &record.switches {
                readback = readback.integers(switches.clone());
            }
        }
        let mut answers = wait(readback.read())?;
        let mut dump = Self::default();
        dump.floats("input", &trace.input.dims(), &answers.floats()?);
        // Beyond the first dense layer there are vectors, as other programs have them.
        let mut flat = false;
        let mut last = Vec::new();
        for (record, planned) in trace.layers.iter().zip(&network.plan) {
            flat |= matches!(planned.layer.op, Op::Dense(_));
            let dims = record.activation.dims();
            let values = answers.floats()?;
            // A gate has dense layers in the midst of maps.
            let is_flat = flat && dims[2..] == [1, 1];
            let shape = if is_flat { &dims[..2] } else { &dims[..] };
            dump.floats(&record.name, shape, &values);
            if record.switches.is_some() {
                dump.integers(
                    &format!("switches.{}", record.name),
                    &dims,
                    &answers.integers()?,
                );
            }
            last = values;
        }
        if network.plan.classes().is_some() && network.missing_in(trace).is_none() {
            dump.floats(
                "logits",
                &[trace.pictures(), last.len() / trace.pictures().max(1)],
                &last,
            );
        }
        Ok(dump)
    }

    /// Adds pictures as they enter a network.
    ///
    /// # Errors
    /// When the device fails.
    pub(crate) fn pictures(&mut self, name: &str, pictures: Tensor<4>) -> anyhow::Result<()> {
        let shape = pictures.dims();
        self.floats(name, &shape, &wait(readback::floats(pictures))?);
        Ok(())
    }

    /// The same with what an experiment found.
    #[must_use]
    pub(crate) fn with(mut self, found: &impl Record) -> Self {
        self.add(found.tensors());
        self
    }

    /// Adds an experiment's tensors.
    pub(crate) fn add(&mut self, tensors: impl IntoIterator<Item = Numbers>) {
        for Numbers {
            name,
            shape,
            values,
        } in tensors
        {
            match values {
                Values::Floats(values) => self.floats(&name, &shape, &values),
                Values::Integers(values) => self.integers(&name, &shape, &values),
            }
        }
    }

    /// Adds a tensor of numbers.
    pub(crate) fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.tensors
            .push((name.into(), Dtype::F32, shape.to_vec(), bytes));
    }

    /// Adds a tensor of whole numbers.
    pub(crate) fn integers(&mut self, name: &str, shape: &[usize], values: &[i32]) {
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.tensors
            .push((name.into(), Dtype::I32, shape.to_vec(), bytes));
    }

    /// Writes the file, with the command's settings under the metadata key `zf-lens`, and beside them what every command
    /// has: the network and its files' SHA-256, the device, and the photographs that were looked at.
    ///
    /// # Errors
    /// When two tensors have one name, or the disk refuses.
    pub(crate) fn write(
        self,
        path: &Path,
        lens: &Lens,
        photographs: &[Shown],
        settings: &Value,
    ) -> anyhow::Result<()> {
        let files = lens.loaded.files.iter();
        let mut about = settings.clone();
        about["network"] = json!(lens.network().model.name);
        about["weights"] = files.map(|file| json!(file.sha256)).collect();
        about["device"] = json!(lens.device);
        about["photos"] = json!(photographs);
        self.store(path, &about)
    }

    /// Writes the file, with `about` under the metadata key `zf-lens`.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub(crate) fn store(self, path: &Path, about: &Value) -> anyhow::Result<()> {
        let mut names = std::collections::HashSet::new();
        if let Some((name, ..)) = self.tensors.iter().find(|(name, ..)| !names.insert(name)) {
            return Err(bad_input(
                "--dump",
                "layers that are not called input, logits or projection",
                name,
            ));
        }
        let views = self.tensors.iter().map(|(name, dtype, shape, bytes)| {
            TensorView::new(*dtype, shape.clone(), bytes).map(|view| (name.as_str(), view))
        });
        let views = views.collect::<Result<Vec<_>, _>>().context("dump")?;
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), about.to_string())]);
        let bytes = safetensors::serialize(views, Some(metadata)).context("dump")?;
        output::file(path, &bytes)
    }
}
