//! How fast a training goes.

use std::time::Instant;

/// Counts seconds of training.
pub(crate) struct Clock {
    lap: Instant,
    pub(crate) saved: Instant,
    /// Since the last row of the metrics: seconds of steps alone, and steps.
    pub(crate) seconds: f64,
    pub(crate) steps: u64,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let now = Instant::now();
        Self {
            lap: now,
            saved: now,
            seconds: 0.0,
            steps: 0,
        }
    }

    /// Seconds since the last lap, in which so many steps were done.
    pub(crate) fn lap(&mut self, steps: u64) -> f64 {
        let now = Instant::now();
        let seconds = (now - self.lap).as_secs_f64();
        self.lap = now;
        if steps > 0 {
            self.seconds += seconds;
            self.steps += steps;
        }
        seconds
    }

    /// Steps a second since the last row.
    pub(crate) fn rate(&self) -> f64 {
        self.steps as f64 / self.seconds.max(1e-9)
    }
}
