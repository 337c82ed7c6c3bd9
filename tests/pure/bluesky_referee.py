"""An independent client judges the Bluesky simulator: atproto, from PyPI.

It parses every answer with models made from the network's own schemas and turns every
refusal into its own exceptions.
"""

import pytest
import requests
from atproto import Client, client_utils, models

#: the smallest picture that programs accept as one
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\rIDATx\xdac\xfc\xcf\xf0\xbf\x1e\0\5\x83\2\x7f\x94\xad\xd0\xeb\0\0\0\0"
    b"IEND\xaeB`\x82"
)


def client(sim, person=None, password="", url=""):
    """A customer's (or our own) program, logged in."""
    person = person or sim.brand
    api = Client((url or sim.url) + "/xrpc")
    api.login(person.handle, password or person.password)
    return api


def chat(api):
    return api.with_bsky_chat_proxy().chat.bsky.convo


def naming(person, text="Hé 👋, it broke"):
    """A text that mentions somebody, with positions in bytes."""
    words = client_utils.TextBuilder().text("Hé 👋 ")
    return words.mention(f"@{person.handle}", person.did).text(f" {text}")


def refs(post, root=None):
    """What a reply says about what it answers."""
    parent = models.create_strong_ref(post)
    top = models.create_strong_ref(root) if root else parent
    return models.AppBskyFeedPost.ReplyRef(parent=parent, root=top)


def refused(error, words, call, *args, **kwargs):
    """The call is refused with this status class, error name or message."""
    with pytest.raises(error) as caught:
        call(*args, **kwargs)
    assert words.lower() in str(caught.value).lower()
    return caught.value.response


def notices(api, **params):
    found = api.app.bsky.notification.list_notifications({"priority": False, **params})
    return found.notifications, found.cursor


def raw(api, method, nsid, **kwargs):
    """(status, answer) of a call that the client itself would refuse to make."""
    answer = requests.request(
        method,
        f"{api._base_url}/{nsid}",
        headers={"Authorization": f"Bearer {api._session.access_jwt}"},
        **kwargs,
    )
    return answer.status_code, answer.json() if answer.content else {}
