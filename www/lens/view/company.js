/** What stands beside the projection, fetched once it is looked at and the engine rests: nothing waits for it. */

/** @import { Session } from '../engine/session.js' */
/** @import { Viewer } from './viewer.js' */
/** @import { Subject } from '../widgets/inspector.js' */

/** So near to what is seen it is fetched. */
const NEAR = '0px 0px 240px';

export class Company {
  #lens;
  #session;
  #viewer;
  #slot;
  /** @type {ReturnType<typeof import('../experiments/prints/strip.js').createStrip> | null} */
  #strip = null;
  /** @type {Subject | null} */
  #subject = null;
  #isSeen = false;
  #isComing = false;

  /** @param {import('../lens.js').Lens} lens @param {Session} session @param {Viewer} viewer @param {HTMLElement} slot */
  constructor(lens, session, viewer, slot) {
    this.#lens = lens;
    this.#session = session;
    this.#viewer = viewer;
    this.#slot = slot;
    const onSeen = (/** @type {IntersectionObserverEntry[]} */ entries) => {
      this.#isSeen = entries.at(-1)?.isIntersecting ?? false;
      if (this.#isSeen) this.follow(this.#subject);
    };
    new IntersectionObserver(onSeen, { rootMargin: NEAR }).observe(slot);
  }

  /** @param {Subject | null} subject */
  follow(subject) {
    this.#subject = subject;
    if (!this.#isSeen || isSparing() || !subject || subject.kind === 'class') return;
    if (this.#strip) this.#strip.show(subject);
    else void this.#fetch();
  }

  async #fetch() {
    if (this.#isComing) return;
    this.#isComing = true;
    try {
      await this.#viewer.rested(30_000, () => false);
      const [{ createStrip }] = await Promise.all([
        import('../experiments/prints/strip.js'),
        this.#lens.adopt('experiments/prints/strip.css'),
      ]);
      this.#strip = createStrip(this.#lens, this.#session);
      this.#slot.append(this.#strip.element);
      this.follow(this.#subject);
    } catch {
      // Nothing is missed that was there before; the next look asks again.
    } finally {
      this.#isComing = false;
    }
  }
}

/** Whether the visitor wants no more fetched than is asked for. */
function isSparing() {
  const { connection } = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator);
  return connection?.saveData === true;
}
