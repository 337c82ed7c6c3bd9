"""The Python environment for Odoo, the tests and lint; keyed by what is pinned.

Must never install into the machine's own Python.
"""

import importlib.util
import os
import shutil
import sys

from . import paths
from .console import Failure, step
from .downloads import apt_install, run

PINS = ("requirements-odoo.txt", "requirements-test.txt")


def get():
    """The environment's python; made first if need be."""
    pins = [paths.ROOT / name for name in PINS]
    version = ".".join(map(str, sys.version_info[:3]))
    key = paths.digest(version, sys.base_prefix, *[pin.read_bytes() for pin in pins])
    target = paths.cache("venv", f"{version}-{key}")
    done = target / "complete"
    with paths.cache_lock("venv"):
        if not done.exists():
            # A virtual environment cannot be moved, so completeness is a file in it.
            shutil.rmtree(target, ignore_errors=True)
            with step("installing Python packages (once per set of pins)"):
                _make(target, pins)
            done.touch()
    return target / "bin" / "python"


def _make(target, pins):
    target.parent.mkdir(parents=True, exist_ok=True)
    if not importlib.util.find_spec("ensurepip"):
        if os.geteuid():
            raise Failure(
                "python3 cannot make environments; please install python3-venv"
            )
        apt_install("python3-venv")
    run([sys.executable, "-m", "venv", target], what="making a Python environment")
    pip = [target / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input"]
    for pin in pins:
        pip += ["-r", pin]
    try:
        run(pip, what="installing Python packages")
    except Failure:
        shutil.rmtree(target, ignore_errors=True)
        raise


def install(folder, pins):
    """Unpack pinned wheels into a folder, without what they depend on."""
    pip = [
        get(),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--no-deps",
        "--no-compile",
    ]
    run([*pip, "--target", folder, "-r", pins], what="downloading from PyPI")
