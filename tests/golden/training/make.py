"""Four steps of SGD on a small network: what PyTorch makes of the same numbers, for `steps.safetensors`.

Momentum and weight decay (weights only) are torch.optim.SGD's; after each step every convolution filter whose root mean
square exceeds the limit is scaled back to it (Zeiler & Fergus 2013, section 3).
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

SETTINGS = {"rate": 0.05, "momentum": 0.9, "decay": 5e-3, "filter_rms": 0.2, "smoothing": 0.1}
PICTURES, CLASSES, STEPS = 3, 4, 4
MODEL = {
    "format": 1,
    "name": "four-steps",
    "architecture": [
        {"name": "conv1", "op": "conv", "out": 4, "kernel": [3, 3], "stride": [2, 2], "pad": [0, 0, 1, 1]},
        {"name": "relu1", "op": "relu"},
        {"name": "pool1", "op": "max_pool", "kernel": [3, 3], "stride": [2, 2], "pad": [0, 0, 1, 1]},
        {"name": "norm1", "op": "lrn", "region": "across", "size": 3, "alpha": 0.1, "beta": 0.75, "k": 1.5},
        {"name": "conv2", "op": "conv", "out": 6, "kernel": [3, 3], "stride": [1, 1], "pad": [1, 1, 1, 1], "groups": 2},
        {"name": "relu2", "op": "relu"},
        {"name": "fc3", "op": "dense", "out": 5},
        {"name": "relu3", "op": "relu"},
        {"name": "fc4", "op": "dense", "out": CLASSES},
    ],
    "input": {"size": 17, "resize_short_side": 20, "range": 255, "mean": [0, 0, 0]},
}


def scores(p, x):
    x = F.relu(F.conv2d(F.pad(x, (0, 1, 0, 1)), p["conv1.weight"], p["conv1.bias"], stride=2))
    x = F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=-1e9), 3, 2)
    # torch divides alpha by the size
    x = F.local_response_norm(x, 3, alpha=0.1 * 3, beta=0.75, k=1.5)
    x = F.relu(F.conv2d(x, p["conv2.weight"], p["conv2.bias"], padding=1, groups=2))
    x = F.relu(F.linear(x.flatten(1), p["fc3.weight"], p["fc3.bias"]))
    return F.linear(x, p["fc4.weight"], p["fc4.bias"])


def main():
    torch.manual_seed(7)
    double = dict(dtype=torch.float64)
    shapes = {"conv1.weight": (4, 3, 3, 3), "conv2.weight": (6, 2, 3, 3), "fc3.weight": (5, 6 * 4 * 4), "fc4.weight": (4, 5)}
    p = {}
    for name, shape in shapes.items():
        fan_in = torch.tensor(shape[1:]).prod().item()
        p[name] = (torch.randn(shape, **double) * (2 / fan_in) ** 0.5).requires_grad_()
        p[name.replace("weight", "bias")] = (torch.randn(shape[0], **double) * 0.1).requires_grad_()
    tensors = {name: value.detach().float().clone() for name, value in p.items()}
    for name in p:  # what the file holds is where the steps start
        p[name].data.copy_(tensors[name].double())
    weights = [v for n, v in p.items() if n.endswith("weight")]
    biases = [v for n, v in p.items() if n.endswith("bias")]
    sgd = torch.optim.SGD(
        [{"params": weights, "weight_decay": SETTINGS["decay"]}, {"params": biases, "weight_decay": 0.0}],
        lr=SETTINGS["rate"], momentum=SETTINGS["momentum"],
    )
    losses, scaled = [], 0
    for step in range(STEPS):
        x = torch.randn(PICTURES, 3, 17, 17).float()
        y = torch.randint(0, CLASSES, (PICTURES,))
        tensors[f"golden.input.{step}"] = x
        tensors[f"golden.classes.{step}"] = y.int()
        sgd.zero_grad()
        loss = F.cross_entropy(scores(p, x.double()), y, label_smoothing=SETTINGS["smoothing"])
        loss.backward()
        sgd.step()
        with torch.no_grad():
            for name in ("conv1.weight", "conv2.weight"):
                rms = p[name].square().mean((1, 2, 3), keepdim=True).sqrt()
                scaled += int((rms > SETTINGS["filter_rms"]).sum())
                p[name].mul_((SETTINGS["filter_rms"] / rms).clamp(max=1))
        losses.append(loss.item())
        for name, value in p.items():
            if step == STEPS - 1:
                tensors[f"golden.after.{name}"] = value.detach().float().clone()
    filters = (4 + 6) * STEPS
    assert 0 < scaled < filters, f"the limit must bind for some filters and not for others, bound {scaled} of {filters}"
    about = {"settings": SETTINGS, "losses": losses}
    metadata = {"zf-lens": json.dumps({**MODEL, "shard": "all"}), "golden": json.dumps(about)}
    save_file(tensors, Path(__file__).parent / "steps.safetensors", metadata)
    print(f"{losses=} {scaled=}")


if __name__ == "__main__":
    main()
