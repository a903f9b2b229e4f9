//! Which pictures there are, and of which class.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rand::seq::SliceRandom;

use super::order::{Purpose, generator};
use crate::{Error, Result};

/// Extensions of the pictures that the engine decodes.
pub(crate) const EXTENSIONS: [&str; 6] = ["jpg", "jpeg", "png", "webp", "gif", "bmp"];

/// A folder of pictures, sorted into classes and into those for training and for validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Names of the classes, sorted.
    pub classes: Vec<String>,
    /// Pictures to learn from, by class and name.
    pub training: Vec<Sample>,
    /// Pictures to measure with, by class and name.
    pub validation: Vec<Sample>,
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
    /// Lists `root/train/<class>/*` and `root/val/<class>/*`; where there is no `val`, `fraction` of the pictures of each
    /// class of `root/train`, or of `root` itself, is held out for validation, chosen by `seed`.
    ///
    /// Without a `fraction` and without a `val`, no picture is for validation. Hidden entries and files that are no pictures
    /// by their extension are left out.
    ///
    /// # Errors
    /// [`Error::Input`] when a folder, two classes or a class's pictures are missing, when `val` has a class that `train` has
    /// not, when there is a `val` and a `fraction`, or when the fraction leaves a class nothing to learn from;
    /// [`Error::File`] when a folder cannot be read.
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
        let folders = classes_of(learnt)?;
        if folders.len() < 2 {
            let found = match folders.keys().next() {
                Some(class) => format!("only {class}"),
                None => "none".into(),
            };
            let expected = "at least two folders, one for each class";
            return Err(Error::input(shown(learnt), expected, found));
        }
        match (val.is_dir(), fraction) {
            (true, None) => Self::with_validation(folders, &val),
            (true, Some(fraction)) => Err(Error::input(
                shown(root),
                "either a folder val or a fraction to hold out",
                format!("both, {fraction} and {}", shown(&val)),
            )),
            (false, fraction) => Self::held_out(folders, fraction.unwrap_or(0.0), seed),
        }
    }

    /// All of `folders` for training, and the classes of another folder for validation.
    fn with_validation(folders: Folders, val: &Path) -> Result<Self> {
        let classes: Vec<String> = folders.keys().cloned().collect();
        let mut validation = Vec::new();
        for (name, paths) in classes_of(val)? {
            let Ok(class) = classes.binary_search(&name) else {
                let expected = format!("a class that train has ({})", classes.join(", "));
                return Err(Error::input(shown(&val.join(&name)), expected, name));
            };
            validation.extend(paths.into_iter().map(|path| Sample { path, class }));
        }
        if validation.is_empty() {
            let expected = "folders, one for each class";
            return Err(Error::input(shown(val), expected, "none"));
        }
        let training = folders.into_values().enumerate();
        Ok(Self {
            classes,
            training: training
                .flat_map(|(class, paths)| {
                    paths.into_iter().map(move |path| Sample { path, class })
                })
                .collect(),
            validation,
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

/// The folders in a folder with their pictures, none of them empty.
fn classes_of(folder: &Path) -> Result<Folders> {
    let mut folders = Folders::new();
    for path in listed(folder)?.into_iter().filter(|path| path.is_dir()) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Err(Error::input(shown(&path), "a name in UTF-8", "other bytes"));
        };
        let pictures: Vec<PathBuf> = listed(&path)?
            .into_iter()
            .filter(|path| is_picture(path))
            .collect();
        if pictures.is_empty() {
            let expected = format!("pictures of the class ({})", EXTENSIONS.join(", "));
            return Err(Error::input(shown(&path), expected, "none"));
        }
        folders.insert(name.to_owned(), pictures);
    }
    Ok(folders)
}

/// What a folder holds, by name; hidden entries are left out.
pub(crate) fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(Error::file(folder))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(Error::file(folder))?;
    paths.retain(|path| {
        path.file_name()
            .is_some_and(|name| !name.to_string_lossy().starts_with('.'))
    });
    paths.sort();
    Ok(paths)
}

/// Whether a file is a picture by its extension.
pub(crate) fn is_picture(path: &Path) -> bool {
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str())) && path.is_file()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
