//! How far an experiment has come, and who is told of it.

use std::ops::ControlFlow;

/// A step of an experiment, and what it brought.
#[derive(Debug, Clone, Copy)]
pub struct Step<P> {
    /// How much is done.
    pub done: usize,
    /// How much there is to do.
    pub total: usize,
    /// What is known by now.
    pub part: P,
}

/// Somebody who is told of every step, and may stop the experiment: any async function that takes one.
#[allow(
    async_fn_in_trait,
    reason = "nobody needs the future to move between threads: a browser has one"
)]
pub trait Listener<P>: AsyncFnMut(Step<P>) -> ControlFlow<()> {
    /// Tells of a step, and whether to go on.
    async fn goes_on(&mut self, done: usize, total: usize, part: P) -> bool {
        self(Step { done, total, part }).await.is_continue()
    }
}

impl<P, F: AsyncFnMut(Step<P>) -> ControlFlow<()>> Listener<P> for F {}
