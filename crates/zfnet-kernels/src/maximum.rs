//! The largest number of each map, and its place.

/// Numbers that are compared side by side.
const LANES: usize = 16;

/// The largest number of every map of `places` numbers, and the first place that has it; `None` where one is no number.
pub fn strongest(x: &[f32], places: usize) -> Option<Vec<(f32, usize)>> {
    x.chunks_exact(places).map(of_map).collect()
}

fn of_map(map: &[f32]) -> Option<(f32, usize)> {
    let (chunks, rest) = map.as_chunks::<LANES>();
    let mut most = [f32::NEG_INFINITY; LANES];
    let mut is_none = [false; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            let value = chunk[lane];
            most[lane] = if value > most[lane] {
                value
            } else {
                most[lane]
            };
            is_none[lane] |= value.is_nan();
        }
    }
    if is_none.contains(&true) || rest.iter().any(|value| value.is_nan()) {
        return None;
    }
    let most = most
        .iter()
        .chain(rest)
        .copied()
        .fold(f32::NEG_INFINITY, f32::max);
    // All of a chunk at once: to leave at the first that is equal would be to look at one number at a time.
    let has = |chunk: &[f32; LANES]| {
        chunk
            .iter()
            .fold(false, |found, value| found | (*value == most))
    };
    let from = LANES * chunks.iter().position(has).unwrap_or(chunks.len());
    let place = map[from..].iter().position(|value| *value == most);
    Some((most, from + place.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::strongest;

    #[test]
    fn the_first_of_equal_ones_is_found_wherever_it_is() {
        for length in [1, 7, 16, 17, 40, 64] {
            for place in 0..length {
                let mut map = vec![-1.5; length];
                map[place..].fill(2.5);
                assert_eq!(
                    strongest(&map, length),
                    Some(vec![(2.5, place)]),
                    "{length}"
                );
                map[place..].fill(-1.5);
                map[place] = f32::INFINITY;
                assert_eq!(strongest(&map, length), Some(vec![(f32::INFINITY, place)]));
                map[place] = f32::NAN;
                assert_eq!(strongest(&map, length), None);
            }
        }
        let silent = vec![f32::NEG_INFINITY; 20];
        assert_eq!(strongest(&silent, 20), Some(vec![(f32::NEG_INFINITY, 0)]));
        let two = [1.0, 3.0, 3.0, -0.0, -2.0, 0.0];
        assert_eq!(strongest(&two, 3), Some(vec![(3.0, 1), (-0.0, 0)]));
    }
}
