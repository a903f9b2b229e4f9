//! Figure 2 of the paper, of one map: what the units of its strongest pictures responded to, and the pieces of picture, as two
//! blocks; beside them the same of a photograph.

use serde::Deserialize;
use zfnet::ReluRule;
use zfnet::pictures::rendering::Picture;
use zfnet_typescript::TypeScript;
use zfnet_words::{Words, say};

use super::pictures::Projected;
use crate::context::{Context, rule_in_words};
use crate::numbers::number;
use crate::scene::Scene;
use crate::sheet::{GAP, MARGIN, NEAR, SMALL, Sheet};

/// Side of a tile, and between two of them.
const TILE: usize = 150;
const BETWEEN: usize = 4;

/// A map's strongest pictures.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "TopShown")]
pub struct Shown {
    /// The layer.
    pub layer: String,
    /// The map.
    pub map: usize,
    /// How many pictures there are room for.
    pub count: usize,
    /// The strongest first.
    pub winners: Vec<Winner>,
    /// Whether there are pieces of the pictures.
    pub has_patches: bool,
    /// How many pictures were looked through.
    pub pictures: usize,
    /// The network that they were computed with.
    pub network: String,
    /// What let the projections through.
    pub rule: ReluRule,
    /// What the licence of all patches together is called.
    pub licence: Option<String>,
    /// The photograph's own strongest unit.
    pub yours: Option<Yours>,
}

/// A picture that the map answers to.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
pub struct Winner {
    /// Its number in the set.
    pub picture: usize,
    /// What its file is called.
    pub name: Option<String>,
    /// Row of the unit.
    pub row: usize,
    /// Its column.
    pub col: usize,
    /// What it answers.
    pub activation: f32,
    /// Whose the picture is.
    pub credit: Option<Credit>,
    /// Why the picture is not shown, where it may not be, in the figure's language.
    pub withheld: Option<String>,
    /// What it responded to, where that has been drawn.
    pub tile: Option<Tile>,
}

/// Whose a picture is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TypeScript)]
pub struct Credit {
    /// What it is called.
    pub title: String,
    /// Who made it.
    pub by: String,
    /// Under which licence it is shown.
    pub licence: Licence,
}

/// A licence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TypeScript)]
pub struct Licence {
    /// What it is called.
    pub name: String,
}

/// What a unit responded to.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
pub struct Tile {
    /// The projection.
    pub projection: Picture,
    /// The piece of picture, where it may be shown.
    pub patch: Option<Picture>,
    /// The value that is drawn as full white.
    pub scale: f32,
}

/// The strongest unit of the map in a photograph.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
pub struct Yours {
    /// Its row.
    pub row: usize,
    /// Its column.
    pub col: usize,
    /// What it answers.
    pub activation: f32,
    /// What made it answer, where that has come.
    pub found: Option<Projected>,
}

/// The blocks, and a line for each picture.
pub fn figure(context: &Context<'_>, shown: &Shown) -> Scene {
    let words = context.words;
    let across = (shown.count.max(1) as f64).sqrt().ceil() as usize;
    let block = across * (TILE + BETWEEN) - BETWEEN;
    let blocks = 1 + usize::from(shown.has_patches);
    let found = shown.yours.as_ref().and_then(|yours| yours.found.as_ref());
    let aside = found.map_or(0, |_| GAP + TILE);
    let mut sheet = Sheet::new(blocks * (block + GAP) - GAP + aside);
    let title = say!(words, "topTitle", layer = shown.layer, map = shown.map);
    sheet.open(&title, reading(words, shown.has_patches));
    let top = sheet.bottom();
    for (rank, winner) in shown.winners.iter().enumerate() {
        let Some(tile) = &winner.tile else { continue };
        let down = top + rank / across * (TILE + BETWEEN);
        let left = MARGIN + rank % across * (TILE + BETWEEN);
        sheet.fit(tile.projection.clone(), left, down, TILE);
        if shown.has_patches {
            let left = left + block + GAP;
            match (&tile.patch, &winner.withheld) {
                (Some(patch), _) => {
                    sheet.fit(patch.clone(), left, down, TILE);
                }
                (None, Some(why)) => {
                    let text = say!(words, "topWithheld", why = why);
                    sheet.tell(&text, left, down, TILE, SMALL);
                }
                (None, None) => {}
            }
        }
    }
    sheet.reach(top + block);
    if let Some(found) = found {
        let left = MARGIN + blocks * (block + GAP);
        let below = sheet.fit(found.projection.clone(), left, top, TILE) + BETWEEN;
        let below = sheet.fit(found.patch.clone(), left, below, TILE) + NEAR;
        sheet.tell(say!(words, "topYours"), left, below, TILE, SMALL);
    }
    sheet.reach(sheet.bottom() + NEAR);
    for line in lines(words, shown) {
        let inner = sheet.inner();
        let under = sheet.tell(&line, MARGIN, sheet.bottom(), inner, SMALL);
        sheet.reach(under);
    }
    let rule = rule_in_words(words, shown.rule);
    let of = say!(
        words,
        "topOf",
        pictures = shown.pictures,
        network = shown.network
    );
    sheet.close(context, &format!("{of} {rule}"))
}

fn reading(words: Words, has_patches: bool) -> &'static str {
    match has_patches {
        true => say!(words, "topPrintBoth"),
        false => say!(words, "topProjections"),
    }
}

/// A line for each picture, the photograph's own, and whose the patches are.
fn lines(words: Words, shown: &Shown) -> Vec<String> {
    let winners = shown.winners.iter().enumerate();
    let mut lines: Vec<String> = winners
        .map(|(rank, winner)| line(words, rank, winner))
        .collect();
    if let Some(yours) = &shown.yours {
        let unit = say!(words, "topUnit", row = yours.row, col = yours.col);
        let value = number(f64::from(yours.activation));
        let (name, activation) = (say!(words, "topYours"), say!(words, "activation"));
        lines.push(format!("{name}: {unit}, {activation} {value}"));
    }
    if let Some(licence) = shown.licence.as_ref().filter(|_| shown.has_patches) {
        let mut credits: Vec<String> = Vec::new();
        for credit in shown
            .winners
            .iter()
            .filter_map(|winner| winner.credit.as_ref())
        {
            let (title, by, name) = (&credit.title, &credit.by, &credit.licence.name);
            let credit = format!("{title}, {by}, {name}");
            if !credits.contains(&credit) {
                credits.push(credit);
            }
        }
        let credits = match credits.is_empty() {
            true => String::new(),
            false => format!("{}. ", credits.join("; ")),
        };
        let cut = say!(words, "topCut");
        let together = say!(words, "topPatchesTogether", licence = licence);
        lines.push(format!("{credits}{cut} {together}"));
    }
    lines
}

fn line(words: Words, rank: usize, winner: &Winner) -> String {
    let name = winner.name.clone();
    let name = name.unwrap_or_else(|| say!(words, "topPicture", picture = winner.picture));
    let said = say!(
        words,
        "topWinner",
        rank = rank + 1,
        name = name,
        row = winner.row,
        col = winner.col,
        value = number(f64::from(winner.activation))
    );
    match &winner.tile {
        Some(tile) => format!("{said} · ±{}", number(f64::from(tile.scale))),
        None => said,
    }
}
