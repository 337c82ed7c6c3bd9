"""A private PostgreSQL cluster in the work folder, reached through a socket only.

Whoever uses it holds a shared lock; the last one out stops it, so nothing is left
running. With PGHOST set, that server is used instead and none is started. Must never
touch another cluster.
"""

import contextlib
import fcntl
import os
import pwd
import shutil
import subprocess

from . import paths, pg_binaries
from .console import Failure, step
from .downloads import run

USER = "odoo"
PORT = "5432"  # only part of the socket's file name
# For tests: nothing here has to survive a power cut.
RELAXED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
COMMON = (
    "listen_addresses=",
    f"port={PORT}",
    "unix_socket_permissions=0700",
    "max_connections=200",
    "shared_buffers=256MB",
    "max_wal_size=2GB",
    "autovacuum_naptime=20s",
    "log_min_messages=warning",
)
FLAVOURS = {"relaxed": COMMON + RELAXED, "durable": COMMON + DURABLE}


class Cluster:
    """One cluster; `flavour` is `relaxed` (tests, demo) or `durable` (soak)."""

    def __init__(self, flavour="relaxed"):
        self.flavour = flavour
        self.settings = FLAVOURS[flavour]
        self.account = _service_account() if os.geteuid() == 0 else None
        self.home = _home(flavour, self.account)
        self.data = self.home / "data"

    @property
    def environment(self):
        if os.environ.get("PGHOST"):
            return {}
        return {"PGHOST": str(self.home), "PGPORT": PORT, "PGUSER": USER}

    @contextlib.contextmanager
    def running(self):
        """Keep the cluster up; stop it when the last user leaves."""
        if os.environ.get("PGHOST"):
            yield self
            return
        guard = paths.work("locks", f"postgres-{self.flavour}")
        with paths.lock(guard, shared=True) as users:
            with paths.lock(guard.with_suffix(".start")):
                self._start()
            try:
                yield self
            finally:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    def _start(self):
        if not (self.data / "PG_VERSION").exists():
            self._create()
        if self.running_now:
            return
        options = " ".join(f"-c {setting}" for setting in self.settings)
        done = self._pg(
            *("pg_ctl", "start", "-w", "-t", "60", "-D", self.data),
            *("-l", self.home / "server.log", "-o", f"{options} -k {self.home}"),
            check=False,
        )
        if done.returncode:
            log = self.home / "server.log"
            last = log.read_text().splitlines()[-1:] if log.exists() else [done.stderr]
            raise Failure(f"PostgreSQL did not start: {' '.join(last).strip()}")

    @property
    def running_now(self):
        """Is this cluster's server up, whoever started it?"""
        if not (self.data / "postmaster.pid").exists():
            return False
        return (
            self._pg("pg_ctl", "status", "-D", self.data, check=False).returncode == 0
        )

    def _create(self):
        with step("creating a private PostgreSQL cluster"):
            shutil.rmtree(self.home, ignore_errors=True)
            self.home.mkdir(parents=True)
            self.home.chmod(0o700)
            if self.account:
                os.chown(self.home, self.account.pw_uid, self.account.pw_gid)
            draft = self.home / "draft"
            options = f"-U {USER} -A trust -E UTF8 --no-locale --no-sync".split()
            self._pg("initdb", "-D", draft, *options)
            draft.rename(self.data)

    def stop(self):
        if self.running_now:
            self._pg("pg_ctl", "stop", "-m", "fast", "-w", "-D", self.data, check=False)

    def remove(self):
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _pg(self, program, *arguments, check=True):
        """Run one of PostgreSQL's programs as the account that owns the cluster."""
        identity = {}
        if self.account:
            identity = {
                "user": self.account.pw_uid,
                "group": self.account.pw_gid,
                "extra_groups": [],
            }
        done = subprocess.run(
            [str(pg_binaries.find(self.account) / program), *map(str, arguments)],
            cwd=self.home if self.home.exists() else "/",
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            **identity,
        )
        if check and done.returncode:
            lines = (done.stderr or "").strip().splitlines() or ["no reason given"]
            told = [line for line in lines if "error" in line.lower()] or lines
            raise Failure(f"{program} failed: {told[0]}")
        return done

    def sql(self, statement, database="postgres"):
        """Run SQL; the rows as text, one a line, columns separated by `|`."""
        psql = shutil.which("psql") or pg_binaries.find(self.account) / "psql"
        options = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]
        return run(
            [psql, *options],
            what="psql",
            env={**os.environ, **self.environment, "PGDATABASE": database},
        ).strip()

    def databases(self):
        return self.sql(
            "SELECT datname FROM pg_database WHERE NOT datistemplate"
        ).split()

    def drop(self, database):
        self.sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def copy(self, source, target):
        self.sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def _service_account():
    """PostgreSQL refuses to run as root; these accounts are on every Debian."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Failure("run by root, and there is no other account for PostgreSQL to run as")


def _home(flavour, account):
    """In the work folder; elsewhere if unreachable or too long for a socket's name."""
    home = paths.work("postgres", flavour)
    if len(str(home)) < 80 and pg_binaries.reachable(home.parent, account):
        return home
    return pg_binaries.outside(f"{paths.digest(paths.work())}-{flavour}", account)
