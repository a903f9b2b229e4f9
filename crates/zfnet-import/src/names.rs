//! What layers are called: as their makers called them, without what programs put around it.

use std::collections::{HashMap, HashSet};

/// What stands after a layer's name in the names of its parameters.
const PARAMETERS: [&str; 14] = [
    ".weight",
    "_weight",
    "_w_0",
    "_w",
    "/weight",
    "/kernel",
    "_kernel",
    "/weights",
    "_weights_fused_bn",
    "_quantized",
    ":0",
    "/ReadVariableOp",
    "/Conv2D",
    "/MatMul",
];
/// What exporters name by counting.
const COUNTED: [&str; 6] = [
    "onnx::",
    "val_",
    "const_fold",
    "constant",
    "arith",
    "_to_copy",
];
/// Operations that are modules of their own in PyTorch, so that the module's name says what they are.
const MODULES: [&str; 14] = [
    "Conv",
    "Gemm",
    "MatMul",
    "Relu",
    "Clip",
    "Sigmoid",
    "HardSigmoid",
    "HardSwish",
    "LeakyRelu",
    "PRelu",
    "BatchNormalization",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
];

/// The name of a layer by that of its filters, unless that was counted.
pub(crate) fn of_parameters(name: &str) -> Option<String> {
    let mut rest = name;
    while let Some(shorter) = PARAMETERS.iter().find_map(|end| rest.strip_suffix(end)) {
        rest = shorter;
    }
    let lower = name.to_ascii_lowercase();
    let is_counted = COUNTED.iter().any(|counted| lower.contains(counted));
    let is_named = rest.len() < name.len() && rest.contains(|sign: char| sign.is_alphabetic());
    (is_named && !is_counted).then(|| plain(rest))
}

/// The name of a layer by that of its node or, where it has none, of what it gives.
pub(crate) fn of_node(node: &str, op: &str, output: &str) -> String {
    let name = match node {
        "" => output.strip_suffix("_output_0").unwrap_or(output),
        node => node,
    };
    let name = match name.strip_prefix('/') {
        Some(path) => of_path(path, op),
        None => plain(name.strip_prefix("node_").unwrap_or(name)),
    };
    match name.contains(|sign: char| sign.is_alphabetic()) {
        true => name,
        false => format!("{}_{name}", op.to_ascii_lowercase()),
    }
}

/// `features.0` of `features/features.0/Conv`.
fn of_path(path: &str, op: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    let is_own = |last: &str| {
        let count = last.strip_prefix(op);
        let count = count.map(|rest| rest.trim_start_matches('_'));
        count.is_some_and(|rest| rest.chars().all(|sign| sign.is_ascii_digit()))
    };
    if parts.len() > 1 && MODULES.contains(&op) && parts.last().is_some_and(|last| is_own(last)) {
        parts.pop();
    }
    let mut kept: Vec<&str> = Vec::new();
    for part in parts {
        if let Some(last) = kept.last()
            && part
                .strip_prefix(last)
                .is_some_and(|rest| rest.starts_with('.'))
        {
            kept.pop();
        }
        kept.push(part);
    }
    kept.join(".")
}

/// Without the device that Caffe2 puts first.
fn plain(name: &str) -> String {
    name.strip_prefix("gpu_0/").unwrap_or(name).to_owned()
}

/// Names that are each of one layer.
#[derive(Default)]
pub(crate) struct Unique {
    taken: HashSet<String>,
    /// How often a name was wanted.
    wanted: HashMap<String, usize>,
}

impl Unique {
    /// The name itself, or with a number after it where it is taken, empty or that of what enters the network.
    pub(crate) fn name(&mut self, wanted: &str, op: &str) -> String {
        let wanted = match wanted {
            "" | "input" => op,
            wanted => wanted,
        };
        let count = self.wanted.entry(wanted.to_owned()).or_default();
        loop {
            *count += 1;
            let name = match *count {
                1 => wanted.to_owned(),
                count => format!("{wanted}_{count}"),
            };
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Unique, of_node, of_parameters};

    #[test]
    fn layers_keep_the_names_of_their_makers() {
        for (name, layer) in [
            ("features.0.weight", Some("features.0")),
            ("gpu_0/conv1_w_0", Some("conv1")),
            ("inception_3a/1x1_w_0", Some("inception_3a/1x1")),
            ("resnetv15_conv0_weight", Some("resnetv15_conv0")),
            (
                "model/stem/conv2d/Conv2D_weights_fused_bn",
                Some("model/stem/conv2d"),
            ),
            ("onnx::Conv_193", None),
            ("193", None),
            ("val_7", None),
        ] {
            assert_eq!(of_parameters(name).as_deref(), layer, "{name}");
        }
        for (node, op, output, layer) in [
            ("/features/features.0/Conv", "Conv", "x", "features.0"),
            (
                "/layer1/layer1.0/relu_1/Relu",
                "Relu",
                "x",
                "layer1.0.relu_1",
            ),
            ("/layer1/layer1.0/Add", "Add", "x", "layer1.0.Add"),
            (
                "",
                "Relu",
                "/features/features.1/Relu_output_0",
                "features.1",
            ),
            ("", "Relu", "125", "relu_125"),
            ("node_conv2d_3", "Conv", "x", "conv2d_3"),
            ("", "Relu", "gpu_0/conv1_2", "conv1_2"),
            ("/Relu", "Relu", "x", "Relu"),
        ] {
            assert_eq!(of_node(node, op, output), layer);
        }
    }

    #[test]
    fn no_two_layers_have_one_name() {
        let mut unique = Unique::default();
        let names = ["a", "a", "a_2", "", "input"].map(|name| unique.name(name, "relu"));
        assert_eq!(names, ["a", "a_2", "a_2_2", "relu", "relu_2"]);
    }
}
