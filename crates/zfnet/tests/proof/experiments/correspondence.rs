//! Correspondence against PyTorch: signs and scores.

use burn::tensor::Device;

use super::{Golden, near};
use crate::device::on_a_graphics_device;

fn check(device: &Device) {
    let golden = Golden::read(device);
    let found = golden.compared(golden.inputs(&[0, 1, 2]), &golden.parts());
    let names: Vec<String> = golden.of("/correspondence/layers");
    assert_eq!(
        found
            .layers
            .iter()
            .map(|layer| layer.layer.clone())
            .collect::<Vec<_>>(),
        names
    );
    for layer in &found.layers {
        for (part, name) in ["eye", "nose"].into_iter().enumerate() {
            let signs = golden
                .stored
                .integers(&format!("golden.sign.{}.{name}", layer.layer));
            let own: Vec<i32> = layer.signs[part]
                .concat()
                .into_iter()
                .map(i32::from)
                .collect();
            assert_eq!(own, signs, "{} {name}", layer.layer);
            let score: [f32; 2] =
                golden.of(&format!("/correspondence/scores/{}.{name}", layer.layer));
            let own = layer.parts[part].expect("it was not cancelled");
            near(name, &score, &[own.mean, own.spread.expect("three pairs")]);
        }
    }
}

#[test]
fn on_the_cpu_correspondence_is_that_of_pytorch() {
    check(&Device::flex());
}

#[test]
fn on_a_graphics_device_correspondence_is_that_of_pytorch() {
    on_a_graphics_device(check);
}
