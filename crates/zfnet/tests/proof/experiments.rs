//! The paper's experiments against a few lines of PyTorch (`tests/golden/experiments/make.py`), and their laws: what is
//! computed only where a square reaches equals what is computed whole, an identity moves nothing, equal pictures
//! correspond.

mod correspondence;
mod devices;
mod invariance;
mod laws;
mod occlusion;

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use image::RgbImage;
use pollster::block_on;
use serde::de::DeserializeOwned;
use zfnet::experiments::Step;
use zfnet::experiments::paper::correspondence::{self as comparison, Correspondence, Part};
use zfnet::experiments::paper::invariance::{
    Invariance, Settings as Sweep, Transformation, sweeps,
};
use zfnet::experiments::paper::occlusion::{Occlusion, Settings as Square, occlude};
use zfnet::experiments::shared::covering::Rectangle;
use zfnet::{Network, Prepared, readback};

use crate::stored::Stored;

/// The golden file, its network and its pictures.
struct Golden {
    stored: Stored,
    network: Network,
    pictures: Vec<Prepared>,
}

impl Golden {
    fn read(device: &Device) -> Self {
        let stored = Stored::read("experiments/experiments.safetensors");
        let network = stored.network(device);
        let size = network.model.input.side().expect("a square");
        let pictures = stored.pictures().into_iter().map(|planes| {
            let value = |channel: usize, x: u32, y: u32| {
                planes[(channel * size + y as usize) * size + x as usize]
            };
            let pixel = |x, y| image::Rgb([0, 1, 2].map(|channel| value(channel, x, y)));
            Prepared {
                rgb: RgbImage::from_fn(size as u32, size as u32, pixel),
                part: [0, 0, size as u32, size as u32],
            }
        });
        Self {
            pictures: pictures.collect(),
            stored,
            network,
        }
    }

    fn input(&self, picture: usize) -> Tensor<4> {
        self.pictures[picture]
            .tensor(&self.network)
            .expect("three channels")
    }

    fn of<T: DeserializeOwned>(&self, path: &str) -> T {
        self.stored.says(path)
    }

    fn occluded(&self, change: impl FnOnce(&mut Square)) -> Occlusion {
        let mut settings = self.of("/occlusion/settings");
        change(&mut settings);
        let trace = self.network.forward(self.input(0)).expect("it fits");
        let found = occlude(&self.network, &trace, &settings, async |_| {
            ControlFlow::Continue(())
        });
        block_on(found).expect("it computes")
    }

    fn swept(&self, transformation: Transformation, parameters: Vec<f32>) -> Invariance {
        let all = [Sweep {
            layers: self.of("/invariance/layers"),
            parameters,
            batch: 3,
            ..Sweep::figure(transformation, &self.network)
        }];
        let found = sweeps(&self.network, &self.pictures[1], &all, async |_| {
            ControlFlow::Continue(())
        });
        block_on(found).expect("it computes").swap_remove(0)
    }

    fn parts(&self) -> Vec<Part> {
        let boxes = |name: &str| {
            let boxes: Vec<[usize; 4]> = self.of(&format!("/correspondence/parts/{name}"));
            boxes.into_iter().map(rectangle).collect()
        };
        ["eye", "nose"]
            .map(|name| Part {
                name: name.into(),
                boxes: boxes(name),
            })
            .into()
    }

    fn inputs(&self, pictures: &[usize]) -> Tensor<4> {
        Tensor::cat(
            pictures
                .iter()
                .map(|picture| self.input(*picture))
                .collect(),
            0,
        )
    }

    fn compared(&self, pictures: Tensor<4>, parts: &[Part]) -> Correspondence {
        let settings = self.comparison();
        let go_on = async |_: Step<&Correspondence>| ControlFlow::Continue(());
        let found = comparison::correspond(&self.network, pictures, parts, &settings, go_on);
        block_on(found).expect("it computes")
    }

    fn comparison(&self) -> comparison::Settings {
        comparison::Settings {
            fill: self.of("/correspondence/fill"),
            random: 4,
            batch: 2,
            ..comparison::Settings::table(&self.network)
        }
    }
}

fn rectangle([top, left, rows, cols]: [usize; 4]) -> Rectangle {
    Rectangle {
        top,
        left,
        rows,
        cols,
    }
}

/// Every number within a ten-thousandth of the largest: f32 sums in different orders differ in the last digits.
fn near(subject: &str, expected: &[f32], found: &[f32]) {
    let largest = expected
        .iter()
        .fold(1e-6f32, |most, value| most.max(value.abs()));
    assert_eq!(expected.len(), found.len(), "{subject}");
    for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
        let holds = (expected - found).abs() <= 1e-4 * largest;
        assert!(holds, "{subject} {at}: expected {expected}, found {found}");
    }
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    block_on(readback::floats(tensor)).expect("CPU")
}
