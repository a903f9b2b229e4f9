//! For burn's `Flex`.

use burn::backend::Flex;
use burn::tensor::{DType, Int, Tensor, TensorData};

use super::{Places, Way};
use crate::pairs::{Left, Pairs, Rectifier, Window, left_of, unpooled};
use crate::{
    conv, dense, gradient, maximum, norm, overlay, pool as pooling, relu, threads, transpose,
};

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
pub fn pack(filters: &Tensor<4>, groups: usize, stride: [usize; 2]) -> Option<conv::Filters> {
    let held = hold(filters)?;
    Some(conv::Filters::pack(
        numbers(&held),
        filters.dims(),
        groups,
        stride,
    ))
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
        conv::forward(numbers(&held), x.dims(), filters, numbers(&bias), geometry)?;
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

/// [`relu::forward`].
pub fn rectify(x: &Tensor<4>) -> Option<Tensor<4>> {
    let held = hold(x)?;
    let values = relu::forward(numbers(&held));
    Some(Tensor::from_data(
        TensorData::new(values, x.dims()),
        &x.device(),
    ))
}

/// [`maximum::strongest`] of one picture's maps.
pub fn strongest(x: &Tensor<4>, picture: usize) -> Option<Vec<(f32, usize)>> {
    let held = hold(x)?;
    let [_, maps, rows, cols] = x.dims();
    let own = numbers(&held)
        .chunks_exact(maps * rows * cols)
        .nth(picture)?;
    maximum::strongest(own, rows * cols)
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

/// [`norm::reverse`] of a signal `[targets, maps, rows, cols]`, with what was normalised there, x `[1 or targets, maps, rows, cols]`.
pub fn denormalise(
    signal: &Tensor<4>,
    x: &Tensor<4>,
    constants: &norm::Constants,
) -> Option<Tensor<4>> {
    let (held, x) = (hold(signal)?, hold(x)?);
    let [_, maps, rows, cols] = signal.dims();
    let values = norm::reverse(numbers(&held), numbers(&x), maps, rows * cols, constants);
    Some(Tensor::from_data(
        TensorData::new(values, signal.dims()),
        &signal.device(),
    ))
}

/// What `windows` on maps `[1, maps, rows, cols]` hold, `[targets, maps, window rows, window cols]`, with each target's `values` laid over
/// them, which lie `at` windows of their own and mean nothing outside the frame; out there is `outside`.
pub fn overlaid(
    maps: &Tensor<4>,
    windows: &Places<'_>,
    values: &Tensor<4>,
    at: &Places<'_>,
    outside: f32,
) -> Option<Tensor<4>> {
    let (held, own) = (hold(maps)?, hold(values)?);
    let all = |places: &Places<'_>| -> Vec<Window> {
        (0..places.origins.len())
            .map(|of| window_of(places, of))
            .collect()
    };
    let (windows, at) = (all(windows), all(at));
    let laid = overlay::overlaid(numbers(&held), &windows, numbers(&own), &at, outside);
    let shape = [
        windows.len(),
        maps.dims()[1],
        windows[0].size[0],
        windows[0].size[1],
    ];
    Some(Tensor::from_data(
        TensorData::new(laid, shape),
        &maps.device(),
    ))
}

/// One target's.
fn window_of(places: &Places<'_>, target: usize) -> Window {
    Window {
        frame: places.frame,
        origin: places.origins[target],
        size: places.size,
    }
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

/// Packs filters `[out, in / groups, kernel rows, kernel cols]` for the way down.
pub fn turn(filters: &Tensor<4>, groups: usize) -> Option<transpose::Transposed> {
    let held = hold(filters)?;
    Some(transpose::Transposed::pack(
        numbers(&held),
        filters.dims(),
        groups,
    ))
}

/// A signal `[targets, out, rows, cols]` at `places` on its way to a convolution and down through it, to the whole windows below,
/// what would fall into the padding included.
pub fn descend(
    signal: &Tensor<4>,
    places: &Places<'_>,
    way: &Way<'_>,
    filters: &transpose::Transposed,
    stride: [usize; 2],
) -> Option<Tensor<4>> {
    let [targets, maps, ..] = signal.dims();
    let [made, groups] = filters.shape();
    debug_assert_eq!(maps, made * groups);
    let below = way.pool.as_ref().map_or(*places, |(_, below)| *below);
    let spots = below.size[0] * below.size[1];
    let pairs = left(signal, places, way, made, |left| {
        Pairs::by_place(&left, spots)
    })?;
    let (values, [rows, cols]) = transpose::reverse(&pairs, below.size, filters, stride);
    let seen = values.len() / (targets * rows * cols);
    let shape = [targets, seen, rows, cols];
    Some(Tensor::from_data(
        TensorData::new(values, shape),
        &signal.device(),
    ))
}

/// Derivatives by a convolution's filters of `shape` and by its biases, summed over the pictures of its input x: of a signal
/// `[pictures, out, rows, cols]` at `places` on its way to the convolution, each from its maps' first row and column.
pub fn gradient(
    x: &Tensor<4>,
    signal: &Tensor<4>,
    places: &Places<'_>,
    way: &Way<'_>,
    shape: [usize; 4],
    geometry: &conv::Geometry,
) -> Option<(Tensor<4>, Tensor<1>)> {
    let held = hold(x)?;
    let [out, seen, ..] = shape;
    let made = out / (x.dims()[1] / seen);
    let below = way.pool.as_ref().map_or(*places, |(_, below)| *below);
    if below.origins.iter().any(|origin| *origin != [0, 0]) {
        return None;
    }
    let left = left(signal, places, way, made, |left| left)?;
    let (weights, biases) =
        gradient::gradient(numbers(&held), x.dims(), &left, below.size, shape, geometry);
    let device = x.device();
    Some((
        Tensor::from_data(TensorData::new(weights, shape), &device),
        Tensor::from_data(TensorData::new(biases, [out]), &device),
    ))
}

/// What is left of every target's signal, group after group of `made` maps, on its way to a convolution, and what is made of it.
fn left<T: Send>(
    signal: &Tensor<4>,
    places: &Places<'_>,
    way: &Way<'_>,
    made: usize,
    make: impl Fn(Vec<Left>) -> T + Sync + Send,
) -> Option<Vec<T>> {
    let held = hold(signal)?;
    let [targets, maps, ..] = signal.dims();
    let groups = maps / made;
    let fired = match way.fired {
        Some(output) => Some(hold(output)?),
        None => None,
    };
    let fired = fired.as_ref().map(numbers);
    let switches = match &way.pool {
        Some((switches, _)) => {
            let held = (*switches).clone().try_into_primitive::<Flex>().ok()?;
            Some(held.to_contiguous())
        }
        None => None,
    };
    let switches = match &switches {
        Some(held) => Some(Switches::of(held)?),
        None => None,
    };
    let below = way.pool.as_ref().map_or(*places, |(_, below)| *below);
    // Numbers of a group's windows, and of its maps in one picture.
    let window = made * places.size[0] * places.size[1];
    let [pooled, frame] = [places, &below].map(|at| made * at.frame[0] * at.frame[1]);
    // Where in something that all targets share, or each has of its own, one's share begins.
    let share = |part: usize, length: usize, all: usize| match all == length * groups {
        true => part % groups * length,
        false => part * length,
    };
    let left = |part: usize| {
        let signal = &numbers(&held)[part * window..][..window];
        let at = |places: &Places<'_>| window_of(places, part / groups);
        let rectifier = Rectifier {
            positive: way.positive,
            output: fired.map(|output| &output[share(part, frame, output.len())..][..frame]),
        };
        make(match &switches {
            None => left_of(signal, &at(places), &rectifier),
            Some(switches) => {
                let first = share(part, pooled, switches.len());
                let switch = |at: usize| switches.at(first + at);
                unpooled(signal, &at(places), switch, &at(&below), &rectifier)
            }
        })
    };
    Some(threads::map((0..targets * groups).collect(), left))
}

/// Switches in either of the types that burn keeps integers in.
enum Switches<'a> {
    Short(&'a [i32]),
    Long(&'a [i64]),
}

impl<'a> Switches<'a> {
    fn of(held: &'a Held) -> Option<Self> {
        let (start, end) = held.layout().contiguous_offsets()?;
        match held.dtype() {
            DType::I32 => Some(Self::Short(&held.storage()[start..end])),
            DType::I64 => Some(Self::Long(&held.storage()[start..end])),
            _ => None,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Short(switches) => switches.len(),
            Self::Long(switches) => switches.len(),
        }
    }

    fn at(&self, index: usize) -> usize {
        match self {
            Self::Short(switches) => switches[index] as usize,
            Self::Long(switches) => switches[index] as usize,
        }
    }
}
