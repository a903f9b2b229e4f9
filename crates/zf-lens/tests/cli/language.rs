//! Two languages: what people read is in the one asked for, what programs read in none.

use crate::bench::{Bench, Run};

/// A run on a machine with these locales.
fn spoken(bench: &Bench, locales: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = bench.command(arguments);
    command
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env_remove("LANG");
    command.envs(locales.iter().copied());
    Run::of(&mut command)
}

#[test]
fn the_option_decides_before_the_locale() {
    let bench = Bench::new("language");
    let [english, chinese] = ["RMS", "均方根"];
    for (locales, option, words) in [
        (vec![], None, english),
        (vec![("LANG", "zh_CN.UTF-8")], None, chinese),
        (
            vec![("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")],
            None,
            english,
        ),
        (vec![("LANG", "C"), ("LC_MESSAGES", "zh_CN")], None, chinese),
        (vec![("LANG", "zh_CN.UTF-8")], Some("en"), english),
        (vec![], Some("zh"), chinese),
    ] {
        let option = option.map(|language| ["--lang", language]);
        let arguments: Vec<&str> = ["inspect"]
            .into_iter()
            .chain(option.into_iter().flatten())
            .collect();
        let table = spoken(&bench, &locales, &arguments).done();
        assert!(table.contains(words), "{locales:?} {arguments:?}\n{table}");
    }
}

#[test]
fn help_is_in_chinese_to_the_last_word_of_claps() {
    let bench = Bench::new("language-help");
    let help = bench.run(&["occlusion", "--help", "--lang", "zh"]).done();
    for words in [
        "用法：",
        "全局选项：",
        "[默认：16]",
        "可选值：",
        "最大的单个激活值",
        "示例：",
        "显示帮助",
    ] {
        assert!(help.contains(words), "{words}\n{help}");
    }
    let overview = bench.run(&["--lang=zh", "-h"]).done();
    for words in [
        "命令：",
        "绘制许多照片中最能激活每个特征图的内容",
        "[别名：poster]",
    ] {
        assert!(overview.contains(words), "{words}\n{overview}");
    }
    for english in ["Usage", "Options", "[default", "[possible", "Print"] {
        assert!(
            !help.contains(english) && !overview.contains(english),
            "{english}"
        );
    }
}

#[test]
fn complaints_are_in_the_language_and_exit_codes_are_the_same() {
    let bench = Bench::new("language-complaints");
    let photo = bench.photo("a.png", 40, 30);
    for (arguments, words) in [
        (
            vec!["classify", &photo, "--top", "many"],
            "应为 1 到 1000000 的整数；实际为 many。",
        ),
        (
            vec!["classify", &photo, "--nonsense"],
            "应为 --help 列出的参数；实际为 --nonsense。",
        ),
        (
            vec!["classify", "my cat.jpg"],
            "my cat.jpg：应为能读取的图片；实际为没有这个文件或文件夹。",
        ),
        (
            vec!["project", &photo, "--layer", "conv9"],
            "没有这一层：应为 conv1,",
        ),
        (
            vec!["project", &photo, "--map", "99"],
            " 的特征图：应为 0 到 ",
        ),
        (
            vec!["project", &photo, "--lang", "fr"],
            "--lang <LANGUAGE>：应为 en, zh 之一；实际为 fr。",
        ),
    ] {
        spoken(&bench, &[("LANG", "zh_CN.UTF-8")], &arguments).failed(2, &["zf-lens: ", words]);
    }
}

#[test]
fn a_class_is_called_by_its_name_in_the_language() {
    let bench = Bench::new("language-classes");
    let photo = bench.photo("a.png", 40, 30);
    let text = bench.run(&["classify", &photo, "--lang", "zh"]).done();
    assert!(text.contains("猫  cat"), "{text}");
    let lesson = bench.run(&["learn", "--lang", "zh"]).done();
    assert!(
        lesson.starts_with("x，输入\n") && lesson.contains("反池化"),
        "{lesson}"
    );
}

#[test]
fn what_programs_read_is_the_same_in_every_language() {
    let bench = Bench::new("language-programs");
    let photo = bench.photo("a.png", 40, 30);
    for arguments in [
        vec!["classify", &photo, "--json"],
        vec!["inspect", "--json"],
        vec!["project", &photo, "--json", "-o", "p.png"],
        vec!["project", &photo, "-o", "p.png"],
        vec!["learn", "--json"],
    ] {
        let [en, zh] = ["en", "zh"].map(|language| {
            let run = bench.run(&[&arguments[..], &["--lang", language]].concat());
            run.done()
        });
        assert_eq!(en, zh, "{arguments:?}");
    }
}
