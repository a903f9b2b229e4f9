//! Which pictures there are, and of which class.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rand::seq::SliceRandom;

use super::gathering::{EXTENSIONS, gather, is_foreign, leads_up, listed, lost};
use super::order::{Purpose, generator};
use crate::{Error, Result};

/// A folder of pictures, sorted into classes and into those for training and for validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Names of the classes, sorted.
    pub classes: Vec<String>,
    /// Pictures to learn from, by class and name.
    pub training: Vec<Sample>,
    /// Pictures to measure with, by class and name.
    pub validation: Vec<Sample>,
    /// What is in neither.
    pub left_out: LeftOut,
}

/// What of a folder of classes no picture comes of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Folders without a picture, which are no classes.
    pub empty: Vec<PathBuf>,
    /// Folders that cannot be read and links that lead nowhere, each as the complaint that names it.
    pub unreadable: Vec<String>,
}

/// One picture of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its file.
    pub path: PathBuf,
    /// Its class, an index of [`Dataset::classes`].
    pub class: usize,
}

/// Pictures of each class by its name.
type Folders = BTreeMap<String, Vec<PathBuf>>;

impl Dataset {
    /// Lists `root/train/<class>/**` and `root/val/<class>/**`; where there is no `val`, `fraction` of the pictures of each
    /// class of `root/train`, or of `root` itself, is held out for validation, chosen by `seed`.
    ///
    /// Without a `fraction` and without a `val`, no picture is for validation. A class's pictures are those that
    /// [`gather`] finds; folders without any are no classes.
    ///
    /// # Errors
    /// [`Error::Input`] when a folder or two classes are missing, when a class cannot be read, when `val` has a class that
    /// `train` has not, when there is a `val` and a `fraction`, or when the fraction leaves a class nothing to learn from.
    pub fn scan(root: &Path, fraction: Option<f64>, seed: u64) -> Result<Self> {
        if !root.is_dir() {
            let found = if root.exists() { "a file" } else { "nothing" };
            return Err(Error::input(shown(root), "a folder of pictures", found));
        }
        let [train, val] = ["train", "val"].map(|split| root.join(split));
        if val.is_dir() && !train.is_dir() {
            return Err(Error::input(
                shown(root),
                "train beside val",
                "val without train",
            ));
        }
        let learnt = if train.is_dir() { &train } else { root };
        let mut left_out = LeftOut::default();
        let folders = named(classes(learnt, &mut left_out)?)?;
        if folders.len() < 2 {
            let found = match folders.keys().next() {
                Some(class) => format!("only {class}"),
                None => "none".into(),
            };
            let expected = "at least two folders of pictures, one for each class";
            return Err(Error::input(
                shown(learnt),
                expected,
                found + &left_out.aside(),
            ));
        }
        let set = match (val.is_dir(), fraction) {
            (true, None) => Self::with_validation(folders, &val, &mut left_out),
            (true, Some(fraction)) => Err(Error::input(
                shown(root),
                "either a folder val or a fraction to hold out",
                format!("both, {fraction} and {}", shown(&val)),
            )),
            (false, fraction) => Self::held_out(folders, fraction.unwrap_or(0.0), seed),
        }?;
        Ok(Self { left_out, ..set })
    }

    /// All of `folders` for training, and the classes of another folder for validation.
    fn with_validation(folders: Folders, val: &Path, left_out: &mut LeftOut) -> Result<Self> {
        let names: Vec<String> = folders.keys().cloned().collect();
        let mut validation = Vec::new();
        for (name, paths) in named(classes(val, left_out)?)? {
            let Ok(class) = names.binary_search(&name) else {
                let expected = format!("a class that train has ({})", names.join(", "));
                return Err(Error::input(shown(&val.join(&name)), expected, name));
            };
            validation.extend(paths.into_iter().map(|path| Sample { path, class }));
        }
        if validation.is_empty() {
            let expected = "folders of pictures, one for each class";
            return Err(Error::input(shown(val), expected, "none"));
        }
        let training = folders.into_values().enumerate();
        Ok(Self {
            classes: names,
            training: training
                .flat_map(|(class, paths)| {
                    paths.into_iter().map(move |path| Sample { path, class })
                })
                .collect(),
            validation,
            left_out: LeftOut::default(),
        })
    }

    /// A share of each class's pictures for validation.
    fn held_out(folders: Folders, fraction: f64, seed: u64) -> Result<Self> {
        if !(0.0..1.0).contains(&fraction) {
            let found = fraction.to_string();
            return Err(Error::input(
                "fraction held out",
                "from 0 to below 1",
                found,
            ));
        }
        let mut set = Self {
            classes: folders.keys().cloned().collect(),
            training: Vec::new(),
            validation: Vec::new(),
            left_out: LeftOut::default(),
        };
        for (class, (name, mut paths)) in folders.into_iter().enumerate() {
            let all = paths.len();
            let held = (all as f64 * fraction).round() as usize;
            // A fraction above 0 that rounds to no picture would leave the class unmeasured without a word.
            let held = if fraction > 0.0 { held.max(1) } else { 0 };
            if held >= all {
                let expected = format!(
                    "more than {held} pictures, so that some are left when {fraction} of them is held out"
                );
                return Err(Error::input(
                    format!("class {name}"),
                    expected,
                    all.to_string(),
                ));
            }
            paths.shuffle(&mut generator(seed, class as u64, 0, Purpose::HoldOut));
            let mut training = paths.split_off(held);
            paths.sort();
            training.sort();
            let of_class =
                |paths: Vec<PathBuf>| paths.into_iter().map(move |path| Sample { path, class });
            set.validation.extend(of_class(paths));
            set.training.extend(of_class(training));
        }
        Ok(set)
    }
}

impl LeftOut {
    /// The empty folders in the words of a complaint about what is missing; nothing when there are none.
    fn aside(&self) -> String {
        let names = self.empty.iter().filter_map(|path| path.file_name());
        let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
        match names.is_empty() {
            true => String::new(),
            false => format!(
                "; without pictures ({}): {}",
                EXTENSIONS.join(", "),
                names.join(", ")
            ),
        }
    }
}

/// The folders in a folder that hold pictures, each with these, by name.
///
/// # Errors
/// [`Error::Input`] when the folder or one of those in it cannot be read.
pub(crate) fn classes(
    folder: &Path,
    left_out: &mut LeftOut,
) -> Result<Vec<(PathBuf, Vec<PathBuf>)>> {
    let mut classes = Vec::new();
    for path in listed(folder)? {
        match path.metadata() {
            Ok(kind) if !kind.is_dir() || leads_up(&path) => continue,
            Ok(_) => {}
            Err(error) => {
                left_out.unreadable.push(lost(&path, &error));
                continue;
            }
        }
        if is_foreign(&path) {
            left_out.empty.push(path);
            continue;
        }
        listed(&path)?; // a class that is locked is not one that is missing
        let found = gather(&path);
        left_out.unreadable.extend(found.unreadable);
        match found.pictures.is_empty() {
            true => left_out.empty.push(path),
            false => classes.push((path, found.pictures)),
        }
    }
    Ok(classes)
}

/// Classes by the names of their folders.
fn named(classes: Vec<(PathBuf, Vec<PathBuf>)>) -> Result<Folders> {
    let named = classes.into_iter().map(|(path, pictures)| {
        match path.file_name().and_then(|name| name.to_str()) {
            Some(name) => Ok((name.to_owned(), pictures)),
            None => Err(Error::input(shown(&path), "a name in UTF-8", "other bytes")),
        }
    });
    named.collect()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
