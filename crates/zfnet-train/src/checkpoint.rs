//! The state of a training on disk: everything that decides the next step, so that a resumed run is an unbroken one.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use burn::tensor::{Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use zfnet::network::Parameters;
use zfnet::readback::Readback;
use zfnet::{Model, Network};

use crate::recipe::Recipe;
use crate::schedule::Annealing;
use crate::{Error, Result};

/// Name of the file in the training's folder.
pub const FILE: &str = "state.safetensors";
const METADATA_KEY: &str = "zf-lens-training";

/// What a training knows about itself, besides its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The recipe, from which the rest follows.
    pub recipe: Recipe,
    /// Description of the finished network.
    pub model: Model,
    /// Steps done.
    pub step: u64,
    /// Seconds of training, over all sittings.
    pub seconds: f64,
    /// Pictures in the training set: another set is another training.
    pub pictures: usize,
    /// Folders of the classes, in the order of the network's.
    pub folders: Vec<String>,
    /// Learning rate.
    pub annealing: Annealing,
    /// Sums over the steps since the last row of the metrics.
    pub running: Running,
}

/// Sums over steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// Steps.
    pub steps: u64,
    /// Of their losses.
    pub loss: f64,
    /// Of the pictures that were named right.
    pub right: f64,
}

/// Everything that decides the next step.
#[derive(Debug, Clone)]
pub struct State {
    /// Numbers and settings.
    pub progress: Progress,
    /// The network that is stepped, at its present size.
    pub network: Network,
    /// The optimiser's velocities.
    pub velocities: Vec<Option<Parameters>>,
    /// Averaged weights, if the recipe averages.
    pub average: Option<Vec<Option<Parameters>>>,
    /// The weights of the checkpoint kept last, that the next one is compared with.
    pub anchor: Vec<Option<Parameters>>,
}

impl State {
    /// Writes the state beside the old one, and puts it in its place when it is whole.
    ///
    /// # Errors
    /// [`Error::File`], for instance for a full disk: the old state is untouched then. [`Error::Engine`] when the device
    /// fails.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let mut readback = Readback::default();
        let mut names: Vec<(String, Vec<usize>)> = Vec::new();
        let groups = [
            ("parameters", Some(self.network.parameters())),
            ("velocity", Some(self.velocities.as_slice())),
            ("average", self.average.as_deref()),
            ("anchor", Some(self.anchor.as_slice())),
        ];
        for (group, list) in groups {
            let list = list.unwrap_or_default();
            for (planned, parameters) in self.network.plan.iter().zip(list) {
                let Some(parameters) = parameters else {
                    continue;
                };
                let layer = &planned.layer.name;
                let (rows, bias) = (parameters.rows(), parameters.bias());
                names.push((format!("{group}.{layer}.weight"), rows.dims().to_vec()));
                names.push((format!("{group}.{layer}.bias"), bias.dims().to_vec()));
                readback = readback.floats(rows).floats(bias);
            }
        }
        let mean = self.network.mean();
        if let Some(mean) = mean {
            names.push(("mean".into(), mean.dims().to_vec()));
            readback = readback.floats(mean.clone());
        }
        let mut answers = pollster::block_on(readback.read())?;
        let mut bytes = Vec::with_capacity(names.len());
        for _ in &names {
            let values = answers.floats()?;
            bytes.push(
                values
                    .iter()
                    .flat_map(|v| v.to_le_bytes())
                    .collect::<Vec<u8>>(),
            );
        }
        let views = names.iter().zip(&bytes).map(|((name, shape), bytes)| {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
            (
                name.as_str(),
                view.expect("as many bytes as the shape says"),
            )
        });
        let about = serde_json::to_string(&self.progress)
            .map_err(|e| Error::input("the training's state", "JSON", e.to_string()))?;
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), about)]);
        let file = safetensors::serialize(views, Some(metadata))
            .map_err(|e| Error::input("the training's state", "safetensors", e.to_string()))?;
        write_whole(&folder.join(FILE), &file)
    }

    /// Reads the state of a training's folder.
    ///
    /// # Errors
    /// [`Error::File`] when there is none, [`Error::Input`] when it is broken or of another program.
    pub fn load(folder: &Path, device: &burn::tensor::Device) -> Result<Self> {
        let path = folder.join(FILE);
        let bytes = std::fs::read(&path).map_err(Error::file(&path))?;
        let broken = |found: String| broken(&path, found);
        let progress = Progress::parse(&path, &bytes)?;
        let tensors = SafeTensors::deserialize(&bytes).map_err(|e| broken(e.to_string()))?;
        let size = progress.recipe.size_at(progress.share());
        let blank = Network::build(progress.model.clone(), device, |_, shape| {
            vec![0.0; shape.iter().product()]
        })?;
        let numbers = |name: &str| -> Result<Vec<f32>> {
            let tensor = tensors
                .tensor(name)
                .map_err(|_| broken(format!("none called {name}")))?;
            let bytes = tensor.data().as_chunks::<4>().0;
            Ok(bytes.iter().map(|b| f32::from_le_bytes(*b)).collect())
        };
        let blank = match tensors.tensor("mean") {
            Ok(view) => {
                let [maps, rows, cols] = blank.plan.input();
                let mean = TensorData::new(numbers("mean")?, [maps, rows, cols]);
                if view.shape() != [maps, rows, cols] {
                    return Err(broken(format!("a mean of shape {:?}", view.shape())));
                }
                blank.with_mean(Some(Tensor::from_data(mean, device)))
            }
            Err(_) => progress.sized(&blank, size)?,
        };
        let group = |group: &str| -> Result<Vec<Option<Parameters>>> {
            let layers = blank.plan.iter().zip(blank.parameters());
            layers
                .map(|(planned, like)| {
                    let weight = format!("{group}.{}.weight", planned.layer.name);
                    let Some(like) = like.as_ref().filter(|_| tensors.tensor(&weight).is_ok())
                    else {
                        return Ok(None);
                    };
                    let [rows, bias] = [like.rows().dims(), [like.bias().dims()[0], 1]];
                    let values = numbers(&weight)?;
                    let biases = numbers(&format!("{group}.{}.bias", planned.layer.name))?;
                    if values.len() != rows[0] * rows[1] || biases.len() != bias[0] {
                        return Err(broken(format!("{weight} of another shape")));
                    }
                    Ok(Some(like.with(
                        Tensor::from_data(TensorData::new(values, rows), device),
                        Tensor::from_data(TensorData::new(biases, [bias[0]]), device),
                    )))
                })
                .collect()
        };
        let average = group("average")?;
        Ok(Self {
            network: blank.with_parameters(group("parameters")?)?,
            velocities: group("velocity")?,
            average: progress.recipe.average.map(|_| average),
            anchor: group("anchor")?,
            progress,
        })
    }
}

fn broken(path: &Path, found: String) -> Error {
    Error::input(path.display().to_string(), "the state of a training", found)
}

impl Progress {
    /// Reads what a folder's training knows about itself.
    ///
    /// # Errors
    /// As [`State::load`].
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let bytes = std::fs::read(&path).map_err(Error::file(&path))?;
        Self::parse(&path, &bytes)
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self> {
        let (_, metadata) =
            SafeTensors::read_metadata(bytes).map_err(|e| broken(path, e.to_string()))?;
        let entries = metadata.metadata().as_ref();
        let about = entries.and_then(|entries| entries.get(METADATA_KEY));
        let about = about.ok_or_else(|| broken(path, "a file without one".into()))?;
        serde_json::from_str(about).map_err(|e| broken(path, e.to_string()))
    }

    /// A network of this training for pictures of another size.
    ///
    /// # Errors
    /// [`Error::Engine`] when the table has no room for them.
    pub fn sized(&self, network: &Network, size: usize) -> Result<Network> {
        let mut sized = match network.model.input.size == [size; 2] {
            true => network.clone(),
            false => network.at_size([size; 2])?,
        };
        sized.model.input = self.model.input.clone();
        sized.model.input.size = [size; 2];
        sized.model.input.resize_short_side = self.recipe.view(size);
        Ok(sized)
    }

    /// Steps of an epoch.
    pub fn steps_per_epoch(&self) -> u64 {
        self.recipe.order().steps_per_epoch(self.pictures)
    }

    /// Steps in which every layer is trained.
    pub fn whole_steps(&self) -> u64 {
        self.steps_of(self.recipe.epochs)
    }

    /// Steps of all the training, those in which the dense layers alone are trained included.
    pub fn steps(&self) -> u64 {
        let finish = self.recipe.finish.as_ref();
        self.whole_steps() + finish.map_or(0, |finish| self.steps_of(finish.epochs))
    }

    fn steps_of(&self, epochs: f64) -> u64 {
        let steps = (epochs * self.steps_per_epoch() as f64).round() as u64;
        steps.max(u64::from(epochs > 0.0))
    }

    /// The share that is done of the steps in which every layer is trained; 1 when there are none.
    pub fn share(&self) -> f64 {
        match self.whole_steps() {
            0 => 1.0,
            whole => (self.step as f64 / whole as f64).min(1.0),
        }
    }

    /// Whether the next step is one of the dense layers alone.
    pub fn finishes(&self) -> bool {
        self.step >= self.whole_steps()
    }

    /// The learning rate of the next step.
    pub fn rate(&self) -> f64 {
        let whole = self.whole_steps();
        match &self.recipe.finish {
            Some(finish) if self.finishes() => {
                let steps = self.steps() - whole;
                Annealing::new(finish.schedule(steps)).rate(self.step - whole, steps)
            }
            _ => self.annealing.rate(self.step, whole),
        }
    }

    /// Epochs done.
    pub fn epoch(&self) -> f64 {
        self.step as f64 / self.steps_per_epoch() as f64
    }
}

/// Writes a file beside its place and moves it there when all of it is on the disk.
///
/// # Errors
/// [`Error::File`].
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let written = std::fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside); // half a file helps nobody, and may be what filled the disk
    }
    written.map_err(Error::file(path))
}
