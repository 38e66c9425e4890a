"""Which mailbox do the tests read? A real IMAP server on this machine, in a thread, with IDLE."""

from __future__ import annotations

import argparse
import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from imap_tools import MailBoxUnencrypted
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, DictBackend
from pymap.imap import IMAPServer, IMAPService
from pymap.mailbox import MailboxSnapshot
from pysasl.hashing import Cleartext

USER, PASSWORD = "support", "secret"


class Mailbox:
    """A server with one user; `put` delivers a mail, `renumber` gives the folder another UIDVALIDITY."""

    def __init__(self, loop: asyncio.AbstractEventLoop, config: Config, port: int) -> None:
        self.loop, self.config, self.port = loop, config, port

    @property
    def settings(self) -> dict[str, Any]:
        return {"esp": "", "imap_host": "127.0.0.1", "imap_port": self.port, "imap_user": USER, "imap_security": "none"}

    def put(self, *mails: bytes) -> None:
        with MailBoxUnencrypted("127.0.0.1", self.port, timeout=5).login(USER, PASSWORD) as box:
            for mail in mails:
                box.append(mail, "INBOX", dt=datetime.now(UTC))

    def flags(self) -> list[tuple[str, ...]]:
        with MailBoxUnencrypted("127.0.0.1", self.port, timeout=5).login(USER, PASSWORD) as box:
            return [mail.flags for mail in box.fetch(mark_seen=False, bulk=False)]

    def renumber(self) -> None:
        async def change() -> None:
            inbox = await self.config.set_cache[USER][0].get_mailbox("INBOX")
            inbox._uid_validity = MailboxSnapshot.new_uid_validity() + 1

        asyncio.run_coroutine_threadsafe(change(), self.loop).result(5)


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """The server, for as long as the block runs."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="imap", daemon=True).start()
    server, found = asyncio.run_coroutine_threadsafe(_start(), loop).result(10)
    found.loop = loop
    try:
        yield found
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)


async def _stop(server: asyncio.AbstractServer) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _start() -> tuple[asyncio.AbstractServer, Mailbox]:
    parser = argparse.ArgumentParser()
    IMAPService.add_arguments(parser)
    DictBackend.add_subparser("dict", parser.add_subparsers())
    words = ["--no-tls", "dict", "--demo-user", USER, "--demo-password", PASSWORD]
    args = parser.parse_args(words, argparse.Namespace(passlib_cfg=None, debug=False))
    backend, config = await DictBackend.init(args, hash_context=Cleartext(), reject_dnsbl=False)
    config.apply_context()
    callback = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
    server = await asyncio.start_server(callback, "127.0.0.1", 0)
    return server, Mailbox(asyncio.get_running_loop(), config, server.sockets[0].getsockname()[1])
