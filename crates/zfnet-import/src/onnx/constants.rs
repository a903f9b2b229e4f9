//! Nodes that read nothing of the picture: shapes are computed, weights stay in the file.

use super::message::{Constant, MOST_INTEGERS, Node};
use super::shapes::axes;
use super::walk::{MOST_NUMBERS, Walk, unfit};
use crate::refusal::Result;
use crate::weight::Weight;

/// The numbers of a constant that is a small one.
pub(super) fn numbers(constant: &Constant<'_>) -> Option<Vec<f32>> {
    match constant {
        Constant::Integers(_, values) => Some(values.iter().map(|n| *n as f32).collect()),
        Constant::Numbers(weight) => match weight.count() <= MOST_NUMBERS {
            true => weight.read().ok(),
            false => None,
        },
    }
}

/// The part of some axes' lengths that a `Shape` node asks for.
pub(super) fn shape<'a>(node: &Node<'_>, dims: &[usize]) -> Option<Constant<'a>> {
    let rank = dims.len() as i64;
    let bound = |name, usual: i64| {
        let at = node.integer(name).unwrap_or(usual);
        let at = if at < 0 { at.saturating_add(rank) } else { at };
        at.clamp(0, rank) as usize
    };
    let part = dims.get(bound("start", 0)..bound("end", rank))?;
    let lengths = part.iter().map(|length| *length as i64).collect();
    Some(Constant::Integers(vec![part.len()], lengths))
}

impl<'a> Walk<'a> {
    /// What a node gives that reads constants alone.
    pub(super) fn computed(&self, node: &Node<'a>) -> Result<Constant<'a>> {
        let value = match node.op {
            "Constant" => self.literal(node),
            "ConstantOfShape" => self.filled(node),
            "Identity" | "Dropout" | "CastLike" => self.constant(node, 0).cloned(),
            "Cast" => self.cast(node),
            "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => self.reshaped(node),
            "Transpose" => self.transposed(node),
            "Shape" => self
                .constant(node, 0)
                .and_then(|constant| shape(node, dims(constant))),
            "Concat" => self.listed(node),
            "Gather" => self.gathered(node),
            "Slice" => self.sliced(node),
            "Add" | "Sub" | "Mul" | "Div" => self.reckoned(node),
            "Sqrt" | "Reciprocal" | "Neg" | "Ceil" | "Floor" | "Clip" => self.changed(node),
            "DequantizeLinear" => self.dequantised(node),
            _ => None,
        };
        value.ok_or_else(|| unfit(node, "a constant that can be computed"))
    }

    fn integers(&self, node: &Node<'a>, place: usize) -> Option<&[i64]> {
        match self.constant(node, place)? {
            Constant::Integers(_, values) => Some(values),
            Constant::Numbers(_) => None,
        }
    }

    fn literal(&self, node: &Node<'a>) -> Option<Constant<'a>> {
        if let Some(tensor) = node.tensor("value") {
            return Some(tensor.clone());
        }
        if let Some(value) = node.integer("value_int") {
            return Some(Constant::Integers(Vec::new(), vec![value]));
        }
        if let Some(values) = node.integers("value_ints") {
            let few = values.len() <= MOST_INTEGERS;
            return few.then(|| Constant::Integers(vec![values.len()], values.to_vec()));
        }
        if let Some(value) = node.float("value_float") {
            return Some(Constant::Numbers(Weight::numbers(Vec::new(), vec![value])));
        }
        let values = node.floats("value_floats")?.to_vec();
        Some(Constant::Numbers(Weight::numbers(
            vec![values.len()],
            values,
        )))
    }

    fn filled(&self, node: &Node<'a>) -> Option<Constant<'a>> {
        let lengths = self.integers(node, 0)?.iter();
        let dims: Option<Vec<usize>> = lengths.map(|n| usize::try_from(*n).ok()).collect();
        let dims = dims?;
        let count = dims.iter().try_fold(1usize, |all, n| all.checked_mul(*n))?;
        match node.tensor("value") {
            Some(Constant::Integers(_, values)) if count <= MOST_INTEGERS => {
                Some(Constant::Integers(dims, vec![*values.first()?; count]))
            }
            Some(Constant::Integers(..)) => None,
            Some(Constant::Numbers(weight)) if weight.count() == 1 => Some(Constant::Numbers(
                Weight::fill(dims, weight.read().ok()?[0]),
            )),
            Some(Constant::Numbers(_)) => None,
            None => Some(Constant::Numbers(Weight::fill(dims, 0.0))),
        }
    }

    fn cast(&self, node: &Node<'a>) -> Option<Constant<'a>> {
        let to_integers = matches!(node.integer("to"), Some(6 | 7 | 9));
        Some(match (self.constant(node, 0)?, to_integers) {
            (Constant::Integers(dims, values), false) => {
                let numbers = values.iter().map(|value| *value as f32).collect();
                Constant::Numbers(Weight::numbers(dims.clone(), numbers))
            }
            (Constant::Numbers(weight), true) if weight.count() <= MOST_INTEGERS => {
                let values = weight.read().ok()?.iter().map(|n| *n as i64).collect();
                Constant::Integers(weight.dims().to_vec(), values)
            }
            (same, _) => same.clone(),
        })
    }

    fn reshaped(&self, node: &Node<'a>) -> Option<Constant<'a>> {
        let constant = self.constant(node, 0)?;
        let target = self.target(node, dims(constant))?;
        Some(match constant {
            Constant::Integers(_, values) => Constant::Integers(target, values.clone()),
            Constant::Numbers(weight) => Constant::Numbers(weight.reshaped(target)),
        })
    }

    fn transposed(&self, node: &Node<'a>) -> Option<Constant<'a>> {
        let constant = self.constant(node, 0)?;
        let rank = dims(constant).len();
        let order = match node.integers("perm") {
            Some(order) => axes(order, rank)?,
            None => (0..rank).rev().collect(),
        };
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..rank) {
            return None;
        }
        Some(match constant {
            Constant::Numbers(weight) => Constant::Numbers(weight.transposed(&order)),
            Constant::Integers(dims, values) => {
                let turned: Vec<usize> = order.iter().map(|axis| dims[*axis]).collect();
                let step = |axis: usize| dims[axis + 1..].iter().product::<usize>();
                let place = |at: usize| {
                    let mut rest = at;
                    let places = order.iter().rev().map(|axis| {
                        let along = rest % dims[*axis];
                        rest /= dims[*axis];
                        along * step(*axis)
                    });
                    places.sum::<usize>()
                };
                let values = (0..values.len()).map(|at| values[place(at)]).collect();
                Constant::Integers(turned, values)
            }
        })
    }

    /// Numbers one after the other, whole ones where all are.
    fn listed(&self, node: &Node<'a>) -> Option<Constant<'a>> {
        let parts: Option<Vec<_>> = { 0..node.inputs.len() }
            .map(|place| self.constant(node, place))
            .collect();
        let parts = parts?;
        let count = parts
            .iter()
            .map(|part| dims(part).iter().product::<usize>());
        let count = count.fold(0, usize::saturating_add);
        if count > MOST_INTEGERS || parts.iter().any(|part| dims(part).len() > 1) {
            return None;
        }
        let whole = parts.iter().map(|part| match part {
            Constant::Integers(_, values) => Some(values.as_slice()),
            Constant::Numbers(_) => None,
        });
        if let Some(whole) = whole.collect::<Option<Vec<_>>>() {
            return Some(Constant::Integers(vec![count], whole.concat()));
        }
        let all = parts.into_iter().map(numbers).collect::<Option<Vec<_>>>()?;
        Some(Constant::Numbers(Weight::numbers(
            vec![count],
            all.concat(),
        )))
    }

    fn gathered(&self, node: &Node<'a>) -> Option<Constant<'a>> {
        let values = self.integers(node, 0)?;
        if dims(self.constant(node, 0)?).len() > 1 {
            return None;
        }
        let Constant::Integers(lengths, places) = self.constant(node, 1)? else {
            return None;
        };
        let places = axes(places, values.len())?;
        let taken = places.into_iter().map(|place| values[place]).collect();
        Some(Constant::Integers(lengths.clone(), taken))
    }

    /// Part of whole numbers along one axis.
    fn sliced(&self, node: &Node<'a>) -> Option<Constant<'a>> {
        let Constant::Integers(dims, values) = self.constant(node, 0)? else {
            return None;
        };
        let only = |place: usize, name: &str, usual: Option<i64>| {
            let given = self.integers(node, place).or(node.integers(name));
            match given {
                Some([only]) => Some(*only),
                Some(_) => None,
                None => usual,
            }
        };
        let axis = *axes(&[only(3, "axes", Some(0))?], dims.len())?.first()?;
        let step = only(4, "steps", Some(1))?;
        let length = dims[axis] as i64;
        // Backwards, the last place is the first, and the end lies before it.
        let (low, high) = match step {
            0 => return None,
            1.. => (0, length),
            _ => (-1, length - 1),
        };
        let bound = |at: i64| {
            let at = if at < 0 {
                at.saturating_add(length)
            } else {
                at
            };
            at.clamp(low, high)
        };
        let [start, end] = [
            bound(only(1, "starts", None)?),
            bound(only(2, "ends", None)?),
        ];
        let steps = (0..).map(|times| start.saturating_add(step.saturating_mul(times)));
        let places: Vec<usize> = steps
            .take_while(|at| if step > 0 { *at < end } else { *at > end })
            .map(|at| at as usize)
            .collect();
        let inner: usize = dims[axis + 1..].iter().product();
        let rows = values.chunks((inner * dims[axis]).max(1));
        let parts = rows.flat_map(|row| places.iter().map(move |at| &row[at * inner..][..inner]));
        let parts = parts.flatten().copied().collect();
        let mut shape = dims.clone();
        shape[axis] = places.len();
        Some(Constant::Integers(shape, parts))
    }

    /// Arithmetic of two constants of one shape, or with one number for all.
    fn reckoned(&self, node: &Node<'a>) -> Option<Constant<'a>> {
        let (first, second) = (self.constant(node, 0)?, self.constant(node, 1)?);
        let shape = match dims(first).iter().product::<usize>() {
            1 => dims(second),
            _ => dims(first),
        };
        let count: usize = shape.iter().product();
        if let (Constant::Integers(_, a), Constant::Integers(_, b)) = (first, second) {
            let values = paired(a, b, count)?.map(|(a, b)| match node.op {
                "Add" => a.checked_add(b),
                "Sub" => a.checked_sub(b),
                "Mul" => a.checked_mul(b),
                _ => a.checked_div(b),
            });
            let values: Option<Vec<i64>> = values.collect();
            return Some(Constant::Integers(shape.to_vec(), values?));
        }
        let (a, b) = (numbers(first)?, numbers(second)?);
        let values = paired(&a, &b, count)?.map(|(a, b)| match node.op {
            "Add" => a + b,
            "Sub" => a - b,
            "Mul" => a * b,
            _ => a / b,
        });
        let values = values.collect();
        Some(Constant::Numbers(Weight::numbers(shape.to_vec(), values)))
    }

    /// Each number for itself.
    fn changed(&self, node: &Node<'a>) -> Option<Constant<'a>> {
        let constant = self.constant(node, 0)?;
        let bound = |place: usize, name: &str, usual: f32| match node.float(name) {
            Some(bound) => Some(bound),
            None if node.inputs.get(place).is_none_or(|input| input.is_empty()) => Some(usual),
            None => numbers(self.constant(node, place)?)?.first().copied(),
        };
        let (low, high) = match node.op {
            "Clip" => (bound(1, "min", f32::MIN)?, bound(2, "max", f32::MAX)?),
            _ => (f32::MIN, f32::MAX),
        };
        let values = numbers(constant)?.into_iter().map(|value| match node.op {
            "Sqrt" => value.sqrt(),
            "Reciprocal" => value.recip(),
            "Ceil" => value.ceil(),
            "Floor" => value.floor(),
            "Clip" => value.max(low).min(high),
            _ => -value,
        });
        let (values, dims) = (values.collect::<Vec<f32>>(), dims(constant).to_vec());
        Some(match constant {
            // Of whole numbers, what is no root or fraction is whole.
            Constant::Integers(..) if matches!(node.op, "Neg" | "Clip") => {
                Constant::Integers(dims, values.iter().map(|value| *value as i64).collect())
            }
            _ => Constant::Numbers(Weight::numbers(dims, values)),
        })
    }

    fn dequantised(&self, node: &Node<'a>) -> Option<Constant<'a>> {
        let few = match self.constant(node, 0)? {
            Constant::Numbers(weight) => weight.clone(),
            Constant::Integers(dims, values) => {
                let numbers = values.iter().map(|value| *value as f32).collect();
                Weight::numbers(dims.clone(), numbers)
            }
        };
        let scale = numbers(self.constant(node, 1)?)?;
        let zero = match self.constant(node, 2) {
            Some(zero) => numbers(zero)?,
            None => Vec::new(),
        };
        let rank = few.dims().len();
        let axis = match scale.len() {
            1 => 0,
            _ => *axes(&[node.integer("axis").unwrap_or(1)], rank)?.first()?,
        };
        let fits = scale.len() == 1 || few.dims().get(axis) == Some(&scale.len());
        fits.then(|| Constant::Numbers(few.dequantised(scale, zero, axis)))
    }
}

fn dims<'c>(constant: &'c Constant<'_>) -> &'c [usize] {
    match constant {
        Constant::Integers(dims, _) => dims,
        Constant::Numbers(weight) => weight.dims(),
    }
}

/// Pairs of numbers, where both sides have `count` of them or one for all.
fn paired<T: Copy>(
    first: &[T],
    second: &[T],
    count: usize,
) -> Option<impl Iterator<Item = (T, T)>> {
    let is_fit = |side: &[T]| side.len() == 1 || side.len() == count;
    let at = |side: &[T], at: usize| side[at.min(side.len() - 1)];
    (is_fit(first) && is_fit(second) && count <= MOST_NUMBERS)
        .then(|| (0..count).map(move |place| (at(first, place), at(second, place))))
}
