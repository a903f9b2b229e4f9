//! One file for each command: its arguments, and what it does.

pub(crate) mod classify;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod convert;
pub(crate) mod correspondence;
pub(crate) mod evaluate;
pub(crate) mod evolution;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod favourite;
pub(crate) mod filters;
pub(crate) mod gain;
pub(crate) mod hierarchy;
pub(crate) mod inspect;
pub(crate) mod invariance;
pub(crate) mod learn;
pub(crate) mod mosaic;
pub(crate) mod occlusion;
pub(crate) mod project;
pub(crate) mod region;
pub(crate) mod top;
pub(crate) mod train;
