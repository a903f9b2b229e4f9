//! Relaxed vector instructions for the crates that gain by them, and for no other: with the same flag for all, one of burn's
//! dependencies does not compile.

use std::env;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

/// The kernels, and the instructions that they are written in.
pub(crate) const CRATES: [&str; 2] = ["zfnet_kernels", "rten_simd"];
/// Set where this program stands in for the compiler.
const MARK: &str = "ZF_LENS_RELAXED";

/// Puts this program between cargo and the compiler.
pub(crate) fn compile_with(cargo: &mut Command) -> Result<()> {
    let program = env::current_exe().context("where this program lies")?;
    cargo.env("RUSTC_WRAPPER", program).env(MARK, "");
    Ok(())
}

/// Runs the compiler, if cargo takes this program for it: called with the compiler and what that is told.
pub(crate) fn stand_in() -> Option<ExitCode> {
    env::var_os(MARK)?;
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (compiler, arguments) = arguments.split_first()?;
    let status = Command::new(compiler)
        .args(arguments)
        .args(further(arguments))
        .status()
        .inspect_err(|error| eprintln!("{compiler}: {error}"));
    let code = status.ok().and_then(|status| status.code()).unwrap_or(1);
    Some(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// What the compiler is told beside that.
fn further(arguments: &[String]) -> &'static [&'static str] {
    let follows = |name: &str, values: &[&str]| {
        let pairs = arguments.windows(2);
        pairs
            .filter(|pair| pair[0] == name)
            .any(|pair| values.contains(&pair[1].as_str()))
    };
    match follows("--crate-name", &CRATES) && follows("--target", &[crate::toolchain::TARGET]) {
        true => &["-C", "target-feature=+relaxed-simd"],
        false => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_for_the_browser_alone_are_told_more() {
        let told = |name: &str, target: &str| {
            let words = ["--crate-name", name, "--target", target].map(String::from);
            further(&words).len()
        };
        assert_eq!(told("zfnet_kernels", "wasm32-unknown-unknown"), 2);
        assert_eq!(told("zfnet", "wasm32-unknown-unknown"), 0);
        assert_eq!(told("rten_simd", "x86_64-unknown-linux-gnu"), 0);
    }
}
