//! Pictures made here, in folders of their own.

mod batches;
mod files;
mod pictures;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use image::{Rgb, RgbImage};

use super::*;

/// A folder of one test; removed when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("zfnet-train-data-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Writes a picture, and the folders that it is in.
    fn picture(&self, name: &str, picture: &RgbImage) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        picture.save(&path).unwrap();
        path
    }

    /// Writes a file that has a picture's name and no picture's bytes.
    fn broken(&self, name: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "no picture").unwrap();
        path
    }

    /// So many textured pictures, each a class of its own.
    fn samples(&self, pictures: usize) -> Vec<Sample> {
        let sample = |class| Sample {
            path: self.picture(&format!("{class}.png"), &textured(40, 30, class as u8)),
            class,
        };
        (0..pictures).map(sample).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A picture without symmetries, different for each number.
fn textured(width: u32, height: u32, number: u8) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let mixed = (x * 7 + y * 13 + x * y) as u8;
        Rgb([
            mixed,
            (x as u8).wrapping_mul(3),
            (y as u8) ^ number.wrapping_mul(23),
        ])
    })
}

/// An augmentation that uses every kind of random number.
fn everything() -> Augmentation {
    Augmentation {
        cropping: Cropping::Resized {
            area: [0.2, 1.0],
            aspect: [0.75, 4.0 / 3.0],
        },
        flip: true,
        colour: Colour {
            brightness: 0.3,
            contrast: 0.3,
            saturation: 0.3,
        },
        noise: 10.0,
        mixing: Mixing {
            mixup: 0.4,
            cutmix: 0.4,
            alpha: 1.0,
        },
    }
}

/// An augmentation that does nothing but crop.
fn nothing(cropping: Cropping) -> Augmentation {
    Augmentation {
        cropping,
        flip: false,
        colour: Colour::default(),
        noise: 0.0,
        mixing: Mixing::default(),
    }
}
