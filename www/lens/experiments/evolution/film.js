/** The checkpoints side by side, one of them large, and a slider that runs through them. */
import { h, icon, iconButton } from '../../widgets/dom.js';
import { blank, paint } from '../../widgets/paint.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Projection } from '../../engine/protocol.js' */
/** @import { Checkpoint } from './record.js' */

/** How long each checkpoint stays while the film plays, in milliseconds; longer for those who want little motion. */
const STEP = 700;
const CALM_STEP = 1500;

/** @param {Lens} lens @param {{ onSelect: (at: number, final: boolean) => void }} handlers */
export function createFilm(lens, { onSelect }) {
  const { t, number, finePercent } = lens.words;
  const projection = h('canvas', { class: 'blank', role: 'img', data: { view: 'evolution-projection' } });
  const patch = h('canvas', { class: 'blank', role: 'img', label: 'patchAlt', data: { view: 'evolution-patch' } });
  const silent = h('p', { class: 'silent', hidden: true, t: 'silentThen' });
  const minus = h('span', {});
  const plus = h('span', {});
  const facts = h('dl', {});
  const title = h('h3', {});
  const play = iconButton('play', 'play', () => (timer === undefined ? start() : stop()));
  const slider = h('input', { type: 'range', min: '0', step: '1', label: 'scrubber' });
  const strip = h('div', { class: 'strip-of-prints', role: 'group', label: 'strip' });
  const element = h(
    'div',
    { class: 'film' },
    h(
      'div',
      { class: 'large' },
      h(
        'figure',
        { class: 'print' },
        h('div', { class: 'square' }, projection, silent),
        h('div', { class: 'colour-bar grey' }, minus, h('i', {}), plus),
      ),
      h('figure', { class: 'print' }, h('div', { class: 'square' }, patch), h('figcaption', { t: 'patchText' })),
      h('div', { class: 'of-epoch' }, title, facts),
    ),
    h('div', { class: 'scrubber' }, play, slider),
    strip,
  );

  /** @type {{ checkpoint: Checkpoint, button: HTMLButtonElement, projection: HTMLCanvasElement, patch: HTMLCanvasElement, words: HTMLElement, spoken: HTMLElement }[]} */
  let prints = [];
  /** @type {(Projection | undefined)[]} */
  let frames = [];
  let selected = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;

  slider.addEventListener('input', () => move(Number(slider.value), false));
  slider.addEventListener('change', () => move(Number(slider.value), true));

  /** @param {number} at @param {boolean} final */
  function move(at, final) {
    stop();
    onSelect(at, final);
  }

  function start() {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const last = prints.length - 1;
    if (selected >= last) onSelect(0, false);
    timer = setInterval(
      () => {
        onSelect(selected + 1, selected + 1 >= last);
        if (selected >= last) stop();
      },
      calm ? CALM_STEP : STEP,
    );
    drawPlay();
  }

  function stop() {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    drawPlay();
  }

  function drawPlay() {
    const isPlaying = timer !== undefined;
    const name = isPlaying ? 'pause' : 'play';
    play.replaceChildren(icon(name));
    play.dataset.tLabel = play.dataset.tTitle = name;
    play.title = t(name);
    play.setAttribute('aria-label', play.title);
  }

  function drawLarge() {
    const print = prints[selected];
    if (!print) return;
    const frame = frames[selected];
    const { checkpoint } = print;
    const quiet = frame?.activation === 0;
    title.textContent = t('atEpoch', { epoch: number(checkpoint.epoch) });
    slider.setAttribute('aria-valuetext', title.textContent);
    silent.hidden = !quiet;
    if (frame && !quiet) paint(projection, frame.projection);
    else blank(projection);
    if (frame) paint(patch, frame.patch);
    else blank(patch);
    describe(projection, frame, checkpoint);
    minus.textContent = frame && !quiet ? `−${number(frame.scale, 2)}` : '';
    plus.textContent = frame && !quiet ? `+${number(frame.scale, 2)}` : '';
    /** @type {[string, string][]} */
    const pairs = [];
    if (checkpoint.pictures !== null) pairs.push([t('trainingPictures'), number(checkpoint.pictures, 6)]);
    if (checkpoint.top1 !== null) pairs.push([t('topOne'), finePercent(checkpoint.top1)]);
    pairs.push([t('activation'), frame ? number(frame.activation) : '…']);
    pairs.push([t('place'), frame?.unit ? t('placeOf', { row: frame.unit[1], col: frame.unit[2] }) : '…']);
    facts.replaceChildren(...pairs.flatMap(([key, value]) => [h('dt', {}, key), h('dd', {}, value)]));
  }

  /** @param {HTMLCanvasElement} canvas @param {Projection | undefined} frame @param {Checkpoint} checkpoint */
  function describe(canvas, frame, checkpoint) {
    canvas.dataset.epoch = String(checkpoint.epoch);
    if (!frame?.unit) {
      delete canvas.dataset.of;
      canvas.setAttribute('aria-label', t('frameWaits', { epoch: number(checkpoint.epoch) }));
      return;
    }
    canvas.dataset.of = `${frame.layer} ${frame.unit.join(',')}`;
    const [map, row, col] = frame.unit;
    const value = number(frame.activation);
    canvas.setAttribute(
      'aria-label',
      t('frameAlt', { epoch: number(checkpoint.epoch), layer: frame.layer, map, row, col, value }),
    );
  }

  /** @param {number} at */
  function drawPrint(at) {
    const print = prints[at];
    if (!print) return;
    const frame = frames[at];
    if (frame && frame.activation !== 0) paint(print.projection, frame.projection);
    else blank(print.projection);
    if (frame) paint(print.patch, frame.patch);
    else blank(print.patch);
    const value = !frame ? '' : frame.activation === 0 ? t('silentOption') : number(frame.activation);
    print.words.textContent = value;
    print.spoken.textContent = `${t('atEpoch', { epoch: number(print.checkpoint.epoch) })}${value && `, ${t('activation')} ${value}`}`;
    describe(print.projection, frame, print.checkpoint);
  }

  /** @param {boolean} smooth */
  function bringIntoView(smooth) {
    const button = prints[selected]?.button;
    if (!button) return;
    // Only the strip scrolls; the page stays where it is.
    const left = button.offsetLeft - (strip.clientWidth - button.offsetWidth) / 2;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    strip.scrollTo({ left, behavior: smooth && !calm ? 'smooth' : 'auto' });
  }

  return {
    element,
    stop,
    render() {
      for (const at of prints.keys()) drawPrint(at);
      drawLarge();
      drawPlay();
    },
    /** @param {Checkpoint[]} checkpoints */
    setCheckpoints(checkpoints) {
      prints = checkpoints.map((checkpoint, at) => {
        const above = h('canvas', { class: 'blank', 'aria-hidden': 'true', data: { view: 'evolution-frame' } });
        const below = h('canvas', { class: 'blank', 'aria-hidden': 'true' });
        const words = h('span', { class: 'words' });
        // Two bare numbers are enough for the eye under a slider that names them; not for the ear.
        const spoken = h('span', { class: 'unseen' });
        const seen = h(
          'span',
          { class: 'caption', 'aria-hidden': 'true' },
          h('b', {}, number(checkpoint.epoch)),
          words,
        );
        const click = () => move(at, true);
        const button = h('button', { type: 'button', class: 'print', on: { click } }, above, below, seen, spoken);
        return { checkpoint, button, projection: above, patch: below, words, spoken };
      });
      strip.replaceChildren(...prints.map(({ button }) => button));
      slider.max = String(prints.length - 1);
      play.hidden = slider.hidden = prints.length < 2;
    },
    /** @param {(Projection | undefined)[]} next */
    setFrames(next) {
      frames = next;
      for (const at of prints.keys()) drawPrint(at);
      drawLarge();
    },
    /** @param {number} at */
    drawFrame(at) {
      drawPrint(at);
      if (at === selected) drawLarge();
    },
    /** @param {number} at @param {boolean} [byHand] whether the visitor sees where it comes from */
    select(at, byHand = false) {
      selected = at;
      slider.value = String(at);
      for (const [index, { button }] of prints.entries()) button.setAttribute('aria-pressed', String(index === at));
      drawLarge();
      bringIntoView(byHand);
    },
    get selected() {
      return selected;
    },
    get isPlaying() {
      return timer !== undefined;
    },
  };
}
