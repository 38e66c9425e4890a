"""What does another system answer? A real server on this machine, in the clear or over TLS, that keeps what it got."""

from __future__ import annotations

import datetime
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

JSON = {"Content-Type": "application/json"}


@dataclass
class Got:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any = None


@dataclass
class Answer:
    """What is sent back; `write` takes the rest of the connection into its own hands."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] | None = None
    write: Callable[[Any], None] | None = None


def said(data: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(data).encode())


class Backend(ThreadingHTTPServer):
    """Answers with `answers`, one after the other, and then with `usual` for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.got: list[Got] = []
        self.answers: list[Answer] = []
        self.usual = Answer()
        self.before: Callable[[Got], None] = lambda got: None
        self.scheme = "http"

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.place}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        return  # a client that gave up


class Page(BaseHTTPRequestHandler):
    server: Backend

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        got = Got(self.command, self.path, headers, json.loads(body) if body else None)
        self.server.got.append(got)
        self.server.before(got)
        wanted = self.server.answers.pop(0) if self.server.answers else self.server.usual
        self.send_response(wanted.status)
        headers = {**JSON, **(wanted.headers or {})}
        if wanted.write is None:
            headers.setdefault("Content-Length", str(len(wanted.body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if wanted.write is None:
            self.wfile.write(wanted.body)
        else:
            wanted.write(self.wfile)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def serve(certificate: Path | None = None) -> Iterator[Backend]:
    """A running server, over TLS if it is given a certificate (`certify`), ended afterwards."""
    server = Backend()
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.scheme = "https"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def certify(folder: Path, name: str) -> Path:
    """A certificate for this host name that only who trusts the file believes, with its key, as one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM) + secret)
    return path
