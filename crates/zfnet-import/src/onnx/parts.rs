//! Nodes that take some of the maps: they become filters of one place.

use super::message::{Constant, Node};
use super::walk::{Signal, Value, Walk, unfit};
use crate::names;
use crate::refusal::Result;
use crate::row::{Filters, Op, Windows};
use crate::weight::Weight;

const EXPECTED: &str = "maps that lie one after the other";

impl<'a> Walk<'a> {
    /// `Gather` and `Slice` of maps.
    pub(super) fn part(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let expected = || unfit(node, EXPECTED);
        let signal = self.in_order(node)?;
        let dims = signal.view.dims();
        let axis_of = |axis: i64| super::shapes::axes(&[axis], dims.len()).map(|axes| axes[0]);
        if node.op == "Gather" {
            let axis = axis_of(node.integer("axis").unwrap_or(0)).ok_or_else(expected)?;
            let Some(Constant::Integers(shape, places)) = self.constant(node, 1) else {
                return Err(expected());
            };
            let is_one = shape.is_empty();
            let places = super::shapes::axes(places, dims[axis]).ok_or_else(expected)?;
            let first = *places.first().ok_or_else(expected)?;
            if !places.iter().copied().eq(first..first + places.len()) {
                return Err(expected());
            }
            let part = self.taken(node, "", &signal, axis, [first, places.len()])?;
            let view = match is_one {
                true => part.view.without(&[axis], false),
                false => part.view,
            };
            return Ok(Value::Signal(Signal { view, ..part }));
        }
        let bound = |place: usize, name: &str| match self.constant(node, place) {
            Some(Constant::Integers(_, values)) => match values.as_slice() {
                [only] => Some(*only),
                _ => None,
            },
            Some(Constant::Numbers(_)) => None,
            None => match node.integers(name) {
                Some([only]) => Some(*only),
                _ => None,
            },
        };
        let start = bound(1, "starts").ok_or_else(expected)?;
        let end = bound(2, "ends").ok_or_else(expected)?;
        let axis = axis_of(bound(3, "axes").unwrap_or(0)).ok_or_else(expected)?;
        if bound(4, "steps").unwrap_or(1) != 1 {
            return Err(expected());
        }
        let length = dims[axis] as i64;
        let place = |at: i64| {
            let at = if at < 0 {
                at.saturating_add(length)
            } else {
                at
            };
            at.clamp(0, length) as usize
        };
        let (start, end) = (place(start), place(end));
        let count = end.checked_sub(start).ok_or_else(expected)?;
        let part = self.taken(node, "", &signal, axis, [start, count])?;
        Ok(Value::Signal(part))
    }

    /// Every part of a `Split` of maps.
    pub(super) fn split(&mut self, node: &Node<'a>) -> Result<Vec<Value<'a>>> {
        let expected = || unfit(node, EXPECTED);
        let signal = self.in_order(node)?;
        let dims = signal.view.dims();
        let axis = super::shapes::axes(&[node.integer("axis").unwrap_or(0)], dims.len());
        let axis = axis.ok_or_else(expected)?[0];
        let parts = node.outputs.len();
        let lengths = match (self.constant(node, 1), node.integers("split")) {
            (Some(Constant::Integers(_, lengths)), _) => lengths.clone(),
            (None, Some(lengths)) => lengths.to_vec(),
            (None, None) => {
                let each = dims[axis].div_ceil(parts);
                let whole = (1..parts).map(|_| each as i64);
                let last = (dims[axis] as i64) - (each * (parts - 1)) as i64;
                whole.chain([last]).collect()
            }
            _ => return Err(expected()),
        };
        if lengths.len() != parts {
            return Err(expected());
        }
        let mut first = 0;
        let mut values = Vec::with_capacity(parts);
        for (at, length) in lengths.into_iter().enumerate() {
            let count = usize::try_from(length).map_err(|_| expected())?;
            let number = format!("_{}", at + 1);
            let part = self.taken(node, &number, &signal, axis, [first, count])?;
            first = first.saturating_add(count);
            values.push(Value::Signal(part));
        }
        Ok(values)
    }

    /// The maps of the node's first input; those that are shuffled are put in order first.
    fn in_order(&mut self, node: &Node<'a>) -> Result<Signal> {
        let signal = self.signal(node, 0)?.clone();
        match signal.view.shuffled(signal.shape) {
            Some(_) => self.maps(node, 0),
            None => Ok(signal),
        }
    }

    /// So many maps from one on, along the axis over all maps.
    fn taken(
        &mut self,
        node: &Node<'a>,
        number: &str,
        signal: &Signal,
        axis: usize,
        [first, count]: [usize; 2],
    ) -> Result<Signal> {
        let expected = || unfit(node, EXPECTED);
        let [maps, rows, cols] = signal.shape;
        if first == 0 && signal.view.dims()[axis] == count {
            return Ok(signal.clone());
        }
        let is_inside = first.checked_add(count).is_some_and(|end| end <= maps);
        if count == 0 || !is_inside || signal.view.axis_of_maps(maps) != Some(axis) {
            return Err(expected());
        }
        self.spend(count)?;
        let windows = Windows {
            kernel: [1; 2],
            stride: [1; 2],
            pad: [0; 4],
        };
        let op = Op::Conv {
            windows,
            dilation: [1; 2],
            groups: 1,
            filters: Filters::new(Weight::chosen(first, count, maps), vec![0.0; count]),
        };
        let name = names::of_node(node.name, node.op, node.outputs[0]) + number;
        let shape = [count, rows, cols];
        let source = self.push(name, vec![signal.source], op, shape);
        let view = signal.view.with_maps(maps, count).ok_or_else(expected)?;
        Ok(Signal {
            source,
            shape,
            view,
        })
    }
}
