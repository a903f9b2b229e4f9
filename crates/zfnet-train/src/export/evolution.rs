//! The checkpoints of a training as they are shipped: beside the network that it led to.

use std::path::Path;

use zfnet::Network;
use zfnet::files::checkpoints::Evolution;

use crate::checkpoint::write_whole;
use crate::history::EVOLUTION;
use crate::{Error, Result};

/// Copies the checkpoints of a training's folder into the folder of an exported network, the list last; gives their
/// number, or nothing when the training kept none.
///
/// # Errors
/// [`Error::Input`] when they led to another network, [`Error::File`], [`Error::Engine`] for a file that is not whole.
pub fn evolution(training: &Path, out: &Path, network: &Network) -> Result<Option<usize>> {
    let [folder, list] = EVOLUTION;
    let from = training.join(folder);
    let path = from.join(list);
    if !path.is_file() {
        return Ok(None);
    }
    let json = std::fs::read(&path).map_err(Error::file(&path))?;
    let evolution = Evolution::parse(&json)?;
    if evolution.network != network.model.name {
        return Err(Error::input(
            path.display().to_string(),
            format!("the checkpoints of {}", network.model.name),
            format!("those of {}", evolution.network),
        ));
    }
    let to = out.join(folder);
    std::fs::create_dir_all(&to).map_err(Error::file(&to))?;
    for checkpoint in &evolution.checkpoints {
        let path = from.join(&checkpoint.path);
        let bytes = std::fs::read(&path).map_err(Error::file(&path))?;
        checkpoint.verify(&bytes)?;
        write_whole(&to.join(&checkpoint.path), &bytes)?;
    }
    write_whole(&to.join(list), &json)?;
    Ok(Some(evolution.checkpoints.len()))
}
