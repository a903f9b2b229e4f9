//! Rows that say one thing between them become one: normalisations go into the filters before them, curves are known by their
//! pieces, what a network ends with says how its scores are read.

use std::mem::{replace, take};

use zfnet::network::architecture::{Curve, Pad, Shape};

use crate::row::{Op, Row, Source, Windows};

/// How near two numbers of a curve must be to be the same: exporters write them in single precision.
const NEAR: f64 = 1e-4;

/// The rows that are left, in an order in which each reads rows above it, and the last of them.
pub(crate) fn simplified(
    rows: Vec<Row<'_>>,
    input: Shape,
    output: Source,
) -> (Vec<Row<'_>>, Source) {
    let mut work = Work::new(rows, input, output);
    for at in 0..work.rows.len() {
        if work.uses[at] > 0 {
            work.simplify(at);
        }
    }
    work.compacted()
}

struct Work<'a> {
    rows: Vec<Row<'a>>,
    input: Shape,
    /// How many rows read each.
    uses: Vec<usize>,
    /// What stands for a row that is no more.
    instead: Vec<Source>,
    output: Source,
}

impl<'a> Work<'a> {
    fn new(rows: Vec<Row<'a>>, input: Shape, output: Source) -> Self {
        let mut work = Self {
            uses: vec![0; rows.len()],
            instead: (0..rows.len()).map(Source::Row).collect(),
            rows,
            input,
            output,
        };
        work.count();
        work
    }

    /// Counts the readers of each row that the output needs.
    fn count(&mut self) {
        self.uses.fill(0);
        if let Source::Row(at) = self.output {
            self.uses[at] = 1;
        }
        for at in (0..self.rows.len()).rev() {
            if self.uses[at] > 0 {
                for source in &self.rows[at].from {
                    if let Source::Row(read) = *source {
                        self.uses[read] += 1;
                    }
                }
            }
        }
    }

    fn simplify(&mut self, at: usize) {
        let mut from = take(&mut self.rows[at].from);
        for source in &mut from {
            if let Source::Row(read) = *source {
                *source = self.instead[read];
            }
        }
        self.rows[at].from = from;
        let op = replace(&mut self.rows[at].op, Op::Relu);
        match op {
            Op::Affine { factor, shift } => self.affine(at, factor, shift),
            Op::Scale => self.product(at),
            Op::Concat => self.concat(at),
            Op::Pad(pad) if pad == [0; 4] => self.leave_out(at),
            Op::Conv {
                mut windows,
                dilation,
                groups,
                filters,
            } => {
                if let Some(pad) = self.padded(at) {
                    windows.pad = sum(windows.pad, pad);
                }
                self.rows[at].op = Op::Conv {
                    windows,
                    dilation,
                    groups,
                    filters,
                };
            }
            Op::AvgPool {
                mut windows,
                mut counted,
            } => {
                if let Some(pad) = self.padded(at) {
                    windows.pad = sum(windows.pad, pad);
                    counted = sum(counted, pad);
                }
                self.rows[at].op = Op::AvgPool { windows, counted };
            }
            Op::MaxPool(windows) => self.max_pool(at, windows),
            op => self.rows[at].op = op,
        }
        self.plainer(at);
    }

    /// What amounts to a simpler operation on maps of this size.
    fn plainer(&mut self, at: usize) {
        let input = match self.rows[at].from[0] {
            Source::Input => self.input,
            Source::Row(read) => self.rows[read].shape,
        };
        let [maps, rows, cols] = input;
        let row = &mut self.rows[at];
        let is_one_place = row.shape[1..] == [1, 1];
        let is_still = |windows: &Windows| {
            windows.kernel == [1, 1] && windows.stride == [1, 1] && windows.pad == [0; 4]
        };
        match &row.op {
            Op::AvgPool { windows, .. } | Op::MaxPool(windows) if is_still(windows) => {
                self.leave_out(at);
            }
            Op::Gap if [rows, cols] == [1, 1] => self.leave_out(at),
            Op::AvgPool { windows, counted } if is_one_place && *counted == [0; 4] => {
                let reach =
                    [0, 1].map(|axis| windows.kernel[axis].saturating_sub(windows.pad[axis]));
                if reach[0] >= rows && reach[1] >= cols {
                    row.op = Op::Gap;
                }
            }
            // On one place, or with windows as large as the maps, all that is seen has a weight of its own.
            Op::Conv {
                windows,
                dilation: [1, 1],
                groups: 1,
                filters,
            } if is_one_place && windows.kernel == [rows, cols] && windows.pad == [0; 4] => {
                let mut filters = filters.clone();
                let out = filters.weight.dims()[0];
                filters.weight = filters.weight.reshaped(vec![out, maps * rows * cols]);
                row.op = Op::Dense(filters);
            }
            _ => {}
        }
    }

    /// The row that is read by this one alone.
    fn own(&self, source: Source) -> Option<usize> {
        match source {
            Source::Row(read) if self.uses[read] == 1 => Some(read),
            _ => None,
        }
    }

    /// Lets the readers of a row read what it reads first.
    fn leave_out(&mut self, at: usize) {
        let source = self.rows[at].from[0];
        self.instead[at] = source;
        let readers = replace(&mut self.uses[at], 0);
        if let Source::Row(read) = source {
            self.uses[read] = self.uses[read] - 1 + readers;
        }
        if self.output == Source::Row(at) {
            self.output = source;
        }
    }

    /// Takes the zeros that a row before puts around its maps.
    fn padded(&mut self, at: usize) -> Option<Pad> {
        let Source::Row(read) = self.rows[at].from[0] else {
            return None;
        };
        let Op::Pad(pad) = self.rows[read].op else {
            return None;
        };
        self.read_past(at, read);
        Some(pad)
    }

    /// Lets a row read what the row that it reads first reads first.
    fn read_past(&mut self, at: usize, read: usize) {
        let source = self.rows[read].from[0];
        self.rows[at].from[0] = source;
        self.uses[read] -= 1;
        if let Source::Row(below) = source {
            self.uses[below] += 1;
        }
        if self.uses[read] == 0
            && let Source::Row(below) = source
        {
            self.uses[below] -= 1;
        }
    }

    /// Zeros around what is not negative never win, as little as padding does.
    fn max_pool(&mut self, at: usize, mut windows: Windows) {
        if let Source::Row(read) = self.rows[at].from[0]
            && let Op::Pad(pad) = self.rows[read].op
            && let Source::Row(below) = self.rows[read].from[0]
            && matches!(self.rows[below].op, Op::Relu)
        {
            windows.pad = sum(windows.pad, pad);
            self.read_past(at, read);
        }
        self.rows[at].op = Op::MaxPool(windows);
    }

    fn affine(&mut self, at: usize, mut factor: Vec<f32>, mut shift: Vec<f32>) {
        let is_one = |(factor, shift): (&f32, &f32)| {
            (f64::from(*factor) - 1.0).abs() < 1e-6 && *shift == 0.0
        };
        if factor.iter().zip(&shift).all(is_one) {
            return self.leave_out(at);
        }
        if let Some(read) = self.own(self.rows[at].from[0]) {
            if let Some((alpha, beta)) = self.hard_sigmoid(read, &factor, &shift) {
                self.rows[at].op = Op::Activation(Curve::HardSigmoid { alpha, beta });
                let Source::Row(clip) = self.rows[at].from[0] else {
                    return;
                };
                self.read_past(at, clip);
                if let Some(read) = self.own(self.rows[at].from[0])
                    && let Op::Affine { factor, shift } = &self.rows[read].op
                    && let Some((factor, shift)) = uniform(factor, shift)
                {
                    self.rows[at].op = Op::Activation(Curve::HardSigmoid {
                        alpha: alpha * factor,
                        beta: beta + alpha * shift,
                    });
                    self.read_past(at, read);
                }
                return;
            }
            match &mut self.rows[read].op {
                Op::Conv { filters, .. } | Op::Dense(filters) => {
                    filters.then(&factor, &shift);
                    return self.leave_out(at);
                }
                Op::Affine {
                    factor: first,
                    shift: moved,
                } => {
                    for (at, own) in factor.iter_mut().enumerate() {
                        shift[at] += *own * moved[at];
                        *own *= first[at];
                    }
                    self.read_past(at, read);
                    return self.affine(at, factor, shift);
                }
                _ => {}
            }
        }
        self.rows[at].op = Op::Affine { factor, shift };
    }

    /// Maps that were taken one by one, moved, and put behind each other again.
    fn concat(&mut self, at: usize) {
        self.rows[at].op = Op::Concat;
        let mut whole: Option<(Source, Vec<f32>, Vec<f32>)> = None;
        for source in self.rows[at].from.clone() {
            let Some(read) = self.own(source) else { return };
            let row = &self.rows[read];
            let Op::Conv { filters, .. } = &row.op else {
                return;
            };
            let (below, mut factors, mut shifts) =
                whole.unwrap_or((row.from[0], Vec::new(), Vec::new()));
            if filters.weight.takes_from() != Some(factors.len()) || row.from[0] != below {
                return;
            }
            match filters.factor.is_empty() {
                true => factors.resize(factors.len() + filters.bias.len(), 1.0),
                false => factors.extend(&filters.factor),
            }
            shifts.extend(&filters.bias);
            whole = Some((below, factors, shifts));
        }
        let Some((below, factor, shift)) = whole else {
            return;
        };
        let maps = match below {
            Source::Input => self.input[0],
            Source::Row(read) => self.rows[read].shape[0],
        };
        if factor.len() == maps {
            if let Source::Row(read) = below {
                self.uses[read] += 1;
            }
            for source in replace(&mut self.rows[at].from, vec![below]) {
                if let Source::Row(read) = source {
                    self.forget(read);
                }
            }
            self.affine(at, factor, shift);
        }
    }

    /// A clip from 0 to 1 of a line, as a line after a clip says it: its slope and where it begins.
    fn hard_sigmoid(&self, read: usize, factor: &[f32], shift: &[f32]) -> Option<(f64, f64)> {
        let Op::Activation(Curve::Clip { min, max }) = self.rows[read].op else {
            return None;
        };
        let (factor, shift) = uniform(factor, shift)?;
        let is_unit = (factor * min + shift).abs() < NEAR
            && (factor * max + shift - 1.0).abs() < NEAR
            && factor > 0.0;
        is_unit.then_some((factor, shift))
    }

    /// A product of two rows: a curve where one is a function of the other, else a gate.
    fn product(&mut self, at: usize) {
        self.rows[at].op = Op::Scale;
        for (x, gate) in [(0, 1), (1, 0)] {
            let [x, gate] = [x, gate].map(|place| self.rows[at].from[place]);
            let Some(read) = self.own(gate) else {
                continue;
            };
            if let Some((curve, factor)) = self.curve(read, x)
                && (factor == 1.0 || self.factor_after(at).is_some())
            {
                self.rows[at].from = vec![x];
                self.forget(read);
                self.rows[at].op = Op::Activation(curve);
                if let Some(next) = self.factor_after(at) {
                    next.iter_mut().for_each(|own| {
                        *own = rounded(f64::from(*own) * factor);
                    });
                }
                return;
            }
        }
        let [first, second] = [0, 1].map(|place| self.rows[at].from[place]);
        let size = |source: Source| match source {
            Source::Input => usize::MAX,
            Source::Row(read) => self.rows[read].shape.iter().product(),
        };
        if size(second) > size(first) {
            self.rows[at].from.swap(0, 1);
        }
    }

    /// A row is read no more, nor what it alone read.
    fn forget(&mut self, at: usize) {
        let mut left = vec![at];
        while let Some(at) = left.pop() {
            self.uses[at] -= 1;
            if self.uses[at] == 0 {
                for source in &self.rows[at].from {
                    if let Source::Row(read) = *source {
                        left.push(read);
                    }
                }
            }
        }
    }

    /// The curve that `x · gate` is, where the gate is a known function of `x`, and what it must be multiplied by.
    fn curve(&self, gate: usize, x: Source) -> Option<(Curve, f64)> {
        let row = &self.rows[gate];
        let reads_x = row.from.as_slice() == [x];
        let is =
            |alpha: f64, beta: f64| (alpha - 1.0 / 6.0).abs() < NEAR && (beta - 0.5).abs() < NEAR;
        let Op::Activation(curve) = row.op else {
            return None;
        };
        match curve {
            Curve::Sigmoid if reads_x => Some((Curve::Silu, 1.0)),
            Curve::HardSigmoid { alpha, beta } if reads_x && is(alpha, beta) => {
                Some((Curve::HardSwish, 1.0))
            }
            // x · clip(x + 3, 0, 6), which is divided by 6 after.
            Curve::Clip { min: 0.0, max } if row.from.len() == 1 => {
                let line = self.own(row.from[0])?;
                let Op::Affine { factor, shift } = &self.rows[line].op else {
                    return None;
                };
                let (factor, shift) = uniform(factor, shift)?;
                (self.rows[line].from.as_slice() == [x] && is(factor / max, shift / max))
                    .then_some((Curve::HardSwish, max))
            }
            _ => None,
        }
    }

    /// The factors of a row that alone reads this one.
    fn factor_after(&mut self, at: usize) -> Option<&mut Vec<f32>> {
        if self.uses[at] != 1 {
            return None;
        }
        let reader = |row: &&mut Row<'_>| row.from.as_slice() == [Source::Row(at)];
        match &mut self.rows[at + 1..].iter_mut().find(reader)?.op {
            Op::Affine { factor, .. } => Some(factor),
            _ => None,
        }
    }

    /// The rows that are read, with the places that they have now.
    fn compacted(mut self) -> (Vec<Row<'a>>, Source) {
        self.count();
        let mut places = vec![Source::Input; self.rows.len()];
        let mut kept = Vec::new();
        for (at, mut row) in self.rows.into_iter().enumerate() {
            if self.uses[at] == 0 {
                continue;
            }
            for source in &mut row.from {
                if let Source::Row(read) = *source {
                    *source = places[read];
                }
            }
            places[at] = Source::Row(kept.len());
            kept.push(row);
        }
        let output = match self.output {
            Source::Row(at) => places[at],
            Source::Input => Source::Input,
        };
        (kept, output)
    }
}

/// 1 for what is 1 but for single precision.
fn rounded(factor: f64) -> f32 {
    match (factor - 1.0).abs() < NEAR {
        true => 1.0,
        false => factor as f32,
    }
}

/// One factor and one shift, where all maps have the same.
fn uniform(factor: &[f32], shift: &[f32]) -> Option<(f64, f64)> {
    let same = |numbers: &[f32]| numbers.windows(2).all(|two| two[0] == two[1]);
    let one = (f64::from(*factor.first()?), f64::from(*shift.first()?));
    (same(factor) && same(shift)).then_some(one)
}

fn sum(first: Pad, second: Pad) -> Pad {
    std::array::from_fn(|side| first[side] + second[side])
}
