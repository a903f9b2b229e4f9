//! What stands above a type, a variant or a field.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, ExprLit, Ident, Lit, Meta, MetaNameValue, Result, Token};

/// What is said to serde, as far as it decides what is written.
#[derive(Default)]
pub(crate) struct Serde {
    rename: Option<String>,
    pub(crate) rename_all: Option<String>,
    /// The key under which an object says which variant it is.
    pub(crate) tag: Option<String>,
    /// The type that is read in its place.
    pub(crate) try_from: Option<String>,
    /// What TypeScript calls what functions of its own read or write.
    pub(crate) special: Option<&'static str>,
    pub(crate) skip: bool,
    /// Whether it may be left out when it is read.
    pub(crate) default: bool,
    /// Whether it is left out when it is written and nothing.
    pub(crate) skip_none: bool,
}

impl Serde {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Self> {
        let mut found = Self::default();
        for attribute in attributes.iter().filter(|one| one.path().is_ident("serde")) {
            let said = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            for meta in said? {
                let name = meta.path().require_ident()?.to_string();
                match name.as_str() {
                    "rename" => found.rename = text(&meta),
                    "rename_all" => found.rename_all = text(&meta),
                    "tag" => found.tag = text(&meta),
                    "try_from" => found.try_from = text(&meta),
                    "with" if text(&meta).as_deref() == Some("serde_bytes") => {
                        found.special = Some("Uint8Array | Uint8ClampedArray");
                    }
                    "deserialize_with" | "serialize_with" => found.special = Some("unknown"),
                    "skip" | "skip_serializing" => found.skip = true,
                    "default" | "from" => found.default = true,
                    "skip_serializing_if" => found.skip_none = true,
                    "flatten" | "content" | "untagged" | "rename_all_fields" | "into"
                    | "transparent" | "with" => {
                        return Err(Error::new_spanned(meta, "not known to TypeScript's derive"));
                    }
                    _ => (),
                }
            }
        }
        Ok(found)
    }

    /// What is written in place of a Rust name, where all of its kind follow a rule.
    pub(crate) fn name(&self, ident: &Ident, rule: Option<&str>) -> Result<String> {
        let own = ident.unraw().to_string();
        let words = words(&own);
        Ok(match (&self.rename, rule) {
            (Some(name), _) => name.clone(),
            (None, None) => own,
            (None, Some("lowercase")) => words.concat(),
            (None, Some("snake_case")) => words.join("_"),
            (None, Some("kebab-case")) => words.join("-"),
            (None, Some("camelCase")) => {
                let (first, others) = words.split_at(1);
                let capital = |word: &String| word[..1].to_uppercase() + &word[1..];
                first
                    .iter()
                    .cloned()
                    .chain(others.iter().map(capital))
                    .collect()
            }
            (None, Some(rule)) => {
                return Err(Error::new_spanned(ident, format!("unknown rule {rule}")));
            }
        })
    }
}

/// The words of `snake_case` or `PascalCase`, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        let begins = letter == '_' || letter.is_uppercase();
        if begins && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter != '_') {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// `name = "text"`
fn text(meta: &Meta) -> Option<String> {
    let Meta::NameValue(MetaNameValue { value, .. }) = meta else {
        return None;
    };
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

/// A comment for TypeScript, which knows no links between items of Rust.
pub(crate) fn comment(attributes: &[Attribute]) -> Option<String> {
    let docs = attributes.iter().filter(|one| one.path().is_ident("doc"));
    let lines: Vec<String> = docs.filter_map(|one| text(&one.meta)).collect();
    let words: Vec<&str> = lines
        .iter()
        .flat_map(|line| line.split_whitespace())
        .collect();
    let whole = words.join(" ").replace("[`", "`").replace("`]", "`");
    (!whole.is_empty()).then(|| format!("/** {whole} */"))
}
