//! `zf-lens filters`: the first layer's filters as pictures.

use std::path::PathBuf;

use serde_json::json;
use zfnet::{readback, rendering};

use super::Lens;
use crate::cli::Globals;
use crate::device::wait;
use crate::failure::{Outcome, bad_input};
use crate::options::zoom;
use crate::output;
use crate::picture::write_png;

/// How to draw them.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each filter is drawn about mid grey on its own scale.

Example:
  zf-lens filters --zoom 8 -o filters.png")]
pub(crate) struct Arguments {
    /// The PNG to write [default: <network>.<layer>.png]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Screen pixels for each pixel of a filter
    #[arg(long, value_name = "N", default_value = "6", value_parser = zoom)]
    zoom: usize,
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let lens = Lens::open(globals)?;
    let network = lens.network();
    let layer = match network.convolutions().first() {
        Some(layer) => (*layer).to_owned(),
        None => lens.layer(None)?,
    };
    let filters = network.filters(&layer)?;
    let [count, channels, rows, cols] = filters.dims();
    if channels != 3 && channels != 1 {
        return Err(bad_input(
            format!("filters of {layer}"),
            "filters on one or three colour channels",
            format!("{channels} channels"),
        ));
    }
    let values = wait(readback::floats(filters))?;
    let values: Vec<f32> = values
        .chunks(channels * rows * cols)
        .flat_map(|filter| network.model.input.in_rgb_order(filter.to_vec()))
        .collect();
    let picture = rendering::filters(&values, [count, channels, rows, cols], arguments.zoom);
    let path = arguments.output.clone().unwrap_or_else(|| {
        format!(
            "{}.{layer}.png",
            network.model.name.replace(['/', '\\'], "-")
        )
        .into()
    });
    write_png(&path, &picture)?;
    match globals.json {
        true => {
            let value = json!({ "network": network.model.name, "layer": layer, "shape": [count, channels, rows, cols], "picture": path.to_string_lossy() });
            output::json(vec![value], false)?;
        }
        false => output::line(&output::written(
            &path,
            &format!("{count} filters of {layer}, {rows}×{cols} pixels each"),
            globals.quiet,
        ))?,
    }
    Ok(Outcome::Done)
}
