"""What differs under test? The data directory is scratch, servers start when none are named, hashing is cheap."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "THROUGHLINE_DATA" not in os.environ:
    # Parallel test processes inherit this variable, so only the first one makes, and removes, the directory.
    scratch = Path(tempfile.mkdtemp(prefix="throughline-test-"))
    os.environ["THROUGHLINE_DATA"] = str(scratch)
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)

if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
    from config import embedded
    from tests import cluster

    servers = embedded.Servers(Path(os.environ["THROUGHLINE_DATA"]), durable=False)
    atexit.register(servers.stop)
    made = os.environ.get(cluster.MADE, "") if "DATABASE_URL" not in os.environ else ""
    with cluster.begun_with(made):
        os.environ.update(servers.start())
    if made:
        os.environ[cluster.DATABASE] = embedded.postgres.DATABASE

worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
if worker:
    # Parallel test processes share the server: each counts callers, and beats its heart, in a database of its own.
    address, _, _ = os.environ["REDIS_URL"].partition("?")
    root = address.removesuffix("/0") if address.startswith("redis") else address
    number = int(worker) + 1
    os.environ["REDIS_URL"] = f"{root}/{number}" if root.startswith("redis") else f"{root}?db={number}"

os.environ.setdefault("SANDBOX", "1")
os.environ.setdefault("ALLOW_UNSAFE_DATABASE", "1")
os.environ.setdefault("HANDOVER_UNDO_SEND", "0")  # a reply goes at once, but where its delay is what is tested

from config.settings import *  # noqa: E402, F403 -- the environment above must be set before the settings read it

if template := os.environ.get("TEST_TEMPLATE"):
    DATABASES["default"]["TEST"]["TEMPLATE"] = template  # noqa: F405 -- from the settings above

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SANDBOX_CLOCK = False  # a test moves its own clock
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
HUB_CHANNEL = f"throughline:hub:test:{os.getpid()}"  # test processes share one Redis
REST_FRAMEWORK = {**REST_FRAMEWORK, "EXCEPTION_HANDLER": "tests.naming.handle"}  # noqa: F405 -- from the settings above
