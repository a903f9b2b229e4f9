//! Nodes that move axes and no numbers, and those that speak of lengths.

use super::message::{Constant, Node};
use super::view::MOST_AXES;
use super::walk::{Signal, Value, Walk, unfit};
use crate::refusal::Result;

impl<'a> Walk<'a> {
    /// Maps whose axes are cut, put together or put into another order.
    pub(super) fn moved(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let signal = self.signal(node, 0)?.clone();
        let dims = signal.view.dims();
        let view = match node.op {
            "Transpose" => {
                let order = match node.integers("perm") {
                    Some(order) => axes(order, dims.len()),
                    None => Some((0..dims.len()).rev().collect()),
                };
                order.and_then(|order| signal.view.transposed(&order))
            }
            _ => {
                let target = self.target(node, &dims);
                target.and_then(|target| signal.view.reshaped(&target))
            }
        };
        let view = view.ok_or_else(|| unfit(node, "axes that are moved, cut or put together"))?;
        Ok(Value::Signal(Signal { view, ..signal }))
    }

    /// Lengths of the axes after a node that moves none.
    pub(super) fn target(&self, node: &Node<'a>, dims: &[usize]) -> Option<Vec<usize>> {
        let listed = || match self.constant(node, 1) {
            Some(Constant::Integers(_, values)) => Some(values.clone()),
            Some(Constant::Numbers(_)) => None,
            None if self.value(node, 1).is_some() => None,
            None => {
                let name = if node.op == "Reshape" {
                    "shape"
                } else {
                    "axes"
                };
                Some(node.integers(name).unwrap_or_default().to_vec())
            }
        };
        match node.op {
            "Reshape" => reshaped(
                dims,
                &listed()?,
                node.integer("allowzero").unwrap_or(0) != 0,
            ),
            "Flatten" => {
                let axis = node.integer("axis").unwrap_or(1);
                let axis = match axis == dims.len() as i64 {
                    true => dims.len(),
                    false => axes(&[axis], dims.len())?[0],
                };
                let (before, after) = dims.split_at(axis);
                Some(vec![before.iter().product(), after.iter().product()])
            }
            "Squeeze" => {
                let listed = axes(&listed()?, dims.len())?;
                let is_left_out = |at: usize| match listed.is_empty() {
                    true => dims[at] == 1,
                    false => listed.contains(&at),
                };
                if listed.iter().any(|axis| dims[*axis] != 1) {
                    return None;
                }
                let kept = (0..dims.len()).filter(|at| !is_left_out(*at));
                Some(kept.map(|at| dims[at]).collect())
            }
            "Unsqueeze" => {
                let listed = listed()?;
                let rank = dims.len() + listed.len();
                if rank > MOST_AXES {
                    return None;
                }
                let listed = axes(&listed, rank)?;
                let mut rest = dims.iter();
                let length = |at: usize| match listed.contains(&at) {
                    true => Some(1),
                    false => rest.next().copied(),
                };
                let all: Option<Vec<usize>> = (0..rank).map(length).collect();
                all.filter(|_| rest.next().is_none())
            }
            _ => None,
        }
    }

    /// The lengths of a value's axes, as a constant.
    pub(super) fn shape_of(&self, node: &Node<'a>) -> Result<Value<'a>> {
        let dims = self.signal(node, 0)?.view.dims();
        let constant = super::constants::shape(node, &dims);
        let constant = constant.ok_or_else(|| unfit(node, "a part of the axes"))?;
        Ok(Value::Constant(constant))
    }
}

/// Axes counted from the front, from axes that may be counted from the end.
pub(super) fn axes(given: &[i64], rank: usize) -> Option<Vec<usize>> {
    let one = |axis: &i64| {
        let axis = match *axis < 0 {
            true => axis.checked_add(rank as i64)?,
            false => *axis,
        };
        usize::try_from(axis).ok().filter(|axis| *axis < rank)
    };
    given.iter().map(one).collect()
}

/// The lengths that `Reshape` means: 0 for the length that there is, −1 for what is left.
fn reshaped(dims: &[usize], target: &[i64], allows_zero: bool) -> Option<Vec<usize>> {
    let mut open = None;
    let mut lengths = Vec::with_capacity(target.len());
    for (at, length) in target.iter().enumerate() {
        lengths.push(match *length {
            -1 if open.is_none() => {
                open = Some(at);
                1
            }
            0 if !allows_zero => *dims.get(at)?,
            length => usize::try_from(length).ok()?,
        });
    }
    if lengths.len() > MOST_AXES {
        return None;
    }
    let product = |lengths: &[usize]| {
        (lengths.iter()).try_fold(1usize, |all, length| all.checked_mul(*length))
    };
    let (all, known) = (product(dims)?, product(&lengths)?);
    match open {
        Some(at) => {
            lengths[at] = all.checked_div(known)?;
            all.is_multiple_of(known).then_some(lengths)
        }
        None => (all == known).then_some(lengths),
    }
}

#[cfg(test)]
mod tests {
    use super::{axes, reshaped};

    #[test]
    fn lengths_are_filled_in() {
        assert_eq!(reshaped(&[1, 6, 4], &[0, -1], false), Some(vec![1, 24]));
        assert_eq!(reshaped(&[1, 6, 4], &[2, 12], false), Some(vec![2, 12]));
        assert_eq!(reshaped(&[1, 6, 4], &[0, -1, -1], false), None);
        assert_eq!(reshaped(&[1, 6, 4], &[5, -1], false), None);
        assert_eq!(reshaped(&[1, 6, 4], &[0, -1], true), None);
        assert_eq!(reshaped(&[1], &[i64::MAX, i64::MAX], false), None);
        assert_eq!(axes(&[-1, 0], 4), Some(vec![3, 0]));
        assert_eq!(axes(&[4], 4), None);
        assert_eq!(axes(&[i64::MIN], 4), None);
    }
}
