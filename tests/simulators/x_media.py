"""Files of the fake X: upload in one or in chunks, work on videos, alt text, serving.

Fact sheet x §2 and §6.
"""

import re
from datetime import timedelta

from .server import Answer, Call, route
from .x_oauth import XOAuth
from .x_view import PROBLEMS
from .x_world import Medium, Refused

MEGABYTE = 1024 * 1024
#: category -> (kind, mime types, most bytes)
CATEGORIES = {
    f"{where}_{name}": (kind, mimes, size * MEGABYTE)
    for where in ("tweet", "dm")
    for name, kind, mimes, size in (
        ("image", "photo", ("image/jpeg", "image/png", "image/webp", "image/gif"), 5),
        ("gif", "animated_gif", ("image/gif",), 15),
        ("video", "video", ("video/mp4", "video/quicktime", "video/webm"), 512),
    )
}
USABLE = timedelta(hours=24)
ALT_LENGTH = 1000


class XMedia(XOAuth):
    #: how often STATUS says that the work is not done; photos are ready at once
    media_waits = 2
    media_fails = False

    def add_medium(self, owner, mime, data, category="tweet_image", alt="", **kwargs):
        kind = CATEGORIES[category][0]
        medium = Medium(
            self.world.serial(),
            owner.id,
            kind,
            mime,
            data,
            category,
            alt,
            self.now(),
            len(data),
            **kwargs,
        )
        self.world.media[medium.id] = medium
        return medium

    # --- in chunks ------------------------------------------------------------
    @route("POST", "/2/media/upload/initialize")
    def initialize(self, call: Call) -> Answer:
        caller = self.need(call, "media.write")
        allowed = (
            "media_type",
            "total_bytes",
            "media_category",
            "additional_owners",
            "shared",
        )
        body = self.body(call, allowed)
        mime, total = body.get("media_type"), body.get("total_bytes")
        category = body.get("media_category") or "tweet_image"
        known = CATEGORIES.get(category)
        if known is None or mime not in known[1]:
            raise self.invalid("media_type", mime, "The media type is not allowed")
        if not isinstance(total, int) or isinstance(total, bool) or total <= 0:
            raise self.invalid("total_bytes", total, "total_bytes must be a number")
        if total > known[2]:
            raise self.invalid("total_bytes", total, "The file is too large")
        medium = self.add_medium(caller.user, mime, b"", category, finished=False)
        medium.total = total
        return Answer({"data": self._told(medium)})

    def _told(self, medium, size=False) -> dict:
        left = medium.created_at + USABLE - self.now()
        found = {
            "id": medium.id,
            "media_key": medium.key,
            "expires_after_secs": int(left.total_seconds()),
        }
        if size:
            found["size"] = medium.total
        if medium.state:
            info = {"state": medium.state}
            if medium.state in ("pending", "in_progress"):
                info["check_after_secs"] = 1
                info["progress_percent"] = 0 if medium.state == "pending" else 50
            if medium.state == "failed":
                info["error"] = {
                    "code": 1,
                    "name": "InvalidMedia",
                    "message": "Unsupported video",
                }
            if medium.state == "succeeded":
                info["progress_percent"] = 100
            found["processing_info"] = info
        return found

    @route("POST", r"/2/media/upload/(?P<id>\d+)/append")
    def append(self, call: Call) -> Answer:
        medium = self._mine(call)
        fields = {name: data for name, _file, _mime, data in call.parts()}
        index = fields.get("segment_index", b"").decode(errors="replace")
        if not re.fullmatch(r"\d{1,3}", index) or "media" not in fields:
            raise self.invalid("segment_index", index, "Between 0 and 999")
        if medium.finished:
            raise self.invalid("id", medium.id, "The upload is already finalized")
        medium.parts[int(index)] = fields["media"]
        left = medium.created_at + USABLE - self.now()
        return Answer({"data": {"expires_at": int(left.total_seconds())}})

    @route("POST", r"/2/media/upload/(?P<id>\d+)/finalize")
    def finalize(self, call: Call) -> Answer:
        medium = self._mine(call)
        data = b"".join(medium.parts[index] for index in sorted(medium.parts))
        if len(data) != medium.total or [*sorted(medium.parts)] != [
            *range(len(medium.parts))
        ]:
            words = "Segments do not add up to provided total file size."
            raise self.invalid("id", medium.id, words)
        medium.data, medium.finished = data, True
        self._start(medium)
        return Answer({"data": self._told(medium, True)})

    def _start(self, medium):
        if medium.kind != "photo":
            medium.state, medium.waits = "pending", self.media_waits

    @route("GET", "/2/media/upload")
    def status(self, call: Call) -> Answer:
        caller = self.need(call, "media.write")
        unknown = {name for name, _value in call.query} - {"command", "media_id"}
        if unknown or call.arg("command") != "STATUS":
            raise self.invalid("command", call.arg("command"), "Must be STATUS")
        medium = self._usable(caller.user, call.arg("media_id"))
        if medium is None:
            raise self.invalid("media_id", call.arg("media_id"), "Unknown media id")
        if medium.state in ("pending", "in_progress"):
            medium.waits -= 1
            medium.state = "in_progress"
            if medium.waits < 0:
                medium.state = "failed" if self.media_fails else "succeeded"
        return Answer({"data": self._told(medium, True)})

    # --- in one ---------------------------------------------------------------
    @route("POST", "/2/media/upload")
    def upload(self, call: Call) -> Answer:
        caller = self.need(call, "media.write")
        if not call.headers.get("content-type", "").startswith("multipart/form-data"):
            raise self.invalid("media", "", "A multipart body is required")
        parts = {one[0]: one for one in call.parts()}
        category = parts.get("media_category", ("", "", "", b""))[3].decode()
        known = CATEGORIES.get(category)
        _name, _file, mime, data = parts.get("media", ("", "", "", b""))
        if "media_type" in parts:
            mime = parts["media_type"][3].decode()
        if known is None or not data or mime not in known[1] or len(data) > known[2]:
            raise self.invalid("media", mime, "The media is invalid")
        medium = self.add_medium(caller.user, mime, data, category)
        self._start(medium)
        return Answer({"data": self._told(medium, True)})

    # --- afterwards -----------------------------------------------------------
    @route("POST", "/2/media/metadata")
    def describe(self, call: Call) -> Answer:
        caller = self.need(call, "media.write")
        body = self.body(call, ("id", "metadata"))
        text = ((body.get("metadata") or {}).get("alt_text") or {}).get("text")
        medium = self._usable(caller.user, body.get("id"))
        if medium is None or not isinstance(text, str) or len(text) > ALT_LENGTH:
            raise self.invalid("id", body.get("id"), "The metadata is invalid")
        medium.alt = text
        told = {"id": medium.id, "associated_metadata": {"alt_text": {"text": text}}}
        return Answer({"data": told})

    def _mine(self, call) -> Medium:
        caller = self.need(call, "media.write")
        medium = self._usable(caller.user, call.params["id"])
        if medium is None:
            words = f"Could not find media with id: [{call.params['id']}]."
            raise Refused(404, words, "Not Found Error", "resource-not-found")
        return medium

    def _usable(self, user, number) -> Medium | None:
        medium = self.world.media.get(number)
        if medium is None or medium.owner != user.id:
            return None
        return medium if self.now() - medium.created_at < USABLE else None

    def _attach(self, user, numbers, where="tweet_") -> list[str]:
        """Keys of uploaded files that may go with a post or a message (§6)."""
        found = [self._usable(user, number) for number in numbers]
        ready = all(
            one
            and one.finished
            and one.state in ("", "succeeded")
            and one.category.startswith(where)
            for one in found
        )
        if not ready:
            raise self.invalid(
                "media.media_ids", numbers, "Your media IDs are invalid."
            )
        alone = [one for one in found if one.kind != "photo"]
        if len(found) > 4 or (alone and len(found) > 1):
            words = "You may attach up to 4 photos, 1 animated GIF or 1 video"
            raise self.invalid("media.media_ids", numbers, words)
        return [one.key for one in found]

    # --- serving --------------------------------------------------------------
    @route("GET", r"/media/(?P<id>\d+)(_low|_preview)?\.(?P<ending>\w+)")
    def serve(self, call: Call) -> Answer:
        medium = self.world.media.get(call.params["id"])
        if medium is None or medium.category.startswith("dm_"):
            return Answer({"type": PROBLEMS + "resource-not-found"}, 404)
        return Answer(medium.data, headers={"Content-Type": medium.mime})
