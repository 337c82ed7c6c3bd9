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
    config.addinivalue_line("markers", "contract: a case of the adapter contract")


def pytest_terminal_summary(terminalreporter):
    """The tables adapter × contract case, and network × what the desk can do there."""
    _contract(terminalreporter)
    _desk(terminalreporter)


def _contract(terminalreporter):
    outcomes = {}
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, ()):
            name = report.nodeid.rpartition("::")[2]
            if "test_contract.py" in report.nodeid and "[" in name:
                case, _, code = name.rstrip("]").partition("[")
                outcomes[case, code] = outcome
    if not outcomes:
        return
    codes = sorted({code for _case, code in outcomes})
    cases = list(dict.fromkeys(case for case, _code in outcomes))
    width = max(map(len, cases))
    marks = {"passed": "yes", "failed": "NO", "error": "NO"}
    terminalreporter.write_line("")
    terminalreporter.write_line(f"{'contract':<{width}}  " + "  ".join(codes))
    for case in cases:
        rows = [(marks.get(outcomes.get((case, code)), "-"), code) for code in codes]
        terminalreporter.write_line(
            f"{case:<{width}}  "
            + "  ".join(f"{cell:<{len(code)}}" for cell, code in rows)
        )


def _desk(terminalreporter):
    """What ``test_desk_acts`` found; nothing when it did not run."""
    found = getattr(sys.modules.get("test_desk_acts"), "TABLE", {})
    if not found:
        return
    codes = sorted({code for row in found.values() for code in row})
    width = max(map(len, found))
    widths = [
        max(len(code), *(len(row.get(code, "-")) for row in found.values()))
        for code in codes
    ]
    head = [f"{code:<{size}}" for code, size in zip(codes, widths, strict=True)]
    terminalreporter.write_line("")
    terminalreporter.write_line(f"{'desk':<{width}}  " + "  ".join(head))
    for act, row in sorted(found.items()):
        cells = [
            f"{row.get(code, '-'):<{size}}"
            for code, size in zip(codes, widths, strict=True)
        ]
        terminalreporter.write_line(f"{act:<{width}}  " + "  ".join(cells))
    terminalreporter.write_line("")
