"""Some rows of `engine.rs` in PyTorch on the same CPU: prints the nanoseconds of a few runs, in one line.

    python pytorch.py forward      one picture up to its scores
    python pytorch.py forward-16   16 pictures
    python pytorch.py unit         the strongest unit of conv5 down to the pixels, under the deconvnet's rule, by autograd
    python pytorch.py maps         the strongest units of all 256 maps, 16 at a time
    python pytorch.py occlusion    529 squares on one picture: the strongest map's sum, the class's probability, the label
    python pytorch.py top-9        16 pictures: the nine strongest units' pictures of every map of five layers

ZFNet with 512-wide dense layers, 224 pixels. As fast as PyTorch is asked to be without changing the numbers: channels last,
normalisation as shifted sums, no derivatives, squares in batches; every square is computed whole.
"""

import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

SIZE, SQUARE, STRIDE, GREY, BATCH, COUNT = 224, 48, 8, 128.0, 16, 9


class Norm(nn.Module):
    def forward(self, x):
        maps = x.shape[1]
        squares = F.pad(x * x, (0, 0, 0, 0, 2, 2))
        sums = sum(squares[:, by : by + maps] for by in range(5))
        root = (sums * 1e-4 + 2).sqrt()
        return x / (root * root.sqrt())


def network():
    edge = (0, 1, 0, 1)
    pool = lambda: (nn.ZeroPad2d(edge), nn.MaxPool2d(3, 2))
    stages = [
        nn.Sequential(nn.ZeroPad2d(edge), nn.Conv2d(3, 96, 7, 2), nn.ReLU()),
        nn.Sequential(*pool(), Norm(), nn.Conv2d(96, 256, 5, 2), nn.ReLU()),
        nn.Sequential(*pool(), Norm(), nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
        nn.Sequential(nn.Conv2d(384, 384, 3, padding=1), nn.ReLU()),
        nn.Sequential(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
    ]
    head = nn.Sequential(
        nn.MaxPool2d(3, 2), nn.Flatten(), nn.Linear(256 * 6 * 6, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 29),
    )
    return nn.ModuleList(stages).to(memory_format=torch.channels_last), head


def pictures(count):
    return (torch.rand(count, 3, SIZE, SIZE) * 200 - 100).contiguous(memory_format=torch.channels_last)


def occlusion():
    stages, head = network()
    picture = pictures(1)
    corners = [(top, left) for top in range(0, SIZE - SQUARE + 1, STRIDE) for left in range(0, SIZE - SQUARE + 1, STRIDE)]
    assert len(corners) == 529

    def answers(x):
        for stage in stages:
            x = stage(x)
        return x, F.softmax(head(x), 1)

    def run():
        maps, probabilities = answers(picture)
        strongest, class_ = int(maps[0].amax((1, 2)).argmax()), int(probabilities.argmax())
        found = []
        for start in range(0, len(corners), BATCH):
            chosen = corners[start : start + BATCH]
            covered = picture.repeat(len(chosen), 1, 1, 1)
            for at, (top, left) in enumerate(chosen):
                covered[at, :, top : top + SQUARE, left : left + SQUARE] = GREY
            maps, probabilities = answers(covered)
            found.append((maps[:, strongest].sum((1, 2)), probabilities[:, class_], probabilities.argmax(1)))
        return [torch.cat(parts) for parts in zip(*found)]

    return run, 3


def top():
    stages, _ = network()
    batch = pictures(BATCH)

    def run():
        x, found = batch, []
        for stage in stages:
            x = stage(x)
            activation, place = x.flatten(2).max(2)
            activation, picture = activation.topk(COUNT, 0)
            found.append((activation, picture, place.gather(0, picture)))
        return found

    return run, 10


def forward(count):
    stages, head = network()
    batch = pictures(count)

    def run():
        x = batch
        for stage in stages:
            x = stage(x)
        return head(x)

    return run, 20


class Rectifier(torch.autograd.Function):
    """Lets positive signal back, whatever the unit did."""

    @staticmethod
    def forward(context, x):
        return x.clamp(min=0)

    @staticmethod
    def backward(context, signal):
        return signal.clamp(min=0)


class Passed(torch.autograd.Function):
    """A normalisation that the signal passes as it is."""

    @staticmethod
    def forward(context, x):
        return Norm()(x)

    @staticmethod
    def backward(context, signal):
        return signal


def projections(count):
    stages, _ = network()
    picture = pictures(1).requires_grad_()

    def up(x):
        for stage in stages:
            for layer in stage:
                rule = {nn.ReLU: Rectifier, Norm: Passed}.get(type(layer))
                x = rule.apply(x) if rule else layer(x)
        return x

    together = min(count, BATCH)
    batch = picture.repeat(together, 1, 1, 1)
    answers = up(batch)  # the way up is no part of what is timed
    strongest = answers[0].flatten(1).argmax(1).tolist()

    def run():
        found = []
        for first in range(0, count, together):
            signal = torch.zeros_like(answers)
            for at in range(together):
                map_, place = first + at, strongest[first + at]
                row, col = divmod(place, signal.shape[3])
                signal[at, map_, row, col] = answers[at, map_, row, col]
            found.append(torch.autograd.grad(answers, batch, signal, retain_graph=True)[0])
        return found

    return run, 10 if count == 1 else 3


ROWS = {
    "forward": lambda: forward(1),
    "forward-16": lambda: forward(16),
    "unit": lambda: projections(1),
    "maps": lambda: projections(256),
    "occlusion": occlusion,
    "top-9": top,
}


def main():
    run, times = ROWS[sys.argv[1]]()
    taken = []
    with torch.set_grad_enabled(sys.argv[1] in ("unit", "maps")):
        run()
        for _ in range(times):
            start = time.perf_counter_ns()
            run()
            taken.append(time.perf_counter_ns() - start)
    print(*taken)


if __name__ == "__main__":
    main()
