"""Where do embedded servers keep data and sockets, and as whom do they run? PostgreSQL refuses to run as root."""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SERVICE_USER = "throughline"
LONGEST_SOCKET_PATH = 107  # bytes; sockaddr_un.sun_path holds 108 with its final zero
LONGEST_SOCKET_NAME = len("/.s.PGSQL.5432.lock")


class CannotServe(Exception):
    """An embedded server cannot run here; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """The user that servers run as; `None` means the current one."""

    uid: int | None = None
    gid: int | None = None

    def owner(self) -> int:
        """The uid that owns what this account makes."""
        return os.geteuid() if self.uid is None else self.uid


def account() -> Account:
    """The current user, or, for root, an unprivileged one, made when missing (`nobody` where it cannot be)."""
    if os.geteuid() != 0:
        return Account()
    for name in (SERVICE_USER, "nobody"):
        if name == SERVICE_USER and not exists(name):
            subprocess.run(
                ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name], check=False
            )
        if exists(name):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise CannotServe("PostgreSQL cannot run as root and no unprivileged user could be made: run as another user.")


def exists(user: str) -> bool:
    """Whether the system knows this user."""
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def runtime_dir(data_dir: Path) -> Path:
    """The short directory of the sockets of a data directory: a pure function, so that every process finds it."""
    digest = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:10]
    name = f"throughline-{os.geteuid()}-{digest}"
    bases = [Path(tempfile.gettempdir()), Path("/tmp")]
    session = os.environ.get("XDG_RUNTIME_DIR", "")
    if session and os.geteuid() != 0 and os.access(session, os.W_OK):
        bases.insert(0, Path(session))
    for base in bases:
        if len(os.fsencode(base / name)) + LONGEST_SOCKET_NAME <= LONGEST_SOCKET_PATH:
            return base / name
    raise CannotServe("No directory for sockets has a path short enough: set TMPDIR to a shorter one.")


def private_dir(path: Path, owner: Account) -> Path:
    """Makes `path` a directory that only `owner` may enter; refuses one that somebody else laid there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), owner.owner()):
        raise CannotServe(f"{path} belongs to another user: remove it, or set another TMPDIR.")
    if owner.uid is not None and owner.gid is not None:
        os.chown(path, owner.uid, owner.gid)
    path.chmod(0o700)
    return path


def open_way(target: Path, owner: Account) -> None:
    """Lets the unprivileged account reach `target`: adds the search right to the directories above that lack it."""
    if owner.uid is None:
        return
    for directory in target.resolve().parents:
        mode = directory.stat().st_mode
        if not mode & stat.S_IXOTH and directory.stat().st_uid != owner.uid:
            print(f"Allowing the user of the embedded servers to pass through {directory} (chmod o+x).")  # noqa: T201 -- the operator must see it
            directory.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def readable_tree(root: Path, owner: Account) -> None:
    """Lets the unprivileged account read and run the files below `root`, whatever umask they were installed with."""
    if owner.uid is None or (root.stat().st_mode & stat.S_IROTH and root.stat().st_mode & stat.S_IXOTH):
        return
    for path in [root, *root.rglob("*")]:
        if path.is_symlink():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        runnable = path.is_dir() or bool(mode & stat.S_IXUSR)
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if runnable else 0))
