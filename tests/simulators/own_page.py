"""The private page's other side in memory: conversations that are open or ended.

Written from the table in ``networks/own_page.py``; it shares no code with it.
"""

import itertools
from datetime import datetime, timezone


class PageMemory:
    def __init__(self):
        self.said, self.shown, self.ended = [], {}, set()
        #: ref -> {data, mime}
        self.files = {}
        self._ids = itertools.count(1)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None

    def call(self, verb, arguments):
        if verb == "whoami":
            return {"id": "page", "handle": "acme", "name": "Acme"}
        if verb == "file":
            return dict(self.files.get(arguments["ref"], {}))
        if arguments["thread"] in self.ended:
            return {"error": "gone"}
        self.shown.setdefault(arguments["key"], arguments)
        return {}


class PageHarness:
    code = "own_page"
    simulator = PageMemory

    def settings(self, sim):
        return {}

    def transport(self, sim):
        return sim

    def customer_says(self, sim, text, audience="private", reply_to=None):
        number = str(next(sim._ids))
        sim.said.append(
            {
                "id": number,
                "thread": "page-1",
                "author": {"id": "fake::mika", "handle": "mika", "name": "Mika"},
                "text": text,
                "at": datetime.now(timezone.utc).isoformat(),
            }
        )
        return f"in:{number}"

    def pushed(self, sim):
        """(key, data) of all that came by itself: there is nothing to pull."""
        return [(one["id"], one) for one in sim.said]

    def published(self, sim):
        return [
            {"text": one["text"], "audience": "private", "reply_to": "", "key": key}
            for key, one in sim.shown.items()
        ]
