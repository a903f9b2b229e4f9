//! Architecture selection (figure 6) for the page: a network's first filters, their numbers, and what its first two layers
//! answer to; of the network on view or of another, which lives as long as the question.

use std::ops::ControlFlow;
use std::rc::Rc;

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::experiments::paper::filters::{Filters, Meter, Settings};
use zfnet::experiments::paper::hierarchy;
use zfnet::pictures::rendering::{self, Stretch};
use zfnet::{Crop, Error, Network, ReluRule};

use super::hierarchy::{first_layers, grown};
use super::{Listener, answer, asked, written};
use crate::engine::{Engine, Seen};
use crate::error::to_js;
use crate::results::{Fields, list, picture, plain};

/// Layers whose strongest maps are drawn, as in the figure.
const LAYERS: usize = 2;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Weights of another network, null: the one on view; strongest maps of each layer; filters below `weakBelow` of the median are weak. */
export interface FilterBankAsk { bytes: Uint8Array | null; rule: Rule; maps: number; weakBelow: number }
/** As `zfnet::experiments::paper::filters`: frequencies in cycles per pixel, shares from 0 to 1; null where there is none. */
export interface MeasuredFilter {
  rms: number; weak: boolean; frequency: number | null; bands: [number, number, number] | null; aliasing: number | null;
  strongest: number | null; aliasing_on_pictures: number | null;
}
export interface FilterMixture {
  median_rms: number; largest_rms: number; weak: number; silent: number | null; frequency: number | null;
  spread: number | null; histogram: number[]; bands: [number, number, number] | null; aliasing: number | null;
  aliasing_on_pictures: number | null;
}
export interface MeasuredFilters {
  layer: string; shape: [number, number, number, number]; stride: [number, number]; pictures: number; mixture: FilterMixture;
  filters: MeasuredFilter[];
}
/** First the filters as they are drawn, each on its own scale and all on one; then their numbers; then tiles. */
export type FilterBankPart =
  | { kind: 'drawn'; network: string; measured: MeasuredFilters; written: Written; own: Picture[]; shared: Picture[]; white: number }
  | { kind: 'measured'; measured: MeasuredFilters; written: Written }
  | { kind: 'tiles'; part: HierarchyPart };
"#;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ask {
    rule: ReluRule,
    maps: usize,
    weak_below: f64,
}

#[wasm_bindgen]
impl Engine {
    /// Draws and measures a network's first filters on the picture on view, and projects the strongest maps of its first two
    /// layers. Parts are `FilterBankPart`, in that order.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `no-network`, `weights` when the bytes are none, `out-of-range` for a network
    /// whose first filters cannot be drawn, `execution`.
    #[wasm_bindgen(js_name = filterBank, unchecked_return_type = "Promise<null>")]
    pub fn filter_bank(
        &self,
        #[wasm_bindgen(unchecked_param_type = "FilterBankAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] tell: Function,
    ) -> Result<Promise, JsValue> {
        let bytes = Reflect::get(&ask, &"bytes".into())?;
        let Ask {
            rule,
            maps,
            weak_below,
        } = asked("filters", ask)?;
        let (network, seen) = match bytes.is_object() {
            true => self.other(&Uint8Array::new(&bytes).to_vec())?,
            false => (Rc::clone(self.network()?), Rc::clone(self.seen()?)),
        };
        let listener = Listener::from(tell);
        Ok(answer(async move {
            let network = &*network;
            let mut meter = Meter::new(network, None, Settings { weak_below })
                .await
                .map_err(to_js)?;
            if tell_drawn(network, &meter, &listener).await?.is_break() {
                return Ok(JsValue::NULL);
            }
            let input = seen.prepared.tensor(network).map_err(to_js)?;
            meter.look(input).await.map_err(to_js)?;
            let part = Fields::new()
                .with("kind", "measured")
                .with("measured", plain(&meter.filters())?)
                .with("written", written(network, &meter.filters())?);
            if listener.tell(part.done()).await.is_break() {
                return Ok(JsValue::NULL);
            }
            let settings = hierarchy::Settings {
                layers: first_layers(network, LAYERS, maps),
                rule,
            };
            let tell = async |part: JsValue| {
                let part = Fields::new().with("kind", "tiles").with("part", part);
                listener.tell(part.done()).await
            };
            grown(network, &seen.trace, &settings, tell).await?;
            Ok(JsValue::NULL)
        }))
    }
}

impl Engine {
    /// Another network, and what it makes of the part on view.
    fn other(&self, bytes: &[u8]) -> Result<(Rc<Network>, Rc<Seen>), JsValue> {
        let photo = self.photo()?;
        let [left, top, width, _] = self.seen()?.prepared.part;
        let network = self.read(bytes)?;
        let input = &network.model.input;
        // A network's own choice is scaled before it is cut.
        let crop = match photo.centre(input)[..3] == [left, top, width] {
            true => Crop::Centre,
            false => Crop::Part { left, top, width },
        };
        let prepared = photo.prepare(input, crop).map_err(to_js)?;
        let entering = prepared.tensor(&network).map_err(to_js)?;
        let trace = network.forward(entering).map_err(to_js)?;
        Ok((Rc::new(network), Rc::new(Seen { prepared, trace })))
    }
}

/// Tells of the filters as they are drawn, with what is known from the weights alone.
async fn tell_drawn(
    network: &Network,
    meter: &Meter<'_>,
    listener: &Listener,
) -> Result<ControlFlow<()>, JsValue> {
    let [_, channels, rows, cols] = meter.shape();
    if !matches!(channels, 1 | 3) {
        return Err(to_js(Error::OutOfRange {
            subject: format!("filters of {}", network.model.name),
            expected: "filters on one or three colour channels".into(),
            found: format!("{channels} channels"),
        }));
    }
    let input = &network.model.input;
    let each = meter.weights().chunks(channels * rows * cols);
    let each: Vec<Vec<f32>> = each
        .map(|filter| input.in_rgb_order(filter.to_vec()))
        .collect();
    let white = rendering::magnitude(meter.weights());
    let draw = |filter: &[f32], white: f32| {
        let scale = Some(white);
        picture(&rendering::projection(filter, [rows, cols], Stretch::Quantile, scale).0)
    };
    let largest = |filter: &[f32]| filter.iter().fold(0f32, |most, v| most.max(v.abs()));
    let own: Array = list(each.iter().map(|filter| draw(filter, largest(filter))));
    let shared: Array = list(each.iter().map(|filter| draw(filter, white)));
    let measured: Filters = meter.filters();
    let part = Fields::new()
        .with("kind", "drawn")
        .with("network", network.model.name.as_str())
        .with("measured", plain(&measured)?)
        .with("written", written(network, &measured)?)
        .with("own", own)
        .with("shared", shared)
        .with("white", white);
    Ok(listener.tell(part.done()).await)
}
