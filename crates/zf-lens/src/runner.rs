//! What all experiments on photographs have in common: the photographs one after the other, and what is written of each.

use std::path::Path;

use serde_json::{Value, json};
use zfnet::experiments::{Experiment, Record, Subject};
use zfnet::{Prepared, Trace};
use zfnet_figures::Scene;

use crate::csv;
use crate::device::wait;
use crate::dump::{Dump, Shown};
use crate::failure::Outcome;
use crate::figure;
use crate::globals::Globals;
use crate::lens::{Lens, destination};
use crate::output;
use crate::photos::Photographs;
use crate::watch::Watch;

/// Where what is written goes.
pub(crate) struct Files<'a> {
    /// The figure.
    pub(crate) output: Option<&'a Path>,
    /// What follows the photograph's name where no figure's is given.
    pub(crate) ending: &'a str,
    /// The table.
    pub(crate) csv: Option<&'a Path>,
    /// Whether each of its rows names the photograph.
    pub(crate) names_photo: bool,
    /// The raw numbers.
    pub(crate) dump: Option<&'a Path>,
}

/// What an experiment made of one photograph.
pub(crate) struct Answered<R> {
    /// What it found.
    pub(crate) found: R,
    /// The figure.
    pub(crate) figure: Scene,
    /// A line of what the figure shows.
    pub(crate) caption: String,
    /// What was looked at, for the raw numbers.
    pub(crate) traced: Traced,
}

/// What a dump begins with.
pub(crate) enum Traced {
    /// What entered the network.
    Input(Trace),
    /// That, and what every layer made of it.
    Whole(Trace),
    /// What the command says.
    More(Dump),
    /// Nothing, since nobody asks for it.
    Nothing,
}

impl Traced {
    fn dump(self, lens: &Lens) -> anyhow::Result<Dump> {
        match self {
            Self::Input(trace) => Dump::of_input(trace.input),
            Self::Whole(trace) => Dump::of_trace(lens.network(), &trace),
            Self::More(dump) => Ok(dump),
            Self::Nothing => Ok(Dump::default()),
        }
    }
}

/// One photograph under the lens.
pub(crate) struct Look<'a> {
    pub(crate) lens: &'a Lens,
    pub(crate) prepared: &'a Prepared,
    pub(crate) trace: Trace,
    /// Whether nobody waits for this one alone.
    pub(crate) quiet: bool,
}

impl Look<'_> {
    /// Asks an experiment, under a progress bar that counts `what`.
    ///
    /// # Errors
    /// Those of the experiment.
    pub(crate) fn ask<E: Experiment>(&self, ask: &E::Ask, what: &'static str) -> anyhow::Result<E> {
        let watch = Watch::new(self.quiet, what);
        let subject = Subject {
            network: self.lens.network(),
            prepared: self.prepared,
            trace: &self.trace,
        };
        let heard =
            async |step: zfnet::experiments::Step<E::Part<'_>>| watch.tell(step.done, step.total);
        Ok(wait(E::ask(subject, ask, heard))?)
    }
}

/// Has `work` look at one photograph after the other, and writes what it found.
///
/// # Errors
/// What is not the photographs' fault.
pub(crate) fn each<R: Record>(
    lens: &Lens,
    photographs: Photographs,
    globals: &Globals,
    files: &Files<'_>,
    mut work: impl FnMut(Look<'_>) -> anyhow::Result<Answered<R>>,
) -> anyhow::Result<Outcome> {
    let network = lens.network();
    let many = photographs.many;
    let mut values = Vec::new();
    let outcome = photographs.each(&network.model.input, lens.crop, |source, prepared| {
        let look = Look {
            lens,
            prepared,
            trace: network.forward(prepared.tensor(network)?)?,
            quiet: globals.quiet || many,
        };
        let Answered {
            found,
            figure: drawn,
            caption,
            traced,
        } = work(look)?;
        let place = |asked, ending| destination(asked, many, source, ending);
        let path = place(files.output, files.ending);
        figure::write(&path, &drawn)?;
        if let Some(file) = files.csv {
            let mut table = found.table(&network.model.classes);
            if files.names_photo {
                table = table.of("photo", &source.path.to_string_lossy());
            }
            output::file(&place(Some(file), ".csv"), csv::of(&table).as_bytes())?;
        }
        if let Some(file) = files.dump {
            let shown = [Shown::new(source, prepared)];
            let dump = traced.dump(lens)?.with(&found);
            let about = Value::Object(found.about());
            dump.write(&place(Some(file), ".safetensors"), lens, &shown, &about)?;
        }
        if !globals.json {
            return Ok(Some(output::written(&path, &caption, globals.quiet)));
        }
        let mut value = Value::Object(found.numbers(&network.model.classes));
        lens.sign(&mut value, source, prepared);
        value["picture"] = json!(path.to_string_lossy());
        values.push(value);
        Ok(None)
    })?;
    if globals.json {
        output::json(values, many)?;
    }
    Ok(outcome)
}
