//! The command line as a whole, and what is said of a wrong one; each command's own arguments are in its file.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{
    classify, compare, completions, convert, correspondence, evaluate, evolution, explain, export,
    favourite, filters, gain, hierarchy, inspect, invariance, learn, mosaic, occlusion, project,
    top, train,
};
use crate::failure::{BAD_INPUT, OTHER, Outcome, report};
use crate::globals::Globals;

const EXAMPLES: &str = "\
Examples:
  zf-lens classify cat.jpg                         what the network thinks it sees
  zf-lens project cat.jpg                          what makes its strongest conv5 unit fire
  zf-lens project cat.jpg --layer conv3 --map 12   the strongest unit of one map
  zf-lens project cat.jpg --class cat --rule guided
  zf-lens mosaic cat.jpg --layer conv4 --patches   a whole layer in one picture
  zf-lens inspect --arch vgg16                     shapes, receptive fields, costs
The paper's experiments:
  zf-lens top pictures/ --out gallery              figure 2: what every map answers to most
  zf-lens evolution cat.jpg                        figure 4: a map as it was learnt
  zf-lens invariance cat.jpg                       figure 5: the picture moved, enlarged, turned
  zf-lens filters -o filters.png                   figure 6: the first layer's filters
  zf-lens compare cat.jpg --with alexnet/          figure 6: two networks side by side
  zf-lens occlusion cat.jpg                        figure 7: a square covers one place after the other
  zf-lens correspondence dogs/ --boxes parts.csv   table 1: the same part covered in several pictures
  zf-lens hierarchy cat.jpg -o poster.pdf          a poster of every layer
And what followed:
  zf-lens explain cat.jpg                          where a class's score comes from, by nine methods
  zf-lens gain cat.jpg                             what is left without what the network attends to
  zf-lens favourite --class cat                    what a unit, a map or a class answers to most
  zf-lens learn                                    the operations and their ways back, on a few numbers

Photographs are JPEG, PNG, WebP, GIF or BMP files, or folders of them and of further folders, where
what is hidden, @eaDir, __MACOSX and their like are passed over. A bad file, a locked folder and a
broken link are named on stderr and left out. A path is printed in one line: a name with a line
break or another control character stands in quotes, as \"a\\nb.jpg\"; --json has it as it is.
Every --dump FILE.safetensors holds its settings as JSON under the metadata key zf-lens, and there
says \"network\", \"weights\" (the SHA-256 of its files), \"device\" and
\"photos\":[{\"photo\",\"square\":[left,top,side]}], the squares in pixels of the upright photographs.
Exit codes: 0 done, 2 wrong usage or bad input, 1 anything else.";

/// Look into a convolutional network: what it sees in a photograph, and what in it made a unit fire.
#[derive(Debug, Parser)]
#[command(name = "zf-lens", version, after_help = EXAMPLES)]
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
    /// Compare what covering the same part of several photographs changes
    Correspondence(correspondence::Arguments),
    /// Draw what excites every map most in many photographs
    Top(top::Arguments),
    /// Show the deconvnet's operations and their ways back on a few numbers
    #[command(visible_alias = "arithmetic")]
    Learn(learn::Arguments),
    /// Train a network on a folder of pictures
    Train(train::Arguments),
    /// Measure accuracy on a folder of pictures, or what projections show
    Evaluate(evaluate::Arguments),
    /// Write shards, manifest and model card, and measure what they lose
    Export(export::Arguments),
    /// Turn a PyTorch state dict into weights to look into
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
            Command::Correspondence(arguments) => correspondence::run(&arguments, &globals),
            Command::Top(arguments) => top::run(&arguments, &globals),
            Command::Learn(arguments) => learn::run(&arguments, &globals),
            Command::Train(arguments) => train::run(&arguments, &globals),
            Command::Evaluate(arguments) => evaluate::run(&arguments, &globals),
            Command::Export(arguments) => export::run(&arguments, &globals),
            Command::Convert(arguments) => convert::run(&arguments, &globals),
            Command::Completions(arguments) => completions::run(&arguments, Self::command()),
        }
    }
}

/// Turns a complaint about the arguments into one line, and lets help and version through.
pub(crate) fn usage(complaint: &clap::Error) -> u8 {
    if !complaint.use_stderr() {
        return match complaint.print() {
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
