"""Arguments, state and numbers, without a browser."""

import unittest

import numpy as np
import zf_lens
from zf_lens import ZFLens
from zf_lens._widget import _pack, _unpack

BASE = "http://127.0.0.1:9/"


def lens(*given, **named):
    return ZFLens(*given, base=BASE, **named)


class Arguments(unittest.TestCase):
    def test_become_the_words_of_an_address(self):
        one = lens(sample="cat", view="occlusion", layer="conv4", map=np.int64(12), unit=(6, 4), rule="guided", lang="zh", theme="dark")
        self.assertEqual(
            one.state,
            {"sample": "cat", "tab": "occlusion", "layer": "conv4", "map": "12", "unit": "6,4", "rule": "guided", "lang": "zh", "theme": "dark"},
        )
        self.assertEqual((one.view, one.layer, one.map, one.unit), ("occlusion", "conv4", "12", "6,4"))
        self.assertEqual((one.status, one.error, one.numbers), ("idle", None, {}))
        self.assertIsNone(one.projection)
        self.assertIsNone(one.activation)
        self.assertIsNone(one.activations)
        self.assertEqual(one.classes, [])

    def test_a_state_takes_what_has_no_name(self):
        one = lens(state={"sample": "cat", "whole": True, "occlusion.size": 32, "unit": (np.int64(3), 11)}, layer="conv3")
        self.assertEqual(one.state, {"sample": "cat", "whole": "1", "occlusion.size": "32", "unit": "3,11", "layer": "conv3"})

    def test_wrong_ones_say_what_was_expected_and_found(self):
        for error, words, given in [
            (ValueError, "view: expected one of explore, occlusion, .* found 'x'", dict(view="x")),
            (TypeError, "view: expected one of .* found int", dict(view=1)),
            (ValueError, "rule: expected one of deconvnet, guided, gradient, found 'relu'", dict(rule="relu")),
            (ValueError, "backend: expected one of cpu, webgpu, found 'cuda'", dict(backend="cuda")),
            (ValueError, "controls: expected one of full, some, none, found 'all'", dict(controls="all")),
            (ValueError, "reveal: expected one of auto, interaction, manual, found 'now'", dict(reveal="now")),
            (ValueError, "lang: expected one of en, zh, found 'de'", dict(lang="de")),
            (ValueError, "map: expected a number, 0 or more, found -1", dict(map=-1)),
            (TypeError, "map: expected a number, 0 or more, found '7'", dict(map="7")),
            (ValueError, "unit: expected a row and a column, .* found 3 numbers", dict(unit=(1, 2, 3))),
            (TypeError, "unit: expected a row and a column, .* found '3,11'", dict(unit="3,11")),
            (ValueError, "sample: expected the name of a sample, .* found 'a/b'", dict(sample="a/b")),
            (TypeError, "layer: expected text, found int", dict(layer=5)),
            (ValueError, "height: expected pixels, .* found 'tall'", dict(height="tall")),
            (ValueError, "height: expected pixels, .* found 0", dict(height=0)),
            (TypeError, "state: expected a dict of words, found str", dict(state="layer=conv5")),
            (TypeError, "state: expected text or a number for layer, found None", dict(state={"layer": None})),
            (TypeError, "weights: expected text, found int", dict(weights=1)),
        ]:
            with self.subTest(given), self.assertRaisesRegex(error, words):
                lens(**given)
        with self.assertRaisesRegex(ValueError, "a picture or a sample, found both; the sample is 'cat'"):
            lens(b"bytes", sample="cat")
        with self.assertRaises(TypeError):
            lens(colour="red")

    def test_what_is_set_later_is_looked_at_too(self):
        one = lens(sample="cat")
        with self.assertRaisesRegex(ValueError, "expected one of cpu, webgpu, found 'tpu'"):
            one.backend = "tpu"
        with self.assertRaisesRegex(TypeError, "expected a dict of words, found list"):
            one.state = ["layer"]
        with self.assertRaisesRegex(ValueError, "view: expected one of"):
            one.view = "x"
        one.height = 640
        self.assertEqual(one.height, "640px")
        one.height = "40em"
        self.assertEqual(one.height, "40em")

    def test_a_new_layer_forgets_the_map_of_the_old_one(self):
        one = lens(sample="cat", layer="conv5", map=41, unit=(3, 11), state={"whole": "1"})
        one.unit = 4, 5
        self.assertEqual(one.state, {"sample": "cat", "layer": "conv5", "map": "41", "unit": "4,5"})
        one.layer = "conv3"
        self.assertEqual(one.state, {"sample": "cat", "layer": "conv3"})
        one.map = 7
        one.map = None
        self.assertEqual(one.state, {"sample": "cat", "layer": "conv3"})

    def test_the_folder_is_what_is_given_or_what_is_served(self):
        self.assertEqual(lens()._folder, BASE)
        served = zf_lens.serve()
        one = ZFLens()
        self.assertEqual(one._folder, served.address)
        self.assertEqual(served.address, f"http://127.0.0.1:{served.port}/")
        one.base = BASE
        self.assertEqual(one._folder, BASE)
        one.base = None
        self.assertEqual(one._folder, served.address)


class Numbers(unittest.TestCase):
    VALUES = np.arange(12, dtype="<f4").reshape(3, 2, 2)

    def said(self):
        projection = {"shape": [3, 2, 2], "values": memoryview(self.VALUES.tobytes()), "activation": 7.5}
        one_map = {"rows": 2, "cols": 3, "values": memoryview(np.ones((2, 3), "<f4").tobytes())}
        return {"projection": projection, "map": one_map, "classes": [{"name": "cat", "probability": 0.8}]}

    def test_come_as_arrays(self):
        one = lens()
        one.set_state({"numbers": self.said()})
        self.assertEqual(one.projection.dtype, np.float32)
        np.testing.assert_array_equal(one.projection, self.VALUES)
        self.assertEqual(one.activation, 7.5)
        self.assertEqual(one.activations.shape, (2, 3))
        self.assertEqual(one.classes[0]["name"], "cat")

    def test_go_back_as_they_came(self):
        self.assertEqual(_pack(_unpack(self.said())), self.said())
        for other in [{}, {"projection": None, "map": None}, {"winners": [1, 2]}]:
            self.assertEqual(_pack(_unpack(other)), other)

    def test_of_another_state_are_no_more(self):
        one = lens(sample="cat")
        one.set_state({"numbers": self.said(), "state": {"sample": "cat", "layer": "conv5"}})
        self.assertIsNotNone(one.projection, "both were said together")
        one.set_state({"state": {"sample": "cat", "layer": "conv4"}})
        self.assertIsNotNone(one.projection, "the page sends the new ones itself")
        one.layer = "conv3"
        self.assertEqual(one.numbers, {})
