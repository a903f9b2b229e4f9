use std::f32::consts::TAU;

use image::{Rgb, RgbImage};
use zfnet::Crop;
use zfnet::Photo;

use super::signal::{blurred, correlation, edges, extent, magnitude};
use super::*;
use crate::evaluation::tests::{noise, tiny};

const SEVEN: [usize; 2] = [7, 7];

fn filter(value: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    (0..49)
        .map(|at| value((at / 7) as f32, (at % 7) as f32))
        .collect()
}

fn whole([rows, cols]: [usize; 2]) -> Area {
    Area {
        from: [0, 0],
        to: [rows, cols],
    }
}

#[test]
fn gratings_are_high_blobs_are_low_and_mixtures_lie_between() {
    let grating = |cycles: f32| filter(|_, col| (TAU * cycles * col / 7.0).cos());
    let share = |values: &[f32]| high_frequencies(values, SEVEN).expect("there is energy");
    assert!(
        (share(&grating(3.0)) - 1.0).abs() < 1e-9,
        "3/7 cycles per pixel"
    );
    assert!(share(&grating(2.0)) < 1e-9, "2/7 cycles per pixel");
    // The limit is a distance: 2/7 along both axes is 0.40.
    let diagonal = filter(|row, col| (TAU * 2.0 * (row + col) / 7.0).cos());
    assert!((share(&diagonal) - 1.0).abs() < 1e-9);
    assert!(share(&filter(|_, _| 0.7)) < 1e-9, "one colour");
    let blob = filter(|row, col| (-((row - 3.0).powi(2) + (col - 3.0).powi(2)) / 8.0).exp());
    assert!(share(&blob) < 0.01, "{}", share(&blob));
    let both: Vec<f32> = [grating(3.0), grating(1.0)].concat();
    assert!(
        (share(&both) - 0.5).abs() < 1e-6,
        "equal energy, half of it high"
    );
    let mut next = noise(3);
    let white: Vec<f32> = (0..49 * 400).map(|_| next() - 0.5).collect();
    assert!(
        (share(&white) - 36.0 / 49.0).abs() < 0.02,
        "{}",
        share(&white)
    );
    assert_eq!(high_frequencies(&[0.0; 49], SEVEN), None);
}

#[test]
fn the_spectrum_keeps_the_energy() {
    let mut next = noise(4);
    let plane: Vec<f32> = (0..35).map(|_| next() - 0.5).collect();
    let [low, high] = signal::energies(&plane, [5, 7], LIMIT);
    let square: f64 = plane.iter().map(|v| f64::from(*v).powi(2)).sum();
    assert!(((low + high) / 35.0 - square).abs() < 1e-9, "Parseval");
}

#[test]
fn a_projection_like_the_edges_correlates_and_its_opposite_does_not() {
    let shape = [40, 50];
    let disc: Vec<f32> = (0..3 * 40 * 50)
        .map(|at| {
            let (row, col) = ((at % 2000 / 50) as f32, (at % 50) as f32);
            if (row - 20.0).hypot(col - 25.0) < 12.0 {
                200.0
            } else {
                30.0
            }
        })
        .collect();
    let edges = edges(&disc, shape);
    let found = |map: &[f32]| correlation(map, &edges, 50, whole(shape)).expect("both vary");
    assert!((found(&edges) - 1.0).abs() < 1e-9);
    let opposite: Vec<f32> = edges.iter().map(|v| 5.0 - v).collect();
    assert!((found(&opposite) + 1.0).abs() < 1e-9);
    assert!(found(&blurred(&edges, shape, BLUR)) > 0.7);
    let mut next = noise(8);
    let random: Vec<f32> = (0..2000).map(|_| next()).collect();
    assert!(found(&random).abs() < 0.1, "{}", found(&random));
    assert_eq!(correlation(&[1.0; 2000], &edges, 50, whole(shape)), None);
    // Inside the disc nothing varies, though around it much does.
    let inside = Area {
        from: [16, 21],
        to: [24, 29],
    };
    assert_eq!(correlation(&random, &edges, 50, inside), None);
}

#[test]
fn edges_are_of_every_colour_and_a_step_is_four_times_its_height() {
    // Red falls where green rises by as much: no edge of brightness, one of colour.
    let step = |high: bool| if high { 90.0 } else { 10.0 };
    let planes: Vec<f32> = (0..3 * 6 * 8)
        .map(|at| match at / 48 {
            0 => step(at % 8 < 4),
            1 => step(at % 8 >= 4),
            _ => 50.0,
        })
        .collect();
    let found = edges(&planes, [6, 8]);
    let expected = (2f32 * 320.0 * 320.0).sqrt();
    for row in found.chunks(8) {
        for (col, value) in row.iter().enumerate() {
            let here = if col == 3 || col == 4 { expected } else { 0.0 };
            assert!((value - here).abs() < 1e-3, "column {col}: {value}");
        }
    }
}

#[test]
fn blur_keeps_the_sum_and_spreads_it_as_far_as_it_says() {
    let shape = [41, 41];
    let mut point = vec![0f32; 41 * 41];
    point[20 * 41 + 20] = 1.0;
    let smooth = blurred(&point, shape, 2.0);
    let moment = |power: i32| -> f32 {
        let at = smooth.iter().enumerate();
        at.map(|(at, v)| v * ((at % 41) as f32 - 20.0).powi(power))
            .sum()
    };
    assert!((moment(0) - 1.0).abs() < 1e-5);
    assert!(moment(1).abs() < 1e-4);
    assert!(
        (moment(2).sqrt() - 2.0).abs() < 0.05,
        "{}",
        moment(2).sqrt()
    );
    assert!(
        blurred(&[3.0; 12], [3, 4], 2.0)
            .iter()
            .all(|v| (v - 3.0).abs() < 1e-5)
    );
}

#[test]
fn area_counts_the_fewest_pixels_that_hold_the_energy() {
    let shape = [10, 10];
    let mut map = vec![0f32; 100];
    assert_eq!(extent(&map, 10, whole(shape), HELD), None);
    map[42] = -3.0;
    assert_eq!(
        extent(&map, 10, whole(shape), HELD),
        Some(0.01),
        "one pixel"
    );
    assert_eq!(
        extent(&[2.0; 100], 10, whole(shape), HELD),
        Some(0.9),
        "all alike"
    );
    // Energies 9 and 1: the first alone holds nine tenths.
    map[43] = 1.0;
    assert_eq!(extent(&map, 10, whole(shape), HELD), Some(0.01));
    map[43] = 1.1;
    assert_eq!(extent(&map, 10, whole(shape), HELD), Some(0.02));
    let beside = Area {
        from: [4, 3],
        to: [6, 5],
    };
    assert_eq!(
        extent(&map, 10, beside, HELD),
        Some(0.25),
        "one pixel of four"
    );
    let channels = [map.clone(), map.iter().map(|v| 2.0 * v).collect()].concat();
    assert!((magnitude(&channels, shape)[42] - 45f32.sqrt()).abs() < 1e-5);
}

fn photographs(network: &Network) -> Vec<Prepared> {
    let mut next = noise(11);
    (0..3)
        .map(|_| {
            let [x0, y0] = [next(), next()].map(|v| v * 64.0);
            let rgb = RgbImage::from_fn(64, 64, |x, y| {
                let near = (x as f32 - x0).hypot(y as f32 - y0) < 20.0;
                Rgb(if near {
                    [240, 60, 30]
                } else {
                    [20, 90, (x * 3) as u8]
                })
            });
            Photo { rgb }
                .prepare(&network.model.input, Crop::Centre)
                .expect("the centre is inside")
        })
        .collect()
}

#[test]
fn a_network_is_measured_on_photographs() {
    let network = tiny();
    let photographs = photographs(&network);
    let found = measure(&network, &photographs).expect("photographs");
    assert_eq!(found.photographs, 3);
    assert_eq!(
        (found.filters.layer.as_str(), found.filters.count),
        ("conv1", 6)
    );
    assert_eq!(found.filters.negligible, [0; 0]);
    let share = found
        .filters
        .high_frequencies
        .expect("random filters have energy");
    assert!((0.2..1.0).contains(&share), "{share}");
    let layers: Vec<_> = found.projections.iter().map(|p| p.layer.as_str()).collect();
    assert_eq!(layers, ["conv2", "conv3"]);
    for projected in &found.projections {
        assert!((1..=3 * UNITS).contains(&projected.units));
        let correlation = projected.correlation.expect("there are edges");
        assert!((-1.0..=1.0).contains(&correlation));
        let area = projected.area.expect("there is energy");
        assert!(area > 0.0 && area < 0.9, "{area}");
    }
    assert_eq!(
        found.silent.iter().map(|s| s.maps).collect::<Vec<_>>(),
        [6, 8, 10]
    );
    let again = measure(&network, &photographs).expect("photographs");
    assert_eq!(found, again, "nothing is drawn by chance");
    assert!(measure(&network, []).is_err());
}

#[test]
fn dead_filters_are_named() {
    let network = tiny();
    let mut parameters = network.parameters().to_vec();
    // The third filter of conv1 is next to nothing and its bias keeps it silent; the fifth fires on nothing but has weights.
    if let Some(layer) = &mut parameters[0] {
        let mut factors = [1f32; 6];
        factors[2] = 1e-6;
        let mut biases = [0f32; 6];
        (biases[2], biases[4]) = (-1.0, -1e6);
        let device = network.device();
        let factors = burn::tensor::Tensor::<1>::from_floats(factors, device).reshape([6, 1]);
        let bias = burn::tensor::Tensor::<1>::from_floats(biases, device);
        *layer = layer.with(layer.rows() * factors, bias);
    }
    let network = network
        .with_parameters(parameters)
        .expect("the same shapes");
    let found = measure(&network, &photographs(&network)).expect("photographs");
    assert_eq!(found.filters.negligible, [2]);
    let silent = &found.silent[0].silent;
    assert!(silent.contains(&2) && silent.contains(&4), "{silent:?}");
    assert!(silent.len() < 6, "{silent:?}");
}
