// In the browser: the same network in ZF Lens, onnxruntime-web and TensorFlow.js, each on one thread.

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

/** What can be asked: questions by name, each with a number that makes it another one. */
export async function zfLens() {
  const { openLens } = await import('/dist/lens/engine/lens.js');
  const lens = await openLens({ backend: 'cpu', weights: '/dist/weights/manifest.json' });
  const look = (seed) => lens.look(pixels(seed), { crop: { left: 0, top: 0, size: 224 } });
  const { layers } = await look(0);
  const strongest = Object.fromEntries(layers.map(({ layer, strongest }) => [layer, strongest]));
  const unit = (layer, rule) => (seed) => {
    const { map, row, col } = strongest[layer][seed % strongest[layer].length];
    return lens.project({ layer, map, unit: [row, col], rule });
  };
  return {
    forward: async (seed) => {
      const { classes } = await look(seed);
      return classes.sort((a, b) => a.index - b.index).map(({ logit }) => logit);
    },
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
      'occlusion, 529 squares': () =>
        lens.ask('occlusion', { size: 48, stride: 8, fill: 'mean', layer: null, map: null, class: null, batch: 8 }),
    },
  };
}

export async function onnxRuntime({ mean }) {
  const ort = await import('/modules/onnxruntime-web/dist/ort.wasm.min.mjs');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = '/modules/onnxruntime-web/dist/';
  const session = await ort.InferenceSession.create('/network.onnx', { executionProviders: ['wasm'] });
  return {
    forward: async (seed) => {
      const input = new ort.Tensor('float32', planes(seed, mean, false), [1, 3, 224, 224]);
      return [...(await session.run({ input })).output.data];
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
  const run = (values) =>
    tf.tidy(() => {
      let x = tf.tensor(values, [1, 224, 224, 3]);
      for (const { name, op, kernel, stride, pad, alpha, beta, k } of layers) {
        const [weight, bias] = [held[`${name}.weight`], held[`${name}.bias`]];
        if (op === 'conv')
          x = tf.fused.conv2d({
            x: padded(x, pad),
            filter: weight,
            strides: stride,
            pad: 'valid',
            bias,
            activation: 'relu',
          });
        else if (op === 'max_pool') x = tf.maxPool(padded(x, pad), kernel, stride, 'valid');
        else if (op === 'lrn') x = normalised(x, held[name], { alpha, beta, k });
        else if (op === 'dense') {
          if (x.rank === 4) x = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [1, -1]);
          const isLast = name === layers.at(-1).name;
          x = tf.fused.matMul({ a: x, b: weight, bias, activation: isLast ? 'linear' : 'relu' });
        }
      }
      return x;
    });
  return {
    forward: async (seed) => {
      const out = run(planes(seed, mean, true));
      const values = [...(await out.data())];
      out.dispose();
      return values;
    },
  };
}
