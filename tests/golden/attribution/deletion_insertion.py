"""Deletion and insertion (Petsiuk et al. 2018) in a few lines of PyTorch, for `deletion_insertion.safetensors`: pixel after
pixel is overwritten in the order of two maps, one of them with many equals.

Usage, with the packages of ../requirements.txt: python deletion_insertion.py
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from captum.attr import Saliency
from safetensors.numpy import save

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from container import settled  # noqa: E402
from networks import conv, dense, lrn, pool, random_case, relu  # noqa: E402

SIZE, CLASS = 19, 1
TOLERANCE = 2e-4


def network():
    table = [
        conv("conv1", 4, 3, 1, [1, 1, 1, 1]), relu("relu1"), pool("pool1", 3, 2), lrn("norm1", "across", 3, 0.002, 0.75, 1.5),
        conv("conv2", 5, 3, 1, [1, 1, 0, 0]), relu("relu2"), dense("fc3", 6), relu("relu3"), dense("fc4", 4),
    ]
    case = random_case("deletion-insertion", 91, "a small network and one picture", table, (1, 3, SIZE, SIZE), 60.0)
    # Large shapes beside the noise, so that something is left of a blurred picture.
    rows, cols = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    waves = torch.stack([torch.sin(rows / 3 + cols / 7), torch.cos(cols / 3), torch.sin((rows - cols) / 4)])
    case.pictures = (0.5 * case.pictures + 60.0 * waves).round()
    # Scores of a size at which the softmax leaves every class something.
    case.parameters["fc4.weight"] *= 0.5
    case.parameters["fc4.bias"] *= 0.05
    return case


def blurred(x):
    """The authors' kernel: a point in the middle of 11 by 11, blurred as scipy's gaussian_filter does with a deviation of 5."""
    point = np.zeros(11)
    point[5] = 1
    weights = np.exp(-0.5 * (np.arange(-20, 21) / 5.0) ** 2)
    side = np.convolve(np.pad(point, 20, mode="symmetric"), weights / weights.sum(), mode="valid")
    kernel = torch.zeros(3, 3, 11, 11, dtype=torch.double)
    for channel in range(3):
        kernel[channel, channel] = torch.tensor(np.outer(side, side))
    return torch.nn.functional.conv2d(x, kernel, padding=5)


def curve(twin, x, relevance, steps, metric, fill):
    """The probability after each step, and the area below it."""
    other = blurred(x) if fill == "blur" else torch.zeros_like(x)
    now, end = (x.clone(), other) if metric == "deletion" else (other.clone(), x)
    order = torch.argsort(relevance.flatten(), descending=True, stable=True)
    pixels, gone, shares, found = order.numel(), 0, [], []
    for step in range(steps + 1):
        until = step * pixels // steps
        for pixel in order[gone:until]:
            row, col = divmod(int(pixel), SIZE)
            now[0, :, row, col] = end[0, :, row, col]
        gone = until
        shares.append(gone / pixels)
        found.append(float(torch.softmax(twin(now), 1)[0, CLASS]))
    assert torch.equal(now, end)
    return found, float(np.trapezoid(found, shares))


def main():
    torch.set_num_threads(1)
    case = network()
    twin, x = case.twin(), case.pictures
    saliency = Saliency(twin).attribute(x, target=CLASS)[0].amax(0).float().detach()
    even = torch.tensor(np.random.RandomState(4).randint(0, 5, (SIZE, SIZE))).float() - 2
    tensors = {name: value.numpy() for name, value in case.parameters.items()}
    tensors["golden.input"] = x.numpy()
    tensors["golden.saliency"], tensors["golden.even"] = saliency.numpy(), even.numpy()
    about = {"tolerance": TOLERANCE, "cases": []}
    asked = [("saliency", 19, "mean", "blur"), ("saliency", 10, "blur", "mean"), ("even", 28, "mean", "blur"), ("even", SIZE * SIZE, "blur", "blur")]
    with torch.no_grad():
        for number, (relevance, steps, deletion, insertion) in enumerate(asked):
            ask = {"class": CLASS, "steps": steps, "deletion": deletion, "insertion": insertion}
            areas = {}
            for metric in ("deletion", "insertion"):
                found, areas[metric] = curve(twin, x, torch.tensor(tensors[f"golden.{relevance}"]), steps, metric, ask[metric])
                assert np.ptp(found) > 0.05, f"a flat curve: {found}"
                tensors[f"golden.{number}.{metric}"] = np.array(found)
            about["cases"].append({"relevance": f"golden.{relevance}", "ask": ask, "area": areas})
            print(ask, areas)
        # An order that does not matter would prove nothing.
        other = curve(twin, x, -saliency, 19, "deletion", "mean")[1]
        assert abs(other - about["cases"][0]["area"]["deletion"]) > 0.02, other
    stored = {name: np.ascontiguousarray(value.astype(np.float32)) for name, value in tensors.items()}
    compact = lambda value: json.dumps(value, separators=(",", ":"))
    file = settled(save(stored, {"zf-lens": compact(case.model()), "golden": compact(about)}))
    assert len(file) <= 60_000, len(file)
    (HERE / "deletion_insertion.safetensors").write_bytes(file)
    print(len(file), "bytes")


if __name__ == "__main__":
    main()
