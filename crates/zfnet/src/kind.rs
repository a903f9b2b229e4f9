//! What a file is by its first bytes: a picture that is decoded here, one that others may read, or something else.

use std::fmt;

use image::ImageFormat;

use crate::foreign;

/// How much of a file is searched for its first element, when it is text.
const PROLOG: usize = 1 << 20;

/// What is not decoded here: formats, kinds of JPEG, and files that are no pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// AV1 in an ISO container.
    Avif,
    /// HEVC in an ISO container.
    Heic,
    /// Tagged image file format; some cameras' raw files are of this form as well.
    Tiff,
    /// JPEG XL.
    JpegXl,
    /// JPEG 2000.
    Jpeg2000,
    /// A drawing in XML.
    Svg,
    /// A camera's raw file.
    CameraRaw,
    /// A document of Photoshop.
    Photoshop,
    /// An icon or cursor of Windows.
    Icon,
    /// A JPEG with more than 8 bits per sample.
    JpegDeep,
    /// A JPEG with arithmetic coding.
    JpegArithmetic,
    /// A JPEG that says arithmetic coding and has the tables of Huffman's.
    JpegMixed,
    /// A lossless JPEG.
    JpegLossless,
    /// A hierarchical JPEG.
    JpegHierarchical,
    /// A JPEG with two components or more than four.
    JpegComponents,
    /// A JPEG whose components' resolutions do not divide each other.
    JpegSampling,
    /// A JPEG that tells its height after its pixels.
    JpegHeight,
    /// Something in a picture's format that is not decoded here.
    Feature,
    /// A page of HTML.
    Html,
    /// What a clone without large files has in their place.
    GitLfsPointer,
    /// Other text.
    Text,
    /// A PDF document.
    Pdf,
    /// An archive, or a document of an office program.
    Archive,
    /// Something compressed with gzip, as SVGZ drawings are.
    Gzip,
    /// A film.
    Film,
    /// Sound.
    Sound,
    /// Bytes that begin like nothing known.
    Unknown,
}

impl Kind {
    /// A name that never changes, for programs.
    pub fn id(self) -> &'static str {
        self.names().0
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Avif => ("avif", "AVIF"),
            Self::Heic => ("heic", "HEIC"),
            Self::Tiff => ("tiff", "TIFF"),
            Self::JpegXl => ("jpeg-xl", "JPEG XL"),
            Self::Jpeg2000 => ("jpeg-2000", "JPEG 2000"),
            Self::Svg => ("svg", "SVG"),
            Self::CameraRaw => ("camera-raw", "a camera's raw file"),
            Self::Photoshop => ("photoshop", "a Photoshop document"),
            Self::Icon => ("icon", "a Windows icon"),
            Self::JpegDeep => ("jpeg-deep", "a JPEG with more than 8 bits per sample"),
            Self::JpegArithmetic => ("jpeg-arithmetic", "a JPEG with arithmetic coding"),
            Self::JpegMixed => (
                "jpeg-mixed",
                "a JPEG that contradicts itself about its coding",
            ),
            Self::JpegLossless => ("jpeg-lossless", "a lossless JPEG"),
            Self::JpegHierarchical => ("jpeg-hierarchical", "a hierarchical JPEG"),
            Self::JpegComponents => (
                "jpeg-components",
                "a JPEG without the usual 1, 3 or 4 components",
            ),
            Self::JpegSampling => ("jpeg-sampling", "a JPEG with unusual sampling"),
            Self::JpegHeight => ("jpeg-height", "a JPEG that gives its height last"),
            Self::Feature => ("feature", "an unusual feature"),
            Self::Html => ("html", "a web page (HTML)"),
            Self::GitLfsPointer => (
                "git-lfs-pointer",
                "a Git LFS pointer, which `git lfs pull` replaces by the file itself",
            ),
            Self::Text => ("text", "text"),
            Self::Pdf => ("pdf", "a PDF document"),
            Self::Archive => ("archive", "an archive or office document"),
            Self::Gzip => ("gzip", "something compressed with gzip"),
            Self::Film => ("film", "a video"),
            Self::Sound => ("sound", "sound"),
            Self::Unknown => ("unknown", "data in no known picture format"),
        }
    }

    /// Whether the bytes are a picture of some sort.
    pub(super) fn is_picture(self) -> bool {
        !matches!(
            self,
            Self::Html
                | Self::GitLfsPointer
                | Self::Text
                | Self::Pdf
                | Self::Archive
                | Self::Gzip
                | Self::Film
                | Self::Sound
                | Self::Unknown
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names().1)
    }
}

/// The format of a picture that is decoded here, or what else the bytes are.
pub(super) fn format(bytes: &[u8]) -> Result<ImageFormat, Kind> {
    const FORMATS: [(&[u8], ImageFormat); 5] = [
        (b"\xff\xd8\xff", ImageFormat::Jpeg),
        (b"\x89PNG\r\n\x1a\n", ImageFormat::Png),
        (b"GIF87a", ImageFormat::Gif),
        (b"GIF89a", ImageFormat::Gif),
        (b"BM", ImageFormat::Bmp),
    ];
    if bytes.starts_with(b"RIFF") {
        return match bytes.get(8..12) {
            Some(b"WEBP") => Ok(ImageFormat::WebP),
            Some(b"WAVE") => Err(Kind::Sound),
            _ => Err(Kind::Film),
        };
    }
    let known = FORMATS.iter().find(|(magic, _)| bytes.starts_with(magic));
    known.map(|(_, format)| *format).ok_or_else(|| other(bytes))
}

fn other(bytes: &[u8]) -> Kind {
    const MAGIC: [(&[u8], Kind); 24] = [
        (b"IIRO", Kind::CameraRaw),
        (b"IIRS", Kind::CameraRaw),
        (b"IIU\0", Kind::CameraRaw),
        (b"FUJIFILMCCD-RAW", Kind::CameraRaw),
        (b"FOVb", Kind::CameraRaw),
        (b"II*\0", Kind::Tiff),
        (b"MM\0*", Kind::Tiff),
        (b"II+\0", Kind::Tiff),
        (b"MM\0+", Kind::Tiff),
        (b"\xff\x0a", Kind::JpegXl),
        (b"\0\0\0\x0cJXL ", Kind::JpegXl),
        (b"\0\0\0\x0cjP  ", Kind::Jpeg2000),
        (b"\xff\x4f\xff\x51", Kind::Jpeg2000),
        (b"8BPS", Kind::Photoshop),
        (b"\0\0\x01\0", Kind::Icon),
        (b"\0\0\x02\0", Kind::Icon),
        (b"%PDF", Kind::Pdf),
        (b"PK\x03\x04", Kind::Archive),
        (b"7z\xbc\xaf", Kind::Archive),
        (b"Rar!", Kind::Archive),
        (b"\x1f\x8b", Kind::Gzip),
        (b"\x1a\x45\xdf\xa3", Kind::Film),
        (b"ID3", Kind::Sound),
        (b"OggS", Kind::Sound),
    ];
    if bytes.get(4..8) == Some(b"ftyp") {
        return match bytes.get(8..12) {
            Some(b"avif" | b"avis") => Kind::Avif,
            Some(b"heic" | b"heix" | b"heim" | b"heis" | b"mif1" | b"msf1" | b"hevc" | b"hevx") => {
                Kind::Heic
            }
            Some(b"crx ") => Kind::CameraRaw,
            Some(b"M4A ") => Kind::Sound,
            _ => Kind::Film,
        };
    }
    if bytes.get(8..10) == Some(b"CR") && bytes.starts_with(b"II*\0") {
        return Kind::CameraRaw;
    }
    let known = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic));
    match known {
        Some((_, kind)) => *kind,
        None => {
            text(&bytes[..bytes.len().min(PROLOG)]).map_or(Kind::Unknown, |text| written(&text))
        }
    }
}

/// The beginning of a file as text, if that is what it is.
fn text(bytes: &[u8]) -> Option<String> {
    let units = |from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..]
            .as_chunks()
            .0
            .iter()
            .map(|pair| from(*pair))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, ..] => Some(units(u16::from_le_bytes)),
        [0xfe, 0xff, ..] => Some(units(u16::from_be_bytes)),
        _ if bytes.iter().any(|byte| *byte < 9) => None,
        _ => Some(
            String::from_utf8_lossy(bytes)
                .trim_start_matches('\u{feff}')
                .to_owned(),
        ),
    }
}

fn written(text: &str) -> Kind {
    let root = root(text).to_ascii_lowercase();
    if root.starts_with("<html") || root.starts_with("<head") || root.starts_with("<body") {
        return Kind::Html;
    }
    if foreign::is_lfs_pointer(text.as_bytes()) {
        return Kind::GitLfsPointer;
    }
    // A name may stand in a namespace: <svg:svg>.
    let name = root.strip_prefix('<').unwrap_or_default();
    let name = name
        .split(|c: char| c.is_whitespace() || c == '>' || c == '/')
        .next()
        .unwrap_or_default();
    match name.rsplit(':').next() {
        Some("svg") => Kind::Svg,
        _ if text.contains('\u{fffd}') => Kind::Unknown,
        _ => Kind::Text,
    }
}

/// A text from its first element on, past declarations, comments and the document's type; that of HTML counts as its element.
fn root(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let lower = rest.get(..14).map(str::to_ascii_lowercase);
        let end = match lower.as_deref() {
            Some("<!doctype html") => return "<html",
            _ if rest.starts_with("<!--") => rest.find("-->").map(|at| at + 3),
            _ if rest.starts_with("<?") => rest.find("?>").map(|at| at + 2),
            _ if rest.starts_with("<!") => doctype_end(rest),
            _ => return rest,
        };
        match end {
            Some(end) => rest = rest[end..].trim_start(),
            None => return rest,
        }
    }
}

/// Where `<!DOCTYPE …>` ends; declarations of its own may stand in brackets.
fn doctype_end(text: &str) -> Option<usize> {
    let inside = text
        .find('[')
        .filter(|open| *open < text.find('>').unwrap_or(usize::MAX));
    let from = match inside {
        Some(open) => open + text[open..].find(']')?,
        None => 0,
    };
    text[from..].find('>').map(|at| from + at + 1)
}
