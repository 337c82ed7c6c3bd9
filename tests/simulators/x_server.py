"""One call to the fake X: refusals, limits with their headers, accidents.

Fact sheet x §2 (limits) and §5 (problem documents). Routes are in the classes on top.
"""

import re
from datetime import timedelta

from . import x_fields
from .server import Answer, Call
from .x_asking import XAsking
from .x_view import PROBLEMS, renamed
from .x_world import Refused

TITLES = {400: "Invalid Request", 401: "Unauthorized", 402: "CreditsDepleted"}
TITLES |= {403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}


class XServer(XAsking):
    """Answers nothing yet."""

    def __init__(self):
        super().__init__()
        self.spelling = "tweet"  # or "post", §0
        self.old_errors = False  # 429 in the v1.1 shape
        self.limits = list(x_fields.LIMITS)
        self._used: dict = {}

    def advance(self, seconds: float):
        with self.lock:
            self.world.offset += timedelta(seconds=seconds)

    # --- one call -------------------------------------------------------------
    def _dispatch(self, call: Call) -> Answer:
        headers = {}
        try:
            call.caller = self.caller(call)
            headers = self._count(call)
            answer = super()._dispatch(call)
        except Refused as refused:
            answer = self.refusal(refused)
            headers = refused.more.get("headers", headers)
        if self.spelling == "post" and not isinstance(answer.body, bytes | str):
            answer.body = renamed(answer.body)
        answer.headers = {**headers, **answer.headers}
        return answer

    def refusal(self, refused: Refused) -> Answer:
        more = {k: v for k, v in refused.more.items() if k != "headers"}
        if refused.status == 429 and self.old_errors:
            one = {"code": 88, "message": "Rate limit exceeded"}
            return Answer({"errors": [one]}, 429)
        body = {
            **more,
            "title": refused.title or TITLES.get(refused.status, "Error"),
            "detail": refused.detail,
            "type": PROBLEMS + refused.kind if refused.kind else "about:blank",
        }
        if not refused.kind.startswith("invalid"):
            body["status"] = refused.status
        return Answer(
            body,
            refused.status,
            {"Content-Type": "application/problem+json; charset=utf-8"},
        )

    def not_found(self, call: Call) -> Answer:
        return Answer(b"", 404)  # really without a body

    # --- limits (§2) ----------------------------------------------------------
    def _count(self, call: Call) -> dict:
        if not call.path.startswith("/2/") or "/oauth2/" in call.path:
            return {}
        row = next(
            (
                one
                for one in self.limits
                if re.fullmatch(one[0], call.method) and re.fullmatch(one[1], call.path)
            ),
            ("", call.path, x_fields.OTHERS, None),
        )
        caller = call.caller
        alone = caller is None or caller.kind == "app"
        who = "" if caller is None else caller.app.id if alone else caller.user.id
        limit = row[2][0 if alone else 1]
        limit = row[2][1 if alone else 0] if limit is None else limit
        headers, over = self._window(("", row[0], row[1], who), limit, x_fields.WINDOW)
        if row[3] and caller:
            for name, number, limit in (
                ("app", caller.app.id, row[3][0]),
                ("user", who, row[3][1]),
            ):
                if limit:
                    more, also = self._window(
                        (name, row[0], row[1], number), limit, x_fields.DAY
                    )
                    over = over or also
                    headers |= {
                        f"x-{name}-limit-24hour-{key[13:]}": value
                        for key, value in more.items()
                    }
        if over:
            raise Refused(429, "Too Many Requests", headers=headers)
        return headers

    def _window(self, bucket, limit, seconds) -> tuple[dict, bool]:
        now = self.now().timestamp()
        start, used = self._used.get(bucket, (now, 0))
        if now >= start + seconds:
            start, used = now, 0
        self._used[bucket] = (start, used + 1)
        left = limit - used - 1
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(left, 0)),
            "x-rate-limit-reset": str(int(start + seconds) + 1),
        }
        return headers, left < 0

    def exhaust(self, method: str, path: str):
        """Calls of that kind are over the limit, until the window is over."""
        with self.lock:
            self.limits.insert(0, (method, path, (0, 0), None))

    # --- accidents with a name ------------------------------------------------
    def refuse(self, status, detail="", title="", kind="", path="", times=1, **kwargs):
        """A problem document instead of the answer, nothing happens."""
        answer = self.refusal(Refused(status, detail, title, kind))
        return self.fail(path=path, times=times, answer=answer, **kwargs)

    def no_credits(self, **kwargs):
        words = (
            "Your enrolled account does not have any credits to fulfill this request."
        )
        return self.refuse(402, words, "CreditsDepleted", "credits", **kwargs)

    def capped(self, **kwargs):
        """A plan's cap, not a window: waiting for the reset is useless (§2)."""
        problem = {
            "title": "UsageCapExceeded",
            "detail": "Usage cap exceeded: Monthly product cap",
            "type": PROBLEMS + "usage-capped",
            "period": "Monthly",
            "scope": "Product",
            "status": 429,
        }
        return self.fail(answer=Answer(problem, 429), **kwargs)

    def overload(self, **kwargs):
        return self.refuse(503, "Service Unavailable", "Service Unavailable", **kwargs)
