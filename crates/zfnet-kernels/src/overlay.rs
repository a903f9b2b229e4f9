//! Windows on a layer's maps, with other numbers laid over them: copies of runs, in one pass.

use crate::pairs::Window;
use crate::threads;

/// What `windows` on maps `[maps, rows, cols]` hold, `[targets, maps, window rows, window cols]`, each with its part of `values` laid
/// over it, which lie on the windows `at` of the same frame and mean nothing outside that; out there is `outside`.
pub(crate) fn overlaid(
    maps: &[f32],
    windows: &[Window],
    values: &[f32],
    at: &[Window],
    outside: f32,
) -> Vec<f32> {
    let places = |window: &Window| window.size[0] * window.size[1];
    let count = windows.len();
    let frame = Window {
        origin: [0, 0],
        size: windows[0].frame,
        ..windows[0]
    };
    let whole = maps.len() / places(&frame) * places(&windows[0]);
    let mut out = vec![outside; count * whole];
    let parts = out.chunks_exact_mut(whole).enumerate().collect();
    threads::each(parts, |(target, out): (usize, &mut [f32])| {
        let own = &values[target * (values.len() / count)..][..values.len() / count];
        lay(maps, &frame, out, &windows[target]);
        lay(own, &at[target], out, &windows[target]);
    });
    out
}

/// Copies one window's numbers to where they lie in another, map by map, as far as that is in the frame.
fn lay(from: &[f32], at: &Window, onto: &mut [f32], window: &Window) {
    let common = |axis: usize| {
        let end = |window: &Window| window.origin[axis] + window.size[axis] as isize;
        let first = at.origin[axis].max(window.origin[axis]).max(0);
        let last = end(at).min(end(window)).min(at.frame[axis] as isize);
        first..last.max(first)
    };
    let (rows, cols) = (common(0), common(1));
    let length = cols.clone().count();
    if length == 0 {
        return;
    }
    let place = |window: &Window, row: isize| {
        let [row, col] = [row - window.origin[0], cols.start - window.origin[1]];
        row as usize * window.size[1] + col as usize
    };
    let maps = from.chunks_exact(at.size[0] * at.size[1]);
    for (from, onto) in maps.zip(onto.chunks_exact_mut(window.size[0] * window.size[1])) {
        for row in rows.clone() {
            let run = &from[place(at, row)..][..length];
            onto[place(window, row)..][..length].copy_from_slice(run);
        }
    }
}
