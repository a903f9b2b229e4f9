"""Makes the golden files; see README.md. Usage: python make.py [case ...]"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

import cases
import pictures
from container import settled
from projections import by_hand, questions, run, with_captum

HERE = Path(__file__).parent
TOLERANCE = 1e-4
WHY = "single precision: the order of additions differs between devices; expected numbers were computed in double precision"
LARGEST = 60_000


def margin(case, picture):
    """How far the case is from a decision (sign before a rectifier, winner of a window) that rounding could turn."""
    activations, _ = run(case, picture)
    nearest, x = float("inf"), case.pictures[picture : picture + 1]
    for row in case.table:
        largest = float(x.abs().max())
        if row["op"] == "relu":
            inexact = x[x != 0].abs()
            nearest = min(nearest, float(inexact.min()) / largest)
        if row["op"] == "max_pool":
            top, left, bottom, right = row["pad"]
            padded = torch.nn.functional.pad(x, (left, right, top, bottom), value=float("-inf"))
            windows = padded.unfold(2, row["kernel"][0], row["stride"][0]).unfold(3, row["kernel"][1], row["stride"][1])
            ranked = windows.flatten(4).sort(-1, descending=True).values
            gaps = (ranked[..., :1] - ranked)[ranked != ranked[..., :1]]
            nearest = min(nearest, float(gaps.min()) / largest if len(gaps) else nearest)
        x = activations[row["name"]]
    return nearest


def make(case, allowed=LARGEST):
    tensors = {name: value.numpy() for name, value in case.parameters.items()}
    tensors["golden.input"] = case.pictures.numpy()
    everything = [run(case, picture) for picture in range(len(case.pictures))]
    nearest = min(margin(case, picture) for picture in range(len(case.pictures)))
    assert nearest > 1e-5, f"{case.name}: a decision hangs by {nearest}"
    for name in everything[0][0]:
        tensors[f"golden.activation.{name}"] = torch.cat([activations[name] for activations, _ in everything]).numpy()
    for name in everything[0][1]:
        tensors[f"golden.switches.{name}"] = torch.cat([switches[name] for _, switches in everything]).numpy().astype(np.int32)
    projections, worst = [], 0.0
    for picture in range(len(case.pictures)):
        for target, rule in questions(case, picture):
            pixels = with_captum(case, picture, target, rule)
            ours, activations = by_hand(case, picture, target, rule)
            for name, value in activations.items():
                assert torch.allclose(value, everything[picture][0][name], rtol=1e-10, atol=1e-10), f"{case.name}: {name}"
            largest = float(pixels.abs().max())
            assert largest > 0, f"{case.name}: {target} under {rule} projects to nothing"
            worst = max(worst, float((pixels - ours).abs().max()) / largest)
            name = f"golden.p{len(projections)}"
            tensors[name] = pixels[0].numpy()
            projections.append({"tensor": name, "image": picture, "rule": rule, "target": target})
    assert worst < 1e-10, f"{case.name}: captum and our own path differ by {worst}"
    cases.check(case)
    golden = {"tolerance": TOLERANCE, "why": WHY, "about": case.about, "projections": projections}
    compact = lambda value: json.dumps(value, separators=(",", ":"))
    stored = {name: np.ascontiguousarray(v if v.dtype == np.int32 else v.astype(np.float32)) for name, v in tensors.items()}
    file = settled(save(stored, {"zf-lens": compact(case.model()), "golden": compact(golden)}))
    assert len(file) <= allowed, f"{case.name}: {len(file)} bytes, {allowed} allowed"
    (HERE / f"{case.name}.safetensors").write_bytes(file)
    shapes = " ".join(f"{name}:{'x'.join(map(str, a.shape[1:]))}" for name, a in everything[0][0].items())
    print(f"{case.name}: {len(file)} bytes, {len(projections)} projections, paths differ by {worst:.1e}, margin {nearest:.1e}\n    {shapes}")


def main():
    torch.set_num_threads(1)
    wanted = sys.argv[1:]
    for name, (build, allowed) in cases.CASES.items():
        if not wanted or name in wanted:
            make(build(), allowed)
    if not wanted or "pictures" in wanted:
        pictures.make(HERE / "pictures")


if __name__ == "__main__":
    main()
