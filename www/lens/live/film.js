/** A camera or a video file as frames: whenever one is asked for, the newest. None is kept for later. */
import { h } from '../widgets/dom.js';

/** The long side of a frame: more than the network can see, and bounded. */
const LONG_SIDE = 2048;
/** How often a browser that does not tell of frames is looked at, in milliseconds. */
const BEAT = 33;

/** What a film is known by, in its first bytes: at which of them, and what stands there. @type {[number, string][]} */
const MARKS = [
  [0, '\x1a\x45\xdf\xa3'],
  [0, 'OggS'],
  [8, 'AVI '],
];
/** Pictures come in the same boxes as films. */
const PICTURES = /^(heic|heix|heim|heis|hevc|hevx|mif1|msf1|avif|avis)$/;
const NAMES = /\.(mp4|m4v|mov|webm|mkv|ogv|avi)$/i;

/** Whether a file is a film, by its type, its name or its first bytes. @param {Blob} blob */
export async function isFilm(blob) {
  if (blob.type.startsWith('video/')) return true;
  if (blob.type.startsWith('image/')) return false;
  if (blob instanceof File && NAMES.test(blob.name)) return true;
  const head = await blob.slice(0, 12).arrayBuffer();
  const text = String.fromCharCode(...new Uint8Array(head));
  if (text.slice(4, 8) === 'ftyp') return !PICTURES.test(text.slice(8));
  return MARKS.some(([at, mark]) => text.startsWith(mark, at));
}

/** The camera's picture; fails as the browser says. @returns {Promise<MediaStream>} */
export async function openStream() {
  // Only pages from https and from this machine are given one.
  if (!navigator.mediaDevices) throw new DOMException('', 'SecurityError');
  return navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
}

/** Switches it off, and the camera's light with it. @param {MediaStream | null} stream */
export function closeStream(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** A video that makes no sound. */
export function createVideo() {
  const video = h('video', { playsinline: true, loop: true });
  video.muted = true;
  return video;
}

export class Film {
  /** Where it plays. */
  video = createVideo();
  isOn = false;

  #onEnd;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {string | null} the address of a file */
  #url = null;
  /** So many frames have been there, and the one with this number was taken last. */
  #count = { shown: 0, taken: 0 };
  /** How often it began or ended. */
  #run = 0;
  /** Tells whoever waits that there is a frame, or that there will be none. */
  #tell = () => {};

  /**
   * @param {Blob | MediaStream | null} source `null`: the camera, which is opened when the film begins
   * @param {() => void} onEnd the camera has gone
   */
  constructor(source, onEnd) {
    this.#onEnd = onEnd;
    if (source instanceof Blob) this.#url = URL.createObjectURL(source);
    else this.#stream = source;
  }

  get isCamera() {
    return this.#url === null;
  }

  /** Whether there is something to come: a camera may be off. */
  get isOpen() {
    return !this.isCamera || this.#stream !== null;
  }

  /** Resolves when its first frame is there; nothing moves yet that is not a camera. */
  async open() {
    const { video } = this;
    if (this.#url !== null) {
      video.preload = 'auto';
      video.src = this.#url;
    } else {
      this.#stream ??= await this.#openStream();
      for (const track of this.#stream.getTracks()) track.addEventListener('ended', () => this.isOn && this.#onEnd());
      video.srcObject = this.#stream;
      await video.play();
    }
    if (video.readyState < video.HAVE_CURRENT_DATA)
      await new Promise((resolve, reject) => {
        video.addEventListener('loadeddata', resolve, { once: true });
        video.addEventListener('error', () => reject(video.error), { once: true });
      });
  }

  /** The camera, unless it is not wanted any more when the visitor has allowed it. */
  async #openStream() {
    const run = ++this.#run;
    const stream = await openStream();
    if (run === this.#run) return stream;
    closeStream(stream);
    throw new DOMException('', 'AbortError');
  }

  /** Begins, or goes on; the camera is opened again. */
  async play() {
    if (!this.isOpen) await this.open();
    await this.video.play();
    this.isOn = true;
    this.#watch(++this.#run);
  }

  /** A film stays where it is; a camera is switched off. */
  pause() {
    this.isOn = false;
    this.#run++;
    this.video.pause();
    this.#tell();
    if (!this.isCamera) return;
    closeStream(this.#stream);
    this.#stream = this.video.srcObject = null;
  }

  close() {
    this.pause();
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
    this.video.removeAttribute('src');
    this.video.remove();
  }

  /** What is there now. */
  frame() {
    const { videoWidth, videoHeight } = this.video;
    const shrink = Math.min(1, LONG_SIDE / Math.max(videoWidth, videoHeight));
    if (shrink === 1) return createImageBitmap(this.video);
    return createImageBitmap(this.video, {
      resizeWidth: Math.round(videoWidth * shrink),
      resizeHeight: Math.round(videoHeight * shrink),
      resizeQuality: 'high',
    });
  }

  /** The newest frame, if it has not been taken yet, or the next one; `null` where none will come. */
  async next() {
    const count = this.#count;
    if (this.isOn && count.taken === count.shown) await new Promise((resolve) => (this.#tell = () => resolve(null)));
    count.taken = count.shown;
    return this.isOn ? this.frame().catch(() => null) : null;
  }

  /** Notes that there is another frame; nothing is done with it. @param {number} run one watches at a time */
  #watch(run) {
    if (!this.isOn || run !== this.#run) return;
    this.#count.shown++;
    this.#tell();
    const { video } = this;
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(() => this.#watch(run));
    else setTimeout(() => this.#watch(run), BEAT);
  }
}
