//! Decoded pictures within a bound of memory.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use image::RgbImage;
use zfnet::network::model::Input;
use zfnet::{Crop, Photo};

use crate::{Error, Result};

/// Decoded pictures, shared by all its clones.
///
/// What does not fit is decoded again each time. Nothing is ever thrown out: when every picture is wanted once an epoch, the
/// ones kept longest serve as well as any, and throwing out the one used longest ago would throw out each just before it is
/// wanted.
#[derive(Debug, Clone)]
pub struct Cache(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    bound: usize,
    short_side: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    kept: HashMap<Form, HashMap<PathBuf, Arc<RgbImage>>>,
    bytes: usize,
    skipped: BTreeMap<PathBuf, String>,
}

/// What was made of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    /// The whole picture, its short side scaled.
    Scaled,
    /// The engine's own part for an input of this size and this short side.
    Prepared([usize; 2], usize),
}

impl Cache {
    /// A cache of at most so many bytes of pixels; pictures are kept with this short side, in pixels.
    pub fn new(bytes: usize, short_side: u32) -> Self {
        Self(Arc::new(Shared {
            bound: bytes,
            short_side: short_side.max(1),
            state: Mutex::default(),
        }))
    }

    /// A file's picture, its short side scaled down, or up if it is smaller, to that of the cache; the long side is at most
    /// eight times as long.
    ///
    /// # Errors
    /// [`Error::Input`] for a file that cannot be read or is no picture. It is not tried again, and listed by
    /// [`Self::skipped`].
    pub fn get(&self, path: &Path) -> Result<Arc<RgbImage>> {
        let short = self.0.short_side;
        self.form(path, Form::Scaled, |photo| Ok(photo.with_short_side(short)))
    }

    /// The square that a network looks at by default, the engine's own to the last bit.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn prepared(&self, path: &Path, input: &Input) -> Result<Arc<RgbImage>> {
        let form = Form::Prepared(input.size, input.resize_short_side);
        self.form(path, form, |photo| {
            Ok(photo.prepare(input, Crop::Centre)?.rgb)
        })
    }

    /// Each file that could not be read, once, with the reason; by path.
    pub fn skipped(&self) -> Vec<(PathBuf, String)> {
        let skipped = &self.state().skipped;
        let entries = skipped.iter();
        entries
            .map(|(path, why)| (path.clone(), why.clone()))
            .collect()
    }

    /// Bytes of pixels that are kept now.
    pub fn bytes(&self) -> usize {
        self.state().bytes
    }

    fn form(
        &self,
        path: &Path,
        form: Form,
        make: impl FnOnce(Photo) -> Result<RgbImage>,
    ) -> Result<Arc<RgbImage>> {
        {
            let state = self.state();
            if let Some(picture) = state.kept.get(&form).and_then(|kept| kept.get(path)) {
                return Ok(picture.clone());
            }
            if let Some(why) = state.skipped.get(path) {
                return Err(broken(path, why));
            }
        }
        // Decoded without the lock: two threads may decode the same file at once, which costs less than waiting.
        let made = std::fs::read(path)
            .map_err(|e| e.to_string())
            .and_then(|bytes| Photo::decode(&bytes).map_err(|e| e.to_string()))
            .and_then(|photo| make(photo).map_err(|e| e.to_string()));
        let mut state = self.state();
        match made {
            Ok(picture) => {
                let picture = Arc::new(picture);
                let bytes = picture.as_raw().len();
                let kept = state.kept.get(&form);
                let known = kept.is_some_and(|kept| kept.contains_key(path));
                if !known && state.bytes.saturating_add(bytes) <= self.0.bound {
                    state.bytes += bytes;
                    let kept = state.kept.entry(form).or_default();
                    kept.insert(path.to_path_buf(), picture.clone());
                }
                Ok(picture)
            }
            Err(why) => {
                let error = broken(path, &why);
                state.skipped.insert(path.to_path_buf(), why);
                Err(error)
            }
        }
    }

    /// The state, also after a thread has panicked: it is changed in single steps that leave it whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn broken(path: &Path, why: &str) -> Error {
    Error::input(path.display().to_string(), "a picture", why)
}
