//! A figure that grows downwards: pictures with words, scales and legends around them, on white paper.

pub use zfnet::pictures::rendering::{OTHER as GREY, PALETTE as COLOURS};
use zfnet::pictures::rendering::{Picture, viridis};

use crate::context::Context;
use crate::letters::{extent, wrapped};
use crate::scene::{Anchor, Colour, INK, Item, Rectangle, Scene, Unit};

/// Room around everything.
pub const MARGIN: usize = 16;
/// Between two pictures side by side.
pub const GAP: usize = 16;
/// Between two things that belong together.
pub const NEAR: usize = 6;
/// Thickness of a colour bar, and the side of a legend's square.
const BAR: usize = 12;
/// How far a mark on a colour bar stands out.
const MARK: usize = 2;
/// Smaller pictures than this are shown as the squares that they are made of.
pub(crate) const COARSE: usize = 32;
const PAPER: Colour = [255; 3];
const FAINT: Colour = [98, 96, 92];

/// How words are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Type {
    /// Height in pixels.
    size: f64,
    bold: bool,
    colour: Colour,
}

/// What the figure is.
pub const TITLE: Type = Type {
    size: 21.0,
    bold: true,
    colour: INK,
};
/// What a picture is.
pub const NAME: Type = Type {
    size: 15.0,
    bold: true,
    colour: INK,
};
/// What is to be read.
pub const WORDS: Type = Type {
    size: 15.0,
    bold: false,
    colour: INK,
};
/// Numbers of scales, and what need not be read.
pub const SMALL: Type = Type {
    size: 14.0,
    bold: false,
    colour: FAINT,
};

/// A number in a cell.
pub const CELL: Type = Type {
    size: 14.0,
    bold: false,
    colour: INK,
};

/// A letter on a colour.
pub const LETTER: Type = Type {
    size: 13.0,
    bold: true,
    colour: INK,
};

impl Type {
    /// Pixels from one line to the next.
    pub fn line(self) -> usize {
        (self.size * 1.35).ceil() as usize
    }

    /// Pixels that a line of words is wide.
    pub fn extent(self, text: &str) -> f64 {
        extent(text, self.bold) * self.size
    }

    fn wrapped(self, text: &str, width: usize) -> Vec<String> {
        wrapped(text, width as f64 / self.size, self.bold)
    }
}

/// A figure under way. Places are pixels from its top left.
#[derive(Debug)]
pub struct Sheet {
    width: usize,
    bottom: usize,
    items: Vec<Item>,
}

impl Sheet {
    /// An empty one with room for `inner` pixels between its margins.
    pub fn new(inner: usize) -> Self {
        Self {
            width: inner + 2 * MARGIN,
            bottom: MARGIN,
            items: Vec::new(),
        }
    }

    /// Pixels between the margins.
    pub fn inner(&self) -> usize {
        self.width - 2 * MARGIN
    }

    /// The row below everything.
    pub fn bottom(&self) -> usize {
        self.bottom
    }

    /// Makes the paper reach down to a row.
    pub fn reach(&mut self, bottom: usize) {
        self.bottom = self.bottom.max(bottom);
    }

    /// Puts a picture onto the paper, each of its pixels a pixel, and gives the row below it.
    pub fn place(&mut self, picture: Picture, left: usize, top: usize) -> usize {
        let size = [picture.width, picture.height];
        let bottom = top + picture.height;
        self.reach(bottom);
        self.items.push(Item::Picture {
            picture,
            at: rectangle([left, top], size),
            crisp: true,
        });
        bottom
    }

    /// Puts a picture into a square of `side` pixels, as large as it fits, and gives the row below the square. A picture that is
    /// made smaller, or larger by no whole number, blends, unless it is a small one, whose pixels are to be told apart.
    pub fn fit(&mut self, picture: Picture, left: usize, top: usize, side: usize) -> usize {
        let longer = picture.width.max(picture.height).max(1);
        let at = fitted(&picture, left, top, side);
        self.reach(top + side);
        self.items.push(Item::Picture {
            picture,
            at,
            crisp: longer < COARSE || side.is_multiple_of(longer),
        });
        top + side
    }

    /// Writes one line, and gives the row below it.
    pub fn say(&mut self, text: &str, at: usize, top: usize, anchor: Anchor, kind: Type) -> usize {
        let bottom = top + kind.line();
        self.reach(bottom);
        self.items.push(Item::Text {
            text: text.to_owned(),
            at: [at as f64, (top as f64 + kind.size).round()],
            anchor,
            size: kind.size,
            bold: kind.bold,
            colour: kind.colour,
        });
        bottom
    }

    /// Writes as many lines as the words need in a column, and gives the row below them.
    pub fn tell(&mut self, text: &str, left: usize, top: usize, width: usize, kind: Type) -> usize {
        let lines = kind.wrapped(text, width);
        lines.iter().fold(top, |top, line| {
            self.say(line, left, top, Anchor::Left, kind)
        })
    }

    /// Writes something over each of several columns; all end on one row, which is given.
    pub fn heads(
        &mut self,
        texts: &[impl AsRef<str>],
        columns: &[usize],
        width: usize,
        kind: Type,
    ) -> usize {
        let lines = texts.iter().map(|text| kind.wrapped(text.as_ref(), width));
        let lines: Vec<Vec<String>> = lines.collect();
        let most = lines.iter().map(Vec::len).max().unwrap_or(0);
        let bottom = self.bottom + most * kind.line();
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
    pub fn ramp(&mut self, [low, high]: [&str; 2], left: usize, top: usize, width: usize) -> usize {
        let colours = (0..width).flat_map(|at| viridis(at as f32, 0.0, width as f32 - 1.0));
        let bar = Picture {
            width,
            height: BAR,
            rgba: colours.collect::<Vec<_>>().repeat(BAR),
        };
        let below = self.place(bar, left, top) + NEAR / 2;
        self.say(low, left, below, Anchor::Left, SMALL);
        self.say(high, left + width, below, Anchor::Right, SMALL)
    }

    /// Marks a share of the colours that [`Self::ramp`] drew there.
    pub fn mark(&mut self, share: f32, left: usize, top: usize, width: usize) {
        let at = f64::from(share.clamp(0.0, 1.0)) * (width - 1) as f64;
        let at = left + at.round() as usize;
        self.fill([at, top - MARK], [1, BAR + 2 * MARK], INK);
    }

    /// Writes what a colour stands for, and gives the row below.
    pub fn entry(
        &mut self,
        colour: Colour,
        text: &str,
        left: usize,
        top: usize,
        width: usize,
    ) -> usize {
        let down = (SMALL.size as usize).saturating_sub(BAR);
        self.fill([left, top + down], [BAR, BAR], colour);
        let room = width.saturating_sub(BAR + NEAR);
        self.tell(text, left + BAR + NEAR, top, room, SMALL)
    }

    /// Fills a rectangle of so many columns and rows.
    pub fn fill(&mut self, at: [usize; 2], size: [usize; 2], colour: Colour) {
        self.reach(at[1] + size[1]);
        let at = rectangle(at, size);
        self.items.push(Item::Fill { at, colour });
    }

    /// Draws a line from point to point; through one point alone, a dot.
    pub fn line(&mut self, points: Vec<[f64; 2]>, width: f64, colour: Colour) {
        self.items.push(Item::Line {
            points,
            width,
            colour,
        });
    }

    /// Writes what the figure is and, below, how it is read; the next things go below that.
    pub fn open(&mut self, title: &str, how: &str) {
        let width = self.inner();
        let bottom = self.tell(title, MARGIN, MARGIN, width, TITLE);
        let bottom = self.tell(how, MARGIN, bottom, width, WORDS);
        self.reach(bottom + GAP);
    }

    /// Writes what it was made with, and gives the figure.
    pub fn close(mut self, context: &Context<'_>, made_with: &str) -> Scene {
        let width = self.inner();
        let parts = [made_with, context.network, context.device, "zf-lens"];
        let words = parts.into_iter().filter(|part| !part.is_empty());
        let words = words.collect::<Vec<_>>().join(" · ");
        let bottom = self.tell(&words, MARGIN, self.bottom + NEAR, width, SMALL);
        self.reach(bottom + MARGIN - NEAR);
        Scene {
            width: self.width as f64,
            height: self.bottom as f64,
            unit: Unit::Pixel,
            ground: PAPER,
            items: self.items,
        }
    }
}

fn rectangle([left, top]: [usize; 2], [width, height]: [usize; 2]) -> Rectangle {
    let [left, top, width, height] = [left, top, width, height].map(|at| at as f64);
    Rectangle {
        left,
        top,
        width,
        height,
    }
}

/// Where a picture lies in a square that it fills as far as its ratio allows, in the middle.
pub fn fitted(picture: &Picture, left: usize, top: usize, side: usize) -> Rectangle {
    let longer = picture.width.max(picture.height).max(1);
    let [width, height] = [picture.width, picture.height].map(|own| own * side / longer);
    let at = [left + (side - width) / 2, top + (side - height) / 2];
    rectangle(at, [width, height])
}

/// The left edges of so many columns, and the width of all of them together.
pub fn columns(count: usize, width: usize) -> (Vec<usize>, usize) {
    let lefts = (0..count).map(|at| MARGIN + at * (width + GAP)).collect();
    (lefts, (count * (width + GAP)).saturating_sub(GAP))
}

/// How far to enlarge a picture so that its longer side comes near `wanted`; whole pixels only, so that each stays a square.
pub fn zoom_to([rows, cols]: [usize; 2], wanted: usize) -> usize {
    (wanted / rows.max(cols).max(1)).max(1)
}
