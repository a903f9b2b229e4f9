//! Who may import whom inside `zfnet`: its folders stand in an order, and no two of its files import each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::dist;
use crate::workspace::repository;

/// The folders of `zfnet`, from what knows least to what knows most; before them, the files beside `lib.rs`.
const ROOMS: [&str; 8] = [
    "",
    "geometry",
    "ops",
    "network",
    "pictures",
    "deconvnet",
    "files",
    "experiments",
];

/// What imports what: names of files, without their folders' own depth.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// All paths in a source that begin with `crate::` or `super::`, groups taken apart; with the name that each is given.
fn paths(source: &str) -> Vec<(String, String)> {
    let lines = source.lines().map(|line| line.split("//").next());
    let code: String = lines.flatten().collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            if !code[..at].ends_with(|c: char| c == ':' || c.is_alphanumeric() || c == '_') {
                expand("", &code[at..], &mut found);
            }
        }
    }
    found
}

/// Takes the path apart that stands at the beginning of `text`, and gives what is left.
fn expand<'t>(before: &str, text: &'t str, found: &mut Vec<(String, String)>) -> &'t str {
    let text = text.trim_start();
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    let whole = format!("{before}{path}");
    let after = rest.trim_start();
    if let Some(mut inner) = after.strip_prefix('{').filter(|_| path.ends_with("::")) {
        while !inner.trim_start().starts_with('}') && !inner.is_empty() {
            inner = expand(&whole, inner, found).trim_start();
            inner = inner.strip_prefix(',').unwrap_or(inner);
        }
        return inner.trim_start().strip_prefix('}').unwrap_or_default();
    }
    let last = path.rsplit("::").next().unwrap_or_default().to_owned();
    let (name, rest) = match after.strip_prefix("as ") {
        Some(renamed) => {
            let end = renamed.find(|c| !is_name(c)).unwrap_or(renamed.len());
            (renamed[..end].to_owned(), &renamed[end..])
        }
        None => (last, rest),
    };
    found.push((whole.trim_end_matches("::self").to_owned(), name));
    // A macro or a slice may follow; what cannot go on a path ends it.
    rest.strip_prefix('*').unwrap_or(rest)
}

/// The folder's name, and the file's in it; what lies deeper belongs to the file that it lies under.
fn file_of(module: &str) -> String {
    let parts: Vec<&str> = module.split("::").collect();
    let depth = match parts[0] {
        "experiments" => 3,
        room if ROOMS.contains(&room) => 2,
        _ => 1,
    };
    parts[..parts.len().min(depth)].join("::")
}

fn room_of(file: &str) -> usize {
    let room = file.split("::").next().unwrap_or_default();
    ROOMS.iter().position(|known| *known == room).unwrap_or(0)
}

/// What the files of `zfnet` import, without their tests.
fn imports(modules: &BTreeMap<String, String>) -> Imports {
    let root = modules.get("lib").map_or("", String::as_str);
    let aliases: BTreeMap<String, String> = { paths(root).into_iter() }
        .map(|(path, name)| (name, path.trim_start_matches("crate::").to_owned()))
        .collect();
    let known = |path: &str| {
        let parts: Vec<&str> = path.split("::").collect();
        let lengths = (1..=parts.len()).rev();
        { lengths.map(|length| parts[..length].join("::")) }.find(|path| modules.contains_key(path))
    };
    let resolve = |module: &str, path: &str| {
        if let Some(path) = path.strip_prefix("crate::") {
            let first = path.split("::").next().unwrap_or_default();
            let alias = aliases.get(first).and_then(|alias| known(alias));
            return known(path).or(alias);
        }
        let mut at: Vec<&str> = module.split("::").collect();
        let mut rest = path;
        while let Some(above) = rest.strip_prefix("super::") {
            at.pop();
            rest = above;
        }
        at.push(rest);
        known(&at.join("::"))
    };
    let mut imports = Imports::new();
    for (module, source) in modules.iter().filter(|(module, _)| *module != "lib") {
        let own = file_of(module);
        for (path, _) in paths(source) {
            let other = resolve(module, &path).map(|module| file_of(&module));
            if let Some(other) = other.filter(|other| *other != own) {
                imports.entry(own.clone()).or_default().insert(other);
            }
        }
    }
    imports
}

/// Imports that lead upwards, or from one experiment to another.
fn against_the_order(imports: &Imports) -> Vec<String> {
    let pairs = imports
        .iter()
        .flat_map(|(from, all)| all.iter().map(move |to| (from, to)));
    let wrong = pairs.filter(|(from, to)| {
        let between = room_of(from) + 1 == ROOMS.len() && room_of(to) + 1 == ROOMS.len();
        room_of(from) < room_of(to) || between && !to.starts_with("experiments::shared")
    });
    wrong
        .map(|(from, to)| format!("{from} imports {to}"))
        .collect()
}

/// Files that import each other, by however many others.
fn circles(imports: &Imports) -> Vec<&str> {
    let files = imports.keys().map(String::as_str);
    files
        .filter(|file| reached(imports, file).contains(file))
        .collect()
}

/// All that a file imports, and that imports, and so on.
fn reached<'i>(imports: &'i Imports, from: &str) -> BTreeSet<&'i str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = imports
        .get(from)
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(imports.get(file).into_iter().flatten().map(String::as_str));
        }
    }
    reached
}

fn modules(folder: &Path) -> BTreeMap<String, String> {
    let files = dist::files(folder).expect("a readable folder");
    let sources = files.into_iter().filter(|file| {
        let name = file.to_string_lossy();
        name.ends_with(".rs") && !name.ends_with("_tests.rs")
    });
    sources
        .map(|file| {
            let source = fs::read_to_string(folder.join(&file)).expect("a text file");
            let shipped = source.split("#[cfg(test)]\n").next().unwrap_or_default();
            let module = file.with_extension("");
            let parts: Vec<_> = module.iter().map(|part| part.to_string_lossy()).collect();
            let module = parts.join("::");
            let module = module.strip_suffix("::mod").unwrap_or(&module);
            (module.to_owned(), shipped.to_owned())
        })
        .collect()
}

#[test]
fn the_engine_is_built_from_below() {
    let modules = modules(&repository().join("crates/zfnet/src"));
    let map = fs::read_to_string(repository().join("crates/README.md")).expect("crates/README.md");
    for room in &ROOMS[1..] {
        assert!(modules.contains_key(*room), "no folder {room} in zfnet");
        assert!(
            map.contains(&format!("`{room}`")),
            "crates/README.md does not name {room}"
        );
    }
    let imports = imports(&modules);
    assert_eq!(against_the_order(&imports), Vec::<String>::new());
    assert_eq!(circles(&imports), Vec::<&str>::new());
}

#[test]
fn imports_are_found_however_they_are_written() {
    let sources = [
        (
            "lib",
            "pub use crate::network::{Network, plan};\npub use crate::files as disk;",
        ),
        (
            "network",
            "use crate::geometry::{self, window::{Pad, Windows}};",
        ),
        ("network::plan", "use super::trace::Trace; // crate::files"),
        ("network::trace", "fn at(plan: &crate::plan::Plan) {}"),
        ("geometry", ""),
        (
            "geometry::window",
            "use crate::disk::{\n    heads as other,\n};",
        ),
        ("files", ""),
        ("files::heads", "use super::super::ops;"),
        ("ops", ""),
        (
            "experiments::paper::top",
            "use crate::experiments::{paper::filters, shared::order};",
        ),
        ("experiments::paper::filters", "use self::mixture::Mixture;"),
        ("experiments::shared::order", ""),
    ];
    let sources = sources.map(|(module, source)| (module.to_owned(), source.to_owned()));
    let imports = imports(&BTreeMap::from(sources));
    let of = |file: &str| imports[file].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("network"), ["geometry", "geometry::window"]);
    assert_eq!(of("network::plan"), ["network::trace"]);
    assert_eq!(of("network::trace"), ["network::plan"]);
    assert_eq!(of("geometry::window"), ["files"]);
    assert_eq!(of("files::heads"), ["ops"]);
    assert_eq!(
        against_the_order(&imports),
        [
            "experiments::paper::top imports experiments::paper::filters",
            "geometry::window imports files",
        ]
    );
    assert_eq!(circles(&imports), ["network::plan", "network::trace"]);
}
