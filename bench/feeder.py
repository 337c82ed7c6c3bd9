"""A Mastodon simulator that has any number of mentions and keeps up with anybody.

The routes that a measurement leans on answer from a formula, so that the time and
memory measured are ours; the others are the simulator's own. ``bare`` makes posting
as quick as the HTTP server itself: a server without latency.
"""

from simulators.server import Answer, route

from bench.mentions import Mentions


class FeederMixin:
    mentions = None
    bare = False

    def prepare(self, count, bare):
        self.bare = bare
        self.taken = 0
        if count:
            self.mentions = Mentions("feed", count)

    @route("GET", "/api/v1/notifications")
    def get_notifications(self, call):
        if not self.mentions:
            return super().get_notifications(call)
        base, last = self.mentions.base, self.mentions.count - 1
        high = int(call.arg("max_id") or base + last + 1) - base
        low = int(call.arg("min_id") or call.arg("since_id") or base - 1) - base
        limit = int(call.arg("limit") or 40)
        numbers = range(low + 1, min(high, last + 1))
        numbers = numbers[:limit] if call.arg("min_id") else numbers[-limit:]
        del self.calls[:]
        return Answer([self.mentions.notification(one) for one in reversed(numbers)])

    @route("GET", "/api/v1/statuses")
    def get_statuses(self, call):
        if not self.mentions:
            return super().get_statuses(call)
        wanted = (int(one) - self.mentions.base for one in call.args("id[]"))
        return Answer([self.mentions.notification(one)["status"] for one in wanted])

    @route("POST", "/api/v1/statuses")
    def create_status(self, call):
        if not self.bare:
            return super().create_status(call)
        self.taken += 1
        one = f"9{self.taken:09d}"
        del self.calls[:]
        return Answer(
            {
                "id": one,
                "uri": f"https://us.example/users/acme/statuses/{one}",
                "url": f"https://us.example/@acme/{one}",
                "created_at": "2026-01-05T10:00:00.000Z",
            }
        )

    def do_taken(self):
        return self.taken
