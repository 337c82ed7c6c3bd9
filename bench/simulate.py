"""Run a simulator in a process of its own, with a door for whoever directs it.

``simulate.py KIND FILE OPTIONS``: writes its address to FILE once it listens. The
door, ``POST /_control/<verb>``, is how customers write and how it is asked what they
saw. Loopback only; it ends when its starter ends it.
"""

import json
import os
import re
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests")]
sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from simulators.mastodon import MastodonHarness, MastodonSimulator  # noqa: E402
from simulators.server import Answer, Fault, route  # noqa: E402
from simulators.telegram import TelegramHarness, TelegramSimulator  # noqa: E402

from bench.feeder import FeederMixin  # noqa: E402

#: requests that nobody may be refused in a measurement
FREE = {name: (10**9, 300) for name in ("all", "paging", "media", "delete")}


class Directed:
    """The door of any simulator."""

    harness = None
    #: of the request that publishes
    publish_path = ""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        #: seconds between taking a post and answering, to be killed in
        self.slow = 0.0
        #: monotonic times at which a post was taken and its answer sent
        self.windows = []

    @route("POST", r"/_control/(?P<verb>\w+)")
    def control(self, call):
        arguments = call.json() or {}
        return Answer(
            {"value": getattr(self, f"do_{call.params['verb']}")(**arguments)}
        )

    def _serve(self, handler):
        """Note when a post is being answered, and answer as slowly as told."""
        path = handler.path.partition("?")[0]
        publishes = handler.command == "POST" and self._publishes(path)
        if not publishes:
            return super()._serve(handler)
        window = [time.monotonic(), 0.0]
        self.windows.append(window)
        try:
            if self.slow:
                self.faults.append(self._delay(self.slow / 2))
            return super()._serve(handler)
        finally:
            window[1] = time.monotonic()

    def _delay(self, seconds):
        """Slow before the effect, and again between the effect and the answer."""

        def wait(answer):
            time.sleep(seconds)
            return answer

        return Fault(path=self.publish_path, delay=seconds, transform=wait)

    def _publishes(self, path):
        return bool(re.search(self.publish_path, path))

    # --- verbs ----------------------------------------------------------------
    def do_seen(self):
        return [one["text"] for one in self.harness.published(self)]

    def do_slow(self, seconds):
        self.slow = seconds

    def do_windows(self):
        return self.windows

    def do_inside(self):
        """How many posts are being taken or answered right now."""
        return sum(not end for _start, end in self.windows)


class Mastodon(Directed, FeederMixin, MastodonSimulator):
    harness = MastodonHarness()
    publish_path = r"/api/v1/statuses\Z"

    def __init__(self, mentions=0, bare=False, **kwargs):
        super().__init__(**kwargs)
        self.limits = dict(FREE)
        self.prepare(mentions, bare)

    def do_say(self, who, text, reply_to=None):
        author = self.world.account(who) or self.add_account(who, who.title())
        return self.post(author, f"@acme {text}", "public", reply_to).uri


class Telegram(Directed, TelegramSimulator):
    harness = TelegramHarness()
    publish_path = r"/bot[^/]+/send\w+\Z"

    def do_say(self, who, text, reply_to=None):
        user = next((u for u in self.users.values() if u.username == who), None)
        user = user or self.make_user(who.title(), username=who)
        self.now = int(time.time())
        return self.say(user, None, text, reply_to=reply_to)


KINDS = {"mastodon": Mastodon, "telegram": Telegram}


def main():
    kind, file, options = sys.argv[1:]
    simulator = KINDS[kind](**json.loads(options)).__enter__()
    told = {
        "url": simulator.url,
        "settings": simulator.harness.settings(simulator),
    }
    Path(file + ".part").write_text(json.dumps(told))
    os.replace(file + ".part", file)
    parent = os.getppid()
    while os.getppid() == parent:  # never outlive whoever started it
        time.sleep(0.5)


if __name__ == "__main__":
    main()
