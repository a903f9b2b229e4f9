//! Which files below a folder are its pictures: one rule for trainings and for every other look into a folder.

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Extensions of the pictures that the engine decodes.
pub const EXTENSIONS: [&str; 6] = ["jpg", "jpeg", "png", "webp", "gif", "bmp"];

/// Names of what systems, servers and archives put beside pictures, and of what holds copies of them; in lower case.
const FOREIGN: [&str; 8] = [
    "@eadir",
    "__macosx",
    "#recycle",
    "$recycle.bin",
    "system volume information",
    "lost+found",
    "thumbs.db",
    "desktop.ini",
];

/// What was found below a folder.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The pictures by their extension, in the order of their paths.
    pub pictures: Vec<PathBuf>,
    /// Folders that cannot be read and links that lead nowhere, each as the complaint that names it.
    pub unreadable: Vec<String>,
}

/// The pictures in a folder and in the folders below it.
///
/// What is hidden, and what systems put beside pictures (`@eaDir`, `__MACOSX`, `Thumbs.db` and their like), is passed over;
/// the folder itself may be hidden. Links are followed, but each folder is looked into once, and none that leads back up,
/// or to what the folder itself lies in.
pub fn gather(folder: &Path) -> Gathered {
    let mut walk = Walk {
        start: folder.canonicalize().unwrap_or_default(),
        ..Walk::default()
    };
    walk.enter(folder);
    // After all that really lies here, so that it is found under its own path.
    while let Some(link) = walk.links.pop_front() {
        walk.enter(&link);
    }
    walk.gathered.pictures.sort();
    walk.gathered
}

/// A way through folders.
#[derive(Default)]
struct Walk {
    /// Real path of the folder that it began in.
    start: PathBuf,
    gathered: Gathered,
    /// Real paths of the folders that were looked into.
    seen: HashSet<PathBuf>,
    /// Linked folders that are still to be looked into.
    links: VecDeque<PathBuf>,
}

impl Walk {
    fn enter(&mut self, folder: &Path) {
        let real = folder.canonicalize();
        if real.is_ok_and(|real| !self.seen.insert(real)) {
            return;
        }
        match listed(folder) {
            Ok(entries) => entries.into_iter().for_each(|path| self.meet(path)),
            Err(error) => self.gathered.unreadable.push(error.to_string()),
        }
    }

    fn meet(&mut self, path: PathBuf) {
        match path.metadata() {
            _ if is_foreign(&path) => {}
            Ok(kind) if kind.is_dir() && !path.is_symlink() => self.enter(&path),
            Ok(kind) if kind.is_dir() && (leads_up(&path) || holds(&path, &self.start)) => {}
            Ok(kind) if kind.is_dir() => self.links.push_back(path),
            Ok(kind) if kind.is_file() && is_picture(&path) => self.gathered.pictures.push(path),
            Ok(_) => {}
            Err(error) => self.gathered.unreadable.push(lost(&path, &error)),
        }
    }
}

/// The complaint about an entry that is listed and not there: a link that leads nowhere, or what may not be looked at.
pub(super) fn lost(path: &Path, error: &std::io::Error) -> String {
    let expected = match path.is_symlink() {
        true => "a file or a folder behind the link",
        false => "a file or a folder that can be looked at",
    };
    Error::input(path.display().to_string(), expected, error.to_string()).to_string()
}

/// What a folder holds, by name, without what is hidden.
///
/// # Errors
/// [`Error::Input`] when it cannot be read.
pub(super) fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut paths: Vec<PathBuf> = entries.map_err(|error| {
        let name = folder.display().to_string();
        Error::input(name, "a readable folder", error.to_string())
    })?;
    paths.retain(|path| !name(path).starts_with('.'));
    paths.sort();
    Ok(paths)
}

/// Whether an entry is none of the user's own, by its name.
pub(super) fn is_foreign(path: &Path) -> bool {
    FOREIGN.contains(&name(path).to_lowercase().as_str())
}

/// Whether a link leads to a folder that it lies in itself.
pub(super) fn leads_up(link: &Path) -> bool {
    let lies_in = link.parent().map(Path::canonicalize);
    match (link.canonicalize(), lies_in) {
        (Ok(target), Some(Ok(folder))) => folder.starts_with(target),
        _ => false,
    }
}

/// Whether a link leads to a folder that this one lies in.
fn holds(link: &Path, folder: &Path) -> bool {
    link.canonicalize()
        .is_ok_and(|target| folder.starts_with(target))
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    EXTENSIONS.contains(&extension.to_lowercase().as_str())
}

fn name(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}
