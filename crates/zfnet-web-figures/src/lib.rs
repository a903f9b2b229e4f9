//! `zfnet-figures` spoken to JavaScript: what an experiment found, as it is written down, and the pictures beside it in; a figure
//! as SVG out. Browsers have letters, and draw it.
//!
//! A module apart from the engine's: it is fetched when somebody takes a figure away.

use js_sys::Reflect;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use zfnet::experiments::arithmetic::Grid;
use zfnet::experiments::paper::correspondence::{Correspondence, LayerScores, Score};
use zfnet::experiments::paper::hierarchy::Band;
use zfnet::experiments::paper::invariance::Transformation;
use zfnet::experiments::paper::occlusion::Occlusion;
use zfnet::experiments::shared::covering::{Fill, Rectangle};
use zfnet::experiments::since::attention_mining::{Said, Threshold};
use zfnet::experiments::since::deletion_insertion::{self, DeletionInsertion};
use zfnet::experiments::since::region::Answering;
use zfnet::geometry::view::View;
use zfnet::network::model::ClassName;
use zfnet::pictures::rendering::{Picture, Stretch};
use zfnet::{Error, ReluRule};
use zfnet_figures::experiments::{
    Projected, activation_maximisation, arithmetic, attention_mining, attribution, card,
    comparison, correspondence, evolution, invariance, maps, occlusion, projection, region, top,
};
use zfnet_figures::poster::{self, Words};
use zfnet_figures::{Context, Scene, svg};
use zfnet_typescript::{TypeScript, declare};
use zfnet_words::Language;

declare![
    Told,
    ClassName,
    Picture,
    View,
    ReluRule,
    Stretch,
    Projected,
    Poster,
    Band,
    Words,
    occlusion::Shown,
    occlusion::Elsewhere,
    invariance::Photograph,
    invariance::Shown,
    invariance::Row,
    invariance::Moved,
    Transformation,
    Correspondence,
    LayerScores,
    Score,
    correspondence::Shown,
    correspondence::Marked,
    Rectangle,
    Fill,
    attribution::Shown,
    attribution::Explained,
    attribution::Removal,
    DeletionInsertion,
    deletion_insertion::Settings,
    deletion_insertion::Fill,
    deletion_insertion::Curve,
    attention_mining::Attention,
    attention_mining::Head,
    Threshold,
    Said,
    region::Shown,
    evolution::Shown,
    evolution::Row,
    evolution::Followed,
    evolution::Moved,
    evolution::Of,
    evolution::Line,
    evolution::Held,
    top::Shown,
    top::Winner,
    top::Credit,
    top::Licence,
    top::Tile,
    top::Yours,
    comparison::Shown,
    comparison::Side,
    comparison::Training,
    comparison::Level,
    activation_maximisation::Shown,
    evolution::Still,
    card::Shown,
    card::Print,
    projection::Shown,
    projection::Of,
    projection::Drawn,
    projection::Map,
    maps::Shown,
    maps::Manner,
    maps::Tile,
    arithmetic::Shown,
    arithmetic::Lesson,
    arithmetic::Numbers,
    Grid,
];

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// What the page says of a figure's circumstances.
#[derive(Deserialize, TypeScript)]
#[serde(rename = "FigureContext")]
struct Told {
    network: String,
    classes: Vec<ClassName>,
    device: String,
    language: String,
}

/// What a poster is made of: the photograph and the tiles, band by band, and what it says.
#[derive(Deserialize, TypeScript)]
struct Poster {
    bands: Vec<Band>,
    pictures: Vec<Picture>,
    words: Words,
}

/// The poster, with bands from the first layer on.
///
/// # Errors
/// Code `out-of-range` for pictures that are none, or too few of them.
#[wasm_bindgen]
pub fn poster(
    #[wasm_bindgen(unchecked_param_type = "Poster")] shown: JsValue,
) -> Result<String, JsValue> {
    let Poster {
        bands,
        pictures,
        words,
    } = read("poster", shown)?;
    let scene = poster::poster(&bands, &words, pictures).map_err(to_js)?;
    svg(&scene).map_err(to_js)
}

/// Occlusion sensitivity, figure 7.
///
/// # Errors
/// Code `out-of-range` for what is no answer, or no picture.
#[wasm_bindgen]
pub fn occlusion(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "Record<string, unknown>")] found: JsValue,
    #[wasm_bindgen(unchecked_param_type = "OcclusionShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let found: Occlusion = read("occlusion", found)?;
    let shown: occlusion::Shown = read("occlusion", shown)?;
    drawn(context, |context| {
        occlusion::figure(context, &found, &shown)
    })
}

/// Invariance, figure 5.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn invariance(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "InvariancePhotograph[]")] found: JsValue,
    #[wasm_bindgen(unchecked_param_type = "InvarianceShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let found: Vec<invariance::Photograph> = read("invariance", found)?;
    let shown: invariance::Shown = read("invariance", shown)?;
    drawn(context, |context| {
        invariance::figure(context, &found, &shown)
    })
}

/// Correspondence, table 1.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn correspondence(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "Correspondence")] found: JsValue,
    #[wasm_bindgen(unchecked_param_type = "CorrespondenceShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let found: Correspondence = read("correspondence", found)?;
    let shown: correspondence::Shown = read("correspondence", shown)?;
    drawn(context, |context| {
        correspondence::figure(context, &found, &shown)
    })
}

/// Attributions side by side.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn attribution(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "AttributionShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let shown: attribution::Shown = read("attribution", shown)?;
    drawn(context, |context| attribution::figure(context, &shown))
}

/// Which maps answer in a region.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn region(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "Record<string, unknown>")] found: JsValue,
    #[wasm_bindgen(unchecked_param_type = "RegionShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let found: Answering = read("region", found)?;
    let shown: region::Shown = read("region", shown)?;
    drawn(context, |context| region::figure(context, &found, &shown))
}

/// A map at every checkpoint of a training, figure 4.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn training(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "TrainingShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let shown: evolution::Shown = read("training", shown)?;
    drawn(context, |context| evolution::figure(context, &shown))
}

/// One checkpoint of it, a picture of a film.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn still(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "TrainingStill")] shown: JsValue,
) -> Result<String, JsValue> {
    let shown: evolution::Still = read("still", shown)?;
    drawn(context, |context| evolution::still(context, &shown))
}

/// The way of a photograph through the layers, to post.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn card(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "CardShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let shown: card::Shown = read("card", shown)?;
    drawn(context, |context| card::figure(context, &shown))
}

/// The strongest pictures of a map, figure 2.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn top(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "TopShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let shown: top::Shown = read("top", shown)?;
    drawn(context, |context| top::figure(context, &shown))
}

/// Networks' first filters, figure 6.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn filters(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "FiltersShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let shown: comparison::Shown = read("filters", shown)?;
    drawn(context, |context| comparison::figure(context, &shown))
}

/// A unit's favourite.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn favourite(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "Record<string, unknown>")] found: JsValue,
    #[wasm_bindgen(unchecked_param_type = "FavouriteShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let found: activation_maximisation::Climbed = read("favourite", found)?;
    let shown: activation_maximisation::Shown = read("favourite", shown)?;
    drawn(context, |context| {
        activation_maximisation::figure(context, &found, &shown)
    })
}

/// One projection with its patch and its map.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn projection(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "ProjectionShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let shown: projection::Shown = read("projection", shown)?;
    drawn(context, |context| projection::figure(context, &shown))
}

/// A layer's maps on a sheet of A4.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn maps(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "MapsShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let shown: maps::Shown = read("maps", shown)?;
    drawn(context, |context| maps::figure(context, &shown))
}

/// The deconvnet's operations on a few numbers.
///
/// # Errors
/// As [`occlusion`].
#[wasm_bindgen]
pub fn learn(
    #[wasm_bindgen(unchecked_param_type = "FigureContext")] context: JsValue,
    #[wasm_bindgen(unchecked_param_type = "LearnShown")] shown: JsValue,
) -> Result<String, JsValue> {
    let shown: arithmetic::Shown = read("learn", shown)?;
    drawn(context, |context| arithmetic::figure(context, &shown))
}

fn drawn(context: JsValue, figure: impl FnOnce(&Context<'_>) -> Scene) -> Result<String, JsValue> {
    let Told {
        network,
        classes,
        device,
        language,
    } = read("context", context)?;
    let language: Language = language
        .parse()
        .map_err(|error| coded("out-of-range", &format!("{error}")))?;
    let scene = figure(&Context {
        network: &network,
        classes: &classes,
        device: &device,
        words: zfnet_words::Words::new(language),
    });
    svg(&scene).map_err(to_js)
}

fn read<T: DeserializeOwned>(what: &str, value: JsValue) -> Result<T, JsValue> {
    let read = serde_wasm_bindgen::from_value(value);
    read.map_err(|error| coded("out-of-range", &format!("{what}: {error}")))
}

fn to_js(error: Error) -> JsValue {
    let code = match &error {
        Error::OutOfRange { .. } => "out-of-range",
        _ => "execution",
    };
    coded(code, &error.to_string())
}

/// A JavaScript `Error` with the code by which the page knows what is wrong.
fn coded(code: &str, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}
