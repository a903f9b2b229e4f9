"""JPEG files of every sampling, split into scans and way of coding, with what libjpeg-turbo makes of them."""

import io
import json

import numpy as np
from PIL import Image
from safetensors.numpy import save

import jpeg
from container import settled

# A golden file stays below 64 KiB.
LARGEST = 60_000
# The resolutions of luminance and colour that libjpeg knows: halves, thirds and quarters, both ways, and colour finer than light.
LUMINANCE = [(1, 1), (2, 1), (1, 2), (2, 2), (3, 1), (1, 3), (4, 1), (1, 4), (4, 2), (2, 4)]
COLOUR = [(1, 1), (2, 1), (1, 2), (2, 2)]
SPLITS = [[(0, 1, 2)], [(0,), (1,), (2,)], [(0,), (1, 2)], [(0, 1), (2,)], [(0, 2), (1,)]]


def jpegs(scene):
    """Files by name, with the planes that were given to the encoder."""
    picture = Image.fromarray(scene(27, 37))
    ycc, inks = np.asarray(picture.convert("YCbCr")), np.asarray(picture.convert("CMYK"))
    three = [ycc[..., i] for i in range(3)]
    four = [255 - inks[..., i] for i in (0, 1, 2)] + [255 - ycc[..., 0] // 2]
    ways = [(kind, restart) for kind in (jpeg.BASELINE, jpeg.PROGRESSIVE) for restart in (0, 3)]

    def one(name, planes, samplings, groups, kind, restart, markers=b""):
        scans = jpeg.progressive(groups, len(planes)) if kind == jpeg.PROGRESSIVE else jpeg.sequential(*groups)
        split = "+".join("".join(map(str, group)) for group in groups)
        way = ("progressive" if kind == jpeg.PROGRESSIVE else "baseline") + ("-restart" if restart else "")
        return f"{name}-{split}-{way}", jpeg.encode(planes, samplings, scans, kind, restart, markers)

    # Not every split of every resolution in every way, but every two of these together.
    count = 0
    for luminance in LUMINANCE:
        for at, colour in enumerate(COLOUR):
            name = "three-{}x{}-{}x{}".format(*luminance, *colour)
            samplings = [luminance, colour, colour]
            for groups in [SPLITS[(count + at) % 5], SPLITS[(count + at + 2) % 5]]:
                units = max(sum(samplings[i][0] * samplings[i][1] for i in group) for group in groups if len(group) > 1 or groups == SPLITS[1])
                if units > 10:
                    groups = SPLITS[1]  # the standard allows ten blocks in a unit
                for kind, restart in (ways[count % 4], ways[(count + 1 + count // 4 % 3) % 4]):
                    yield name, *one(name, three, samplings, groups, kind, restart)
                count += 1
    for sampling in [(1, 1), (2, 2), (1, 3)]:
        for kind, restart in ways:
            name = "one-{}x{}".format(*sampling)
            yield name, *one(name, three[:1], [sampling], [(0,)], kind, restart)
    for transform in (None, 0, 2):
        for samplings in ([(1, 1)] * 4, [(2, 2), (1, 1), (1, 1), (2, 2)]):
            for groups, (kind, restart) in zip([[(0, 1, 2, 3)], [(0,), (1,), (2,), (3,)]] * 2, ways):
                name = "four-{}-{}x{}".format({None: "plain", 0: "inks", 2: "ycck"}[transform], *samplings[0])
                markers = b"" if transform is None else jpeg.adobe(transform)
                yield name, *one(name, four, samplings, groups, kind, restart, markers)


def make(folder, scene):
    """Every sampling, split and way of coding, with what libjpeg-turbo makes of it; null where it refuses, as the standard allows."""
    groups = {}
    for pixels, name, file in jpegs(scene):
        try:
            seen = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
        except OSError:
            seen = None
        group = groups.setdefault((pixels, seen is None), {"seen": seen, "files": {}})
        assert seen is None or np.array_equal(group["seen"], seen), f"{name}: the way of coding must not matter"
        group["files"][f"{name}.jpg"] = np.frombuffer(file, np.uint8)
    written = []
    stored, cases = {}, []
    for (pixels, refused), group in groups.items():
        known = {} if refused else {f"{pixels}.pixels": np.ascontiguousarray(group["seen"])}
        more = [{"file": file, "pixels": next(iter(known), None)} for file in group["files"]]
        file = packed({**stored, **group["files"], **known}, cases + more)
        if len(file) > LARGEST:
            written.append(packed(stored, cases))
            stored, cases = {}, []
        stored |= group["files"] | known
        cases += more
    written.append(packed(stored, cases))
    for at, file in enumerate(written, 1):
        (folder / f"jpegs-{at}.safetensors").write_bytes(file)
    print(f"jpegs: {len(written)} files, {sum(map(len, written))} bytes")


def packed(stored, cases):
    about = {"max_difference": 4, "cases": cases}
    return settled(save(stored, {"jpegs": json.dumps(about, separators=(",", ":"))}))
