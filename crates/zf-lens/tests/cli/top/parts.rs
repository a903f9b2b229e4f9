//! A run in parts is the run.

use super::*;

fn set(bench: &Bench) -> String {
    for number in 0..11 {
        bench.photo(&format!("set/{number:02}.png"), 40 + number, 36);
    }
    let set = bench.path("set");
    fs::write(format!("{set}/04-broken.jpg"), "this is text").expect("a file");
    set
}

#[test]
fn parts_that_are_joined_are_the_whole_to_the_last_bit() {
    let bench = Bench::new("top-parts");
    let set = set(&bench);
    let run = |out: &str, more: &[&str]| {
        let mut arguments = vec!["top", &set, "--batch", "3", "--count", "4", "--out", out];
        arguments.extend(more);
        bench.run(&arguments)
    };
    let (whole, joined) = (bench.path("whole"), bench.path("joined"));
    assert_eq!(run(&whole, &["-q"]).code, 2, "one photograph is broken");
    // In any order, more of them than there are batches, and one of them twice.
    for (part, code) in [
        ("4/5", 0),
        ("1/5", 0),
        ("5/5", 0),
        ("3/5", 2),
        ("2/5", 0),
        ("4/5", 0),
    ] {
        let found = run(&joined, &["--part", part]);
        assert!(found.code == code, "{part}: {}", found.stderr);
        assert!(!Path::new(&joined).join("gallery.json").exists());
    }
    assert_eq!(run(&joined, &["-q", "--join"]).code, 2);
    let (whole, mut found) = (files(&whole), files(&joined));
    let parts = (1..=5).filter_map(|number| found.remove(&format!("top.part-{number}-of-5.json")));
    assert_eq!(parts.count(), 5);
    assert_eq!(found, whole);
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
    run(&["--part", "2/2"]);
    run(&["--part", "1/3"]);
    refused(&["--join"], "parts of [2, 3]");
    for part in ["0/2", "3/2", "1", "a/b"] {
        refused(&["--part", part], "K/N");
    }
    refused(&["--part", "1/2", "--join"], "--join");
}

/// The example of `zf-lens top --help`, as a shell runs it.
#[cfg(unix)]
#[test]
fn gnu_parallel_carries_the_parts() {
    let bench = Bench::new("top-parallel");
    let (set, whole, joined) = (set(&bench), bench.path("whole"), bench.path("joined"));
    let Ok(version) = std::process::Command::new("parallel")
        .arg("--version")
        .output()
    else {
        return eprintln!("there is no GNU parallel, so it was not tried");
    };
    assert!(version.status.success());
    let program = bench.command(&[]).get_program().to_owned();
    let weights = bench.path("manifest.json");
    let line = format!(
        "seq 3 | parallel -j 2 {} top {set} --out {joined} --batch 2 -q --weights {weights} --device cpu --part {{}}/3",
        program.to_string_lossy()
    );
    let status = std::process::Command::new("sh")
        .args(["-c", &line])
        .status();
    assert!(
        status.is_ok_and(|status| status.code() == Some(1)),
        "one photograph is broken"
    );
    for (out, more) in [(&whole, None), (&joined, Some("--join"))] {
        let mut arguments = vec!["top", &set, "--out", out, "--batch", "2", "-q"];
        arguments.extend(more);
        assert_eq!(bench.run(&arguments).code, 2);
    }
    assert_eq!(gallery(&joined), gallery(&whole));
}
