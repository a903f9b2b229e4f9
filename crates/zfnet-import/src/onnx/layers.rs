//! Nodes with windows or matrices: convolutions, pools, dense layers, normalisation.

use zfnet::network::architecture::Pad;

use super::message::{Constant, Node};
use super::view::{Over, Run, View};
use super::walk::{Signal, Value, Walk, unfit};
use crate::names;
use crate::refusal::Result;
use crate::row::{Filters, Op, Windows};
use crate::weight::Weight;

/// Largest length of a window, of its step and of padding.
const LARGEST: usize = 1 << 16;

impl<'a> Walk<'a> {
    pub(super) fn conv(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let weight = self.weight(node, 1)?;
        let bias = self.biases(node, 2, count(&weight))?;
        self.convolved(node, 1, Filters::new(weight, bias))
    }

    /// Filters on the node's first input; `named` is the place of what they are called after.
    pub(super) fn convolved(
        &mut self,
        node: &Node<'a>,
        named: usize,
        filters: Filters<'a>,
    ) -> Result<Value<'a>> {
        let &[out, seen, high, wide] = filters.weight.dims() else {
            return Err(unfit(node, "filters in two dimensions"));
        };
        let whole = self.signal(node, 0)?.clone();
        if [high, wide] == [1, 1]
            && let [_, units, rows, cols] = whole.view.axes()
            && units.len() > 1
            && rows.is_empty()
            && cols.is_empty()
        {
            let weight = filters.weight.reshaped(vec![out, seen]);
            return self.dense(node, named, &whole, Filters { weight, ..filters });
        }
        let signal = self.maps(node, 0)?;
        let [maps, rows, cols] = signal.shape;
        let groups = small(node.integer("group").unwrap_or(1), node)?;
        let fits = groups > 0
            && out > 0
            && out.is_multiple_of(groups)
            && seen.checked_mul(groups) == Some(maps);
        if !fits {
            return Err(unfit(node, "filters that see as many maps as there are"));
        }
        let dilation = pair(node, "dilations", 1)?;
        let (windows, _) = windows(node, [high, wide], dilation, [rows, cols])?;
        let [rows, cols] = places(node, &windows, dilation, [rows, cols])?;
        let op = Op::Conv {
            windows,
            dilation,
            groups,
            filters,
        };
        Ok(self.layer(node, named, &signal, op, [out, rows, cols]))
    }

    /// A layer with parameters is called after them.
    fn layer(
        &mut self,
        node: &Node<'a>,
        named: usize,
        signal: &Signal,
        op: Op<'a>,
        shape: [usize; 3],
    ) -> Value<'a> {
        let parameters = node.inputs.get(named).copied().unwrap_or_default();
        let name = names::of_parameters(parameters)
            .unwrap_or_else(|| names::of_node(node.name, node.op, node.outputs[0]));
        let is_dense = matches!(op, Op::Dense(_));
        let source = self.push(name, vec![signal.source], op, shape);
        let view = match is_dense {
            true => View::units(self.pictures, shape[0]),
            false => View::maps(self.pictures, shape),
        };
        Value::Signal(Signal {
            source,
            shape,
            view,
        })
    }

    /// `x · Wᵀ`, with the columns of W in the order in which the value shows what it reads.
    fn dense(
        &mut self,
        node: &Node<'a>,
        named: usize,
        signal: &Signal,
        mut filters: Filters<'a>,
    ) -> Result<Value<'a>> {
        let &[out, seen] = filters.weight.dims() else {
            return Err(unfit(node, "a matrix"));
        };
        let [_, units, rest @ ..] = signal.view.axes() else {
            return Err(unfit(node, "units in one row"));
        };
        if rest.iter().any(|axis| !axis.is_empty())
            || seen != signal.shape.iter().product::<usize>()
        {
            return Err(unfit(node, "as many units as the matrix has columns"));
        }
        let runs: Vec<Run> = units.clone();
        let [maps, rows, cols] = signal.shape;
        let plain = [(Over::Maps, maps), (Over::Rows, rows), (Over::Cols, cols)];
        let plain = plain.map(|(over, size)| Run {
            over,
            size,
            step: 1,
        });
        let plain: Vec<Run> = plain.into_iter().filter(|run| run.size > 1).collect();
        if runs != plain {
            let order: Option<Vec<usize>> = plain
                .iter()
                .map(|run| runs.iter().position(|other| other == run).map(|at| at + 1))
                .collect();
            let order = order.filter(|order| order.len() == runs.len());
            let order = order.ok_or_else(|| unfit(node, "units in the order of maps or places"))?;
            let dims: Vec<usize> = runs.iter().map(|run| run.size).collect();
            let dims = [&[out], dims.as_slice()].concat();
            let order = [&[0], order.as_slice()].concat();
            let weight = filters.weight.reshaped(dims).transposed(&order);
            filters.weight = weight.reshaped(vec![out, seen]);
        }
        Ok(self.layer(node, named, signal, Op::Dense(filters), [out, 1, 1]))
    }

    pub(super) fn gemm(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let weight = self.weight(node, 1)?;
        let out = rows_of(node, &weight)?;
        let mut bias = self.biases(node, 2, out)?;
        let beta = node.float("beta").unwrap_or(1.0);
        bias.iter_mut().for_each(|bias| *bias *= beta);
        self.multiplied(node, 1, Filters::new(weight, bias))
    }

    /// `Gemm` of the node's first input with a matrix that may be written in columns.
    pub(super) fn multiplied(
        &mut self,
        node: &Node<'a>,
        named: usize,
        filters: Filters<'a>,
    ) -> Result<Value<'a>> {
        if node.integer("transA").unwrap_or(0) != 0 {
            return Err(unfit(node, "pictures in the rows of its first input"));
        }
        let weight = match is_in_columns(node) {
            true => filters.weight.transposed(&[1, 0]),
            false => filters.weight,
        };
        let factor = match node.float("alpha").unwrap_or(1.0) {
            1.0 => Vec::new(),
            alpha => vec![alpha; filters.bias.len()],
        };
        let filters = Filters {
            weight,
            factor,
            bias: filters.bias,
        };
        let signal = self.signal(node, 0)?.clone();
        self.dense(node, named, &signal, filters)
    }

    pub(super) fn matmul(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        if self.constant(node, 1).is_none() {
            return Err(unfit(node, "a constant matrix as its second input"));
        }
        let weight = self.weight(node, 1)?;
        let out = rows_of(node, &weight)?;
        let bias = self.biases(node, 2, out)?;
        self.multiplied(node, 1, Filters::new(weight, bias))
    }

    /// Numbers that are a constant.
    pub(super) fn weight(&self, node: &Node<'a>, place: usize) -> Result<Weight<'a>> {
        match self.constant(node, place) {
            Some(Constant::Numbers(weight)) => Ok(weight.clone()),
            _ => Err(unfit(node, "weights that are in the file")),
        }
    }

    /// One number for each of `count` maps or units; zeros where the node has none.
    pub(super) fn biases(
        &mut self,
        node: &Node<'a>,
        place: usize,
        count: usize,
    ) -> Result<Vec<f32>> {
        if count > LARGEST {
            return Err(unfit(node, "at most 65536 maps or units"));
        }
        self.spend(count)?;
        if node.inputs.get(place).is_none_or(|name| name.is_empty()) {
            return Ok(vec![0.0; count]);
        }
        self.parameters(node, place, count)
    }

    /// One number for each map, of a constant with one for each or one for all.
    pub(super) fn parameters(
        &mut self,
        node: &Node<'a>,
        place: usize,
        maps: usize,
    ) -> Result<Vec<f32>> {
        self.spend(maps)?;
        let expected = || unfit(node, "one number for each map");
        let constant = self.constant(node, place).ok_or_else(expected)?;
        let numbers = super::constants::numbers(constant).ok_or_else(expected)?;
        match numbers.as_slice() {
            [one] => Ok(vec![*one; maps]),
            _ if numbers.len() == maps => Ok(numbers),
            _ => Err(expected()),
        }
    }

    fn pooled(&mut self, node: &Node<'a>) -> Result<(Signal, Windows, Pad, [usize; 3])> {
        let signal = self.maps(node, 0)?;
        let [maps, rows, cols] = signal.shape;
        let kernel = pair(node, "kernel_shape", 0)?;
        if pair(node, "dilations", 1)? != [1, 1] {
            return Err(unfit(node, "windows without gaps"));
        }
        let (windows, given) = windows(node, kernel, [1, 1], [rows, cols])?;
        let [rows, cols] = places(node, &windows, [1, 1], [rows, cols])?;
        Ok((signal, windows, given, [maps, rows, cols]))
    }

    pub(super) fn max_pool(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let (signal, windows, _, shape) = self.pooled(node)?;
        Ok(self.resized(node, &signal, Op::MaxPool(windows), shape))
    }

    pub(super) fn average_pool(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let (signal, windows, given, shape) = self.pooled(node)?;
        let counted = match node.integer("count_include_pad").unwrap_or(0) {
            0 => [0; 4],
            _ => given,
        };
        let op = Op::AvgPool { windows, counted };
        Ok(self.resized(node, &signal, op, shape))
    }

    /// A row without parameters whose maps are of another size.
    fn resized(
        &mut self,
        node: &Node<'a>,
        signal: &Signal,
        op: Op<'a>,
        shape: [usize; 3],
    ) -> Value<'a> {
        let name = names::of_node(node.name, node.op, node.outputs[0]);
        let source = self.push(name, vec![signal.source], op, shape);
        Value::Signal(Signal {
            source,
            shape,
            view: View::maps(self.pictures, shape),
        })
    }

    pub(super) fn global_average(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let signal = self.maps(node, 0)?;
        let shape = [signal.shape[0], 1, 1];
        Ok(self.resized(node, &signal, Op::Gap, shape))
    }

    pub(super) fn global_max(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let signal = self.maps(node, 0)?;
        let [maps, rows, cols] = signal.shape;
        let windows = Windows {
            kernel: [rows, cols],
            stride: [1, 1],
            pad: [0; 4],
        };
        Ok(self.resized(node, &signal, Op::MaxPool(windows), [maps, 1, 1]))
    }

    /// The mean over rows and columns, wherever these axes are.
    pub(super) fn reduce_mean(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let signal = self.signal(node, 0)?.clone();
        let [maps, rows, cols] = signal.shape;
        let given = match self.constant(node, 1) {
            Some(Constant::Integers(_, axes)) => Some(axes.clone()),
            _ => node.integers("axes").map(<[i64]>::to_vec),
        };
        let expected = || unfit(node, "the mean over rows and columns");
        let rank = signal.view.dims().len();
        let axes = super::shapes::axes(&given.unwrap_or_default(), rank).ok_or_else(expected)?;
        let whole = [(Over::Rows, rows), (Over::Cols, cols)];
        let whole = whole.map(|(over, size)| Run {
            over,
            size,
            step: 1,
        });
        let whole: Vec<Run> = whole.into_iter().filter(|run| run.size > 1).collect();
        let runs: Vec<Run> = axes
            .iter()
            .flat_map(|axis| signal.view.axis(*axis))
            .copied()
            .collect();
        let is_whole = runs.len() == whole.len() && whole.iter().all(|run| runs.contains(run));
        if !is_whole || axes.is_empty() {
            return Err(expected());
        }
        let keeps = node.integer("keepdims").unwrap_or(1) != 0;
        let name = names::of_node(node.name, node.op, node.outputs[0]);
        let shape = [maps, 1, 1];
        let source = self.push(name, vec![signal.source], Op::Gap, shape);
        Ok(Value::Signal(Signal {
            source,
            shape,
            view: signal.view.without(&axes, keeps),
        }))
    }

    pub(super) fn lrn(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let signal = self.maps(node, 0)?;
        let size = small(node.integer("size").unwrap_or(0), node)?;
        if size == 0 {
            return Err(unfit(node, "a window of at least one map"));
        }
        let number = |name, usual: f32| f64::from(node.float(name).unwrap_or(usual));
        let op = Op::Lrn {
            size,
            alpha: number("alpha", 1e-4) / size as f64,
            beta: number("beta", 0.75),
            k: number("bias", 1.0),
        };
        Ok(self.on(node, &signal, op))
    }

    /// Normalisation with known mean and variance: a factor and a shift for each map.
    pub(super) fn batch_normalisation(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let signal = self.signal(node, 0)?.clone();
        let maps = signal.shape[0];
        if signal.view.axis_of_maps(maps) != Some(1) {
            return Err(unfit(node, "maps on the second axis"));
        }
        let [scale, shift, mean, variance] =
            [1, 2, 3, 4].map(|place| self.parameters(node, place, maps));
        let epsilon = node.float("epsilon").unwrap_or(1e-5);
        let (factor, shift) =
            crate::row::normalisation(&scale?, &shift?, &mean?, &variance?, epsilon.into());
        Ok(self.on(node, &signal, Op::Affine { factor, shift }))
    }

    /// Maps behind each other, those at these places of the node's inputs.
    pub(super) fn concat(
        &mut self,
        node: &Node<'a>,
        inputs: impl Iterator<Item = usize>,
    ) -> Result<Value<'a>> {
        let expected = || unfit(node, "maps of one size, one after the other");
        let mut signals = Vec::new();
        for place in inputs {
            let signal = self.signal(node, place)?.clone();
            // What is shuffled is put in order first; other views must agree.
            let signal = match signal.view.shuffled(signal.shape) {
                Some(_) => self.maps(node, place)?,
                None => signal,
            };
            signals.push(signal);
        }
        let Some(first) = signals.first().cloned() else {
            return Err(expected());
        };
        let rank = first.view.dims().len();
        let axis = super::shapes::axes(&[node.integer("axis").unwrap_or(1)], rank);
        let axis = axis.ok_or_else(expected)?[0];
        let [_, rows, cols] = first.shape;
        for signal in &signals {
            let maps = signal.shape[0];
            let is_alike = signal.shape[1..] == [rows, cols]
                && signal.view.axis_of_maps(maps) == Some(axis)
                && signal.view.with_maps(maps, 1) == first.view.with_maps(first.shape[0], 1);
            if !is_alike {
                return Err(expected());
            }
        }
        if let [_] = signals.as_slice() {
            return Ok(Value::Signal(first));
        }
        let maps = signals.iter().map(|signal| signal.shape[0]).sum();
        if maps > LARGEST {
            return Err(expected());
        }
        let name = names::of_node(node.name, node.op, node.outputs[0]);
        let from = signals.iter().map(|signal| signal.source).collect();
        let shape = [maps, rows, cols];
        let view = first
            .view
            .with_maps(first.shape[0], maps)
            .ok_or_else(expected)?;
        let source = self.push(name, from, Op::Concat, shape);
        Ok(Value::Signal(Signal {
            source,
            shape,
            view,
        }))
    }

    /// Zeros around maps, of which the layer after them makes its padding.
    pub(super) fn pad(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let expected = || unfit(node, "zeros around maps");
        let signal = self.maps(node, 0)?;
        let given = match self.constant(node, 1) {
            Some(Constant::Integers(_, pads)) => pads.clone(),
            _ => node.integers("pads").unwrap_or_default().to_vec(),
        };
        let value = match self.constant(node, 2) {
            Some(constant) => super::constants::numbers(constant).ok_or_else(expected)?,
            None => vec![node.float("value").unwrap_or(0.0)],
        };
        let &[0, 0, top, left, 0, 0, bottom, right] = given.as_slice() else {
            return Err(expected());
        };
        let is_zero = value.iter().all(|value| *value == 0.0);
        if !is_zero || node.word("mode").is_some_and(|mode| mode != "constant") {
            return Err(expected());
        }
        let mut pad = [0; 4];
        for (own, given) in pad.iter_mut().zip([top, left, bottom, right]) {
            *own = small(given, node)?;
        }
        let [maps, rows, cols] = signal.shape;
        let shape = [maps, rows + pad[0] + pad[2], cols + pad[1] + pad[3]];
        Ok(self.resized(node, &signal, Op::Pad(pad), shape))
    }
}

/// How many maps filters make.
pub(super) fn count(weight: &Weight<'_>) -> usize {
    weight.dims().first().copied().unwrap_or_default()
}

/// Whether a matrix stands there as it is multiplied with from the right, an output in each column.
pub(super) fn is_in_columns(node: &Node<'_>) -> bool {
    node.integer("transB").unwrap_or(0) == 0
}

/// How many numbers come out of a node's matrix.
pub(super) fn rows_of(node: &Node<'_>, weight: &Weight<'_>) -> Result<usize> {
    match *weight.dims() {
        [rows, cols] => Ok(if is_in_columns(node) { cols } else { rows }),
        _ => Err(unfit(node, "a matrix")),
    }
}

/// A length of the file that is a possible one.
fn small(number: i64, node: &Node<'_>) -> Result<usize> {
    let length = usize::try_from(number).ok();
    length
        .filter(|length| *length <= LARGEST)
        .ok_or_else(|| unfit(node, "lengths from 0 to 65536"))
}

/// Two lengths, rows and columns; `usual` where the node has none.
fn pair(node: &Node<'_>, name: &str, usual: usize) -> Result<[usize; 2]> {
    match node.integers(name) {
        None | Some([]) => Ok([usual; 2]),
        Some(&[rows, cols]) => Ok([small(rows, node)?, small(cols, node)?]),
        Some(_) => Err(unfit(node, "windows in two dimensions")),
    }
}

/// Where windows of a node are put on maps of this size, and how much of the padding the node itself speaks of.
fn windows(
    node: &Node<'_>,
    kernel: [usize; 2],
    dilation: [usize; 2],
    input: [usize; 2],
) -> Result<(Windows, Pad)> {
    let stride = pair(node, "strides", 1)?;
    if kernel.iter().any(|side| !(1..=LARGEST).contains(side))
        || stride.contains(&0)
        || dilation.contains(&0)
    {
        return Err(unfit(
            node,
            "windows of at least one place, with steps of at least one",
        ));
    }
    let reach = [0, 1].map(|axis| (kernel[axis] - 1) * dilation[axis] + 1);
    let mut pad = [0; 4];
    match node.word("auto_pad").unwrap_or("NOTSET") {
        same @ ("SAME_UPPER" | "SAME_LOWER") => {
            for axis in [0, 1] {
                let count = input[axis].div_ceil(stride[axis]);
                let needed = (count.saturating_sub(1) * stride[axis] + reach[axis])
                    .saturating_sub(input[axis]);
                let (less, more) = (needed / 2, needed - needed / 2);
                let (before, after) = match same {
                    "SAME_UPPER" => (less, more),
                    _ => (more, less),
                };
                (pad[axis], pad[axis + 2]) = (before, after);
            }
        }
        "VALID" => {}
        _ => match node.integers("pads") {
            None | Some([]) => {}
            Some(given) if given.len() == 4 => {
                for (own, given) in pad.iter_mut().zip(given) {
                    *own = small(*given, node)?;
                }
            }
            Some(_) => return Err(unfit(node, "padding in two dimensions")),
        },
    }
    let given = pad;
    if node.integer("ceil_mode").unwrap_or(0) != 0 {
        for axis in [0, 1] {
            let padded = input[axis] + pad[axis] + pad[axis + 2];
            if padded < reach[axis] {
                continue;
            }
            let mut steps = (padded - reach[axis]).div_ceil(stride[axis]);
            // A window must begin on the map or in the padding before it.
            if steps * stride[axis] >= input[axis] + pad[axis] {
                steps -= 1;
            }
            let needed = steps * stride[axis] + reach[axis];
            pad[axis + 2] += needed.saturating_sub(padded);
        }
    }
    Ok((
        Windows {
            kernel,
            stride,
            pad,
        },
        given,
    ))
}

/// How many places windows take on maps of this size.
fn places(
    node: &Node<'_>,
    windows: &Windows,
    dilation: [usize; 2],
    input: [usize; 2],
) -> Result<[usize; 2]> {
    let mut places = [0; 2];
    for axis in [0, 1] {
        let reach = (windows.kernel[axis] - 1) * dilation[axis] + 1;
        let padded = input[axis] + windows.pad[axis] + windows.pad[axis + 2];
        let left = padded
            .checked_sub(reach)
            .ok_or_else(|| unfit(node, "windows that are not larger than the maps"))?;
        places[axis] = left / windows.stride[axis] + 1;
    }
    Ok(places)
}
