"""Read what Odoo and pytest say about their tests.

A run without tests, a skipped test or a crash must never look like a success.
"""

import re
from dataclasses import dataclass, field

LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (\w+) \S+ (\S+): (.*)$")
TOTAL = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
HOOT = re.compile(r"\[HOOT\] Passed (\d+) tests?")


@dataclass
class Result:
    """What one stage came to.

    `problems` are texts to show a person; `table` is shown even when all is well.
    """

    tests: int = 0
    failed: int = 0
    problems: list = field(default_factory=list)
    table: str = ""

    @property
    def passed(self):
        return max(self.tests - self.failed, 0)

    def fail(self, problem):
        self.failed += 1
        self.tests = max(self.tests, self.failed)
        self.problems.append(problem)


def entries(text):
    """Odoo's log as (level, logger, message); what follows a line belongs to it."""
    current = None
    for line in text.splitlines():
        found = LINE.match(line)
        if found:
            if current:
                yield current[0], current[1], "\n".join(current[2])
            current = (found[1], found[2], [found[3]])
        elif current:
            current[2].append(line)
    if current:
        yield current[0], current[1], "\n".join(current[2])


def odoo(text, exit_code):
    """The result of an Odoo test run from its log and exit code."""
    result = Result()
    serious = []
    for level, logger, message in entries(text):
        total = TOTAL.match(message)
        if total and logger == "odoo.tests.result":
            failures, errors, tests = map(int, total.groups())
            result.tests += tests
            result.failed += failures + errors
        elif message.startswith("skipped "):
            result.problems.append(f"skipped, which counts as a failure: {message}")
        elif level in ("ERROR", "CRITICAL"):
            serious.append(message)
        result.tests += sum(max(int(n) - 1, 0) for n in HOOT.findall(message))
    skipped = len(result.problems)
    result.failed += skipped
    if result.failed or exit_code:
        result.problems += serious
    if exit_code and not result.failed:
        result.fail(f"Odoo ended with exit code {exit_code}")
    if not result.tests:
        result.fail("no test was executed")
    return result


def pytest(report, exit_code):
    """The result of a pytest run from its JUnit report and exit code."""
    result = Result()
    for suite in report.iter("testsuite") if report is not None else ():
        result.tests += int(suite.get("tests", 0))
        for case in suite.iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            for kind in ("failure", "error", "skipped"):
                for found in case.findall(kind):
                    result.failed += 1
                    told = found.text or found.get("message") or ""
                    result.problems.append(f"{kind}: {name}\n{told}")
    if exit_code and not result.failed:
        result.fail(f"pytest ended with exit code {exit_code}")
    if not result.tests:
        result.fail("no test was executed")
    return result
