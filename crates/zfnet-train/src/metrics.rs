//! The history of a training: one line of CSV per report, which a spreadsheet opens and the HTML report draws.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord};
use serde::{Deserialize, Serialize};

use crate::{Error, Result, text};

/// Where the training stood after a step.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Row {
    /// Steps of the optimiser so far.
    pub step: u64,
    /// Passes over the training set so far, with the part of the present one.
    pub epoch: f64,
    /// Pictures shown so far.
    pub pictures: u64,
    /// Seconds of training so far, over all sittings.
    pub seconds: f64,
    /// Side of the square that enters the network, in pixels.
    pub size: usize,
    /// The learning rate of this step.
    pub learning_rate: f64,
    /// Running training loss, in nats.
    pub loss: f64,
    /// Running training accuracy, 0 to 1.
    pub accuracy: f64,
    /// What the validation set said, where it was asked.
    pub validation: Option<Validation>,
    /// Training pictures per second since the row before.
    pub pictures_per_second: f64,
}

/// What the validation set says about the weights of a step.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq)]
pub struct Validation {
    /// Mean cross entropy, in nats.
    pub loss: f64,
    /// Share of pictures whose class is the first answer, 0 to 1.
    pub top_1: f64,
    /// Share of pictures whose class is among the first five answers, 0 to 1.
    pub top_5: f64,
}

const COLUMNS: [&str; 12] = [
    "step",
    "epoch",
    "pictures",
    "seconds",
    "size",
    "learning_rate",
    "loss",
    "accuracy",
    "validation_loss",
    "validation_top_1",
    "validation_top_5",
    "pictures_per_second",
];

/// The file that the history grows in.
#[derive(Debug)]
pub struct Metrics {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines, so that half a line that a full disk leaves behind can be taken back.
    length: u64,
}

impl Metrics {
    /// Opens the history at `path`.
    ///
    /// Without a step to resume at, the history starts anew. With one, rows after that step are cut off, and so is a
    /// last line that a kill has left unfinished: an unbroken run and a resumed one give one and the same history.
    ///
    /// # Errors
    /// [`Error::File`] where the file cannot be read or written, [`Error::Input`] where it is no history.
    pub fn open(path: impl AsRef<Path>, resume_at_step: Option<u64>) -> Result<Self> {
        let path = path.as_ref();
        let kept = match resume_at_step.map(|step| (step, Self::read(path))) {
            None => Vec::new(),
            Some((_, Err(Error::File { reason, .. }))) if reason.kind() == ErrorKind::NotFound => {
                Vec::new()
            }
            Some((step, rows)) => {
                let mut rows = rows?;
                rows.retain(|row| row.step <= step);
                rows
            }
        };
        let mut text = COLUMNS.join(",") + "\n";
        for row in &kept {
            text += &row.to_line();
        }
        // Beside it first: a kill or a full disk at this moment must not cost the history that is there.
        let beside = path.with_added_extension("new");
        fs::write(&beside, &text).map_err(Error::file(&beside))?;
        fs::rename(&beside, path).map_err(Error::file(path))?;
        let file = OpenOptions::new()
            .append(true)
            .open(path)
            .map_err(Error::file(path))?;
        Ok(Self {
            path: path.to_path_buf(),
            file,
            length: text.len() as u64,
        })
    }

    /// Adds a row; when this returns, the row is with the system and survives the end of this process.
    ///
    /// # Errors
    /// [`Error::File`], for instance on a full disk; the rows before stay whole.
    pub fn append(&mut self, row: &Row) -> Result<()> {
        let line = row.to_line();
        let written = self
            .file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.flush());
        if written.is_err() {
            // Best effort: `read` passes over half a last line in any case.
            let _ = self.file.set_len(self.length);
        }
        written.map_err(Error::file(&self.path))?;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Reads a history, also one that is being written: an unfinished last line is passed over.
    ///
    /// # Errors
    /// [`Error::File`] where the file cannot be read, [`Error::Input`] naming the line that is no row.
    pub fn read(path: impl AsRef<Path>) -> Result<Vec<Row>> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(Error::file(path))?;
        let text = zfnet::text::decode(&bytes)
            .map_err(|found| Error::input(path.display().to_string(), "a history as CSV", found))?;
        let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
        let refused = |line: usize, (expected, found): (String, String)| {
            Error::input(format!("{} line {line}", path.display()), expected, found)
        };
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .from_reader(whole.as_bytes());
        let unread = |error: csv::Error| refused(1, ("a history as CSV".into(), error.to_string()));
        let header = reader.headers().map_err(unread)?;
        if header != COLUMNS[..] {
            let expected = format!("the columns {}", COLUMNS.join(","));
            return Err(refused(1, (expected, format!("{:?}", joined(header)))));
        }
        reader
            .records()
            .map(|record| {
                let record = record.map_err(unread)?;
                Row::from_record(&record)
                    .map_err(|complaint| refused(text::line(whole, &record), complaint))
            })
            .collect()
    }
}

impl Row {
    /// Numbers are written with as many digits as it takes to read the same number back.
    fn to_line(&self) -> String {
        let [loss, top_1, top_5] = match self.validation {
            Some(said) => [said.loss, said.top_1, said.top_5].map(|value| value.to_string()),
            None => Default::default(),
        };
        format!(
            "{},{},{},{},{},{},{},{},{loss},{top_1},{top_5},{}\n",
            self.step,
            self.epoch,
            self.pictures,
            self.seconds,
            self.size,
            self.learning_rate,
            self.loss,
            self.accuracy,
            self.pictures_per_second,
        )
    }

    /// A row, or what was expected and what was found.
    fn from_record(cells: &StringRecord) -> std::result::Result<Self, (String, String)> {
        if cells.len() != COLUMNS.len() {
            let found = format!("{} in {:?}", cells.len(), joined(cells));
            return Err((format!("{} cells", COLUMNS.len()), found));
        }
        let validation = match (8..11).all(|column| cells[column].is_empty()) {
            true => None,
            false => Some(Validation {
                loss: number(cells, 8)?,
                top_1: number(cells, 9)?,
                top_5: number(cells, 10)?,
            }),
        };
        Ok(Self {
            step: number(cells, 0)?,
            epoch: number(cells, 1)?,
            pictures: number(cells, 2)?,
            seconds: number(cells, 3)?,
            size: number(cells, 4)?,
            learning_rate: number(cells, 5)?,
            loss: number(cells, 6)?,
            accuracy: number(cells, 7)?,
            validation,
            pictures_per_second: number(cells, 11)?,
        })
    }
}

fn number<T: FromStr>(
    cells: &StringRecord,
    column: usize,
) -> std::result::Result<T, (String, String)> {
    let unfit = |_| {
        (
            format!("a number for {}", COLUMNS[column]),
            format!("{:?}", &cells[column]),
        )
    };
    cells[column].parse().map_err(unfit)
}

fn joined(cells: &StringRecord) -> String {
    cells.iter().collect::<Vec<_>>().join(",")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    fn row(step: u64) -> Row {
        Row {
            step,
            epoch: step as f64 / 3.0,
            pictures: step * 128,
            seconds: 0.1 * step as f64,
            size: 128,
            learning_rate: 1e-2 / (1.0 + step as f64),
            loss: 2.0f64.sqrt() / step as f64,
            accuracy: 1.0 - 1.0 / step as f64,
            validation: step.is_multiple_of(2).then(|| Validation {
                loss: 1.0 / 7.0,
                top_1: 0.625,
                top_5: 0.9,
            }),
            pictures_per_second: 31.25,
        }
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("zf-metrics-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn what_is_written_is_read_back_to_the_last_digit() {
        let folder = folder("round-trip");
        let path = folder.join("metrics.csv");
        let mut metrics = Metrics::open(&path, None).unwrap();
        let rows: Vec<Row> = (1..20).map(row).collect();
        for row in &rows {
            metrics.append(row).unwrap();
        }
        assert_eq!(Metrics::read(&path).unwrap(), rows);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_resumed_run_leaves_the_history_of_an_unbroken_one() {
        let folder = folder("resume");
        let [unbroken, resumed] = ["unbroken.csv", "resumed.csv"].map(|name| folder.join(name));
        let mut metrics = Metrics::open(&unbroken, None).unwrap();
        (1..=9).for_each(|step| metrics.append(&row(step)).unwrap());

        let mut metrics = Metrics::open(&resumed, None).unwrap();
        (1..=7).for_each(|step| metrics.append(&row(step)).unwrap());
        // What a kill in the middle of a write leaves.
        metrics.file.write_all(b"8,2.66,10").unwrap();
        drop(metrics);
        assert_eq!(Metrics::read(&resumed).unwrap().len(), 7);
        let mut metrics = Metrics::open(&resumed, Some(5)).unwrap();
        (6..=9).for_each(|step| metrics.append(&row(step)).unwrap());

        assert_eq!(fs::read(&unbroken).unwrap(), fs::read(&resumed).unwrap());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn resuming_without_a_history_starts_one() {
        let folder = folder("absent");
        let path = folder.join("metrics.csv");
        Metrics::open(&path, Some(7))
            .unwrap()
            .append(&row(8))
            .unwrap();
        assert_eq!(Metrics::read(&path).unwrap(), [row(8)]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_broken_line_is_named() {
        let folder = folder("broken");
        let path = folder.join("metrics.csv");
        Metrics::open(&path, None).unwrap().append(&row(1)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("31.25", "fast")).unwrap();
        let complaint = Metrics::open(&path, Some(1)).unwrap_err().to_string();
        assert!(
            complaint.contains("line 2") && complaint.contains("pictures_per_second"),
            "{complaint}"
        );
        assert!(
            complaint.contains("\"fast\""),
            "what was found is missing: {complaint}"
        );
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_full_disk_is_named_with_its_file() {
        // Linux has a file that is always full.
        if !Path::new("/dev/full").exists() {
            return;
        }
        let mut metrics = Metrics {
            path: "/dev/full".into(),
            file: OpenOptions::new().append(true).open("/dev/full").unwrap(),
            length: 0,
        };
        let complaint = metrics.append(&row(1)).unwrap_err().to_string();
        assert!(complaint.starts_with("/dev/full: "), "{complaint}");
    }
}
