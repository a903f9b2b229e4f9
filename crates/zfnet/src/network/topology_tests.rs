//! Blocks of the kinds that people know, each in a few layers.

use super::Branch;
use crate::network::architecture::{Architecture, Conv, Dense, Dropout, Layer, MaxPool, Op};
use crate::network::plan::{Plan, Source};

/// A table of rows of a name, what it reads (nothing: the row above) and what it does, for an input of 3 × 64 × 64.
fn planned(rows: &[(&str, &[&str], Op)]) -> Plan {
    let layers = rows.iter().map(|(name, from, op)| Layer {
        name: (*name).into(),
        from: from.iter().map(ToString::to_string).collect(),
        op: op.clone(),
    });
    let layers = layers.collect();
    let architecture = Architecture { layers };
    architecture.plan([3, 64, 64]).expect("the table is sound")
}

fn conv(out: usize, stride: usize) -> Op {
    Op::Conv(Conv {
        stride: [stride; 2],
        pad: [1; 4],
        ..Conv::new(out, [3, 3])
    })
}

fn half() -> Op {
    Op::MaxPool(MaxPool {
        kernel: [2, 2],
        stride: [2, 2],
        pad: [0; 4],
    })
}

fn named<'a>(plan: &'a Plan, places: &[usize]) -> Vec<&'a str> {
    let name = |at: &usize| plan[*at].layer.name.as_str();
    places.iter().map(name).collect()
}

/// Two inception blocks, the second of which pools; one residual block whose sum is rectified, and one whose sum is not.
fn mixed() -> Plan {
    planned(&[
        ("stem/conv", &[], conv(4, 2)),
        ("stem/relu", &[], Op::Relu),
        ("a/1x1", &["stem/relu"], conv(2, 1)),
        ("a/relu_1x1", &[], Op::Relu),
        ("a/3x3", &["stem/relu"], conv(3, 1)),
        ("a/relu_3x3", &[], Op::Relu),
        ("a/output", &["a/relu_1x1", "a/relu_3x3"], Op::Concat),
        ("b/3x3", &[], conv(5, 1)),
        ("b/relu", &[], Op::Relu),
        ("b/output", &["a/output", "b/relu"], Op::Concat),
        ("b/linear", &["b/output"], conv(6, 1)),
        ("c/pool", &["b/output"], half()),
        ("c/conv1", &[], conv(10, 1)),
        ("c/relu1", &[], Op::Relu),
        ("c/conv2", &[], conv(10, 1)),
        ("c/sum", &["c/conv2", "c/pool"], Op::Add),
        ("c/relu", &[], Op::Relu),
        ("d/conv1", &[], conv(10, 2)),
        ("d/conv2", &[], conv(10, 1)),
        ("d/sum", &["d/conv1", "d/conv2"], Op::Add),
    ])
}

#[test]
fn the_last_rectified_layer_stands_for_its_resolution() {
    let plan = mixed();
    let found = plan.milestones(plan.len());
    assert_eq!(named(&plan, &found), ["b/output", "c/sum", "d/sum"]);
    // Of the first seven layers, four are looked at.
    let few = plan.milestones(7);
    assert_eq!(
        named(&plan, &few),
        ["stem/conv", "a/1x1", "a/3x3", "a/output"]
    );
}

#[test]
fn a_network_of_few_layers_shows_all_of_them() {
    let plan = Architecture::zfnet(8, 2)
        .plan([3, 224, 224])
        .expect("the table is sound");
    let found = plan.milestones(plan.len());
    assert_eq!(
        named(&plan, &found),
        ["conv1", "conv2", "conv3", "conv4", "conv5"]
    );
    assert_eq!(plan.milestones(1), [0]);
}

#[test]
fn joined_maps_know_their_branch_through_rectifiers_and_joins() {
    let plan = mixed();
    let place = |name| plan.position(name).expect("a layer");
    let branch = |name, first| Branch {
        source: Source::Layer(place(name)),
        first,
    };
    assert_eq!(
        plan.branches(place("a/output")),
        [branch("a/1x1", 0), branch("a/3x3", 2)]
    );
    assert_eq!(
        plan.branches(place("b/output")),
        [branch("a/1x1", 0), branch("a/3x3", 2), branch("b/3x3", 5)]
    );
    assert_eq!(plan.branches(place("c/sum")), []);
    assert_eq!(plan[place("b/output")].output[0], 10);
    let plan = planned(&[
        ("pool", &[], half()),
        ("conv", &["input"], conv(4, 2)),
        ("join", &["pool", "conv", "pool"], Op::Concat),
    ]);
    let firsts: Vec<_> = plan
        .branches(2)
        .iter()
        .map(|b| (b.source, b.first))
        .collect();
    assert_eq!(
        firsts,
        [
            (Source::Layer(0), 0),
            (Source::Layer(1), 3),
            (Source::Layer(0), 7)
        ]
    );
}

#[test]
fn answers_are_rectified_before_or_after_they_are_pooled_and_joined() {
    let plan = mixed();
    let is = |name| plan.is_rectified(plan.position(name).expect("a layer"));
    for name in ["stem/conv", "a/output", "b/output", "c/sum", "c/pool"] {
        assert!(is(name), "{name}");
    }
    for name in ["b/linear", "c/conv2", "d/conv2", "d/sum"] {
        assert!(!is(name), "{name}");
    }
}

#[test]
fn a_layer_rests_on_the_sums_below_it_alone() {
    let plan = mixed();
    let rests = |name| plan.rests_on_sums(plan.position(name).expect("a layer"));
    for name in ["c/sum", "c/relu", "d/conv1"] {
        assert!(rests(name), "{name}");
    }
    for name in ["b/output", "c/conv2", "b/linear"] {
        assert!(!rests(name), "{name}");
    }
}

#[test]
fn blocks_are_called_as_their_makers_called_them() {
    let blocks = |names: &[&str]| {
        let rows: Vec<_> = names
            .iter()
            .map(|name| (*name, &[][..], conv(1, 1)))
            .collect();
        let plan = planned(&rows);
        plan.blocks()
            .into_iter()
            .map(String::from)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        blocks(&[
            "conv1/7x7_s2",
            "inception_3a/3x3_reduce",
            "inception_3a/3x3"
        ]),
        ["", "inception_3a", "inception_3a"]
    );
    assert_eq!(
        blocks(&[
            "conv1",
            "layer1.0.conv1",
            "layer1.0.conv2",
            "layer1.0.Add",
            "layer1.1.conv1"
        ]),
        ["", "layer1.0", "layer1.0", "layer1.0", "layer1"]
    );
    assert_eq!(
        blocks(&["net_conv0", "net_stage1_conv0", "net_stage1__plus0"]),
        ["", "net_stage1", "net_stage1"]
    );
    assert_eq!(blocks(&["features.0", "features.2"]), ["", ""]);
    assert_eq!(
        blocks(&[
            "stem.conv",
            "mixed.branch1.conv",
            "mixed.branch2.0.conv",
            "mixed.branch2.1.conv"
        ]),
        ["", "mixed", "mixed", "mixed"]
    );
}

#[test]
fn another_end_stands_on_the_last_maps_before_they_are_averaged_or_weighed() {
    let dense = || Op::Dense(Dense { out: 10 });
    let last = |ending: &[(&'static str, &'static [&'static str], Op)]| {
        let mut rows = vec![
            ("a", &[][..], conv(4, 2)),
            ("b", &["a"][..], conv(4, 1)),
            ("sum", &["a", "b"][..], Op::Add),
            ("relu", &[][..], Op::Relu),
        ];
        rows.extend_from_slice(ending);
        let plan = planned(&rows);
        plan.last_maps().map(|at| plan[at].layer.name.clone())
    };
    let found = |name: &str| Some(name.to_owned());
    // As ResNet and GoogLeNet end; with another normalisation, as DenseNet; in averages of scores, as SqueezeNet.
    let averaged = [("gap", &[][..], Op::Gap), ("fc", &[][..], dense())];
    assert_eq!(last(&averaged), found("relu"));
    let mut normed = vec![("norm", &[][..], Op::Affine), ("last", &[][..], Op::Relu)];
    normed.extend(averaged);
    assert_eq!(last(&normed), found("last"));
    let scores = [
        ("dropout", &[][..], Op::Dropout(Dropout { p: 0.5 })),
        ("scores", &[][..], conv(10, 1)),
        ("answer", &[][..], Op::Relu),
        ("gap", &[][..], Op::Gap),
    ];
    assert_eq!(last(&scores), found("relu"));
    // As AlexNet ends, also where its dense layers are written as convolutions.
    let pooled = [
        ("pool", &[][..], half()),
        ("fc6", &[][..], dense()),
        ("fc7", &[][..], dense()),
    ];
    assert_eq!(last(&pooled), found("relu"));
    let whole = Op::Conv(Conv::new(10, [16, 16]));
    let written = [("pool", &[][..], half()), ("fc6", &[][..], whole)];
    assert_eq!(last(&written), found("relu"));
    assert_eq!(last(&[]), found("relu"));
    assert_eq!(planned(&[("fc", &[], dense())]).last_maps(), None);
}
