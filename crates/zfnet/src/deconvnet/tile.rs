//! A tile: a projection on the part of the input where it is shown. Of a unit, that is what the unit sees.

use crate::Result;
use crate::deconvnet::projection::{Projections, ReluRule, Targets, project};
use crate::error::demand;
use crate::geometry::view::View;
use crate::network::Network;
use crate::network::model::Input;
use crate::network::trace::Trace;
use crate::pictures::image::Prepared;
use crate::pictures::rendering::{self, Picture, Stretch};
use crate::readback::Readback;

/// Units that are projected together.
const TOGETHER: usize = 16;

/// A projection in numbers, on a part of the input.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// What it shows.
    pub view: View,
    /// What the target answered.
    pub activation: f32,
    /// The projection there, planar `[channels, height, width]` in the network's order; zero outside the input.
    pub values: Vec<f32>,
}

impl Tile {
    /// The same projection on another part of the input.
    #[must_use]
    pub fn cut(&self, view: View) -> Self {
        Self {
            view,
            values: self.view.carry(&self.values, view),
            ..*self
        }
    }

    /// The values with red first.
    pub fn in_rgb_order(&self, input: &Input) -> Vec<f32> {
        input.in_rgb_order(self.values.clone())
    }

    /// Draws it about mid grey, on a scale of its own or a `shared` one; and the value that is drawn as full white.
    pub fn draw(&self, input: &Input, stretch: Stretch, shared: Option<f32>) -> (Picture, f32) {
        let values = self.in_rgb_order(input);
        rendering::projection(&values, self.view.shape(), stretch, shared)
    }

    /// Draws it on a scale of its own, of which [`Self::scale`] is full white.
    pub fn picture(&self, input: &Input) -> Picture {
        self.draw(input, Stretch::Quantile, None).0
    }

    /// The patch of the picture that it lies on; the mean colour outside.
    pub fn patch(&self, prepared: &Prepared, input: &Input) -> Picture {
        Picture::from_rgb(&prepared.patch(self.view, input))
    }

    /// The value that is drawn as full white on a scale of its own.
    pub fn scale(&self) -> f32 {
        rendering::magnitude(&self.values)
    }
}

impl Projections {
    /// Where each lies in the input.
    pub fn views(&self) -> Vec<View> {
        let targets = 0..self.windows.origins.len();
        targets
            .map(|target| View::of_window(&self.windows, target))
            .collect()
    }

    /// Cuts each projection to a part of the input; one read for all.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when there are not as many parts as projections, or [`Error::Execution`].
    pub async fn tiles(&self, views: &[View]) -> Result<Vec<Tile>> {
        let [targets, channels, height, width] = self.pixels.dims();
        demand(
            targets == views.len(),
            "parts of the input",
            targets,
            views.len(),
        )?;
        let mut answers = Readback::default()
            .floats(self.pixels.clone())
            .floats(self.activations.clone())
            .read()
            .await?;
        let (pixels, activations) = (answers.floats()?, answers.floats()?);
        let each = pixels.chunks(channels * height * width);
        let each = each.zip(self.views()).zip(activations).zip(views);
        let tile = |(((values, lies), activation), view): (((&[f32], View), f32), &View)| Tile {
            view: *view,
            activation,
            values: lies.carry(values, *view),
        };
        Ok(each.map(tile).collect())
    }

    /// Reads every projection back as a whole frame, planar `[channels, rows, cols]`, zero where it does not reach.
    ///
    /// # Errors
    /// [`Error::Execution`].
    pub async fn on_whole_input(&self, input: [usize; 2]) -> Result<Vec<Vec<f32>>> {
        let whole = vec![View::whole(input); self.windows.origins.len()];
        let tiles = self.tiles(&whole).await?;
        Ok(tiles.into_iter().map(|tile| tile.values).collect())
    }
}

/// The tiles of units (map, row, column) of one layer, for one picture of a trace.
///
/// # Errors
/// Those of [`project`], or [`Error::Execution`].
pub async fn tiles(
    network: &Network,
    trace: &Trace,
    picture: usize,
    layer: &str,
    units: &[[usize; 3]],
    rule: ReluRule,
) -> Result<Vec<Tile>> {
    let field = network.layer(layer)?.field;
    let frame = network.frame();
    let mut tiles = Vec::with_capacity(units.len());
    for units in units.chunks(TOGETHER) {
        let targets = Targets::Units(layer.into(), units.to_vec());
        let projections = project(network, trace, picture, &targets, rule)?;
        let seen = |[_, row, col]: &[usize; 3]| View::of_unit(field, [*row, *col], frame);
        let seen: Vec<View> = units.iter().map(seen).collect();
        tiles.extend(projections.tiles(&seen).await?);
    }
    Ok(tiles)
}
