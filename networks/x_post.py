"""Reads X's posts and people as our items.

Pure: no traffic, no clock. A value of the wrong kind counts as missing, so nothing
here raises, whatever the JSON holds; what cannot be understood becomes ``Unknown``.
Fact sheet x §3, §5, §8.
"""

from collections.abc import Mapping
from datetime import datetime

from . import items, x_text
from .values import listing, mapping, number, words
from .x_names import SITE, Tables, history, permalink, ref_of, references
from .x_values import either, ident, link, moment, name, time_of

MEDIA_KINDS = {"photo": "image", "video": "video", "animated_gif": "video"}
#: the first part of a media key -> what it is, where the side table has no row for it
KEY_KINDS = {"3": "image", "7": "video", "13": "video", "16": "video"}
#: languages that say "no language": undetermined, no words, only a link or a picture
NO_LANGUAGE = ("und", "zxx", "qam", "qct", "qht", "qme", "qst", "art")


class PostReader:
    """Reads for one account of ours.

    :param facts: ``Profile.facts`` of the account; without them nobody is us
    """

    def __init__(self, facts: Mapping):
        self.own_id = ident(facts.get("id"))
        self.own_handle = name(facts.get("handle")).lower()

    # --- people ---------------------------------------------------------------
    def author(self, user, one_id: str = "") -> items.Author:
        """A person; only the id when that is all we know (a missing side table)."""
        user = mapping(user)
        handle = name(user.get("username"))
        one_id = ident(user.get("id")) or one_id
        counts = mapping(user.get("public_metrics"))
        kind = words(user.get("verified_type"))
        return items.Author(
            id=one_id,
            handle=handle,
            name=words(user.get("name")),
            url=f"{SITE}/{handle}"
            if handle
            else (f"{SITE}/i/user/{one_id}" if one_id else ""),
            avatar=link(user.get("profile_image_url")),
            followers=number(counts.get("followers_count")),
            verified=user.get("verified") is True or kind not in ("", "none"),
        )

    def _mentions(self, post: Mapping) -> tuple[items.Author, ...]:
        found: dict[str, items.Author] = {}
        long = mapping(either(post, "note_tweet"))
        for source in (post, long):
            listed = mapping(source.get("entities")).get("mentions")
            for one in map(mapping, listing(listed)):
                handle = name(one.get("username"))
                if handle:
                    found.setdefault(
                        handle.lower(),
                        items.Author(
                            id=ident(one.get("id")),
                            handle=handle,
                            url=f"{SITE}/{handle}",
                        ),
                    )
        return tuple(found.values())

    def _is_own(self, one: items.Author) -> bool:
        if one.id and self.own_id:
            return one.id == self.own_id
        return bool(self.own_handle) and one.handle.lower() == self.own_handle

    # --- posts ----------------------------------------------------------------
    def post(
        self,
        post,
        includes=None,
        *,
        addressed=False,
        context=False,
        quotes_us=False,
        received: datetime | None = None,
    ) -> items.Incoming | items.Unknown:
        """
        :param addressed: the list or event it came by holds only what is said to us
        :param quotes_us: the event says so; the side table need not know the quoted
        """
        post, tables = mapping(post), Tables(includes)
        one_id, versions = ident(post.get("id")), history(post)
        if not one_id:
            return items.Unknown("malformed")
        to = references(post)
        if to.get("retweeted"):
            return items.Unknown("repost", ignorable=True)
        key, revision = versions[0], versions.index(one_id)
        created = moment(post.get("created_at")) or time_of(one_id) or received
        began = (time_of(key) if revision else None) or created
        if began is None:
            return items.Unknown("malformed")
        author_id = ident(post.get("author_id"))
        user = tables.users.get(author_id) or {}
        author = self.author(user, author_id)
        mentions = self._mentions(post)
        named = any(self._is_own(one) for one in mentions)
        quotes_us = quotes_us or self._is_ours(tables.posts.get(to.get("quoted", "")))
        answers_us = bool(self.own_id) and (
            ident(post.get("in_reply_to_user_id")) == self.own_id
        )
        protected = user.get("protected") is True
        parent = to.get("replied_to", "")
        above = tables.posts.get(parent) or {}
        parent_key = history(above)[0] if history(above) else parent
        return items.Incoming(
            key=key,
            ref=ref_of(one_id, key),
            author=author,
            text=self.words_of(post),
            sent_at=began,
            # what only followers may read is not for the world
            audience=items.GROUP if protected else items.PUBLIC,
            revision=revision,
            # to the millisecond, as the time of the first version
            edited_at=(time_of(one_id) or created) if revision else None,
            parent=parent_key,
            parent_ref=ref_of(parent, parent_key) if parent else "",
            addressed=addressed or named or quotes_us or answers_us,
            context=context,
            mentions=mentions,
            media=self._media(post, tables, shown=not protected),
            permalink=permalink(one_id, author.handle),
            language=self._language(post),
            kind="quote" if to.get("quoted") else "message",
            extra=self._extra(post, user, tables, named or quotes_us, parent),
        )

    def _is_ours(self, post) -> bool:
        author = ident(mapping(post).get("author_id"))
        return bool(self.own_id) and author == self.own_id

    @staticmethod
    def words_of(post: Mapping) -> str:
        """The whole text: of a long post ``text`` is only the beginning (§5)."""
        long = mapping(either(post, "note_tweet"))
        keys = listing(mapping(post.get("attachments")).get("media_keys"))
        source = long if words(long.get("text")) else post
        return x_text.shown(
            words(source.get("text")), source.get("entities"), files=bool(keys)
        )

    @staticmethod
    def _language(post: Mapping) -> str:
        found = words(post.get("lang"))[:20]
        return "" if found in NO_LANGUAGE else found

    def _extra(self, post, user, tables, summoned: bool, parent: str) -> dict:
        """What deciding about an answer needs later (``x_may``)."""
        root = ident(post.get("conversation_id"))
        whose = mapping(tables.posts.get(root)).get("author_id")
        if root and root == parent and not whose:
            whose = post.get("in_reply_to_user_id")
        found = {
            "summoned": summoned,
            "conversation": root,
            "own_root": bool(parent and self.own_id) and ident(whose) == self.own_id,
            "protected": user.get("protected") is True,
            "withheld": bool(mapping(post.get("withheld"))),
        }
        if isinstance(user.get("receives_your_dm"), bool):
            found["dm"] = user["receives_your_dm"]
        return {key: value for key, value in found.items() if value or key == "dm"}

    def _media(self, post, tables: Tables, shown: bool) -> tuple[items.Media, ...]:
        found = []
        keys = listing(mapping(post.get("attachments")).get("media_keys"))
        for key in map(words, keys):
            one = mapping(tables.media.get(key))
            url, mime = _file(one)
            kind = MEDIA_KINDS.get(words(one.get("type")), "")
            if not url:
                # no row in the side table: it can be asked for later
                kind = kind or KEY_KINDS.get(key.partition("_")[0], "file")
                if key and ident(post.get("id")):
                    ref = f"post:{ident(post['id'])}/{key[:40]}"
                    found.append(items.Media(ref, kind))
                continue
            found.append(
                items.Media(
                    ref=url,
                    kind=kind or "image",
                    mime=mime,
                    name=url.partition("?")[0].rpartition("/")[2][:200],
                    url=url if shown else "",
                    alt=words(one.get("alt_text")),
                    width=number(one.get("width")),
                    height=number(one.get("height")),
                )
            )
        return tuple(found)


def _file(one: Mapping) -> tuple[str, str]:
    """(address, mime type) of a file: the picture, or the best version of a video."""
    best, rate, mime = "", -1, ""
    for variant in map(mapping, listing(one.get("variants"))):
        kind, url = words(variant.get("content_type")), link(variant.get("url"))
        quality = number(variant.get("bit_rate")) or 0
        if kind.startswith("video/") and url and quality > rate:
            best, rate, mime = url, quality, kind
    if best:
        return best, mime
    url = link(one.get("url"))
    if url:
        return url, ""
    return link(one.get("preview_image_url")), ""
