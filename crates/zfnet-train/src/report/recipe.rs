//! The effective recipe as a table, one block for each of its groups.

use maud::{Markup, html};
use serde_json::Value;
use zfnet_words::{Words, say};

use super::framed;

/// The recipe: plain values first, then each nested object under its name.
pub(super) fn section(words: Words, recipe: &Value) -> Markup {
    let Value::Object(entries) = recipe else {
        return match recipe {
            Value::Null => Markup::default(),
            other => framed(
                "recipe",
                say!(words, "reportRecipe"),
                "",
                html! { p { (plain(words, other)) } },
            ),
        };
    };
    let (groups, values): (Vec<_>, Vec<_>) =
        entries.iter().partition(|(_, value)| value.is_object());
    let general: Vec<_> = values
        .iter()
        .map(|(name, value)| ((*name).clone(), plain(words, value)))
        .collect();
    let groups = groups.into_iter().map(|(name, group)| {
        let (heading, group) = chosen(&spaced(name), group);
        let mut lines = Vec::new();
        flatten(words, "", group, &mut lines);
        (heading, lines)
    });
    let blocks = std::iter::once((say!(words, "reportGeneral").to_owned(), general)).chain(groups);
    let body = html! {
        div.recipe {
            @for (heading, lines) in blocks.filter(|(_, lines)| !lines.is_empty()) {
                table {
                    caption { (heading) }
                    tbody {
                        @for (name, value) in &lines {
                            tr { th scope="row" { (spaced(name)) } td { (value) } }
                        }
                    }
                }
            }
        }
    };
    let lead = say!(words, "reportRecipeText");
    framed("recipe", say!(words, "reportRecipe"), lead, body)
}

/// A group that is a choice among kinds holds nothing but the kind chosen: its name belongs into the heading.
fn chosen<'a>(heading: &str, group: &'a Value) -> (String, &'a Value) {
    let mut inside = group.as_object().into_iter().flatten();
    match (inside.next(), inside.next()) {
        (Some((kind, values)), None) if values.is_object() => {
            (format!("{heading}: {}", spaced(kind)), values)
        }
        _ => (heading.into(), group),
    }
}

/// Lines of an object, objects inside it spelt as `outer, inner`.
fn flatten(words: Words, prefix: &str, value: &Value, lines: &mut Vec<(String, String)>) {
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                let name = match prefix {
                    "" => name.clone(),
                    prefix => format!("{prefix}, {name}"),
                };
                flatten(words, &name, value, lines);
            }
        }
        value => lines.push((prefix.into(), plain(words, value))),
    }
}

/// A value in words.
fn plain(words: Words, value: &Value) -> String {
    match value {
        Value::Null => "–".into(),
        Value::Bool(true) => say!(words, "reportYes").into(),
        Value::Bool(false) => say!(words, "reportNo").into(),
        // A seed or a count must come out digit by digit.
        Value::Number(whole) if whole.is_u64() || whole.is_i64() => whole.to_string(),
        Value::Number(value) => value.as_f64().map_or(value.to_string(), exact),
        Value::String(text) => text.clone(),
        Value::Array(values) => { values.iter() }
            .map(|value| plain(words, value))
            .collect::<Vec<_>>()
            .join(", "),
        Value::Object(entries) => {
            let parts = entries
                .iter()
                .map(|(name, value)| format!("{} {}", spaced(name), plain(words, value)));
            parts.collect::<Vec<_>>().join(" ")
        }
    }
}

/// A number with all digits that matter: a recipe is there to be repeated.
fn exact(value: f64) -> String {
    // What was single precision would carry digits of no meaning in double precision.
    match value as f32 {
        single if f64::from(single) == value => single.to_string().replace('-', "−"),
        _ => value.to_string().replace('-', "−"),
    }
}

/// A name of the recipe, which has no language, with spaces.
fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_spelt_so_that_they_can_be_repeated() {
        let recipe = serde_json::json!({
            "seed": 12345678901234567u64,
            "label_smoothing": 0.05f32,
            "rate": 0.0123456789,
            "decay": 5e-4,
            "held": null,
            "sizes": [{"until": 0.6, "size": 128}, {"until": 1.0, "size": 224}],
            "schedule": {"cosine": {"warm_up": 100}},
            "augmentation": {"flip": true, "colour": {"brightness": 0.3}},
        });
        let page = section(Words::default(), &recipe).into_string();
        for line in [
            "<th scope=\"row\">seed</th><td>12345678901234567</td>",
            "<th scope=\"row\">label smoothing</th><td>0.05</td>",
            "<th scope=\"row\">rate</th><td>0.0123456789</td>",
            "<th scope=\"row\">decay</th><td>0.0005</td>",
            "<th scope=\"row\">held</th><td>–</td>",
            "<caption>augmentation</caption>",
            "<caption>schedule: cosine</caption>",
            "<th scope=\"row\">warm up</th><td>100</td>",
            "<th scope=\"row\">flip</th><td>yes</td>",
            "<th scope=\"row\">colour, brightness</th><td>0.3</td>",
        ] {
            assert!(page.contains(line), "{line} is missing in {page}");
        }
    }
}
