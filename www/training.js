/** The Training tab from outside: it is fetched when it is first opened, and told of every change of the view. */
import { EngineError } from './engine/protocol.js';
import { h } from './widgets/dom.js';

/** @import { View } from './state.js' */
/** @typedef {Awaited<ReturnType<typeof import('./evolution/tab.js').createEvolution>>} Evolution */
/**
 * @typedef {object} TrainingOptions
 * @property {import('./engine/session.js').Session} session
 * @property {import('./viewer.js').Viewer} viewer
 * @property {(change: Partial<View>, final: boolean) => void} onChange
 * @property {() => void} onCopyLink
 * @property {(error: unknown) => void} onError
 * @property {(words: string) => void} say
 */

export class Training {
  /** Where the tab stands on the page. */
  element = h('div', { class: 'training' });

  #options;
  /** @type {Promise<Evolution> | null} */
  #coming = null;
  /** @type {Evolution | null} */
  #evolution = null;

  /** @param {TrainingOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** Whether the visitor looks at it. */
  get isOpen() {
    const { viewer } = this.#options;
    return viewer.shown !== null && viewer.view.tab === 'training';
  }

  get title() {
    return this.#evolution?.title ?? '';
  }

  update() {
    if (this.#evolution) this.#evolution.update(this.isOpen);
    else if (this.isOpen) void this.#load();
  }

  render() {
    this.#evolution?.render();
  }

  cancel() {
    this.#evolution?.cancel();
  }

  async #load() {
    if (this.#coming) return;
    try {
      this.#coming = Promise.all([import('./evolution/tab.js'), style('styles/evolution.css')]).then(([part]) =>
        part.createEvolution(this.#options),
      );
      this.#evolution = await this.#coming;
      this.element.replaceChildren(this.#evolution.element);
      this.update();
    } catch (error) {
      this.#coming = null;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.onError(new EngineError('not-found', `Expected the Training tab; found ${reason}.`));
    }
  }
}

/** @param {string} path */
function style(path) {
  const link = h('link', { rel: 'stylesheet', href: new URL(path, import.meta.url).href });
  return new Promise((resolve, reject) => {
    link.addEventListener('load', resolve);
    link.addEventListener('error', () => {
      link.remove();
      reject(new Error(`no style sheet at ${link.href}`));
    });
    document.head.append(link);
  });
}
