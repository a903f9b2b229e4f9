//! What a training waits for, on the CPU: its steps, and the pictures for them.
//!
//! ZFNet with 512-wide dense layers, batches of 32 pictures of 112 pixels; `pytorch.py` takes the same step. Figures are of
//! one machine and good as ratios only.

use std::hint::black_box;
use std::sync::Arc;

use burn::tensor::Device;
use criterion::{Criterion, criterion_group, criterion_main};
use pollster::block_on;
use zfnet::deconvnet::gradients::cross_entropy;
use zfnet::network::architecture::Architecture;
use zfnet::network::model::{FORMAT, Input, Model};
use zfnet::readback::floats;
use zfnet_train::data::{Cache, Loader, Order, Sample};
use zfnet_train::initialise::gaussian;
use zfnet_train::optimiser::{average, renormalise, step};
use zfnet_train::recipe::Recipe;

const BATCH: usize = 32;
const SIZE: usize = 112;

fn steps(criterion: &mut Criterion) {
    let model = Model {
        format: FORMAT,
        name: "bench".into(),
        architecture: Architecture::zfnet(512, 29),
        input: Input {
            size: [SIZE; 2],
            resize_short_side: SIZE,
            channels: Default::default(),
            range: 255.0,
            mean: vec![120.0; 3],
            std: vec![1.0; 3],
        },
        classes: Vec::new(),
        scores: Default::default(),
        provenance: serde_json::Value::Null,
    };
    let network = gaussian(model, 0.02, 1, &Device::flex()).expect("a sound table");
    let recipe = Recipe::small_data();
    let pixels: Vec<f32> = (0..BATCH * 3 * SIZE * SIZE)
        .map(|at| (at * 7919 % 256) as f32)
        .collect();
    let classes: Vec<usize> = (0..BATCH).map(|at| at % 29).collect();
    let mut parameters = network.parameters().to_vec();
    let mut mean = parameters.clone();
    let mut velocities = Vec::new();
    let mut group = criterion.benchmark_group("training");
    group.sample_size(10);
    group.bench_function("step of 32 pictures", |b| {
        b.iter(|| {
            let network = network.with_parameters(parameters.clone()).expect("fits");
            let input = network.input_of(pixels.clone()).expect("fits");
            let trace = network.forward_training(input, &Vec::new()).expect("whole");
            let (loss, signal) = cross_entropy(trace.logits().expect("whole"), &classes, 0.05);
            let gradients = network.gradients(&trace, &Vec::new(), signal, 0);
            step(
                &mut parameters,
                &mut velocities,
                gradients,
                1e-4,
                &recipe.optimiser,
            );
            renormalise(&mut parameters, 0.1);
            average(&mut mean, &parameters, 0.998);
            black_box(block_on(floats(loss)).expect("the CPU answers"))
        });
    });
    group.finish();
}

fn pictures(criterion: &mut Criterion) {
    let folder = std::env::temp_dir().join(format!("zfnet-train-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let samples: Vec<Sample> = (0..BATCH)
        .map(|at| {
            let path = folder.join(format!("{at}.jpg"));
            let picture = image::RgbImage::from_fn(300, 224, |x, y| {
                image::Rgb([x as u8, y as u8, (x * y + at as u32 * 40) as u8])
            });
            picture.save(&path).expect("writable");
            Sample { path, class: 0 }
        })
        .collect();
    let cache = Cache::new(1 << 28, 224);
    let mut group = criterion.benchmark_group("training");
    group.sample_size(10);
    group.bench_function("32 pictures from the cache, one thread", |b| {
        let order = Order {
            seed: 1,
            batch: BATCH,
        };
        let augmentation = Recipe::small_data().augmentation;
        let mut loader = Loader::start(
            Arc::new(samples.clone()),
            cache.clone(),
            augmentation,
            order,
            |_| Some(SIZE),
            0,
            1,
        );
        b.iter(|| black_box(loader.next().expect("endless").expect("sound pictures")));
    });
    group.finish();
    std::fs::remove_dir_all(&folder).expect("the temporary folder");
}

criterion_group!(benches, steps, pictures);
criterion_main!(benches);
