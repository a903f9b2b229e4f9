//! The end of a training, in which the dense layers alone are trained.

use burn::tensor::Device;
use zfnet::Network;
use zfnet_train::history::{EVOLUTION, WEIGHTS};
use zfnet_train::recipe::{Finish, Recipe};
use zfnet_train::training::{End, Training};

use crate::runs::weights;
use crate::tiny::{Folder, never, pictures, recipe, workshop};

/// Trains to the end, into a folder of that name.
fn trained(recipe: Recipe, from: Option<&Network>, root: &Folder, name: &str) -> Training {
    let (data, folder) = (root.0.join("data"), root.0.join(name));
    let workshop = workshop(&data, &folder);
    let device = Device::flex();
    let mut training =
        Training::begin(recipe, workshop, from, &device, &mut never()).expect("begins");
    let end = training.run(&mut never()).expect("runs");
    assert!(matches!(end, End::Finished(_)));
    training
}

#[test]
fn the_convolutions_stay_as_they_are_to_the_last_bit_and_the_dense_layers_do_not() {
    let root = Folder::new("finish");
    pictures(&root.0.join("data"));
    let without = Recipe {
        finish: None,
        ..recipe()
    };
    let before = trained(without, None, &root, "without")
        .network()
        .expect("whole");
    let after = trained(recipe(), None, &root, "with");
    assert_eq!(after.progress().epoch(), 14.0);
    let [before, after] =
        [before, after.network().expect("whole")].map(|network| weights(&network));
    let convolutions = 2 * 3;
    assert_eq!(after[..convolutions], before[..convolutions]);
    for (after, before) in after[convolutions..].iter().zip(&before[convolutions..]) {
        assert_ne!(after, before);
    }
}

#[test]
fn a_network_on_frozen_features_keeps_them_and_what_they_were_made_for() {
    let root = Folder::new("frozen");
    pictures(&root.0.join("data"));
    let mut from = trained(recipe(), None, &root, "from")
        .network()
        .expect("whole");
    from.model.input.mean = vec![120.0, 100.0, 90.0];
    let frozen = trained(recipe().frozen(), Some(&from), &root, "frozen");
    assert_eq!(frozen.progress().steps(), 8);
    let network = frozen.network().expect("whole");
    let convolutions = 2 * 3;
    assert_eq!(
        weights(&network)[..convolutions],
        weights(&from)[..convolutions]
    );
    assert_ne!(
        weights(&network)[convolutions..],
        weights(&from)[convolutions..]
    );
    let folder = root.0.join("frozen");
    let bytes = std::fs::read(folder.join(WEIGHTS)).expect("weights");
    let read = Network::read(&bytes, &Device::flex()).expect("whole");
    assert_eq!(read.model.input, from.model.input);
    assert!(
        !folder.join(EVOLUTION[0]).exists(),
        "features without a history"
    );
}

#[test]
fn a_wish_for_epochs_keeps_the_proportion_of_the_parts() {
    let Recipe { epochs, finish, .. } = recipe().with_epochs(7.0);
    assert_eq!((epochs, finish.expect("two").epochs), (6.0, 1.0));
    let frozen = recipe().frozen().with_epochs(3.0);
    assert_eq!(
        (frozen.epochs, frozen.finish.expect("one").epochs),
        (0.0, 3.0)
    );
    let paper = Recipe::paper().with_epochs(3.0);
    assert_eq!((paper.epochs, paper.finish), (3.0, None));
    assert!(
        Recipe::paper().frozen().finish.is_some(),
        "something is left to train"
    );
}

#[test]
fn parts_of_nothing_are_named() {
    let error = |recipe: Recipe| recipe.check().expect_err("no recipe").to_string();
    let nothing = Recipe {
        epochs: 0.0,
        ..Recipe::paper()
    };
    assert_eq!(
        error(nothing),
        "recipe: epochs: expected a number above 0, found 0"
    );
    let finish = recipe().finish.map(|finish| Finish {
        epochs: 0.0,
        ..finish
    });
    let empty = Recipe { finish, ..recipe() };
    assert_eq!(
        error(empty),
        "recipe: finish.epochs: expected a number above 0, found 0"
    );
}
