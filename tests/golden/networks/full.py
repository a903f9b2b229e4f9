"""Whole networks with random numbers, in every file that their packages write: what `zf-lens` makes of each is held against what
PyTorch makes of the same numbers.

    python full.py ZF_LENS FOLDER [PATTERN …]

ZF_LENS is the program (`target/debug/zf-lens`); files, up to half a gigabyte each, are written into FOLDER one at a time and
removed again. Needs, beside requirements.txt: onnxruntime, timm, pytorchcv. The picture that PyTorch is given is the one that
the program says it has fed to the network, so how pictures are prepared makes no difference.
"""

import fnmatch
import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import load_file
from safetensors.torch import save_file

TOLERANCE = 1e-4
TORCHVISION = """alexnet vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn squeezenet1_0 squeezenet1_1 googlenet resnet18
    resnet34 resnet50 resnet101 wide_resnet50_2 resnext50_32x4d densenet121 densenet169 mobilenet_v2""".split()
# Of which there are only graphs.
GRAPHS = "mobilenet_v3_small mobilenet_v3_large shufflenet_v2_x1_0 mnasnet1_0 efficientnet_b0 regnet_y_400mf".split()
TIMM = """vgg11 vgg16_bn resnet18 resnet34 resnet50 resnet101 wide_resnet50_2 resnext50_32x4d densenet121 densenet169
    mobilenetv2_100""".split()
TIMM_GRAPHS = "tf_efficientnet_lite0 mobilenetv3_small_100 efficientnet_b0".split()
PYTORCHCV = """alexnet alexnetb zfnet zfnetb vgg11 vgg16 bn_vgg11 bn_vgg16b squeezenet_v1_0 squeezenet_v1_1 resnet18 resnet34 resnet50
    resnet50b resnet101 resnext50_32x4d densenet121 densenet169 mobilenetv2_w1 mobilenetv2b_w1""".split()


def moved(network, seed=1):
    """Statistics and biases that matter, and scores that are not all the same."""
    draw = torch.Generator().manual_seed(seed)
    number = lambda like, low, high: torch.rand(like.shape, generator=draw) * (high - low) + low
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.data = number(module.weight, 0.8, 1.2)
            module.bias.data = number(module.bias, -0.2, 0.4)
            module.momentum = None
        elif isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            size = np.sqrt(6.0 / module.weight[0].numel())
            module.weight.data = number(module.weight, -size, size)
            if module.bias is not None:
                module.bias.data = number(module.bias, -0.1, 0.1)
    # As those of trained networks, gates are no switches: where hundreds enter a sigmoid, it makes a hundredfold of all rounding,
    # of 32 bits and of 8.
    gates = (module for module in network.modules() if type(module).__name__ in ("SqueezeExcitation", "SqueezeExcite"))
    for gate in gates:
        for filters in gate.children():
            if isinstance(filters, torch.nn.Conv2d):
                filters.weight.data *= 0.05
    with torch.no_grad():
        if any(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules()):
            network.train()(torch.randn((4, 3, 224, 224), generator=draw))
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean += number(module.running_mean, -0.3, 0.3) * module.running_var.sqrt()
            module.running_var *= number(module.running_var, 0.7, 1.4)
            module.momentum = 0.1
    return network.eval()


def packages():
    import pytorchcv.model_provider
    import timm
    import torchvision.models

    def torchvision_of(name):
        more = {"googlenet": {"aux_logits": True, "transform_input": False, "init_weights": False}}
        return lambda: getattr(torchvision.models, name)(**more.get(name, {}))

    for name in TORCHVISION:
        yield f"torchvision-{name}", torchvision_of(name), ["pth", "safetensors", "export", "dynamo"]
    for name in GRAPHS:
        yield f"torchvision-{name}", torchvision_of(name), ["export", "dynamo"]
    transformed = lambda: torchvision.models.googlenet(aux_logits=False, transform_input=True, init_weights=False)
    yield "torchvision-googlenet-transformed", transformed, ["export", "dynamo"]
    for name in TIMM:
        yield f"timm-{name}", (lambda name=name: timm.create_model(name, pretrained=False)), ["safetensors", "lightning"]
    for name in TIMM_GRAPHS:
        yield f"timm-{name}", (lambda name=name: timm.create_model(name, pretrained=False)), ["export", "dynamo"]
    for name in PYTORCHCV:
        yield f"pytorchcv-{name}", (lambda name=name: pytorchcv.model_provider.get_model(name)), ["pth", "parallel"]


def written(network, path, kind):
    state = network.state_dict()
    zeros = (torch.zeros(1, 3, 224, 224),)
    match kind:
        case "pth":
            torch.save(state, path)
        case "parallel":
            held = {f"module._orig_mod.{name}": value for name, value in state.items()}
            torch.save({"epoch": 3, "model_state_dict": held, "optimizer": torch.optim.SGD(network.parameters(), 0.1).state_dict()}, path)
        case "lightning":
            held = {f"model.{name}": value for name, value in state.items()}
            torch.save({"state_dict": held, "pytorch-lightning_version": "2.0", "hyper_parameters": {"rate": 0.1}}, path)
        case "safetensors":
            save_file({name: value.contiguous() for name, value in state.items()}, path)
        case "export":
            torch.onnx.export(network, zeros, path, dynamo=False)
        case "dynamo":
            torch.onnx.export(network, zeros, path, dynamo=True, external_data=False, verbose=False)


def asked(program, picture, path):
    """What the program feeds to the network, and the scores."""
    dump = path.with_suffix(".dump")
    done = subprocess.run([program, "classify", picture, "--weights", path, "--dump", dump, "--json"], capture_output=True, text=True)
    if done.returncode:
        return None, done.stderr.strip()[-600:]
    tensors = load_file(dump)
    dump.unlink()
    return tensors["input"], tensors["logits"].flatten()


def main():
    warnings.filterwarnings("ignore")
    program, folder, *patterns = sys.argv[1:]
    folder = Path(folder)
    picture = folder / "picture.png"
    x, y = np.arange(256)[None, :], np.arange(256)[:, None]
    planes = [(x * (3 + c) + y * (5 - c) + x * y // (17 + 12 * c)) % 256 for c in range(3)]
    Image.fromarray(np.stack(planes, axis=-1).astype(np.uint8)).save(picture)
    failed = []
    endings = {"export": "onnx", "dynamo": "onnx", "safetensors": "safetensors"}
    for name, build, kinds in packages():
        if patterns and not any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
            continue
        torch.manual_seed(0)
        network = moved(build())
        for kind in kinds:
            path = folder / f"{name.split('-', 1)[1]}.{endings.get(kind, 'pth')}"
            written(network, path, kind)
            fed, found = asked(program, picture, path)
            path.unlink()
            if fed is None:
                failed.append((name, kind))
                print(f"{name} {kind}: {found}", flush=True)
                continue
            with torch.no_grad():
                expected = network.double()(torch.tensor(fed).double().reshape(1, 3, *fed.shape[-2:])).numpy().flatten()
            network.float()
            apart = float(np.abs(found - expected).max() / np.abs(expected).max())
            good = apart <= TOLERANCE
            print(f"{name} {kind}: {'equal' if good else 'DIFFERENT'}, off by {apart:.1e} of the largest", flush=True)
            if not good:
                failed.append((name, kind))
    print("all equal" if not failed else f"not equal: {json.dumps(failed)}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
