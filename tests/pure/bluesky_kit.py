"""What the Bluesky tests share: an adapter on a simulator, and short words."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from simulators.server import Answer, Simulator, route

from networks import items
from networks.bluesky import BlueskyAdapter
from networks.transport import Response, Transport

DAY = timedelta(days=1)
US, JO = "did:plc:acmeacmeacmeacmeacmeacme", "did:plc:jojojojojojojojojojojojo"
FACTS = {
    "id": US,
    "handle": "acme.example",
    "entryway": "https://entry.example",
    "pds": "https://pds.example",
    "chat": True,
}


def line(base_url, allow_private=True, **kwargs):
    kwargs.setdefault("deadline", 3.0)
    return Transport(
        base_url,
        allow_private=allow_private,
        rate_headers=BlueskyAdapter.rate_headers,
        **kwargs,
    )


def settings_of(sim, **changes):
    return {
        "base_url": sim.url,
        "identifier": sim.brand.handle,
        "app_password": sim.brand_password,
        "chat_did": sim.chat_did,
        "incoming": "all",
        **changes,
    }


def connect(sim, facts=None, now=None, **changes):
    """An adapter as the model makes one: signed in, checked, with its facts."""
    settings = settings_of(sim, **changes)
    now = now or sim.now
    transport = line(settings["base_url"], secrets=[settings["app_password"]])
    if "access_token" not in settings:
        tokens = BlueskyAdapter(settings, transport, now).sign_in()
        settings |= tokens.settings
    if facts is None:
        facts = BlueskyAdapter(settings, transport, now).check().facts
    return BlueskyAdapter(settings, transport, now, facts)


def later(sim, adapter, seconds):
    """Time passes; a session ends after two hours, and the model renews it."""
    sim.world.clock.advance(seconds)
    adapter.settings |= adapter.refresh().settings


def pull(adapter, stream="notifications", cursor="", since=None, pages=200):
    """Page after page until there is no more: (raw items, cursor)."""
    found = []
    for _page in range(pages):
        page = adapter.fetch(stream, cursor, since or adapter.now() - 7 * DAY)
        found += page.items
        cursor = page.cursor
        if not page.more:
            assert page.closed
            return found, cursor
    raise AssertionError("the stream never ends")


def read(adapter, stream="notifications", cursor="", **kwargs):
    raw, _cursor = pull(adapter, stream, cursor, **kwargs)
    return [adapter.parse(one) for one in raw]


def hear(sim, adapter, text="it broke", by="jo.example", **kwargs):
    """A customer writes and we read it: the ``Incoming``."""
    author = sim.world.person(by) or sim.add_person(by)
    if "@acme" not in text and not kwargs.get("reply_to"):
        text = f"@acme.example {text}"
    record = sim.post(author, text, **kwargs)
    [found] = [one for one in read(adapter) if one.key == record.uri]
    return found


def hear_private(sim, adapter, text="psst", by="jo.example"):
    author = sim.world.person(by) or sim.add_person(by)
    message = sim.dm(author, text)
    found = {
        one.key: one
        for stream in ("chat", "requests")
        for one in read(adapter, stream)
        if isinstance(one, items.Incoming)
    }
    [key] = [one for one in found if one.endswith(f":{message.id}")]
    return found[key]


def target(one: items.Incoming, **changes) -> items.Target:
    names = (
        "key ref author audience thread text language warning sent_at mentions extra"
    )
    values = {name: getattr(one, name) for name in names.split()}
    return items.Target(**{**values, **changes})


def answer(one: items.Incoming, text="Hello", audience="", **kwargs) -> items.Draft:
    audience = audience or one.audience
    if audience == items.PRIVATE:
        kwargs.setdefault("to", one.author)
        kwargs.setdefault("thread", one.thread)
    return items.Draft(text, audience, target=target(one), **kwargs)


def facts_of(one: items.Incoming, **changes) -> items.MessageFacts:
    return items.MessageFacts(
        **{
            "audience": one.audience,
            "own": False,
            "ref": one.ref,
            "thread": one.thread,
            "author": one.author,
            "extra": one.extra,
            **changes,
        }
    )


def afforded(adapter, one, **changes) -> dict[str, items.Affordance]:
    found = adapter.affordances(facts_of(one, **changes))
    return {affordance.kind: affordance for affordance in found}


def staged(adapter, upload):
    return replace(upload, staged=adapter.stage_whole(upload))


def ours(sim):
    """What we posted, newest last."""
    return sorted(
        (one for one in sim.world.repo(sim.brand.did, "app.bsky.feed.post")),
        key=lambda one: one.indexed_at,
    )


def asked(sim, nsid):
    """Calls of a method that the simulator got."""
    return [one for one in sim.calls if one.path == f"/xrpc/{nsid}"]


# --- without a server -------------------------------------------------------------
class Fake:
    """A transport that gives what it was told to, call by call."""

    base_url = "https://entry.example"
    rate = None

    def __init__(self, *answers):
        self.answers, self.calls = list(answers), []
        self.classify = None

    def request(self, method, url, **kwargs):
        self.calls.append((method, url, kwargs))
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return Response(200, {}, found if isinstance(found, bytes) else dumped(found))


def dumped(value) -> bytes:
    return json.dumps(value).encode()


NOW = datetime(2026, 10, 2, 12, 0, tzinfo=timezone.utc)


def alone(*answers, facts=FACTS, now=NOW):
    """An adapter on a ``Fake``, and the fake."""
    fake = Fake(*answers)
    settings = {"access_token": "a.b.c", "refresh_token": "r.r.r"}
    return BlueskyAdapter(settings, fake, lambda: now, facts), fake


def a_notification(**changes) -> dict:
    return {
        "uri": f"at://{JO}/app.bsky.feed.post/3k4duaz5vfs2b",
        "cid": "bafyreione",
        "reason": "mention",
        "isRead": False,
        "indexedAt": "2026-10-01T07:49:02.064Z",
        "author": {
            "did": JO,
            "handle": "jo.bsky.social",
            "displayName": "Jo",
            "avatar": "https://cdn.example/a.jpg",
            "viewer": {"muted": False, "blockedBy": False, "followedBy": "at://x"},
            "associated": {"chat": {"allowIncoming": "following"}},
            "verification": {"verifiedStatus": "valid"},
            "labels": [],
        },
        "record": {
            "$type": "app.bsky.feed.post",
            "text": "@acme.example it broke",
            "createdAt": "2026-10-01T07:49:01Z",
            "langs": ["en"],
            "facets": [
                {
                    "index": {"byteStart": 0, "byteEnd": 13},
                    "features": [
                        {"$type": "app.bsky.richtext.facet#mention", "did": US}
                    ],
                }
            ],
        },
        "labels": [],
        **changes,
    }


def parse_data(data, facts=FACTS):
    return BlueskyAdapter({}, None, lambda: NOW, facts).parse(items.RawItem("k", data))


class Directory(Simulator):
    """Where DID documents are kept: ``documents`` by DID."""

    def __init__(self):
        super().__init__()
        self.documents = {}

    @route("GET", r"/(?P<did>did:plc:\w+)")
    def document(self, call):
        found = self.documents.get(call.params["did"])
        return Answer(found) if found else Answer({"message": "not registered"}, 404)
