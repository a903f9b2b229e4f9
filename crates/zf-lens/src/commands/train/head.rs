//! `zf-lens train --head`: another head on the features of a network.

use std::time::Instant;

use zfnet_train::data::{Cache, Dataset};
use zfnet_train::head::{Gain, HeadRecipe, train};
use zfnet_train::text::json;
use zfnet_train::workshop::{About, Workshop};
use zfnet_words::say;

use super::{Arguments, Screen, VALIDATION, accuracy};
use crate::failure::{Outcome, bad_input, name_left_out, report};
use crate::globals::Globals;
use crate::language::words;
use crate::{device, output, weights};

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let recipe = recipe(arguments)?;
    let (device, device_name) = device::open(globals.device)?;
    let from = arguments.from.as_deref().or(globals.weights.as_deref());
    let loaded = weights::load(from, &device, globals.kernels.engine())?;
    loaded.network.model.input.side()?;
    let dataset = Dataset::scan(&arguments.data, arguments.val_fraction, recipe.seed)?;
    let listed = name_left_out(&dataset.left_out);
    let about = match &arguments.about {
        Some(path) => json(path, "what the head says of itself as JSON")?,
        None => About::default(),
    };
    let bytes = arguments.memory << 20;
    let for_validation = (bytes as f64 * VALIDATION) as usize;
    let side = loaded.network.model.input.resize_short_side as u32;
    let mut workshop = Workshop {
        folder: arguments.out.clone(),
        dataset,
        about,
        cache: Cache::new(bytes - for_validation, side),
        validation_cache: Cache::new(for_validation, side),
        workers: arguments.workers(),
        device_name: device_name.into(),
        words: words(),
    };
    let mut screen = Screen::open(globals.quiet, "stopped at once; no head was written")?;
    let start = Instant::now();
    let trained = train(&recipe, &loaded.network, &mut workshop, &mut screen);
    screen.close();
    for (path, reason) in workshop.skipped() {
        report(&format!("{}: left out: {reason}", path.display()));
    }
    match trained? {
        None => output::line(say!(words(), "trainHeadNone"))?,
        Some(trained) => {
            let [done, steps] = trained.steps;
            let stopped = match done < steps {
                true => say!(words(), "trainHeadStopped", step = done, steps = steps) + "\n",
                false => String::new(),
            };
            output::line(&format!(
                "{stopped}{}, {:.0} s\n{}",
                accuracy(&trained.evaluated),
                start.elapsed().as_secs_f64(),
                output::shown(&trained.path)
            ))?;
        }
    }
    Ok(match workshop.skipped().is_empty() {
        true => listed,
        false => Outcome::SomeSkipped,
    })
}

/// The recipe that was asked for.
fn recipe(arguments: &Arguments) -> anyhow::Result<HeadRecipe> {
    let mut recipe = HeadRecipe::default();
    if arguments.gain {
        recipe.gain = Some(Gain::default());
    }
    recipe.epochs = arguments.epochs.unwrap_or(recipe.epochs);
    recipe.seed = arguments.seed.unwrap_or(recipe.seed);
    recipe.batch = arguments.batch.unwrap_or(recipe.batch);
    recipe.rate = arguments.rate.unwrap_or(recipe.rate);
    for set in &arguments.set {
        let (key, value) = set
            .split_once('=')
            .ok_or_else(|| bad_input("--set", "KEY=VALUE", set))?;
        recipe = recipe.with(key, value)?;
    }
    recipe.check()?;
    Ok(recipe)
}
