//! A named pipe holds the program up where the test wants it: until somebody writes into it, reading it waits.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

const PATIENCE: Duration = Duration::from_secs(60);

fn shell(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{program} {arguments:?}"
    );
}

/// Starts a run and waits until it has looked at so many photographs.
fn started(bench: &Bench, arguments: &[&str], state: &str, done: u64) -> Child {
    let mut child = bench
        .command(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let begun = Instant::now();
    let has_come = || {
        let saved = fs::read(state).ok();
        let saved = saved.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        saved.is_some_and(|saved| saved["done"] == done)
    };
    while !has_come() {
        if begun.elapsed() > PATIENCE {
            child.kill().expect("it runs");
            let ended = child.wait_with_output().expect("it has ended");
            panic!("it never came to {done} photographs: {ended:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn a_run_that_was_killed_and_stopped_ends_as_an_unbroken_one() {
    let bench = Bench::new("top-killed");
    let photos: Vec<String> = (0..23)
        .map(|at| bench.photo(&format!("{at:02}.png"), 40 + at, 36))
        .collect();
    fs::write(&photos[4], "this is text").expect("a file");
    let keep = |at: usize| bench.path(&format!("kept-{at}.png"));
    for at in [10, 17] {
        fs::rename(&photos[at], keep(at)).expect("a photograph");
        shell("mkfifo", &[&photos[at]]);
    }
    let out = bench.path("out");
    let state = bench.path("out/top.state.json");
    let mut arguments = vec!["top".to_owned()];
    arguments.extend(photos.iter().cloned());
    arguments.extend(["--batch", "3", "--save-every", "3", "--out"].map(str::to_owned));
    let whole: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .chain([out.as_str()])
        .collect();

    // Killed while it waits for number 10: nine photographs in three batches are done.
    let mut child = started(&bench, &whole, &state, 9);
    child.kill().expect("it runs");
    child.wait().expect("it has ended");
    assert!(!Path::new(&out).join("gallery.json").exists());
    bench
        .run(&whole)
        .failed(2, &["unfinished run, or --resume", "9 of 23"]);
    fs::remove_file(&photos[10]).expect("a pipe");
    fs::rename(keep(10), &photos[10]).expect("a photograph");

    // Stopped politely while it waits for number 17.
    let resumed = [&whole[..], &["--resume"]].concat();
    let child = started(&bench, &resumed, &state, 15);
    shell("kill", &["-INT", &child.id().to_string()]);
    let ended = child.wait_with_output().expect("it has ended");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(
        said.contains("stopped after 15 of 23 photographs"),
        "{said}"
    );
    assert!(said.contains("--resume"), "{said}");
    fs::remove_file(&photos[17]).expect("a pipe");
    fs::rename(keep(17), &photos[17]).expect("a photograph");

    let run = bench.run(&resumed);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (2, ""),
        "the bad file was named before"
    );
    let unbroken = bench.path("unbroken");
    let run = bench.run(&[&whole[..whole.len() - 1], &[&unbroken]].concat());
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("04.png"), "{}", run.stderr);
    let (found, expected) = (files(&out), files(&unbroken));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected));
    assert_eq!(
        found.len(),
        8,
        "two sheets for each of three layers: {:?}",
        names(&found)
    );
    for (name, bytes) in &expected {
        assert!(found[name] == *bytes, "{name} differs");
    }
}

#[test]
fn a_part_that_was_killed_is_missed_and_goes_on() {
    let bench = Bench::new("top-part-killed");
    let photos: Vec<String> = (0..12)
        .map(|at| bench.photo(&format!("{at:02}.png"), 40 + at, 36))
        .collect();
    let [out, whole, kept] = ["out", "whole", "kept.png"].map(|name| bench.path(name));
    let mut common = vec!["top"];
    common.extend(photos.iter().map(String::as_str));
    common.extend(["--batch", "2", "--save-every", "2", "-q", "--out"]);
    bench.run(&[&common[..], &[&whole]].concat()).done();
    fs::rename(&photos[9], &kept).expect("a photograph");
    shell("mkfifo", &[&photos[9]]);

    let common = [&common[..], &[&out]].concat();
    let second = [&common[..], &["--part", "2/2"]].concat();
    let states = ["top.part-1-of-2.json", "top.part-2-of-2.json"];
    let mut child = started(&bench, &second, &format!("{out}/{}", states[1]), 8);
    child.kill().expect("it runs");
    child.wait().expect("it has ended");
    bench
        .run(&[&common[..], &["--part", "1/2"]].concat())
        .done();
    let join = [&common[..], &["--join"]].concat();
    bench
        .run(&join)
        .failed(2, &[states[1], "a part that is finished", "2 of 6"]);
    let left: Vec<String> = files(&out).into_keys().collect();
    assert_eq!(left, states);

    fs::remove_file(&photos[9]).expect("a pipe");
    fs::rename(&kept, &photos[9]).expect("a photograph");
    bench.run(&[&second[..], &["--resume"]].concat()).done();
    bench.run(&join).done();
    let mut found = files(&out);
    found.retain(|name, _| !states.contains(&name.as_str()));
    assert!(found == files(&whole), "{:?}", found.keys());
}
