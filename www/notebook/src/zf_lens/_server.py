"""The files of the page, for the browser on this machine: read-only, this folder only, on a port of the system's choice."""

import os
import re
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

HOST = "127.0.0.1"
# Not `mimetypes`: what that says differs from system to system, and modules are refused under a wrong type.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".safetensors": "application/octet-stream",
}


class Served(NamedTuple):
    """Where the files are served: `address` for a browser on this machine, `port` for a proxy."""

    address: str
    port: int


def files() -> Path:
    """The folder of the page: that of the wheel, or `dist/` of the repository for those who work in it."""
    here = Path(__file__).resolve().parent
    candidates = [here / "files"]
    if len(here.parents) > 3:
        candidates.append(here.parents[3] / "dist")
    for folder in candidates:
        if (folder / "embed.html").is_file() and (folder / "zf-lens.js").is_file():
            return folder
    raise FileNotFoundError(
        f"expected the files of the page in {candidates[0]}, found none; install the wheel again, "
        "run `cargo xtask build` in the repository, or give base="
    )


def handler_of(folder: Path) -> type[BaseHTTPRequestHandler]:
    folder = folder.resolve()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "zf-lens"
        sys_version = ""
        timeout = 60

        def do_GET(self):
            self._answer()

        def do_HEAD(self):
            self._answer()

        def _answer(self):
            found = self._find()
            if isinstance(found, HTTPStatus):
                return self._send(found)
            stat = found.stat()
            tag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
            if tag in re.split(r"\s*,\s*", self.headers.get("if-none-match", "")):
                return self._send(HTTPStatus.NOT_MODIFIED, tag=tag)
            kind = TYPES.get(found.suffix.lower(), "application/octet-stream")
            self._send(HTTPStatus.OK, found.read_bytes(), kind, tag)

        def _find(self):
            """The file that is asked for, or the reason why there is none."""
            path = unquote(urlsplit(self.path).path).lstrip("/") or "index.html"
            if "\0" in path or "\\" in path or ":" in path or ".." in path.split("/"):
                return HTTPStatus.FORBIDDEN
            file = (folder / path).resolve()
            # A link inside must not lead out either.
            if not file.is_relative_to(folder):
                return HTTPStatus.FORBIDDEN
            return file if file.is_file() else HTTPStatus.NOT_FOUND

        def _send(self, status, body=b"", kind="text/plain; charset=utf-8", tag=None):
            self.send_response(status)
            # The notebook is of another origin; what is served is public.
            self.send_header("access-control-allow-origin", "*")
            self.send_header("cross-origin-resource-policy", "cross-origin")
            self.send_header("x-content-type-options", "nosniff")
            if tag:
                self.send_header("etag", tag)
                self.send_header("cache-control", "no-cache")
            if status != HTTPStatus.NOT_MODIFIED:
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD" and body:
                self.wfile.write(body)

        def log_message(self, format, *args):
            """A notebook is no place for a log of requests."""

        def handle(self):
            # A frame that is taken away in the middle of a download is nothing to tell of.
            try:
                super().handle()
            except ConnectionError:
                pass

    return Handler


def start(folder: Path) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer((HOST, 0), handler_of(folder))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="zf-lens", daemon=True).start()
    return server


_lock = threading.Lock()
_running: dict[int, ThreadingHTTPServer] = {}


def serve() -> Served:
    """Serves the files of the page, once in each process, and tells where."""
    with _lock:
        # After a fork the thread is not there.
        server = _running.get(os.getpid())
        if server is None:
            server = _running[os.getpid()] = start(files())
    port = server.server_address[1]
    return Served(f"http://{HOST}:{port}/", port)
