//! What methods are compared by, on numbers that can be worked out by hand.

use zfnet::experiments::since::attribution::{Attribution, Method};

use super::asked;
use super::asking::the_case;

#[test]
fn likeness_is_the_correlation_of_what_is_drawn() {
    let (network, trace, class) = the_case();
    let guided = asked(&network, &trace, class, &Method::GuidedBackprop);
    let slope = asked(&network, &trace, class, &Method::Saliency);
    let near = |found: Option<f64>, expected: f64| {
        let found = found.expect("uneven numbers");
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    };
    near(guided.likeness(&guided), 1.0);
    let scaled = |factor: f32| Attribution {
        values: slope.values.iter().map(|value| value * factor).collect(),
        ..slope.clone()
    };
    near(slope.likeness(&scaled(-3.0)), 1.0);
    // Four places by hand: (1, 2, 4, 5) against (2, 1, 5, 4), deviations (-2, -1, 1, 2) and (-1, -2, 2, 1).
    let map = |values: [f32; 4]| Attribution {
        method: Method::Cam,
        shape: [1, 2, 2],
        values: values.into(),
        ..slope.clone()
    };
    let first = map([1.0, 2.0, 4.0, 5.0]);
    near(first.likeness(&map([2.0, 1.0, 5.0, 4.0])), 0.8);
    near(first.likeness(&map([5.0, 4.0, 2.0, 1.0])), -1.0);
    assert_eq!(first.likeness(&map([3.0; 4])), None, "the same everywhere");
    assert_eq!(first.likeness(&slope), None, "another size");
}

#[test]
fn half_of_the_energy_lies_where_it_is_drawn() {
    let (network, trace, class) = the_case();
    let mut found = asked(&network, &trace, class, &Method::Saliency);
    let [channels, rows, cols] = found.shape;
    found.values = vec![1.0; channels * rows * cols];
    let even = found.half_of_the_energy();
    assert!((even - 0.5).abs() <= 1.0 / (rows * cols) as f64, "{even}");
    found.values = vec![0.0; channels * rows * cols];
    assert_eq!(found.half_of_the_energy(), 0.0);
    found.values[7] = -3.0;
    assert_eq!(found.half_of_the_energy(), 1.0 / (rows * cols) as f64);
}
