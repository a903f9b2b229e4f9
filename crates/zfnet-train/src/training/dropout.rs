//! Dropout: units that sit a step out (paper section 3).

use burn::tensor::{Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zfnet::Network;
use zfnet::deconvnet::gradients::Masks;
use zfnet::network::architecture::{Dropout, Op};

/// The factors of a step's dropout layers: 0 for a unit that sits out, 1 / (1 − p) for the others. They follow from the
/// seed and the step alone, so that a resumed training draws what an unbroken one would.
pub(super) fn masks(network: &Network, seed: u64, step: u64, pictures: usize) -> Masks {
    let layers = network.plan.iter().enumerate();
    let dropouts = layers.filter_map(|(at, planned)| match planned.layer.op {
        Op::Dropout(Dropout { p }) if p > 0.0 => {
            let [maps, rows, cols] = planned.output;
            let mut random =
                ChaCha8Rng::seed_from_u64((seed ^ (step << 20)).wrapping_add(at as u64));
            let factors: Vec<f32> = (0..pictures * maps * rows * cols)
                .map(|_| match random.random_bool(p) {
                    true => 0.0,
                    false => (1.0 / (1.0 - p)) as f32,
                })
                .collect();
            let mask = TensorData::new(factors, [pictures, maps, rows, cols]);
            Some((at, Tensor::from_data(mask, network.device())))
        }
        _ => None,
    });
    dropouts.collect()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use zfnet::Model;
    use zfnet::network::architecture::Architecture;
    use zfnet::network::model::{FORMAT, Input};

    use super::*;

    #[test]
    fn a_share_of_the_units_sits_out_and_the_mean_stays() {
        let mut architecture = Architecture::tiny([2, 2, 2], 400, 3);
        for layer in &mut architecture.layers {
            if let Op::Dropout(Dropout { p }) = &mut layer.op {
                *p = 0.3;
            }
        }
        let dropouts = architecture
            .layers
            .iter()
            .filter(|layer| matches!(layer.op, Op::Dropout(_)));
        let count = dropouts.count();
        let model = Model {
            format: FORMAT,
            name: "dropout".into(),
            architecture,
            input: Input {
                size: [32; 2],
                resize_short_side: 32,
                channels: Default::default(),
                range: 255.0,
                mean: vec![0.0; 3],
                std: vec![1.0; 3],
            },
            classes: Vec::new(),
            scores: Default::default(),
            provenance: serde_json::Value::Null,
        };
        let network =
            crate::initialise::gaussian(model, 0.1, 1, &Device::flex()).expect("a sound table");
        let drawn = |step| -> Vec<Vec<f32>> {
            let masks = masks(&network, 9, step, 20);
            assert_eq!(masks.len(), count);
            let values = masks
                .into_iter()
                .map(|(_, mask)| pollster::block_on(zfnet::readback::floats(mask)));
            values
                .map(|values| values.expect("the CPU answers"))
                .collect()
        };
        let first = drawn(5);
        for mask in &first {
            let out = mask.iter().filter(|v| **v == 0.0).count() as f64 / mask.len() as f64;
            let mean = mask.iter().map(|v| f64::from(*v)).sum::<f64>() / mask.len() as f64;
            assert!((out - 0.3).abs() < 0.03, "{out}");
            assert!((mean - 1.0).abs() < 0.04, "{mean}");
        }
        assert_eq!(first, drawn(5), "the same step draws the same");
        assert_ne!(first, drawn(6), "another step draws anew");
    }
}
