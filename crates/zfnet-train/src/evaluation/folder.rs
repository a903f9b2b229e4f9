//! A folder of pictures by class, matched to the classes that a network knows.

use std::path::{Path, PathBuf};

use zfnet::network::model::ClassName;

use crate::data::folder::classes as folders;
use crate::data::{EXTENSIONS, LeftOut, Sample};
use crate::{Error, Result};

/// The validation pictures of a folder, with each class as the network counts it, and what is left out of it.
///
/// `root/val/<class>/**` if there is a `val`, else `root/<class>/**`, as for [`Dataset`](crate::data::Dataset). A folder's
/// name is matched to the network's names without regard to case, spaces, hyphens and underscores; classes of the network
/// without a folder are left out.
///
/// # Errors
/// [`Error::Input`] when there is no folder, a folder cannot be read, is no class of the network or a class of it twice, or
/// there is no picture.
pub fn samples(root: &Path, classes: &[ClassName]) -> Result<(Vec<Sample>, LeftOut)> {
    let shown = |path: &Path| path.display().to_string();
    let split = Some(root.join("val")).filter(|val| val.is_dir());
    let root = split.as_deref().unwrap_or(root);
    if !root.is_dir() {
        let found = if root.exists() { "a file" } else { "nothing" };
        return Err(Error::input(
            shown(root),
            "a folder with one folder for each class",
            found,
        ));
    }
    let mut samples: Vec<Sample> = Vec::new();
    let mut left_out = LeftOut::default();
    let mut taken: Vec<Option<PathBuf>> = vec![None; classes.len()];
    for (folder, pictures) in folders(root, &mut left_out)? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let named = |class: &ClassName| {
            plain(&class.en) == plain(&name) || class.zh.as_deref() == Some(&name)
        };
        let Some(class) = classes.iter().position(named) else {
            let names: Vec<_> = classes.iter().map(|class| class.en.as_str()).collect();
            let expected = match names.is_empty() {
                true => "a network whose classes have names".to_owned(),
                false => format!("a class of the network ({})", names.join(", ")),
            };
            return Err(Error::input(shown(&folder), expected, name));
        };
        if let Some(first) = &taken[class] {
            return Err(Error::input(
                shown(&folder),
                format!("one folder for {}", classes[class].en),
                format!("also {}", first.display()),
            ));
        }
        let pictures = pictures.into_iter();
        samples.extend(pictures.map(|path| Sample { path, class }));
        taken[class] = Some(folder);
    }
    match samples.is_empty() {
        true => Err(Error::input(
            shown(root),
            format!(
                "folders, one for each class, with pictures ({})",
                EXTENSIONS.join(", ")
            ),
            "none",
        )),
        false => Ok((samples, left_out)),
    }
}

/// A name without what a folder's name cannot or does not say.
pub(crate) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, ' ' | '-' | '_'));
    letters.flat_map(char::to_lowercase).collect()
}
