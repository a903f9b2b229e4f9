//! The paper's experiments against a few lines of PyTorch (`tests/golden/experiments/make.py`), and their laws: what is
//! computed only where a square reaches equals what is computed whole, an identity moves nothing, equal pictures
//! correspond.

mod laws;

use std::ops::ControlFlow;
use std::path::PathBuf;

use burn::tensor::{Device, Tensor};
use image::RgbImage;
use pollster::block_on;
use safetensors::SafeTensors;
use serde_json::Value;
use zfnet::analysis::correspondence::{self, Correspondence, Part};
use zfnet::analysis::covering::Rectangle;
use zfnet::analysis::invariance::{self, Invariance, Transformation};
use zfnet::analysis::occlusion::{self, Occlusion};
use zfnet::{Network, Prepared, readback};

/// The golden file, its network and its pictures.
struct Golden {
    bytes: Vec<u8>,
    about: Value,
    network: Network,
    pictures: Vec<Prepared>,
}

impl Golden {
    fn read(device: &Device) -> Self {
        let folder =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/experiments");
        let bytes = std::fs::read(folder.join("experiments.safetensors"))
            .expect("the golden file is there");
        let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("safetensors");
        let about = &metadata.metadata().as_ref().expect("metadata")["golden"];
        let about = serde_json::from_str(about).expect("JSON");
        let network = Network::read(&bytes, device).expect("a network");
        let size = network.model.input.size;
        let planes = SafeTensors::deserialize(&bytes).expect("safetensors");
        let planes = planes
            .tensor("golden.pictures")
            .expect("pictures")
            .data()
            .to_vec();
        let pictures = planes.chunks(3 * size * size).map(|picture| {
            let value = |channel: usize, x: u32, y: u32| {
                picture[(channel * size + y as usize) * size + x as usize]
            };
            let pixel = |x, y| image::Rgb([0, 1, 2].map(|channel| value(channel, x, y)));
            Prepared {
                rgb: RgbImage::from_fn(size as u32, size as u32, pixel),
                square: [0, 0, size as u32],
            }
        });
        Self {
            pictures: pictures.collect(),
            bytes,
            about,
            network,
        }
    }

    fn floats(&self, name: &str) -> Vec<f32> {
        self.stored(name, f32::from_le_bytes)
    }

    fn integers(&self, name: &str) -> Vec<i32> {
        self.stored(name, i32::from_le_bytes)
    }

    fn stored<T>(&self, name: &str, value: fn([u8; 4]) -> T) -> Vec<T> {
        let file = SafeTensors::deserialize(&self.bytes).expect("safetensors");
        let tensor = file.tensor(name).unwrap_or_else(|e| panic!("{name}: {e}"));
        tensor
            .data()
            .as_chunks()
            .0
            .iter()
            .map(|four| value(*four))
            .collect()
    }

    fn input(&self, picture: usize) -> Tensor<4> {
        self.pictures[picture]
            .tensor(&self.network)
            .expect("three channels")
    }

    fn of<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let value = self
            .about
            .pointer(path)
            .unwrap_or_else(|| panic!("no {path}"));
        serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    fn occluded(&self, change: impl FnOnce(&mut occlusion::Settings)) -> Occlusion {
        let mut settings = self.of("/occlusion/settings");
        change(&mut settings);
        let trace = self.network.forward(self.input(0)).expect("it fits");
        let go_on = async |_: occlusion::Progress<'_>| ControlFlow::Continue(());
        block_on(occlusion::occlude(&self.network, &trace, &settings, go_on)).expect("CPU")
    }

    fn swept(&self, transformation: Transformation, parameters: Vec<f32>) -> Invariance {
        let settings = invariance::Settings {
            layers: self.of("/invariance/layers"),
            parameters,
            batch: 3,
            ..invariance::Settings::figure(transformation, &self.network)
        };
        let go_on = async |_: invariance::Progress<'_>| ControlFlow::Continue(());
        block_on(invariance::sweep(
            &self.network,
            &self.pictures[1],
            &settings,
            go_on,
        ))
        .expect("CPU")
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
        let go_on = async |_: correspondence::Progress<'_>| ControlFlow::Continue(());
        let settings = self.comparison();
        block_on(correspondence::correspond(
            &self.network,
            pictures,
            parts,
            &settings,
            go_on,
        ))
        .expect("CPU")
    }

    fn comparison(&self) -> correspondence::Settings {
        correspondence::Settings {
            fill: self.of("/correspondence/fill"),
            random: 4,
            batch: 2,
            ..correspondence::Settings::table(&self.network)
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

#[test]
fn occlusion_is_that_of_pytorch_whole_and_where_a_square_reaches() {
    let golden = Golden::read(&Device::flex());
    for whole in [false, true] {
        for batch in [1, 5, 64] {
            let found =
                golden.occluded(|settings| (settings.whole, settings.batch) = (whole, batch));
            assert_eq!(
                (found.map, found.class),
                (golden.of("/occlusion/map"), golden.of("/occlusion/class"))
            );
            near(
                "uncovered",
                &[golden.of("/occlusion/activity")],
                &[found.uncovered.activity],
            );
            near(
                "activity",
                &golden.floats("golden.occlusion.activity"),
                &found.activity(),
            );
            near(
                "probability",
                &golden.floats("golden.occlusion.probability"),
                &found.probability(),
            );
            let labels: Vec<i32> = found
                .label()
                .iter()
                .map(|label| label.expect("a class") as i32)
                .collect();
            assert_eq!(labels, golden.integers("golden.occlusion.label"));
        }
    }
}

#[test]
fn an_occlusion_comes_coarse_first_and_stops_when_told() {
    let golden = Golden::read(&Device::flex());
    let trace = golden.network.forward(golden.input(0)).expect("it fits");
    let settings = occlusion::Settings {
        size: 7,
        stride: 1,
        batch: 3,
        ..Default::default()
    };
    let mut steps = Vec::new();
    let watch = async |progress: occlusion::Progress<'_>| {
        let known = progress.so_far.seen.iter().flatten().count();
        assert_eq!((progress.done, progress.total), (known, 22 * 22));
        steps.push(progress.fresh.to_vec());
        match progress.done > 12 {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let found = block_on(occlusion::occlude(
        &golden.network,
        &trace,
        &settings,
        watch,
    ))
    .expect("CPU");
    let first: Vec<usize> = steps.concat().into_iter().take(9).collect();
    let coarse = |row: usize| [0, 8, 16].map(|col| row * 22 + col);
    let mut expected = [coarse(0), coarse(8), coarse(16)].concat();
    expected.retain(|at| !first.contains(at));
    assert!(
        expected.is_empty(),
        "{expected:?} are not among the first: {first:?}"
    );
    let known = found.seen.iter().flatten().count();
    assert!(known > 12 && known <= 15, "stopped after {known}");
    assert_eq!(
        found
            .activity()
            .iter()
            .filter(|value| value.is_nan())
            .count(),
        22 * 22 - known
    );
}

#[test]
fn transformed_pictures_are_as_far_away_as_in_pytorch() {
    let golden = Golden::read(&Device::flex());
    for transformation in Transformation::ALL {
        let name = transformation.name();
        let parameters: Vec<f32> = golden.of(&format!("/invariance/parameters/{name}"));
        if transformation != Transformation::Translation {
            let last = parameters[parameters.len() - 1];
            let input = &golden.network.model.input;
            let image = transformation
                .apply(last, &golden.pictures[1], input)
                .expect("it can be");
            near(
                name,
                &golden.floats(&format!("golden.{name}.image")),
                &image,
            );
        }
        let found = golden.swept(transformation, parameters);
        assert_eq!(found.class, golden.of("/invariance/class"));
        for curve in &found.layers {
            let expected = golden.floats(&format!("golden.{name}.distance.{}", curve.layer));
            near(
                &format!("{name} {}", curve.layer),
                &expected,
                &curve.distance,
            );
            let norm: f32 = golden.of(&format!("/invariance/norms/{}", curve.layer));
            near("norm", &[norm], &[curve.norm]);
            near(
                "relative",
                &expected.iter().map(|d| d / norm).collect::<Vec<_>>(),
                &curve.relative(),
            );
        }
        let expected = golden.floats(&format!("golden.{name}.probability"));
        near(
            name,
            &expected,
            &found.probability.expect("there is a classifier"),
        );
    }
}

#[test]
fn sweeps_side_by_side_come_roughly_before_any_is_refined() {
    let golden = Golden::read(&Device::flex());
    let all = Transformation::ALL.map(|transformation| invariance::Settings {
        batch: 4,
        ..invariance::Settings::figure(transformation, &golden.network)
    });
    let total: usize = all.iter().map(|settings| settings.parameters.len()).sum();
    let mut known = [0; 3];
    let mut visited = Vec::new();
    let watch = async |step: invariance::Progress<'_>| {
        known[step.sweep] += step.fresh.len();
        assert_eq!(
            (step.done, step.total),
            (known.iter().sum::<usize>(), total)
        );
        for point in step.fresh {
            assert!(step.so_far.layers[0].distance[*point].is_finite());
            visited.push((step.sweep, *point));
        }
        ControlFlow::Continue(())
    };
    let (network, picture) = (&golden.network, &golden.pictures[1]);
    let found = block_on(invariance::sweeps(network, picture, &all, watch)).expect("CPU");
    // Every eighth of 25, 17 and 36 points: 4, 3 and 5.
    assert!(
        visited[..12].iter().all(|(_, point)| point % 8 == 0),
        "{visited:?}"
    );
    assert_eq!(known, [25, 17, 36]);
    for (found, settings) in found.iter().zip(&all) {
        let alone = golden.swept(settings.transformation, settings.parameters.clone());
        assert_eq!(
            (found.class, &found.parameters),
            (alone.class, &alone.parameters)
        );
        for (one, other) in found.layers.iter().zip(&alone.layers) {
            near(&one.layer, &other.distance, &one.distance);
        }
    }
}

#[test]
fn correspondence_is_that_of_pytorch() {
    let golden = Golden::read(&Device::flex());
    let found = golden.compared(golden.inputs(&[0, 1, 2]), &golden.parts());
    let names: Vec<String> = golden.of("/correspondence/layers");
    assert_eq!(
        found
            .layers
            .iter()
            .map(|layer| layer.layer.clone())
            .collect::<Vec<_>>(),
        names
    );
    for layer in &found.layers {
        for (part, name) in ["eye", "nose"].into_iter().enumerate() {
            let signs = golden.integers(&format!("golden.sign.{}.{name}", layer.layer));
            let own: Vec<i32> = layer.signs[part]
                .concat()
                .into_iter()
                .map(i32::from)
                .collect();
            assert_eq!(own, signs, "{} {name}", layer.layer);
            let score: [f32; 2] =
                golden.of(&format!("/correspondence/scores/{}.{name}", layer.layer));
            let own = layer.parts[part].expect("it was not cancelled");
            near(name, &score, &[own.mean, own.spread]);
        }
    }
}
