//! Top activations: what sorting all units of all pictures gives (`tests/golden/experiments/top.py`, and the naive way
//! here), whatever the batches; what is drawn of the winners; and what is refused.

mod tiles;

use burn::tensor::{Device, Tensor, TensorData};
use pollster::block_on;
use proptest::prelude::*;
use zfnet::experiments::paper::top::{Top, Watched, Winner};
use zfnet::network::architecture::Op;
use zfnet::network::trace::Record;
use zfnet::{Network, Trace};

use crate::device::on_a_graphics_device;
use crate::stored::Stored;

const LAYERS: [&str; 3] = ["conv1", "conv2", "conv3"];
const COUNT: usize = 9;

/// Something done to the winners of a map.
type Change = fn(&mut Vec<Winner>);

/// The golden file and its network.
struct Golden {
    stored: Stored,
    network: Network,
}

impl Golden {
    fn read(device: &Device) -> Self {
        let stored = Stored::read("experiments/top.safetensors");
        let network = stored.network(device);
        Self { stored, network }
    }

    /// Planes of red, green and blue of every picture.
    fn pictures(&self) -> Vec<Vec<f32>> {
        let pictures = self.stored.pictures().into_iter();
        pictures
            .map(|picture| picture.into_iter().map(f32::from).collect())
            .collect()
    }

    fn top(&self) -> Top {
        Top::new(&self.network, &LAYERS, COUNT).expect("the layers are there")
    }

    /// The trace of some pictures of the file.
    fn trace(&self, top: &Top, numbers: &[usize]) -> Trace {
        let pictures = self.pictures();
        let planes = numbers.iter().flat_map(|at| pictures[*at].clone());
        let input = self.network.input_of(planes.collect()).expect("pictures");
        top.forward(&self.network, input).expect("it fits")
    }

    /// Everything looked at in batches.
    fn looked(&self, batches: &[Vec<usize>]) -> Top {
        let mut top = self.top();
        for batch in batches {
            let trace = self.trace(&top, batch);
            block_on(top.observe(batch, &trace)).expect("it computes");
        }
        top
    }

    fn agrees(&self, top: &Top) {
        for watched in &top.layers {
            let layer = &watched.layer;
            let activation = self.stored.floats(&format!("golden.{layer}.activation"));
            let unit = self.stored.integers(&format!("golden.{layer}.unit"));
            assert_eq!(watched.maps.len() * COUNT, activation.len(), "{layer}");
            for (map, winners) in watched.maps.iter().enumerate() {
                let expected: Vec<Winner> = (map * COUNT..(map + 1) * COUNT)
                    .filter(|at| unit[at * 3] >= 0)
                    .map(|at| Winner {
                        picture: unit[at * 3] as usize,
                        row: unit[at * 3 + 1] as usize,
                        col: unit[at * 3 + 2] as usize,
                        activation: activation[at],
                    })
                    .collect();
                assert_eq!(*winners, expected, "{layer} map {map}");
            }
        }
    }
}

fn batches(count: usize, size: usize) -> Vec<Vec<usize>> {
    let numbers: Vec<usize> = (0..count).collect();
    numbers.chunks(size).map(<[usize]>::to_vec).collect()
}

fn check(device: &Device) {
    let golden = Golden::read(device);
    let count = golden.pictures().len();
    for size in [1, 5, 22] {
        golden.agrees(&golden.looked(&batches(count, size)));
    }
    let mut backwards = batches(count, 4);
    backwards.reverse();
    golden.agrees(&golden.looked(&backwards));
}

#[test]
fn the_cpu_finds_the_pictures_that_sorting_finds() {
    check(&Device::flex());
}

#[test]
fn a_graphics_device_finds_the_pictures_that_sorting_finds() {
    on_a_graphics_device(check);
}

/// A layer of three maps of two by two units, whose answers are what is given.
fn answered(pictures: &[Vec<i8>]) -> Trace {
    let device = Device::flex();
    let values: Vec<f32> = pictures.iter().flatten().copied().map(f32::from).collect();
    let data = TensorData::new(values, [pictures.len(), 3, 2, 2]);
    Trace {
        input: Tensor::zeros([pictures.len(), 1, 1, 1], &device),
        layers: vec![Record {
            name: "conv1".into(),
            activation: Tensor::from_data(data, &device),
            switches: None,
            followed_by: Some(Op::Relu),
        }],
    }
}

fn blank(count: usize) -> Top {
    let watched = Watched {
        layer: "conv1".into(),
        frame: [2, 2],
        maps: vec![Vec::new(); 3],
    };
    Top {
        count,
        layers: vec![watched],
    }
}

/// The winners of one map by sorting everything.
fn sorted(pictures: &[Vec<i8>], map: usize, count: usize) -> Vec<Winner> {
    let mut all: Vec<(i16, usize, usize)> = Vec::new();
    for (picture, values) in pictures.iter().enumerate() {
        let units = values[map * 4..][..4].iter().enumerate();
        let strongest = units
            .map(|(at, value)| (-i16::from(*value), picture, at))
            .min();
        all.extend(strongest.filter(|(negative, ..)| *negative < 0));
    }
    all.sort_unstable();
    all.truncate(count);
    let winner = |(negative, picture, at): (i16, usize, usize)| Winner {
        picture,
        row: at / 2,
        col: at % 2,
        activation: f32::from(-negative),
    };
    all.into_iter().map(winner).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn neither_batches_nor_order_nor_repetition_matter(
        pictures in prop::collection::vec(prop::collection::vec(-2i8..4, 12), 1..14),
        order in Just((0..14).collect::<Vec<usize>>()).prop_shuffle(),
        size in 1usize..6,
        count in 1usize..5,
    ) {
        let order: Vec<usize> = order.into_iter().filter(|at| *at < pictures.len()).collect();
        let mut whole = blank(count);
        let mut observe = |batch: &[usize]| {
            let chosen: Vec<_> = batch.iter().map(|at| pictures[*at].clone()).collect();
            block_on(whole.observe(batch, &answered(&chosen))).expect("CPU");
        };
        order.chunks(size).for_each(&mut observe);
        // A set that was looked at in part is looked at again where nobody knows how far it went.
        order.chunks(size + 1).take(2).for_each(&mut observe);
        for (map, winners) in whole.layers[0].maps.iter().enumerate() {
            prop_assert_eq!(winners, &sorted(&pictures, map, count));
        }
        let json = serde_json::to_string(&whole).expect("JSON");
        prop_assert_eq!(&serde_json::from_str::<Top>(&json).expect("JSON"), &whole);
        // Every place is drawn once, and each picture is opened once.
        let wanted = whole.wanted();
        prop_assert!(wanted.windows(2).all(|pair| pair[0].picture < pair[1].picture));
        let mut drawn = 0;
        for won in &wanted {
            for place in &won.layers[0].1 {
                let winner = whole.layers[0].maps[place.unit[0]][place.rank];
                let expected = (won.picture, [place.unit[1], place.unit[2]]);
                prop_assert_eq!((winner.picture, [winner.row, winner.col]), expected);
                drawn += 1;
            }
        }
        prop_assert_eq!(drawn, whole.layers[0].maps.iter().map(Vec::len).sum::<usize>());
    }
}

#[test]
fn a_copy_counts_as_a_picture_of_its_own_and_a_silent_map_has_none() {
    let picture = vec![0, 2, 2, 1, -1, -1, -2, 0, 3, 0, 0, 0];
    let mut top = blank(9);
    block_on(top.observe(&[4, 2], &answered(&[picture.clone(), picture]))).expect("CPU");
    let units = |map: usize| -> Vec<_> {
        let winners = top.layers[0].maps[map].iter();
        winners.map(|w| (w.picture, w.row, w.col)).collect()
    };
    assert_eq!(units(0), [(2, 0, 1), (4, 0, 1)]);
    assert_eq!(units(1), []);
    assert_eq!(units(2), [(2, 0, 0), (4, 0, 0)]);
}

#[test]
fn what_cannot_be_says_why() {
    let golden = Golden::read(&Device::flex());
    let network = &golden.network;
    let refused = |layers: &[&str], count: usize, words: &str| {
        let message = Top::new(network, layers, count)
            .expect_err(words)
            .to_string();
        assert!(message.contains(words), "{message}");
    };
    refused(&["conv9"], 9, "conv9");
    refused(&["conv1", "conv1"], 9, "conv1 twice");
    refused(&[], 9, "layers to watch");
    refused(&["conv1"], 0, "pictures of a map");
    let mut top = golden.looked(&batches(4, 4));
    let trace = golden.trace(&top, &[0, 1]);
    let message = block_on(top.observe(&[0], &trace)).expect_err("two pictures");
    assert!(
        message.to_string().contains("expected 2, found 1"),
        "{message}"
    );

    top.check(network).expect("its own");
    let wrong: [(&str, Change); 6] = [
        ("a wrong order", |winners| winners.swap(0, 1)),
        ("a picture twice", |winners| {
            winners[1].picture = winners[0].picture;
        }),
        ("no such row", |winners| winners[0].row = 100),
        ("silence", |winners| winners[3].activation = 0.0),
        ("no number", |winners| winners[3].activation = f32::NAN),
        ("too many", |winners| {
            let last = winners[3];
            winners.extend((0..9).map(|at| Winner {
                picture: 10 + at,
                ..last
            }));
        }),
    ];
    for (what, change) in wrong {
        let mut changed = top.clone();
        change(&mut changed.layers[1].maps[3]);
        let message = changed.check(network).expect_err(what).to_string();
        assert!(message.contains("winners of conv2 map 3"), "{message}");
    }
    top.layers[0].maps.pop();
    let message = top
        .check(network)
        .expect_err("a map is missing")
        .to_string();
    assert!(message.contains("watched layer"), "{message}");
}
