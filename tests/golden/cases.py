"""The cases: what each network looks like, and what has to be true of it for the case to test what it says."""

import numpy as np
import torch

from networks import Case, conv, dense, dropout, gap, lrn, pool, random_case, relu
from projections import by_hand, run, targets

ACROSS = dict(region="across", size=5, alpha=1e-4, beta=0.75, k=2.0)
# Caffe's alpha 5e-5 multiplies the mean over 3x3; here alpha multiplies the sum.
WITHIN = dict(region="within", size=3, alpha=5e-5 / 9, beta=0.75, k=1.0)


def zfnet_quirks():
    table = [
        conv("conv1", 6, 7, 2, [0, 0, 1, 1]), relu("relu1"), pool("pool1", 3, 2, [0, 0, 1, 1]), lrn("norm1", **ACROSS),
        conv("conv2", 6, 3, 1, [1, 1, 1, 1]), relu("relu2"), pool("pool2", 3, 2, [0, 0, 1, 1]), lrn("norm2", **ACROSS),
        conv("conv3", 5, 3, 1, [1, 1, 1, 1]), relu("relu3"), conv("conv4", 4, 3, 1, [1, 1, 1, 1]), relu("relu4"),
        dense("fc5", 8), relu("relu5"), dropout("drop5", 0.5), dense("fc6", 5),
    ]
    about = "ZFNet's geometry in small: strides rounded up by padding at the bottom and right, pool before norm across maps"
    return random_case("zfnet-quirks", 101, about, table, (1, 1, 20, 20), 120.0, units=["conv2", "conv4"], map_of="conv3")


def zfnet_geometry():
    table = [
        conv("conv1", 2, 7, 2, [0, 0, 1, 1]), relu("relu1"), pool("pool1", 3, 2, [0, 0, 1, 1]), lrn("norm1", **ACROSS),
        conv("conv2", 4, 5, 2), relu("relu2"), pool("pool2", 3, 2, [0, 0, 1, 1]), lrn("norm2", **ACROSS),
        conv("conv3", 4, 3, 1, [1, 1, 1, 1]), relu("relu3"), conv("conv4", 4, 3, 1, [1, 1, 1, 1]), relu("relu4"),
        conv("conv5", 4, 3, 1, [1, 1, 1, 1]), relu("relu5"), pool("pool5", 3, 2, [0, 0, 1, 1]),
        dense("fc6", 6), relu("relu6"), dropout("drop6", 0.5), dense("fc7", 4),
    ]
    about = "every layer of ZFNet with its own kernel and stride, on a picture large enough for them"
    return random_case(
        "zfnet-geometry", 909, about, table, (1, 1, 48, 48), 120.0, units=["conv5", "conv2"], places=("strongest",), classes=1, rules="in turn"
    )


def every_layer():
    table = [
        conv("conv1", 4, 7, 2, [0, 0, 1, 1]), relu("relu1"), pool("pool1", 3, 2, [0, 0, 1, 1]), lrn("norm1", **ACROSS),
        conv("conv2", 4, 3, 1, [1, 1, 1, 1]), relu("relu2"), conv("conv3", 4, 3, 1, [1, 1, 1, 1]), relu("relu3"),
        conv("conv4", 4, 3, 1, [1, 1, 1, 1]), relu("relu4"), dense("fc5", 4),
    ]
    about = "the strongest unit of every convolution, one more on its border and one more inside"
    every = ["conv1", "conv2", "conv3", "conv4"]
    return random_case(
        "every-layer", 1010, about, table, (1, 1, 16, 16), 120.0, units=every, places=("strongest", "border", "interior"), classes=1
    )


def spp_order():
    table = [
        conv("conv1", 4, 4, 2, [1, 1, 1, 1]), relu("relu1"), lrn("norm1", **WITHIN), pool("pool1", 3, 2, [0, 0, 1, 1]),
        conv("conv2", 5, 3, 1, [1, 1, 1, 1]), relu("relu2"), lrn("norm2", **WITHIN), pool("pool2", 3, 2, [0, 0, 1, 1]),
        dense("fc3", 6), relu("relu3"), dense("fc4", 4),
    ]
    about = "symmetric padding, norm within each map before the pool"
    return random_case("spp-order", 202, about, table, (1, 2, 16, 16), 120.0, units=["conv1", "conv2"], map_of="conv2")


def alexnet_groups():
    table = [
        conv("conv1", 4, [5, 4], [2, 3], [0, 1, 2, 3]), relu("relu1"), lrn("norm1", **ACROSS), pool("pool1", [3, 2], 2, [1, 0, 0, 1]),
        conv("conv2", 6, 3, 1, [1, 2, 0, 1], groups=2), relu("relu2"), conv("conv3", 4, [2, 3], 1, [1, 0, 0, 2], groups=2), relu("relu3"),
        dense("fc4", 6), relu("relu4"), dropout("drop4", 0.5), dense("fc5", 4),
    ]
    about = "two groups, strides and kernels that differ between rows and columns, four different paddings"
    return random_case("alexnet-groups", 303, about, table, (1, 2, 15, 15), 120.0, units=["conv2", "conv3"], map_of="conv2")


def vgg_blocks():
    table = [
        conv("conv1_1", 3, 3, 1, [1] * 4), relu("relu1_1"), conv("conv1_2", 3, 3, 1, [1] * 4), relu("relu1_2"), pool("pool1", 2, 2),
        conv("conv2_1", 4, 3, 1, [1] * 4), relu("relu2_1"), conv("conv2_2", 4, 3, 1, [1] * 4), relu("relu2_2"), pool("pool2", 2, 2),
        dense("fc3", 6), relu("relu3"), dropout("drop3", 0.5), dense("fc4", 5),
    ]
    about = "blocks of two convolutions and a pool that does not overlap, three channels"
    return random_case("vgg-blocks", 405, about, table, (1, 3, 12, 12), 60.0, units=["conv1_2", "conv2_2"], map_of="conv2_1")


def ties():
    # Multiples of 1/4 with few bits: sums are exact in single precision, so equal values stay equal everywhere.
    draw = np.random.RandomState(505)
    quarters = lambda shape, low, high: draw.randint(low, high + 1, shape) / 4.0
    picture = quarters((1, 1, 16, 16), -16, 16)
    picture[..., :8, :8] = -4.0  # silences conv1's first map: windows of zeros only
    picture[..., 9:, 9:] = 3.0  # and a flat patch: constant windows that are not zero
    first = quarters((3, 1, 3, 3), -4, 4)
    first[0] = 0.25
    table = [
        conv("conv1", 3, 3, 1), relu("relu1"), pool("pool1", 3, 2, [1, 1, 0, 0]), conv("conv2", 4, 3, 1, [1] * 4), relu("relu2"),
        pool("pool2", 2, 2), dense("fc3", 3),
    ]
    parameters = {
        "conv1.weight": first, "conv1.bias": [0.5, 0.25, -0.25],
        "conv2.weight": quarters((4, 3, 3, 3), -4, 5), "conv2.bias": [1.0, -0.5, 0.5, 2.0],
        "fc3.weight": quarters((3, 36), -4, 4), "fc3.bias": [0.0, 0.5, -0.5],
    }
    about = "pool windows of zeros and of one constant, into which the deconvnet rule pushes signal: the first place wins"
    return Case("ties", about, table, picture, parameters, units=["conv1", "conv2"], map_of="conv2")


def shared_switch():
    # The pool comes before the rectifier: its windows also see negative values, which padding must not beat.
    table = [
        conv("conv1", 3, 3, 1, [1] * 4), pool("pool1", 3, 2, [1, 1, 1, 1]), relu("relu1"), conv("conv2", 4, 3, 1, [1] * 4), relu("relu2"),
        pool("pool2", 3, 1), dense("fc3", 4),
    ]
    about = "overlapping windows that share one maximum: their signals add; padding round negative values never wins"
    return random_case("shared-switch", 606, about, table, (1, 2, 15, 15), 2.0, units=["conv1", "conv2"], map_of="conv2")


def batch():
    table = [
        conv("conv1", 4, 4, 2, [1, 0, 0, 1]), relu("relu1"), pool("pool1", 3, 2, [0, 0, 1, 1]), lrn("norm1", **ACROSS),
        conv("conv2", 4, 3, 1, [1] * 4), relu("relu2"), dense("fc3", 4),
    ]
    about = "two pictures in one batch, each projected with its own switches"
    return random_case("batch", 707, about, table, (2, 2, 13, 13), 120.0, units=["conv2"], map_of="conv2")


def readable():
    table = [conv("conv1", 2, 2), relu("relu1"), pool("pool1", 2, 1), conv("conv2", 1, 2), relu("relu2"), dense("fc3", 2)]
    parameters = {
        "conv1.weight": [[[[1, 0], [0, 1]]], [[[0, 1], [-1, 0]]]], "conv1.bias": [0, -1],
        "conv2.weight": [[[[1, 0], [2, -1]], [[0, 1], [1, 1]]]], "conv2.bias": [1],
        "fc3.weight": [[2], [1]], "fc3.bias": [0, -3],
    }
    picture = [[[[1, 2, 0, 3], [0, 4, 1, 0], [2, 0, 1, 1], [0, 3, 1, 2]]]]
    return Case("readable", "small whole numbers: README.md goes through the arithmetic", table, picture, parameters, units=["conv1", "conv2"], map_of="conv1")


def selftest():
    table = [
        conv("conv1", 3, 3, 2, [0, 1, 2, 1]), relu("relu1"), pool("pool1", 3, 2, [0, 0, 1, 1]), lrn("norm1", **ACROSS),
        conv("conv2", 3, 3, 1, [1] * 4), relu("relu2"), dense("fc3", 3),
    ]
    about = "a little of everything: what a page replays at its start to see whether the device computes what it should"
    return random_case("selftest", 808, about, table, (1, 1, 11, 11), 120.0, units=["conv2"], classes=1)


def averaged():
    table = [
        conv("conv1", 4, 5, 2, [0, 0, 1, 1]), relu("relu1"), pool("pool1", 3, 2, [0, 0, 1, 1]), lrn("norm1", **ACROSS),
        conv("conv2", 6, 3, 1, [1, 1, 1, 1]), relu("relu2"), gap("gap"), dense("scores", 3),
    ]
    about = "a head that averages the last maps, then one dense layer"
    return random_case("averaged", 1111, about, table, (1, 1, 18, 18), 120.0, units=["conv2", "gap"], places=("strongest",), map_of="conv2")


CASES = {
    build.__name__.replace("_", "-"): (build, 12_000 if build is selftest else 60_000)
    for build in [zfnet_quirks, zfnet_geometry, every_layer, spp_order, alexnet_groups, vgg_blocks, ties, shared_switch, batch, averaged, readable, selftest]
}


def check(case):
    """Asserts that the case can tell a wrong rule from the right one."""
    changes = lambda **wrong: max(
        float((by_hand(case, 0, t, "deconvnet")[0] - by_hand(case, 0, t, "deconvnet", **wrong)[0]).abs().max()) for t in targets(case, 0)
    )
    activations, switches = run(case, 0)
    if case.name == "ties":
        windows = activations["relu1"].unfold(2, 3, 2).unfold(3, 3, 2).flatten(4)
        flat = windows.amax(-1) == windows.amin(-1)
        assert (flat & (windows.amax(-1) == 0)).any() and (flat & (windows.amax(-1) > 0)).any(), "both kinds of flat window"
        assert changes(ties="last") > 0.1, "which of the equal places wins must matter"
    if case.name == "shared-switch":
        assert changes(overlap="overwrite") > 0.1, "whether shared places add must matter"
        assert (activations["pool1"] < 0).any(), "some window must hold nothing above the padding's zero"
    if case.name == "batch":
        _, others = run(case, 1)
        assert not torch.equal(switches["pool1"], others["pool1"]), "the pictures must have different switches"
