"""Pure tests see ``networks`` and ``simulators`` as top-level packages.

They must never import odoo: they run in milliseconds without a database.
"""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


class PlainFolders:
    """The addon and its tests are Odoo's packages: pytest must not import them."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path, parent):
        if path in (ROOT, ROOT / "tests"):
            return pytest.Dir.from_parent(parent, path=path)
        return None


def pytest_configure(config):
    config.pluginmanager.register(PlainFolders())
