"""Where things live: the checkout, the per-user cache, the work folder; and file locks.

The cache holds what was downloaded and may be shared by any number of checkouts. The
work folder holds what belongs to one checkout: databases, logs, pid records. Must
never point outside them.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDON = "helpdesk_social"


def cache(*parts):
    base = os.environ.get("HELPDESK_SOCIAL_CACHE")
    if not base:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        base = Path(home) / ADDON
    return Path(base).resolve().joinpath(*parts)


def work(*parts):
    base = os.environ.get("HELPDESK_SOCIAL_WORK") or ROOT / ".work"
    return Path(base).resolve().joinpath(*parts)


def work_dir(*parts):
    path = work(*parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


def digest(*texts):
    """A short name for a state of things, for use as a key."""
    summary = hashlib.sha256()
    for text in texts:
        summary.update(text if isinstance(text, bytes) else str(text).encode())
        summary.update(b"\0")
    return summary.hexdigest()[:12]


@contextlib.contextmanager
def lock(path, shared=False):
    """Hold a file lock; waits for whoever else is at it. Yields the file descriptor."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield handle.fileno()


@contextlib.contextmanager
def cache_lock(name):
    with lock(cache("locks", name)):
        yield


@contextlib.contextmanager
def appearing(target):
    """Build a folder under another name; it appears as `target` when complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        draft.chmod(0o755)
        yield draft
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextlib.contextmanager
def scratch():
    """A folder of one's own in the cache, gone afterwards."""
    base = cache("tmp")
    base.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base) as folder:
        yield Path(folder)
