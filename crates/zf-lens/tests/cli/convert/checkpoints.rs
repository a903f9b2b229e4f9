//! The same network in what other programs save around it.

use super::*;

/// The numbers of a converted network.
fn converted(bench: &Bench, file: &str) -> Vec<Vec<f32>> {
    let out = bench.path("converted.safetensors");
    let convert = ["convert", file, &out, "--force"];
    bench.run(&convert).done();
    let bytes = fs::read(&out).expect("weights");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let mut names = tensors.names();
    names.sort();
    let tensor = |name: &str| numbers(&tensors, name).1;
    names.into_iter().map(tensor).collect()
}

#[test]
fn checkpoints_of_other_programs_hold_the_same_network() {
    let bench = Bench::new("convert-checkpoints");
    let alone = converted(&bench, &golden("alexnet-alone.pth"));
    assert_eq!(
        converted(&bench, &golden("alexnet-checkpoint.pth")),
        alone,
        "under model_state_dict, with an optimiser"
    );

    let alone = converted(&bench, &golden("torchvision-vgg16.safetensors"));
    let number = |name: &str| (name.to_owned(), vec![1], vec![0; 4]);
    type Renamed = fn(&str) -> String;
    let wrapped: [(&str, Renamed); 7] = [
        ("torch.compile", |name| format!("_orig_mod.{name}")),
        ("DataParallel of compiled", |name| {
            format!("model_state_dict.module._orig_mod.{name}")
        }),
        ("compiled DataParallel", |name| {
            format!("_orig_mod.module.{name}")
        }),
        ("a Lightning module", |name| {
            format!("state_dict.model.{name}")
        }),
        ("another Lightning module", |name| {
            format!("state_dict.net._orig_mod.{name}")
        }),
        ("features in parallel, as in PyTorch's example", |name| {
            name.replace("features.", "features.module.")
        }),
        ("an average", |name| format!("module.{name}")),
    ];
    for (program, renamed) in wrapped {
        let file = changed(&bench, |all| {
            for (name, ..) in all.iter_mut() {
                *name = renamed(name);
            }
            all.push(number("n_averaged"));
            // Beside the network, where something is beside it at all.
            if all[0].0.starts_with("state_dict.") {
                all.push(number("optimizer_states.0.state.0.exp_avg"));
                all.push(number("state_dict.loss.weight"));
            }
        });
        let file = file.to_str().expect("a plain path");
        assert_eq!(converted(&bench, file), alone, "{program}");
    }
}
