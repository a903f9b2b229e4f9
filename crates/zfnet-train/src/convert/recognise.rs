//! Which network a state dict is of.

use zfnet::network::architecture::Op;

use super::layout::Layout;
use super::state_dict::StateDict;
use crate::{Error, Result};

/// As many names as this may be missing or too many before the file is taken for another network: two layers' worth.
pub(super) const NEAR: usize = 4;

/// How many names are missing or too many.
pub(super) fn difference(layout: Layout, state: &StateDict<'_>) -> usize {
    let keys = layout.keys();
    let there = keys.iter().filter(|key| state.shape(key).is_some()).count();
    (keys.len() - there) + (state.names().count() - there)
}

/// The layout whose names fit best, and whose filters and maps are these.
pub(super) fn recognised(state: &StateDict<'_>) -> Result<Layout> {
    let least = Layout::ALL.map(|layout| difference(layout, state));
    let least = least.into_iter().min().unwrap_or(usize::MAX);
    if least > NEAR {
        return Err(unknown(state, &Layout::ALL));
    }
    let mut fitting = Layout::ALL.to_vec();
    fitting.retain(|layout| difference(*layout, state) == least);
    let first = fitting[0].keys().swap_remove(0);
    let Some(shape) = state.shape(&first).filter(|_| fitting.len() > 1) else {
        return Ok(fitting[0]);
    };
    let mut sides: Vec<_> = fitting
        .iter()
        .map(|layout| layout.published().0.to_string())
        .collect();
    sides.dedup();
    fitting.retain(|layout| shape.get(2..) == Some(&[layout.published().0; 2]));
    let widths: Vec<usize> = fitting
        .first()
        .map(|layout| layout.rows())
        .unwrap_or_default()
        .iter()
        .filter(|row| matches!(row.layer.op, Op::Conv(_)))
        .filter_map(|row| {
            state
                .shape(&format!("{}.weight", row.key.as_ref()?))?
                .first()
        })
        .copied()
        .collect();
    match fitting.as_slice() {
        [] => Err(Error::input(
            format!("{}: tensor {first}", state.file()),
            format!("filters of {} pixels a side", sides.join(" or ")),
            format!("shape {shape:?}"),
        )),
        [only] => Ok(*only),
        several => several
            .iter()
            .find(|layout| layout.published().1 == widths)
            .copied()
            .ok_or_else(|| {
                let known: Vec<_> = several
                    .iter()
                    .map(|layout| format!("{} with {:?}", layout.name(), layout.published().1))
                    .collect();
                Error::input(
                    format!("{}: numbers of maps", state.file()),
                    format!("{}, or --layout to say which", known.join(" or ")),
                    format!("{widths:?}"),
                )
            }),
    }
}

/// The complaint about a file whose names are not those that were expected.
pub(super) fn unknown(state: &StateDict<'_>, expected: &[Layout]) -> Error {
    let described = expected.iter().map(|layout| {
        let keys = layout.keys();
        format!("{} ({}, …)", layout.name(), keys[..2].join(", "))
    });
    let few: Vec<_> = state.names().take(4).collect();
    let all = state.names().count();
    let dots = if all > few.len() { ", …" } else { "" };
    Error::input(
        state.file(),
        format!(
            "the keys of {}{}",
            if expected.len() > 1 { "one of " } else { "" },
            described.collect::<Vec<_>>().join(", ")
        ),
        format!("{}{dots} ({all} in all)", few.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use zfnet::network::architecture::Conv;

    use safetensors::tensor::{Dtype, TensorView, serialize};
    use zfnet::network::architecture::Op;

    use super::{Layout, StateDict, recognised};

    /// The tensors of a layout with so many maps, one unit in every dense layer, and zeros for numbers.
    fn state(layout: Layout, widths: &[usize], side: Option<usize>) -> Vec<u8> {
        let mut maps = 3;
        let mut widths = widths.iter();
        let mut tensors = Vec::new();
        for row in layout.rows() {
            let Some(key) = row.key else { continue };
            let weight = match row.layer.op {
                Op::Conv(Conv { kernel, .. }) => {
                    let out = *widths.next().expect("a width for each convolution");
                    let side = side.unwrap_or(kernel[0]);
                    vec![out, std::mem::replace(&mut maps, out), side, side]
                }
                _ => vec![1, 1],
            };
            tensors.push((format!("{key}.bias"), vec![weight[0]]));
            tensors.push((format!("{key}.weight"), weight));
        }
        let zeros = vec![0; 2 * 512 * 512 * 9];
        let views = tensors.iter().map(|(name, shape)| {
            let bytes = &zeros[..2 * shape.iter().product::<usize>()];
            let view = TensorView::new(Dtype::F16, shape.clone(), bytes);
            (name, view.expect("as many numbers"))
        });
        serialize(views, None).expect("a file")
    }

    fn read(file: &[u8]) -> crate::Result<Layout> {
        recognised(&StateDict::read(
            Path::new("x.pth"),
            file,
            &Layout::every_key(),
        )?)
    }

    #[test]
    fn published_networks_are_recognised() {
        for layout in Layout::ALL {
            let (_, widths) = layout.published();
            let found = read(&state(layout, widths, None)).expect("a layout");
            assert_eq!(found, layout);
        }
        let wide = [96, 256, 512, 1024, 512].map(|maps| maps / 8);
        let zfnetb = read(&state(Layout::PytorchcvZfnet, &wide, None));
        assert_eq!(zfnetb.expect("zfnetb in small"), Layout::PytorchcvZfnet);
    }

    #[test]
    fn what_cannot_be_told_apart_is_asked_for() {
        let message = |layout, side| {
            let file = state(layout, &[4, 5, 6, 7, 8], side);
            read(&file).expect_err("not recognised").to_string()
        };
        let widths = message(Layout::PytorchcvAlexnet, None);
        assert!(widths.contains("--layout"), "{widths}");
        assert!(widths.ends_with("found [4, 5, 6, 7, 8]"), "{widths}");
        let side = message(Layout::PytorchcvAlexnet, Some(5));
        assert!(
            side.contains("expected filters of 7 or 11 pixels a side"),
            "{side}"
        );
        assert!(side.ends_with("found shape [4, 3, 5, 5]"), "{side}");
    }
}
