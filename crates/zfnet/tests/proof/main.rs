//! What shows that the engine is right: laws, golden cases, files and pictures. One binary, because each links burn.

mod attribution;
mod deletion_insertion;
mod derivation;
mod device;
mod evolution;
mod experiments;
mod favourite;
mod files;
mod filters;
mod golden;
mod grey;
mod heads;
mod hierarchy;
mod kernels;
mod laws;
mod learning;
mod pictures;
mod preprocessing;
mod random;
mod region;
mod signals;
mod stored;
mod top;
mod waves;
