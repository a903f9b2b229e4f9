"""Pictures of our own making in every kind of file a visitor may drop, with what decoding them has to give."""

import hashlib
import io
import json
import struct
import subprocess

import numpy as np
from PIL import Image, ImageCms, ImageOps

import icc
import jpeg
import matrix
import png
import preprocess

MID_GREY = 128
LARGEST = 250_000


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

    def like(self, name, file, like, difference, mean=1.0):
        """A file whose pixels must resemble a PNG already written, whatever Pillow makes of it."""
        self.write(name, file)
        width, height = Image.open(self.path / like).size
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


def film(*inside):
    """What phones append to a photograph: the beginning of a film, in which a JPEG's markers may occur."""
    return b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\x01\0mdat" + b"\x12\x34" * 20 + b"".join(inside) + b"\x56\x78" * 20


def more_than_a_picture(folder, picture):
    """A photograph with something before, behind or inside: it is the same photograph."""
    whole, small = encoded(picture, "JPEG", quality=90, subsampling=2), encoded(picture.resize((10, 6)), "JPEG")
    markers = b"\xff\xda", b"\xff\xd9", b"\xff\xd8", b"\xff\xc0"
    same = lambda name, file: folder.near(name, file, "half-chroma-jpg-decoded.png", 6)
    same("motion-photo.jpg", whole + b"MotionPhoto_Data" + film(*markers) + b"SEFH\0\0\0\0SEFT")
    same("two-pictures.jpg", whole + small)
    same("small-picture-inside.jpg", whole[:2] + jpeg.segment(0xE1, b"Exif\0\0MM\0*" + b"\0" * 8 + small) + jpeg.segment(0xE2, b"MPF\0" + small) + whole[2:])
    folder.like("lost-end.jpg", whole[:-2] + film(*markers), "half-chroma-jpg-decoded.png", 6)
    folder.like("lost-end-progressive.jpg", encoded(picture, "JPEG", quality=90, subsampling=0, progressive=True)[:-2] + film(*markers), "progressive-jpg-decoded.png", 4)
    scan = whole.index(b"\xff\xda")
    later = encoded(picture, "JPEG", quality=90, progressive=True)
    scans = [at for at in range(len(later)) if later[at : at + 2] == b"\xff\xda"]
    assert len(scans) > 4
    tables = later.index(b"\xff\xc4", scans[1])
    assert tables < scans[2]
    cut = {
        "in-header": whole[: scan - 100],
        "before-scan": whole[:scan],
        "in-scan": whole[: (scan + len(whole)) // 2],
        "before-end": whole[:-2],
        "in-end": whole[:-1],
        "between-scans": later[: scans[3]],
        "behind-small-picture": whole[:2] + jpeg.segment(0xE1, b"Exif\0\0MM\0*" + b"\0" * 8 + small) + whole[2 : len(whole) * 2 // 3],
        "before-end-marker": whole[: (scan + len(whole)) // 2] + b"\xff\xd9",
        "in-first-scans": later[: (scans[1] + tables) // 2] + later[tables:],
        "before-film": whole[: (scan + len(whole)) // 2] + film(*markers),
        "between-scans-before-film": later[: scans[3]] + film(*markers),
    }
    for name, file in cut.items():
        folder.refused(f"cut-off-{name}.jpg", file, "image-cut-off")


def kinds_of_jpeg(folder, picture):
    """What decoders disagree about, or refuse."""
    ycc = np.asarray(picture.convert("YCbCr"))
    planes = [ycc[..., i] for i in range(3)]
    one = jpeg.sequential((0, 1, 2))
    whole = jpeg.encode(planes, [(1, 1)] * 3, one, markers=jpeg.adobe(7))
    folder.lossy("adobe-7.jpg", whole, 4)
    two = jpeg.encode(planes[:2], [(1, 1)] * 2, jpeg.sequential((0, 1)))
    folder.refused("two-components.jpg", two, "image-unsupported")
    for name, kind, depth in [("12-bit", jpeg.EXTENDED, 12), ("lossless", jpeg.LOSSLESS, 8), ("mixed", jpeg.ARITHMETIC, 8)]:
        folder.refused(f"{name}.jpg", jpeg.encode(planes, [(1, 1)] * 3, one, kind, depth=depth), "image-unsupported")
    # Pillow reads arithmetic coding and does not write it; libjpeg-turbo's cjpeg does.
    arithmetic = subprocess.run(["cjpeg", "-arithmetic", "-quality", "90"], input=encoded(picture, "PPM"), stdout=subprocess.PIPE, check=True)
    folder.refused("arithmetic.jpg", arithmetic.stdout, "image-unsupported")


def managed(picture, profile, mode="RGB"):
    """A picture in the colours of sRGB, by LittleCMS."""
    srgb = ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(picture.convert(mode), ImageCms.ImageCmsProfile(io.BytesIO(profile)), srgb, outputMode="RGB")


def profiles(folder, picture):
    """Numbers that mean other colours than in sRGB, in every container; and profiles that say nothing or make no sense."""
    known = {
        "display-p3": icc.matrix(icc.DISPLAY_P3, icc.srgb_curve()),
        "adobe-rgb": icc.matrix(icc.ADOBE_RGB, icc.gamma(563 / 256)),
        "prophoto": icc.matrix(icc.PROPHOTO, icc.gamma(1.8)),
        "swapped": icc.matrix([icc.SRGB[1], icc.SRGB[2], icc.SRGB[0]], icc.srgb_curve()),
        "table": icc.table(b"RGB ", 3, 9, icc.swapped),
    }
    for name, profile in known.items():
        seen = managed(picture, profile)
        moved = np.abs(np.asarray(seen).astype(int) - np.asarray(picture)).max()
        assert moved > 20, f"{name}: a decoder that ignores it must be found out"
        folder.exact(f"{name}-managed.png", encoded(seen, "PNG", optimize=True), np.asarray(seen))
        # Programs interpolate in a table as they like.
        within = (6, 1.5) if name == "table" else (2, 1.0)
        folder.like(f"{name}.png", encoded(picture, "PNG", optimize=True, icc_profile=profile), f"{name}-managed.png", *within)
    swapped = known["swapped"]
    folder.like("swapped.webp", encoded(picture, "WEBP", lossless=True, icc_profile=swapped), "swapped-managed.png", 2)
    folder.like("swapped.jpg", encoded(picture, "JPEG", quality=98, subsampling=0, icc_profile=swapped), "swapped-managed.png", 12)
    grey = picture.convert("L")
    dark = icc.grey(icc.gamma(1.2))
    seen = managed(grey, dark, "L")
    folder.exact("grey-managed.png", encoded(seen, "PNG", optimize=True), np.asarray(seen))
    folder.like("grey-profile.png", encoded(grey, "PNG", icc_profile=dark), "grey-managed.png", 2)
    inks = icc.table(b"CMYK", 4, 5, icc.ink)
    four = encoded(picture.convert("CMYK"), "JPEG", quality=98, icc_profile=inks)
    seen = managed(Image.open(io.BytesIO(four)), inks, "CMYK")
    folder.exact("inks-managed.png", encoded(seen, "PNG", optimize=True), np.asarray(seen))
    folder.like("inks.jpg", four, "inks-managed.png", 6, 1.5)
    rgb = np.asarray(picture)
    plain = png.encode(rgb, png.RGB)
    for name, profile in {"same": icc.matrix(icc.SRGB, icc.srgb_curve()), "cut": swapped[:-2000], "wrong": dark, "no": b"x" * 200}.items():
        folder.exact(f"{name}-profile.png", encoded(picture, "PNG", icc_profile=profile), rgb)
    behind = lambda *chunks: plain[:33] + b"".join(chunks) + plain[33:]
    linear = png.chunk(b"gAMA", struct.pack(">I", 100_000))
    light = np.linspace(0, 1, 256)
    curve = np.rint(255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)).astype(np.uint8)
    folder.exact("gamma-managed.png", png.encode(curve[rgb], png.RGB), curve[rgb])
    folder.like("gamma.png", behind(linear), "gamma-managed.png", 1)
    folder.exact("gamma-but-srgb.png", behind(png.chunk(b"sRGB", b"\0"), linear), rgb)


def odd_containers(folder, rgb, picture):
    """What browsers forgive."""
    height, width, _ = rgb.shape
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    for name, alpha, expected in [("clear", 0, rgb), ("half", 128, flattened(rgb, np.full((height, width), 128, np.uint8)))]:
        pixels = np.dstack([rgb[::-1, :, ::-1], np.full((height, width, 1), alpha, np.uint8)]).tobytes()
        header = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 32, 3, len(pixels), 2835, 2835, 0, 0) + masks + b"BGRs" + b"\0" * 64
        file = b"BM" + struct.pack("<IHHI", 14 + len(header) + len(pixels), 0, 0, 14 + len(header)) + header + pixels
        folder.exact(f"{name}-alpha-v5.bmp", file, expected)
    turned = Image.Exif()
    turned[0x0112] = 6
    stored = picture.transpose(Image.Transpose.ROTATE_90)
    file = encoded(stored, "WEBP", lossless=True, exif=turned.tobytes())
    bare = encoded(stored, "WEBP", lossless=True, exif=turned.tobytes().removeprefix(b"Exif\0\0"))
    for name, one in [("introduced", file), ("bare", bare)]:
        folder.exact(f"turned-{name}.webp", one, rgb)
    gif = encoded(picture.quantize(32, dither=Image.Dither.NONE), "GIF")
    seen = np.asarray(Image.open(io.BytesIO(gif)).convert("RGB"))
    folder.exact("screen-zero.gif", gif[:6] + b"\0\0\0\0" + gif[10:], seen)
    folder.exact("screen-small.gif", gif[:6] + struct.pack("<HH", 7, 5) + gif[10:], seen)


def refused(folder, picture):
    whole = encoded(picture, "JPEG", quality=90)
    folder.refused("truncated.jpg", whole[: len(whole) * 6 // 10], "image-cut-off")
    lossless = encoded(picture, "PNG", optimize=True)
    folder.refused("cut-off.png", lossless[: len(lossless) * 6 // 10], "image-cut-off")
    web = encoded(picture, "WEBP", quality=90)
    folder.refused("cut-off.webp", web[: len(web) * 6 // 10], "image-cut-off")
    # Tables that no code fits: whole, and damaged.
    at = whole.index(b"\xff\xc4")
    folder.refused("damaged.jpg", whole[: at + 5] + b"\xff" * 16 + whole[at + 21 :], "image-decode")
    folder.refused("damaged.png", lossless[:60] + bytes(b ^ 0x5A for b in lossless[60:80]) + lossless[80:], "image-decode")
    for name, file in {
        "text.jpg": b"These are words, whatever the name of the file says.\n",
        "page.jpg": b"\xef\xbb\xbf<!-- saved -->\n<!DOCTYPE html>\n<html><body><svg></svg></body></html>\n",
        "document.jpg": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "archive.jpg": b"PK\x03\x04\x14\0\0\0\0\0",
        "noise.jpg": bytes(range(1, 200)),
    }.items():
        folder.refused(name, file, "image-not-a-picture")
    folder.refused("empty.jpg", b"", "image-empty")
    bomb = png.encode(np.zeros((1, 64, 3), np.uint8), png.RGB, claims=(20_000, 20_000))
    folder.refused("bomb.png", bomb, "image-too-large")
    folder.refused("picture.tiff", encoded(picture.crop((0, 0, 8, 8)), "TIFF"), "image-unsupported")
    folder.refused("picture.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image-unsupported")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle cx="4" cy="4" r="3"/></svg>\n'
    folder.refused("picture.svg", svg, "image-unsupported")
    before = b'<?xml version="1.0"?>\n<!-- ' + b"long " * 600 + b'-->\n<!DOCTYPE svg [<!ENTITY a "b">]>\n'
    folder.refused("long-prolog.svg", before + svg, "image-unsupported")
    folder.refused("utf-16.svg", svg.decode().encode("utf-16"), "image-unsupported")


def make(path):
    path.mkdir(exist_ok=True)
    folder = Folder(path)
    rgb = scene(40, 24)
    picture = Image.fromarray(rgb)
    oriented(folder, picture)
    turned_half_chroma(folder)
    lossless(folder, rgb, picture)
    lossy(folder, picture)
    more_than_a_picture(folder, picture)
    kinds_of_jpeg(folder, picture)
    profiles(folder, picture)
    odd_containers(folder, rgb, picture)
    refused(folder, picture)
    preprocess.make(folder, scene)
    matrix.make(path, scene)
    folder.write("pictures.json", (json.dumps(folder.entries, indent=1) + "\n").encode())
    assert folder.size <= LARGEST, f"{folder.size} bytes of pictures, {LARGEST} allowed"
    print(f"pictures: {len(folder.entries)} files, {folder.size} bytes")
