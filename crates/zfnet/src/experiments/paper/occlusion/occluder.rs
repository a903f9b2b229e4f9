//! One picture, and what is seen with the square at any place.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use super::incremental::Incremental;
use super::{Classified, Detail, Occlusion, Seen, Settings, Strongest};
use crate::error::demand;
use crate::experiments::shared::class_score::scores_if_any;
use crate::experiments::shared::covering::{Rectangle, cover};
use crate::experiments::shared::order::coarse_first;
use crate::geometry::window::Windows;
use crate::network::trace::{Trace, ranked};
use crate::readback::Readback;
use crate::{Error, Network, Result};

/// One picture under a square that can be put anywhere.
#[derive(Debug)]
pub struct Occluder<'a> {
    network: &'a Network,
    trace: &'a Trace,
    settings: Settings,
    ground: Tensor<4>,
    watched: usize,
    map: usize,
    class: Option<usize>,
    uncovered: Seen,
    /// Squares of a row that lie a multiple of it apart reach equal windows of every layer.
    whole_stride: usize,
}

impl<'a> Occluder<'a> {
    /// Looks at the picture that is not covered, and settles which map and class are watched.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a trace of several pictures, a square that is empty or larger than the input, a stride
    /// or batch of 0, a map or a class that is not there; [`Error::UnknownLayer`], [`Error::NotLoaded`] for a class
    /// without a classifier, [`Error::Architecture`] for a colour in a network that takes none, or [`Error::Execution`].
    pub async fn new(network: &'a Network, trace: &'a Trace, settings: &Settings) -> Result<Self> {
        let pictures = trace.pictures();
        demand(pictures == 1, "pictures of the trace", "1", pictures)?;
        let [_, rows, cols] = network.model.input_shape();
        let Settings {
            size,
            stride,
            batch,
            ..
        } = *settings;
        let most = rows.min(cols);
        let fits = (1..=most).contains(&size);
        demand(fits, "size of the square", format!("1 to {most}"), size)?;
        demand(stride > 0, "stride of the square", "at least 1", stride)?;
        demand(batch > 0, "squares of a batch", "at least 1", batch)?;
        let layer = match settings
            .layer
            .as_deref()
            .or(network.looked_at().last().copied())
        {
            Some(layer) => layer,
            None => &network.plan.first().layer.name,
        };
        let watched = trace.position(layer)?;
        let answer = trace.layers[watched].answer();
        let [_, maps, rows, cols] = answer.dims();
        let answer = answer.reshape([maps, rows * cols]);
        let mut questions = Readback::default()
            .floats(answer.clone().max_dim(1))
            .floats(answer.sum_dim(1));
        let logits = scores_if_any(network, trace);
        if let Some(logits) = &logits {
            questions = questions.floats(logits.clone());
        }
        let mut answers = questions.read().await?;
        let (largest, sums) = (answers.floats()?, answers.floats()?);
        let by = match settings.strongest {
            Strongest::Unit => &largest,
            Strongest::Sum => &sums,
        };
        let map = match settings.map {
            Some(map) if map >= maps => {
                return Err(Error::out_of_range(format!("map of {layer}"), maps, map));
            }
            Some(map) => map,
            None => (0..maps)
                .rev()
                .max_by(|a, b| by[*a].total_cmp(&by[*b]))
                .unwrap_or(0),
        };
        let ranked = match logits {
            Some(_) => Some(ranked(&answers.floats()?, network.model.scores)),
            None => None,
        };
        let class = match (settings.class, &ranked) {
            (None, ranked) => ranked.as_ref().map(|ranked| ranked[0].0),
            (Some(class), Some(ranked)) if class < ranked.len() => Some(class),
            (Some(class), Some(ranked)) => {
                return Err(Error::out_of_range("class", ranked.len(), class));
            }
            (Some(_), None) => {
                let missing = network.missing_in(trace);
                return Err(network.not_loaded(missing.map_or(layer, |m| &m.layer.name)));
            }
        };
        Ok(Self {
            uncovered: seen(sums[map], ranked.as_deref(), class),
            ground: settings.fill.ground(network)?,
            whole_stride: network.plan.whole_stride()[1],
            settings: settings.clone(),
            network,
            trace,
            watched,
            map,
            class,
        })
    }

    /// What is seen without a square.
    pub fn uncovered(&self) -> Seen {
        self.uncovered
    }

    /// What is seen with the square at each of these places, given by top and left.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a square that reaches outside the input, or [`Error::Execution`].
    pub async fn covered(&self, corners: &[[usize; 2]]) -> Result<Vec<Seen>> {
        self.check(corners)?;
        let places: Vec<usize> = (0..corners.len()).collect();
        let mut found = vec![self.uncovered; corners.len()];
        for batch in self.together(&places, |at| corners[*at]) {
            let chosen: Vec<_> = batch.iter().map(|at| corners[*at]).collect();
            let (map, logits) = self.run(&chosen);
            let mut questions = Readback::default().floats(map.sum_dim(1));
            let asked = logits.is_some();
            if let Some(logits) = logits {
                questions = questions.floats(logits);
            }
            let mut answers = questions.read().await?;
            let sums = answers.floats()?;
            let scores = if asked { answers.floats()? } else { Vec::new() };
            let classes = scores.len() / batch.len();
            for (place, at) in batch.iter().enumerate() {
                let own = || &scores[place * classes..][..classes];
                let ranked = asked.then(|| ranked(own(), self.network.model.scores));
                found[*at] = seen(sums[place], ranked.as_deref(), self.class);
            }
        }
        Ok(found)
    }

    /// All that is seen with the square at one place, given by top and left.
    ///
    /// # Errors
    /// As [`Self::covered`].
    pub async fn at(&self, corner: [usize; 2]) -> Result<Detail> {
        self.check(&[corner])?;
        let (map, logits) = self.run(&[corner]);
        let answer = self.trace.layers[self.watched].answer();
        let [_, _, rows, cols] = answer.dims();
        let mut questions = Readback::default()
            .floats(map.clone().sum_dim(1))
            .floats(map)
            .floats(answer.slice([0..1, self.map..self.map + 1, 0..rows, 0..cols]));
        let asked = logits.is_some();
        if let Some(logits) = logits {
            questions = questions.floats(logits);
        }
        let mut answers = questions.read().await?;
        let (sum, map, uncovered) = (answers.floats()?, answers.floats()?, answers.floats()?);
        let classes = match asked {
            true => ranked(&answers.floats()?, self.network.model.scores),
            false => Vec::new(),
        };
        Ok(Detail {
            seen: seen(sum[0], asked.then_some(&classes[..]), self.class),
            classes,
            answers: map,
            uncovered,
            shape: [rows, cols],
        })
    }

    fn check(&self, corners: &[[usize; 2]]) -> Result<()> {
        let [_, rows, cols] = self.network.model.input_shape();
        corners
            .iter()
            .try_for_each(|corner| self.square(*corner).check("square", [rows, cols]))
    }

    /// The watched map's answers `[squares, rows * cols]` and the classes' scores `[squares, classes]`, for squares of
    /// one batch.
    fn run(&self, corners: &[[usize; 2]]) -> (Tensor<2>, Option<Tensor<2>>) {
        let squares = corners.len();
        let (map, logits) = if self.settings.whole {
            let rectangles: Vec<_> = corners.iter().map(|corner| self.square(*corner)).collect();
            let input = cover(self.trace.input.clone(), self.ground.clone(), &rectangles);
            let trace = self
                .network
                .run(input, self.trace.layers.len(), |_, activation| activation);
            let record = &trace.layers[self.watched];
            let [_, _, rows, cols] = record.activation.dims();
            let own = [0..squares, self.map..self.map + 1, 0..rows, 0..cols];
            (
                record.activation.clone().slice(own),
                scores_if_any(self.network, &trace),
            )
        } else {
            let [_, _, rows, cols] = self.trace.input.dims();
            let windows = Windows {
                frame: [rows, cols],
                size: [self.settings.size; 2],
                origins: corners
                    .iter()
                    .map(|corner| corner.map(|at| at as isize))
                    .collect(),
            };
            let pass = Incremental {
                network: self.network,
                trace: self.trace,
            };
            let (map, top) = pass.run(windows, self.ground.clone(), self.watched, self.map);
            let [_, classes, ..] = top.dims();
            let logits =
                scores_if_any(self.network, self.trace).map(|_| top.reshape([squares, classes]));
            (map, logits)
        };
        let map = self.trace.layers[self.watched].answer_of(map);
        let [_, _, rows, cols] = map.dims();
        (map.reshape([squares, rows * cols]), logits)
    }

    /// Every place of the grid, row-major, coarse first, in the batches in which they are covered: each can be asked for alone.
    pub fn batches(&self) -> Vec<Vec<usize>> {
        let Occlusion {
            grid: [rows, cols],
            positions,
            ..
        } = self.grid();
        let levels = coarse_first(rows, cols).into_iter();
        levels
            .flat_map(|level| {
                let places: Vec<_> = level.iter().map(|[row, col]| row * cols + col).collect();
                self.together(&places, |at| positions[*at])
            })
            .collect()
    }

    /// Groups of places that can go through the network together: squares of one row, whose windows end where the frame does.
    fn together(&self, places: &[usize], corner: impl Fn(&usize) -> [usize; 2]) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<[usize; 2], Vec<usize>> = BTreeMap::new();
        for place in places {
            let rest = match self.settings.whole {
                true => [0, 0],
                false => {
                    let corner = corner(place);
                    [corner[0], corner[1] % self.whole_stride]
                }
            };
            groups.entry(rest).or_default().push(*place);
        }
        let chunks = |group: &Vec<usize>| -> Vec<Vec<usize>> {
            group
                .chunks(self.settings.batch)
                .map(<[usize]>::to_vec)
                .collect()
        };
        groups.values().flat_map(chunks).collect()
    }

    /// All positions, with nothing seen yet.
    pub fn grid(&self) -> Occlusion {
        let [_, rows, cols] = self.network.model.input_shape();
        let Settings { size, stride, .. } = self.settings;
        let grid = [rows, cols].map(|length| (length - size) / stride + 1);
        let positions: Vec<_> = (0..grid[0] * grid[1])
            .map(|at| [at / grid[1] * stride, at % grid[1] * stride])
            .collect();
        Occlusion {
            settings: self.settings.clone(),
            layer: self.trace.layers[self.watched].name.clone(),
            map: self.map,
            class: self.class,
            uncovered: self.uncovered,
            grid,
            seen: vec![None; positions.len()],
            positions,
        }
    }

    fn square(&self, [top, left]: [usize; 2]) -> Rectangle {
        let [rows, cols] = [self.settings.size; 2];
        Rectangle {
            top,
            left,
            rows,
            cols,
        }
    }
}

fn seen(activity: f32, ranked: Option<&[(usize, f32)]>, class: Option<usize>) -> Seen {
    let of = |class: usize, ranked: &[(usize, f32)]| Classified {
        probability: ranked
            .iter()
            .find(|(index, _)| *index == class)
            .map_or(f32::NAN, |r| r.1),
        label: ranked.first().map_or(class, |first| first.0),
    };
    Seen {
        activity,
        class: class.zip(ranked).map(|(class, ranked)| of(class, ranked)),
    }
}
