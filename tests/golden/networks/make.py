"""Networks of torchvision as their own classes build them, with few maps: the files that people have of them, and what PyTorch
and captum find in them; see README.md.

Usage, with the packages of requirements.txt: python make.py
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from captum.attr import IntegratedGradients, LayerAttribution, LayerGradCam, NeuronDeconvolution, NeuronGradient, NeuronGuidedBackprop, Occlusion
from safetensors.numpy import save
from torch import nn
from torchvision.models import DenseNet, googlenet, mobilenet_v2, resnet18

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from container import settled  # noqa: E402
from projections import RULES, Rectifier  # noqa: E402

SIZE, CLASSES = 48, 5
LARGEST = 150_000
COVERED = 12  # the side of the square that covers, and its step
STEPS = 8
for message in ("Setting backward hooks on ReLU", "Input Tensor 0 did not already require gradients", ".*legacy TorchScript"):
    warnings.filterwarnings("ignore", message=message)


def narrow(network, few, seed):
    """The network with `few(n)` maps wherever it has `n`, and numbers from a seeded generator (the legacy one, whose stream is
    frozen) that half precision holds. Statistics of normalisations are those of noise, and then moved."""
    draw = np.random.RandomState(seed)
    number = lambda low, high, shape: torch.tensor(draw.uniform(low, high, tuple(shape)).astype(np.float32)).half().float()
    for name, old in list(network.named_modules()):
        if isinstance(old, nn.Conv2d):
            maps = 3 if old.in_channels == 3 else few(old.in_channels)
            groups = few(old.groups) if old.groups > 1 else 1
            new = nn.Conv2d(maps, few(old.out_channels), old.kernel_size, old.stride, old.padding, old.dilation, groups, old.bias is not None)
        elif isinstance(old, nn.BatchNorm2d):
            new = nn.BatchNorm2d(few(old.num_features), old.eps)
        elif isinstance(old, nn.Linear):
            new = nn.Linear(few(old.in_features), CLASSES)
        else:
            continue
        parent, _, child = name.rpartition(".")
        setattr(network.get_submodule(parent), child, new)
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            size = np.sqrt(6.0 / module.weight[0].numel())
            module.weight.data = number(-size, size, module.weight.shape)
            if module.bias is not None:
                module.bias.data = number(-0.3, 0.3, module.bias.shape)
        elif isinstance(module, nn.BatchNorm2d):
            module.weight.data = number(0.5, 1.5, module.weight.shape)
            module.bias.data = number(-0.4, 0.6, module.bias.shape)
            module.momentum = None  # the plain mean of what is seen
    with torch.no_grad():
        network.train()(torch.tensor(draw.normal(0, 1, (64, 3, SIZE, SIZE)).astype(np.float32)))
    network.eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            spread = module.running_var.sqrt()
            module.running_mean = (module.running_mean + spread * number(-0.4, 0.4, spread.shape)).half().float()
            module.running_var = (module.running_var * number(0.6, 1.6, spread.shape)).clamp(min=1e-3).half().float()
            module.momentum = 0.1
    return network


def picture(seed):
    """Waves of three colours, as normalised pixels are: about −2 to 2."""
    draw = np.random.RandomState(seed)
    rows, cols = np.mgrid[0:SIZE, 0:SIZE]
    waves = [np.sin(rows / draw.uniform(2, 7) + draw.uniform(0, 6)) * np.cos(cols / draw.uniform(2, 7) + draw.uniform(0, 6)) * 1.6 + draw.uniform(-0.6, 0.6, (SIZE, SIZE)) for _ in range(3)]
    return torch.tensor(np.stack(waves)[None].astype(np.float32))


def with_modules(network):
    """The same network with each rectifier a module of its own, as captum needs them; `relu1` and so on of the module that
    called it."""
    def basic_block(self, x):
        y = self.relu1(self.bn1(self.conv1(x)))
        return self.relu2(self.bn2(self.conv2(y)) + (x if self.downsample is None else self.downsample(x)))

    for module in list(network.modules()):
        kind = type(module).__name__
        if kind == "BasicBlock":
            module.relu1, module.relu2 = nn.ReLU(), nn.ReLU()
            del module.relu
            module.forward = basic_block.__get__(module)
        elif kind == "BasicConv2d":
            module.relu1 = nn.ReLU()
            module.forward = (lambda self, x: self.relu1(self.bn(self.conv(x)))).__get__(module)
        elif kind == "ResNet":
            module.relu = nn.ReLU()
    return network


class Rectifier6(torch.autograd.Function):
    """ReLU6 as a rectifier: the deconvnet lets positive signal through, the others only where the unit lay between 0 and 6."""

    @staticmethod
    def forward(ctx, x, rule):
        ctx.save_for_backward(x)
        ctx.rule = rule
        return x.clamp(0, 6)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        if ctx.rule != "gradient":
            g = g * (g > 0)
        if ctx.rule != "deconvnet":
            g = g * ((x > 0) & (x < 6))
        return g, None


class Rules:
    """While it lasts, every rectifier of PyTorch, function or module, obeys a rule on the way down."""

    def __init__(self, rule):
        self.rule = rule

    def __enter__(self):
        self.kept = F.relu, F.relu6, F.hardtanh
        F.relu = lambda x, inplace=False: Rectifier.apply(x, self.rule)
        F.hardtanh = lambda x, low, high, inplace=False: Rectifier6.apply(x, self.rule)
        F.relu6 = lambda x, inplace=False: Rectifier6.apply(x, self.rule)

    def __exit__(self, *_):
        F.relu, F.relu6, F.hardtanh = self.kept


def by_rules(network, x, layer, unit, rule):
    """A unit's projection and answer by autograd, with rectifiers of our own; `layer` is what gives it before its rectifier."""
    kept = {}
    hook = network.get_submodule(layer).register_forward_hook(lambda _, __, y: kept.update(y=y))
    x = x.clone().requires_grad_()
    with Rules(rule):
        network(x)
    hook.remove()
    found = kept["y"][(0, *unit)]
    seed = found.detach().clamp(min=0, max=6) if rule == "relu6" else found.detach().clamp(min=0)
    (pixels,) = torch.autograd.grad(found * seed, x)
    return pixels, float(found.detach())


def strongest(network, x, layer, away):
    """The strongest unit of a layer that is not on its border, if there is one."""
    kept = {}
    hook = network.get_submodule(layer).register_forward_hook(lambda _, __, y: kept.update(y=y.detach()))
    with torch.no_grad():
        network(x)
    hook.remove()
    answers = kept["y"][0].clone()
    if away and min(answers.shape[1:]) > 2:
        border = torch.ones_like(answers, dtype=torch.bool)
        border[:, 1:-1, 1:-1] = False
        answers[border] = -np.inf
    return [int(v) for v in torch.unravel_index(answers.argmax(), answers.shape)]


class Golden:
    def __init__(self):
        self.tensors, self.about = {}, {}

    def keep(self, name, values):
        """As whole numbers of 16 bits, times what the description says: to a 30,000th of the largest."""
        values = values.detach().double().numpy()
        step = float(np.abs(values).max()) / 32767
        assert step > 0, f"{name} is empty"
        self.tensors[f"golden.{name}"] = np.rint(values / step).astype(np.int16)
        return {"tensor": f"golden.{name}", "step": step}

    def write(self, path):
        metadata = {"golden": json.dumps(self.about, separators=(",", ":"))}
        file = settled(save({name: np.ascontiguousarray(value) for name, value in self.tensors.items()}, metadata))
        assert len(file) <= LARGEST, f"{path.name}: {len(file)} bytes"
        path.write_bytes(file)
        print(path.name, len(file), "bytes")


def projected(golden, network, x, layers, rules, captum):
    """Units of the layers, named by their filters, under the rules; by captum, and by autograd with rules of our own."""
    single = lambda: with_modules(network).double()
    twin, x64 = network.double(), x.double()
    for layer, norm, unit in [(layer, norm, strongest(twin, x64, norm, True)) for layer, norm in layers]:
        for rule in rules:
            pixels, activation = by_rules(twin, x64, norm, unit, rule)
            assert activation > 0, f"{layer} {unit}: silent"
            rough, _ = by_rules(network.float(), x, norm, unit, rule)
            network.double()
            apart = float((rough.double() - pixels).abs().max() / pixels.abs().max())
            assert apart < 3e-5, f"{layer} {unit} under {rule} hangs on rounding: {apart}"
            if captum:
                method = {"deconvnet": NeuronDeconvolution, "guided": NeuronGuidedBackprop, "gradient": NeuronGradient}[rule]
                found = method(twin, twin.get_submodule(norm)).attribute(x64.clone(), neuron_selector=tuple(unit), attribute_to_neuron_input=False)
                assert torch.allclose(found * activation, pixels, rtol=0, atol=1e-10 * float(pixels.abs().max())), f"captum differs: {layer} {rule}"
            number = len(golden.about["projections"])
            # Around it are zeros alone.
            rows, cols = [torch.nonzero(pixels[0].abs().amax((0, away)))[:, 0] for away in (2, 1)]
            top, left, bottom, right = [int(v) for v in (rows[0], cols[0], rows[-1] + 1, cols[-1] + 1)]
            kept = golden.keep(f"projection.{number}", pixels[0, :, top:bottom, left:right])
            golden.about["projections"].append({"layer": layer, "unit": unit, "rule": rule, "activation": activation, "corner": [top, left], **kept})
    network.float()


def explained(golden, twin, x, layer, rectifier):
    """captum on the class that is most probable."""
    scores = twin(x)[0]
    target = int(scores.argmax())
    gradients = IntegratedGradients(twin).attribute(x, baselines=torch.zeros_like(x), target=target, n_steps=STEPS, method="riemann_middle")
    cam = LayerGradCam(twin, twin.get_submodule(rectifier)).attribute(x, target=target, relu_attributions=True)
    assert 0.1 < float((cam > 0).double().mean()) <= 1, "Grad-CAM shows something"
    large = LayerAttribution.interpolate(cam, (SIZE, SIZE), "bilinear")[0]
    golden.about["class"] = target
    golden.about["methods"] = [
        {"settings": {"method": "integrated_gradients", "steps": STEPS, "baseline": "mean"}, **golden.keep("integrated_gradients", gradients[0])},
        {"settings": {"method": "grad_cam", "layer": layer}, **golden.keep("grad_cam", large)},
    ]
    probability = lambda pictures: F.softmax(twin(pictures), 1)
    side = (3, COVERED, COVERED)
    lost = Occlusion(probability).attribute(x, strides=side, sliding_window_shapes=side, baselines=0, target=target)
    grid = lost[0, 0, COVERED // 2 :: COVERED, COVERED // 2 :: COVERED]
    golden.about["occlusion"] = {"side": COVERED, "layer": layer, "probability": float(probability(x)[0, target].detach()), "lost": [float(v) for v in grid.flatten()]}


def exported(network, name, kinds, half=False):
    network.float().eval()
    state = {key: value.half() if half and value.is_floating_point() else value for key, value in network.state_dict().items()}
    if "pth" in kinds:
        torch.save(state, HERE / f"{name}.pth")
    if "safetensors" in kinds:
        tensors = {key: value.numpy() for key, value in state.items() if "num_batches" not in key}
        (HERE / f"{name}.safetensors").write_bytes(settled(save(tensors)))
    zeros = (torch.zeros(1, 3, SIZE, SIZE),)
    if "export" in kinds:
        torch.onnx.export(network, zeros, HERE / f"{name}.export.onnx", dynamo=False)
    if "dynamo" in kinds:
        path = HERE / f"{name}.dynamo.onnx"
        torch.onnx.export(network, zeros, path, dynamo=True, external_data=False, verbose=False)
        # Without the stack traces that stand beside every node.
        model = onnx.load(path)
        for part in [model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer, *model.graph.input, *model.graph.output]:
            del part.metadata_props[:]
        onnx.save(model, path)
    for path in sorted(HERE.glob(f"{name}.*")):
        assert path.stat().st_size <= LARGEST, path
        print(path.name, path.stat().st_size, "bytes")


def case(name, network, seed, kinds, layers, rules, explain=None, half=False):
    golden, x = Golden(), picture(seed)
    exported(network, name, kinds, half)
    golden.tensors["golden.input"] = x.numpy()
    golden.about["files"] = sorted(path.name for path in HERE.glob(f"{name}.*") if "golden" not in path.name)
    with torch.no_grad():
        golden.about["logits"] = [float(f"{v:.9g}") for v in network.double()(x.double())[0]]
    golden.about["projections"] = []
    if explain:
        network = with_modules(network).double()
    projected(golden, network, x, layers, rules, bool(explain))
    if explain:
        explained(golden, network.double(), x.double(), *explain)
    golden.write(HERE / f"{name}.golden.safetensors")
    print(golden.about["logits"])


def refused():
    """What needs its own program to be opened: a whole module, alone and in a checkpoint, and a program of TorchScript."""
    module = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU())
    torch.save(module, HERE / "whole.pth")
    torch.save({"epoch": 1, "model": module}, HERE / "checkpoint.pth")
    torch.jit.script(module).save(HERE / "script.pt")


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    refused()
    widths = {64: 4, 128: 6, 256: 8, 512: 10}
    case(
        "resnet18", narrow(resnet18(), widths.get, 3), 1, ["pth", "export", "dynamo"],
        [("conv1", "bn1"), ("layer2.0.conv1", "layer2.0.bn1"), ("layer4.1.conv1", "layer4.1.bn1")], RULES,
        ("layer3.1.conv1", "layer3.1.relu1"),
    )
    sixteenth = lambda maps: -(-maps // 16)
    case(
        "googlenet", narrow(googlenet(aux_logits=False, init_weights=False), sixteenth, 5), 2, ["safetensors", "export", "dynamo"],
        [("conv2.conv", "conv2.bn"), ("inception4a.branch2.1.conv", "inception4a.branch2.1.bn"), ("inception5b.branch3.1.conv", "inception5b.branch3.1.bn")], RULES,
        ("inception4b.branch2.1.conv", "inception4b.branch2.1.relu1"), half=True,
    )
    case("mobilenet_v2", narrow(mobilenet_v2(), sixteenth, 7), 3, ["safetensors"], [("features.7.conv.1.0", "features.7.conv.1.1")], ["guided"], half=True)
    dense = DenseNet(growth_rate=1, block_config=(6, 12, 24, 16), num_init_features=4, bn_size=3, num_classes=CLASSES)
    layer = "features.denseblock3.denselayer4"
    case("densenet121", narrow(dense, lambda maps: maps, 11), 4, ["safetensors"], [(f"{layer}.conv1", f"{layer}.norm2")], ["deconvnet"], half=True)


if __name__ == "__main__":
    main()
