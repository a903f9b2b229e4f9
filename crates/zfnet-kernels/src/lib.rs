//! The operations of a convolutional network on plain numbers, fast on a processor.
//!
//! Maps are `[pictures, maps, rows, cols]`, row-major. One source for every instruction set: `rten-simd` chooses at run time
//! among those of x86 and has one for WebAssembly; what is unsafe about that stays inside it. Nothing here knows of tensors:
//! `zfnet` keeps the same operations in burn's words, which are what these are tested against.

#![cfg_attr(
    not(feature = "flex"),
    allow(
        dead_code,
        reason = "only tensors in the processor's memory ask for the way down"
    )
)]

pub mod conv;
pub mod dense;
mod gradient;
pub mod maximum;
pub mod norm;
mod overlay;
pub mod pairs;
pub mod pool;
mod product;
pub mod relu;
pub mod tensors;
mod threads;
pub mod transpose;
mod unfold;
mod winograd;
