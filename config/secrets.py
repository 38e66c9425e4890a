"""Which secrets does this installation hold? Generated once into the data directory, one key per purpose."""

from __future__ import annotations

import base64
import json
import os
import secrets as random
from pathlib import Path

from config import env

NAMES = ("SECRET_KEY", "STAFF_JWT_KEY", "FIELD_KEY", "BLIND_INDEX_KEY", "VISITOR_TOKEN_KEY", "SANDBOX_SECRET")


def load(data_dir: Path) -> dict[str, str]:
    """The secrets by name: environment (or `*_FILE`) first, else `secrets.json`, made on the first call with mode 0600."""
    path = data_dir / "secrets.json"
    stored: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in NAMES if not env.text(name) and name not in stored]
    if missing:
        data_dir.mkdir(parents=True, exist_ok=True)
        for name in missing:
            stored[name] = base64.urlsafe_b64encode(random.token_bytes(32)).decode()
        partial = path.with_suffix(f".{os.getpid()}.tmp")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(stored, indent=1))
        partial.replace(path)
    return {name: env.text(name) or stored[name] for name in NAMES}
