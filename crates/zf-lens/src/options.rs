//! Values of options, and what they mean to the engine.

use clap::ValueEnum;
use zfnet::experiments::arithmetic::Grid;
use zfnet::experiments::shared::covering::Fill;
use zfnet::files::weights::Precision;
use zfnet::network::kernels::Kernels;
use zfnet::pictures::rendering::Stretch;
use zfnet::{Crop, ReluRule};

/// Which operations compute where the CPU does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Operations {
    /// The fast ones
    #[default]
    Own,
    /// Those that the fast ones are tested against
    Plain,
}

impl Operations {
    pub(crate) fn engine(self) -> Kernels {
        match self {
            Self::Own => Kernels::Own,
            Self::Plain => Kernels::Plain,
        }
    }
}

/// The rule for ReLUs on the backward pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rule {
    /// Keep what is positive on the way back (Zeiler & Fergus)
    #[default]
    Deconvnet,
    /// Keep what is positive, through units that were active (guided backpropagation)
    Guided,
    /// Keep all, through units that were active: the derivative
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
        Some(&[left, top, width]) if width > 0 => Ok(Crop::Part { left, top, width }),
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

/// Rows and columns: one number for both, or ROWSxCOLS.
pub(crate) fn size(text: &str) -> Result<[usize; 2], String> {
    let number = |text: &str| count(text).ok().filter(|pixels| *pixels <= 1 << 16);
    let found = match text.split_once(['x', '×']) {
        None => number(text).map(|side| [side; 2]),
        Some((rows, cols)) => number(rows)
            .zip(number(cols))
            .map(|(rows, cols)| [rows, cols]),
    };
    found.ok_or_else(|| "PIXELS, or ROWSxCOLS, from 1 to 65536 each".into())
}

/// A share or a weight: any number that is not negative.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let value = text.parse::<f64>().ok();
    let value = value.filter(|value| (0.0..=100_000.0).contains(value));
    value.ok_or_else(|| "a number from 0 to 100000".into())
}

/// A number of passes: more would take days.
pub(crate) fn passes(text: &str) -> Result<usize, String> {
    match count(text) {
        Ok(passes) if passes <= 100_000 => Ok(passes),
        _ => Err("a whole number from 1 to 100000".into()),
    }
}

/// What covers a part of a photograph: grey, mean, or RED,GREEN,BLUE.
pub(crate) fn fill(text: &str) -> Result<Fill, String> {
    let colour = |values: Vec<u32>| -> Option<[u8; 3]> {
        let values: Vec<u8> = values
            .into_iter()
            .map_while(|value| value.try_into().ok())
            .collect();
        values.try_into().ok()
    };
    match text {
        "grey" => Ok(Fill::default()),
        "mean" => Ok(Fill::Mean),
        _ => numbers(text)
            .and_then(colour)
            .map(Fill::Colour)
            .ok_or_else(|| "grey, mean, or RED,GREEN,BLUE, each from 0 to 255".into()),
    }
}

/// Rows of numbers: ROW;ROW;…, each NUMBER,NUMBER,…
pub(crate) fn grid(text: &str) -> Result<Grid, String> {
    let numbers = |row: &str| -> Option<Vec<f32>> {
        let numbers = row.split(',').map(|number| number.trim().parse().ok());
        numbers.collect()
    };
    let rows = text.split(';').map(numbers);
    let rows: Option<Vec<Vec<f32>>> = rows.collect();
    let rows = rows.filter(|rows| rows.iter().all(|row| row.len() == rows[0].len()));
    match rows {
        Some(rows) => Ok(Grid {
            rows: rows.len(),
            cols: rows[0].len(),
            values: rows.concat(),
        }),
        None => Err("rows of equally many numbers, as in 0,1;2,3".into()),
    }
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

/// How numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bits {
    /// Half precision
    F16,
    /// Weights as bytes with a scale for each filter
    I8,
    /// Single precision, exact
    F32,
}

impl Bits {
    pub(crate) fn precision(self) -> Precision {
        match self {
            Self::F16 => Precision::F16,
            Self::I8 => Precision::I8,
            Self::F32 => Precision::F32,
        }
    }
}
