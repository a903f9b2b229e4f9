//! State dicts of torchvision's networks, recognised by names and shapes.

use safetensors::tensor::{Dtype, TensorView, serialize};
use zfnet::network::architecture::Op;
use zfnet_import::{Format, Options, read, tensors};

/// The tensors of torchvision's resnet18 for so many classes, as they are named there, in another's hands.
fn resnet18(holder: &str, classes: usize) -> Vec<(String, Vec<usize>)> {
    let published = tensors("torchvision-resnet18").expect("it is known");
    let mine = published.into_iter().map(|(name, mut shape)| {
        if name.starts_with("fc.") {
            shape[0] = classes;
        }
        (format!("{holder}{name}"), shape)
    });
    mine.collect()
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
        assert_eq!(imported.model.name, "torchvision-resnet18");
        assert!(!imported.is_guessed());
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
fn a_network_for_grey_is_known_by_its_first_filters() {
    let mut tensors = resnet18("", 7);
    let first = tensors.iter_mut().find(|(name, _)| name == "conv1.weight");
    let (_, shape) = first.expect("the first filters");
    shape[1] = 1;
    let bytes = written(&tensors);
    let imported = read(&bytes, &Options::default()).expect("a network");
    assert_eq!(imported.model.input_shape(), [1, 224, 224]);
    assert_eq!(imported.model.plan().expect("a plan").input()[0], 1);
}

#[test]
fn a_network_that_is_not_known_is_refused_with_what_it_holds() {
    let mut tensors = resnet18("", 7);
    let message = |tensors: &[(String, Vec<usize>)]| {
        let bytes = written(tensors);
        let error = read(&bytes, &Options::default()).expect_err("a tensor is missing");
        error.to_string()
    };
    tensors.remove(3);
    let found = message(&tensors);
    assert!(
        found.contains("tensor bn1.running_mean: expected every tensor of torchvision-resnet18"),
        "{found}"
    );
    tensors.truncate(80);
    let found = message(&tensors);
    assert!(
        found.contains("the tensors of AlexNet, ZFNet, VGG"),
        "{found}"
    );
    assert!(
        found.contains("bn1.bias, bn1.running_var, bn1.weight, … (80 in all)"),
        "{found}"
    );
}

#[test]
fn what_its_own_program_alone_can_open_is_told_what_to_save() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/networks/");
    for (name, found) in [
        (
            "whole.pth",
            "a whole object (torch.nn.modules.container.Sequential)",
        ),
        (
            "checkpoint.pth",
            "a whole object (torch.nn.modules.container.Sequential)",
        ),
        ("script.pt", "a program of TorchScript"),
    ] {
        let bytes = std::fs::read(format!("{folder}{name}")).expect(name);
        assert_eq!(Format::of(&bytes), Some(Format::StateDict), "{name}");
        let error = read(&bytes, &Options::default()).expect_err(name);
        let message = error.to_string();
        let words = format!(
            "expected a state dict, as torch.save(model.state_dict(), \"FILE.pth\") writes it, found {found}"
        );
        assert!(message.contains(&words), "{message}");
    }
}
