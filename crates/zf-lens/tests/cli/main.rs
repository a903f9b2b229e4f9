//! The command line's contract, from outside: arguments in, exit codes, one-line errors, pictures and numbers out.

mod bench;
mod convert;
mod evaluate;
mod evolution;
mod experiments;
mod explain;
mod export;
mod favourite;
mod mosaic;
mod network;
mod photographs;
mod project;
mod train;
mod usage;
