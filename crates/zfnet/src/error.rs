//! What can go wrong, sorted by who can act on it.

use crate::kind::Kind;

/// Every error of this crate.
///
/// Each message says what was expected and what was found; nothing here is raised by a broken internal invariant
/// (those are assertions).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Occurs when a weights file does not fit its own architecture or this program.
    #[error("weights: {subject}: expected {expected}, found {found}")]
    Weights {
        /// The tensor, layer or field the complaint is about.
        subject: String,
        /// What a valid file would have there.
        expected: String,
        /// What this file has.
        found: String,
    },
    /// Occurs when a table of layers describes no possible network.
    #[error("architecture: layer {layer}: expected {expected}, found {found}")]
    Architecture {
        /// Name of the offending layer.
        layer: String,
        /// What the layer would accept.
        expected: String,
        /// What it got.
        found: String,
    },
    /// Occurs when a layer is asked for by a name that the network does not have.
    #[error("unknown layer: expected one of {known}, found {layer}")]
    UnknownLayer {
        /// The name asked for.
        layer: String,
        /// The names there are, comma separated.
        known: String,
    },
    /// Occurs when a map, unit, class or picture is asked for beyond the last one.
    #[error("out of range: {subject}: expected {expected}, found {found}")]
    OutOfRange {
        /// What was counted.
        subject: String,
        /// The valid range.
        expected: String,
        /// The value asked for.
        found: String,
    },
    /// Occurs when a layer's weights are needed that no loaded shard carries.
    #[error(
        "weights of layer {layer} are not loaded: expected a shard that carries {layer}, found {found}"
    )]
    NotLoaded {
        /// The first layer without weights.
        layer: String,
        /// The shards that are there.
        found: String,
    },
    /// Occurs when the bytes begin as a picture and make no sense further on.
    #[error("picture is damaged: expected a sound JPEG, PNG, WebP, GIF or BMP, found {found}")]
    ImageDecode {
        /// What the decoder said.
        found: String,
    },
    /// Occurs when a picture's file ends before the picture does.
    #[error("picture is cut off: expected all of a {format}, found {found}")]
    ImageCutOff {
        /// The format of the picture.
        format: &'static str,
        /// Where it ends.
        found: String,
    },
    /// Occurs when the bytes are a picture in a format or of a kind that is not decoded here.
    #[error(
        "picture format is not decoded here: expected JPEG, PNG, WebP, GIF or BMP, found {found}"
    )]
    ImageUnsupported {
        /// The format or feature met.
        kind: Kind,
        /// The same in words.
        found: String,
    },
    /// Occurs when the bytes are no picture at all.
    #[error("not a picture: expected JPEG, PNG, WebP, GIF or BMP, found {kind}")]
    NotAnImage {
        /// What the bytes are, as far as their beginning tells.
        kind: Kind,
    },
    /// Occurs before decoding, when a picture claims more pixels or bytes than the limit.
    #[error("picture is too large: expected at most {expected}, found {found}")]
    ImageTooLarge {
        /// The limit.
        expected: String,
        /// What the file claims.
        found: String,
    },
    /// Occurs when there are no bytes or no pixels at all.
    #[error("picture is empty: expected at least one pixel, found {found}")]
    ImageEmpty {
        /// What was empty.
        found: String,
    },
    /// Occurs when the device fails while it computes or hands its results back.
    #[error("the device failed: expected numbers, found {0}")]
    Execution(String),
}

/// A result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn weights(
        subject: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Weights {
            subject: subject.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    pub(crate) fn out_of_range(subject: impl Into<String>, count: usize, found: usize) -> Self {
        let expected = match count {
            0 => "none at all".into(),
            _ => format!("0 to {}", count - 1),
        };
        Self::refused(subject, expected, found)
    }

    /// An argument that cannot be meant.
    pub fn refused(
        subject: impl Into<String>,
        expected: impl ToString,
        found: impl ToString,
    ) -> Self {
        Self::OutOfRange {
            subject: subject.into(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }
}

/// Refuses an argument of which something does not hold.
pub(crate) fn demand(
    holds: bool,
    subject: impl Into<String>,
    expected: impl ToString,
    found: impl ToString,
) -> Result<()> {
    match holds {
        true => Ok(()),
        false => Err(Error::refused(subject, expected, found)),
    }
}
