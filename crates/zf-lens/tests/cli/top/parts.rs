//! A run in parts is the run.

use super::*;

/// Eleven photographs, two of them twice under other names, so that there are equals to be ordered; and a broken file.
fn set(bench: &Bench) -> String {
    for number in 0..11 {
        bench.photo(&format!("set/{number:02}.png"), 40 + number, 36);
    }
    let set = bench.path("set");
    for (from, to) in [("01", "09-again"), ("10", "00-again")] {
        fs::copy(format!("{set}/{from}.png"), format!("{set}/{to}.png")).expect("a copy");
    }
    fs::write(format!("{set}/04-broken.jpg"), "this is text").expect("a file");
    set
}

#[test]
fn parts_that_are_joined_are_the_whole_to_the_last_bit() {
    let bench = Bench::new("top-parts");
    let set = set(&bench);
    let [out, table, dump] = ["out", "t.csv", "d.safetensors"].map(|name| bench.path(name));
    let run = |more: &[&str]| {
        let mut arguments = vec!["top", &set, "--batch", "3", "--count", "4", "--out", &out];
        arguments.extend(more);
        bench.run(&arguments)
    };
    let made = |more: &[&str]| {
        let everything = ["-q", "--json", "--csv", &table, "--dump", &dump];
        let found = run(&[&everything[..], more].concat());
        assert_eq!(found.code, 2, "one photograph is broken: {}", found.stderr);
        let mut files = files(&out);
        for path in [&table, &dump] {
            files.insert(path.clone(), fs::read(path).expect("it was written"));
            fs::remove_file(path).expect("a file");
        }
        fs::remove_dir_all(&out).expect("a folder");
        (found.stdout, files)
    };
    let whole = made(&[]);
    // One, some of five batches each, and more than there are photographs; in any order, and one of them twice.
    for of in [1, 3, 17] {
        let mut broken = 0;
        for number in (1..=of).rev().chain([of]) {
            let found = run(&["--part", &format!("{number}/{of}")]);
            assert!(matches!(found.code, 0 | 2), "{number}: {}", found.stderr);
            broken += usize::from(found.stderr.contains("04-broken.jpg"));
            assert!(!Path::new(&out).join("gallery.json").exists());
        }
        assert_eq!(broken, if of == 1 { 2 } else { 1 }, "of {of} parts");
        let mut joined = made(&["--join"]);
        for number in 1..=of {
            let part = { &mut joined.1 }.remove(&format!("top.part-{number}-of-{of}.json"));
            assert!(part.is_some(), "{number} of {of} stays");
        }
        assert!(joined == whole, "of {of} parts");
    }
}

#[test]
fn parts_that_do_not_make_a_whole_are_refused() {
    let bench = Bench::new("top-parts-missing");
    let (set, out) = (set(&bench), bench.path("out"));
    let run = |more: &[&str]| {
        let mut arguments = vec!["top", &set, "--batch", "2", "--out", &out, "-q"];
        arguments.extend(more);
        bench.run(&arguments)
    };
    let refused = |more: &[&str], what: &str| {
        let found = run(more);
        assert_eq!(found.code, 2, "{more:?}");
        assert!(found.stderr.contains(what), "{more:?}: {}", found.stderr);
    };
    refused(&["--join"], "none");
    run(&["--part", "1/2"]);
    refused(&["--join"], "top.part-2-of-2.json");
    run(&["--part", "2/2", "--count", "5"]);
    refused(&["--join"], "the same --count");
    run(&[
        "--part",
        "2/2",
        "--weights",
        &bench.path("features.safetensors"),
    ]);
    refused(&["--join"], "the same weights");
    run(&["--part", "2/2"]);
    run(&["--part", "1/3"]);
    refused(&["--join"], "parts of [2, 3]");
    for part in ["0/2", "3/2", "1", "a/b"] {
        refused(&["--part", part], "K/N");
    }
    refused(&["--part", "1/2", "--join"], "--join");
}

/// The example of `zf-lens top --help`, as a shell runs it; and with xargs, which is everywhere.
#[cfg(unix)]
#[test]
fn parallel_and_xargs_carry_the_parts() {
    use std::process::Command;

    let bench = Bench::new("top-parallel");
    let (set, whole) = (set(&bench), bench.path("whole"));
    let run = |out: &str, more: &[&str]| {
        let arguments = ["top", &set, "--out", out, "--batch", "2", "-q"];
        assert_eq!(bench.run(&[&arguments[..], more].concat()).code, 2);
        gallery(out)
    };
    let whole = run(&whole, &[]);
    for carrier in ["parallel -j 2", "xargs -P 2 -I{}"] {
        let program = carrier.split(' ').next().expect("a name");
        let version = Command::new(program).arg("--version").output();
        if program == "parallel" && !version.is_ok_and(|output| output.status.success()) {
            eprintln!("there is no GNU parallel, so it was not tried");
            continue;
        }
        let joined = bench.path(program);
        let command = bench.command(&["top", &set, "--out", &joined, "--batch", "2", "-q"]);
        let words = [command.get_program()]
            .into_iter()
            .chain(command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        let line = format!("seq 3 | {carrier} {} --part {{}}/3", words.join(" "));
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]);
        shell.env("ZF_LENS_WEIGHTS", bench.path(""));
        let ended = shell.output().expect("a shell");
        assert!(!ended.status.success(), "one photograph is broken");
        assert_eq!(run(&joined, &["--join"]), whole, "{line}: {ended:?}");
    }
}
