//! The start of a training: its network, its first weights, and how long it may take.

mod description;
mod pace;

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use zfnet::Network;
use zfnet::network::architecture::{Dense, Op};
use zfnet::network::model::{Input, Model};
use zfnet::network::plan::PlannedLayer;

use self::description::describe;
pub(crate) use self::description::provenance;
use crate::checkpoint::{Progress, Running, State};
use crate::data::{self, Augmentation, Colour, Loader, Mixing, Order};
use crate::history::History;
use crate::recipe::{Initialisation, Mean, Recipe, Stage, Table};
use crate::schedule::Annealing;
use crate::training::{Training, Watch, first_dense};
use crate::workshop::Workshop;
use crate::{Error, Result, initialise, optimiser};

/// Pictures that filters are learnt from.
const PICTURES_TO_START_FROM: usize = 1280;

impl Training {
    /// Sets a training up: the mean of the pictures, the first weights.
    ///
    /// Layers of `from` that fit are taken over instead of initialised. Where the convolutions are to stay as they are
    /// (`epochs` 0), the network is `from`'s own table for the data's classes, and looks at pictures as `from` does.
    ///
    /// # Errors
    /// [`Error::Input`] for a recipe that fits neither itself, nor the data, nor `from`; [`Error::File`], [`Error::Engine`].
    pub fn begin(
        mut recipe: Recipe,
        mut workshop: Workshop,
        from: Option<&Network>,
        device: &Device,
        watch: &mut dyn Watch,
    ) -> Result<Self> {
        recipe.check()?;
        if workshop.dataset.validation.is_empty() {
            return Err(Error::input(
                "the data",
                "a folder val/, or a share of the pictures held out for validation",
                "none",
            ));
        }
        let frozen = frozen(&recipe, from)?;
        if let Some(from) = frozen {
            recipe.adopt(from, workshop.dataset.classes.len())?;
            let name = || format!("{}-frozen", from.model.name);
            workshop.about.name.get_or_insert_with(name);
        }
        watch.doing("mean of the pictures");
        let (mut model, pixels) = measured(&recipe, &workshop)?;
        if let Some(from) = from
            && (frozen.is_some() || recipe.mean == Mean::Channel)
        {
            // Filters go with the numbers that they were found for.
            model.input = Input {
                size: model.input.size,
                resize_short_side: model.input.resize_short_side,
                ..from.model.input.clone()
            };
        }
        model.plan()?;
        let mean = match (frozen, recipe.mean) {
            (Some(from), _) => from.mean().cloned(),
            (None, Mean::Channel) => None,
            (None, Mean::Pixel) => Some(Tensor::<3>::from_data(pixels, device)),
        };
        let progress = Progress {
            model,
            step: 0,
            seconds: 0.0,
            pictures: workshop.dataset.training.len(),
            folders: workshop.dataset.classes.clone(),
            annealing: Annealing::new(recipe.schedule),
            running: Running::default(),
            recipe,
        };
        let network = first_weights(&progress, mean, &workshop, from, device, watch)?;
        let average = progress
            .recipe
            .average
            .map(|_| network.parameters().to_vec());
        let state = State {
            velocities: vec![None; network.plan.len()],
            anchor: network.parameters().to_vec(),
            average,
            network,
            progress,
        };
        std::fs::create_dir_all(&workshop.folder).map_err(Error::file(&workshop.folder))?;
        let history = History::open(&workshop.folder, None)?;
        state.save(&workshop.folder)?;
        Ok(Self {
            state,
            workshop,
            history,
        })
    }

    /// Goes on where a folder's training stopped.
    ///
    /// # Errors
    /// As [`State::load`]; [`Error::Input`] when the data are not those it began with.
    pub fn resume(workshop: Workshop, device: &Device) -> Result<Self> {
        let state = State::load(&workshop.folder, device)?;
        if workshop.dataset.classes != state.progress.folders {
            return Err(Error::input(
                "the data's classes",
                state.progress.folders.join(", "),
                workshop.dataset.classes.join(", "),
            ));
        }
        if workshop.dataset.training.len() != state.progress.pictures {
            return Err(Error::input(
                "the training set",
                format!(
                    "{} pictures, as when the training began",
                    state.progress.pictures
                ),
                workshop.dataset.training.len().to_string(),
            ));
        }
        let history = History::open(&workshop.folder, Some(&state.progress))?;
        Ok(Self {
            state,
            workshop,
            history,
        })
    }
}

/// The network whose convolutions are to stay as they are.
fn frozen<'n>(recipe: &Recipe, from: Option<&'n Network>) -> Result<Option<&'n Network>> {
    match (recipe.epochs > 0.0, from) {
        (true, _) => Ok(None),
        (false, Some(from)) => Ok(Some(from)),
        (false, None) => {
            let expected = "a network whose convolutions stay as they are, or epochs above 0";
            Err(Error::input("the training", expected, "neither"))
        }
    }
}

/// What is said of the network, the mean of each channel with it; and the mean picture, `[3, size, size]`.
fn measured(recipe: &Recipe, workshop: &Workshop) -> Result<(Model, TensorData)> {
    let size = recipe.size();
    let training = &workshop.dataset.training;
    let pixels = data::mean(training, &workshop.cache, size, workshop.workers)?;
    let mean = |plane: &[f32]| {
        let sum: f64 = plane.iter().map(|value| f64::from(*value)).sum();
        (sum / plane.len() as f64) as f32
    };
    let channels = pixels.chunks(size * size).map(mean).collect();
    let model = describe(recipe, workshop, channels)?;
    Ok((model, TensorData::new(pixels, [3, size, size])))
}

/// The network of the first step, of its size: at random or from the pictures, with all that fits of `from`.
fn first_weights(
    progress: &Progress,
    mean: Option<Tensor<3>>,
    workshop: &Workshop,
    from: Option<&Network>,
    device: &Device,
    watch: &mut dyn Watch,
) -> Result<Network> {
    let recipe = &progress.recipe;
    let deviation = match recipe.initialisation {
        Initialisation::Gaussian { deviation } => deviation,
        Initialisation::KMeans { .. } => 1e-2,
    };
    let network = initialise::gaussian(progress.model.clone(), deviation, recipe.seed, device)?;
    let size = recipe.size_at(progress.share());
    let mut network = progress.sized(&network.with_mean(mean), size)?;
    if let (Initialisation::KMeans { .. }, None) = (&recipe.initialisation, from) {
        watch.doing("filters from the pictures");
        network = initialise::from_pictures(
            &network,
            &pictures_to_start_from(recipe, workshop, size)?,
            &recipe.initialisation,
            recipe.seed,
            &mut |layer| watch.doing(&format!("filters from the pictures: {layer}")),
        )?;
    }
    if let Some(from) = from {
        network = match from.model.input.size == [size; 2] {
            true => take_over(&network, from)?,
            false => take_over(&network, &from.at_size([size; 2])?)?,
        };
    }
    let mut parameters = network.parameters().to_vec();
    // What stays as it is may have larger filters than those that are trained.
    let lowest = match recipe.epochs > 0.0 {
        true => 0,
        false => first_dense(&network),
    };
    if let Some(limit) = recipe.filter_rms {
        optimiser::renormalise(&mut parameters[lowest..], limit);
    }
    Ok(network.with_parameters(parameters)?)
}

/// Crops that filters are learnt from, `[3, size, size]` each.
fn pictures_to_start_from(
    recipe: &Recipe,
    workshop: &Workshop,
    size: usize,
) -> Result<Vec<Vec<f32>>> {
    let training = &workshop.dataset.training;
    let batches = PICTURES_TO_START_FROM
        .min(4 * training.len())
        .div_ceil(recipe.batch) as u64;
    let pictures = Loader::start(
        Arc::new(training.clone()),
        workshop.cache.clone(),
        // Noise would be learnt as a pattern of its own.
        Augmentation {
            noise: 0.0,
            colour: Colour::default(),
            mixing: Mixing::default(),
            ..recipe.augmentation.clone()
        },
        // Its own order: what filters start from is not what the first steps see.
        Order {
            seed: recipe.seed ^ 0x5EED,
            ..recipe.order()
        },
        move |step| (step < batches).then_some(size),
        0,
        workshop.workers,
    );
    let mut chosen = Vec::new();
    for batch in pictures {
        let pixels = batch?.pixels;
        chosen.extend(pixels.chunks(3 * size * size).map(<[f32]>::to_vec));
    }
    Ok(chosen)
}

/// Takes over the weights of another network's layers of the same name and shape.
///
/// # Errors
/// [`Error::Input`] when there are none.
fn take_over(network: &Network, from: &Network) -> Result<Network> {
    let mut taken = 0;
    let parameters = network.plan.iter().zip(network.parameters());
    let parameters = parameters.map(|(planned, own)| {
        let at = from.plan.position(&planned.layer.name).ok();
        let other = at.and_then(|at| from.parameters()[at].as_ref());
        match (own, other) {
            (Some(own), Some(other)) if own.shape() == other.shape() => {
                taken += 1;
                Some(other.clone())
            }
            _ => own.clone(),
        }
    });
    let parameters = parameters.collect();
    if taken == 0 {
        let expected = "a layer of the same name and shape as in the network that is trained; its own layers are kept by --freeze and --head gap";
        return Err(Error::input(&from.model.name, expected, "none"));
    }
    Ok(network.with_parameters(parameters)?)
}

impl Recipe {
    /// Takes over the table of a network whose convolutions are to stay as they are, with a last layer for so many classes.
    fn adopt(&mut self, from: &Network, classes: usize) -> Result<()> {
        let mut architecture = from.model.architecture.clone();
        match architecture.layers.last_mut().map(|layer| &mut layer.op) {
            Some(Op::Dense(Dense { out })) => *out = classes,
            _ => {
                let name = &from.model.name;
                let expected = "one that ends in a dense layer, which can be trained; on others --head gap puts one";
                return Err(Error::input("the network", expected, name));
            }
        }
        self.architecture = Table::Own(architecture);
        self.sizes = vec![Stage {
            until: 1.0,
            size: from.model.input.side()?,
        }];
        self.resize = from.model.input.resize_short_side as f64 / from.model.input.side()? as f64;
        let convolution = |l: &PlannedLayer| matches!(l.layer.op, Op::Conv(_));
        match from.missing().is_some_and(convolution) {
            true => {
                let expected = "the weights of all its convolutions";
                Err(Error::input(&from.model.name, expected, "a part of them"))
            }
            false => Ok(()),
        }
    }
}
