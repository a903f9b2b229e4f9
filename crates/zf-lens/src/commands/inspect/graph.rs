//! How a network's layers hang together: drawn as rails beside the rows of its table, and written down for Graphviz.

use std::fmt::Write;

use zfnet::network::architecture::{AvgPool, Conv, INPUT, MaxPool, Op, Shape};
use zfnet::network::plan::{Plan, PlannedLayer, Source};

/// What each layer reads, as names: from, to.
pub(super) fn edges(plan: &Plan) -> Vec<[&str; 2]> {
    let places = (0..plan.len()).flat_map(|at| plan.sources(at).iter().map(move |s| (*s, at)));
    let named = places.map(|(source, at)| [name(plan, source), plan[at].layer.name.as_str()]);
    named.collect()
}

fn name(plan: &Plan, source: Source) -> &str {
    match source {
        Source::Input => INPUT,
        Source::Layer(at) => &plan[at].layer.name,
    }
}

/// Whether every layer reads the one above it and nothing else, so that there is nothing to draw.
fn is_chain(plan: &Plan) -> bool {
    (0..plan.len()).all(|at| {
        let above = match at {
            0 => Source::Input,
            at => Source::Layer(at - 1),
        };
        plan.sources(at) == [above]
    })
}

/// The rails of the input and of each layer, all equally wide: what is read later runs down a lane of its own. `None` for a
/// chain.
///
/// A layer stands as a dot in the lane of something that nobody reads after it, or in a free one, and reads the lanes that a
/// line leads to; a lane that a line merely crosses stays upright.
pub(super) fn rails(plan: &Plan) -> Option<Vec<String>> {
    if is_chain(plan) {
        return None;
    }
    let last_reader = |source| (0..plan.len()).rfind(|at| plan.sources(*at).contains(&source));
    let mut lanes = vec![Some(Source::Input)];
    let mut rails = vec!["○".to_owned()];
    for at in 0..plan.len() {
        let reads = |lane: &Option<Source>| lane.is_some_and(|s| plan.sources(at).contains(&s));
        let ends = |lane: &Option<Source>| reads(lane) && lane.map(last_reader) == Some(Some(at));
        let own = lanes.iter().position(ends);
        let own = own.or_else(|| lanes.iter().position(Option::is_none));
        let own = own.unwrap_or(lanes.len());
        lanes.resize(lanes.len().max(own + 1), None);
        rails.push(rail(&lanes, own, reads, ends));
        for lane in lanes.iter_mut().filter(|lane| ends(lane)) {
            *lane = None;
        }
        lanes[own] = last_reader(Source::Layer(at)).map(|_| Source::Layer(at));
    }
    let width = 2 * lanes.len() - 1;
    Some(rails.iter().map(|rail| format!("{rail:width$}")).collect())
}

/// One row of rails, with a layer in the lane `own`.
fn rail(
    lanes: &[Option<Source>],
    own: usize,
    reads: impl Fn(&Option<Source>) -> bool,
    ends: impl Fn(&Option<Source>) -> bool,
) -> String {
    let met = (0..lanes.len()).filter(|at| *at == own || reads(&lanes[*at]));
    let met: Vec<usize> = met.collect();
    let (first, last) = (met[0], met[met.len() - 1]);
    let mut drawn = String::new();
    for (at, lane) in lanes.iter().enumerate() {
        let [left, right] = [first < at && at <= last, first <= at && at < last];
        drawn.push(match (left, right) {
            _ if at == own => '●',
            (false, true) if ends(lane) => '╰',
            (false, true) => '├',
            (true, false) if ends(lane) => '╯',
            (true, false) => '┤',
            (true, true) if ends(lane) => '┴',
            (true, true) if reads(lane) => '┼',
            (true, true) if lane.is_none() => '─',
            _ if lane.is_none() => ' ',
            _ => '│',
        });
        drawn.push(if right { '─' } else { ' ' });
    }
    drawn.trim_end().to_owned()
}

/// The graph in the language of Graphviz: a box for each layer, those of one block in a frame.
pub(super) fn dot(name: &str, plan: &Plan) -> String {
    let mut text = format!("digraph {} {{\n", quoted(name));
    text += "  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n";
    let shape = shape(plan.input());
    let _ = writeln!(
        text,
        "  {INPUT} [shape=plain, label=\"{INPUT}\\n{shape}\"];"
    );
    let blocks = plan.blocks();
    let mut begun = Vec::new();
    for (planned, block) in plan.iter().zip(&blocks) {
        match *block {
            "" => text += &node(planned, ""),
            block if begun.contains(&block) => {}
            block => {
                let frame = quoted(&format!("cluster_{block}"));
                let _ = writeln!(text, "  subgraph {frame} {{\n    label={};", quoted(block));
                let members = plan.iter().zip(&blocks).filter(|(_, of)| **of == block);
                text.extend(members.map(|(member, _)| node(member, "  ")));
                text += "  }\n";
                begun.push(block);
            }
        }
    }
    for [from, to] in edges(plan) {
        let _ = writeln!(text, "  {} -> {};", quoted(from), quoted(to));
    }
    text + "}"
}

fn node(planned: &PlannedLayer, indent: &str) -> String {
    let layer = &planned.layer;
    let windows = match &layer.op {
        Op::Conv(Conv { kernel, stride, .. })
        | Op::MaxPool(MaxPool { kernel, stride, .. })
        | Op::AvgPool(AvgPool { kernel, stride, .. }) => {
            let apart = match stride {
                [1, 1] => String::new(),
                [rows, cols] if rows == cols => format!(" / {rows}"),
                [rows, cols] => format!(" / {rows}×{cols}"),
            };
            format!(" {}×{}{apart}", kernel[0], kernel[1])
        }
        _ => String::new(),
    };
    let told = format!(
        "{}\n{}{windows}\n{}",
        layer.name,
        layer.op.name(),
        shape(planned.output)
    );
    // Sharp corners where there are weights.
    let style = match layer.op.has_parameters() {
        true => ", style=solid",
        false => "",
    };
    let (name, told) = (quoted(&layer.name), quoted(&told));
    format!("{indent}  {name} [label={told}{style}];\n")
}

pub(super) fn shape(sides: Shape) -> String {
    sides.map(|side| side.to_string()).join("×")
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zfnet::network::architecture::{Architecture, Layer};

    /// A fork into three, one of which is read twice, and a sum across what it joins.
    fn forked() -> Plan {
        let conv = |out| Op::Conv(Conv::new(out, [1, 1]));
        let layer = |name: &str, from: &[&str], op| Layer {
            from: from.iter().map(ToString::to_string).collect(),
            ..Layer::new(name, op)
        };
        let layers = vec![
            layer("stem", &[], conv(4)),
            layer("block/a", &["stem"], conv(2)),
            layer("block/b", &["stem"], conv(2)),
            layer("block/join", &["block/a", "block/b"], Op::Concat),
            layer("sum", &["block/join", "stem"], Op::Add),
        ];
        let architecture = Architecture { layers };
        architecture.plan([3, 8, 8]).expect("a possible table")
    }

    #[test]
    fn lanes_fork_and_meet() {
        let rails = rails(&forked()).expect("branches");
        let rails: Vec<&str> = rails.iter().map(|rail| rail.trim_end()).collect();
        assert_eq!(rails, ["○", "●", "├─●", "├─│─●", "│ ●─╯", "●─╯"]);
    }

    #[test]
    fn a_chain_has_no_rails() {
        let plan = Architecture::tiny([2, 2, 2], 4, 3).plan([3, 32, 32]);
        assert_eq!(rails(&plan.expect("a possible table")), None);
    }

    #[test]
    fn graphviz_gets_every_layer_once_and_every_edge() {
        let plan = forked();
        let text = dot("a \"name\"", &plan);
        assert!(text.starts_with("digraph \"a \\\"name\\\"\" {\n"), "{text}");
        for planned in &plan {
            let node = format!("{} [label=", quoted(&planned.layer.name));
            assert_eq!(text.matches(&node).count(), 1, "{text}");
        }
        assert_eq!(text.matches(" -> ").count(), edges(&plan).len());
        assert!(text.contains("\"block/join\" -> \"sum\";"), "{text}");
        assert!(text.contains("subgraph \"cluster_block\""), "{text}");
        let braces = ['{', '}'].map(|brace| text.matches(brace).count());
        assert_eq!(braces[0], braces[1]);
    }
}
