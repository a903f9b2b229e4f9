//! The strongest maps of layers written down.

use serde_json::{Map, Value, json};

use super::{Found, Hierarchy, Level};
use crate::experiments::shared::record::{Numbers, Record, Table, fields};
use crate::network::model::ClassName;

impl Record for Hierarchy {
    fn about(&self) -> Map<String, Value> {
        let unit = |found: &Found| {
            let unit = found.answer.unit;
            json!({
                "map": unit.map,
                "row": unit.row,
                "col": unit.col,
                "activation": found.answer.activation,
                "view": found.tile.view,
                "scale": found.tile.scale(),
            })
        };
        let level = |level: &Level| {
            json!({
                "layer": level.layer,
                "maps": level.maps,
                "field": level.field,
                "units": level.found.iter().map(unit).collect::<Vec<_>>(),
            })
        };
        let levels: Vec<Value> = self.levels.iter().map(level).collect();
        fields(&json!({ "layers": levels }))
    }

    fn numbers(&self, _classes: &[ClassName]) -> Map<String, Value> {
        self.about()
    }

    /// A row for each tile.
    fn table(&self, _classes: &[ClassName]) -> Table {
        let head = ["layer", "rank", "map", "row", "col", "activation"];
        let more = ["top", "left", "height", "width"];
        let rows = self.levels.iter().flat_map(|level| {
            level.found.iter().enumerate().map(|(rank, found)| {
                let (unit, view) = (found.answer.unit, found.tile.view);
                vec![
                    level.layer.clone(),
                    rank.to_string(),
                    unit.map.to_string(),
                    unit.row.to_string(),
                    unit.col.to_string(),
                    found.answer.activation.to_string(),
                    view.top.to_string(),
                    view.left.to_string(),
                    view.height.to_string(),
                    view.width.to_string(),
                ]
            })
        });
        Table::new(head.into_iter().chain(more)).with(rows)
    }

    /// Of each layer its tiles' projections, units, activations and upper left corners.
    fn tensors(&self) -> Vec<Numbers> {
        let level = |level: &Level| {
            let called = |tensor: &str| format!("{}.{tensor}", level.layer);
            let (count, [rows, cols]) = (level.found.len(), level.field);
            let each = || level.found.iter();
            let values: Vec<f32> = each().flat_map(|found| found.tile.values.clone()).collect();
            let channels = values.len() / (count * rows * cols).max(1);
            let units = each().flat_map(|found| <[usize; 3]>::from(found.answer.unit));
            let activations = each().map(|found| found.answer.activation).collect();
            let corners = each().flat_map(|found| [found.tile.view.top, found.tile.view.left]);
            let corners = corners.map(|at| at as i32).collect();
            [
                Numbers::floats(
                    called("projections"),
                    &[count, channels, rows, cols],
                    values,
                ),
                Numbers::indices(called("units"), &[count, 3], units.map(Some)),
                Numbers::floats(called("activations"), &[count], activations),
                Numbers::integers(called("corners"), &[count, 2], corners),
            ]
        };
        self.levels.iter().flat_map(level).collect()
    }
}
