/** The further pictures of a question as a row of small prints, with ways to add and to take out. */
import { h, icon } from '../widgets/dom.js';
import { paint } from '../widgets/paint.js';

/** @import { Lens } from '../lens.js' */
/** @import { Album } from '../photograph/album.js' */

/**
 * @param {Lens} lens
 * @param {Album} album
 * @param {(error: unknown) => void} onError
 * @param {() => string | null} [onView] the sample that is part of the question already, and so is not offered
 */
export function createAlbumStrip(lens, album, onError, onView = () => null) {
  const { inLanguage, t } = lens.words;
  const input = h('input', {
    type: 'file',
    accept: 'image/*',
    multiple: true,
    class: 'unseen',
    tabindex: '-1',
    label: 'addPictures',
  });
  input.addEventListener('change', async () => {
    const files = [...(input.files ?? [])];
    input.value = '';
    // A picture that cannot be read keeps none of the others out.
    for (const file of files) await album.addFile(file).catch(onError);
  });
  const prints = h('div', { class: 'album', role: 'group', label: 'furtherPictures' });
  const shared = h('p', { class: 'note', hidden: true, t: 'furtherShared' });
  const element = h('div', { class: 'further' }, h('h3', { t: 'furtherPictures' }), prints, shared, input);

  function render() {
    const shown = album.entries.map(({ id, name, square }) => {
      const canvas = h('canvas', { role: 'img', 'aria-label': inLanguage(name) });
      paint(canvas, square);
      const label = t('removePicture', { name: inLanguage(name) });
      const remove = h(
        'button',
        {
          type: 'button',
          class: 'button icon-only',
          'aria-label': label,
          title: label,
          on: { click: () => album.remove(id) },
        },
        icon('close'),
      );
      return h('figure', {}, canvas, remove);
    });
    const isTaken = (/** @type {string} */ id) => id === onView() || album.entries.some(({ sample }) => sample === id);
    const left = album.samples.filter(({ id, aside }) => !aside && !isTaken(id));
    const samples = left.map((sample) => {
      const words = t('addSample', { name: inLanguage(sample.title) });
      const click = () => void album.addSample(sample).catch(onError);
      return h('button', { type: 'button', class: 'button', data: { sample: sample.id }, on: { click } }, words);
    });
    const own = h('button', { type: 'button', class: 'button', t: 'addPictures', on: { click: () => input.click() } });
    shared.hidden = album.entries.length === 0;
    prints.replaceChildren(...shown, own, ...samples);
  }

  return { element, render };
}
