"""The rows of `networks.rs` in PyTorch on the same CPU: prints the nanoseconds of a few runs, in one line.

    python pytorch.py NETWORK      one picture of 224 pixels up to its scores, by a network of torchvision

Needs torchvision. As fast as PyTorch is asked to be without changing the numbers: channels last, no derivatives, normalisations
put into the filters before them.
"""

import sys
import time

import torch
import torchvision

MORE = {"googlenet": {"aux_logits": False, "init_weights": False}}


def main():
    name = sys.argv[1]
    network = getattr(torchvision.models, name)(**MORE.get(name, {})).eval().to(memory_format=torch.channels_last)
    picture = torch.rand(1, 3, 224, 224).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        network = torch.jit.freeze(torch.jit.trace(network, picture))
        for _ in range(3):
            network(picture)
        taken = []
        for _ in range(20):
            start = time.perf_counter_ns()
            network(picture)
            taken.append(time.perf_counter_ns() - start)
    print(*taken)


if __name__ == "__main__":
    main()
