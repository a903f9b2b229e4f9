//! What `torch.save` pickles: dictionaries of tensors. Nothing is called that a pickle names; what is neither a dictionary nor
//! a tensor is passed over.
//!
//! Source: Python's `pickletools.py`, `torch/_utils.py`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::refusal::{Result, damaged};
use crate::weight::Kind;

/// Most steps of a pickle, and tensors in it; a network has some thousand.
const MOST_STEPS: usize = 1 << 20;
const MOST_TENSORS: usize = 1 << 16;
/// Most values that are held at once; a checkpoint has some ten thousand.
const MOST_HELD: usize = 1 << 17;
/// How deep dictionaries may lie in each other.
const DEEPEST: usize = 6;
/// Most letters in the names of all tensors: a pickle may say the same ones time and again.
const MOST_LETTERS: usize = 1 << 22;

/// Where the numbers of a tensor lie.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place<'a> {
    /// The entry of the archive, beside its folder.
    pub(super) entry: &'a str,
    pub(super) kind: Kind,
    /// Of the first number.
    pub(super) offset: usize,
    pub(super) dims: Vec<usize>,
}

#[derive(Debug, Clone)]
enum Value<'a> {
    Other,
    Whole(i64),
    Text(&'a str),
    /// A module and a name in it.
    Global(&'a str, &'a str),
    Tuple(Arc<[Self]>),
    /// A dictionary, by its number.
    Dict(usize),
    /// A list, by its number.
    List(usize),
    /// What a class makes that is neither: its module and name.
    Object(&'a str, &'a str),
    Storage(&'a str, Option<Kind>),
    Tensor(Arc<Place<'a>>),
}

/// What a pickle holds.
pub(super) struct Pickled<'a> {
    /// Tensors by their keys, those of dictionaries within each other joined by dots.
    pub(super) tensors: Vec<(String, Arc<Place<'a>>)>,
    /// Texts of the list that it is, if it is one.
    pub(super) texts: Vec<&'a str>,
    /// Bytes of a number in each storage that it names.
    pub(super) storages: HashMap<&'a str, usize>,
    /// The class of an object that it is or holds, neither a dictionary nor a tensor: its module and name.
    pub(super) object: Option<(&'a str, &'a str)>,
    /// The bytes after it.
    pub(super) rest: &'a [u8],
}

/// Reads a pickle.
pub(super) fn read(bytes: &[u8]) -> Result<Pickled<'_>> {
    let mut machine = Machine {
        rest: bytes,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        dicts: Vec::new(),
        lists: Vec::new(),
        storages: HashMap::new(),
    };
    let top = machine.run();
    let top = top.ok_or_else(|| {
        damaged(
            "a pickle of tensors",
            "one that is damaged or of something else",
        )
    })?;
    let mut gathered = Gathered {
        tensors: Vec::new(),
        steps: MOST_STEPS,
        letters: MOST_LETTERS,
    };
    let tensors = gathered.add(&machine.dicts, &top, "", DEEPEST);
    let tensors = tensors
        .map(|()| gathered.tensors)
        .ok_or_else(|| damaged("a pickle of tensors", "one that says the same without end"))?;
    let object = |value: &Value<'_>| matches!(value, Value::Object(..));
    let mut held = machine.dicts.iter().flatten().map(|(_, value)| value);
    let object = match (&top, held.find(|value| object(value))) {
        (Value::Object(module, class), _) | (_, Some(Value::Object(module, class))) => {
            Some((*module, *class))
        }
        _ => None,
    };
    let texts = match top {
        Value::List(at) => machine.lists[at].clone(),
        _ => Vec::new(),
    };
    Ok(Pickled {
        tensors,
        texts,
        storages: machine.storages,
        object,
        rest: machine.rest,
    })
}

struct Machine<'a> {
    rest: &'a [u8],
    stack: Vec<Value<'a>>,
    marks: Vec<usize>,
    memo: HashMap<usize, Value<'a>>,
    dicts: Vec<Vec<(&'a str, Value<'a>)>>,
    /// The texts in each list.
    lists: Vec<Vec<&'a str>>,
    storages: HashMap<&'a str, usize>,
}

impl<'a> Machine<'a> {
    fn run(&mut self) -> Option<Value<'a>> {
        for _ in 0..MOST_STEPS {
            if self.stack.len().max(self.memo.len()).max(self.dicts.len()) > MOST_HELD
                || self.lists.len().max(self.marks.len()) > MOST_HELD
            {
                return None;
            }
            let code = self.take(1)?[0];
            match code {
                b'.' => return self.stack.pop(),
                b'(' => self.marks.push(self.stack.len()),
                0x80 => _ = self.take(1)?,
                0x95 => _ = self.take(8)?,
                b'q' | b'r' | 0x94 => self.remember(code)?,
                b'h' | b'j' => self.recall(code)?,
                b'c' => {
                    let global = Value::Global(self.line()?, self.line()?);
                    self.stack.push(global);
                }
                0x93 => {
                    let (Value::Text(name), Value::Text(module)) =
                        (self.stack.pop()?, self.stack.pop()?)
                    else {
                        return None;
                    };
                    self.stack.push(Value::Global(module, name));
                }
                b't' | b')' | 0x85..=0x87 => self.tuple(code)?,
                b'}' => self.dict(),
                b']' => self.list(),
                b's' | b'u' | b'a' | b'e' | 0x90 => self.put(code)?,
                b'0' => _ = self.stack.pop()?,
                b'1' => _ = self.items()?,
                b'2' => {
                    let top = self.stack.last()?.clone();
                    self.stack.push(top);
                }
                b'Q' => self.stored()?,
                b'R' | 0x81 => self.made()?,
                b'b' => _ = self.stack.pop()?,
                _ => self.literal(code)?,
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn line(&mut self) -> Option<&'a str> {
        let end = self.rest.iter().position(|byte| *byte == b'\n')?;
        let line = self.take(end + 1)?;
        str::from_utf8(&line[..end]).ok()
    }

    /// A little-endian number of so many bytes.
    fn number(&mut self, bytes: usize) -> Option<usize> {
        let taken = self.take(bytes)?;
        let number = taken
            .iter()
            .rev()
            .fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        usize::try_from(number).ok()
    }

    fn remember(&mut self, code: u8) -> Option<()> {
        let place = match code {
            b'q' => self.number(1)?,
            b'r' => self.number(4)?,
            _ => self.memo.len(),
        };
        self.memo.insert(place, self.stack.last()?.clone());
        Some(())
    }

    fn recall(&mut self, code: u8) -> Option<()> {
        let place = self.number(if code == b'h' { 1 } else { 4 })?;
        self.stack.push(self.memo.get(&place)?.clone());
        Some(())
    }

    /// What was pushed since the last mark.
    fn items(&mut self) -> Option<Vec<Value<'a>>> {
        let mark = self.marks.pop()?;
        (mark <= self.stack.len()).then(|| self.stack.split_off(mark))
    }

    fn tuple(&mut self, code: u8) -> Option<()> {
        let items = match code {
            b't' => self.items()?,
            b')' => Vec::new(),
            _ => {
                let start = self.stack.len().checked_sub(usize::from(code - 0x84))?;
                self.stack.split_off(start)
            }
        };
        // What matters is at most a tuple in a tuple: of deeper ones nobody asks, and nobody has to take them apart again.
        let items = items.into_iter().map(|item| match item {
            Value::Tuple(parts) if parts.iter().any(|part| matches!(part, Value::Tuple(_))) => {
                Value::Other
            }
            item => item,
        });
        self.stack.push(Value::Tuple(items.collect()));
        Some(())
    }

    fn dict(&mut self) {
        self.stack.push(Value::Dict(self.dicts.len()));
        self.dicts.push(Vec::new());
    }

    fn list(&mut self) {
        self.stack.push(Value::List(self.lists.len()));
        self.lists.push(Vec::new());
    }

    /// Puts items into a dictionary, texts into a list; those of sets are passed over.
    fn put(&mut self, code: u8) -> Option<()> {
        let items = match code {
            b'u' | b'e' | 0x90 => self.items()?,
            _ => {
                let start = self
                    .stack
                    .len()
                    .checked_sub(if code == b's' { 2 } else { 1 })?;
                self.stack.split_off(start)
            }
        };
        match *self.stack.last()? {
            Value::Dict(at) if matches!(code, b's' | b'u') => {
                for pair in items.as_chunks::<2>().0 {
                    if let [Value::Text(key), value] = pair {
                        self.dicts[at].push((key, value.clone()));
                    }
                }
            }
            Value::List(at) if matches!(code, b'a' | b'e') => {
                let texts = items.iter().filter_map(|item| match item {
                    Value::Text(text) => Some(*text),
                    _ => None,
                });
                self.lists[at].extend(texts);
            }
            _ => {}
        }
        Some(())
    }

    /// A storage that a pickle names: `("storage", torch.FloatStorage, key, device, count)`.
    fn stored(&mut self) -> Option<()> {
        let stored = match self.stack.pop()? {
            Value::Tuple(parts) => match &*parts {
                [_, Value::Global(_, class), Value::Text(key), ..] => {
                    if let Some(size) = element(class) {
                        self.storages.insert(key, size);
                    }
                    Value::Storage(key, kind(class))
                }
                _ => Value::Other,
            },
            _ => Value::Other,
        };
        self.stack.push(stored);
        Some(())
    }

    /// What a call gives, of the few that matter.
    fn made(&mut self) -> Option<()> {
        let (arguments, callable) = (self.stack.pop()?, self.stack.pop()?);
        let arguments = match &arguments {
            Value::Tuple(parts) => &**parts,
            _ => &[],
        };
        let made = match callable {
            Value::Global("collections", "OrderedDict") => {
                self.dict();
                return Some(());
            }
            Value::Global("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor") => {
                tensor(arguments).unwrap_or(Value::Other)
            }
            Value::Global("torch._utils", "_rebuild_parameter") => {
                arguments.first().cloned().unwrap_or(Value::Other)
            }
            Value::Global(module, class) if !module.starts_with("torch._utils") => {
                Value::Object(module, class)
            }
            _ => Value::Other,
        };
        self.stack.push(made);
        Some(())
    }

    fn literal(&mut self, code: u8) -> Option<()> {
        let value = match code {
            b'X' | 0x8c | 0x8d | b'U' | b'T' => {
                let length = self.number(match code {
                    0x8c | b'U' => 1,
                    0x8d => 8,
                    _ => 4,
                })?;
                let text = self.take(length)?;
                str::from_utf8(text).map_or(Value::Other, Value::Text)
            }
            b'C' | b'B' | 0x8a => {
                let length = self.number(if code == b'B' { 4 } else { 1 })?;
                let bytes = self.take(length)?;
                match (code, bytes.len()) {
                    (0x8a, ..=7) => {
                        let number = bytes
                            .iter()
                            .rev()
                            .fold(0, |n, byte| n << 8 | i64::from(*byte));
                        Value::Whole(number)
                    }
                    _ => Value::Other,
                }
            }
            b'J' => Value::Whole(self.number(4)? as i64),
            b'K' => Value::Whole(self.number(1)? as i64),
            b'M' => Value::Whole(self.number(2)? as i64),
            b'G' => {
                self.take(8)?;
                Value::Other
            }
            b'N' | 0x88 | 0x89 | 0x8f => Value::Other,
            _ => return None,
        };
        self.stack.push(value);
        Some(())
    }
}

/// Tensors that are held by dictionaries, and how many more steps and letters there may be.
struct Gathered<'a> {
    tensors: Vec<(String, Arc<Place<'a>>)>,
    steps: usize,
    letters: usize,
}

impl<'a> Gathered<'a> {
    /// Adds what a value holds; `None` where there is no end of it.
    fn add(
        &mut self,
        dicts: &[Vec<(&'a str, Value<'a>)>],
        value: &Value<'a>,
        name: &str,
        depth: usize,
    ) -> Option<()> {
        match value {
            Value::Tensor(place) if self.tensors.len() < MOST_TENSORS => {
                self.letters = self.letters.checked_sub(name.len())?;
                self.tensors.push((name.to_owned(), place.clone()));
            }
            Value::Dict(at) if depth > 0 => {
                for (key, value) in &dicts[*at] {
                    self.steps = self.steps.checked_sub(1)?;
                    if !matches!(value, Value::Tensor(_) | Value::Dict(_)) {
                        continue;
                    }
                    if key.len() > self.letters {
                        return None;
                    }
                    let name = match name {
                        "" => (*key).to_owned(),
                        name => format!("{name}.{key}"),
                    };
                    self.add(dicts, value, &name, depth - 1)?;
                }
            }
            _ => {}
        }
        Some(())
    }
}

/// What a class of storages is made of.
fn kind(class: &str) -> Option<Kind> {
    Some(match class {
        "FloatStorage" => Kind::F32,
        "DoubleStorage" => Kind::F64,
        "HalfStorage" => Kind::F16,
        "BFloat16Storage" => Kind::Bf16,
        _ => return None,
    })
}

/// Bytes of one number of a class of storages.
fn element(class: &str) -> Option<usize> {
    Some(match class {
        "DoubleStorage" | "LongStorage" | "ComplexFloatStorage" => 8,
        "FloatStorage" | "IntStorage" => 4,
        "HalfStorage" | "BFloat16Storage" | "ShortStorage" => 2,
        "CharStorage" | "ByteStorage" | "BoolStorage" => 1,
        _ => return None,
    })
}

/// A tensor of a storage, an offset, lengths and steps, where its numbers lie one after the other.
fn tensor<'a>(arguments: &[Value<'a>]) -> Option<Value<'a>> {
    let [
        Value::Storage(entry, kind),
        Value::Whole(offset),
        Value::Tuple(dims),
        Value::Tuple(steps),
        ..,
    ] = arguments
    else {
        return None;
    };
    let whole = |values: &[Value<'_>]| -> Option<Vec<usize>> {
        let number = |value: &Value<'_>| match value {
            Value::Whole(number) => usize::try_from(*number).ok(),
            _ => None,
        };
        values.iter().map(number).collect()
    };
    let (dims, steps) = (whole(dims)?, whole(steps)?);
    let mut step = 1usize;
    for (length, own) in dims.iter().zip(&steps).rev() {
        if *length != 1 && *own != step {
            return None;
        }
        step = step.checked_mul(*length)?;
    }
    let place = Place {
        entry,
        kind: (*kind)?,
        offset: usize::try_from(*offset).ok()?,
        dims,
    };
    (steps.len() == place.dims.len()).then(|| Value::Tensor(Arc::new(place)))
}
