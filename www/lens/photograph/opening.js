/** From a file to the first look: one photograph at a time, cancelled at any moment, the last good one kept until the new one is there. */
import { EngineError, isAbandoned, isForBrowser, REPLACED } from '../engine/protocol.js';
import { decodeInBrowser, photoFrom } from './photo.js';
import { ifInside } from '../view/crop.js';
import { fetchPicture } from './transfer.js';

/** @import { Crop, Photo } from '../engine/protocol.js' */
/** @typedef {'push' | 'replace'} How */
/**
 * @typedef {object} OpeningOptions
 * @property {import('../lens.js').Lens} lens
 * @property {import('../engine/session.js').Session} session
 * @property {import('../view/viewer.js').Viewer} viewer
 * @property {import('./photographs.js').Photographs} photographs
 * @property {ReturnType<typeof import('../widgets/progress.js').createStages>} stages
 * @property {() => void} onLeave what is on view is left for something else
 * @property {() => void} onStart
 * @property {() => void} onChange
 * @property {(how: How) => void} onShown
 * @property {(error: unknown) => void} onError
 */

/**
 * Which part is to be looked at; `null`: the one that the network would have. `final`: the hand has let go; `how`: whether that is an
 * entry of its own in the history.
 * @typedef {{ crop: Crop | null, final: boolean, how: How }} Move
 */

/** The long side of the photograph on the page, in pixels. */
const PREVIEW = 1200;
/** While the part is dragged, the prints get this long to catch up before the next look. */
const CATCH_UP = 700;

export class Opening {
  /** @type {'loading' | 'running' | null} */
  phase = null;

  #options;
  /** @type {AbortController | null} */
  #control = null;
  /** @type {AbortController | null} */
  #classifier = null;
  /** @type {(() => Promise<void>) | null} */
  #again = null;
  /** @type {Move | null} */
  #nextCrop = null;
  #cropping = false;
  /** The classifier came during a look that was not to be disturbed. */
  #unnamed = false;

  /** @param {OpeningOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {Blob} blob */
  async openBlob(blob) {
    await this.#openOwn(() => photoFrom(this.#options.lens, blob));
  }

  /** @param {string[]} addresses of a picture on another page */
  async openElsewhere(addresses) {
    await this.#openOwn(async (signal) => photoFrom(this.#options.lens, await fetchPicture(addresses, signal)));
  }

  /** @param {Photo} photo the first frame of a film */
  async openFrame(photo) {
    await this.#openOwn(async () => photo);
  }

  /** @param {Photo} photo of the visitor's own, as the history has it @param {Crop | null} crop */
  async reopen(photo, crop) {
    await this.#open(async () => photo, null, crop, 'replace', false);
  }

  /** @param {(signal: AbortSignal) => Promise<Photo>} source */
  async #openOwn(source) {
    // Where nothing was on view yet, what the address asks for is asked of this photograph.
    await this.#open(source, null, null, 'push', this.#options.viewer.shown !== null);
  }

  /**
   * @param {import('../widgets/drop.js').Sample} sample
   * @param {How} [how]
   * @param {Crop | null} [crop]
   */
  async openSample(sample, how = 'push', crop = null) {
    const fetchPhoto = async (/** @type {AbortSignal} */ signal) => {
      const url = new URL(sample.file, this.#options.lens.samples);
      const response = await fetch(url, { signal }).catch((error) => {
        if (error?.name === 'AbortError') throw error;
        throw new EngineError('not-found', `Expected a photograph at ${url}; nothing came.`);
      });
      if (!response.ok)
        throw new EngineError('not-found', `Expected a photograph at ${url}; the server answered ${response.status}.`);
      return photoFrom(this.#options.lens, await response.blob());
    };
    await this.#open(fetchPhoto, sample.id, crop, how, how === 'push' && this.#options.viewer.shown !== null);
  }

  async retry() {
    if (this.#again) await this.#again();
    else this.#options.viewer.update();
  }

  cancel() {
    this.#control?.abort();
  }

  /** Puts the photograph away. */
  close() {
    this.#options.onLeave();
    this.#classifier?.abort();
    this.#nextCrop = null;
    this.#options.viewer.show(null);
    this.#options.onChange();
  }

  /**
   * @param {(signal: AbortSignal) => Promise<Photo>} source
   * @param {string | null} sample
   * @param {Crop | null} crop
   * @param {How} how
   * @param {boolean} afresh forget which unit was chosen
   */
  async #open(source, sample, crop, how, afresh) {
    const { session, viewer, photographs, stages, onLeave, onStart, onShown, onError } = this.#options;
    onLeave();
    this.#control?.abort(REPLACED);
    const control = (this.#control = new AbortController());
    const { signal } = control;
    this.#again = null;
    this.#nextCrop = null;
    this.#set('loading');
    onStart();
    stages.start();
    try {
      const features = session.features(signal);
      features.catch(() => {});
      let photo = await source(signal);
      if (!session.running) void viewer.stage.await(photo);
      await session.ready(signal);
      // Both may have been there before this photograph came.
      stages.set('graphics', 0, null, true);
      stages.set('program', 0, null, true);
      viewer.leave();
      const options = { channel: /** @type {const} */ ('open'), signal };
      const opened = await session
        .call('open', { photo, longSide: PREVIEW }, options)
        .catch(async (/** @type {any} */ error) => {
          if (!isForBrowser(error)) throw error;
          photo = await decodeInBrowser(photo, error);
          return session.call('open', { photo, longSide: PREVIEW }, options);
        });
      // An address may name a part of another picture, or of another network's aspect.
      const valid = ifInside(crop, opened.info, session.network?.inputSize ?? [1, 1]);
      this.#stage(opened, valid ?? opened.info.crop);
      const network = await features;
      stages.set('weights', 0, null, true);
      this.#set('running');
      stages.set('look', 0, null, false);
      // The part may have been moved while the network was on its way.
      const moved = /** @type {Move | null} */ (this.#nextCrop)?.crop;
      this.#nextCrop = null;
      // No part of the visitor's own: the choice is the network's, and another network may choose another.
      const context = { photo, crop: ifInside(moved ?? crop, opened.info, network.inputSize) };
      const { look, seconds } = await session.call('look', { context }, { channel: 'look', signal });
      // The network may want another part than the one that was offered before its description had come.
      if (!context.crop && JSON.stringify(look.crop) !== JSON.stringify(opened.info.crop))
        this.#stage(opened, look.crop);
      if (afresh) viewer.view = { ...viewer.view, layer: null, map: null, unit: null, whole: false, classIndex: null };
      viewer.view = { ...viewer.view, crop: context.crop, sample };
      if (sample === null) photographs.keep(photo);
      viewer.show({ context, ...opened, look, seconds, network: session.network ?? network, sample });
      this.#finish(control);
      onShown(how);
      if (!look.classes) void this.#maybeClassifier();
      this.#goOn();
    } catch (error) {
      if (this.#control !== control) return;
      this.#finish(control);
      this.#nextCrop = null;
      this.#restore();
      if (isAbandoned(error)) {
        this.#options.onChange();
      } else {
        this.#again = () => this.#open(source, sample, crop, how, afresh);
        onError(error);
      }
    }
  }

  /** @param {AbortController} control */
  #finish(control) {
    if (this.#control !== control) return;
    this.#control = null;
    this.#options.stages.stop();
    this.#set(null);
  }

  /** Returns to the last photograph that was looked at; the engine follows with the next question. */
  #restore() {
    const { viewer } = this.#options;
    const { shown } = viewer;
    if (!shown) return;
    this.#stage(shown, shown.look.crop);
    viewer.update();
  }

  /** Another network is here: looks again at the photograph that is on view. @param {How} how */
  async relook(how) {
    const { session, viewer, onShown, onError } = this.#options;
    this.#classifier?.abort();
    this.#classifier = null;
    viewer.classes.setComing(null);
    const before = viewer.shown;
    const { network } = session;
    if (!before || !network || this.#control) return;
    viewer.leave();
    this.#set('running');
    try {
      const crop = ifInside(viewer.view.crop, before.info, network.inputSize);
      const context = { photo: before.context.photo, crop };
      const { look, seconds } = await session.call('look', { context }, { channel: 'look' });
      if (viewer.shown !== before || this.#control) return;
      viewer.view = { ...viewer.view, crop };
      viewer.show({ ...before, context, look, seconds, network });
      this.#set(null);
      onShown(how);
      if (!look.classes) void this.#maybeClassifier();
    } catch (error) {
      if (!isAbandoned(error)) onError(error);
    } finally {
      if (!this.#control) this.#set(null);
      this.#goOn();
    }
  }

  /** @param {import('../engine/protocol.js').Opened} opened @param {Crop} crop */
  #stage({ preview, info }, crop) {
    const { session, viewer } = this.#options;
    if (session.network) viewer.stage.setInputSize(session.network.inputSize);
    viewer.stage.open(preview, info, crop);
  }

  /** @param {'loading' | 'running' | null} phase */
  #set(phase) {
    this.phase = phase;
    this.#options.onChange();
  }

  /**
   * The part moved: look again, at the newest place only.
   * @param {Move['crop']} crop
   * @param {Move['final']} final
   * @param {Move['how']} [how]
   */
  async recrop(crop, final, how = final ? 'push' : 'replace') {
    this.#nextCrop = { crop, final, how };
    if (this.#cropping || this.phase) return;
    this.#cropping = true;
    this.#set('running');
    const { session, viewer, onShown, onError } = this.#options;
    try {
      while (this.#nextCrop && viewer.shown && !this.#control) {
        /** @type {Move} */
        const wanted = this.#nextCrop;
        this.#nextCrop = null;
        const before = viewer.shown;
        const context = { photo: before.context.photo, crop: wanted.crop };
        viewer.leave();
        const { look, seconds } = await session.call('look', { context }, { channel: 'look' });
        // The names of the classes may have come meanwhile; another photograph or network is another matter.
        const { shown } = viewer;
        const isSame = shown?.context.photo === before.context.photo && shown.network.name === before.network.name;
        if (!isSame) this.#nextCrop = null;
        if (!isSame || this.#control) break;
        if (this.#isSettled()) continue;
        viewer.dragging = !wanted.final;
        viewer.view = { ...viewer.view, crop: wanted.crop };
        viewer.show({ ...shown, context, look, seconds });
        onShown(wanted.how);
        if (!wanted.final) await viewer.rested(CATCH_UP, () => this.#isSettled());
      }
    } catch (error) {
      viewer.dragging = false;
      this.#nextCrop = null;
      this.#restore();
      if (!isAbandoned(error)) onError(error);
    } finally {
      viewer.dragging = false;
      this.#cropping = false;
      if (!this.#control) this.#set(null);
      this.#goOn();
    }
  }

  /** Nothing runs any more: what had to wait for that is done now. */
  #goOn() {
    const { shown } = this.#options.viewer;
    if (this.phase || this.#control || !shown) return;
    const next = this.#nextCrop;
    if (next) {
      void this.recrop(next.crop, next.final, next.how);
    } else if (this.#unnamed) {
      this.#unnamed = false;
      if (!shown.look.classes) void this.getClassifier();
    }
  }

  /** Whether the hand has let go of the part at a place that is not looked at yet. */
  #isSettled() {
    return this.#nextCrop?.final ?? false;
  }

  /** On a phone or a metered line the larger file waits until it is asked for. */
  async #maybeClassifier() {
    const { lens, session, viewer } = this.#options;
    const file = session.classifierFile;
    if (!file) return;
    const saving = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator).connection?.saveData;
    if (saving || lens.isOnPhone) viewer.classes.offer(file.bytes ?? 0);
    else await this.getClassifier();
  }

  async getClassifier() {
    const { session, viewer, onShown, onError } = this.#options;
    if (this.#classifier) return;
    const control = (this.#classifier = new AbortController());
    viewer.classes.setComing({ loaded: 0, total: session.classifierFile?.bytes ?? null });
    try {
      await session.classifier(control.signal);
      const before = viewer.shown;
      if (!before || this.phase) {
        this.#unnamed = true;
        return;
      }
      const { look } = await session.call(
        'look',
        { context: before.context },
        { channel: 'look', signal: control.signal },
      );
      if (viewer.shown === before) {
        viewer.setClasses(look, session.network ?? before.network);
        onShown('replace');
      }
    } catch (error) {
      if (!isAbandoned(error)) onError(error);
    } finally {
      // Another network may be on its classifier by now.
      if (this.#classifier === control) {
        this.#classifier = null;
        viewer.classes.setComing(null);
      }
    }
  }
}
