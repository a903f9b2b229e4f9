//! Numbers that stay in a file's bytes until they are asked for, with what is to be done to them on the way.

use std::ops::Range;
use std::sync::Arc;

/// How deep one tensor may be made of another.
const DEEPEST: usize = 16;

/// What a stored number is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    F64,
    F32,
    F16,
    Bf16,
    I64,
    I32,
    I16,
    U16,
    I8,
    U8,
    Bool,
}

impl Kind {
    /// The kind behind a `TensorProto.DataType`.
    pub(crate) fn of_onnx(data_type: i64) -> Option<Self> {
        Some(match data_type {
            1 => Self::F32,
            2 => Self::U8,
            3 => Self::I8,
            4 => Self::U16,
            5 => Self::I16,
            6 => Self::I32,
            7 => Self::I64,
            9 => Self::Bool,
            10 => Self::F16,
            11 => Self::F64,
            16 => Self::Bf16,
            _ => return None,
        })
    }

    /// Bytes of one number.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 => 8,
            Self::F32 | Self::I32 => 4,
            Self::F16 | Self::Bf16 | Self::I16 | Self::U16 => 2,
            Self::I8 | Self::U8 | Self::Bool => 1,
        }
    }

    /// The number that little-endian bytes stand for.
    fn number(self, bytes: &[u8]) -> f64 {
        fn of<const N: usize>(bytes: &[u8]) -> [u8; N] {
            bytes.try_into().unwrap_or([0; N])
        }
        match self {
            Self::F64 => f64::from_le_bytes(of(bytes)),
            Self::F32 => f32::from_le_bytes(of(bytes)).into(),
            Self::F16 => half::f16::from_le_bytes(of(bytes)).into(),
            Self::Bf16 => half::bf16::from_le_bytes(of(bytes)).into(),
            Self::I64 => i64::from_le_bytes(of(bytes)) as f64,
            Self::I32 => i32::from_le_bytes(of(bytes)).into(),
            Self::I16 => i16::from_le_bytes(of(bytes)).into(),
            Self::U16 => u16::from_le_bytes(of(bytes)).into(),
            Self::I8 => i8::from_le_bytes(of(bytes)).into(),
            Self::U8 | Self::Bool => bytes[0].into(),
        }
    }
}

/// Numbers as they lie in a file.
#[derive(Debug, Clone)]
pub(crate) struct Stored<'a> {
    kind: Kind,
    layout: Layout<'a>,
}

#[derive(Debug, Clone)]
enum Layout<'a> {
    /// One after the other, little-endian.
    Raw(&'a [u8]),
    /// Pieces of a repeated field of a protocol buffer, by its number in `TensorProto`: 4 floats, 5 whole numbers of up to
    /// 32 bits, 7 of 64, 10 doubles.
    Fields(Vec<(u64, &'a [u8])>),
}

impl<'a> Stored<'a> {
    /// Numbers of a `TensorProto`; `None` where its fields and its type do not go together.
    pub(crate) fn new(
        kind: Kind,
        raw: Option<&'a [u8]>,
        fields: Vec<(u64, &'a [u8])>,
    ) -> Option<Self> {
        let layout = match raw {
            Some(raw) if fields.is_empty() => {
                if !raw.len().is_multiple_of(kind.size()) {
                    return None;
                }
                Layout::Raw(raw)
            }
            Some(_) => return None,
            None => {
                let field = match kind {
                    Kind::F32 => 4,
                    Kind::F64 => 10,
                    Kind::I64 => 7,
                    _ => 5,
                };
                if fields.iter().any(|(number, _)| *number != field) {
                    return None;
                }
                Layout::Fields(fields)
            }
        };
        Some(Self { kind, layout })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        match &self.layout {
            Layout::Raw(bytes) => bytes.len() / self.kind.size(),
            Layout::Fields(fields) => fields
                .iter()
                .map(|(field, bytes)| match field {
                    4 => bytes.len() / 4,
                    10 => bytes.len() / 8,
                    // A varint ends with the byte whose first bit is 0.
                    _ => bytes.iter().filter(|byte| **byte < 0x80).count(),
                })
                .sum(),
        }
    }

    fn each(&self, mut take: impl FnMut(f64)) {
        match &self.layout {
            Layout::Raw(bytes) => bytes
                .chunks_exact(self.kind.size())
                .for_each(|bytes| take(self.kind.number(bytes))),
            Layout::Fields(fields) => {
                for (field, bytes) in fields {
                    match field {
                        4 => (bytes.as_chunks().0.iter())
                            .for_each(|four| take(f32::from_le_bytes(*four).into())),
                        10 => (bytes.as_chunks().0.iter())
                            .for_each(|eight| take(f64::from_le_bytes(*eight))),
                        _ => varints(bytes).for_each(|value| take(self.of_varint(value))),
                    }
                }
            }
        }
    }

    /// Half precision is written as its bits.
    fn of_varint(&self, value: i64) -> f64 {
        match self.kind {
            Kind::F16 => half::f16::from_bits(value as u16).into(),
            Kind::Bf16 => half::bf16::from_bits(value as u16).into(),
            _ => value as f64,
        }
    }

    /// The whole numbers.
    pub(crate) fn integers(&self) -> Vec<i64> {
        match &self.layout {
            Layout::Raw(bytes) if self.kind == Kind::I64 => {
                let eights = bytes.as_chunks().0.iter();
                eights.map(|eight| i64::from_le_bytes(*eight)).collect()
            }
            Layout::Fields(fields) => fields
                .iter()
                .flat_map(|(_, bytes)| varints(bytes))
                .collect(),
            Layout::Raw(_) => {
                let mut values = Vec::new();
                self.each(|value| values.push(value as i64));
                values
            }
        }
    }

    fn numbers(&self) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.count());
        self.each(|value| values.push(value as f32));
        values
    }

    /// Those of a range, where they lie one after the other.
    fn part(&self, range: &Range<usize>) -> Option<Self> {
        let Layout::Raw(bytes) = self.layout else {
            return None;
        };
        let size = self.kind.size();
        let layout = Layout::Raw(bytes.get(range.start * size..range.end * size)?);
        Some(Self {
            kind: self.kind,
            layout,
        })
    }
}

/// Whole numbers of variable length, to the first that is cut off.
fn varints(mut bytes: &[u8]) -> impl Iterator<Item = i64> + use<'_> {
    std::iter::from_fn(move || {
        let length = bytes.iter().position(|byte| *byte < 0x80)? + 1;
        let (one, rest) = bytes.split_at(length);
        bytes = rest;
        let parts = one.iter().enumerate().take(10);
        let value = parts.fold(0u64, |value, (at, byte)| {
            value | (u64::from(byte & 0x7f) << (7 * at))
        });
        Some(value.cast_signed())
    })
}

/// A tensor of numbers, row-major.
#[derive(Debug, Clone)]
pub(crate) struct Weight<'a> {
    dims: Vec<usize>,
    source: Arc<Source<'a>>,
}

#[derive(Debug)]
enum Source<'a> {
    Stored(Stored<'a>),
    /// All the same.
    Fill(f32),
    /// Of maps in a row, as filters of one place: map by map from this one on.
    Chosen(usize),
    Numbers(Vec<f32>),
    /// The axes of another in this order.
    Transposed(Weight<'a>, Vec<usize>),
    /// `scale · (x − zero)`, by places of an axis or one for all.
    Dequantised {
        of: Weight<'a>,
        scale: Vec<f32>,
        zero: Vec<f32>,
        axis: usize,
    },
}

impl<'a> Weight<'a> {
    /// Numbers of a file, as many as the lengths of the axes multiply to.
    pub(crate) fn stored(dims: Vec<usize>, stored: Stored<'a>) -> Self {
        Self::new(dims, Source::Stored(stored))
    }

    /// The same number everywhere.
    pub(crate) fn fill(dims: Vec<usize>, value: f32) -> Self {
        Self::new(dims, Source::Fill(value))
    }

    /// Filters of one place that take `count` of `maps` maps, from one on.
    pub(crate) fn chosen(first: usize, count: usize, maps: usize) -> Self {
        Self::new(vec![count, maps, 1, 1], Source::Chosen(first))
    }

    /// The first of the maps that filters take as they are, if that is what they do.
    pub(crate) fn takes_from(&self) -> Option<usize> {
        match *self.source {
            Source::Chosen(first) => Some(first),
            _ => None,
        }
    }

    /// What the numbers are stored as, if they are.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match &*self.source {
            Source::Stored(stored) => Some(stored.kind),
            _ => None,
        }
    }

    /// Few numbers that were computed.
    pub(crate) fn numbers(dims: Vec<usize>, numbers: Vec<f32>) -> Self {
        Self::new(dims, Source::Numbers(numbers))
    }

    fn new(dims: Vec<usize>, source: Source<'a>) -> Self {
        Self {
            dims,
            source: Arc::new(source),
        }
    }

    /// Lengths of the axes.
    pub(crate) fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// How many numbers there are.
    pub(crate) fn count(&self) -> usize {
        self.dims.iter().product()
    }

    /// The same numbers with other axes, which multiply to as many.
    pub(crate) fn reshaped(&self, dims: Vec<usize>) -> Self {
        Self {
            dims,
            source: self.source.clone(),
        }
    }

    /// The axes in another order.
    pub(crate) fn transposed(&self, order: &[usize]) -> Self {
        if order.iter().enumerate().all(|(at, axis)| at == *axis) {
            return self.clone();
        }
        let dims = order.iter().map(|axis| self.dims[*axis]).collect();
        Self::new(dims, Source::Transposed(self.clone(), order.to_vec()))
    }

    /// Numbers that were stored as few bits: `scale · (x − zero)`, by places of `axis` or one for all.
    pub(crate) fn dequantised(&self, scale: Vec<f32>, zero: Vec<f32>, axis: usize) -> Self {
        let source = Source::Dequantised {
            of: self.clone(),
            scale,
            zero,
            axis,
        };
        Self::new(self.dims.clone(), source)
    }

    /// How many numbers are held in memory, beside the file.
    pub(crate) fn held(&self) -> usize {
        match &*self.source {
            Source::Numbers(numbers) => numbers.len(),
            _ => 0,
        }
    }

    /// Every number, row-major; or why there are none.
    pub(crate) fn read(&self) -> Result<Vec<f32>, String> {
        self.read_within(DEEPEST)
    }

    /// Those of a range that lies within, without the others where they can be told apart in the file.
    pub(crate) fn part(&self, range: Range<usize>) -> Result<Vec<f32>, String> {
        match &*self.source {
            Source::Fill(value) => Ok(vec![*value; range.len()]),
            Source::Stored(stored) if let Some(part) = stored.part(&range) => Ok(part.numbers()),
            _ => Ok(self.read()?[range].to_vec()),
        }
    }

    fn read_within(&self, depth: usize) -> Result<Vec<f32>, String> {
        let below = |of: &Self| match depth {
            0 => Err(format!("a tensor made of more than {DEEPEST} others")),
            _ => of.read_within(depth - 1),
        };
        Ok(match &*self.source {
            Source::Stored(stored) => stored.numbers(),
            Source::Fill(value) => vec![*value; self.count()],
            Source::Chosen(first) => {
                let maps = self.dims.get(1).copied().unwrap_or_default();
                let is_taken = |at: usize| at % maps == first + at / maps;
                (0..self.count())
                    .map(|at| f32::from(u8::from(is_taken(at))))
                    .collect()
            }
            Source::Numbers(numbers) => numbers.clone(),
            Source::Transposed(of, order) => transpose(&below(of)?, &of.dims, order),
            Source::Dequantised {
                of,
                scale,
                zero,
                axis,
            } => {
                let mut numbers = below(of)?;
                let step: usize = of.dims[(axis + 1).min(of.dims.len())..].iter().product();
                let places = scale.len().max(1);
                for (at, number) in numbers.iter_mut().enumerate() {
                    let place = at / step.max(1) % places;
                    let zero = zero.get(place).or(zero.first()).copied().unwrap_or(0.0);
                    *number = (*number - zero) * scale.get(place).copied().unwrap_or(1.0);
                }
                numbers
            }
        })
    }
}

fn transpose(numbers: &[f32], dims: &[usize], order: &[usize]) -> Vec<f32> {
    let step_of = |axis: usize| dims[axis + 1..].iter().product::<usize>();
    let lengths: Vec<usize> = order.iter().map(|axis| dims[*axis]).collect();
    let steps: Vec<usize> = order.iter().map(|axis| step_of(*axis)).collect();
    let mut place = vec![0; lengths.len()];
    let mut from = 0;
    let mut moved = Vec::with_capacity(numbers.len());
    for _ in 0..numbers.len() {
        moved.push(numbers[from]);
        for axis in (0..lengths.len()).rev() {
            place[axis] += 1;
            from += steps[axis];
            if place[axis] < lengths[axis] {
                break;
            }
            from -= steps[axis] * lengths[axis];
            place[axis] = 0;
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::{Kind, Stored, Weight};

    #[test]
    fn axes_change_places_and_few_bits_become_numbers() {
        let bytes: Vec<u8> = (0..6).collect();
        let stored = Stored::new(Kind::U8, Some(&bytes), Vec::new()).expect("bytes");
        let weight = Weight::stored(vec![2, 3], stored);
        assert_eq!(
            weight.transposed(&[1, 0]).read().expect("numbers"),
            [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]
        );
        let few = weight.dequantised(vec![0.5, 2.0], vec![1.0, 3.0], 0);
        assert_eq!(
            few.read().expect("numbers"),
            [-0.5, 0.0, 0.5, 0.0, 2.0, 4.0]
        );
        assert_eq!(
            Weight::chosen(1, 2, 3).read().expect("numbers"),
            [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
        );
        let cube = Weight::numbers(vec![2, 1, 2], vec![1.0, 2.0, 3.0, 4.0]);
        assert_eq!(
            cube.transposed(&[2, 1, 0]).read().expect("numbers"),
            [1.0, 3.0, 2.0, 4.0]
        );
    }
}
