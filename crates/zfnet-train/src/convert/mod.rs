//! State dicts of other programs' networks to a network of ours.
//!
//! A state dict holds numbers under names, and nothing of how they are used; [`Layout`] knows that for a few networks.

mod classes;
mod layout;
mod recognise;
mod state_dict;
mod unwrapping;

use std::collections::HashMap;
use std::path::Path;

use burn::tensor::Device;
use serde_json::json;
use zfnet::Network;
use zfnet::files::manifest::File;
use zfnet::files::weights::{Precision, Shard};
use zfnet::network::architecture::{Architecture, Conv, Dense, Layer, Op, Shape};
use zfnet::network::model::{Channels, ClassName, FORMAT, Input, Model};
use zfnet::network::plan::PlannedLayer;

pub use classes::class_names;
use layout::Row;
pub use layout::{Layout, NAMES};
use recognise::{NEAR, difference, recognised, unknown};
use state_dict::StateDict;

use crate::{Error, Result};

/// What both packages' networks are fed: ImageNet's mean and standard deviation on values from 0 to 1, 224 pixels out of a
/// short side of 256.
const SIDE: usize = 224;
const SHORT_SIDE: usize = 256;
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const STD: [f32; 3] = [0.229, 0.224, 0.225];

/// Reads a state dict into a network that is ready to be asked and written.
///
/// Without a `layout`, the names, the size of the first filters and the numbers of maps tell which it is. `precision` is
/// the one that the network will be written in. `classes` may be empty.
///
/// # Errors
/// [`Error::Input`] when the file cannot be read, is no state dict or not one of a known layout, and for the first tensor
/// that is missing, too many, of another shape or not made of numbers that `precision` holds.
pub fn convert(
    path: &Path,
    layout: Option<Layout>,
    classes: Vec<ClassName>,
    precision: Precision,
    device: &Device,
) -> Result<Network> {
    let bytes = std::fs::read(path).map_err(|error| {
        let name = path.display().to_string();
        Error::input(name, "a readable state dict", error.to_string())
    })?;
    let keys = match layout {
        Some(layout) => layout.keys().into_iter().collect(),
        None => Layout::every_key(),
    };
    let state = StateDict::read(path, &bytes, &keys)?;
    let layout = match layout {
        Some(layout) if difference(layout, &state) > NEAR => {
            return Err(unknown(&state, &[layout]));
        }
        Some(layout) => layout,
        None => recognised(&state)?,
    };
    check_names(layout, &state)?;
    let rows = layout.rows();
    let architecture = Architecture {
        layers: rows
            .iter()
            .map(|row| with_width(row, &state))
            .collect::<Result<_>>()?,
    };
    let plan = architecture.plan([MEAN.len(), SIDE, SIDE])?;
    for (row, planned) in rows.iter().zip(&plan) {
        check_shapes(row, planned, &state)?;
    }
    let file = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let source = File::of(Shard::All, file, &bytes);
    let model = Model {
        format: FORMAT,
        name: layout.name().into(),
        architecture,
        input: Input {
            size: SIDE,
            resize_short_side: SHORT_SIDE,
            channels: Channels::Rgb,
            range: 1.0,
            mean: MEAN.to_vec(),
            std: STD.to_vec(),
        },
        classes,
        scores: Default::default(),
        provenance: json!({
            "converted_from": {
                "file": source.path,
                "layout": layout.name(),
                "bytes": source.bytes,
                "sha256": source.sha256,
            },
        }),
    };
    let keys: HashMap<&str, &str> = rows
        .iter()
        .filter_map(|row| Some((row.layer.name.as_str(), row.key.as_deref()?)))
        .collect();
    // The engine asks for numbers, and has no words for why they did not come.
    let mut failure = None;
    let network = Network::build(model, device, |name, _| {
        let (layer, part) = name.split_once('.').unwrap_or((name, ""));
        let key = format!("{}.{part}", keys.get(layer).unwrap_or(&layer));
        let numbers = state
            .numbers(&key)
            .and_then(|numbers| storable(numbers, precision, &key, &state));
        numbers.unwrap_or_else(|error| {
            failure.get_or_insert(error);
            Vec::new()
        })
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(network?),
    }
}

fn check_names(layout: Layout, state: &StateDict<'_>) -> Result<()> {
    let keys = layout.keys();
    let subject = |name: &str| format!("{}: tensor {name}", state.file());
    if let Some(missing) = keys.iter().find(|key| state.shape(key).is_none()) {
        return Err(Error::input(
            subject(missing),
            format!("every tensor of {}", layout.name()),
            "no such tensor",
        ));
    }
    match state
        .names()
        .find(|name| !keys.iter().any(|key| key == name))
    {
        Some(extra) => Err(Error::input(
            subject(extra),
            format!("only the tensors of {}", layout.name()),
            "one that it does not have",
        )),
        None => Ok(()),
    }
}

/// The layer with as many maps or units as its tensor has.
fn with_width(row: &Row, state: &StateDict<'_>) -> Result<Layer> {
    let mut layer = row.layer.clone();
    let Some(key) = &row.key else {
        return Ok(layer);
    };
    let name = format!("{key}.weight");
    let shape = state.shape(&name).unwrap_or_default();
    let (out, rank) = match &mut layer.op {
        Op::Conv(Conv { out, .. }) => (out, 4),
        Op::Dense(Dense { out }) => (out, 2),
        _ => return Ok(layer),
    };
    if shape.len() != rank {
        return Err(Error::input(
            format!("{}: tensor {name}", state.file()),
            format!("{rank} dimensions"),
            format!("shape {shape:?}"),
        ));
    }
    *out = shape[0];
    Ok(layer)
}

fn check_shapes(row: &Row, planned: &PlannedLayer, state: &StateDict<'_>) -> Result<()> {
    let Some(key) = &row.key else { return Ok(()) };
    let [maps, rows, cols]: Shape = planned.input;
    let weight = match &planned.layer.op {
        Op::Conv(Conv { out, kernel, .. }) => vec![*out, maps, kernel[0], kernel[1]],
        Op::Dense(Dense { out }) => vec![*out, maps * rows * cols],
        _ => return Ok(()),
    };
    let bias = vec![weight[0]];
    for (part, expected) in [("weight", weight), ("bias", bias)] {
        let name = format!("{key}.{part}");
        let found = state.shape(&name).unwrap_or_default();
        if found != expected {
            return Err(Error::input(
                format!("{}: tensor {name}", state.file()),
                format!("shape {expected:?}"),
                format!("shape {found:?}"),
            ));
        }
    }
    Ok(())
}

/// The numbers, if the precision has room for them.
fn storable(
    numbers: Vec<f32>,
    precision: Precision,
    key: &str,
    state: &StateDict<'_>,
) -> Result<Vec<f32>> {
    let most = half::f16::MAX.to_f32();
    let large = numbers.iter().find(|number| number.abs() > most);
    match large.filter(|_| precision == Precision::F16) {
        Some(large) => Err(Error::input(
            format!("{}: tensor {key}", state.file()),
            format!("numbers up to {most}, the largest of half precision"),
            large.to_string(),
        )),
        None => Ok(numbers),
    }
}
