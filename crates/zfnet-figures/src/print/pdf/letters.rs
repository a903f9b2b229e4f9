//! Words in a PDF, and the fonts that they are written in, cut to the letters that are used.

use std::collections::BTreeMap;

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Name, Pdf, Rect, Ref, Str};
use resvg::usvg::fontdb::{Database, ID};
use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId, RawFace, Tag};
use zfnet::{Error, Result};

use super::{EFFORT, Numbers, shade};
use crate::scene::{Anchor, Colour};

const SYSTEM: SystemInfo<'_> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};
/// The table of a face whose letters are drawn as PostScript does.
const OUTLINES: Tag = Tag::from_bytes(b"CFF ");

/// A letter as a face draws it.
#[derive(Clone, Copy)]
struct Letter {
    face: ID,
    glyph: u16,
    /// How far the next one is, as a multiple of the type's height.
    advance: f64,
}

/// The glyphs of a face that are used, and what they stand for.
#[derive(Default)]
struct Used {
    glyphs: GlyphRemapper,
    letters: BTreeMap<u16, char>,
}

/// What is written, and the letters that it takes.
pub(super) struct Words<'f> {
    fonts: &'f Database,
    /// In the order in which they were first needed.
    faces: Vec<(ID, Used)>,
    known: BTreeMap<(bool, char), Option<Letter>>,
}

impl<'f> Words<'f> {
    pub(super) fn new(fonts: &'f Database) -> Self {
        Self {
            fonts,
            faces: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    /// The first face that has a letter, one of the wanted weight if there is one.
    fn letter(&mut self, letter: char, bold: bool) -> Option<Letter> {
        let fonts = self.fonts;
        *self.known.entry((bold, letter)).or_insert_with(|| {
            let mut faces: Vec<_> = fonts.faces().collect();
            // Ours come first, and a stable sort keeps it so.
            faces.sort_by_key(|face| (face.weight.0 >= 600) != bold);
            faces.into_iter().find_map(|face| {
                fonts.with_face_data(face.id, |data, index| {
                    let read = Face::parse(data, index).ok()?;
                    let glyph = read.glyph_index(letter)?;
                    let advance = read.glyph_hor_advance(glyph)?;
                    Some(Letter {
                        face: face.id,
                        glyph: glyph.0,
                        advance: f64::from(advance) / f64::from(read.units_per_em()),
                    })
                })?
            })
        })
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "the parts of one item of a scene"
    )]
    pub(super) fn write(
        &mut self,
        content: &mut Content,
        text: &str,
        [x, y]: [f64; 2],
        anchor: Anchor,
        size: f64,
        bold: bool,
        colour: Colour,
    ) {
        let letters: Vec<_> = { text.chars() }
            .filter_map(|sign| Some((sign, self.letter(sign, bold)?)))
            .collect();
        let reach = letters
            .iter()
            .map(|(_, letter)| letter.advance)
            .sum::<f64>()
            * size;
        let left = match anchor {
            Anchor::Left => x,
            Anchor::Middle => x - reach / 2.0,
            Anchor::Right => x - reach,
        };
        let [red, green, blue] = shade(colour);
        content.set_fill_rgb(red, green, blue);
        content.begin_text();
        content.set_text_matrix([1.0, 0.0, 0.0, -1.0, left as f32, y as f32]);
        for same in letters.chunk_by(|(_, a), (_, b)| a.face == b.face) {
            let face = same[0].1.face;
            let at = self
                .faces
                .iter()
                .position(|(id, _)| *id == face)
                .unwrap_or_else(|| {
                    self.faces.push((face, Used::default()));
                    self.faces.len() - 1
                });
            let used = &mut self.faces[at].1;
            let codes = same.iter().flat_map(|(sign, letter)| {
                let glyph = used.glyphs.remap(letter.glyph);
                used.letters.insert(glyph, *sign);
                glyph.to_be_bytes()
            });
            let codes: Vec<u8> = codes.collect();
            content.set_font(Name(format!("F{at}").as_bytes()), size as f32);
            content.show(Str(&codes));
        }
        content.end_text();
    }

    /// Puts the faces into the file, with the letters that are used; their names on the page.
    ///
    /// # Errors
    /// [`Error::Execution`] for a font that is broken.
    pub(super) fn embed(
        &self,
        file: &mut Pdf,
        numbers: &mut Numbers,
    ) -> Result<Vec<(String, Ref)>> {
        let faces = self.faces.iter().enumerate();
        let embedded = faces.map(|(at, (id, used))| {
            let ids = [(); 5].map(|()| numbers.next());
            let written = self.fonts.with_face_data(*id, |data, index| {
                Font::read(data, index)?.embed(file, ids, used)
            });
            let broken =
                || Error::Execution("no letters for a PDF: a font that cannot be cut".into());
            written.flatten().ok_or_else(broken)?;
            Ok((format!("F{at}"), ids[0]))
        });
        embedded.collect()
    }
}

/// A face on its way into the file.
struct Font<'a> {
    data: &'a [u8],
    index: u32,
    face: Face<'a>,
    name: String,
    postscript: bool,
}

impl<'a> Font<'a> {
    fn read(data: &'a [u8], index: u32) -> Option<Self> {
        let face = Face::parse(data, index).ok()?;
        let named = { face.names().into_iter() }
            .find(|name| name.name_id == 6 && name.is_unicode())
            .and_then(|name| name.to_string());
        // Six letters say that it is a part.
        let name = format!("ZFLENS+{}", named.as_deref().unwrap_or("Letters"));
        let postscript = face.raw_face().table(OUTLINES).is_some();
        Some(Self {
            data,
            index,
            face,
            name,
            postscript,
        })
    }

    /// Writes it, with as many letters as are used; `None` where it is broken.
    fn embed(&self, file: &mut Pdf, ids: [Ref; 5], used: &Used) -> Option<()> {
        let [type0, cid, descriptor, unicode, program] = ids;
        file.type0_font(type0)
            .base_font(self.name())
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(unicode);
        self.measure(file, [cid, descriptor], used);
        self.describe(file, [descriptor, program]);
        let mut map = UnicodeCmap::new(Name(b"Letters"), SYSTEM);
        for (glyph, letter) in &used.letters {
            map.pair(*glyph, *letter);
        }
        file.cmap(unicode, &map.finish());
        self.cut(file, program, used)
    }

    fn name(&self) -> Name<'_> {
        Name(self.name.as_bytes())
    }

    /// A PDF counts in thousandths of the type's height.
    fn thousandths(&self, units: impl Into<f32>) -> f32 {
        units.into() * 1000.0 / f32::from(self.face.units_per_em())
    }

    /// Writes how wide its letters are.
    fn measure(&self, file: &mut Pdf, [cid, descriptor]: [Ref; 2], used: &Used) {
        let mut font = file.cid_font(cid);
        font.subtype(match self.postscript {
            true => CidFontType::Type0,
            false => CidFontType::Type2,
        });
        font.base_font(self.name())
            .system_info(SYSTEM)
            .font_descriptor(descriptor)
            .default_width(0.0);
        if !self.postscript {
            font.cid_to_gid_map_predefined(Name(b"Identity"));
        }
        let widths = used.glyphs.remapped_gids().map(|glyph| {
            self.thousandths(self.face.glyph_hor_advance(GlyphId(glyph)).unwrap_or(0))
        });
        font.widths().consecutive(0, widths);
    }

    /// Writes what its letters are like.
    fn describe(&self, file: &mut Pdf, [descriptor, program]: [Ref; 2]) {
        let face = &self.face;
        let ascent = self.thousandths(face.ascender());
        let capital = face.capital_height();
        let bounds = face.global_bounding_box();
        let [left, bottom, right, top] = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max]
            .map(|units| self.thousandths(units));
        let mut described = file.font_descriptor(descriptor);
        described
            .name(self.name())
            .flags(FontFlags::SYMBOLIC)
            .italic_angle(0.0)
            .ascent(ascent)
            .descent(self.thousandths(face.descender()))
            .bbox(Rect::new(left, bottom, right, top))
            .cap_height(capital.map_or(ascent, |units| self.thousandths(units)))
            .stem_v(if face.is_bold() { 140.0 } else { 90.0 });
        match self.postscript {
            true => described.font_file3(program),
            false => described.font_file2(program),
        };
    }

    /// Writes the letters that are used; `None` where it cannot be cut.
    fn cut(&self, file: &mut Pdf, program: Ref, used: &Used) -> Option<()> {
        let cut = subsetter::subset(self.data, self.index, &used.glyphs).ok()?;
        let cut = match self.postscript {
            true => RawFace::parse(&cut, 0).ok()?.table(OUTLINES)?,
            false => &cut,
        };
        let packed = compress_to_vec_zlib(cut, EFFORT);
        let mut stream = file.stream(program, &packed);
        stream.filter(Filter::FlateDecode);
        if self.postscript {
            stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        }
        Some(())
    }
}
