//! How a network's layers hang together: which reads what, in which order a pass goes up and a signal comes down.
//!
//! A layer may read several others, and be read by several. Nothing outside this file reckons with neighbours in the
//! table: whoever wants a layer before or after another asks for what it reads, for what it rests on, or for the ways
//! between the two.

use std::ops::Index;

use crate::geometry::receptive_field::ReceptiveField;
use crate::network::architecture::{Layer, Shape};
use crate::{Error, Result};

/// Something that a layer may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// What enters the network.
    Input,
    /// The output of the layer at this place of the plan.
    Layer(usize),
}

/// A layer with everything that follows from its place in the table.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedLayer {
    /// The row of the table.
    pub layer: Layer,
    /// What comes in; where it reads several layers, the shape of the first.
    pub input: Shape,
    /// What goes out.
    pub output: Shape,
    /// What a unit of the output sees of the picture.
    pub field: ReceptiveField,
    /// Weights and biases.
    pub parameters: usize,
    /// Multiply-adds of one forward pass; more than 32 bits hold, for a large network.
    pub multiply_adds: u64,
}

/// The layers of a network and what each of them reads. A layer stands after all that it reads, so that the order of
/// the plan is one in which a pass can go up.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    input: Shape,
    layers: Vec<PlannedLayer>,
    /// For each layer, what it reads.
    sources: Vec<Vec<Source>>,
}

impl Plan {
    /// A plan without layers, for an input of `[channels, rows, columns]`.
    pub(crate) fn new(input: Shape) -> Self {
        Self {
            input,
            layers: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Adds a layer that reads what is there already.
    pub(crate) fn push(&mut self, layer: PlannedLayer, sources: Vec<Source>) {
        debug_assert!(!sources.is_empty());
        debug_assert!(
            sources
                .iter()
                .all(|s| *s < Source::Layer(self.layers.len()))
        );
        self.layers.push(layer);
        self.sources.push(sources);
    }

    /// What a layer without origins of its own reads when it is added: the layer added last, or the input.
    pub(crate) fn end(&self) -> Source {
        match self.layers.len() {
            0 => Source::Input,
            layers => Source::Layer(layers - 1),
        }
    }

    /// Channels, rows and columns of what enters.
    pub fn input(&self) -> Shape {
        self.input
    }

    /// Number of layers.
    #[allow(
        clippy::len_without_is_empty,
        reason = "a network without layers is refused"
    )]
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// The layers in the order of the plan.
    pub fn iter(&self) -> std::slice::Iter<'_, PlannedLayer> {
        self.layers.iter()
    }

    /// The place of a layer.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`].
    pub fn position(&self, name: &str) -> Result<usize> {
        let named = |planned: &PlannedLayer| planned.layer.name == name;
        self.layers.iter().position(named).ok_or_else(|| {
            let known: Vec<_> = self.iter().map(|l| l.layer.name.as_str()).collect();
            Error::UnknownLayer {
                layer: name.into(),
                known: known.join(", "),
            }
        })
    }

    /// The first layer of the plan, which reads the input.
    pub fn first(&self) -> &PlannedLayer {
        &self.layers[0]
    }

    /// The place of the layer whose output is the network's.
    pub fn top(&self) -> usize {
        self.layers.len() - 1
    }

    /// The layer whose output is the network's.
    pub fn output(&self) -> &PlannedLayer {
        &self.layers[self.top()]
    }

    /// How many classes have a score; `None` for a network that ends in maps.
    pub fn classes(&self) -> Option<usize> {
        match self.output().output {
            [classes, 1, 1] => Some(classes),
            _ => None,
        }
    }

    /// What a layer reads, in the order in which its operation takes it.
    pub fn sources(&self, at: usize) -> &[Source] {
        &self.sources[at]
    }

    /// What a layer with a single input reads.
    pub fn source(&self, at: usize) -> Source {
        debug_assert_eq!(self.sources[at].len(), 1);
        self.sources[at][0]
    }

    /// `[maps, rows, columns]` of something that layers read.
    pub fn shape(&self, source: Source) -> Shape {
        match source {
            Source::Input => self.input,
            Source::Layer(at) => self.layers[at].output,
        }
    }

    /// What a unit of it sees of the picture.
    pub fn field(&self, source: Source) -> ReceptiveField {
        match source {
            Source::Input => ReceptiveField::PIXEL,
            Source::Layer(at) => self.layers[at].field,
        }
    }

    /// The layers that read something.
    fn readers(&self, source: Source) -> impl Iterator<Item = usize> {
        (0..self.layers.len()).filter(move |at| self.sources[*at].contains(&source))
    }

    /// Whether a layer that stands behind the one at `at` reads it.
    pub(crate) fn is_read_above(&self, source: Source, at: usize) -> bool {
        self.readers(source).any(|reader| reader > at)
    }

    /// Where a layer's activation stands: at the rectifier (or other function of one number) that alone reads it, if one does;
    /// else at the layer itself.
    pub fn activation(&self, at: usize) -> usize {
        let only = self.only_reader(at);
        only.filter(|only| self.layers[*only].layer.op.is_nonlinearity())
            .unwrap_or(at)
    }

    /// The layer that alone reads this one.
    fn only_reader(&self, at: usize) -> Option<usize> {
        let mut readers = self.readers(Source::Layer(at));
        readers.next().filter(|_| readers.next().is_none())
    }

    /// The layer that this one reads, where it reads no other and no other reads it: whatever comes down to it comes from here.
    pub(crate) fn alone_under(&self, at: usize) -> Option<usize> {
        match self.sources[at][..] {
            [Source::Layer(below)] => self.only_reader(below).map(|_| below),
            _ => None,
        }
    }

    /// How many layers of the plan, from the first, are `loaded`: all that can run.
    pub(crate) fn frontier(&self, loaded: impl Fn(usize) -> bool) -> usize {
        let missing = |at: &usize| self.layers[*at].layer.op.has_parameters() && !loaded(*at);
        (0..self.len()).find(missing).unwrap_or(self.len())
    }

    /// A layer and all that it rests on, in the order in which they run.
    pub fn upto(&self, at: usize) -> Vec<usize> {
        self.between(Source::Input, at, |_| true)
    }

    /// The layers on the ways from the output of one down to `to`, in the order in which a signal passes them: each after
    /// all that read it. The first is `from` itself.
    pub fn down(&self, from: usize, to: Source) -> Vec<usize> {
        let mut above = vec![false; self.len()];
        for at in 0..self.len() {
            let rests = |source: &Source| match source {
                _ if *source == to => true,
                Source::Input => false,
                Source::Layer(below) => above[*below],
            };
            above[at] = self.sources[at].iter().any(rests);
        }
        let mut places = self.between(to, from, |at| above[at]);
        places.reverse();
        places
    }

    /// What `at` rests on, and itself, from what follows on `to`; `wanted` may leave some out.
    fn between(&self, to: Source, at: usize, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut needed = vec![false; self.len()];
        needed[at] = true;
        for place in (0..=at).rev().filter(|place| Source::Layer(*place) > to) {
            if needed[place] {
                for source in &self.sources[place] {
                    if let Source::Layer(below) = source {
                        needed[*below] = true;
                    }
                }
            }
        }
        let places = (0..=at).filter(|place| Source::Layer(*place) > to);
        places
            .filter(|place| needed[*place] && wanted(*place))
            .collect()
    }

    /// A distance in pixels by which a picture can be moved, rows and columns, so that what every layer says of it moves by
    /// whole units.
    pub fn whole_stride(&self) -> [usize; 2] {
        self.layers.iter().fold([1, 1], |whole, planned| {
            [0, 1].map(|axis| common_multiple(whole[axis], planned.field.stride[axis]))
        })
    }
}

impl<'a> IntoIterator for &'a Plan {
    type Item = &'a PlannedLayer;
    type IntoIter = std::slice::Iter<'a, PlannedLayer>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Index<usize> for Plan {
    type Output = PlannedLayer;

    fn index(&self, at: usize) -> &PlannedLayer {
        &self.layers[at]
    }
}

fn common_multiple(a: usize, b: usize) -> usize {
    let (mut larger, mut divisor) = (a, b);
    while divisor != 0 {
        (larger, divisor) = (divisor, larger % divisor);
    }
    (a / larger).saturating_mul(b)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
