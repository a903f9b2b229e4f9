//! A scene as PNG and as PDF, with letters of our own, so that it looks the same on every machine.

mod pdf;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use resvg::tiny_skia::{IntSize, Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};
use ttf_parser::Face;
use zfnet::pictures::rendering::Picture;
use zfnet::{Error, Result};

pub use self::pdf::pdf;
use crate::scene::{Item, Rectangle, Scene};
use crate::svg::{drawing, rgb};

/// Widest picture that is drawn of a scene.
const WIDEST: usize = 65_535;
/// Pixels of SVG in an inch.
const DENSITY: f32 = 96.0;
const FAMILY: &str = "Noto Sans SC";

/// The letters that come with us.
static OURS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(include_bytes!("../fonts/NotoSansSC-Regular.ttf").to_vec());
    fonts.load_font_data(include_bytes!("../fonts/NotoSansSC-Bold.ttf").to_vec());
    fonts.set_sans_serif_family(FAMILY);
    Arc::new(fonts)
});

/// The same, and those of the system, for letters that ours do not have.
static ALL: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::clone(&OURS);
    fonts.load_system_fonts();
    Arc::new(fonts)
});

/// Draws a scene so many pixels wide. Pictures come out in their own pixels where they are given so many, and lie on whole
/// pixels always.
///
/// # Errors
/// [`Error::OutOfRange`] for a width of 0 or above 65,535.
pub fn raster(scene: &Scene, width: usize) -> Result<Picture> {
    if !(1..=WIDEST).contains(&width) {
        let expected = format!("1 to {WIDEST}");
        return Err(Error::refused(
            "pixels of a figure's width",
            expected,
            width,
        ));
    }
    let scale = width as f64 / scene.width;
    let height = (scene.height * scale).round().max(1.0);
    let mut canvas = RgbImage::from_pixel(width as u32, height as u32, Rgb(scene.ground));
    for item in &scene.items {
        if let Item::Picture { picture, at, crisp } = item {
            lay(&mut canvas, picture, *at, scale, *crisp);
        }
    }
    let broken = || Error::Execution(format!("no pixels for a figure of {width} by {height}"));
    let below = Picture::from_rgb(&canvas);
    let size = IntSize::from_wh(canvas.width(), canvas.height());
    let pixmap = size.and_then(|size| Pixmap::from_vec(below.rgba, size));
    let mut pixmap = pixmap.ok_or_else(broken)?;
    let (fonts, lettered) = lettered(scene);
    let options = Options {
        fontdb: fonts,
        font_family: FAMILY.into(),
        dpi: DENSITY,
        ..Options::default()
    };
    let drawn = Tree::from_str(&drawing(&lettered)?, &options)
        .map_err(|error| Error::Execution(format!("no drawing: {error}")))?;
    let zoom = width as f32 / drawn.size().width();
    resvg::render(
        &drawn,
        Transform::from_scale(zoom, zoom),
        &mut pixmap.as_mut(),
    );
    Ok(Picture {
        width,
        height: height as usize,
        rgba: pixmap.take(),
    })
}

fn lay(canvas: &mut RgbImage, picture: &Picture, at: Rectangle, scale: f64, crisp: bool) {
    let pixel = |at: f64| (at * scale).round() as i64;
    let [left, top] = [pixel(at.left), pixel(at.top)];
    // Both edges are rounded, so that neighbours keep their distance.
    let [wide, high] = [
        pixel(at.left + at.width) - left,
        pixel(at.top + at.height) - top,
    ];
    if wide <= 0 || high <= 0 {
        return;
    }
    let Ok(opaque) = rgb(picture) else {
        return;
    };
    let filter = if crisp {
        FilterType::Nearest
    } else {
        FilterType::CatmullRom
    };
    let (wide, high) = (wide as u32, high as u32);
    let drawn = match opaque.dimensions() == (wide, high) {
        true => opaque,
        false => imageops::resize(&opaque, wide, high, filter),
    };
    imageops::replace(canvas, &drawn, left, top);
}

/// Fonts that have all letters of a scene; for a letter that no font has stands its number.
fn lettered(scene: &Scene) -> (Arc<Database>, Cow<'_, Scene>) {
    let letters = scene.texts().flat_map(str::chars);
    let letters: BTreeSet<char> = letters.filter(|letter| !letter.is_control()).collect();
    let ours = lacking(&OURS, &letters);
    match ours.is_empty() {
        true => (Arc::clone(&OURS), Cow::Borrowed(scene)),
        false => {
            let spelt = spelt(scene, &lacking(&ALL, &ours));
            (Arc::clone(&ALL), Cow::Owned(spelt))
        }
    }
}

/// Those of the letters that no font has.
fn lacking(fonts: &Database, letters: &BTreeSet<char>) -> BTreeSet<char> {
    let mut lacking = letters.clone();
    for face in fonts.faces() {
        fonts.with_face_data(face.id, |data, index| {
            if let Ok(face) = Face::parse(data, index) {
                lacking.retain(|letter| face.glyph_index(*letter).is_none());
            }
        });
    }
    lacking
}

/// The scene with numbers in place of some letters, rather than boxes.
fn spelt(scene: &Scene, letters: &BTreeSet<char>) -> Scene {
    let mut scene = scene.clone();
    for item in &mut scene.items {
        if let Item::Text { text, .. } = item {
            let spell = |letter| match letters.contains(&letter) {
                true => format!("[U+{:04X}]", u32::from(letter)),
                false => letter.into(),
            };
            *text = text.chars().map(spell).collect();
        }
    }
    scene
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::letters::extent;
    use crate::scene::{Anchor, INK};

    const FACES: [&[u8]; 2] = [
        include_bytes!("../fonts/NotoSansSC-Regular.ttf"),
        include_bytes!("../fonts/NotoSansSC-Bold.ttf"),
    ];

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder").flatten();
        let each = entries.flat_map(|entry| match entry.path() {
            folder if folder.is_dir() => files(&folder),
            file => vec![file],
        });
        each.collect()
    }

    fn saying(text: &str) -> Scene {
        let text = Item::Text {
            text: text.into(),
            at: [4.0, 30.0],
            anchor: Anchor::Left,
            size: 24.0,
            bold: false,
            colour: INK,
        };
        Scene {
            width: 200.0,
            height: 40.0,
            unit: crate::scene::Unit::Pixel,
            ground: [255; 3],
            items: vec![text],
        }
    }

    #[test]
    fn our_letters_have_every_word_of_the_figures_in_both_faces() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let files =
            [here.join("src"), here.join("../zfnet-words/words")].map(|folder| files(&folder));
        let texts = files.into_iter().flatten().map(fs::read_to_string);
        let texts: String = texts.map(|text| text.expect("a text")).collect();
        // What only the page says, it says in letters of the browser; a class or a name of any text may stand in a figure.
        let signs = "ᵀ\u{200b}‖↔↕⌘";
        let letters = texts.chars().filter(|letter| *letter > '\u{7f}');
        let letters: BTreeSet<char> = letters.filter(|letter| !signs.contains(*letter)).collect();
        assert!(letters.contains(&'层'));
        for face in FACES {
            let face = Face::parse(face, 0).expect("a font");
            let missing: String = { letters.iter() }
                .filter(|letter| face.glyph_index(**letter).is_none())
                .collect();
            assert_eq!(missing, "", "fonts/subset.py puts them in");
        }
    }

    #[test]
    fn words_are_as_wide_as_they_are_measured() {
        for (bold, face) in [false, true].into_iter().zip(FACES) {
            let face = Face::parse(face, 0).expect("a font");
            let em = f64::from(face.units_per_em());
            for letter in (' '..='~')
                .chain('\u{a0}'..='ÿ')
                .chain("–“”…→≈Ω层，".chars())
            {
                let glyph = face.glyph_index(letter).expect("a letter");
                let advance = f64::from(face.glyph_hor_advance(glyph).expect("a width")) / em;
                let measured = extent(&letter.to_string(), bold);
                assert!(
                    (advance - measured).abs() < 1e-3,
                    "{letter:?}: {advance}, {measured}"
                );
            }
        }
    }

    #[test]
    fn what_no_font_has_is_spelt_and_what_ours_have_needs_no_other() {
        let letters = |text: &str| text.chars().collect::<BTreeSet<_>>();
        assert!(lacking(&OURS, &letters("猫的眼睛 – conv5")).is_empty());
        let strange = lacking(&OURS, &letters("a\u{e000}"));
        assert_eq!(strange, letters("\u{e000}"));
        let spelt = spelt(&saying("a\u{e000}"), &strange);
        assert_eq!(spelt.texts().collect::<Vec<_>>(), ["a[U+E000]"]);
    }

    #[test]
    fn chinese_is_written_not_boxed() {
        let [one, other] = ["猫", "狗"].map(|text| raster(&saying(text), 200).expect("a word"));
        let ink = |picture: &Picture| {
            picture
                .rgba
                .chunks(4)
                .filter(|pixel| pixel[0] < 128)
                .count()
        };
        assert!(ink(&one) > 50 && ink(&other) > 50);
        assert_ne!(one, other, "boxes are all alike");
    }

    #[test]
    fn pictures_keep_their_pixels() {
        let pixels = (0..5 * 7).flat_map(|at| [at as u8 * 7, 255 - at as u8, 3, 255]);
        let picture = Picture {
            width: 7,
            height: 5,
            rgba: pixels.collect(),
        };
        let mut scene = saying("");
        scene.items.push(Item::Picture {
            picture: picture.clone(),
            at: Rectangle {
                left: 20.0,
                top: 10.0,
                width: 14.0,
                height: 10.0,
            },
            crisp: true,
        });
        let drawn = raster(&scene, 200).expect("a figure");
        let expected = picture.magnified(2);
        for row in 0..10 {
            let at = ((10 + row) * 200 + 20) * 4;
            assert_eq!(
                drawn.rgba[at..at + 56],
                expected.rgba[row * 56..][..56],
                "{row}"
            );
        }
    }
}
