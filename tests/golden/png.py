"""Writes PNG files of the kinds that Pillow does not: 16 bits a channel, interlaced, broken on purpose."""

import struct
import zlib

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
# Adam7: first column and row of each pass, and its steps.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def scanlines(pixels, depth):
    """Rows of `[rows, cols, channels]`, each behind filter type 0."""
    lines = b""
    for row in pixels.reshape(pixels.shape[0], -1):
        if depth == 16:
            packed = row.astype(">u2").tobytes()
        else:
            bits = "".join(format(int(v), f"0{depth}b") for v in row)
            packed = int(bits.ljust(-len(bits) % 8 + len(bits), "0"), 2).to_bytes((len(bits) + 7) // 8, "big")
        lines += b"\0" + packed
    return lines


def encode(pixels, colour, depth=8, palette=None, transparency=None, interlaced=False, claims=None):
    """The bytes of a PNG; `claims` puts another width and height into the header than the pixels have."""
    rows, cols = pixels.shape[:2]
    pixels = pixels.reshape(rows, cols, CHANNELS[colour])
    width, height = claims or (cols, rows)
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced)))
    if palette is not None:
        file += chunk(b"PLTE", bytes(palette))
    if transparency is not None:
        file += chunk(b"tRNS", bytes(transparency))
    if interlaced:
        parts = [pixels[top::down, left::across] for left, top, across, down in PASSES]
        data = b"".join(scanlines(part, depth) for part in parts if part.size)
    else:
        data = scanlines(pixels, depth)
    return file + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")
