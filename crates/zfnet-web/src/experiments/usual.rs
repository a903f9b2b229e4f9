//! What the experiments usually ask of a network.

use std::collections::BTreeMap;

use serde::Serialize;
use zfnet::experiments::Experiment;
use zfnet::experiments::paper::occlusion::{self, Occlusion};
use zfnet::experiments::paper::{correspondence, filters, invariance};
use zfnet::experiments::since::activation_maximisation::{self, Method};
use zfnet::experiments::since::attention_mining::Threshold;
use zfnet::experiments::since::attribution::{self, Numbers};
use zfnet::experiments::since::deletion_insertion::{self, DeletionInsertion};
use zfnet::experiments::since::region::{self, Answering};
use zfnet::{Network, ReluRule};
use zfnet_typescript::{TypeScript, declare};

use super::hierarchy::HierarchyAsk;
use crate::device::BackendName;

declare![
    Usual,
    UsualAttribution,
    UsualFilters,
    Numbers,
    correspondence::Settings,
];

/// What may be left out of a question is there.
type Required<Ask> = Ask;

/// The usual question of each experiment.
#[derive(Serialize, TypeScript)]
pub(crate) struct Usual {
    occlusion: Required<occlusion::Settings>,
    invariance: Vec<invariance::Settings>,
    correspondence: correspondence::Settings,
    filters: UsualFilters,
    hierarchy: HierarchyAsk,
    attribution: UsualAttribution,
    attention: Required<Threshold>,
    deletion_insertion: Required<deletion_insertion::Settings>,
    /// By each method.
    favourite: BTreeMap<Method, Required<activation_maximisation::Settings>>,
    region: Required<region::Ask>,
}

#[derive(Serialize, TypeScript)]
struct UsualAttribution {
    numbers: Numbers,
    batch: usize,
}

#[derive(Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
struct UsualFilters {
    rule: ReluRule,
    maps: usize,
    weak_below: f64,
}

/// On the processor many at once are no quicker, and one batch is as long as a visitor waits for anything else.
fn fewer(batch: usize) -> usize {
    match BackendName::own() {
        BackendName::Cpu => batch / 4,
        BackendName::WebGpu => batch,
    }
}

impl Usual {
    pub(crate) fn of(network: &Network) -> Self {
        let occlusion = Occlusion::usual(network);
        let correspondence = correspondence::Settings::table(network);
        let climb = |method: Method| (method, activation_maximisation::Settings::watched(method));
        let removal = DeletionInsertion::usual(network).settings;
        Self {
            occlusion: occlusion::Settings {
                batch: fewer(occlusion.batch),
                ..occlusion
            },
            invariance: invariance::Sweeps::usual(network)
                .into_iter()
                .map(|sweep| invariance::Settings {
                    batch: fewer(sweep.batch),
                    ..sweep
                })
                .collect(),
            correspondence: correspondence::Settings {
                batch: fewer(correspondence.batch),
                ..correspondence
            },
            filters: UsualFilters {
                rule: ReluRule::default(),
                maps: filters::MAPS,
                weak_below: filters::Settings::default().weak_below,
            },
            hierarchy: HierarchyAsk::default(),
            attribution: UsualAttribution {
                numbers: Numbers::watched(),
                batch: fewer(attribution::BATCH),
            },
            attention: Threshold::default(),
            deletion_insertion: deletion_insertion::Settings {
                batch: fewer(removal.batch),
                ..removal
            },
            favourite: Method::ALL.map(climb).into(),
            region: Answering::usual(network),
        }
    }
}
