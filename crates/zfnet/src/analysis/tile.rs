//! A unit's tile: the part of the input that it sees, the projection there and the patch.

use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::architecture::PlannedLayer;
use crate::image::Prepared;
use crate::model::Input;
use crate::network::Network;
use crate::projection::{ReluRule, Targets, project};
use crate::rendering::{self, Picture, Stretch};
use crate::trace::Trace;
use crate::window::Windows;

/// Units that are projected together.
const TOGETHER: usize = 16;

/// The part of the input that a tile shows; all tiles of a layer are equally large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// First row; negative where the receptive field reaches into the padding.
    pub top: isize,
    /// First column.
    pub left: isize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

/// A unit's projection, drawn about mid grey on a scale of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// What it shows.
    pub view: View,
    /// The projection there; grey outside the input.
    pub projection: Picture,
    /// The projection's numbers there, planar `[channels, height, width]` in the network's order; zero outside the input.
    pub values: Vec<f32>,
    /// The value that is drawn as full white.
    pub scale: f32,
}

impl View {
    /// What a unit of a layer sees; the whole input where the receptive field is as large in rows or columns.
    pub fn of_unit(planned: &PlannedLayer, [row, col]: [usize; 2], input: &Input) -> Self {
        let [height, width] = Self::size(planned, input);
        let at = |axis: usize, place: usize| match [height, width] == [input.size; 2] {
            true => 0,
            false => {
                planned.field.offset[axis]
                    + planned.field.stride[axis].saturating_mul(place) as isize
            }
        };
        Self {
            top: at(0, row),
            left: at(1, col),
            height,
            width,
        }
    }

    /// Rows and columns of what the units of a layer see.
    pub fn size(planned: &PlannedLayer, input: &Input) -> [usize; 2] {
        let field = planned.field.size;
        match field.iter().any(|side| *side >= input.size) {
            true => [input.size; 2],
            false => field,
        }
    }

    /// The part of a picture that it shows; the mean colour outside.
    pub fn patch(&self, prepared: &Prepared, input: &Input) -> RgbImage {
        let windows = Windows {
            frame: [input.size; 2],
            size: [self.height, self.width],
            origins: vec![[self.top, self.left]],
        };
        prepared.patch(&windows, 0, input)
    }

    /// Cuts it out of the planes `[channels, size, size]` of an input; zero outside.
    fn cut(&self, planes: &[f32], size: usize) -> Vec<f32> {
        let inside = |at: isize| usize::try_from(at).ok().filter(|at| *at < size);
        let mut cut = Vec::with_capacity(planes.len() / (size * size) * self.height * self.width);
        for plane in planes.chunks(size * size) {
            for row in 0..self.height {
                let line = inside(self.top + row as isize);
                cut.extend((0..self.width).map(|col| {
                    line.zip(inside(self.left + col as isize))
                        .map_or(0.0, |(row, col)| plane[row * size + col])
                }));
            }
        }
        cut
    }
}

/// The tiles of units (map, row, column) of one layer, for one picture of a trace.
///
/// # Errors
/// Those of [`project`], or [`Error::Execution`](crate::Error::Execution).
pub async fn tiles(
    network: &Network,
    trace: &Trace,
    picture: usize,
    layer: &str,
    units: &[[usize; 3]],
    rule: ReluRule,
) -> Result<Vec<Tile>> {
    let planned = network.layer(layer)?;
    let input = &network.model.input;
    let mut tiles = Vec::with_capacity(units.len());
    for units in units.chunks(TOGETHER) {
        let targets = Targets::Units(layer.into(), units.to_vec());
        let projections = project(network, trace, picture, &targets, rule)?;
        let planes = projections.on_whole_input([input.size; 2]).await?;
        for ([_, row, col], planes) in units.iter().zip(planes) {
            let view = View::of_unit(planned, [*row, *col], input);
            let values = view.cut(&planes, input.size);
            let colours = input.in_rgb_order(values.clone());
            let size = [view.height, view.width];
            let (projection, scale) =
                rendering::projection(&colours, size, Stretch::Quantile, None);
            tiles.push(Tile {
                view,
                projection,
                values,
                scale,
            });
        }
    }
    Ok(tiles)
}
