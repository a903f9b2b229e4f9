"""The small networks of the golden cases: a table of layers, the numbers, and their torch twin.

The table is written as it stands in a weights file (crates/README.md), so that one description makes both the file and
the network that the expected numbers come from. Everything is computed in float64 and stored as float32.
"""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

NONE = [0, 0, 0, 0]


def conv(name, out, kernel, stride=1, pad=NONE, groups=1):
    pair = lambda v: v if isinstance(v, list) else [v, v]
    return {"name": name, "op": "conv", "out": out, "kernel": pair(kernel), "stride": pair(stride), "pad": pad, "groups": groups}


def relu(name):
    return {"name": name, "op": "relu"}


def pool(name, kernel, stride, pad=NONE):
    pair = lambda v: v if isinstance(v, list) else [v, v]
    return {"name": name, "op": "max_pool", "kernel": pair(kernel), "stride": pair(stride), "pad": pad}


def lrn(name, region, size, alpha, beta, k):
    return {"name": name, "op": "lrn", "region": region, "size": size, "alpha": alpha, "beta": beta, "k": k}


def gap(name):
    return {"name": name, "op": "gap"}


def dense(name, out):
    return {"name": name, "op": "dense", "out": out}


def dropout(name, p):
    return {"name": name, "op": "dropout", "p": p}


def window_pad(pad, value):
    top, left, bottom, right = pad
    return nn.ConstantPad2d((left, right, top, bottom), value)


class Norm(nn.Module):
    """Local response normalisation; `straight` lets the signal pass unchanged on the way down (the deconvnet)."""

    def __init__(self, row, straight):
        super().__init__()
        self.row, self.straight = row, straight
        size, alpha = row["size"], row["alpha"]
        # torch divides alpha by the window's size, the table does not.
        self.across = nn.LocalResponseNorm(size, alpha * size, row["beta"], row["k"])

    def forward(self, x):
        if self.row["region"] == "across":
            y = self.across(x)
        else:
            size = self.row["size"]
            sums = F.avg_pool2d(x * x, size, 1, size // 2, count_include_pad=True) * size * size
            y = x / (self.row["k"] + self.row["alpha"] * sums) ** self.row["beta"]
        return x + (y - x).detach() if self.straight else y


class Pool(nn.Module):
    """Max pooling whose padding never wins; remembers its switches as indices into the unpadded map."""

    def __init__(self, row):
        super().__init__()
        self.pad = window_pad(row["pad"], float("-inf"))
        self.pool = nn.MaxPool2d(tuple(row["kernel"]), tuple(row["stride"]), return_indices=True)
        self.corner = row["pad"][:2]
        self.switches = None

    def forward(self, x):
        padded = self.pad(x)
        pooled, places = self.pool(padded)
        rows = places // padded.shape[3] - self.corner[0]
        cols = places % padded.shape[3] - self.corner[1]
        self.switches = rows * x.shape[3] + cols
        return pooled


class Case:
    """A network with its numbers and its pictures."""

    def __init__(self, name, about, table, pictures, parameters, units=(), places=("strongest", "border"), map_of=None, classes=2, rules="all"):
        self.name, self.about, self.table = name, about, table
        self.pictures = torch.tensor(np.asarray(pictures, dtype=np.float32)).double()
        self.parameters = {k: torch.tensor(np.asarray(v, dtype=np.float32)).double() for k, v in parameters.items()}
        # Layers to project units of and where in them, the layer to project a whole map of, and how many classes.
        self.units, self.places, self.map_of, self.classes = units, places, map_of, classes
        # "all", or "in turn": the first target under the first rule and so on, where frames are too large for more.
        self.rules = rules

    def twin(self, straight_norm=False):
        """The network as torch modules, one per row of the table; every rectifier is an nn.ReLU, as captum needs."""
        rows = OrderedDict()
        for row in self.table:
            name, op = row["name"], row["op"]
            if op == "conv":
                weight = self.parameters[f"{name}.weight"]
                inner = nn.Conv2d(weight.shape[1] * row["groups"], row["out"], tuple(row["kernel"]), tuple(row["stride"]), groups=row["groups"])
                module = nn.Sequential(window_pad(row["pad"], 0.0), inner)
            elif op == "gap":
                module = nn.AdaptiveAvgPool2d(1)
            elif op == "dense":
                inner = nn.Linear(self.parameters[f"{name}.weight"].shape[1], row["out"])
                module = nn.Sequential(nn.Flatten(), inner)
            elif op == "relu":
                module = nn.ReLU(inplace=False)
            elif op == "max_pool":
                module = Pool(row)
            elif op == "lrn":
                module = Norm(row, straight_norm)
            else:
                module = nn.Dropout(row["p"])
            if op in ("conv", "dense"):
                inner.weight = nn.Parameter(self.parameters[f"{name}.weight"])
                inner.bias = nn.Parameter(self.parameters[f"{name}.bias"])
            rows[name] = module
        return nn.Sequential(rows).double().eval()

    def model(self):
        """The JSON of the metadata key `zf-lens`."""
        _, channels, size, _ = self.pictures.shape
        picture = {"size": size, "resize_short_side": size, "channels": "rgb", "range": 255, "mean": [0] * channels, "std": []}
        return {"format": 1, "name": f"golden-{self.name}", "architecture": self.table, "input": picture, "classes": [], "provenance": {}, "shard": "all"}


def random_case(name, seed, about, table, shape, amplitude, **targets):
    """A case with numbers from a seeded generator (the legacy one, whose stream is frozen)."""
    draw = np.random.RandomState(seed)
    pictures = draw.uniform(-amplitude, amplitude, shape)
    parameters = {}
    x = torch.tensor(pictures[:1])
    partial = Case(name, about, [], pictures, {})
    for row in table:
        if row["op"] == "conv":
            fan = x.shape[1] // row["groups"] * row["kernel"][0] * row["kernel"][1]
            weight_shape = [row["out"], x.shape[1] // row["groups"], *row["kernel"]]
        elif row["op"] == "dense":
            fan = x[0].numel()
            weight_shape = [row["out"], fan]
        if row["op"] in ("conv", "dense"):
            # Weights that keep the scale of the signal, biases that silence some units and not others.
            parameters[f"{row['name']}.weight"] = (draw.normal(0.0, 1.4 / np.sqrt(fan), weight_shape)).astype(np.float32)
            parameters[f"{row['name']}.bias"] = (draw.normal(0.0, 0.15 * amplitude, row["out"])).astype(np.float32)
        partial = Case(name, about, [row], x.detach().numpy(), parameters)
        x = partial.twin()(partial.pictures)
    return Case(name, about, table, pictures, parameters, **targets)
