//! Rows become the table of a network, and their numbers what its layers ask for.

use std::collections::HashMap;
use std::ops::Range;

use zfnet::network::architecture::{
    Architecture, AvgPool, Conv, Curve, Dense, Layer, Lrn, MaxPool, Op as Operation, Region,
    Shuffle,
};
use zfnet::network::model::Scores;

use crate::names::Unique;
use crate::refusal::{Error, Result, wrong};
use crate::row::{Filters, Op, Row, Source, Windows};
use crate::weight::Weight;

/// Numbers of a layer.
#[derive(Debug)]
pub(crate) enum Tensor<'a> {
    /// Filters, multiplied by a factor for each map that comes out; empty for 1.
    Weight(Weight<'a>, Vec<f32>),
    Numbers(Vec<f32>),
}

impl Tensor<'_> {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Weight(weight, _) => weight.count(),
        }
    }

    /// The numbers of a range that lies within, row-major, or why there are none.
    pub(crate) fn numbers(&self, range: Range<usize>) -> std::result::Result<Vec<f32>, String> {
        match self {
            Self::Numbers(numbers) => Ok(numbers[range].to_vec()),
            Self::Weight(weight, factor) => {
                let first = range.start;
                let mut numbers = weight.part(range)?;
                if !factor.is_empty() {
                    let each = (weight.count() / factor.len()).max(1);
                    for (at, number) in numbers.iter_mut().enumerate() {
                        *number *= factor[(first + at) / each];
                    }
                }
                Ok(numbers)
            }
        }
    }
}

/// A table with its numbers.
pub(crate) struct Table<'a> {
    pub(crate) architecture: Architecture,
    pub(crate) scores: Scores,
    /// By the name that a layer asks for them.
    pub(crate) tensors: HashMap<String, Tensor<'a>>,
}

impl Table<'_> {
    /// By what the first row multiplies the maps that enter, if that is what it does.
    pub(crate) fn first_factors(&self) -> Option<&[f32]> {
        let first = self.architecture.layers.first()?;
        match self.tensors.get(&format!("{}.weight", first.name))? {
            Tensor::Numbers(factors) if matches!(first.op, Operation::Affine) => Some(factors),
            _ => None,
        }
    }
}

/// The table of rows of which the last one needed is `output`.
pub(crate) fn of(mut rows: Vec<Row<'_>>, mut output: Source) -> Result<Table<'_>> {
    let mut scores = Scores::Softmax;
    while let Source::Row(last) = output {
        scores = match rows[last].op {
            Op::Softmax => Scores::Softmax,
            Op::Activation(Curve::Sigmoid) => Scores::Sigmoid,
            _ => {
                // What is not needed without the end stands after it, if anywhere.
                rows.truncate(last + 1);
                break;
            }
        };
        output = rows[last].from[0];
    }
    if output == Source::Input {
        return Err(wrong(
            "outputs",
            "scores that layers make of a picture",
            "the picture itself",
        ));
    }
    let mut unique = Unique::default();
    let mut names: Vec<String> = Vec::with_capacity(rows.len());
    let mut layers = Vec::with_capacity(rows.len());
    let mut tensors = HashMap::new();
    for (at, row) in rows.into_iter().enumerate() {
        let from = from(&row.from, &names, at);
        let (op, own) = layer(&row.name, row.op)?;
        let name = unique.name(&row.name, op.name());
        for (part, tensor) in own {
            tensors.insert(format!("{name}.{part}"), tensor);
        }
        layers.push(Layer {
            name: name.clone(),
            from,
            op,
        });
        names.push(name);
    }
    Ok(Table {
        architecture: Architecture { layers },
        scores,
        tensors,
    })
}

/// Names of what a row reads; none where it is the row above alone.
fn from(sources: &[Source], names: &[String], at: usize) -> Vec<String> {
    let above = match at {
        0 => Source::Input,
        at => Source::Row(at - 1),
    };
    if sources == [above] {
        return Vec::new();
    }
    let name = |source: &Source| match source {
        Source::Input => zfnet::network::architecture::INPUT.to_owned(),
        Source::Row(at) => names[*at].clone(),
    };
    sources.iter().map(name).collect()
}

type Parts<'a> = Vec<(&'static str, Tensor<'a>)>;

fn layer<'a>(name: &str, op: Op<'a>) -> Result<(Operation, Parts<'a>)> {
    let filters = |filters: Filters<'a>| {
        vec![
            ("weight", Tensor::Weight(filters.weight, filters.factor)),
            ("bias", Tensor::Numbers(filters.bias)),
        ]
    };
    Ok(match op {
        Op::Conv {
            windows,
            dilation,
            groups,
            filters: own,
        } => {
            let conv = Conv {
                out: own.bias.len(),
                kernel: windows.kernel,
                stride: windows.stride,
                pad: windows.pad,
                groups,
                dilation,
            };
            (Operation::Conv(conv), filters(own))
        }
        Op::Dense(own) => {
            let out = own.bias.len();
            (Operation::Dense(Dense { out }), filters(own))
        }
        Op::Affine { factor, shift } => {
            let own = vec![
                ("weight", Tensor::Numbers(factor)),
                ("bias", Tensor::Numbers(shift)),
            ];
            (Operation::Affine, own)
        }
        Op::Prelu(slopes) => {
            let own = vec![("weight", Tensor::Numbers(slopes))];
            (Operation::Prelu, own)
        }
        Op::Pad(pad) => {
            let expected = "zeros around maps that a convolution or a pool after them takes in";
            return Err(refused(name, expected, format!("padding {pad:?}")));
        }
        Op::Softmax => {
            return Err(refused(name, "a softmax at the end alone", "one before it"));
        }
        op => (without_numbers(op), Vec::new()),
    })
}

/// What has no numbers of its own.
fn without_numbers(op: Op<'_>) -> Operation {
    match op {
        Op::Relu => Operation::Relu,
        Op::MaxPool(Windows {
            kernel,
            stride,
            pad,
        }) => Operation::MaxPool(MaxPool {
            kernel,
            stride,
            pad,
        }),
        Op::AvgPool { windows, counted } => Operation::AvgPool(AvgPool {
            kernel: windows.kernel,
            stride: windows.stride,
            pad: windows.pad,
            counted,
        }),
        Op::Lrn {
            size,
            alpha,
            beta,
            k,
        } => Operation::Lrn(Lrn {
            region: Region::Across,
            size,
            alpha,
            beta,
            k,
        }),
        Op::Gap => Operation::Gap,
        Op::Add => Operation::Add,
        Op::Concat => Operation::Concat,
        Op::Scale => Operation::Scale,
        Op::Activation(curve) => Operation::Activation(curve),
        Op::Shuffle { groups } => Operation::Shuffle(Shuffle { groups }),
        Op::Conv { .. }
        | Op::Dense(_)
        | Op::Affine { .. }
        | Op::Prelu(_)
        | Op::Pad(_)
        | Op::Softmax => {
            unreachable!("rows with numbers, and those that stand for none, are told before")
        }
    }
}

fn refused(layer: &str, expected: &str, found: impl Into<String>) -> Error {
    Error::Architecture {
        layer: layer.into(),
        expected: expected.into(),
        found: found.into(),
    }
}
