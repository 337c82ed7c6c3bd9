"""Odoo itself: how it is started, and the databases it works on.

Settings reach Odoo through its documented environment variables, so every sub-command
has them. Must never start on the machine's own configuration file or data.
"""

import contextlib
import os
import shutil
import signal
import subprocess

from . import browser, odoo_tree, paths, ports, postgres, venv
from .console import Failure, step

# What the test databases have in common; installed once, then copied.
BASE_MODULES = ("base", "mail", "helpdesk_mgmt", "helpdesk_mgmt_merge", "crm")
# What a company that sells has beside it: orders, and with them invoices.
SELLING = ("sale",)
# A busy or small machine is no reason to kill a worker.
PATIENCE = (
    "--limit-time-cpu=3600",
    "--limit-time-real=3600",
    "--limit-time-real-cron=3600",
)

# Simulators and the real servers of the tests are on this machine.
CONFIG = """\
[options]

[helpdesk_social]
allow_private_addresses = 1
"""


def test_options():
    """Ports and folders for a run with HTTP and browser tests."""
    return [
        f"--http-port={ports.free()}",
        f"--gevent-port={ports.free()}",
        f"--screenshots={paths.work_dir('logs', 'screenshots')}",
    ]


class Odoo:
    """An Odoo ready to run against a cluster."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.tree = odoo_tree.get()
        self.python = venv.get()
        self.addons = odoo_tree.addons_path(self.tree)
        self.data = paths.work_dir("data", cluster.flavour)

    @property
    def environment(self):
        """The environment Odoo runs in."""
        config = paths.work_dir() / "odoo.conf"
        config.write_text(CONFIG)
        path = os.environ.get("PATH", os.defpath)
        found = browser.find()
        if found:
            path = f"{found.parent}{os.pathsep}{path}"
        return {
            **os.environ,
            **self.cluster.environment,
            "ODOO_RC": str(config),
            "ODOO_ADDONS_PATH": ",".join(map(str, self.addons)),
            "ODOO_DATA_DIR": str(self.data),
            "ODOO_HTTP_INTERFACE": "127.0.0.1",
            "PYTHONPATH": str(self.tree.root),
            "PYTHONNOUSERSITE": "1",
            "PYTHONDONTWRITEBYTECODE": "1" if os.environ.get("ODOO") else "",
            "PATH": path,
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
        }

    def command(self, *arguments):
        return [str(self.python), str(self.tree.program), *map(str, arguments)]

    def run(self, *arguments, log, env=None, stdin=None):
        """Run to the end with all output in a log file; the exit code."""
        with open(log, "wb") as output:
            child = subprocess.Popen(
                self.command(*arguments),
                env={**self.environment, **(env or {})},
                stdin=stdin or subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            return _wait(child)

    def script(self, database, file, env=None, log=None):
        """Run a Python file with `env` of a database, committed by the file itself."""
        log = log or paths.work_dir("logs") / f"{file.stem}.log"
        options = ["--log-level=warn", "--no-http"]
        with open(file) as source:
            code = self.run(
                "shell", "-d", database, *options, log=log, env=env, stdin=source
            )
        return code, log.read_text(errors="replace")

    def install(self, database, modules, *options, log, update=()):
        """Install or update modules in a database, which is created when missing."""
        words = ["-d", database, "--stop-after-init", "--no-http", *PATIENCE, *options]
        if modules:
            words += ["-i", ",".join(modules)]
        if update:
            words += ["-u", ",".join(update)]
        code = self.run(*words, log=log)
        if code:
            raise Failure(f"Odoo could not install {database}: {_reason(log)}")

    def installed(self, database, module=paths.ADDON):
        state = self.cluster.sql(
            f"SELECT state FROM ir_module_module WHERE name = '{module}'", database
        )
        return state == "installed"

    def template(self, more=()):
        """The name of a database with everything but this addon; made once.

        :param more: modules beside those that every template has
        """
        key = paths.digest(
            self.tree.root, self.tree.version, self.addons[1], *BASE_MODULES, *more
        )
        name = f"template_{key}"
        lock = f"template-{self.cluster.flavour}"
        with paths.lock(paths.work("locks", lock + "".join(more))):
            if name not in self.cluster.databases():
                draft = f"draft_{key}"
                self.drop(draft)
                if more:
                    self.copy(self.template(), draft)
                words = f"preparing a template database{' with ' * bool(more)}"
                with step(f"{words}{', '.join(more)} (once)"):
                    log = (
                        paths.work_dir("logs") / f"{'-'.join(('template', *more))}.log"
                    )
                    self.install(draft, more or BASE_MODULES, log=log)
                    self.copy(draft, name)
                    self.drop(draft)
        return name

    def copy(self, source, target):
        """Copy a database and its files, with an identity of its own."""
        self.drop(target)
        self.cluster.copy(source, target)
        files = self.data / "filestore"
        if (files / source).exists():
            # The file store is content-addressed: files are never written twice.
            shutil.copytree(files / source, files / target, copy_function=os.link)
        self.cluster.sql(
            "UPDATE ir_config_parameter SET value = gen_random_uuid()::text "
            "WHERE key = 'database.uuid'",
            target,
        )

    def drop(self, database):
        self.cluster.drop(database)
        shutil.rmtree(self.data / "filestore" / database, ignore_errors=True)


def _wait(child):
    """Wait for a child in a session of its own; Ctrl-C ends it too."""
    try:
        return child.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
        raise


def _reason(log):
    """The line of a log that says what went wrong."""
    lines = log.read_text(errors="replace").splitlines()
    told = [line.strip() for line in lines if line and not line.startswith(" ")]
    errors = [line for line in told if "Error" in line or "CRITICAL" in line]
    return f"{(errors or told or ['no output'])[-1]} (log: {log})"


@contextlib.contextmanager
def ready(flavour="relaxed"):
    """An Odoo with its database server up."""
    cluster = postgres.Cluster(flavour)
    odoo = Odoo(cluster)
    with cluster.running():
        yield odoo
