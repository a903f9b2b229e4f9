/** Boxes from elsewhere and for elsewhere: the files of `zf-lens correspondence`, and an example that is marked already. */
import { download } from '../../export.js';
import { h } from '../../widgets/dom.js';
import { entriesIn, lastOf } from './boxes.js';
import { EXAMPLE, PARTS_OF_EXAMPLE } from './example.js';
import { LETTERS, picturesOf } from './marks.js';

/** @import { Place } from '../../tab.js' */
/** @import { Entry } from './boxes.js' */
/** @import { Marked, Marks } from './marks.js' */

/** @param {Place} place @param {Marks} marks */
export function createCarry({ lens, viewer, album, onError, say }, marks) {
  const { t } = lens.words;
  const input = h('input', {
    type: 'file',
    accept: '.json,application/json',
    class: 'unseen',
    tabindex: '-1',
    label: 'partsLoad',
  });
  input.addEventListener('change', async () => {
    const [file] = input.files ?? [];
    // The same file may be chosen again later.
    input.value = '';
    if (file) await load(await file.text()).catch(onError);
  });
  const attempt = h('button', {
    type: 'button',
    class: 'button primary',
    t: 'partsTry',
    on: { click: () => void takeExample().catch(onError) },
  });
  const save = h('button', { type: 'button', class: 'button', t: 'partsSave', on: { click: saveBoxes } });
  const told = h('p', { class: 'note' });
  const open = h('button', { type: 'button', class: 'button', t: 'partsLoad', on: { click: () => input.click() } });
  const element = h('div', { class: 'ways' }, attempt, open, save, input, told);

  const pictures = () => (viewer.shown ? picturesOf(lens, viewer.shown, album) : []);

  async function takeExample() {
    for (const { sample } of EXAMPLE) {
      const known = album.samples.find(({ id }) => id === sample);
      if (known && viewer.shown?.sample !== sample) await album.addSample(known);
    }
    tell('');
    marks.replace(
      PARTS_OF_EXAMPLE,
      EXAMPLE.map(({ sample, boxes }) => ({ picture: { key: sample, sample }, all: boxes })),
    );
  }

  function saveBoxes() {
    const text = `${JSON.stringify(entriesOf(pictures(), marks), null, 1)}\n`;
    download(new Blob([text], { type: 'application/json' }), 'zf-lens-boxes.json');
  }

  /** @param {string} text of a file of boxes */
  async function load(text) {
    /** @type {Entry[]} */
    let entries;
    try {
      entries = entriesIn(text);
    } catch (error) {
      return tell(t('partsUnreadable', { found: error instanceof Error ? error.message : String(error) }));
    }
    const all = [...new Set(entries.map((entry) => entry.part))];
    const names = all.slice(0, LETTERS.length);
    for (const sample of album.samples) {
      const file = lastOf(sample.file);
      const isMeant = entries.some((entry) => lastOf(entry.file) === file);
      if (isMeant && !pictures().some((picture) => picture.file === file)) await album.addSample(sample);
    }
    const here = pictures();
    const boxOf = (/** @type {string} */ file, /** @type {string} */ name) =>
      entries.find((entry) => lastOf(entry.file) === file && entry.part === name)?.box ?? null;
    const marked = here.map((picture) => ({ picture, all: names.map((name) => boxOf(picture.file, name)) }));
    const files = [...new Set(entries.map((entry) => lastOf(entry.file)))];
    const strangers = files.filter((file) => !here.some((picture) => picture.file === file));
    marks.replace(names, marked);
    const count = marked.flatMap((one) => one.all).filter((box) => box !== null).length;
    const words = [t('partsLoaded', { count })];
    if (strangers.length > 0) words.push(t('partsStrangers', { names: strangers.join(t('partsComma')) }));
    if (all.length > names.length) words.push(t('partsTooMany', { count: names.length }));
    tell(words.join(' '));
  }

  /** @param {string} words */
  function tell(words) {
    told.textContent = words;
    if (words) say(words);
  }

  return {
    element,
    /** @param {boolean} isDone whether enough is marked already */
    update(isDone) {
      attempt.classList.toggle('primary', !isDone);
      save.hidden = entriesOf(pictures(), marks).length === 0;
      attempt.hidden = !EXAMPLE.every(({ sample }) => album.samples.some(({ id }) => id === sample));
    },
  };
}

/** @param {Marked[]} pictures @param {Marks} marks @returns {Entry[]} */
export function entriesOf(pictures, marks) {
  const { names } = marks;
  return pictures.flatMap((picture) =>
    marks.on(picture).flatMap((box, at) => (box ? [{ file: picture.file, part: names[at] ?? '', box }] : [])),
  );
}
