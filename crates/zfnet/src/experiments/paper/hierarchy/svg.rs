//! The poster as SVG: real text, pictures inside the file, its size on paper in its head.

use std::fmt::Write;

use super::layout::{Item, Layout};
use super::print::{base64, png};
use crate::pictures::rendering::Picture;
use crate::{Error, Result};

const FACE: &str = "Helvetica, 'Helvetica Neue', Arial, 'Noto Sans SC', 'PingFang SC', sans-serif";

/// Writes a layout; `pictures` are the photograph and the tiles.
///
/// # Errors
/// [`Error::OutOfRange`] when the layout has more pictures than are given, or one without pixels.
pub fn svg(layout: &Layout, pictures: &[Picture]) -> Result<String> {
    let (width, height) = (layout.width, layout.height);
    let mut file = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"{FACE}\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n",
        colour(layout.ground)
    );
    for item in &layout.items {
        let line = match item {
            Item::Picture { number, at } => {
                let picture = picture(pictures, *number)?;
                format!(
                    "<image x=\"{:.3}\" y=\"{:.3}\" width=\"{:.3}\" height=\"{:.3}\" preserveAspectRatio=\"none\" \
                     href=\"data:image/png;base64,{}\"/>",
                    at.left,
                    at.top,
                    at.width,
                    at.height,
                    base64(&png(picture, at.width)?)
                )
            }
            Item::Text {
                text,
                left,
                baseline,
                size,
                bold,
                colour: ink,
            } => format!(
                "<text x=\"{left:.3}\" y=\"{baseline:.3}\" font-size=\"{size}\"{} fill=\"{}\">{}</text>",
                if *bold { " font-weight=\"bold\"" } else { "" },
                colour(*ink),
                escaped(text)
            ),
            Item::Rule {
                left,
                top,
                width,
                colour: ink,
            } => format!(
                "<rect x=\"{left:.3}\" y=\"{top:.3}\" width=\"{width:.3}\" height=\"0.3\" fill=\"{}\"/>",
                colour(*ink)
            ),
        };
        writeln!(file, "{line}").map_err(|error| Error::Execution(error.to_string()))?;
    }
    file.push_str("</svg>\n");
    Ok(file)
}

/// One of the pictures of a layout.
pub(super) fn picture(pictures: &[Picture], number: usize) -> Result<&Picture> {
    let missing = || Error::out_of_range("picture of the poster", pictures.len(), number);
    pictures.get(number).ok_or_else(missing)
}

fn colour([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text that means nothing to XML; what XML cannot hold at all is left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            control if control.is_control() => (),
            other => safe.push(other),
        }
    }
    safe
}
