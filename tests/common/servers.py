"""Which answers does a server give that means no good? A real one on this machine, that counts who comes."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MANY = 20_000  # headers


class Server(ThreadingHTTPServer):
    """`hits` are the paths that were asked for, `headers` the headers of the last request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.hits: list[str] = []
        self.headers: dict[str, str] = {}
        self.elsewhere = ""

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Page(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.hits.append(self.path)
        self.server.headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            getattr(self, self.path.strip("/").replace("-", "_") or "hello")()
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client had enough

    def hello(self) -> None:
        self._answer(b"hello", {"Content-Type": "text/plain; charset=utf-8"})

    def zipped(self) -> None:
        self._answer(gzip.compress(b"hello"), {"Content-Encoding": "gzip"})

    def bomb(self) -> None:
        self._answer(gzip.compress(bytes(20_000_000)), {"Content-Encoding": "gzip"})

    def strange(self) -> None:
        self._answer(b"hello", {"Content-Encoding": "br"})

    def broken_gzip(self) -> None:
        self._answer(b"this is no gzip", {"Content-Encoding": "gzip"})

    def endless(self) -> None:
        self._begin(200, {})
        while True:
            self.wfile.write(bytes(65536))

    def announced(self) -> None:
        self._begin(200, {"Content-Length": "10000000000"})

    def drip(self) -> None:
        self._begin(200, {"Content-Length": "1000"})
        for _ in range(1000):
            self.wfile.write(b".")
            self.wfile.flush()
            time.sleep(0.05)

    def headers_only(self) -> None:
        self._begin(200, {f"X-{number}": "x" * 50 for number in range(MANY)})

    def silent(self) -> None:
        time.sleep(3)

    def missing(self) -> None:
        self._answer(b"", {}, 404)

    def busy(self) -> None:
        self._answer(b"", {}, 503)

    def loop(self) -> None:
        self._answer(b"", {"Location": "/loop"}, 302)

    def moved(self) -> None:
        self._answer(b"", {"Location": "/hello"}, 302)

    def away(self) -> None:
        self._answer(b"", {"Location": self.server.elsewhere}, 302)

    def _answer(self, body: bytes, headers: dict[str, str], status: int = 200) -> None:
        self._begin(status, {"Content-Length": str(len(body)), **headers})
        self.wfile.write(body)

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def serve() -> Iterator[Server]:
    """A running server, ended afterwards."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
