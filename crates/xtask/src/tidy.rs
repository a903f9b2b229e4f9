//! What the compiler cannot check about this repository: who may depend on whom, where tensors are read back, how
//! large files grow, what the page loads.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::dist;
use crate::process;
use crate::workspace::repository;

const LONGEST_FILE: usize = 600;
const LARGEST_GOLDEN_FILE: u64 = 65_536;
/// A whole network in a file of another program, which cannot be narrower.
const LARGEST_GOLDEN_NETWORK: u64 = 150_000;

/// What would tie the engine to a backend or a browser.
const NOT_IN_ENGINE: [&str; 14] = [
    "flex",
    "wgpu",
    "webgpu",
    "vulkan",
    "cuda",
    "rocm",
    "metal",
    "ndarray",
    "tch",
    "candle",
    "getrandom",
    "wasm-bindgen",
    "web-sys",
    "js-sys",
];

/// What would tie the engine to a machine: it takes bytes and a device, and gives values.
const NOT_IN_ENGINE_SOURCE: [&str; 6] = [
    "std::fs",
    "std::env",
    "std::net",
    "std::time",
    "std::thread",
    "static mut ",
];

/// Where tensors become numbers; blocking, they panic in a browser, and one by one they stall a GPU.
const READ_BACK: [&str; 8] = [
    ".into_data(",
    ".into_data_async(",
    ".to_data(",
    ".to_data_async(",
    ".into_scalar(",
    ".into_scalar_async(",
    ".try_into_data(",
    ".try_into_scalar(",
];

/// What stands before an address that a browser loads by itself. A link that a visitor may follow is not among them.
const LOADS: [&str; 15] = [
    "src=",
    "srcset=",
    "poster=",
    "action=",
    "data=",
    "from ",
    "import ",
    "import(",
    "fetch(",
    "URL(",
    "Worker(",
    "url(",
    "@import ",
    "importScripts(",
    "sendBeacon(",
];

/// Settings that say what is looked at and how it is drawn: no experiment is asked for them by name.
const OF_THE_PAGE: [&str; 16] = [
    "and", "andMap", "chance", "compare", "draw", "fill", "from", "layers", "measure", "of",
    "opacity", "removal", "scale", "score", "watch", "weight",
];

/// Files under `folder` of the repository with one of these endings.
fn files(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let root = repository().join(folder);
    let found = dist::files(&root).expect("a readable folder");
    let wanted = found.into_iter().filter(|file| {
        let name = file.to_string_lossy().replace('\\', "/");
        endings.iter().any(|ending| name.ends_with(ending)) && !name.starts_with("pkg/")
    });
    wanted
        .map(|file| {
            let text = fs::read_to_string(root.join(&file)).expect("a text file");
            (Path::new(folder).join(file), text)
        })
        .collect()
}

/// Sources of all crates: `crates/*/src`.
fn sources() -> Vec<(PathBuf, String)> {
    let mut sources = files("crates", &[".rs"]);
    sources.retain(|(file, _)| file.iter().nth(2).is_some_and(|part| part == "src"));
    assert!(
        sources.len() > 10,
        "the sources are not where they are expected"
    );
    sources
}

fn is_test_file(file: &Path) -> bool {
    file.iter()
        .any(|part| part == "tests" || part == "tests.rs")
}

/// A file without its unit tests, which stand at its end.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or(text)
}

/// The lines of a manifest outside `[dev-dependencies]`, without comments.
fn shipped_lines(manifest: &str) -> impl Iterator<Item = &str> {
    let mut shipped = true;
    manifest.lines().filter_map(move |line| {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.starts_with('[') {
            shipped = !line.contains("dev-dependencies");
        }
        shipped.then_some(line)
    })
}

fn ties_in_manifest(manifest: &str) -> Vec<String> {
    let words = |line: &str| -> Vec<String> {
        line.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))
            .map(str::to_owned)
            .collect()
    };
    shipped_lines(manifest)
        .flat_map(words)
        .filter(|word| {
            NOT_IN_ENGINE
                .iter()
                .any(|tie| word == tie || word.starts_with("wasm-bindgen"))
        })
        .collect()
}

/// Addresses that a browser would load from another host, or from the root of this one.
fn foreign_loads(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for load in LOADS {
        for (at, _) in text.match_indices(load) {
            let rest = text[at + load.len()..].trim_start_matches(['"', '\'', '`', ' ', '(']);
            found.extend(foreign(rest));
        }
    }
    // `href` loads in <link>, and leads in <a>.
    for (at, _) in text.match_indices("<link") {
        let tag = text[at..].split('>').next().unwrap_or_default();
        if let Some((_, address)) = tag.split_once("href=") {
            found.extend(foreign(address.trim_start_matches(['"', '\''])));
        }
    }
    // A path from the root of the host breaks the page on a sub-path, in a link as well.
    found.extend(
        text.match_indices("href=\"/")
            .map(|(at, _)| word(&text[at + 6..])),
    );
    found
}

fn foreign(address: &str) -> Option<String> {
    let elsewhere = ["http:", "https:", "//"]
        .iter()
        .any(|start| address.starts_with(start));
    let from_root = address.starts_with('/')
        && address[1..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    (elsewhere || from_root).then(|| word(address))
}

fn word(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ')' | '>'))
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn engine_names_no_backend_and_no_browser() {
    let manifest = fs::read_to_string(repository().join("crates/zfnet/Cargo.toml"))
        .expect("the engine's manifest");
    assert!(
        shipped_lines(&manifest).any(|line| line.starts_with("burn")),
        "the engine's manifest is not what is expected"
    );
    assert_eq!(
        ties_in_manifest(&manifest),
        Vec::<String>::new(),
        "crates/zfnet/Cargo.toml"
    );
}

#[test]
fn engine_touches_no_machine() {
    for (file, text) in sources()
        .iter()
        .filter(|(file, _)| file.starts_with("crates/zfnet/src") && !is_test_file(file))
    {
        for tie in NOT_IN_ENGINE_SOURCE {
            assert!(
                !without_tests(text).contains(tie),
                "{}: the engine must not use {tie}",
                file.display()
            );
        }
    }
}

#[test]
fn tensors_are_read_back_in_one_place() {
    for (file, text) in sources() {
        if file == Path::new("crates/zfnet/src/readback.rs")
            || file.starts_with("crates/xtask")
            || is_test_file(&file)
        {
            continue;
        }
        for call in READ_BACK {
            assert!(
                !without_tests(&text).contains(call),
                "{}: expected no `{call}` outside readback.rs",
                file.display()
            );
        }
    }
}

#[test]
fn files_stay_short() {
    for (file, text) in sources().into_iter().chain(files("www", &[".js"])) {
        let lines = text.lines().count();
        assert!(
            lines <= LONGEST_FILE,
            "{}: expected at most {LONGEST_FILE} lines, found {lines}",
            file.display()
        );
    }
}

/// Each package that `cargo ARGUMENTS` would compile, with its features.
fn compiled(arguments: &[&str]) -> BTreeSet<String> {
    let mut tree = process::cargo(&repository());
    tree.args(["tree", "--prefix", "none", "--format", "{p}|{f}"]);
    let listed = process::output(tree.args(arguments)).expect("a tree of packages");
    let lines = listed.lines().filter_map(|line| {
        let (package, features) = line.split_once('|')?;
        let mut words = package.split(' ');
        let (name, version) = (words.next()?, words.next()?);
        let features = features.trim_end_matches(" (*)");
        Some(format!("{name} {version} [{features}]"))
    });
    lines.collect()
}

#[test]
fn every_choice_of_packages_means_the_same_burn() {
    let name = |package: &String| package.split(' ').next().map(str::to_owned);
    let burn: BTreeSet<_> = compiled(&["--package", "burn", "--edges", "normal,build"])
        .iter()
        .filter_map(name)
        .collect();
    assert!(
        burn.contains("burn-flex") && burn.contains("burn-tensor"),
        "burn's own packages are not what is expected: {burn:?}"
    );
    let tests = compiled(&["--edges", "normal,build,dev"]);
    for choice in [
        "--edges normal,build",
        "--edges normal,build --package zf-lens",
        "--edges normal,build,dev --package zf-lens",
        "--edges normal,build,dev --package zfnet",
        "--edges normal,build,dev --package zfnet-train",
    ] {
        let other: Vec<_> = compiled(&choice.split(' ').collect::<Vec<_>>())
            .into_iter()
            .filter(|package| !tests.contains(package))
            .filter(|package| name(package).is_some_and(|name| burn.contains(&name)))
            .collect();
        assert_eq!(
            other,
            Vec::<String>::new(),
            "{choice}: burn would be compiled again, since these have other features than in `cargo test`; \
             Cargo.toml says how to bring them together"
        );
    }
}

#[test]
fn types_for_javascript_follow_from_rust() {
    for (file, text) in sources() {
        if file.to_string_lossy().starts_with("crates/zfnet-web") {
            assert!(
                !text.contains("interface "),
                "{}: derive `TypeScript` where the type is",
                file.display()
            );
        }
    }
}

/// The settings of an experiment, and how the usual value of each begins.
fn settings(tab: &str) -> impl Iterator<Item = (&str, &str)> {
    tab.split("kind: '").skip(1).filter_map(|setting| {
        let (_, name) = setting.split_once("name: '")?;
        let (_, value) = setting.split_once("value: ")?;
        Some((name.split('\'').next()?, value))
    })
}

#[test]
fn usual_values_stand_in_rust_alone() {
    let tabs = files("www/lens/experiments", &["tab.js"]);
    let mut all = 0;
    for (file, text) in tabs {
        for (name, value) in settings(&text) {
            all += 1;
            let repeats = !value.starts_with("({") && !value.starts_with("(_, values)");
            assert!(
                !repeats || OF_THE_PAGE.contains(&name),
                "{}: expected the value of `{name}` from `usual`",
                file.display()
            );
        }
    }
    assert!(all > 30, "the settings are not where they are expected");
}

#[test]
fn golden_files_stay_small() {
    for folder in ["crates", "tests"] {
        let root = repository().join(folder);
        for file in dist::files(&root).expect("a readable folder") {
            if file.iter().any(|part| part == "golden") && !file.starts_with("node_modules") {
                let size = fs::metadata(root.join(&file)).expect("a file").len();
                let most = match file.iter().any(|part| part == "networks") {
                    true => LARGEST_GOLDEN_NETWORK,
                    false => LARGEST_GOLDEN_FILE,
                };
                assert!(
                    size <= most,
                    "{folder}/{}: expected at most {most} bytes, found {size}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn page_loads_only_its_own_files_by_relative_paths() {
    let page = files("www", &[".html", ".js", ".css", ".svg", ".webmanifest"]);
    assert!(
        page.iter()
            .any(|(file, _)| file == Path::new("www/index.html")),
        "expected www/index.html"
    );
    for (file, text) in page {
        assert_eq!(
            foreign_loads(&text),
            Vec::<String>::new(),
            "{}",
            file.display()
        );
    }
}

#[test]
fn every_crate_is_on_the_map() {
    let map = fs::read_to_string(repository().join("crates/README.md")).expect("crates/README.md");
    for entry in fs::read_dir(repository().join("crates")).expect("crates/") {
        let entry = entry.expect("an entry of crates/");
        if entry.path().join("Cargo.toml").is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(
                map.contains(&format!("`{name}`")) || map.contains(&format!("crates/{name}")),
                "crates/README.md does not name `{name}`"
            );
        }
    }
}

#[test]
fn the_rules_find_what_they_forbid() {
    let manifest = "[dependencies]\nburn = { workspace = true, features = [\"wgpu\"] } # flex\n[dev-dependencies]\nburn = \"flex\"\n";
    assert_eq!(ties_in_manifest(manifest), ["wgpu"]);
    assert_eq!(
        ties_in_manifest("[target.wasm.dependencies]\nwasm-bindgen-futures = \"1\"\n"),
        ["wasm-bindgen-futures"]
    );

    for text in [
        r#"<script src="https://cdn.example/x.js">"#,
        r#"<link rel="stylesheet" href="//cdn.example/x.css">"#,
        r#"<link rel="stylesheet" href="/page.css">"#,
        r#"<a href="/about.html">"#,
        r#"<img src='/logo.png'>"#,
        "import { x } from 'https://esm.example/x';",
        "const x = await import(`/x.js`);",
        "fetch(\"http://example/x\")",
        "new Worker(new URL('/worker.js', location.href))",
        "background: url(https://example/x.png)",
    ] {
        assert!(!foreign_loads(text).is_empty(), "{text}");
    }
    for text in [
        r#"<script type="module" src="page.js"></script>"#,
        r#"<a href="https://arxiv.org/abs/1311.2901">the paper</a>"#,
        r#"<svg xmlns="http://www.w3.org/2000/svg">"#,
        "import init from './pkg/cpu/zfnet_web.js'; // from https://example",
        "new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })",
        "const share = from / to;",
    ] {
        // A comment is the one place where the words may stand side by side.
        let code = text.split(" // ").next().unwrap_or(text);
        assert_eq!(foreign_loads(code), Vec::<String>::new(), "{text}");
    }

    assert_eq!(
        without_tests("fn a() {}\n#[cfg(test)]\nmod tests { x.into_data(); }"),
        "fn a() {}\n"
    );
}
