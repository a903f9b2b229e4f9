//! A chart below each method: the class's probability as its strongest pixels are deleted, and as they are inserted.

use zfnet::experiments::since::deletion_insertion::{Curves, DeletionInsertion, Metric};
use zfnet_words::{Words, say};

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

/// Draws a chart in each of the columns but the first, where it is said what is drawn.
pub(super) fn draw(
    sheet: &mut Sheet,
    words: Words,
    measured: &Curves,
    lefts: &[usize],
    side: usize,
    class: &str,
) {
    let top = sheet.bottom() + 2 * NEAR;
    legend(sheet, words, measured, lefts[0], top, side, class);
    for ((_, found), left) in measured.maps.iter().zip(&lefts[1..]) {
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
        let own = [found, &measured.chance];
        let pairs = [(Metric::Deletion, DELETION), (Metric::Insertion, INSERTION)];
        for (metric, _) in pairs {
            let chance = points(own[1], metric);
            chart.curve(sheet, &chance, GREY);
        }
        for (metric, colour) in pairs {
            chart.curve(sheet, &points(found, metric), colour);
            let [area, chance] = own.map(|found| number(found.curve(metric).area));
            let text = match metric {
                Metric::Deletion => say!(words, "deletionArea", area = area, chance = chance),
                Metric::Insertion => say!(words, "insertionArea", area = area, chance = chance),
            };
            under = sheet.entry(colour, &text, *left, under, side);
        }
    }
}

fn number(area: Option<f64>) -> String {
    area.map_or_else(String::new, |area| format!("{area:.3}"))
}

fn legend(
    sheet: &mut Sheet,
    words: Words,
    measured: &Curves,
    left: usize,
    top: usize,
    side: usize,
    class: &str,
) {
    let mut under = sheet.tell(say!(words, "deletionTitle"), left, top, side, NAME);
    let text = say!(words, "deletionText", name = class);
    under = sheet.tell(&text, left, under, side, SMALL);
    for (colour, text) in [
        (DELETION, say!(words, "deletionTakenOut")),
        (INSERTION, say!(words, "deletionBroughtIn")),
        (GREY, say!(words, "deletionByChance")),
    ] {
        under = sheet.entry(colour, text, left, under, side);
    }
    let whole = measured.chance.deletion.probability.first();
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
