//! Bytes to networks and back, and the lists that name such files.

pub mod checkpoints;
pub mod head;
pub mod manifest;
pub mod replay;
pub mod weights;
