//! In which order nodes run: those that an output needs, each after what it reads.

use std::collections::HashMap;

use super::message::Graph;
use crate::refusal::{Error, Result, wrong};

/// Where a node stands in the search.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Unseen,
    Open,
    Done,
}

/// Places of the nodes that an output needs, each after those that it reads.
///
/// # Errors
/// For values that are given twice, or that need themselves.
pub(super) fn of(graph: &Graph<'_>, output: &str) -> Result<Vec<usize>> {
    let mut givers: HashMap<&str, usize> = HashMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        for name in node.outputs.iter().filter(|name| !name.is_empty()) {
            if givers.insert(name, at).is_some() {
                return Err(wrong(
                    format!("value {name}"),
                    "one node that gives it",
                    "two",
                ));
            }
        }
    }
    let mut order = Vec::new();
    let Some(last) = givers.get(output) else {
        return Err(wrong(
            format!("output {output}"),
            "a node that gives it",
            "none",
        ));
    };
    let mut states = vec![State::Unseen; graph.nodes.len()];
    // Each open node with the place of the input that comes next.
    let mut open = vec![(*last, 0)];
    states[*last] = State::Open;
    while let Some((at, next)) = open.last_mut() {
        let node = &graph.nodes[*at];
        let Some(name) = node.inputs.get(*next) else {
            states[*at] = State::Done;
            order.push(*at);
            open.pop();
            continue;
        };
        *next += 1;
        let Some(giver) = givers.get(name) else {
            continue;
        };
        match states[*giver] {
            State::Unseen => {
                states[*giver] = State::Open;
                open.push((*giver, 0));
            }
            State::Open => {
                return Err(Error::Architecture {
                    layer: node.title().into(),
                    expected: "inputs that come before it".into(),
                    found: format!("a circle through {name}"),
                });
            }
            State::Done => {}
        }
    }
    Ok(order)
}
