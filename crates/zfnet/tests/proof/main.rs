//! What shows that the engine is right: laws, golden cases, files and pictures. One binary, because each links burn.

mod attribution;
mod evolution;
mod experiments;
mod favourite;
mod files;
mod golden;
mod laws;
mod learning;
mod pictures;
mod random;
