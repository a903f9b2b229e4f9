//! The learning rate as a training goes on.

use serde::{Deserialize, Serialize};

use crate::recipe::Schedule;

/// A schedule and what it has seen so far; saved with a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Annealing {
    schedule: Schedule,
    /// Lowest validation error so far, from 0 to 1. In single precision, which JSON gives back to the last bit: an equal
    /// error must not look like a lower one after a resume.
    best: Option<f32>,
    /// Epochs since then.
    waited: u32,
    /// How often the rate was divided.
    divided: i32,
}

impl Annealing {
    /// At the start.
    pub fn new(schedule: Schedule) -> Self {
        Self {
            schedule,
            best: None,
            waited: 0,
            divided: 0,
        }
    }

    /// The rate for a step of so many.
    pub fn rate(&self, step: u64, steps: u64) -> f64 {
        match self.schedule {
            Schedule::Plateau { rate, divisor, .. } => rate / divisor.powi(self.divided),
            Schedule::Cosine { rate, warm_up } => {
                let rising = (step + 1) as f64 / warm_up.max(1) as f64;
                let done = step as f64 / steps.max(1) as f64;
                let falling = 0.5 * (1.0 + (std::f64::consts::PI * done.min(1.0)).cos());
                rate * rising.min(1.0) * falling
            }
        }
    }

    /// Tells it the validation error after an epoch; says whether the rate was divided.
    pub fn observe(&mut self, error: f64) -> bool {
        let Schedule::Plateau { patience, .. } = self.schedule else {
            return false;
        };
        let error = error as f32;
        if self.best.is_none_or(|best| error < best) {
            self.best = Some(error);
            self.waited = 0;
            return false;
        }
        self.waited += 1;
        if self.waited < patience {
            return false;
        }
        self.waited = 0;
        self.divided += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plateau_divides_the_rate_and_progress_does_not() {
        let mut annealing = Annealing::new(Schedule::Plateau {
            rate: 1e-2,
            divisor: 10.0,
            patience: 2,
        });
        for error in [0.9, 0.8, 0.7] {
            assert!(!annealing.observe(error));
        }
        assert_eq!(annealing.rate(1000, 0), 1e-2);
        assert!(!annealing.observe(0.7), "one epoch without progress");
        assert!(annealing.observe(0.75), "two of them");
        assert_eq!(annealing.rate(1000, 0), 1e-3);
        assert!(!annealing.observe(0.6), "better again");
        assert!(!annealing.observe(0.61));
        assert!(annealing.observe(0.62));
        assert!((annealing.rate(0, 0) - 1e-4).abs() < 1e-12);
    }

    #[test]
    fn what_was_seen_comes_back_from_json_to_the_last_bit() {
        for wrong in 0..1429 {
            let mut annealing = Annealing::new(Schedule::Plateau {
                rate: 1e-2,
                divisor: 10.0,
                patience: 1,
            });
            let error = f64::from(wrong) / 1429.0;
            annealing.observe(error);
            let json = serde_json::to_string(&annealing).expect("plain values");
            let mut again: Annealing = serde_json::from_str(&json).expect("what was written");
            assert_eq!(again, annealing, "{json}");
            assert!(again.observe(error), "an equal error is no progress");
        }
    }

    #[test]
    fn a_cosine_rises_then_falls_to_nothing() {
        let annealing = Annealing::new(Schedule::Cosine {
            rate: 2.0,
            warm_up: 10,
        });
        assert!((annealing.rate(0, 1000) - 0.2).abs() < 1e-3);
        assert!((annealing.rate(9, 1000) - 2.0).abs() < 1e-2);
        assert!((annealing.rate(500, 1000) - 1.0).abs() < 1e-9);
        assert!(annealing.rate(1000, 1000).abs() < 1e-12);
    }
}
