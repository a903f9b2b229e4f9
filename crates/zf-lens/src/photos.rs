//! The photographs to look at: files and folders, one after the other; a bad one is named and left out.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use zfnet::experiments::shared::covering::Rectangle;
use zfnet::network::model::Input;
use zfnet::{Crop, Photo, Prepared};
use zfnet_train::data::{self, EXTENSIONS, Gathered};

use crate::failure::{Outcome, bad_input, is_bad_input, report};
use crate::language::words;
use crate::output::line;

/// One photograph that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What its output is called: its path under the folder given, without the extension; no two are equal.
    pub(crate) name: PathBuf,
}

/// All photographs of one run.
pub(crate) struct Photographs {
    sources: Vec<Source>,
    /// Whether several were asked for, so that results are lists and outputs are folders.
    pub(crate) many: bool,
    skipped: bool,
    /// Progress over the photographs; hidden for a single one.
    bar: ProgressBar,
}

impl Photographs {
    /// Lists the photographs behind files and folders, folders as [`data::gather`] does; a file named itself is always
    /// tried. What cannot be read is named, and the others are listed.
    pub(crate) fn gather(arguments: &[PathBuf], quiet: bool) -> Self {
        let mut sources = Vec::new();
        let mut skipped = false;
        let mut taken = HashSet::new();
        for argument in arguments {
            let found = match argument.is_dir() {
                true => data::gather(argument),
                false => Gathered {
                    pictures: vec![argument.clone()],
                    ..Gathered::default()
                },
            };
            for complaint in &found.unreadable {
                report(complaint);
            }
            skipped |= !found.unreadable.is_empty();
            if found.pictures.is_empty() && found.unreadable.is_empty() {
                let expected = format!("pictures ({})", EXTENSIONS.join(", "));
                let error = bad_input(argument.display(), expected, "none");
                report(&format!("{error:#}"));
                skipped = true;
            }
            let base = if argument.is_dir() {
                Some(argument.as_path())
            } else {
                argument.parent()
            };
            for path in found.pictures {
                let inside = base
                    .and_then(|base| path.strip_prefix(base).ok())
                    .unwrap_or(&path)
                    .to_path_buf();
                sources.push(Source {
                    name: unique(&inside, &mut taken),
                    path,
                });
            }
        }
        let many = arguments.len() > 1 || arguments.iter().any(|argument| argument.is_dir());
        let bar = match quiet || sources.len() < 2 {
            true => ProgressBar::hidden(),
            false => progress(sources.len(), "photographs"),
        };
        Self {
            sources,
            many,
            skipped,
            bar,
        }
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The photographs themselves, for who goes through them in another way, and whether something asked for is missing.
    pub(crate) fn into_sources(self) -> (Vec<Source>, bool) {
        (self.sources, self.skipped)
    }

    /// Runs `work` on groups of at most `size` photographs that could be read, and prints the lines it answers with.
    ///
    /// # Errors
    /// Errors of `work` that are not the photographs' fault.
    pub(crate) fn each_group(
        mut self,
        size: usize,
        input: &Input,
        crop: Crop,
        mut work: impl FnMut(&[(Source, Prepared)]) -> anyhow::Result<Vec<String>>,
    ) -> anyhow::Result<Outcome> {
        for group in std::mem::take(&mut self.sources).chunks(size.max(1)) {
            let mut ready = Vec::with_capacity(group.len());
            for source in group {
                match prepare(&source.path, input, crop) {
                    Ok(prepared) => {
                        if prepared.is_blank() {
                            self.bar.suspend(|| report(&blank(&source.path)));
                        }
                        ready.push((source.clone(), prepared));
                    }
                    Err(error) => self.skip(error)?,
                }
            }
            if !ready.is_empty() {
                match work(&ready) {
                    // The bar and the lines may share a terminal.
                    Ok(lines) => self
                        .bar
                        .suspend(|| lines.iter().try_for_each(|text| line(text)))?,
                    Err(error) => self.skip(error)?,
                }
            }
            self.bar.inc(group.len() as u64);
        }
        self.bar.finish_and_clear();
        Ok(if self.skipped {
            Outcome::SomeSkipped
        } else {
            Outcome::Done
        })
    }

    /// Runs `work` on one photograph after the other, and prints the line it may answer with.
    ///
    /// # Errors
    /// As [`Self::each_group`].
    pub(crate) fn each(
        self,
        input: &Input,
        crop: Crop,
        mut work: impl FnMut(&Source, &Prepared) -> anyhow::Result<Option<String>>,
    ) -> anyhow::Result<Outcome> {
        self.each_group(1, input, crop, |group| {
            group
                .iter()
                .filter_map(|(source, prepared)| work(source, prepared).transpose())
                .collect()
        })
    }

    fn skip(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        if !is_bad_input(&error) {
            return Err(error);
        }
        self.bar.suspend(|| report(&format!("{error:#}")));
        self.skipped = true;
        Ok(())
    }
}

/// What is said of a picture without content; it is looked at all the same.
fn blank(path: &Path) -> String {
    format!(
        "{}: expected a picture with something in it, found one colour everywhere; what follows means little",
        path.display()
    )
}

/// A progress bar on stderr, hidden when that is not a terminal.
pub(crate) fn progress(length: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:32} {pos}/{len} {msg}  {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64)
        .with_style(style)
        .with_message(words().phrase(what))
}

/// Reads one photograph and cuts out what the network looks at.
///
/// # Errors
/// When it is no picture that can be read, or the crop lies outside.
pub(crate) fn prepare(path: &Path, input: &Input, crop: Crop) -> anyhow::Result<Prepared> {
    let name = || path.display().to_string();
    let unreadable = |error| bad_input(path.display(), "a readable picture", error);
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > zfnet::pictures::image::MAX_BYTES as u64 {
        return Err(bad_input(
            path.display(),
            format!("at most {} bytes", zfnet::pictures::image::MAX_BYTES),
            format!("{length} bytes"),
        ));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    Photo::decode(&bytes)
        .and_then(|photo| photo.prepare(input, crop))
        .with_context(name)
}

/// The path without its extension, or with it where that name is taken, or else with a number.
fn unique(path: &Path, taken: &mut HashSet<PathBuf>) -> PathBuf {
    let bare = path.with_extension("");
    let numbered = (2..).map(|number| {
        let mut name = bare.clone().into_os_string();
        name.push(format!("-{number}"));
        PathBuf::from(name)
    });
    let mut candidates = [bare.clone(), path.to_path_buf()]
        .into_iter()
        .chain(numbered);
    candidates
        .find(|name| taken.insert(name.clone()))
        .unwrap_or(bare)
}

/// Where a square lies in its photograph: left, top, side; of what is none, left, top, width, height.
pub(crate) fn place_of(prepared: &Prepared) -> Vec<u32> {
    match prepared.part {
        [left, top, width, height] if width == height => vec![left, top, width],
        part => part.to_vec(),
    }
}

/// A box of the upright photograph (left, top, right, bottom, in its pixels; the last two are exclusive) in pixels of the input,
/// rounded to whole ones; `None` if nothing of it is left.
pub(crate) fn on_input(
    [xmin, ymin, xmax, ymax]: [f64; 4],
    prepared: &Prepared,
) -> Option<Rectangle> {
    let [left, top, across, down] = prepared.part.map(f64::from);
    let (width, height) = prepared.rgb.dimensions();
    let span = |from: f64, to: f64, origin: f64, part: f64, length: u32| {
        let place = |at: f64| {
            let scaled = (at - origin) * f64::from(length) / part;
            scaled.round().clamp(0.0, f64::from(length)) as usize
        };
        (place(from), place(to).saturating_sub(place(from)))
    };
    let (left, cols) = span(xmin, xmax, left, across, width);
    let (top, rows) = span(ymin, ymax, top, down, height);
    (rows > 0 && cols > 0).then_some(Rectangle {
        top,
        left,
        rows,
        cols,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared([left, top, side]: [u32; 3]) -> Prepared {
        Prepared {
            rgb: image::RgbImage::new(32, 32),
            part: [left, top, side, side],
        }
    }

    #[test]
    fn a_box_is_scaled_with_its_photograph_and_cut_at_the_border() {
        let rectangle = |top, left, rows, cols| {
            Some(Rectangle {
                top,
                left,
                rows,
                cols,
            })
        };
        let half = prepared([10, 0, 64]);
        assert_eq!(
            on_input([10.0, 20.0, 42.0, 40.0], &half),
            rectangle(10, 0, 10, 16)
        );
        assert_eq!(
            on_input([-50.0, 60.0, 30.0, 900.0], &half),
            rectangle(30, 0, 2, 10)
        );
        assert_eq!(
            on_input([0.0, 0.0, 10.0, 9.0], &half),
            None,
            "left of the square"
        );
        assert_eq!(
            on_input([30.0, 5.0, 20.0, 9.0], &half),
            None,
            "right before left"
        );
        let wide = Prepared {
            rgb: image::RgbImage::new(48, 32),
            part: [10, 0, 96, 64],
        };
        assert_eq!(
            on_input([10.0, 20.0, 42.0, 40.0], &wide),
            rectangle(10, 0, 10, 16)
        );
        assert_eq!(place_of(&wide), [10, 0, 96, 64]);
        assert_eq!(place_of(&half), [10, 0, 64]);
    }

    #[test]
    fn names_of_outputs_never_collide() {
        let mut taken = HashSet::new();
        let paths = [
            "a/cat.jpg",
            "a/cat.png",
            "b/cat.jpg",
            "a/cat.jpg",
            "a/cat.jpg",
        ];
        let names: Vec<_> = paths
            .iter()
            .map(|path| unique(Path::new(path), &mut taken))
            .collect();
        let expected = ["a/cat", "a/cat.png", "b/cat", "a/cat.jpg", "a/cat-2"];
        assert_eq!(names, expected.map(PathBuf::from));
    }
}
