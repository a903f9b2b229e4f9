//! Folders, broken files, and the bound of the cache.

use std::sync::Arc;

use super::*;

fn names(samples: &[Sample]) -> Vec<(String, usize)> {
    let name = |sample: &Sample| {
        sample
            .path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned()
    };
    samples
        .iter()
        .map(|sample| (name(sample), sample.class))
        .collect()
}

fn complaint<T: std::fmt::Debug>(result: crate::Result<T>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_folder_with_its_own_validation() {
    let folder = Folder::new();
    let picture = textured(4, 4, 0);
    for name in [
        "train/dog/b.png",
        "train/cat/c.PNG",
        "train/cat/a.bmp",
        "val/dog/d.png",
    ] {
        folder.picture(name, &picture);
    }
    std::fs::write(folder.0.join("train/cat/notes.txt"), "no picture").unwrap();
    folder.picture("train/.hidden/e.png", &picture);
    let set = Dataset::scan(&folder.0, None, 1).unwrap();
    assert_eq!(set.classes, ["cat", "dog"]);
    let expected = [("a.bmp", 0), ("c.PNG", 0), ("b.png", 1)];
    assert_eq!(
        names(&set.training),
        expected.map(|(name, class)| (name.into(), class))
    );
    assert_eq!(names(&set.validation), [("d.png".into(), 1)]);
}

#[test]
fn a_fraction_of_each_class_is_held_out_by_the_seed() {
    let folder = Folder::new();
    for (class, pictures) in [("a", 20), ("b", 10), ("c", 2)] {
        for number in 0..pictures {
            folder.picture(&format!("{class}/{number:02}.png"), &textured(2, 2, 0));
        }
    }
    let scan = |seed| Dataset::scan(&folder.0, Some(0.2), seed).unwrap();
    let set = scan(5);
    let held: Vec<usize> = (0..3)
        .map(|class| set.validation.iter().filter(|s| s.class == class).count())
        .collect();
    assert_eq!(held, [4, 2, 1]); // 0.4 of a picture is one, not none
    assert_eq!(set.training.len(), 32 - 7);
    let mut all: Vec<_> = set
        .training
        .iter()
        .chain(&set.validation)
        .map(|s| &s.path)
        .collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 32);
    assert_eq!(set, scan(5));
    assert_ne!(set, scan(6));
    // The same below a train without a val.
    std::fs::create_dir(folder.0.join("train")).unwrap();
    for class in ["a", "b", "c"] {
        std::fs::rename(folder.0.join(class), folder.0.join("train").join(class)).unwrap();
    }
    assert_eq!(names(&scan(5).validation), names(&set.validation));
    assert!(
        Dataset::scan(&folder.0, None, 0)
            .unwrap()
            .validation
            .is_empty()
    );
}

#[test]
fn what_is_wrong_with_a_folder_is_said() {
    let folder = Folder::new();
    let scan = |fraction| complaint(Dataset::scan(&folder.0, fraction, 0));
    let nowhere = Dataset::scan(&folder.0.join("nowhere"), None, 0);
    assert!(complaint(nowhere).ends_with("expected a folder of pictures, found nothing"));
    assert!(scan(None).ends_with("folders of pictures, one for each class, found none"));
    folder.picture("a/1.png", &textured(2, 2, 0));
    assert!(scan(None).ends_with("found only a"));
    std::fs::create_dir(folder.0.join("b")).unwrap();
    assert!(
        scan(None).ends_with("found only a; without pictures (jpg, jpeg, png, webp, gif, bmp): b")
    );
    folder.picture("b/1.png", &textured(2, 2, 0));
    assert!(scan(Some(0.5)).contains("class a: expected more than 1 pictures"));
    assert!(scan(Some(1.0)).contains("fraction held out: expected from 0 to below 1, found 1"));
    assert!(scan(Some(f64::NAN)).contains("fraction held out"));
    folder.picture("val/a/1.png", &textured(2, 2, 0));
    assert!(scan(None).contains("expected train beside val"));
    folder.picture("train/a/1.png", &textured(2, 2, 0));
    folder.picture("train/b/1.png", &textured(2, 2, 0));
    assert!(scan(Some(0.1)).contains("either a folder val or a fraction"));
    folder.picture("val/c/1.png", &textured(2, 2, 0));
    assert!(scan(None).contains("a class that train has (a, b), found c"));
}

#[test]
fn a_class_has_the_pictures_of_the_folders_below_it() {
    let folder = Folder::new();
    let picture = textured(4, 4, 0);
    for name in [
        "train/cat/b.png",
        "train/cat/2024/may/a.png",
        "train/cat/.thumbnails/b.png",
        "train/cat/@eaDir/b.png/SYNOPHOTO_THUMB_M.jpg",
        "train/cat/._b.png",
        "train/dog/2024/d.png",
        "train/__MACOSX/cat/b.png",
        "val/cat/below/v.png",
    ] {
        folder.picture(name, &picture);
    }
    for name in ["train/notes/no", "val/dog", "val/unicorn"] {
        std::fs::create_dir_all(folder.0.join(name)).unwrap();
        std::fs::write(folder.0.join(name).join("a.txt"), "no picture").unwrap();
    }
    let set = Dataset::scan(&folder.0, None, 1).unwrap();
    assert_eq!(set.classes, ["cat", "dog"]);
    let expected = [("a.png", 0), ("b.png", 0), ("d.png", 1)];
    assert_eq!(
        names(&set.training),
        expected.map(|(name, class)| (name.into(), class))
    );
    // A class of val without a picture is as one that is not there.
    assert_eq!(names(&set.validation), [("v.png".into(), 0)]);
    let named = ["train/__MACOSX", "train/notes", "val/dog", "val/unicorn"];
    assert_eq!(set.left_out.empty, named.map(|name| folder.0.join(name)));
    assert_eq!(set.left_out.unreadable, Vec::<String>::new());
    std::fs::remove_dir_all(folder.0.join("val/cat")).unwrap();
    assert!(
        complaint(Dataset::scan(&folder.0, None, 1))
            .ends_with("val: expected folders of pictures, one for each class, found none")
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_once_and_never_up() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    let picture = textured(4, 4, 0);
    let one = folder.picture("set/m/1.png", &picture);
    let two = folder.picture("set/z/2.png", &picture);
    let three = folder.picture("elsewhere/3.png", &picture);
    let link = |to: &str, name: &str| symlink(to, folder.0.join(name)).unwrap();
    link("m", "set/a"); // a sibling, which is found as itself
    link("..", "set/m/up");
    link("../z", "set/m/across");
    link("../m", "set/z/back");
    link("../../elsewhere", "set/m/out");
    link("../../elsewhere", "set/z/out"); // the same again
    link("../set", "elsewhere/home");
    link("round", "set/round.png");
    link("nowhere", "set/gone.png");
    link("m/1.png", "set/file.png");
    let found = gather(&folder.0.join("set"));
    let expected = [
        folder.0.join("set/file.png"),
        one,
        folder.0.join("set/m/out").join(three.file_name().unwrap()),
        two,
    ];
    assert_eq!(found.pictures, expected);
    let [gone, round] = &found.unreadable[..] else {
        panic!("two broken links: {:?}", found.unreadable)
    };
    assert!(gone.contains("gone.png: expected a file or a folder behind the link, found"));
    assert!(round.contains("round.png: expected"), "{round}");
    // As a class, too: one that leads up is none, and one that leads nowhere is named.
    link("..", "set/loop");
    let set = Dataset::scan(&folder.0.join("set"), None, 1).unwrap();
    assert_eq!(set.classes, ["a", "m", "z"]);
    assert_eq!(set.left_out.unreadable.len(), 2);
}

#[test]
fn the_cache_keeps_what_fits_and_decodes_the_rest_again() {
    let folder = Folder::new();
    let paths: Vec<_> = (0..3)
        .map(|n| folder.picture(&format!("{n}.png"), &textured(16, 24, n)))
        .collect();
    let each = 8 * 12 * 3;
    let cache = Cache::new(2 * each + each / 2, 8);
    let first: Vec<_> = paths.iter().map(|path| cache.get(path).unwrap()).collect();
    assert!(first.iter().all(|picture| picture.dimensions() == (8, 12)));
    assert_eq!(cache.bytes(), 2 * each);
    for (number, path) in paths.iter().enumerate() {
        let again = cache.clone().get(path).unwrap();
        assert_eq!(again, first[number]);
        assert_eq!(Arc::ptr_eq(&again, &first[number]), number < 2);
    }
    assert_eq!(cache.bytes(), 2 * each);
    let larger = Cache::new(0, 32).get(&paths[0]).unwrap();
    assert_eq!(larger.dimensions(), (32, 48));
    let same = Cache::new(0, 16).get(&paths[0]).unwrap();
    assert_eq!(*same, textured(16, 24, 0));
    let ribbon = folder.picture("ribbon.png", &textured(200, 2, 0));
    assert_eq!(Cache::new(0, 8).get(&ribbon).unwrap().dimensions(), (64, 8));
}

#[test]
fn a_broken_file_is_named_once_and_not_tried_again() {
    let folder = Folder::new();
    let path = folder.broken("a.png");
    let cache = Cache::new(1 << 20, 8);
    let message = complaint(cache.get(&path));
    assert!(
        message.contains("a.png: expected a picture, found"),
        "{message}"
    );
    folder.picture("a.png", &textured(4, 4, 0));
    assert_eq!(complaint(cache.get(&path)), message);
    let missing = folder.0.join("missing.png");
    assert!(cache.get(&missing).is_err());
    let skipped: Vec<_> = cache.skipped().into_iter().map(|(path, _)| path).collect();
    assert_eq!(skipped, [path, missing]);
}
