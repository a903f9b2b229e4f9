//! What is drawn on pictures, pixel by pixel.

use zfnet::geometry::view::View;
use zfnet::pictures::rendering::Picture;

/// Outlines a receptive field; a colour that both light and dark readers and colour-blind ones see on photographs.
const OUTLINE: [u8; 4] = [230, 159, 0, 255];
/// A map's share where it lies over a photograph.
const COVER: f32 = 0.6;

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

/// Draws the border of a part onto a picture of the frame.
pub fn outline(picture: &mut Picture, view: View) {
    let view = view.clipped([picture.height, picture.width]);
    let [top, left, bottom, right] = view.corners();
    for row in top..bottom {
        let on_edge = row == top || row == bottom - 1;
        let cols = { left..right }.filter(|col| on_edge || *col == left || *col == right - 1);
        for col in cols {
            let at = (row as usize * picture.width + col as usize) * 4;
            picture.rgba[at..at + 4].copy_from_slice(&OUTLINE);
        }
    }
}
