//! Whether winners that were stored can be those of a network.

use super::{Top, Watched, is_answer};
use crate::{Error, Network, Result};

impl Top {
    /// Checks winners that come from a file or a browser's storage against the network that they are to be drawn with.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`], [`Error::NotLoaded`], or [`Error::OutOfRange`] for other maps than the network's, units
    /// that are not there, more winners than are kept, a picture twice, a wrong order, or an activation that is not above
    /// 0.
    pub fn check(&self, network: &Network) -> Result<()> {
        let names: Vec<&str> = self.layers.iter().map(|own| own.layer.as_str()).collect();
        let blank = Self::new(network, &names, self.count)?;
        for (own, blank) in self.layers.iter().zip(&blank.layers) {
            let shape = |watched: &Watched| {
                (
                    watched.layer.clone(),
                    watched.maps.len(),
                    watched.frame[0],
                    watched.frame[1],
                )
            };
            let (expected, found) = (shape(blank), shape(own));
            if expected != found {
                return Err(Error::refused(
                    "watched layer (name, maps, rows, columns)",
                    format!("{expected:?}"),
                    format!("{found:?}"),
                ));
            }
            for (map, winners) in own.maps.iter().enumerate() {
                let sound = winners.len() <= self.count
                    && winners
                        .windows(2)
                        .all(|pair| pair[0].order(&pair[1]).is_lt())
                    && winners.iter().enumerate().all(|(at, winner)| {
                        let unit_is_there = winner.row < own.frame[0] && winner.col < own.frame[1];
                        let is_first = winners[..at].iter().all(|w| w.picture != winner.picture);
                        unit_is_there && is_first && is_answer(winner.activation)
                    });
                if !sound {
                    return Err(Error::refused(
                        format!("winners of {} map {map}", own.layer),
                        format!(
                            "at most {} pictures, each once and the strongest first, at units of {:?}",
                            self.count, own.frame
                        ),
                        format!("{winners:?}"),
                    ));
                }
            }
        }
        Ok(())
    }
}
