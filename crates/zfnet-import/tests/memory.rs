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
/// The same for files that are made to take as much as they can: that many parts are counted before one is refused.
const BOUND_OF_HARM: usize = 64 << 20;

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
    for (what, file) in harmful() {
        let beside = HELD.current_usage() - file.len();
        HELD.reset_peak_usage();
        let error = read(&file, &Options::default()).expect_err(what);
        let reading = HELD.peak_usage() - beside;
        assert!(
            reading <= 2 * file.len() + BOUND_OF_HARM,
            "{what}: reading {reading} for a file of {}: {error}",
            file.len()
        );
    }
}

/// A field of a protocol buffer that holds bytes.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut written = vec![number << 3 | 2];
    let mut length = content.len();
    while length >= 0x80 {
        written.push(length as u8 | 0x80);
        length >>= 7;
    }
    written.push(length as u8);
    written.extend(content);
    written
}

/// Small files of very many small parts.
fn harmful() -> Vec<(&'static str, Vec<u8>)> {
    let model = |part: &[u8], count: usize| {
        let graph = field(7, &field(1, part).repeat(count));
        [&[8, 8][..], &graph].concat()
    };
    let pickle = |steps: &[u8], count: usize| {
        let before = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.}";
        [&before[..], &steps.repeat(count), b"."].concat()
    };
    vec![
        ("nodes", model(&[], 1_000_000)),
        ("attributes", model(&field(5, &[]), 1_000_000)),
        ("inputs", model(&field(1, b"x"), 1_000_000)),
        (
            "tensors",
            [&[8, 8][..], &field(7, &field(5, &[]).repeat(1_000_000))].concat(),
        ),
        (
            "attributes of one node",
            model(&field(5, &[]).repeat(1_000_000), 1),
        ),
        ("values", pickle(b"N", 1_000_000)),
        ("remembered", pickle(b"\x94", 1_000_000)),
        ("dictionaries", pickle(b"}0", 500_000)),
        ("pairs", pickle(b"U\x01aNs", 200_000)),
        ("tuples", pickle(b")", 1_000_000)),
        ("texts", pickle(b"]U\x01aa0", 160_000)),
    ]
}
