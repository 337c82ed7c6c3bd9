"""Start long-running programs, and stop exactly those again.

Each is recorded with its process id and start time; a record whose start time no
longer fits is somebody else's process by now. Must never signal a process without
such a record.
"""

import contextlib
import json
import os
import signal
import subprocess
import time

from . import paths


def _started(pid):
    """The kernel's start time of a process, or None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as handle:
            fields = handle.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


class Process:
    """A program in a session of its own, with its output in a log file."""

    def __init__(self, name, command, *, env=None, cwd=None):
        self.name = name
        self.log = paths.work_dir("logs") / f"{name}.log"
        with open(self.log, "ab") as output:
            self.popen = subprocess.Popen(
                [str(word) for word in command],
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.record = paths.work_dir("run") / f"{self.popen.pid}.json"
        known = {
            "name": name,
            "pid": self.popen.pid,
            "started": _started(self.popen.pid),
        }
        self.record.write_text(json.dumps(known))

    @property
    def running(self):
        return self.popen.poll() is None

    def last_words(self):
        lines = self.log.read_text(errors="replace").splitlines()
        return lines[-1] if lines else "no output"

    def stop(self, patience=20):
        """Ask politely, then insist; the whole session goes."""
        for sign, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(seconds)
                break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.record.unlink(missing_ok=True)


def stop_recorded():
    """Stop what earlier runs in this work folder left behind; says what it was."""
    stopped = []
    for record in sorted(paths.work("run").glob("*.json")):
        known = json.loads(record.read_text())
        if known["started"] and _started(known["pid"]) == known["started"]:
            _end(known["pid"], known["started"])
            stopped.append(known["name"])
        record.unlink(missing_ok=True)
    return stopped


def _end(pid, started):
    for sign, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, sign)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if _started(pid) != started:
                return
            time.sleep(0.1)


@contextlib.contextmanager
def signals_as_interrupt():
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does: with its clean-up."""

    def interrupt(_number, _frame):
        raise KeyboardInterrupt

    earlier = {
        sign: signal.signal(sign, interrupt) for sign in (signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for sign, handler in earlier.items():
            signal.signal(sign, handler)
