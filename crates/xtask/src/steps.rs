//! Named, timed steps.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Runs steps one after the other and remembers what each took.
pub(crate) struct Steps {
    taken: Vec<(String, Duration)>,
}

impl Steps {
    pub(crate) fn new() -> Self {
        Self { taken: Vec::new() }
    }

    pub(crate) fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("▸ {name}");
        let start = Instant::now();
        let result = work().with_context(|| format!("step `{name}`"));
        let taken = start.elapsed();
        if result.is_ok() {
            println!("  {name}: {}", seconds(taken));
        }
        self.taken.push((name.to_owned(), taken));
        result
    }

    pub(crate) fn summary(&self) {
        println!();
        for (name, taken) in &self.taken {
            println!("{:>9}  {name}", seconds(*taken));
        }
        println!(
            "{:>9}  in all",
            seconds(self.taken.iter().map(|(_, taken)| *taken).sum())
        );
    }
}

fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!(
            "{:.0} min {:02.0} s",
            (seconds / 60.0).floor(),
            (seconds % 60.0).floor()
        )
    }
}
