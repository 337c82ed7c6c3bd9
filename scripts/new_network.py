#!/usr/bin/env python3
"""Begin a network: adapter, catalogue record, icon, simulator, tests, README section.

What is written fails its tests until it is filled in; readme/NEW_NETWORK.md says how.
Nothing that is there already is ever overwritten.
"""

import argparse
import html
import re
import string
from pathlib import Path

from devkit import console, paths

TEMPLATES = Path(__file__).parent / "new_network"
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
#: template -> where it goes
FILES = {
    "adapter.py.txt": "networks/{code}.py",
    "simulator.py.txt": "tests/simulators/{code}.py",
    "test_pure.py.txt": "tests/pure/test_{code}.py",
    "test_odoo.py.txt": "tests/test_{code}.py",
    "icon.svg.txt": "static/img/networks/{code}.svg",
}
#: file, template or words, and the line that it goes before
PLACES = (
    (
        "data/helpdesk_social_network_data.xml",
        "record.xml.txt",
        '    <record id="channel_own_page"',
    ),
    ("README.md", "readme.md.txt", "### Several companies, one app"),
    ("tests/pure/contract_kit.py", "import.txt", "from simulators.mastodon import"),
    ("tests/pure/contract_kit.py", "harness.txt", "    SandboxHarness(),"),
    ("tests/__init__.py", "test_import.txt", "    test_real_bluesky,"),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("code", help="its code for ever: small letters, digits, _")
    parser.add_argument("--name", help="its name for people; default: from the code")
    parser.add_argument("--root", type=Path, default=paths.ROOT, help="the checkout")
    options = parser.parse_args()
    name = options.name or options.code.replace("_", " ").title()
    for written in begin(options.root, options.code, name):
        console.say(f"  {written}")
    console.say(f"{name} fails its tests now: readme/NEW_NETWORK.md says how to go on")


def begin(root: Path, code: str, name: str) -> list[str]:
    """Write all of it; the files, new and changed.

    :raises Failure: the code cannot be one, or is taken; nothing was written then
    """
    if not CODE.fullmatch(code):
        raise console.Failure(
            f"{code!r} cannot be a code: small letters, digits and single _ between"
        )
    if not name.strip() or not name.isprintable() or set(name) & set('"\\'):
        raise console.Failure('a name can be printed, and has no " and no \\ in it')
    words = {
        "code": code,
        "name": name,
        "xml": html.escape(name),
        "letter": html.escape(name.strip()[0].upper()),
        "Class": "".join(part.title() for part in code.split("_")),
    }
    new = {path.format(code=code): _filled(one, words) for one, path in FILES.items()}
    taken = [path for path in new if (root / path).exists()]
    if taken:
        raise console.Failure(f"{taken[0]} is there already")
    changed: dict[str, str] = {}
    for path, template, before in PLACES:
        text = changed.get(path) or (root / path).read_text()
        changed[path] = _put(text, _filled(template, words), before, path)
    for path, text in {**new, **changed}.items():
        (root / path).write_text(text)
    return [*new, *changed]


def _filled(template, words):
    return string.Template((TEMPLATES / template).read_text()).substitute(words)


def _put(text, more, before, path):
    """``more`` before the line that begins with ``before``."""
    start = f"\n{before}"
    if text.count(start) != 1:
        raise console.Failure(f"{path} has no line that begins with {before!r}")
    return text.replace(start, f"\n{more}{before}")


if __name__ == "__main__":
    console.main(main)
