"""CAM, attention and attention mining (GAIN) in a few lines of PyTorch, for `heads.safetensors`: maps by their definition,
the loss's derivatives by autograd.

Usage, with the packages of ../requirements.txt: python heads.py
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save
from torch.nn import functional as F

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from container import settled  # noqa: E402
from networks import conv, dense, gap, lrn, pool, random_case, relu  # noqa: E402

SIZE, CLASSES = 19, [1, 2]
OMEGA, SIGMA, ALPHA = 10.0, 0.5, 0.7
TOLERANCE = 2e-4


def network():
    table = [
        conv("conv1", 4, 5, 2, [0, 0, 1, 1]), relu("relu1"), pool("pool1", 3, 2, [0, 0, 1, 1]), lrn("norm1", "across", 3, 0.002, 0.75, 1.5),
        conv("conv2", 6, 3, 1, [1, 1, 1, 1]), relu("relu2"), gap("gap"), dense("scores", 3),
    ]
    case = random_case("heads", 62, "averaged maps and one dense layer, two pictures", table, (2, 3, SIZE, SIZE), 60.0)
    # Scores of a size at which the softmax leaves every class something.
    case.parameters["scores.weight"] *= 0.2
    case.parameters["scores.bias"] *= 0.1
    return case


def cam(twin, x, classes):
    """Zhou et al. 2016: the maps, weighed as their averages are."""
    maps = twin[:6](x)
    weight = twin.scores[1].weight[classes]
    return maps, (maps * weight[:, :, None, None]).sum(1, keepdim=True)


def attention(activation):
    """From 0 to 1, and the share that is taken out."""
    large = F.interpolate(torch.relu(activation), (SIZE, SIZE), mode="bilinear", align_corners=False)
    low, high = large.amin((2, 3), keepdim=True), large.amax((2, 3), keepdim=True)
    scaled = (large - low) / (high - low)
    return scaled, torch.sigmoid(OMEGA * (scaled - SIGMA))


def main():
    torch.set_num_threads(1)
    case = network()
    twin, x = case.twin(), case.pictures
    rows = torch.arange(len(CLASSES))
    tensors = {name: value.numpy() for name, value in case.parameters.items()}
    tensors["golden.input"] = x.numpy()

    maps, activation = cam(twin, x, CLASSES)
    assert (activation < 0).any() and (activation > 0).any(), "what speaks for a class and what speaks against it"
    scaled, share = attention(activation)
    removed = x - share * x
    before, after = twin(x), twin(removed)
    tensors["golden.cam"] = F.interpolate(activation, (SIZE, SIZE), mode="bilinear", align_corners=False)[:, 0]
    tensors["golden.coarse"] = activation[:, 0]
    tensors["golden.map"], tensors["golden.share"], tensors["golden.removed"] = scaled[:, 0], share[:, 0], removed
    tensors["golden.before"], tensors["golden.after"] = before, after
    about = {"tolerance": TOLERANCE, "classes": CLASSES, "omega": OMEGA, "sigma": SIGMA, "alpha": ALPHA, "losses": {}}
    for wanted in ("score", "probability"):
        left = torch.softmax(after, 1) if wanted == "probability" else after
        classification, mined = F.cross_entropy(before, torch.tensor(CLASSES)), left[rows, CLASSES].mean()
        inner = twin.scores[1]
        slopes = torch.autograd.grad(classification + ALPHA * mined, [inner.weight, inner.bias], retain_graph=True)
        # The part that comes through the mask alone must be large enough to be seen.
        fixed = twin(removed.detach())
        fixed = torch.softmax(fixed, 1) if wanted == "probability" else fixed
        without = torch.autograd.grad(classification + ALPHA * fixed[rows, CLASSES].mean(), [inner.weight], retain_graph=True)[0]
        part = float((slopes[0] - without).abs().max() / slopes[0].abs().max())
        print(wanted, "through the mask:", part)
        assert part > 0.02, part
        tensors[f"golden.{wanted}.weight"], tensors[f"golden.{wanted}.bias"] = slopes
        about["losses"][wanted] = [float(classification.detach()), float(mined.detach())]

    model = case.model()
    compact = lambda value: json.dumps(value, separators=(",", ":"))
    numbers = {name: value.detach().numpy() if torch.is_tensor(value) else value for name, value in tensors.items()}
    stored = {name: np.ascontiguousarray(value.astype(np.float32)) for name, value in numbers.items()}
    file = settled(save(stored, {"zf-lens": compact(model), "golden": compact(about)}))
    assert len(file) <= 60_000, len(file)
    (HERE / "heads.safetensors").write_bytes(file)
    print(len(file), "bytes", about)


if __name__ == "__main__":
    main()
