"""Where do widget tests run? The product on one port with its worker, and sites that embed it on other ports."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import uvicorn
from django.db import close_old_connections

from channels_app import ingest, webhooks

# A site whose own rules are strict, and whose style sheet and script do their worst.
PAGE = """<!doctype html><html lang="en"><head><title>A shop</title>
<style>div, button, iframe, svg, span {{ display: none !important; opacity: .1 !important; font-size: 90px }}</style>
<script>Object.prototype.polluted = undefined; window.name = "shop"</script>
<script>window.Throughline = window.Throughline || [];
Throughline.push(["on", "open", () => window.opened = true])</script>
<script src="{widget}/widget.js" data-channel="web-shop" async></script></head>
<body><form id="Throughline2"><input name="channel"></form><main>A shop</main></body></html>"""


class Product:
    """The ASGI application on a free port, and a thread that does the worker's part."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self.listener.getsockname()[1]}"
        options = uvicorn.Config(
            self.application, interface="asgi3", lifespan="off", log_level="warning", timeout_graceful_shutdown=1
        )
        self.server = uvicorn.Server(options)
        self.is_over = False
        self.threads = [
            threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]}, daemon=True),
            threading.Thread(target=self._work, daemon=True),
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()
        while not self.server.started:
            time.sleep(0.02)

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        from config.asgi import application

        self.loop = asyncio.get_running_loop()
        await application(scope, receive, send)

    def stop(self) -> None:
        if self.loop is not None:
            asyncio.run_coroutine_threadsafe(webhooks.shutdown(), self.loop).result(5)
        self.is_over = self.server.should_exit = True
        for thread in self.threads:
            thread.join(10)
        self.listener.close()

    def _work(self) -> None:
        while not self.is_over:
            ingest.drain()
            close_old_connections()
            time.sleep(0.05)


class Embedder:
    """Another site, on an origin of its own."""

    def __init__(self, widget: str) -> None:
        body = PAGE.format(widget=widget).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
