//! Golden cases made with PyTorch and captum (`tests/golden/make.py`), replayed on the CPU and, where there is one, on a
//! graphics device.

use std::path::PathBuf;

use burn::tensor::Device;
use pollster::block_on;
use zfnet::files::replay::replay;
use zfnet::network::kernels::Kernels;

use crate::device::on_a_graphics_device;

fn cases() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    let entries = std::fs::read_dir(folder).expect("the golden cases are in the repository");
    let mut cases: Vec<_> = entries
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "safetensors"))
        .collect();
    cases.sort();
    assert!(
        cases.len() >= 12,
        "all golden cases are there, found {}",
        cases.len()
    );
    cases
}

fn check(device: &Device, kernels: Kernels) {
    for case in cases() {
        let bytes = std::fs::read(&case).expect("a readable case");
        let replay = block_on(replay(&bytes, device, kernels))
            .unwrap_or_else(|e| panic!("{}: {e}", case.display()));
        assert!(
            replay.passed() && replay.checks > 100,
            "{}: {replay:?}",
            case.display()
        );
    }
}

#[test]
fn the_cpu_agrees_with_pytorch_and_captum() {
    check(&Device::flex(), Kernels::Own);
}

#[test]
fn so_do_the_plain_operations() {
    check(&Device::flex(), Kernels::Plain);
}

#[test]
fn a_graphics_device_agrees_with_pytorch_and_captum() {
    on_a_graphics_device(|device| check(device, Kernels::Own));
}
