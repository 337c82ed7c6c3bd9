"""The laboratory: databases, Odoo processes, simulators and senders for the rows.

Everything listens on loopback and is stopped when its ``with`` block ends. It measures
nothing itself.
"""

import contextlib
import itertools
import json
import os
import subprocess
import sys
import time
import urllib.request

from devkit import console, odoo, paths, ports, processes

BENCH = paths.ROOT / "bench"
BASE = "bench_base"
_numbers = itertools.count(1)


class Server(odoo.Odoo):
    """Odoo with further addons and libraries, which are not the checkout's."""

    libraries = ()

    @property
    def environment(self):
        known = super().environment
        path = [known["PYTHONPATH"], *map(str, self.libraries)]
        return {**known, "PYTHONPATH": os.pathsep.join(path)}


class Lab:
    """A database server, and Odoo processes on it."""

    #: path of a file of real conversations, if one was given
    conversations = None

    def __init__(self, server):
        self.server = server
        self.made = set()

    # --- databases ------------------------------------------------------------
    def base(self):
        """A database with the addon installed; the others are copies of it."""
        if BASE in self.made:
            return BASE
        self.server.copy(self.server.template(), BASE)
        self.made.add(BASE)
        with console.step("installing the addon"):
            log = paths.work_dir("logs") / "bench-install.log"
            self.server.install(BASE, [paths.ADDON], log=log)
        # only what a row starts is to run
        self.server.cluster.sql("UPDATE ir_cron SET active = false", BASE)
        return BASE

    @contextlib.contextmanager
    def database(self, name):
        name = f"bench_{name}"
        self.server.copy(self.base(), name)
        try:
            yield name
        finally:
            self.server.drop(name)

    def close(self):
        for name in self.made:
            self.server.drop(name)

    # --- Odoo as a library ----------------------------------------------------
    def inside(self, database, module, function, **arguments):
        """What ``bench.<module>.<function>(env, **arguments)`` returns."""
        return self.start_inside(database, module, function, **arguments).result()

    def start_inside(self, database, module, function, **arguments):
        return Inside(self.server, database, module, function, arguments)

    # --- Odoo as a server -----------------------------------------------------
    @contextlib.contextmanager
    def web(self, database, *options):
        """An Odoo server; yields (process, http port, gevent port)."""
        http, gevent = ports.free(), ports.free()
        words = ["-d", database, "--db-filter", f"^{database}$", *odoo.PATIENCE]
        words += [f"--http-port={http}", f"--gevent-port={gevent}", *options]
        web = processes.Process(
            f"bench-{database}",
            self.server.command(*words),
            env=self.server.environment,
        )
        try:
            _wait_for(f"http://127.0.0.1:{http}/web/health", web)
            yield web, http, gevent
        finally:
            web.stop()

    # --- other programs -------------------------------------------------------
    @contextlib.contextmanager
    def simulator(self, kind, **options):
        """A simulator in a process of its own; yields its control."""
        folder = paths.work_dir("run")
        file = folder / f"simulator-{kind}-{next(_numbers)}.json"
        file.unlink(missing_ok=True)
        command = [sys.executable, BENCH / "simulate.py", kind, file]
        command += [json.dumps(options)]
        program = processes.Process(f"bench-simulator-{kind}", command)
        try:
            deadline = time.monotonic() + 30
            while not file.exists():
                if not program.running or time.monotonic() > deadline:
                    raise console.Failure(f"simulator: {program.last_words()}")
                time.sleep(0.05)
            yield Control(json.loads(file.read_text()))
        finally:
            program.stop()
            file.unlink(missing_ok=True)


class Inside:
    """A function of ours running in an Odoo process."""

    def __init__(self, server, database, module, function, arguments):
        number = next(_numbers)
        self.name = f"{module}.{function}"
        self.file = paths.work_dir("run") / f"result-{number}.json"
        self.file.unlink(missing_ok=True)
        self.log = paths.work_dir("logs") / f"bench-{module}-{function}-{number}.log"
        call = {"module": module, "function": function, "arguments": arguments}
        command = server.command(
            "shell", "-d", database, "--no-http", "--log-level=warn", *odoo.PATIENCE
        )
        with open(BENCH / "inside.py") as source, open(self.log, "wb") as output:
            self.child = subprocess.Popen(
                command,
                stdin=source,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={
                    **server.environment,
                    "BENCH_ROOT": str(paths.ROOT),
                    "BENCH_CALL": json.dumps(call),
                    "BENCH_RESULT": str(self.file),
                },
            )

    def result(self, timeout=1800):
        try:
            self.child.wait(timeout)
        except BaseException:
            self.child.kill()
            raise
        if not self.file.exists():
            lines = self.log.read_text(errors="replace").strip().splitlines()
            last = (lines or ["no output"])[-1]
            raise console.Failure(f"{self.name}: {last} (log: {self.log})")
        found = json.loads(self.file.read_text())
        self.file.unlink()
        return found


class Control:
    """The line to a simulator: what ``simulate`` offers besides its network."""

    def __init__(self, told):
        self.url = told["url"]
        self.settings = told["settings"]

    def __call__(self, verb, **arguments):
        return post_json(f"{self.url}/_control/{verb}", arguments)


def post_json(url, body, headers=None, timeout=60):
    """The answer's JSON."""
    return json.loads(post_json_raw(url, body, headers, timeout) or b"null")


def post_json_raw(url, body, headers=None, timeout=60):
    """The answer's bytes."""
    request = urllib.request.Request(
        url,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **(headers or {})},
    )
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return answer.read()


def _wait_for(url, program, seconds=180):
    deadline = time.monotonic() + seconds
    while program.running and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise console.Failure(f"{program.name}: {program.last_words()} ({program.log})")
