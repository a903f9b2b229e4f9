//! What lies in people's folders besides their photographs, and names that a pipe would stumble over.

use std::fs;

use serde_json::Value;

use crate::bench::{Bench, parsed, png};

/// Names of the photographs that were classified, without the folder given.
fn classified(stdout: &str, folder: &str) -> Vec<String> {
    let all = parsed(stdout);
    let name = |one: &Value| {
        let path = one["photo"].as_str().expect("a path").to_owned();
        let inside = path.strip_prefix(folder).expect("inside the folder");
        inside.trim_start_matches('/').to_owned()
    };
    all.as_array().expect("a list").iter().map(name).collect()
}

#[test]
fn what_systems_put_beside_photographs_is_passed_over() {
    let bench = Bench::new("folders-foreign");
    bench.photo("set/a.png", 40, 40);
    for name in [
        ".hidden.png",
        ".thumbnails/a.png",
        "@eaDir/a.png/SYNOPHOTO_THUMB_M.png",
        "__MACOSX/a.png",
        "deeper/#recycle/a.png",
        "deeper/.git/a.png",
    ] {
        bench.photo(&format!("set/{name}"), 40, 40);
    }
    // What a Mac leaves beside every file of a foreign disk.
    fs::write(
        bench.path("set/._a.png"),
        b"\0\x05\x16\x07\0\x02\0\0Mac OS X",
    )
    .expect("a folder");
    fs::write(bench.path("set/Thumbs.db"), b"\xd0\xcf\x11\xe0").expect("a folder");
    let folder = bench.path("set");
    let run = bench.run(&["classify", "--json", &folder]).done();
    assert_eq!(classified(&run, &folder), ["a.png"]);
    // What is named itself is always tried.
    let named = [
        bench.path("set/.hidden.png"),
        bench.path("set/.thumbnails"),
        bench.path("set/__MACOSX"),
    ];
    let arguments = ["classify", "--json", &named[0], &named[1], &named[2]];
    assert_eq!(
        classified(&bench.run(&arguments).done(), &folder),
        [".hidden.png", ".thumbnails/a.png", "__MACOSX/a.png"]
    );
    bench
        .run(&["classify", &bench.path("set/._a.png")])
        .failed(2, &["._a.png", "expected", "found"]);
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_are_named_and_loops_end() {
    use std::os::unix::fs::symlink;
    let bench = Bench::new("folders-links");
    bench.photo("set/a.png", 40, 40);
    bench.photo("set/z.png", 40, 40);
    bench.photo("elsewhere/b.png", 40, 40);
    for (to, name) in [
        ("nowhere.png", "set/gone.png"),
        ("../elsewhere", "set/linked"),
        ("..", "set/up"),
        (".", "set/itself"),
        ("../set", "elsewhere/back"),
    ] {
        symlink(to, bench.path(name)).expect("a link can be made");
    }
    let folder = bench.path("set");
    let run = bench.run(&["classify", "--json", &folder]);
    assert_eq!(
        classified(&run.stdout, &folder),
        ["a.png", "linked/b.png", "z.png"]
    );
    assert_eq!(
        (run.code, run.stderr.lines().count()),
        (2, 1),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("gone.png: expected"), "{}", run.stderr);
}

/// Runs the program without the right to read what is locked, which root `may` and gives up by setpriv(1).
#[cfg(target_os = "linux")]
fn without_privileges(bench: &Bench, may: bool, arguments: &[&str]) -> std::process::Output {
    let program = bench.command(arguments);
    let mut command = match may {
        false => program,
        true => {
            let mut command = std::process::Command::new("setpriv");
            let rights = "-dac_override,-dac_read_search";
            command
                .args(["--bounding-set", rights, "--inh-caps", rights])
                .arg(program.get_program())
                .args(program.get_args())
                .envs(
                    program
                        .get_envs()
                        .filter_map(|(name, value)| Some((name, value?))),
                )
                .current_dir(program.get_current_dir().expect("a folder"));
            command
        }
    };
    command
        .output()
        .expect("the program, or setpriv(1), starts")
}

#[cfg(target_os = "linux")]
#[test]
fn a_locked_folder_is_named_and_what_comes_after_it_is_done() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new("folders-locked");
    bench.photo("set/a.png", 40, 40);
    bench.photo("set/m/b.png", 40, 40);
    bench.photo("set/z.png", 40, 40);
    let (folder, locked) = (bench.path("set"), bench.path("set/m"));
    let mode = |mode| {
        fs::set_permissions(&locked, fs::Permissions::from_mode(mode)).expect("a folder of ours");
    };
    mode(0o000);
    let may = fs::read_dir(&locked).is_ok();
    for sealed in [0o000, 0o400] {
        mode(sealed);
        let run = without_privileges(&bench, may, &["classify", "--json", &folder]);
        mode(0o700);
        let [stdout, stderr] =
            [run.stdout, run.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert_eq!(classified(&stdout, &folder), ["a.png", "z.png"], "{stderr}");
        assert_eq!(run.status.code(), Some(2));
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains("/set/m"), "{stderr}");
    }
}

#[cfg(unix)]
#[test]
fn a_line_break_in_a_name_breaks_no_line() {
    let bench = Bench::new("folders-names");
    let photo = bench.photo("set/a\nb.png", 40, 40);
    bench.photo("set/c.png", 40, 40);
    let folder = bench.path("set");
    let project = [
        "project", &folder, "--layer", "conv1", "--map", "2", "-o", "out",
    ];
    let lines = bench.run(&project).done();
    assert_eq!(
        lines.lines().collect::<Vec<_>>(),
        [r#""out/a\nb.conv1.2.png""#, "out/c.conv1.2.png"]
    );
    png(&bench.path("out/a\nb.conv1.2.png"));
    let classes = bench.run(&["classify", "--top", "1", &folder]).done();
    assert_eq!(classes.lines().count(), 4, "{classes}");
    assert!(classes.starts_with(&format!("{photo:?}\n")), "{classes}");
    let json = bench.run(&["classify", "--json", &folder]).done();
    assert_eq!(classified(&json, &folder), ["a\nb.png", "c.png"]);
    fs::write(&photo, "no picture").expect("the folder is there");
    bench
        .run(&["classify", &photo])
        .failed(2, &[r"a\nb.png: not a picture"]);
    assert!(bench.run(&["--help"]).done().contains(r#""a\nb.jpg""#));
}

#[test]
fn what_a_clone_left_instead_of_a_photograph_is_named() {
    let bench = Bench::new("folders-pointer");
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3742032\n";
    fs::write(bench.path("a.jpg"), pointer).expect("the folder is there");
    fs::write(bench.path("b.jpg"), "<!DOCTYPE html><p>Not found").expect("the folder is there");
    let photo = bench.photo("c.png", 40, 40);
    for (file, words) in [("a.jpg", "a Git LFS pointer"), ("b.jpg", "a web page")] {
        let file = bench.path(file);
        bench.run(&["classify", &file]).failed(2, &[&file, words]);
        bench
            .run(&["classify", &photo, "--weights", &file])
            .failed(2, &[&file, words]);
        bench
            .run(&["convert", &file, "out.safetensors"])
            .failed(2, &[&file, words]);
    }
    fs::write(bench.path("features.safetensors"), pointer).expect("the folder is there");
    bench
        .run(&["classify", &photo])
        .failed(2, &["features.safetensors", "a Git LFS pointer"]);
}
