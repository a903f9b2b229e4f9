/** A drawing of ours as one page of PDF: pictures pixel by pixel, words as this browser writes them, whatever their script. */

/** Points of PDF in a millimetre. */
const POINTS = 72 / 25.4;
/** Pixels that words get for each millimetre: 300 to an inch. */
const FINENESS = 12;

/** @typedef {{ width: number, height: number, data: Uint8ClampedArray }} Pixels */

/**
 * The file of an SVG of rectangles, pictures and words, whose unit is the millimetre.
 * @param {string} svg
 */
export async function pdfOf(svg) {
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  const [, , width = 0, height = 0] = (root.getAttribute('viewBox') ?? '').split(' ').map(Number);
  const family = root.getAttribute('font-family') ?? 'sans-serif';
  const ground = root.querySelector('rect')?.getAttribute('fill') ?? '#ffffff';
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const images = [];
  let page = '';
  /** @param {Pixels} pixels @param {number[]} place left, top, width and height */
  const put = async (pixels, [left = 0, top = 0, wide = 0, high = 0]) => {
    page += `q ${points(wide, 0, 0, high, left, height - top - high)} cm /P${images.length} Do Q\n`;
    images.push(await image(pixels));
  };
  for (const element of root.children) {
    /** @param {string} name */
    const number = (name) => Number(element.getAttribute(name) ?? 0);
    const place = ['x', 'y', 'width', 'height'].map(number);
    const fill = element.getAttribute('fill') ?? '#000000';
    if (element.localName === 'rect') {
      const [left = 0, top = 0, wide = 0, high = 0] = place;
      page += `${ink(fill)} ${points(left, height - top - high, wide, high)} re f\n`;
    } else if (element.localName === 'image') {
      await put(await pixelsOf(element.getAttribute('href') ?? ''), place);
    } else if (element.localName === 'text') {
      const font = `${element.getAttribute('font-weight') ?? ''} ${number('font-size') * FINENESS}px ${family}`;
      const { pixels, above } = written(element.textContent ?? '', font, fill, ground);
      const [left = 0, baseline = 0] = place;
      await put(
        pixels,
        [left, baseline - above, pixels.width, pixels.height].map((at, axis) => (axis < 2 ? at : at / FINENESS)),
      );
    }
  }
  const names = images.map((_, at) => `/P${at} ${at + 5} 0 R`).join(' ');
  return assembled([
    bytes('<< /Type /Catalog /Pages 2 0 R >>'),
    bytes('<< /Type /Pages /Kids [3 0 R] /Count 1 >>'),
    bytes(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${points(width, height)}] /Contents 4 0 R ` +
        `/Resources << /XObject << ${names} >> >> >>`,
    ),
    await stream('', bytes(page)),
    ...images,
  ]);
}

/** Millimetres in points. @param {...number} lengths */
function points(...lengths) {
  return lengths.map((length) => Math.round(length * POINTS * 1000) / 1000).join(' ');
}

/** @param {string} colour */
function ink(colour) {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  return `${parts.map((part) => Math.round(part * 10_000) / 10_000).join(' ')} rg`;
}

/** @param {string} url */
async function pixelsOf(url) {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const pen = canvas(picture.naturalWidth, picture.naturalHeight);
  pen.drawImage(picture, 0, 0);
  return pen.getImageData(0, 0, picture.naturalWidth, picture.naturalHeight);
}

/**
 * A line of words on its ground, and how far its top lies above the line that its letters stand on, in millimetres.
 * @param {string} text @param {string} font @param {string} fill @param {string} ground
 */
function written(text, font, fill, ground) {
  const ruler = canvas(1, 1);
  ruler.font = font;
  const measured = ruler.measureText(text);
  const above = Math.ceil(measured.fontBoundingBoxAscent);
  const width = Math.max(Math.ceil(measured.width), 1);
  const pen = canvas(width, above + Math.ceil(measured.fontBoundingBoxDescent));
  const { height } = pen.canvas;
  pen.fillStyle = ground;
  pen.fillRect(0, 0, width, height);
  pen.font = font;
  pen.fillStyle = fill;
  pen.fillText(text, 0, above);
  return { pixels: pen.getImageData(0, 0, width, height), above: above / FINENESS };
}

/** @param {number} width @param {number} height */
function canvas(width, height) {
  const element = document.createElement('canvas');
  Object.assign(element, { width, height });
  const pen = element.getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('The browser could not write the picture.');
  return pen;
}

/** A picture's object, without its opacity. @param {Pixels} pixels */
async function image({ width, height, data }) {
  const rgb = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at += 1) rgb.set(data.subarray(4 * at, 4 * at + 3), 3 * at);
  const about =
    `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} ` +
    '/ColorSpace /DeviceRGB /BitsPerComponent 8 /Interpolate true ';
  return stream(about, rgb);
}

/** @param {string} about @param {Uint8Array<ArrayBuffer>} content */
async function stream(about, content) {
  const packed = new Blob([content]).stream().pipeThrough(new CompressionStream('deflate'));
  const data = new Uint8Array(await new Response(packed).arrayBuffer());
  const head = bytes(`<< ${about}/Filter /FlateDecode /Length ${data.length} >>\nstream\n`);
  return joined([head, data, bytes('\nendstream')]);
}

/** Objects numbered from 1, the table that finds them, and where that is. @param {Uint8Array<ArrayBuffer>[]} objects */
function assembled(objects) {
  // The second line tells programs that copy files that this one is not text.
  const parts = [bytes('%PDF-1.4\n%'), new Uint8Array([0xe2, 0xe3, 0xcf, 0xd3, 0x0a])];
  let length = parts.reduce((sum, part) => sum + part.length, 0);
  let table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const [at, object] of objects.entries()) {
    table += `${String(length).padStart(10, '0')} 00000 n \n`;
    const whole = joined([bytes(`${at + 1} 0 obj\n`), object, bytes('\nendobj\n')]);
    length += whole.length;
    parts.push(whole);
  }
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`;
  return joined([...parts, bytes(table + trailer)]);
}

/** @param {string} text */
function bytes(text) {
  return new TextEncoder().encode(text);
}

/** @param {Uint8Array<ArrayBuffer>[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
