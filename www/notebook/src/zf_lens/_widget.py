"""The widget: a picture and a view in, status, state and numbers out."""

import pathlib
import uuid
from typing import Any

import anywidget
import numpy as np
import traitlets

from . import _pictures, _words
from ._server import serve

# Arrays in the numbers, each with what gives its shape: they travel as bytes, since a projection has up to 150,000.
ARRAYS = {"projection": lambda part: part["shape"], "map": lambda part: (part["rows"], part["cols"])}


def _unpack(numbers: dict, _widget: Any = None) -> dict:
    numbers = dict(numbers or {})
    for name, shape in ARRAYS.items():
        part = numbers.get(name)
        values = part.get("values") if isinstance(part, dict) else None
        if isinstance(values, (bytes, bytearray, memoryview)):
            numbers[name] = {**part, "values": np.frombuffer(bytes(values), "<f4").reshape(shape(part))}
    return numbers


def _pack(numbers: dict, _widget: Any = None) -> dict:
    numbers = dict(numbers)
    for name in ARRAYS:
        part = numbers.get(name)
        values = part.get("values") if isinstance(part, dict) else None
        if isinstance(values, np.ndarray):
            numbers[name] = {**part, "values": memoryview(np.ascontiguousarray(values, "<f4").tobytes())}
    return numbers


class Said(traitlets.TraitType):
    """What is looked at by the same rules whenever it is said, and refused in the same words."""

    def __init__(self, check, *given, **named):
        super().__init__(*given, **named)
        self.check = check

    def validate(self, obj, value):
        return None if value is None and self.allow_none else self.check(self.name, value)


def _word(name: str, doc: str) -> property:
    """A word of the state under the name that the constructor has for it."""
    word = _words.WORDS[name]
    forgotten = {word, *_words.FORGOTTEN.get(name, ())}

    def get(self):
        return self.state.get(word, "explore" if name == "view" else None)

    def put(self, value):
        state = {key: kept for key, kept in self.state.items() if key not in forgotten}
        if value is not None:
            state[word] = _words.text(name, value)
        self.state = state

    return property(get, put, doc=doc)


class ZFLens(anywidget.AnyWidget):
    """A live view of what a convolutional network sees in a picture.

    ZFLens("cat.jpg")
    ZFLens(array, view="occlusion", controls="full")
    ZFLens(sample="daisy", layer="conv4", map=12, unit=(6, 4))

    picture    a file name, the bytes of a picture file, a PIL image, or a NumPy array (height, width, 3) of
               uint8 or of floats from 0 to 1; it goes to this notebook's page and no further
    view       explore, occlusion, attribution, invariance, correspondence, region, top, favourite, filters, training,
               hierarchy or learn
    sample     a photograph of the page instead of a picture: cat, daisy, oranges, ...
    layer, map, unit, rule
               what is projected: "conv5", 41, (3, 11), and deconvnet, guided or gradient
    lang, theme, backend
               en or zh; light or dark; cpu or webgpu; without them, what fits the browser
    weights    the address of another network's manifest or file
    controls   what a reader may change: full, some (this view) or none
    reveal     auto (when it comes into sight), interaction (a button) or manual (`reveal()`)
    base       the address of a folder with the page's files; without it, this process serves its own to a browser
               on the same machine
    height     pixels, or a length as CSS has it; without it, as high as what it shows
    state      everything else that a view has, as `state` gives it
    """

    _esm = pathlib.Path(__file__).parent / "widget.js"

    status = traitlets.Unicode("idle", help="idle, loading, running, ready or error").tag(sync=True)
    error = traitlets.Unicode(None, allow_none=True, help="The code of what went wrong").tag(sync=True)
    message = traitlets.Unicode("", help="What went wrong, in words").tag(sync=True)
    state = Said(
        lambda _, value: _words.words(value), {}, help="What is on view, in the words of the page's address; it can be set"
    ).tag(sync=True)
    numbers = traitlets.Dict(help="The numbers of what is on view; empty until they are there").tag(
        sync=True, to_json=_pack, from_json=_unpack
    )
    backend = Said(_words.text, None, allow_none=True).tag(sync=True)
    weights = Said(_words.text, None, allow_none=True).tag(sync=True)
    controls = Said(_words.text, "some").tag(sync=True)
    base = Said(_words.text, None, allow_none=True).tag(sync=True)
    height = Said(lambda _, value: _words.height(value), None, allow_none=True).tag(sync=True)

    _id = traitlets.Unicode().tag(sync=True)
    _folder = traitlets.Unicode().tag(sync=True)
    _reveal = traitlets.Unicode("auto").tag(sync=True)
    _picture = traitlets.Dict(None, allow_none=True).tag(sync=True)
    # Whether it is the picture that is on view, and not a sample of the state.
    _own = traitlets.Bool(False).tag(sync=True)

    view = _word("view", "Which of the page's views is open")
    sample = _word("sample", "The photograph of the page that is on view")
    layer = _word("layer", "The layer")
    map = _word("map", "The map of that layer")
    unit = _word("unit", "Row and column in that map")
    rule = _word("rule", "The way back through the rectifiers")
    lang = _word("lang", "The language")
    theme = _word("theme", "light or dark")

    def __init__(
        self,
        picture: Any = None,
        *,
        view: str | None = None,
        sample: str | None = None,
        layer: str | None = None,
        map: int | None = None,
        unit: tuple[int, int] | None = None,
        rule: str | None = None,
        lang: str | None = None,
        theme: str | None = None,
        backend: str | None = None,
        weights: str | None = None,
        controls: str = "some",
        reveal: str = "auto",
        base: str | None = None,
        height: int | float | str | None = None,
        state: dict | None = None,
    ):
        if picture is not None and sample is not None:
            raise ValueError(f"expected a picture or a sample, found both; the sample is {sample!r}")
        given = dict(view=view, sample=sample, layer=layer, map=map, unit=unit, rule=rule, lang=lang, theme=theme)
        said = {_words.WORDS[name]: _words.text(name, value) for name, value in given.items() if value is not None}
        if picture is not None:
            picture = {**_pictures.read(picture), "count": 1}
            # The one that is named for this very call.
            state = {word: value for word, value in (state or {}).items() if word not in ("sample", "crop")}
        super().__init__(
            state={**_words.words(state if state is not None else {}), **said},
            backend=backend,
            weights=weights,
            controls=controls,
            base=base,
            height=height,
            _id=uuid.uuid4().hex,
            _folder=_words.text("base", base) if base is not None else serve().address,
            _reveal=_words.text("reveal", reveal),
            _picture=picture,
            _own=picture is not None,
        )

    def open(self, picture: Any = None) -> None:
        """Shows another picture, of any kind that the constructor takes."""
        # ipywidgets has a method of this name, which takes nothing: it opens the way to the page.
        if picture is None:
            super().open()
            return
        read = _pictures.read(picture)
        count = (self._picture or {}).get("count", 0) + 1
        with self.hold_sync():
            self._own = True
            self.numbers = {}
            self._picture = {**read, "count": count}

    def reveal(self) -> None:
        """Begins, as if the reader had pressed the button."""
        self.send({"ask": "reveal"})

    @property
    def projection(self) -> np.ndarray | None:
        """The projection on view, float32 [3, height, width]; `None` where there is none."""
        return (self.numbers.get("projection") or {}).get("values")

    @property
    def activation(self) -> float | None:
        """The activation of what is projected."""
        return (self.numbers.get("projection") or {}).get("activation")

    @property
    def activations(self) -> np.ndarray | None:
        """All activations of the map that is projected, float32 [rows, columns]."""
        return (self.numbers.get("map") or {}).get("values")

    @property
    def classes(self) -> list[dict]:
        """The classes that fit best, each with `name` and `probability`; empty until they are there."""
        return self.numbers.get("classes") or []

    @traitlets.observe("base")
    def _follow_base(self, change):
        if self._folder:
            self._folder = change["new"] if change["new"] is not None else serve().address

    @traitlets.observe("state")
    def _follow_state(self, change):
        old, new = change["old"], change["new"]
        before = old.get("sample") if isinstance(old, dict) else None
        if new.get("sample") and new["sample"] != before:
            self._own = False
        # Said here and not yet there: what was counted before is of something else.
        if "state" not in self._property_lock:
            self.numbers = {}
