/** What is seen, to take away: its numbers, and files under their names. */
import { branchOf } from './widgets/map-name.js';

/** @import { Session } from './engine/session.js' */
/** @import { Viewer } from './view/viewer.js' */

/** The signed numbers behind the drawing, [channels, rows, columns]. @param {import('./engine/protocol.js').Projection} projection */
export function rawValues({ values, projection: { height, width } }) {
  return values && { shape: [values.length / (height * width), height, width], values };
}

/**
 * @param {Viewer} viewer
 * @param {Session} session
 */
export function numbers(viewer, session) {
  const { shown, resolved, maps } = viewer;
  const projection = viewer.projection;
  const target = viewer.target;
  const layer = target && target.kind !== 'class' ? target.layer : null;
  const held = maps && maps.layer === layer ? maps : null;
  const map =
    target && target.kind !== 'class' && held
      ? [...held.values.subarray(target.map * held.rows * held.cols, (target.map + 1) * held.rows * held.cols)]
      : null;
  const info = shown?.network.layers.find(({ name }) => name === layer);
  const branch = target && target.kind !== 'class' && branchOf(info, target.map);
  const { lang: _lang, theme: _theme, ...view } = resolved;
  const value = {
    format: 'zf-lens 1',
    view,
    target: branch ? { ...target, branch: { layer: branch.branch, map: branch.own } } : target,
    projection: projection && {
      rule: projection.rule,
      activation: projection.activation,
      window: projection.window,
      scale: projection.scale,
      largest: projection.largest,
      shape: rawValues(projection)?.shape ?? null,
      values: projection.values && [...projection.values],
    },
    map: map && held && { rows: held.rows, cols: held.cols, values: map },
    strongest: shown?.look.layers ?? [],
    classes:
      shown?.look.classes?.map((score) => ({ ...score, name: session.network?.classes[score.index]?.en })) ?? null,
    ...origin(viewer, session),
  };
  const named = withClassNames(session.network?.classes ?? []);
  return new Blob([JSON.stringify(value, named, 1)], { type: 'application/json' });
}

/** For `JSON.stringify`: the name of a class beside its index. @param {readonly { en: string }[]} classes */
export function withClassNames(classes) {
  return (/** @type {string} */ _key, /** @type {any} */ one) => {
    if (!one || typeof one !== 'object' || Array.isArray(one) || ArrayBuffer.isView(one)) return one;
    const index = one.kind === 'class' ? one.index : (one.class ?? one.classIndex);
    const name = typeof index === 'number' ? classes[index]?.en : undefined;
    return name === undefined ? one : { ...one, className: name };
  };
}

/** What numbers come from: the part of the photograph, the network and the device. @param {Viewer} viewer @param {Session} session */
export function origin({ shown }, session) {
  return {
    crop: shown?.look.crop ?? null,
    photograph: shown && { width: shown.info.width, height: shown.info.height, sample: shown.sample },
    network: {
      name: session.network?.name ?? null,
      files:
        session.manifest?.files.map(({ url, bytes, sha256 }) => ({
          file: url.pathname.split('/').pop(),
          bytes,
          sha256,
        })) ?? [],
      provenance: session.network?.provenance ?? null,
    },
    backend: session.running && { backend: session.running.backend, adapter: session.running.adapter },
  };
}

/**
 * A file's name: the photograph's, and what is shown of it.
 * @param {Viewer} viewer
 * @param {string} ending
 * @param {string} [what]
 */
export function fileName(viewer, ending, what = subjectName(viewer)) {
  return `${[photoName(viewer), what].filter(Boolean).map(safe).join('-')}.${ending}`;
}

/** The unit, the map or the class of a view, as file names have it: `conv5-map41-unit3,11`. @param {Viewer} viewer */
function subjectName({ target, shown }) {
  if (!target) return '';
  if (target.kind === 'class') return `class${target.index}-${shown?.network.classes[target.index]?.en ?? ''}`;
  const map = `${target.layer}-map${target.map}`;
  return target.kind === 'map' ? map : `${map}-unit${target.row},${target.col}`;
}

/** @param {Viewer} viewer */
function photoName({ shown }) {
  if (!shown) return 'zf-lens';
  const { blob } = shown.context.photo;
  const file = blob instanceof File ? blob.name.replace(/\.[^.]*$/, '') : '';
  return shown.sample ?? (safe(file) || 'photo');
}

/** Letters, digits, hyphens and the comma of a place: a name that every system takes. @param {string} words */
function safe(words) {
  const plain = words.normalize('NFC').replace(/[^\p{L}\p{N}\p{M},_]+/gu, '-');
  return [...plain]
    .slice(0, 80)
    .join('')
    .replace(/^-+|-+$/g, '');
}

/** @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
