//! Writes the catalogue, the files of `words/`, as one constant sorted by key.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Catalogue = BTreeMap<String, BTreeMap<String, String>>;

fn main() -> Result<(), Box<dyn Error>> {
    // Asked when it runs: two clones that build into one folder share this program.
    let words = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("words");
    println!("cargo::rerun-if-changed={}", words.display());
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("catalogue.rs"), catalogue(&read(&words)?)?)?;
    let messages = chinese(&read(&words.join("messages"))?)?;
    fs::write(out.join("messages.rs"), messages)?;
    let help = words.join("help");
    fs::write(out.join("options.rs"), chinese(&read(&help)?)?)?;
    fs::write(out.join("commands.rs"), commands(&help)?)?;
    Ok(())
}

/// All JSON files of a folder, in which no key may stand twice.
fn read(folder: &Path) -> Result<Catalogue, Box<dyn Error>> {
    let mut catalogue = Catalogue::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
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
    Ok(catalogue)
}

/// `&[Entry]`, sorted by key.
fn catalogue(catalogue: &Catalogue) -> Result<String, Box<dyn Error>> {
    let mut source = String::from("&[\n");
    for (key, texts) in catalogue {
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
    Ok(source)
}

/// `&[(ENGLISH, CHINESE)]`, the longest first.
fn chinese(phrases: &Catalogue) -> Result<String, Box<dyn Error>> {
    let mut phrases: Vec<_> = phrases.iter().collect();
    phrases.sort_by_key(|(english, _)| std::cmp::Reverse(english.chars().count()));
    let mut source = String::from("&[\n");
    for (english, texts) in phrases {
        let (Some(zh), 1) = (texts.get("zh"), texts.len()) else {
            return Err(format!("{english}: expected zh alone, found {:?}", texts.keys()).into());
        };
        writeln!(source, "({english:?}, {zh:?}),")?;
    }
    source.push(']');
    Ok(source)
}

/// `&[(COMMAND, ENGLISH, CHINESE)]`: what stands below a command's options.
fn commands(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut source = String::from("&[\n");
    for file in fs::read_dir(folder)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        let Some(command) = name.strip_suffix(".en.txt") else {
            continue;
        };
        let read = |language| fs::read_to_string(folder.join(format!("{command}.{language}.txt")));
        let [en, zh] = [
            read("en")?,
            read("zh").map_err(|error| format!("{command}.zh.txt: {error}"))?,
        ];
        writeln!(
            source,
            "({command:?}, {:?}, {:?}),",
            en.trim_end(),
            zh.trim_end()
        )?;
    }
    source.push(']');
    Ok(source)
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
