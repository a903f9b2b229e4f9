"""The container of the golden files, made the same to the last byte on every run."""

import json


def settled(file):
    """The same file with its header in one fixed order; the library orders the metadata differently from run to run."""
    length = int.from_bytes(file[:8], "little")
    header = json.dumps(json.loads(file[8 : 8 + length]), separators=(",", ":"), sort_keys=True).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + file[8 + length :]
