//! A scene as one page of PDF: pictures pixel by pixel, and words as words, their letters inside the file.
//!
//! Written here and not by svg2pdf, whose objects come in another order each time: the same scene is to be the same bytes.

use std::collections::BTreeMap;

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{
    CidFontType, FontFlags, LineCapStyle, LineJoinStyle, SystemInfo, UnicodeCmap,
};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};
use resvg::usvg::fontdb::{Database, ID};
use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId, RawFace, Tag};
use zfnet::{Error, Result};

use super::lettered;
use crate::scene::{Anchor, Colour, Item, Scene, Unit};
use crate::svg::printed;

const SYSTEM: SystemInfo<'_> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};
/// How hard streams are packed, of ten.
const EFFORT: u8 = 6;

/// Writes a scene as one page. There is no date in the file: the same scene is the same bytes.
///
/// # Errors
/// [`Error::OutOfRange`] for a picture without pixels, [`Error::Execution`] for a font of the system that is broken.
pub fn pdf(scene: &Scene) -> Result<Vec<u8>> {
    let (fonts, scene) = lettered(scene);
    let point = match scene.unit {
        Unit::Pixel => 72.0 / 96.0,
        Unit::Millimetre => 72.0 / 25.4,
    };
    let [width, height] = [scene.width * point, scene.height * point].map(|side| side as f32);
    let mut last = 4;
    let mut next = || {
        last += 1;
        Ref::new(last)
    };
    let [catalog, pages, page_id, content_id] = [1, 2, 3, 4].map(Ref::new);
    let mut file = Pdf::new();
    file.catalog(catalog).pages(pages);
    file.pages(pages).kids([page_id]).count(1);
    let mut words = Words::new(&fonts);
    let mut pictures = Vec::new();
    let mut content = Content::new();
    // From here on down is positive, as in the scene.
    content.transform([point as f32, 0.0, 0.0, -point as f32, 0.0, height]);
    fill(
        &mut content,
        [0.0, 0.0, scene.width, scene.height],
        scene.ground,
    );
    let (below, above): (Vec<_>, Vec<_>) =
        { scene.items.iter() }.partition(|item| item.is_picture());
    for item in below.into_iter().chain(above) {
        match item {
            Item::Picture { picture, at, crisp } => {
                let rgb = printed(picture, *at, *crisp, scene.unit)?;
                let (id, data) = (next(), compress_to_vec_zlib(&rgb, EFFORT));
                let mut image = file.image_xobject(id, &data);
                image.filter(Filter::FlateDecode);
                image.width(rgb.width() as i32).height(rgb.height() as i32);
                image.color_space().device_rgb();
                image.bits_per_component(8).interpolate(!crisp);
                let name = format!("P{}", pictures.len());
                let [left, bottom] = [at.left, at.top + at.height].map(|at| at as f32);
                content.save_state();
                content.transform([at.width as f32, 0.0, 0.0, -at.height as f32, left, bottom]);
                content.x_object(Name(name.as_bytes()));
                content.restore_state();
                pictures.push((name, id));
            }
            Item::Fill { at, colour } => {
                fill(
                    &mut content,
                    [at.left, at.top, at.width, at.height],
                    *colour,
                );
            }
            Item::Line {
                points,
                width,
                colour,
            } => stroke(&mut content, points, *width, *colour),
            Item::Text {
                text,
                at,
                anchor,
                size,
                bold,
                colour,
            } => {
                words.write(&mut content, text, *at, *anchor, *size, *bold, *colour);
            }
        }
    }
    let faces = words.embed(&mut file, &mut next)?;
    file.stream(content_id, &compress_to_vec_zlib(&content.finish(), EFFORT))
        .filter(Filter::FlateDecode);
    let mut page = file.page(page_id);
    page.parent(pages)
        .media_box(Rect::new(0.0, 0.0, width, height))
        .contents(content_id);
    let mut resources = page.resources();
    let mut named = resources.x_objects();
    for (name, id) in &pictures {
        named.pair(Name(name.as_bytes()), *id);
    }
    named.finish();
    let mut named = resources.fonts();
    for (name, id) in &faces {
        named.pair(Name(name.as_bytes()), *id);
    }
    named.finish();
    resources.finish();
    page.finish();
    Ok(file.finish())
}

fn shade(colour: Colour) -> [f32; 3] {
    colour.map(|part| f32::from(part) / 255.0)
}

fn fill(content: &mut Content, place: [f64; 4], colour: Colour) {
    let ([red, green, blue], [left, top, width, height]) =
        (shade(colour), place.map(|at| at as f32));
    content.set_fill_rgb(red, green, blue);
    content.rect(left, top, width, height);
    content.fill_nonzero();
}

fn stroke(content: &mut Content, points: &[[f64; 2]], width: f64, colour: Colour) {
    let ([red, green, blue], mut points) = (
        shade(colour),
        points.iter().map(|point| point.map(|at| at as f32)),
    );
    let Some([x, y]) = points.next() else { return };
    content.set_stroke_rgb(red, green, blue);
    content.set_line_width(width as f32);
    content.set_line_cap(LineCapStyle::RoundCap);
    content.set_line_join(LineJoinStyle::RoundJoin);
    content.move_to(x, y);
    // A line to where it begins is a dot.
    content.line_to(x, y);
    for [x, y] in points {
        content.line_to(x, y);
    }
    content.stroke();
}

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
struct Words<'f> {
    fonts: &'f Database,
    /// In the order in which they were first needed.
    faces: Vec<(ID, Used)>,
    known: BTreeMap<(bool, char), Option<Letter>>,
}

impl<'f> Words<'f> {
    fn new(fonts: &'f Database) -> Self {
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
    fn write(
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
    fn embed(&self, file: &mut Pdf, next: &mut impl FnMut() -> Ref) -> Result<Vec<(String, Ref)>> {
        let faces = self.faces.iter().enumerate();
        let embedded = faces.map(|(at, (id, used))| {
            let ids = [(); 5].map(|()| next());
            let written = self
                .fonts
                .with_face_data(*id, |data, index| embed(file, ids, data, index, used));
            let broken =
                || Error::Execution("no letters for a PDF: a font that cannot be cut".into());
            written.flatten().ok_or_else(broken)?;
            Ok((format!("F{at}"), ids[0]))
        });
        embedded.collect()
    }
}

/// Writes a face, with as many letters as are used; `None` where it is broken.
fn embed(file: &mut Pdf, ids: [Ref; 5], data: &[u8], index: u32, used: &Used) -> Option<()> {
    let [type0, cid, descriptor, unicode, program] = ids;
    let face = Face::parse(data, index).ok()?;
    let named = face
        .names()
        .into_iter()
        .find(|name| name.name_id == 6 && name.is_unicode());
    let name = named
        .and_then(|name| name.to_string())
        .unwrap_or_else(|| "Letters".into());
    // Six letters say that it is a part.
    let name = format!("ZFLENS+{name}");
    let name = Name(name.as_bytes());
    let outlines = Tag::from_bytes(b"CFF ");
    let postscript = face.raw_face().table(outlines).is_some();
    file.type0_font(type0)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(unicode);
    let thousandths = |units: f32| units * 1000.0 / f32::from(face.units_per_em());
    let mut font = file.cid_font(cid);
    font.subtype(if postscript {
        CidFontType::Type0
    } else {
        CidFontType::Type2
    });
    font.base_font(name)
        .system_info(SYSTEM)
        .font_descriptor(descriptor)
        .default_width(0.0);
    if !postscript {
        font.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    let widths = used.glyphs.remapped_gids();
    let widths = widths.map(|glyph| {
        thousandths(f32::from(
            face.glyph_hor_advance(GlyphId(glyph)).unwrap_or(0),
        ))
    });
    font.widths().consecutive(0, widths);
    font.finish();
    let [ascent, descent] =
        [face.ascender(), face.descender()].map(|units| thousandths(f32::from(units)));
    let bounds = face.global_bounding_box();
    let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max]
        .map(|units| thousandths(f32::from(units)));
    let capital = face
        .capital_height()
        .map_or(ascent, |units| thousandths(f32::from(units)));
    let mut described = file.font_descriptor(descriptor);
    described
        .name(name)
        .flags(FontFlags::SYMBOLIC)
        .italic_angle(0.0)
        .ascent(ascent)
        .descent(descent);
    described
        .bbox(Rect::new(bounds[0], bounds[1], bounds[2], bounds[3]))
        .cap_height(capital);
    described.stem_v(if face.is_bold() { 140.0 } else { 90.0 });
    match postscript {
        true => described.font_file3(program),
        false => described.font_file2(program),
    };
    described.finish();
    let mut map = UnicodeCmap::new(Name(b"Letters"), SYSTEM);
    for (glyph, letter) in &used.letters {
        map.pair(*glyph, *letter);
    }
    file.cmap(unicode, &map.finish());
    let cut = subsetter::subset(data, index, &used.glyphs).ok()?;
    let cut = match postscript {
        true => RawFace::parse(&cut, 0).ok()?.table(outlines)?,
        false => &cut,
    };
    let packed = compress_to_vec_zlib(cut, EFFORT);
    let mut stream = file.stream(program, &packed);
    stream.filter(Filter::FlateDecode);
    if postscript {
        stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    }
    Some(())
}
