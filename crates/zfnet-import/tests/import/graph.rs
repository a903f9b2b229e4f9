//! The graphs of the ONNX Model Zoo in `light/`, and ONNX files that tests write themselves.

use std::path::PathBuf;

/// The bytes of a file of this folder.
pub(crate) fn file(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/import");
    std::fs::read(folder.join(name)).expect(name)
}

/// The numbers of single precision in a file of this folder.
pub(crate) fn numbers_of(name: &str) -> Vec<f32> {
    let bytes = file(name);
    let fours = bytes.as_chunks().0.iter();
    fours.map(|four| f32::from_le_bytes(*four)).collect()
}

/// Names of the graphs.
pub(crate) const LIGHT: [&str; 9] = [
    "bvlc_alexnet",
    "densenet121",
    "inception_v1",
    "inception_v2",
    "resnet50",
    "shufflenet",
    "squeezenet",
    "vgg19",
    "zfnet512",
];

/// A field of a protocol buffer that holds bytes: a text, a message, packed numbers.
pub(crate) fn bytes(number: u8, content: &[u8]) -> Vec<u8> {
    [
        &[number << 3 | 2][..],
        &varint(content.len() as u64),
        content,
    ]
    .concat()
}

/// A field that holds a whole number.
pub(crate) fn integer(number: u8, value: u64) -> Vec<u8> {
    [vec![number << 3], varint(value)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut written = Vec::new();
    while value >= 0x80 {
        written.push(value as u8 | 0x80);
        value >>= 7;
    }
    written.push(value as u8);
    written
}

/// Fields of a message whose values are bytes or whole numbers of variable length: number, value, content.
fn fields(mut rest: &[u8]) -> Vec<(u8, u64, &[u8])> {
    let mut all = Vec::new();
    while let Some((key, after)) = rest.split_first() {
        let mut value = 0u64;
        let length = after
            .iter()
            .position(|byte| *byte < 0x80)
            .expect("a whole file")
            + 1;
        for (at, byte) in after[..length].iter().enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * at);
        }
        let (number, after) = (key >> 3, &after[length..]);
        match key & 7 {
            0 => {
                all.push((number, value, &after[..0]));
                rest = after;
            }
            2 => {
                let (content, after) = after.split_at(value as usize);
                all.push((number, value, content));
                rest = after;
            }
            _ => unreachable!("no such field stands in a graph"),
        }
    }
    all
}

fn text(message: &[u8], number: u8) -> Vec<&str> {
    let of = fields(message)
        .into_iter()
        .filter(|field| field.0 == number);
    of.map(|field| str::from_utf8(field.2).expect("a name"))
        .collect()
}

/// The numbers that `generate.py` gives a tensor of this name.
pub(crate) fn numbers(name: &str, dims: &[usize]) -> Vec<f32> {
    let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |seed, byte| {
        (seed ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    let count: usize = dims.iter().product();
    let spread = match dims {
        [_, seen @ ..] if !seen.is_empty() => {
            Some((6.0 / seen.iter().product::<usize>() as f32).sqrt())
        }
        _ => None,
    };
    let number = |at: u64| {
        let state = seed.wrapping_add(at.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let state = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let state = (state ^ state >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let unit = ((state ^ state >> 31) >> 40) as f32 / (1u32 << 24) as f32;
        match spread {
            Some(spread) => (unit * 2.0 - 1.0) * spread,
            None => 0.5 + 0.5 * unit,
        }
    };
    (1..=count as u64).map(number).collect()
}

/// A graph of the zoo with numbers in place of `ConstantOfShape`, as `generate.py` gave it to onnxruntime.
pub(crate) fn filled(model: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    for (number, value, content) in fields(model) {
        match number {
            7 => whole.extend(bytes(7, &filled_graph(content))),
            _ if content.is_empty() => whole.extend(integer(number, value)),
            _ => whole.extend(bytes(number, content)),
        }
    }
    whole
}

fn filled_graph(graph: &[u8]) -> Vec<u8> {
    let all = fields(graph);
    let dims = |wanted: &str| -> Vec<usize> {
        let mut tensors = all.iter().filter(|field| field.0 == 5);
        let tensor = tensors
            .find(|field| text(field.2, 8) == [wanted])
            .expect(wanted);
        let raw = fields(tensor.2).into_iter().find(|field| field.0 == 9);
        let eights = raw.expect("lengths of axes").2.as_chunks().0.iter();
        eights
            .map(|eight| u64::from_le_bytes(*eight) as usize)
            .collect()
    };
    let mut written = Vec::new();
    for (number, value, content) in &all {
        if *number == 1 && text(content, 4) == ["ConstantOfShape"] {
            let name = text(content, 2)[0];
            let dims = dims(text(content, 1)[0]);
            let raw = numbers(name, &dims).into_iter().flat_map(f32::to_le_bytes);
            let mut tensor: Vec<u8> = (dims.iter()).flat_map(|n| integer(1, *n as u64)).collect();
            tensor.extend(integer(2, 1));
            tensor.extend(bytes(8, name.as_bytes()));
            tensor.extend(bytes(9, &raw.collect::<Vec<u8>>()));
            written.extend(bytes(5, &tensor));
        } else if content.is_empty() && *value > 0 {
            written.extend(integer(*number, *value));
        } else {
            written.extend(bytes(*number, content));
        }
    }
    written
}

/// A node: its operation, inputs and outputs, and attributes that are written already.
pub(crate) fn node(op: &str, inputs: &[&str], outputs: &[&str], attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut node = Vec::new();
    for name in inputs {
        node.extend(bytes(1, name.as_bytes()));
    }
    for name in outputs {
        node.extend(bytes(2, name.as_bytes()));
    }
    node.extend(bytes(4, op.as_bytes()));
    for attribute in attributes {
        node.extend(bytes(5, attribute));
    }
    bytes(1, &node)
}

/// An attribute that is a list of whole numbers.
pub(crate) fn integers(name: &str, values: &[u64]) -> Vec<u8> {
    let mut attribute = bytes(1, name.as_bytes());
    for value in values {
        attribute.extend(integer(8, *value));
    }
    attribute
}

/// A tensor of single precision with these lengths and bytes.
pub(crate) fn tensor(name: &str, dims: &[u64], raw: &[u8]) -> Vec<u8> {
    let mut tensor: Vec<u8> = dims.iter().flat_map(|n| integer(1, *n)).collect();
    tensor.extend(integer(2, 1));
    tensor.extend(bytes(8, name.as_bytes()));
    tensor.extend(bytes(9, raw));
    bytes(5, &tensor)
}

/// A file of nodes and tensors on a picture `x` of 3 maps, 8 rows and 8 columns, that gives `y`.
pub(crate) fn model(parts: &[Vec<u8>]) -> Vec<u8> {
    model_on([1, 3, 8, 8], parts)
}

/// The same on pictures of that shape.
pub(crate) fn model_on(shape: [u64; 4], parts: &[Vec<u8>]) -> Vec<u8> {
    let dims: Vec<u8> = shape
        .iter()
        .flat_map(|n| bytes(1, &integer(1, *n)))
        .collect();
    let shape = [integer(1, 1), bytes(2, &dims)].concat();
    let entering = [bytes(1, b"x"), bytes(2, &bytes(1, &shape))].concat();
    let graph = [
        parts.concat(),
        bytes(11, &entering),
        bytes(12, &bytes(1, b"y")),
    ]
    .concat();
    let opset = integer(2, 13);
    [integer(1, 8), bytes(7, &graph), bytes(8, &opset)].concat()
}
