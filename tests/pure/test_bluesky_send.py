"""Speaking on Bluesky: replies, links, pictures, likes, hiding, what may be done."""

import json
import struct

import pytest
from bluesky_kit import (
    afforded,
    answer,
    asked,
    connect,
    hear,
    hear_private,
    ours,
    read,
    staged,
    target,
)
from simulators.bluesky import BlueskySimulator
from simulators.bluesky_world import BLOCK, FOLLOW, GATE, LIKE, POST
from simulators.server import Answer

from networks import base, bluesky_image, errors, items

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 30, 20)
JPEG = (
    b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08"
    + struct.pack(">HH", 480, 640)
    + b"\x03" * 9
)
EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
TURNED = b"\xff\xd8\xff\xe1" + struct.pack(">H", len(EXIF) + 2) + EXIF + JPEG[2:]


@pytest.fixture
def sim():
    with BlueskySimulator() as server:
        server.jo = server.add_person("jo.example", "Jo")
        server.sam = server.add_person("sam.example", "Sam")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


def refused(code, call, *args):
    with pytest.raises(errors.RejectedError) as caught:
        call(*args)
    assert caught.value.code == code


# --- replies ----------------------------------------------------------------------
def test_a_reply_stands_in_the_thread(sim, adapter):
    top = sim.post(sim.sam, "The lamps of acme")
    heard = hear(sim, adapter, reply_to=top, text="@acme.example mine broke")
    done = adapter.publish(answer(heard, "We look into it"), "k")
    [post] = ours(sim)
    assert (done.key, done.ref) == (post.uri, f"{post.uri} {post.cid}")
    assert done.url == f"https://bsky.app/profile/{sim.brand.did}/post/{post.rkey}"
    assert post.value["reply"] == {"root": top.ref, "parent": sim.find(heard.key).ref}
    assert "langs" not in post.value
    assert heard.key in [one.key for one in read(adapter)]


def test_root_and_parent_have_the_cids_they_have_now(sim, adapter):
    top = sim.post(sim.sam, "The lmaps")
    heard = hear(sim, adapter, reply_to=top, text="@acme.example mine broke")
    top, parent = (
        sim.edit(top, "The lamps"),
        sim.edit(heard.key, "@acme.example it did"),
    )
    adapter.publish(answer(heard), "k")
    assert ours(sim)[-1].value["reply"] == {"root": top.ref, "parent": parent.ref}


def test_a_root_that_is_gone_keeps_its_name(sim, adapter):
    top = sim.post(sim.sam, "gone soon")
    heard = hear(sim, adapter, reply_to=top, text="@acme.example mine broke")
    root = top.ref
    sim.delete(top)
    adapter.publish(answer(heard), "k")
    assert ours(sim)[-1].value["reply"]["root"] == root


def test_the_parts_of_a_reply_hang_together(sim, adapter):
    sim.world.lag = sim.world.lag  # others see it later; our own server at once
    heard = hear(sim, adapter)
    first = adapter.publish(answer(heard, "One", part=1, parts=2), "k:1")
    two = answer(heard, "Two", part=2, parts=2, previous=first.ref)
    adapter.publish(two, "k:2")
    one, two = ours(sim)
    assert two.value["reply"]["parent"] == one.ref
    assert two.value["reply"]["root"] == one.value["reply"]["root"]


def test_below_our_own_post(sim, adapter):
    top = adapter.publish(items.Draft("We raise our prices", items.PUBLIC), "k1")
    above = items.Target(top.key, top.ref, items.Author(""), items.PUBLIC)
    draft = items.Draft("We are looking into it.", items.PUBLIC, target=above)
    adapter.publish(draft, "k2")
    one, two = ours(sim)
    assert two.value["reply"] == {"root": one.ref, "parent": one.ref}


def test_a_new_post_of_ours(sim, adapter):
    adapter.publish(items.Draft("Hallo", items.PUBLIC, language="de"), "k")
    assert "reply" not in ours(sim)[-1].value
    assert ours(sim)[-1].value["langs"] == ["de"]


def test_a_parent_that_nobody_would_see_us_under(sim, adapter):
    heard = hear(sim, adapter)
    sim.delete(heard.key)
    refused("not_found", adapter.publish, answer(heard), "k")
    heard = hear(sim, adapter)
    sim.relate(BLOCK, sim.jo, sim.brand)
    refused("not_found", adapter.publish, answer(heard), "k")
    top = sim.post(sim.sam, "Only for those I follow")
    asked_us = sim.post(sim.sam, "@acme.example hm", top)
    gate = {"post": top.uri, "allow": [], "createdAt": top.value["createdAt"]}
    sim.world.write(sim.sam, GATE, gate, top.rkey)
    [closed] = [one for one in read(adapter) if one.key == asked_us.uri]
    refused("replies_closed", adapter.publish, answer(closed), "k")
    assert not ours(sim)


def test_what_cannot_be_said(sim, adapter):
    heard = hear(sim, adapter)
    private = hear_private(sim, adapter)
    publish = adapter.publish
    refused("empty", publish, answer(heard, "  \n"), "k")
    refused("too_long", publish, answer(heard, "x" * 301), "k")
    refused("too_long", publish, answer(heard, "👨‍👩‍👧‍👦" * 121), "k")
    refused("too_long", publish, answer(private, "x" * 1001), "k")
    refused("audience_wider", publish, answer(private, audience="public"), "k")
    refused("unsupported", publish, items.Draft("x", items.GROUP), "k")
    assert not ours(sim)


def test_the_servers_own_no_is_understood(sim, adapter):
    heard = hear(sim, adapter)
    for message in (
        "Invalid app.bsky.feed.post record: grapheme too big (maximum 300, got 301)",
        "Record/text must not be longer than 3000 characters",
    ):
        body = {"error": "InvalidRequest", "message": message}
        sim.fail(path="putRecord", answer=Answer(body, 400))
        refused("too_long", adapter.publish, answer(heard), "k")


def test_links_mentions_and_tags_work(sim, adapter):
    heard = hear(sim, adapter)
    text = "Grüße @jo.example, @nobody.example: https://acme.example/help #lamp"
    adapter.publish(answer(heard, text), "k")
    post = ours(sim)[-1]
    kinds = {}
    for facet in post.value["facets"]:
        index = facet["index"]
        piece = text.encode()[index["byteStart"] : index["byteEnd"]].decode()
        kinds[piece] = facet["features"][0]
    assert kinds["@jo.example"]["did"] == sim.jo.did
    assert kinds["https://acme.example/help"]["uri"] == "https://acme.example/help"
    assert kinds["#lamp"]["tag"] == "lamp" and len(kinds) == 3
    assert sim.jo.did in sim.world.mentioned(post)


# --- files ------------------------------------------------------------------------
def test_pictures_go_with_words_and_shape(sim, adapter):
    heard = hear(sim, adapter)
    uploads = [
        items.Upload("a.png", "image/png", PNG, alt="A lamp"),
        items.Upload("b.gif", "image/gif", GIF),
    ]
    media = tuple(staged(adapter, one) for one in uploads)
    lost = tuple(items.Upload(m.name, m.mime, b"", m.alt, m.staged) for m in media)
    adapter.publish(answer(heard, "", media=lost), "k")
    images = ours(sim)[-1].value["embed"]["images"]
    assert [one["alt"] for one in images] == ["A lamp", ""]
    assert images[0]["aspectRatio"] == {"width": 640, "height": 480}
    assert images[0]["image"]["mimeType"] == "image/png"
    assert images[0]["image"]["size"] == len(PNG)


def test_files_that_are_refused(sim, adapter):
    heard = hear(sim, adapter)
    big = items.Upload("a.png", "image/png", PNG + b"\0" * 2_000_000)
    film = items.Upload("a.mp4", "video/mp4", b"\0\0\0\x20ftypisom")
    for upload in (big, film, items.Upload("a.png", "image/png", b"")):
        refused("media_rejected", adapter.stage, upload)
    wordy = items.Upload("a.png", "image/png", PNG, alt="x" * 2001)
    refused("alt_too_long", adapter.stage, wordy)
    five = (items.Upload("a.png", "image/png", PNG),) * 5
    refused("media_rejected", adapter.publish, answer(heard, media=five), "k")
    private = hear_private(sim, adapter)
    refused("media_rejected", adapter.publish, answer(private, media=five[:1]), "k")
    assert adapter.media_rules(items.PRIVATE).max_files == 0
    assert not asked(sim, "com.atproto.repo.uploadBlob")
    for status, body in (
        (413, {"error": "PayloadTooLarge", "message": "request entity too large"}),
        (400, {"error": "BlobTooLarge", "message": "This file is too large"}),
    ):
        sim.fail(path="uploadBlob", answer=Answer(body, status))
        refused("media_rejected", adapter.stage, five[0])


@pytest.mark.parametrize(
    "data,size",
    [
        (PNG, (640, 480)),
        (GIF, (30, 20)),
        (JPEG, (640, 480)),
        (TURNED, (480, 640)),
        (b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + b"\x7f\x02\0\xdf\x01\0", (640, 480)),
        (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x7f\xc2\x77\0", (640, 480)),
        (b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x80\x02\xe0\x01", (640, 480)),
        (b"", None),
        (b"\xff\xd8", None),
        (b"\xff\xd8\xff\xe0\0\0", None),
        (b"\xff\xd8\xff\xff\xff\xff", None),
        (PNG[:20], None),
        (b"GIF89a\0\0\0\0", None),
        (b"<svg/>", None),
    ],
)
def test_the_shape_of_a_picture(data, size):
    assert bluesky_image.size(data) == size
    for end in range(len(data)):
        bluesky_image.size(data[:end])


# --- what may be done -------------------------------------------------------------
def test_who_may_be_written_to(sim, adapter):
    for allowed, follows, reason in (
        ("all", False, ""),
        ("following", True, ""),
        ("following", False, "not_followed"),
        ("none", True, "messages_disabled"),
    ):
        name = f"{allowed}-{follows}.example".lower()
        person = sim.add_person(name)
        sim.allow_messages(person, allowed)
        if follows:
            sim.relate(FOLLOW, person, sim.brand)
        found = afforded(adapter, hear(sim, adapter, by=name))[base.REPLY_PRIVATE]
        assert (found.allowed, found.reason) == (not reason, reason)
        assert bool(found.url) == bool(reason)
        assert found.max_length == 1000
    silent = afforded(adapter, hear(sim, adapter))[base.REPLY_PRIVATE]
    assert silent.reason == "not_followed", "who never said allows those they follow"


def test_who_wrote_first_is_answered(sim, adapter):
    sim.allow_messages(sim.jo, "none")
    private = hear_private(sim, adapter)
    found = afforded(adapter, private)
    assert found[base.REPLY_PRIVATE].allowed
    assert set(found) == {base.REPLY_PRIVATE, base.LIKE}
    assert not afforded(adapter, private, blocked=True)[base.REPLY_PRIVATE].allowed


def test_what_may_be_done_with_a_post(sim, adapter):
    top = sim.post(sim.brand, "We are open")
    below = hear(sim, adapter, reply_to=top, text="are you")
    elsewhere = hear(sim, adapter)
    found = afforded(adapter, below)
    assert found[base.HIDE].allowed and found[base.LIKE].allowed
    assert found[base.REPLY_PUBLIC].max_length == 300
    assert afforded(adapter, elsewhere)[base.HIDE].reason == "not_our_thread"
    own = {base.DELETE, base.REPLY_PUBLIC}
    assert set(afforded(adapter, below, own=True)) == own
    assert afforded(adapter, below, own=True, audience="private") == {}
    assert afforded(adapter, below, deleted=True) == {}
    assert not afforded(adapter, below, extra={"closed": True})[
        base.REPLY_PUBLIC
    ].allowed
    assert not afforded(adapter, below, extra={"blocked": True})[
        base.REPLY_PUBLIC
    ].allowed


def test_without_the_right_to_private_messages(sim):
    plain = sim.app_password(sim.brand)
    adapter = connect(sim, app_password=plain)
    assert adapter.facts["chat"] is False
    found = afforded(adapter, hear(sim, adapter))
    assert found[base.REPLY_PRIVATE].reason == "scope"
    assert found[base.REPLY_PUBLIC].allowed


# --- likes, hiding, deleting ------------------------------------------------------
def likes(sim):
    return sim.world.repo(sim.brand.did, LIKE)


def test_liking_is_done_once_and_undone(sim, adapter):
    heard = hear(sim, adapter)
    for _time in range(2):
        adapter.moderate("like", target(heard))
    [like] = likes(sim)
    assert like.value["subject"] == sim.find(heard.key).ref
    for _time in range(2):
        adapter.moderate("unlike", target(heard))
    assert not likes(sim)


def test_a_like_from_the_app_counts_and_goes(sim, adapter):
    heard = hear(sim, adapter)
    sim.relate(LIKE, sim.brand, sim.find(heard.key))
    adapter.moderate("like", target(heard))
    assert len(likes(sim)) == 1
    adapter.moderate("unlike", target(heard))
    assert not likes(sim)


def test_a_like_before_anybody_sees_it(sim, adapter):
    heard = hear(sim, adapter)

    def forget(found):
        found.body["posts"][0]["viewer"].pop("like", None)
        return found

    adapter.moderate("like", target(heard))
    sim.fail(path="getPosts", transform=forget, times=2)
    adapter.moderate("like", target(heard))
    assert len(likes(sim)) == 1
    adapter.moderate("unlike", target(heard))
    assert not likes(sim)


def test_hiding_below_our_post(sim, adapter):
    top = sim.post(sim.brand, "We are open")
    rude, other = (
        hear(sim, adapter, reply_to=top, text=text) for text in ("rude", "polite")
    )
    gate = {
        "post": top.uri,
        "allow": [{"$type": "app.bsky.feed.threadgate#followerRule"}],
        "hiddenReplies": [other.key],
        "createdAt": "2026-01-01T00:00:00.000Z",
        "future": {"kept": True},
    }
    sim.world.write(sim.brand, GATE, gate, top.rkey)
    for _time in range(2):
        adapter.moderate("hide", target(rude))
    now = sim.world.gate(top.uri).value
    assert now == {"$type": GATE, **gate, "hiddenReplies": [other.key, rude.key]}
    for _time in range(2):
        adapter.moderate("unhide", target(rude, extra={}))  # asks the post for its root
    assert sim.world.gate(top.uri).value["hiddenReplies"] == [other.key]


def test_the_first_to_be_hidden(sim, adapter):
    top = sim.post(sim.brand, "We are open")
    rude = hear(sim, adapter, reply_to=top, text="rude")
    adapter.moderate("unhide", target(rude))
    assert sim.world.gate(top.uri) is None
    adapter.moderate("hide", target(rude))
    gate = sim.world.gate(top.uri).value
    assert gate["post"] == top.uri and gate["hiddenReplies"] == [rude.key]
    assert "allow" not in gate, "everybody may still answer"


def test_hiding_that_cannot_be(sim, adapter):
    refused("not_our_thread", adapter.moderate, "hide", target(hear(sim, adapter)))
    top = sim.post(sim.brand, "We are open")
    rude = hear(sim, adapter, reply_to=top, text="rude")
    full = [f"at://{sim.jo.did}/{POST}/3{n:012d}" for n in range(300)]
    sim.world.write(sim.brand, GATE, {"post": top.uri, "hiddenReplies": full}, top.rkey)
    refused("too_many_hidden", adapter.moderate, "hide", target(rude))
    adapter.moderate("unhide", target(rude))
    swap = {"error": "InvalidSwap", "message": "Record was at x"}
    sim.world.gate(top.uri).value["hiddenReplies"] = []
    sim.fail(path="putRecord", answer=Answer(swap, 400))
    refused("gone_stale", adapter.moderate, "hide", target(rude))


def test_deleting_our_own(sim, adapter):
    heard = hear(sim, adapter)
    done = adapter.publish(answer(heard), "k")
    one = items.Target(done.key, done.ref, items.Author(), items.PUBLIC)
    for _time in range(2):
        adapter.moderate("delete", one)
    assert not ours(sim)
    refused("forbidden", adapter.moderate, "delete", target(heard))
    refused("unsupported", adapter.moderate, "edit", one)


def test_what_was_staged_is_plain_text(sim, adapter):
    held = json.loads(adapter.stage(items.Upload("a.png", "image/png", PNG)))
    assert held["shape"] == [640, 480] and held["blob"]["$type"] == "blob"
