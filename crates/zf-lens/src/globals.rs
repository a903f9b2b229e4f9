//! What every command understands.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use zfnet::Crop;
use zfnet_words::Language;

use crate::device::Choice;
use crate::options::{Operations, crop};

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct Globals {
    /// A manifest.json, a folder holding one, or a single safetensors, ONNX or PyTorch file [default: the bundled network]
    #[arg(
        long,
        global = true,
        value_name = "FILE|FOLDER",
        help_heading = "Global options"
    )]
    pub(crate) weights: Option<PathBuf>,
    /// Where to compute; auto takes a GPU if there is a real one
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        help_heading = "Global options"
    )]
    pub(crate) device: Choice,
    /// Which operations compute on the CPU
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        help_heading = "Global options"
    )]
    pub(crate) kernels: Operations,
    /// Numbers as JSON on stdout: one object for one photograph, a list for several or for a folder
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,
    /// No progress bar and no explanations; errors are still named
    #[arg(long, short, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// The part of the upright photograph that the network is given: SIZE is its width, and its ratio the input's [default: its centre]
    #[arg(long, global = true, value_name = "LEFT,TOP,SIZE", value_parser = crop, help_heading = "Global options")]
    pub(crate) crop: Option<Crop>,
    /// The language of what people read, en or zh; numbers for programs have none [default: that of the locale]
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = PossibleValuesParser::new(Language::ALL.map(Language::name)), help_heading = "Global options")]
    // `language` reads it before all others are read, since it decides how they are complained of.
    pub(crate) lang: Option<String>,
}
