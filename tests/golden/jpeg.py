"""Writes JPEG files of the kinds that Pillow does not: any sampling, scans of any split, restarts, two to four components."""

import struct

import numpy as np

ZIGZAG = np.array([r * 8 + c for s in range(15) for r, c in sorted(
    ((i, s - i) for i in range(8) if 0 <= s - i < 8), key=lambda rc: rc[0] if s % 2 else rc[1])])
COSINES = np.array([[np.cos((2 * x + 1) * u * np.pi / 16) * (np.sqrt(0.125) if u == 0 else 0.5) for x in range(8)] for u in range(8)])
# The tables that the standard recommends for luminance (annex K.3): codes of each length, then the symbols in order.
DC = (bytes([0, 1, 5, 1, 1, 1, 1, 1, 1] + [0] * 7), bytes(range(12)))
AC = (bytes([0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125]), bytes.fromhex(
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a"
    "535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7"
    "c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"))
STEP = 24  # every coefficient in steps of this

BASELINE, EXTENDED, PROGRESSIVE, LOSSLESS, ARITHMETIC = 0xC0, 0xC1, 0xC2, 0xC3, 0xC9


def sequential(*groups):
    """One scan with everything for each group of components."""
    return [(group, 0, 63, 0, 0) for group in groups]


def progressive(groups, components):
    """First DC without its last bit, for each group; then AC in two bands with their last bits later."""
    alone = [(i,) for i in range(components)]
    return ([(group, 0, 0, 0, 1) for group in groups] + [(i, 1, 5, 0, 1) for i in alone] + [(i, 6, 63, 0, 1) for i in alone]
            + [(group, 0, 0, 1, 0) for group in groups] + [(i, 1, 63, 1, 0) for i in alone])


def codes(table):
    lengths, symbols = table
    found, code, at = {}, 0, 0
    for length, count in enumerate(lengths, 1):
        for _ in range(count):
            found[symbols[at]] = (code, length)
            code, at = code + 1, at + 1
        code <<= 1
    return found


DC_CODES, AC_CODES = codes(DC), codes(AC)


class Bits:
    def __init__(self):
        self.text = []

    def put(self, value, length):
        if length:
            self.text.append(format(value, f"0{length}b"))

    def put_all(self, bits):
        for bit in bits:
            self.put(bit, 1)

    def put_signed(self, value, size):
        self.put(value if value > 0 else value + (1 << size) - 1, size)

    def bytes(self):
        text = "".join(self.text)
        text += "1" * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\0") if text else b""


def put_dc(bits, coefficient, before):
    size = int(abs(coefficient - before)).bit_length()
    bits.put(*DC_CODES[size])
    bits.put_signed(int(coefficient - before), size)


def put_run(bits, run):
    while run > 15:
        bits.put(*AC_CODES[0xF0])
        run -= 16
    return run


def put_ac(bits, band):
    run = 0
    for value in band:
        if value == 0:
            run += 1
            continue
        run = put_run(bits, run)
        size = int(abs(value)).bit_length()
        bits.put(*AC_CODES[run << 4 | size])
        bits.put_signed(int(value), size)
        run = 0
    if run:
        bits.put(*AC_CODES[0])


def put_refinement(bits, band, low):
    """One more bit of each coefficient (G.1.2.3), every block ended by itself."""
    size = np.abs(band) >> low
    fresh = np.flatnonzero(size == 1)
    last = fresh[-1] if len(fresh) else -1
    run, corrections = 0, []
    for at, value in enumerate(size):
        if value == 0:
            run += 1
            continue
        while run > 15 and at <= last:
            bits.put(*AC_CODES[0xF0])
            bits.put_all(corrections)
            run, corrections = run - 16, []
        if value > 1:
            corrections.append(int(value & 1))
            continue
        bits.put(*AC_CODES[run << 4 | 1])
        bits.put(int(band[at] > 0), 1)
        bits.put_all(corrections)
        run, corrections = 0, []
    if run or corrections:
        bits.put(*AC_CODES[0])
        bits.put_all(corrections)


def segment(marker, data):
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def adobe(transform):
    return segment(0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform))


def reduced(plane, width, height):
    """A plane at a lower resolution: means of boxes."""
    rows = np.arange(height + 1) * plane.shape[0] / height
    cols = np.arange(width + 1) * plane.shape[1] / width
    box = lambda edges, i: slice(int(edges[i]), max(int(edges[i]) + 1, int(np.ceil(edges[i + 1]))))
    return np.array([[plane[box(rows, r), box(cols, c)].mean() for c in range(width)] for r in range(height)])


class Component:
    """The quantised coefficients of one component, `[rows, cols, 64]` in zigzag order, padded to whole MCUs."""

    def __init__(self, plane, sampling, most):
        (self.across, self.down), (h, v) = sampling, most
        height, width = plane.shape
        size = lambda whole, part, all: -(-whole * part // all)
        w, high = size(width, self.across, h), size(height, self.down, v)
        small = reduced(plane.astype(float), w, high)
        self.cols, self.rows = -(-w // 8), -(-high // 8)
        blocks = [-(-height // (8 * v)) * self.down, -(-width // (8 * h)) * self.across]
        padded = np.pad(small, [(0, blocks[0] * 8 - high), (0, blocks[1] * 8 - w)], "edge") - 128
        tiles = padded.reshape(blocks[0], 8, blocks[1], 8).swapaxes(1, 2)
        spectrum = np.rint(COSINES @ tiles @ COSINES.T / STEP).astype(int)
        self.coefficients = spectrum.reshape(*blocks, 64)[..., ZIGZAG]


def mcus(chosen):
    """The blocks of a scan, MCU by MCU: component, row, column. One component alone has no padding and one block an MCU."""
    if len(chosen) == 1:
        part = chosen[0]
        return [[(part, row, col)] for row in range(part.rows) for col in range(part.cols)]
    rows, cols = chosen[0].coefficients.shape[0] // chosen[0].down, chosen[0].coefficients.shape[1] // chosen[0].across
    return [[(part, row * part.down + v, col * part.across + h) for part in chosen for v in range(part.down) for h in range(part.across)]
            for row in range(rows) for col in range(cols)]


def scan(parts, group, first, last, high, low, restart):
    header = bytes([len(group)]) + b"".join(bytes([i + 1, 0]) for i in group) + bytes([first, last, high << 4 | low])
    file, bits, before = segment(0xDA, header), Bits(), {}
    for count, blocks in enumerate(mcus([parts[i] for i in group])):
        if restart and count and count % restart == 0:
            file += bits.bytes() + bytes([0xFF, 0xD0 + (count // restart - 1) % 8])
            bits, before = Bits(), {}
        for part, row, col in blocks:
            block = part.coefficients[row, col]
            if first == 0 and high:
                bits.put(int(block[0] >> low & 1), 1)
            elif first == 0:
                put_dc(bits, block[0] >> low, before.get(part, 0))
                before[part] = block[0] >> low
            band = block[max(first, 1) : last + 1]
            if last and high:
                put_refinement(bits, band, low)
            elif last:
                put_ac(bits, np.sign(band) * (np.abs(band) >> low))
    return file + bits.bytes()


def encode(planes, samplings, scans, kind=BASELINE, restart=0, markers=b"", depth=8):
    """`planes` are `[height, width]` in full size; `scans` are tuples of components, band and bits, as in the standard."""
    height, width = planes[0].shape
    most = tuple(max(s[i] for s in samplings) for i in (0, 1))
    parts = [Component(plane, sampling, most) for plane, sampling in zip(planes, samplings)]
    frame = struct.pack(">BHHB", depth, height, width, len(planes))
    frame += b"".join(bytes([i + 1, across << 4 | down, 0]) for i, (across, down) in enumerate(samplings))
    file = b"\xff\xd8" + markers + segment(0xDB, b"\0" + bytes([STEP] * 64)) + segment(kind, frame)
    file += segment(0xC4, b"\0" + DC[0] + DC[1]) + segment(0xC4, b"\x10" + AC[0] + AC[1])
    if restart:
        file += segment(0xDD, struct.pack(">H", restart))
    return file + b"".join(scan(parts, *one, restart) for one in scans) + b"\xff\xd9"
