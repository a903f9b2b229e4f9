//! Files of other programs, read from their bytes: what they become, what it computes, and what is refused.

mod attacks;
mod broken;
mod computed;
mod graph;
mod planned;
mod states;
mod torchvision;
