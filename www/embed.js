/**
 * A frame around one lens, for pages that load no script of others: what is shown stands in the hash as everywhere, how it is
 * shown in the query (the attributes of `<zf-lens>`, and its colours and font without `--zf-`). The page around is told the
 * height and what is on view, by messages `{ from: 'zf-lens', event: 'height' | 'state' | 'result', detail }`.
 */
import './zf-lens.js';

/** @import { ZfLens } from './zf-lens.js' */

const FROM = 'zf-lens';
const MANNER = ['reveal', 'lang', 'theme', 'backend', 'weights', 'controls', 'poster'];
/** What may be restyled, and what it is. */
const LOOKS = { accent: 'color', paper: 'background-color', ink: 'color', font: 'font-family' };

const root = document.documentElement;
const query = new URLSearchParams(location.search);
const lens = /** @type {ZfLens} */ (document.createElement('zf-lens'));

/** Whoever frames this may know what is on view; a picture never leaves it. @param {string} event @param {Record<string, unknown>} detail */
function tell(event, detail) {
  if (parent !== window) parent.postMessage({ from: FROM, event, detail }, '*');
}

function tellState() {
  const { status, error, state } = lens;
  root.dataset.status = status;
  tell('state', { status, error, state });
}

for (const name of MANNER) {
  const value = query.get(name);
  if (value) lens.setAttribute(name, value);
}
if (query.get('src') === 'camera') lens.src = 'camera';
for (const [name, property] of Object.entries(LOOKS)) {
  const value = query.get(name) ?? '';
  if (CSS.supports(property, value)) root.style.setProperty(`--zf-${name}`, value);
}
if (query.get('theme')) root.style.colorScheme = query.get('theme') === 'dark' ? 'dark' : 'light';
const words = new URLSearchParams(location.hash.slice(1));
const wanted =
  words.get('lang') ?? query.get('lang') ?? navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag)) ?? 'en';
root.lang = /^zh/i.test(wanted) ? 'zh-Hans' : 'en';
lens.setAttribute('state', words.toString());
lens.addEventListener('zf-change', () => {
  history.replaceState(null, '', `#${new URLSearchParams(lens.state)}`);
  tellState();
});
lens.addEventListener('zf-result', () => tell('result', { state: lens.state }));
new MutationObserver(tellState).observe(lens, { attributeFilter: ['status', 'error'] });
window.addEventListener(
  'hashchange',
  () => (lens.state = Object.fromEntries(new URLSearchParams(location.hash.slice(1)))),
);
document.querySelector('main')?.append(lens);
new ResizeObserver(() => tell('height', { height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(
  document.body,
);
