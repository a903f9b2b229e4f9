//! The command line's contract, from outside: arguments in, exit codes, one-line errors, pictures and numbers out.

mod architecture;
mod bench;
mod convert;
mod correspondence;
mod dumps;
mod evaluate;
mod evolution;
mod experiments;
mod explain;
mod export;
mod favourite;
mod folders;
mod gain;
mod grey;
mod language;
mod learn;
mod mosaic;
mod network;
mod onnx;
mod photographs;
mod project;
mod region;
mod texts;
mod top;
mod train;
mod usage;
