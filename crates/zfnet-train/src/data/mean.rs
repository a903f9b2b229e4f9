//! The mean picture (paper section 3: "subtracting the per-pixel mean (across all images)").

use super::ahead::panicked;
use super::cache::Cache;
use super::crops::{outer_side, outer_square, places};
use super::folder::Sample;
use super::loader::no_picture;
use crate::{Error, Result};

/// Sums of a thread's pictures, how many there were, and the last complaint.
type Sums = (Vec<u64>, u64, Option<Error>);

/// The mean of all pictures, pixel by pixel, each cut to the crop in its middle as for [`super::Crops::Ten`].
///
/// Broken files are left out. The sums are whole numbers, so the number of threads changes nothing.
///
/// # Shapes
/// Returns `[3, size, size]`: planes of red, green and blue, from 0 to 255.
///
/// # Errors
/// [`Error::Input`] when no file can be read, [`Error::Thread`] when a thread panicked.
pub fn mean(samples: &[Sample], cache: &Cache, size: usize, workers: usize) -> Result<Vec<f32>> {
    let share = samples.len().div_ceil(workers.max(1)).max(1);
    let parts = std::thread::scope(|scope| {
        let threads: Vec<_> = samples
            .chunks(share)
            .map(|share| scope.spawn(move || sums(share, cache, size)))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|sums| sums.map_err(|panic| panicked(panic.as_ref())))
            .collect::<Result<Vec<Sums>>>()
    })?;
    let mut total = vec![0u64; 3 * size * size];
    let (mut pictures, mut last) = (0, None);
    for (sums, count, error) in parts {
        for (total, sum) in total.iter_mut().zip(sums) {
            *total += sum;
        }
        pictures += count;
        last = error.or(last);
    }
    if pictures == 0 {
        return Err(no_picture(samples.len(), last));
    }
    let mean = total
        .iter()
        .map(|&sum| (sum as f64 / pictures as f64) as f32);
    Ok(mean.collect())
}

fn sums(samples: &[Sample], cache: &Cache, size: usize) -> Sums {
    let centre = places(outer_side(size), size)[4];
    let mut sums = vec![0u64; 3 * size * size];
    let (mut pictures, mut last) = (0, None);
    for sample in samples {
        match cache.get(&sample.path) {
            Ok(picture) => {
                let square = outer_square(&picture, size);
                let rows = square.rows();
                let rows = rows.skip(centre.top as usize).take(size);
                let pixels = rows.flat_map(|row| row.skip(centre.left as usize).take(size));
                for (at, pixel) in pixels.enumerate() {
                    for (channel, &value) in pixel.0.iter().enumerate() {
                        sums[channel * size * size + at] += u64::from(value);
                    }
                }
                pictures += 1;
            }
            Err(error) => last = Some(error),
        }
    }
    (sums, pictures, last)
}
