//! Lays a network's layers one on the other, and takes for each the tensors that it needs.

use zfnet::network::architecture::{Curve, Shape};

use crate::refusal::{Result, damaged};
use crate::row::{Filters, Op, Row, Source, Windows, normalisation};
use crate::weight::Weight;

/// A tensor by its name and shape.
pub(super) type Tensors<'t, 'a> = dyn FnMut(&str, &[usize]) -> Result<Weight<'a>> + 't;

/// A network under construction. Each method lays a layer on that of [`Maker::here`].
pub(crate) struct Maker<'t, 'a> {
    tensors: &'t mut Tensors<'t, 'a>,
    input: Shape,
    pub(super) rows: Vec<Row<'a>>,
    top: Source,
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
        weight.read().map_err(|found| damaged("its numbers", found))
    }

    /// Filters without a bias.
    pub(super) fn filters(
        &mut self,
        name: &str,
        out: usize,
        side: usize,
        step: usize,
        pad: usize,
        groups: usize,
    ) -> Result<&mut Self> {
        let bias = vec![0.0; out];
        self.convolution(name, side, step, pad, groups, bias)
    }

    /// Filters with a bias.
    pub(super) fn conv(
        &mut self,
        name: &str,
        out: usize,
        side: usize,
        step: usize,
        pad: usize,
    ) -> Result<&mut Self> {
        let bias = self.numbers(&format!("{name}.bias"), out)?;
        self.convolution(name, side, step, pad, 1, bias)
    }

    fn convolution(
        &mut self,
        name: &str,
        side: usize,
        step: usize,
        pad: usize,
        groups: usize,
        bias: Vec<f32>,
    ) -> Result<&mut Self> {
        let [maps, rows, cols] = self.shape(self.top);
        let dims = [bias.len(), maps / groups, side, side];
        let weight = (self.tensors)(&format!("{name}.weight"), &dims)?;
        let length = |length: usize| (length + 2 * pad - side) / step + 1;
        let shape = [bias.len(), length(rows), length(cols)];
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

    pub(super) fn dense(&mut self, name: &str, out: usize) -> Result<&mut Self> {
        let seen = self.shape(self.top).iter().product();
        let weight = (self.tensors)(&format!("{name}.weight"), &[out, seen])?;
        let bias = self.numbers(&format!("{name}.bias"), out)?;
        let filters = Filters {
            weight,
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

    /// Maxima; `up` where the number of windows is rounded up.
    pub(super) fn pool(
        &mut self,
        name: &str,
        side: usize,
        step: usize,
        pad: usize,
        up: bool,
    ) -> &mut Self {
        let [maps, rows, cols] = self.shape(self.top);
        let mut windows = Windows {
            kernel: [side; 2],
            stride: [step; 2],
            pad: [pad; 4],
        };
        let mut places = [0; 2];
        for (axis, length) in [rows, cols].into_iter().enumerate() {
            let room = length + 2 * pad - side;
            let steps = match up {
                true if room.div_ceil(step) * step < length + pad => room.div_ceil(step),
                _ => room / step,
            };
            windows.pad[axis + 2] += (steps * step).saturating_sub(room);
            places[axis] = steps + 1;
        }
        self.on(name, Op::MaxPool(windows), [maps, places[0], places[1]])
    }

    /// Means of windows side by side.
    pub(super) fn mean(&mut self, name: &str, side: usize) -> &mut Self {
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
        self.on(name, op, [maps, rows / side, cols / side])
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
