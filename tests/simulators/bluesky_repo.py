"""Where the fake Bluesky server keeps what people write: records and blobs.

Fact sheet ``bluesky`` §4 and §5: keys chosen by the writer, swap conditions, the checks
of a post. An answer the published server gives without a reason (a key used twice is a
500) is given likewise.
"""

import re

from . import bluesky_world as world
from .bluesky_account import BlueskyAccount
from .bluesky_server import xrpc
from .bluesky_world import Record, Refused, cid, split_uri
from .mastodon_world import grapheme_length
from .server import Answer, Call

TID = re.compile(r"[2-7a-j][2-7a-z]{12}\Z")
KEY = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._:~-]{1,512}\Z")
TID_COLLECTIONS = {*world.UNIQUE, world.POST, world.GATE}
MAX_GRAPHEMES, MAX_BYTES, MAX_IMAGES = 300, 3000, 4
MAX_BLOB = 50 * 1024 * 1024  # §2
MAX_HIDDEN = 300
#: how files of a kind begin: the server believes these more than the client
SIGNS = (
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"....ftyp", "video/mp4"),
)


def bad(words: str) -> Refused:
    return Refused(400, "InvalidRequest", words)


class BlueskyRepo(BlueskyAccount):
    # --- records --------------------------------------------------------------
    def _mine(self, call: Call, points: int, *keys) -> tuple:
        person = self.need(call)
        for name in ("write", "write-day"):
            self.spend(name, person.did, points)
        asked = self.body(call, "repo", "collection", *keys)
        if self.world.person(asked["repo"]) is not person:
            raise Refused(401, "AuthenticationRequired", "Authentication Required")
        return person, asked

    def _swap(self, person, asked, current: Record | None):
        """The conditions under which the writer wants to write."""
        commit = asked.get("swapCommit")
        now = cid(person.rev.encode())
        if commit is not None and commit != now:
            raise Refused(400, "InvalidSwap", f"Commit was at {now}")
        if "swapRecord" in asked:
            have = current.cid if current else None
            if asked["swapRecord"] != have:
                raise Refused(400, "InvalidSwap", f"Record was at {have or 'null'}")

    def _written(self, person, record: Record, commit=True) -> dict:
        shown = {**record.ref, "validationStatus": "valid"}
        if commit:
            shown["commit"] = {"cid": cid(person.rev.encode()), "rev": person.rev}
        return shown

    @xrpc("POST", "com.atproto.repo.createRecord")
    def create_record(self, call: Call):
        person, asked = self._mine(call, 3, "record")
        self._check(person, asked)
        self._swap(person, {**asked, "swapRecord": None}, None)
        rkey = asked.get("rkey") or ""
        if rkey and self._known(person, asked):
            raise Refused(500, "InternalServerError", "Internal Server Error")
        record = self.world.write(person, asked["collection"], asked["record"], rkey)
        return self._written(person, record)

    @xrpc("POST", "com.atproto.repo.putRecord")
    def put_record(self, call: Call):
        person, asked = self._mine(call, 2, "rkey", "record")
        self._check(person, asked)
        current, kind = self._known(person, asked), asked["collection"]
        if current and current.value == {"$type": kind, **asked["record"]}:
            return self._written(person, current, commit=False)
        self._swap(person, asked, current)
        record = self.world.write(person, kind, asked["record"], asked["rkey"])
        return self._written(person, record)

    @xrpc("POST", "com.atproto.repo.deleteRecord")
    def delete_record(self, call: Call):
        person, asked = self._mine(call, 1, "rkey")
        current = self._known(person, asked)
        if current is None:
            return {}
        self._swap(person, asked, current)
        self.world.delete(current.uri)
        return {"commit": {"cid": cid(person.rev.encode()), "rev": person.rev}}

    def _known(self, person, asked) -> Record | None:
        uri = f"at://{person.did}/{asked['collection']}/{asked['rkey']}"
        return self.world.records.get(uri)

    @xrpc("GET", "com.atproto.repo.getRecord")
    def get_record(self, call: Call):
        """Without a token too, and at once: this is the writer's own server."""
        person = self.world.person(call.arg("repo", ""))
        did = person.did if person else call.arg("repo", "")
        uri = f"at://{did}/{call.arg('collection')}/{call.arg('rkey')}"
        record = self.world.records.get(uri)
        if record is None or call.arg("cid") not in (None, record.cid):
            raise Refused(400, "RecordNotFound", f"Could not locate record: {uri}")
        return {**record.ref, "value": record.value}

    @xrpc("GET", "com.atproto.repo.listRecords")
    def list_records(self, call: Call):
        person = self.world.person(call.arg("repo", ""))
        if person is None:
            raise bad(f"Could not find repo: {call.arg('repo')}")
        found = self.world.repo(person.did, call.arg("collection", ""))
        cursor, backwards = call.arg("cursor"), call.arg("reverse") == "true"
        if not backwards:
            found.reverse()
        if cursor:
            found = [
                one
                for one in found
                if (one.rkey > cursor if backwards else one.rkey < cursor)
            ]
        found = found[: self.limit(call)]
        shown = [{**one.ref, "value": one.value} for one in found]
        return {"records": shown} | ({"cursor": found[-1].rkey} if found else {})

    # --- the checks of a record -----------------------------------------------
    def _check(self, person, asked: dict):
        kind, record = asked["collection"], asked["record"]
        if not isinstance(record, dict):
            raise bad("Expected object value type at $.record")
        told = record.get("$type", kind)
        if told != kind:
            raise bad(f"Invalid $type: expected {kind}, got {told}")
        rkey = asked.get("rkey")
        if rkey is not None and not KEY.match(str(rkey)):
            raise bad(f'Invalid record key (got "{rkey}") at $.rkey')
        if rkey is not None and kind in TID_COLLECTIONS and not TID.match(rkey):
            words = f'Invalid record key for {kind}: Invalid TID string (got "{rkey}")'
            raise bad(f"{words} at $")
        if asked.get("validate") is False:
            return

        def wrong(words, where):
            return bad(f"Invalid {kind} record: {words} at $.record{where}")

        if kind not in (world.PROFILE, world.DECLARATION):
            if "createdAt" not in record:
                raise wrong('Missing required key "createdAt"', "")
            if world.moment(record["createdAt"]) is None:
                got = f'Invalid datetime (got "{record["createdAt"]}")'
                raise wrong(got, ".createdAt")
        if kind == world.POST:
            self._check_post(person, record, wrong)
        if kind == world.GATE and len(record.get("hiddenReplies", ())) > MAX_HIDDEN:
            raise wrong(f"array too big (maximum {MAX_HIDDEN})", ".hiddenReplies")

    def _check_post(self, person, record: dict, wrong):
        text = record.get("text")
        if not isinstance(text, str):
            raise wrong('Missing required key "text"', "")
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > MAX_BYTES:
            words = f"string too big (maximum {MAX_BYTES}, got {size})"
            raise wrong(words, ".text")
        count = grapheme_length(text)
        if count > MAX_GRAPHEMES:
            words = f"grapheme too big (maximum {MAX_GRAPHEMES}, got {count})"
            raise wrong(words, ".text")
        for number, facet in enumerate(record.get("facets") or ()):
            for end in ("byteStart", "byteEnd"):
                where = f".facets[{number}].index.{end}"
                value = facet.get("index", {}).get(end)
                if not isinstance(value, int) or value < 0:
                    raise wrong(f"integer too small (minimum 0, got {value})", where)
            for feature in facet.get("features", ()):
                uri = feature.get("uri")
                if uri is not None and not re.match(r"\w[\w.+-]*:\S+\Z", uri):
                    raise wrong(f'Invalid uri (got "{uri}")', f".facets[{number}]")
        reply = record.get("reply")
        for end in ("root", "parent") if reply is not None else ():
            ref = reply.get(end) or {}
            if not ref.get("cid") or not split_uri(ref.get("uri"))[0]:
                raise wrong("Missing required key", f".reply.{end}")
        embed = record.get("embed") or {}
        self._check_images(person, embed.get("media") or embed, wrong)

    def _check_images(self, person, embed: dict, wrong):
        images = embed.get("images") or ()
        if len(images) > MAX_IMAGES:
            words = f"array too big (maximum {MAX_IMAGES}, got {len(images)})"
            raise wrong(words, ".embed.images")
        blobs = [embed["video"]] if "video" in embed else []
        for number, image in enumerate(images):
            where = f".embed.images[{number}]"
            if "alt" not in image:
                raise wrong('Missing required key "alt"', where)
            mime = image["image"].get("mimeType", "")
            if not mime.startswith("image/"):
                words = f'Expected "image/*" (got "{mime}")'
                raise wrong(words, f"{where}.image.mimeType")
            blobs.append(image["image"])
        for blob in blobs:
            link = blob.get("ref", {}).get("$link", "")
            if (person.did, link) not in self.world.blobs:
                words = f"Could not find blob: {link}"
                raise Refused(400, "BlobNotFound", words)

    # --- blobs ----------------------------------------------------------------
    @xrpc("POST", "com.atproto.repo.uploadBlob")
    def upload_blob(self, call: Call):
        person = self.need(call)
        if len(call.body) > MAX_BLOB:
            raise Refused(413, "PayloadTooLarge", "request entity too large")
        mime = call.headers.get("content-type", "").partition(";")[0]
        if not mime:
            words = "Request encoding (Content-Type) required but not provided"
            raise bad(words)
        for sign, kind in SIGNS:
            if re.match(sign, call.body, re.DOTALL):
                mime = kind
        link = cid(call.body, raw=True)
        self.world.blobs[person.did, link] = (mime, call.body)
        blob = {
            "$type": "blob",
            "ref": {"$link": link},
            "mimeType": mime,
            "size": len(call.body),
        }
        return {"blob": blob}

    @xrpc("GET", "com.atproto.sync.getBlob")
    def get_blob(self, call: Call):
        return self.blob(call.arg("did", ""), call.arg("cid", ""))

    def blob(self, did: str, link: str) -> Answer:
        person = self.world.people.get(did)
        if person and person.status:
            raise Refused(400, "RepoTakendown", f"Repo has been takendown: {did}")
        mime, data = self.world.blobs.get((did, link), ("", None))
        if data is None:
            raise Refused(400, "BlobNotFound", "Blob not found")
        return Answer(data, 200, {"Content-Type": mime})

    @xrpc("POST", "com.atproto.moderation.createReport")
    def create_report(self, call: Call):
        person = self.need(call)
        asked = self.body(call, "reasonType", "subject")
        report = {
            "id": len(self.world.reports) + 1,
            "reportedBy": person.did,
            "createdAt": world.stamp(self.now()),
            "reasonType": asked["reasonType"],
            "subject": asked["subject"],
        }
        self.world.reports.append(report)
        return report
