/** Files as a visitor brings them: chosen, a whole folder, or dropped. */

import { isPicture } from '../../photograph/transfer.js';

/** @typedef {{ path: string, file: File }} Listed */

/** @param {Iterable<File>} files @returns {Listed[]} */
export function listed(files) {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** What says that it is a picture, in the order of their paths, as the command line has them. @param {Listed[]} all */
export function picturesIn(all) {
  const pictures = all.filter(({ file }) => isPicture(file));
  return pictures.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** A gallery's files by their bare names, if it is one. @param {Listed[]} all @returns {Map<string, File> | null} */
export function galleryIn(all) {
  const found = all.find(({ file }) => file.name === 'gallery.json');
  if (!found) return null;
  const folder = found.path.slice(0, -'gallery.json'.length);
  const beside = all.filter(({ path, file }) => path === folder + file.name);
  return new Map(beside.map(({ file }) => [file.name, file]));
}

/** Whether what is dropped is more than one photograph. @param {DataTransfer} dropped */
export function isSet(dropped) {
  const items = [...dropped.items].filter(({ kind }) => kind === 'file');
  const isFolder = items.some((item) => item.webkitGetAsEntry()?.isDirectory);
  return isFolder || items.length > 1 || dropped.files[0]?.name === 'gallery.json';
}

/** All files of a drop, those in its folders too. @param {DataTransfer} dropped @returns {Promise<Listed[]>} */
export async function dropped(dropped) {
  // Both lists are empty as soon as the event is over.
  const entries = [...dropped.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const files = [...dropped.files];
  if (entries.length === 0) return listed(files);
  const all = await Promise.all(entries.map(under));
  return all.flat();
}

/** What may not be opened, a file or a folder: it is named when its turn comes, and keeps nothing else out. */
class LockedFile extends File {
  /** @param {string} name */
  constructor(name) {
    super([], name, { type: 'image/unknown' });
  }

  /** @override @returns {Promise<ArrayBuffer>} */
  arrayBuffer() {
    return Promise.reject(new DOMException('', 'NotReadableError'));
  }
}

/** @param {FileSystemEntry} entry @returns {Promise<Listed[]>} */
async function under(entry) {
  if (entry.isFile) {
    const one = /** @type {FileSystemFileEntry} */ (entry);
    const file = await new Promise((/** @type {(file: File) => void} */ resolve) => {
      one.file(resolve, () => resolve(new LockedFile(entry.name)));
    });
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {Listed[]} */
  const found = [];
  for (;;) {
    // A folder is handed out in parts, and the last of them is empty.
    const part = await new Promise((/** @type {(part: FileSystemEntry[] | null) => void} */ resolve) =>
      reader.readEntries(resolve, () => resolve(null)),
    );
    if (part === null) found.push({ path: entry.fullPath.replace(/^\//, ''), file: new LockedFile(entry.name) });
    if (!part?.length) return found;
    for (const one of part) found.push(...(await under(one)));
  }
}
