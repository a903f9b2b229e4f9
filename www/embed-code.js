/** The view of now for somebody else's page: as an element, a frame, a link, and a picture with a link. */
import './lens/experiments/share/words.js';
import { hashFromView } from './lens/view/state.js';
import { dialog } from './lens/widgets/dialogs.js';
import { h } from './lens/widgets/dom.js';

/** @import { Lens } from './lens/lens.js' */
/** @import { Viewer } from './lens/view/viewer.js' */
/** @import { Key } from './lens/text.js' */
/** @typedef {'full' | 'some' | 'none'} Controls */

/** What `<zf-lens>` calls the words of an address that it has attributes for. @type {Record<string, string>} */
const ATTRIBUTES = {
  sample: 'sample',
  tab: 'view',
  layer: 'layer',
  map: 'map',
  unit: 'unit',
  rule: 'rule',
  lang: 'lang',
  theme: 'theme',
};
/** Which is the one that stands in the address without being chosen. */
const USUAL = { v: '1', rule: 'deconvnet', scale: 'own' };

/** @param {string} text between quotes of HTML */
const quoted = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** The same view in four forms. @param {string} hash @param {Controls} controls */
function formsOf(hash, controls) {
  const here = (/** @type {string} */ path) => new URL(path, document.baseURI).href;
  const words = [...new URLSearchParams(hash.slice(1))].filter(
    ([name, value]) => !(name in USUAL) || value !== USUAL[/** @type {keyof typeof USUAL} */ (name)],
  );
  const isPlain = words.every(([name, value]) => name in ATTRIBUTES && !(name === 'unit' && value.includes('/')));
  const said = isPlain
    ? words.map(([name, value]) => [ATTRIBUTES[name] ?? name, value])
    : [['state', words.map((word) => word.map(encodeURIComponent).join('=')).join('&')]];
  const attributes = [...said, ['controls', controls]]
    .map(([name, value]) => ` ${name}="${quoted(value ?? '')}"`)
    .join('');
  const frame = `${here('embed.html')}?controls=${controls}${hash}`;
  // With everything in a reader's hands, the page itself is the better link.
  const link = controls === 'full' ? here('./') + hash : frame;
  const sample = new URLSearchParams(hash.slice(1)).get('sample');
  const picture = here(sample ? `samples/${sample}.jpg` : 'screenshots/card.jpg');
  return /** @type {const} */ ([
    ['embedTag', `<script type="module" src="${here('zf-lens.js')}"></script>\n<zf-lens${attributes}></zf-lens>`],
    [
      'embedFrame',
      `<iframe src="${quoted(frame)}" title="ZF Lens" width="100%" height="640" loading="lazy" allow="camera" style="border: 0"></iframe>`,
    ],
    ['embedLink', link],
    ['embedMarkdown', `[![ZF Lens](${picture})](${link})`],
  ]);
}

/** @param {Lens} lens @param {Viewer} viewer */
export function createEmbed(lens, viewer) {
  const { t } = lens.words;
  /** @type {Controls} */
  let controls = 'some';
  const choices = /** @type {const} */ (['full', 'some', 'none']);
  const choice = h(
    'select',
    {},
    ...choices.map((one) => h('option', { value: one, t: /** @type {Key} */ (`embedControls-${one}`) })),
  );
  choice.value = controls;
  choice.addEventListener('change', () => {
    controls = /** @type {Controls} */ (choice.value);
    draw();
  });
  const own = h('p', { class: 'note', t: 'embedOwn' });
  const list = h('div', { class: 'embed-forms' });
  const more = h('a', { t: 'embedMore' });
  const page = dialog(
    'embedTitle',
    h('label', { class: 'field' }, h('span', { t: 'embedControls' }), choice),
    own,
    list,
    h('p', { class: 'note' }, more),
  );
  page.classList.add('embed');
  lens.element.append(page);

  function draw() {
    more.href = lens.words.language === 'zh' ? 'embedding.zh.html' : 'embedding.html';
    own.hidden = viewer.shown === null || Boolean(viewer.shown.sample);
    const forms = formsOf(hashFromView(viewer.addressed), controls);
    list.replaceChildren(
      ...forms.map(([key, code]) => {
        const text = h(
          'textarea',
          { readonly: true, rows: String(code.includes('\n') ? 3 : 2), spellcheck: 'false', label: key },
          code,
        );
        const copy = h('button', { type: 'button', class: 'button', t: 'embedCopy', data: { copy: key } });
        copy.addEventListener('click', async () => {
          text.select();
          const isDone = await navigator.clipboard?.writeText(code).then(
            () => true,
            () => false,
          );
          copy.textContent = t(isDone ? 'embedCopied' : 'embedCopyFailed');
        });
        return h('section', {}, h('h3', { t: key }), text, copy);
      }),
    );
  }

  const open = () => {
    draw();
    page.showModal();
  };
  return h(
    'section',
    { class: 'embed-offer' },
    h('h2', { t: 'embedTitle' }),
    h('p', { t: 'embedText' }),
    h('button', { type: 'button', class: 'button', data: { action: 'embed' }, t: 'embedOpen', on: { click: open } }),
  );
}
