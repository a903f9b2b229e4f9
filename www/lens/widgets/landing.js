/** What stands there before a photograph: what this is, the ways to bring a photograph, and the samples, which turn into what the network sees in them. */
import { isKey } from '../text.js';
import { h, iconButton } from './dom.js';
import { pictureOf } from './drop.js';

/** @import { Lens } from '../lens.js' */
/** @import { Sample } from './drop.js' */
/** What a link shows as soon as there is a photograph. @typedef {Pick<import('../view/state.js').View, 'tab' | 'layer' | 'map' | 'unit' | 'classIndex'>} Linked */
/**
 * @typedef {object} LandingHandlers
 * @property {() => void} onChoose
 * @property {(sample: Sample) => void} onSample
 * @property {() => void} onCamera
 * @property {() => void} onPaste
 * @property {() => void} onIntent something is about to come: time to fetch the program
 * @property {() => void} onLesson
 */

/** @param {Lens} lens @param {LandingHandlers} handlers */
export function createLanding(lens, { onChoose, onSample, onCamera, onPaste, onIntent, onLesson }) {
  const { t, inLanguage } = lens.words;
  const wall = h('div', { class: 'wall' });
  const openLesson = (/** @type {Event} */ event) => {
    event.preventDefault();
    onLesson();
  };
  const lesson = h('a', { href: '#v=1&tab=learn', t: 'lessonLink', on: { click: openLesson, pointerenter: onIntent } });
  const waits = h('p', { class: 'lead waits', role: 'status', hidden: true });
  const element = h(
    'section',
    { class: 'landing' },
    h('h1', { t: 'tagline' }),
    h('p', { class: 'lead', t: 'intro' }),
    waits,
    h(
      'div',
      { class: 'ways' },
      h('button', {
        type: 'button',
        class: 'button primary',
        t: 'choose',
        on: { click: onChoose, pointerenter: onIntent },
      }),
      iconButton('camera', 'camera', onCamera, true),
      iconButton('paste', 'paste', onPaste, true),
    ),
    h(
      'p',
      { class: 'note' },
      h('span', { t: 'drop' }),
      h('span', { class: 'dot', 'aria-hidden': 'true' }, ' · '),
      h('span', { t: 'private' }),
    ),
    h('p', { class: 'or', t: 'samples' }),
    wall,
    h('p', { class: 'lesson-link' }, lesson),
  );

  /** What the network sees in it, shown on the way to opening it. @param {Sample} sample */
  const seen = ({ id }) =>
    h('img', {
      src: new URL(`seen/${id}.webp`, lens.samples).href,
      alt: '',
      loading: 'lazy',
      draggable: 'false',
      class: 'seen',
    });

  /** @type {{ title: Sample['title'], words: HTMLElement }[]} */
  const captions = [];
  /** @type {Linked | null} */
  let linked = null;

  function drawWaits() {
    waits.hidden = !linked;
    if (!linked) return;
    const { tab, layer, map, unit, classIndex } = linked;
    const name = `tab-${tab}`;
    const what = [
      tab !== 'explore' && isKey(name) && t(name),
      classIndex === null ? layer : t('linkClass', { index: classIndex }),
      classIndex === null && map !== null && t('linkMap', { map }),
      classIndex === null && unit && t('linkUnit', { row: unit[0], col: unit[1] }),
    ];
    waits.textContent = t('linkWaits', { what: what.filter(Boolean).join(t('comma')) });
  }

  function render() {
    drawWaits();
    for (const { title, words } of captions) words.textContent = inLanguage(title);
  }

  return {
    element,
    render,
    /** A link that waits for a photograph, told above the ways to bring one. @param {Linked | null} view */
    setLinked(view) {
      linked = view;
      drawWaits();
    },
    /** @param {Sample[]} samples */
    setSamples(samples) {
      for (const sample of samples) {
        const words = h('span', {});
        const caption = h('span', { class: 'caption' }, words);
        if (sample.stranger) caption.append(h('small', { t: 'strangeTile' }));
        const open = { click: () => onSample(sample), pointerenter: onIntent, focus: onIntent };
        captions.push({ title: sample.title, words });
        wall.append(
          h(
            'button',
            { type: 'button', class: 'print tile', data: { sample: sample.id }, on: open },
            h('span', { class: 'faces' }, pictureOf(lens, sample), seen(sample)),
            caption,
          ),
        );
      }
      render();
    },
  };
}
