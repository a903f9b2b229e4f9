//! What filters are like: numpy's numbers (`tests/golden/experiments/filters.py`), filters whose numbers can be worked out
//! by hand, and what is refused.

use burn::tensor::{Device, Tensor, TensorData};
use pollster::block_on;
use serde_json::{Map, Value};
use zfnet::Network;
use zfnet::experiments::paper::filters::{Filters, Meter, Settings};
use zfnet::network::architecture::{Architecture, Conv, Layer, Op};
use zfnet::network::model::{Channels, FORMAT, Input, Model};

use crate::device::on_a_graphics_device;
use crate::stored::Stored;

/// The golden file and its network.
struct Golden {
    stored: Stored,
    network: Network,
}

impl Golden {
    fn read(device: &Device) -> Self {
        let stored = Stored::read("experiments/filters.safetensors");
        let network = stored.network(device);
        Self { stored, network }
    }

    /// Both pictures as they enter the network.
    fn pictures(&self) -> Vec<Tensor<4>> {
        let pictures = self.stored.pictures().into_iter();
        pictures
            .map(|picture| {
                let planes = picture.into_iter().map(f32::from).collect();
                self.network.input_of(planes).expect("a picture")
            })
            .collect()
    }

    fn meter(&self, layer: Option<&str>) -> Meter<'_> {
        let settings = self.stored.says("");
        block_on(Meter::new(&self.network, layer, settings)).expect("it is a convolution")
    }

    fn near(&self, name: &str, found: impl Iterator<Item = Option<f64>>) {
        let expected = self.stored.floats(name).into_iter().map(f64::from);
        let expected: Vec<f64> = expected.collect();
        let found: Vec<f64> = found.map(|value| value.expect("a number")).collect();
        assert_eq!(expected.len(), found.len(), "{name}");
        for (at, (expected, found)) in expected.iter().zip(&found).enumerate() {
            let most = 2e-5 * expected.abs().max(1e-2);
            assert!(
                (expected - found).abs() <= most,
                "{name} {at}: {expected}, {found}"
            );
        }
    }

    fn weights_agree(&self, found: &Filters) {
        let name = |what: &str| format!("golden.{}.{what}", found.layer);
        let each = || found.filters.iter();
        self.near(&name("rms"), each().map(|filter| Some(filter.rms)));
        self.near(&name("frequency"), each().map(|filter| filter.frequency));
        self.near(&name("aliasing"), each().map(|filter| filter.aliasing));
        let bands = each().flat_map(|filter| filter.bands.expect("there is energy"));
        self.near(&name("bands"), bands.map(Some));
    }
}

fn check(device: &Device) {
    let golden = Golden::read(device);
    let mut meter = golden.meter(None);
    let before = meter.filters();
    golden.weights_agree(&before);
    assert_eq!((before.pictures, before.mixture.silent), (0, None));
    assert!(
        before
            .filters
            .iter()
            .all(|filter| filter.aliasing_on_pictures.is_none())
    );
    for picture in golden.pictures() {
        block_on(meter.look(picture)).expect("it fits");
    }
    let found = meter.filters();
    golden.weights_agree(&found);
    assert_eq!((found.layer.as_str(), found.shape), ("conv1", [6, 3, 7, 5]));
    assert_eq!((found.stride, found.pictures), ([2, 3], 2));
    let each = || found.filters.iter();
    let strongest = each().map(|filter| filter.strongest.map(f64::from));
    golden.near("golden.conv1.strongest", strongest);
    let aliasing = each().map(|filter| filter.aliasing_on_pictures);
    golden.near("golden.conv1.aliasing_on_pictures", aliasing);
    assert!(found.filters[4].weak && found.filters[4].silent() == Some(false));
    assert!(!found.filters[5].weak && found.filters[5].silent() == Some(true));
    let mixture = serde_json::to_value(&found.mixture).expect("JSON");
    for (name, expected) in golden.stored.says::<Map<String, Value>>("/mixture") {
        match expected.as_f64() {
            None => assert_eq!(mixture[&name], expected, "{name}"),
            Some(expected) => {
                let found = mixture[&name].as_f64().expect("a number");
                assert!(
                    (found - expected).abs() < 1e-5,
                    "{name}: {expected}, {found}"
                );
            }
        }
    }

    // A higher layer's filters are measured in pixels of the input.
    let mut meter = golden.meter(Some("conv2"));
    block_on(meter.look(golden.pictures().swap_remove(0))).expect("it fits");
    let found = meter.filters();
    golden.weights_agree(&found);
    for filter in &found.filters {
        assert!(filter.strongest.is_some() && filter.aliasing_on_pictures.is_none());
        assert_eq!(filter.aliasing, Some(0.0), "its stride leaves nothing out");
    }
}

#[test]
fn on_the_cpu_filters_have_the_numbers_that_numpy_finds() {
    check(&Device::flex());
}

#[test]
fn on_a_graphics_device_filters_have_the_numbers_that_numpy_finds() {
    on_a_graphics_device(check);
}

#[test]
fn pictures_together_count_as_they_do_one_by_one() {
    let golden = Golden::read(&Device::flex());
    let [mut each, mut together] = [golden.meter(None), golden.meter(Some("conv1"))];
    for picture in golden.pictures() {
        block_on(each.look(picture)).expect("it fits");
    }
    block_on(together.look(Tensor::cat(golden.pictures(), 0))).expect("it fits");
    assert_eq!(each.filters(), together.filters());
}

/// A network of one convolution with these filters on one channel.
fn one_layer(filters: &[Vec<f32>], side: usize, stride: usize, size: usize) -> Network {
    let convolution = Conv {
        stride: [stride; 2],
        ..Conv::new(filters.len(), [side; 2])
    };
    let layer = Layer::new("conv1", Op::Conv(convolution));
    let model = Model {
        format: FORMAT,
        name: "one layer".into(),
        architecture: Architecture {
            layers: vec![layer],
        },
        input: Input {
            size: [size; 2],
            resize_short_side: size,
            channels: Channels::Rgb,
            range: 255.0,
            mean: vec![0.0],
            std: vec![1.0],
        },
        classes: vec![],
        scores: Default::default(),
        provenance: Value::Null,
    };
    Network::build(model, &Device::flex(), |name, shape| match name {
        "conv1.weight" => filters.concat(),
        _ => vec![0.0; shape.iter().product()],
    })
    .expect("the description fits itself")
}

fn measured(network: &Network, picture: Option<&[f32]>) -> Filters {
    let mut meter = block_on(Meter::new(network, None, Settings::default())).expect("a layer");
    if let Some(values) = picture {
        let [rows, cols] = network.frame();
        let data = TensorData::new(values.to_vec(), [1, 1, rows, cols]);
        block_on(meter.look(Tensor::from_data(data, &Device::flex()))).expect("it fits");
    }
    meter.filters()
}

#[test]
fn a_filter_without_preference_loses_what_the_grid_leaves_out() {
    for stride in [1, 2, 4, 8] {
        let network = one_layer(&[vec![0.7]], 1, stride, 64);
        let found = measured(&network, None);
        let expected = 1.0 - 1.0 / (stride * stride) as f64;
        let aliasing = found.filters[0].aliasing.expect("there is energy");
        assert!((aliasing - expected).abs() < 1e-9, "{stride}: {aliasing}");
        // The mean distance from the middle of a square of side 1.
        let frequency = found.mixture.frequency.expect("there is energy");
        assert!((frequency - 0.3826).abs() < 1e-3, "{frequency}");
        let bands = found.filters[0].bands.expect("there is energy");
        let quarter = std::f64::consts::PI / 16.0;
        for (share, expected) in bands
            .iter()
            .zip([quarter / 4.0, quarter * 0.75, 1.0 - quarter])
        {
            assert!((share - expected).abs() < 0.005, "{bands:?}");
        }
    }
}

#[test]
fn fine_gratings_are_high_blobs_are_low_and_only_the_fine_are_lost() {
    let grating = |cycles: f32| -> Vec<f32> {
        let wave = |at: usize| (std::f32::consts::TAU * cycles * at as f32).cos();
        (0..256).map(|at| wave(at % 16)).collect()
    };
    let filters = [
        grating(0.375),
        grating(0.1875),
        vec![0.1; 256],
        vec![0.0; 256],
    ];
    let found = measured(&one_layer(&filters, 16, 2, 64), None);
    let aliasing = |at: usize| found.filters[at].aliasing.expect("there is energy");
    assert!(aliasing(0) > 0.9 && aliasing(1) < 0.1 && aliasing(2) < 0.05);
    let frequency = |at: usize| found.filters[at].frequency.expect("there is energy");
    assert!((frequency(0) - 0.375).abs() < 0.02, "{}", frequency(0));
    assert!((frequency(1) - 0.1875).abs() < 0.02, "{}", frequency(1));
    // It is 16 pixels wide, and cannot be narrower than 1/16.
    assert!(frequency(2) < 0.0625, "{}", frequency(2));
    assert_eq!(found.filters[3].frequency, None);
    assert!(found.filters[3].weak);
    assert_eq!(
        found.mixture.histogram.iter().sum::<usize>(),
        3,
        "nothing has no frequency"
    );

    // A filter that could be aliased is not, on a picture that has nothing fine in it.
    let wave = |at: usize| (std::f32::consts::TAU * (at % 64) as f32 / 32.0).sin();
    let smooth: Vec<f32> = (0..64 * 64).map(wave).collect();
    let found = measured(&one_layer(&[vec![1.0]], 1, 4, 64), Some(&smooth));
    let seen = found.filters[0].aliasing_on_pictures.expect("it answers");
    assert!(
        seen < 1e-3 && found.filters[0].aliasing > Some(0.9),
        "{seen}"
    );
    let found = measured(&one_layer(&[vec![1.0]], 1, 4, 64), Some(&[0.0; 64 * 64]));
    assert_eq!(
        found.filters[0].aliasing_on_pictures, None,
        "it answers to nothing"
    );
    assert_eq!(found.mixture.silent, Some(1.0));
}

#[test]
fn bad_questions_are_refused() {
    let golden = Golden::read(&Device::flex());
    let refused = |layer: Option<&str>, weak_below: f64| {
        let settings = Settings { weak_below };
        block_on(Meter::new(&golden.network, layer, settings))
            .expect_err("it cannot be measured")
            .to_string()
    };
    assert!(refused(Some("relu1"), 0.1).contains("expected a convolution"));
    let error = golden.network.filters("relu1").expect_err("no filters");
    assert!(error.to_string().contains("a convolution"), "{error}");
    assert!(refused(Some("conv9"), 0.1).contains("conv1"));
    assert!(refused(None, f64::NAN).contains("not negative"));
    let mut meter = golden.meter(None);
    let small = Tensor::zeros([1, 3, 8, 8], &Device::flex());
    assert!(block_on(meter.look(small)).is_err());
    assert_eq!(meter.filters().pictures, 0);
}
