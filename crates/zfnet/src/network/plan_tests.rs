//! Chains, and a small network with branches.

use super::{Plan, PlannedLayer, Source};
use crate::geometry::receptive_field::ReceptiveField;
use crate::network::architecture::{Architecture, Conv, Layer, Op};

/// A layer of one map that sees the pixel it lies on.
fn planned(name: &str, op: Op) -> PlannedLayer {
    PlannedLayer {
        layer: Layer::new(name, op),
        input: [1, 4, 4],
        output: [1, 4, 4],
        field: ReceptiveField::PIXEL,
        parameters: 0,
        multiply_adds: 0,
    }
}

fn conv() -> Op {
    Op::Conv(Conv::new(1, [1, 1]))
}

/// The input goes through `stem`, from there by way of `left` and `left_relu` and by way of `right` to `joined`, and
/// `aside` reads the stem, too.
fn branched() -> Plan {
    let mut plan = Plan::new([1, 4, 4]);
    let below = Source::Layer;
    plan.push(planned("stem", conv()), vec![Source::Input]);
    plan.push(planned("left", conv()), vec![below(0)]);
    plan.push(planned("left_relu", Op::Relu), vec![below(1)]);
    plan.push(planned("aside", Op::Relu), vec![below(0)]);
    plan.push(planned("right", conv()), vec![below(0)]);
    plan.push(planned("joined", conv()), vec![below(2), below(4)]);
    plan
}

#[test]
fn a_chain_goes_up_and_down_through_all_of_it() {
    let plan = Architecture::zfnet(8, 2)
        .plan([3, 224, 224])
        .expect("the table is sound");
    let all: Vec<usize> = (0..plan.len()).collect();
    let back: Vec<usize> = (0..plan.len()).rev().collect();
    assert_eq!(plan.upto(plan.top()), all);
    assert_eq!(plan.down(plan.top(), Source::Input), back);
    assert_eq!(plan.down(6, Source::Layer(3)), [6, 5, 4]);
    assert_eq!(plan.down(3, Source::Layer(3)), [0usize; 0]);
    let [conv1, relu1] = ["conv1", "relu1"].map(|name| plan.position(name).expect("a layer"));
    assert_eq!(plan.activation(conv1), relu1);
    assert_eq!(plan.activation(relu1), relu1);
    assert_eq!(plan.activation(plan.top()), plan.top());
    assert_eq!(plan.whole_stride(), [32, 32]);
}

#[test]
fn a_signal_passes_the_ways_between_and_no_others() {
    let plan = branched();
    assert_eq!(plan.upto(5), [0, 1, 2, 4, 5]);
    assert_eq!(plan.down(5, Source::Input), [5, 4, 2, 1, 0]);
    assert_eq!(plan.down(5, Source::Layer(0)), [5, 4, 2, 1]);
    assert_eq!(plan.down(5, Source::Layer(1)), [5, 2]);
    assert_eq!(plan.down(3, Source::Input), [3, 0]);
    assert_eq!(plan.down(3, Source::Layer(1)), [0usize; 0]);
}

#[test]
fn an_activation_stands_at_the_rectifier_that_alone_reads_a_layer() {
    let plan = branched();
    assert_eq!(plan.activation(1), 2, "left is read by its rectifier");
    assert_eq!(plan.activation(0), 0, "the stem is read by three");
    assert_eq!(plan.activation(4), 4, "right is read where branches join");
}

#[test]
fn what_comes_down_to_a_layer_that_one_alone_reads_comes_from_there() {
    let plan = branched();
    assert_eq!(plan.alone_under(2), Some(1), "left has one reader");
    assert_eq!(plan.alone_under(1), None, "the stem is read by three");
    assert_eq!(plan.alone_under(5), None, "two branches join");
    assert_eq!(plan.alone_under(0), None, "below the stem is the input");
}

#[test]
fn what_runs_ends_below_the_first_layer_without_weights() {
    let plan = branched();
    assert_eq!(plan.frontier(|_| true), plan.len());
    assert_eq!(plan.frontier(|at| at < 4), 4);
    assert_eq!(plan.frontier(|at| at != 1), 1);
}
