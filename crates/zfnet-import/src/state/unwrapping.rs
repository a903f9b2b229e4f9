//! A network's tensors among what a checkpoint holds, under the names that they have in the network itself.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Modules that a network or a part of it is put into: `DataParallel`, `torch.compile`, FSDP and its checkpointing. They
/// stand anywhere in a name.
const WRAPPERS: [&str; 4] = [
    "module",
    "_orig_mod",
    "_fsdp_wrapped_module",
    "_checkpoint_wrapped_module",
];
/// How many networks an average was taken of (`AveragedModel`): a number about the network, none of it.
const COUNTER: &str = "n_averaged";
/// Keys and attributes that hold the network itself, the most usual first; an average of it goes under other names.
const HOLDERS: [&str; 7] = [
    "state_dict",
    "model_state_dict",
    "model",
    "net",
    "network",
    "model_state",
    "weights",
];

/// The tensors under their names in the network, without those that are none of it.
///
/// `keys` are the names that known networks have. The names that begin like most of them are the network's: a checkpoint
/// may hold the state of an optimiser, an average, or another network beside it. Among several that are equally complete the
/// one under the names of [`HOLDERS`] is taken. Where no name is known, all stay, without wrappers.
pub(super) fn unwrapped<T>(
    tensors: BTreeMap<String, T>,
    keys: &BTreeSet<String>,
) -> BTreeMap<String, T> {
    let tensors = without_wrappers(tensors);
    // Of every holder, what the names of its known tensors began with.
    let mut known: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, (was, _)) in &tensors {
        if let Some(holder) = holder_of(name, keys) {
            known.entry(holder).or_default().push(first(was));
        }
    }
    let best = known
        .into_iter()
        .min_by_key(|(holder, firsts)| (Reverse(firsts.len()), rank(holder)));
    let (holder, wrapper) = match best {
        Some((holder, firsts)) => (holder.to_owned(), wrapper_of_all(&firsts)),
        None => (String::new(), None),
    };
    tensors
        .into_iter()
        .filter(|(_, (was, _))| wrapper.is_none_or(|wrapper| first(was) == wrapper))
        .filter_map(|(name, (_, tensor))| Some((name.strip_prefix(&holder)?.to_owned(), tensor)))
        .collect()
}

/// The wrapper that all names begin with, if they do: what begins otherwise lies beside the network.
fn wrapper_of_all(firsts: &[&str]) -> Option<&'static str> {
    let wrapper = WRAPPERS
        .into_iter()
        .find(|wrapper| firsts.first() == Some(wrapper));
    wrapper.filter(|wrapper| firsts.iter().all(|first| first == wrapper))
}

fn first(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// What stands before a known key in a name; nothing for a name that ends in none.
fn holder_of<'a>(name: &'a str, keys: &BTreeSet<String>) -> Option<&'a str> {
    let starts = name.match_indices('.').map(|(dot, _)| dot + 1);
    std::iter::once(0)
        .chain(starts)
        .find(|start| keys.contains(&name[*start..]))
        .map(|start| &name[..start])
}

/// Whether a holder is one of an average or unknown, and how deep it lies.
fn rank(holder: &str) -> (bool, usize, usize) {
    let parts = holder.split_terminator('.');
    let places = parts
        .clone()
        .map(|part| HOLDERS.iter().position(|known| *known == part));
    let unknown = places.clone().any(|place| place.is_none());
    (unknown, parts.count(), places.flatten().sum())
}

/// Tensors by their names without the modules that others were put into, unless two names become one; each with its name
/// as it was.
fn without_wrappers<T>(tensors: BTreeMap<String, T>) -> BTreeMap<String, (String, T)> {
    let bare = |name: &String| {
        let parts = name.split('.').filter(|part| !WRAPPERS.contains(part));
        parts.collect::<Vec<_>>().join(".")
    };
    let names: BTreeSet<String> = tensors.keys().map(bare).collect();
    let distinct = names.len() == tensors.len();
    tensors
        .into_iter()
        .filter(|(was, _)| was.rsplit('.').next() != Some(COUNTER))
        .map(|(was, tensor)| match distinct {
            true => (bare(&was), (was, tensor)),
            false => (was.clone(), (was, tensor)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::unwrapped;

    /// The names that are left, and the numbers of the tensors that they are of.
    fn names(given: &[&str]) -> String {
        let keys = ["a.0.weight", "a.0.bias", "b.1.weight", "b.1.bias"];
        let keys: BTreeSet<String> = keys.map(str::to_owned).into();
        let tensors: BTreeMap<_, _> = given.iter().map(|name| ((*name).into(), *name)).collect();
        let named = unwrapped(tensors, &keys).into_iter();
        let named = named.map(|(name, was)| match was.strip_suffix(&name) {
            Some("") => name,
            Some(before) => format!("{name} of {before}"),
            None => format!("{name} was {was}"),
        });
        named.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn names_lose_what_a_checkpoint_puts_before_them() {
        assert_eq!(names(&["a.0.weight", "b.1.bias"]), "a.0.weight, b.1.bias");
        for holder in [
            "state_dict.",
            "model_state_dict.",
            "model.",
            "net.",
            "module.",
            "_orig_mod.",
            "module._orig_mod.",
            "_orig_mod.module.",
            "state_dict.model._orig_mod.",
            "model_state_dict.module.",
            "checkpoint.ema.network.",
            "_fsdp_wrapped_module.",
        ] {
            let held = ["a.0.weight", "a.0.bias"].map(|key| format!("{holder}{key}"));
            let beside = ["optimizer.state.0.exp_avg", "epoch", "n_averaged"];
            let given: Vec<&str> = held.iter().map(String::as_str).chain(beside).collect();
            assert_eq!(
                names(&given),
                format!("a.0.bias of {holder}, a.0.weight of {holder}")
            );
        }
    }

    #[test]
    fn a_part_may_be_wrapped_alone() {
        assert_eq!(
            names(&["a.module.0.weight", "a.module.0.bias", "b.1.weight"]),
            "a.0.bias was a.module.0.bias, a.0.weight was a.module.0.weight, b.1.weight"
        );
        assert_eq!(
            names(&["module.a.0.weight", "b.1.weight", "n_averaged"]),
            "a.0.weight of module., b.1.weight"
        );
        assert_eq!(
            names(&["model.module.a.0.weight", "model.b.1.weight"]),
            "a.0.weight of model.module., b.1.weight of model."
        );
    }

    #[test]
    fn of_several_networks_the_most_complete_and_usual_is_taken() {
        assert_eq!(
            names(&["state_dict.a.0.weight", "state_dict_ema.a.0.weight"]),
            "a.0.weight of state_dict."
        );
        assert_eq!(
            names(&["ema.a.0.weight", "model.a.0.weight"]),
            "a.0.weight of model."
        );
        assert_eq!(
            names(&["model.a.0.weight", "teacher.a.0.bias", "teacher.b.1.bias"]),
            "a.0.bias of teacher., b.1.bias of teacher."
        );
        // What belongs to it and to no known network stays, to be named.
        assert_eq!(
            names(&["model.a.0.weight", "model.c.2.weight", "other.c.2.weight"]),
            "a.0.weight of model., c.2.weight of model."
        );
    }

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        assert_eq!(names(&["model.x", "y"]), "model.x, y");
        assert_eq!(names(&["module.x", "x"]), "module.x, x");
    }
}
