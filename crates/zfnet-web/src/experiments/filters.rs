//! Architecture selection (figure 6) for the page: a network's first filters, their numbers, and what its first two layers
//! answer to; of the network on view or of another, which lives as long as the question.

use std::ops::ControlFlow;
use std::rc::Rc;

use js_sys::{Function, Promise, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use zfnet::experiments::paper::filters::{self, Filter, Filters, Meter, Mixture, Settings};
use zfnet::experiments::paper::hierarchy;
use zfnet::pictures::rendering;
use zfnet::{Crop, Error, Network, ReluRule};
use zfnet_typescript::{TypeScript, declare};

use super::hierarchy::{HierarchyPart, first_layers, grown};
use super::{Listener, Written, answer, asked, written};
use crate::engine::{Engine, Seen};
use crate::error::to_js;
use crate::results::{Picture, Typed, picture};

/// Layers whose strongest maps are drawn, as in the figure.
const LAYERS: usize = 2;

declare![Filter, Filters, Mixture, FilterBankAsk, FilterBankPart];

#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
struct FilterBankAsk {
    /// Weights of another network; null: the one on view.
    bytes: Option<Typed<Uint8Array>>,
    rule: ReluRule,
    /// Strongest maps of each layer.
    maps: usize,
    /// Filters below this share of the median are weak.
    weak_below: f64,
}

/// First the filters as they are drawn, then their numbers, then tiles.
#[derive(Serialize, TypeScript)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum FilterBankPart<'a> {
    Drawn {
        network: &'a str,
        measured: Filters,
        written: Written,
        /// Each on its own scale.
        own: Vec<Picture>,
        /// All on one.
        shared: Vec<Picture>,
        white: f32,
    },
    Measured {
        measured: Filters,
        written: Written,
    },
    Tiles {
        part: &'a HierarchyPart<'a>,
    },
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
        let FilterBankAsk {
            bytes,
            rule,
            maps,
            weak_below,
        } = asked("filters", ask)?;
        let (network, seen) = match bytes {
            Some(bytes) => self.other(&bytes.0.to_vec())?,
            None => (Rc::clone(self.network()?), Rc::clone(self.seen()?)),
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
            let measured = meter.filters();
            let part = FilterBankPart::Measured {
                written: written(network, &measured),
                measured,
            };
            if listener.tell(&part).await.is_break() {
                return Ok(JsValue::NULL);
            }
            let settings = hierarchy::Settings {
                layers: first_layers(network, LAYERS, maps),
                rule,
            };
            let tell = async |part: HierarchyPart<'_>| {
                let part = FilterBankPart::Tiles { part: &part };
                listener.tell(&part).await
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
    let [_, channels, ..] = meter.shape();
    if !matches!(channels, 1 | 3) {
        return Err(to_js(Error::OutOfRange {
            subject: format!("filters of {}", network.model.name),
            expected: "filters on one or three colour channels".into(),
            found: format!("{channels} channels"),
        }));
    }
    let input = &network.model.input;
    let drawn = |shared| {
        let tiles = filters::tiles(input, meter.weights(), meter.shape(), shared);
        tiles.iter().map(picture).collect()
    };
    let measured: Filters = meter.filters();
    let part = FilterBankPart::Drawn {
        network: &network.model.name,
        written: written(network, &measured),
        measured,
        own: drawn(false),
        shared: drawn(true),
        white: rendering::magnitude(meter.weights()),
    };
    Ok(listener.tell(&part).await)
}
