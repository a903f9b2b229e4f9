"""Pictures of every kind that a notebook has."""

import pathlib
import struct
import tempfile
import unittest
import zlib

import numpy as np
from zf_lens import ZFLens
from zf_lens._pictures import read

try:
    from PIL import Image
except ImportError:
    Image = None

PHOTOGRAPH = pathlib.Path(__file__).parents[2] / "samples" / "cat.jpg"


def pixels(png):
    """The pixels of a PNG as it is written here: each row of filter 0."""
    width, height = struct.unpack(">II", png[16:24])
    at, data = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0]
        data += body if kind == b"IDAT" else b""
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, width * 3 + 1)
    return rows[:, 1:].reshape(height, width, 3)


class Pictures(unittest.TestCase):
    def test_files(self):
        for given in [PHOTOGRAPH, str(PHOTOGRAPH)]:
            found = read(given)
            self.assertEqual((found["name"], found["type"], found["bytes"]), ("cat.jpg", "image/jpeg", PHOTOGRAPH.read_bytes()))

    def test_a_file_that_is_not_there_is_told_at_once(self):
        with self.assertRaisesRegex(FileNotFoundError, "expected a file, found none at missing.jpg"):
            ZFLens("missing.jpg")
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(OSError):
            read(folder)

    def test_bytes(self):
        data = PHOTOGRAPH.read_bytes()
        for given in [data, bytearray(data), memoryview(data)]:
            self.assertEqual(read(given)["bytes"], data)
        with self.assertRaisesRegex(ValueError, "expected the bytes of a picture, found none"):
            read(b"")

    def test_arrays(self):
        given = np.random.default_rng(1).integers(0, 256, (5, 7, 3), np.uint8)
        np.testing.assert_array_equal(pixels(read(given)["bytes"]), given)
        np.testing.assert_array_equal(pixels(read(given[:, ::-1])["bytes"]), given[:, ::-1])
        np.testing.assert_array_equal(pixels(read((given / 255).astype(np.float32))["bytes"]), given)
        for error, words, wrong in [
            (ValueError, r"shape \(height, width, 3\), found uint8 of shape \(3, 5, 7\); np.moveaxis", np.zeros((3, 5, 7), np.uint8)),
            (ValueError, r"shape \(height, width, 3\), found uint8 of shape \(5, 7\)", np.zeros((5, 7), np.uint8)),
            (ValueError, r"found uint8 of shape \(0, 7, 3\)", np.zeros((0, 7, 3), np.uint8)),
            (ValueError, "floats from 0 to 1, found 0 to 255", np.linspace(0, 255, 12).reshape(2, 2, 3)),
            (ValueError, "floats from 0 to 1, found nan", np.full((2, 2, 3), np.nan)),
            (TypeError, "expected uint8, 0 to 255, or floats, 0 to 1, found int64", np.zeros((2, 2, 3), np.int64)),
        ]:
            with self.subTest(words), self.assertRaisesRegex(error, words):
                read(wrong)

    def test_what_is_no_picture(self):
        for wrong in [7, [1, 2], object(), {"a": 1}]:
            with self.subTest(wrong), self.assertRaisesRegex(TypeError, "picture: expected a file name, .* found"):
                read(wrong)

    @unittest.skipUnless(Image, "PIL is not installed")
    def test_images_of_pil(self):
        image = Image.new("RGB", (4, 3), (10, 20, 30))
        found = read(image)
        self.assertEqual((found["name"], found["type"]), ("picture.png", "image/png"))
        for mode in ["P", "CMYK", "L", "RGBA", "1"]:
            self.assertTrue(read(image.convert(mode))["bytes"].startswith(b"\x89PNG"))
        with Image.open(PHOTOGRAPH) as opened:
            self.assertEqual(read(opened)["name"], "cat.png")

    def test_another_picture_takes_the_place_of_a_sample(self):
        one = ZFLens(sample="cat", base="http://127.0.0.1:9/")
        self.assertFalse(one._own)
        one.open(PHOTOGRAPH)
        self.assertTrue(one._own)
        first = one._picture
        one.open(PHOTOGRAPH)
        self.assertNotEqual(one._picture, first, "the same picture once more is a wish as well")
        one.sample = "daisy"
        self.assertFalse(one._own)
        with self.assertRaises(FileNotFoundError):
            one.open("missing.jpg")
