"""Projections twice: captum's, which are written down, and a path of our own, which has to agree with them."""

import warnings

import torch
from captum.attr import Deconvolution, GuidedBackprop, NeuronDeconvolution, NeuronGradient, NeuronGuidedBackprop, Saliency
from torch import nn
from torch.nn import functional as F

RULES = ["deconvnet", "guided", "gradient"]
# captum tells on every call that it sets hooks on the ReLU modules.
warnings.filterwarnings("ignore", message="Setting backward hooks on ReLU")


class Weighed(nn.Module):
    """A network cut off after one layer, whose single score is the sum of the layer's units times fixed weights."""

    def __init__(self, twin, layer, weights):
        super().__init__()
        names = [name for name, _ in twin.named_children()]
        self.lower = twin[: names.index(layer) + 1]
        self.weights = weights

    def forward(self, x):
        return (self.lower(x) * self.weights).flatten(1).sum(1, keepdim=True)


def run(case, picture):
    """Every layer's activation and every pool's switches, from the torch twin."""
    activations, switches, x = {}, {}, case.pictures[picture : picture + 1]
    with torch.no_grad():
        for name, module in case.twin().named_children():
            x = module(x)
            activations[name] = x
            if hasattr(module, "switches"):
                switches[name] = module.switches
    return activations, switches


def answer(case, activations, layer):
    """A layer's activation after the rectifier that follows it, if one does."""
    names = [row["name"] for row in case.table]
    after = case.table[names.index(layer) + 1 :][:1]
    return activations[layer].clamp(min=0) if after and after[0]["op"] == "relu" else activations[layer]


def seed(case, activations, target):
    """Layer and signal at its output that a target starts with."""
    kind, of = next(iter(target.items()))
    if kind == "class":
        layer = case.table[-1]["name"]
        signal = torch.zeros_like(activations[layer])
        signal[0, of] = 1.0
        return layer, signal
    strength = answer(case, activations, of["layer"])
    chosen = torch.zeros_like(strength)
    if kind == "unit":
        chosen[0, of["map"], of["row"], of["col"]] = 1.0
    else:
        chosen[0, of["map"]] = 1.0
    return of["layer"], strength * chosen


def with_captum(case, picture, target, rule):
    """The projection as captum computes it; units by its Neuron classes, whose seed is 1, times the answer."""
    twin = case.twin(straight_norm=rule == "deconvnet")
    x = case.pictures[picture : picture + 1].clone().requires_grad_()
    kind, of = next(iter(target.items()))
    if kind == "unit":
        method = {"deconvnet": NeuronDeconvolution, "guided": NeuronGuidedBackprop, "gradient": NeuronGradient}[rule]
        place = (of["map"], of["row"], of["col"])
        found = method(twin, getattr(twin, of["layer"])).attribute(x, neuron_selector=place, attribute_to_neuron_input=False)
        activations, _ = run(case, picture)
        return found.detach() * answer(case, activations, of["layer"])[(0, *place)]
    model, wanted = twin, of
    if kind == "map":
        activations, _ = run(case, picture)
        layer, weights = seed(case, activations, target)
        model, wanted = Weighed(twin, layer, weights), 0
    if rule == "gradient":
        return Saliency(model).attribute(x, target=wanted, abs=False).detach()
    method = {"deconvnet": Deconvolution, "guided": GuidedBackprop}[rule]
    return method(model).attribute(x, target=wanted).detach()


class Rectifier(torch.autograd.Function):
    """max(x, 0) with the chosen rule on the way down."""

    @staticmethod
    def forward(ctx, x, rule):
        ctx.save_for_backward(x)
        ctx.rule = rule
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        if ctx.rule != "gradient":
            g = g * (g > 0)
        if ctx.rule != "deconvnet":
            g = g * (x > 0)
        return g, None


class Selection(torch.autograd.Function):
    """Max pooling by its definition, window by window; `ties` and `overlap` can be set wrongly on purpose."""

    @staticmethod
    def forward(ctx, x, row, ties, overlap):
        pictures, maps, rows, cols = x.shape
        top, left, bottom, right = row["pad"]
        (height, width), (down, across) = row["kernel"], row["stride"]
        out = [(rows + top + bottom - height) // down + 1, (cols + left + right - width) // across + 1]
        places = torch.zeros((pictures, maps, *out), dtype=torch.long)
        for p in range(pictures):
            for m in range(maps):
                plane = x[p, m].tolist()
                for r in range(out[0]):
                    for c in range(out[1]):
                        window = [
                            (plane[i][j], i * cols + j)
                            for i in range(r * down - top, r * down - top + height)
                            for j in range(c * across - left, c * across - left + width)
                            if 0 <= i < rows and 0 <= j < cols
                        ]
                        most = max(value for value, _ in window)
                        places[p, m, r, c] = [place for value, place in window if value == most][0 if ties == "first" else -1]
        ctx.places, ctx.shape, ctx.overlap = places, x.shape, overlap
        return x.flatten(2).gather(2, places.flatten(2)).view(pictures, maps, *out)

    @staticmethod
    def backward(ctx, g):
        below = torch.zeros(ctx.shape, dtype=g.dtype).flatten(2)
        for p, m in torch.cartesian_prod(torch.arange(g.shape[0]), torch.arange(g.shape[1])).tolist():
            for place, value in zip(ctx.places[p, m].flatten().tolist(), g[p, m].flatten().tolist()):
                below[p, m, place] = value + (below[p, m, place] if ctx.overlap == "sum" else 0.0)
        return below.view(ctx.shape), None, None, None


def normalise(x, row, straight):
    """Local response normalisation by its formula: the window is summed term by term."""
    reach, squares = row["size"] // 2, x * x
    sums = torch.zeros_like(x)
    if row["region"] == "across":
        for m in range(x.shape[1]):
            sums[:, m] = squares[:, max(0, m - reach) : m + reach + 1].sum(1)
    else:
        framed = F.pad(squares, (reach,) * 4)
        for i in range(row["size"]):
            for j in range(row["size"]):
                sums = sums + framed[:, :, i : i + x.shape[2], j : j + x.shape[3]]
    scale = (row["k"] + row["alpha"] * sums) ** -row["beta"]
    return x * scale if not straight else x + (x * scale - x).detach()


def by_hand(case, picture, target, rule, ties="first", overlap="sum"):
    """The projection by autograd over our own rectifier, pool and norm, from a masked seed; and all activations."""
    x = case.pictures[picture : picture + 1].clone().requires_grad_()
    current, activations = x, {}
    for row in case.table:
        name, op = row["name"], row["op"]
        if op == "conv":
            top, left, bottom, right = row["pad"]
            weight, bias = case.parameters[f"{name}.weight"], case.parameters[f"{name}.bias"]
            current = F.conv2d(F.pad(current, (left, right, top, bottom)), weight, bias, tuple(row["stride"]), groups=row["groups"])
        elif op == "dense":
            current = current.flatten(1) @ case.parameters[f"{name}.weight"].T + case.parameters[f"{name}.bias"]
        elif op == "gap":
            current = current.mean((2, 3), keepdim=True)
        elif op == "relu":
            current = Rectifier.apply(current, rule)
        elif op == "max_pool":
            current = Selection.apply(current, row, ties, overlap)
        elif op == "lrn":
            current = normalise(current, row, straight=rule == "deconvnet")
        activations[name] = current
    layer, signal = seed(case, {name: value.detach() for name, value in activations.items()}, target)
    (pixels,) = torch.autograd.grad(activations[layer], x, signal)
    return pixels, {name: value.detach() for name, value in activations.items()}


def targets(case, picture):
    """Units of each chosen layer (see `places`), a whole map, the best classes."""
    activations, _ = run(case, picture)
    chosen = []
    for layer in case.units:
        strength = answer(case, activations, layer)[0]
        border = torch.ones_like(strength, dtype=torch.bool)
        border[:, 1:-1, 1:-1] = False
        taken = torch.zeros_like(border)
        for place in case.places[: strength.numel()]:
            allowed = {"strongest": torch.ones_like(border), "border": border, "interior": ~border}[place] & ~taken
            at = int(strength.masked_fill(~allowed, float("-inf")).argmax())
            taken.view(-1)[at] = True
            m, r, c = [int(v) for v in torch.unravel_index(torch.tensor(at), strength.shape)]
            assert allowed[m, r, c] and strength[m, r, c] > 0, f"{case.name}: no answering unit in {layer} for {place}"
            chosen.append({"unit": {"layer": layer, "map": m, "row": r, "col": c}})
    if case.map_of:
        alive = (answer(case, activations, case.map_of)[0] > 0).flatten(1).sum(1)
        chosen.append({"map": {"layer": case.map_of, "map": int(alive.argmax())}})
    scores = activations[case.table[-1]["name"]][0]
    chosen.extend({"class": int(c)} for c in scores.argsort(descending=True)[: case.classes])
    return chosen


def questions(case, picture):
    """Every projection that the case holds of one picture, as target and rule."""
    chosen = targets(case, picture)
    return list(zip(chosen, RULES, strict=True)) if case.rules == "in turn" else [(target, rule) for target in chosen for rule in RULES]
