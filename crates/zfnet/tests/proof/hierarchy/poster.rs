//! The poster: everything lies on the paper and apart, and the files are whole.

use image::RgbImage;
use zfnet::analysis::hierarchy::{Band, Item, Layout, Rectangle, Words, layout, pdf, raster, svg};
use zfnet::rendering::Picture;

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

fn pictures_of(layout: &Layout) -> Vec<(usize, Rectangle)> {
    let items = layout.items.iter();
    let pictures = items.filter_map(|item| match item {
        Item::Picture { number, at } => Some((*number, *at)),
        _ => None,
    });
    pictures.collect()
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
        let layout = layout(&bands(&counts), &words());
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
                left,
                baseline,
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

fn plain(count: usize) -> Vec<Picture> {
    let shade = |at: usize| image::Rgb([at as u8, 200, 10]);
    let picture = |at| Picture::from_rgb(&RgbImage::from_pixel(3, 3, shade(at)));
    (0..count).map(picture).collect()
}

#[test]
fn an_svg_holds_all_pictures_and_its_text_means_nothing_to_xml() {
    let layout = layout(&bands(&[4, 2]), &words());
    let file = svg(&layout, &plain(7)).expect("there are enough pictures");
    assert_eq!(file.matches("<image ").count(), 7);
    assert_eq!(
        file.matches("href=\"data:image/png;base64,iVBORw0KGgo")
            .count(),
        7
    );
    assert!(file.contains(">Edges &amp; &lt;objects&gt;</text>"));
    assert!(file.contains("猫") && file.ends_with("</svg>\n"));
    assert!(file.starts_with("<svg ") && file.contains("width=\"420mm\" height=\"594mm\""));
    assert_eq!(file, svg(&layout, &plain(7)).expect("again"));
    let message = svg(&layout, &plain(6))
        .expect_err("one is missing")
        .to_string();
    assert!(message.contains("picture of the poster"), "{message}");
}

#[test]
fn a_pdf_is_whole_and_every_object_is_where_its_table_says() {
    let layout = layout(&bands(&[4, 2]), &words());
    let file = pdf(&layout, &plain(7)).expect("there are enough pictures");
    assert_eq!(
        file,
        pdf(&layout, &plain(7)).expect("again"),
        "the same bytes"
    );
    let find = |part: &[u8], from: usize| {
        let at = file[from..]
            .windows(part.len())
            .position(|window| window == part);
        from + at.unwrap_or_else(|| panic!("no {:?}", String::from_utf8_lossy(part)))
    };
    assert!(file.starts_with(b"%PDF-1.4\n") && file.ends_with(b"%%EOF\n"));
    let text = |from: usize, to: usize| String::from_utf8_lossy(&file[from..to]).into_owned();
    let start = find(b"startxref\n", 0) + 10;
    let table: usize = text(start, find(b"\n", start)).parse().expect("a number");
    let table = text(table, start);
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("xref"));
    let count: usize = lines
        .next()
        .and_then(|line| line.strip_prefix("0 "))
        .expect("a count")
        .parse()
        .expect("a number");
    // Six objects and seven pictures, and the one that is always free.
    assert_eq!(count, 14);
    let mut images = 0;
    for (number, line) in lines.take(count).enumerate() {
        assert_eq!(line.len(), 19, "twenty bytes with the end of the line");
        if number == 0 {
            continue;
        }
        let at: usize = line[..10].parse().expect("a number");
        let end = find(b"\nendobj\n", at);
        let head = format!("{number} 0 obj\n");
        assert_eq!(text(at, at + head.len()), head);
        let object = text(at, end);
        images += usize::from(object.contains("/Subtype /Image"));
        if let Some(length) = object.split("/Length ").nth(1) {
            let length: usize = length
                .split(' ')
                .next()
                .expect("a number")
                .parse()
                .expect("a number");
            let begin = find(b"stream\n", at) + 7;
            assert_eq!(begin + length, end - "\nendstream".len(), "object {number}");
        }
    }
    assert_eq!(images, 7);
    find(b"(a \\(net\\)) Tj", 0);
    find(b"(what it \x96 ? \x96 says) Tj", 0);
}

#[test]
fn a_raster_shows_each_picture_in_its_place() {
    let layout = layout(&bands(&[4, 2]), &words());
    let pictures = plain(7);
    let poster = raster(&layout, &pictures, 840).expect("it can be drawn");
    assert_eq!((poster.width, poster.height), (840, 1188));
    let pixel = |x: f64, y: f64| {
        let at = ((2.0 * y) as usize * poster.width + (2.0 * x) as usize) * 4;
        poster.rgba[at..at + 3].to_vec()
    };
    for (number, at) in pictures_of(&layout) {
        let middle = pixel(at.left + at.width / 2.0, at.top + at.height / 2.0);
        assert_eq!(middle, pictures[number].rgba[..3], "picture {number}");
    }
    assert_eq!(pixel(5.0, 5.0), layout.ground);
    let dark = |(left, baseline, size): (f64, f64, f64)| {
        let across = (0..40).map(|step| left + f64::from(step) * size / 40.0);
        across
            .filter(|x| pixel(*x, baseline - size * 0.3)[0] < 128)
            .count()
    };
    let title = layout.items.iter().find_map(|item| match item {
        Item::Text {
            left,
            baseline,
            size,
            ..
        } => Some((*left, *baseline, *size)),
        _ => None,
    });
    assert!(
        dark(title.expect("a title")) > 0,
        "its first letter has ink"
    );
    for width in [0, 1_000_000] {
        assert!(raster(&layout, &pictures, width).is_err());
    }
}
