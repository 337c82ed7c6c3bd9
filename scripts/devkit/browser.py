"""The browser for Hoot and tours: Debian's chromium.

Must never let a browser test be skipped: without a browser there is an error.
"""

import os
import shutil
import subprocess
from pathlib import Path

from . import downloads, paths
from .console import Failure, step

NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")


def find():
    """A browser Odoo would find, or the one in the cache."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    own = paths.cache("chromium", "bin", "chromium")
    return own if own.exists() else None


def ensure():
    """A browser that starts; installed first if need be."""
    found = find()
    if not found:
        found = _install() if os.geteuid() == 0 else _unpack()
    _check(found)
    return found


def _check(program):
    check = subprocess.run([program, "--version"], capture_output=True, text=True)
    if check.returncode:
        told = (check.stderr or check.stdout).strip().splitlines()[-1:]
        raise Failure(f"chromium does not start: {' '.join(told)}")


def _install():
    with paths.cache_lock("chromium"), step("installing chromium"):
        downloads.apt_install("chromium", "fonts-dejavu-core")
    found = find()
    if not found:
        raise Failure("chromium was installed but is not in PATH")
    return found


def _unpack():
    """Without root: this release's chromium in the cache, with libraries of its own."""
    target = paths.cache("chromium")
    with paths.cache_lock("chromium"):
        if not target.exists():
            with (
                step("downloading chromium (once per user)"),
                paths.appearing(target) as draft,
            ):
                suite = downloads.Suite(downloads.release())
                needed = suite.closure("chromium", "fonts-dejavu-core")
                # The C library and its loader must be the machine's own pair.
                needed.remove("libc6")
                downloads.unpack_root(suite, needed, draft / "root")
                _launcher(draft)
                _check(draft / "bin" / "chromium")
    return target / "bin" / "chromium"


def _launcher(folder):
    """A `chromium` that finds its libraries beside it."""
    script = folder / "bin" / "chromium"
    script.parent.mkdir()
    script.write_text(
        "#!/bin/sh\n"
        'root=$(dirname "$(dirname "$(readlink -f "$0")")")/root\n'
        'for folder in "$root"/usr/lib/*-linux-gnu "$root"/usr/lib/*/pulseaudio; do\n'
        '  LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder"\n'
        "done\n"
        'export LD_LIBRARY_PATH FONTCONFIG_SYSROOT="$root"\n'
        'exec "$root/usr/lib/chromium/chromium" --no-sandbox "$@"\n'
    )
    script.chmod(0o755)
