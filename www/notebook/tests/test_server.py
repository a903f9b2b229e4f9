"""The server of the page's files: this folder, read only."""

import http.client
import os
import pathlib
import tempfile
import unittest

import zf_lens
from zf_lens._server import start


class Server(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        root = pathlib.Path(cls.temporary.name)
        (root / "secret.txt").write_text("secret")
        folder = root / "files"
        (folder / "weights").mkdir(parents=True)
        for name in ["index.html", "zf-lens.js", "a.wasm", "weights/a.safetensors", "a b.css", "a.json"]:
            (folder / name).write_text(name)
        try:
            (folder / "out.txt").symlink_to(root / "secret.txt")
        except OSError:
            pass
        # Begins like the folder, and is not in it.
        (root / "files-of-another").mkdir()
        (root / "files-of-another" / "x.js").write_text("x")
        cls.server = start(folder)

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        cls.temporary.cleanup()

    def ask(self, path, method="GET", headers=None):
        connection = http.client.HTTPConnection(*self.server.server_address, timeout=10)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def test_types_by_which_browsers_go(self):
        for path, kind in [
            ("/zf-lens.js", "text/javascript; charset=utf-8"),
            ("/a.wasm", "application/wasm"),
            ("/weights/a.safetensors", "application/octet-stream"),
            ("/a%20b.css?x=1", "text/css; charset=utf-8"),
            ("/a.json", "application/json"),
            ("/", "text/html; charset=utf-8"),
        ]:
            status, headers, body = self.ask(path)
            self.assertEqual((status, headers["content-type"]), (200, kind), path)
            self.assertEqual(headers["access-control-allow-origin"], "*")
            self.assertEqual(int(headers["content-length"]), len(body))

    def test_nothing_outside_the_folder(self):
        for path in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/weights/../../secret.txt",
            "/..%2fsecret.txt",
            "/..%5csecret.txt",
            "/../files-of-another/x.js",
            "/out.txt",
            "/a%00.js",
            "/C:/windows",
        ]:
            status, _, body = self.ask(path)
            if path == "/out.txt" and not os.path.islink(pathlib.Path(self.temporary.name) / "files" / "out.txt"):
                continue
            self.assertEqual((status, body), (403, b""), path)
        for path in ["/missing.js", "/weights", "/weights/", "//etc/passwd", "/secret.txt"]:
            status, _, body = self.ask(path)
            self.assertEqual((status, body), (404, b""), path)

    def test_nothing_but_reading(self):
        for method in ["POST", "PUT", "DELETE", "PATCH"]:
            self.assertEqual(self.ask("/zf-lens.js", method)[0], 501, method)
        status, headers, body = self.ask("/zf-lens.js", "HEAD")
        self.assertEqual((status, headers["content-length"], body), (200, "10", b""))

    def test_what_a_browser_has_is_not_sent_again(self):
        _, headers, _ = self.ask("/zf-lens.js")
        status, again, body = self.ask("/zf-lens.js", headers={"if-none-match": f'"other", {headers["etag"]}'})
        self.assertEqual((status, body, again["etag"]), (304, b"", headers["etag"]))
        self.assertEqual(self.ask("/zf-lens.js", headers={"if-none-match": '"other"'})[0], 200)

    def test_one_for_all_of_a_process_on_this_machine_alone(self):
        first = zf_lens.serve()
        self.assertEqual(zf_lens.serve(), first)
        connection = http.client.HTTPConnection("127.0.0.1", first.port, timeout=10)
        connection.request("GET", "/embed.html")
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        self.assertEqual(self.server.server_address[0], "127.0.0.1")


if __name__ == "__main__":
    unittest.main()
