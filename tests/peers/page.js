// In the browser: the same network in ZF Lens, onnxruntime-web and TensorFlow.js, each on one thread.

/** Pictures that are looked at together. */
const BATCH = 16;
const WHOLE = { left: 0, top: 0, size: 224 };
/** How many pictures a map keeps. */
const COUNT = 9;

/** Those of an occlusion map. */
const SQUARES = { size: 48, stride: 8, fill: 'mean', layer: null, map: null, class: null, batch: 8 };

/** Pixels that no run shares with another, so that nothing is answered from memory. @param {number} seed */
function pixels(seed) {
  const rgba = new Uint8ClampedArray(224 * 224 * 4);
  let state = seed + 1;
  for (let at = 0; at < rgba.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const smooth = 96 + 80 * Math.sin((at >> 2) / (31 + seed));
    rgba[at] = at % 4 === 3 ? 255 : smooth + (state >>> 26);
  }
  return new ImageData(rgba, 224, 224);
}

/** @param {number} seed @param {number[]} mean @param {boolean} last whether the colours are innermost */
function planes(seed, mean, last) {
  const { data } = pixels(seed);
  const values = new Float32Array(3 * 224 * 224);
  for (let place = 0; place < 224 * 224; place++)
    for (let colour = 0; colour < 3; colour++)
      values[last ? place * 3 + colour : colour * 224 * 224 + place] = data[place * 4 + colour] - mean[colour];
  return values;
}

/** As torchvision's networks are fed. @param {number} seed */
function asInTorchvision(seed) {
  const { data } = pixels(seed);
  const values = new Float32Array(3 * 224 * 224);
  for (const [colour, [mean, deviation]] of [
    [0.485, 0.229],
    [0.456, 0.224],
    [0.406, 0.225],
  ].entries())
    for (let place = 0; place < 224 * 224; place++)
      values[colour * 224 * 224 + place] = (data[place * 4 + colour] / 255 - mean) / deviation;
  return values;
}

/** A forward pass of each network that people know. @param {string[]} graphs @param {(name: string) => (seed: number) => Promise<number[]>} scores */
const ofEach = (graphs, scores) => Object.fromEntries(graphs.map((name) => [`forward of ${name}`, scores(name)]));

/** Numbers of the pictures that are looked at together. @param {number} seed */
const several = (seed) => Array.from({ length: BATCH }, (_, at) => seed * BATCH + at);

/** @param {Float32Array[]} all */
function joined(all) {
  const values = new Float32Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of all) {
    values.set(one, at);
    at += one.length;
  }
  return values;
}

/** A square map of 224 pixels a side, bilinear between the centres of places. @param {ArrayLike<number>} map */
function enlarged(map) {
  const side = Math.sqrt(map.length);
  const firsts = new Int32Array(224);
  const shares = new Float32Array(224);
  for (let at = 0; at < 224; at++) {
    const place = Math.min(Math.max(((at + 0.5) * side) / 224 - 0.5, 0), side - 1);
    firsts[at] = Math.min(Math.floor(place), side - 2);
    shares[at] = place - firsts[at];
  }
  const large = new Float32Array(224 * 224);
  for (let row = 0; row < 224; row++)
    for (let col = 0; col < 224; col++) {
      const at = firsts[row] * side + firsts[col];
      const [low, near] = [shares[row], shares[col]];
      const above = map[at] + (map[at + 1] - map[at]) * near;
      const below = map[at + side] + (map[at + side + 1] - map[at + side]) * near;
      large[row * 224 + col] = above + (below - above) * low;
    }
  return large;
}

/**
 * Score-CAM (Wang et al. 2020), as it is written on a runtime. Maps that are the same everywhere let nothing through and have one
 * score.
 * @param {Float32Array[]} maps @param {Float32Array} input @param {boolean} last whether the colours are innermost
 * @param {number} chosen a class @param {(inputs: Float32Array) => Promise<number[]>} scores those of a batch
 */
async function scoreCam(maps, input, last, chosen, scores) {
  const places = 224 * 224;
  const isUneven = (/** @type {Float32Array} */ map) => map.some((value) => value !== map[0]);
  const uneven = maps.map((_, at) => at).filter((at) => isUneven(maps[at]));
  const unseen = uneven.length < maps.length ? (await scores(new Float32Array(3 * places)))[chosen] : NaN;
  const found = maps.map(() => unseen);
  for (let first = 0; first < uneven.length; first += BATCH) {
    const together = uneven.slice(first, first + BATCH);
    const inputs = new Float32Array(together.length * 3 * places);
    for (const [at, map] of together.entries()) {
      const mask = enlarged(maps[map]);
      const [low, high] = ends(mask);
      const masked = inputs.subarray(at * 3 * places, (at + 1) * 3 * places);
      for (let of = 0; of < masked.length; of++) {
        const place = last ? Math.floor(of / 3) : of % places;
        masked[of] = (input[of] * (mask[place] - low)) / (high - low);
      }
    }
    const answers = await scores(inputs);
    const classes = answers.length / together.length;
    for (const [at, map] of together.entries()) found[map] = answers[at * classes + chosen];
  }
  const highest = Math.max(...found);
  const weights = found.map((score) => Math.exp(score - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sum = new Float64Array(maps[0].length);
  for (const [map, weight] of weights.entries())
    for (let at = 0; at < sum.length; at++) sum[at] += (weight / total) * maps[map][at];
  return [...enlarged(sum.map((value) => Math.max(value, 0)))];
}

/** @param {Float32Array} values */
function ends(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** The strongest answers of every map, of those of each picture `[pictures, maps]`, with the picture and the place. */
function winners(most, where) {
  const maps = most.length / BATCH;
  const found = [];
  for (let map = 0; map < maps; map++) {
    const all = Array.from({ length: BATCH }, (_, picture) => ({
      picture,
      activation: most[picture * maps + map],
      place: Number(where[picture * maps + map]),
    }));
    all.sort((a, b) => b.activation - a.activation || a.picture - b.picture);
    found.push(...all.slice(0, COUNT));
  }
  return found;
}

/** What can be asked: questions by name, each with a number that makes it another one. */
export async function zfLens({ graphs }) {
  const { openLens } = await import('/dist/lens/engine/lens.js');
  const opened = (workers) => openLens({ backend: 'cpu', weights: '/dist/weights/manifest.json', workers });
  const lens = await opened(1);
  const look = (seed) => lens.look(pixels(seed), { crop: WHOLE });
  const { layers } = await look(0);
  const strongest = Object.fromEntries(layers.map(({ layer, strongest }) => [layer, strongest]));
  const unit = (layer, rule) => (seed) => {
    const { map, row, col } = strongest[layer][seed % strongest[layer].length];
    return lens.project({ layer, map, unit: [row, col], rule });
  };
  const scores = async (seed) => {
    const { classes } = await look(seed);
    return classes.sort((a, b) => a.index - b.index).map(({ logit }) => logit);
  };
  /** @type {Map<string, Promise<any>>} */
  const others = new Map();
  const other = (name) => async (seed) => {
    const opened = others.get(name) ?? openLens({ backend: 'cpu', weights: `/${encodeURI(name)}.onnx` });
    others.set(name, opened);
    const { classes } = await (await opened).look(pixels(seed), { crop: WHOLE });
    return classes.sort((a, b) => a.index - b.index).map(({ logit }) => logit);
  };
  const topNine = async (lens, seed) => {
    const ask = { state: null, count: COUNT, numbers: several(0), together: BATCH };
    const { state } = await lens.ask('topObserve', ask, {
      pictures: several(seed).map((one) => ({ picture: pixels(one), crop: WHOLE })),
    });
    return state.flatMap(({ activation }) => [...activation]);
  };
  const scoreCamOf = async (lens, seed) => {
    let found = [];
    const method = { method: 'score_cam', layer: 'conv5' };
    await lens.look(pixels(seed), { crop: WHOLE });
    await lens.ask(
      'attribution',
      { questions: [{ method, class: seed % 29, head: null }], heads: [], batch: BATCH },
      { onPart: ({ found: part }) => part && (found = part.values) },
    );
    return [...found];
  };
  const occlusion = (lens) => lens.ask('occlusion', SQUARES);
  /** Two Workers, of which the other comes when it is needed for the first time. */
  let two;
  return {
    ...ofEach(graphs, other),
    forward: scores,
    // A page looks at one picture after the other.
    'forward of 16 pictures': async (seed) => {
      const found = [];
      for (const one of several(seed)) found.push(...(await scores(one)));
      return found;
    },
    'top nine of 16 pictures': (seed) => topNine(lens, seed),
    'Score-CAM of a class': (seed) => scoreCamOf(lens, seed),
    asks: {
      ...Object.fromEntries(
        Object.keys(strongest)
          .filter((layer) => layer.startsWith('conv'))
          .map((layer) => [`one unit of ${layer}`, unit(layer, 'deconvnet')]),
      ),
      'one unit of conv5, guided': unit('conv5', 'guided'),
      'a whole map of conv5': (seed) => lens.project({ layer: 'conv5', map: seed % 256 }),
      'a class': (seed) => lens.project({ class: seed % 29 }),
    },
    long: {
      'all 256 maps of conv5': async () => {
        for (let map = 0; map < 256; map++) await unit('conv5', 'deconvnet')(map);
      },
      'occlusion, 529 squares': () => occlusion(lens),
    },
    /** Opens another lens, which is not timed. */
    async openTwo() {
      two = await opened(2);
      await two.look(pixels(0), { crop: WHOLE });
    },
    shared: {
      'occlusion, 529 squares': () => occlusion(two),
      'Score-CAM of a class': (seed) => scoreCamOf(two, seed),
      'top nine of 16 pictures': (seed) => topNine(two, seed),
    },
  };
}

export async function onnxRuntime({ mean, graphs }) {
  const ort = await import('/modules/onnxruntime-web/dist/ort.wasm.min.mjs');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = '/modules/onnxruntime-web/dist/';
  /** @type {Map<string, Promise<any>>} */
  const sessions = new Map();
  const session = (name) => {
    const made =
      sessions.get(name) ?? ort.InferenceSession.create(`/${encodeURI(name)}.onnx`, { executionProviders: ['wasm'] });
    sessions.set(name, made);
    return made;
  };
  const run = async (name, values) => {
    const input = new ort.Tensor('float32', values, [values.length / (3 * 224 * 224), 3, 224, 224]);
    return (await session(name)).run({ input });
  };
  const scores = async (values) => [...(await run('scores', values)).output.data];
  const batch = (seed) => joined(several(seed).map((one) => planes(one, mean, false)));
  return {
    ...ofEach(graphs, (name) => async (seed) => [...(await run(name, asInTorchvision(seed))).output.data]),
    forward: (seed) => scores(planes(seed, mean, false)),
    'forward of 16 pictures': (seed) => scores(batch(seed)),
    'top nine of 16 pictures': async (seed) => {
      const found = await run('strongest', batch(seed));
      const layers = Object.keys(found).filter((name) => name.endsWith('.most'));
      return layers.flatMap((name) =>
        winners(found[name].data, found[name.replace('.most', '.where')].data).map(({ activation }) => activation),
      );
    },
    'Score-CAM of a class': async (seed) => {
      const input = planes(seed, mean, false);
      const { output } = await run('maps', input);
      const [, count, rows, cols] = output.dims;
      const maps = Array.from({ length: count }, (_, map) =>
        output.data.slice(map * rows * cols, (map + 1) * rows * cols),
      );
      return scoreCam(maps, input, false, seed % 29, scores);
    },
  };
}

export async function tensorFlow({ mean, layers, shapes }) {
  for (const script of ['tfjs-core/dist/tf-core.min.js', 'tfjs-backend-wasm/dist/tf-backend-wasm.min.js'])
    await new Promise((resolve, reject) => {
      const element = document.createElement('script');
      Object.assign(element, { src: `/modules/@tensorflow/${script}`, onload: resolve, onerror: reject });
      document.head.append(element);
    });
  const { tf } = globalThis;
  tf.wasm.setWasmPaths('/modules/@tensorflow/tfjs-backend-wasm/dist/');
  await tf.setBackend('wasm');
  await tf.ready();
  /** @type {Record<string, any>} */
  const held = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const values = new Float32Array(await (await fetch(`/numbers/${name}`)).arrayBuffer());
    const tensor = tf.tensor(values, shape);
    held[name] =
      shape.length === 4 ? tf.transpose(tensor, [2, 3, 1, 0]) : shape.length === 2 ? tf.transpose(tensor) : tensor;
  }
  // Its backend has no normalisation across maps: the sum of squares is a filter of one place with a band of ones.
  const band = (maps, size) =>
    tf.tensor(
      Float32Array.from({ length: maps * maps }, (_, at) =>
        Math.abs(Math.floor(at / maps) - (at % maps)) <= size >> 1 ? 1 : 0,
      ),
      [1, 1, maps, maps],
    );
  for (const { name, op, size } of layers) if (op === 'lrn') held[name] = band(name === 'norm1' ? 96 : 256, size);
  const padded = (x, [top, left, bottom, right]) =>
    top + left + bottom + right
      ? tf.pad(x, [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ])
      : x;
  const normalised = (x, filter, { alpha, beta, k }) => {
    const sums = tf.conv2d(tf.square(x), filter, 1, 'valid');
    return tf.div(x, tf.pow(tf.add(tf.mul(sums, alpha), k), tf.scalar(beta)));
  };
  const features = layers.slice(0, layers.findLastIndex(({ op }) => op === 'conv') + 1);
  const top = features.at(-1).name;
  /** The scores; or, where it is said what to take of the answers of a convolution, only that. */
  const run = (values, take = null) =>
    tf.tidy(() => {
      const count = values.length / (3 * 224 * 224);
      const taken = [];
      let x = tf.tensor(values, [count, 224, 224, 3]);
      for (const { name, op, kernel, stride, pad, alpha, beta, k } of take ? features : layers) {
        const [weight, bias] = [held[`${name}.weight`], held[`${name}.bias`]];
        if (op === 'conv') {
          x = tf.fused.conv2d({
            x: padded(x, pad),
            filter: weight,
            strides: stride,
            pad: 'valid',
            bias,
            activation: 'relu',
          });
          if (take) taken.push(...take(x, name));
        } else if (op === 'max_pool') x = tf.maxPool(padded(x, pad), kernel, stride, 'valid');
        else if (op === 'lrn') x = normalised(x, held[name], { alpha, beta, k });
        else if (op === 'dense') {
          if (x.rank === 4) x = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [count, -1]);
          const isLast = name === layers.at(-1).name;
          x = tf.fused.matMul({ a: x, b: weight, bias, activation: isLast ? 'linear' : 'relu' });
        }
      }
      return take ? taken : [x];
    });
  const read = async (tensors) => {
    const values = await Promise.all(tensors.map((tensor) => tensor.data()));
    for (const tensor of tensors) tensor.dispose();
    return values;
  };
  const scores = async (values) => [...(await read(run(values)))[0]];
  const batch = (seed) => joined(several(seed).map((one) => planes(one, mean, true)));
  const strongest = (x) => {
    const flat = tf.reshape(x, [x.shape[0], -1, x.shape[3]]);
    return [tf.max(flat, 1), tf.argMax(flat, 1)];
  };
  return {
    forward: (seed) => scores(planes(seed, mean, true)),
    'forward of 16 pictures': (seed) => scores(batch(seed)),
    'top nine of 16 pictures': async (seed) => {
      const found = await read(run(batch(seed), strongest));
      const layers = found.filter((_, at) => at % 2 === 0);
      return layers.flatMap((most, at) => winners(most, found[2 * at + 1]).map(({ activation }) => activation));
    },
    'Score-CAM of a class': async (seed) => {
      const input = planes(seed, mean, true);
      const planar = (x, name) => (name === top ? [tf.transpose(x, [3, 0, 1, 2])] : []);
      const [values] = await read(run(input, planar));
      const count = held[`${top}.bias`].size;
      const places = values.length / count;
      const maps = Array.from({ length: count }, (_, map) => values.slice(map * places, (map + 1) * places));
      return scoreCam(maps, input, true, seed % 29, scores);
    },
  };
}
