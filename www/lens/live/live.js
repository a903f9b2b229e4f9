/**
 * A camera or a film as what is looked at: a frame is handed to the engine when the one before has been drawn with all that is
 * shown of it, and those in between are dropped. Frozen, the frame is a photograph like any other.
 */
import './words.js';
import { isAbandoned } from '../engine/protocol.js';
import { nextId } from '../photograph/photo.js';
import { ifInside } from '../view/crop.js';
import { createBar } from './bar.js';
import { openCamera, refusalOf } from './camera.js';
import { Film } from './film.js';

/** @import { Photo } from '../engine/protocol.js' */
/**
 * @typedef {object} Around
 * @property {import('../lens.js').Lens} lens
 * @property {import('../engine/session.js').Session} session
 * @property {import('../view/viewer.js').Viewer} viewer
 * @property {import('../photograph/opening.js').Opening} opening
 * @property {(blob: Blob) => void} onPicture
 * @property {() => void} onBegin frames are about to go by
 * @property {(how: import('../photograph/opening.js').How) => void} onFollow the first of them is on view
 * @property {() => void} onStop
 * @property {(words: string) => void} tell
 */

/** What a frame's pixels are told in, once they have been handed over. */
const NOTHING = new Blob();

export class Live {
  #around;
  #bar;
  /** @type {Film | null} on view, or frozen there */
  #film = null;
  /** What of it is on view. @type {ImageBitmap | null} */
  #frame = null;
  /** Its first frame, or the one that was frozen, is being opened: what is left for that is not left. */
  #isOpening = false;
  #isClosed = false;

  /** @param {Around} around */
  constructor(around) {
    this.#around = around;
    const { lens, viewer } = around;
    this.#bar = createBar(lens, {
      onTurn: () => void (this.isOn ? this.freeze() : this.#goOn()),
      onStop: () => {
        this.stop();
        around.onStop();
      },
    });
    viewer.stage.slot.append(this.#bar.element);
    lens.element.ownerDocument.addEventListener('visibilitychange', this.#onSight);
    lens.ground.addEventListener('keydown', (event) => this.#onKey(/** @type {KeyboardEvent} */ (event)));
  }

  /** Whether frames go by. */
  get isOn() {
    return this.#film?.isOn ?? false;
  }

  /** The camera in a dialog: for one picture, or to stay on. */
  openCamera() {
    const { lens, onPicture, tell } = this.#around;
    const onLive = (/** @type {MediaStream} */ stream) => void this.#start(stream);
    return openCamera(lens, { onPicture, onLive, onRefusal: tell });
  }

  /** The camera at once. */
  startCamera() {
    return this.#start(null);
  }

  /** @param {Blob} blob of a film */
  startFile(blob) {
    return this.#start(blob);
  }

  /** The frame that is on view becomes a photograph, and the camera is switched off. @param {import('../text.js').Key} [why] */
  async freeze(why = 'liveFrozen') {
    const film = this.#film;
    if (!film?.isOn) return;
    film.pause();
    this.#bar.set(why);
    const still = this.#still();
    const { opening, viewer } = this.#around;
    if (!still) return;
    this.#isOpening = true;
    await opening.reopen(still, viewer.view.crop);
    this.#isOpening = false;
    if (viewer.shown?.context.photo.id !== still.id) this.stop();
  }

  /** Something else is looked at. */
  leave() {
    if (!this.#isOpening) this.stop();
  }

  /** What is on view stays, for as long as nothing else comes. */
  stop() {
    if (!this.#film) return;
    this.#still();
    this.#film.close();
    this.#film = null;
    this.#bar.hide();
  }

  /** For ever. */
  close() {
    this.#isClosed = true;
    this.stop();
    this.#around.lens.element.ownerDocument.removeEventListener('visibilitychange', this.#onSight);
  }

  render() {
    this.#bar.render();
  }

  /** Out of sight nobody is looked at. */
  rest() {
    if (this.#isOpening) this.#film?.pause();
    return this.freeze(this.#unseen);
  }

  /** Why it does not go on where nobody sees it. */
  get #unseen() {
    return this.#film?.isCamera ? 'liveHidden' : 'liveHiddenFilm';
  }

  #onSight = () => void (this.#around.lens.element.ownerDocument.hidden && this.rest());

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { key, target } = event;
    const isHeld = target instanceof Element && target.closest('button, input, select, textarea, a, summary, dialog');
    // Who scrolls with it afterwards does not want the camera on again.
    if (key !== ' ' || !this.isOn || isHeld || event.defaultPrevented) return;
    event.preventDefault();
    void this.freeze();
  }

  /** @param {MediaStream | Blob | null} source */
  async #start(source) {
    const { lens, viewer, opening } = this.#around;
    if (this.#isClosed) return;
    this.stop();
    const film = (this.#film = new Film(source, () => this.freeze('liveGone')));
    const isMine = () => this.#film === film;
    this.#bar.element.append(film.video);
    this.#isOpening = true;
    try {
      await film.open();
      const first = await film.frame();
      if (!isMine()) return first.close();
      const photo = photoOf(first);
      first.close();
      await opening.openFrame(photo);
      if (isMine() && viewer.shown?.context.photo.id !== photo.id) this.stop();
    } catch (error) {
      if (isMine()) this.stop();
      return this.#refuse(film, error);
    } finally {
      this.#isOpening = false;
    }
    if (!isMine()) return;
    const { hidden } = lens.element.ownerDocument;
    // What moves by itself waits to be asked; who is not seen is not looked at.
    const isUnseen = hidden || !film.isOpen;
    if (isUnseen || (!film.isCamera && matchMedia('(prefers-reduced-motion: reduce)').matches)) {
      film.pause();
      return this.#bar.set(isUnseen ? this.#unseen : 'liveFrozen');
    }
    await this.#goOn('replace');
  }

  /** @param {import('../photograph/opening.js').How} [how] whether what is on view now is to be come back to */
  async #goOn(how = 'push') {
    const { viewer, onBegin, onFollow } = this.#around;
    const film = this.#film;
    if (!film || film.isOn || !viewer.shown) return;
    try {
      await film.play();
    } catch (error) {
      return this.#refuse(film, error);
    }
    if (this.#film !== film) return film.pause();
    onBegin();
    this.#bar.set(null);
    this.#bar.focus();
    let isFirst = true;
    for (;;) {
      const frame = await film.next();
      if (!frame) break;
      try {
        if (!(await this.#look(film, frame))) continue;
        if (isFirst) onFollow(how);
        isFirst = false;
        await viewer.drawn();
        this.#bar.count();
      } catch (error) {
        if (frame !== this.#frame) frame.close();
        // Whatever it is: the photograph that this becomes tells of it, and can be tried again.
        if (!isAbandoned(error)) return this.freeze();
      }
    }
  }

  /** @param {Film} film @param {unknown} error why it does not play */
  #refuse(film, error) {
    const { lens, tell } = this.#around;
    // Given up before it began.
    if (error instanceof DOMException && error.name === 'AbortError') return;
    tell(film.isCamera ? refusalOf(lens, error) : lens.words.t('noFilm'));
  }

  /** Looks at a frame, and shows what is seen. @param {Film} film @param {ImageBitmap} frame @returns {Promise<boolean>} whether it is on view */
  async #look(film, frame) {
    const { session, viewer } = this.#around;
    const { width, height } = frame;
    const { network } = session;
    const crop = network && ifInside(viewer.view.crop, frame, network.inputSize);
    const photo = { id: nextId(), blob: NOTHING, pixels: { width, height } };
    const copy = await createImageBitmap(frame);
    const ask = { context: { photo: { ...photo, frame: copy }, crop } };
    const { look, seconds } = await session.call('look', ask, { channel: 'look' }, [copy]);
    const { shown } = viewer;
    if (!film.isOn || this.#film !== film || !shown) {
      frame.close();
      return false;
    }
    this.#frame?.close();
    this.#frame = frame;
    viewer.stage.turn(frame);
    const context = { photo: { ...photo, frame: null }, crop };
    viewer.turn({ ...shown, context, info: { ...shown.info, width, height }, look, seconds, sample: null });
    return true;
  }

  /** What is on view is no frame of a film any more, but a photograph that the engine can come back to. @returns {Photo | null} */
  #still() {
    const frame = this.#frame;
    const { viewer } = this.#around;
    this.#frame = null;
    if (!frame) return null;
    const photo = photoOf(frame);
    frame.close();
    viewer.settle(photo);
    return photo;
  }
}

/** @param {ImageBitmap} frame @returns {Photo} */
function photoOf(frame) {
  const { width, height } = frame;
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext('2d'));
  pen.drawImage(frame, 0, 0);
  return { id: nextId(), blob: new Blob([pen.getImageData(0, 0, width, height).data]), pixels: { width, height } };
}
