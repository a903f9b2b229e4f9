//! Invariance against PyTorch, and the order in which sweeps come.

use std::ops::ControlFlow;

use burn::tensor::Device;
use pollster::block_on;
use zfnet::experiments::Step;
use zfnet::experiments::paper::invariance::{self, Transformation};

use super::{Golden, near};
use crate::device::on_a_graphics_device;

fn check(device: &Device) {
    let golden = Golden::read(device);
    for transformation in Transformation::ALL {
        let name = transformation.name();
        let parameters: Vec<f32> = golden.of(&format!("/invariance/parameters/{name}"));
        if transformation != Transformation::Translation {
            let last = parameters[parameters.len() - 1];
            let input = &golden.network.model.input;
            let image = transformation
                .apply(last, &golden.pictures[1], input)
                .expect("it can be");
            near(
                name,
                &golden.stored.floats(&format!("golden.{name}.image")),
                &image,
            );
        }
        let found = golden.swept(transformation, parameters);
        assert_eq!(found.class, golden.of("/invariance/class"));
        for curve in &found.layers {
            let expected = golden
                .stored
                .floats(&format!("golden.{name}.distance.{}", curve.layer));
            near(
                &format!("{name} {}", curve.layer),
                &expected,
                &curve.distance,
            );
            let norm: f32 = golden.of(&format!("/invariance/norms/{}", curve.layer));
            near("norm", &[norm], &[curve.norm]);
            near(
                "relative",
                &expected.iter().map(|d| d / norm).collect::<Vec<_>>(),
                &curve.relative(),
            );
        }
        let expected = golden.stored.floats(&format!("golden.{name}.probability"));
        near(
            name,
            &expected,
            &found.probability.expect("there is a classifier"),
        );
    }
}

#[test]
fn on_the_cpu_transformed_pictures_are_as_far_away_as_in_pytorch() {
    check(&Device::flex());
}

#[test]
fn on_a_graphics_device_transformed_pictures_are_as_far_away_as_in_pytorch() {
    on_a_graphics_device(check);
}

#[test]
fn sweeps_side_by_side_come_roughly_before_any_is_refined() {
    let golden = Golden::read(&Device::flex());
    let all = Transformation::ALL.map(|transformation| invariance::Settings {
        batch: 4,
        ..invariance::Settings::figure(transformation, &golden.network)
    });
    let total: usize = all.iter().map(|settings| settings.parameters.len()).sum();
    let mut known = [0; 3];
    let mut visited = Vec::new();
    let watch = async |step: Step<invariance::Part<'_>>| {
        known[step.part.sweep] += step.part.fresh.len();
        assert_eq!(
            (step.done, step.total),
            (known.iter().sum::<usize>(), total)
        );
        for point in step.part.fresh {
            assert!(step.part.so_far.layers[0].distance[*point].is_finite());
            visited.push((step.part.sweep, *point));
        }
        ControlFlow::Continue(())
    };
    let (network, picture) = (&golden.network, &golden.pictures[1]);
    let found = block_on(invariance::sweeps(network, picture, &all, watch)).expect("CPU");
    // Every eighth of 25, 17 and 36 points: 4, 3 and 5.
    assert!(
        visited[..12].iter().all(|(_, point)| point % 8 == 0),
        "{visited:?}"
    );
    assert_eq!(known, [25, 17, 36]);
    for (found, settings) in found.iter().zip(&all) {
        let alone = golden.swept(settings.transformation, settings.parameters.clone());
        assert_eq!(
            (found.class, &found.parameters),
            (alone.class, &alone.parameters)
        );
        for (one, other) in found.layers.iter().zip(&alone.layers) {
            near(&one.layer, &other.distance, &one.distance);
        }
    }
}
