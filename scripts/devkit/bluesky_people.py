"""What customers do on the Bluesky network of `make run`, which has no web page.

Only Python's own library: it must run with any Python, without an environment.
"""

import re
from datetime import datetime, timezone

POST = "app.bsky.feed.post"
MENTION = re.compile(r"@([a-z][a-z0-9-]+)(?:\.test)?\b")


class Person:
    """A customer (or the brand), logged in."""

    def __init__(self, network, name):
        self.network, self.name = network, name
        self.people = network.known["people"]
        self.did = self.people[f"{name}.test"]["did"]
        self.token = network.token(name)

    def call(self, nsid, body=None, **kwargs):
        return self.network.call(nsid, body, token=self.token, **kwargs)

    # --- in public ------------------------------------------------------------
    def post(self, text, answers=None):
        """Post; `@name` becomes a mention. Returns the post's address.

        :param answers: view of the post that this one answers
        """
        text, facets = self._mentions(text)
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        record = {
            "$type": POST,
            "text": text,
            "facets": facets,
            "createdAt": now.replace("+00:00", "Z"),
        }
        if answers:
            parent = {"uri": answers["uri"], "cid": answers["cid"]}
            root = answers["record"].get("reply", {}).get("root", parent)
            record["reply"] = {"root": root, "parent": parent}
        data = {"repo": self.did, "collection": POST, "record": record}
        return self.call("com.atproto.repo.createRecord", data)["uri"]

    def _mentions(self, text):
        """The text with whole handles, and where they are, counted in bytes."""
        known = {handle.partition(".")[0]: handle for handle in self.people}
        whole = MENTION.sub(lambda hit: f"@{known.get(hit[1], hit[1])}", text)
        facets = []
        for hit in re.finditer(r"@[a-z0-9-]+\.test\b", whole):
            person = self.people.get(hit[0][1:])
            if person:
                start = len(whole[: hit.start()].encode())
                index = {"byteStart": start, "byteEnd": start + len(hit[0].encode())}
                kind = "app.bsky.richtext.facet#mention"
                feature = {"$type": kind, "did": person["did"]}
                facets.append({"index": index, "features": [feature]})
        return whole, facets

    def threads(self, limit=3):
        """The newest threads this person has begun or joined."""
        feed = self.call("app.bsky.feed.getAuthorFeed", actor=self.did, limit=30)
        roots = {}
        for one in feed["feed"]:
            post = one["post"]
            root = post["record"].get("reply", {}).get("root", post)["uri"]
            roots.setdefault(root)
        return [self.thread(uri) for uri in list(roots)[:limit]]

    def thread(self, uri):
        """A thread as (depth, view of a post), top down."""
        found = self.call("app.bsky.feed.getPostThread", uri=uri, depth=20)
        return list(_flat(found["thread"], 0))

    # --- in private -----------------------------------------------------------
    def write(self, text, to="brand"):
        """A private message."""
        self._convos(
            "sendMessage", {"convoId": self._with(to), "message": {"text": text}}
        )

    def messages(self, to="brand"):
        """The private messages with somebody, oldest first: (name, text)."""
        names = {one["did"]: key for key, one in self.people.items()}
        found = self._convos("getMessages", convoId=self._with(to))["messages"]
        return [
            (names.get(one["sender"]["did"], "?"), one.get("text", "(deleted)"))
            for one in reversed(found)
        ]

    def _with(self, name):
        did = self.people[f"{name}.test"]["did"]
        return self._convos("getConvoForMembers", members=did)["convo"]["id"]

    def _convos(self, name, body=None, **query):
        return self.call(f"chat.bsky.convo.{name}", body, chat=True, **query)


def _flat(node, depth):
    if "post" in node:
        yield depth, node["post"]
    replies = node.get("replies") or ()
    for one in sorted(replies, key=lambda x: x.get("post", {}).get("indexedAt", "")):
        yield from _flat(one, depth + 1)
