//! The segments of a JPEG file: what they say about its first picture, and where that picture ends.
//!
//! Phones and cameras write more into one file: small pictures inside a segment, a second picture, a film, a table of what
//! follows. None of it belongs to the picture.

use crate::kind::Kind;
use crate::{Error, Result};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DHT: u8 = 0xc4;
/// What programs write behind a picture without its end marker: a film, or Samsung's own data.
const APPENDED: [&[u8]; 3] = [b"ftyp", b"MotionPhoto_Data", b"SEFH"];

/// The first picture of a file.
pub(super) struct Segments<'a> {
    pub(super) frame: Frame,
    /// The EXIF block, beginning with its byte order.
    pub(super) exif: Option<&'a [u8]>,
    /// The colour profile, put together from its parts.
    pub(super) profile: Option<Vec<u8>>,
    pub(super) is_jfif: bool,
    /// How Adobe's programs say that the colours are stored.
    pub(super) adobe: Option<u8>,
    /// From the start marker to the end marker, without what only describes the picture.
    pub(super) coded: Vec<u8>,
    /// Whether all components lie in one scan.
    pub(super) is_interleaved: bool,
}

/// How a picture ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// By its marker.
    Marked,
    /// Without one, in front of something else.
    Lost,
}

/// The header of a picture.
pub(super) struct Frame {
    pub(super) is_progressive: bool,
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) components: Vec<FrameComponent>,
}

/// A component's name and its samples across and down in each unit of the picture.
pub(super) struct FrameComponent {
    pub(super) id: u8,
    pub(super) across: u8,
    pub(super) down: u8,
}

pub(super) fn cut_off(found: &str) -> Error {
    Error::ImageCutOff {
        format: "JPEG",
        found: found.into(),
    }
}

pub(super) fn damaged(found: impl Into<String>) -> Error {
    Error::ImageDecode {
        found: found.into(),
    }
}

pub(super) fn unsupported(kind: Kind) -> Error {
    Error::ImageUnsupported {
        kind,
        found: kind.to_string(),
    }
}

/// Goes through the segments up to the end of the first picture. `behind_scans` is put behind the coded bytes of each scan.
pub(super) fn walk<'a>(bytes: &'a [u8], behind_scans: &[u8]) -> Result<Segments<'a>> {
    let mut walk = Walk {
        frame: None,
        exif: None,
        profile: Vec::new(),
        is_jfif: false,
        adobe: None,
        coded: vec![0xff, SOI],
        is_interleaved: true,
        has_scan: false,
        is_arithmetic: false,
        has_huffman: false,
        done: Vec::new(),
    };
    let mut at = 2;
    let end = loop {
        let Some(marker_at) = next_marker(bytes, at) else {
            return Err(cut_off("no end of the picture"));
        };
        let marker = bytes[marker_at];
        at = marker_at + 1;
        match marker {
            EOI => break End::Marked,
            SOI if walk.has_scan => break End::Lost, // the next picture
            0x01 | 0xd0..=0xd8 => continue,          // markers that stand alone
            _ => {}
        }
        let length = bytes
            .get(at..at + 2)
            .map(|b| usize::from(u16::from_be_bytes([b[0], b[1]])));
        let length = length.ok_or_else(|| cut_off("the end of the file in its header"))?;
        if length < 2 {
            return Err(damaged(format!(
                "a segment FF{marker:02X} of {length} bytes"
            )));
        }
        let data = bytes.get(at + 2..at + length);
        let data = data.ok_or_else(|| cut_off("the end of the file inside a segment"))?;
        at += length;
        walk.segment(marker, data)?;
        if marker == SOS {
            let scan = entropy_coded(&bytes[at..]);
            let foreign = appended(scan);
            walk.coded
                .extend_from_slice(&scan[..foreign.unwrap_or(scan.len())]);
            walk.coded.extend_from_slice(behind_scans);
            at += scan.len();
            if foreign.is_some() {
                break End::Lost;
            }
        }
    };
    walk.finish(end)
}

struct Walk<'a> {
    frame: Option<Frame>,
    exif: Option<&'a [u8]>,
    profile: Vec<(u8, &'a [u8])>,
    is_jfif: bool,
    adobe: Option<u8>,
    coded: Vec<u8>,
    is_interleaved: bool,
    has_scan: bool,
    /// Whether the frame is coded arithmetically, which is not decoded here, and whether there are tables of the other coding.
    is_arithmetic: bool,
    has_huffman: bool,
    /// Of each component, how many low bits of each coefficient have not come.
    done: Vec<[u8; 64]>,
}

impl<'a> Walk<'a> {
    fn segment(&mut self, marker: u8, data: &'a [u8]) -> Result<()> {
        match marker {
            0xe0 => self.is_jfif |= data.starts_with(b"JFIF\0"),
            0xe1 => {
                if let Some(exif) = data.strip_prefix(b"Exif\0\0") {
                    self.exif.get_or_insert(exif);
                }
            }
            0xe2 => {
                if let Some([number, _, part @ ..]) = data.strip_prefix(b"ICC_PROFILE\0") {
                    self.profile.push((*number, part));
                }
            }
            0xee if data.starts_with(b"Adobe") => self.adobe = data.get(11).copied(),
            0xe3..=0xef | 0xfe => {}
            0xc9..=0xcb => self.is_arithmetic = true,
            // Whoever decodes such a frame makes a picture of it, whatever was meant.
            SOS if self.is_arithmetic && self.has_huffman => {
                return Err(unsupported(Kind::JpegMixed));
            }
            SOS if self.is_arithmetic => return Err(unsupported(Kind::JpegArithmetic)),
            DHT => {
                self.has_huffman = true;
                self.keep(marker, data);
            }
            0xc0..=0xcf if ![0xc8, 0xcc].contains(&marker) => {
                if self.frame.is_some() {
                    return Err(unsupported(Kind::JpegHierarchical));
                }
                let frame = Frame::parse(marker, data)?;
                self.done = vec![[u8::MAX; 64]; frame.components.len()];
                self.frame = Some(frame);
                self.keep(marker, data);
            }
            SOS => {
                self.scan(data)?;
                self.keep(marker, data);
            }
            _ => self.keep(marker, data),
        }
        Ok(())
    }

    /// Notes what a scan brings: the components by their place in the frame, the band of coefficients, the low bits left.
    fn scan(&mut self, data: &[u8]) -> Result<()> {
        let frame = self
            .frame
            .as_ref()
            .ok_or_else(|| damaged("a scan before the frame"))?;
        self.has_scan = true;
        let count = usize::from(*data.first().unwrap_or(&0));
        self.is_interleaved &= count > 1 || frame.components.len() == 1;
        let (Some(named), Some([first, last, bits])) = (
            data.get(1..1 + 2 * count),
            data.get(1 + 2 * count..4 + 2 * count),
        ) else {
            return Err(damaged("a scan's header of a wrong length"));
        };
        for id in named.iter().step_by(2) {
            let place = frame
                .components
                .iter()
                .position(|component| component.id == *id);
            let place = place
                .ok_or_else(|| damaged("a scan of a component that the frame does not have"))?;
            for at in usize::from(*first)..=usize::from(*last).min(63) {
                self.done[place][at] = bits & 15;
            }
        }
        Ok(())
    }

    fn keep(&mut self, marker: u8, data: &[u8]) {
        let length = (data.len() + 2) as u16;
        self.coded.extend([0xff, marker]);
        self.coded.extend(length.to_be_bytes());
        self.coded.extend_from_slice(data);
    }

    /// # Errors
    /// [`Error::ImageCutOff`] for a file that ends before its picture does.
    fn finish(mut self, end: End) -> Result<Segments<'a>> {
        let Some(frame) = self.frame.filter(|_| self.has_scan) else {
            return Err(cut_off("no pixels"));
        };
        if self.done.iter().any(|bands| bands[0] == u8::MAX) {
            return Err(cut_off("some of its components alone"));
        }
        if end == End::Lost && self.done.iter().flatten().any(|bits| *bits > 0) {
            return Err(cut_off("some of its scans alone"));
        }
        self.coded.extend([0xff, EOI]);
        self.profile.sort_by_key(|(number, _)| *number);
        let profile: Vec<u8> = self
            .profile
            .iter()
            .flat_map(|(_, part)| part.iter().copied())
            .collect();
        Ok(Segments {
            frame,
            exif: self.exif,
            profile: Some(profile).filter(|profile| !profile.is_empty()),
            is_jfif: self.is_jfif,
            adobe: self.adobe,
            coded: self.coded,
            is_interleaved: self.is_interleaved,
        })
    }
}

impl Frame {
    fn parse(marker: u8, data: &[u8]) -> Result<Self> {
        match marker {
            0xc0..=0xc2 => {}
            0xc3 => return Err(unsupported(Kind::JpegLossless)),
            _ => return Err(unsupported(Kind::JpegHierarchical)),
        }
        let [depth, h1, h0, w1, w0, count, rest @ ..] = data else {
            return Err(damaged("a frame's header that is too short"));
        };
        if *depth != 8 {
            return Err(unsupported(Kind::JpegDeep));
        }
        if ![1, 3, 4].contains(count) {
            return Err(unsupported(Kind::JpegComponents));
        }
        let (parts, _) = rest.as_chunks::<3>();
        if parts.len() < usize::from(*count) {
            return Err(damaged("a frame's header that is too short"));
        }
        let components = parts[..usize::from(*count)]
            .iter()
            .map(|[id, sampling, _]| FrameComponent {
                id: *id,
                across: sampling >> 4,
                down: sampling & 15,
            });
        let frame = Self {
            is_progressive: marker == 0xc2,
            width: u16::from_be_bytes([*w1, *w0]),
            height: u16::from_be_bytes([*h1, *h0]),
            components: components.collect(),
        };
        let range = 1..=4;
        let sound = |c: &FrameComponent| range.contains(&c.across) && range.contains(&c.down);
        if !frame.components.iter().all(sound) {
            return Err(damaged("a component without a resolution"));
        }
        if frame.height == 0 {
            return Err(unsupported(Kind::JpegHeight));
        }
        Ok(frame)
    }
}

/// The place of the byte that names the next marker; bytes that belong to nothing are passed over, as all decoders do.
fn next_marker(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        at += bytes[at..].iter().position(|byte| *byte != 0xff)?;
        if bytes[at] != 0 {
            return Some(at);
        }
    }
}

/// The coded bytes up to a marker that is not one of theirs.
fn entropy_coded(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff));
    &bytes[..end.unwrap_or(bytes.len())]
}

/// Where a scan without an end marker is followed by what a phone has appended.
fn appended(scan: &[u8]) -> Option<usize> {
    let starts = APPENDED.iter().filter_map(|name| {
        let at = scan
            .windows(name.len())
            .position(|window| window == *name)?;
        match *name {
            // A box says its length first, and this one is short.
            b"ftyp" => at
                .checked_sub(4)
                .filter(|start| scan[*start..].starts_with(&[0, 0, 0])),
            _ => Some(at),
        }
    });
    starts.min()
}
