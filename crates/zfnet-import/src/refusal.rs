//! Why a file is not read, in the words of [`zfnet::Error`].

pub(crate) use zfnet::{Error, Result};

/// The file is no sound one.
pub(crate) fn damaged(expected: impl Into<String>, found: impl Into<String>) -> Error {
    wrong("file", expected, found)
}

/// Something named in the file is not as it must be.
pub(crate) fn wrong(
    subject: impl Into<String>,
    expected: impl Into<String>,
    found: impl Into<String>,
) -> Error {
    Error::Weights {
        subject: subject.into(),
        expected: expected.into(),
        found: found.into(),
    }
}
