//! Batches and what they depend on.

use std::sync::Arc;

use zfnet::network::model::{Channels, Input};
use zfnet::{Crop, Photo};

use super::*;

const ORDER: Order = Order { seed: 9, batch: 4 };

fn load(
    samples: &[Sample],
    cache: &Cache,
    augmentation: Augmentation,
    steps: std::ops::Range<u64>,
    workers: usize,
) -> Vec<crate::Result<Batch>> {
    let samples = Arc::new(samples.to_vec());
    let end = steps.end;
    // The picture grows on the way.
    let size_at = move |step| (step < end).then_some(if step < 8 { 16 } else { 24 });
    let (cache, from) = (cache.clone(), steps.start);
    Loader::start(samples, cache, augmentation, ORDER, size_at, from, workers).collect()
}

pub(super) fn input(size: usize, resize_short_side: usize) -> Input {
    Input {
        size: [size; 2],
        resize_short_side,
        channels: Channels::Bgr,
        range: 255.0,
        mean: vec![0.0; 3],
        std: vec![1.0; 3],
    }
}

fn evaluate(samples: &[Sample], input: Input, crops: Crops, cache: &Cache) -> Vec<EvaluationBatch> {
    let samples = Arc::new(samples.to_vec());
    let batches = Evaluation::start(samples, input, crops, 4, cache.clone(), 2);
    batches.collect::<crate::Result<_>>().unwrap()
}

#[test]
fn a_loader_from_the_middle_gives_the_tail_of_one_from_the_start() {
    let folder = Folder::new();
    let samples = folder.samples(10);
    let cache = Cache::new(1 << 20, 32);
    let run = |from, workers| -> Vec<Batch> {
        let batches = load(&samples, &cache, everything(), from..13, workers);
        batches.into_iter().collect::<crate::Result<_>>().unwrap()
    };
    let whole = run(0, 1);
    assert_eq!(whole.len(), 13);
    for (step, batch) in whole.iter().enumerate() {
        assert_eq!(
            (batch.step, batch.size),
            (step as u64, if step < 8 { 16 } else { 24 })
        );
        assert_eq!(batch.pixels.len(), 4 * 3 * batch.size * batch.size);
    }
    assert_ne!(whole[0].pixels, whole[3].pixels);
    for workers in [1, 3] {
        assert!(run(0, workers) == whole);
        assert!(run(7, workers) == whole[7..]);
    }
}

#[test]
fn an_epoch_sees_every_picture_and_fills_its_last_batch_from_its_first() {
    let folder = Folder::new();
    let samples = folder.samples(10);
    let cache = Cache::new(1 << 20, 32);
    assert_eq!(ORDER.steps_per_epoch(10), 3);
    assert_eq!(ORDER.steps_per_epoch(12), 3);
    let batches = load(&samples, &cache, nothing(Cropping::TenCrop), 0..6, 2);
    let classes: Vec<usize> = batches
        .into_iter()
        .flat_map(|b| b.unwrap().classes)
        .collect();
    let epochs: Vec<_> = classes.chunks(12).collect();
    for epoch in &epochs {
        let mut seen = epoch[..10].to_vec();
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..10));
        assert_eq!(epoch[10..], epoch[..2]);
    }
    assert_ne!(epochs[0], epochs[1]);
    // Fewer pictures than a batch takes.
    let batches = load(&samples[..3], &cache, everything(), 0..1, 1);
    assert_eq!(batches[0].as_ref().unwrap().classes.len(), 4);
}

#[test]
fn the_next_picture_takes_the_place_of_a_broken_one() {
    let folder = Folder::new();
    let mut samples = folder.samples(10);
    let whole = load(&samples, &Cache::new(1 << 20, 32), everything(), 0..3, 1);
    let whole: Vec<usize> = whole.into_iter().flat_map(|b| b.unwrap().classes).collect();
    samples[6].path = folder.broken("broken.jpg");
    let cache = Cache::new(1 << 20, 32);
    let batches = load(&samples, &cache, everything(), 0..3, 3);
    let classes: Vec<usize> = batches
        .into_iter()
        .flat_map(|b| b.unwrap().classes)
        .collect();
    for (place, &class) in classes.iter().enumerate() {
        let expected = match whole[place] {
            6 => whole[(place + 1) % 10],
            other => other,
        };
        assert_eq!(class, expected);
    }
    assert_eq!(cache.skipped().len(), 1);
    assert_eq!(cache.skipped()[0].0, samples[6].path);
}

#[test]
fn a_loader_that_cannot_go_on_says_why_and_ends() {
    let folder = Folder::new();
    let sample = |n| Sample {
        path: folder.broken(&format!("{n}.png")),
        class: 0,
    };
    let broken: Vec<Sample> = (0..3).map(sample).collect();
    let cache = Cache::new(1 << 20, 32);
    let only_error = |batches: Vec<crate::Result<Batch>>| {
        assert_eq!(batches.len(), 1);
        batches.into_iter().next().unwrap().unwrap_err().to_string()
    };
    let message = only_error(load(&broken, &cache, everything(), 0..9, 2));
    assert!(message.contains("found 3 broken files"), "{message}");
    assert_eq!(cache.skipped().len(), 3);
    assert!(only_error(load(&[], &cache, everything(), 0..9, 2)).contains("training pictures"));
    let message = mean(&broken, &cache, 8, 2).unwrap_err().to_string();
    assert!(message.contains("found 3 broken files"), "{message}");

    let size_at = |step| {
        assert!(step < 3, "no size for step {step}");
        Some(16)
    };
    let samples = Arc::new(folder.samples(5));
    let loader = Loader::start(samples, cache, everything(), ORDER, size_at, 0, 2);
    let batches: Vec<_> = loader.collect();
    assert_eq!(batches.len(), 4);
    let message = batches[3].as_ref().unwrap_err().to_string();
    assert!(message.contains("no size for step 3"), "{message}");
}

#[test]
fn dropping_a_loader_ends_its_threads() {
    let folder = Folder::new();
    let samples = Arc::new(folder.samples(5));
    let cache = Cache::new(1 << 20, 32);
    let alive = Arc::new(());
    let held = alive.clone();
    let size_at = move |_| Some(15 + Arc::strong_count(&held).min(1));
    let mut loader = Loader::start(samples, cache, everything(), ORDER, size_at, 0, 3);
    assert!(loader.next().unwrap().is_ok());
    assert_eq!(Arc::strong_count(&alive), 2);
    drop(loader);
    assert_eq!(Arc::strong_count(&alive), 1); // the threads held the function
}

#[test]
fn the_mean_is_that_of_the_crops_in_the_middle() {
    let folder = Folder::new();
    let sample = |n: u8| Sample {
        path: folder.picture(&format!("{n}.png"), &textured(64, 70, n)),
        class: 0,
    };
    let mut samples: Vec<Sample> = (0..5).map(sample).collect();
    let pictures: Vec<RgbImage> = (0..5).map(|n| textured(64, 70, n)).collect();
    samples.push(Sample {
        path: folder.broken("broken.png"),
        class: 0,
    });
    let mut expected = Vec::new();
    for channel in 0..3 {
        for row in 0..56 {
            for column in 0..56 {
                let value =
                    |p: &RgbImage| f64::from(p.get_pixel(column + 4, row + 3 + 4).0[channel]);
                expected.push((pictures.iter().map(value).sum::<f64>() / 5.0) as f32);
            }
        }
    }
    let cache = Cache::new(1 << 20, 64);
    for workers in [1, 3] {
        assert_eq!(mean(&samples, &cache, 56, workers).unwrap(), expected);
    }
    assert_eq!(cache.skipped().len(), 1);
}

#[test]
fn one_crop_is_the_square_of_the_engine_and_is_kept() {
    let folder = Folder::new();
    let mut samples = folder.samples(9);
    samples[5].path = folder.broken("broken.png");
    let input = input(20, 26);
    let cache = Cache::new(1 << 20, 7);
    let batches = evaluate(&samples, input.clone(), Crops::One, &cache);
    assert_eq!(
        batches.iter().map(|b| b.first).collect::<Vec<_>>(),
        [0, 4, 8]
    );
    assert_eq!(batches[1].samples, [4, 6, 7]);
    for batch in &batches {
        assert_eq!(batch.samples, batch.classes);
        for (planes, &sample) in batch.pixels.chunks(3 * 20 * 20).zip(&batch.samples) {
            let bytes = std::fs::read(&samples[sample].path).unwrap();
            let square = Photo::decode(&bytes)
                .unwrap()
                .prepare(&input, Crop::Centre)
                .unwrap();
            for (at, pixel) in square.rgb.pixels().enumerate() {
                let found = [0, 1, 2].map(|channel| planes[channel * 400 + at]);
                assert_eq!(found, pixel.0.map(f32::from));
            }
        }
    }
    assert_eq!(cache.skipped().len(), 1);
    for sample in &samples {
        std::fs::remove_file(&sample.path).unwrap();
    }
    assert_eq!(evaluate(&samples, input, Crops::One, &cache), batches);
}

#[test]
fn ten_crops_stand_in_a_row() {
    let folder = Folder::new();
    let mut samples = folder.samples(6);
    for sample in &mut samples[..5] {
        sample.path = folder.broken(&format!("{}.gif", sample.class));
    }
    let cache = Cache::new(1 << 20, 32);
    let batches = evaluate(&samples, input(28, 28), Crops::Ten, &cache);
    assert_eq!(batches.len(), 1); // the first would be empty
    assert_eq!((batches[0].first, &batches[0].samples[..]), (4, &[5][..]));
    let crops: Vec<_> = batches[0].pixels.chunks(3 * 28 * 28).collect();
    assert_eq!(crops.len(), 10);
    for (straight, mirrored) in crops[..5].iter().zip(&crops[5..]) {
        let rows = straight.chunks(28).zip(mirrored.chunks(28));
        assert!(rows.into_iter().all(|(a, b)| a.iter().eq(b.iter().rev())));
        assert_ne!(straight, mirrored);
    }
}
