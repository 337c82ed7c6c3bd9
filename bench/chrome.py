"""A headless Chromium, spoken to through its debugging socket. Standard library only.

Each browser has a profile of its own that goes with it.
"""

import base64
import contextlib
import json
import os
import shutil
import socket
import struct
import time
import urllib.request
from urllib.parse import urlsplit

from devkit import browser, console, paths, processes

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Line:
    """A WebSocket, as far as the debugging protocol needs one."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), 60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            (
                f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self._more()
        head, _separator, self.rest = self.rest.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise OSError(f"no socket: {head[:80]!r}")

    def send(self, text, kind=TEXT):
        data = text.encode() if isinstance(text, str) else text
        mask = os.urandom(4)
        if len(data) < 126:
            size = struct.pack("!B", 128 | len(data))
        elif len(data) < 65536:
            size = struct.pack("!BH", 128 | 126, len(data))
        else:
            size = struct.pack("!BQ", 128 | 127, len(data))
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        self.socket.sendall(struct.pack("!B", 128 | kind) + size + mask + masked)

    def receive(self, timeout):
        """The next message; None when none came in time."""
        self.socket.settimeout(timeout)
        whole = b""
        while True:
            try:
                first, second = self._take(2)
            except TimeoutError:
                return None
            size = second & 127
            if size > 125:
                form, length = ("!H", 2) if size == 126 else ("!Q", 8)
                (size,) = struct.unpack(form, self._take(length))
            data = self._take(size)
            kind = first & 15
            if kind == PING:
                self.send(data, PONG)
            elif kind == CLOSE:
                raise OSError("chromium closed the line")
            else:
                whole += data
                if first & 128:
                    return json.loads(whole)

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise OSError("chromium hung up")
        return data

    def _take(self, size):
        while len(self.rest) < size:
            self.rest += self._more()
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def close(self):
        self.socket.close()


class Page:
    """One page: commands, and the events that came meanwhile."""

    def __init__(self, line):
        self.line, self.number, self.events = line, 0, []

    def __call__(self, method, timeout=60, **params):
        self.number += 1
        call = {"id": self.number, "method": method, "params": params}
        self.line.send(json.dumps(call))
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            told = self.line.receive(deadline - time.monotonic())
            if told is None:
                break
            if told.get("id") == self.number:
                if "error" in told:
                    raise OSError(f"{method}: {told['error'].get('message')}")
                return told["result"]
            self.events.append(told)
        raise OSError(f"{method}: no answer")

    def listen(self, seconds):
        """Collect what happens for a while."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            told = self.line.receive(left)
            if told:
                self.events.append(told)

    def evaluate(self, expression):
        told = self(
            "Runtime.evaluate",
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
        )
        if "exceptionDetails" in told:
            raise OSError(f"in the page: {told['exceptionDetails'].get('text')}")
        return told["result"].get("value")

    def wait_for(self, expression, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.evaluate(expression):
                return
            time.sleep(0.1)
        shown = self.evaluate("document.body && document.body.innerText.slice(0, 300)")
        raise OSError(f"never true: {expression} (the page shows: {shown})")


@contextlib.contextmanager
def page():
    """A page in a new browser."""
    with pages("chrome-bench") as new:
        yield new()


@contextlib.contextmanager
def pages(name):
    """A new browser with a profile of that name; yields what opens a page in it."""
    program = browser.ensure()
    profile = paths.work(name)
    shutil.rmtree(profile, ignore_errors=True)
    profile.mkdir(parents=True)
    command = [program, "--headless=new", "--no-sandbox", "--disable-gpu"]
    command += ["--disable-dev-shm-usage", "--no-first-run", "--mute-audio"]
    command += ["--disable-background-networking", "--remote-debugging-port=0"]
    command += [f"--user-data-dir={profile}", "--window-size=1500,1100", "about:blank"]
    running = processes.Process(f"{name}-chromium", command)
    lines = []
    try:
        port = _port(profile / "DevToolsActivePort", running)

        def new():
            base = f"127.0.0.1:{port}"
            if lines:
                # a window of its own: a tab behind another one is not painted
                told = Page(lines[0])(
                    "Target.createTarget", url="about:blank", newWindow=True
                )
                address = f"ws://{base}/devtools/page/{told['targetId']}"
            else:
                request = urllib.request.Request(
                    f"http://{base}/json/new?about:blank", method="PUT"
                )
                with urllib.request.urlopen(request, timeout=30) as answer:
                    address = json.loads(answer.read())["webSocketDebuggerUrl"]
            lines.append(Line(address))
            return Page(lines[-1])

        yield new
    finally:
        for line in lines:
            line.close()
        running.stop(5)
        shutil.rmtree(profile, ignore_errors=True)


def _port(file, running):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and running.running:
        if file.exists() and (words := file.read_text().split()):
            return int(words[0])
        time.sleep(0.1)
    raise console.Failure(f"chromium did not start: {running.last_words()}")
