//! Our own operations on the CPU against burn's: the same numbers but for rounding, the same places, the same answer to what
//! is no number.

use burn::tensor::{Device, Int, Tensor, TensorData};
use proptest::prelude::*;
use zfnet::geometry::signal::Signal;
use zfnet::network::architecture::Region;
use zfnet::network::kernels::Kernels;
use zfnet::ops::{Conv, Lrn, MaxPool, conv, dense, norm, pool, relu};
use zfnet::{Network, ReluRule, Targets, Trace, project};
use zfnet_kernels::tensors;

use crate::laws::numbers;
use crate::random::{Numbers, a_tower, any_network};

/// Some hundred products summed in another order: each rounding is 6e-8 of what has been summed so far, which may be ten times
/// what is left in the end, and those of several layers add up. Differences are shares of the largest number, or of what was
/// `summed` where nothing may be left of it.
const TOLERANCE: f32 = 1e-5;

fn assert_near(found: Tensor<4>, expected: Tensor<4>, summed: f32, what: &str) {
    assert_eq!(found.dims(), expected.dims(), "{what}: shapes");
    let (found, expected) = (numbers(found), numbers(expected));
    let largest = expected.iter().fold(summed, |most, v| most.max(v.abs()));
    for (at, (f, e)) in found.iter().zip(&expected).enumerate() {
        let near = (f - e).abs() <= TOLERANCE * largest;
        assert!(
            near,
            "{what}: at {at} expected {e}, found {f} (largest {largest})"
        );
    }
}

/// Kernels and strides of filters that are transformed where they see many maps.
const TRANSFORMED: [([usize; 2], [usize; 2]); 8] = [
    ([3, 3], [1, 1]),
    ([5, 5], [2, 2]),
    ([2, 3], [1, 1]),
    ([4, 4], [2, 2]),
    ([6, 5], [2, 2]),
    ([5, 3], [2, 2]),
    ([3, 5], [1, 2]),
    ([7, 8], [3, 3]),
];

fn transformed_alike(
    seed: u64,
    [pictures, seen, made, groups]: [usize; 4],
    size: [usize; 2],
    (kernel, stride): ([usize; 2], [usize; 2]),
    pad: [usize; 4],
) {
    let device = Device::flex();
    let mut random = Numbers::new(seed);
    let x = random.tensor([pictures, seen * groups, size[0], size[1]], &device);
    let weight = random.tensor([made * groups, seen, kernel[0], kernel[1]], &device);
    let bias = random.tensor([made * groups], &device);
    let geometry = zfnet_kernels::conv::Geometry { stride, pad };
    let filters = tensors::pack(&weight, groups, stride).expect("the CPU's own tensor");
    let convolve = |x: &Tensor<4>| tensors::convolve(x, &filters, &bias, &geometry);
    let found = convolve(&x).expect("finite numbers");
    // What is none would spoil units that do not see it.
    let spoilt = x.clone().slice_fill([0..1, 0..1, 0..1, 0..1], f32::NAN);
    assert!(convolve(&spoilt).is_none(), "left to burn");
    let plain = Conv {
        stride,
        pad,
        groups,
        ..Conv::new(made * groups, kernel)
    };
    let expected = conv::forward(x, weight, bias, plain);
    let what = format!("transformed filters of {kernel:?}, {stride:?} apart");
    assert_near(found, expected, 1.0, &what);
}

#[test]
fn more_columns_than_a_block_are_transformed_alike() {
    for geometry in TRANSFORMED {
        transformed_alike(1, [5, 384, 8, 1], [13, 13], geometry, [1; 4]);
    }
}

#[test]
fn filters_of_one_number_see_maps_of_any_size() {
    let device = Device::flex();
    let mut random = Numbers::new(2);
    let geometry = zfnet_kernels::conv::Geometry {
        stride: [1, 1],
        pad: [0; 4],
    };
    // From fewer numbers than are read at a time to more than a tile has.
    for at in 0..2 * 5 * 40 {
        let (groups, rows, cols) = (at % 2 + 1, at / 2 % 5 + 1, at / 10 + 1);
        let x = random.tensor([2, 6 * groups, rows, cols], &device);
        let weight = random.tensor([5 * groups, 6, 1, 1], &device);
        let bias = random.tensor([5 * groups], &device);
        let filters = tensors::pack(&weight, groups, [1, 1]).expect("the CPU's own tensor");
        let found = tensors::convolve(&x, &filters, &bias, &geometry).expect("finite numbers");
        let plain = Conv {
            groups,
            ..Conv::new(5 * groups, [1, 1])
        };
        let expected = conv::forward(x, weight, bias, plain);
        assert_near(found, expected, 1.0, &format!("{rows} rows of {cols}"));
    }
}

fn places(switches: Tensor<4, Int>) -> Vec<i64> {
    switches.into_data().iter().collect()
}

/// Pools the same maps both ways; values to the bit, what is no number included.
fn pool_alike(x: Tensor<4>, kernel: [usize; 2], stride: [usize; 2], pad: [usize; 4]) {
    let windows = MaxPool {
        kernel,
        stride,
        pad,
    };
    let (values, switches) = pool::forward(x.clone(), windows);
    let geometry = zfnet_kernels::pool::Geometry {
        kernel,
        stride,
        pad,
    };
    let (found, found_switches) = tensors::pool(&x, &geometry).expect("the CPU's own tensor");
    assert_eq!(found.dims(), values.dims());
    assert_eq!(found_switches.dtype(), switches.dtype());
    let bits = |values: Tensor<4>| -> Vec<u32> {
        let values = numbers(values).into_iter();
        // One kind of what is no number is as good as another.
        values
            .map(|v| if v.is_nan() { f32::NAN } else { v }.to_bits())
            .collect()
    };
    assert_eq!(bits(found), bits(values));
    assert_eq!(places(found_switches), places(switches));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn convolution_is_burns(seed in any::<u64>(), pictures in 1usize..4, seen in 1usize..6, made in 1usize..20, groups in 1usize..4,
        size in prop::array::uniform2(6usize..40), kernel in prop::array::uniform2(1usize..6), stride in prop::array::uniform2(1usize..5),
        pad in prop::array::uniform4(0usize..3)) {
        let device = Device::flex();
        let mut random = Numbers::new(seed);
        let x = random.tensor([pictures, seen * groups, size[0], size[1]], &device);
        let weight = random.tensor([made * groups, seen, kernel[0], kernel[1]], &device);
        let bias = random.tensor([made * groups], &device);
        let filters = tensors::pack(&weight, groups, stride).expect("the CPU's own tensor");
        let geometry = zfnet_kernels::conv::Geometry { stride, pad };
        let found = tensors::convolve(&x, &filters, &bias, &geometry).expect("the CPU's own tensor");
        let expected = conv::forward(x, weight, bias, Conv { stride, pad, groups, ..Conv::new(made * groups, kernel) });
        assert_near(found, expected, 1.0, "convolution");
    }

    #[test]
    fn fewer_multiplications_are_burns_too(seed in any::<u64>(), pictures in 1usize..4, seen in 8usize..20, made in 8usize..20, groups in 1usize..3,
        size in prop::array::uniform2(8usize..22), geometry in prop::sample::select(TRANSFORMED.to_vec()), pad in prop::array::uniform4(0usize..5)) {
        transformed_alike(seed, [pictures, seen, made, groups], size, geometry, pad);
    }

    #[test]
    fn pooling_is_burns_where_maxima_tie_too(seed in any::<u64>(), size in prop::array::uniform2(4usize..30), kernel in prop::array::uniform2(1usize..5),
        stride in prop::array::uniform2(1usize..5), pad in prop::array::uniform4(0usize..2), steps in 1u8..6) {
        let kernel = kernel.map(|length| length.max(2));
        let mut random = Numbers::new(seed);
        let device = Device::flex();
        let x: Tensor<4> = random.tensor([2, 11, size[0], size[1]], &device);
        // Few different values: most windows hold their maximum several times.
        pool_alike((x * f64::from(steps)).round(), kernel, stride, pad);
    }

    #[test]
    fn normalisation_is_burns(seed in any::<u64>(), maps in 1usize..20, half in 0usize..4, beta in prop::sample::select(vec![0.75, 0.5, 1.0])) {
        let device = Device::flex();
        let x: Tensor<4> = Numbers::new(seed).tensor([2, maps, 7, 5], &device) * 30.0;
        let (size, alpha, k) = (2 * half + 1, 1e-2, 2.0);
        let constants = zfnet_kernels::norm::Constants { size, alpha: alpha as f32, beta: beta as f32, k: k as f32 };
        let found = tensors::normalise(&x, &constants).expect("the CPU's own tensor");
        let expected = norm::forward(x, Lrn { region: Region::Across, size, alpha, beta, k });
        assert_near(found, expected, 1.0, "normalisation");
    }

    #[test]
    fn a_normalisations_derivative_is_burns(seed in any::<u64>(), maps in 1usize..20, half in 0usize..4,
        beta in prop::sample::select(vec![0.75, 0.5, 1.0]), size in prop::array::uniform2(1usize..14), shared in any::<bool>()) {
        let device = Device::flex();
        let mut random = Numbers::new(seed);
        let x: Tensor<4> = random.tensor([if shared { 1 } else { 3 }, maps, size[0], size[1]], &device) * 30.0;
        let signal: Tensor<4> = random.tensor([3, maps, size[0], size[1]], &device);
        let (length, alpha, k) = (2 * half + 1, 1e-2, 2.0);
        let constants = zfnet_kernels::norm::Constants { size: length, alpha: alpha as f32, beta: beta as f32, k: k as f32 };
        let found = tensors::denormalise(&signal, &x, &constants).expect("the CPU's own tensor");
        let lrn = Lrn { region: Region::Across, size: length, alpha, beta, k };
        let expected = norm::reverse(Signal::whole(signal), x, lrn, ReluRule::Gradient).values();
        assert_near(found, expected, 1.0, "normalisation's derivative");
    }

    #[test]
    fn derivatives_by_filters_are_burns(seed in any::<u64>(), pictures in 1usize..4, seen in 1usize..60, made in 1usize..9, groups in 1usize..4,
        units in prop::array::uniform2(1usize..14), kernel in prop::array::uniform2(1usize..6), stride in prop::array::uniform2(1usize..4),
        pad in prop::array::uniform4(0usize..3), rest in prop::array::uniform2(0usize..3)) {
        let device = Device::flex();
        let mut random = Numbers::new(seed);
        // A last row and column that no unit sees, where the stride leaves some.
        let size = [0, 1].map(|axis| {
            let seen = (units[axis] - 1) * stride[axis] + kernel[axis] + rest[axis].min(stride[axis] - 1);
            seen.saturating_sub(pad[axis] + pad[axis + 2]).max(1)
        });
        let geometry = Conv { stride, pad, groups, ..Conv::new(made * groups, kernel) };
        let x: Tensor<4> = random.tensor([pictures, seen * groups, size[0], size[1]], &device);
        let weight = random.tensor([made * groups, seen, kernel[0], kernel[1]], &device);
        let bias = random.tensor([made * groups], &device);
        let [_, _, rows, cols] = conv::forward(x.clone(), weight.clone(), bias, geometry).dims();
        // Half of a signal is gone behind a rectifier.
        let signal: Tensor<4> = random.tensor([pictures, made * groups, rows, cols], &device);
        let signal = relu::forward(signal);
        let origins = vec![[0, 0]; pictures];
        let places = tensors::Places { frame: [rows, cols], size: [rows, cols], origins: &origins };
        let way = tensors::Way { pool: None, positive: false, fired: None };
        let own = zfnet_kernels::conv::Geometry { stride, pad };
        let (filters, biases) = tensors::gradient(&x, &signal, &places, &way, weight.dims(), &own).expect("the CPU's own tensors");
        let (expected, expected_biases) = conv::gradient(x, signal, geometry);
        assert_near(filters, expected, 1.0, "derivatives by filters");
        assert_near(biases.unsqueeze(), expected_biases.unsqueeze(), 1.0, "derivatives by biases");
    }

    #[test]
    fn a_dense_layer_is_burns(seed in any::<u64>(), pictures in 1usize..6, maps in 1usize..9, size in prop::array::uniform2(1usize..8), units in 1usize..30) {
        let device = Device::flex();
        let mut random = Numbers::new(seed);
        let x = random.tensor([pictures, maps, size[0], size[1]], &device);
        let weight = random.tensor([units, maps * size[0] * size[1]], &device);
        let bias = random.tensor([units], &device);
        let found = tensors::weigh(&x, &weight, &bias).expect("the CPU's own tensor");
        assert_near(found, dense::forward(x, weight, bias), 1.0, "dense layer");
    }

    #[test]
    fn a_network_is_the_same_network(case in any_network()) {
        let own = case.network(&Device::flex());
        let plain = own.with_kernels(Kernels::Plain);
        let input = case.input(own.device());
        let (own, plain) = (own.forward(input.clone()).expect("it fits"), plain.forward(input).expect("it fits"));
        for (own, plain) in own.layers.into_iter().zip(plain.layers) {
            assert_near(own.activation, plain.activation, 1.0, &own.name);
        }
    }

    #[test]
    fn a_way_down_is_the_same_way(case in any_network()) {
        let own = case.network(&Device::flex());
        let plain = own.with_kernels(Kernels::Plain);
        // One trace for both: switches of maxima that nearly tie are not what is compared.
        let trace = own.forward(case.input(own.device())).expect("it fits");
        for record in trace.layers.iter().filter(|record| record.activation.dims()[2] > 1) {
            let [_, maps, rows, cols] = record.activation.dims();
            let last = [maps - 1, rows - 1, cols - 1];
            let units = vec![[0, 0, 0], last, [case.pick(maps), case.pick(rows), case.pick(cols)]];
            for targets in [
                Targets::Units(record.name.clone(), units.clone()),
                Targets::Units(record.name.clone(), vec![last, last]),
                Targets::Maps(record.name.clone(), vec![0, maps - 1]),
            ] {
                for rule in [ReluRule::Deconvnet, ReluRule::Guided, ReluRule::Gradient] {
                    let down = |network| project(network, &trace, 0, &targets, rule).expect("they exist");
                    let (own, plain) = (down(&own), down(&plain));
                    prop_assert_eq!(own.windows, plain.windows);
                    assert_near(own.pixels, plain.pixels, 0.01, &format!("{rule:?} {targets:?}"));
                }
            }
        }
    }
}

#[test]
fn what_was_filtered_once_knows_neither_pictures_nor_batches() {
    let device = Device::flex();
    let fresh = || a_tower(7).network(&device);
    let warm = fresh();
    let picture = |seed| {
        let x: Tensor<4> = Numbers::new(seed).tensor([1, 3, 27, 27], &device);
        warm.forward(x * 4.0).expect("it fits")
    };
    // All that a border can take away, at every place, for one map and another.
    let places = (0..13).flat_map(|row| (0..13).map(move |col| [row, col]));
    let units: Vec<[usize; 3]> = places
        .map(|[row, col]| [(row + col) % 9, row, col])
        .collect();
    let bits = |network: &Network, trace: &Trace, units: &[[usize; 3]]| -> Vec<u32> {
        let targets = Targets::Units("conv4".into(), units.to_vec());
        let found = project(network, trace, 0, &targets, ReluRule::Deconvnet).expect("they exist");
        numbers(found.pixels)
            .into_iter()
            .map(f32::to_bits)
            .collect()
    };
    let before = picture(1);
    bits(&warm, &before, &units);
    let trace = picture(2);
    for unit in &units {
        let unit = std::slice::from_ref(unit);
        assert_eq!(bits(&warm, &trace, unit), bits(&fresh(), &trace, unit));
    }
    assert_eq!(bits(&warm, &trace, &units), bits(&fresh(), &trace, &units));
    // Another network of the same table has other filters.
    let other = a_tower(8).network(&device);
    assert_ne!(bits(&warm, &trace, &units), bits(&other, &trace, &units));
}

#[test]
fn what_is_no_number_goes_the_same_way() {
    let device = Device::flex();
    let (nan, low, high) = (f32::NAN, f32::NEG_INFINITY, f32::INFINITY);
    let rows = [
        [nan, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0],
        [3.0, nan, low, 0.0, -0.0, 0.0, -0.0],
        [low, low, low, low, high, 1.0, high],
        [low, low, low, low, 5.0, nan, high],
        [low, low, nan, low, nan, 2.0, 9.0],
    ];
    let x = Tensor::<2>::from_data(TensorData::from(rows), &device).reshape([1, 1, 5, 7]);
    for (kernel, stride, pad) in [
        ([2, 2], [1, 1], [0; 4]),
        ([3, 3], [2, 2], [0, 0, 1, 1]),
        ([3, 2], [1, 3], [1, 1, 1, 1]),
        ([5, 7], [1, 1], [0; 4]),
    ] {
        pool_alike(x.clone(), kernel, stride, pad);
    }
    let bits = |values: Tensor<4>| -> Vec<u32> {
        let bits = |value: f32| if value.is_nan() { f32::NAN } else { value }.to_bits();
        numbers(values).into_iter().map(bits).collect()
    };
    let rectified = tensors::rectify(&x).expect("the CPU's own tensor");
    assert_eq!(bits(rectified), bits(relu::forward(x)));

    // A convolution spoils exactly the units that see it; infinities that meet their opposite, too.
    let weight = Numbers::new(3).tensor([9, 1, 3, 3], &device);
    let bias = Numbers::new(4).tensor([9], &device);
    let geometry = zfnet_kernels::conv::Geometry {
        stride: [1, 1],
        pad: [1; 4],
    };
    let x: Tensor<4> = Numbers::new(5).tensor([1, 1, 12, 12], &device);
    let spoilt = x.slice_assign(
        [0..1, 0..1, 2..3, 4..5],
        Tensor::full([1, 1, 1, 1], nan, &device),
    );
    let spoilt = spoilt.slice_assign(
        [0..1, 0..1, 8..9, 9..10],
        Tensor::full([1, 1, 1, 1], high, &device),
    );
    let filters = tensors::pack(&weight, 1, geometry.stride).expect("the CPU's own tensor");
    let found =
        tensors::convolve(&spoilt, &filters, &bias, &geometry).expect("the CPU's own tensor");
    let plain = Conv {
        pad: [1; 4],
        ..Conv::new(9, [3, 3])
    };
    let expected = numbers(conv::forward(spoilt, weight, bias, plain));
    for (found, expected) in numbers(found).into_iter().zip(expected) {
        assert_eq!(found.is_nan(), expected.is_nan());
        assert_eq!(
            found.is_infinite().then_some(found),
            expected.is_infinite().then_some(expected)
        );
    }
}

#[test]
fn tensors_that_derivatives_are_asked_of_are_left_to_burn() {
    let device = Device::flex().autodiff();
    let x: Tensor<4> = Numbers::new(1).tensor([1, 3, 8, 8], &device);
    let geometry = zfnet_kernels::pool::Geometry {
        kernel: [2, 2],
        stride: [2, 2],
        pad: [0; 4],
    };
    assert!(tensors::pool(&x, &geometry).is_none());
    assert!(tensors::pack(&x, 1, [1, 1]).is_none());
}
