//! What shows that the training is right: golden steps, overfitting, and runs that were broken off.

mod golden;
mod runs;
