"""What every simulator shares: a loopback HTTP server, a request log, faults.

It knows no network. It must never be reachable from another machine, and never
import anything from ``networks/``: simulators follow the fact sheets only.
"""

import json
import re
import socket
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Call:
    """One request as the simulator received it."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    params: dict[str, str] = field(default_factory=dict)

    def json(self):
        return json.loads(self.body or b"null")

    def form(self) -> list[tuple[str, str]]:
        """The fields of an urlencoded or multipart body (files excluded)."""
        kind = self.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            return [
                (name, data.decode())
                for name, filename, _mime, data in self.parts()
                if filename is None
            ]
        return parse_qsl(self.body.decode(), keep_blank_values=True)

    def parts(self) -> list[tuple[str, str | None, str, bytes]]:
        """(name, file name or None, mime type, bytes) of a multipart body."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        return [
            (
                part.get_param("name", header="content-disposition"),
                part.get_filename(),
                part.get_content_type(),
                part.get_payload(decode=True) or b"",
            )
            for part in message.iter_parts()
        ]

    def arg(self, name: str, default=None):
        return dict(self.query).get(name, default)

    def args(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]


@dataclass
class Answer:
    """What a route gives back; ``body`` may be bytes, str or JSON-able."""

    body: object = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def encode(self) -> tuple[bytes, str]:
        if isinstance(self.body, bytes):
            return self.body, "application/octet-stream"
        if isinstance(self.body, str):
            return self.body.encode(), "text/html; charset=utf-8"
        return json.dumps(self.body).encode(), "application/json; charset=utf-8"


@dataclass
class Fault:
    """One accident, used up after ``times`` matching requests.

    ``cut``: ``before`` closes the connection and nothing happened on the server;
    ``after`` lets the route run and closes without an answer (the effect is
    there, the client does not know). ``answer`` replaces the answer; with
    ``effect`` the route runs first. ``delay`` waits that many seconds first.
    ``transform`` receives the true answer and returns another (duplicated page,
    garbage at the end …).
    """

    method: str = ""
    path: str = ""  # a regular expression searched in the path
    times: int = 1
    skip: int = 0
    cut: str = ""
    answer: Answer | None = None
    effect: bool = False
    delay: float = 0
    transform: Callable[[Answer], Answer] | None = None

    def matches(self, call: Call) -> bool:
        return (not self.method or self.method == call.method) and bool(
            re.search(self.path, call.path)
        )


class SimulatorCrash(AssertionError):
    """A simulator's own code failed: whatever the client made of it proves nothing."""


class Simulator:
    """Base of the fake servers: subclasses add routes with ``@route``.

    Use as a context manager; ``url`` is its base address. State lives in the
    subclass and is guarded by ``lock``, which is held while a route runs. What breaks
    in a route is in ``crashes``, and fails whoever used the simulator when it stops.
    """

    def __init__(self):
        self.lock = threading.RLock()
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.crashes: list[str] = []
        self._routes = []
        for name in dir(type(self)):
            handler = getattr(type(self), name)
            for method, pattern in getattr(handler, "_routes", ()):
                self._routes.append((method, re.compile(pattern + r"\Z"), name))
        self._server = None

    # --- life -----------------------------------------------------------------
    def start(self, port: int = 0):
        simulator = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self):
                simulator._serve(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve

            def log_message(self, *args):
                """Tests read ``calls``; nothing goes to the terminal."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                """A client that hangs up is an ordinary event in these tests."""

        self._server = Server(("127.0.0.1", port), Handler)
        # looks for the end every 20 ms: half a second per test adds up
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        """
        :raises SimulatorCrash: a route broke meanwhile
        """
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        crashes, self.crashes = self.crashes, []
        if crashes:
            raise SimulatorCrash("\n".join(crashes))

    __enter__ = start

    def __exit__(self, *exc):
        self.stop()

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host}:{port}"

    # --- accidents ------------------------------------------------------------
    def fail(self, **kwargs) -> Fault:
        fault = Fault(**kwargs)
        with self.lock:
            self.faults.append(fault)
        return fault

    def _take_fault(self, call: Call) -> Fault | None:
        for fault in self.faults:
            if fault.matches(call):
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    # --- serving --------------------------------------------------------------
    def not_found(self, call: Call) -> Answer:
        return Answer({"error": "Not Found"}, 404)

    def before(self, call: Call) -> Answer | None:
        """Hook for authentication and rate limits; an answer ends the call."""

    def _dispatch(self, call: Call) -> Answer:
        answer = self.before(call)
        if answer is not None:
            return answer
        for method, pattern, name in self._routes:
            match = pattern.match(call.path)
            if match and method == call.method:
                call.params = match.groupdict()
                return getattr(self, name)(call)
        return self.not_found(call)

    def _crashed(self, call: Call) -> Answer:
        """Remember what a route raised; the client gets what a broken server says."""
        told = f"{call.method} {call.path} of {type(self).__name__}:"
        self.crashes.append(f"{told}\n{traceback.format_exc()}")
        return Answer("the simulator crashed", 500)

    def _answer(self, call: Call, fault: Fault | None) -> Answer:
        """What the client is told, with the accident that was ordered.

        What cannot be written as an answer is a crash of the simulator as well.
        """
        try:
            if fault and fault.answer is not None and not fault.effect:
                answer = fault.answer
            else:
                answer = self._dispatch(call)
                if fault and fault.answer is not None:
                    answer = fault.answer
            if fault and fault.transform and fault.cut != "after":
                answer = fault.transform(answer)
            answer.encode()
        except Exception:
            # the border: a thread's traceback would go nowhere
            return self._crashed(call)
        return answer

    def _serve(self, handler):
        parts = urlsplit(handler.path)
        length = int(handler.headers.get("content-length") or 0)
        call = Call(
            handler.command,
            parts.path,
            parse_qsl(parts.query, keep_blank_values=True),
            {key.lower(): value for key, value in handler.headers.items()},
            handler.rfile.read(length),
        )
        with self.lock:
            self.calls.append(call)
            fault = self._take_fault(call)
        if fault and fault.delay:
            time.sleep(fault.delay)
        if fault and fault.cut == "before":
            return self._hang_up(handler)
        with self.lock:
            answer = self._answer(call, fault)
        if fault and fault.cut == "after":
            return self._hang_up(handler)
        data, kind = answer.encode()
        handler.send_response(answer.status)
        for key, value in {"Content-Type": kind, **answer.headers}.items():
            handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(data)

    @staticmethod
    def _hang_up(handler):
        handler.close_connection = True
        try:
            handler.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def route(method: str, pattern: str):
    """Mark a method of a simulator as the handler of ``method pattern``.

    ``pattern`` is a regular expression for the whole path; its named groups
    arrive as ``call.params``.
    """

    def mark(function):
        function._routes = [*getattr(function, "_routes", ()), (method, pattern)]
        return function

    return mark
