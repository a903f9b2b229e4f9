//! How one finds one's way in a network of many layers: which of them are looked at, which stand for their resolution, which
//! belong to one block, and whose maps a join has put one behind the other.

use crate::network::architecture::Op;
use crate::network::plan::{Plan, Source};

/// So many layers are looked at one by one; of more, those that stand for their resolution.
const FEW: usize = 6;
/// What makers put between the names of a block and of a layer in it, the plainest first.
const SEPARATORS: [char; 3] = ['/', '.', '_'];

/// Maps of a join that come from one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// Whose maps they are.
    pub source: Source,
    /// The number that the first of them has among the joined.
    pub first: usize,
}

impl Plan {
    /// Whether a layer is one to look at: a convolution, or where branches meet.
    pub fn is_looked_at(&self, at: usize) -> bool {
        matches!(self[at].layer.op, Op::Conv(_) | Op::Add | Op::Concat)
    }

    /// Whether all that a layer answers has gone through a rectifier or another function of one number, be it before it was
    /// pooled, scaled or joined.
    pub fn is_rectified(&self, at: usize) -> bool {
        self.holds_rectified(Source::Layer(self.activation(at)))
    }

    fn holds_rectified(&self, source: Source) -> bool {
        let Source::Layer(at) = source else {
            return false;
        };
        match self[at].layer.op {
            Op::Relu | Op::Activation(_) => true,
            Op::MaxPool(_)
            | Op::AvgPool(_)
            | Op::Gap
            | Op::Lrn(_)
            | Op::Concat
            | Op::Scale
            | Op::Shuffle(_)
            | Op::Dropout(_) => self.sources(at).iter().all(|s| self.holds_rectified(*s)),
            Op::Conv(_) | Op::Dense(_) | Op::Affine | Op::Prelu | Op::Add => false,
        }
    }

    /// The layers that a look at a picture begins with, among the first `depth` of the plan: all that are to be looked at where
    /// these are few; else, of each resolution, the last rectified one, or the last one where none is.
    ///
    /// Layers have one resolution whose units lie equally far apart in the picture. Gates, which have one unit for a whole map,
    /// stand for none.
    pub fn milestones(&self, depth: usize) -> Vec<usize> {
        let all: Vec<usize> = (0..depth).filter(|at| self.is_looked_at(*at)).collect();
        if all.len() <= FEW {
            return all;
        }
        let mut found: Vec<usize> = Vec::new();
        for at in all {
            let planned = &self[at];
            if planned.output[1..] == [1, 1] {
                continue;
            }
            let same = found
                .iter_mut()
                .find(|other| self[**other].field.stride == planned.field.stride);
            match same {
                None => found.push(at),
                Some(other) if self.is_rectified(at) || !self.is_rectified(*other) => *other = at,
                Some(_) => {}
            }
        }
        found.sort_unstable();
        found
    }

    /// Whose maps those of a join are, first to last. What is joined may be a join itself, and rectified after it. Empty for a
    /// layer that joins nothing.
    pub fn branches(&self, at: usize) -> Vec<Branch> {
        let mut found = Vec::new();
        if self[at].layer.op == Op::Concat {
            self.add_branches(at, &mut 0, &mut found);
        }
        found
    }

    fn add_branches(&self, join: usize, first: &mut usize, found: &mut Vec<Branch>) {
        for source in self.sources(join) {
            match self.answering(*source) {
                Source::Layer(at) if self[at].layer.op == Op::Concat => {
                    self.add_branches(at, first, found);
                }
                source => {
                    found.push(Branch {
                        source,
                        first: *first,
                    });
                    *first += self.shape(source)[0];
                }
            }
        }
    }

    /// The layer whose answers are these: the one below a rectifier that alone reads it.
    fn answering(&self, source: Source) -> Source {
        match source {
            Source::Layer(at) if self[at].layer.op.is_nonlinearity() => match self.source(at) {
                Source::Layer(below) if self.activation(below) == at => Source::Layer(below),
                _ => source,
            },
            _ => source,
        }
    }

    /// The last maps that another end can be put on: what the network averages, or weighs place by place, before that is pooled.
    /// Where the scores themselves are averages of a convolution's maps, what that convolution reads. `None` where it reads the
    /// picture itself.
    pub fn last_maps(&self) -> Option<usize> {
        // Down from the scores, as long as there is a single way.
        let mut way = vec![self.top()];
        while let [Source::Layer(below)] = self.sources(way[way.len() - 1]) {
            way.push(*below);
        }
        let op = |at: usize| &self[at].layer.op;
        let is_end = |at: &usize| matches!(op(*at), Op::Dense(_) | Op::Gap);
        let sees_all = |at: &usize| {
            let [_, seen @ ..] = self[*at].input;
            matches!(op(*at), Op::Conv(_)) && self[*at].output[1..] == [1, 1] && seen != [1, 1]
        };
        let end = { way.iter().rposition(is_end) }.or_else(|| way.iter().rposition(sees_all));
        let skip = |from: usize, wanted: fn(&Op) -> bool| {
            let rest = way[from..].iter();
            from + rest.take_while(|at| wanted(op(**at))).count()
        };
        let mut at = end.map_or(0, |end| end + 1);
        let are_scores = || way[..at].iter().all(|at| !op(*at).has_parameters());
        if at > 0 && are_scores() {
            at = skip(at, |op| {
                op.is_nonlinearity() || matches!(op, Op::Dropout(_))
            });
            let names = way.get(at).is_some_and(|at| matches!(op(*at), Op::Conv(_)));
            at += usize::from(names);
        }
        let pooled = |op: &Op| matches!(op, Op::MaxPool(_) | Op::AvgPool(_) | Op::Dropout(_));
        way.get(skip(at, pooled)).copied()
    }

    /// Whether there is a sum or a batch normalisation in what a layer rests on, itself included: where the deconvnet and guided
    /// rules are known to look weak.
    pub fn rests_on_sums(&self, at: usize) -> bool {
        let mut below = self.upto(at).into_iter();
        below.any(|at| matches!(self[at].layer.op, Op::Add | Op::Affine))
    }

    /// What the makers called the block that each layer belongs to: what the name begins with and shares with two other layers
    /// that are looked at or, failing that, with one, `inception_3a` of `inception_3a/3x3_reduce`. Empty where it shares
    /// nothing, or with all.
    pub fn blocks(&self) -> Vec<&str> {
        let looked_at = (0..self.len()).filter(|at| self.is_looked_at(*at));
        let names: Vec<&str> = looked_at.map(|at| self[at].layer.name.as_str()).collect();
        let members = |block: &str| names.iter().filter(|name| belongs(name, block)).count();
        let block = |name| {
            let wide = |least| {
                let sharing = |block: &&str| (least..names.len()).contains(&members(block));
                beginnings(name).find(sharing)
            };
            wide(3).or_else(|| wide(2)).unwrap_or_default()
        };
        let blocks = self.iter().map(|planned| block(&planned.layer.name));
        blocks.collect()
    }
}

/// What a name begins with, up to each of its plainest separators, the longest first.
fn beginnings(name: &str) -> impl Iterator<Item = &str> {
    let separator = SEPARATORS.into_iter().find(|sign| name.contains(*sign));
    let ends = separator.map(|sign| name.rmatch_indices(sign));
    let ends = ends.into_iter().flatten();
    ends.map(|(end, _)| name[..end].trim_end_matches(SEPARATORS))
}

fn belongs(name: &str, block: &str) -> bool {
    let rest = name.strip_prefix(block);
    rest.is_some_and(|rest| rest.starts_with(SEPARATORS))
}

#[cfg(test)]
#[path = "topology_tests.rs"]
mod tests;
