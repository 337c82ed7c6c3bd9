"""What the Mastodon tests share: an adapter on a simulator, and short words."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from networks import items
from networks.mastodon import MastodonAdapter
from networks.mastodon_status import Reader
from networks.transport import Transport

JO = "jo@other.example"
PNG = b"\x89PNG\r\n\x1a\n small"


def now():
    return datetime.now(timezone.utc)


def line(sim, token="", deadline=3.0):
    return Transport(
        sim.url,
        secrets=[token or sim.brand_token],
        allow_private=True,
        deadline=deadline,
        rate_headers=MastodonAdapter.rate_headers,
    )


def connect(sim, facts=None, deadline=3.0, **settings):
    """An adapter as the model makes one; without ``facts`` it asks for them."""
    settings = {"base_url": sim.url, "access_token": sim.brand_token, **settings}
    transport = line(sim, settings["access_token"], deadline)
    if facts is None:
        facts = MastodonAdapter(settings, transport, now).check().facts
    return MastodonAdapter(settings, transport, now, facts)


def pull(adapter, cursor="", stream="notifications", since=None, pages=100):
    """Page after page until there is no more: (raw items, cursor)."""
    found = []
    for _page in range(pages):
        page = adapter.fetch(stream, cursor, since or now() - timedelta(days=7))
        found += page.items
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("the stream never ends")


def read(adapter, cursor="", stream="notifications", **kwargs):
    return [adapter.parse(one) for one in pull(adapter, cursor, stream, **kwargs)[0]]


def hear(sim, adapter, text="@acme it broke", visibility="public", by="", **kwargs):
    """A customer writes and we read it: the ``Incoming``."""
    author = by or "jo@other.example"
    if not sim.world.account(author):
        sim.add_account(author)
    status = sim.post(author, text, visibility, **kwargs)
    [found] = [one for one in read(adapter) if one.key == status.uri]
    return found


def target(one: items.Incoming, **changes) -> items.Target:
    values = {
        name: getattr(one, name)
        for name in (
            "key",
            "ref",
            "author",
            "audience",
            "thread",
            "text",
            "language",
            "warning",
            "sent_at",
            "mentions",
            "extra",
        )
    }
    return items.Target(**{**values, **changes})


def answer(one: items.Incoming, text="Hello", audience="", **kwargs) -> items.Draft:
    audience = audience or one.audience
    if audience == items.PRIVATE:
        kwargs.setdefault("to", one.author)
    return items.Draft(text, audience, target=target(one), **kwargs)


def staged(adapter, upload):
    return replace(upload, staged=adapter.stage_whole(upload))


def newest(sim):
    """The last post on the server, as its author typed it."""
    return list(sim.world.statuses.values())[-1]


# --- JSON without a server ---------------------------------------------------------
def a_status() -> dict:
    return {
        "id": "103186126728896492",
        "uri": "https://other.example/users/jo/statuses/1",
        "url": "https://other.example/@jo/1",
        "created_at": "2026-10-01T07:49:02.064Z",
        "visibility": "public",
        "content": "<p>hello</p>",
        "account": {
            "id": "971724",
            "username": "jo",
            "acct": JO,
            "display_name": "Jo",
            "uri": "https://other.example/users/jo",
        },
    }


FACTS = {
    "id": "https://us.example/users/acme",
    "local_id": "14715",
    "handle": "acme@us.example",
    "domain": "us.example",
}


def a_reader() -> Reader:
    return Reader(FACTS)


def parse_data(data):
    adapter = MastodonAdapter({}, None, now, FACTS)
    return adapter.parse(items.RawItem("k", data))
