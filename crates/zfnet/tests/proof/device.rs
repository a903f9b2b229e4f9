//! Where a proof runs besides the CPU.

use std::sync::OnceLock;

use burn::tensor::Device;

/// Runs a check on a graphics device, which may be a program that plays one. Where there is no driver there is nothing to test;
/// the test's output says so.
pub(crate) fn on_a_graphics_device(check: impl FnOnce(&Device)) {
    // A second device cannot be made beside the first: where the tests of one process run side by side they share it.
    static DEVICE: OnceLock<Result<Device, String>> = OnceLock::new();
    let device = DEVICE.get_or_init(|| Device::wgpu_options().init().map_err(|e| format!("{e:?}")));
    match device {
        Ok(device) => check(device),
        Err(e) => eprintln!("no graphics driver, this ran on the CPU alone: {e}"),
    }
}
