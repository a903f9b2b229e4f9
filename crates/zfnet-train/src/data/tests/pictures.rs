//! What is done to one picture.

use zfnet::{Crop, Photo};

use super::super::augmentation::{add_noise, random_part};
use super::super::crops::write_ten;
use super::super::order::{Purpose, generator};
use super::super::scaling::{Part, scale};
use super::batches::input;
use super::*;

/// A picture whose red and green are the column and row within the 256 × 256 pixels in its middle.
fn coordinates() -> RgbImage {
    RgbImage::from_fn(256, 300, |x, y| Rgb([x as u8, y.wrapping_sub(22) as u8, 0]))
}

/// Column and row, in the square in the middle, of the first pixel of planes; and whether they run to the left.
fn origin(planes: &[f32], size: usize) -> [usize; 3] {
    let plane = size * size;
    let (red, green) = (&planes[..plane], &planes[plane..2 * plane]);
    let mirrored = red[0] > red[1];
    for row in 0..size {
        for column in 0..size {
            let step = if mirrored {
                -(column as f32)
            } else {
                column as f32
            };
            assert_eq!(red[row * size + column], red[0] + step);
            assert_eq!(green[row * size + column], green[0] + row as f32);
        }
    }
    [red[0] as usize, green[0] as usize, usize::from(mirrored)]
}

#[test]
fn the_ten_crops_are_those_of_the_paper() {
    let mut planes = vec![-1.0; 10 * 3 * 224 * 224];
    write_ten(&coordinates(), 224, &mut planes);
    let origins: Vec<_> = planes
        .chunks(3 * 224 * 224)
        .map(|crop| origin(crop, 224))
        .collect();
    let corners = [[0, 0], [32, 0], [0, 32], [32, 32], [16, 16]];
    let straight = corners.map(|[x, y]| [x, y, 0]);
    let mirrored = corners.map(|[x, y]| [x + 223, y, 1]);
    assert_eq!(origins, [straight, mirrored].concat());
}

#[test]
fn training_sees_the_pixels_that_are_asked_about() {
    for (width, height) in [(300, 450), (90, 61), (1000, 70)] {
        let photo = Photo {
            rgb: textured(width, height, 7),
        };
        let middle = photo.prepare(&input(224, 256), Crop::Centre).unwrap().rgb;
        let mut planes = vec![0.0; 10 * 3 * 224 * 224];
        write_ten(&photo.with_short_side(256), 224, &mut planes);
        for (at, pixel) in middle.pixels().enumerate() {
            let seen = [0, 1, 2].map(|plane| planes[(4 * 3 + plane) * 224 * 224 + at]);
            assert_eq!(seen, pixel.0.map(f32::from), "{width}×{height} at {at}");
        }

        let (left, top, size) = (5, 2, 51);
        let crop = Crop::Part {
            left,
            top,
            width: size,
        };
        let part = Part {
            left,
            top,
            width: size,
            height: size,
        };
        let asked = photo.prepare(&input(32, 32), crop).unwrap().rgb;
        assert!(scale(&photo.rgb, part, 32, 32) == asked, "{width}×{height}");
    }
}

#[test]
fn other_sizes_keep_the_proportion() {
    let picture = coordinates();
    let mut planes = vec![-1.0; 10 * 3 * 112 * 112];
    write_ten(&picture, 112, &mut planes);
    // The square is 128 then: a pixel is the mean of about two by two, and the last crop begins at 16 of it.
    let crops: Vec<_> = planes.chunks(3 * 112 * 112).collect();
    let at = 56 * 112 + 56;
    for (crop, column) in [(0, 56.0), (1, 72.0), (4, 64.0)] {
        let expected = column * 2.0 + 0.5;
        assert!(
            (crops[crop][at] - expected).abs() <= 1.0,
            "{}",
            crops[crop][at]
        );
    }
}

#[test]
fn training_takes_each_of_the_ten_crops_equally_often() {
    let picture = coordinates();
    let augmentation = Augmentation {
        flip: true,
        ..nothing(Cropping::TenCrop)
    };
    let mut counts = std::collections::BTreeMap::new();
    let mut planes = vec![0.0; 3 * 224 * 224];
    for place in 0..1000 {
        let mut random = generator(1, 0, place, Purpose::Augmentation);
        augmentation.write(&picture, 224, &mut random, &mut planes);
        let corner = |channel: usize, at: usize| planes[channel * 224 * 224 + at] as u8;
        *counts
            .entry([corner(0, 0), corner(0, 1), corner(1, 0)])
            .or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 10);
    // 100 each; five deviations are 47.
    assert!(
        counts.values().all(|&count| (53..148).contains(&count)),
        "{counts:?}"
    );
}

#[test]
fn a_random_part_has_the_area_and_aspect_asked_for() {
    let mut random = generator(3, 0, 0, Purpose::Augmentation);
    let (mut smallest, mut largest, mut wide) = (f32::MAX, 0f32, 0);
    for _ in 0..2000 {
        let part = random_part((300, 256), [0.2, 0.9], [0.5, 2.0], &mut random);
        assert!(part.left + part.width <= 300 && part.top + part.height <= 256);
        let area = (part.width * part.height) as f32 / (300.0 * 256.0);
        let aspect = part.width as f32 / part.height as f32;
        assert!((0.19..0.91).contains(&area) && (0.49..2.03).contains(&aspect));
        (smallest, largest) = (smallest.min(area), largest.max(area));
        wide += u32::from(aspect > 1.0);
    }
    assert!(smallest < 0.22 && largest > 0.8);
    assert!((700..1300).contains(&wide), "{wide}");
    // No part of a ribbon is that square: its middle, as square as it goes.
    let part = random_part((1000, 10), [0.5, 1.0], [0.75, 1.25], &mut random);
    assert_eq!(
        [part.left, part.top, part.width, part.height],
        [493, 0, 13, 10]
    );
}

#[test]
fn noise_has_the_deviation_asked_for_and_is_not_clipped() {
    let mut values = vec![0.0; 100_000];
    add_noise(
        &mut values,
        20.0,
        &mut generator(1, 2, 3, Purpose::Augmentation),
    );
    let (mean, deviation) = moments(&values);
    assert!(
        mean.abs() < 0.4 && (deviation - 20.0).abs() < 0.3,
        "{mean} {deviation}"
    );

    let black = RgbImage::new(64, 64);
    let augmentation = Augmentation {
        noise: 20.0,
        ..nothing(Cropping::TenCrop)
    };
    let mut planes = vec![0.0; 3 * 56 * 56];
    let deviations: Vec<f64> = (0..200)
        .map(|place| {
            let mut random = generator(1, 0, place, Purpose::Augmentation);
            augmentation.write(&black, 56, &mut random, &mut planes);
            moments(&planes).1
        })
        .collect();
    let mean = deviations.iter().sum::<f64>() / 200.0;
    assert!((mean - 10.0).abs() < 1.5, "{mean}");
    assert!(deviations.iter().all(|&deviation| deviation < 20.6));
    assert!(planes.iter().any(|&value| value < 0.0));
}

fn moments(values: &[f32]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let square = values
        .iter()
        .map(|&v| (f64::from(v) - mean).powi(2))
        .sum::<f64>()
        / count;
    (mean, square.sqrt())
}

#[test]
fn each_change_of_colour_changes_what_it_says() {
    let picture = RgbImage::from_fn(64, 64, |x, _| match x % 2 {
        0 => Rgb([120, 100, 80]),
        _ => Rgb([80, 100, 120]),
    });
    let changed = |colour: Colour, place: u64| {
        let augmentation = Augmentation {
            colour,
            ..nothing(Cropping::TenCrop)
        };
        let mut planes = vec![0.0; 3 * 56 * 56];
        let mut random = generator(1, 0, place, Purpose::Augmentation);
        augmentation.write(&picture, 56, &mut random, &mut planes);
        let pixel = |at: usize| [0, 1, 2].map(|channel| planes[channel * 56 * 56 + at]);
        [pixel(0), pixel(1)]
    };
    let lightness = |[r, g, b]: [f32; 3]| 0.299 * r + 0.587 * g + 0.114 * b;
    let before = changed(Colour::default(), 0);
    let mut factors = Vec::new();
    for place in 0..300 {
        let off = Colour::default();
        let [first, second] = changed(
            Colour {
                brightness: 0.3,
                ..off
            },
            place,
        );
        let factor = first[0] / before[0][0];
        assert!((second[2] / before[1][2] - factor).abs() < 1e-4);
        factors.push(factor);

        let [first, second] = changed(
            Colour {
                contrast: 0.3,
                ..off
            },
            place,
        );
        let middle = (lightness(before[0]) + lightness(before[1])) / 2.0;
        let factor = (first[0] - middle) / (before[0][0] - middle);
        assert!(((second[0] - middle) / (before[1][0] - middle) - factor).abs() < 1e-3);
        factors.push(factor);

        let [first, _] = changed(
            Colour {
                saturation: 0.3,
                ..off
            },
            place,
        );
        assert!((lightness(first) - lightness(before[0])).abs() < 1e-3);
        factors.push((first[0] - first[2]) / (before[0][0] - before[0][2]));
    }
    let extreme = |f: fn(f32, f32) -> f32| factors.iter().copied().reduce(f).unwrap();
    let (low, high) = (extreme(f32::min), extreme(f32::max));
    assert!(
        (0.699..0.72).contains(&low) && (1.28..1.301).contains(&high),
        "{low} {high}"
    );
}

type Change = fn(&mut Augmentation);

#[test]
fn values_that_make_no_augmentation_are_named() {
    assert!(everything().check().is_ok());
    let wrong: [(&str, Change); 5] = [
        ("area", |a| {
            a.cropping = Cropping::Resized {
                area: [0.5, 0.2],
                aspect: [1.0, 1.0],
            };
        }),
        ("aspect", |a| {
            a.cropping = Cropping::Resized {
                area: [0.2, 1.0],
                aspect: [0.0, 1.0],
            };
        }),
        ("saturation", |a| a.colour.saturation = 1.5),
        ("brightness", |a| a.colour.brightness = f32::NAN),
        ("noise", |a| a.noise = -1.0),
    ];
    for (what, change) in wrong {
        let mut augmentation = everything();
        change(&mut augmentation);
        let message = augmentation.check().unwrap_err().to_string();
        assert!(
            message.starts_with(&format!("augmentation: {what}: ")),
            "{message}"
        );
    }
}
