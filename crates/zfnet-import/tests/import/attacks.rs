//! Files that somebody has made to do harm: state dicts that are damaged, that lie in themselves, that say the same without end.

use std::path::PathBuf;

use proptest::prelude::*;
use zfnet_import::{Format, Options, read, read_state_dict};

use crate::graph::{bytes, model, node};

/// A file of `tests/golden`.
fn golden(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    std::fs::read(folder.join(name)).expect(name)
}

/// What `torch.save` wrote before PyTorch 1.6, around a pickle of tensors.
fn saved(pickle: &[u8]) -> Vec<u8> {
    let before: [&[u8]; 3] = [
        b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.",
        b"\x80\x02M\xe9\x03.",
        b"\x80\x02}.",
    ];
    [
        &before.concat()[..],
        pickle,
        b"\x80\x02]X\x01\0\0\x000a.",
        &[0; 12],
    ]
    .concat()
}

/// Steps of a pickle that leave a tensor without axes.
fn tensor() -> Vec<u8> {
    let storage = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x01tQ";
    let start = b"ctorch._utils\n_rebuild_tensor_v2\n(";
    [&start[..], storage, b"K\0))tR"].concat()
}

fn message(file: &[u8]) -> String {
    assert_eq!(Format::of(file), Some(Format::StateDict));
    let error = read(file, &Options::default()).expect_err("no network");
    error.to_string()
}

#[test]
fn what_lies_in_itself_a_million_times_is_refused() {
    let deep = [b")".to_vec(), vec![0x85; 1_000_000], b".".to_vec()].concat();
    assert!(message(&saved(&deep)).contains("expected"));
    let lists = [vec![b']'; 400_000], vec![b'a'; 399_999], b".".to_vec()].concat();
    assert!(message(&saved(&lists)).contains("a pickle of tensors"));
    // Attributes may hold whole graphs, which nobody reads.
    let mut graph = node("Relu", &["x"], &["y"], &[]);
    for _ in 0..2_000 {
        graph = node("If", &["x"], &["y"], &[bytes(6, &graph)]);
    }
    let error = read(&model(&[graph]), &Options::default()).expect_err("no network");
    assert!(error.to_string().contains("found If"), "{error}");
}

#[test]
fn what_says_the_same_without_end_is_refused() {
    // A name of a megabyte, remembered, and given to one tensor after the other.
    let name = vec![b'w'; 1 << 20];
    let length = (name.len() as u32).to_le_bytes();
    let mut named = [
        &b"}X"[..],
        &length[..],
        &name,
        b"q\x00",
        &tensor(),
        b"q\x01s",
    ]
    .concat();
    for _ in 0..60_000 {
        named.extend(b"h\x00h\x01s");
    }
    named.push(b'.');
    assert!(message(&saved(&named)).contains("the same without end"));
    // Dictionaries of a thousand times the same dictionary.
    let mut nested = b"}q\x00".to_vec();
    for level in 1..6u8 {
        nested.push(b'}');
        for _ in 0..1000 {
            nested.extend([b"X\x01\0\0\0a".as_slice(), &[b'h', level - 1], b"s"].concat());
        }
        nested.extend([b'q', level]);
    }
    nested.push(b'.');
    assert!(message(&saved(&nested)).contains("the same without end"));
}

#[test]
fn a_list_of_tensors_that_is_longer_than_any_is_not_read() {
    let length = 1u64 << 26;
    let mut list = length.to_le_bytes().to_vec();
    list.extend(b"{\"a\":");
    list.resize(8 + length as usize, b' ');
    assert_eq!(Format::of(&list), None);
    let error = read_state_dict(&list, None, &Options::default()).expect_err("no network");
    assert!(
        error.to_string().contains("a whole PyTorch state dict"),
        "{error}"
    );
}

#[test]
fn a_network_of_very_many_layers_ends_in_time() {
    let mut parts = Vec::new();
    for at in 0..20_000 {
        let from = if at == 0 {
            "x".into()
        } else {
            format!("v{at}")
        };
        parts.push(node("Relu", &[&from], &[&format!("v{}", at + 1)], &[]));
    }
    parts.push(node("GlobalAveragePool", &["v20000"], &["y"], &[]));
    let file = model(&parts);
    let start = std::time::Instant::now();
    let _ = read(&file, &Options::default());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

/// A file of another program and what is done to it.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    use prop::sample::{Index, select};
    let files = select(vec![
        "networks/resnet18.pth",
        "networks/googlenet.safetensors",
        "networks/mobilenet_v2.safetensors",
        "networks/checkpoint.pth",
        "networks/whole.pth",
        "networks/script.pt",
        "networks/resnet18.dynamo.onnx",
        "convert/torchvision-alexnet.pth",
        "convert/pytorchcv-alexnet.pth",
        "convert/alexnet-checkpoint.pth",
    ]);
    // Where a file says what is in it is where it is sensitive: its first and last four thousand bytes.
    let near = |place: Index, length: usize| match place.index(3) {
        0 => place.index(length.min(4096)),
        1 => length - 1 - place.index(length.min(4096)),
        _ => place.index(length),
    };
    let harm = (any::<Index>(), any::<u64>(), 0..5u8, any::<Index>());
    let harms = prop::collection::vec(harm, 1..8);
    (files, harms).prop_map(move |(name, harms)| {
        let mut bytes = golden(name);
        for (place, value, kind, other) in harms {
            let at = near(place, bytes.len());
            match kind {
                0 => bytes[at] = value as u8,
                1 => bytes[at] ^= 1 << (value % 8),
                // A length that is huge, or nearly none.
                2 => {
                    let end = (at + 8).min(bytes.len());
                    let length = if value % 2 == 0 { value } else { value >> 40 };
                    let length = length.to_le_bytes();
                    let count = end - at;
                    bytes[at..end].copy_from_slice(&length[..count]);
                }
                // A part in the place of another.
                3 => {
                    let from = near(other, bytes.len());
                    let count = (value as usize % 64).min(bytes.len() - at.max(from));
                    bytes.copy_within(from..from + count, at);
                }
                _ => bytes.truncate(at.max(1)),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn damage_gives_an_error_or_a_possible_network(bytes in damaged()) {
        if let Ok(imported) = read(&bytes, &Options::default()) {
            prop_assert!(imported.model.plan().is_ok());
            for (name, _) in imported.tensors() {
                let _ = imported.part(name, 0..1000);
            }
        }
    }

    #[test]
    fn any_pickle_gives_an_error(steps in prop::collection::vec(prop::sample::select(PICKLED.to_vec()), 0..200)) {
        prop_assert!(read(&saved(&steps.concat()), &Options::default()).is_err());
    }
}

/// Steps that pickles of tensors are made of.
const PICKLED: [&[u8]; 26] = [
    b"(",
    b")",
    b"}",
    b"]",
    b"t",
    b"\x85",
    b"\x86",
    b"\x87",
    b"s",
    b"u",
    b"a",
    b"e",
    b"0",
    b"1",
    b"2",
    b"Q",
    b"R",
    b"\x81",
    b"b",
    b"q\x00",
    b"h\x00",
    b"\x94",
    b"X\x01\0\0\x000",
    b"K\x01",
    b"ctorch\nFloatStorage\n",
    b"ctorch._utils\n_rebuild_tensor_v2\n",
];
