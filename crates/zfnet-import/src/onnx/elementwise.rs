//! Nodes that take every number by itself: sums, products, curves.

use zfnet::network::architecture::Curve;

use super::message::{Constant, Node};
use super::walk::{Signal, Value, Walk, unfit};
use crate::names;
use crate::refusal::Result;
use crate::row::Op;

impl<'a> Walk<'a> {
    /// Which of two inputs is a constant, if one is: the place of the maps, and one number for each of them.
    fn beside_constant(&mut self, node: &Node<'a>) -> Result<Option<(usize, Vec<f32>)>> {
        let place = match (self.constant(node, 0), self.constant(node, 1)) {
            (None, None) => return Ok(None),
            (None, _) => 0,
            _ => 1,
        };
        let signal = self.signal(node, place)?;
        let maps = signal.shape[0];
        let expected = || unfit(node, "a constant with one number for each map");
        let constant = self.constant(node, 1 - place).ok_or_else(expected)?;
        let dims = match constant {
            Constant::Integers(dims, _) => dims.as_slice(),
            Constant::Numbers(weight) => weight.dims(),
        };
        let rank = signal.view.dims().len();
        let is_one = dims.iter().all(|length| *length == 1);
        let axis = signal.view.axis_of_maps(maps);
        let at = |place: usize| place + rank - dims.len();
        let fits = dims.len() <= rank
            && (is_one
                || (dims.iter().enumerate())
                    .all(|(place, length)| *length == 1 || Some(at(place)) == axis));
        if !fits {
            return Err(expected());
        }
        Ok(Some((place, self.parameters(node, 1 - place, maps)?)))
    }

    pub(super) fn sum(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        if node.inputs.len() == 2
            && let Some((place, shift)) = self.beside_constant(node)?
        {
            let signal = self.signal(node, place)?.clone();
            let factor = vec![1.0; shift.len()];
            return Ok(self.on(node, &signal, Op::Affine { factor, shift }));
        }
        self.added(node, 0..node.inputs.len())
    }

    /// The sum of maps, those at these places of the node's inputs.
    pub(super) fn added(
        &mut self,
        node: &Node<'a>,
        inputs: impl Iterator<Item = usize>,
    ) -> Result<Value<'a>> {
        let mut signals = Vec::new();
        for place in inputs {
            signals.push(self.signal(node, place)?.clone());
        }
        if let [only] = signals.as_slice() {
            return Ok(Value::Signal(only.clone()));
        }
        let alike = |two: &[Signal]| two[0].view == two[1].view && two[0].shape == two[1].shape;
        if !signals.windows(2).all(alike) {
            return Err(unfit(node, "maps of one shape"));
        }
        Ok(self.joined(node, &signals, Op::Add))
    }

    /// A row that reads several others of which the first says how its maps are seen.
    fn joined(&mut self, node: &Node<'a>, signals: &[Signal], op: Op<'a>) -> Value<'a> {
        let name = names::of_node(node.name, node.op, node.outputs[0]);
        let from = signals.iter().map(|signal| signal.source).collect();
        let source = self.push(name, from, op, signals[0].shape);
        Value::Signal(Signal {
            source,
            ..signals[0].clone()
        })
    }

    pub(super) fn difference(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let Some((place, numbers)) = self.beside_constant(node)? else {
            return Err(unfit(node, "a constant that is taken away"));
        };
        let signal = self.signal(node, place)?.clone();
        let (factor, shift) = match place {
            0 => (1.0, numbers.iter().map(|number| -number).collect()),
            _ => (-1.0, numbers),
        };
        let factor = vec![factor; signal.shape[0]];
        Ok(self.on(node, &signal, Op::Affine { factor, shift }))
    }

    pub(super) fn quotient(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        match self.beside_constant(node)? {
            Some((0, numbers)) if numbers.iter().all(|number| *number != 0.0) => {
                let signal = self.signal(node, 0)?.clone();
                let factor = numbers.iter().map(|number| 1.0 / number).collect();
                let shift = vec![0.0; signal.shape[0]];
                Ok(self.on(node, &signal, Op::Affine { factor, shift }))
            }
            _ => Err(unfit(node, "a constant divisor")),
        }
    }

    pub(super) fn product(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        if let Some((place, factor)) = self.beside_constant(node)? {
            let signal = self.signal(node, place)?.clone();
            let shift = vec![0.0; factor.len()];
            return Ok(self.on(node, &signal, Op::Affine { factor, shift }));
        }
        self.multiplied_maps(node, [0, 1])
    }

    /// The product of maps, those at these places of the node's inputs; one of them may be a gate for each map of the other.
    pub(super) fn multiplied_maps(
        &mut self,
        node: &Node<'a>,
        inputs: [usize; 2],
    ) -> Result<Value<'a>> {
        let [first, second] = inputs.map(|place| self.signal(node, place).cloned());
        let (first, second) = (first?, second?);
        let is_gate = |gate: &Signal, maps: &Signal| {
            let [count, rows, cols] = maps.shape;
            gate.shape == [count, 1, 1]
                && maps.view.axis_of_maps(count) == gate.view.axis_of_maps(count)
                && maps.view.dims().len() == gate.view.dims().len()
                && [rows, cols] != [1, 1]
        };
        if first.view == second.view && first.shape == second.shape || is_gate(&second, &first) {
            return Ok(self.joined(node, &[first, second], Op::Scale));
        }
        match is_gate(&first, &second) {
            true => Ok(self.joined(node, &[second, first], Op::Scale)),
            false => Err(unfit(
                node,
                "maps of one shape, or maps and a gate for each",
            )),
        }
    }

    pub(super) fn curve(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let place = match (node.op, self.constant(node, 0)) {
            ("Min" | "Max", Some(_)) => 1,
            _ => 0,
        };
        let signal = self.signal(node, place)?.clone();
        let number = |name, usual: f32| f64::from(node.float(name).unwrap_or(usual));
        let op = match node.op {
            "Relu" => Op::Relu,
            "Sigmoid" | "QLinearSigmoid" => Op::Activation(Curve::Sigmoid),
            "HardSigmoid" => Op::Activation(Curve::HardSigmoid {
                alpha: number("alpha", 0.2),
                beta: number("beta", 0.5),
            }),
            "HardSwish" => Op::Activation(Curve::HardSwish),
            "Swish" if number("alpha", 1.0) == 1.0 => Op::Activation(Curve::Silu),
            "LeakyRelu" | "QLinearLeakyRelu" => Op::Activation(Curve::LeakyRelu {
                slope: number("alpha", 0.01),
            }),
            "PRelu" => Op::Prelu(self.parameters(node, 1, signal.shape[0])?),
            "Clip" => self.clip(node)?,
            "Min" | "Max" if node.inputs.len() == 2 => {
                let bound = self.bound(node, 1 - place)?;
                let bound = bound.ok_or_else(|| unfit(node, "one constant"))?;
                match node.op {
                    "Min" => clipped(f64::from(f32::MIN), bound),
                    _ => clipped(bound, f64::from(f32::MAX)),
                }
            }
            "Softmax" | "LogSoftmax" | "QLinearSoftmax" => Op::Softmax,
            _ => return Err(unfit(node, "a curve of convolutional networks")),
        };
        Ok(self.on(node, &signal, op))
    }

    fn clip(&mut self, node: &Node<'a>) -> Result<Op<'a>> {
        let mut given = |name, place| match node.float(name) {
            Some(bound) => Ok(Some(f64::from(bound))),
            None => self.bound(node, place),
        };
        let min = given("min", 1)?.unwrap_or(f32::MIN.into());
        let max = given("max", 2)?.unwrap_or(f32::MAX.into());
        match min < max {
            true => Ok(clipped(min, max)),
            false => Err(unfit(node, "bounds with room between them")),
        }
    }

    /// A constant that is one number.
    fn bound(&mut self, node: &Node<'a>, place: usize) -> Result<Option<f64>> {
        if node.inputs.get(place).is_none_or(|name| name.is_empty()) {
            return Ok(None);
        }
        let number = self.parameters(node, place, 1)?[0];
        let number = number.clamp(f32::MIN, f32::MAX);
        Ok(Some(number.into()))
    }
}

/// A clip, or the rectifier that it is.
fn clipped<'a>(min: f64, max: f64) -> Op<'a> {
    match min == 0.0 && max >= f64::from(f32::MAX) {
        true => Op::Relu,
        false => Op::Activation(Curve::Clip { min, max }),
    }
}
