//! The paper's experiments, and a poster of what its figures show layer by layer.
//!
//! | here | in the paper |
//! |---|---|
//! | [`top`] | figure 2: what excites every map most, in many pictures |
//! | [`evolution`] | figure 4: how features evolved during training |
//! | [`invariance`] | figure 5: what moving, scaling and turning a picture changes |
//! | [`filters`] | figure 6: what the first layer's filters are like |
//! | [`occlusion`] | figure 7: what covering a part changes |
//! | [`correspondence`] | table 1: whether parts correspond in several pictures |
//! | [`hierarchy`] | every layer's strongest maps on one photograph, as figure 2 shows them on many |

pub mod correspondence;
pub mod evolution;
pub mod filters;
pub mod hierarchy;
pub mod invariance;
pub mod occlusion;
pub mod top;
