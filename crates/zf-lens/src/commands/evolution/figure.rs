//! Figure 4: a row for each map, a column for each checkpoint, with the epochs on top.

use zfnet::rendering::Picture;

use crate::figure::{Anchor, Figure, MARGIN, NAME, NEAR, SMALL};
use crate::lens::Lens;

/// Between two tiles.
const GAP: usize = 4;
/// Between the rows of two layers.
const LAYER_GAP: usize = 20;
/// Room for a row's name.
const NAMED: usize = 64;
/// The figure is at least so wide, for its words.
const NARROWEST: usize = 420;
const HOW: &str = "Each row is a map of features, each column the network as it was after so many epochs. A tile is the \
    projection of the map's strongest answer to the photograph at that time. It does not show answers that other photographs \
    would have given.";

/// One map's tiles, a checkpoint after the other.
pub(super) struct Row<'a> {
    pub(super) layer: &'a str,
    pub(super) map: usize,
    pub(super) tiles: Vec<Picture>,
}

impl Row<'_> {
    fn height(&self) -> usize {
        self.tiles.iter().map(|tile| tile.height).max().unwrap_or(0)
    }
}

/// Draws the figure; all rows have a tile for each epoch. `scale` says what white is.
pub(super) fn draw(lens: &Lens, epochs: &[f64], rows: &[Row<'_>], scale: &str) -> Picture {
    let tiles = rows.iter().flat_map(|row| &row.tiles);
    let cell = tiles.fold(0, |most, tile| most.max(tile.width));
    let left = MARGIN + NAMED;
    let column = |at: usize| left + at * (cell + GAP);
    let mut figure = Figure::new(NARROWEST.max(column(epochs.len()) - GAP - MARGIN));
    figure.open("How features came to be", HOW);
    let head = figure.bottom();
    figure.say("epoch", MARGIN, head, Anchor::Left, SMALL);
    for (at, epoch) in epochs.iter().enumerate() {
        let middle = column(at) + cell / 2;
        figure.say(&spoken(*epoch), middle, head, Anchor::Middle, SMALL);
    }
    let mut top = figure.bottom() + NEAR;
    for (at, row) in rows.iter().enumerate() {
        if at > 0 && rows[at - 1].layer != row.layer {
            top += LAYER_GAP - GAP;
        }
        let below = figure.say(row.layer, MARGIN, top, Anchor::Left, NAME);
        let map = format!("map {}", row.map);
        figure.say(&map, MARGIN, below, Anchor::Left, SMALL);
        for (at, tile) in row.tiles.iter().enumerate() {
            let (down, indent) = (row.height() - tile.height, cell - tile.width);
            figure.place(tile, column(at) + indent / 2, top + down / 2);
        }
        figure.reach(top + row.height());
        top = figure.bottom() + GAP;
    }
    figure.close(lens, scale)
}

/// An epoch as people say it: no more than two decimals.
pub(super) fn spoken(epoch: f64) -> String {
    let text = format!("{epoch:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_are_spoken_with_no_more_digits_than_needed() {
        assert_eq!(
            [64.0, 0.5, 10.0, 16.0 / 3.0, 0.0].map(spoken),
            ["64", "0.5", "10", "5.33", "0"]
        );
    }
}
