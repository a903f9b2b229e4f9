//! `cargo xtask bench --profile`: how long each layer takes on the way up, and each on the way down of one unit of conv5, on
//! the CPU. Prints a line of JSON for each, with the nanoseconds of every round.
//!
//! A layer is timed as a network of its own, on what enters it in the whole one. On the way down a network that begins further
//! and further below carries the same unit further and further down; what it takes longer than the one before is its lowest
//! layers' share. Everything is timed in turn, round by round, so that what slows the machine down for a while slows down all.

mod subject;

use std::hint::black_box;
use std::ops::Range;
use std::time::Instant;

use burn::tensor::Tensor;
use pollster::block_on;
use serde_json::{Value, json};
use zfnet::network::architecture::{Architecture, Op};
use zfnet::network::model::{Input, Model};
use zfnet::{Network, ReluRule, Targets, Trace, project};

/// The layer whose unit goes down.
const TOP: &str = "conv5";
/// Rounds that are not counted: filters are packed and memory is found.
const WARM: usize = 3;

/// Something to be timed.
struct Row<'a> {
    about: Value,
    run: Box<dyn FnMut() + 'a>,
    /// Whether its time holds that of the row before.
    is_further: bool,
}

fn main() {
    // Cargo adds an option of its own.
    let rounds = match std::env::args().any(|argument| argument == "--quick") {
        true => 20,
        false => 100,
    };
    let network = subject::network();
    let trace = network.forward(subject::input()).expect("the input fits");
    let mut rows = up(&network, &trace);
    rows.extend(down(&network, &trace));
    let mut times = vec![Vec::with_capacity(rounds); rows.len()];
    for round in 0..WARM + rounds {
        let mut before = 0;
        for (row, times) in rows.iter_mut().zip(&mut times) {
            let begun = Instant::now();
            (row.run)();
            let taken = begun.elapsed().as_nanos() as i64;
            if round >= WARM {
                times.push(taken - if row.is_further { before } else { 0 });
            }
            before = taken;
        }
    }
    for (row, times) in rows.iter().zip(times) {
        let mut line = row.about.clone();
        line["times_ns"] = json!(times);
        println!("{line}");
    }
}

/// The whole pass, and each of its layers.
fn up<'a>(network: &'a Network, trace: &'a Trace) -> Vec<Row<'a>> {
    let mut rows = vec![Row {
        about: json!({"way": "up", "layers": "all"}),
        run: Box::new(|| {
            black_box(network.forward(trace.input.clone()).expect("it fits"));
        }),
        is_further: false,
    }];
    for (at, planned) in network.plan.iter().enumerate() {
        if matches!(planned.layer.op, Op::Dropout(_)) {
            continue;
        }
        let (alone, input) = section(network, trace, at..at + 1);
        let own = alone.forward(input.clone()).expect("it fits");
        same(&own.layers[0].activation, &trace.layers[at].activation);
        rows.push(Row {
            about: json!({
                "way": "up",
                "layers": planned.layer.name,
                "operation": planned.layer.op.name(),
                "shape": planned.output,
                "multiply_adds": planned.multiply_adds,
            }),
            run: Box::new(move || {
                black_box(alone.forward(input.clone()).expect("it fits"));
            }),
            is_further: false,
        });
    }
    rows
}

/// A unit's whole projection, and its steps, the uppermost first: a convolution goes down at once with the rectifier and the
/// pool above it.
fn down<'a>(network: &'a Network, trace: &'a Trace) -> Vec<Row<'a>> {
    let top = network.plan.position(TOP).expect("there is one");
    let strongest = block_on(trace.strongest(0, &[TOP])).expect("the layer ran");
    let target = Targets::Units(TOP.into(), vec![strongest[0][0].unit.into()]);
    let pixels = move |network: &Network, trace: &Trace| {
        let projections = project(network, trace, 0, &target, ReluRule::Deconvnet);
        projections.expect("the unit is there").pixels
    };
    let whole = pixels.clone();
    let mut rows = vec![Row {
        about: json!({"way": "down", "layers": "all"}),
        run: Box::new(move || {
            black_box(whole(network, trace));
        }),
        is_further: false,
    }];
    let begins = |at: &usize| matches!(network.plan[*at].layer.op, Op::Conv(_) | Op::Lrn(_));
    let mut above = top + 1;
    for from in (0..=top).rev().filter(begins) {
        let (section, input) = section(network, trace, from..top + 1);
        let entered = section.forward(input).expect("it fits");
        if from == 0 {
            same(&pixels(&section, &entered), &pixels(network, trace));
        }
        let layers = (from..above).rev().map(|at| &network.plan[at].layer);
        let names: Vec<_> = layers.map(|layer| layer.name.as_str()).collect();
        let project = pixels.clone();
        rows.push(Row {
            about: json!({
                "way": "down",
                "layers": names.join(", "),
                "operation": network.plan[from].layer.op.name(),
                "shape": network.plan[from].input,
            }),
            run: Box::new(move || {
                black_box(project(&section, &entered));
            }),
            is_further: above <= top,
        });
        above = from;
    }
    rows
}

/// Some layers as a network of their own, and what enters them in the whole one.
fn section(network: &Network, trace: &Trace, layers: Range<usize>) -> (Network, Tensor<4>) {
    let input = match layers.start {
        0 => trace.input.clone(),
        first => trace.layers[first - 1].activation.clone(),
    };
    let [_, maps, rows, cols] = input.dims();
    let model = Model {
        architecture: Architecture {
            layers: network.model.architecture.layers[layers.clone()].to_vec(),
        },
        input: Input {
            size: [rows, cols],
            resize_short_side: rows.min(cols),
            mean: vec![0.0; maps],
            std: Vec::new(),
            ..network.model.input.clone()
        },
        ..network.model.clone()
    };
    let zeros = |_: &str, shape: &[usize]| vec![0.0; shape.iter().product()];
    let blank = Network::build(model, network.device(), zeros).expect("a sound table");
    let parameters = network.parameters()[layers].to_vec();
    let section = blank.with_parameters(parameters).expect("they are its own");
    (section, input)
}

/// Nobody is fast by computing something else.
fn same(found: &Tensor<4>, expected: &Tensor<4>) {
    let (found, expected) = (found.to_data(), expected.to_data());
    found.assert_eq(&expected, true);
}
