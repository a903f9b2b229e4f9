//! Photographs to what enters a network, and numbers to pictures.

pub mod image;
pub mod rendering;
