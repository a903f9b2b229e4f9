"""Writes colour profiles (ICC.1:2001): what red, green and blue mean, as a matrix with curves or as a table."""

import itertools
import struct

import numpy as np

# Red, green and blue in XYZ under D50, as the specifications of these spaces give them.
SRGB = [[0.4360657, 0.2224884, 0.0139160], [0.3851471, 0.7168732, 0.0970764], [0.1430664, 0.0606079, 0.7140961]]
DISPLAY_P3 = [[0.5151215, 0.2411957, -0.0010529], [0.2919769, 0.6922455, 0.0418854], [0.1571045, 0.0665741, 0.7840729]]
ADOBE_RGB = [[0.6097412, 0.3111115, 0.0194702], [0.2052765, 0.6256714, 0.0608673], [0.1491852, 0.0632172, 0.7445679]]
PROPHOTO = [[0.7976749, 0.2880402, 0.0], [0.1351917, 0.7118741, 0.0], [0.0313534, 0.0000857, 0.8252100]]
WHITE = [0.9642, 1.0, 0.8249]


def fixed(*numbers):
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def xyz(place):
    return b"XYZ \0\0\0\0" + fixed(*place)


def gamma(exponent):
    return b"curv" + struct.pack(">IIH", 0, 1, round(exponent * 256))


def srgb_curve():
    """The curve of sRGB in 1024 steps."""
    x = np.arange(1024) / 1023
    y = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return b"curv" + struct.pack(">II1024H", 0, 1024, *np.rint(y * 65535).astype(int))


def profile(space, connection, tags):
    offset, table, data = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags:
        table += name + struct.pack(">II", offset + len(data), len(content))
        data += content + b"\0" * (-len(content) % 4)
    size = offset + len(data)
    header = struct.pack(">I4sI4s4s4s", size, b"\0" * 4, 0x02400000, b"mntr", space, connection)
    header += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + fixed(*WHITE)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


def matrix(primaries, curve):
    places = zip([b"rXYZ", b"gXYZ", b"bXYZ"], primaries)
    curves = [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return profile(b"RGB ", b"XYZ ", [(b"wtpt", xyz(WHITE))] + [(name, xyz(place)) for name, place in places] + curves)


def grey(curve):
    return profile(b"GRAY", b"XYZ ", [(b"wtpt", xyz(WHITE)), (b"kTRC", curve)])


def lab(colour):
    """XYZ under D50 to Lab."""
    t = np.asarray(colour) / WHITE
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def table(space, inputs, steps, to_lab):
    """A profile with a table of Lab colours over a grid of `steps` values of each of `inputs` channels."""
    straight = struct.pack(">2H", 0, 65535)
    grid = itertools.product(np.linspace(0, 1, steps), repeat=inputs)
    values = np.array([to_lab(np.array(place)) for place in grid])
    packed = np.rint((values + [0, 128, 128]) * [652.8, 256, 256]).clip(0, 65535).astype(">u2")
    head = b"mft2" + struct.pack(">I4B", 0, inputs, 3, steps, 0) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1) + struct.pack(">HH", 2, 2)
    content = head + straight * inputs + packed.tobytes() + straight * 3
    return profile(space, b"Lab ", [(b"wtpt", xyz(WHITE)), (b"A2B0", content)])


def swapped(value):
    """Another order of the channels, through a gamma of 2."""
    red, green, blue = value**2
    return lab(np.array([green, blue, red]) @ np.array(SRGB))


def ink(value):
    """Four inks that are not quite cyan, magenta, yellow and black."""
    light = 1 - value[:3] * [0.9, 0.8, 0.9]
    return lab((light * (1 - 0.95 * value[3])) ** 2.2 @ np.array(SRGB))
