//! A chart below each method: the class's probability as its strongest pixels are deleted, and as they are inserted.

use zfnet::experiments::since::deletion_insertion::{DeletionInsertion, Fill, Metric};
use zfnet_words::{Words, say};

use super::attribution::Removal;
use crate::axis::Axis;
use crate::chart::Chart;
use crate::numbers::{percent, round};
use crate::sheet::{COLOURS, GREY, NAME, NEAR, SMALL, Sheet};

/// Height of a chart's area, and room on its left for the axis.
const HEIGHT: usize = 120;
const AXIS: usize = 44;
/// Room on the right for half of the last number.
const LAST: usize = 14;
const DELETION: [u8; 3] = COLOURS[5];
const INSERTION: [u8; 3] = COLOURS[0];

/// Draws a method's curves beside those of an order by chance.
pub(super) fn chart(
    sheet: &mut Sheet,
    words: Words,
    found: &DeletionInsertion,
    chance: Option<&DeletionInsertion>,
    [left, top]: [usize; 2],
    side: usize,
) {
    let chart = Chart {
        area: [
            left + AXIS,
            top + NEAR,
            left + side - LAST,
            top + NEAR + HEIGHT,
        ],
        x: Axis::up_to(1.0),
        y: Axis::up_to(1.0),
    };
    chart.rows(sheet, round);
    let mut under = chart.marks(sheet, round) + NEAR;
    let pairs = [(Metric::Deletion, DELETION), (Metric::Insertion, INSERTION)];
    for (metric, _) in pairs {
        if let Some(chance) = chance {
            chart.curve(sheet, &points(chance, metric), GREY);
        }
    }
    for (metric, colour) in pairs {
        chart.curve(sheet, &points(found, metric), colour);
        let [area, chance] = [Some(found), chance].map(|found| number(found, metric));
        let text = match metric {
            Metric::Deletion => say!(words, "deletionArea", area = area, chance = chance),
            Metric::Insertion => say!(words, "insertionArea", area = area, chance = chance),
        };
        under = sheet.entry(colour, &text, left, under, side);
    }
}

fn number(found: Option<&DeletionInsertion>, metric: Metric) -> String {
    let area = found.and_then(|found| found.curve(metric).area);
    area.map_or_else(|| "…".to_owned(), |area| format!("{area:.3}"))
}

/// Says what is drawn.
pub(super) fn legend(
    sheet: &mut Sheet,
    words: Words,
    removal: &Removal,
    [left, top]: [usize; 2],
    side: usize,
    class: &str,
) {
    let mut under = sheet.tell(say!(words, "deletionTitle"), left, top, side, NAME);
    let text = say!(words, "deletionText", name = class);
    under = sheet.tell(&text, left, under, side, SMALL);
    let fill = |fill| match fill {
        Fill::Mean => say!(words, "fill-mean"),
        Fill::Blur => say!(words, "fill-blur"),
    };
    let [deletion, insertion] = [removal.settings.deletion, removal.settings.insertion].map(fill);
    for (colour, text) in [
        (DELETION, say!(words, "deletionInto", fill = deletion)),
        (INSERTION, say!(words, "insertionInto", fill = insertion)),
        (GREY, say!(words, "deletionByChance").to_owned()),
    ] {
        under = sheet.entry(colour, &text, left, under, side);
    }
    let chance = removal.chance.as_ref();
    let whole = chance.and_then(|chance| chance.deletion.probability.first());
    if let Some(whole) = whole.map(|whole| percent(f64::from(*whole))) {
        let text = say!(words, "deletionWhole", share = whole);
        sheet.tell(&text, left, under, side, SMALL);
    }
}

fn points(found: &DeletionInsertion, metric: Metric) -> Vec<[f64; 2]> {
    let points = found.share.iter().zip(&found.curve(metric).probability);
    points
        .map(|(share, probability)| [*share, f64::from(*probability)])
        .collect()
}
