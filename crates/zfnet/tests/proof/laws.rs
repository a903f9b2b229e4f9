//! Laws that need no stored numbers: the projection against autodiff, adjointness, and what cones and batches must not change.

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use proptest::prelude::*;
use zfnet::geometry::signal::Signal;
use zfnet::geometry::window::Windows;
use zfnet::network::architecture::{AvgPool, Conv, MaxPool, Op, Shuffle};
use zfnet::ops::{add, average, concat, conv, dense, gap, norm, pool, shuffle};
use zfnet::{Network, ReluRule, Targets, Trace, project, readback};

use crate::random::{Numbers, any_network};

/// f32 sums of some thousand products in different orders differ in the last digits.
const TOLERANCE: f32 = 2e-4;

pub(crate) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    block_on(readback::floats(tensor)).expect("the CPU answers")
}

pub(crate) fn assert_close(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: lengths");
    let largest = expected.iter().fold(1e-3f32, |most, v| most.max(v.abs()));
    for (at, (f, e)) in found.iter().zip(expected).enumerate() {
        assert!(
            (f - e).abs() <= TOLERANCE * largest,
            "{what}: at {at} expected {e}, found {f} (largest {largest})"
        );
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum()
}

fn frame(network: &Network) -> [usize; 2] {
    let [_, rows, cols] = network.plan.input();
    [rows, cols]
}

fn projections(
    network: &Network,
    trace: &Trace,
    targets: &Targets,
    rule: ReluRule,
) -> Vec<Vec<f32>> {
    let found = project(network, trace, 0, targets, rule).expect("the targets exist");
    block_on(found.on_whole_input(frame(network))).expect("the CPU answers")
}

/// The strongest unit of some maps of a layer, as targets.
fn units(trace: &Trace, layer: &str, count: usize) -> Vec<[usize; 3]> {
    let strongest = block_on(trace.strongest(0, &[layer])).expect("the layer ran");
    strongest[0]
        .iter()
        .take(count)
        .map(|answer| answer.unit.into())
        .collect()
}

fn spatial_layers(network: &Network) -> Vec<String> {
    let layers = network
        .plan
        .iter()
        .filter(|l| !matches!(l.layer.op, Op::Dense(_) | Op::Dropout(_)) && l.output[1] > 1);
    layers.map(|l| l.layer.name.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_gradient_rule_is_autodiff(case in any_network()) {
        let plain = case.network(&Device::flex());
        let trace = plain.forward(case.input(plain.device())).expect("the input fits");
        let tracking = case.network(&Device::flex().autodiff());
        // A backward pass uses its graph up, so every question gets a forward pass of its own.
        let derivative = |of: &dyn Fn(&Trace) -> Tensor<1>| {
            let input = case.input(tracking.device()).require_grad();
            let gradients = of(&tracking.forward(input.clone()).expect("the input fits")).backward();
            numbers(input.grad(&gradients).expect("the input was tracked"))
        };
        for layer in spatial_layers(&plain) {
            let targets = units(&trace, &layer, 3);
            let [map, row, col] = targets[case.pick(targets.len())];
            // Projecting seeds the unit's own activation; half the activation's square has that derivative.
            let expected = derivative(&|trace| {
                let answer = trace.layer(&layer).expect("ran").answer();
                (answer.slice([0..1, map..map + 1, row..row + 1, col..col + 1]).square() * 0.5).sum()
            });
            let found = projections(&plain, &trace, &Targets::Units(layer.clone(), vec![[map, row, col]]), ReluRule::Gradient);
            assert_close(&found[0], &expected, &format!("unit {map} {row} {col} of {layer}"));
        }
        let class = case.pick(3);
        let expected = derivative(&|trace| trace.logits().expect("the whole network").slice([0..1, class..class + 1]).sum());
        let found = projections(&plain, &trace, &Targets::Classes(vec![class]), ReluRule::Gradient);
        assert_close(&found[0], &expected, "class score");
    }

    #[test]
    fn lost_switches_are_the_first_places_of_their_windows_and_move_nothing_out_of_the_field(case in any_network()) {
        let network = case.network(&Device::flex());
        let trace = network.forward(case.input(network.device())).expect("the input fits");
        let lost = network.without_switches(&trace);
        for (planned, record) in network.plan.iter().zip(&lost.layers) {
            let Op::MaxPool(MaxPool { kernel, stride, pad }) = planned.layer.op else { continue };
            let places = record.switches.clone().expect("a pool has switches");
            let [_, maps, rows, cols] = places.dims();
            let places: Vec<i32> = places.into_data().convert::<i32>().try_to_vec::<i32>().expect("integers");
            prop_assert_eq!(places.len(), maps * rows * cols);
            let width = planned.input[2] as i32;
            for (at, place) in places.iter().enumerate() {
                let window = [at / cols % rows, at % cols];
                for (axis, found) in [place / width, place % width].into_iter().enumerate() {
                    let corner = (window[axis] * stride[axis]) as i32 - pad[axis] as i32;
                    prop_assert_eq!(found, corner.max(0));
                    prop_assert!(found < corner + kernel[axis] as i32);
                }
            }
        }
        for layer in spatial_layers(&network) {
            let target = units(&trace, &layer, 3)[0];
            let targets = Targets::Units(layer.clone(), vec![target]);
            let found = projections(&network, &lost, &targets, ReluRule::Deconvnet);
            support_lies_in_the_field(&network, &layer, target, &found[0], ReluRule::Deconvnet);
            let at = network.plan.position(&layer).expect("exists");
            if !network.plan.upto(at).iter().any(|below| matches!(network.plan[*below].layer.op, Op::MaxPool(_))) {
                let kept = projections(&network, &trace, &targets, ReluRule::Deconvnet);
                assert_close(&found[0], &kept[0], "no pool below, nothing to lose");
            }
        }
    }

    #[test]
    fn a_cone_is_the_whole_frame_and_a_batch_is_one_by_one(case in any_network()) {
        let network = case.network(&Device::flex());
        let trace = network.forward(case.input(network.device())).expect("the input fits");
        for layer in spatial_layers(&network) {
            for rule in [ReluRule::Deconvnet, ReluRule::Guided, ReluRule::Gradient] {
                let mut targets = units(&trace, &layer, 3);
                let [_, rows, cols] = network.layer(&layer).expect("exists").output;
                targets.push([0, 0, 0]);
                targets.push([0, rows - 1, cols - 1]);
                let batch = projections(&network, &trace, &Targets::Units(layer.clone(), targets.clone()), rule);
                for (target, found) in targets.iter().zip(&batch) {
                    let alone = projections(&network, &trace, &Targets::Units(layer.clone(), vec![*target]), rule);
                    assert_close(found, &alone[0], &format!("{layer} {target:?} {rule:?}: batch against alone"));
                    support_lies_in_the_field(&network, &layer, *target, found, rule);
                }
                // A map whose other units are silenced is one unit on the whole frame; unless a curve follows, through which a seed
                // comes down first.
                if matches!(trace.layer(&layer).expect("ran").followed_by, Some(Op::Activation(_))) { continue }
                let map = targets[0];
                let mut silenced = trace.clone();
                let at = silenced.layers.iter().position(|r| r.name == layer).expect("ran");
                let answer = silenced.layers[at].answer();
                let [_, maps, _, _] = answer.dims();
                let lone = answer.clone().slice([0..1, 0..maps, map[1]..map[1] + 1, map[2]..map[2] + 1]);
                silenced.layers[at].activation = answer.zeros_like().slice_assign([0..1, 0..maps, map[1]..map[1] + 1, map[2]..map[2] + 1], lone);
                silenced.layers[at].followed_by = None;
                // The layer's own rectifier or switches are not consulted above the seed, so only the seed changed,
                // unless the layer itself is a rectifier, whose derivative looks at its own output.
                let whole = projections(&network, &silenced, &Targets::Maps(layer.clone(), vec![map[0]]), rule);
                assert_close(&batch[0], &whole[0], &format!("{layer} {map:?} {rule:?}: cone against whole frame"));
            }
        }
    }

    #[test]
    fn scaling_the_seed_scales_the_projection(case in any_network(), factor in 0.25f32..4.0) {
        let network = case.network(&Device::flex());
        let trace = network.forward(case.input(network.device())).expect("the input fits");
        let straight = |layer: &&&str| !matches!(trace.layer(layer).expect("ran").followed_by, Some(Op::Activation(_)));
        let convolutions = network.convolutions();
        let layer = convolutions.iter().rfind(straight);
        prop_assume!(layer.is_some());
        let layer = layer.expect("one").to_string();
        let target = Targets::Units(layer.clone(), units(&trace, &layer, 1));
        let mut scaled = trace.clone();
        let at = scaled.layers.iter().position(|r| r.name == layer).expect("ran");
        scaled.layers[at].activation = scaled.layers[at].activation.clone() * factor;
        for rule in [ReluRule::Deconvnet, ReluRule::Guided, ReluRule::Gradient] {
            let expected: Vec<f32> = projections(&network, &trace, &target, rule)[0].iter().map(|v| v * factor).collect();
            assert_close(&projections(&network, &scaled, &target, rule)[0], &expected, &format!("{rule:?} × {factor}"));
        }
    }

    #[test]
    fn convolution_and_its_reverse_are_adjoint(seed in any::<u64>(), maps in 1usize..4, out in 1usize..3, side in 5usize..12,
        kernel in 1usize..5, stride in 1usize..4, pad in prop::array::uniform4(0usize..3), groups in 1usize..3, dilation in 1usize..4) {
        prop_assume!((kernel - 1) * dilation < side);
        let device = Device::flex();
        let mut random = Numbers::new(seed);
        let geometry = Conv { stride: [stride, stride], pad, groups, dilation: [dilation, dilation], ..Conv::new(out * groups, [kernel, kernel]) };
        let weight = random.tensor([out * groups, maps, kernel, kernel], &device);
        let x = random.tensor([1, maps * groups, side, side], &device);
        let y = conv::forward(x.clone(), weight.clone(), Tensor::zeros([out * groups], &device), geometry);
        let [_, _, rows, cols] = y.dims();
        let signal = random.tensor([1, out * groups, rows, cols], &device);
        let (back, windows) = conv::reverse(Signal::whole(signal.clone()), weight, geometry, [side, side]).into_parts();
        let back = on_frame(back, &windows, [side, side]);
        adjoint(dot(&numbers(y), &numbers(signal)), dot(&numbers(x), &back))?;
    }

    #[test]
    fn unpooling_is_the_transpose_of_its_switches(seed in any::<u64>(), side in 6usize..13, kernel in 2usize..4, stride in 1usize..4, pad in prop::array::uniform4(0usize..2)) {
        let device = Device::flex();
        let mut random = Numbers::new(seed);
        let geometry = MaxPool { kernel: [kernel, kernel], stride: [stride, stride], pad };
        let (pooled, switches) = pool::forward(random.tensor([1, 3, side, side], &device), geometry);
        let [_, _, rows, cols] = pooled.dims();
        // With the switches fixed, pooling picks numbers out of another map, and unpooling is its transpose.
        let z = random.tensor([1, 3, side, side], &device);
        let picked = z.clone().reshape([1, 3, side * side]).gather(2, switches.clone().reshape([1, 3, rows * cols]));
        let signal = random.tensor([1, 3, rows, cols], &device);
        let (back, windows) = pool::reverse(Signal::whole(signal.clone()), switches, geometry, [side, side]).into_parts();
        let back = on_frame(back, &windows, [side, side]);
        adjoint(dot(&numbers(picked), &numbers(signal)), dot(&numbers(z), &back))?;
    }

    #[test]
    fn dense_and_its_reverse_are_adjoint(seed in any::<u64>(), maps in 1usize..4, side in 1usize..4, out in 1usize..6) {
        let device = Device::flex();
        let mut random = Numbers::new(seed);
        let weight = random.tensor([out, maps * side * side], &device);
        let x = random.tensor([2, maps, side, side], &device);
        let y = dense::forward(x.clone(), weight.clone(), Tensor::zeros([out], &device));
        let signal = random.tensor([2, out, 1, 1], &device);
        let back = dense::reverse(Signal::whole(signal.clone()), weight, [maps, side, side]).values();
        adjoint(dot(&numbers(y), &numbers(signal)), dot(&numbers(x), &numbers(back)))?;
    }

    #[test]
    fn averaging_and_its_reverse_are_adjoint(seed in any::<u64>(), maps in 1usize..4, rows in 1usize..6, cols in 1usize..6) {
        let device = Device::flex();
        let mut random = Numbers::new(seed);
        let x = random.tensor([2, maps, rows, cols], &device);
        let signal = random.tensor([2, maps, 1, 1], &device);
        let y = gap::forward(x.clone());
        prop_assert_eq!(y.dims(), [2, maps, 1, 1]);
        let (back, windows) = gap::reverse(Signal::whole(signal.clone()), [rows, cols]).into_parts();
        prop_assert_eq!(windows, Windows::whole([rows, cols], 2));
        adjoint(dot(&numbers(y), &numbers(signal)), dot(&numbers(x), &numbers(back)))?;
    }

    #[test]
    fn means_of_windows_and_their_reverse_are_adjoint(seed in any::<u64>(), rows in 4usize..9, cols in 4usize..9, kernel in 2usize..4,
        stride in 1usize..4, pad in prop::array::uniform4(0usize..2), counted in any::<bool>()) {
        let device = Device::flex();
        let mut random = Numbers::new(seed);
        let counted = if counted { pad } else { [0; 4] };
        let geometry = AvgPool { kernel: [kernel, 2], stride: [stride, 1], pad, counted };
        let x = random.tensor([1, 3, rows, cols], &device);
        let y = average::forward(x.clone(), geometry);
        let signal = random.tensor(y.dims(), &device);
        let (back, windows) = average::reverse(Signal::whole(signal.clone()), geometry, [rows, cols]).into_parts();
        let back = on_frame(back, &windows, [rows, cols]);
        adjoint(dot(&numbers(y), &numbers(signal)), dot(&numbers(x), &back))?;
    }

    #[test]
    fn dealing_out_joining_and_adding_are_undone_by_their_transposes(seed in any::<u64>(), groups in 1usize..4, each in 1usize..4, side in 1usize..5) {
        let device = Device::flex();
        let mut random = Numbers::new(seed);
        let maps = groups * each;
        let x = random.tensor([1, maps, side, side], &device);
        let signal = random.tensor([1, maps, side, side], &device);
        let dealt = shuffle::forward(x.clone(), Shuffle { groups });
        let gathered = shuffle::reverse(Signal::whole(dealt.clone()), Shuffle { groups }).values();
        prop_assert_eq!(numbers(gathered), numbers(x.clone()));
        let back = shuffle::reverse(Signal::whole(signal.clone()), Shuffle { groups }).values();
        adjoint(dot(&numbers(dealt), &numbers(signal.clone())), dot(&numbers(x.clone()), &numbers(back)))?;
        let other = random.tensor([1, each, side, side], &device);
        let both = concat::forward(vec![x.clone(), other.clone()]);
        let parts = concat::reverse(Signal::whole(both), [maps, each]);
        prop_assert_eq!(numbers(parts[0].values()), numbers(x.clone()));
        prop_assert_eq!(numbers(parts[1].values()), numbers(other));
        let sum = add::forward(vec![x.clone(), x.clone(), x.clone()]);
        let back: f64 = add::reverse(Signal::whole(signal.clone()), 3).iter().map(|term| dot(&numbers(x.clone()), &numbers(term.values()))).sum();
        adjoint(dot(&numbers(sum), &numbers(signal)), back)?;
    }

    #[test]
    fn saving_and_loading_is_the_identity(case in any_network()) {
        use zfnet::files::weights::{Precision, Shard};
        let network = case.network(&Device::flex());
        let whole = block_on(network.write(Shard::All, Precision::F32)).expect("all weights are there");
        let again = Network::read(&whole, network.device()).expect("its own file");
        prop_assert_eq!(&again.model, &network.model);
        prop_assert_eq!(block_on(again.write(Shard::All, Precision::F32)).expect("all weights are there"), whole);
        let features = block_on(network.write(Shard::Features, Precision::F32)).expect("all weights are there");
        let classifier = block_on(network.write(Shard::Classifier, Precision::F32)).expect("all weights are there");
        let mut parts = Network::read(&features, network.device()).expect("its own file");
        let is_dense = |planned: &zfnet::network::plan::PlannedLayer| matches!(planned.layer.op, Op::Dense(_));
        prop_assert_eq!(parts.runnable() < parts.plan.len(), parts.plan.iter().any(is_dense));
        parts.add_shard(&classifier).expect("its own file");
        let logits = |network: &Network| numbers(network.forward(case.input(network.device())).expect("fits").logits().expect("whole"));
        prop_assert_eq!(logits(&parts), logits(&network));
    }
}

fn adjoint(up: f64, down: f64) -> Result<(), TestCaseError> {
    prop_assert!(
        (up - down).abs() <= 1e-4 * up.abs().max(1.0),
        "⟨op x, y⟩ = {up}, ⟨x, opᵀ y⟩ = {down}"
    );
    Ok(())
}

fn on_frame(signal: Tensor<4>, windows: &Windows, frame: [usize; 2]) -> Vec<f32> {
    let projections = zfnet::Projections {
        activations: Tensor::zeros([1], &signal.device()),
        pixels: signal,
        windows: windows.clone(),
    };
    block_on(projections.on_whole_input(frame))
        .expect("the CPU answers")
        .remove(0)
}

fn support_lies_in_the_field(
    network: &Network,
    layer: &str,
    [_, row, col]: [usize; 3],
    frame_values: &[f32],
    rule: ReluRule,
) {
    let field = network.layer(layer).expect("exists").field;
    // The deconvnet passes norms as they are, so its reach within maps is smaller than the field, never larger.
    let _ = rule;
    let [rows, cols] = frame(network);
    let inside = |at: usize, unit: usize, axis: usize| {
        let start = field.offset[axis] + (field.stride[axis] * unit) as isize;
        (start..start + field.size[axis] as isize).contains(&(at as isize))
    };
    for (at, value) in frame_values.iter().enumerate().filter(|(_, v)| **v != 0.0) {
        let (y, x) = (at / cols % rows, at % cols);
        assert!(
            inside(y, row, 0) && inside(x, col, 1),
            "{layer}: {value} at ({y}, {x}) outside the receptive field {field:?} of unit ({row}, {col})"
        );
    }
}

#[test]
fn normalisation_reverse_is_its_derivative_and_identity_for_the_deconvnet() {
    use zfnet::network::architecture::{Lrn, Region};
    let mut random = Numbers::new(7);
    for region in [Region::Across, Region::Within] {
        let device = Device::flex().autodiff();
        let constants = Lrn {
            region,
            size: 3,
            alpha: 0.3,
            beta: 0.75,
            k: 1.5,
        };
        let x = random.tensor([1, 6, 5, 5], &Device::flex());
        let tracked = Tensor::<4>::from_data(
            burn::tensor::TensorData::new(numbers(x.clone()), [1, 6, 5, 5]),
            &device,
        )
        .require_grad();
        let signal = random.tensor([1, 6, 5, 5], &Device::flex());
        let weighted = norm::forward(tracked.clone(), constants)
            * Tensor::<4>::from_data(
                burn::tensor::TensorData::new(numbers(signal.clone()), [1, 6, 5, 5]),
                &device,
            );
        let expected = numbers(tracked.grad(&weighted.sum().backward()).expect("tracked"));
        let whole = Windows::whole([5, 5], 1);
        let given = Signal::whole(signal.clone());
        let found = norm::reverse(given.clone(), x.clone(), constants, ReluRule::Gradient);
        let (found, windows) = found.into_parts();
        assert_eq!(windows, whole);
        assert_close(&numbers(found), &expected, "derivative");
        let same = norm::reverse(given, x, constants, ReluRule::Deconvnet);
        assert_eq!(numbers(same.values()), numbers(signal));
    }
}
