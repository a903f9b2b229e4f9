"""Pictures of every kind that a notebook has, as the bytes of a file."""

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

ACCEPTED = "a file name, the bytes of a picture file, a PIL image or a NumPy array"
KINDS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)


def read(picture: Any) -> dict[str, Any]:
    """The name, the type and the bytes of a picture."""
    if isinstance(picture, (str, os.PathLike)):
        path = Path(picture).expanduser()
        if not path.exists():
            raise FileNotFoundError(f"picture: expected a file, found none at {path} (in {Path.cwd()})")
        return _file(path.name, path.read_bytes())
    if isinstance(picture, (bytes, bytearray, memoryview)):
        return _file("picture", bytes(picture))
    # Known by what it can do: PIL need not be there.
    if callable(getattr(picture, "save", None)) and hasattr(picture, "mode") and hasattr(picture, "convert"):
        return _file(_name_of(picture), _from_pil(picture))
    if hasattr(picture, "__array__") or hasattr(picture, "__array_interface__"):
        return _file("picture.png", _from_array(np.asarray(picture)))
    raise TypeError(f"picture: expected {ACCEPTED}, found {type(picture).__name__}")


def _file(name: str, data: bytes) -> dict[str, Any]:
    if not data:
        raise ValueError(f"picture: expected the bytes of a picture, found none in {name!r}")
    kind = next((kind for start, kind in KINDS if data.startswith(start)), "")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind = "image/webp"
    return {"name": name, "type": kind, "bytes": data}


def _name_of(image: Any) -> str:
    name = Path(getattr(image, "filename", "") or "").stem
    return f"{name or 'picture'}.png"


def _from_pil(image: Any) -> bytes:
    written = io.BytesIO()
    if image.mode not in ("L", "RGB", "RGBA"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    image.save(written, format="PNG")
    return written.getvalue()


def _from_array(pixels: np.ndarray) -> bytes:
    found = f"found {pixels.dtype} of shape {pixels.shape}"
    if pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        hint = "; np.moveaxis(picture, 0, -1) puts the channels last" if pixels.ndim == 3 and pixels.shape[0] == 3 else ""
        raise ValueError(f"picture: expected an array of shape (height, width, 3), {found}{hint}")
    if pixels.dtype == np.uint8:
        return _png(pixels)
    if not np.issubdtype(pixels.dtype, np.floating):
        raise TypeError(f"picture: expected uint8, 0 to 255, or floats, 0 to 1, {found}")
    low, high = float(pixels.min()), float(pixels.max())
    # Written this way round it refuses NaN as well.
    if not (low >= 0 and high <= 1):
        raise ValueError(f"picture: expected floats from 0 to 1, found {low:g} to {high:g}")
    return _png(np.rint(pixels * 255).astype(np.uint8))


def _png(pixels: np.ndarray) -> bytes:
    """Without loss, and without a library for it."""
    height, width, _ = pixels.shape
    # Each row begins with the number of its filter, 0 for none.
    rows = np.zeros((height, width * 3 + 1), np.uint8)
    rows[:, 1:] = pixels.reshape(height, width * 3)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows.tobytes(), 1)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
