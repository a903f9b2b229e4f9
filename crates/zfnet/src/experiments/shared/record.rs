//! What was found, written down once for everybody: for `--json`, `--csv` and `--dump` of the command line, and for what the
//! page saves.

use serde_json::{Map, Value, json};

use crate::network::model::ClassName;

/// An answer that can be written down.
pub trait Record {
    /// What was asked for, with what was chosen where nothing was named.
    fn about(&self) -> Map<String, Value>;

    /// All numbers by their names, what was asked for among them; `classes` are what the network calls its classes.
    fn numbers(&self, classes: &[ClassName]) -> Map<String, Value>;

    /// The same as a table, with a row for each thing that was counted.
    fn table(&self, classes: &[ClassName]) -> Table;

    /// The raw numbers behind them, for programs.
    fn tensors(&self) -> Vec<Numbers>;
}

/// Rows under a head; a cell is empty where nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What stands in each column.
    pub head: Vec<String>,
    /// As many cells in each as in the head.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new<'a>(head: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            head: head.into_iter().map(str::to_owned).collect(),
            rows: Vec::new(),
        }
    }

    /// Tables of one kind below each other.
    pub fn joined(tables: impl IntoIterator<Item = Self>) -> Self {
        let joined = tables.into_iter().reduce(|all, one| all.with(one.rows));
        joined.unwrap_or_else(|| Self::new([]))
    }

    /// The table with one more column, which is the first and the same in every row.
    #[must_use]
    pub fn of(mut self, column: &str, value: &str) -> Self {
        self.head.insert(0, column.to_owned());
        for row in &mut self.rows {
            row.insert(0, value.to_owned());
        }
        self
    }

    /// The table with these rows.
    #[must_use]
    pub fn with(mut self, rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        self.rows.extend(rows);
        self
    }
}

/// A value's fields by their names.
pub fn fields(value: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// A cell: a number or a word, empty where there is none.
pub fn cell(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// A named tensor, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// What it is called.
    pub name: String,
    /// Its sides, the outermost first.
    pub shape: Vec<usize>,
    /// As many values as the sides make.
    pub values: Values,
}

/// What a tensor is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Measured.
    Floats(Vec<f32>),
    /// Counted, or the index of something.
    Integers(Vec<i32>),
}

impl Numbers {
    /// Tensors of one name, one after the other along their first side; of those with a single value, the first.
    pub fn joined(all: impl IntoIterator<Item = Vec<Self>>) -> Vec<Self> {
        let mut joined: Vec<Self> = Vec::new();
        for one in all.into_iter().flatten() {
            match joined.iter_mut().find(|known| known.name == one.name) {
                None => joined.push(one),
                Some(known) if known.shape != [1] => known.append(one),
                Some(_) => (),
            }
        }
        joined
    }

    /// The same under a name that begins with `prefix`.
    #[must_use]
    pub fn prefixed(self, prefix: &str) -> Self {
        Self {
            name: format!("{prefix}{}", self.name),
            ..self
        }
    }

    fn append(&mut self, other: Self) {
        match (&mut self.values, other.values) {
            (Values::Floats(own), Values::Floats(others)) => own.extend(others),
            (Values::Integers(own), Values::Integers(others)) => own.extend(others),
            _ => return,
        }
        if let (Some(side), Some(more)) = (self.shape.first_mut(), other.shape.first()) {
            *side += more;
        }
    }

    /// A tensor of measured values.
    pub fn floats(name: impl Into<String>, shape: &[usize], values: Vec<f32>) -> Self {
        Self {
            name: name.into(),
            shape: shape.to_vec(),
            values: Values::Floats(values),
        }
    }

    /// A tensor of whole numbers.
    pub fn integers(name: impl Into<String>, shape: &[usize], values: Vec<i32>) -> Self {
        Self {
            name: name.into(),
            shape: shape.to_vec(),
            values: Values::Integers(values),
        }
    }

    /// A tensor of indices; -1 where there is none.
    pub fn indices(
        name: impl Into<String>,
        shape: &[usize],
        values: impl IntoIterator<Item = Option<usize>>,
    ) -> Self {
        let values = values.into_iter().map(|at| at.map_or(-1, |at| at as i32));
        Self::integers(name, shape, values.collect())
    }
}

/// A class by its number and its names.
pub fn class(classes: &[ClassName], index: usize) -> Value {
    match classes.get(index) {
        Some(class) => json!({ "index": index, "en": class.en, "zh": class.zh }),
        None => json!({ "index": index }),
    }
}

/// Reads a class as [`class`] writes it, or its number alone.
pub(crate) mod class_index {
    use serde::{Deserialize, Deserializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Alone(usize),
        Named { index: usize },
    }

    impl From<Written> for usize {
        fn from(written: Written) -> Self {
            match written {
                Written::Alone(index) | Written::Named { index } => index,
            }
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        Written::deserialize(from).map(usize::from)
    }

    pub(crate) fn if_any<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
        Ok(Option::<Written>::deserialize(from)?.map(usize::from))
    }
}

/// Reads numbers of which those that are none were written as nothing.
pub(crate) mod floats {
    use serde::{Deserialize, Deserializer};

    type Written = Vec<Option<f32>>;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f32>, D::Error> {
        Written::deserialize(from).map(known)
    }

    pub(crate) fn if_any<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<f32>>, D::Error> {
        Ok(Option::<Written>::deserialize(from)?.map(known))
    }

    fn known(values: Written) -> Vec<f32> {
        values
            .into_iter()
            .map(|value| value.unwrap_or(f32::NAN))
            .collect()
    }
}

/// A class's English name, if it has one.
pub fn class_name(classes: &[ClassName], index: usize) -> Option<&str> {
    classes.get(index).map(|class| class.en.as_str())
}

/// Values that lie row by row, a list for each row.
pub fn rows<T: serde::Serialize>(values: &[T], cols: usize) -> Value {
    values.chunks(cols.max(1)).map(|row| json!(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_one_kind_is_joined() {
        let one = |value| {
            vec![
                Numbers::floats("curve", &[2], vec![value; 2]),
                Numbers::floats("norm", &[1], vec![value]),
            ]
        };
        let joined = Numbers::joined([one(1.0), one(2.0)]);
        assert_eq!(
            joined[0],
            Numbers::floats("curve", &[4], vec![1.0, 1.0, 2.0, 2.0])
        );
        assert_eq!(joined[1], Numbers::floats("norm", &[1], vec![1.0]));
        let row = |cell: &str| Table::new(["a"]).with([vec![cell.to_owned()]]);
        let table = Table::joined([row("1"), row("2")]).of("photo", "cat");
        assert_eq!(
            (table.head, table.rows[1].clone()),
            (
                vec!["photo".into(), "a".into()],
                vec!["cat".into(), "2".into()]
            )
        );
    }
}
