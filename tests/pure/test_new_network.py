"""``make new-network``: what it writes fails its tests until it is filled in.

In a copy of the checkout's parts that it touches; filled in with the sample network of
``tests/outside``, which says the same things to another import.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "outside" / "helpdesk_social_guestbook"
PARTS = (
    "networks",
    "tests/pure/conftest.py",
    "tests/pure/contract_kit.py",
    "tests/pure/outside.py",
    "tests/pure/test_contract.py",
    "tests/simulators",
    "tests/outside",
    "tests/__init__.py",
    "static/img/networks",
    "data/helpdesk_social_network_data.xml",
    "README.md",
    "pyproject.toml",
)
#: cases that a network passes by what it says of itself
SAYS = {"test_says_who_it_is"}


@pytest.fixture
def begin(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import new_network

    return new_network.begin


@pytest.fixture
def checkout(tmp_path):
    for part in PARTS:
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    return tmp_path


def contract(root, code):
    """{case: outcome} of one network in a checkout."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "tests/pure/", "-k", code],
        cwd=root,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    lines = re.findall(
        r"^(PASSED|FAILED|ERROR) \S+?::(\w+)(?:\[\w+\])?", done.stdout, re.M
    )
    return {case: outcome for outcome, case in lines}, done.stdout


def everything(root):
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_it_fails_until_it_is_filled_in(begin, checkout):
    begin(checkout, "slate_book", "Slate & Book")
    asked, told = contract(checkout, "slate_book")
    assert len(asked) > 20, told
    assert {case for case, outcome in asked.items() if outcome == "PASSED"} <= SAYS
    assert asked["test_what_is_odd_about_it"] == "ERROR"

    adapter = (SAMPLE / "networks/guestbook.py").read_text()
    adapter = adapter.replace(
        "from odoo.addons.helpdesk_social.networks import", "from . import"
    )
    adapter = adapter.replace("from odoo.addons.helpdesk_social.networks.", "from .")
    adapter = adapter.replace('code = "guestbook"', 'code = "slate_book"')
    (checkout / "networks/slate_book.py").write_text(
        adapter.replace("Guestbook", "SlateBook")
    )
    server = (SAMPLE / "tests/simulator.py").read_text()
    server = server.replace("odoo.addons.helpdesk_social.tests.simulators", "")
    server = re.sub(
        r"    @property\n    def adapter_class.*?\n\n    def",
        "    def",
        server,
        flags=re.S,
    )
    server = server.replace('code = "guestbook"', 'code = "slate_book"')
    (checkout / "tests/simulators/slate_book.py").write_text(
        server.replace("Guestbook", "SlateBook")
    )
    filled, told = contract(checkout, "slate_book")
    assert filled.pop("test_what_is_odd_about_it") == "FAILED"
    assert set(filled.values()) == {"PASSED"}, told
    # the sample can delete as well, which the skeleton does not declare
    asked.pop("test_what_is_odd_about_it")
    assert filled.keys() - asked.keys() == {"test_our_own_reply_can_be_deleted"}
    assert asked.keys() <= filled.keys()


def test_it_is_entered_where_it_must_be_known(begin, checkout):
    before = everything(checkout)
    written = begin(checkout, "slate", "O'Slate <&>")
    now = everything(checkout)
    assert {path for path in now if now[path] != before.get(path)} == set(written)
    record = now["data/helpdesk_social_network_data.xml"].decode()
    assert '<field name="name">O&#x27;Slate &lt;&amp;&gt;</field>' in record
    assert "### O'Slate <&>" in now["README.md"].decode()
    assert "    test_slate,\n" in now["tests/__init__.py"].decode()
    for path in written:
        if path.endswith(".py"):
            compile(now[path], path, "exec")


@pytest.mark.parametrize(
    "code", ["", "Slate", "1st", "a-b", "../x", "a__b", "_a", "a_", "é", "a b", "x;y"]
)
def test_what_cannot_be_a_code_writes_nothing(begin, checkout, code):
    before = everything(checkout)
    with pytest.raises(Exception, match="cannot be a code"):
        begin(checkout, code, "Name")
    assert everything(checkout) == before


@pytest.mark.parametrize("name", ["", "  ", 'Say "hi"', "two\nlines", "back\\slash"])
def test_what_cannot_be_a_name_writes_nothing(begin, checkout, name):
    before = everything(checkout)
    with pytest.raises(Exception, match="a name can be printed"):
        begin(checkout, "slate", name)
    assert everything(checkout) == before


def test_nothing_is_overwritten(begin, checkout):
    before = everything(checkout)
    with pytest.raises(Exception, match="is there already"):
        begin(checkout, "telegram", "Telegram")
    (checkout / "README.md").write_text("another README")
    with pytest.raises(Exception, match="README.md has no line"):
        begin(checkout, "slate", "Slate")
    assert everything(checkout) == {**before, "README.md": b"another README"}
