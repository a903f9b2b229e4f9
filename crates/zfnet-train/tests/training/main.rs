//! What shows that the training is right: golden steps, overfitting, and runs that were broken off.

mod finish;
mod golden;
mod runs;
mod tiny;
