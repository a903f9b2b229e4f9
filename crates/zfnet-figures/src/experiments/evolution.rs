//! Figure 4 of the paper: a row for each map, a column for each checkpoint, with the epochs on top.

use zfnet::pictures::rendering::Picture;

use crate::context::Context;
use crate::scene::{Anchor, Scene};
use crate::sheet::{MARGIN, NAME, NEAR, SMALL, Sheet};
use zfnet_words::say;

/// Between two tiles.
const GAP: usize = 4;
/// Between the rows of two layers.
const LAYER_GAP: usize = 20;
/// Room for a row's name.
const NAMED: usize = 64;
/// The figure is at least so wide, for its words.
const NARROWEST: usize = 420;

/// One map's tiles, a checkpoint after the other.
#[derive(Debug)]
pub struct Row<'a> {
    /// Name of the layer.
    pub layer: &'a str,
    /// Number of the map.
    pub map: usize,
    /// As they are drawn, one for each epoch.
    pub tiles: Vec<Picture>,
}

/// The tiles of all rows; `common_scale` says whether those of a row are on one scale.
pub fn figure(
    context: &Context<'_>,
    epochs: &[f64],
    rows: Vec<Row<'_>>,
    common_scale: bool,
) -> Scene {
    let words = context.words;
    let tiles = rows.iter().flat_map(|row| &row.tiles);
    let cell = tiles.fold(0, |most, tile| most.max(tile.width));
    let left = MARGIN + NAMED;
    let column = |at: usize| left + at * (cell + GAP);
    let mut sheet = Sheet::new(NARROWEST.max(column(epochs.len()) - GAP - MARGIN));
    let title = say!(words, "figureTrainedTitle");
    let how = say!(words, "figureTrainedText");
    sheet.open(title, how);
    let head = sheet.bottom();
    let epoch = say!(words, "figureTrainedEpoch");
    sheet.say(epoch, MARGIN, head, Anchor::Left, SMALL);
    for (at, epoch) in epochs.iter().enumerate() {
        let middle = column(at) + cell / 2;
        sheet.say(&epoch_in_words(*epoch), middle, head, Anchor::Middle, SMALL);
    }
    let mut top = sheet.bottom() + NEAR;
    let mut above: Option<&str> = None;
    for row in rows {
        if above.is_some_and(|layer| layer != row.layer) {
            top += LAYER_GAP - GAP;
        }
        above = Some(row.layer);
        let below = sheet.say(row.layer, MARGIN, top, Anchor::Left, NAME);
        let map = row.map;
        let map = say!(words, "figureTrainedMap", map = map);
        sheet.say(&map, MARGIN, below, Anchor::Left, SMALL);
        let height = row.tiles.iter().map(|tile| tile.height).max().unwrap_or(0);
        for (at, tile) in row.tiles.into_iter().enumerate() {
            let (down, indent) = (height - tile.height, cell - tile.width);
            sheet.place(tile, column(at) + indent / 2, top + down / 2);
        }
        sheet.reach(top + height);
        top = sheet.bottom() + GAP;
    }
    let scale = match common_scale {
        true => say!(words, "figureTrainedCommon"),
        false => say!(words, "figureTrainedOwn"),
    };
    sheet.close(context, scale)
}

/// An epoch as people say it: no more than two decimals.
pub fn epoch_in_words(epoch: f64) -> String {
    let text = format!("{epoch:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_have_no_more_digits_than_needed() {
        assert_eq!(
            [64.0, 0.5, 10.0, 16.0 / 3.0, 0.0].map(epoch_in_words),
            ["64", "0.5", "10", "5.33", "0"]
        );
    }
}
