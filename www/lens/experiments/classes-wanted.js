/** Where class names are wanted and not there yet: why, how large their file is, and the button that gets it, in one panel. */
import { h } from '../widgets/dom.js';

/** @import { Key } from '../text.js' */
/** @import { Place } from '../tab.js' */
/**
 * What a view makes of a picture without class names. `why`: what they are wanted for; `without`: what can be done then, all,
 * only the settings, or nothing.
 * @typedef {{ why: Key, without: 'all' | 'settings' | 'nothing' }} Want
 */

/** @param {Pick<Place, 'lens' | 'session' | 'viewer'>} place */
export function createClassesWanted({ lens, session, viewer }) {
  const { t, megabytes } = lens.words;
  const { classes } = viewer;
  const words = h('p', {});
  const progress = h('p', { class: 'note', role: 'status' });
  const get = h('button', { type: 'button', class: 'button primary', on: { click: classes.get } });
  const element = h('div', { class: 'classes-wanted', hidden: true }, words, progress, get);
  /** @type {Want | null} */
  let want = null;

  function render() {
    const file = session.manifest?.files.find(({ shard }) => shard === 'classifier');
    element.hidden = !want || (!file && want.without === 'all');
    if (!want) return;
    words.textContent = file ? t(want.why) : t('classesNone');
    const { coming } = classes;
    progress.hidden = coming === null;
    progress.textContent = coming ? classes.progressWords(coming) : '';
    get.hidden = !file || coming !== null;
    get.textContent = t('classesGet', { size: megabytes(file?.bytes ?? 0) });
  }

  return {
    element,
    render,
    /** @param {Want | null} next `null`: nothing is wanted, or what is wanted is there */
    set(next) {
      want = next;
      // One view is open at a time, and it alone follows the download.
      if (want) classes.follow(render);
      render();
    },
  };
}
