//! Signals on the way down that do not see the picture: made once, kept for all pictures.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use burn::tensor::Tensor;

/// Numbers of all templates that are kept, 16 MB: those of all maps of the paper's conv5, with room for what lies at a border.
const MOST: usize = 4 << 20;
/// Templates of a network that were made, until newer ones need their room.
#[derive(Debug, Default)]
pub(crate) struct Templates(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    made: HashMap<Key, Tensor<4>>,
    /// The oldest first.
    order: VecDeque<Key>,
    numbers: usize,
}

/// A layer and its map; and what of the window on each layer below lies in its frame, which near a border is less.
pub(crate) type Key = (usize, usize, Vec<[Range<usize>; 2]>);

impl Templates {
    /// Those of some keys that are kept.
    pub(crate) fn kept(&self, keys: &[Key]) -> HashMap<Key, Tensor<4>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = |key: &Key| Some((key.clone(), kept.made.get(key)?.clone()));
        keys.iter().filter_map(found).collect()
    }

    /// Keeps some more.
    pub(crate) fn keep(&self, fresh: &[(Key, Tensor<4>)]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, template) in fresh {
            if kept.made.insert(key.clone(), template.clone()).is_none() {
                kept.order.push_back(key.clone());
                kept.numbers += template.dims().iter().product::<usize>();
            }
        }
        while kept.numbers > MOST {
            let oldest = kept.order.pop_front();
            let Some(gone) = oldest.and_then(|key| kept.made.remove(&key)) else {
                return;
            };
            kept.numbers -= gone.dims().iter().product::<usize>();
        }
    }
}
