//! Files that are no networks: cut off, damaged, in a circle, of endless lengths, of another kind. Each gives an error, none a
//! panic, and none asks for more memory than a file of its size may.

use proptest::prelude::*;
use zfnet_import::{Options, read};

use crate::graph::{bytes, file, integer, integers, model, node, tensor};

fn message(bytes: &[u8]) -> String {
    match read(bytes, &Options::default()) {
        Ok(imported) => panic!("read: {:?}", imported.model.architecture),
        Err(error) => error.to_string(),
    }
}

/// A small sound file.
fn sound() -> Vec<Vec<u8>> {
    let weight = tensor("w", &[2, 3, 3, 3], &[0; 2 * 27 * 4]);
    let conv = node("Conv", &["x", "w"], &["a"], &[]);
    vec![weight, conv, node("GlobalAveragePool", &["a"], &["y"], &[])]
}

#[test]
fn a_small_file_is_sound() {
    let bytes = model(&sound());
    let imported = read(&bytes, &Options::default()).expect("sound");
    assert_eq!(
        imported.model.plan().expect("a plan").output().output,
        [2, 1, 1]
    );
    assert!(imported.is_guessed());
}

#[test]
fn what_is_no_file_is_said() {
    for (bytes, words) in [
        (vec![], "a whole ONNX file, found an empty file"),
        (
            b"\x89PNG\r\n\x1a\n".to_vec(),
            "a whole ONNX file, found a PNG picture",
        ),
        (
            b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(),
            "a whole ONNX file, found a JPEG picture",
        ),
        (
            b"\x9c\x1e\x55 noise".to_vec(),
            "a whole ONNX file, found bytes of another kind",
        ),
        (model(&[]), "a node that gives it"),
    ] {
        let found = message(&bytes);
        assert!(found.contains(words), "{found}");
    }
}

#[test]
fn circles_lengths_and_numbers_elsewhere_are_refused() {
    let relu = |from: &str, to: &str| node("Relu", &[from], &[to], &[]);
    let huge = 1u64 << 40;
    let outside = {
        let mut inner = [integer(1, 2), integer(2, 1), bytes(8, b"w")].concat();
        inner.extend(integer(14, 1));
        bytes(5, &inner)
    };
    let fill = node("ConstantOfShape", &["s"], &["w"], &[]);
    let shape = {
        let raw: Vec<u8> = [huge, huge, 3, 3]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        bytes(
            5,
            &[integer(1, 4), integer(2, 7), bytes(8, b"s"), bytes(9, &raw)].concat(),
        )
    };
    let conv = node("Conv", &["x", "w"], &["y"], &[]);
    let pool = |side| {
        node(
            "MaxPool",
            &["x"],
            &["y"],
            &[integers("kernel_shape", &[side, side])],
        )
    };
    for (parts, words) in [
        (
            vec![relu("b", "a"), relu("a", "b"), relu("b", "y")],
            "a circle through",
        ),
        (vec![relu("y", "y")], "a circle through y"),
        (
            vec![relu("x", "y"), relu("x", "y")],
            "one node that gives it",
        ),
        (vec![node("Add", &["x", "z"], &["y"], &[])], "no such value"),
        (
            vec![tensor("w", &[huge, huge], &[]), conv.clone()],
            "as many numbers",
        ),
        (
            vec![tensor("w", &[huge], &[]), conv.clone()],
            "another number of bytes",
        ),
        (vec![outside, conv.clone()], "external data"),
        (vec![shape, fill, conv], "a constant that can be computed"),
        (vec![pool(huge)], "lengths from 0 to 65536"),
        (vec![pool(9)], "not larger than the maps"),
        (vec![node("Resize", &["x"], &["y"], &[])], "Resize"),
        (
            vec![node("Mystery", &["x"], &["y"], &[])],
            "layer y: expected an operation of convolutional networks, found Mystery",
        ),
    ] {
        let found = message(&model(&parts));
        assert!(found.contains(words), "{words}: {found}");
    }
}

#[test]
fn networks_of_another_kind_are_named() {
    let norm = node("LayerNormalization", &["x", "w"], &["y"], &[]);
    let weight = tensor("w", &[1], &[0; 4]);
    let found = message(&model(&[weight, norm]));
    assert!(found.contains("found a transformer"), "{found}");
    let found = message(&model(&[node("NonMaxSuppression", &["x"], &["y"], &[])]));
    assert!(found.contains("found a detector"), "{found}");
}

#[test]
fn constants_that_double_end() {
    // A list of four, put behind itself time and again: 2 to the power of 62 numbers.
    let raw: Vec<u8> = [1u64; 4].iter().flat_map(|n| n.to_le_bytes()).collect();
    let list = [
        integer(1, 4),
        integer(2, 7),
        bytes(8, b"v0"),
        bytes(9, &raw),
    ]
    .concat();
    let mut parts = vec![bytes(5, &list)];
    for at in 0..60 {
        let (from, to) = (format!("v{at}"), format!("v{}", at + 1));
        parts.push(node("Concat", &[&from, &from], &[&to], &[]));
    }
    parts.push(node("Reshape", &["x", "v60"], &["y"], &[]));
    let found = message(&model(&parts));
    assert!(found.contains("a constant that can be computed"), "{found}");
    // A tensor that is turned again and again is read through as many others as it is turned.
    let mut parts = vec![tensor("w0", &[192, 2], &[0; 192 * 8])];
    for at in 0..200 {
        let (from, to) = (format!("w{at}"), format!("w{}", at + 1));
        parts.push(node("Transpose", &[&from], &[&to], &[]));
    }
    let flat = bytes(1, b"axis");
    let flat = [flat, integer(3, 1)].concat();
    parts.push(node("Flatten", &["x"], &["f"], &[flat]));
    parts.push(node("MatMul", &["f", "w200"], &["y"], &[]));
    let bytes = model(&parts);
    let imported = read(&bytes, &Options::default()).expect("a plan");
    let last = imported.model.architecture.layers.last().expect("a layer");
    let error = imported
        .numbers(&format!("{}.weight", last.name))
        .expect_err("too deep");
    assert!(error.to_string().contains("made of more than"), "{error}");
}

/// A whole file and what is done to it.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let files = prop::sample::select(vec![
        "light/light_squeezenet.onnx",
        "light/light_zfnet512.onnx",
        "light/light_shufflenet.onnx",
        "made/gated.onnx",
        "made/residual.onnx",
        "made/last.onnx",
        "made/few_bits.onnx",
        "made/parts.onnx",
        "made/operators.onnx",
    ]);
    let flips = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (files, flips, prop::option::of(any::<prop::sample::Index>())).prop_map(|(name, flips, end)| {
        let mut bytes = file(name);
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(end) = end {
            let end = end.index(bytes.len());
            bytes.truncate(end);
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damage_gives_an_error_or_a_possible_network(bytes in damaged()) {
        if let Ok(imported) = read(&bytes, &Options::default()) {
            prop_assert!(imported.model.plan().is_ok());
        }
    }

    #[test]
    fn any_bytes_give_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read(&bytes, &Options::default()).is_err());
    }

    #[test]
    fn any_graph_gives_an_error(graph in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [integer(1, 8), bytes(7, &graph)].concat();
        prop_assert!(read(&bytes, &Options::default()).is_err());
    }
}
