//! Occlusion against PyTorch, computed whole and only where a square reaches; and the order in which it comes.

use std::ops::ControlFlow;

use burn::tensor::Device;
use pollster::block_on;
use zfnet::experiments::Step;
use zfnet::experiments::paper::occlusion;

use super::{Golden, near};
use crate::device::on_a_graphics_device;

fn check(device: &Device) {
    let golden = Golden::read(device);
    for whole in [false, true] {
        for batch in [1, 5, 64] {
            let found =
                golden.occluded(|settings| (settings.whole, settings.batch) = (whole, batch));
            assert_eq!(
                (found.map, found.class),
                (golden.of("/occlusion/map"), golden.of("/occlusion/class"))
            );
            near(
                "uncovered",
                &[golden.of("/occlusion/activity")],
                &[found.uncovered.activity],
            );
            near(
                "activity",
                &golden.stored.floats("golden.occlusion.activity"),
                &found.activity(),
            );
            near(
                "probability",
                &golden.stored.floats("golden.occlusion.probability"),
                &found.probability(),
            );
            let labels: Vec<i32> = found
                .label()
                .iter()
                .map(|label| label.expect("a class") as i32)
                .collect();
            assert_eq!(labels, golden.stored.integers("golden.occlusion.label"));
        }
    }
}

#[test]
fn on_the_cpu_occlusion_is_that_of_pytorch() {
    check(&Device::flex());
}

#[test]
fn on_a_graphics_device_occlusion_is_that_of_pytorch() {
    on_a_graphics_device(check);
}

#[test]
fn an_occlusion_comes_coarse_first_and_stops_when_told() {
    let golden = Golden::read(&Device::flex());
    let trace = golden.network.forward(golden.input(0)).expect("it fits");
    let settings = occlusion::Settings {
        size: 7,
        stride: 1,
        batch: 3,
        ..Default::default()
    };
    let mut steps = Vec::new();
    let watch = async |progress: Step<occlusion::Part<'_>>| {
        let known = progress.part.so_far.seen.iter().flatten().count();
        assert_eq!((progress.done, progress.total), (known, 22 * 22));
        steps.push(progress.part.fresh.to_vec());
        match progress.done > 12 {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let found = block_on(occlusion::occlude(
        &golden.network,
        &trace,
        &settings,
        watch,
    ))
    .expect("CPU");
    let first: Vec<usize> = steps.concat().into_iter().take(9).collect();
    let coarse = |row: usize| [0, 8, 16].map(|col| row * 22 + col);
    let mut expected = [coarse(0), coarse(8), coarse(16)].concat();
    expected.retain(|at| !first.contains(at));
    assert!(
        expected.is_empty(),
        "{expected:?} are not among the first: {first:?}"
    );
    let known = found.seen.iter().flatten().count();
    assert!(known > 12 && known <= 15, "stopped after {known}");
    assert_eq!(
        found
            .activity()
            .iter()
            .filter(|value| value.is_nan())
            .count(),
        22 * 22 - known
    );
}
