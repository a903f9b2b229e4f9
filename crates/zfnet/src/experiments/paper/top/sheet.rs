//! A sheet: the tiles of all maps of a layer in one picture.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use crate::pictures::rendering::Picture;

/// The ground of a sheet: what a projection of nothing looks like.
const GREY: Rgb<u8> = Rgb([128; 3]);

/// A picture of equal square blocks, one for each map, each made of square tiles, one for each rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The pixels.
    pub picture: RgbImage,
    /// Blocks in a row.
    pub columns: usize,
    /// Side of a tile.
    pub tile: usize,
    /// Tiles in a row of a block.
    pub across: usize,
}

/// Side of the tiles that show `field` (rows and columns): as many whole pixels of the sheet for each of the field's as
/// `most` has room for, or `most` for a larger field.
pub fn side_of_tile(field: [usize; 2], most: usize) -> usize {
    let longest = field[0].max(field[1]).max(1);
    match longest > most {
        true => most.max(1),
        false => longest * (most / longest),
    }
}

impl Sheet {
    /// A grey sheet for so many maps with at most `count` winners each, nearly square.
    pub fn new(maps: usize, count: usize, tile: usize) -> Self {
        let columns = Self::columns(maps);
        let across = Self::across(count);
        let block = (across * tile) as u32;
        let rows = maps.div_ceil(columns) as u32;
        Self {
            picture: RgbImage::from_pixel(columns as u32 * block, rows * block, GREY),
            columns,
            tile,
            across,
        }
    }

    /// Blocks in a row of a sheet of so many maps.
    pub fn columns(maps: usize) -> usize {
        square_side(maps)
    }

    /// Tiles in a row of a block for so many winners: three for nine.
    pub fn across(count: usize) -> usize {
        square_side(count)
    }

    /// Rows and columns of the whole, in pixels.
    pub fn size(maps: usize, count: usize, tile: usize) -> [usize; 2] {
        let block = Self::across(count).saturating_mul(tile);
        let columns = Self::columns(maps);
        [maps.div_ceil(columns), columns].map(|blocks| blocks.saturating_mul(block))
    }

    /// Puts a picture in its place, as large as the tile allows: enlarged by whole pixels, or scaled down. Of a map beyond the
    /// sheet nothing is drawn.
    ///
    /// # Panics
    /// When a block has no tile for the rank.
    pub fn put(&mut self, map: usize, rank: usize, picture: &RgbImage) {
        assert!(rank < self.across * self.across, "rank {rank} has no tile");
        let place = |block: usize, tile: usize| (block * self.across + tile) * self.tile;
        let left = place(map % self.columns, rank % self.across);
        let top = place(map / self.columns, rank / self.across);
        let (width, height) = picture.dimensions();
        let (longest, tile) = (width.max(height).max(1), self.tile as u32);
        let fitted = match longest.cmp(&tile) {
            std::cmp::Ordering::Greater => {
                let side = |side: u32| (side * tile / longest).max(1);
                imageops::resize(picture, side(width), side(height), FilterType::Triangle)
            }
            _ => {
                let zoom = tile / longest;
                RgbImage::from_fn(width * zoom, height * zoom, |x, y| {
                    *picture.get_pixel(x / zoom, y / zoom)
                })
            }
        };
        let margin = |side: u32| i64::from((tile - side) / 2);
        let (x, y) = (
            left as i64 + margin(fitted.width()),
            top as i64 + margin(fitted.height()),
        );
        imageops::replace(&mut self.picture, &fitted, x, y);
    }

    /// As [`Self::put`], for a picture whose opacity does not matter.
    ///
    /// # Panics
    /// As [`Self::put`].
    pub fn put_drawn(&mut self, map: usize, rank: usize, picture: &Picture) {
        let pixel = |x: u32, y: u32| {
            let at = (y as usize * picture.width + x as usize) * 4;
            Rgb([0, 1, 2].map(|channel| picture.rgba[at + channel]))
        };
        let rgb = RgbImage::from_fn(picture.width as u32, picture.height as u32, pixel);
        self.put(map, rank, &rgb);
    }
}

/// Side of the smallest square with room for so many.
fn square_side(count: usize) -> usize {
    let root = count.isqrt();
    (root + usize::from(root * root < count)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_fields_are_enlarged_by_whole_pixels_and_large_ones_fill_the_tile() {
        assert_eq!(side_of_tile([7, 7], 64), 63);
        assert_eq!(side_of_tile([51, 51], 64), 51);
        assert_eq!(side_of_tile([30, 20], 64), 60);
        assert_eq!(side_of_tile([139, 139], 64), 64);
    }

    #[test]
    fn a_picture_lands_on_its_block_and_tile_and_nowhere_else() {
        // Five maps in rows of three, nine ranks in blocks of three by three tiles of four pixels.
        let mut sheet = Sheet::new(5, 9, 4);
        assert_eq!(sheet.picture.dimensions(), (36, 24));
        assert_eq!(Sheet::size(5, 9, 4), [24, 36]);
        let red = Rgb([255, 0, 0]);
        sheet.put(4, 5, &RgbImage::from_pixel(2, 2, red));
        for (x, y, pixel) in sheet.picture.enumerate_pixels() {
            // Map 4 is the second of the second row, rank 5 the third tile of the second row.
            let is_there = (20..24).contains(&x) && (16..20).contains(&y);
            assert_eq!(*pixel, if is_there { red } else { GREY }, "{x}, {y}");
        }
        let mut small = Sheet::new(1, 2, 4);
        small.put(0, 1, &RgbImage::from_pixel(40, 20, red));
        let is_red = |x, y| *small.picture.get_pixel(x, y) == red;
        assert!(is_red(4, 1) && is_red(7, 2) && !is_red(4, 0) && !is_red(3, 1));
    }
}
