//! `cargo xtask bench`: the benchmarks, and their figures as one table.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::workspace::Workspace;
use crate::{dist, node, process};

/// One row: nanoseconds per iteration, as criterion estimates them.
#[derive(Serialize, Deserialize)]
struct Figure {
    median_ns: f64,
    mean_ns: f64,
    /// Bounds of the median at 95 % confidence.
    lower_ns: f64,
    upper_ns: f64,
}

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

const BESIDE: [Beside; 7] = [
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
];

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
    /// Say what some figures are to PyTorch's, which this Python has.
    #[arg(long = "pytorch", value_name = "PYTHON")]
    pub(crate) python: Option<PathBuf>,
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
    cargo.args(["bench", "--profile", "dev", "--bench", "*"]);
    if wishes.quick {
        cargo.args(["--", "--quick"]);
    }
    process::run(&mut cargo)?;

    let mut table = read(&results)?;
    let mut ratios = Vec::new();
    for row in BESIDE {
        let (Some(python), Some(figure)) = (&wishes.python, table.get(row.ours)) else {
            continue;
        };
        let median_ns = pytorch(python, &workspace.root.join(row.script), row.arguments)?;
        ratios.push((row.ours, figure.median_ns / median_ns));
        let beside = Figure {
            median_ns,
            mean_ns: median_ns,
            lower_ns: median_ns,
            upper_ns: median_ns,
        };
        table.insert(row.theirs.into(), beside);
    }
    ensure!(
        !table.is_empty(),
        "{}: expected estimates of this run, found none",
        results.display()
    );
    let width = table.keys().map(String::len).max().unwrap_or_default();
    println!();
    for (name, figure) in &table {
        println!("{name:width$}  {:>12}", readable(figure.median_ns));
    }
    for (name, passes) in passes(&table) {
        println!("{name}: {passes:.1} forward passes for each picture");
    }
    for (name, ratio) in ratios {
        println!("{name}: {ratio:.2} times PyTorch's");
    }
    for (name, figure) in &table {
        if let Some(before) = earlier.get(name) {
            let ratio = figure.median_ns / before.median_ns;
            println!("{name}: {ratio:.2} times what it was");
        }
    }
    if let Some(json) = &wishes.json {
        let text = serde_json::to_string_pretty(&table)?;
        fs::write(json, text + "\n").with_context(|| format!("writing {}", json.display()))?;
    }
    Ok(())
}

/// How many forward passes each of [`PASSES`] takes for one picture.
fn passes(table: &BTreeMap<String, Figure>) -> Vec<(&'static str, f64)> {
    let multiple = |(name, pictures): (&'static str, f64)| {
        let (figure, forward) = (table.get(name)?, table.get(FORWARD)?);
        Some((name, figure.median_ns / pictures / forward.median_ns))
    };
    PASSES.into_iter().filter_map(multiple).collect()
}

/// The one number that a script prints: nanoseconds.
fn pytorch(python: &Path, script: &Path, arguments: &[&str]) -> Result<f64> {
    let output = Command::new(python)
        .arg(script)
        .args(arguments)
        .output()
        .with_context(|| format!("running {}", python.display()))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    printed.trim().parse().with_context(|| {
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

fn readable(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    format!("{value:.2} {unit}")
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
        let figure = |median_ns: f64| Figure {
            median_ns,
            mean_ns: median_ns,
            lower_ns: median_ns,
            upper_ns: median_ns,
        };
        let mut table = BTreeMap::from([("top-9/16 pictures".to_owned(), figure(48.0))]);
        assert_eq!(passes(&table), [], "nothing to compare with");
        table.insert(FORWARD.into(), figure(2.0));
        assert_eq!(passes(&table), [("top-9/16 pictures", 1.5)]);
    }

    #[test]
    fn chooses_the_unit() {
        assert_eq!(readable(1.5e6), "1.50 ms");
        assert_eq!(readable(2.5e9), "2.50 s");
    }
}
