//! `cargo xtask bench`: the benchmarks, and their figures as one table.

mod figure;
mod profile;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use self::figure::{Figure, Ratio};
use crate::workspace::Workspace;
use crate::{dist, node, process};

#[derive(Deserialize)]
struct Estimates {
    mean: Estimate,
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}

#[derive(Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

/// A benchmark that PyTorch also runs.
struct Beside {
    /// Name of its row.
    ours: &'static str,
    /// The script that does the same in PyTorch.
    script: &'static str,
    /// What the script is told.
    arguments: &'static [&'static str],
    /// Name of the script's row.
    theirs: &'static str,
}

const BESIDE: [Beside; 10] = [
    Beside {
        ours: "forward",
        script: "crates/zfnet/benches/pytorch.py",
        arguments: &["forward"],
        theirs: "forward, PyTorch",
    },
    Beside {
        ours: "forward of 16 pictures",
        script: "crates/zfnet/benches/pytorch.py",
        arguments: &["forward-16"],
        theirs: "forward of 16 pictures, PyTorch",
    },
    Beside {
        ours: "unit/conv5",
        script: "crates/zfnet/benches/pytorch.py",
        arguments: &["unit"],
        theirs: "unit/conv5, PyTorch",
    },
    Beside {
        ours: "layer/conv5",
        script: "crates/zfnet/benches/pytorch.py",
        arguments: &["maps"],
        theirs: "layer/conv5, PyTorch",
    },
    Beside {
        ours: "training/step of 32 pictures",
        script: "crates/zfnet-train/benches/pytorch.py",
        arguments: &[],
        theirs: "training/step of 32 pictures, PyTorch",
    },
    Beside {
        ours: "occlusion/529 positions",
        script: "crates/zfnet/benches/pytorch.py",
        arguments: &["occlusion"],
        theirs: "occlusion/529 positions, PyTorch",
    },
    Beside {
        ours: "top-9/16 pictures",
        script: "crates/zfnet/benches/pytorch.py",
        arguments: &["top-9"],
        theirs: "top-9/16 pictures, PyTorch",
    },
    Beside {
        ours: "network/resnet18",
        script: "crates/zfnet-import/benches/pytorch.py",
        arguments: &["resnet18"],
        theirs: "network/resnet18, PyTorch",
    },
    Beside {
        ours: "network/googlenet",
        script: "crates/zfnet-import/benches/pytorch.py",
        arguments: &["googlenet"],
        theirs: "network/googlenet, PyTorch",
    },
    Beside {
        ours: "network/squeezenet1_1",
        script: "crates/zfnet-import/benches/pytorch.py",
        arguments: &["squeezenet1_1"],
        theirs: "network/squeezenet1_1, PyTorch",
    },
];

/// The targets that criterion measures.
const BENCHES: [&str; 3] = ["engine", "networks", "training"];
/// What a forward pass of one picture takes.
const FORWARD: &str = "forward";
/// Benchmarks that are told as multiples of a forward pass, and for how many pictures they are.
const PASSES: [(&str, f64); 2] = [
    ("occlusion/529 positions", 1.0),
    ("top-9/16 pictures", 16.0),
];

/// What is asked of a run.
#[derive(Debug, clap::Args)]
pub(crate) struct Wishes {
    /// Few samples, which is enough for an impression.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Write every figure to FILE, by name of the benchmark.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Say what each figure is to that of an earlier run's FILE.
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,
    /// Say what some figures are to PyTorch's, which this Python has, and torchvision.
    #[arg(long = "pytorch", value_name = "PYTHON")]
    pub(crate) python: Option<PathBuf>,
    /// In place of all that: each layer's share of a forward pass, and of a unit's way down to pixels.
    #[arg(long, conflicts_with_all = ["python", "peers"])]
    pub(crate) profile: bool,
    /// In place of all that: what dist/ takes in Chromium beside onnxruntime-web and TensorFlow.js, one thread each.
    #[arg(long, conflicts_with_all = ["against", "python"])]
    pub(crate) peers: bool,
}

/// Runs every benchmark.
pub(crate) fn bench(workspace: &Workspace, wishes: &Wishes) -> Result<()> {
    if wishes.peers {
        return node::bench_peers(workspace, wishes.quick, wishes.json.as_deref());
    }
    let earlier: BTreeMap<String, Figure> = match &wishes.against {
        Some(file) => {
            let text = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
            serde_json::from_slice(&text)
                .with_context(|| format!("{}: what --json wrote", file.display()))?
        }
        None => BTreeMap::new(),
    };
    let table = match wishes.profile {
        true => profile::profile(workspace, wishes.quick)?,
        false => measure(workspace, wishes)?,
    };
    for line in compared(&table, &earlier) {
        println!("{line}");
    }
    if let Some(json) = &wishes.json {
        let text = serde_json::to_string_pretty(&table)?;
        fs::write(json, text + "\n").with_context(|| format!("writing {}", json.display()))?;
    }
    Ok(())
}

/// Runs what criterion measures, and PyTorch beside it, and prints the table.
fn measure(workspace: &Workspace, wishes: &Wishes) -> Result<BTreeMap<String, Figure>> {
    let results = workspace.target.join("criterion");
    // Figures of benchmarks that no longer exist, or of another clone, must not get into the table.
    for stale in dist::files(&results)?
        .iter()
        .filter(|file| is_estimate(file))
    {
        fs::remove_file(results.join(stale))
            .with_context(|| format!("removing {}", stale.display()))?;
    }
    // All default members with the development profile: the features and settings of the tests, hence the same burn.
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["bench", "--profile", "dev"]);
    for bench in BENCHES {
        cargo.args(["--bench", bench]);
    }
    if wishes.quick {
        cargo.args(["--", "--quick"]);
    }
    process::run(&mut cargo)?;

    let mut table = read(&results)?;
    ensure!(
        !table.is_empty(),
        "{}: expected estimates of this run, found none",
        results.display()
    );
    let mut ratios = Vec::new();
    for row in BESIDE {
        let (Some(python), Some(ours)) = (&wishes.python, table.get(row.ours)) else {
            continue;
        };
        let theirs = pytorch(python, &workspace.root.join(row.script), row.arguments)?;
        ratios.extend(ours.to(&theirs).map(|ratio| (row.ours, ratio)));
        table.insert(row.theirs.into(), theirs);
    }
    let width = table.keys().map(String::len).max().unwrap_or_default();
    println!();
    for (name, figure) in &table {
        println!("{name:width$}  {figure}");
    }
    for (name, passes) in passes(&table) {
        println!("{name}: {passes:.1} forward passes for each picture");
    }
    for (name, ratio) in ratios {
        println!("{name}: {ratio} times PyTorch's");
    }
    Ok(table)
}

/// What each figure is to an earlier run's, and how many are slower than that.
fn compared(table: &BTreeMap<String, Figure>, earlier: &BTreeMap<String, Figure>) -> Vec<String> {
    let both = { table.iter() }.filter_map(|(name, now)| Some((name, now.to(earlier.get(name)?)?)));
    let both: Vec<(&String, Ratio)> = both.collect();
    let mut lines: Vec<String> = { both.iter() }
        .map(|(name, ratio)| {
            let verdict = ratio.verdict();
            let verdict = verdict.map_or_else(String::new, |verdict| format!(": {verdict}"));
            format!("{name}: {ratio} times what it was{verdict}")
        })
        .collect();
    if !both.is_empty() {
        let slower = { both.iter() }.filter(|(_, ratio)| ratio.verdict() == Some("slower"));
        lines.push(format!("{} of {} are slower", slower.count(), both.len()));
    }
    lines
}

/// How many forward passes each of [`PASSES`] takes for one picture.
fn passes(table: &BTreeMap<String, Figure>) -> Vec<(&'static str, f64)> {
    let multiple = |(name, pictures): (&'static str, f64)| {
        let (figure, forward) = (table.get(name)?, table.get(FORWARD)?);
        Some((name, figure.median_ns / pictures / forward.median_ns))
    };
    PASSES.into_iter().filter_map(multiple).collect()
}

/// What a script prints: the nanoseconds of each run, in one line.
fn pytorch(python: &Path, script: &Path, arguments: &[&str]) -> Result<Figure> {
    let output = Command::new(python)
        .arg(script)
        .args(arguments)
        .output()
        .with_context(|| format!("running {}", python.display()))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let times: Result<Vec<f64>, _> = printed.split_whitespace().map(str::parse).collect();
    let figure = times.ok().and_then(|times| Figure::of(&times));
    figure.with_context(|| {
        format!(
            "{}: expected nanoseconds, found {printed:?} {}",
            script.display(),
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

fn is_estimate(file: &Path) -> bool {
    file.ends_with("new/estimates.json")
}

/// `projection/conv5/new/estimates.json` → the figure of `projection/conv5`.
fn read(results: &Path) -> Result<BTreeMap<String, Figure>> {
    let mut table = BTreeMap::new();
    for file in dist::files(results)?
        .iter()
        .filter(|file| is_estimate(file))
    {
        let path = results.join(file);
        let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let estimates: Estimates = serde_json::from_slice(&bytes)
            .with_context(|| format!("what criterion wrote in {}", path.display()))?;
        let name = file
            .ancestors()
            .nth(2)
            .unwrap_or(file)
            .to_string_lossy()
            .replace('\\', "/");
        let interval = estimates.median.confidence_interval;
        let figure = Figure {
            median_ns: estimates.median.point_estimate,
            mean_ns: estimates.mean.point_estimate,
            lower_ns: interval.lower_bound,
            upper_ns: interval.upper_bound,
        };
        table.insert(name, figure);
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_figures_by_their_folder() {
        let folder = std::env::temp_dir().join(format!("xtask-bench-{}", std::process::id()));
        let inner = folder.join("projection/conv5/new");
        fs::create_dir_all(&inner).expect("a temporary folder");
        let estimate = r#"{"confidence_interval":{"confidence_level":0.95,"lower_bound":1.0,"upper_bound":3.0},"point_estimate":2.0,"standard_error":0.1}"#;
        fs::write(
            inner.join("estimates.json"),
            format!(r#"{{"mean":{estimate},"median":{estimate},"slope":null}}"#),
        )
        .expect("a file");
        let table = read(&folder).expect("a table");
        fs::remove_dir_all(&folder).expect("the temporary folder");
        assert_eq!(table.keys().collect::<Vec<_>>(), ["projection/conv5"]);
        assert_eq!(
            (
                table["projection/conv5"].median_ns,
                table["projection/conv5"].upper_ns
            ),
            (2.0, 3.0)
        );
    }

    #[test]
    fn counts_forward_passes_for_each_picture() {
        let figure = |time: f64| Figure::of(&[time]).expect("a time");
        let mut table = BTreeMap::from([("top-9/16 pictures".to_owned(), figure(48.0))]);
        assert_eq!(passes(&table), [], "nothing to compare with");
        table.insert(FORWARD.into(), figure(2.0));
        assert_eq!(passes(&table), [("top-9/16 pictures", 1.5)]);
    }

    #[test]
    fn names_what_has_become_slower() {
        let figure = |time: f64| Figure::of(&[time]).expect("a time");
        let table = |forward, unit| {
            let rows = [("forward", forward), ("unit", unit)];
            BTreeMap::from(rows.map(|(name, time)| (name.to_owned(), figure(time))))
        };
        let found = compared(&table(10.0, 30.0), &table(10.0, 20.0));
        let expected = [
            "forward: 1.00 (1.00 to 1.00) times what it was",
            "unit: 1.50 (1.50 to 1.50) times what it was: slower",
            "1 of 2 are slower",
        ];
        assert_eq!(found, expected);
        assert!(compared(&table(10.0, 30.0), &BTreeMap::new()).is_empty());
    }
}
