//! What a reader of a format finds in a file.

use zfnet::network::architecture::Shape;

use crate::row::{Row, Source};

/// A network as a file has it, in rows.
pub(crate) struct Found<'a> {
    pub(crate) rows: Vec<Row<'a>>,
    pub(crate) input: Shape,
    /// The row that gives the scores.
    pub(crate) output: Source,
    /// The network's name, which may be empty.
    pub(crate) name: &'a str,
    /// The program that wrote the file.
    pub(crate) producer: &'a str,
    /// What is told of the file in the network's provenance.
    pub(crate) about: serde_json::Value,
}
