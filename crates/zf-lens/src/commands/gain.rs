//! `zf-lens gain`: what a network attends to when it names a class, and what is left of the score without it.

use std::path::PathBuf;

use serde_json::{Value, json};
use zfnet::experiments::Record;
use zfnet::experiments::shared::record::{Table, fields};
use zfnet::experiments::since::attention_mining::{Attended, Said, Threshold, attend};
use zfnet::files::head::mined;
use zfnet::pictures::rendering::Picture;
use zfnet::{Network, Prepared, readback};
use zfnet_figures::experiments::attention_mining::{Attention, Head, figure};
use zfnet_words::say;

use crate::csv;
use crate::device::wait;
use crate::dump::{Dump, Shown};
use crate::failure::{Outcome, bad_input};
use crate::figure;
use crate::globals::Globals;
use crate::language::words;
use crate::lens::{Lens, destination, most_probable};
use crate::options::{Rule, share};
use crate::output;
use crate::photos::{Photographs, Source};
use crate::watch::Watch;

/// Passes through the network for each head: with everything, and without what it attends to.
const PASSES: usize = 2;

/// Which heads are asked, and what is taken out.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Photographs, or folders of them
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,
    /// Heads to compare, files or names in the manifest, one row each [default: all of the manifest, or the network itself]
    #[arg(long, value_name = "FILE|NAME,…", value_delimiter = ',')]
    head: Vec<String>,
    /// The class; its English or Chinese name, or its number [default: the most probable one of the first head]
    #[arg(long, value_name = "NAME|INDEX")]
    class: Option<String>,
    /// How sharp the edge of what is taken out is
    #[arg(long, value_name = "N", default_value_t = Threshold::default().omega, value_parser = share)]
    omega: f64,
    /// Where it lies on the attention map, between 0 and 1
    #[arg(long, value_name = "SHARE", default_value_t = Threshold::default().sigma, value_parser = share)]
    sigma: f64,
    /// The PNG, SVG or PDF to write, a folder for several photographs [default: <photo>.gain.png here]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write a table with a row for each head; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the raw numbers as safetensors, see below; a folder for several photographs
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

/// A head, or the network itself, and what it attends to.
struct Asked<'a> {
    name: &'a str,
    lens: &'a Lens,
    found: Attended,
}

impl Asked<'_> {
    /// What it says without what it attends to.
    fn after(&self) -> Said {
        self.found.after.unwrap_or(self.found.before)
    }

    fn drawn(&self, photograph: &Picture, mean: &[f32]) -> Head {
        let mined = mined(&self.lens.network().model);
        Head::of(self.name, mined, &self.found, photograph, mean)
    }
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let photographs = Photographs::gather(&arguments.photos, globals.quiet);
    if photographs.is_empty() {
        return Ok(Outcome::SomeSkipped);
    }
    let threshold = Threshold {
        omega: arguments.omega,
        sigma: arguments.sigma,
    };
    threshold.check()?;
    let heads = heads(arguments, globals)?;
    let first = &heads[0].1;
    let class = match &arguments.class {
        Some(name) => Some(first.network().model.class(name)?),
        None => None,
    };
    let many = photographs.many;
    let mut values = Vec::new();
    let input = &first.network().model.input;
    let outcome = photographs.each(input, first.crop, |source, prepared| {
        let quiet = globals.quiet || many;
        let asked = ask(&heads, prepared, class, &threshold, quiet)?;
        let class = asked[0].found.class;
        let path = destination(arguments.output.as_deref(), many, source, ".gain.png");
        let mean = mean(first.network())?;
        let photograph = Picture::from_rgb(&prepared.rgb);
        let drawn = asked.iter().map(|asked| asked.drawn(&photograph, &mean));
        let attention = Attention {
            threshold,
            heads: drawn.collect(),
        };
        let scene = figure(&first.context(), &photograph, class, &attention);
        figure::write(&path, &scene)?;
        if let Some(file) = &arguments.csv {
            let path = destination(Some(file), many, source, ".csv");
            output::file(&path, table(&asked, source).as_bytes())?;
        }
        let described: Vec<Value> = asked.iter().map(described).collect();
        let mut about = json!({
            "class": class,
            "rule": Rule::Gradient.name(),
            "threshold": threshold,
            "heads": described,
        });
        if let Some(dump) = &arguments.dump {
            let path = destination(Some(dump), many, source, ".safetensors");
            let shown = [Shown::new(source, prepared)];
            dumped(&asked, prepared)?.write(&path, first, &shown, &about)?;
        }
        if globals.json {
            about["class"] = first.class(class);
            first.sign(&mut about, source, prepared);
            about["picture"] = json!(path.to_string_lossy());
            values.push(about);
            return Ok(None);
        }
        let caption = caption(&asked);
        Ok(Some(output::written(&path, &caption, globals.quiet)))
    })?;
    if globals.json {
        output::json(values, many)?;
    }
    Ok(outcome)
}

/// The heads asked for, or those of the manifest, or the network itself.
fn heads(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Vec<(String, Lens)>> {
    let lens = Lens::open(globals)?;
    let wanted = match arguments.head.is_empty() {
        false => arguments.head.clone(),
        true => {
            let listed = lens.loaded.heads.iter();
            listed.filter_map(|file| file.name.clone()).collect()
        }
    };
    if wanted.is_empty() {
        lens.layer(Some(&lens.network().plan.output().layer.name))?;
        return Ok(vec![(lens.network().model.name.clone(), lens)]);
    }
    let mut heads: Vec<(String, Lens)> = Vec::with_capacity(wanted.len());
    for wanted in wanted {
        let with = lens.with_head(&wanted)?;
        let classes = &with.network().model.classes;
        if let Some((first, lens)) = heads.first()
            && lens.network().model.classes != *classes
        {
            return Err(bad_input(
                format!("--head {wanted}"),
                format!("the classes of {first}"),
                "other classes",
            ));
        }
        let taken = |name: &String| heads.iter().any(|(other, _)| other == name);
        let short = short(&wanted);
        heads.push((if taken(&short) { wanted } else { short }, with));
    }
    Ok(heads)
}

/// What a head is called: its name, or that of its file without what all of them end in.
fn short(wanted: &str) -> String {
    let file = std::path::Path::new(wanted).file_name();
    let file = file.map_or(wanted.into(), |file| file.to_string_lossy());
    file.strip_suffix(".head.safetensors")
        .unwrap_or(&file)
        .to_owned()
}

fn ask<'a>(
    heads: &'a [(String, Lens)],
    prepared: &Prepared,
    class: Option<usize>,
    threshold: &Threshold,
    quiet: bool,
) -> anyhow::Result<Vec<Asked<'a>>> {
    let watch = Watch::new(quiet, "passes");
    let passes = PASSES * heads.len();
    // The bar is there before the first pass, which may take the longest.
    let _ = watch.tell(0, passes);
    let mut asked: Vec<Asked<'a>> = Vec::with_capacity(heads.len());
    for (name, lens) in heads {
        let network = lens.network();
        let trace = network.forward(prepared.tensor(network)?)?;
        let class = match (class, asked.first()) {
            (Some(class), _) => class,
            (None, Some(first)) => first.found.class,
            (None, None) => most_probable("gain", &trace)?,
        };
        let before = PASSES * asked.len();
        let found = attend(network, &trace, class, threshold, async |step| {
            watch.tell(before + step.done, passes)
        });
        let found = wait(found)?;
        let found =
            found.ok_or_else(|| anyhow::anyhow!("{name}: expected an answer, found none"))?;
        asked.push(Asked { name, lens, found });
    }
    Ok(asked)
}

fn described(asked: &Asked<'_>) -> Value {
    let network = asked.lens.network();
    let mut about = asked.found.about();
    about.extend(fields(&json!({
        "head": asked.name,
        "network": network.model.name,
        "mined": mined(&network.model),
        "layer": network.looked_at().last(),
    })));
    Value::Object(about)
}

fn table(asked: &[Asked<'_>], source: &Source) -> String {
    let tables = asked.iter().map(|asked| {
        let classes = &asked.lens.network().model.classes;
        asked.found.table(classes).of("head", asked.name)
    });
    let photo = source.path.to_string_lossy();
    csv::of(&Table::joined(tables).of("photo", &photo))
}

fn caption(asked: &[Asked<'_>]) -> String {
    let name = asked[0].lens.class_name(asked[0].found.class);
    let heads: Vec<String> = asked
        .iter()
        .map(|asked| {
            let (before, after) = (asked.found.before, asked.after());
            say!(
                words(),
                "gainLine",
                head = asked.name,
                from = format_args!("{:.1} %", 100.0 * before.probability),
                to = format_args!("{:.1} %", 100.0 * after.probability),
                removed = format_args!("{:.1} %", 100.0 * asked.found.removed_share())
            )
        })
        .collect();
    format!("{name}: {}", heads.join("; "))
}

fn dumped(asked: &[Asked<'_>], prepared: &Prepared) -> anyhow::Result<Dump> {
    let mut dump = Dump::of_input(prepared.tensor(asked[0].lens.network())?)?;
    for one in asked {
        let mut tensors = one.found.tensors();
        for tensor in tensors.iter_mut().filter(|_| asked.len() > 1) {
            tensor.name = format!("{}.{}", tensor.name, one.name);
        }
        dump.add(tensors);
    }
    Ok(dump)
}

/// The picture that enters the network as nothing: planes of red, green and blue, from 0 to 255.
fn mean(network: &Network) -> anyhow::Result<Vec<f32>> {
    let plane = network.frame().iter().product::<usize>();
    let even = |value: f32| -> anyhow::Result<Vec<f32>> {
        let input = network.input_of(vec![value; 3 * plane])?;
        let values = wait(readback::floats(input))?;
        Ok(network.model.input.in_colours(values))
    };
    let (black, white) = (even(0.0)?, even(255.0)?);
    let ends = black.into_iter().zip(white);
    Ok(ends
        .map(|(black, white)| -255.0 * black / (white - black))
        .collect())
}
