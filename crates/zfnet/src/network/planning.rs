//! The arithmetic of shapes, receptive fields and costs: a table becomes a plan.

use std::collections::HashMap;

use super::architecture::{
    Architecture, AvgPool, Conv, Curve, Dense, Dropout, INPUT, Layer, Lrn, MaxPool, Op, Pad,
    Region, Shape, Shuffle,
};
use super::plan::{Plan, PlannedLayer, Source};
use crate::geometry::receptive_field::ReceptiveField;
use crate::{Error, Result};

/// Largest number a row of the table may hold: no network comes near, and no product of a few of them overflows unseen.
const LARGEST_NUMBER: usize = 1 << 16;
/// Most numbers in one tensor, 2 GiB of them; VGG16's largest has a fifth of that.
const LARGEST_TENSOR: usize = 1 << 29;

impl Architecture {
    /// Computes shapes, receptive fields and costs of every layer for an input of `[channels, rows, columns]`.
    ///
    /// # Errors
    /// [`Error::Architecture`] naming the first layer that cannot work on what it is given.
    pub fn plan(&self, input: Shape) -> Result<Plan> {
        if self.layers.is_empty() || input.iter().any(|n| !(1..=LARGEST_NUMBER).contains(n)) {
            return Err(wrong(
                "(input)",
                &format!("layers, and an input of 1 to {LARGEST_NUMBER} a side"),
                format!("{} layers on {input:?}", self.layers.len()),
            ));
        }
        let mut plan = Plan::new(input);
        let mut places = HashMap::from([(INPUT, Source::Input)]);
        for layer in &self.layers {
            if layer.name.is_empty() || places.contains_key(layer.name.as_str()) {
                return Err(wrong(
                    &layer.name,
                    "a name of its own",
                    "a name used before",
                ));
            }
            let sources = layer.sources(&plan, &places)?;
            let planned = layer.plan(&plan, &sources)?;
            places.insert(&layer.name, Source::Layer(plan.len()));
            plan.push(planned, sources);
        }
        Ok(plan)
    }
}

impl Layer {
    /// What it reads, of what stands above it in the table.
    fn sources(&self, plan: &Plan, places: &HashMap<&str, Source>) -> Result<Vec<Source>> {
        let place = |name: &String| {
            let known = places.get(name.as_str()).copied();
            known.ok_or_else(|| wrong(&self.name, "layers above it to read", name))
        };
        let sources = match self.from.is_empty() {
            true => vec![plan.end()],
            false => self.from.iter().map(place).collect::<Result<_>>()?,
        };
        let taken = self.op.inputs();
        match taken.contains(&sources.len()) {
            true => Ok(sources),
            false => Err(wrong(
                &self.name,
                &format!("{} layers to read", taken.start()),
                sources.len(),
            )),
        }
    }

    fn plan(&self, plan: &Plan, sources: &[Source]) -> Result<PlannedLayer> {
        let shapes: Vec<Shape> = sources.iter().map(|source| plan.shape(*source)).collect();
        let fields = sources.iter().map(|source| plan.field(*source));
        let field = fields.reduce(ReceptiveField::hull);
        let field = field.unwrap_or(ReceptiveField::PIXEL);
        let input = shapes[0];
        let [maps, rows, cols] = input;
        self.check(maps)?;
        let mut planned = PlannedLayer {
            layer: self.clone(),
            input,
            output: input,
            field,
            parameters: 0,
            multiply_adds: 0,
        };
        match &self.op {
            Op::Relu | Op::Activation(_) | Op::Shuffle(_) | Op::Dropout(_) => {}
            Op::Prelu => planned.parameters = maps,
            Op::Affine => planned.parameters = 2 * maps,
            Op::Add | Op::Concat | Op::Scale => {
                planned.output = self.joined(&shapes)?;
                // One number for all places of a map stands for what all of them see.
                if self.op == Op::Scale && shapes[1] != input {
                    planned.field = field.everything();
                }
            }
            Op::Lrn(Lrn { region, size, .. }) => {
                if *region == Region::Within {
                    planned.field = field.through([*size, *size], [1, 1], [size / 2, size / 2]);
                }
            }
            Op::Conv(filters) => {
                let Conv {
                    out,
                    kernel,
                    stride,
                    pad,
                    groups,
                    ..
                } = filters;
                let span = filters.span();
                let [out_rows, out_cols] = self.slide([rows, cols], span, *stride, *pad)?;
                planned.output = [*out, out_rows, out_cols];
                let weights = self.count(&[*out, maps / groups, kernel[0], kernel[1]])?;
                planned.parameters = weights + out;
                planned.multiply_adds = weights as u64 * (out_rows * out_cols) as u64;
                planned.field = field.through(span, *stride, [pad[0], pad[1]]);
            }
            Op::MaxPool(MaxPool {
                kernel,
                stride,
                pad,
            })
            | Op::AvgPool(AvgPool {
                kernel,
                stride,
                pad,
                ..
            }) => {
                let [out_rows, out_cols] = self.slide([rows, cols], *kernel, *stride, *pad)?;
                planned.output = [maps, out_rows, out_cols];
                planned.field = field.through(*kernel, *stride, [pad[0], pad[1]]);
            }
            Op::Gap => {
                planned.output = [maps, 1, 1];
                planned.field = field.through([rows, cols], [1, 1], [0, 0]);
            }
            Op::Dense(Dense { out }) => {
                planned.output = [*out, 1, 1];
                let weights = self.count(&[*out, maps, rows, cols])?;
                planned.parameters = weights + out;
                planned.multiply_adds = weights as u64;
                planned.field = field.through([rows, cols], [1, 1], [0, 0]);
            }
        }
        self.count(&planned.output)?;
        Ok(planned)
    }

    /// Whether the numbers of the table go together, and with that many maps below.
    fn check(&self, maps: usize) -> Result<()> {
        let refused = |expected: &str, found: String| Err(wrong(&self.name, expected, found));
        if let Some(number) = self.op.numbers().into_iter().find(|n| *n > LARGEST_NUMBER) {
            let expected = format!("numbers of at most {LARGEST_NUMBER}");
            return refused(&expected, number.to_string());
        }
        match &self.op {
            Op::Dropout(Dropout { p }) if !(0.0..1.0).contains(p) => {
                refused("a probability below 1", p.to_string())
            }
            Op::Lrn(Lrn { size, .. }) if size % 2 == 0 => {
                refused("an odd window", size.to_string())
            }
            // Otherwise the denominator may reach zero, and the pictures become NaN far from the cause.
            Op::Lrn(Lrn { alpha, beta, k, .. })
                if !(*k > 0.0
                    && *alpha >= 0.0
                    && [alpha, beta, k]
                        .into_iter()
                        .all(|number| number.is_finite())) =>
            {
                refused(
                    "k above 0 and alpha of at least 0",
                    format!("k {k}, alpha {alpha}"),
                )
            }
            Op::Conv(Conv {
                kernel, dilation, ..
            }) if kernel.contains(&0) || dilation.contains(&0) => refused(
                "filters of at least one place, at least one place apart",
                format!("{kernel:?}, {dilation:?}"),
            ),
            Op::Conv(Conv { out, groups, .. })
                if *groups == 0
                    || *out == 0
                    || ![maps, *out].iter().all(|maps| maps.is_multiple_of(*groups)) =>
            {
                refused(
                    "groups that divide the maps on both sides",
                    format!("{groups} groups for {maps} to {out} maps"),
                )
            }
            Op::Shuffle(Shuffle { groups }) if *groups == 0 || !maps.is_multiple_of(*groups) => {
                refused(
                    "groups that divide the maps",
                    format!("{groups} groups of {maps} maps"),
                )
            }
            Op::Activation(curve) if !curve.constants().iter().all(|number| number.is_finite()) => {
                refused("finite numbers", format!("{curve:?}"))
            }
            Op::Activation(Curve::Clip { min, max }) if min >= max => {
                refused("a range to clip to", format!("{min} to {max}"))
            }
            Op::AvgPool(AvgPool { pad, counted, .. })
                if (0..4).any(|side| counted[side] > pad[side]) =>
            {
                refused(
                    "no more counted than there is padding",
                    format!("{counted:?} of {pad:?}"),
                )
            }
            Op::MaxPool(MaxPool { kernel, pad, .. }) | Op::AvgPool(AvgPool { kernel, pad, .. })
                if pad[0].max(pad[2]) >= kernel[0] || pad[1].max(pad[3]) >= kernel[1] =>
            {
                refused(
                    "padding smaller than the window",
                    format!("{pad:?} for {kernel:?}"),
                )
            }
            Op::Dense(Dense { out: 0 }) => refused("at least one unit", "0".into()),
            _ => Ok(()),
        }
    }

    /// What becomes of several inputs.
    fn joined(&self, shapes: &[Shape]) -> Result<Shape> {
        let [maps, rows, cols] = shapes[0];
        match self.op {
            Op::Concat => {
                self.alike(shapes, |[_, rows, cols]| [rows, cols])?;
                let sum = |sum: usize, [maps, ..]: &Shape| sum.saturating_add(*maps);
                let maps = shapes.iter().fold(0, sum);
                return Ok([maps, rows, cols]);
            }
            Op::Scale if shapes[1] == [maps, 1, 1] => {}
            _ => self.alike(shapes, |shape| shape)?,
        }
        Ok(shapes[0])
    }

    /// Refuses inputs that are not alike in what the operation asks to be alike.
    fn alike<T: PartialEq>(&self, shapes: &[Shape], of: impl Fn(Shape) -> T) -> Result<()> {
        match shapes.iter().all(|shape| of(*shape) == of(shapes[0])) {
            true => Ok(()),
            false => Err(wrong(
                &self.name,
                "inputs that go together",
                format!("{shapes:?}"),
            )),
        }
    }

    /// How many numbers a tensor of this shape holds, if there is room for them.
    fn count(&self, shape: &[usize]) -> Result<usize> {
        let product = shape
            .iter()
            .try_fold(1usize, |product, length| product.checked_mul(*length));
        product
            .filter(|count| *count <= LARGEST_TENSOR)
            .ok_or_else(|| {
                wrong(
                    &self.name,
                    &format!("tensors of at most {LARGEST_TENSOR} numbers"),
                    format!("shape {shape:?}"),
                )
            })
    }

    /// Number of places a window takes on `size`, rows and columns.
    fn slide(
        &self,
        size: [usize; 2],
        kernel: [usize; 2],
        stride: [usize; 2],
        pad: Pad,
    ) -> Result<[usize; 2]> {
        let padded = [size[0] + pad[0] + pad[2], size[1] + pad[1] + pad[3]];
        if kernel.contains(&0)
            || stride.contains(&0)
            || padded[0] < kernel[0]
            || padded[1] < kernel[1]
        {
            return Err(wrong(
                &self.name,
                "a window that fits into its input, with a stride of at least 1",
                format!("window {kernel:?}, stride {stride:?}, padded input {padded:?}"),
            ));
        }
        Ok([0, 1].map(|axis| (padded[axis] - kernel[axis]) / stride[axis] + 1))
    }
}

fn wrong(layer: &str, expected: &str, found: impl ToString) -> Error {
    Error::Architecture {
        layer: layer.into(),
        expected: expected.into(),
        found: found.to_string(),
    }
}

#[cfg(test)]
#[path = "planning_tests.rs"]
mod tests;
