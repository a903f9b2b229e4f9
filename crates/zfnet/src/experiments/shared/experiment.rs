//! What every experiment is to those who offer it.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Listener, Record};
use crate::network::trace::Trace;
use crate::pictures::image::Prepared;
use crate::{Network, Result};

/// What is looked at: a network, a photograph, and the trace that it left.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Who looks.
    pub network: &'a Network,
    /// The square that entered the network.
    pub prepared: &'a Prepared,
    /// What it left behind.
    pub trace: &'a Trace,
}

/// A question about one photograph, and its answer: the same value for the command line, the page and a program.
#[allow(
    async_fn_in_trait,
    reason = "nobody needs the future to move between threads: a browser has one"
)]
pub trait Experiment: Record + Sized {
    /// Its one name: of the command, of the page's folder, in a link.
    const NAME: &'static str;
    /// What can be asked for, by name; what is left out has its usual value.
    type Ask: Serialize + DeserializeOwned;
    /// What is known on the way.
    type Part<'a>;

    /// The usual question to a network.
    fn usual(network: &Network) -> Self::Ask;

    /// Asks it. A listener that says no ends it, and what was found until then is the answer.
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) for what cannot be asked, and what the network or its device fails at.
    async fn ask(
        subject: Subject<'_>,
        ask: &Self::Ask,
        listener: impl for<'a> Listener<Self::Part<'a>>,
    ) -> Result<Self>;
}
