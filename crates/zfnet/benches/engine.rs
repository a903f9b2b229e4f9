//! What a visitor waits for, on the CPU: a forward pass, one unit's projection, a whole layer's mosaic, a map of occlusions,
//! a picture's share of the search for the strongest ones.
//!
//! Figures are of one machine and good as ratios only.

mod subject;

use std::hint::black_box;
use std::ops::ControlFlow;

use burn::tensor::Tensor;
use criterion::{Criterion, criterion_group, criterion_main};
use pollster::block_on;
use zfnet::experiments::Step;
use zfnet::experiments::paper::occlusion::{self, occlude};
use zfnet::experiments::paper::top::Top;
use zfnet::{Network, ReluRule, Targets, Trace, project, readback};

use self::subject::{input, network};

const LAYERS: [&str; 5] = ["conv1", "conv2", "conv3", "conv4", "conv5"];
/// Targets per pass of a mosaic: as many as the page streams at a time.
const BATCH: usize = 8;
/// Pictures that compete together, as many as the command line takes; `cargo xtask bench` divides by it.
const TOGETHER: usize = 16;

fn targets(trace: &Trace, layer: &str) -> Vec<[usize; 3]> {
    let strongest = block_on(trace.strongest(0, &[layer])).expect("the layer ran");
    strongest[0]
        .iter()
        .map(|answer| answer.unit.into())
        .collect()
}

fn run(network: &Network, trace: &Trace, layer: &str, units: &[[usize; 3]]) {
    let targets = Targets::Units(layer.into(), units.to_vec());
    let projections =
        project(network, trace, 0, &targets, ReluRule::Deconvnet).expect("the units exist");
    black_box(block_on(readback::floats(projections.pixels)).expect("the CPU answers"));
}

fn engine(criterion: &mut Criterion) {
    let network = network();
    let input = input();
    criterion.bench_function("forward", |b| {
        b.iter(|| {
            let trace = network.forward(input.clone()).expect("the input fits");
            black_box(
                block_on(readback::floats(trace.logits().expect("whole")))
                    .expect("the CPU answers"),
            )
        });
    });
    let inputs = Tensor::cat(vec![input.clone(); TOGETHER], 0);
    criterion.bench_function("forward of 16 pictures", |b| {
        b.iter(|| {
            let trace = network.forward(inputs.clone()).expect("they fit");
            black_box(
                block_on(readback::floats(trace.logits().expect("whole")))
                    .expect("the CPU answers"),
            )
        });
    });
    let trace = network.forward(input).expect("the input fits");
    let mut group = criterion.benchmark_group("unit");
    for layer in LAYERS {
        let units = targets(&trace, layer);
        group.bench_function(layer, |b| {
            b.iter(|| run(&network, &trace, layer, &units[..1]));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("map");
    group.bench_function("conv5", |b| {
        b.iter(|| {
            let projections = project(
                &network,
                &trace,
                0,
                &Targets::Maps("conv5".into(), vec![0]),
                ReluRule::Deconvnet,
            )
            .expect("exists");
            black_box(block_on(readback::floats(projections.pixels)).expect("the CPU answers"))
        });
    });
    group.finish();
    let mut group = criterion.benchmark_group("layer");
    group.sample_size(10);
    for layer in LAYERS {
        let units = targets(&trace, layer);
        group.bench_function(layer, |b| {
            b.iter(|| {
                units
                    .chunks(BATCH)
                    .for_each(|chunk| run(&network, &trace, layer, chunk));
            });
        });
    }
    group.finish();
}

/// The default square at all its 529 positions.
fn covered(criterion: &mut Criterion) {
    let network = network();
    let trace = network.forward(input()).expect("the input fits");
    let settings = occlusion::Settings::default();
    let mut group = criterion.benchmark_group("occlusion");
    group.sample_size(10);
    group.bench_function("529 positions", |b| {
        b.iter(|| {
            let go_on = async |_: Step<occlusion::Part<'_>>| ControlFlow::Continue(());
            let found = block_on(occlude(&network, &trace, &settings, go_on)).expect("it fits");
            assert_eq!(found.positions.len(), 529);
            black_box(found)
        });
    });
    group.finish();
}

/// A batch of pictures through the network as far as the last convolution, and all maps' winners.
fn strongest(criterion: &mut Criterion) {
    let network = network();
    let inputs = Tensor::cat(vec![input(); TOGETHER], 0);
    let pictures: Vec<usize> = (0..TOGETHER).collect();
    let blank = Top::new(&network, &LAYERS, 9).expect("the layers are there");
    let mut group = criterion.benchmark_group("top-9");
    group.sample_size(10);
    group.bench_function("16 pictures", |b| {
        b.iter(|| {
            let mut top = blank.clone();
            let trace = top.forward(&network, inputs.clone()).expect("they fit");
            block_on(top.observe(&pictures, &trace)).expect("the CPU answers");
            black_box(top)
        });
    });
    group.finish();
}

criterion_group!(benches, engine, covered, strongest);
criterion_main!(benches);
