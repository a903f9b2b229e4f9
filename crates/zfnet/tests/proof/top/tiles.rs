//! What is drawn of the winners.

use burn::tensor::Device;
use image::{Rgb, RgbImage};
use pollster::block_on;
use zfnet::deconvnet::tile::tiles;
use zfnet::geometry::view::View;
use zfnet::pictures::rendering::{self, Stretch};
use zfnet::{Prepared, ReluRule, Targets, project};

use super::{Golden, batches};

#[test]
fn a_tile_shows_all_of_a_projection_and_its_patch_the_same_pixels() {
    let golden = Golden::read(&Device::flex());
    let top = golden.looked(&batches(golden.pictures().len(), 8));
    let input = &golden.network.model.input;
    let size = input.side().expect("a square");
    let mut outside = 0;
    for won in top.wanted() {
        let trace = golden.trace(&top, &[won.picture]);
        let planes = golden.pictures().swap_remove(won.picture);
        let pixel = |x: u32, y: u32| {
            let at = y as usize * size + x as usize;
            Rgb([0, 1, 2].map(|channel| planes[channel * size * size + at] as u8))
        };
        let prepared = Prepared {
            rgb: RgbImage::from_fn(size as u32, size as u32, pixel),
            part: [0, 0, size as u32, size as u32],
        };
        for (layer, places) in &won.layers {
            let layer = &top.layers[*layer].layer;
            let planned = golden.network.layer(layer).expect("a layer");
            let units: Vec<_> = places.iter().map(|place| place.unit).collect();
            let rule = ReluRule::Deconvnet;
            let drawn = block_on(tiles(&golden.network, &trace, 0, layer, &units, rule));
            for (unit, tile) in units.iter().zip(drawn.expect("CPU")) {
                let targets = Targets::Units(layer.clone(), vec![*unit]);
                let projected = project(&golden.network, &trace, 0, &targets, rule);
                let projected = projected.expect("a unit");
                let frame = block_on(projected.on_whole_input([size; 2]));
                let frame = frame.expect("CPU").swap_remove(0);
                let View {
                    top: first,
                    left,
                    height,
                    width,
                } = tile.view;
                assert_eq!([height, width], View::size(planned.field, [size; 2]));
                let inside = |row: isize, col: isize| {
                    let side = 0..size as isize;
                    side.contains(&row) && side.contains(&col)
                };
                let mut cut = Vec::new();
                let mut energy = 0.0;
                for channel in 0..3 {
                    for row in first..first + height as isize {
                        for col in left..left + width as isize {
                            let value = match inside(row, col) {
                                true => {
                                    frame[(channel * size + row as usize) * size + col as usize]
                                }
                                false => 0.0,
                            };
                            outside += usize::from(!inside(row, col));
                            energy += value.abs();
                            cut.push(value);
                        }
                    }
                }
                let whole: f32 = frame.iter().map(|value| value.abs()).sum();
                assert!((whole - energy).abs() <= 1e-4 * whole, "{layer} {unit:?}");
                let (picture, scale) =
                    rendering::projection(&cut, [height, width], Stretch::Quantile, None);
                assert_eq!(tile.draw(input, Stretch::Quantile, None), (picture, scale));
                assert_eq!(tile.scale(), scale);
                let patch = prepared.patch(tile.view, input);
                for (x, y, found) in patch.enumerate_pixels() {
                    let (row, col) = (first + y as isize, left + x as isize);
                    let expected = match inside(row, col) {
                        true => *prepared.rgb.get_pixel(col as u32, row as u32),
                        false => Rgb([128; 3]),
                    };
                    assert_eq!(*found, expected);
                }
            }
        }
    }
    assert!(outside > 0, "some fields reach into the padding");
}
