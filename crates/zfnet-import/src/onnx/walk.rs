//! One node after the other: constants are computed, layers become rows, and what only moves axes changes a view.

use std::collections::HashMap;

use zfnet::network::architecture::{Curve, Shape};

use super::message::{Constant, Graph, Node};
use super::view::View;
use crate::refusal::{Error, Result, wrong};
use crate::row::{Op, Row, Source};

/// Most numbers of a constant that is computed here, and of the parameters of a row that are read at once.
pub(super) const MOST_NUMBERS: usize = 1 << 16;

/// Most numbers in the maps of a layer.
const MOST_IN_MAPS: u64 = 1 << 29;
/// Most numbers that are held beside the file, biases and the like; the largest networks have some hundred thousand.
const MOST_HELD: usize = 1 << 22;

/// What a name stands for.
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    Constant(Constant<'a>),
    Signal(Signal),
}

/// Maps, and how the value shows them.
#[derive(Debug, Clone)]
pub(super) struct Signal {
    pub(super) source: Source,
    pub(super) shape: Shape,
    pub(super) view: View,
}

pub(super) struct Walk<'a> {
    pub(super) rows: Vec<Row<'a>>,
    pub(super) pictures: usize,
    values: HashMap<&'a str, Value<'a>>,
    /// Whether what comes out of each row is never negative.
    positive: Vec<bool>,
    /// How many more numbers may be held beside the file.
    left: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(graph: &Graph<'a>, pictures: usize) -> Self {
        let constants = graph.initialisers.iter();
        let values = constants.map(|(name, value)| (*name, Value::Constant(value.clone())));
        Self {
            rows: Vec::new(),
            pictures,
            values: values.collect(),
            positive: Vec::new(),
            left: MOST_HELD,
        }
    }

    /// Counts numbers that are held beside the file.
    pub(super) fn spend(&mut self, numbers: usize) -> Result<()> {
        let left = self.left.checked_sub(numbers);
        self.left = left.ok_or_else(|| {
            wrong(
                "file",
                format!("at most {MOST_HELD} numbers that are computed"),
                "more",
            )
        })?;
        Ok(())
    }

    /// Names what enters the network.
    pub(super) fn enters(&mut self, name: &'a str, shape: Shape, view: View) {
        let signal = Signal {
            source: Source::Input,
            shape,
            view,
        };
        self.values.insert(name, Value::Signal(signal));
    }

    /// The row that gives an output.
    pub(super) fn leaves(&self, output: &str) -> Result<Source> {
        match self.values.get(output) {
            Some(Value::Signal(signal)) => Ok(signal.source),
            _ => Err(wrong(
                format!("output {output}"),
                "what a network makes of a picture",
                "a constant",
            )),
        }
    }

    /// The value of an input of a node, if it has it.
    pub(super) fn value(&self, node: &Node<'a>, place: usize) -> Option<&Value<'a>> {
        let name = node.inputs.get(place)?;
        self.values.get(name)
    }

    /// A constant among the inputs of a node, if it is one.
    pub(super) fn constant(&self, node: &Node<'a>, place: usize) -> Option<&Constant<'a>> {
        match self.value(node, place)? {
            Value::Constant(constant) => Some(constant),
            Value::Signal(_) => None,
        }
    }

    /// Maps among the inputs of a node.
    pub(super) fn signal(&self, node: &Node<'a>, place: usize) -> Result<&Signal> {
        match self.value(node, place) {
            Some(Value::Signal(signal)) => Ok(signal),
            _ => Err(unfit(node, "maps that come from the picture")),
        }
    }

    /// Maps among the inputs of a node, as a layer reads them: pictures, maps, rows, columns.
    pub(super) fn maps(&mut self, node: &Node<'a>, place: usize) -> Result<Signal> {
        let signal = self.signal(node, place)?.clone();
        let Signal { shape, view, .. } = &signal;
        let plain = View::maps(self.pictures, *shape);
        if *view == plain {
            return Ok(signal);
        }
        let Some(groups) = view.shuffled(*shape) else {
            return Err(unfit(
                node,
                "maps as layers give them, or shuffled by groups",
            ));
        };
        let (shape, source) = (*shape, signal.source);
        let name = node.inputs[place];
        let source = self.push(name.into(), vec![source], Op::Shuffle { groups }, shape);
        let signal = Signal {
            source,
            shape,
            view: plain,
        };
        self.values.insert(name, Value::Signal(signal.clone()));
        Ok(signal)
    }

    /// A row more.
    pub(super) fn push(
        &mut self,
        name: String,
        from: Vec<Source>,
        op: Op<'a>,
        shape: Shape,
    ) -> Source {
        let of_all = || from.iter().all(|source| self.is_positive(*source));
        self.positive.push(match &op {
            Op::Relu | Op::Softmax => true,
            Op::Activation(curve) => match *curve {
                Curve::Clip { min, .. } => min >= 0.0,
                curve => matches!(curve, Curve::Sigmoid | Curve::HardSigmoid { .. }),
            },
            Op::MaxPool(_) | Op::AvgPool { .. } | Op::Gap | Op::Pad(_) => of_all(),
            Op::Add | Op::Concat | Op::Scale | Op::Shuffle { .. } => of_all(),
            _ => false,
        });
        self.rows.push(Row {
            name,
            from,
            op,
            shape,
        });
        Source::Row(self.rows.len() - 1)
    }

    /// Whether what a row gives is never negative. Nobody knows of what enters; that is left as it is.
    pub(super) fn is_positive(&self, source: Source) -> bool {
        match source {
            Source::Input => true,
            Source::Row(at) => self.positive[at],
        }
    }

    /// A row that a node amounts to, on maps that are seen as before.
    pub(super) fn on(&mut self, node: &Node<'a>, signal: &Signal, op: Op<'a>) -> Value<'a> {
        let name = crate::names::of_node(node.name, node.op, node.outputs[0]);
        let source = self.push(name, vec![signal.source], op, signal.shape);
        Value::Signal(Signal {
            source,
            ..signal.clone()
        })
    }

    /// Understands a node whose inputs are known.
    pub(super) fn node(&mut self, node: &Node<'a>) -> Result<()> {
        if let Some(name) = node
            .inputs
            .iter()
            .find(|name| !name.is_empty() && !self.values.contains_key(*name))
        {
            return Err(wrong(
                format!("node {}", node.title()),
                format!("{name} to be given by a node before it"),
                "no such value",
            ));
        }
        let Some(output) = node.outputs.first() else {
            return Ok(());
        };
        if node.op == "Split" {
            let parts = self.split(node)?;
            self.values.extend(node.outputs.iter().copied().zip(parts));
            return Ok(());
        }
        let places = 0..node.inputs.len();
        let is_constant = places
            .filter_map(|place| self.value(node, place))
            .all(|value| matches!(value, Value::Constant(_)));
        let value = match is_constant {
            true => Value::Constant(self.computed(node)?),
            false => self.understood(node)?,
        };
        match &value {
            Value::Constant(Constant::Integers(_, values)) => self.spend(values.len())?,
            Value::Constant(Constant::Numbers(weight)) => self.spend(weight.held())?,
            Value::Signal(Signal { shape, .. }) => {
                let count = shape.iter().map(|length| *length as u64).product::<u64>();
                if count > MOST_IN_MAPS || shape.iter().any(|length| *length > MOST_NUMBERS) {
                    return Err(unfit(
                        node,
                        "maps of at most 65536 a side and 536870912 numbers",
                    ));
                }
            }
        }
        self.values.insert(output, value);
        Ok(())
    }

    fn understood(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        match node.op {
            "Conv" => self.conv(node),
            "Gemm" => self.gemm(node),
            "MatMul" => self.matmul(node),
            "MaxPool" => self.max_pool(node),
            "AveragePool" => self.average_pool(node),
            "GlobalAveragePool" => self.global_average(node),
            "GlobalMaxPool" => self.global_max(node),
            "ReduceMean" => self.reduce_mean(node),
            "LRN" => self.lrn(node),
            "BatchNormalization" => self.batch_normalisation(node),
            "Concat" => self.concat(node, 0..node.inputs.len()),
            "Pad" => self.pad(node),
            "Add" | "Sum" => self.sum(node),
            "Sub" => self.difference(node),
            "Mul" => self.product(node),
            "Div" => self.quotient(node),
            "Relu" | "Sigmoid" | "HardSigmoid" | "HardSwish" | "Swish" | "LeakyRelu" | "PRelu"
            | "Clip" | "Min" | "Max" | "Softmax" | "LogSoftmax" => self.curve(node),
            "QuantizeLinear" => self.quantised(node),
            "QLinearConv" => self.quantised_conv(node),
            "QGemm" | "QLinearMatMul" => self.quantised_matrix(node),
            "QLinearAdd"
            | "QLinearMul"
            | "QLinearConcat"
            | "QLinearAveragePool"
            | "QLinearGlobalAveragePool"
            | "QLinearSigmoid"
            | "QLinearLeakyRelu"
            | "QLinearSoftmax" => self.quantised_maps(node),
            "Gather" | "Slice" => self.part(node),
            "Identity" | "Cast" | "Dropout" | "DequantizeLinear" | "StopGradient" => {
                Ok(Value::Signal(self.signal(node, 0)?.clone()))
            }
            "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" | "Transpose" => self.moved(node),
            "Shape" => self.shape_of(node),
            "CastLike" => match self.constant(node, 0) {
                Some(constant) => Ok(Value::Constant(constant.clone())),
                None => Ok(Value::Signal(self.signal(node, 0)?.clone())),
            },
            _ => Err(unfit(node, "an operation of convolutional networks")),
        }
    }
}

/// A node that is not understood, and what it would have to be.
pub(super) fn unfit(node: &Node<'_>, expected: &str) -> Error {
    Error::Architecture {
        layer: node.title().into(),
        expected: expected.into(),
        found: format!("{} as it stands there", node.op),
    }
}
