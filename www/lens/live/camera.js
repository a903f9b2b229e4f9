/** The device's camera: a picture of what it sees, or what it sees all the time. */
import { closeStream, createVideo, openStream } from './film.js';
import { isKey } from '../text.js';
import { h, iconButton } from '../widgets/dom.js';

/** @import { Lens } from '../lens.js' */

/** Why there is no camera, in a sentence. @param {Lens} lens @param {unknown} error */
export function refusalOf(lens, error) {
  const { name, message } = /** @type {Error} */ (error);
  const key = `camera-${name}`;
  return lens.words.t(isKey(key) ? key : 'noCamera', { reason: message });
}

/**
 * @param {Lens} lens
 * @param {object} handlers
 * @param {(blob: Blob) => void} handlers.onPicture
 * @param {(stream: MediaStream) => void} handlers.onLive the camera stays on, and is now the affair of whoever takes it
 * @param {(sentence: string) => void} handlers.onRefusal
 */
export async function openCamera(lens, { onPicture, onLive, onRefusal }) {
  /** @type {MediaStream | null} */
  let stream;
  try {
    stream = await openStream();
  } catch (error) {
    return onRefusal(refusalOf(lens, error));
  }
  const video = createVideo();
  video.autoplay = true;
  video.srcObject = stream;
  const take = h('button', { type: 'button', class: 'button primary', t: 'take', disabled: true });
  const live = h('button', { type: 'button', class: 'button', t: 'live', disabled: true });
  // Before its first frame the camera has no size, and there is nothing to take.
  video.addEventListener('loadeddata', () => (take.disabled = live.disabled = false), { once: true });
  const dialog = h(
    'dialog',
    { class: 'camera', label: 'camera' },
    h(
      'header',
      {},
      h('h2', { t: 'camera' }),
      iconButton('close', 'close', () => dialog.close()),
    ),
    video,
    h('div', { class: 'ways' }, take, live),
  );
  const { ownerDocument } = lens.element;
  const onHidden = () => ownerDocument.hidden && dialog.close();
  ownerDocument.addEventListener('visibilitychange', onHidden);
  for (const track of stream.getTracks())
    track.addEventListener('ended', () => {
      onRefusal(lens.words.t('cameraGone'));
      dialog.close();
    });
  dialog.addEventListener('close', () => {
    ownerDocument.removeEventListener('visibilitychange', onHidden);
    closeStream(stream);
  });
  take.addEventListener('click', () => {
    const canvas = h('canvas', { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext('2d')?.drawImage(video, 0, 0);
    canvas.toBlob((blob) => blob && onPicture(blob), 'image/png');
    dialog.close();
  });
  live.addEventListener('click', () => {
    const given = stream;
    stream = null;
    dialog.close();
    if (given) onLive(given);
  });
  lens.open(dialog);
}
