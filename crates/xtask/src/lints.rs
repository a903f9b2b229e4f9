//! Lints without a build of their own. `cargo clippy` checks every dependency once more before it comes to our crates, and
//! that is mostly burn; clippy's compiler in place of rustc, for the crates of this workspace alone, lints while it builds.

use std::path::Path;
use std::process::Command;

/// What `cargo clippy -- -D warnings` tells the compiler.
const DENY_WARNINGS: &str = "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__";

/// Lets a cargo command compile our crates with this clippy, and fail on a warning. The products lie beside those of rustc
/// and share all dependencies with them.
pub(crate) fn lint<'a>(cargo: &'a mut Command, driver: &Path) -> &'a mut Command {
    cargo
        .env("RUSTC_WORKSPACE_WRAPPER", driver)
        .env("CLIPPY_ARGS", DENY_WARNINGS)
}
