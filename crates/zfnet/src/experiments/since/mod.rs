//! What came after the paper: other ways back from a score, whether it rests on the pixels that they name (Petsiuk et al.
//! 2018), what is left without what a network attends to (Li et al. 2018), inputs made to excite a unit, which maps answer in a region
//! of the picture, and how pictures enter a network of which nobody says.

pub mod activation_maximisation;
pub mod attention_mining;
pub mod attribution;
pub mod deletion_insertion;
pub mod preprocessing;
pub mod region;
