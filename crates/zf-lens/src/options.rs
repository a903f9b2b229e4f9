//! Values of options, and what they mean to the engine.

use clap::ValueEnum;
use zfnet::rendering::Stretch;
use zfnet::{Crop, ReluRule};

/// What a rectifier lets through on the way down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rule {
    /// Positive signal (Zeiler & Fergus)
    #[default]
    Deconvnet,
    /// Positive signal through units that fired (guided backpropagation)
    Guided,
    /// Any signal through units that fired: the derivative
    Gradient,
}

impl Rule {
    pub(crate) fn engine(self) -> ReluRule {
        match self {
            Self::Deconvnet => ReluRule::Deconvnet,
            Self::Guided => ReluRule::Guided,
            Self::Gradient => ReluRule::Gradient,
        }
    }

    /// The name used in options, JSON and dumps.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Deconvnet => "deconvnet",
            Self::Guided => "guided",
            Self::Gradient => "gradient",
        }
    }
}

/// How signed numbers become brightness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Brightness {
    /// Symmetric about mid grey; the 99.5 % quantile of the magnitude is black or white
    #[default]
    Quantile,
    /// From the smallest value to the largest
    Minmax,
    /// A logistic curve through mid grey
    Sigmoid,
}

impl Brightness {
    pub(crate) fn engine(self) -> Stretch {
        match self {
            Self::Quantile => Stretch::Quantile,
            Self::Minmax => Stretch::MinMax,
            Self::Sigmoid => Stretch::Sigmoid,
        }
    }
}

/// LEFT,TOP,SIZE.
pub(crate) fn crop(text: &str) -> Result<Crop, String> {
    match numbers(text).as_deref() {
        Some(&[left, top, size]) if size > 0 => Ok(Crop::Square { left, top, size }),
        _ => Err("LEFT,TOP,SIZE in whole pixels, SIZE above 0".into()),
    }
}

/// ROW,COL.
pub(crate) fn place(text: &str) -> Result<[usize; 2], String> {
    match numbers(text).as_deref() {
        Some(&[row, col]) => Ok([row as usize, col as usize]),
        _ => Err("ROW,COL, two whole numbers".into()),
    }
}

/// A scale: the value drawn as full white.
pub(crate) fn scale(text: &str) -> Result<f32, String> {
    let value = text
        .parse::<f32>()
        .ok()
        .filter(|value| value.is_finite() && *value > 0.0);
    value.ok_or_else(|| "a number above 0".into())
}

/// A count of at least one that the engine can still multiply.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    let value = text
        .parse::<usize>()
        .ok()
        .filter(|value| (1..=1_000_000).contains(value));
    value.ok_or_else(|| "a whole number from 1 to 1000000".into())
}

/// How many screen pixels a filter's pixel gets.
pub(crate) fn zoom(text: &str) -> Result<usize, String> {
    let value = text
        .parse::<usize>()
        .ok()
        .filter(|value| (1..=64).contains(value));
    value.ok_or_else(|| "a whole number from 1 to 64".into())
}

fn numbers(text: &str) -> Option<Vec<u32>> {
    text.split(',')
        .map(|part| part.trim().parse().ok())
        .collect()
}
