"""The stages of `make test`, each returning a Result.

Every stage runs what it is asked for or fails: none may be left out quietly.
"""

import contextlib
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from . import bluesky, browser, fediverse, odoo, paths, ports, results, venv

DATABASE = "test"
LIVE = "test_live"
APPS = "test_apps"
REAL = "helpdesk_social_real"
BESIDE = "helpdesk_social_apps"
#: the sample of an addon that adds a network, in tests/outside
OUTSIDE = "helpdesk_social_guestbook"


@dataclass
class Run:
    """What the stages share."""

    server: odoo.Odoo | None = None
    only: str = ""


def pure(_run):
    """Tests without a database, the contract suite included."""
    report = paths.work_dir("logs") / "pure.xml"
    report.unlink(missing_ok=True)
    log = report.with_suffix(".log")
    with open(log, "wb") as output:
        code = subprocess.run(
            [venv.get(), "-m", "pytest", f"--junitxml={report}"],
            cwd=paths.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ).returncode
    text = log.read_text(errors="replace")
    tree = ET.parse(report).getroot() if report.exists() else None
    result = results.pytest(tree, code)
    if tree is None:
        result.problems.append(text)
    # adapter × contract case, and network × act of the desk: tests/pure/conftest.py
    result.table = "\n".join(
        [*_paragraph(text, "contract "), "", *_paragraph(text, "desk ")]
    ).strip()
    return result


def _paragraph(text, start):
    """The lines from the one that begins with `start` to the next empty one."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(start):
            yield line
            break
    for line in lines:
        if not line.strip() or line.startswith("="):
            break
        yield line


def addon(run):
    """Odoo tests in a new database: models, controllers, Hoot and browser tours."""
    browser.ensure()
    _fresh(run.server)
    tags = run.only or f"/{paths.ADDON}"
    return _odoo_tests(run.server, "addon", ["-i", paths.ADDON, "--test-tags", tags])


def apps(run):
    """Odoo tests among other apps: Sales and Invoicing, and a network from outside."""
    run.server.copy(run.server.template(odoo.SELLING), APPS)
    tags = run.only or f"{BESIDE}/{paths.ADDON},/{OUTSIDE}"
    modules = ",".join((paths.ADDON, OUTSIDE))
    folders = ",".join(map(str, (*run.server.addons, paths.ROOT / "tests" / "outside")))
    words = ["-i", modules, "--test-tags", tags, f"--addons-path={folders}"]
    try:
        return _odoo_tests(run.server, "apps", words, database=APPS)
    finally:
        run.server.drop(APPS)


def real(run):
    """Odoo tests against a real fediverse server and a real Bluesky network."""
    if not _usable(run.server):
        _fresh(run.server)
        run.server.install(
            DATABASE, [paths.ADDON], log=paths.work_dir("logs") / "install.log"
        )
    snac = fediverse.Server(paths.work("fediverse-test"))
    snac.create()
    network = bluesky.Network(
        paths.work("bluesky-test"), run.server.cluster, "bluesky_test"
    )
    with contextlib.ExitStack() as stack:
        stack.callback(snac.stop)
        snac.start()
        stack.callback(network.stop)
        # the tests put the simulator of private messages there
        network.start(chat_url=f"http://127.0.0.1:{ports.free()}")
        words = ["--test-tags", run.only or f"{REAL}/{paths.ADDON}"]
        env = {**snac.environment(), **network.environment()}
        return _odoo_tests(run.server, "real", words, env=env)


def live(run):
    """Browsers of several people on a real server: who sees what, and who nothing;
    and what is said on a real fediverse server."""
    browser.ensure()
    if not _usable(run.server):
        _fresh(run.server)
        run.server.install(
            DATABASE, [paths.ADDON], log=paths.work_dir("logs") / "install.log"
        )
    # before the scripts: one of them is called bench as well
    sys.path.insert(0, str(paths.ROOT))
    from bench import lab, live_fediverse, live_two

    laboratory = lab.Lab(lab.Server(run.server.cluster))
    snac = fediverse.Server(paths.work("fediverse-live"))
    snac.create()
    result = results.Result()
    with contextlib.ExitStack() as stack:
        stack.callback(snac.stop)
        snac.start()
        for part, known in ((live_two, ()), (live_fediverse, (snac,))):
            run.server.copy(DATABASE, LIVE)
            try:
                checks = part.run(laboratory, LIVE, *known)
            finally:
                run.server.drop(LIVE)
            result.tests += len(checks.done)
            for problem in checks.wrong:
                result.fail(problem)
    return result


STAGES = {"pure": pure, "addon": addon, "apps": apps, "live": live, "real": real}
WITH_DATABASE = ("addon", "apps", "live", "real")


def of_tags(tags):
    """The stage that tests with these tags belong to."""
    if REAL in tags:
        return "real"
    return "apps" if BESIDE in tags or OUTSIDE in tags else "addon"


def _usable(server):
    return DATABASE in server.cluster.databases() and server.installed(DATABASE)


def _fresh(server):
    server.copy(server.template(), DATABASE)


def _odoo_tests(server, name, words, env=None, database=DATABASE):
    log = paths.work_dir("logs") / f"{name}.log"
    options = [
        "-d",
        database,
        "--stop-after-init",
        *odoo.PATIENCE,
        *odoo.test_options(),
    ]
    code = server.run(*options, *words, log=log, env=env)
    return results.odoo(log.read_text(errors="replace"), code)
