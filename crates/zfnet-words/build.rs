//! Writes the catalogue, the files of `words/`, as one constant sorted by key.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Catalogue = BTreeMap<String, BTreeMap<String, String>>;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("words");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut catalogue = Catalogue::new();
    for file in fs::read_dir(&folder)? {
        let path = file?.path();
        let name = path.display();
        let words: Catalogue = serde_json::from_slice(&fs::read(&path)?).map_err(|error| {
            format!("{name}: expected {{KEY: {{LANGUAGE: WORDS}}}}, found {error}")
        })?;
        for (key, texts) in words {
            if catalogue.insert(key.clone(), texts).is_some() {
                return Err(format!("{name}: {key} stands in another file too").into());
            }
        }
    }
    let mut source = String::from("&[\n");
    for (key, texts) in &catalogue {
        let [en, zh] = ["en", "zh"].map(|language| texts.get(language));
        let (Some(en), Some(zh), 2) = (en, zh, texts.len()) else {
            return Err(format!("{key}: expected en and zh, found {:?}", texts.keys()).into());
        };
        let gaps = gaps(en);
        if gaps != self::gaps(zh) {
            return Err(format!(
                "{key}: expected the same gaps in both languages, found {en:?} and {zh:?}"
            )
            .into());
        }
        writeln!(
            source,
            "Entry {{ key: {key:?}, en: {en:?}, zh: {zh:?}, gaps: &{gaps:?} }},"
        )?;
    }
    source.push(']');
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("catalogue.rs"), source)?;
    Ok(())
}

/// The names in braces, sorted, each once.
fn gaps(words: &str) -> Vec<&str> {
    let mut gaps: Vec<_> = words
        .split('{')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('}')?.0))
        .collect();
    gaps.sort_unstable();
    gaps.dedup();
    gaps
}
