"""Pictures of our own making in every kind of file a visitor may drop, with what decoding them has to give."""

import hashlib
import io
import json
import struct

import numpy as np
from PIL import Image, ImageCms, ImageOps

import png
import preprocess

MID_GREY = 128
LARGEST = 150_000


def scene(width, height):
    """A picture without any symmetry: two gradients, a disc, a bar."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    red = 40 + 190 * x / (width - 1)
    green = 220 - 170 * y / (height - 1)
    blue = 128 + 90 * np.sin(x / 9 + y / 5)
    rgb = np.stack([red, green, blue], -1)
    rgb[(x - width * 0.25) ** 2 + (y - height * 0.3) ** 2 < (height * 0.2) ** 2] = [250, 240, 60]
    rgb[(x > width * 0.7) & (y > height * 0.55) & (y < height * 0.8)] = [20, 30, 140]
    return np.rint(rgb).clip(0, 255).astype(np.uint8)


def flattened(rgb, alpha):
    rgb, alpha = rgb.astype(int), alpha.astype(int)[..., None]
    return ((rgb * alpha + MID_GREY * (255 - alpha) + 127) // 255).astype(np.uint8)


def reduced(sixteen):
    """16 bits to 8, to the nearest: the same as (v + 128) / 257 in whole numbers."""
    return ((sixteen.astype(np.int64) * 255 + 32767) // 65535).astype(np.uint8)


def encoded(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def upright(file):
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(file))).convert("RGB"))


class Folder:
    """The folder being filled, and the list of what is in it."""

    def __init__(self, path):
        self.path, self.entries, self.size = path, [], 0

    def write(self, name, file):
        (self.path / name).write_bytes(file)
        self.size += len(file)

    def exact(self, name, file, rgb):
        self.write(name, file)
        height, width, _ = rgb.shape
        digest = hashlib.sha256(np.ascontiguousarray(rgb).tobytes()).hexdigest()
        self.entries.append({"file": name, "expect": {"width": width, "height": height, "sha256": digest}})

    def near(self, name, file, like, difference, mean=1.0):
        """A lossy file; `like` names a PNG already written that its decoded pixels must resemble, each and on the whole."""
        self.write(name, file)
        expected = upright((self.path / like).read_bytes())
        found = upright(file)
        assert found.shape == expected.shape, f"{name}: {found.shape}"
        off = np.abs(expected.astype(int) - found)
        assert off.max() <= difference and off.mean() <= mean, f"{name}: {off.max()} at most, {off.mean()} on the whole"
        height, width, _ = expected.shape
        self.entries.append({"file": name, "expect": {"width": width, "height": height, "like": like, "max_difference": difference, "mean_difference": mean}})

    def lossy(self, name, file, difference):
        """A lossy file with Pillow's own decoding of it beside it."""
        like = f"{name.replace('.', '-')}-decoded.png"
        pixels = upright(file)
        self.exact(like, encoded(Image.fromarray(pixels), "PNG", optimize=True), pixels)
        self.near(name, file, like, difference)

    def refused(self, name, file, error):
        self.write(name, file)
        self.entries.append({"file": name, "expect": {"error": error}})


def oriented(folder, picture):
    """One upright picture stored in each of EXIF's eight ways; decoding undoes them all."""
    back = {1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270}
    pixels = np.asarray(picture)
    folder.exact("upright.png", encoded(picture, "PNG", optimize=True), pixels)
    for orientation, turn in back.items():
        stored = picture if turn is None else picture.transpose(turn)
        exif = Image.Exif()
        exif[0x0112] = orientation
        file = encoded(stored, "JPEG", quality=97, subsampling=0, exif=exif)
        folder.near(f"orientation-{orientation}.jpg", file, "upright.png", 16, 1.5)
        raw = np.asarray(Image.open(io.BytesIO(file))).astype(int)
        ignored = raw.shape != pixels.shape or np.abs(raw - pixels).max() > 64
        assert ignored == (orientation > 1), "a decoder that ignores the orientation must be found out"


def turned_half_chroma(folder):
    """Odd sides, turned, colour at half the resolution: the last blocks stick out of the picture on both sides."""
    picture = Image.fromarray(scene(37, 21))
    for orientation, turn in {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90}.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        file = encoded(picture.transpose(turn), "JPEG", quality=95, subsampling=2, exif=exif)
        folder.lossy(f"orientation-{orientation}-half-chroma.jpg", file, 6)


def upside_down(bmp):
    """The same BMP with its first row first, which a negative height says."""
    start, (width, height) = struct.unpack_from("<I", bmp, 10)[0], struct.unpack_from("<ii", bmp, 18)
    stride = (width * 3 + 3) // 4 * 4
    rows = [bmp[start + i * stride : start + (i + 1) * stride] for i in range(height)]
    return bmp[:22] + struct.pack("<i", -height) + bmp[26:start] + b"".join(reversed(rows))


def offset_gif(width, height, left, top, index, palette, transparent):
    """Two frames; the first covers a part of the screen and has transparent pixels, the second shows other colours."""

    def frame(pixels):
        picture = Image.fromarray(pixels, "P")
        picture.putpalette(palette.tobytes())
        file = encoded(picture, "GIF", transparency=transparent, optimize=False, interlace=False)
        table = 3 << (file[10] & 7) + 1
        return file[:13], file[13 : 13 + table], file[13 + table : -1]

    head, table, first = frame(index)
    _, same, second = frame((index + 1) % len(palette))
    assert table == same, "both frames use the one colour table"
    at = first.index(b"\x2c" + struct.pack("<HHHH", 0, 0, index.shape[1], index.shape[0]))
    first = first[: at + 1] + struct.pack("<HH", left, top) + first[at + 5 :]
    return head[:6] + struct.pack("<HH", width, height) + head[10:] + table + first + second + b";"


def profile():
    """An sRGB colour profile without the date on which it was made."""
    whole = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return whole[:24] + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + whole[36:84] + bytes(16) + whole[100:]


def without_adobe(jpeg):
    """The same JPEG without the marker by which Adobe's programs say how its colours are stored."""
    at = jpeg.index(b"\xff\xee")
    assert jpeg[at + 4 : at + 9] == b"Adobe"
    return jpeg[:at] + jpeg[at + 2 + struct.unpack_from(">H", jpeg, at + 2)[0] :]


def lossless(folder, rgb, picture):
    height, width, _ = rgb.shape
    y, x = np.mgrid[0:height, 0:width]
    alpha = ((x * 255) // (width - 1)).astype(np.uint8)
    grey = rgb[..., 1]
    three = lambda one: np.repeat(one[..., None], 3, -1)
    both = np.dstack([rgb, alpha])
    folder.exact("grey-alpha.png", png.encode(np.dstack([grey, alpha]), png.GREY_ALPHA), flattened(three(grey), alpha))
    folder.exact("rgba.png", png.encode(both, png.RGBA), flattened(rgb, alpha))
    # Every remainder by 257 occurs, so that truncating and rounding differ.
    fine = rgb.astype(np.uint16) * 250 + (x * 37 + y * 101)[..., None].astype(np.uint16) % 1000
    folder.exact("rgb-16-bit.png", png.encode(fine, png.RGB, 16), reduced(fine))
    folder.exact("grey-16-bit.png", png.encode(fine[..., 1], png.GREY, 16), three(reduced(fine[..., 1])))
    assert (reduced(fine) != fine >> 8).any(), "dropping the low byte must be found out"
    colours = np.array([[200, 30, 30], [20, 160, 60], [40, 60, 220], [250, 240, 60]], np.uint8)
    seen = np.array([255, 128, 0, 77], np.uint8)
    index = ((x // 5 + y // 3) % 4).astype(np.uint8)
    file = png.encode(index, png.PALETTE, 8, palette=colours.tobytes(), transparency=seen.tobytes())
    folder.exact("palette-transparent.png", file, flattened(colours[index], seen[index]))
    bits = (grey > 128).astype(np.uint8)
    folder.exact("one-bit.png", png.encode(bits, png.GREY, 1), three(bits * 255))
    folder.exact("interlaced.png", png.encode(rgb, png.RGB, interlaced=True), rgb)
    folder.exact("one-pixel.png", png.encode(np.array([[[12, 200, 99]]], np.uint8), png.RGB), np.array([[[12, 200, 99]]], np.uint8))
    folder.exact("lossless-alpha.webp", encoded(Image.fromarray(both), "WEBP", lossless=True, exact=True), flattened(rgb, alpha))
    folder.exact("colours.bmp", encoded(picture, "BMP"), rgb)
    folder.exact("top-down.bmp", upside_down(encoded(picture, "BMP")), rgb)
    folder.exact("trailing-bytes.png", png.encode(rgb, png.RGB) + b"These bytes come after the end.\n" * 4, rgb)
    first = picture.quantize(32, dither=Image.Dither.NONE)
    second = picture.transpose(Image.Transpose.ROTATE_180).quantize(32, dither=Image.Dither.NONE)
    file = encoded(first, "GIF", save_all=True, append_images=[second], duration=100, loop=0)
    assert Image.open(io.BytesIO(file)).n_frames == 2
    folder.exact("animated.gif", file, np.asarray(first.convert("RGB")))
    corner, part = (9, 5), index[:12, :20]
    file = offset_gif(width, height, *corner, part, colours, transparent=2)
    whole = np.full_like(rgb, MID_GREY)
    whole[corner[1] :, corner[0] :][:12, :20] = flattened(colours[part], np.where(part == 2, 0, 255))
    folder.exact("offset.gif", file, whole)


def lossy(folder, picture):
    folder.lossy("grey.jpg", encoded(picture.convert("L"), "JPEG", quality=90), 2)
    four = encoded(picture.convert("CMYK"), "JPEG", quality=95)
    folder.lossy("cmyk.jpg", four, 3)
    folder.near("cmyk-no-adobe.jpg", without_adobe(four), "cmyk-jpg-decoded.png", 3)
    folder.lossy("profile.jpg", encoded(picture, "JPEG", quality=90, subsampling=0, icc_profile=profile()), 4)
    folder.lossy("progressive.jpg", encoded(picture, "JPEG", quality=90, progressive=True, subsampling=0), 4)
    folder.lossy("half-chroma.jpg", encoded(picture, "JPEG", quality=90, subsampling=2), 6)
    folder.lossy("lossy.webp", encoded(picture, "WEBP", quality=90), 4)


def refused(folder, picture):
    whole = encoded(picture, "JPEG", quality=90)
    folder.refused("truncated.jpg", whole[: len(whole) * 6 // 10], "image-decode")
    folder.refused("text.jpg", b"These are words, whatever the name of the file says.\n", "image-decode")
    folder.refused("empty.jpg", b"", "image-empty")
    bomb = png.encode(np.zeros((1, 64, 3), np.uint8), png.RGB, claims=(20_000, 20_000))
    folder.refused("bomb.png", bomb, "image-too-large")
    folder.refused("picture.tiff", encoded(picture.crop((0, 0, 8, 8)), "TIFF"), "image-unsupported")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle cx="4" cy="4" r="3"/></svg>\n'
    folder.refused("picture.svg", svg, "image-unsupported")


def make(path):
    path.mkdir(exist_ok=True)
    folder = Folder(path)
    rgb = scene(40, 24)
    picture = Image.fromarray(rgb)
    oriented(folder, picture)
    turned_half_chroma(folder)
    lossless(folder, rgb, picture)
    lossy(folder, picture)
    refused(folder, picture)
    preprocess.make(folder, scene)
    folder.write("pictures.json", (json.dumps(folder.entries, indent=1) + "\n").encode())
    assert folder.size <= LARGEST, f"{folder.size} bytes of pictures, {LARGEST} allowed"
    print(f"pictures: {len(folder.entries)} files, {folder.size} bytes")
