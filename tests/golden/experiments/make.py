"""Occlusion, invariance and correspondence on a small network, in double precision; see README.md."""

import itertools
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from container import settled  # noqa: E402
from networks import conv, dense, lrn, pool, random_case, relu  # noqa: E402

SIZE, MEAN, GREY = 28, [120.0, 110.0, 100.0], [128.0, 96.0, 160.0]
LARGEST = 60_000
TABLE = [
    conv("conv1", 6, 5, 2, [0, 0, 1, 1]), relu("relu1"), pool("pool1", 3, 2, [0, 0, 1, 1]),
    lrn("norm1", region="across", size=3, alpha=1e-4, beta=0.75, k=2.0),
    conv("conv2", 8, 3, 1, [1] * 4), relu("relu2"), conv("conv3", 6, 3, 1, [1] * 4), relu("relu3"), dense("fc4", 10), relu("relu4"), dense("fc5", 4),
]
OCCLUSION = {"size": 7, "stride": 3, "fill": {"colour": [int(v) for v in GREY]}, "layer": "conv3"}
PARAMETERS = {"translation": [-6.0, 0.0, 2.5, 9.0], "scale": [1.0, 1.2, 1.35, 0.8], "rotation": [0.0, 90.0, 205.0, 40.0]}
DISTANCES = ["conv1", "fc4"]
COMPARED = ["conv3", "fc4"]
# Top, left, rows, columns on each picture; a change below STILL of the largest answer is none.
PARTS = {"eye": [[4, 5, 6, 7], [10, 3, 6, 7], [0, 20, 6, 7]], "nose": [[15, 12, 5, 5], [12, 14, 8, 6], [20, 21, 4, 7]]}
STILL = 1e-5


def pictures():
    """Coloured waves with noise: smooth enough for sampling to matter, different enough for signs to differ."""
    draw = np.random.RandomState(31)
    rows, cols = np.mgrid[0:SIZE, 0:SIZE]
    waves = [
        127 + 70 * np.sin(rows / draw.uniform(2, 6) + draw.uniform(0, 6)) * np.cos(cols / draw.uniform(2, 6)) + draw.uniform(-50, 50, (SIZE, SIZE))
        for _ in range(9)
    ]
    return np.clip(np.rint(waves), 0, 255).reshape(3, 3, SIZE, SIZE).astype(np.uint8)


def column(values):
    return torch.tensor(values, dtype=torch.float64).view(3, 1, 1)


class Net:
    def __init__(self, case):
        self.case = case
        self.modules = list(case.twin().named_children())

    def answers(self, pixels):
        """Every layer's answer, after the rectifier that follows, and the probabilities."""
        found, x, last = {}, (pixels - column(MEAN))[None], None
        for name, module in self.modules:
            x = module(x).detach()
            if isinstance(module, torch.nn.ReLU):
                found[last] = x[0]
            found[name], last = x[0], name
        found["probability"] = F.softmax(x[0].flatten(), 0)
        return found


def covered(pixels, top, left, rows, cols):
    changed = pixels.clone()
    changed[:, top : top + rows, left : left + cols] = column(GREY)
    return changed


def occlusion(net, pixels, tensors):
    whole = net.answers(pixels)
    strongest, second = whole["conv3"].flatten(1).max(1).values.sort(descending=True).values[:2]
    assert strongest > second * 1.01, "the strongest map hangs by a hair"
    map_ = int(whole["conv3"].flatten(1).max(1).values.argmax())
    class_ = int(whole["probability"].argmax())
    size, stride = OCCLUSION["size"], OCCLUSION["stride"]
    corners = range(0, SIZE - size + 1, stride)
    activity, probability, label = [], [], []
    for top in corners:
        for left in corners:
            seen = net.answers(covered(pixels, top, left, size, size))
            first, other = seen["probability"].sort(descending=True).values[:2]
            assert first - other > 1e-4, "a label hangs by a hair"
            activity.append(float(seen["conv3"][map_].sum()))
            probability.append(float(seen["probability"][class_]))
            label.append(int(seen["probability"].argmax()))
    assert len(set(label)) > 1 and np.std(activity) > 0.01 * np.mean(activity), "nothing to see"
    grid = [len(corners)] * 2
    tensors["golden.occlusion.activity"] = np.array(activity, np.float32).reshape(grid)
    tensors["golden.occlusion.probability"] = np.array(probability, np.float32).reshape(grid)
    tensors["golden.occlusion.label"] = np.array(label, np.int32).reshape(grid)
    return {"settings": OCCLUSION, "map": map_, "class": class_, "activity": float(whole["conv3"][map_].sum())}


def transformed(pixels, kind, parameter):
    """torch's own sampler; beyond the border lies the mean colour."""
    c, s = 1.0, 0.0
    if kind == "rotation":
        c, s = math.cos(math.radians(parameter)), math.sin(math.radians(parameter))
    zoom = 1 / parameter if kind == "scale" else 1.0
    down = -2 * parameter / (SIZE - 1) if kind == "translation" else 0.0
    # Rows of x and y of where an output pixel comes from, as its own x and y and 1, all from −1 to 1.
    theta = torch.tensor([[[zoom * c, -zoom * s, 0.0], [zoom * s, zoom * c, down]]], dtype=torch.float64)
    grid = F.affine_grid(theta, [1, 3, SIZE, SIZE], align_corners=True)
    moved = F.grid_sample((pixels - column(MEAN))[None], grid, mode="bilinear", padding_mode="zeros", align_corners=True)
    return moved[0] + column(MEAN)


def invariance(net, pixels, tensors):
    whole = net.answers(pixels)
    class_ = int(whole["probability"].argmax())
    for kind, parameters in PARAMETERS.items():
        images = [transformed(pixels, kind, parameter) for parameter in parameters]
        seen = [net.answers(image) for image in images]
        for layer in DISTANCES:
            distance = [float((answers[layer] - whole[layer]).norm()) for answers in seen]
            tensors[f"golden.{kind}.distance.{layer}"] = np.array(distance, np.float32)
        tensors[f"golden.{kind}.probability"] = np.array([float(answers["probability"][class_]) for answers in seen], np.float32)
        if kind != "translation":  # the others sample between pixels in both directions
            tensors[f"golden.{kind}.image"] = images[-1].numpy().astype(np.float32)
    norms = {layer: float(whole[layer].norm()) for layer in DISTANCES}
    return {"parameters": PARAMETERS, "layers": DISTANCES, "class": class_, "norms": norms}


def correspondence(net, all_pixels, tensors):
    wholes = [net.answers(pixels) for pixels in all_pixels]
    scores = {}
    for part, boxes in PARTS.items():
        seen = [net.answers(covered(pixels, *box)) for pixels, box in zip(all_pixels, boxes)]
        for layer in COMPARED:
            signs = []
            for whole, answers in zip(wholes, seen):
                change = (whole[layer] - answers[layer]).flatten()
                still = STILL * float(whole[layer].abs().max())
                assert not bool(((change.abs() > still / 3) & (change.abs() < still * 3)).any()), "a sign hangs by a hair"
                signs.append(torch.where(change.abs() > still, change.sign(), torch.zeros_like(change)))
            tensors[f"golden.sign.{layer}.{part}"] = torch.stack(signs).numpy().astype(np.int32)
            shares = [float((a != b).double().mean()) for a, b in itertools.combinations(signs, 2)]
            assert max(shares) > 0, "nothing differs"
            scores[f"{layer}.{part}"] = [float(np.mean(shares)), float(np.std(shares, ddof=1))]
    return {"layers": COMPARED, "fill": OCCLUSION["fill"], "parts": PARTS, "scores": scores}


def main():
    torch.set_num_threads(1)
    case = random_case("experiments", 2022, "", TABLE, (1, 3, SIZE, SIZE), 60.0)
    model = case.model()
    model["input"]["mean"] = MEAN
    raw = pictures()
    pixels = [torch.tensor(picture).double() for picture in raw]
    tensors = {name: value.numpy().astype(np.float32) for name, value in case.parameters.items()}
    tensors["golden.pictures"] = raw
    net = Net(case)
    golden = {
        "occlusion": occlusion(net, pixels[0], tensors),
        "invariance": invariance(net, pixels[1], tensors),
        "correspondence": correspondence(net, pixels, tensors),
    }
    compact = lambda value: json.dumps(value, separators=(",", ":"))
    stored = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    file = settled(save(stored, {"zf-lens": compact(model), "golden": compact(golden)}))
    assert len(file) <= LARGEST, f"{len(file)} bytes, {LARGEST} allowed"
    (HERE / "experiments.safetensors").write_bytes(file)
    print(f"{len(file)} bytes; {compact(golden['correspondence']['scores'])}")


if __name__ == "__main__":
    main()
