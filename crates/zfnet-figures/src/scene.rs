//! A figure before it is written in any format: pictures, and on them lines, rectangles and words.

use serde::{Deserialize, Serialize};
use zfnet::pictures::rendering::Picture;

/// Red, green, blue.
pub type Colour = [u8; 3];

/// Black, not quite.
pub const INK: Colour = [28, 28, 30];

/// What a scene's lengths are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Pixels of a screen, 96 to an inch.
    Pixel,
    /// Of paper.
    Millimetre,
}

/// A rectangle in a scene's unit, from its top left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rectangle {
    /// Distance from the left edge.
    pub left: f64,
    /// Distance from the top edge.
    pub top: f64,
    /// Extent to the right.
    pub width: f64,
    /// Extent downwards.
    pub height: f64,
}

/// Where a line of words stands about its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Left,
    /// Its middle is there.
    Middle,
    /// It ends there.
    Right,
}

/// Something drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A picture; opaque, whatever it says.
    Picture {
        /// Its pixels.
        picture: Picture,
        /// Where.
        at: Rectangle,
        /// Whether its pixels are enlarged to squares; else they blend.
        crisp: bool,
    },
    /// A line of words.
    Text {
        /// What it says.
        text: String,
        /// The place it stands at, on the line that its letters stand on.
        at: [f64; 2],
        /// How it stands there.
        anchor: Anchor,
        /// Height of its type.
        size: f64,
        /// Whether it is bold.
        bold: bool,
        /// Its ink.
        colour: Colour,
    },
    /// A filled rectangle.
    Fill {
        /// Where.
        at: Rectangle,
        /// Its colour.
        colour: Colour,
    },
    /// A line from point to point with round ends; through one point alone, a dot.
    Line {
        /// Its points, right and down.
        points: Vec<[f64; 2]>,
        /// How thick it is.
        width: f64,
        /// Its colour.
        colour: Colour,
    },
}

impl Item {
    fn is_picture(&self) -> bool {
        matches!(self, Self::Picture { .. })
    }
}

impl From<Picture> for Scene {
    /// Nothing but a picture, in its own pixels.
    fn from(picture: Picture) -> Self {
        let [width, height] = [picture.width, picture.height].map(|side| side as f64);
        let at = Rectangle {
            left: 0.0,
            top: 0.0,
            width,
            height,
        };
        Self {
            width,
            height,
            unit: Unit::Pixel,
            ground: [255; 3],
            items: vec![Item::Picture {
                picture,
                at,
                crisp: true,
            }],
        }
    }
}

/// A figure. Pictures lie under everything else, whatever the order.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// What all lengths are counted in.
    pub unit: Unit,
    /// Its paper.
    pub ground: Colour,
    /// What is on it, from the lowest to the topmost.
    pub items: Vec<Item>,
}

impl Scene {
    /// What is on it, from the lowest to the topmost: first the pictures.
    pub(crate) fn stacked(&self) -> impl Iterator<Item = &Item> {
        let pictures = self.items.iter().filter(|item| item.is_picture());
        pictures.chain(self.above_pictures())
    }

    /// What lies on the pictures, from the lowest to the topmost.
    pub(crate) fn above_pictures(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| !item.is_picture())
    }

    /// All words, in the order in which they were put down.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.items.iter().filter_map(|item| match item {
            Item::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
    }
}
