"""Which secrets does this installation hold? Generated once into the data directory, one key per purpose."""

from __future__ import annotations

import base64
import fcntl
import json
import secrets as random
from pathlib import Path

from config import env

NAMES = ("SECRET_KEY", "STAFF_JWT_KEY", "FIELD_KEY", "BLIND_INDEX_KEY", "TOMBSTONE_KEY", "SANDBOX_SECRET")


SHORTEST = 32  # characters


def load(data_dir: Path) -> dict[str, str]:
    """The secrets by name: environment (or `*_FILE`) first, else `secrets.json`, made on the first call with mode 0600.

    Raises `env.BadEnvironment` for a secret that is short, well known or used for two purposes.
    """
    given = {name: value for name in NAMES if (value := env.text(name))}
    found = given if len(given) == len(NAMES) else {**_stored(data_dir), **given}
    for name, value in found.items():
        if len(value) < SHORTEST or len(set(value)) < 8 or value.startswith("django-insecure-"):
            raise env.BadEnvironment(f"{name}: too short or too simple; use {SHORTEST} random characters or more")
        if list(found.values()).count(value) > 1:
            raise env.BadEnvironment(f"{name}: shared with another purpose; each secret must be its own")
    return found


def _stored(data_dir: Path) -> dict[str, str]:
    """The content of `secrets.json`, completed under a lock so that two first starts agree."""
    path = data_dir / "secrets.json"
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stored: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        missing = [name for name in NAMES if name not in stored]
        for name in missing:
            # Django asks for 50 characters of its key; the field keys are 32 bytes by their cipher.
            size = 48 if name == "SECRET_KEY" else 32
            stored[name] = base64.urlsafe_b64encode(random.token_bytes(size)).decode()
        if missing:
            partial = path.with_suffix(".tmp")
            partial.touch(mode=0o600)
            partial.write_text(json.dumps(stored, indent=1))
            partial.replace(path)
    return {name: stored[name] for name in NAMES}
