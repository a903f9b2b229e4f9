//! How far a run has come, on disk, so that it can go on from there.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zfnet::Network;
use zfnet::experiments::paper::top::Top;
use zfnet_train::checkpoint::write_whole;
use zfnet_train::text;

use super::parts::Share;
use crate::failure::bad_input;

/// Name of the file in the gallery's folder.
pub(super) const FILE: &str = "top.state.json";
/// The format that this program reads and writes.
const FORMAT: &str = "zf-lens top state 1";

/// Everything that decides who wins. How the winners are drawn is not of it: that may change when a run is resumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Conditions {
    /// Name of the network.
    pub(super) network: String,
    /// SHA-256 of each of its files.
    pub(super) weights: Vec<String>,
    /// Where it is computed: rounding differs from device to device.
    pub(super) device: String,
    /// Photographs that go through the network together, for the same reason.
    pub(super) batch: usize,
    pub(super) layers: Vec<String>,
    pub(super) count: usize,
    /// Left, top and size of the crop, where one was asked for.
    pub(super) crop: Option<[u32; 3]>,
    /// How many files there are.
    pub(super) photographs: usize,
    /// SHA-256 of their list.
    pub(super) list: String,
}

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    format: String,
    pub(super) conditions: Conditions,
    /// Files that were looked at, readable or not.
    pub(super) done: usize,
    /// Numbers of those that could not be read.
    pub(super) skipped: Vec<usize>,
    pub(super) top: Top,
}

impl State {
    /// The state to go on from: the one in the folder if the run is resumed and has got that far, else a new one.
    ///
    /// # Errors
    /// When the folder holds an unfinished run that is not to be resumed, one under other conditions, or no state.
    pub(super) fn open(
        share: &Share,
        conditions: Conditions,
        blank: Top,
        resume: bool,
        network: &Network,
    ) -> anyhow::Result<Self> {
        let Share { photographs, file } = share;
        let found = match file.exists() {
            true => Some(Self::read(file)?),
            false => None,
        };
        match found {
            Some(state) if resume => {
                state.fits("--resume", share, &conditions, network)?;
                Ok(state)
            }
            Some(state) if state.done < photographs.end => Err(bad_input(
                file.parent().unwrap_or(file).display(),
                "a folder without an unfinished run, or --resume",
                format!(
                    "a run that has come to {} of {}",
                    state.done, state.conditions.photographs
                ),
            )),
            _ => Ok(Self {
                done: photographs.start,
                ..Self::new(conditions, blank)
            }),
        }
    }

    /// Of a run that has not begun.
    pub(super) fn new(conditions: Conditions, blank: Top) -> Self {
        Self {
            format: FORMAT.into(),
            conditions,
            done: 0,
            skipped: Vec::new(),
            top: blank,
        }
    }

    /// Checks what an `option` has read against a share of a run.
    ///
    /// # Errors
    /// When it was made under other conditions or cannot be of that run.
    pub(super) fn fits(
        &self,
        option: &str,
        share: &Share,
        conditions: &Conditions,
        network: &Network,
    ) -> anyhow::Result<()> {
        let Share { photographs, file } = share;
        let path = file.display();
        differences(&format!("{option}: {path}"), &self.conditions, conditions)?;
        self.top.check(network)?;
        let skipped = &self.skipped;
        let in_order = skipped.is_sorted()
            && skipped.last().is_none_or(|last| *last < self.done)
            && skipped
                .first()
                .is_none_or(|first| *first >= photographs.start);
        if !(photographs.start..=photographs.end).contains(&self.done) || !in_order {
            let found = format!("{} done, {:?} skipped", self.done, self.skipped);
            let expected = format!("photographs {photographs:?}");
            return Err(bad_input(path, expected, found));
        }
        Ok(())
    }

    /// Puts the state into the place of the old one when it is whole.
    ///
    /// # Errors
    /// When the disk refuses; the old state is untouched then.
    pub(super) fn save(&self, path: &Path) -> anyhow::Result<()> {
        Ok(write_whole(path, &serde_json::to_vec(self)?)?)
    }

    /// How many photographs could be read.
    pub(super) fn pictures(&self) -> usize {
        self.done - self.skipped.len()
    }

    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let expected = format!("a {FORMAT}");
        let unfit = |found: String| bad_input(path.display(), &expected, found);
        let value: Value = text::json(path, &expected)?;
        if value["format"] != FORMAT {
            return Err(unfit(value["format"].to_string()));
        }
        serde_json::from_value(value).map_err(|error| unfit(error.to_string()))
    }
}

/// SHA-256 of a list of files.
pub(super) fn fingerprint(paths: &[PathBuf]) -> String {
    let mut list = Vec::new();
    for path in paths {
        list.extend(path.as_os_str().as_encoded_bytes());
        list.push(0);
    }
    zfnet::files::manifest::sha256(&list)
}

/// Refuses the first condition in which a run to be resumed differs from the one that was begun.
fn differences(where_from: &str, begun: &Conditions, now: &Conditions) -> anyhow::Result<()> {
    let as_values = |conditions: &Conditions| serde_json::to_value(conditions);
    let (begun, now) = (as_values(begun)?, as_values(now)?);
    let words = [
        ("network", "the same network"),
        ("weights", "the same weights"),
        ("device", "the same --device"),
        ("batch", "the same --batch"),
        ("layers", "the same --layers"),
        ("count", "the same --count"),
        ("crop", "the same --crop"),
        ("photographs", "the same number of photographs"),
        ("list", "the same list of photographs"),
    ];
    for (key, what) in words {
        if begun[key] != now[key] {
            return Err(bad_input(
                where_from,
                format!("{what} as when the run began, {}", begun[key]),
                &now[key],
            ));
        }
    }
    Ok(())
}
