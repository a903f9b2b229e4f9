//! Figures: pictures with words, scales and legends around them, in the poster's letters.

pub(crate) mod chart;
mod words;

use image::{Rgb, RgbImage, imageops};
use zfnet::analysis::hierarchy::{extent, write};
use zfnet::rendering::{Picture, viridis};

use self::words::wrapped;
pub(crate) use self::words::{number, percent, round};
use crate::lens::Lens;

/// Room around everything.
pub(crate) const MARGIN: usize = 16;
/// Between two pictures side by side.
pub(crate) const GAP: usize = 16;
/// Between two things that belong together.
pub(crate) const NEAR: usize = 6;
/// Thickness of a colour bar, and the side of a legend's square.
const BAR: usize = 12;
const PAPER: Rgb<u8> = Rgb([255; 3]);
const INK: [u8; 3] = [28, 28, 30];
const FAINT: [u8; 3] = [98, 96, 92];

pub(crate) use zfnet::rendering::{OTHER as GREY, PALETTE as COLOURS};

/// How words are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Type {
    /// Height in pixels.
    size: f64,
    bold: bool,
    colour: [u8; 3],
}

/// What the figure is.
pub(crate) const TITLE: Type = Type {
    size: 21.0,
    bold: true,
    colour: INK,
};
/// What a picture is.
pub(crate) const NAME: Type = Type {
    size: 15.0,
    bold: true,
    colour: INK,
};
/// What is to be read.
pub(crate) const WORDS: Type = Type {
    size: 15.0,
    bold: false,
    colour: INK,
};
/// Numbers of scales, and what need not be read.
pub(crate) const SMALL: Type = Type {
    size: 14.0,
    bold: false,
    colour: FAINT,
};

impl Type {
    /// Pixels from one line to the next.
    pub(crate) fn line(self) -> usize {
        (self.size * 1.35).ceil() as usize
    }

    /// Pixels that a line of text takes.
    fn reach(self, text: &str) -> f64 {
        // Half a pen at each end.
        extent(text) * self.size + self.size / 8.0
    }
}

/// Where a line of text stands about its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Left,
    Middle,
    Right,
}

/// A figure on white paper that grows downwards as things are put onto it. Places are pixels from its top left.
pub(crate) struct Figure {
    canvas: RgbImage,
}

impl Figure {
    /// An empty one with room for `inner` pixels between its margins.
    pub(crate) fn new(inner: usize) -> Self {
        let width = inner + 2 * MARGIN;
        Self {
            canvas: RgbImage::from_pixel(width as u32, MARGIN as u32, PAPER),
        }
    }

    /// Pixels between the margins.
    pub(crate) fn inner(&self) -> usize {
        (self.canvas.width() as usize).saturating_sub(2 * MARGIN)
    }

    /// The row below everything.
    pub(crate) fn bottom(&self) -> usize {
        self.canvas.height() as usize
    }

    /// Makes the paper reach down to a row.
    pub(crate) fn reach(&mut self, bottom: usize) {
        let (width, height) = self.canvas.dimensions();
        let wanted = u32::try_from(bottom).unwrap_or(height);
        if wanted > height {
            let mut longer = RgbImage::from_pixel(width, wanted, PAPER);
            imageops::replace(&mut longer, &self.canvas, 0, 0);
            self.canvas = longer;
        }
    }

    /// Puts a picture onto the paper, and gives the row below it.
    pub(crate) fn place(&mut self, picture: &Picture, left: usize, top: usize) -> usize {
        let rgb = |x: u32, y: u32| {
            let at = (y as usize * picture.width + x as usize) * 4;
            Rgb([0, 1, 2].map(|channel| picture.rgba[at + channel]))
        };
        let picture = RgbImage::from_fn(picture.width as u32, picture.height as u32, rgb);
        let bottom = top + picture.height() as usize;
        self.reach(bottom);
        imageops::replace(&mut self.canvas, &picture, left as i64, top as i64);
        bottom
    }

    /// Writes one line, and gives the row below it.
    pub(crate) fn say(
        &mut self,
        text: &str,
        at: usize,
        top: usize,
        anchor: Anchor,
        kind: Type,
    ) -> usize {
        let bottom = top + kind.line();
        self.reach(bottom);
        let reach = kind.reach(text);
        let left = match anchor {
            Anchor::Left => at as f64,
            Anchor::Middle => at as f64 - reach / 2.0,
            Anchor::Right => at as f64 - reach,
        };
        let stands = (top as f64 + kind.size).round();
        let Type { size, bold, colour } = kind;
        write(&mut self.canvas, text, [left, stands], size, bold, colour);
        bottom
    }

    /// Writes as many lines as the words need in a column, and gives the row below them.
    pub(crate) fn tell(
        &mut self,
        text: &str,
        left: usize,
        top: usize,
        width: usize,
        kind: Type,
    ) -> usize {
        let lines = wrapped(text, width, kind);
        lines.iter().fold(top, |top, line| {
            self.say(line, left, top, Anchor::Left, kind)
        })
    }

    /// Writes something over each of several columns; all end on one row, which is given.
    pub(crate) fn heads(
        &mut self,
        texts: &[String],
        columns: &[usize],
        width: usize,
        kind: Type,
    ) -> usize {
        let lines = texts.iter().map(|text| wrapped(text, width, kind));
        let lines: Vec<Vec<String>> = lines.collect();
        let most = lines.iter().map(Vec::len).max().unwrap_or(0);
        let bottom = self.bottom() + most * kind.line();
        for (lines, left) in lines.iter().zip(columns) {
            let top = bottom - lines.len() * kind.line();
            for (at, line) in lines.iter().enumerate() {
                self.say(line, *left, top + at * kind.line(), Anchor::Left, kind);
            }
        }
        self.reach(bottom);
        bottom
    }

    /// Draws the colours from the lowest number to the highest with both below, and gives the row below that.
    pub(crate) fn ramp(
        &mut self,
        [low, high]: [&str; 2],
        left: usize,
        top: usize,
        width: usize,
    ) -> usize {
        let colours = (0..width).flat_map(|at| viridis(at as f32, 0.0, width as f32 - 1.0));
        let bar = Picture {
            width,
            height: BAR,
            rgba: colours.collect::<Vec<_>>().repeat(BAR),
        };
        let below = self.place(&bar, left, top) + NEAR / 2;
        self.say(low, left, below, Anchor::Left, SMALL);
        self.say(high, left + width, below, Anchor::Right, SMALL)
    }

    /// Writes what a colour stands for, and gives the row below.
    pub(crate) fn entry(
        &mut self,
        colour: [u8; 3],
        text: &str,
        left: usize,
        top: usize,
        width: usize,
    ) -> usize {
        let down = (SMALL.size as usize).saturating_sub(BAR);
        self.fill([left, top + down], [BAR, BAR], colour);
        self.tell(
            text,
            left + BAR + NEAR,
            top,
            width.saturating_sub(BAR + NEAR),
            SMALL,
        )
    }

    /// Fills a rectangle of so many columns and rows.
    pub(crate) fn fill(
        &mut self,
        [left, top]: [usize; 2],
        [width, height]: [usize; 2],
        colour: [u8; 3],
    ) {
        self.reach(top + height);
        let part = RgbImage::from_pixel(width as u32, height as u32, Rgb(colour));
        imageops::replace(&mut self.canvas, &part, left as i64, top as i64);
    }

    /// Writes what the figure is and, below, how it is read; the next things go below that.
    pub(crate) fn open(&mut self, title: &str, how: &str) {
        let width = self.inner();
        let bottom = self.tell(title, MARGIN, MARGIN, width, TITLE);
        let bottom = self.tell(how, MARGIN, bottom, width, WORDS);
        self.reach(bottom + GAP);
    }

    /// Writes what it was made with, and gives the picture.
    pub(crate) fn close(mut self, lens: &Lens, made_with: &str) -> Picture {
        let width = self.inner();
        let words = format!(
            "{made_with} · {} · {} · zf-lens",
            lens.network().model.name,
            lens.device
        );
        let bottom = self.tell(&words, MARGIN, self.bottom() + NEAR, width, SMALL);
        self.reach(bottom + MARGIN - NEAR);
        Picture::from_rgb(&self.canvas)
    }
}

/// The left edges of so many columns, and the width of all of them together.
pub(crate) fn columns(count: usize, width: usize) -> (Vec<usize>, usize) {
    let lefts = (0..count).map(|at| MARGIN + at * (width + GAP)).collect();
    (lefts, (count * (width + GAP)).saturating_sub(GAP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paper_grows_and_keeps_what_is_on_it() {
        let mut figure = Figure::new(40);
        figure.fill([MARGIN, MARGIN], [4, 4], [9, 9, 9]);
        let below = figure.say("A", MARGIN, 60, Anchor::Left, NAME);
        assert_eq!((below, figure.bottom()), (60 + NAME.line(), below));
        let (left, top) = (MARGIN as u32, MARGIN as u32);
        assert_eq!(figure.canvas.get_pixel(left, top).0, [9; 3]);
        let inked = figure.canvas.rows().skip(60).flatten();
        assert!(inked.into_iter().any(|pixel| pixel.0 == INK));
    }
}
