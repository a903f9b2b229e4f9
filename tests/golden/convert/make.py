"""Makes state dicts with the packages that `zf-lens convert` reads, and what those packages answer; see README.md."""

import json
import sys
from functools import partial
from pathlib import Path

import numpy as np
import torch
from pytorchcv.models.alexnet import alexnet as cv_alexnet, alexnetb as cv_alexnetb
from pytorchcv.models.zfnet import zfnet as cv_zfnet
from PIL import Image
from safetensors.numpy import save
from torch import nn
from torchvision.models import AlexNet_Weights, alexnet, vgg16

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))
from container import settled  # noqa: E402

LARGEST = 60_000
CLASSES = 5


def picture():
    """256 by 256 pixels from whole numbers, so that the test draws the same: the short side needs no scaling."""
    at = np.arange(256)
    x, y = at[None, :], at[:, None]
    planes = [(x * (3 + c) + y * (5 - c) + x * y // (17 + 12 * c)) % 256 for c in range(3)]
    return Image.fromarray(np.stack(planes, axis=-1).astype(np.uint8))


def narrow(build, widths, amplitude, seed):
    """The package's own network with every window, stride, padding and order as it is, and fewer maps.

    It is built without memory first; each convolution and dense layer is then replaced by a narrower one.
    """
    with torch.device("meta"):
        network = build()
    draw = np.random.RandomState(seed)  # the legacy generator, whose stream is frozen
    maps, before, spatial = 3, None, True
    for out, (name, old) in zip(widths, [(n, m) for n, m in network.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear))], strict=True):
        if isinstance(old, nn.Conv2d):
            new = nn.Conv2d(maps, out, old.kernel_size, old.stride, old.padding, old.dilation, old.groups)
        else:
            new = nn.Linear(maps * (old.in_features // before if spatial else 1), out)
            spatial = False
        fan_in = new.weight[0].numel()
        size = (amplitude if maps == 3 and spatial else 1.0) * np.sqrt(6.0 / fan_in)
        new.weight = nn.Parameter(torch.tensor(draw.uniform(-size, size, new.weight.shape).astype(np.float32)))
        new.bias = nn.Parameter(torch.tensor(draw.uniform(-0.3 * amplitude, 0.3 * amplitude, out).astype(np.float32)))
        parent, _, child = name.rpartition(".")
        setattr(network.get_submodule(parent), child, new)
        maps, before = out, getattr(old, "out_channels", None)
    assert not any(t.is_meta for t in network.state_dict().values())
    return network.eval()


def answer(network, input):
    return network.double()(input)[0]


def check(name, network, input, logits):
    """Asserts that every tensor of the network matters to its answer, and the constants of its normalisation too."""
    logits.square().sum().backward()
    for tensor, parameter in network.named_parameters():
        share = float((parameter.grad != 0).double().mean())
        assert share >= 0.2, f"{name}: only {share:.0%} of {tensor} matters"
    logits = logits.detach()
    if "pytorchcv" in name and "alexnetb" not in name:
        right = nn.functional.local_response_norm
        nn.functional.local_response_norm = lambda x, size, k: right(x, size, alpha=1e-4 * size, k=k)
        changed = float((answer(network, input).detach() - logits).abs().max() / logits.abs().max())
        nn.functional.local_response_norm = right
        assert changed > 1e-2, f"{name}: alpha on the sum or on the mean differ by {changed}"


def written(path, network):
    """Each file is stored in another of the ways that there are."""
    state = network.state_dict()
    if path.name == "torchvision-vgg16.safetensors":
        path.write_bytes(settled(save({key: value.numpy() for key, value in state.items()})))
    elif path.name == "pytorchcv-zfnet.pth":
        optimiser = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9).state_dict()
        optimiser["state"] = {0: {"momentum_buffer": torch.zeros(3, 3)}}
        parallel = {f"module.{key}": value for key, value in state.items()}
        torch.save({"epoch": 7, "arch": "zfnet", "state_dict": parallel, "optimizer": optimiser}, path)
    elif path.name == "pytorchcv-alexnet.pth":
        torch.save(state, path, _use_new_zipfile_serialization=False)
    elif path.name == "pytorchcv-alexnetb.pth":
        torch.save({key: value.half() for key, value in state.items()}, path)
    else:
        torch.save(state, path)
    size = path.stat().st_size
    assert size <= LARGEST, f"{path.name}: {size} bytes"
    return size


def main():
    torch.set_num_threads(1)
    # The seeds are ones under which no layer falls silent.
    cases = {
        "torchvision-alexnet.pth": (alexnet, [6, 5, 4, 7, 3, 8, 6, CLASSES], 1.0, 3),
        "torchvision-vgg16.safetensors": (partial(vgg16, init_weights=False), [4, 5, 6, 4, 5, 6, 7, 5, 6, 7, 8, 6, 5, 9, 8, CLASSES], 1.0, 15),
        "pytorchcv-zfnet.pth": (cv_zfnet, [7, 6, 5, 4, 3, 8, 6, CLASSES], 60.0, 32),
        "pytorchcv-alexnet.pth": (cv_alexnet, [7, 6, 5, 4, 3, 8, 6, CLASSES], 60.0, 29),
        "pytorchcv-alexnetb.pth": (cv_alexnetb, [6, 5, 4, 7, 3, 8, 6, CLASSES], 1.0, 39),
    }
    # pytorchcv's networks are evaluated on the same picture: its 224 of 256, its mean and standard deviation.
    prepared = AlexNet_Weights.IMAGENET1K_V1.transforms()(picture()).double()[None]
    answers = {}
    for name, (build, widths, amplitude, seed) in cases.items():
        network = narrow(build, widths, amplitude, seed)
        if "alexnetb" in name:
            network.half()  # what is in the file is what the answer comes from
        size = written(HERE / name, network.float())
        logits = answer(network, prepared)
        check(name, network, prepared, logits)
        answers[name] = {"layout": name.split(".")[0], "widths": widths, "logits": [float(f"{v:.9g}") for v in logits.tolist()]}
        print(f"{name}: {size} bytes, logits {logits.tolist()}")
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in answers.items())
    (HERE / "answers.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
