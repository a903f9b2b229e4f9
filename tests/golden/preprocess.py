"""From a picture to the square that enters a network: what Pillow makes of it, and what torch does."""

import io
import json

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save

from container import settled

MEAN = [121.5, 116.25, 103.75]
SIZE, SHORT = 36, 40


def png_of(picture):
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def scaled(rgb, height, width):
    """torch's antialiased bilinear scaling, in floating point throughout."""
    planes = torch.tensor(rgb.astype(np.float64)).permute(2, 0, 1)[None]
    return torch.nn.functional.interpolate(planes, (height, width), mode="bilinear", antialias=True, align_corners=False)[0].numpy()


def tensors(rgb, crop):
    """The tensor that enters the network, by torch, `[3, size, size]`."""
    height, width, _ = rgb.shape
    if crop == "centre":
        least = min(width, height)
        whole = scaled(rgb, height * SHORT // least, width * SHORT // least)
        top, left = (whole.shape[1] - SIZE) // 2, (whole.shape[2] - SIZE) // 2
        square = whole[:, top : top + SIZE, left : left + SIZE]
    else:
        left, top, side = crop["left"], crop["top"], crop["size"]
        square = scaled(rgb[top : top + side, left : left + side], SIZE, SIZE)
    return square - np.array(MEAN)[:, None, None]


def by_pillow(picture, crop):
    """The same square by Pillow, which rounds to whole numbers after each of its two passes."""
    if crop == "centre":
        least = min(picture.size)
        whole = picture.resize((picture.width * SHORT // least, picture.height * SHORT // least), Image.Resampling.BILINEAR)
        left, top = (whole.width - SIZE) // 2, (whole.height - SIZE) // 2
        return whole.crop((left, top, left + SIZE, top + SIZE))
    left, top, side = crop["left"], crop["top"], crop["size"]
    return picture.crop((left, top, left + side, top + side)).resize((SIZE, SIZE), Image.Resampling.BILINEAR)


def make(folder, scene):
    """Pictures after Pillow, and of one of them the tensors after torch."""
    cases = []
    for name, (width, height) in {"scene-wide": (97, 64), "scene-tall": (64, 97), "scene-small": (31, 26)}.items():
        picture = Image.fromarray(scene(width, height))
        folder.exact(f"{name}.png", png_of(picture), np.asarray(picture))
        for crop in ["centre", {"left": width // 3, "top": height // 5, "size": min(width, height) // 2}]:
            result = by_pillow(picture, crop)
            expect = f"{name}-{'centre' if crop == 'centre' else 'square'}.png"
            folder.exact(expect, png_of(result), np.asarray(result))
            cases.append({"file": f"{name}.png", "size": SIZE, "resize_short_side": SHORT, "crop": crop, "expect": expect})
    folder.write("preprocess.json", (json.dumps({"max_difference": 1, "cases": cases}, indent=1) + "\n").encode())

    picture = Image.fromarray(scene(97, 64))
    stored, listed = {}, []
    for tensor, crop in {"centre": "centre", "square": {"left": 21, "top": 3, "size": 58}}.items():
        found = tensors(np.asarray(picture), crop)
        pillow = np.asarray(by_pillow(picture, crop)).transpose(2, 0, 1) - np.array(MEAN)[:, None, None]
        worst = float(np.abs(found - pillow).max())
        assert worst <= 1, f"torch and Pillow differ by {worst} in {tensor}"
        print(f"preprocess {tensor}: torch and Pillow differ by {worst:.3f} at most")
        stored[tensor] = np.ascontiguousarray(found.astype(np.float32))
        listed.append({"tensor": tensor, "crop": crop})
    about = {"file": "scene-wide.png", "size": SIZE, "resize_short_side": SHORT, "mean": MEAN, "max_difference": 1, "cases": listed}
    folder.write("preprocess.safetensors", settled(save(stored, {"preprocess": json.dumps(about, separators=(",", ":"))})))
