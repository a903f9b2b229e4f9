//! The poster: everything lies on the paper and apart, and the files are whole.

#![cfg(feature = "print")]

use image::RgbImage;
use zfnet::experiments::paper::hierarchy::Band;
use zfnet::pictures::rendering::Picture;
use zfnet_figures::poster::{Words, poster};
use zfnet_figures::print::{pdf, raster};
use zfnet_figures::scene::{Item, Rectangle};
use zfnet_figures::{Scene, svg};

fn bands(counts: &[usize]) -> Vec<Band> {
    let each = counts.iter().enumerate();
    each.map(|(at, count)| Band {
        layer: format!("conv{}", at + 1),
        maps: (0..*count).collect(),
    })
    .collect()
}

fn words() -> Words {
    Words {
        title: "Edges & <objects>".into(),
        bands: vec!["first".into()],
        caption: vec!["a (net)".into(), "what it – 猫 – says".into()],
    }
}

fn pictures_of(scene: &Scene) -> Vec<(usize, Rectangle)> {
    let items = scene.items.iter();
    let pictures = items.filter_map(|item| match item {
        Item::Picture { picture, at, .. } => Some((
            usize::from(picture.rgba[0]) + 256 * usize::from(picture.rgba[1]),
            *at,
        )),
        _ => None,
    });
    pictures.collect()
}

/// Pictures that can be told apart: their number is their red and green.
fn plain(count: usize) -> Vec<Picture> {
    let shade = |at: usize| image::Rgb([(at % 256) as u8, (at / 256) as u8, 200]);
    let picture = |at| Picture::from_rgb(&RgbImage::from_pixel(3, 3, shade(at)));
    (0..count).map(picture).collect()
}

fn drawn(counts: &[usize]) -> Scene {
    let pictures = plain(1 + counts.iter().sum::<usize>());
    poster(&bands(counts), &words(), pictures).expect("there are enough pictures")
}

#[test]
fn everything_lies_on_the_paper_and_apart_and_grows_upwards() {
    for counts in [
        vec![60, 28, 18, 6, 4],
        vec![9; 5],
        vec![7, 3],
        vec![300; 5],
        vec![1],
        vec![],
    ] {
        let layout = drawn(&counts);
        let pictures = pictures_of(&layout);
        let mut numbers: Vec<_> = pictures.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..=counts.iter().sum()).collect::<Vec<_>>());
        for (at, (_, a)) in pictures.iter().enumerate() {
            assert!(
                a.left >= 29.9 && a.left + a.width <= layout.width - 29.9,
                "{counts:?}: {a:?}"
            );
            assert!(
                a.top >= 31.9 && a.top + a.height <= layout.height - 31.9,
                "{counts:?}: {a:?}"
            );
            assert!(
                (a.width - a.height).abs() < 1e-9 && a.width > 0.1,
                "{counts:?}: {a:?}"
            );
            for (_, b) in &pictures[..at] {
                let beside = a.left + a.width <= b.left || b.left + b.width <= a.left;
                let above = a.top + a.height <= b.top || b.top + b.height <= a.top;
                assert!(beside || above, "{counts:?}: {a:?} {b:?}");
            }
        }
        let of = |number: usize| {
            pictures
                .iter()
                .find(|(at, _)| *at == number)
                .map(|(_, at)| *at)
        };
        let firsts = counts.iter().scan(1, |next, count| {
            let first = *next;
            *next += count;
            of(first)
        });
        let firsts: Vec<_> = firsts.collect();
        let photograph = of(0).expect("a photograph");
        for pair in firsts.windows(2) {
            assert!(
                pair[0].width < pair[1].width,
                "a higher layer has larger tiles"
            );
            assert!(pair[0].top > pair[1].top, "and lies higher");
        }
        assert!(firsts.iter().all(|tile| tile.top < photograph.top));
        for item in &layout.items {
            if let Item::Text {
                at: [left, baseline],
                size,
                ..
            } = item
            {
                assert!(
                    *left >= 29.9 && *baseline - size > 20.0 && *baseline < layout.height - 29.0
                );
            }
        }
    }
}

#[test]
fn an_svg_holds_all_pictures_and_its_text_means_nothing_to_xml() {
    let scene = drawn(&[4, 2]);
    let file = svg(&scene).expect("a poster");
    assert_eq!(file.matches("<image ").count(), 7);
    let data = "href=\"data:image/png;base64,iVBORw0KGgo";
    assert_eq!(file.matches(data).count(), 7);
    assert!(file.contains(">Edges &amp; &lt;objects&gt;</text>"));
    assert!(file.contains("猫") && file.ends_with("</svg>\n"));
    assert!(file.starts_with("<svg ") && file.contains("width=\"420mm\" height=\"594mm\""));
    assert_eq!(file, svg(&scene).expect("again"));
    let missing = poster(&bands(&[4, 2]), &words(), plain(6)).expect_err("one is missing");
    assert!(
        missing.to_string().contains("pictures of the poster"),
        "{missing}"
    );
}

#[test]
fn a_pdf_has_the_paper_s_size_its_pictures_and_letters_of_its_own() {
    let scene = drawn(&[4, 2]);
    let file = pdf(&scene).expect("a poster");
    assert!(file == pdf(&scene).expect("again"), "the same bytes");
    assert!(file.starts_with(b"%PDF-1.") && file.trim_ascii_end().ends_with(b"%%EOF"));
    let text = String::from_utf8_lossy(&file);
    let count = |part: &str| text.matches(part).count();
    assert_eq!(count("/Subtype/Image") + count("/Subtype /Image"), 7);
    assert!(
        text.contains("1190.5") && text.contains("1683.7"),
        "A2 in points"
    );
    // Regular and bold, as far as they are used.
    assert!(count("/FontFile2") >= 2 && count("NotoSansSC") >= 2);
    assert!(file.len() < 200_000, "{} bytes", file.len());
}

#[test]
fn a_raster_shows_each_picture_in_its_place() {
    let scene = drawn(&[4, 2]);
    let poster = raster(&scene, 840).expect("it can be drawn");
    assert_eq!((poster.width, poster.height), (840, 1188));
    let pixel = |x: f64, y: f64| {
        let at = ((2.0 * y) as usize * poster.width + (2.0 * x) as usize) * 4;
        poster.rgba[at..at + 3].to_vec()
    };
    for (number, at) in pictures_of(&scene) {
        let middle = pixel(at.left + at.width / 2.0, at.top + at.height / 2.0);
        assert_eq!(middle, [number as u8, 0, 200], "picture {number}");
    }
    assert_eq!(pixel(5.0, 5.0), scene.ground);
    assert!(poster.rgba.chunks(4).all(|pixel| pixel[3] == 255));
    for item in &scene.items {
        if let Item::Text {
            text,
            at: [left, baseline],
            size,
            ..
        } = item
        {
            let across = (0..400).map(|step| left + size * f64::from(step) / 400.0);
            let ink =
                across.flat_map(|x| [0.2, 0.4, 0.6].map(|up| pixel(x, baseline - size * up)[0]));
            assert!(ink.min() < Some(200), "{text:?} is written");
        }
    }
    for width in [0, 1_000_000] {
        assert!(raster(&scene, width).is_err());
    }
}
