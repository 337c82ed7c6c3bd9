"""Reading, writing and liking posts on the fake Mastodon server: fact sheet §3, §5."""

from .mastodon_routes import MastodonRoutes
from .mastodon_server import TRUE
from .mastodon_view import history_json
from .mastodon_world import (
    KEY_LIFETIME,
    MAX_MEDIA,
    VISIBILITIES,
    Account,
    Refused,
    Status,
)
from .server import Answer, Call, route

STATUS = r"/api/v1/statuses/(?P<id>[^/]+)"
#: DEFAULT_STATUSES_LIMIT of Mastodon's Api::BaseController: ids in one ``id[]`` call
MAX_IDS = 20


class MastodonStatuses(MastodonRoutes):
    def visible(self, call: Call, scope="read:statuses") -> tuple[Status, Account]:
        viewer = self.viewer(call)
        if viewer:
            self.need(call, scope)
        status = self.world.statuses.get(call.params["id"])
        if status is None or not self.world.may_see(status, viewer):
            raise Refused(404, "Record not found")
        return status, viewer

    def own(self, call: Call, scope="write:statuses") -> tuple[Status, Account]:
        owner = self.need(call, scope)
        status = self.world.statuses.get(call.params["id"])
        if status is None or status.author != owner.id:
            raise Refused(404, "Record not found")
        return status, owner

    @route("GET", STATUS)
    def get_status(self, call: Call) -> Answer:
        return Answer(self.show_status(*self.visible(call)))

    @route("GET", "/api/v1/statuses")
    def get_statuses(self, call: Call) -> Answer:
        """What may be seen of the ids asked for; the rest is silently absent."""
        viewer = self.need(call, "read:statuses")
        ids = self.params(call).get("id") or []
        if len(set(ids)) > MAX_IDS:
            raise Refused(422, "Validation failed")
        found = [self.world.statuses[one] for one in ids if one in self.world.statuses]
        return Answer(
            [
                self.show_status(s, viewer)
                for s in found
                if self.world.may_see(s, viewer)
            ]
        )

    @route("GET", STATUS + "/context")
    def get_context(self, call: Call) -> Answer:
        status, viewer = self.visible(call)
        return Answer(
            {
                "ancestors": [
                    self.show_status(one, viewer)
                    for one in self.world.ancestors(status, viewer)
                ],
                "descendants": [
                    self.show_status(one, viewer)
                    for one in self.world.descendants(status, viewer)
                ],
            }
        )

    @route("GET", STATUS + "/history")
    def get_history(self, call: Call) -> Answer:
        status, _viewer = self.visible(call)
        return Answer(history_json(self.world, status, self.url))

    @route("GET", STATUS + "/source")
    def get_source(self, call: Call) -> Answer:
        status, _owner = self.own(call, "read:statuses")
        return Answer(
            {
                "id": status.id,
                "text": status.now.text,
                "spoiler_text": status.now.spoiler,
            }
        )

    @route("POST", "/api/v1/statuses")
    def create_status(self, call: Call) -> Answer:
        owner, params = self.need(call, "write:statuses"), self.params(call)
        key = call.headers.get("idempotency-key")
        if key and self.idempotent and (owner.id, key) in self.world.keys:
            known, when = self.world.keys[owner.id, key]
            if self.world.clock() - when < KEY_LIFETIME:
                if known not in self.world.statuses:
                    raise Refused(404, "Record not found")
                return Answer(self.show_status(self.world.statuses[known], owner))
        parent = self._parent(params, owner)
        visibility = params.get("visibility") or "public"
        if visibility not in VISIBILITIES:
            raise Refused(422, f"'{visibility}' is not a valid visibility")
        text, spoiler = params.get("status") or "", params.get("spoiler_text") or ""
        media = self._media(params, owner, text, spoiler)
        if params.get("scheduled_at"):
            return Answer({"id": self.world.serial(), "params": {"text": text}})
        status = self.world.publish(
            owner,
            text,
            visibility,
            parent,
            media,
            spoiler,
            params.get("language") or "en",
            params.get("sensitive") in TRUE,
        )
        if key and self.idempotent:
            self.world.keys[owner.id, key] = (status.id, self.world.clock())
        return Answer(self.show_status(status, owner))

    def _parent(self, params: dict, owner: Account) -> Status | None:
        wanted = params.get("in_reply_to_id")
        if not wanted:
            return None
        parent = self.world.statuses.get(str(wanted))
        if parent is None or not self.world.may_see(parent, owner):
            raise Refused(
                404, "The post you are trying to reply to does not appear to exist."
            )
        return parent

    def _media(self, params: dict, owner, text: str, spoiler: str) -> list[str]:
        ids = [str(one) for one in params.get("media_ids") or []]
        if len(ids) > MAX_MEDIA:
            raise Refused(422, "Cannot attach more than 4 files")
        found = [self.world.media.get(one) for one in ids]
        found = [one for one in found if one and one.owner == owner.id]
        if len(found) > 1 and any(one.kind in ("video", "audio") for one in found):
            raise Refused(
                422, "Cannot attach a video to a post that already contains images"
            )
        if any(one.waits for one in found):
            raise Refused(
                422,
                "Cannot attach files that have not finished processing. "
                "Try again in a moment!",
            )
        self._check_text(text, spoiler, found)
        return [one.id for one in found]

    def _check_text(self, text: str, spoiler: str, media):
        most = self.world.max_characters
        if not text.strip() and not media:
            raise Refused(422, "Validation failed: Text can't be blank")
        if most and self.world.length(text, spoiler) > most:
            raise Refused(
                422, f"Validation failed: Text character limit of {most} exceeded"
            )

    @route("PUT", STATUS)
    def update_status(self, call: Call) -> Answer:
        status, owner = self.own(call)
        params = self.params(call)
        text = params.get("status") or ""
        self._check_text(
            text, params.get("spoiler_text") or "", params.get("media_ids")
        )
        self.world.edit(
            status,
            text,
            params.get("spoiler_text") or "",
            params.get("media_ids") or [],
            params.get("language"),
        )
        return Answer(self.show_status(status, owner))

    @route("DELETE", STATUS)
    def destroy_status(self, call: Call) -> Answer:
        status, owner = self.own(call)
        shown = {**self.show_status(status, owner), "text": status.now.text}
        self.world.delete(status)
        return Answer(shown)

    @route("POST", STATUS + "/(?P<verb>(un)?favourite)")
    def favourite(self, call: Call) -> Answer:
        self.need(call, "write:favourites")
        status, viewer = self.visible(call, "write:favourites")
        if call.params["verb"] == "favourite" and viewer.id not in status.likes:
            status.likes.add(viewer.id)
            self.world.notify(status.author, "favourite", viewer, status)
        elif call.params["verb"] == "unfavourite":
            status.likes.discard(viewer.id)
        return Answer(self.show_status(status, viewer))

    @route("GET", "/api/v1/timelines/home")
    def home(self, call: Call) -> Answer:
        viewer = self.need(call, "read:statuses")
        found = [
            one
            for one in self.world.statuses.values()
            if (viewer.id == one.author or viewer.id in self._followers(one))
            and self.world.may_see(one, viewer)
        ]
        return self.page(call, found, 20, 40, lambda one: self.show_status(one, viewer))

    def _followers(self, status: Status) -> set:
        return self.world.accounts[status.author].followers
