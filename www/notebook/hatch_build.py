"""Puts the built page into the wheel: `dist/` of the repository, less what is large and rarely asked for."""

import json
import os
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INSIDE = "zf_lens/files"
NEEDED = ("embed.html", "zf-lens.js", "pkg/cpu/zfnet_web_bg.wasm", "pkg/webgpu/zfnet_web_bg.wasm", "weights/manifest.json")
# 29 MB of checkpoints, 7 MB of a second network; what serves a site of its own.
LEFT_OUT = (
    "weights/evolution/",
    "weights/alexnet/",
    "screenshots/",
    "service-worker.js",
    "files.json",
    "app.webmanifest",
    ".nojekyll",
)
NETWORKS = "weights/networks.json"
LICENCES = ("LICENSE-MIT", "LICENSE-APACHE", "weights/MODEL_CARD.md")


class PageHook(BuildHookInterface):
    def initialize(self, version, build_data):
        root = Path(self.root)
        if (root / "src" / INSIDE / "embed.html").is_file():
            return  # unpacked from an sdist, which has them
        repository = root.parents[1]
        dist = repository / "dist"
        missing = [name for name in NEEDED if not (dist / name).is_file()]
        if missing:
            raise FileNotFoundError(
                f"zf-lens: expected the built page in {dist}, found no {missing[0]}; "
                "run `cargo xtask build` in the repository first"
            )
        if version == "editable":
            return  # read where they lie
        folder = INSIDE if self.target_name == "wheel" else f"src/{INSIDE}"
        included = build_data["force_include"]
        for file in sorted(dist.rglob("*")):
            name = file.relative_to(dist).as_posix()
            if file.is_file() and name != NETWORKS and not name.startswith(LEFT_OUT):
                included[str(file)] = f"{folder}/{name}"
        included[self._networks(dist)] = f"{folder}/{NETWORKS}"
        for name in LICENCES:
            included[str(repository / name)] = f"{folder}/licences/{Path(name).name}"

    def _networks(self, dist):
        """The list of networks, without those that are left out: nobody is to be offered what is not there."""
        offered = json.loads((dist / NETWORKS).read_text(encoding="utf-8"))
        kept = [one for one in offered if not f"weights/{one['manifest']}".startswith(LEFT_OUT)]
        handle, self._made = tempfile.mkstemp(suffix=".json")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(kept, file, ensure_ascii=False)
        return self._made

    def finalize(self, version, build_data, artifact_path):
        made = getattr(self, "_made", None)
        if made:
            Path(made).unlink(missing_ok=True)
