//! `zf-lens convert`: a PyTorch state dict of a known network, or an ONNX file, into weights to look into.

mod classes;
mod preprocessing;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use burn::tensor::Device;
use serde_json::json;
use zfnet::Network;
use zfnet::experiments::since::preprocessing::{KEY, Preprocessing, is_guessed};
use zfnet::files::manifest::{File, Manifest};
use zfnet::files::weights::{Precision, Shard};
use zfnet::network::model::{ClassName, FORMAT};
use zfnet_import::{Format, Imported, Options, imagenet};
use zfnet_train::checkpoint::write_whole;
use zfnet_train::export::precision_name;
use zfnet_train::text;
use zfnet_words::say;

use crate::device::wait;
use crate::failure::{Outcome, bad_input};
use crate::globals::Globals;
use crate::language::words;
use crate::options::{Bits, size};
use crate::output;

const AUTO: &str = "auto";
const MANIFEST: &str = "manifest.json";

/// Which state dict, and where the weights go.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The state dict or ONNX file
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// A file if its name ends with .safetensors, else a folder for manifest.json and two shards
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// Which network the state dict is of
    #[arg(long, value_name = "NAME", default_value = AUTO, value_parser = layouts())]
    layout: String,
    /// Names of the classes: one a line, a table, a JSON list, or the config.json beside a network [default: none]
    #[arg(long, value_name = "FILE")]
    classes: Option<PathBuf>,
    /// Rows and columns of what enters, one number or ROWSxCOLS, where the file leaves them open or others are wanted [default: the file's, else 224]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    size: Option<[usize; 2]>,
    /// How pictures enter [default: as the file's makers are known to do, else torchvision]
    #[arg(long = "input", value_name = "WAY", value_enum)]
    preprocessing: Option<Way>,
    /// Photographs, or folders of them, to try every way on that pictures may enter
    #[arg(long = "try", value_name = "PHOTO", num_args = 1..)]
    pictures: Vec<PathBuf>,
    /// How numbers are stored
    #[arg(long, value_enum, default_value_t = Bits::F32)]
    precision: Bits,
    /// Write over what is there
    #[arg(long)]
    force: bool,
}

/// A usual way for a picture to enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// Red first, 0 to 1, less ImageNet's mean, by its deviation (torchvision, timm)
    Torchvision,
    /// Blue first, 0 to 255, less ImageNet's mean (Caffe)
    Caffe,
    /// Red first, 0 to 1
    ZeroToOne,
    /// Red first, -1 to 1 (TensorFlow)
    MinusOneToOne,
}

impl Way {
    fn engine(self) -> Preprocessing {
        match self {
            Self::Torchvision => Preprocessing::Torchvision,
            Self::Caffe => Preprocessing::Caffe,
            Self::ZeroToOne => Preprocessing::ZeroToOne,
            Self::MinusOneToOne => Preprocessing::MinusOneToOne,
        }
    }
}

fn layouts() -> Vec<&'static str> {
    [AUTO].into_iter().chain(zfnet_import::layouts()).collect()
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let Arguments {
        output: out,
        precision,
        ..
    } = arguments;
    check_target(arguments)?;
    let classes = match &arguments.classes {
        Some(file) => {
            let name = file.display().to_string();
            let text = text::read(file, "a readable list of names")?;
            classes::class_names(&name, &text)?
        }
        None => Vec::new(),
    };
    let network = network(arguments, &classes)?;
    let network = match arguments.preprocessing {
        Some(way) => way.engine().of(&network),
        None => network,
    };
    let tried = preprocessing::tried(&network, &arguments.pictures, globals)?;
    let files = match is_single(out) {
        true => vec![write(&network, Shard::All, *precision, out)?],
        false => write_folder(&network, *precision, out)?,
    };
    let model = &network.model;
    let parameters: usize = network.plan.iter().map(|planned| planned.parameters).sum();
    match globals.json {
        true => {
            let value = json!({
                "network": model.name,
                "provenance": model.provenance,
                "parameters": parameters,
                "outputs": network.plan.output().output[0],
                "class_names": model.classes.len(),
                "preprocessing": model.provenance[KEY],
                "tried": tried.as_ref().map(preprocessing::Table::json),
                "precision": precision_name(precision.precision()),
                "weights": out.to_string_lossy(),
                "files": files,
            });
            output::json(vec![value], false)?;
        }
        false => {
            let bytes: u64 = files.iter().map(|file| file.bytes).sum();
            let caption = say!(
                words(),
                "convertCaption",
                name = model.name,
                parameters = parameters,
                precision = precision_name(precision.precision()),
                bytes = bytes,
                classes = model.classes.len()
            );
            output::line(&output::written(out, &caption, globals.quiet))?;
            if let Some(tried) = &tried {
                output::line(&tried.words())?;
            }
            if is_guessed(&network.model) && !globals.quiet {
                output::line(say!(words(), "convertGuessed"))?;
            }
        }
    }
    Ok(Outcome::Done)
}

/// The network of the file, with the names that were given.
fn network(arguments: &Arguments, classes: &[ClassName]) -> anyhow::Result<Network> {
    let Arguments {
        input,
        layout,
        precision,
        ..
    } = arguments;
    let bytes = fs::read(input).map_err(|error| {
        let expected = "a readable state dict or ONNX file";
        bad_input(input.display(), expected, error)
    })?;
    let name = || input.display().to_string();
    let layout = Some(layout.as_str()).filter(|layout| *layout != AUTO);
    let file = input.file_name().unwrap_or_default().to_string_lossy();
    let format = Format::of(&bytes).or(Format::named(&file));
    let mut options = Options {
        name: None,
        size: arguments.size,
        classes: imagenet(),
    };
    let imported = match (format, layout) {
        (Some(Format::Onnx), Some(_)) => {
            let expected = "a state dict, as --layout is given";
            return Err(bad_input(name(), expected, "an ONNX file"));
        }
        (Some(Format::Onnx), None) => {
            let stem = input.file_stem().unwrap_or_default();
            options.name = Some(stem.to_string_lossy().into_owned());
            zfnet_import::read(&bytes, &options)
        }
        (_, layout) => zfnet_import::read_state_dict(&bytes, layout, &options),
    };
    let imported = imported.with_context(name)?;
    storable(&imported, precision.precision()).with_context(name)?;
    // Nothing is computed, so there is nothing that a GPU could do sooner.
    let mut network = imported.network(&Device::flex()).with_context(name)?;
    if !classes.is_empty() {
        network.model.classes = classes.to_vec();
        network.model.plan().with_context(name)?;
    }
    let source = File::of(Shard::All, file, &bytes);
    network.model.provenance["converted_from"] = json!({
        "file": source.path,
        "bytes": source.bytes,
        "sha256": source.sha256,
    });
    Ok(network)
}

/// Refuses numbers that the precision has no room for.
fn storable(imported: &Imported<'_>, precision: Precision) -> anyhow::Result<()> {
    if precision != Precision::F16 {
        return Ok(());
    }
    let most = half::f16::MAX.to_f32();
    for (tensor, _) in imported.tensors() {
        let numbers = imported.numbers(tensor)?;
        if let Some(large) = numbers.iter().find(|number| number.abs() > most) {
            return Err(bad_input(
                format!("tensor {tensor}"),
                format!("numbers up to {most}, the largest of half precision"),
                large,
            ));
        }
    }
    Ok(())
}

fn is_single(out: &Path) -> bool {
    out.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors"))
}

/// Refuses to write over the state dict itself, and over anything else unless that is wanted.
fn check_target(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments {
        input,
        output: out,
        force,
        ..
    } = arguments;
    let Ok(there) = fs::metadata(out) else {
        return Ok(());
    };
    let same = |path: &Path| path.canonicalize().ok();
    if same(out) == same(input) {
        return Err(bad_input(
            out.display(),
            "another file than IN",
            "the same file",
        ));
    }
    match (is_single(out), there.is_dir()) {
        (true, true) => Err(bad_input(
            out.display(),
            "a file, as the name ends with .safetensors",
            "a folder",
        )),
        (false, false) => Err(bad_input(
            out.display(),
            "a folder, or a name that ends with .safetensors",
            "a file",
        )),
        (true, false) if !force => Err(bad_input(
            out.display(),
            "a file that is not there yet, or --force",
            "a file",
        )),
        (false, true) if !force && fs::read_dir(out).is_ok_and(|mut all| all.next().is_some()) => {
            Err(bad_input(
                out.display(),
                "a folder that is empty or not there yet, or --force",
                "files in it",
            ))
        }
        _ => Ok(()),
    }
}

fn write_folder(network: &Network, precision: Bits, folder: &Path) -> anyhow::Result<Vec<File>> {
    fs::create_dir_all(folder)
        .with_context(|| format!("{}: expected a folder that can be made", folder.display()))?;
    let mut files = Vec::new();
    for shard in [Shard::Features, Shard::Classifier] {
        let name = format!(
            "{}.{}.{}.safetensors",
            network.model.name,
            shard.name(),
            precision_name(precision.precision())
        );
        files.push(write(network, shard, precision, &folder.join(name))?);
    }
    let manifest = Manifest {
        format: FORMAT,
        name: network.model.name.clone(),
        files,
        drawings: None,
    };
    // Last: a folder with a manifest is whole.
    let json = format!("{}\n", serde_json::to_string_pretty(&manifest)?);
    write_whole(&folder.join(MANIFEST), json.as_bytes())?;
    Ok(manifest.files)
}

/// Writes a shard, and gives its entry for the manifest beside it.
fn write(network: &Network, shard: Shard, precision: Bits, path: &Path) -> anyhow::Result<File> {
    let bytes = wait(network.write(shard, precision.precision()))?;
    write_whole(path, &bytes)?;
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(File::of(shard, name.to_string_lossy(), &bytes))
}
