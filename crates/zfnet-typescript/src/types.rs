//! Types of fields.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Error, Expr, ExprLit, GenericArgument, Ident, Lit, PathArguments, Result, Type};

/// A declaration in pieces: other types say themselves what they are called.
#[derive(Default)]
pub(crate) struct Text(pub(crate) Vec<Piece>);

pub(crate) enum Piece {
    Words(String),
    /// What another type is called.
    NameOf(Box<Type>),
}

impl Text {
    pub(crate) fn add(&mut self, words: &str) {
        match self.0.last_mut() {
            Some(Piece::Words(before)) => before.push_str(words),
            _ => self.0.push(Piece::Words(words.to_owned())),
        }
    }

    /// Adds what serde writes of a type; `parameters`: the names that stand for other types.
    pub(crate) fn add_type(&mut self, written: &Type, parameters: &[&Ident]) -> Result<()> {
        match written {
            Type::Reference(reference) => self.add_type(&reference.elem, parameters),
            Type::Group(group) => self.add_type(&group.elem, parameters),
            Type::Slice(slice) => self.add_list(&slice.elem, parameters),
            Type::Array(array) => match &array.len {
                Expr::Lit(ExprLit {
                    lit: Lit::Int(length),
                    ..
                }) => {
                    let each = std::iter::repeat_n(&*array.elem, length.base10_parse()?);
                    self.add_all(["[", ", ", "]"], each, parameters)
                }
                length => Err(Error::new_spanned(length, "expected a number")),
            },
            Type::Tuple(tuple) => self.add_all(["[", ", ", "]"], &tuple.elems, parameters),
            Type::Path(_) => self.add_path(written, parameters),
            _ => Err(Error::new_spanned(
                written,
                "not known to TypeScript's derive",
            )),
        }
    }

    fn add_path(&mut self, written: &Type, parameters: &[&Ident]) -> Result<()> {
        let (ident, arguments) = parts(written)?;
        let name = ident.to_string();
        match (name.as_str(), &*arguments) {
            ("bool", []) => self.add("boolean"),
            ("String" | "str", []) => self.add("string"),
            ("u8" | "u32" | "u64" | "usize" | "i32" | "isize" | "f32" | "f64", []) => {
                self.add("number");
            }
            ("Value" | "JsValue", []) => self.add("unknown"),
            (array, []) if array.ends_with("Array") => self.add(array),
            (parameter, []) if parameters.iter().any(|known| **known == parameter) => {
                self.add(parameter);
            }
            ("Option", [some]) => {
                self.add_type(some, parameters)?;
                self.add(" | null");
            }
            ("Vec", [one]) => self.add_list(one, parameters)?,
            // As serde sees it, it is not there.
            ("Box" | "Typed", [inner]) => self.add_type(inner, parameters)?,
            ("BTreeMap" | "HashMap" | "Map", [_, _]) => {
                self.add_all(["Record<", ", ", ">"], &arguments, parameters)?;
            }
            // Whatever it holds, JavaScript only hands it on.
            ("Unread", [_]) => self.add("Record<string, unknown>"),
            ("Required", [_]) => self.add_all(["Required<", "", ">"], &arguments, parameters)?,
            (_, arguments) => {
                self.0.push(Piece::NameOf(Box::new(written.clone())));
                if !arguments.is_empty() {
                    self.add_all(["<", ", ", ">"], arguments, parameters)?;
                }
            }
        }
        Ok(())
    }

    fn add_list(&mut self, element: &Type, parameters: &[&Ident]) -> Result<()> {
        let is_optional = parts(element).is_ok_and(|(ident, _)| ident == "Option");
        let around = if is_optional {
            ["(", ")[]"]
        } else {
            ["", "[]"]
        };
        self.add(around[0]);
        self.add_type(element, parameters)?;
        self.add(around[1]);
        Ok(())
    }

    fn add_all<'a>(
        &mut self,
        [begin, between, end]: [&str; 3],
        types: impl IntoIterator<Item = &'a Type>,
        parameters: &[&Ident],
    ) -> Result<()> {
        self.add(begin);
        for (at, one) in types.into_iter().enumerate() {
            if at > 0 {
                self.add(between);
            }
            self.add_type(one, parameters)?;
        }
        self.add(end);
        Ok(())
    }
}

/// What an option may hold.
pub(crate) fn some(written: &Type) -> Option<Type> {
    let (ident, arguments) = parts(written).ok()?;
    arguments.into_iter().next().filter(|_| ident == "Option")
}

/// The last name of a path, and the types that it is given.
fn parts(written: &Type) -> Result<(&Ident, Vec<Type>)> {
    let last = match written {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    let last = last.ok_or_else(|| Error::new_spanned(written, "expected a path"))?;
    let given = match &last.arguments {
        PathArguments::AngleBracketed(given) => given.args.iter().collect(),
        _ => Vec::new(),
    };
    let types = given.into_iter().filter_map(|argument| match argument {
        GenericArgument::Type(one) => Some(one.clone()),
        _ => None,
    });
    Ok((&last.ident, types.collect()))
}

impl ToTokens for Piece {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Words(words) => words.to_tokens(tokens),
            Self::NameOf(named) => {
                let named = without_lifetimes(named);
                tokens.extend(quote!(<#named>::TYPESCRIPT_NAME));
            }
        }
    }
}

/// A constant knows none of the type around it.
fn without_lifetimes(named: &Type) -> Type {
    let mut named = named.clone();
    if let Type::Path(path) = &mut named
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(given) = &last.arguments
        && given
            .args
            .iter()
            .any(|one| matches!(one, GenericArgument::Lifetime(_)))
    {
        last.arguments = PathArguments::None;
    }
    named
}
