//! The command line as a whole, and what is said of a wrong one; each command's own arguments are in its file.

use std::io::{IsTerminal, Write};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{
    classify, compare, completions, convert, correspondence, evaluate, evolution, explain, export,
    favourite, filters, gain, hierarchy, inspect, invariance, learn, mosaic, occlusion, project,
    region, top, train,
};
use crate::failure::{BAD_INPUT, OTHER, Outcome, report};
use crate::globals::Globals;
use crate::help;

/// Look into a convolutional network: what it sees in a photograph, and what in it excited a unit.
#[derive(Debug, Parser)]
#[command(name = "zf-lens", version)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// One question to the network.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Name the classes the network thinks of
    Classify(classify::Arguments),
    /// Project a unit, a map or a class back to the pixels that caused it
    Project(project::Arguments),
    /// Show the architecture's table and a summary of the weights
    Inspect(inspect::Arguments),
    /// Draw the first layer's filters, and measure them
    Filters(filters::Arguments),
    /// Show two networks' filters and first two layers side by side
    Compare(compare::Arguments),
    /// Make a poster of what every layer sees in a photograph
    #[command(visible_alias = "poster")]
    Hierarchy(hierarchy::Arguments),
    /// Draw the projection of every map's strongest unit of a layer
    Mosaic(mosaic::Arguments),
    /// Draw how features evolved during training
    Evolution(evolution::Arguments),
    /// Show which parts of a photograph a class's score depends on
    #[command(visible_alias = "attribution")]
    Explain(explain::Arguments),
    /// Show what is left of a score without what the network attends to
    #[command(visible_alias = "attention-mining")]
    Gain(gain::Arguments),
    /// Draw the preferred input of a unit, a map or a class
    #[command(visible_alias = "activation-maximisation")]
    Favourite(favourite::Arguments),
    /// Show what the network loses when a part of a photograph is covered
    Occlusion(occlusion::Arguments),
    /// Measure how far features move when a photograph is moved, scaled or turned
    Invariance(invariance::Arguments),
    /// Show which maps of every layer answer most in a region of a photograph
    Region(region::Arguments),
    /// Compare what covering the same part of several photographs changes
    Correspondence(correspondence::Arguments),
    /// Draw what excites every map most in many photographs
    Top(top::Arguments),
    /// Show the deconvnet's operations, forward and reverse, on a few numbers
    #[command(visible_alias = "arithmetic")]
    Learn(learn::Arguments),
    /// Train a network on a folder of pictures
    Train(train::Arguments),
    /// Measure accuracy on a folder of pictures, or what projections show
    Evaluate(evaluate::Arguments),
    /// Write shards, manifest and model card, and measure what they lose
    Export(export::Arguments),
    /// Turn a PyTorch state dict or an ONNX file into weights to look into
    Convert(convert::Arguments),
    /// Write a shell's completion script to stdout
    Completions(completions::Arguments),
}

impl Cli {
    /// Runs the command that was asked for.
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let Self { globals, command } = self;
        match command {
            Command::Classify(arguments) => classify::run(&arguments, &globals),
            Command::Project(arguments) => project::run(&arguments, &globals),
            Command::Inspect(arguments) => inspect::run(&arguments, &globals),
            Command::Filters(arguments) => filters::run(&arguments, &globals),
            Command::Compare(arguments) => compare::run(&arguments, &globals),
            Command::Hierarchy(arguments) => hierarchy::run(&arguments, &globals),
            Command::Mosaic(arguments) => mosaic::run(&arguments, &globals),
            Command::Evolution(arguments) => evolution::run(&arguments, &globals),
            Command::Explain(arguments) => explain::run(&arguments, &globals),
            Command::Gain(arguments) => gain::run(&arguments, &globals),
            Command::Favourite(arguments) => favourite::run(&arguments, &globals),
            Command::Occlusion(arguments) => occlusion::run(&arguments, &globals),
            Command::Invariance(arguments) => invariance::run(&arguments, &globals),
            Command::Region(arguments) => region::run(&arguments, &globals),
            Command::Correspondence(arguments) => correspondence::run(&arguments, &globals),
            Command::Top(arguments) => top::run(&arguments, &globals),
            Command::Learn(arguments) => learn::run(&arguments, &globals),
            Command::Train(arguments) => train::run(&arguments, &globals),
            Command::Evaluate(arguments) => evaluate::run(&arguments, &globals),
            Command::Export(arguments) => export::run(&arguments, &globals),
            Command::Convert(arguments) => convert::run(&arguments, &globals),
            Command::Completions(arguments) => {
                completions::run(&arguments, help::shown(Self::command()))
            }
        }
    }
}

/// What was asked for; also help and version are complaints.
pub(crate) fn parse() -> Result<Cli, clap::Error> {
    match help::shown(Cli::command()).try_get_matches() {
        Err(help) if !help.use_stderr() => Err(help),
        _ => Cli::try_parse(),
    }
}

/// Prints help, or the version.
fn print(help: &clap::Error) -> std::io::Result<()> {
    let text = help.render();
    let mut out = std::io::stdout().lock();
    let text = match out.is_terminal() {
        true => text.ansi().to_string(),
        false => text.to_string(),
    };
    write!(out, "{}", help::with_fixed_words(&text))
}

/// Turns a complaint about the arguments into one line, and lets help and version through.
pub(crate) fn usage(complaint: &clap::Error) -> u8 {
    if !complaint.use_stderr() {
        return match print(complaint) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => OTHER,
            _ => 0,
        };
    }
    let context = |kind| complaint.get(kind).map(spoken);
    let argument = context(ContextKind::InvalidArg).unwrap_or_default();
    let found = context(ContextKind::InvalidValue).unwrap_or_default();
    let message = match complaint.kind() {
        ErrorKind::InvalidValue if found.is_empty() => {
            format!("{argument}: expected a value, found none")
        }
        ErrorKind::InvalidValue => {
            let known = context(ContextKind::ValidValue).unwrap_or_default();
            format!("{argument}: expected one of {known}, found {found}")
        }
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(complaint)
                .map_or("another value".into(), ToString::to_string);
            format!("{argument}: expected {reason}, found {found}")
        }
        ErrorKind::UnknownArgument => {
            let near = context(ContextKind::SuggestedArg)
                .map_or(String::new(), |name| format!(" (perhaps {name})"));
            format!("expected an argument that --help lists{near}, found {argument}")
        }
        ErrorKind::MissingRequiredArgument => {
            format!("expected {argument}, found no such argument")
        }
        ErrorKind::InvalidSubcommand => {
            let found = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("expected one of {}, found {found}", command_names())
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            format!(
                "expected one of {}, found no command; zf-lens --help says more",
                command_names()
            )
        }
        ErrorKind::ArgumentConflict => {
            let other = context(ContextKind::PriorArg).unwrap_or_default();
            match other.is_empty() || other == argument {
                true => format!("expected {argument} once, found it twice"),
                false => format!("expected {argument} or {other}, found both"),
            }
        }
        _ => {
            let text = complaint.to_string();
            let line = text.lines().next().unwrap_or_default();
            line.strip_prefix("error: ").unwrap_or(line).to_owned()
        }
    };
    report(&message);
    BAD_INPUT
}

fn command_names() -> String {
    let names: Vec<_> = Cli::command()
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    names.join(", ")
}

fn spoken(value: &ContextValue) -> String {
    match value {
        ContextValue::None => String::new(),
        ContextValue::Strings(values) => values.join(", "),
        other => other.to_string(),
    }
}
