//! Declarations of types.

use syn::{Data, DeriveInput, Error, Fields, Ident, Result, Variant};

use crate::attributes::{Serde, comment};
use crate::types::{Text, some};

/// A type as TypeScript declares it.
pub(crate) fn of(input: &DeriveInput) -> Result<Text> {
    let serde = Serde::of(&input.attrs)?;
    let parameters: Vec<&Ident> = input.generics.type_params().map(|one| &one.ident).collect();
    let name = serde.name(&input.ident, None)?;
    let name = match parameters
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
    {
        none if none.is_empty() => name,
        some => format!("{name}<{}>", some.join(", ")),
    };
    let mut text = Text::default();
    if let Some(comment) = comment(&input.attrs) {
        text.add(&format!("{comment}\n"));
    }
    match &input.data {
        Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => {
            text.add(&format!("export interface {name} {{\n"));
            add_fields(&mut text, &data.fields, &serde, &parameters, ["  ", "\n"])?;
            text.add("}\n");
        }
        Data::Struct(data) => {
            text.add(&format!("export type {name} = "));
            add_unnamed(&mut text, &data.fields, &parameters)?;
            text.add(";\n");
        }
        Data::Enum(data) => {
            text.add(&format!("export type {name} ="));
            for variant in &data.variants {
                text.add("\n  ");
                if let Some(comment) = comment(&variant.attrs) {
                    text.add(&format!("{comment} "));
                }
                text.add("| ");
                add_variant(&mut text, variant, &serde, &parameters)?;
            }
            text.add(";\n");
        }
        Data::Union(_) => return Err(Error::new_spanned(&input.ident, "expected no union")),
    }
    Ok(text)
}

fn add_fields(
    text: &mut Text,
    fields: &Fields,
    container: &Serde,
    parameters: &[&Ident],
    [before, after]: [&str; 2],
) -> Result<()> {
    for field in fields {
        let serde = Serde::of(&field.attrs)?;
        let Some(ident) = field.ident.as_ref().filter(|_| !serde.skip) else {
            continue;
        };
        let name = serde.name(ident, container.rename_all.as_deref())?;
        text.add(before);
        if let Some(comment) = comment(&field.attrs) {
            text.add(&format!("{comment} "));
        }
        text.add(&name);
        let optional = container.default || serde.default || serde.skip_none;
        text.add(if optional { "?: " } else { ": " });
        match (
            serde.special,
            serde.skip_none.then(|| some(&field.ty)).flatten(),
        ) {
            (Some(special), _) => text.add(special),
            (None, Some(written)) => text.add_type(&written, parameters)?,
            (None, None) => text.add_type(&field.ty, parameters)?,
        }
        text.add(&format!(";{after}"));
    }
    Ok(())
}

/// A value alone, or a tuple.
fn add_unnamed(text: &mut Text, fields: &Fields, parameters: &[&Ident]) -> Result<()> {
    let is_tuple = fields.len() != 1;
    if is_tuple {
        text.add("[");
    }
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            text.add(", ");
        }
        text.add_type(&field.ty, parameters)?;
    }
    if is_tuple {
        text.add("]");
    }
    Ok(())
}

fn add_variant(
    text: &mut Text,
    variant: &Variant,
    container: &Serde,
    parameters: &[&Ident],
) -> Result<()> {
    let serde = Serde::of(&variant.attrs)?;
    let name = serde.name(&variant.ident, container.rename_all.as_deref())?;
    match (&container.tag, &variant.fields) {
        (None, Fields::Unit) => text.add(&format!("'{name}'")),
        (None, Fields::Named(_)) => {
            text.add(&format!("{{ {name}: {{ "));
            add_fields(text, &variant.fields, &serde, parameters, ["", " "])?;
            text.add("} }");
        }
        (None, Fields::Unnamed(_)) => {
            text.add(&format!("{{ {name}: "));
            add_unnamed(text, &variant.fields, parameters)?;
            text.add(" }");
        }
        (Some(tag), fields) => {
            text.add(&format!("{{ {tag}: '{name}'; "));
            add_fields(text, fields, &serde, parameters, ["", " "])?;
            text.add("}");
            if let Fields::Unnamed(_) = fields {
                text.add(" & ");
                add_unnamed(text, fields, parameters)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;
    use syn::parse_quote;

    use crate::types::Piece;

    /// The declaration, in which other types are called what Rust calls them.
    fn declared(input: &syn::DeriveInput) -> String {
        let text = super::of(input).expect("a type that TypeScript knows");
        let words = text.0.iter().map(|piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::NameOf(named) => named.to_token_stream().to_string(),
        });
        words.collect()
    }

    #[test]
    fn a_struct_is_an_interface() {
        let declared = declared(&parse_quote! {
            /// What is asked,
            /// as [`Ask`] says.
            #[serde(rename = "OcclusionAsk", rename_all = "camelCase", deny_unknown_fields)]
            pub struct Settings<'a> {
                /// Pixels.
                pub blur_every: usize,
                at: &'a [Option<f32>],
                shape: [u32; 2],
                fill: covering::Fill,
                #[serde(rename = "from", skip_serializing_if = "Option::is_none")]
                given: Option<String>,
                #[serde(default)]
                later: Option<bool>,
                numbers: Typed<Float32Array>,
                by_name: BTreeMap<String, Vec<Part<'a>>>,
                found: Vec<Unread<Answer>>,
                #[serde(with = "serde_bytes")]
                bytes: Vec<u8>,
                #[serde(deserialize_with = "class_index::deserialize")]
                class: usize,
                #[serde(skip)]
                hidden: Network,
            }
        });
        assert_eq!(
            declared,
            "/** What is asked, as `Ask` says. */
export interface OcclusionAsk {
  /** Pixels. */ blurEvery: number;
  at: (number | null)[];
  shape: [number, number];
  fill: covering :: Fill;
  from?: string;
  later?: boolean | null;
  numbers: Float32Array;
  byName: Record<string, Part < 'a >[]>;
  found: Record<string, unknown>[];
  bytes: Uint8Array | Uint8ClampedArray;
  class: unknown;
}
"
        );
    }

    #[test]
    fn an_enum_is_a_union() {
        let words = declared(&parse_quote! {
            #[serde(rename_all = "lowercase")]
            enum Fill { Mean, MinMax, Colour([u8; 3]) }
        });
        assert_eq!(
            words,
            "export type Fill =\n  | 'mean'\n  | 'minmax'\n  | { colour: [number, number, number] };\n"
        );
        let tagged = declared(&parse_quote! {
            #[serde(tag = "method", rename_all = "snake_case")]
            enum Method { InputXGradient, SmoothGrad { samples: usize }, Other(Part) }
        });
        assert_eq!(
            tagged,
            "export type Method =\n  | { method: 'input_x_gradient'; }\n  | { method: 'smooth_grad'; samples: number; }\n  \
             | { method: 'other'; } & Part;\n"
        );
        let generic = declared(&parse_quote! {
            #[serde(rename_all = "camelCase")]
            enum Step<Found> { Batches, Joined(Vec<Found>), Other(Masks, Step<f32>) }
        });
        assert_eq!(
            generic,
            "export type Step<Found> =\n  | 'batches'\n  | { joined: Found[] }\n  | { other: [Masks, Step < f32 ><number>] };\n"
        );
    }

    #[test]
    fn what_serde_would_write_otherwise_is_refused() {
        let untagged = parse_quote! {
            #[serde(untagged)]
            enum Either { Number(f32), Word(String) }
        };
        let flat = parse_quote! {
            struct Both { #[serde(flatten)] one: One, other: f32 }
        };
        assert!(super::of(&untagged).is_err());
        assert!(super::of(&flat).is_err());
    }
}
