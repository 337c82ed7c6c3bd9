#!/usr/bin/env python3
"""Check style and OCA rules: ruff, and pylint with pylint-odoo on the addon."""

import argparse
import os
import subprocess
from pathlib import Path

from devkit import console, odoo_tree, paths, venv

# Tooling and pure tests are no part of what Odoo loads.
FOLDERS = ("controllers", "migrations", "models", "networks", "texts", "wizards")
# Only asked of what OCA publishes; the README is Markdown; a big model is several
# files, one idea each.
NOT_OURS = "manifest-required-author,missing-readme,consider-merging-classes-inherited"
FILES = ("__init__.py", "__manifest__.py")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fix", action="store_true", help="let ruff fix what it can")
    options = parser.parse_args()
    python, tree = venv.get(), odoo_tree.get()
    addons = odoo_tree.addons_path(tree)[0]
    environment = {**os.environ, "PYTHONPATH": str(tree.root)}
    ruff = [python, "-m", "ruff"]
    if options.fix:
        checks = [
            ("ruff check", [*ruff, "check", "--fix"], paths.ROOT),
            ("ruff format", [*ruff, "format"], paths.ROOT),
        ]
    else:
        checks = [
            ("ruff check", [*ruff, "check"], paths.ROOT),
            ("ruff format", [*ruff, "format", "--check"], paths.ROOT),
            ("pylint-odoo", pylint(python, addons), addons),
        ]
    failed = 0
    for title, command, folder in checks:
        console.say(f"- {title}")
        command = [str(word) for word in command]
        failed += bool(subprocess.run(command, cwd=folder, env=environment).returncode)
    return 1 if failed else 0


def pylint(python, addons):
    """pylint on the addon under its technical name, as Odoo would import it."""
    known = [Path(paths.ADDON, name) for name in (*FILES, *FOLDERS)]
    return [
        *(python, "-m", "pylint", f"--rcfile={paths.ROOT / '.pylintrc'}"),
        *(f"--source-roots={addons}", "--jobs=2", f"--disable={NOT_OURS}"),
        *[path for path in known if (addons / path).exists()],
    ]


console.main(main)
