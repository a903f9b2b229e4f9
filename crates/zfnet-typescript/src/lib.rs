//! `#[derive(TypeScript)]`: what serde makes of a type, as TypeScript declares it. Both follow from the same fields,
//! comments and attributes, so that neither can say something else than the other.
//!
//! A type gets two constants, `TYPESCRIPT_NAME` and `TYPESCRIPT`, its declaration, which are made when it is compiled and
//! leave nothing in a program that does not name them. Its name is serde's: `#[serde(rename = "OcclusionAsk")]`. What serde
//! lets be left out when it reads is optional. `declare!` hands declarations to wasm-bindgen.

mod attributes;
mod declaration;
mod types;

use proc_macro::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{DeriveInput, Token, Type, parse_macro_input};

use self::attributes::Serde;
use self::types::Text;

/// Gives a type `TYPESCRIPT_NAME` and `TYPESCRIPT`.
#[proc_macro_derive(TypeScript, attributes(serde))]
pub fn derive_typescript(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let expanded = expand(&input);
    expanded
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// `declare![One, Other]` says in TypeScript what these types are to JavaScript, in a crate that depends on wasm-bindgen.
#[proc_macro]
pub fn declare(types: TokenStream) -> TokenStream {
    let types = parse_macro_input!(types with Punctuated::<Type, Token![,]>::parse_terminated);
    let types = types.iter();
    let declared = quote! {
        #(
            const _: () = {
                #[::wasm_bindgen::prelude::wasm_bindgen(typescript_custom_section)]
                const DECLARATION: &str = <#types>::TYPESCRIPT;
            };
        )*
    };
    declared.into()
}

fn expand(input: &DeriveInput) -> syn::Result<proc_macro2::TokenStream> {
    let serde = Serde::of(&input.attrs)?;
    let (name, text) = match &serde.try_from {
        Some(read) => {
            let read: Type = syn::parse_str(read)?;
            (
                quote!(<#read>::TYPESCRIPT_NAME),
                quote!(<#read>::TYPESCRIPT),
            )
        }
        None => {
            let name = serde.name(&input.ident, None)?;
            (name.to_token_stream(), joined(&declaration::of(input)?))
        }
    };
    let ident = &input.ident;
    let (generics, of_type, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        #[allow(dead_code, reason = "whom nobody sends to JavaScript needs none")]
        impl #generics #ident #of_type #bounds {
            /// What TypeScript calls it.
            pub const TYPESCRIPT_NAME: &'static str = #name;
            /// As TypeScript declares it.
            pub const TYPESCRIPT: &'static str = #text;
        }
    })
}

/// The parts as one constant.
fn joined(Text(parts): &Text) -> proc_macro2::TokenStream {
    quote! {{
        const PARTS: &[&str] = &[#(#parts),*];
        const LENGTH: usize = {
            let (mut length, mut at) = (0, 0);
            while at < PARTS.len() {
                length += PARTS[at].len();
                at += 1;
            }
            length
        };
        const TEXT: [u8; LENGTH] = {
            let mut text = [0; LENGTH];
            let (mut length, mut at) = (0, 0);
            while at < PARTS.len() {
                let part = PARTS[at].as_bytes();
                let mut byte = 0;
                while byte < part.len() {
                    text[length] = part[byte];
                    length += 1;
                    byte += 1;
                }
                at += 1;
            }
            text
        };
        match ::core::str::from_utf8(&TEXT) {
            Ok(text) => text,
            Err(_) => panic!("whole strings make a string"),
        }
    }}
}
