//! The messages of an ONNX file that a network is made of; names, numbers and tensors stay in the file's bytes.
//!
//! Source: `onnx/onnx.proto` of ONNX 1.23; the field numbers never change.

use super::protobuf::{Field, Fields};
use crate::refusal::{Result, damaged, wrong};
use crate::weight::{Kind, Stored, Weight};

/// Most nodes, tensors, attributes and single numbers that a file may be made of; the largest networks have some ten
/// thousand.
const MOST_PARTS: usize = 1 << 18;

/// A file's graph and what it says about itself.
#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    pub(super) producer: &'a str,
    pub(super) opset: i64,
    pub(super) name: &'a str,
    pub(super) nodes: Vec<Node<'a>>,
    /// Tensors with their names.
    pub(super) initialisers: Vec<(&'a str, Constant<'a>)>,
    /// What enters; initialisers may be listed here as well.
    pub(super) inputs: Vec<Entry<'a>>,
    pub(super) outputs: Vec<&'a str>,
}

/// An input's name and the lengths of its axes; 0 where they are left open.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) dims: Vec<i64>,
}

/// An operation on values that are known by their names.
#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    pub(super) op: &'a str,
    pub(super) inputs: Vec<&'a str>,
    pub(super) outputs: Vec<&'a str>,
    attributes: Vec<Attribute<'a>>,
}

#[derive(Debug, Default)]
struct Attribute<'a> {
    name: &'a str,
    float: Option<f32>,
    integer: Option<i64>,
    text: &'a [u8],
    tensor: Option<Box<Constant<'a>>>,
    integers: Vec<i64>,
    floats: Vec<f32>,
}

/// A tensor of the file: whole numbers, which shapes are made of, or numbers.
#[derive(Debug, Clone)]
pub(super) enum Constant<'a> {
    /// Few whole numbers, the lengths of their axes before them.
    Integers(Vec<usize>, Vec<i64>),
    /// Numbers that are read when they are asked for.
    Numbers(Weight<'a>),
}

/// Most whole numbers that are taken for a shape.
pub(super) const MOST_INTEGERS: usize = 4096;

/// Counts what a file is made of, so that a small one cannot ask for much memory.
struct Budget(usize);

impl Budget {
    fn spend(&mut self, parts: usize) -> Result<()> {
        self.0 = self
            .0
            .checked_sub(parts)
            .ok_or_else(|| damaged(format!("at most {MOST_PARTS} parts"), "more"))?;
        Ok(())
    }
}

impl<'a> Graph<'a> {
    /// Reads a whole `ModelProto`.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut graph = Self::default();
        let mut budget = Budget(MOST_PARTS);
        let mut is_there = false;
        for field in Fields(bytes) {
            let field = field?;
            match field.number {
                2 => graph.producer = field.text()?,
                7 => {
                    is_there = true;
                    graph.read_graph(field.message()?, &mut budget)?;
                }
                8 => graph.read_opset(field.message()?)?,
                _ => {}
            }
        }
        match is_there {
            true => Ok(graph),
            false => Err(damaged("an ONNX model with a graph", "none")),
        }
    }

    fn read_opset(&mut self, fields: Fields<'a>) -> Result<()> {
        let (mut domain, mut version) = ("", 0);
        for field in fields {
            let field = field?;
            match field.number {
                1 => domain = field.text()?,
                2 => version = field.integer(),
                _ => {}
            }
        }
        if domain.is_empty() || domain == "ai.onnx" {
            self.opset = version;
        }
        Ok(())
    }

    fn read_graph(&mut self, fields: Fields<'a>, budget: &mut Budget) -> Result<()> {
        for field in fields {
            let field = field?;
            budget.spend(1)?;
            match field.number {
                1 => self.nodes.push(Node::read(field.message()?, budget)?),
                2 => self.name = field.text()?,
                5 => self.initialisers.push(tensor(field.message()?, budget)?),
                11 => self.inputs.push(Entry::read(field.message()?, budget)?),
                12 => self
                    .outputs
                    .push(Entry::read(field.message()?, budget)?.name),
                15 => {
                    return Err(damaged(
                        "an ONNX model whose tensors are dense",
                        "sparse initialisers",
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl<'a> Entry<'a> {
    fn read(fields: Fields<'a>, budget: &mut Budget) -> Result<Self> {
        let mut entry = Self {
            name: "",
            dims: Vec::new(),
        };
        for field in fields {
            let field = field?;
            match field.number {
                1 => entry.name = field.text()?,
                2 => {
                    for dim in shape_of(field)? {
                        budget.spend(1)?;
                        let values = dim?.message()?;
                        let mut length = 0;
                        for value in values {
                            let value = value?;
                            if value.number == 1 {
                                length = value.integer();
                            }
                        }
                        entry.dims.push(length);
                    }
                }
                _ => {}
            }
        }
        Ok(entry)
    }
}

/// The axes of a `TypeProto` of a tensor.
fn shape_of(field: Field<'_>) -> Result<Fields<'_>> {
    inner(inner(field.message()?, 1)?, 2)
}

/// The message in a field of another; an empty one where there is none.
fn inner(fields: Fields<'_>, number: u64) -> Result<Fields<'_>> {
    let mut found = Fields(&[]);
    for field in fields {
        let field = field?;
        if field.number == number {
            found = field.message()?;
        }
    }
    Ok(found)
}

impl<'a> Node<'a> {
    fn read(fields: Fields<'a>, budget: &mut Budget) -> Result<Self> {
        let mut node = Self::default();
        for field in fields {
            let field = field?;
            budget.spend(1)?;
            match field.number {
                1 => node.inputs.push(field.text()?),
                2 => node.outputs.push(field.text()?),
                3 => node.name = field.text()?,
                4 => node.op = field.text()?,
                5 => {
                    // It takes the room of several other parts.
                    budget.spend(2)?;
                    let attribute = Attribute::read(field.message()?, budget)?;
                    node.attributes.push(attribute);
                }
                _ => {}
            }
        }
        Ok(node)
    }

    /// The name in messages: the node's own, or that of what it gives.
    pub(super) fn title(&self) -> &'a str {
        match self.name {
            "" => self.outputs.first().copied().unwrap_or_default(),
            name => name,
        }
    }

    fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|one| one.name == name)
    }

    /// A whole number.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.attribute(name)?.integer
    }

    /// A number.
    pub(super) fn float(&self, name: &str) -> Option<f32> {
        self.attribute(name)?.float
    }

    /// A list of whole numbers.
    pub(super) fn integers(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|one| one.integers.as_slice())
    }

    /// A list of numbers.
    pub(super) fn floats(&self, name: &str) -> Option<&[f32]> {
        self.attribute(name).map(|one| one.floats.as_slice())
    }

    /// A word.
    pub(super) fn word(&self, name: &str) -> Option<&'a str> {
        str::from_utf8(self.attribute(name)?.text).ok()
    }

    /// A tensor.
    pub(super) fn tensor(&self, name: &str) -> Option<&Constant<'a>> {
        self.attribute(name)?.tensor.as_deref()
    }
}

impl<'a> Attribute<'a> {
    fn read(fields: Fields<'a>, budget: &mut Budget) -> Result<Self> {
        let mut attribute = Self::default();
        for field in fields {
            let field = field?;
            match field.number {
                1 => attribute.name = field.text()?,
                2 => attribute.float = Some(field.float()),
                3 => attribute.integer = Some(field.integer()),
                4 => attribute.text = field.bytes,
                5 => {
                    let (_, constant) = tensor(field.message()?, budget)?;
                    attribute.tensor = Some(Box::new(constant));
                }
                7 => {
                    let floats = field.bytes.as_chunks().0;
                    budget.spend(floats.len())?;
                    let floats = floats.iter().map(|four| f32::from_le_bytes(*four));
                    attribute.floats.extend(floats);
                }
                8 => {
                    for value in field.integers() {
                        budget.spend(1)?;
                        attribute.integers.push(value);
                    }
                }
                _ => {}
            }
        }
        Ok(attribute)
    }
}

/// A `TensorProto` and its name.
fn tensor<'a>(fields: Fields<'a>, budget: &mut Budget) -> Result<(&'a str, Constant<'a>)> {
    let (mut name, mut data_type, mut is_outside) = ("", 0, false);
    let mut dims = Vec::new();
    let mut raw = None;
    let mut parts: Vec<(u64, &[u8])> = Vec::new();
    for field in fields {
        let field = field?;
        match field.number {
            1 => {
                for length in field.integers() {
                    budget.spend(1)?;
                    dims.push(length);
                }
            }
            2 => data_type = field.integer(),
            4 | 5 | 7 | 10 => {
                budget.spend(1)?;
                parts.push((field.number, field.bytes));
            }
            8 => name = field.text()?,
            9 => raw = Some(field.bytes),
            14 => is_outside = field.integer() == 1,
            _ => {}
        }
    }
    let subject = || format!("tensor {name}");
    if is_outside {
        return Err(wrong(
            subject(),
            "its numbers in the file itself",
            "external data, in a file beside it (onnx.save_model with save_as_external_data=False writes one file)",
        ));
    }
    let lengths: Option<Vec<usize>> = dims.iter().map(|n| usize::try_from(*n).ok()).collect();
    let lengths =
        lengths.ok_or_else(|| wrong(subject(), "axes of at least 0", format!("shape {dims:?}")))?;
    let count = lengths
        .iter()
        .try_fold(1usize, |all, n| all.checked_mul(*n));
    let count = count.ok_or_else(|| {
        wrong(
            subject(),
            "as many numbers as memory has room for",
            format!("shape {dims:?}"),
        )
    })?;
    let kind = Kind::of_onnx(data_type)
        .ok_or_else(|| wrong(subject(), "numbers", format!("data type {data_type}")))?;
    let stored = Stored::new(kind, raw, parts);
    let stored = stored
        .filter(|stored| stored.count() == count)
        .ok_or_else(|| {
            wrong(
                subject(),
                format!("{count} numbers"),
                "another number of bytes",
            )
        })?;
    let constant = match kind {
        Kind::I64 | Kind::I32 | Kind::Bool if count <= MOST_INTEGERS => {
            budget.spend(count)?;
            Constant::Integers(lengths, stored.integers())
        }
        _ => Constant::Numbers(Weight::stored(lengths, stored)),
    };
    Ok((name, constant))
}
