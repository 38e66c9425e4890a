"""How does a browser reach the product inside the test process, on the test database?"""

from __future__ import annotations

import socket
import threading
import time

import uvicorn


class Site:
    """The product's ASGI application on a free port of this process, on the test database."""

    def __init__(self) -> None:
        from config.asgi import application

        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        options = uvicorn.Config(application, lifespan="off", log_level="warning", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(options)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]}, daemon=True)

    def start(self) -> None:
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        self.listener.close()
