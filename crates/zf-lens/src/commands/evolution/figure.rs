//! The figure: a row for each map, a column for each checkpoint, with the maps' numbers on the left and the epochs on top.

use zfnet::rendering::Picture;

use crate::picture::PAPER;

const GAP: usize = 4;
/// Between the rows of two layers.
const LAYER_GAP: usize = 20;
const INK: [u8; 4] = [64, 64, 64, 255];
/// Screen pixels for each pixel of a numeral.
const STROKE: usize = 2;
/// Rows and columns of a numeral.
const NUMERAL: [usize; 2] = [7, 5];

/// One map's tiles, a checkpoint after the other.
pub(super) struct Row<'a> {
    pub(super) layer: &'a str,
    pub(super) map: usize,
    pub(super) tiles: Vec<Picture>,
}

/// Draws the figure; all rows have a tile for each epoch.
pub(super) fn draw(epochs: &[f64], rows: &[Row<'_>]) -> Picture {
    let labels: Vec<String> = epochs.iter().copied().map(spoken).collect();
    let maps: Vec<String> = rows.iter().map(|row| row.map.to_string()).collect();
    let widest = |labels: &[String]| labels.iter().map(|label| width(label)).max().unwrap_or(0);
    let tiles = rows.iter().flat_map(|row| &row.tiles);
    let cell = tiles.fold(widest(&labels), |most, tile| most.max(tile.width));
    let left = widest(&maps) + 2 * GAP;
    let column = |at: usize| left + at * (cell + GAP);
    let mut bottom = NUMERAL[0] * STROKE + 2 * GAP; // the line of the epochs
    let mut tops = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        if at > 0 && rows[at - 1].layer != row.layer {
            bottom += LAYER_GAP - GAP;
        }
        tops.push(bottom);
        bottom += row.height() + GAP;
    }
    let mut whole = Picture {
        width: column(labels.len()),
        height: bottom,
        rgba: PAPER.repeat(column(labels.len()) * bottom),
    };
    for (at, label) in labels.iter().enumerate() {
        let indent = (cell - width(label)) / 2;
        write(&mut whole, label, GAP, column(at) + indent);
    }
    for ((row, map), top) in rows.iter().zip(&maps).zip(tops) {
        let middle = top + row.height().saturating_sub(NUMERAL[0] * STROKE) / 2;
        write(&mut whole, map, middle, left - GAP - width(map));
        for (at, tile) in row.tiles.iter().enumerate() {
            let (down, indent) = (row.height() - tile.height, cell - tile.width);
            whole.paste(tile, top + down / 2, column(at) + indent / 2);
        }
    }
    whole
}

impl Row<'_> {
    fn height(&self) -> usize {
        self.tiles.iter().map(|tile| tile.height).max().unwrap_or(0)
    }
}

/// An epoch as people say it: no more than two decimals.
pub(super) fn spoken(epoch: f64) -> String {
    let text = format!("{epoch:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Screen pixels that a number takes.
fn width(label: &str) -> usize {
    (label.len() * (NUMERAL[1] + 1)).saturating_sub(1) * STROKE
}

/// Writes a number; what would lie outside the picture is left out.
fn write(picture: &mut Picture, label: &str, top: usize, left: usize) {
    for (place, character) in label.chars().enumerate() {
        let lines = numeral(character);
        for at in 0..NUMERAL[0] * STROKE * NUMERAL[1] * STROKE {
            let (down, across) = (at / (NUMERAL[1] * STROKE), at % (NUMERAL[1] * STROKE));
            let inked = lines[down / STROKE] >> (NUMERAL[1] - 1 - across / STROKE) & 1 == 1;
            let row = top + down;
            let col = left + place * (NUMERAL[1] + 1) * STROKE + across;
            if inked && row < picture.height && col < picture.width {
                let from = (row * picture.width + col) * 4;
                picture.rgba[from..from + 4].copy_from_slice(&INK);
            }
        }
    }
}

/// The lines of a digit or a decimal point, the leftmost pixel in the highest of five bits.
#[rustfmt::skip]
fn numeral(character: char) -> [u8; NUMERAL[0]] {
    match character {
        '0' => [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
        '1' => [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        '2' => [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
        '3' => [0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110],
        '4' => [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
        '5' => [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
        '6' => [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
        '7' => [0b11111, 0b00001, 0b00010, 0b00010, 0b00100, 0b00100, 0b00100],
        '8' => [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
        '9' => [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
        '.' => [0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b01100, 0b01100],
        _ => [0; NUMERAL[0]],
    }
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

    #[test]
    fn every_tile_has_its_place_and_layers_stand_apart() {
        let tile = |shade: u8| Picture {
            width: 40,
            height: 30,
            rgba: [shade, 0, 0, 255].repeat(40 * 30),
        };
        let row = |layer, map, shade| Row {
            layer,
            map,
            tiles: vec![tile(shade), tile(shade + 1)],
        };
        let rows = [
            row("conv1", 7, 10),
            row("conv1", 11, 20),
            row("conv2", 0, 30),
        ];
        let figure = draw(&[1.0, 64.0], &rows);
        let first = |shade: u8| {
            let at = figure
                .rgba
                .chunks(4)
                .position(|pixel| pixel == [shade, 0, 0, 255])
                .unwrap_or_else(|| panic!("no tile {shade}"));
            [at / figure.width, at % figure.width]
        };
        let count = |shade: u8| {
            let pixels = figure.rgba.chunks(4);
            pixels.filter(|pixel| *pixel == [shade, 0, 0, 255]).count()
        };
        for shade in [10, 11, 20, 21, 30, 31] {
            assert_eq!(count(shade), 40 * 30, "tile {shade}");
        }
        assert_eq!(first(20)[0] - first(10)[0], 30 + GAP);
        assert_eq!(first(30)[0] - first(20)[0], 30 + LAYER_GAP);
        assert_eq!(first(11)[1] - first(10)[1], 40 + GAP);
        assert!(figure.rgba.chunks(4).any(|pixel| pixel == INK));
    }
}
