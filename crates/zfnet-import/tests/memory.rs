//! How much memory opening a file takes, the file itself among it: never more than twice the file and a bound.
//!
//! One test, alone in its program: whatever else ran would be counted as well.

use burn::tensor::Device;
use peak_alloc::PeakAlloc;
use safetensors::tensor::{Dtype, TensorView};
use zfnet_import::{Options, read, tensors};

#[global_allocator]
static HELD: PeakAlloc = PeakAlloc;

/// What is held beside the file and the network's numbers: names, the table, and the largest layer's numbers on their way.
const BOUND: usize = 16 << 20;

/// A state dict with the published network's shapes, in single precision.
fn state_dict(layout: &str) -> Vec<u8> {
    let shapes = tensors(layout).expect("a network that is known");
    let most = shapes.iter().map(|(_, shape)| shape.iter().product());
    let ones = 1f32.to_le_bytes().repeat(most.max().unwrap_or_default());
    let views = shapes.iter().map(|(name, shape)| {
        let bytes = &ones[..4 * shape.iter().product::<usize>()];
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
        (name, view.expect("as many numbers"))
    });
    safetensors::serialize(views, None).expect("a file")
}

#[test]
fn opening_a_file_takes_twice_its_size_and_a_bound() {
    for layout in [
        "torchvision-resnet18",
        "torchvision-googlenet",
        "torchvision-densenet121",
        "torchvision-alexnet",
    ] {
        let file = state_dict(layout);
        let beside = HELD.current_usage() - file.len();
        HELD.reset_peak_usage();
        let imported = read(&file, &Options::default()).expect(layout);
        let reading = HELD.peak_usage() - beside;
        assert!(
            reading <= file.len() + BOUND / 4,
            "{layout}: reading {reading} for a file of {}",
            file.len()
        );
        let network = imported.network(&Device::flex()).expect(layout);
        let opening = HELD.peak_usage() - beside;
        assert!(
            opening <= 2 * file.len() + BOUND,
            "{layout}: opening {opening} for a file of {}",
            file.len()
        );
        drop(network);
    }
}
