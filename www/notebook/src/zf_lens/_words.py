"""What may be said of a view, and its words in an address of the page."""

import math
import operator
import re
from collections.abc import Mapping
from typing import Any

VIEWS = (
    "explore",
    "occlusion",
    "attribution",
    "invariance",
    "correspondence",
    "region",
    "top",
    "favourite",
    "filters",
    "training",
    "hierarchy",
    "learn",
)
CHOICES = {
    "view": VIEWS,
    "rule": ("deconvnet", "guided", "gradient"),
    "lang": ("en", "zh"),
    "theme": ("light", "dark"),
    "backend": ("cpu", "webgpu"),
    "controls": ("full", "some", "none"),
    "reveal": ("auto", "interaction", "manual"),
}
# What is said in the view itself, and by which word.
WORDS = {
    "view": "tab",
    "sample": "sample",
    "layer": "layer",
    "map": "map",
    "unit": "unit",
    "rule": "rule",
    "lang": "lang",
    "theme": "theme",
}
# What is said of another layer, map, unit or photograph is no word about a new one.
FORGOTTEN = {
    "sample": ("crop", "layer", "map", "unit", "whole", "class"),
    "layer": ("map", "unit", "class"),
    "map": ("unit", "class"),
    "unit": ("whole", "class"),
}


def text(name: str, value: Any) -> str:
    """A value as its word, or an error that says what was expected."""
    if name in CHOICES:
        choices = CHOICES[name]
        if not isinstance(value, str):
            raise TypeError(f"{name}: expected one of {', '.join(choices)}, found {type(value).__name__}")
        if value not in choices:
            raise ValueError(f"{name}: expected one of {', '.join(choices)}, found {value!r}")
        return value
    if name == "map":
        return str(_index(name, value, "a number, 0 or more"))
    if name == "unit":
        wanted = "a row and a column, such as (3, 11)"
        if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            raise TypeError(f"unit: expected {wanted}, found {value!r}")
        pair = [_index(name, one, wanted) for one in value]
        if len(pair) != 2:
            raise ValueError(f"unit: expected {wanted}, found {len(pair)} numbers")
        return f"{pair[0]},{pair[1]}"
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected text, found {type(value).__name__}")
    if not value or (name == "sample" and not re.fullmatch(r"[\w-]{1,40}", value)):
        wanted = "the name of a sample, such as cat" if name == "sample" else "text that is not empty"
        raise ValueError(f"{name}: expected {wanted}, found {value!r}")
    return value


def _index(name: str, value: Any, wanted: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: expected {wanted}, found {value!r}") from None
    if isinstance(value, bool) or number < 0:
        raise ValueError(f"{name}: expected {wanted}, found {value!r}")
    return number


def words(state: Any) -> dict[str, str]:
    """A state as the page has it: words, each of them text."""
    if not isinstance(state, Mapping):
        raise TypeError(f"state: expected a dict of words, found {type(state).__name__}")
    found = {}
    for name, value in state.items():
        if not isinstance(name, str):
            raise TypeError(f"state: expected names that are text, found {name!r}")
        found[name] = _word(name, value)
    return found


def _word(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return ",".join(_word(name, one) for one in value)
    if hasattr(value, "item") and callable(value.item):
        value = value.item()  # a NumPy scalar
    if isinstance(value, (int, float)) and math.isfinite(value):
        return str(value)
    raise TypeError(f"state: expected text or a number for {name}, found {value!r}")


def height(value: Any) -> str:
    """A height for a style: pixels, or a length as CSS has it."""
    if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?(px|em|rem|vh|cm|mm|in|pt)", value):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value > 0:
        return f"{value:g}px"
    raise ValueError(f"height: expected pixels, such as 640, or a length, such as '40em', found {value!r}")
