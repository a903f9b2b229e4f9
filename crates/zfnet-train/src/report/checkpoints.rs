//! How the features grew: filters and projections at each checkpoint, as in the paper's figure 4.

use maud::{Markup, html};
use zfnet_words::{Words, say};

use super::framed;
use super::snapshot::{Photograph, Snapshot, Tile};
use super::text::{counted, data_url, number};

/// More checkpoints than this are thinned out: a report of a hundred would take minutes to open.
const SHOWN: usize = 10;

/// Filters side by side, then for each photograph a table of layers by epochs.
pub(super) fn section(words: Words, snapshots: &[Snapshot]) -> Markup {
    if snapshots.is_empty() {
        return Markup::default();
    }
    let shown = chosen(snapshots);
    let thinned = match shown.len() < snapshots.len() {
        true => say!(
            words,
            "reportThinned",
            shown = shown.len(),
            all = counted(snapshots.len() as u64)
        ),
        false => String::new(),
    };
    let lead = say!(words, "reportFiltersText").to_owned() + &thinned;
    let filters = html! { div.filters { @for snapshot in &shown { (filters(words, snapshot)) } } };
    let photos = distinct(&shown);
    html! {
        (framed("filters", say!(words, "reportFilters"), &lead, filters))
        @if !photos.is_empty() {
            (framed(
                "projections",
                say!(words, "reportProjections"),
                say!(words, "reportProjectionsText"),
                html! {
                    (definitions(&photos))
                    @for (at, photo) in photos.iter().enumerate() { (growth(words, &shown, photo, at)) }
                },
            ))
        }
    }
}

/// At most [`SHOWN`] checkpoints, the first and the last among them, closer together at the start, where more happens.
fn chosen(snapshots: &[Snapshot]) -> Vec<&Snapshot> {
    let last = snapshots.len() - 1;
    if snapshots.len() <= SHOWN {
        return snapshots.iter().collect();
    }
    let mut places: Vec<usize> = (0..SHOWN)
        .map(|at| (last as f64 * (at as f64 / (SHOWN - 1) as f64).powi(2)).round() as usize)
        .collect();
    // The first squares of a short list round to the same place; the next free one is as good.
    for at in 1..places.len() {
        places[at] = places[at].max(places[at - 1] + 1).min(last);
    }
    places.dedup();
    places.into_iter().map(|at| &snapshots[at]).collect()
}

fn filters(words: Words, snapshot: &Snapshot) -> Markup {
    let epoch = number(words, snapshot.epoch);
    let name = say!(words, "reportFiltersAt", epoch = epoch);
    html! {
        figure {
            img alt=(name) src=(data_url(&snapshot.filters));
            figcaption { (say!(words, "reportEpoch")) " " (epoch) }
        }
    }
}

/// Photographs without repetition; checkpoints usually look at the same ones.
fn distinct<'a>(snapshots: &[&'a Snapshot]) -> Vec<&'a Photograph> {
    let mut photos: Vec<&Photograph> = Vec::new();
    for photo in snapshots.iter().flat_map(|snapshot| &snapshot.photos) {
        if !photos.contains(&photo) {
            photos.push(photo);
        }
    }
    photos
}

/// Each photograph once; every patch below is a view of it.
fn definitions(photos: &[&Photograph]) -> Markup {
    html! {
        svg.unseen aria-hidden="true" { defs {
            @for (at, photo) in photos.iter().enumerate() {
                image id=(format!("photo-{at}")) width=(photo.side) height=(photo.side) href=(data_url(&photo.png)) {}
            }
        } }
    }
}

/// One photograph: rows are epochs, columns are layers.
fn growth(words: Words, snapshots: &[&Snapshot], photo: &Photograph, at: usize) -> Markup {
    let mut layers: Vec<&str> = Vec::new();
    let mut rows: Vec<(f64, Vec<&Tile>)> = Vec::new();
    for snapshot in snapshots {
        let looked = snapshot.photos.iter().position(|other| other == photo);
        let tiles: Vec<&Tile> = snapshot
            .projections
            .iter()
            .filter(|tile| Some(tile.photo) == looked)
            .collect();
        for tile in &tiles {
            if !layers.contains(&tile.layer.as_str()) {
                layers.push(&tile.layer);
            }
        }
        if looked.is_some() {
            rows.push((snapshot.epoch, tiles));
        }
    }
    let side = photo.side;
    let name = say!(words, "reportPhotograph", number = at + 1);
    html! {
        div.scroll { table.growth {
            thead { tr {
                th scope="col" {
                    svg viewBox=(format!("0 0 {side} {side}")) role="img" aria-label=(name) {
                        use href=(format!("#photo-{at}")) {}
                    }
                }
                @for layer in &layers { th scope="col" { (layer) } }
            } }
            tbody {
                @for (epoch, tiles) in &rows {
                    tr {
                        th scope="row" { span { (say!(words, "reportEpoch")) } " " (number(words, *epoch)) }
                        @for layer in &layers {
                            td {
                                @if let Some(tile) = tiles.iter().find(|tile| tile.layer == *layer) {
                                    (pair(words, tile, *epoch, at))
                                }
                            }
                        }
                    }
                }
            }
        } }
    }
}

/// Windows of fewer pixels are enlarged on every screen, and look better with their pixels than blurred.
const FEW_PIXELS: usize = 48;

/// A projection and the patch of the photograph under it.
fn pair(words: Words, tile: &Tile, epoch: f64, photo: usize) -> Markup {
    let [top, left, height, width] = tile.window;
    // A square cell holds both, whatever the window lost at the frame's edge.
    let side = height.max(width);
    let (x, y) = ((side - width) as f64 / 2.0, (side - height) as f64 / 2.0);
    let pixels = if side < FEW_PIXELS {
        "pair pixels"
    } else {
        "pair"
    };
    let (caption, epoch) = (tile.caption(words), number(words, epoch));
    let name = say!(
        words,
        "reportProjectionOf",
        layer = tile.layer,
        epoch = epoch,
        unit = caption
    );
    let square = format!("0 0 {side} {side}");
    let seen = format!("{left} {top} {width} {height}");
    html! {
        figure title=(name) {
            div class=(pixels) {
                svg viewBox=(square) role="img" aria-label=(name) {
                    image x=(x) y=(y) width=(width) height=(height) href=(data_url(&tile.png)) {}
                }
                svg viewBox=(square) aria-hidden="true" {
                    svg x=(x) y=(y) width=(width) height=(height) viewBox=(seen) {
                        use href=(format!("#photo-{photo}")) {}
                    }
                }
            }
            figcaption { (caption) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_checkpoints_are_thinned_to_the_first_the_last_and_more_early_ones() {
        let at = |epoch: usize| Snapshot {
            epoch: epoch as f64,
            filters: Vec::new(),
            photos: Vec::new(),
            projections: Vec::new(),
        };
        for count in [11, 12, 64, 500] {
            let snapshots: Vec<Snapshot> = (0..count).map(at).collect();
            let epochs: Vec<f64> = chosen(&snapshots)
                .iter()
                .map(|snapshot| snapshot.epoch)
                .collect();
            assert_eq!(epochs.len(), SHOWN);
            assert!(
                epochs.windows(2).all(|pair| pair[0] < pair[1]),
                "{epochs:?}"
            );
            assert_eq!((epochs[0], epochs[SHOWN - 1]), (0.0, (count - 1) as f64));
            assert!(
                epochs[1] - epochs[0] <= epochs[SHOWN - 1] - epochs[SHOWN - 2],
                "{epochs:?}"
            );
        }
        let few: Vec<Snapshot> = (0..4).map(at).collect();
        assert_eq!(chosen(&few).len(), 4);
    }
}
