"""The soak test's agents: they answer through the server, as users, and insist.

An agent that gets no answer asks again with the same key, as a browser does; so each
of its answers is meant once, whatever dies.
"""

import json
import random
import threading
import time
import urllib.request

from bench.lab import post_json
from bench.names import SOAK_LOGIN, SOAK_PASSWORD


class Agent(threading.Thread):
    """Answers through the server as a user; asks again until it is told so."""

    def __init__(self, soak, name, number):
        super().__init__(name=f"agent-{name}", daemon=True)
        self.soak, self.network = soak, name
        self.random = random.Random(f"{soak.random.random()}-{number}")
        self.allowed = threading.Semaphore(0)
        self.ended = threading.Event()
        self.cookie = ""
        #: texts that Odoo acknowledged, or may have taken
        self.answered = []
        self.busy = False
        self.refused = ""

    def may_answer(self, times):
        if not self.busy:
            self.allowed.release(times)

    def stop(self):
        self.ended.set()
        self.allowed.release()
        self.join(30)

    def run(self):
        while True:
            self.allowed.acquire()
            if self.ended.is_set():
                return
            self.busy = True
            self._answer()
            self.busy = False

    def _answer(self):
        text = f"answer-{self.network}-{len(self.answered):04d}"
        ticket = self._insist(self._find_ticket)
        if not ticket:
            return
        self.answered.append(text)
        audience = "private" if self.network == "telegram" else "public"
        values = {"text": f"We look into it: {text}", "audience": audience, "key": text}
        self._insist(
            lambda: self._call("helpdesk.ticket", "social_reply", [ticket], values)
        )

    def _insist(self, action):
        """Until somebody answers: Odoo may be dead, and may be killed meanwhile."""
        while not self.ended.is_set():
            try:
                return action()
            except (OSError, ValueError):
                self.cookie = self.cookie if self.soak.is_up() else ""
                time.sleep(0.2)
        return None

    def _find_ticket(self):
        account = self.soak.accounts[self.network]
        found = self._call(
            "helpdesk.social.conversation",
            "search_read",
            [[["account_id", "=", account], ["ticket_id", "!=", False]], ["ticket_id"]],
            {},
        )
        return self.random.choice(found)["ticket_id"][0] if found else None

    def _call(self, model, method, arguments, values):
        base = f"http://127.0.0.1:{self.soak.port}"
        if not self.cookie:
            self.cookie = sign_in(base, self.soak.database, SOAK_LOGIN, SOAK_PASSWORD)
        params = {"model": model, "method": method, "args": arguments}
        answer = post_json(
            f"{base}/web/dataset/call_kw/{model}/{method}",
            {"jsonrpc": "2.0", "params": {**params, "kwargs": values}},
            {"Cookie": self.cookie},
            timeout=20,
        )
        if "error" in answer:
            told = answer["error"].get("data", {})
            self.refused = f"{told.get('name')}: {told.get('message')}"
            raise ValueError(self.refused)
        return answer["result"]


def sign_in(base, database, login, password):
    """The session cookie."""
    body = {"db": database, "login": login, "password": password}
    request = urllib.request.Request(
        f"{base}/web/session/authenticate",
        _as_json({"jsonrpc": "2.0", "params": body}),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        for header in answer.headers.get_all("Set-Cookie") or ():
            if header.startswith("session_id="):
                return header.partition(";")[0]
    raise ValueError("no session")


def _as_json(value):
    return json.dumps(value).encode()
