"""How the fake Bluesky AppView shows people, posts and threads as JSON.

Fact sheet ``bluesky`` §3, §4 and §7; keys as the published AppView gives them. It only
reads the world.
"""

from . import bluesky_world as world
from .bluesky_world import Person, Record, World, stamp

EMBED = "app.bsky.embed"
DEFS = "app.bsky.feed.defs"


class View:
    """The world in the eyes of one person (or of nobody in particular).

    :param url: the address pictures are served at
    """

    def __init__(self, world_: World, viewer: Person | None, url: str):
        self.world, self.url = world_, url
        self.viewer = viewer
        self.me = viewer.did if viewer else ""

    # --- people ---------------------------------------------------------------
    def basic(self, person: Person) -> dict:
        profile = self.world.records.get(f"at://{person.did}/{world.PROFILE}/self")
        value = profile.value if profile else {}
        shown = {
            "did": person.did,
            "handle": person.handle,
            "associated": {"activitySubscription": {"allowSubscriptions": "followers"}},
            "labels": [{"src": person.did, "val": one} for one in person.labels],
            "createdAt": stamp(person.created_at),
        }
        if value.get("displayName"):
            shown["displayName"] = value["displayName"]
        if value.get("avatar"):
            shown["avatar"] = self.picture(person.did, value["avatar"], "avatar")
        allowed = self.world.allows_messages(person)
        if allowed:
            shown["associated"]["chat"] = {"allowIncoming": allowed}
        if person.verified:
            shown["verification"] = {
                "verifications": [],
                "verifiedStatus": "valid",
                "trustedVerifierStatus": "none",
            }
        if self.viewer:
            shown["viewer"] = self.between(person)
        return shown

    def between(self, person: Person) -> dict:
        """How the viewer and this person stand to each other."""
        related, did = self.world.related, person.did
        shown = {
            "muted": did in self.viewer.mutes,
            "blockedBy": bool(related(world.BLOCK, did, self.me)),
            "blocking": related(world.BLOCK, self.me, did),
            "following": related(world.FOLLOW, self.me, did),
            "followedBy": related(world.FOLLOW, did, self.me),
        }
        return {key: value for key, value in shown.items() if value != ""}

    def profile(self, person: Person) -> dict:
        record = self.world.records.get(f"at://{person.did}/{world.PROFILE}/self")
        shown = self.basic(person)
        if record and record.value.get("description"):
            shown["description"] = record.value["description"]
        return {**shown, "indexedAt": stamp(person.created_at)}

    def detailed(self, person: Person) -> dict:
        relations = self.world.relations
        follows = [key for key in relations if key[0] == world.FOLLOW]
        return {
            **self.profile(person),
            "followersCount": sum(key[2] == person.did for key in follows),
            "followsCount": sum(key[1] == person.did for key in follows),
            "postsCount": len(self.world.repo(person.did, world.POST)),
        }

    def picture(self, did: str, blob: dict, size: str) -> str:
        return f"{self.url}/img/{size}/plain/{did}/{blob['ref']['$link']}"

    # --- posts ----------------------------------------------------------------
    def blocked(self, record: Record) -> bool:
        return bool(self.me) and self.world.blocked(self.me, record.did)

    def post(self, record: Record, embeds=True) -> dict:
        relations = self.world.relations
        counts = {
            kind: sum(key[0] == kind and key[2] == record.uri for key in relations)
            for kind in (world.LIKE, world.REPOST)
        }
        author = self.world.people[record.did]
        shown = {
            "uri": record.uri,
            "cid": record.cid,
            "author": self.basic(author),
            "record": record.value,
            "bookmarkCount": 0,
            "replyCount": len(self.world.children.get(record.uri, ())),
            "repostCount": counts[world.REPOST],
            "likeCount": counts[world.LIKE],
            "quoteCount": 0,
            "indexedAt": stamp(record.sort_at),
            "labels": [],
        }
        if embeds and record.value.get("embed"):
            shown["embed"] = self.embed(record.did, record.value["embed"])
        if self.viewer:
            shown["viewer"] = self._between_post(record)
        gate = self.world.gate(record.uri)
        if gate:
            shown["threadgate"] = {**gate.ref, "record": gate.value, "lists": []}
        return shown

    def _between_post(self, record: Record) -> dict:
        shown = {"bookmarked": False, "threadMuted": False, "embeddingDisabled": False}
        like = self.world.related(world.LIKE, self.me, record.uri)
        if like:
            shown["like"] = like
        if self.world.gate_refuses(self.world.root_of(record), self.me):
            shown["replyDisabled"] = True
        return shown

    def embed(self, did: str, embed: dict) -> dict:
        kind = embed.get("$type", "")
        if kind == f"{EMBED}.images":
            images = [self._image(did, one) for one in embed["images"]]
            return {"$type": f"{kind}#view", "images": images}
        if kind == f"{EMBED}.external":
            card = dict(embed["external"])
            if card.get("thumb"):
                card["thumb"] = self.picture(did, card["thumb"], "feed_thumbnail")
            return {"$type": f"{kind}#view", "external": card}
        if kind == f"{EMBED}.video":
            link = embed["video"]["ref"]["$link"]
            where = f"{self.url}/watch/{did}/{link}"
            shown = {
                "$type": f"{kind}#view",
                "cid": link,
                "playlist": f"{where}/playlist.m3u8",
                "thumbnail": f"{where}/thumbnail.jpg",
            }
            more = {key: embed[key] for key in ("alt", "aspectRatio") if key in embed}
            return {**shown, **more}
        if kind == f"{EMBED}.record":
            quoted = self.quoted(embed["record"]["uri"])
            return {"$type": f"{kind}#view", "record": quoted}
        if kind == f"{EMBED}.recordWithMedia":
            return {
                "$type": f"{kind}#view",
                "media": self.embed(did, embed["media"]),
                "record": {"record": self.quoted(embed["record"]["record"]["uri"])},
            }
        return {"$type": f"{kind}#view"}

    def _image(self, did: str, image: dict) -> dict:
        shown = {
            "thumb": self.picture(did, image["image"], "feed_thumbnail"),
            "fullsize": self.picture(did, image["image"], "feed_fullsize"),
            "alt": image["alt"],
        }
        if "aspectRatio" in image:
            shown["aspectRatio"] = image["aspectRatio"]
        return shown

    def quoted(self, uri: str) -> dict:
        record = self.world.visible(uri)
        if record is None:
            kind = f"{EMBED}.record#viewNotFound"
            return {"$type": kind, "uri": uri, "notFound": True}
        author = self.world.people[record.did]
        if self.blocked(record):
            kind = f"{EMBED}.record#viewBlocked"
            shown = {"did": author.did}
            return {"$type": kind, "uri": uri, "blocked": True, "author": shown}
        return {
            "$type": f"{EMBED}.record#viewRecord",
            **record.ref,
            "author": self.basic(author),
            "value": record.value,
            "labels": [],
            "indexedAt": stamp(record.sort_at),
            "embeds": [],
        }

    # --- threads --------------------------------------------------------------
    def thread(self, uri: str, up: int, down: int) -> dict:
        """A post with ``up`` posts above it and ``down`` levels of answers."""
        record = self.world.visible(uri)
        if record is None:
            return {"$type": f"{DEFS}#notFoundPost", "uri": uri, "notFound": True}
        if self.blocked(record):
            author = {"did": record.did, "viewer": {"blockedBy": False}}
            kind = f"{DEFS}#blockedPost"
            return {"$type": kind, "uri": uri, "blocked": True, "author": author}
        shown = {
            "$type": f"{DEFS}#threadViewPost",
            "post": self.post(record),
            "threadContext": {},
        }
        parent = self.world.parent_of(record)
        if parent and up > 0:
            shown["parent"] = self.thread(parent, up - 1, 0)
        if down > 0:
            shown["replies"] = [
                self.thread(child, 0, down - 1)
                for child in self.world.children.get(uri, ())
                if self._shown_below(child)
            ]
        return shown

    def _shown_below(self, uri: str) -> bool:
        record = self.world.visible(uri)
        if record is None:
            return False
        root = self.world.root_of(record)
        return not self.world.gate_refuses(root, record.did)

    # --- notifications --------------------------------------------------------
    def notice(self, notice, author: Person, record: Record) -> dict:
        seen = self.viewer.seen_at
        shown = {
            **record.ref,
            "author": self.profile(author),
            "reason": notice.reason,
            "record": record.value,
            "isRead": bool(seen) and notice.sort_at <= seen,
            # this too is the sorting time: a back-dated post looks old (observed)
            "indexedAt": stamp(notice.sort_at),
            "labels": [],
        }
        return {**shown, "reasonSubject": notice.subject} if notice.subject else shown
