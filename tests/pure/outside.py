"""Adapters of other addons in the contract suite: their harnesses, by file and name.

An addon imports ours by its name in Odoo; here there is no Odoo, so that these names
lead to the very packages that the tests use. It must never import Odoo itself.
"""

import importlib
import importlib.util
import os
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

OURS = "odoo.addons.helpdesk_social"
SAMPLE = Path(__file__).resolve().parents[1] / "outside" / "helpdesk_social_guestbook"
#: harnesses of other addons: ``file.py:Class``, separated by commas
VARIABLE = "HELPDESK_SOCIAL_HARNESS"


def harnesses() -> list:
    """The sample's, and those that the environment names.

    :raises LookupError: a file or class that is named is not there
    """
    found = [f"{SAMPLE / 'tests' / 'simulator.py'}:GuestbookHarness"]
    found += filter(None, os.environ.get(VARIABLE, "").split(","))
    return [_harness(one.strip()) for one in found]


def _harness(name: str):
    """An instance of ``/path/to/addon/tests/file.py:Class``."""
    file, _colon, wanted = name.rpartition(":")
    path = Path(file).resolve()
    if not path.is_file():
        raise LookupError(f"{VARIABLE}: there is no file {file!r}")
    _names()
    addon = path.parents[1]
    package = f"odoo.addons.{addon.name}"
    if package not in sys.modules:
        # the addon's own __init__ would ask for Odoo: its folders are enough
        for folder in (package, f"{package}.tests", f"{package}.networks"):
            inside = addon.joinpath(*folder.split(".")[3:])
            sys.modules[folder] = _folder(folder, inside)
    module = importlib.import_module(f"{package}.tests.{path.stem}")
    if not hasattr(module, wanted):
        raise LookupError(f"{VARIABLE}: there is no {wanted} in {file}")
    return getattr(module, wanted)()


def _names():
    """Our packages under their names in Odoo."""
    if OURS in sys.modules:
        return
    for name in ("odoo", "odoo.addons", OURS, f"{OURS}.tests"):
        sys.modules[name] = _folder(name)
    for name, there in (("networks", OURS), ("simulators", f"{OURS}.tests")):
        package = importlib.import_module(name)
        sys.modules[f"{there}.{name}"] = package
        setattr(sys.modules[there], name, package)
        for one in pkgutil.iter_modules(package.__path__):
            inner = importlib.import_module(f"{name}.{one.name}")
            sys.modules[f"{there}.{name}.{one.name}"] = inner


def _folder(name, path=None):
    module = ModuleType(name)
    module.__path__ = [str(path)] if path else []
    return module
