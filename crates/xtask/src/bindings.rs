//! The JavaScript side of a module, made by wasm-bindgen as a library: nothing to install, and always of one version
//! with the crate.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::modules::Module;
use crate::workspace::Workspace;

/// Writes `www/pkg/<module>`, unless it was written from this very file.
pub(crate) fn generate(workspace: &Workspace, wasm: &Path, module: Module) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let package = module.package(workspace);
    let stamp = workspace
        .web_target()
        .join(format!("bindings.{}", module.name()));
    // The folder is part of the stamp: clones that share a target directory do not share their packages.
    let hash = format!("2 {} {}", digest(&bytes), package.display());
    let stem = module.stem();
    let [script, types, code] = [".js", ".d.ts", "_bg.wasm"].map(|end| format!("{stem}{end}"));
    let present = [&script, &types, &code]
        .iter()
        .all(|file| package.join(file).is_file());
    if present && fs::read_to_string(&stamp).is_ok_and(|written| written == hash) {
        println!("  unchanged");
        return Ok(());
    }
    if package.exists() {
        fs::remove_dir_all(&package).with_context(|| format!("emptying {}", package.display()))?;
    }
    Bindgen::new()
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        // `init()` without an argument then finds the module beside its script, on any sub-path.
        .omit_default_module_path(false)
        .input_bytes(stem, bytes)
        .generate(&package)
        .context("wasm-bindgen")?;
    // What a server that compresses says of the length is another number.
    let length = fs::metadata(package.join(code))?.len();
    for (file, words) in [
        (script, format!("export const moduleBytes = {length};\n")),
        (
            types,
            "\n/** Length of the module. */\nexport const moduleBytes: number;\n".into(),
        ),
    ] {
        let path = package.join(file);
        let text = fs::read_to_string(&path)?;
        fs::write(&path, text + &words).with_context(|| format!("writing {}", path.display()))?;
    }
    fs::write(&stamp, hash).with_context(|| format!("writing {}", stamp.display()))
}

/// What the page may call must not depend on the backend. Compares the declarations of both modules up to the raw
/// exports, whose names carry hashes.
pub(crate) fn compare(workspace: &Workspace) -> Result<()> {
    let declared = |module: Module| -> Result<String> {
        let file = module.package(workspace).join("zfnet_web.d.ts");
        let text =
            fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        Ok(text
            .split("export type InitInput")
            .next()
            .unwrap_or_default()
            .to_owned())
    };
    let (cpu, webgpu) = (declared(Module::Cpu)?, declared(Module::WebGpu)?);
    if let Some((one, other)) = cpu
        .lines()
        .zip(webgpu.lines())
        .find(|(one, other)| one != other)
    {
        anyhow::bail!(
            "the modules declare different things: cpu has `{one}`, webgpu has `{other}`"
        );
    }
    anyhow::ensure!(
        cpu.len() == webgpu.len(),
        "one of the modules declares more than the other: compare their zfnet_web.d.ts"
    );
    Ok(())
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
