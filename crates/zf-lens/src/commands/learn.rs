//! `zf-lens learn`: the deconvnet's operations and their ways back on a few numbers.

use std::path::PathBuf;

use burn::tensor::Device;
use serde_json::{Value, json};
use zfnet::experiments::arithmetic::{
    Convolution, Grid, Pooling, Rectifier, convolve, pool, rectify,
};
use zfnet_words::say;

use crate::device::{self, wait};
use crate::dump::Dump;
use crate::failure::Outcome;
use crate::globals::Globals;
use crate::language::words;
use crate::options::{count, grid};
use crate::output;

/// The numbers to work on.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The picture: rows of numbers
    #[arg(long, value_name = "ROW;ROW;…", default_value = "0,0,1,2;0,1,3,1;0,2,2,0;1,2,0,0", value_parser = grid, allow_hyphen_values = true)]
    picture: Grid,
    /// The kernel that filters it
    #[arg(long, value_name = "ROW;ROW;…", default_value = "-1,0,1;-2,0,2;-1,0,1", value_parser = grid, allow_hyphen_values = true)]
    kernel: Grid,
    /// Rows and columns of a pooling window
    #[arg(long, value_name = "N", default_value = "2", value_parser = count)]
    window: usize,
    /// Rows and columns from one window to the next
    #[arg(long, value_name = "N", default_value = "2", value_parser = count)]
    every: usize,
    /// The signal that comes back to the ReLU, a number for each of the convolution's outputs [default: -1, 2, 3, …]
    #[arg(long, value_name = "ROW;ROW;…", value_parser = grid, allow_hyphen_values = true)]
    signal: Option<Grid>,
    /// Write the raw numbers as safetensors, see below
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

/// What the operations make of the numbers.
struct Lesson {
    signal: Grid,
    convolution: Convolution,
    pooling: Pooling,
    rectifier: Rectifier,
}

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    let (device, name) = device::open(globals.device)?;
    let lesson = Lesson::work_out(arguments, &device)?;
    let settings = json!({ "window": arguments.window, "every": arguments.every, "device": name });
    if let Some(path) = &arguments.dump {
        lesson.dumped(arguments).store(path, &settings)?;
    }
    match globals.json {
        true => output::json(vec![lesson.described(arguments, settings)], false)?,
        false => output::line(&lesson.spoken(arguments))?,
    }
    Ok(Outcome::Done)
}

impl Lesson {
    fn work_out(arguments: &Arguments, device: &Device) -> anyhow::Result<Self> {
        let (picture, kernel) = (&arguments.picture, &arguments.kernel);
        let convolution = wait(convolve(picture, kernel, device))?;
        let answer = &convolution.answer;
        let signal = arguments.signal.clone().unwrap_or_else(|| Grid {
            values: (1..=answer.values.len())
                .map(|at| if at == 1 { -1.0 } else { at as f32 })
                .collect(),
            ..answer.clone()
        });
        Ok(Self {
            rectifier: wait(rectify(answer, &signal, device))?,
            pooling: wait(pool(
                picture,
                arguments.window,
                arguments.every,
                None,
                device,
            ))?,
            convolution,
            signal,
        })
    }

    fn described(&self, arguments: &Arguments, mut settings: Value) -> Value {
        settings["picture"] = json!(arguments.picture);
        settings["kernel"] = json!(arguments.kernel);
        settings["signal"] = json!(self.signal);
        settings["convolution"] = json!(self.convolution);
        settings["pooling"] = json!(self.pooling);
        settings["rectifier"] = json!(self.rectifier);
        settings
    }

    fn dumped(&self, arguments: &Arguments) -> Dump {
        let mut dump = Dump::default();
        let picture = &arguments.picture;
        dump.floats(
            "input",
            &[1, 1, picture.rows, picture.cols],
            &picture.values,
        );
        for (name, grid) in [
            ("kernel", &arguments.kernel),
            ("matrix", &self.convolution.matrix),
            ("transposed", &self.convolution.transposed),
            ("answer", &self.convolution.answer),
            ("back", &self.convolution.back),
            ("pooled", &self.pooling.pooled),
            ("unpooled", &self.pooling.unpooled),
            ("signal", &self.signal),
            ("rectified", &self.rectifier.answer),
            ("gradient", &self.rectifier.gradient),
            ("deconvnet", &self.rectifier.deconvnet),
            ("guided", &self.rectifier.guided),
        ] {
            dump.floats(name, &grid.size(), &grid.values);
        }
        dump.integers(
            "switches",
            &self.pooling.pooled.size(),
            &self.pooling.switches,
        );
        dump
    }

    fn spoken(&self, arguments: &Arguments) -> String {
        let (convolution, pooling, rectifier) = (&self.convolution, &self.pooling, &self.rectifier);
        let switches = Grid {
            values: pooling.switches.iter().map(|at| *at as f32).collect(),
            ..pooling.pooled.clone()
        };
        let pooled = say!(
            words(),
            "lessonPooled",
            window = arguments.window,
            stride = arguments.every
        );
        let parts = [
            (say!(words(), "lessonInput"), &arguments.picture),
            (say!(words(), "lessonKernel"), &arguments.kernel),
            (say!(words(), "lessonMatrix"), &convolution.matrix),
            (say!(words(), "lessonOutput"), &convolution.answer),
            (say!(words(), "lessonBack"), &convolution.back),
            (&pooled, &pooling.pooled),
            (say!(words(), "lessonSwitches"), &switches),
            (say!(words(), "lessonUnpooled"), &pooling.unpooled),
            (say!(words(), "lessonRectified"), &rectifier.answer),
            (say!(words(), "lessonSignal"), &self.signal),
            (say!(words(), "lessonGradient"), &rectifier.gradient),
            (say!(words(), "lessonDeconvnet"), &rectifier.deconvnet),
            (say!(words(), "lessonGuided"), &rectifier.guided),
        ];
        let parts = parts.map(|(title, grid)| format!("{title}\n{}", written(grid)));
        parts.join("\n\n")
    }
}

/// A grid in columns.
fn written(grid: &Grid) -> String {
    let cells = grid.values.iter().map(|value| {
        let text = format!("{value:.3}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        if text == "-0" { "0" } else { text }.to_owned()
    });
    let cells: Vec<String> = cells.collect();
    let widest = cells.iter().map(String::len).max().unwrap_or(0);
    let row = |row: &[String]| {
        let cells = row.iter().map(|cell| format!("{cell:>widest$}"));
        format!("  {}", cells.collect::<Vec<_>>().join(" "))
    };
    let rows: Vec<String> = cells.chunks(grid.cols.max(1)).map(row).collect();
    rows.join("\n")
}
