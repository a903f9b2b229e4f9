//! Where the parts of photographs are: boxes from a CSV or JSON file, brought to the pixels of the input.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use zfnet::Prepared;
use zfnet::experiments::shared::covering::Rectangle;
use zfnet_train::text;

use crate::csv;
use crate::failure::bad_input;
use crate::photos::on_input;

/// What a part is called where a table does not say.
const UNNAMED: &str = "box";
/// A box's four columns.
const SIDES: [&str; 4] = ["xmin", "ymin", "xmax", "ymax"];

/// One part of one photograph.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Entry {
    file: PathBuf,
    #[serde(default = "unnamed")]
    part: String,
    /// Left, top, right, bottom, in pixels of the upright photograph; the last two are exclusive.
    #[serde(rename = "box")]
    sides: [f64; 4],
}

fn unnamed() -> String {
    UNNAMED.into()
}

/// All boxes of a file.
#[derive(Debug, PartialEq)]
pub(super) struct Boxes {
    /// Names of the parts to compare, in the order in which they were first met or asked for.
    pub(super) parts: Vec<String>,
    entries: Vec<Entry>,
}

impl Boxes {
    /// Reads a file, and keeps the parts that were asked for, or all.
    ///
    /// # Errors
    /// When the file cannot be read or understood, or has no such part.
    pub(super) fn read(path: &Path, asked: &[String]) -> anyhow::Result<Self> {
        let text = text::read(path, "a readable list of boxes")?;
        let entries = match text.trim_start().starts_with(['[', '{']) {
            true => serde_json::from_str(&text).map_err(|error| {
                let expected =
                    r#"a JSON list of {"file", "part", "box": [xmin, ymin, xmax, ymax]}"#;
                bad_input(path.display(), expected, error)
            })?,
            false => from_csv(path, &text)?,
        };
        let mut parts: Vec<String> = Vec::new();
        for entry in &entries {
            if !parts.contains(&entry.part) {
                parts.push(entry.part.clone());
            }
        }
        if parts.is_empty() {
            return Err(bad_input(path.display(), "at least one box", "none"));
        }
        if let Some(missing) = asked.iter().find(|part| !parts.contains(part)) {
            return Err(bad_input(
                "--part",
                format!("one of {}", parts.join(", ")),
                missing,
            ));
        }
        if !asked.is_empty() {
            parts = asked.to_vec();
        }
        Ok(Self { parts, entries })
    }

    /// Each part's box on a photograph's input, in the order of [`Self::parts`]; what lies outside the input is cut off.
    ///
    /// # Errors
    /// When the photograph has no box of a part or several, or one that the input does not show.
    pub(super) fn on(&self, photo: &Path, prepared: &Prepared) -> anyhow::Result<Vec<Rectangle>> {
        let is_of = |entry: &&Entry| photo.ends_with(&entry.file) || entry.file.ends_with(photo);
        let of_photo: Vec<&Entry> = self.entries.iter().filter(is_of).collect();
        let own = |part: &String| {
            let found: Vec<_> = of_photo
                .iter()
                .filter(|entry| entry.part == *part)
                .collect();
            match found[..] {
                [entry] => on_input(entry.sides, prepared).ok_or_else(|| {
                    let [left, top, width, height] = prepared.part;
                    let expected = format!(
                        "a box that shows in the part at left {left}, top {top}, {width}×{height}"
                    );
                    let subject = format!("{}: {part}", photo.display());
                    bad_input(subject, expected, format!("{:?}", entry.sides))
                }),
                _ => {
                    let expected = format!("one box of {part} in the list");
                    Err(bad_input(photo.display(), expected, found.len()))
                }
            }
        };
        self.parts.iter().map(own).collect()
    }
}

fn from_csv(path: &Path, text: &str) -> anyhow::Result<Vec<Entry>> {
    let table = csv::read(text)?;
    let mut rows = table.rows.iter();
    let header = rows.next().cloned().unwrap_or_default();
    let column = |name: &str| header.iter().position(|column| column == name);
    let needed = |name: &str| {
        column(name).ok_or_else(|| {
            let expected = format!("a header with the columns file, {}", SIDES.join(", "));
            let found: Vec<_> = header.iter().collect();
            bad_input(path.display(), expected, found.join(","))
        })
    };
    let file = needed("file")?;
    let mut places = [0; 4];
    for (place, side) in places.iter_mut().zip(SIDES) {
        *place = needed(side)?;
    }
    let part = column("part");
    rows.map(|row| {
        let field = |at: usize| row.get(at).unwrap_or_default();
        let refused = |at: usize, expected: &str| {
            let (line, column) = (text::line(text, row), &header[at]);
            let subject = format!("{}: line {line}: {column}", path.display());
            bad_input(subject, expected, format!("{:?}", field(at)))
        };
        let number = |at: usize| {
            // Where a comma is no separator, it is in numbers.
            let written = match table.separator {
                ',' => field(at).to_owned(),
                _ => field(at).replace(',', "."),
            };
            let value = written.parse().ok().filter(|value: &f64| value.is_finite());
            value.ok_or_else(|| refused(at, "a number"))
        };
        let mut sides = [0.0; 4];
        for (side, at) in sides.iter_mut().zip(places) {
            *side = number(at)?;
        }
        if field(file).is_empty() {
            return Err(refused(file, "a photograph's path"));
        }
        let part = part.map(field).filter(|name| !name.is_empty());
        Ok(Entry {
            file: field(file).into(),
            part: part.unwrap_or(UNNAMED).into(),
            sides,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_heads_and_of_parts_are_read() {
        let path = Path::new("boxes.csv");
        let heads = "file,class,xmin,ymin,xmax,ymax\ntrain/cat/a.jpg,cat,1.5,2,30,40\n";
        let [head] = &from_csv(path, heads).expect("a sound table")[..] else {
            panic!("one row")
        };
        assert_eq!(
            (head.part.as_str(), head.sides),
            ("box", [1.5, 2.0, 30.0, 40.0])
        );
        let boxes = Boxes {
            parts: vec!["box".into()],
            entries: vec![head.clone()],
        };
        let whole = Prepared {
            rgb: image::RgbImage::new(32, 32),
            part: [0, 0, 32, 32],
        };
        assert!(
            boxes
                .on(Path::new("/photos/train/cat/a.jpg"), &whole)
                .is_ok()
        );
        assert!(boxes.on(Path::new("a.jpg"), &whole).is_ok());
        let message = boxes
            .on(Path::new("cat/aa.jpg"), &whole)
            .expect_err("another")
            .to_string();
        assert!(
            message.contains("cat/aa.jpg") && message.contains("one box"),
            "{message}"
        );

        let parts =
            "xmin,part,file,ymin,xmax,ymax\n1,left eye,a.jpg,2,3,4\n1,\"nose, wet\",a.jpg,2,x,4\n";
        let message = from_csv(path, parts).expect_err("no number").to_string();
        assert!(
            message.contains("line 3: xmax") && message.contains("\"x\""),
            "{message}"
        );
        let read = from_csv(path, &parts.replace(",x,", ",9,")).expect("a sound table");
        assert_eq!(
            read.iter()
                .map(|entry| entry.part.as_str())
                .collect::<Vec<_>>(),
            ["left eye", "nose, wet"]
        );
        let spreadsheet = "file;part;xmin;ymin;xmax;ymax\na.jpg;nose, wet;1,5;2;30;40\n";
        let [nose] = &from_csv(path, spreadsheet).expect("a sound table")[..] else {
            panic!("one row")
        };
        assert_eq!(
            (nose.part.as_str(), nose.sides),
            ("nose, wet", [1.5, 2.0, 30.0, 40.0])
        );
        let message = from_csv(path, "file,x\n")
            .expect_err("no columns")
            .to_string();
        assert!(
            message.contains("xmin") && message.contains("file,x"),
            "{message}"
        );
    }
}
