/** Takes a photograph with the device's camera. */
import { h, iconButton } from '../widgets/dom.js';

/** @import { Lens } from '../lens.js' */

/**
 * @param {Lens} lens
 * @param {(blob: Blob) => void} onPicture
 * @param {(sentence: string) => void} onRefusal
 */
export async function openCamera(lens, onPicture, onRefusal) {
  const { t } = lens.words;
  /** @type {MediaStream} */
  let stream;
  try {
    if (!navigator.mediaDevices) throw new Error('https');
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'environment', width: { ideal: 1280 } },
    });
  } catch (error) {
    return onRefusal(t('noCamera', { reason: error instanceof Error ? error.message : String(error) }));
  }
  const video = h('video', { playsinline: true, muted: true, autoplay: true });
  video.srcObject = stream;
  const take = h('button', { type: 'button', class: 'button primary', t: 'take', disabled: true });
  // Before its first frame the camera has no size, and there is nothing to take.
  video.addEventListener('loadeddata', () => (take.disabled = false), { once: true });
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
    take,
  );
  dialog.addEventListener('close', () => {
    for (const track of stream.getTracks()) track.stop();
  });
  take.addEventListener('click', () => {
    const canvas = h('canvas', { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext('2d')?.drawImage(video, 0, 0);
    canvas.toBlob((blob) => blob && onPicture(blob), 'image/png');
    dialog.close();
  });
  lens.open(dialog);
}
