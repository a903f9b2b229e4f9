/** A tour in the making: the present view becomes a stop, with words in the language of the page. */
import { download } from '../lens/export.js';
import { h, iconButton } from '../lens/widgets/dom.js';
import { FORMAT } from './file.js';
import { createKeeper } from './keeper.js';
import { read } from './panel.js';
import { hashOf, namesSample, PLACES } from './stop.js';

/** @import { Lens } from '../lens/lens.js' */
/** @import { Key } from '../lens/text.js' */
/** @import { Stop, Tour, Words } from './file.js' */

/**
 * @param {Lens} lens
 * @param {{
 *   viewer: import('../lens/view/viewer.js').Viewer,
 *   onTry: (made: Tour) => void,
 *   onGo: (hash: string) => void,
 *   say: (words: string) => void,
 * }} options
 */
export function createRecorder(lens, { viewer, onTry, onGo, say }) {
  const { t } = lens.words;
  const keeper = createKeeper('zf-lens.tour.draft');
  /** What was begun before in this session. @type {Tour} */
  const draft = keeper.kept?.title && Array.isArray(keeper.kept.stops) ? keeper.kept : { title: {}, stops: [] };
  /** Which stop is being changed; `null`: a new one is written. @type {number | null} */
  let open = null;
  /** The words of that stop, in every language that they were written in. */
  let written = wordsOf(null);

  const keep = () => keeper.keep(draft);
  /** @param {Key} key @param {HTMLElement} control */
  const field = (key, control) => h('label', { class: 'field' }, h('span', { t: key }), control);
  const name = h('input', { type: 'text', maxlength: '200', autocomplete: 'off' });
  const title = h('input', { type: 'text', maxlength: '200', autocomplete: 'off' });
  const text = h('textarea', { rows: '2', maxlength: '2000' });
  const task = h('input', { type: 'text', maxlength: '500', autocomplete: 'off' });
  const place = h(
    'select',
    {},
    ...['', ...PLACES].map((one) => h('option', { value: one, t: /** @type {Key} */ (`tourAt-${one || 'auto'}`) })),
  );
  const withSample = h('input', { type: 'checkbox' });
  const sampleLabel = h('label', { class: 'check' }, withSample, h('span', { t: 'tourStopSample' }));
  const list = h('ol', { label: 'tourStops' });
  const note = h('p', { class: 'note', role: 'status' });
  const button = (/** @type {Key} */ key, /** @type {() => void} */ click, kind = '') =>
    h('button', { type: 'button', class: `button ${kind}`, t: key, on: { click } });
  const add = button('tourAdd', () => save(), 'primary');
  const cancel = button('tourCancel', () => edit(null));
  const tryOut = button('tourTry', () => isWhole() && onTry(structuredClone(draft)));
  const take = button('tourDownload', () => {
    if (!isWhole()) return;
    const file = { format: FORMAT, ...draft };
    download(new Blob([`${JSON.stringify(file, null, 2)}\n`], { type: 'application/json' }), 'zf-lens-tour.json');
    tell(t('tourAnnounce'));
  });
  const element = h(
    'div',
    { class: 'recorder' },
    h('p', { class: 'note', t: 'tourRecordText' }),
    field('tourTitle', name),
    list,
    h(
      'div',
      { class: 'stop-form' },
      field('tourStopTitle', title),
      field('tourStopText', text),
      field('tourStopDo', task),
      field('tourStopAt', place),
      sampleLabel,
    ),
    note,
    h('div', { class: 'ways' }, add, cancel, tryOut, take),
  );
  name.addEventListener('input', () => {
    put(draft.title, name.value);
    keep();
  });
  const fields = /** @type {const} */ ([
    ['title', title],
    ['text', text],
    ['do', task],
  ]);
  for (const [key, control] of fields) control.addEventListener('input', () => put(written[key], control.value));

  /** @param {string} words */
  function tell(words) {
    note.textContent = words;
    say(words);
  }

  /** @param {Words} words @param {string} value */
  function put(words, value) {
    if (value.trim()) words[lens.words.language] = value.trim();
    else delete words[lens.words.language];
  }

  function isWhole() {
    if (Object.keys(draft.title).length === 0) {
      tell(t('tourLacksTitle'));
      name.focus();
      return false;
    }
    if (draft.stops.length === 0) {
      tell(t('tourLacksWords'));
      title.focus();
      return false;
    }
    return true;
  }

  function save() {
    if (Object.keys(written.title).length === 0 || Object.keys(written.text).length === 0) {
      tell(t('tourLacksWords'));
      return (title.value.trim() ? text : title).focus();
    }
    const { sample } = viewer.resolved;
    /** @type {Stop} */
    const stop = {
      title: written.title,
      text: written.text,
      ...(Object.keys(written.do).length > 0 && { do: written.do }),
      hash: hashOf(viewer.view, withSample.checked ? sample : null),
      ...(place.value && { at: /** @type {import('./stop.js').PlaceName} */ (place.value) }),
    };
    const at = open ?? draft.stops.length;
    draft.stops[at] = stop;
    keep();
    edit(null);
    tell(t('tourAdded', { at: at + 1 }));
    title.focus({ preventScroll: true });
  }

  /** @param {number | null} at */
  function edit(at) {
    const stop = at === null ? null : (draft.stops[at] ?? null);
    open = at;
    written = wordsOf(stop);
    place.value = stop?.at ?? '';
    withSample.checked = stop ? namesSample(stop.hash) : false;
    fill();
    draw();
    note.textContent = '';
    if (stop) onGo(stop.hash);
  }

  /** The fields, with the words of the language of now. */
  function fill() {
    name.value = draft.title[lens.words.language] ?? '';
    for (const [key, control] of fields) control.value = written[key][lens.words.language] ?? '';
  }

  function draw() {
    const { sample } = viewer.resolved;
    sampleLabel.hidden = !sample || !viewer.shown;
    if (sampleLabel.hidden) withSample.checked = false;
    const key = open === null ? 'tourAdd' : 'tourSave';
    add.dataset.t = key;
    add.textContent = t(key);
    cancel.hidden = open === null;
    list.hidden = draft.stops.length === 0;
    const rows = JSON.stringify([draft.stops.map((stop) => read(lens, stop.title)), open]);
    if (list.dataset.rows === rows) return;
    list.dataset.rows = rows;
    const held = [...list.children].findIndex((row) => row.contains(document.activeElement));
    list.replaceChildren(
      ...draft.stops.map((stop, at) => {
        const words = h('button', { type: 'button', class: 'words', on: { click: () => edit(at) } });
        words.textContent = `${at + 1}. ${read(lens, stop.title) || t('tourUntitled')}`;
        if (at === open) words.setAttribute('aria-current', 'true');
        const earlier = iconButton('back', 'tourEarlier', () => move(at));
        const remove = iconButton('close', 'tourRemove', () => drop(at));
        for (const [one, what] of /** @type {const} */ ([
          [earlier, 'tourEarlier'],
          [remove, 'tourRemove'],
        ])) {
          delete one.dataset.tLabel;
          delete one.dataset.tTitle;
          one.title = t(what, { at: at + 1 });
          one.setAttribute('aria-label', one.title);
        }
        earlier.disabled = at === 0;
        return h('li', {}, words, earlier, remove);
      }),
    );
    // The row in the place of the one that had the focus has it now.
    const row = list.children[Math.min(held, draft.stops.length - 1)];
    if (held >= 0) (row?.querySelector('button') ?? title).focus({ preventScroll: true });
  }

  /** @param {number} at */
  function move(at) {
    draft.stops.splice(at - 1, 0, ...draft.stops.splice(at, 1));
    keep();
    edit(null);
  }

  /** @param {number} at */
  function drop(at) {
    draft.stops.splice(at, 1);
    keep();
    edit(null);
  }

  let language = '';
  return {
    element,
    draw,
    /** The page's language may be another one now, and with it the words that are written. */
    render() {
      if (language === lens.words.language) return;
      language = lens.words.language;
      list.dataset.rows = '';
      note.textContent = '';
      fill();
      draw();
    },
  };
}

/** A copy that can be written into. @param {Stop | null} stop @returns {{ title: Words, text: Words, do: Words }} */
function wordsOf(stop) {
  return { title: { ...stop?.title }, text: { ...stop?.text }, do: { ...stop?.do } };
}
