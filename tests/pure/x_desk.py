"""What the X tests share: the fact sheet's post, an adapter on a simulator.

(``x_kit`` is what the tests use that are unkind to both.)
"""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from networks import items
from networks.transport import Transport
from networks.x import XAdapter

PNG = b"\x89PNG\r\n\x1a\n small"
OWN, JO = "111", "222"
FACTS = {"id": OWN, "handle": "acme"}
#: what the fact sheet shows in §5: an answer to our own post, with a picture
USER = {
    "id": JO,
    "username": "jo_k",
    "name": "Jo",
    "verified": False,
    "protected": False,
    "public_metrics": {"followers_count": 10, "following_count": 3},
}
POST = {
    "id": "1900000000000000003",
    "text": "@acme my order is late https://t.co/ab",
    "author_id": JO,
    "created_at": "2026-10-01T10:30:00.000Z",
    "conversation_id": "1900000000000000001",
    "in_reply_to_user_id": OWN,
    "referenced_tweets": [{"type": "replied_to", "id": "1900000000000000001"}],
    "edit_history_tweet_ids": ["1900000000000000003"],
    "attachments": {"media_keys": ["3_19"]},
    "entities": {
        "mentions": [{"start": 0, "end": 5, "username": "acme", "id": OWN}],
        "urls": [
            {
                "start": 23,
                "end": 38,
                "url": "https://t.co/ab",
                "expanded_url": "https://acme.example/o/1",
                "display_url": "acme.example/o/1",
            }
        ],
    },
}
INCLUDES = {
    "users": [USER],
    "media": [
        {
            "media_key": "3_19",
            "type": "photo",
            "url": "https://pbs.twimg.com/media/x.jpg",
            "alt_text": "A lamp",
        }
    ],
    "tweets": [{"id": "1900000000000000001", "text": "root", "author_id": OWN}],
}


# --- without a line ---------------------------------------------------------------
def offline(facts=None, **settings) -> XAdapter:
    now = datetime(2026, 10, 2, tzinfo=timezone.utc)
    facts = FACTS if facts is None else facts
    return XAdapter(settings, None, lambda: now, facts)


def parse(data, facts=None, **raw) -> items.Parsed:
    return offline(facts).parse(items.RawItem("k", data, **raw))


def a_post(**changes) -> dict:
    """The fact sheet's post; None takes a field out."""
    found = {**POST, **changes}
    return {key: value for key, value in found.items() if value is not None}


def read_post(includes=INCLUDES, facts=None, via="mentions", **changes):
    data = {"via": via, "post": a_post(**changes), "includes": includes}
    return parse(data, facts)


def facts_of(one: items.Incoming, **changes) -> items.MessageFacts:
    found = items.MessageFacts(
        audience=one.audience,
        own=False,
        ref=one.ref,
        thread=one.thread,
        author=one.author,
        addressed=one.addressed,
        sent_at=one.sent_at,
        last_inbound_at=one.sent_at,
        extra=one.extra,
    )
    return replace(found, **changes)


def may(adapter, one, **changes) -> dict[str, items.Affordance]:
    facts = one if isinstance(one, items.MessageFacts) else facts_of(one)
    return {
        found.kind: found for found in adapter.affordances(replace(facts, **changes))
    }


# --- on a simulator ---------------------------------------------------------------
def settings_of(sim, **changes) -> dict:
    return {
        "base_url": sim.url,
        "consumer_key": sim.app.consumer_key,
        "consumer_secret": sim.app.consumer_secret,
        "client_id": sim.app.client_id,
        "client_secret": sim.app.client_secret,
        "access_token": sim.brand_token,
        **changes,
    }


def connect(sim, facts=None, deadline=3.0, **changes) -> XAdapter:
    """An adapter as the model makes one; without ``facts`` it asks for them."""
    settings = settings_of(sim, **changes)
    line = Transport(
        sim.url,
        hosts=XAdapter.hosts,
        secrets=[sim.brand_token, sim.app.consumer_secret, sim.app.client_secret],
        allow_private=True,
        deadline=deadline,
        now=sim.now,
        rate_headers=XAdapter.rate_headers,
    )
    if facts is None:
        facts = XAdapter(settings, line, sim.now).check().facts
    return XAdapter(settings, line, sim.now, facts)


def pull(adapter, cursor="", stream="mentions", since=None, pages=50):
    """Page after page until there is no more: (raw items, cursor)."""
    found = []
    for _page in range(pages):
        since = since or adapter.now() - timedelta(days=7)
        page = adapter.fetch(stream, cursor, since)
        found += page.items
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("the stream never ends")


def read(adapter, cursor="", stream="mentions", **kwargs):
    return [adapter.parse(one) for one in pull(adapter, cursor, stream, **kwargs)[0]]


def hear(sim, adapter, text="@acme it broke", by="", **kwargs) -> items.Incoming:
    """A customer posts and we read it."""
    author = by or sim.world.user("jo_k") or sim.add_user("jo_k", "Jo")
    post = sim.post(author, text, **kwargs)
    page = adapter.reread([post.id])
    [found] = [adapter.parse(one) for one in page.items]
    return found


def hear_direct(sim, adapter, text="hello", by="", **kwargs) -> items.Incoming:
    author = by or sim.world.user("jo_k") or sim.add_user("jo_k", "Jo")
    message = sim.dm(author, text, **kwargs)
    found = {one.key: one for one in read(adapter, stream="direct")}
    return found[f"dm:{message.id}"]


def answer(one: items.Incoming, text="We look into it", **changes) -> items.Draft:
    """A draft that answers where it was said."""
    target = items.Target(
        key=one.key,
        ref=one.ref,
        author=one.author,
        audience=one.audience,
        thread=one.thread,
        text=one.text,
        sent_at=one.sent_at,
        mentions=one.mentions,
        extra=one.extra,
    )
    draft = {"audience": one.audience, "target": target, "thread": one.thread}
    if one.audience == items.PRIVATE:
        draft["to"] = one.author
    return items.Draft(**{"text": text, **draft, **changes})


def asked(sim, path: str) -> list[dict]:
    """The queries of all calls of this path, in order."""
    return [dict(call.query) for call in sim.calls if call.path == path]
