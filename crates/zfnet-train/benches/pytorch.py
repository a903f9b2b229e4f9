"""The step of `training.rs` in PyTorch on the same CPU: prints the nanoseconds of ten steps, in one line.

ZFNet with 512-wide dense layers, 32 pictures of 112 pixels, SGD with momentum and weight decay, filters limited, weights
averaged. As fast as PyTorch is asked to be without changing the numbers: channels last, normalisation as shifted sums.
"""

import time

import torch
import torch.nn as nn
import torch.nn.functional as F

BATCH, SIZE = 32, 112


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
    return nn.Sequential(
        nn.ZeroPad2d(edge), nn.Conv2d(3, 96, 7, 2), nn.ReLU(), *pool(), Norm(),
        nn.Conv2d(96, 256, 5, 2), nn.ReLU(), *pool(), Norm(),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Linear(256 * 2 * 2, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 29),
    ).to(memory_format=torch.channels_last)


def main():
    x = (torch.rand(BATCH, 3, SIZE, SIZE) * 255 - 120).contiguous(memory_format=torch.channels_last)
    y = torch.arange(BATCH) % 29
    net = network()
    sgd = torch.optim.SGD(net.parameters(), lr=1e-6, momentum=0.9, weight_decay=5e-4)
    mean = [p.detach().clone() for p in net.parameters()]

    def step():
        sgd.zero_grad()
        F.cross_entropy(net(x), y, label_smoothing=0.05).backward()
        sgd.step()
        with torch.no_grad():
            for p in net.parameters():
                if p.dim() == 4:
                    p.mul_((0.1 / p.square().mean((1, 2, 3), keepdim=True).sqrt()).clamp(max=1))
            torch._foreach_lerp_(mean, [p.detach() for p in net.parameters()], 0.002)

    times = []
    for _ in range(13):
        start = time.perf_counter_ns()
        step()
        times.append(time.perf_counter_ns() - start)
    print(*times[3:])


if __name__ == "__main__":
    main()
