"""What the fake Bluesky AppView answers: notifications, posts, threads, people.

Fact sheet ``bluesky`` §3 and §7; paging and filters as in the source it names. What is
written is seen here later than in the writer's own repository (``world.lag``).
"""

from . import bluesky_world as world
from .bluesky_repo import BlueskyRepo, bad
from .bluesky_server import xrpc
from .bluesky_view import View
from .bluesky_world import Refused, moment, split_uri, stamp
from .server import Answer, Call, route

MAX_URIS = 25
ATTEMPTS = 10  # so many pages are read for one that ``reasons`` filters


class BlueskyApp(BlueskyRepo):
    def view(self, viewer) -> View:
        return View(self.world, viewer, self.url)

    # --- notifications --------------------------------------------------------
    @xrpc("GET", "app.bsky.notification.listNotifications")
    def list_notifications(self, call: Call):
        viewer, limit = self.need(call), self.limit(call)
        if call.arg("seenAt"):
            raise bad("The seenAt parameter is unsupported")
        cursor = call.arg("cursor")
        if cursor and moment(cursor) is None:
            raise Refused(502, "InternalServerError", "Internal Server Error")
        asked = call.arg("priority")
        # left out, the person's own setting decides, and strangers may be hidden
        priority = viewer.priority if asked is None else asked == "true"
        reasons = call.args("reasons")
        found = []
        for _attempt in range(ATTEMPTS):
            page = self._page(viewer, cursor, limit, priority)
            cursor = stamp(page[-1].sort_at) if page else None
            found += [one for one in page if not reasons or one.reason in reasons]
            if not reasons or not cursor or len(found) * 2 >= limit:
                break
        view = self.view(viewer)
        shown = []
        for one in found:
            record = self.world.records[one.uri]
            if not self._filtered(viewer, one, record):
                shown.append(view.notice(one, self.world.people[record.did], record))
        answer = {"notifications": shown, "priority": priority}
        if viewer.seen_at:
            answer["seenAt"] = stamp(viewer.seen_at)
        return {**answer, "cursor": cursor} if cursor else answer

    def _page(self, viewer, cursor, limit, priority) -> list:
        """Newest first, strictly older than the cursor."""
        now, below = self.now(), moment(cursor) if cursor else None
        found = []
        for one in reversed(self.world.notices[viewer.did]):
            if below and one.sort_at >= below:
                continue
            record = self.world.records.get(one.uri)
            if record is None or record.indexed_at > now:
                continue  # nobody else sees it yet
            if one.subject and one.subject not in self.world.records:
                continue  # what it is about is gone
            if priority and not self.world.related(
                world.FOLLOW, viewer.did, record.did
            ):
                continue
            found.append(one)
            if len(found) == limit:
                break
        return found

    def _filtered(self, viewer, notice, record) -> bool:
        """Hidden after the page was cut: pages may come out empty."""
        if record.did in viewer.mutes or self.world.blocked(viewer.did, record.did):
            return True
        if self.world.people[record.did].status:
            return True
        own = split_uri(self.world.root_of(record))[0] == viewer.did
        return notice.reason == "reply" and own and self.world.hidden(record)

    @xrpc("GET", "app.bsky.notification.getUnreadCount")
    def unread_count(self, call: Call):
        viewer = self.need(call)
        notices = self.world.notices[viewer.did]
        seen = viewer.seen_at
        return {"count": sum(seen is None or one.sort_at > seen for one in notices)}

    @xrpc("POST", "app.bsky.notification.updateSeen")
    def update_seen(self, call: Call):
        viewer = self.need(call)
        seen = moment(self.body(call, "seenAt")["seenAt"])
        if seen is None:
            raise bad("Invalid datetime at $.seenAt")
        viewer.seen_at = seen
        return Answer(b"")

    # --- posts ----------------------------------------------------------------
    def _uri(self, text: str) -> str:
        """An at-uri with the handle in it resolved."""
        did, collection, rkey = split_uri(text)
        if not text.startswith("at://") or not rkey:
            raise bad("Error: uris/0 must be a valid at-uri")
        person = self.world.person(did)
        return f"at://{person.did if person else did}/{collection}/{rkey}"

    @xrpc("GET", "app.bsky.feed.getPosts")
    def get_posts(self, call: Call):
        view, uris = self.view(self.viewer(call)), call.args("uris")
        if len(uris) > MAX_URIS:
            raise bad(f"Error: uris must not have more than {MAX_URIS} elements")
        found = [self.world.visible(self._uri(uri)) for uri in uris]
        return {"posts": [view.post(x) for x in found if x and not view.blocked(x)]}

    @xrpc("GET", "app.bsky.feed.getPostThread")
    def get_post_thread(self, call: Call):
        view = self.view(self.viewer(call))
        uri = self._uri(call.arg("uri", ""))
        up, down = int(call.arg("parentHeight", 80)), int(call.arg("depth", 6))
        thread = view.thread(uri, up, down)
        if thread.get("notFound"):
            raise Refused(400, "NotFound", f"Post not found: {uri}")
        record = self.world.records[uri]
        gate = self.world.gate(self.world.root_of(record))
        answer = {"thread": thread}
        if gate:
            answer["threadgate"] = {**gate.ref, "record": gate.value, "lists": []}
        return answer

    @xrpc("GET", "app.bsky.feed.getAuthorFeed")
    def get_author_feed(self, call: Call):
        viewer = self.viewer(call)
        person = self._actor(call.arg("actor", ""))
        found = self.world.repo(person.did, world.POST)[::-1]
        found = [one for one in found if self.world.visible(one.uri)]
        view = self.view(viewer)
        return self._feed(call, found, lambda one: {"post": view.post(one)}, "feed")

    @xrpc("GET", "app.bsky.feed.searchPosts")
    def search_posts(self, call: Call):
        viewer = self.need(call)
        words = call.arg("q", "").lower().split()
        low, high = moment(call.arg("since")), moment(call.arg("until"))
        author = self.world.person(call.arg("author", ""))
        named = self.world.person(call.arg("mentions", ""))
        found = [
            one
            for one in self.world.records.values()
            if one.collection == world.POST
            and self.world.visible(one.uri)
            and all(word in one.value["text"].lower() for word in words)
            and (low is None or one.sort_at >= low)
            and (high is None or one.sort_at < high)
            and (author is None or one.did == author.did)
            and (named is None or named.did in self.world.mentioned(one))
        ]
        found.sort(key=lambda one: one.sort_at, reverse=True)
        return self._feed(call, found, self.view(viewer).post, "posts")

    def _feed(self, call: Call, found: list, show, key: str) -> dict:
        start, limit = int(call.arg("cursor") or 0), self.limit(call)
        page = found[start : start + limit]
        answer = {key: [show(one) for one in page]}
        if start + limit < len(found):
            answer["cursor"] = str(start + limit)
        return answer

    # --- people ---------------------------------------------------------------
    def _actor(self, who: str):
        person = self.world.person(who)
        if person is None or person.status == "deleted":
            raise bad("Profile not found")
        if person.status == "takendown":
            raise Refused(400, "AccountTakedown", "Account has been suspended")
        if person.status:
            raise Refused(400, "AccountDeactivated", "Account is deactivated")
        return person

    @xrpc("GET", "app.bsky.actor.getProfile")
    def get_profile(self, call: Call):
        view = self.view(self.viewer(call))
        return view.detailed(self._actor(call.arg("actor", "")))

    @xrpc("GET", "app.bsky.actor.getProfiles")
    def get_profiles(self, call: Call):
        view, actors = self.view(self.viewer(call)), call.args("actors")
        if len(actors) > MAX_URIS:
            raise bad(f"Error: actors must not have more than {MAX_URIS} elements")
        people = [self.world.person(one) for one in actors]
        return {"profiles": [view.detailed(x) for x in people if x and not x.status]}

    @xrpc("GET", "app.bsky.graph.getRelationships")
    def get_relationships(self, call: Call):
        one, related = self._actor(call.arg("actor", "")), self.world.related
        found = []
        for other in map(self.world.person, call.args("others")):
            if other is None:
                continue
            row = {
                "$type": "app.bsky.graph.defs#relationship",
                "did": other.did,
                "following": related(world.FOLLOW, one.did, other.did),
                "followedBy": related(world.FOLLOW, other.did, one.did),
                "blocking": related(world.BLOCK, one.did, other.did),
                "blockedBy": related(world.BLOCK, other.did, one.did),
            }
            found.append({key: value for key, value in row.items() if value})
        return {"actor": one.did, "relationships": found}

    @xrpc("POST", "app.bsky.graph.muteActor")
    def mute_actor(self, call: Call):
        person = self.need(call)
        person.mutes.add(self._actor(self.body(call, "actor")["actor"]).did)
        return Answer(b"")

    @xrpc("POST", "app.bsky.graph.unmuteActor")
    def unmute_actor(self, call: Call):
        person = self.need(call)
        person.mutes.discard(self._actor(self.body(call, "actor")["actor"]).did)
        return Answer(b"")

    # --- pictures -------------------------------------------------------------
    @route("GET", r"/img/\w+/plain/(?P<did>[^/]+)/(?P<cid>\w+)(?:@\w+)?")
    def image(self, call: Call):
        return self.blob(call.params["did"], call.params["cid"])
