"""What captum and a few lines of PyTorch attribute to the pixels of one picture, and where PyTorch's Adam climbs to, for
`methods.safetensors`. The noise follows from the seed as in `crates/zfnet/src/experiments/shared/noise.rs`.

Usage, with the packages of ../requirements.txt: python make.py
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from captum.attr import GuidedBackprop, GuidedGradCam, InputXGradient, IntegratedGradients, LayerAttribution, LayerGradCam, Saliency
from safetensors.numpy import save

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from container import settled  # noqa: E402
from networks import conv, dense, lrn, pool, random_case, relu  # noqa: E402

SIZE, CLASS, LAYER = 17, 1, "conv3"
TOLERANCE = 2e-4
for message in ("Setting backward hooks on ReLU", "Input Tensor 0 did not already require gradients"):
    warnings.filterwarnings("ignore", message=message)


def network():
    table = [
        conv("conv1", 4, 3, 1, [1, 1, 1, 1]), relu("relu1"), pool("pool1", 3, 2), lrn("norm1", "across", 3, 0.002, 0.75, 1.5),
        conv("conv2", 6, 3, 1, [1, 1, 0, 0]), relu("relu2"), conv("conv3", 6, 3, 1, [1, 1, 1, 1]), relu("relu3"),
        dense("fc4", 5), relu("relu4"), dense("fc5", 3),
    ]
    case = random_case("attribution", 58, "a small network and one picture", table, (1, 3, SIZE, SIZE), 60.0)
    # Whole numbers, so that a browser can be given the same picture as pixels.
    case.pictures = case.pictures.round()
    # A map that is silent on every picture, which Score-CAM sees nothing through.
    case.parameters["conv3.bias"][2] = -1e4
    # Scores of a size at which the softmax over Score-CAM's maps leaves several of them something.
    case.parameters["fc5.weight"] *= 0.05
    return case


def mixed(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def normal(seed, place, count):
    """`count` numbers of the standard normal distribution: SplitMix64, Box and Muller."""
    with np.errstate(over="ignore"):
        state = mixed(mixed(np.uint64(seed)) + np.uint64(place))
        steps = np.arange(1, 2 * ((count + 1) // 2) + 1, dtype=np.uint64)
        bits = mixed(state + steps * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(11)
    uniform = bits.astype(np.float64) / 2.0**53
    radius, angle = np.sqrt(-2.0 * np.log(1.0 - uniform[0::2])), 2.0 * np.pi * uniform[1::2]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).reshape(-1)[:count].astype(np.float32)


def score_cam(twin, x, layer):
    """Wang et al. 2020: maps weighed by the softmax of the score of the picture seen through each."""
    names = [name for name, _ in twin.named_children()]
    with torch.no_grad():
        maps = twin[: names.index(layer) + 1](x)[0]
        scores = []
        for one in maps:
            large = torch.nn.functional.interpolate(one[None, None], (SIZE, SIZE), mode="bilinear", align_corners=False)
            low, high = large.min(), large.max()
            mask = (large - low) / (high - low) if high > low else torch.zeros_like(large)
            scores.append(twin(x * mask)[0, CLASS])
        silent = int((maps.flatten(1).amax(1) == 0).sum())
        assert 0 < silent < len(maps), f"{silent} silent maps"
        weights = torch.softmax(torch.stack(scores), 0)
        assert weights.max() < 0.999, f"one map decides: {weights}"
        return torch.relu((weights[:, None, None] * maps).sum(0))


def enlarged(coarse):
    return torch.nn.functional.interpolate(coarse[None, None], (SIZE, SIZE), mode="bilinear", align_corners=False)[0, 0]


def methods(case):
    """Settings as the program writes them, and what has to come out."""
    twin, x = case.twin(), case.pictures
    relu3 = dict(twin.named_children())["relu3"]
    yield {"method": "saliency"}, Saliency(twin).attribute(x, target=CLASS, abs=False)[0], {}
    yield {"method": "input_x_gradient"}, InputXGradient(twin).attribute(x, target=CLASS)[0], {}
    samples, share, seed = 11, 0.15, 5
    sigma = np.float32(share) * np.float32(float(x.max() - x.min()))
    noise = [torch.tensor(normal(seed, sample, x.numel()) * sigma).double().reshape(x.shape) for sample in range(samples)]
    noisy = torch.cat([x + one for one in noise])
    mean = Saliency(twin).attribute(noisy, target=CLASS, abs=False).mean(0)
    yield {"method": "smooth_grad", "samples": samples, "noise": share, "seed": seed}, mean, {"sigma": float(sigma)}
    for baseline, empty in (("mean", 0.0), ("black", 0.0 - 100.0)):
        steps = 21
        ig = IntegratedGradients(twin)
        empty = torch.full_like(x, empty)
        found = ig.attribute(x, baselines=empty, target=CLASS, n_steps=steps, method="riemann_middle")
        with torch.no_grad():
            difference = float(twin(x)[0, CLASS] - twin(empty)[0, CLASS])
        more = {"sum": float(found.sum()), "difference": difference}
        yield {"method": "integrated_gradients", "steps": steps, "baseline": baseline}, found[0], more
    yield {"method": "guided_backprop"}, GuidedBackprop(twin).attribute(x, target=CLASS)[0], {}
    coarse = LayerGradCam(twin, relu3).attribute(x, target=CLASS, relu_attributions=True)
    assert 0.2 < float((coarse > 0).double().mean()) < 0.9, "Grad-CAM shows something, and not everything"
    large = LayerAttribution.interpolate(coarse, (SIZE, SIZE), "bilinear")[0, 0]
    yield {"method": "grad_cam", "layer": LAYER}, large, {}
    both = GuidedGradCam(twin, relu3).attribute(x, target=CLASS, interpolate_mode="bilinear")[0]
    yield {"method": "guided_grad_cam", "layer": LAYER}, both, {}
    yield {"method": "score_cam", "layer": LAYER}, enlarged(score_cam(twin, x, "relu3")), {}


def climbs(case):
    """Targets and settings as the program writes them, and the picture after the climb."""
    still = {"jitter": 0, "rate": 0.03, "noise": 0.1, "seed": 7, "every": 2, "steps": 6, "blur_every": 3}
    yield climb(case, {"unit": {"layer": "conv2", "unit": [1, 3, 4]}}, {**still, "variation": 0.3, "decay": 0.2, "blur": 0.0})
    yield climb(case, {"map": {"layer": "conv3", "map": 4}}, {**still, "variation": 0.0, "decay": 0.0, "blur": 0.8})
    yield climb(case, {"class": {"class": CLASS}}, {**still, "variation": 0.1, "decay": 0.1, "blur": 0.0, "from": True})


def climb(case, target, settings):
    kind, of = next(iter(target.items()))
    twin = case.twin()
    names = [name for name, _ in twin.named_children()]
    lower = twin if kind == "class" else twin[: names.index(of["layer"]) + 1]

    def answer(x):
        y = lower(x)[0]
        return y[tuple(of["unit"])] if kind == "unit" else y[of["map"]].mean() if kind == "map" else y[of["class"]]

    black, span = -100.0, 255.0
    middle = -black / span
    if settings.pop("from", False):
        z = ((case.pictures - black) / span).clamp(0, 1)
        started = "golden.input"
    else:
        noise = torch.tensor(normal(settings["seed"], 0, 3 * SIZE * SIZE)).double().reshape(1, 3, SIZE, SIZE)
        z = (middle + noise * settings["noise"]).clamp(0, 1)
        started = None
    z.requires_grad_()
    adam = torch.optim.Adam([z], lr=settings["rate"], betas=(0.9, 0.99), eps=1e-8, maximize=True)
    before = float(answer(z * span + black).detach())
    for step in range(1, settings["steps"] + 1):
        slope = torch.autograd.grad(answer(z * span + black), z)[0]
        slope = slope / slope.square().mean().sqrt()
        differences = [torch.diff(z, dim=2), torch.diff(z, dim=3)]
        variation = sum((d.square() + 1e-6).sqrt().sum() for d in differences)
        penalty = settings["variation"] * variation + settings["decay"] * 0.5 * (z - middle).square().sum()
        z.grad = slope - torch.autograd.grad(penalty, z)[0]
        adam.step()
        with torch.no_grad():
            z.clamp_(0, 1)
            if settings["blur"] > 0 and step % settings["blur_every"] == 0:
                at = torch.arange(SIZE).double()
                weights = torch.exp(-0.5 * ((at[:, None] - at[None]) / settings["blur"]) ** 2)
                weights /= weights.sum(1, keepdim=True)
                z.copy_(weights @ z @ weights.T)
    after = float(answer(z * span + black).detach())
    about = {"target": target, "settings": settings, "from": started, "before": before, "answer": after}
    return about, z.detach()[0]


def main():
    torch.set_num_threads(1)
    case = network()
    tensors = {name: value.numpy() for name, value in case.parameters.items()}
    tensors["golden.input"] = case.pictures.numpy()
    lists = {"methods": methods(case), "climbs": climbs(case)}
    about = {"class": CLASS, "tolerance": TOLERANCE, "score": float(case.twin()(case.pictures)[0, CLASS].detach())}
    for kind, entries in lists.items():
        about[kind] = []
        for number, entry in enumerate(entries):
            if kind == "methods":
                settings, found, more = entry
                entry = {"settings": settings, **more}
            else:
                entry, found = entry
            name = f"golden.{kind}.{number}"
            assert float(found.detach().abs().max()) > 0, f"{entry} finds nothing"
            tensors[name] = found.detach().numpy()
            about[kind].append({"tensor": name, **entry})
    model = case.model()
    model["input"]["mean"] = [100.0] * 3  # where black lies
    stored = {name: np.ascontiguousarray(value.astype(np.float32)) for name, value in tensors.items()}
    compact = lambda value: json.dumps(value, separators=(",", ":"))
    file = settled(save(stored, {"zf-lens": compact(model), "golden": compact(about)}))
    assert len(file) <= 60_000, len(file)
    (HERE / "methods.safetensors").write_bytes(file)
    print(len(file), "bytes")
    for kind in lists:
        for entry in about[kind]:
            print({k: v for k, v in entry.items() if k != "tensor"}, float(np.abs(stored[entry["tensor"]]).max()))


if __name__ == "__main__":
    main()
