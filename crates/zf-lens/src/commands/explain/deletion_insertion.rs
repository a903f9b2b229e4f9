//! The methods measured: what is left of the class's probability without a map's strongest pixels, and with these alone.

use serde_json::json;
use zfnet::experiments::since::attribution::Attribution;
use zfnet::experiments::since::deletion_insertion::{
    Ask, Curves, DeletionInsertion, Fill, Settings,
};

use crate::options::passes;
use crate::runner::Look;

/// Whether to measure, and how.
#[derive(Debug, clap::Args)]
pub(super) struct Measuring {
    /// Measure every method by deletion and insertion: the class's probability as its strongest pixels are taken out, or
    /// brought in, and the area below; beside an order by chance, which follows from the seed
    #[arg(long)]
    deletion_insertion: bool,
    /// Steps from none of the pixels to all of them [default: 28]
    #[arg(long, value_name = "N", value_parser = passes, requires = "deletion_insertion")]
    deletion_steps: Option<usize>,
    /// What stands where a pixel was deleted, mean or blur [default: mean]
    #[arg(long, value_name = "FILL", value_parser = fill, requires = "deletion_insertion")]
    deletion_fill: Option<Fill>,
    /// What stands where a pixel is not yet inserted, mean or blur [default: blur]
    #[arg(long, value_name = "FILL", value_parser = fill, requires = "deletion_insertion")]
    insertion_fill: Option<Fill>,
}

fn fill(text: &str) -> Result<Fill, String> {
    serde_json::from_value(json!(text)).map_err(|_| "mean or blur".into())
}

impl Measuring {
    /// Measures every method, and the order that follows from the seed; `None` where that is not asked for.
    pub(super) fn of(
        &self,
        look: &Look<'_>,
        found: &[Attribution],
        seed: u64,
    ) -> anyhow::Result<Option<Curves>> {
        if !self.deletion_insertion {
            return Ok(None);
        }
        let usual = Settings::default();
        let settings = Settings {
            class: found.first().map(|one| one.class),
            steps: self.deletion_steps.unwrap_or(usual.steps),
            deletion: self.deletion_fill.unwrap_or(usual.deletion),
            insertion: self.insertion_fill.unwrap_or(usual.insertion),
            seed,
            ..usual
        };
        let measure = |relevance: Option<Vec<f32>>| -> anyhow::Result<DeletionInsertion> {
            let settings = settings.clone();
            look.ask(
                &Ask {
                    relevance,
                    settings,
                },
                "deletion and insertion",
            )
        };
        let own = |one: &Attribution| {
            let curves = measure(Some(one.relevance()))?;
            Ok((one.method.name().to_owned(), curves))
        };
        Ok(Some(Curves {
            chance: measure(None)?,
            maps: found.iter().map(own).collect::<anyhow::Result<_>>()?,
            settings,
        }))
    }
}
