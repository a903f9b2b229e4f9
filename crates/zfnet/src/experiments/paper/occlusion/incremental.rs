//! A forward pass that computes only what a covered square can change.
//!
//! A square reaches a window of every layer, and the rest of the layer is as in the picture that is not covered. All
//! squares of a batch lie a multiple of the network's whole stride apart, so that their windows have one size in every
//! layer and go up together. Where a window has become nearly as large as its layer, it is put back into the whole one,
//! and the pass goes on as any other.

use burn::tensor::ops::PadMode;
use burn::tensor::{Tensor, TensorData};

use crate::geometry::window::Windows;
use crate::network::Network;
use crate::network::architecture::{Conv, Lrn, MaxPool, Op, Region};
use crate::network::plan::Source;
use crate::network::trace::Trace;

/// From this share of a layer on, in quarters, cutting windows out costs more than it saves.
const NEARLY_WHOLE: usize = 3;
/// Loses against every number that a pool may see.
const NEVER: f32 = f32::MIN;

/// What a batch of squares made of one layer.
enum Change {
    /// The layer's own answers in these windows; what lies outside the frame has no meaning.
    Windows(Windows, Tensor<4>),
    /// The whole layer for every square, `[squares, maps, rows, cols]`.
    Whole(Tensor<4>),
}

/// How a layer's windows lie on the layer below, and what is outside that.
struct Reach {
    kernel: [usize; 2],
    stride: [usize; 2],
    before: [usize; 2],
    outside: f32,
}

/// A picture that is not covered, against which squares are computed.
pub(super) struct Incremental<'a> {
    pub(super) network: &'a Network,
    /// Of the one picture.
    pub(super) trace: &'a Trace,
}

impl Incremental<'_> {
    /// One map of the layer `watched`, before its rectifier, and the last layer that ran, for each square.
    ///
    /// # Shapes
    /// `squares` lie on the input, a multiple of the product of all strides apart; `ground` `[1, channels, rows, cols]`
    /// → `[squares, 1, rows, cols]`, `[squares, maps, rows, cols]`.
    pub(super) fn run(
        &self,
        squares: Windows,
        ground: Tensor<4>,
        watched: usize,
        map: usize,
    ) -> (Tensor<4>, Tensor<4>) {
        let covered = squares.cut(ground);
        let mut change = Change::Windows(squares, covered);
        let mut seen = None;
        for at in 0..self.trace.layers.len() {
            change = self.step(at, change);
            if at == watched {
                seen = Some(self.frames(Source::Layer(at), &change, map..map + 1));
            }
        }
        let last = Source::Layer(self.trace.layers.len() - 1);
        let [maps, ..] = self.network.plan.shape(last);
        let top = self.frames(last, &change, 0..maps);
        (seen.expect("the watched layer is one of the trace"), top)
    }

    fn step(&self, at: usize, change: Change) -> Change {
        let (windows, values) = match change {
            Change::Whole(x) => return Change::Whole(self.network.step(at, x).0),
            Change::Windows(windows, values) => (windows, values),
        };
        let planned = &self.network.plan[at];
        let reach = match planned.layer.op {
            Op::Relu
            | Op::Dropout(_)
            | Op::Lrn(Lrn {
                region: Region::Across,
                ..
            }) => return Change::Windows(windows, self.network.step(at, values).0),
            Op::Conv(Conv {
                kernel,
                stride,
                pad: [top, left, ..],
                ..
            }) => Some(Reach {
                kernel,
                stride,
                before: [top, left],
                outside: 0.0,
            }),
            Op::MaxPool(MaxPool {
                kernel,
                stride,
                pad: [top, left, ..],
            }) => Some(Reach {
                kernel,
                stride,
                before: [top, left],
                outside: NEVER,
            }),
            Op::Lrn(Lrn { size, .. }) => Some(Reach {
                kernel: [size; 2],
                stride: [1; 2],
                before: [size / 2; 2],
                outside: 0.0,
            }),
            Op::Gap | Op::Dense(_) => None,
        };
        let [_, rows, cols] = planned.output;
        let above = reach.and_then(|reach| Some((above(&windows, [rows, cols], &reach)?, reach)));
        match above {
            Some((above, reach))
                if 4 * above.size[0] * above.size[1] < NEARLY_WHOLE * rows * cols =>
            {
                let context = self.context(at, &windows, values, &above, &reach);
                let answers = self.inside(at, context);
                Change::Windows(above, answers)
            }
            _ => {
                let maps = values.dims()[1];
                let source = self.network.plan.source(at);
                let whole = self.frames(source, &Change::Windows(windows, values), 0..maps);
                Change::Whole(self.network.step(at, whole).0)
            }
        }
    }

    /// The layer's operation where its padding is part of what comes in.
    fn inside(&self, at: usize, x: Tensor<4>) -> Tensor<4> {
        let pad = [0; 4];
        let op = match self.network.plan[at].layer.op.clone() {
            Op::Conv(filters) => Op::Conv(Conv { pad, ..filters }),
            Op::MaxPool(windows) => Op::MaxPool(MaxPool { pad, ..windows }),
            op => op,
        };
        let [pictures, maps, rows, cols] = x.dims();
        let (values, _) = self.network.compute(at, &op, x);
        match op {
            Op::Lrn(Lrn { size, .. }) => {
                let margin = size / 2;
                let [rows, cols] = [rows, cols].map(|length| margin..length - margin);
                values.slice([0..pictures, 0..maps, rows, cols])
            }
            _ => values,
        }
    }

    /// What the windows `above` look at: the picture that is not covered, with the changed windows in it.
    fn context(
        &self,
        at: usize,
        windows: &Windows,
        values: Tensor<4>,
        above: &Windows,
        reach: &Reach,
    ) -> Tensor<4> {
        let frame = windows.frame;
        let needed = above.below(frame, reach.kernel, reach.stride, reach.before);
        let margins = [0, 1].map(|axis| {
            let starts = needed.origins.iter().map(|origin| origin[axis]);
            let first = starts.clone().min().unwrap_or(0);
            let end = starts.max().unwrap_or(0) + needed.size[axis] as isize;
            let outside = |distance: isize| distance.max(0) as usize;
            (outside(-first), outside(end - frame[axis] as isize))
        });
        let shifted = Windows {
            frame: [0, 1].map(|axis| frame[axis] + margins[axis].0 + margins[axis].1),
            size: needed.size,
            origins: needed
                .origins
                .iter()
                .map(|origin| [0, 1].map(|axis| origin[axis] + margins[axis].0 as isize))
                .collect(),
        };
        let base = self.network.entering(self.trace, at).clone();
        let padded = match margins {
            [(0, 0), (0, 0)] => base,
            _ => base.pad(margins, PadMode::Constant(reach.outside)),
        };
        let context = shifted.cut(padded);
        let [squares, maps, ..] = values.dims();
        // Where the changed window lies in what is needed: the same for all squares. A stride longer than its kernel
        // steps over some of it.
        let place = [0, 1].map(|axis| {
            let offset = windows.origins[0][axis] - needed.origins[0][axis];
            let from = offset.max(0);
            let to = (offset + windows.size[axis] as isize).min(needed.size[axis] as isize);
            (
                from as usize..to as usize,
                (from - offset) as usize..(to - offset) as usize,
            )
        });
        let [(rows, own_rows), (cols, own_cols)] = place;
        let slot = [0..squares, 0..maps, rows, cols];
        let changed = values.slice([0..squares, 0..maps, own_rows.clone(), own_cols.clone()]);
        let changed = match inside(windows, &own_rows, &own_cols) {
            None => changed,
            Some(mask) => {
                let shape = changed.dims();
                let device = changed.device();
                let data = TensorData::new(mask, [squares, 1, shape[2], shape[3]]);
                let mask = Tensor::<4>::from_data(data, &device).greater_elem(0.5);
                let unchanged = context.clone().slice(slot.clone());
                unchanged.mask_where(mask.expand(shape), changed)
            }
        };
        context.slice_assign(slot, changed)
    }

    /// Some maps of what layers read, whole, for every square.
    fn frames(&self, source: Source, change: &Change, maps: std::ops::Range<usize>) -> Tensor<4> {
        let (windows, values) = match change {
            Change::Whole(x) => {
                let [squares, _, rows, cols] = x.dims();
                return x.clone().slice([0..squares, maps, 0..rows, 0..cols]);
            }
            Change::Windows(windows, values) => (windows, values),
        };
        let base = self.trace.output(source).clone();
        let [_, _, rows, cols] = base.dims();
        let base = base.slice([0..1, maps.clone(), 0..rows, 0..cols]);
        let count = maps.len();
        let whole = |(square, origin): (usize, &[isize; 2])| {
            let [down, across] = [0, 1].map(|axis| {
                let length = windows.frame[axis] as isize;
                let from = origin[axis].clamp(0, length);
                let to = (origin[axis] + windows.size[axis] as isize).clamp(from, length);
                let own = (from - origin[axis]) as usize..(to - origin[axis]) as usize;
                (from as usize..to as usize, own)
            });
            if down.0.is_empty() || across.0.is_empty() {
                return base.clone();
            }
            let changed =
                values
                    .clone()
                    .slice([square..square + 1, maps.clone(), down.1, across.1]);
            base.clone()
                .slice_assign([0..1, 0..count, down.0, across.0], changed)
        };
        Tensor::cat(windows.origins.iter().enumerate().map(whole).collect(), 0)
    }
}

/// The windows of the layer above that see any of these; `None` where no unit does.
fn above(windows: &Windows, frame: [usize; 2], reach: &Reach) -> Option<Windows> {
    let span = |origin: &[isize; 2], axis: usize| {
        let (kernel, stride) = (reach.kernel[axis] as isize, reach.stride[axis] as isize);
        let start = origin[axis] + reach.before[axis] as isize;
        let first = -(kernel - 1 - start).div_euclid(stride); // rounded up
        let last = (start + windows.size[axis] as isize - 1).div_euclid(stride);
        (first, last - first + 1)
    };
    let size = [0, 1].map(|axis| span(&windows.origins[0], axis).1);
    debug_assert!(
        windows
            .origins
            .iter()
            .all(|origin| [0, 1].map(|axis| span(origin, axis).1) == size)
    );
    size.iter().all(|size| *size > 0).then(|| Windows {
        frame,
        size: size.map(|size| size as usize),
        origins: windows
            .origins
            .iter()
            .map(|origin| [0, 1].map(|axis| span(origin, axis).0))
            .collect(),
    })
}

/// 1 for each place of the windows' `rows` and `cols` that lies in the frame, 0 for others; `None` where all do.
fn inside(
    windows: &Windows,
    rows: &std::ops::Range<usize>,
    cols: &std::ops::Range<usize>,
) -> Option<Vec<f32>> {
    let is_in = |at: isize, axis: usize| at >= 0 && (at as usize) < windows.frame[axis];
    let mask: Vec<f32> = windows
        .origins
        .iter()
        .flat_map(|[top, left]| {
            rows.clone().flat_map(move |row| {
                let row_is_in = is_in(top + row as isize, 0);
                cols.clone()
                    .map(move |col| f32::from(row_is_in && is_in(left + col as isize, 1)))
            })
        })
        .collect();
    mask.contains(&0.0).then_some(mask)
}
