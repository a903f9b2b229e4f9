// Writes the page's small table of every map's nine: how strong the strongest is, and how many of them show the same class.
//
//   node weights/gallery/selectivity.mjs everyday/train > www/experiments/prints/maps.json
//
// The folder is the one that the gallery was made from, with one folder for each class; a gallery numbers its pictures in the
// order of their paths.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("expected the folder of the training pictures, found nothing");
const beside = (/** @type {string} */ path) => JSON.parse(readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8"));

const classes = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()
  .flatMap((name) => readdirSync(`${folder}/${name}`).filter((file) => !file.startsWith(".")).map(() => name));

const gallery = beside("gallery.json");
if (classes.length !== gallery.pictures)
  throw new Error(`expected the ${gallery.pictures} pictures of the gallery in ${folder}, found ${classes.length}`);

/** How many of a map's winners show the class that most of them show. @param {{ picture: number }[]} winners */
function alike(winners) {
  const counts = new Map();
  for (const { picture } of winners) counts.set(classes[picture], (counts.get(classes[picture]) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

const layers = Object.fromEntries(
  gallery.layers.map(({ layer, top }) => [
    layer,
    {
      alike: top.map(alike).join(""),
      strongest: top.map(([first]) => Math.round(10 * (first?.activation ?? 0)) / 10),
    },
  ]),
);
/** Networks that came without a gallery are named, so that nobody asks for it. */
const without = beside("../networks.json")
  .map(({ manifest }) => beside(`../${manifest}`).files.find(({ shard }) => shard !== "classifier").sha256)
  .filter((sha256) => sha256 !== gallery.features_sha256)
  .map((sha256) => [sha256, null]);

process.stdout.write(`${JSON.stringify({ [gallery.features_sha256]: layers, ...Object.fromEntries(without) })}\n`);
