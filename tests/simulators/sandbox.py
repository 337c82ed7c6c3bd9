"""The sandbox's store in memory, for tests without a database.

It answers the verbs written down in ``networks/sandbox_rows.py`` as the model in Odoo
does, but shares no code with either: it must never import them.
"""

import itertools
import re
from datetime import datetime, timedelta, timezone

HANDLE = re.compile(r"@([\w.-]*\w)")
PAGE_URL = "https://sandbox.example/wall"
EFFECTS = ("create", "like", "unlike", "hide", "unhide", "delete", "edit")
EFFECTS += ("block", "unblock")


class Refused(Exception):
    def __init__(self, code, **more):
        super().__init__(code)
        self.answer = {"error": code, **more}


class SandboxMemory:
    """One wall: people, posts and accidents. Use as a context manager, as the others.

    ``fail(error, verbs, times)`` makes the next calls fail; with ``lost`` the call
    takes effect and only its answer is missing.
    """

    def __init__(self):
        self.people, self.rows, self.calls = {}, {}, []
        self.files, self.keys, self.faults = {}, {}, []
        self.hidden, self.likes, self.blocks = set(), set(), set()
        self._ids, self._seq = itertools.count(1), itertools.count(1)
        self.clock = datetime(2026, 1, 5, 9, 0, tzinfo=timezone.utc)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None

    def now(self):
        return self.clock

    def advance(self, seconds):
        self.clock += timedelta(seconds=seconds)

    def _stamp(self):
        self.advance(1)
        return self.clock.isoformat()

    # --- people -------------------------------------------------------------------
    def person(self, handle, **more):
        handle = handle.lstrip("@").lower()
        for one in self.people.values():
            if one["handle"] == handle:
                return one
        one = {"id": str(next(self._ids)), "handle": handle, "name": handle.title()}
        self.people[one["id"]] = {**one, "own": False, **more}
        return self.people[one["id"]]

    def block(self, handle, whom, blocked=True):
        who, whom = self.person(handle), self.person(whom)
        pair = (who["id"], whom["id"])
        (self.blocks.add if blocked else self.blocks.discard)(pair)
        kind = "blocked" if blocked else "unblocked"
        return self._add(kind, who, thread=_thread(*pair), audience="private")

    # --- what people do -------------------------------------------------------------
    def say(self, handle, text, audience="public", parent="", to="", thread="", **more):
        """Somebody says something; returns its row."""
        author = self.person(handle)
        if audience == "private" and not thread:
            thread = _thread(author["id"], self.person(to)["id"])
        names = {name.lower() for name in HANDLE.findall(text)}
        mentions = [
            {key: one[key] for key in ("id", "handle", "name")}
            for one in self.people.values()
            if one["handle"] in names
        ]
        return self._add(
            "post",
            author,
            text=text,
            audience=audience,
            parent=parent,
            thread="" if audience == "public" else thread,
            mentions=mentions,
            **more,
        )

    def change(self, ref, **values):
        row = self._get(ref)
        row.update(values, seq=next(self._seq), changed_at=self._stamp())
        return row

    def rewrite(self, ref, text):
        row = self._get(ref)
        stamp = self._stamp()
        return self.change(ref, text=text, edits=row["edits"] + 1, edited_at=stamp)

    def remove(self, ref):
        return self.change(ref, deleted_at=self._stamp(), text="")

    def _add(self, kind, author, **values):
        number, stamp = str(next(self._ids)), self._stamp()
        above = self.rows.get(values.get("parent") or "")
        self.rows[number] = {
            "id": number,
            "kind": kind,
            "seq": next(self._seq),
            "author": author,
            "at": stamp,
            "changed_at": stamp,
            "edits": 0,
            "url": f"{PAGE_URL}/{number}",
            "parent_author": above["author"]["id"] if above else "",
            "shut_out": [who for who, whom in self.blocks if whom == author["id"]],
            **values,
        }
        return self.rows[number]

    # --- the line -----------------------------------------------------------------
    def fail(self, error, verbs=(), times=1, **more):
        self.faults.append({"error": error, "verbs": verbs, "times": times, **more})

    def call(self, verb, arguments):
        self.calls.append((verb, dict(arguments)))
        fault = next(
            (f for f in self.faults if verb in f["verbs"] or not f["verbs"]), 0
        )
        if fault:
            fault["times"] -= 1
            if not fault["times"]:
                self.faults.remove(fault)
            if fault["error"] != "lost":
                return {k: v for k, v in fault.items() if k not in ("verbs", "times")}
        try:
            answer = getattr(self, f"on_{verb}")(**arguments)
        except Refused as refused:
            answer = refused.answer
        return {"error": "lost"} if fault else answer

    def _get(self, ref, me=""):
        row = self.rows.get(ref)
        if not row or (
            me and row["audience"] == "private" and not self._reaches(me, row)
        ):
            raise Refused("gone")
        return row

    def _me(self, me):
        person = self.people.get(me)
        if not person or not person["own"]:
            raise Refused("auth")
        return person

    def _reaches(self, me, row):
        """Is this row for us? What stands below such a row is as well. Never what was
        said by somebody whom we blocked by then."""
        if me in row["shut_out"]:
            return False
        if row["audience"] == "private":
            return me in row["thread"].split(":")[1:]
        if row["audience"] == "group":
            return True
        while row:
            mentioned = me in [one["id"] for one in row.get("mentions", ())]
            if mentioned or row["author"]["id"] == me:
                return True
            row = self.rows.get(row.get("parent") or "")
        return False

    def on_whoami(self, me, handle, protection):
        person = self.person(handle)
        if not person["own"] and any(r["author"] is person for r in self.rows.values()):
            raise Refused("handle_taken", detail=handle)
        person["own"] = True
        return {"person": dict(person), "url": PAGE_URL}

    def on_page(self, me, stream, after, since, limit):
        self._me(me)
        if after and after > max((r["seq"] for r in self.rows.values()), default=0):
            raise Refused("stale")
        public = stream == "public"
        rows = [
            row
            for row in self.rows.values()
            if row["seq"] > after
            and (row["audience"] == "public") == public
            and (not since or row["changed_at"] >= since)
            and self._reaches(me, row)
        ]
        rows.sort(key=lambda row: row["seq"])
        return {"rows": [dict(r) for r in rows[:limit]], "more": len(rows) > limit}

    def on_above(self, me, ref, limit):
        self._me(me)
        found, row = [], self._get(ref, me)
        while row.get("parent") and len(found) < limit:
            row = self.rows[row["parent"]]
            found.insert(0, dict(row))
        return {"rows": found}

    def on_read(self, me, refs):
        self._me(me)
        return {"rows": [dict(self.rows[ref]) for ref in refs if ref in self.rows]}

    def on_find(self, me, url):
        self._me(me)
        start, _, ref = url.rpartition("/")
        if start != PAGE_URL:
            raise Refused("gone")
        return {"row": dict(self._get(ref, me))}

    def on_person(self, me, id):
        self._me(me)
        if id not in self.people:
            raise Refused("gone")
        return {"person": dict(self.people[id])}

    def on_media(self, me, ref, limit):
        self._me(me)
        if ref not in self.files:
            raise Refused("gone")
        data, mime = self.files[ref]
        return {"data": data, "mime": mime}

    def on_create(
        self, me, audience, text, parent, to, thread, key, media, language, warning
    ):
        author = self._me(me)
        if key and (me, key) in self.keys:
            return {"row": dict(self.rows[self.keys[me, key]])}
        above = self._get(parent, me) if parent else None
        if above and above.get("deleted_at"):
            raise Refused("gone")
        if to and to not in self.people:
            raise Refused("gone")
        person = to or (above and above["author"]["id"]) or ""
        if (person, me) in self.blocks:
            raise Refused("blocked")
        row = self.say(
            author["handle"],
            text,
            audience,
            parent=parent,
            thread=thread or (_thread(me, to) if to else ""),
            media=[self._keep(one) for one in media],
            language=language,
            warning=warning,
        )
        if key:
            self.keys[me, key] = row["id"]
        return {"row": dict(row)}

    def _keep(self, one):
        ref = str(next(self._ids))
        self.files[ref] = (one["data"], one["mime"])
        names = {"ref": ref, "name": one["name"], "alt": one["alt"]}
        kind = one["mime"].partition("/")[0]
        kind = kind if kind in ("image", "video", "audio") else "file"
        return {**names, "mime": one["mime"], "kind": kind, "size": len(one["data"])}

    def on_sent(self, me, audience, text, parent, to, thread, since):
        self._me(me)
        thread = thread or (_thread(me, to) if to else "")
        for row in reversed(list(self.rows.values())):
            same = row["kind"] == "post" and row["author"]["id"] == me
            same = same and row["text"] == text and row["audience"] == audience
            same = same and row.get("parent", "") == parent and row["at"] >= since
            if same and (audience == "public" or row["thread"] == thread):
                return {"row": dict(row)}
        return {"row": None}

    # --- small effects ----------------------------------------------------------------
    def on_like(self, me, ref):
        self.likes.add((self._me(me)["id"], self._get(ref, me)["id"]))
        return {"row": dict(self.rows[ref])}

    def on_unlike(self, me, ref):
        self.likes.discard((self._me(me)["id"], self._get(ref, me)["id"]))
        return {"row": dict(self.rows[ref])}

    def on_hide(self, me, ref):
        self._me(me)
        if self._get(ref, me)["audience"] != "public":
            raise Refused("forbidden")
        self.hidden.add(ref)
        return {"row": dict(self.rows[ref])}

    def on_unhide(self, me, ref):
        self._me(me)
        self.hidden.discard(self._get(ref, me)["id"])
        return {"row": dict(self.rows[ref])}

    def on_block(self, me, id):
        return self._shut_out(me, id, self.blocks.add)

    def on_unblock(self, me, id):
        return self._shut_out(me, id, self.blocks.discard)

    def _shut_out(self, me, id, change):
        self._me(me)
        if id not in self.people or id == me:
            raise Refused("gone")
        change((me, id))
        return {"person": dict(self.people[id])}

    def _mine(self, me, ref):
        row = self._get(ref, self._me(me)["id"])
        if row["author"]["id"] != me:
            raise Refused("forbidden")
        if row.get("deleted_at"):
            raise Refused("gone")
        return row

    def on_delete(self, me, ref):
        return {"row": dict(self.remove(self._mine(me, ref)["id"]))}

    def on_edit(self, me, ref, text):
        return {"row": dict(self.rewrite(self._mine(me, ref)["id"], text))}


def _thread(one, other):
    return "dm:{}:{}".format(*sorted((one, other), key=int))


class SandboxHarness:
    """What the contract suite needs to try the adapter against this store."""

    code = "sandbox"
    simulator = SandboxMemory
    handle = "acme"

    def settings(self, sim) -> dict:
        return {"handle": self.handle, "limit": "500", "protection": "key"}

    def transport(self, sim):
        """There is no HTTP here: the store is the transport."""
        return sim

    def customer_says(self, sim, text, audience="public", reply_to=None) -> str:
        """A message addressed to us; returns the key the adapter must give it."""
        brand = sim.person(self.handle)
        named = f"@{self.handle} {text}" if audience != "private" else text
        if reply_to:
            named = text
        thread = "group:1" if audience == "group" else ""
        return sim.say(
            "mika",
            named,
            audience,
            parent=reply_to or "",
            to=brand["handle"],
            thread=thread,
        )["id"]

    def customer_edits(self, sim, key, text):
        sim.rewrite(key, text)

    def customer_deletes(self, sim, key):
        sim.remove(key)

    def blocked(self, sim) -> list[str]:
        """Ids of the people whom our account blocks."""
        brand = sim.person(self.handle)["id"]
        return sorted(whom for who, whom in sim.blocks if who == brand)

    def published(self, sim) -> list[dict]:
        """What customers see from us, oldest first."""
        return [
            {
                "text": row["text"],
                "audience": row["audience"],
                "reply_to": row.get("parent", ""),
                "key": row["id"],
            }
            for row in sim.rows.values()
            if row["kind"] == "post"
            and row["author"]["own"]
            and not row.get("deleted_at")
        ]
