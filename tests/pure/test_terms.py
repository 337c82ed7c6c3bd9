"""The words of adapters: all of them are among the terms to translate."""

import ast
import re
from pathlib import Path

import pytest

from networks import base, items, registry, terms

ROOT = Path(__file__).resolve().parents[2]
POT = ROOT / "i18n" / "helpdesk_social.pot"
#: what Odoo writes about a term that it found marked in an adapter's file
FOUND = re.compile(r"^#: code:addons/helpdesk_social/networks/\w+\.py:0$", re.M)
ADAPTERS = sorted(registry.adapters().items())


def exported():
    """Terms of Python code in ``networks/`` that the .pot has."""
    found = set()
    for entry in POT.read_text().split("\n\n"):
        if "#. odoo-python" not in entry or not FOUND.search(entry):
            continue
        quoted = entry.partition("\nmsgid ")[2].partition("\nmsgstr ")[0]
        found.add("".join(ast.literal_eval(one) for one in quoted.splitlines()))
    return found


def said(adapter_class):
    """Every word an adapter has for people, with the place it is in."""
    for one in adapter_class.settings_spec:
        yield f"label of {one.key}", one.label
        yield f"help of {one.key}", one.help
    yield "block_means", adapter_class.block_means
    for name in ("scopes", "stream_labels", "price_labels"):
        for key, words in getattr(adapter_class, name).items():
            yield f"{name}: {key}", words
            if " " in key:
                # a network that has no name for a right; ours is shown
                yield name, key


@pytest.mark.parametrize("code, adapter_class", ADAPTERS)
def test_every_word_of_an_adapter_can_be_translated(code, adapter_class):
    known = exported()
    lacking = [
        f"{place}: {words}"
        for place, words in said(adapter_class)
        if words and words not in known
    ]
    assert not lacking, "mark them by terms._lt, then run make pot"


def test_every_stream_and_every_charge_has_a_name():
    for code, adapter_class in ADAPTERS:
        for kind in (*adapter_class.prices, *adapter_class.quota_costs):
            assert adapter_class.price_labels.get(kind), (code, kind)
        if len(adapter_class.streams) > 1 and adapter_class.stream_labels:
            assert set(adapter_class.stream_labels) == set(adapter_class.streams), code


def test_who_can_block_says_what_that_means():
    for code, adapter_class in ADAPTERS:
        means = adapter_class.block_means
        assert adapter_class.can(base.BLOCK) == bool(means), code
        assert not means or (means.startswith("They ") and means.endswith(".")), code


def test_a_marked_word_stays_what_it_is():
    assert terms._lt("Posts read") == "Posts read"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "networks").glob("*.py")), ids=lambda path: path.name
)
def test_only_whole_texts_are_marked(path):
    """What is put together at run time is in no .pot."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_lt":
            [text] = node.args
            assert isinstance(text, ast.Constant), node.lineno


@pytest.mark.parametrize("code, adapter_class", ADAPTERS)
def test_what_is_needed_is_never_folded_away(code, adapter_class):
    for one in adapter_class.settings_spec:
        assert not (one.advanced and one.required), one.key
        # the server has a place of its own in the dialog
        assert not (one.advanced and one.key == adapter_class.host_setting), one.key


def test_a_setting_is_not_folded_unless_its_adapter_says_so():
    assert not items.Setting("key", "Label").advanced
