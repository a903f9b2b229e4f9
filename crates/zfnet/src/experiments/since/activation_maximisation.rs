//! What a unit, a map or a class answers to most: a picture that is climbed to along the derivative, instead of one that
//! is found among photographs.
//!
//! Activation maximisation is Erhan et al. (2009), of class scores Simonyan et al. (2013). Left alone it ends in noise that
//! no photograph holds, so the climb is kept near natural pictures, and that it is this which decides what one sees is Olah et
//! al. (2017). Of pixels: decay and blur are Yosinski et al. (2015), total variation is Mahendran & Vedaldi (2015), jitter is
//! Mordvintsev et al. (2015). Of waves: their magnitudes are those of photographs, and phases alone are free (MACO, Fel et al.
//! 2023); or they change a photograph, whose maps in an early layer stay near (feature accentuation, Hamblin et al. 2024).

mod adam;
mod bounds;
mod crops;
mod opacity;
mod parametrisation;
mod photographs;
mod pixels;
mod record;
mod regulariser;
mod settings;
mod target;
mod waves;

use burn::tensor::Tensor;

use self::bounds::Bounds;
use self::opacity::opacity;
pub use self::parametrisation::{Free, Parametrisation};
use self::pixels::Pixels;
pub use self::settings::{Method, Settings};
use self::target::Goal;
pub use self::target::{Objective, Second, Target};
use self::waves::Waves;
use crate::experiments::shared::Listener;
use crate::geometry::view::View;
use crate::network::Network;
use crate::network::trace::Trace;
use crate::pictures::rendering::{Picture, Stretch, projection};
use crate::readback::Readback;
use crate::{Error, Result};

/// Keeps the slope's length from being zero where a target is silent.
const SILENT: f64 = 1e-20;

/// A picture on the way up, or at its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Favourite {
    /// Steps taken.
    pub step: usize,
    /// What the target answers, before any rectifier: to the picture itself where the climb begins and ends, to the jittered one,
    /// or to its crops on average, in between.
    pub answer: f32,
    /// What the second target answers, if there is one.
    pub and: Option<f32>,
    /// Rows and columns.
    pub size: [usize; 2],
    /// Planes of red, green and blue, from 0 to 1.
    pub pixels: Vec<f32>,
    /// How much every pixel was asked for so far, from 0 to 1, where waves were climbed along: MACO's transparency.
    pub opacity: Option<Vec<f32>>,
}

impl Favourite {
    /// A part of it as a picture.
    ///
    /// Where nothing was asked for it is grey.
    pub fn picture(&self, part: View) -> Picture {
        let mut about_grey: Vec<f32> = self.pixels.iter().map(|value| 2.0 * value - 1.0).collect();
        if let Some(opacity) = &self.opacity {
            for plane in about_grey.chunks_mut(opacity.len().max(1)) {
                for (value, share) in plane.iter_mut().zip(opacity) {
                    *value *= share;
                }
            }
        }
        let part_of = View::whole(self.size).carry(&about_grey, part);
        projection(&part_of, part.shape(), Stretch::Quantile, Some(1.0)).0
    }
}

/// A whole climb.
#[derive(Debug, Clone, PartialEq)]
pub struct Climb {
    /// What it is made for.
    pub objective: Objective,
    /// How it climbs.
    pub settings: Settings,
    /// The part of the picture that its targets see.
    pub view: View,
    /// Where it began.
    pub start: Favourite,
    /// Where it ended, or where it is.
    pub end: Favourite,
    /// What the target answered at every frame in between.
    pub answers: Vec<f32>,
    /// The same of the second target, if there is one.
    pub and: Vec<f32>,
}

/// Climbs from a photograph's input tensor `[1, channels, rows, cols]`, or from noise, towards what a target, or two at once,
/// answer to most.
///
/// `listener` sees the climb so far every [`Settings::every`] steps and may end the climb, whose picture so far is then the result.
///
/// # Errors
/// [`Error::UnknownLayer`], [`Error::NotLoaded`], [`Error::OutOfRange`] for a target, a number or an input that does not fit,
/// for a photograph where magnitudes are fixed and for none where one is accentuated, [`Error::Architecture`] for a network
/// that takes no photographs, or for a class of one that ends in maps, or [`Error::Execution`].
pub async fn climb(
    network: &Network,
    objective: &Objective,
    from: Option<Tensor<4>>,
    settings: &Settings,
    mut listener: impl for<'a> Listener<&'a Climb>,
) -> Result<Climb> {
    settings.check()?;
    let goal = Goal::new(network, objective)?;
    let bounds = Bounds::of(network)?;
    let from = from
        .map(|input| checked(network, input))
        .transpose()?
        .map(|input| bounds.shares(input));
    let view = objective.view(network)?;
    let mut ascent = Ascent {
        way: Way::new(network, &goal, &bounds, from, view, settings)?,
        network,
        goal,
        bounds,
        settings,
        view,
    };
    let start = ascent.shown(0).await?;
    let mut found = Climb {
        objective: objective.clone(),
        settings: *settings,
        view,
        end: start.clone(),
        start,
        answers: Vec::new(),
        and: Vec::new(),
    };
    let mut step = 0;
    while step < settings.steps {
        step += 1;
        let trace = ascent.step(step)?;
        if step.is_multiple_of(settings.every) && step < settings.steps {
            found.end = ascent.read(&trace, step).await?;
            found.answers.push(found.end.answer);
            found.and.extend(found.end.and);
            if !listener.goes_on(step, settings.steps, &found).await {
                break;
            }
        }
    }
    found.end = ascent.shown(step).await?;
    // The last frame is the end itself; there is nothing left to stop.
    let _ = listener.goes_on(step, settings.steps, &found).await;
    Ok(found)
}

fn checked(network: &Network, input: Tensor<4>) -> Result<Tensor<4>> {
    let [channels, rows, cols] = network.model.input_shape();
    let expected = [1, channels, rows, cols];
    match input.dims() == expected {
        true => Ok(input),
        false => Err(Error::refused(
            "input to climb from",
            format!("{expected:?}"),
            format!("{:?}", input.dims()),
        )),
    }
}

/// What is climbed along.
enum Way {
    Pixels(Box<Pixels>),
    Waves(Box<Waves>),
}

impl Way {
    fn new(
        network: &Network,
        goal: &Goal,
        bounds: &Bounds,
        from: Option<Tensor<4>>,
        view: View,
        settings: &Settings,
    ) -> Result<Self> {
        let refused =
            |expected, found| Err(Error::refused("beginning of a climb", expected, found));
        match (settings.method, &from) {
            (Method::Maco, Some(_)) => refused("none: phases begin at random", "a photograph"),
            (Method::Accentuate, None) => refused("a photograph to accentuate", "none"),
            (Method::Pixels, _) => {
                let pixels = Pixels::new(network, bounds, from, settings);
                Ok(Self::Pixels(Box::new(pixels)))
            }
            _ => {
                let waves = Waves::new(network, goal, bounds, from, view, settings);
                Ok(Self::Waves(Box::new(waves)))
            }
        }
    }
}

/// A climb on its way.
struct Ascent<'a> {
    way: Way,
    network: &'a Network,
    goal: Goal,
    bounds: Bounds,
    settings: &'a Settings,
    view: View,
}

impl Ascent<'_> {
    fn step(&mut self, step: usize) -> Result<Trace> {
        let Self { network, goal, .. } = self;
        match &mut self.way {
            Way::Pixels(pixels) => pixels.step(network, goal, &self.bounds, self.settings, step),
            Way::Waves(waves) => Ok(waves.step(network, goal, self.settings, step)),
        }
    }

    /// The picture of the whole frame, in shares.
    fn picture(&self) -> Tensor<4> {
        match &self.way {
            Way::Pixels(pixels) => pixels.picture(),
            Way::Waves(waves) => waves.picture(self.network, &self.bounds),
        }
    }

    /// The picture as it is, with the targets' answers to just that.
    async fn shown(&self, step: usize) -> Result<Favourite> {
        let input = self.bounds.input(self.picture());
        let trace = self
            .network
            .run(input, self.goal.depth(), |_, activation| activation);
        self.read(&trace, step).await
    }

    /// The picture as it is, with the targets' answers in a trace.
    async fn read(&self, trace: &Trace, step: usize) -> Result<Favourite> {
        let picture = self.picture();
        let [_, _, rows, cols] = picture.dims();
        let mut asked = Readback::default().floats(picture);
        for place in &self.goal.places {
            asked = asked.floats(place.answer(trace));
        }
        if let Way::Waves(waves) = &self.way {
            asked = asked.floats(waves.seen(self.network));
        }
        let mut read = asked.read().await?;
        let pixels = self.network.model.input.in_colours(read.floats()?);
        let mut answers = Vec::new();
        for _ in &self.goal.places {
            answers.extend(read.floats()?.first().copied());
        }
        let opacity = match &self.way {
            Way::Waves(_) if self.settings.method == Method::Maco => {
                Some(opacity(read.floats()?, [rows, cols], self.view))
            }
            _ => None,
        };
        let answer = answers.first().copied();
        Ok(Favourite {
            step,
            answer: answer.ok_or_else(|| Error::Execution("no answer of the target".into()))?,
            and: answers.get(1).copied(),
            size: [rows, cols],
            pixels,
            opacity,
        })
    }
}

/// A slope with a root mean square of 1.
fn unit_length(slope: Tensor<4>) -> Tensor<4> {
    let length = (slope.clone() * slope.clone()).mean().sqrt() + SILENT;
    slope / length.reshape([1, 1, 1, 1])
}
