//! The figures of the paper and of the other published nets (sources: `crates/README.md`).

use super::*;

fn shapes(architecture: &Architecture) -> Vec<(String, Shape)> {
    architecture
        .plan([3, 224, 224])
        .expect("the table is sound")
        .into_iter()
        .filter(|l| matches!(l.layer.op, Op::Conv(_) | Op::MaxPool(_) | Op::Dense(_)))
        .map(|l| (l.layer.name.clone(), l.output))
        .collect()
}

fn sides(architecture: &Architecture) -> Vec<usize> {
    shapes(architecture)
        .iter()
        .filter(|(name, _)| !name.starts_with("fc"))
        .map(|(_, s)| s[1])
        .collect()
}

fn total(architecture: &Architecture, of: impl Fn(&PlannedLayer) -> usize) -> usize {
    architecture
        .plan([3, 224, 224])
        .expect("the table is sound")
        .iter()
        .map(of)
        .sum()
}

fn fields(architecture: &Architecture, names: &[&str]) -> Vec<(usize, usize, isize)> {
    let plan = architecture
        .plan([3, 224, 224])
        .expect("the table is sound");
    names
        .iter()
        .map(|name| {
            let f = plan
                .iter()
                .find(|l| l.layer.name == *name)
                .expect("the layer exists")
                .field;
            (f.size[0], f.stride[0], f.offset[1])
        })
        .collect()
}

#[test]
fn zfnet_has_the_papers_sizes() {
    let zfnet = Architecture::zfnet(4096, 1000);
    assert_eq!(sides(&zfnet), [110, 55, 26, 13, 13, 13, 13, 6]);
    assert_eq!(
        sides(&Architecture::zfnet_spp(4096, 1000)),
        [110, 55, 26, 13, 13, 13, 13, 6]
    );
    assert_eq!(shapes(&zfnet)[0].1, [96, 110, 110]);
    assert_eq!(shapes(&zfnet)[7].1, [256, 6, 6]);
}

#[test]
fn zfnet_has_62_357_608_parameters_and_1_168_billion_multiply_adds() {
    let zfnet = Architecture::zfnet(4096, 1000);
    assert_eq!(total(&zfnet, |l| l.parameters), 62_357_608);
    assert_eq!(
        total(&zfnet, |l| l.multiply_adds as usize) / 1_000_000,
        1168
    );
    let convolutions = |l: &PlannedLayer| {
        if l.layer.name.starts_with("conv") {
            l.parameters
        } else {
            0
        }
    };
    assert_eq!(total(&zfnet, convolutions), 3_726_464);
}

#[test]
fn other_nets_have_their_published_parameter_counts() {
    assert_eq!(
        total(&Architecture::alexnet(4096, 1000), |l| l.parameters),
        60_965_224
    );
    assert_eq!(
        total(&Architecture::vgg16(4096, 1000), |l| l.parameters),
        138_357_544
    );
    assert_eq!(
        total(&Architecture::zfnet512(4096, 1024, 1000), |l| l.parameters),
        87_250_536
    );
    assert_eq!(
        sides(&Architecture::zfnet512(4096, 1024, 1000)),
        [109, 54, 25, 12, 12, 12, 12, 6]
    );
    assert_eq!(
        sides(&Architecture::alexnet(4096, 1000)),
        [55, 27, 27, 13, 13, 13, 13, 6]
    );
}

#[test]
fn receptive_fields_are_those_of_the_literature() {
    let layers = [
        "conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5",
    ];
    assert_eq!(
        fields(&Architecture::zfnet(4096, 1000), &layers),
        [
            (7, 2, 0),
            (11, 4, 0),
            (27, 8, 0),
            (43, 16, 0),
            (75, 16, -16),
            (107, 16, -32),
            (139, 16, -48),
            (171, 32, -48)
        ]
    );
    let alexnet = fields(
        &Architecture::alexnet(4096, 1000),
        &["conv1", "conv2", "conv3", "conv4", "conv5", "pool5"],
    );
    assert_eq!(
        alexnet.iter().map(|f| (f.0, f.1)).collect::<Vec<_>>(),
        [(11, 4), (51, 8), (99, 16), (131, 16), (163, 16), (195, 32)]
    );
    let vgg = fields(
        &Architecture::vgg16(4096, 1000),
        &[
            "conv1_2", "conv2_2", "conv3_3", "conv4_3", "conv5_3", "pool5",
        ],
    );
    assert_eq!(
        vgg.iter().map(|f| (f.0, f.1)).collect::<Vec<_>>(),
        [(5, 1), (14, 2), (40, 4), (92, 8), (196, 16), (212, 32)]
    );
}

#[test]
fn a_table_survives_json() {
    for name in crate::network::architectures::NAMES {
        let table = Architecture::named(name, Some(512), 29).expect("a known name");
        let json = serde_json::to_string(&table).expect("a table is JSON");
        assert_eq!(
            serde_json::from_str::<Architecture>(&json).expect("its own JSON"),
            table
        );
    }
}

#[test]
fn impossible_tables_name_their_layer() {
    let mut table = Architecture::tiny([4, 4, 4], 8, 3);
    let Op::Conv(Conv { groups, .. }) = &mut table.layers[4].op else {
        panic!("conv2 is the fifth layer")
    };
    *groups = 3;
    let message = table
        .plan([3, 32, 32])
        .expect_err("4 maps in 3 groups")
        .to_string();
    assert!(
        message.contains("conv2") && message.contains("3 groups"),
        "{message}"
    );
    let message = Architecture::zfnet(8, 2)
        .plan([3, 5, 5])
        .expect_err("7 into 6")
        .to_string();
    assert!(
        message.contains("conv1") && message.contains('7') && message.contains('6'),
        "{message}"
    );
}

#[test]
fn absurd_tables_are_refused_before_anything_is_multiplied() {
    for (kernel, stride, out) in [
        (usize::MAX, 1, 4),
        (3, usize::MAX, 4),
        (3, 1, usize::MAX),
        (1, 1, 60_000),
    ] {
        let mut table = Architecture::tiny([4, 4, 4], 8, 3);
        table.layers[0].op = Op::Conv(Conv {
            stride: [stride; 2],
            ..Conv::new(out, [kernel; 2])
        });
        let message = table
            .plan([3, 224, 224])
            .expect_err("no such network")
            .to_string();
        assert!(
            message.contains("conv1") && message.contains("at most"),
            "{message}"
        );
    }
    let message = Architecture::tiny([4, 4, 4], 8, 3)
        .plan([3, usize::MAX, 9])
        .expect_err("no such input");
    assert!(message.to_string().contains("input"), "{message}");
}

/// A table written as it stands in a file.
fn table(rows: &str) -> Architecture {
    serde_json::from_str(rows).expect("the JSON of a table")
}

#[test]
fn layers_read_what_they_name_and_the_row_above_where_they_name_nothing() {
    let plan = table(
        r#"[
            {"name": "stem", "op": "conv", "out": 4, "kernel": [3, 3], "pad": [1, 1, 1, 1]},
            {"name": "relu", "op": "relu"},
            {"name": "wide", "op": "conv", "out": 2, "kernel": [3, 3], "pad": [2, 2, 2, 2], "dilation": [2, 2], "from": ["relu"]},
            {"name": "beside", "op": "conv", "out": 4, "kernel": [1, 1], "from": ["input"]},
            {"name": "sum", "op": "add", "from": ["relu", "beside"]},
            {"name": "joined", "op": "concat", "from": ["sum", "wide", "relu"]},
            {"name": "mean", "op": "gap"},
            {"name": "gate", "op": "activation", "curve": "sigmoid"},
            {"name": "gated", "op": "scale", "from": ["joined", "gate"]}
        ]"#,
    )
    .plan([3, 9, 9])
    .expect("a sound table");
    let at = |name: &str| plan.position(name).expect("a layer");
    assert_eq!(plan.sources(at("relu")), [Source::Layer(at("stem"))]);
    assert_eq!(plan.sources(at("beside")), [Source::Input]);
    let read = ["sum", "wide", "relu"].map(|name| Source::Layer(at(name)));
    assert_eq!(plan.sources(at("joined")), read);
    assert_eq!(plan[at("joined")].output, [10, 9, 9]);
    // The hull of a field of 3 and one of 7 around the same pixel.
    let field = plan[at("joined")].field;
    assert_eq!((field.size, field.offset), ([7, 7], [-3, -3]));
    let gated = plan[at("gated")].field.told([9, 9]);
    assert_eq!((gated.size, gated.offset), ([9, 9], [0, 0]));
    assert_eq!(plan.activation(at("mean")), at("gate"));
}

#[test]
fn tables_that_do_not_hang_together_are_refused_by_the_layer() {
    let conv = r#"{"name": "conv", "op": "conv", "out": 4, "kernel": [2, 2]}"#;
    for (row, expected) in [
        (
            r#"{"name": "a", "op": "relu", "from": ["b"]}"#,
            "layers above it",
        ),
        (
            r#"{"name": "a", "op": "relu", "from": ["a"]}"#,
            "layers above it",
        ),
        (r#"{"name": "input", "op": "relu"}"#, "a name of its own"),
        (
            r#"{"name": "a", "op": "scale", "from": ["conv"]}"#,
            "2 layers to read",
        ),
        (
            r#"{"name": "a", "op": "relu", "from": ["conv", "conv"]}"#,
            "1 layers to read",
        ),
        (
            r#"{"name": "a", "op": "add", "from": ["conv", "input"]}"#,
            "go together",
        ),
        (
            r#"{"name": "a", "op": "concat", "from": ["conv", "input"]}"#,
            "go together",
        ),
        (
            r#"{"name": "a", "op": "shuffle", "groups": 3}"#,
            "divide the maps",
        ),
        (
            r#"{"name": "a", "op": "activation", "curve": "clip", "min": 1, "max": 1}"#,
            "range",
        ),
        (
            r#"{"name": "a", "op": "avg_pool", "kernel": [2, 2], "stride": [2, 2], "counted": [1, 0, 0, 0]}"#,
            "counted",
        ),
        (
            r#"{"name": "a", "op": "conv", "out": 1, "kernel": [2, 2], "dilation": [60000, 60000]}"#,
            "fits",
        ),
    ] {
        let refused = table(&format!("[{conv},{row}]")).plan([3, 5, 5]);
        let message = refused.expect_err(row).to_string();
        assert!(message.contains(expected), "{row}: {message}");
    }
}
