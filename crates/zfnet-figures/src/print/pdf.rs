//! A scene as one page of PDF: pictures pixel by pixel, and words as words, their letters inside the file.
//!
//! Written here and not by svg2pdf, whose objects come in another order each time: the same scene is to be the same bytes.

mod letters;

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{LineCapStyle, LineJoinStyle};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref};
use resvg::usvg::fontdb::Database;
use zfnet::Result;
use zfnet::pictures::rendering::Picture;

use self::letters::Words;
use super::lettered;
use crate::scene::{Colour, Item, Rectangle, Scene, Unit};
use crate::svg::printed;

/// How hard streams are packed, of ten.
const EFFORT: u8 = 6;

/// Writes a scene as one page. There is no date in the file: the same scene is the same bytes.
///
/// # Errors
/// [`Error::OutOfRange`](zfnet::Error::OutOfRange) for a picture without pixels,
/// [`Error::Execution`](zfnet::Error::Execution) for a font of the system that is broken.
pub fn pdf(scene: &Scene) -> Result<Vec<u8>> {
    let (fonts, scene) = lettered(scene);
    let mut page = Page::new(&scene, &fonts);
    for item in scene.stacked() {
        page.put(item)?;
    }
    page.finish()
}

/// Numbers for the objects of a file.
struct Numbers(i32);

impl Numbers {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

/// The page, and the file around it.
struct Page<'f> {
    file: Pdf,
    numbers: Numbers,
    content: Content,
    words: Words<'f>,
    /// By their names on the page.
    pictures: Vec<(String, Ref)>,
    unit: Unit,
    /// In points.
    size: [f32; 2],
}

impl<'f> Page<'f> {
    fn new(scene: &Scene, fonts: &'f Database) -> Self {
        let point = match scene.unit {
            Unit::Pixel => 72.0 / 96.0,
            Unit::Millimetre => 72.0 / 25.4,
        };
        let size = [scene.width * point, scene.height * point].map(|side| side as f32);
        let mut content = Content::new();
        // From here on down is positive, as in the scene.
        content.transform([point as f32, 0.0, 0.0, -point as f32, 0.0, size[1]]);
        let paper = [0.0, 0.0, scene.width, scene.height];
        fill(&mut content, paper, scene.ground);
        Self {
            file: Pdf::new(),
            numbers: Numbers(0),
            content,
            words: Words::new(fonts),
            pictures: Vec::new(),
            unit: scene.unit,
            size,
        }
    }

    fn put(&mut self, item: &Item) -> Result<()> {
        let content = &mut self.content;
        match item {
            Item::Picture { picture, at, crisp } => self.picture(picture, *at, *crisp)?,
            Item::Fill { at, colour } => {
                fill(content, [at.left, at.top, at.width, at.height], *colour);
            }
            Item::Line {
                points,
                width,
                colour,
            } => stroke(content, points, *width, *colour),
            Item::Text {
                text,
                at,
                anchor,
                size,
                bold,
                colour,
            } => self
                .words
                .write(content, text, *at, *anchor, *size, *bold, *colour),
        }
        Ok(())
    }

    fn picture(&mut self, picture: &Picture, at: Rectangle, crisp: bool) -> Result<()> {
        let rgb = printed(picture, at, crisp, self.unit)?;
        let (id, data) = (self.numbers.next(), compress_to_vec_zlib(&rgb, EFFORT));
        let mut image = self.file.image_xobject(id, &data);
        image.filter(Filter::FlateDecode);
        image.width(rgb.width() as i32).height(rgb.height() as i32);
        image.color_space().device_rgb();
        image.bits_per_component(8).interpolate(!crisp);
        let name = format!("P{}", self.pictures.len());
        let [left, bottom] = [at.left, at.top + at.height].map(|at| at as f32);
        let content = &mut self.content;
        content.save_state();
        content.transform([at.width as f32, 0.0, 0.0, -at.height as f32, left, bottom]);
        content.x_object(Name(name.as_bytes()));
        content.restore_state();
        self.pictures.push((name, id));
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>> {
        let file = &mut self.file;
        let faces = self.words.embed(file, &mut self.numbers)?;
        let [catalog, pages, page_id, content_id] = [(); 4].map(|()| self.numbers.next());
        file.catalog(catalog).pages(pages);
        file.pages(pages).kids([page_id]).count(1);
        let content = compress_to_vec_zlib(&self.content.finish(), EFFORT);
        file.stream(content_id, &content)
            .filter(Filter::FlateDecode);
        let [width, height] = self.size;
        let mut page = file.page(page_id);
        page.parent(pages)
            .media_box(Rect::new(0.0, 0.0, width, height))
            .contents(content_id);
        let mut resources = page.resources();
        resources.x_objects().pairs(named(&self.pictures));
        resources.fonts().pairs(named(&faces));
        resources.finish();
        page.finish();
        Ok(self.file.finish())
    }
}

fn named(objects: &[(String, Ref)]) -> impl Iterator<Item = (Name<'_>, Ref)> {
    objects
        .iter()
        .map(|(name, id)| (Name(name.as_bytes()), *id))
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
