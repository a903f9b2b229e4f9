//! ONNX files: a graph of operations on named values becomes rows.

mod constants;
mod elementwise;
mod layers;
mod message;
mod order;
mod parts;
mod protobuf;
mod quantised;
mod shapes;
mod view;
mod walk;

use std::collections::HashSet;

use serde_json::json;

use crate::found::Found;
use crate::refusal::{Result, damaged, wrong};
use message::{Entry, Graph};
use view::View;
use walk::Walk;
use zfnet::network::architecture::Shape;

/// Side of the input, where the file leaves it open and nobody says.
const SIDE: usize = 224;

/// As many outputs are looked at for scores.
const MOST_OUTPUTS: usize = 16;

/// Whether bytes begin as an ONNX file does: the version of its format first, then who wrote it, or what comes after.
pub(crate) fn is_onnx(bytes: &[u8]) -> bool {
    let mut fields = protobuf::Fields(bytes);
    let version = fields.next().and_then(Result::ok);
    let is_version =
        version.is_some_and(|field| field.number == 1 && (1..=64).contains(&field.integer()));
    is_version
        && matches!(
            bytes.get(2),
            Some(0x12 | 0x1a | 0x22 | 0x28 | 0x32 | 0x3a | 0x42)
        )
}

/// Reads a whole file; `size` is the rows and columns of the input where they are asked for.
pub(crate) fn read(bytes: &[u8], size: Option<[usize; 2]>) -> Result<Found<'_>> {
    let graph = Graph::read(bytes).map_err(|error| match is_onnx(bytes) {
        true => error,
        false => damaged("a whole ONNX file", crate::foreign(bytes)),
    })?;
    let output = output_of(&graph)?;
    let order = order::of(&graph, output)?;
    let (entry, pictures, shape, view) = input_of(&graph, &order, size)?;
    let mut walk = Walk::new(&graph, pictures);
    walk.enters(entry.name, shape, view);
    for at in &order {
        let node = &graph.nodes[*at];
        walk.node(node)
            .map_err(|error| another_kind(&graph, node, error))?;
    }
    let source = walk.leaves(output)?;
    Ok(Found {
        rows: walk.rows,
        input: shape,
        output: source,
        name: graph.name,
        producer: graph.producer,
        about: json!({
            "format": "ONNX",
            "producer": graph.producer,
            "opset": graph.opset,
            "size": match entry.dims[1..].iter().any(|length| *length <= 0) {
                true => "open",
                false => "fixed",
            },
        }),
    })
}

/// The first output that is no list of places or ranks.
fn output_of<'a>(graph: &Graph<'a>) -> Result<&'a str> {
    let ranks = |output: &&&str| {
        let node = graph
            .nodes
            .iter()
            .find(|node| node.outputs.contains(*output));
        node.is_some_and(|node| matches!(node.op, "ArgMax" | "TopK"))
    };
    let mut outputs = graph.outputs.iter().take(MOST_OUTPUTS);
    let first = outputs.clone().find(|output| !ranks(output));
    first
        .or(outputs.next())
        .copied()
        .ok_or_else(|| wrong("outputs", "scores of classes", "none"))
}

/// What enters, as the file declares it, how many pictures it was made for, maps, rows and columns, and the order of its axes.
fn input_of<'graph, 'a>(
    graph: &'graph Graph<'a>,
    order: &[usize],
    size: Option<[usize; 2]>,
) -> Result<(&'graph Entry<'a>, usize, Shape, View)> {
    let nodes = order.iter().map(|at| &graph.nodes[*at]);
    let read: HashSet<&str> = nodes.flat_map(|node| node.inputs.iter().copied()).collect();
    let constant: HashSet<&str> = graph.initialisers.iter().map(|(name, _)| *name).collect();
    let mut entering = graph
        .inputs
        .iter()
        .filter(|entry| !constant.contains(entry.name) && read.contains(entry.name));
    let entry = entering
        .next()
        .ok_or_else(|| wrong("inputs", "a picture", "none"))?;
    if let Some(second) = entering.next() {
        let found = format!("{} and {}", entry.name, second.name);
        return Err(wrong("inputs", "one picture", found));
    }
    let unfit = || {
        wrong(
            format!("input {}", entry.name),
            "pictures in colour or grey, [pictures, maps, rows, columns] or maps last",
            format!("shape {:?}", entry.dims),
        )
    };
    let &[pictures, second, third, fourth] = entry.dims.as_slice() else {
        return Err(unfit());
    };
    let is_last = !matches!(second, 1 | 3) && matches!(fourth, 1 | 3);
    let (maps, high, wide) = match is_last {
        true => (fourth, second, third),
        false => (second, third, fourth),
    };
    let side = |axis: usize, length: i64| match length {
        ..=0 => Some(size.map_or(SIDE, |size| size[axis])),
        1..=65_536 => Some(size.map_or(length as usize, |size| size[axis])),
        _ => None,
    };
    let (Some(rows), Some(cols), 1 | 3) = (side(0, high), side(1, wide), maps) else {
        return Err(unfit());
    };
    let pictures = usize::try_from(pictures).ok();
    let pictures = pictures
        .filter(|count| (1..=64).contains(count))
        .unwrap_or(1);
    let shape = [maps as usize, rows, cols];
    let view = match is_last {
        true => View::maps_last(pictures, shape),
        false => View::maps(pictures, shape),
    };
    Ok((entry, pictures, shape, view))
}

/// Operations by which networks of another kind are known.
const OF_TRANSFORMERS: [&str; 8] = [
    "LayerNormalization",
    "SimplifiedLayerNormalization",
    "SkipLayerNormalization",
    "Attention",
    "MultiHeadAttention",
    "RotaryEmbedding",
    "Einsum",
    "Erf",
];
const OF_DETECTORS: [&str; 7] = [
    "NonMaxSuppression",
    "RoiAlign",
    "MaxRoiPool",
    "TopK",
    "Resize",
    "Upsample",
    "ConvTranspose",
];

/// One sentence for networks of another kind, which no single operation would make ours.
fn another_kind(graph: &Graph<'_>, node: &message::Node<'_>, error: zfnet::Error) -> zfnet::Error {
    let holds = |known: &[&str]| graph.nodes.iter().any(|node| known.contains(&node.op));
    let found = if !matches!(error, zfnet::Error::Architecture { .. }) {
        return error;
    } else if holds(&OF_TRANSFORMERS) {
        "a transformer, which has no maps to look into"
    } else if holds(&OF_DETECTORS) {
        "a detector or one that draws pictures"
    } else {
        return error;
    };
    let place = format!("{found} (node {}, {})", node.title(), node.op);
    wrong(
        "file",
        "a convolutional network that gives scores to classes",
        place,
    )
}
