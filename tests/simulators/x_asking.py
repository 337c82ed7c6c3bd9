"""What a call asks of the fake X: parameters, fields, bodies, pages.

Unknown parameters and fields are refused, as the real one does (fact sheet x §5);
paging follows §3.
"""

import hashlib
import json
import re
from collections import Counter
from datetime import datetime

from . import x_fields
from .server import Call
from .x_caller import XCaller
from .x_view import View
from .x_world import Refused


class XAsking(XCaller):
    def __init__(self):
        super().__init__()
        #: what was billed (§0): kind -> how many
        self.bill: Counter = Counter()
        self._read: set = set()
        self._pages: dict = {}
        self.short_pages: list[int] = []  # sizes of the next pages of a timeline

    def invalid(self, name, value, message) -> Refused:
        return Refused(
            400,
            "One or more parameters to your request was invalid.",
            kind="invalid-request",
            errors=[{"parameters": {name: [str(value)]}, "message": message}],
        )

    # --- parameters -----------------------------------------------------------
    def ask(self, call: Call, kind, *names) -> View:
        """A view for the call; everything that X does not know is refused."""
        kinds, expansions = kind
        allowed = [*names, "expansions", *(f"{one}.fields" for one in kinds)]
        fields, expanded = {}, []
        for given, value in call.query:
            name = x_fields.canonical(given)
            if name not in allowed:
                words = f"The query parameter [{given}] is not one of "
                raise self.invalid(given, value, f"{words}[{','.join(allowed)}]")
            if len(call.args(given)) > 1:
                words = f"Duplicate parameters are not allowed: the `{given}`"
                raise self.invalid(given, value, f"{words} query parameter")
            if name == "expansions" or name.endswith(".fields"):
                known = (
                    expansions
                    if name == "expansions"
                    else x_fields.FIELDS[name.partition(".")[0]]
                )
                found = [x_fields.canonical(one) for one in value.split(",")]
                if name == "expansions":
                    # the OpenAPI file's list has "referenced_posts" here
                    whole = {"referenced_tweets": "referenced_tweets.id"}
                    found = [whole.get(one, one) for one in found]
                for one in found:
                    if one not in known:
                        words = f"The `{given}` query parameter value [{one}] is not "
                        raise self.invalid(
                            given, value, f"{words}one of [{','.join(known)}]"
                        )
                if name == "expansions":
                    expanded = found
                else:
                    fields[name.partition(".")[0]] = set(found)
        viewer = call.caller.user.id if call.caller and call.caller.user else ""
        return View(self.world, self.url, viewer, fields, expanded)

    def number(self, call: Call, name, default, low, high) -> int:
        value = call.arg(name)
        if value is None:
            return default
        if not value.isdigit() or not low <= int(value) <= high:
            raise self.invalid(
                name,
                value,
                f"The `{name}` query parameter value [{value}] is not between {low} "
                f"and {high}",
            )
        return int(value)

    def ids(self, call: Call, name="ids") -> list[str]:
        found = call.arg(name, "").split(",")
        if not call.arg(name):
            words = f"The `{name}` query parameter can not be empty"
            raise self.invalid(name, "", words)
        if len(found) > 100:
            raise self.invalid(
                name,
                call.arg(name),
                f"The number of values in the `{name}` query "
                f"parameter list [{len(found)}] is not between 1 and 100",
            )
        for one in found:
            if not re.fullmatch(r"\d{1,19}", one):
                words = f"The `{name}` query parameter value [{one}] is not valid"
                raise self.invalid(name, call.arg(name), words)
        return found

    def body(self, call: Call, allowed) -> dict:
        """A JSON object with nothing but ``allowed`` keys (§5)."""
        try:
            found = json.loads(call.body or b"")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise self.invalid(
                "body",
                "",
                "Requests with bodies must have content-type of application/json.",
            )
        for key, value in found.items():
            if key not in allowed:
                words = f"[{key}] is not one of [{','.join(allowed)}]"
                raise self.invalid(key, value, words)
        return found

    # --- paging (§3) ----------------------------------------------------------
    def token(self, endpoint, edge: str, back=False) -> str:
        text = f"{endpoint} {edge} {back}"
        token = "7140" + hashlib.sha256(text.encode()).hexdigest()[:24]
        self._pages[token] = (endpoint, edge, back)
        return token

    def forget_pages(self):
        """Page tokens of timelines may expire (§3)."""
        with self.lock:
            self._pages.clear()

    def page(self, call: Call, things: list, limit: int, names=("pagination_token",)):
        """(things of the page, its ``meta``) of things that are newest first."""
        given = next((call.arg(name) for name in names if call.arg(name)), "")
        rest = [pair for pair in call.query if pair[0] not in names]
        endpoint = f"{call.path}?{sorted(rest)}"
        newer = []
        if given:
            known = self._pages.get(given)
            if known is None or known[0].split("?")[0] != call.path:
                words = f"The `{names[0]}` query parameter value [{given}] is not valid"
                raise self.invalid(names[0], given, words)
            edge, back = int(known[1]), known[2]
            newer = [one for one in things if int(one.id) > edge - (not back)]
            older = [one for one in things if int(one.id) < edge]
            if back:
                things, newer = newer[-limit:], newer[:-limit]
            else:
                things = older
        size = min(limit, self.short_pages.pop(0)) if self.short_pages else limit
        shown = things[:size]
        meta = {}
        if shown:
            meta = {"newest_id": shown[0].id, "oldest_id": shown[-1].id}
        meta["result_count"] = len(shown)
        if len(things) > len(shown):
            edge = int(shown[-1].id) if shown else int(things[0].id) + 1
            meta["next_token"] = self.token(endpoint, str(edge))
        if given and newer:
            edge = int(shown[0].id) if shown else int(newer[-1].id) - 1
            meta["previous_token"] = self.token(endpoint, str(edge), True)
        return shown, meta

    def between(self, call: Call, things: list) -> list:
        """``since_id`` and ``until_id`` are exclusive, times inclusive-exclusive."""
        low, top = call.arg("since_id"), call.arg("until_id")
        for name, value in (("since_id", low), ("until_id", top)):
            if value and not re.fullmatch(r"\d{1,19}", value):
                words = f"The `{name}` query parameter value [{value}] is not valid"
                raise self.invalid(name, value, words)
        if low:
            things = [one for one in things if int(one.id) > int(low)]
        if top:
            things = [one for one in things if int(one.id) < int(top)]
        start, end = self.moment(call, "start_time"), self.moment(call, "end_time")
        if start:
            things = [one for one in things if one.created_at >= start]
        if end:
            things = [one for one in things if one.created_at < end]
        return things

    def moment(self, call: Call, name) -> datetime | None:
        value = call.arg(name)
        if not value:
            return None
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
            words = f"The `{name}` query parameter value [{value}] is not a valid"
            raise self.invalid(name, value, f"{words} RFC 3339 date-time")
        return datetime.fromisoformat(value.replace("Z", "+00:00"))

    def read(self, kind: str, numbers):
        """Bill what was read; the same thing costs once per day (§0)."""
        day = self.now().date()
        for number in numbers:
            if (kind, number, day) not in self._read:
                self._read.add((kind, number, day))
                self.bill[kind] += 1
