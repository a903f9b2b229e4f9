//! Arguments, exit codes and what is said when something is wrong.

use std::fs;

use crate::bench::Bench;

#[test]
fn wrong_usage_is_one_line_that_says_what_was_expected_and_found() {
    let bench = Bench::new("usage");
    let photo = bench.photo("a.png", 40, 30);
    let lines: [&[&str]; 14] = [
        &[],
        &["clasify"],
        &["classify"],
        &["classify", &photo, "--nonsense"],
        &["classify", &photo, "--top", "none"],
        &["classify", &photo, "--top"],
        &["classify", &photo, "--crop", "1,2"],
        &["project", &photo, "--rule", "magic"],
        &["project", &photo, "--layer", "conv9"],
        &["project", &photo, "--map", "99"],
        &["project", &photo, "--map", "0", "--at", "99,0"],
        &["project", &photo, "--class", "unicorn"],
        &["project", &photo, "--class", "cat", "--layer", "conv1"],
        &["classify", &photo, "--weights", "nowhere.safetensors"],
    ];
    for arguments in lines {
        bench
            .run(arguments)
            .failed(2, &["zf-lens: ", "expected", "found"]);
    }
}

#[test]
fn a_command_answers_to_the_fields_word_as_well() {
    let bench = Bench::new("aliases");
    for (name, other) in [
        ("explain", "attribution"),
        ("gain", "attention-mining"),
        ("favourite", "activation-maximisation"),
        ("hierarchy", "poster"),
        ("learn", "arithmetic"),
    ] {
        let [own, alias] = [name, other].map(|word| bench.run(&[word, "--help"]).done());
        assert_eq!(own, alias, "{name}");
        assert!(bench.run(&["--help"]).done().contains(other), "{other}");
    }
}

#[test]
fn help_and_version_are_not_errors() {
    let bench = Bench::new("help");
    let overview = bench.run(&["--help"]).done();
    assert!(overview.contains("Examples:"));
    assert!(bench.run(&["--version"]).done().starts_with("zf-lens "));
    for command in [
        "classify",
        "project",
        "inspect",
        "filters",
        "mosaic",
        "top",
        "evolution",
        "invariance",
        "compare",
        "occlusion",
        "correspondence",
        "region",
        "hierarchy",
        "explain",
        "gain",
        "favourite",
        "learn",
        "completions",
    ] {
        assert!(
            bench.run(&[command, "--help"]).done().contains("Example"),
            "{command} --help has an example"
        );
        let among = overview.contains(&format!("  zf-lens {command} "))
            || overview.contains(&format!("  zf-lens {command}\n"));
        assert!(
            among || command == "completions",
            "{command} is among the examples"
        );
    }
    assert!(
        bench
            .run(&["project", "--help"])
            .done()
            .contains("receptive_field"),
        "the dump is documented"
    );
}

#[test]
fn completions_complete_every_command() {
    let bench = Bench::new("completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = bench.run(&["completions", shell]).done();
        for word in ["classify", "project", "mosaic", "whole-map"] {
            assert!(script.contains(word), "{shell} completes {word}");
        }
    }
}

#[test]
fn an_output_that_cannot_be_written_is_not_the_inputs_fault() {
    let bench = Bench::new("unwritable");
    let photo = bench.photo("a.png", 40, 40);
    fs::write(bench.path("file"), "in the way").expect("the folder is there");
    bench
        .run(&["project", &photo, "-o", &bench.path("file/picture.png")])
        .failed(1, &["file", "expected"]);
}

#[test]
fn a_reader_that_leaves_early_is_not_an_error() {
    use std::process::Stdio;
    let bench = Bench::new("pipe");
    let mut child = bench
        .command(&["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
