"""What filters are like, by numpy's Fourier transform and by answers worked out pixel by pixel; see README.md."""

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

SIZE, MEAN, PICTURES, GRID, WEAK = 96, 120.0, 2, 64, 0.1
LARGEST = 65_536
TABLE = [
    conv("conv1", 6, [7, 5], [2, 3], [0, 1, 1, 0]), relu("relu1"), pool("pool1", 3, 2),
    conv("conv2", 4, 3, 1, [1] * 4), relu("relu2"),
]


def parameters(draw):
    """Filters of different grain: one of one colour, a fine grating, noise; one next to nothing, and one silent."""
    rows, cols = np.mgrid[0:7, 0:5]
    conv1 = draw.normal(0, 0.01, (6, 3, 7, 5))
    conv1[0] += 0.1
    conv1[1] += 0.2 * np.cos(2 * np.pi * 0.4 * rows) * np.array([1.0, -0.5, 0.25]).reshape(3, 1, 1)
    conv1[2] += draw.normal(0, 0.1, (3, 7, 5))
    # A wave that runs on from colour to colour: the phase between channels counts.
    conv1[3] += 0.15 * np.stack([np.cos(0.9 * cols + 1.3 * channel) for channel in range(3)])
    conv1[4] *= 0.05
    conv1[5] += 0.05 * np.sin(0.5 * rows + 0.7 * cols)
    return {
        "conv1.weight": conv1.astype(np.float32),
        "conv1.bias": np.array([0.5, -1, 0.3, 0, 0.1, -10_000], np.float32),
        "conv2.weight": draw.normal(0, 0.1, (4, 6, 3, 3)).astype(np.float32),
        "conv2.bias": np.zeros(4, np.float32),
    }


def pictures(draw):
    """Coloured waves and noise, with colours that go together."""
    rows, cols = np.mgrid[0:SIZE, 0:SIZE]
    found = []
    for _ in range(PICTURES):
        common = sum(draw.uniform(10, 40) * np.sin(rows * draw.uniform(0, 1.5) + cols * draw.uniform(0, 1.5)) for _ in range(4))
        found.append([128 + common * draw.uniform(0.5, 1) + draw.normal(0, 12, (SIZE, SIZE)) for _ in range(3)])
    return np.clip(np.rint(found), 0, 255).astype(np.uint8)


def energy(plane):
    return np.abs(np.fft.fft2(plane, s=(GRID, GRID))) ** 2


def distances(step):
    axis = [np.abs(np.fft.fftfreq(GRID)) / step[a] for a in range(2)]
    return np.hypot(axis[0][:, None], axis[1][None, :])


def lost(spectrum, stride):
    """The share above half the stride's frequency along either axis; the limit itself belongs to both sides."""
    held = 1.0
    for a in range(2):
        ratio = np.abs(np.fft.fftfreq(GRID)) * 2 * stride[a]
        share = np.where(ratio < 1, 1.0, np.where(ratio == 1, 0.5, 0.0)) if stride[a] > 1 else np.ones(GRID)
        held = held * (share[:, None] if a == 0 else share[None, :])
    return 1 - (held * spectrum).sum() / spectrum.sum()


def blocks(planes):
    """Blocks that overlap by half, without their means, under a Hann window."""
    fade = np.sin(np.pi * (np.arange(GRID) + 0.5) / GRID) ** 2
    for top in range(0, SIZE - GRID + 1, GRID // 2):
        for left in range(0, SIZE - GRID + 1, GRID // 2):
            block = planes[:, top : top + GRID, left : left + GRID]
            yield (block - block.mean((1, 2), keepdims=True)) * fade[:, None] * fade[None, :]


def answers(block, filter_):
    """The filter moved over the block, whose ends meet: a sum over its pixels, and no transform."""
    found = np.zeros((GRID, GRID))
    for channel in range(block.shape[0]):
        for row in range(filter_.shape[1]):
            for col in range(filter_.shape[2]):
                found += filter_[channel, row, col] * np.roll(block[channel], (-row, -col), (0, 1))
    return found


def numbers(weights, step, stride):
    """Root mean square, frequency, bands, aliasing of answers to noise."""
    found = {"rms": [], "frequency": [], "bands": [], "aliasing": []}
    at = distances(step)
    for filter_ in weights.astype(np.float64):
        spectrum = sum(energy(plane) for plane in filter_)
        whole = spectrum.sum()
        found["rms"].append(np.sqrt((filter_**2).mean()))
        found["frequency"].append((at * spectrum).sum() / whole)
        low, high = spectrum[at < 1 / 8].sum() / whole, spectrum[at >= 1 / 4].sum() / whole
        found["bands"].append([low, 1 - low - high, high])
        found["aliasing"].append(lost(spectrum, stride))
    return {name: np.array(values, np.float32) for name, values in found.items()}


def main():
    draw = np.random.RandomState(612)
    parameters_, raw = parameters(draw), pictures(draw)
    inputs = raw.astype(np.float64) - MEAN
    case = Case("filters", "", TABLE, inputs, parameters_)
    model = case.model()
    model["input"]["mean"] = [MEAN] * 3
    tensors = {**parameters_, "golden.pictures": raw}
    first = numbers(parameters_["conv1.weight"], (1, 1), (2, 3))
    tensors.update({f"golden.conv1.{name}": values for name, values in first.items()})
    # A row of pool1 lies 4 pixels of the input below the one before, a column 6 to its right.
    second = numbers(parameters_["conv2.weight"], (4, 6), (1, 1))
    tensors.update({f"golden.conv2.{name}": values for name, values in second.items()})
    seen = []
    for filter_ in parameters_["conv1.weight"].astype(np.float64):
        seen.append(lost(sum(energy(answers(block, filter_)) for planes in inputs for block in blocks(planes)), (2, 3)))
    tensors["golden.conv1.aliasing_on_pictures"] = np.array(seen, np.float32)
    twin = case.twin()
    with torch.no_grad():
        strongest = torch.relu(twin.conv1(case.pictures)).amax((0, 2, 3)).numpy()
    tensors["golden.conv1.strongest"] = strongest.astype(np.float32)
    weak = first["rms"] < WEAK * np.median(first["rms"])
    assert weak.tolist() == [False] * 4 + [True, False], first["rms"]
    assert (strongest == 0).tolist() == [False] * 5 + [True], strongest
    kept = first["frequency"][~weak].astype(np.float64)
    mixture = {
        "median_rms": float(np.median(first["rms"])), "weak": 1 / 6, "silent": 1 / 6,
        "frequency": float(kept.mean()), "spread": float(kept.std()),
        "histogram": np.histogram(np.minimum(kept, 0.49), np.arange(9) / 16)[0].tolist(),
        "aliasing": float(first["aliasing"][~weak].mean()),
        "aliasing_on_pictures": float(tensors["golden.conv1.aliasing_on_pictures"][~weak].mean()),
    }
    compact = lambda value: json.dumps(value, separators=(",", ":"))
    stored = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    file = settled(save(stored, {"zf-lens": compact(model), "golden": compact({"weak_below": WEAK, "mixture": mixture})}))
    assert len(file) <= LARGEST, f"{len(file)} bytes, {LARGEST} allowed"
    (HERE / "filters.safetensors").write_bytes(file)
    print(f"{len(file)} bytes; frequencies {first['frequency']}, aliasing {first['aliasing']}, on pictures {seen}")


if __name__ == "__main__":
    main()
