//! One run in parts, each on a machine of its own: which photographs a part looks at, and how the parts become the whole.

use std::ops::Range;
use std::path::{Path, PathBuf};

use zfnet::Network;
use zfnet::experiments::paper::top::Top;

use super::state::{Conditions, State};
use crate::failure::bad_input;

/// The number of a part, from 1, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    number: usize,
    of: usize,
}

impl Part {
    /// K/N.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (number, of) = text.split_once('/').unwrap_or_default();
        let part = number.parse().ok().zip(of.parse().ok());
        let part = part.map(|(number, of)| Self { number, of });
        let part = part.filter(|part| (1..=part.of).contains(&part.number) && part.of <= 10_000);
        part.ok_or_else(|| "K/N, K from 1 to N, N at most 10000".into())
    }

    /// What it does of a run.
    pub(super) fn share(self, folder: &Path, all: usize, batch: usize) -> Share {
        let batches = all.div_ceil(batch);
        let first = |number: usize| (batches * number / self.of * batch).min(all);
        Share {
            photographs: first(self.number - 1)..first(self.number),
            file: folder.join(format!("top.part-{}-of-{}.json", self.number, self.of)),
        }
    }
}

/// What is done of a run by one program: whole batches, those of the unbroken run, since rounding may depend on what goes
/// through the network together.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) photographs: Range<usize>,
    /// Where the state is saved.
    pub(super) file: PathBuf,
}

/// The state of the whole run, made of those of its parts that lie in the folder.
///
/// # Errors
/// When there are none, one is missing or unfinished, or one was made under other conditions.
pub(super) fn join(
    folder: &Path,
    conditions: Conditions,
    blank: Top,
    network: &Network,
) -> anyhow::Result<State> {
    let expected = "the parts of one run, all of them";
    let entries = std::fs::read_dir(folder);
    let names = entries.map(|entries| {
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names
            .filter_map(|name| of_how_many(&name))
            .collect::<Vec<_>>()
    });
    let mut counts = names.map_err(|error| bad_input(folder.display(), expected, error))?;
    counts.sort_unstable();
    counts.dedup();
    let [of] = counts[..] else {
        let found = match counts.is_empty() {
            true => "none".into(),
            false => format!("parts of {counts:?}"),
        };
        return Err(bad_input(folder.display(), expected, found));
    };
    let mut whole = State::new(conditions, blank);
    for number in 1..=of {
        let part = Part { number, of };
        let Conditions {
            photographs, batch, ..
        } = whole.conditions;
        let share = part.share(folder, photographs, batch);
        if !share.file.exists() {
            return Err(bad_input(share.file.display(), expected, "no such file"));
        }
        let found = State::read(&share.file)?;
        found.fits("--join", &share, &whole.conditions, network)?;
        let Range { start, end } = share.photographs;
        if found.done < end {
            let done = format!("{} of {} photographs", found.done - start, end - start);
            return Err(bad_input(
                share.file.display(),
                "a part that is finished",
                done,
            ));
        }
        whole.top.join(&found.top)?;
        whole.skipped.extend(found.skipped);
        whole.done = end;
    }
    Ok(whole)
}

/// Of how many parts a file is one.
fn of_how_many(name: &str) -> Option<usize> {
    let inner = name.strip_prefix("top.part-")?.strip_suffix(".json")?;
    inner.split_once("-of-")?.1.parse().ok()
}
