"""The Odoo 19 source tree and the addons it needs.

Either the one named by the environment variable ODOO, or Debian's package unpacked in
the cache, completed with the files Debian took out. Must never change a tree it did
not unpack itself.
"""

import os
import re
import shutil
from pathlib import Path

from . import downloads, paths, venv
from .console import Failure, step

# Debian replaced files of Odoo by links into these packages. Taken from the stable
# suite: the icon font changed its shape and its file names later.
LINKED = (
    "fonts-font-awesome fonts-inconsolata fonts-montserrat fonts-ocr-b "
    "fonts-roboto-unhinted libjs-jquery libjs-jquery-form libjs-underscore"
).split()
# The web client's bundle names this file, Debian removed it.
SEGMENTATION = "selfie_segmentation/selfie_segmentation.js"
SEGMENTATION_PACKAGE = "@mediapipe/selfie_segmentation@0.1.1675465747"

# Of the checkout, but not of the addon.
NOT_ADDON = {"scripts", "bench", "build", "dist", "node_modules", "__pycache__"}


class Tree:
    """An Odoo source tree: what to put on sys.path, and what to start."""

    def __init__(self, root, program, addons):
        self.root = root
        self.program = program
        self.addons = [folder for folder in addons if folder.is_dir()]

    @property
    def version(self):
        text = (self.root / "odoo" / "release.py").read_text()
        found = re.search(r"version_info = \((\d+), (\d+), (\d+)", text)
        return ".".join(found.groups())


def get():
    """The tree to use; fetched first if need be."""
    given = os.environ.get("ODOO")
    if given:
        return _existing(Path(given).expanduser().resolve())
    base = paths.cache("odoo")
    with paths.cache_lock("odoo"):
        known = sorted(base.glob("[0-9]*"), key=lambda path: path.stat().st_mtime)
        if not known:
            known = [_fetch(base)]
    return _debian(known[-1])


def _debian(folder):
    root = folder / "usr/lib/python3/dist-packages"
    return Tree(root, folder / "usr/bin/odoo", [root / "odoo/addons"])


def _existing(path):
    root = path.parent if path.is_file() else path
    if not (root / "odoo" / "release.py").exists():
        raise Failure(f"ODOO={path} is neither an odoo-bin nor an Odoo source tree")
    program = path if path.is_file() else root / "odoo-bin"
    if not program.exists():
        program = Path(__file__).with_name("program") / "odoo-bin"
    tree = Tree(root, program, [root / "odoo/addons", root / "addons"])
    if not tree.version.startswith("19."):
        raise Failure(f"ODOO={path} is Odoo {tree.version}; this addon is for Odoo 19")
    return tree


def _fetch(base):
    with step("downloading Odoo 19 (122 MB, once per user)"):
        sid, stable = downloads.Suite("sid"), downloads.Suite("trixie")
        target = base / sid.version("odoo-19")
        with paths.appearing(target) as draft:
            sid.unpack(["odoo-19"], draft)
            stable.unpack(LINKED, draft)
            tree = _debian(draft)
            _complete(tree)
    return target


def _complete(tree):
    """Put back the file that blurs backgrounds in calls; nothing else needs it."""
    target = tree.addons[0] / "mail/static/lib" / SEGMENTATION
    if shutil.which("npm"):
        downloads.npm_file(SEGMENTATION_PACKAGE, target.name, target)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("// left out: there was no npm to fetch it with\n")


def helpdesk_addons():
    """The folder with the OCA addons this one depends on."""
    pins = paths.ROOT / "requirements-addons.txt"
    target = paths.cache("addons", paths.digest(pins.read_bytes()))
    with paths.cache_lock("addons"):
        if not target.exists():
            with (
                step("downloading helpdesk_mgmt and what it may be used with"),
                paths.appearing(target) as draft,
            ):
                venv.install(draft, pins)
    return target / "odoo" / "addons"


def addons_path(tree):
    """All folders of addons: this checkout's, OCA's, Odoo's."""
    with paths.lock(paths.work("locks", "addons")):
        return [_own(), helpdesk_addons(), *tree.addons]


def _own():
    """The checkout under its technical name.

    A folder of links, not one link: the work folder inside the checkout must not be
    part of the addon, or whoever follows links walks in circles.
    """
    view = paths.work("addons") / paths.ADDON
    if view.is_symlink():
        view.unlink()
    view.mkdir(parents=True, exist_ok=True)
    wanted = {
        path.name: path
        for path in paths.ROOT.iterdir()
        if not path.name.startswith(".") and path.name not in NOT_ADDON
    }
    for link in view.iterdir():
        if link.name not in wanted:
            link.unlink() if link.is_symlink() else shutil.rmtree(link)
    for name, path in wanted.items():
        link = view / name
        if not link.is_symlink() or link.readlink() != path:
            link.unlink(missing_ok=True)
            link.symlink_to(path)
    return view.parent
