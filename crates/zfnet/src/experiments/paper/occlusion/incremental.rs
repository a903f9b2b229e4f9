//! A forward pass that computes only what a covered square can change.
//!
//! A square reaches a window of every layer, and the rest of the layer is as in the picture that is not covered. All
//! squares of a batch lie in one row, a multiple of the network's whole stride apart, so that their windows have one size in
//! every layer and go up together, without the rows that would lie outside the frame. Where a window has become nearly as
//! large as its layer, it is put back into the whole one, and the pass goes on as any other.

use std::collections::BTreeMap;
use std::ops::Range;

use burn::tensor::ops::PadMode;
use burn::tensor::{Tensor, TensorData};

use crate::geometry::window::Windows;
use crate::network::Network;
use crate::network::architecture::{AvgPool, Conv, Lrn, MaxPool, Op, Region};
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
#[derive(PartialEq)]
struct Reach {
    kernel: [usize; 2],
    stride: [usize; 2],
    before: [usize; 2],
    outside: f32,
}

impl Reach {
    /// Of a unit that sees nothing but its own place.
    const PLACE: Self = Self {
        kernel: [1; 2],
        stride: [1; 2],
        before: [0; 2],
        outside: 0.0,
    };

    /// Of an operation; `None` for one whose units all see the whole layer below, or see it by other numbers at its border.
    fn of(op: &Op) -> Option<Self> {
        match op {
            Op::Conv(filters) => Some(Self {
                kernel: filters.span(),
                stride: filters.stride,
                before: [filters.pad[0], filters.pad[1]],
                outside: 0.0,
            }),
            Op::MaxPool(MaxPool {
                kernel,
                stride,
                pad: [top, left, ..],
            }) => Some(Self {
                kernel: *kernel,
                stride: *stride,
                before: [*top, *left],
                outside: NEVER,
            }),
            // With padding, a mean at the border is of fewer places.
            Op::AvgPool(AvgPool {
                kernel,
                stride,
                pad: [0, 0, 0, 0],
                ..
            }) => Some(Self {
                kernel: *kernel,
                stride: *stride,
                before: [0; 2],
                outside: 0.0,
            }),
            Op::Lrn(Lrn {
                region: Region::Within,
                size,
                ..
            }) => Some(Self {
                kernel: [*size; 2],
                stride: [1; 2],
                before: [size / 2; 2],
                outside: 0.0,
            }),
            Op::AvgPool(_) | Op::Gap | Op::Dense(_) => None,
            Op::Relu
            | Op::Activation(_)
            | Op::Prelu
            | Op::Affine
            | Op::Add
            | Op::Concat
            | Op::Scale
            | Op::Shuffle(_)
            | Op::Dropout(_)
            | Op::Lrn(_) => Some(Self::PLACE),
        }
    }
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
        let plan = &self.network.plan;
        let top = self.trace.layers.len() - 1;
        let covered = squares.cut(ground);
        let mut changes = BTreeMap::from([(Source::Input, Change::Windows(squares, covered))]);
        let mut seen = None;
        for at in 0..=top {
            let change = self.step(at, &changes);
            let own = Source::Layer(at);
            if at == watched {
                seen = Some(self.frames(own, &change, map..map + 1));
            }
            changes.insert(own, change);
            // What nobody reads any more need not be kept.
            changes.retain(|source, _| *source == own || plan.is_read_above(*source, at));
        }
        let last = Source::Layer(top);
        let [maps, ..] = plan.shape(last);
        let top = self.frames(last, &changes[&last], 0..maps);
        (seen.expect("the watched layer is one of the trace"), top)
    }

    /// What a layer makes of what has changed in all that it reads.
    fn step(&self, at: usize, changes: &BTreeMap<Source, Change>) -> Change {
        let plan = &self.network.plan;
        let sources = plan.sources(at);
        let windows = sources.iter().map(|source| match &changes[source] {
            Change::Windows(windows, _) => Some(windows.clone()),
            Change::Whole(_) => None,
        });
        // All inputs on windows that hold the changes of each; none where one of them is whole.
        let windows = windows.reduce(|a, b| Some(a?.union(&b?))).flatten();
        let alone = sources.len() == 1;
        let [_, rows, cols] = plan[at].output;
        let within = windows
            .zip(Reach::of(&plan[at].layer.op))
            .and_then(|(windows, reach)| {
                let above = above(&windows, [rows, cols], &reach)?;
                let small = 4 * above.size[0] * above.size[1] < NEARLY_WHOLE * rows * cols;
                small.then_some((reach, above))
            });
        let Some((reach, above)) = within else {
            let whole = sources.iter().map(|source| {
                let [maps, ..] = plan.shape(*source);
                self.frames(*source, &changes[source], 0..maps)
            });
            return Change::Whole(self.network.step(at, whole.collect()).0);
        };
        let inputs = sources.iter().map(|source| match &changes[source] {
            Change::Windows(_, values) if alone && reach == Reach::PLACE => values.clone(),
            Change::Windows(own, values) => {
                self.context(*source, own, values.clone(), &above, &reach)
            }
            Change::Whole(_) => unreachable!("windows of all inputs"),
        });
        let inputs = inputs.collect();
        Change::Windows(above, self.inside(at, inputs))
    }

    /// The layer's operation where its padding is part of what comes in.
    fn inside(&self, at: usize, inputs: Vec<Tensor<4>>) -> Tensor<4> {
        let pad = [0; 4];
        let op = match self.network.plan[at].layer.op.clone() {
            Op::Conv(filters) => Op::Conv(Conv { pad, ..filters }),
            Op::MaxPool(windows) => Op::MaxPool(MaxPool { pad, ..windows }),
            op => op,
        };
        let [pictures, maps, rows, cols] = inputs[0].dims();
        let (values, _) = self.network.compute(at, &op, inputs);
        match op {
            Op::Lrn(Lrn {
                region: Region::Within,
                size,
                ..
            }) => {
                let margin = size / 2;
                let [rows, cols] = [rows, cols].map(|length| margin..length - margin);
                values.slice([0..pictures, 0..maps, rows, cols])
            }
            _ => values,
        }
    }

    /// What the windows `above` look at of something that layers read: what it is without squares, with the changed windows in
    /// it.
    fn context(
        &self,
        source: Source,
        windows: &Windows,
        values: Tensor<4>,
        above: &Windows,
        reach: &Reach,
    ) -> Tensor<4> {
        let frame = windows.frame;
        let needed = above.below(frame, reach.kernel, reach.stride, reach.before);
        let base = self.trace.output(source);
        let kernels = &self.network.kernels;
        if let Some(laid) = kernels.overlaid(base, &needed, &values, windows, reach.outside) {
            return laid;
        }
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
        let padded = match margins {
            [(0, 0), (0, 0)] => base.clone(),
            _ => base.clone().pad(margins, PadMode::Constant(reach.outside)),
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
    fn frames(&self, source: Source, change: &Change, maps: Range<usize>) -> Tensor<4> {
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
        let [squares, _, height, width] = values.dims();
        let values = values
            .clone()
            .slice([0..squares, maps, 0..height, 0..width]);
        let kernels = &self.network.kernels;
        let all = Windows::whole([rows, cols], squares);
        if let Some(laid) = kernels.overlaid(&base, &all, &values, windows, 0.0) {
            return laid;
        }
        let [_, count, ..] = base.dims();
        let whole = |square: usize| {
            let [top, left] = windows.origins[square];
            let [down, across] = windows.inside(square);
            if down.is_empty() || across.is_empty() {
                return base.clone();
            }
            let place = |start: isize, own: &Range<usize>| {
                let first = (start + own.start as isize) as usize;
                first..first + own.len()
            };
            let slot = [0..1, 0..count, place(top, &down), place(left, &across)];
            let own = [square..square + 1, 0..count, down, across];
            base.clone().slice_assign(slot, values.clone().slice(own))
        };
        Tensor::cat((0..squares).map(whole).collect(), 0)
    }
}

/// The windows of the layer above that see any of these, without what of all of them lies outside the frame; `None` where no unit
/// does.
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
    let origins = windows.origins.iter();
    let seeing = Windows {
        frame,
        size: size.map(|size| usize::try_from(size).unwrap_or(0)),
        origins: origins
            .map(|origin| [0, 1].map(|axis| span(origin, axis).0))
            .collect(),
    };
    seeing.clipped()
}

/// 1 for each place of the windows' `rows` and `cols` that lies in the frame, 0 for others; `None` where all do.
fn inside(windows: &Windows, rows: &Range<usize>, cols: &Range<usize>) -> Option<Vec<f32>> {
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
