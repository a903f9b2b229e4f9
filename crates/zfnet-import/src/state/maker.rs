//! Lays a network's layers one on the other, and takes for each the tensors that it needs.

use zfnet::network::architecture::{Curve, Shape};

use crate::refusal::{Result, damaged, wrong};
use crate::row::{Filters, Op, Row, Source, Windows, normalisation};
use crate::weight::Weight;

/// A tensor by its name, and the shape that it has in the published network.
pub(super) type Tensors<'t, 'a> = dyn FnMut(&str, &[usize]) -> Result<Weight<'a>> + 't;

/// A network under construction. Each method lays a layer on that of [`Maker::here`].
///
/// Numbers of maps and units are those of the tensors; the published ones are only what a tensor is asked for with.
pub(crate) struct Maker<'t, 'a> {
    tensors: &'t mut Tensors<'t, 'a>,
    input: Shape,
    pub(super) rows: Vec<Row<'a>>,
    top: Source,
}

/// Filters of a published network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Square {
    /// Maps that come out.
    pub(super) out: usize,
    pub(super) side: usize,
    pub(super) step: usize,
    pub(super) pad: usize,
    /// How many groups the maps are in, where they may be in several.
    pub(super) groups: Option<usize>,
}

impl Square {
    pub(super) fn new(out: usize, side: usize, step: usize, pad: usize) -> Self {
        Self {
            out,
            side,
            step,
            pad,
            groups: None,
        }
    }

    pub(super) fn in_groups(self, groups: usize) -> Self {
        Self {
            groups: Some(groups),
            ..self
        }
    }
}

impl<'t, 'a> Maker<'t, 'a> {
    pub(super) fn new(input: Shape, tensors: &'t mut Tensors<'t, 'a>) -> Self {
        Self {
            tensors,
            input,
            rows: Vec::new(),
            top: Source::Input,
        }
    }

    /// The layer that the next one reads.
    pub(super) fn here(&self) -> Source {
        self.top
    }

    /// Goes on from another layer.
    pub(super) fn back(&mut self, to: Source) -> &mut Self {
        self.top = to;
        self
    }

    fn shape(&self, of: Source) -> Shape {
        match of {
            Source::Input => self.input,
            Source::Row(at) => self.rows[at].shape,
        }
    }

    /// How many maps the layer has.
    pub(super) fn maps(&self) -> usize {
        self.shape(self.top)[0]
    }

    fn push(&mut self, name: &str, from: Vec<Source>, op: Op<'a>, shape: Shape) -> &mut Self {
        self.rows.push(Row {
            name: name.into(),
            from,
            op,
            shape,
        });
        self.top = Source::Row(self.rows.len() - 1);
        self
    }

    fn on(&mut self, name: &str, op: Op<'a>, shape: Shape) -> &mut Self {
        let from = vec![self.top];
        self.push(name, from, op, shape)
    }

    fn numbers(&mut self, name: &str, count: usize) -> Result<Vec<f32>> {
        let weight = (self.tensors)(name, &[count])?;
        fits(name, &[count], weight.dims())?;
        weight.read().map_err(|found| damaged("its numbers", found))
    }

    /// Filters without a bias.
    pub(super) fn filters(&mut self, name: &str, square: Square) -> Result<&mut Self> {
        self.convolution(name, square, false)
    }

    /// Filters with a bias.
    pub(super) fn conv(&mut self, name: &str, square: Square) -> Result<&mut Self> {
        self.convolution(name, square, true)
    }

    fn convolution(&mut self, name: &str, square: Square, biased: bool) -> Result<&mut Self> {
        let [maps, rows, cols] = self.shape(self.top);
        let Square {
            out,
            side,
            step,
            pad,
            groups,
        } = square;
        let tensor = format!("{name}.weight");
        let published = [out, maps / groups.unwrap_or(1), side, side];
        let weight = (self.tensors)(&tensor, &published)?;
        let &[out, seen, ..] = weight.dims() else {
            return Err(unfit(&tensor, "4 dimensions".into(), weight.dims()));
        };
        // Where there may be groups, the tensor says how many.
        let groups = match groups {
            Some(_) if seen > 0 && maps.is_multiple_of(seen) && out.is_multiple_of(maps / seen) => {
                maps / seen
            }
            _ => 1,
        };
        fits(&tensor, &[out, maps / groups, side, side], weight.dims())?;
        let bias = match biased {
            true => self.numbers(&format!("{name}.bias"), out)?,
            false => vec![0.0; out],
        };
        let shape = [
            out,
            places(rows, side, step, pad)?,
            places(cols, side, step, pad)?,
        ];
        let op = Op::Conv {
            windows: Windows {
                kernel: [side; 2],
                stride: [step; 2],
                pad: [pad; 4],
            },
            dilation: [1, 1],
            groups,
            filters: Filters {
                weight,
                factor: Vec::new(),
                bias,
            },
        };
        Ok(self.on(name, op, shape))
    }

    /// Batch normalisation.
    pub(super) fn norm(&mut self, name: &str, epsilon: f64) -> Result<&mut Self> {
        let shape = self.shape(self.top);
        let [scale, shift, mean, variance] = ["weight", "bias", "running_mean", "running_var"]
            .map(|part| self.numbers(&format!("{name}.{part}"), shape[0]));
        let (factor, shift) = normalisation(&scale?, &shift?, &mean?, &variance?, epsilon);
        Ok(self.on(name, Op::Affine { factor, shift }, shape))
    }

    /// A dense layer, whose matrix may be written as filters.
    pub(super) fn dense(&mut self, name: &str, out: usize) -> Result<&mut Self> {
        self.matrix(name, out, true)
    }

    /// A dense layer without a bias.
    pub(super) fn unbiased(&mut self, name: &str, out: usize) -> Result<&mut Self> {
        self.matrix(name, out, false)
    }

    fn matrix(&mut self, name: &str, out: usize, biased: bool) -> Result<&mut Self> {
        let seen = self.shape(self.top).iter().product();
        let tensor = format!("{name}.weight");
        let weight = (self.tensors)(&tensor, &[out, seen])?;
        let &[out, _, ..] = weight.dims() else {
            return Err(unfit(&tensor, "2 dimensions".into(), weight.dims()));
        };
        if out.checked_mul(seen) != Some(weight.count()) {
            return Err(unfit(
                &tensor,
                format!("shape {:?}", [out, seen]),
                weight.dims(),
            ));
        }
        let bias = match biased {
            true => self.numbers(&format!("{name}.bias"), out)?,
            false => vec![0.0; out],
        };
        let filters = Filters {
            weight: weight.reshaped(vec![out, seen]),
            factor: Vec::new(),
            bias,
        };
        Ok(self.on(name, Op::Dense(filters), [out, 1, 1]))
    }

    pub(super) fn relu(&mut self, name: &str) -> &mut Self {
        let shape = self.shape(self.top);
        self.on(name, Op::Relu, shape)
    }

    pub(super) fn relu6(&mut self, name: &str) -> &mut Self {
        let shape = self.shape(self.top);
        let relu6 = Curve::Clip { min: 0.0, max: 6.0 };
        self.on(name, Op::Activation(relu6), shape)
    }

    /// PyTorch's normalisation across five maps, whose alpha is that of the mean of the squares.
    pub(super) fn lrn(&mut self, name: &str) -> &mut Self {
        let shape = self.shape(self.top);
        let op = Op::Lrn {
            size: 5,
            alpha: 1e-4 / 5.0,
            beta: 0.75,
            k: 2.0,
        };
        self.on(name, op, shape)
    }

    /// Maxima; `up` where the number of windows is rounded up.
    pub(super) fn pool(
        &mut self,
        name: &str,
        side: usize,
        step: usize,
        pad: usize,
        up: bool,
    ) -> Result<&mut Self> {
        let [maps, rows, cols] = self.shape(self.top);
        let mut windows = Windows {
            kernel: [side; 2],
            stride: [step; 2],
            pad: [pad; 4],
        };
        let mut counts = [0; 2];
        for (axis, length) in [rows, cols].into_iter().enumerate() {
            let steps = places(length, side, step, pad)? - 1;
            let room = length + 2 * pad - side;
            let steps = match up {
                true if room.div_ceil(step) * step < length + pad => room.div_ceil(step),
                _ => steps,
            };
            windows.pad[axis + 2] += (steps * step).saturating_sub(room);
            counts[axis] = steps + 1;
        }
        Ok(self.on(name, Op::MaxPool(windows), [maps, counts[0], counts[1]]))
    }

    /// Means of windows side by side.
    pub(super) fn mean(&mut self, name: &str, side: usize) -> Result<&mut Self> {
        let [maps, rows, cols] = self.shape(self.top);
        let windows = Windows {
            kernel: [side; 2],
            stride: [side; 2],
            pad: [0; 4],
        };
        let op = Op::AvgPool {
            windows,
            counted: [0; 4],
        };
        let shape = [
            maps,
            places(rows, side, side, 0)?,
            places(cols, side, side, 0)?,
        ];
        Ok(self.on(name, op, shape))
    }

    pub(super) fn gap(&mut self, name: &str) -> &mut Self {
        let maps = self.maps();
        self.on(name, Op::Gap, [maps, 1, 1])
    }

    pub(super) fn concat(&mut self, name: &str, parts: &[Source]) -> &mut Self {
        let [_, rows, cols] = self.shape(parts[0]);
        let maps = parts.iter().map(|part| self.shape(*part)[0]).sum();
        self.push(name, parts.to_vec(), Op::Concat, [maps, rows, cols])
    }

    pub(super) fn add(&mut self, name: &str, parts: &[Source]) -> &mut Self {
        let shape = self.shape(parts[0]);
        self.push(name, parts.to_vec(), Op::Add, shape)
    }
}

/// How many windows lie on so many places.
fn places(length: usize, side: usize, step: usize, pad: usize) -> Result<usize> {
    let room = (length + 2 * pad).checked_sub(side);
    let room = room.ok_or_else(|| {
        let expected = "a side on which every window finds room";
        wrong("input", expected, "a smaller one")
    })?;
    Ok(room / step + 1)
}

fn fits(tensor: &str, expected: &[usize], found: &[usize]) -> Result<()> {
    match found == expected {
        true => Ok(()),
        false => Err(unfit(tensor, format!("shape {expected:?}"), found)),
    }
}

fn unfit(tensor: &str, expected: String, found: &[usize]) -> crate::refusal::Error {
    wrong(
        format!("tensor {tensor}"),
        expected,
        format!("shape {found:?}"),
    )
}
