"""The rooms keep to themselves: what may import what, checked on the syntax tree."""

import ast
from pathlib import Path

import pytest

from networks import registry

ROOT = Path(__file__).resolve().parents[2]
NETWORKS = sorted((ROOT / "networks").glob("*.py"))
TEXTS = sorted((ROOT / "texts").glob("*.py"))
MODELS = sorted((ROOT / "models").glob("*.py")) + sorted(
    (ROOT / "wizards").glob("*.py")
)


def imports(path):
    """(level, module, names) of each import statement of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield 0, name.name, ()
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or "", [one.name for one in node.names]


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.name)
def test_networks_know_nothing_of_odoo(path):
    for level, module, _names in imports(path):
        assert module.partition(".")[0] != "odoo"
        assert level <= 1, "only the package's own relatives"
        if module.partition(".")[0] in ("requests", "urllib3", "socket", "http"):
            assert path.name in ("transport.py", "connection.py"), module


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_texts_know_nothing_but_words(path):
    for level, module, _names in imports(path):
        top = module.partition(".")[0]
        assert top not in ("odoo", "requests", "urllib3", "socket", "http"), module
        assert level <= 1, "only the package's own relatives"


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_models_open_no_socket(path):
    for _level, module, _names in imports(path):
        top = module.partition(".")[0]
        assert top not in ("requests", "urllib3", "socket", "http", "httpx"), module


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_no_model_knows_a_network_by_name(path):
    """Only the sandbox's own store may say its name."""
    codes = set(registry.adapters())
    if "sandbox" in path.name:
        codes.discard("sandbox")
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    # a letter between two values is no name: X is called "x"
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            docs |= {id(one) for one in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docs:
                assert node.value not in codes, f"line {node.lineno}: {node.value}"
        if isinstance(node, ast.ImportFrom):
            assert not codes & {one.name for one in node.names}, node.lineno


def test_every_adapter_is_found_by_its_file():
    adapters = registry.adapters()
    assert {"bluesky", "mastodon", "telegram", "sandbox", "x"} <= set(adapters)
    for code, adapter_class in adapters.items():
        assert (ROOT / "networks" / f"{code}.py").exists()
        assert adapter_class.code == code


def test_simulators_share_no_code_with_adapters():
    for path in (ROOT / "tests" / "simulators").glob("*.py"):
        for _level, module, _names in imports(path):
            assert "networks" not in module.split("."), path.name
