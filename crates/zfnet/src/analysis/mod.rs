//! Questions put to the network, one file each.

pub mod evolution;
