//! For burn's `Flex`.

use burn::backend::Flex;
use burn::tensor::{DType, Int, Tensor, TensorData};

use crate::{conv, dense, norm, pool as pooling};

/// What holds a tensor's numbers side by side.
type Held = <burn::tensor::Float as burn::tensor::BackendPrimitive<Flex>>::Primitive;

fn hold<const D: usize>(x: &Tensor<D>) -> Option<Held> {
    if x.dtype() != DType::F32 {
        return None;
    }
    let held = x.clone().try_into_primitive::<Flex>().ok()?;
    Some(held.to_contiguous())
}

fn numbers(held: &Held) -> &[f32] {
    let (start, end) = held
        .layout()
        .contiguous_offsets()
        .expect("it was made contiguous");
    &held.storage()[start..end]
}

/// Packs filters `[out, in / groups, kernel rows, kernel cols]`.
pub fn pack(filters: &Tensor<4>, groups: usize) -> Option<conv::Filters> {
    let held = hold(filters)?;
    Some(conv::Filters::pack(numbers(&held), filters.dims(), groups))
}

/// [`conv::forward`].
pub fn convolve(
    x: &Tensor<4>,
    filters: &conv::Filters,
    bias: &Tensor<1>,
    geometry: &conv::Geometry,
) -> Option<Tensor<4>> {
    let (held, bias) = (hold(x)?, hold(bias)?);
    let (values, [rows, cols]) =
        conv::forward(numbers(&held), x.dims(), filters, numbers(&bias), geometry);
    let shape = [x.dims()[0], numbers(&bias).len(), rows, cols];
    Some(Tensor::from_data(
        TensorData::new(values, shape),
        &x.device(),
    ))
}

/// [`pool::forward`](pooling::forward): values and switches.
pub fn pool(x: &Tensor<4>, geometry: &pooling::Geometry) -> Option<(Tensor<4>, Tensor<4, Int>)> {
    let held = hold(x)?;
    let [pictures, maps, rows, cols] = x.dims();
    let pooled = pooling::forward(numbers(&held), [rows, cols], geometry);
    let shape = [pictures, maps, pooled.windows[0], pooled.windows[1]];
    let device = x.device();
    Some((
        Tensor::from_data(TensorData::new(pooled.values, shape), &device),
        Tensor::from_data(TensorData::new(pooled.switches, shape), &device),
    ))
}

/// [`norm::forward`].
pub fn normalise(x: &Tensor<4>, constants: &norm::Constants) -> Option<Tensor<4>> {
    let held = hold(x)?;
    let [_, maps, rows, cols] = x.dims();
    let values = norm::forward(numbers(&held), maps, rows * cols, constants);
    Some(Tensor::from_data(
        TensorData::new(values, x.dims()),
        &x.device(),
    ))
}

/// [`dense::forward`], to `[pictures, units, 1, 1]`.
pub fn weigh(x: &Tensor<4>, weights: &Tensor<2>, bias: &Tensor<1>) -> Option<Tensor<4>> {
    let (held, weights, bias) = (hold(x)?, hold(weights)?, hold(bias)?);
    let [pictures, maps, rows, cols] = x.dims();
    let bias = numbers(&bias);
    let values = dense::forward(numbers(&held), numbers(&weights), bias, maps * rows * cols);
    let shape = [pictures, bias.len(), 1, 1];
    Some(Tensor::from_data(
        TensorData::new(values, shape),
        &x.device(),
    ))
}
