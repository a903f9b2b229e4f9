/** The pictures that are compared: the one on view, and the further ones of the visitor's album. */

/** @import { Lens } from '../../lens.js' */
/** @import { Album } from '../../photograph/album.js' */
/** @import { Context } from '../../engine/protocol.js' */
/** @import { Shown } from '../../view/viewer.js' */
/** @import { Crop } from '../../engine/protocol.js' */
/** `crop`: the square that is looked at, whoever chose it. @typedef {{ key: string, name: string, sample: string | null, context: Context, crop: Crop | null }} Subject */

/** The picture on view stands first. @param {Lens} lens @param {Album} album @param {Shown} shown @returns {Subject[]} */
export function subjectsOf(lens, album, { sample, context, look }) {
  const { inLanguage, t } = lens.words;
  const title = album.samples.find(({ id }) => id === sample)?.title;
  const name = title ? inLanguage(title) : t('movePicture');
  const own = { key: keyOf(context), name, sample, context, crop: look.crop };
  const others = album.entries.map((entry) => ({
    key: keyOf(entry.context),
    name: inLanguage(entry.name),
    sample: entry.sample,
    context: entry.context,
    crop: entry.context.crop,
  }));
  // The same sample twice is one picture.
  return [own, ...others.filter(({ key, sample: id }) => key !== own.key && (id === null || id !== sample))];
}

/** What tells pictures apart. @param {Context} context */
export function keyOf({ photo, crop }) {
  return JSON.stringify([photo.id, crop]);
}

/** @param {number} index */
export function letterOf(index) {
  return String.fromCharCode(65 + index);
}
