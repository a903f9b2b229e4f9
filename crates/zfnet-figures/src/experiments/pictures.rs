//! What is drawn on pictures, pixel by pixel.

use serde::Deserialize;
use zfnet::Prepared;
use zfnet::deconvnet::tile::Tile;
use zfnet::experiments::shared::covering::Fill;
use zfnet::geometry::view::View;
use zfnet::network::model::Input;
use zfnet::pictures::rendering::{OTHER, Picture};
use zfnet_typescript::TypeScript;
use zfnet_words::{Words, say};

use crate::scene::Colour;

/// Outlines a receptive field; a colour that both light and dark readers and colour-blind ones see on photographs.
pub(super) const OUTLINE: Colour = [230, 159, 0];
/// A map's share where it lies over a photograph.
const COVER: f32 = 0.6;

/// A target's projection, and the piece of the picture that it is of.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
pub struct Projected {
    /// What the target answered.
    pub activation: f32,
    /// Where the projection lies in the input.
    pub window: View,
    /// As it is drawn, about mid grey.
    pub projection: Picture,
    /// The picture there.
    pub patch: Picture,
    /// The value that is drawn as full white.
    pub scale: f32,
}

impl Projected {
    /// A tile on a scale of its own.
    pub fn of(tile: &Tile, prepared: &Prepared, input: &Input) -> Self {
        Self {
            activation: tile.activation,
            window: tile.view,
            projection: tile.picture(input),
            patch: tile.patch(prepared, input),
            scale: tile.scale(),
        }
    }
}

/// What covers something, in words.
pub(super) fn colour_in_words(words: Words, fill: Fill) -> String {
    match fill {
        Fill::Mean => say!(words, "fill-mean").to_owned(),
        grey if grey == Fill::default() => say!(words, "colourMidGrey").to_owned(),
        Fill::Colour(colour) => {
            let colour = colour.map(|part| part.to_string()).join(", ");
            say!(words, "colourRgb", colour = colour)
        }
    }
}

/// A map laid over the photograph.
pub fn over(photograph: &Picture, map: &Picture) -> Picture {
    let mixed = photograph.rgba.iter().zip(&map.rgba);
    Picture {
        rgba: mixed
            .map(|(below, above)| {
                let value = f32::from(*below) * (1.0 - COVER) + f32::from(*above) * COVER;
                value.round() as u8
            })
            .collect(),
        ..*photograph
    }
}

/// A picture of the frame, grey where the part that is known does not reach.
pub(super) fn on_frame(part: &Picture, window: View, [rows, cols]: [usize; 2]) -> Picture {
    let mut whole = even(OTHER, [rows, cols]);
    let lies = View {
        height: part.height,
        width: part.width,
        ..window
    };
    let shown = lies.clipped([rows, cols]);
    let [top, left, bottom, _] = shown.corners();
    for row in top..bottom {
        let bytes = 4 * shown.width;
        let of_part = |row: isize, col: isize| {
            4 * ((row - window.top) as usize * part.width + (col - window.left) as usize)
        };
        let (from, to) = (
            of_part(row, left),
            4 * (row as usize * cols + left as usize),
        );
        whole.rgba[to..to + bytes].copy_from_slice(&part.rgba[from..from + bytes]);
    }
    whole
}

/// Draws the border of a part onto a picture of the frame.
pub fn outline(picture: &mut Picture, view: View) {
    bordered(picture, view, OUTLINE);
}

/// The same in a colour.
pub(super) fn bordered(picture: &mut Picture, view: View, colour: Colour) {
    let view = view.clipped([picture.height, picture.width]);
    let [top, left, bottom, right] = view.corners();
    for row in top..bottom {
        let on_edge = row == top || row == bottom - 1;
        for col in { left..right }.filter(|col| on_edge || *col == left || *col == right - 1) {
            paint(picture, row, col, colour);
        }
    }
}

/// A picture with a frame of so many pixels inside its border.
pub(super) fn framed(mut picture: Picture, width: usize, colour: Colour) -> Picture {
    let [height, wide] = [picture.height, picture.width];
    for inset in 0..width.min(height / 2).min(wide / 2) {
        let view = View {
            top: inset as isize,
            left: inset as isize,
            height: height - 2 * inset,
            width: wide - 2 * inset,
        };
        bordered(&mut picture, view, colour);
    }
    picture
}

/// Fills a part of a picture of the frame.
pub(super) fn fill(picture: &mut Picture, view: View, colour: Colour) {
    let view = view.clipped([picture.height, picture.width]);
    let [top, left, bottom, right] = view.corners();
    for row in top..bottom {
        (left..right).for_each(|col| paint(picture, row, col, colour));
    }
}

fn paint(picture: &mut Picture, row: isize, col: isize, colour: Colour) {
    let at = (row as usize * picture.width + col as usize) * 4;
    picture.rgba[at..at + 4].copy_from_slice(&opaque(colour));
}

/// Nothing but a colour.
pub(super) fn even(colour: Colour, [height, width]: [usize; 2]) -> Picture {
    Picture {
        width,
        height,
        rgba: opaque(colour).repeat(height * width),
    }
}

/// A picture of which not much is left on white, to lay something on it.
pub(super) fn pale(picture: &Picture) -> Picture {
    let mut pale = picture.clone();
    for [red, green, blue, _] in pale.rgba.as_chunks_mut().0 {
        for part in [red, green, blue] {
            *part = 255 - (255 - *part) / 4;
        }
    }
    pale
}

/// The letter that tells one of a sequence.
pub(super) fn letter(at: usize) -> String {
    ('A'..='Z').cycle().nth(at).into_iter().collect()
}

pub(super) fn opaque([red, green, blue]: Colour) -> [u8; 4] {
    [red, green, blue, 255]
}
