"""The strongest pictures of every map of a network whose every number is whole, so that equals are equal; see README.md."""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from container import settled  # noqa: E402
from networks import Case, conv, pool, relu  # noqa: E402

SIZE, MEAN, PICTURES, COUNT = 16, 128, 22, 9
LAYERS = ["conv1", "conv2", "conv3"]
LARGEST = 60_000
TABLE = [
    conv("conv1", 6, 5, 2, [0, 0, 1, 1]), relu("relu1"), pool("pool1", 3, 2, [0, 0, 1, 1]),
    conv("conv2", 7, 3, 1, [1] * 4), relu("relu2"), conv("conv3", 5, 3, 1, [1] * 4), relu("relu3"),
]


def parameters(draw):
    """Small whole weights, so that sums are whole and exact in single precision in any order."""
    found, maps = {}, 3
    for row in TABLE:
        if row["op"] != "conv":
            continue
        shape = [row["out"], maps, *row["kernel"]]
        found[f"{row['name']}.weight"] = draw.randint(-1, 2, shape).astype(np.float32)
        found[f"{row['name']}.bias"] = draw.randint(-3, 4, row["out"]).astype(np.float32)
        maps = row["out"]
    found["conv2.weight"][3] = 0  # a map that answers to every picture alike, and everywhere
    found["conv2.bias"][3] = 5
    found["conv2.bias"][5] = -1_000_000  # a silent map
    return found


def pictures(draw):
    """Patches a few steps off the mean colour: many units of many pictures answer alike."""
    whole = draw.randint(-2, 3, (PICTURES, 3, 8, 8)).repeat(2, 2).repeat(2, 3)
    whole[7] = whole[3]  # a copy
    whole[20] = whole[3]
    whole[11] = 0  # nothing to see
    return (whole + MEAN).astype(np.uint8)


def strongest(answers):
    """The first nine of all pictures by activation, picture, row and column, one unit for each picture."""
    activation = np.zeros([answers.shape[1], COUNT], np.float32)
    unit = np.full([answers.shape[1], COUNT, 3], -1, np.int32)
    rows, cols = answers.shape[2:]
    for map_ in range(answers.shape[1]):
        all_units = [
            (-answers[picture, map_, row, col], picture, row, col)
            for picture in range(len(answers)) for row in range(rows) for col in range(cols)
            if answers[picture, map_, row, col] > 0
        ]
        seen = set()
        for negative, picture, row, col in sorted(all_units):
            if picture not in seen and len(seen) < COUNT:
                activation[map_, len(seen)] = -negative
                unit[map_, len(seen)] = [picture, row, col]
                seen.add(picture)
    return activation, unit


def main():
    draw = np.random.RandomState(2025)
    numbers, raw = parameters(draw), pictures(draw)
    case = Case("top", "", TABLE, raw.astype(np.float64) - MEAN, numbers)
    model = case.model()
    model["input"]["mean"] = [MEAN] * 3
    tensors = {**numbers, "golden.pictures": raw}
    x, largest = case.pictures, 0.0
    names = list(case.twin()._modules)
    answers = {}
    for at, module in enumerate(case.twin()):
        x = module(x).detach()
        largest = max(largest, float(x.abs().max()))
        if isinstance(module, torch.nn.ReLU):
            answers[names[at - 1]] = x.numpy()
    assert largest < 2**20, "sums that single precision may round"
    ties, short = 0, 0
    for layer in LAYERS:
        activation, unit = strongest(answers[layer])
        tensors[f"golden.{layer}.activation"], tensors[f"golden.{layer}.unit"] = activation, unit
        ties += int(((activation[:, 1:] == activation[:, :-1]) & (activation[:, 1:] > 0)).sum())
        short += int((activation == 0).any(1).sum())
    assert ties > 20 and short > 0, f"{ties} equals, {short} maps with fewer winners"
    compact = lambda value: json.dumps(value, separators=(",", ":"))
    stored = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    golden = compact({"layers": LAYERS, "count": COUNT})
    file = settled(save(stored, {"zf-lens": compact(model), "golden": golden}))
    assert len(file) <= LARGEST, f"{len(file)} bytes, {LARGEST} allowed"
    (HERE / "top.safetensors").write_bytes(file)
    print(f"{len(file)} bytes; {ties} equals among the winners, {short} maps with fewer than {COUNT}")


if __name__ == "__main__":
    main()
