//! Nodes on numbers of few bits, as onnxruntime's quantiser writes them. They become what they stand for, on dequantised weights;
//! what comes out is not rounded. Where the lowest code stands for zero, what is below zero is cut off: the rectifier that was left
//! out for that comes back.

use zfnet::network::architecture::Curve;

use super::layers::{count, is_in_columns, rows_of};
use super::message::{Constant, Node};
use super::walk::{Value, Walk, unfit};
use crate::refusal::Result;
use crate::row::{Filters, Op, Source};
use crate::weight::{Kind, Weight};

impl<'a> Walk<'a> {
    /// `QuantizeLinear`.
    pub(super) fn quantised(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let signal = self.signal(node, 0)?.clone();
        self.cut_off(node, Value::Signal(signal), 1)
    }

    /// `QLinearConv`: maps, filters and result, each with its scale and its zero, and a bias.
    pub(super) fn quantised_conv(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let weight = self.dequantised_weight(node, 3, 0)?;
        let out = count(&weight);
        let bias = self.dequantised_bias(node, 8, out)?;
        let value = self.convolved(node, 3, Filters::new(weight, bias))?;
        self.cut_off(node, value, 6)
    }

    /// `QGemm`, whose bias stands before the scale of its result, which may be missing, and `QLinearMatMul`.
    pub(super) fn quantised_matrix(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        let axis = usize::from(is_in_columns(node));
        let weight = self.dequantised_weight(node, 3, axis)?;
        let out = rows_of(node, &weight)?;
        let (bias, scale) = match node.op {
            "QGemm" => (self.dequantised_bias(node, 6, out)?, 7),
            _ => (vec![0.0; out], 6),
        };
        let value = self.multiplied(node, 3, Filters::new(weight, bias))?;
        match node.inputs.get(scale).is_none_or(|name| name.is_empty()) {
            true => Ok(value),
            false => self.cut_off(node, value, scale),
        }
    }

    /// What has no weights: each of its maps is followed by its scale and its zero.
    pub(super) fn quantised_maps(&mut self, node: &Node<'a>) -> Result<Value<'a>> {
        if node.integer("channels_last").unwrap_or(0) != 0 {
            return Err(unfit(node, "maps on the second axis"));
        }
        let (value, scale) = match node.op {
            "QLinearAdd" => (self.added(node, [0, 3].into_iter())?, 6),
            "QLinearMul" => (self.multiplied_maps(node, [0, 3])?, 6),
            "QLinearConcat" => (self.concat(node, (2..node.inputs.len()).step_by(3))?, 0),
            "QLinearAveragePool" => (self.average_pool(node)?, 3),
            "QLinearGlobalAveragePool" => (self.global_average(node)?, 3),
            _ => return self.curve(node),
        };
        self.cut_off(node, value, scale)
    }

    /// Weights with a scale and a zero after them, one for all or one for each place of an axis.
    fn dequantised_weight(
        &mut self,
        node: &Node<'a>,
        place: usize,
        axis: usize,
    ) -> Result<Weight<'a>> {
        let weight = self.weight(node, place)?;
        let expected = || unfit(node, "a scale and a zero for each filter");
        let places = weight.dims().get(axis).copied().ok_or_else(expected)?;
        let scale = self.parameters(node, place + 1, places)?;
        let zero = self.parameters(node, place + 2, places)?;
        Ok(weight.dequantised(scale, zero, axis))
    }

    /// A bias in steps of the scale of the maps, at the second place, times that of the weights, at the fifth.
    fn dequantised_bias(&mut self, node: &Node<'a>, place: usize, out: usize) -> Result<Vec<f32>> {
        let mut bias = self.biases(node, place, out)?;
        let maps = self.parameters(node, 1, 1)?[0];
        let weights = self.parameters(node, 4, out)?;
        for (bias, weight) in bias.iter_mut().zip(weights) {
            *bias *= maps * weight;
        }
        Ok(bias)
    }

    /// Whether a rectifier would stand after a row: it follows filters, sums and normalisations that are negative somewhere. The
    /// lowest code of a mean, say, is zero only because no picture was seen with a smaller one.
    fn may_be_rectified(&self, source: Source) -> bool {
        let Source::Row(at) = source else {
            return false;
        };
        let op = &self.rows[at].op;
        let precedes = matches!(
            op,
            Op::Conv { .. } | Op::Dense(_) | Op::Add | Op::Affine { .. } | Op::Concat
        );
        precedes && !self.is_positive(source)
    }

    /// What is left of a value when it is stored with the scale at a place, and the zero after it.
    fn cut_off(&mut self, node: &Node<'a>, value: Value<'a>, scale: usize) -> Result<Value<'a>> {
        let Value::Signal(signal) = value else {
            return Ok(value);
        };
        let kind = match self.constant(node, scale + 1) {
            Some(Constant::Numbers(weight)) => weight.kind(),
            _ => Some(Kind::U8),
        };
        let (lowest, highest) = match kind {
            Some(Kind::I8) => (-128.0, 127.0),
            Some(Kind::I16) => (-32_768.0, 32_767.0),
            Some(Kind::U16) => (0.0, 65_535.0),
            _ => (0.0, 255.0),
        };
        let zero = match node
            .inputs
            .get(scale + 1)
            .is_none_or(|name| name.is_empty())
        {
            true => 0.0,
            false => self.parameters(node, scale + 1, 1)?[0],
        };
        if zero != lowest || !self.may_be_rectified(signal.source) {
            return Ok(Value::Signal(signal));
        }
        // ReLU6 is left out for a range that ends at 6.
        let largest = (highest - zero) * self.parameters(node, scale, 1)?[0];
        let op = match (largest - 6.0).abs() < 0.01 {
            true => Op::Activation(Curve::Clip { min: 0.0, max: 6.0 }),
            false => Op::Relu,
        };
        Ok(self.on(node, &signal, op))
    }
}
