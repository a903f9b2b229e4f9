//! The poster as PDF, written by hand: one page, its pictures, and text in Helvetica, which every reader has.
//!
//! PDF compresses pictures as PNG does, predictors and all, so a PNG's data go into the file as they are.

use super::layout::{Item, Layout};
use super::print::png;
use super::svg::picture;
use crate::pictures::rendering::Picture;
use crate::{Error, Result};

/// Points of PDF in a millimetre.
const POINTS: f64 = 72.0 / 25.4;
/// The catalogue, the list of pages, the page, what is on it, and two faces; pictures come after them.
const BEFORE: usize = 6;

/// Writes a layout; `pictures` are the photograph and the tiles.
///
/// Characters that Helvetica's encoding (WinAnsi, as good as Latin-1) does not have become question marks. There is no date
/// in the file: the same poster is the same bytes.
///
/// # Errors
/// [`Error::OutOfRange`] when the layout has more pictures than are given, or one without pixels.
pub fn pdf(layout: &Layout, pictures: &[Picture]) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    let mut images = Vec::new();
    let paper = [layout.width, layout.height].map(|length| length * POINTS);
    let fill = |[red, green, blue]: [u8; 3]| {
        let [red, green, blue] = [red, green, blue].map(|value| f64::from(value) / 255.0);
        format!("{red:.4} {green:.4} {blue:.4} rg")
    };
    let up = |down: f64| (layout.height - down) * POINTS;
    let [width, height] = paper;
    push(
        &mut page,
        &format!("{}\n0 0 {width:.3} {height:.3} re f\n", fill(layout.ground)),
    );
    for item in &layout.items {
        match item {
            Item::Picture { number, at } => {
                let file = png(picture(pictures, *number)?, at.width)?;
                let [left, bottom] = [at.left * POINTS, up(at.top + at.height)];
                let [width, height] = [at.width, at.height].map(|length| length * POINTS);
                let name = images.len();
                let place = format!("{width:.3} 0 0 {height:.3} {left:.3} {bottom:.3}");
                push(&mut page, &format!("q {place} cm /P{name} Do Q\n"));
                images.push(image(&file)?);
            }
            Item::Text {
                text,
                left,
                baseline,
                size,
                bold,
                colour,
            } => {
                let face = if *bold { "B" } else { "R" };
                let [left, baseline, size] = [left * POINTS, up(*baseline), size * POINTS];
                let begin = format!("BT {} /{face} {size:.3} Tf", fill(*colour));
                push(&mut page, &format!("{begin} {left:.3} {baseline:.3} Td ("));
                page.extend(encoded(text));
                push(&mut page, ") Tj ET\n");
            }
            Item::Rule {
                left,
                top,
                width,
                colour,
            } => {
                let [left, width, thick] = [*left, *width, 0.3].map(|length| length * POINTS);
                let bottom = up(*top) - thick;
                let place = format!("{left:.3} {bottom:.3} {width:.3} {thick:.3}");
                push(&mut page, &format!("{} {place} re f\n", fill(*colour)));
            }
        }
    }
    let names: String = (0..images.len())
        .map(|at| format!(" /P{at} {} 0 R", BEFORE + 1 + at))
        .collect();
    let face = |bold: &str| {
        format!(
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica{bold} /Encoding /WinAnsiEncoding >>"
        )
    };
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.3} {height:.3}] /Contents 4 0 R \
             /Resources << /Font << /R 5 0 R /B 6 0 R >> /XObject <<{names} >> >> >>"
        )
        .into_bytes(),
        stream("", &page),
        face("").into_bytes(),
        face("-Bold").into_bytes(),
    ];
    objects.extend(images);
    Ok(assembled(&objects))
}

/// Objects numbered from 1, the table that finds them, and where that is.
fn assembled(objects: &[Vec<u8>]) -> Vec<u8> {
    // The second line tells programs that copy files that this one is not text.
    let mut file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (at, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        push(&mut file, &format!("{} 0 obj\n", at + 1));
        file.extend(object);
        push(&mut file, "\nendobj\n");
    }
    let start = file.len();
    let count = objects.len() + 1;
    push(&mut file, &table);
    push(
        &mut file,
        &format!("trailer\n<< /Size {count} /Root 1 0 R >>\n"),
    );
    push(&mut file, &format!("startxref\n{start}\n%%EOF\n"));
    file
}

fn push(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(text.as_bytes());
}

fn stream(about: &str, content: &[u8]) -> Vec<u8> {
    let mut object = format!("<< {about}/Length {} >>\nstream\n", content.len()).into_bytes();
    object.extend_from_slice(content);
    push(&mut object, "\nendstream");
    object
}

/// A picture's object, with the data of its PNG: 8 bits, red, green and blue, not interlaced.
fn image(png: &[u8]) -> Result<Vec<u8>> {
    let broken = || Error::Execution("a PNG that is not whole".into());
    let number = |at: usize| {
        let bytes = png.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?) as usize)
    };
    // The signature has eight bytes; a chunk has its length, a name, its data and a check sum. The head comes first.
    let (mut at, mut data) = (8, Vec::new());
    let [width, height] = [number(16), number(20)].map(|side| side.ok_or_else(broken));
    while let Some(length) = number(at) {
        let chunk = png.get(at + 4..at + 8 + length).ok_or_else(broken)?;
        if let Some(part) = chunk.strip_prefix(b"IDAT") {
            data.extend_from_slice(part);
        }
        at += 12 + length;
    }
    let (width, height) = (width?, height?);
    let about = format!(
        "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB /BitsPerComponent 8 \
         /Interpolate true /Filter /FlateDecode \
         /DecodeParms << /Predictor 15 /Colors 3 /BitsPerComponent 8 /Columns {width} >> "
    );
    Ok(stream(&about, &data))
}

/// Text in WinAnsi, inside parentheses.
fn encoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars().filter(|character| !character.is_control()) {
        let byte = match character {
            '–' => 0x96,
            '—' => 0x97,
            '‘' => 0x91,
            '’' => 0x92,
            '“' => 0x93,
            '”' => 0x94,
            '•' => 0x95,
            '…' => 0x85,
            '€' => 0x80,
            _ => u8::try_from(u32::from(character)).unwrap_or(b'?'),
        };
        if matches!(byte, b'(' | b')' | b'\\') {
            bytes.push(b'\\');
        }
        bytes.push(byte);
    }
    bytes
}
