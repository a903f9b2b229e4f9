//! State dicts of torchvision's networks, recognised by names and shapes.

use safetensors::tensor::{Dtype, TensorView, serialize};
use zfnet::network::architecture::Op;
use zfnet_import::{Format, Options, read};

/// The tensors of torchvision's resnet18 for so many classes, as they are named there.
fn resnet18(holder: &str, classes: usize) -> Vec<(String, Vec<usize>)> {
    let mut tensors = Vec::new();
    let mut conv = |name: &str, norm: &str, dims: [usize; 4]| {
        tensors.push((format!("{holder}{name}.weight"), dims.to_vec()));
        for part in ["weight", "bias", "running_mean", "running_var"] {
            tensors.push((format!("{holder}{norm}.{part}"), vec![dims[0]]));
        }
    };
    conv("conv1", "bn1", [64, 3, 7, 7]);
    let mut below = 64;
    for (layer, maps) in [(1, 64), (2, 128), (3, 256), (4, 512)] {
        for block in 0..2 {
            let at = format!("layer{layer}.{block}");
            conv(
                &format!("{at}.conv1"),
                &format!("{at}.bn1"),
                [maps, below, 3, 3],
            );
            conv(
                &format!("{at}.conv2"),
                &format!("{at}.bn2"),
                [maps, maps, 3, 3],
            );
            if below != maps {
                let name = format!("{at}.downsample");
                conv(
                    &format!("{name}.0"),
                    &format!("{name}.1"),
                    [maps, below, 1, 1],
                );
            }
            below = maps;
        }
    }
    tensors.push((format!("{holder}fc.weight"), vec![classes, 512]));
    tensors.push((format!("{holder}fc.bias"), vec![classes]));
    tensors
}

fn written(tensors: &[(String, Vec<usize>)]) -> Vec<u8> {
    let zeros = vec![0; 2 * 512 * 512 * 9];
    let views = tensors.iter().map(|(name, shape)| {
        let bytes = &zeros[..2 * shape.iter().product::<usize>()];
        let view = TensorView::new(Dtype::F16, shape.clone(), bytes);
        (name, view.expect("as many numbers"))
    });
    serialize(views, None).expect("a file")
}

#[test]
fn a_network_is_recognised_whatever_it_was_put_into() {
    for holder in ["", "module.", "state_dict.model.", "model._orig_mod."] {
        let bytes = written(&resnet18(holder, 7));
        assert_eq!(Format::of(&bytes), Some(Format::StateDict));
        let imported = read(&bytes, &Options::default()).expect(holder);
        assert_eq!(imported.model.name, "resnet18");
        assert!(!imported.guessed);
        let plan = imported.model.plan().expect("a plan");
        assert_eq!(plan.output().output, [7, 1, 1]);
        let layers = &imported.model.architecture.layers;
        let count = |wanted: fn(&Op) -> bool| layers.iter().filter(|row| wanted(&row.op)).count();
        assert_eq!(count(|op| matches!(op, Op::Conv(_))), 20);
        assert_eq!(count(|op| matches!(op, Op::Add)), 8);
        assert_eq!(count(|op| matches!(op, Op::Affine)), 0);
        assert_eq!(
            imported
                .numbers("layer2.0.conv1.weight")
                .expect("numbers")
                .len(),
            128 * 64 * 9
        );
    }
}

#[test]
fn a_network_that_is_not_known_is_refused_with_what_it_holds() {
    let mut tensors = resnet18("", 7);
    tensors.remove(3);
    let error = read(&written(&tensors), &Options::default()).expect_err("a tensor is missing");
    let message = error.to_string();
    assert!(
        message.contains("the tensors of alexnet, vgg11"),
        "{message}"
    );
    assert!(
        message.contains("bn1.bias, bn1.running_var, bn1.weight, … (101 in all)"),
        "{message}"
    );
}
