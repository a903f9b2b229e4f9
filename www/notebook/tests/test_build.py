"""What goes into the wheel, and what is said where the page is not built."""

import importlib.util
import json
import pathlib
import tempfile
import unittest

NOTEBOOK = pathlib.Path(__file__).resolve().parents[1]
DIST = NOTEBOOK.parents[1] / "dist"


def hook(root, target="wheel"):
    spec = importlib.util.spec_from_file_location("hatch_build", NOTEBOOK / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PageHook(str(root), {}, None, None, "", target)


@unittest.skipUnless(importlib.util.find_spec("hatchling"), "hatchling is not installed")
class Build(unittest.TestCase):
    def test_without_the_page_it_says_what_to_do(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder) / "www" / "notebook"
            with self.assertRaisesRegex(FileNotFoundError, "expected the built page in .*dist, found no embed.html; run `cargo xtask build`"):
                hook(root).initialize("standard", {"force_include": {}})

    @unittest.skipUnless((DIST / "embed.html").is_file(), "dist/ is not built")
    def test_the_page_without_what_is_large_and_rarely_asked_for(self):
        for target, start in [("wheel", "zf_lens/files/"), ("sdist", "src/zf_lens/files/")]:
            included = {}
            one = hook(NOTEBOOK, target)
            one.initialize("standard", {"force_include": included})
            there = {inside.removeprefix(start): outside for outside, inside in included.items()}
            offered = json.loads(pathlib.Path(there["weights/networks.json"]).read_text())
            one.finalize("standard", {}, "")
            for name in ["embed.html", "pkg/webgpu/zfnet_web_bg.wasm", "weights/gallery/gallery.json", "samples/cat.jpg", "samples/CREDITS.md", "licences/LICENSE-MIT"]:
                self.assertIn(name, there)
            for name in there:
                self.assertFalse(name.startswith(("weights/evolution", "weights/alexnet", "screenshots", "src/", "zf_lens/")), name)
            # Whatever is offered is there.
            for network in offered:
                self.assertIn(f"weights/{network['manifest']}", there)
            self.assertEqual(len(offered), 1)
            self.assertFalse(pathlib.Path(there["weights/networks.json"]).exists(), "left behind")
            total = sum(pathlib.Path(file).stat().st_size for file in there.values() if pathlib.Path(file).is_file())
            self.assertLess(total, 55_000_000)
