//! The arithmetic of shapes, receptive fields and costs: a table becomes a plan.

use super::architecture::{
    Architecture, Conv, Dense, Dropout, Layer, Lrn, MaxPool, Op, Pad, Region, Shape,
};
use super::plan::{Plan, PlannedLayer};
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
        let mut names = std::collections::HashSet::new();
        for layer in &self.layers {
            if layer.name.is_empty() || !names.insert(&layer.name) {
                return Err(wrong(
                    &layer.name,
                    "a name of its own",
                    "a name used before",
                ));
            }
            let source = plan.end();
            let planned = layer.plan(plan.shape(source), plan.field(source))?;
            plan.push(planned, vec![source]);
        }
        Ok(plan)
    }
}

impl Layer {
    fn plan(&self, input: Shape, field: ReceptiveField) -> Result<PlannedLayer> {
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
            Op::Relu | Op::Dropout(_) => {}
            Op::Lrn(Lrn { region, size, .. }) => {
                if *region == Region::Within {
                    planned.field = field.through([*size, *size], [1, 1], [size / 2, size / 2]);
                }
            }
            Op::Conv(Conv {
                out,
                kernel,
                stride,
                pad,
                groups,
            }) => {
                let [out_rows, out_cols] = self.slide([rows, cols], *kernel, *stride, *pad)?;
                planned.output = [*out, out_rows, out_cols];
                let weights = self.count(&[*out, maps / groups, kernel[0], kernel[1]])?;
                planned.parameters = weights + out;
                planned.multiply_adds = weights as u64 * (out_rows * out_cols) as u64;
                planned.field = field.through(*kernel, *stride, [pad[0], pad[1]]);
            }
            Op::MaxPool(MaxPool {
                kernel,
                stride,
                pad,
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
            Op::MaxPool(MaxPool { kernel, pad, .. })
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
