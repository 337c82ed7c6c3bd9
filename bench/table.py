"""The one table of ``make bench``: a row, its verdict, the machine it was made on.

It must never soften a figure: a missed target is a miss, and a row that could not be
measured says why and counts as missed.
"""

import os
import platform
import shutil
import statistics
from dataclasses import dataclass

HEAD = ("what", "measured", "compared with", "result", "target", "")


@dataclass
class Row:
    """``passed`` None: there is no target, the figure is for information."""

    what: str
    measured: str
    compared: str = ""
    result: str = ""
    target: str = ""
    passed: bool | None = None

    @property
    def verdict(self):
        return {True: "pass", False: "MISS", None: ""}[self.passed]

    def cells(self):
        return (
            self.what,
            self.measured,
            self.compared,
            self.result,
            self.target,
            self.verdict,
        )


def broken(what, reason):
    """A row that could not be measured."""
    return Row(what, "not measured", result=str(reason)[:80], passed=False)


def show(rows):
    """The table as lines of text."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    told = [
        "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
    told.insert(1, "  ".join("-" * width for width in widths))
    return told


def machine(postgres=""):
    """One line about what all this ran on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    disk = shutil.disk_usage(".").free / 2**30
    load = "/".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, {disk:.0f} GB free, "
        f"{platform.system()} {platform.release()}, Python "
        f"{platform.python_version()}, {postgres}load {load}"
    )


def _processor():
    try:
        with open("/proc/cpuinfo") as handle:
            for line in handle:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        return platform.machine()
    return platform.machine()


# --- figures ----------------------------------------------------------------------
def ms(seconds):
    """Milliseconds of the best and of the middle one."""
    return f"{min(seconds) * 1000:.2f} ms (median {_median(seconds) * 1000:.2f})"


def _median(values):
    return statistics.median(values)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def at_least(ratio, wanted):
    return {
        "result": f"{ratio:.2f} ×",
        "target": f"≥ {wanted} ×",
        "passed": ratio >= wanted,
    }


def at_most(ratio, wanted):
    return {
        "result": f"{ratio:.2f} ×",
        "target": f"≤ {wanted} ×",
        "passed": ratio <= wanted,
    }
