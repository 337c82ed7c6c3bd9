"""How X's posts, messages and people are named: keys, refs, links, side tables. Pure.

Fact sheet x §3, §5, §8.
"""

from collections.abc import Mapping

from .values import listing, mapping, words
from .x_values import either, ident

MESSAGE = "dm:"
SITE = "https://x.com"
INBOX = f"{SITE}/messages"


def ref_of(one_id: str, key: str) -> str:
    """What this account calls a post: the version that came, and behind it the key,
    because of a deleted post its id is all that the network says."""
    return one_id if one_id == key else f"{one_id} {key}"


def id_in(ref: str) -> str:
    """The id that calls need; '' for what is no post."""
    return ident(ref.partition(" ")[0])


def key_in(ref: str) -> str:
    return ref.partition(" ")[2] or ref


def message_id(ref: str) -> str:
    """The id of a private message; '' for anything else."""
    return ident(ref.removeprefix(MESSAGE)) if ref.startswith(MESSAGE) else ""


def history(post: Mapping) -> list[str]:
    """Ids of all versions, oldest first, this one included."""
    found = [ident(one) for one in listing(either(post, "edit_history_tweet_ids"))]
    found, own = [one for one in found if one], ident(post.get("id"))
    return found if own in found or not own else [*found, own]


def references(post: Mapping) -> dict[str, str]:
    """Kind (``replied_to``, ``quoted``, ``retweeted``) -> id."""
    return {
        words(one.get("type")): ident(one.get("id"))
        for one in map(mapping, listing(either(post, "referenced_tweets")))
    }


def permalink(one_id: str, handle: str = "") -> str:
    return f"{SITE}/{handle or 'i/web'}/status/{one_id}" if one_id else ""


def is_direct(thread: str) -> bool:
    """Is it a conversation of exactly two? Those are named after both."""
    first, _, second = thread.partition("-")
    return bool(ident(first) and ident(second))


class Tables:
    """What came beside the data, by id; either spelling of the names."""

    def __init__(self, includes):
        includes = mapping(includes)
        self.users = self._by("id", includes.get("users"))
        self.posts = self._by("id", either(includes, "tweets"))
        self.media = {
            words(one.get("media_key")): one
            for one in map(mapping, listing(includes.get("media")))
        }

    @staticmethod
    def _by(key, rows) -> dict[str, dict]:
        return {ident(one.get(key)): one for one in map(mapping, listing(rows))}
