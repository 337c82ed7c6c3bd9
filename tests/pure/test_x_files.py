"""Files to and from X (fact sheet x §2, §6)."""

import pytest
from simulators.server import Answer
from simulators.x import XSimulator
from x_desk import PNG, answer, connect, hear, hear_direct

from networks import errors, items, media, x_files

MP4 = b"\x00\x00\x00\x18ftypmp42"


@pytest.fixture
def sim():
    with XSimulator() as server:
        server.jo = server.add_user("jo_k", "Jo")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


def upload(mime="image/png", data=PNG, **changes):
    return items.Upload("lamp", mime, data, **changes)


# --- out --------------------------------------------------------------------------
def test_a_picture_with_its_description(sim, adapter):
    staged = adapter.stage_whole(upload(alt="A broken lamp"))
    medium = sim.world.media[staged]
    assert (medium.data, medium.alt, medium.mime) == (PNG, "A broken lamp", "image/png")
    heard = hear(sim, adapter)
    done = adapter.publish(answer(heard, media=(upload(staged=staged),)), "k")
    assert sim.world.posts[done.key].media == [medium.key]
    assert adapter.spent["alt_text"] == 1


def test_only_a_picture(sim, adapter):
    heard = hear(sim, adapter)
    draft = answer(heard, "", media=(upload(staged=adapter.stage_whole(upload())),))
    done = adapter.publish(draft, "k")
    assert adapter.lookup(draft, "k", sim.now()).key == done.key
    assert adapter.lookup(answer(heard, ""), "k", sim.now()) is None


def test_large_files_go_in_chunks(sim, adapter, monkeypatch):
    monkeypatch.setattr(x_files, "CHUNK", 10)
    data = bytes(range(256)) * 2
    staged = adapter.stage_whole(upload(data=data))
    assert sim.world.media[staged].data == data
    appended = [call for call in sim.calls if call.path.endswith("/append")]
    assert len(appended) == 52


def test_a_video_is_waited_for_without_sleeping(sim, adapter):
    heard = hear(sim, adapter)
    staged = adapter.stage_whole(upload("video/mp4", MP4))
    assert staged.startswith("wait:")
    draft = answer(heard, media=(upload("video/mp4", MP4, staged=staged),))
    for _look in range(sim.media_waits):
        with pytest.raises(errors.TransientError) as caught:
            adapter.publish(draft, "k")
        assert caught.value.code == "media_processing"
        assert caught.value.retry_after == 1
    done = adapter.publish(draft, "k")
    assert sim.world.posts[done.key].media == [f"7_{staged[5:]}"]
    assert "post" not in adapter.spent and adapter.spent["summoned_reply"] == 1


def test_a_video_that_cannot_be_used(sim, adapter):
    heard = hear(sim, adapter)
    sim.media_waits, sim.media_fails = 0, True
    staged = adapter.stage_whole(upload("video/mp4", MP4))
    draft = answer(heard, media=(upload("video/mp4", MP4, staged=staged),))
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(draft, "k")
    assert caught.value.code == "media_rejected"
    assert "Unsupported video" in caught.value.detail


def test_files_of_private_messages_are_kept_apart(sim, adapter):
    heard = hear_direct(sim, adapter, "hello")
    staged = adapter.stage_whole(upload(audience=items.PRIVATE))
    assert sim.world.media[staged].category == "dm_image"
    done = adapter.publish(answer(heard, "", media=(upload(staged=staged),)), "k")
    message = sim.world.messages[done.key.removeprefix("dm:")]
    assert message.media == [sim.world.media[staged].key]
    two = (upload(staged=staged), upload(staged=staged))
    with pytest.raises(errors.RejectedError):
        adapter.publish(answer(heard, "two", media=two), "k")


@pytest.mark.parametrize(
    ("mime", "audience", "category"),
    [
        ("image/jpeg", items.PUBLIC, "tweet_image"),
        ("image/gif", items.PUBLIC, "tweet_gif"),
        ("IMAGE/GIF; x=1", items.GROUP, "dm_gif"),
        ("video/mp4", items.PRIVATE, "dm_video"),
    ],
)
def test_categories(mime, audience, category):
    assert x_files.category(mime, audience) == category


def test_what_x_does_not_take_is_refused_here(sim, adapter):
    calls = len(sim.calls)
    for bad in (
        upload("application/pdf"),
        upload("image/png", b"x" * (5 * 1024 * 1024 + 1)),
        upload(alt="x" * 1001),
        upload(data=b""),
    ):
        with pytest.raises(errors.RejectedError):
            adapter.stage_whole(bad)
    heard = hear(sim, adapter)
    calls = len(sim.calls)
    for files in (
        (upload(staged="1"),) * 5,
        (upload("video/mp4", MP4, staged="1"), upload(staged="2")),
        (upload("image/gif", staged="1"),) * 2,
    ):
        with pytest.raises(errors.RejectedError) as caught:
            adapter.publish(answer(heard, media=files), "k")
        assert caught.value.code == "media_rejected"
    assert len(sim.calls) == calls
    rules = adapter.media_rules(items.PUBLIC)
    assert not media.problems(rules, [("image/png", 10, "")] * 4)
    assert adapter.media_rules(items.PRIVATE).max_files == 1


def test_x_refuses_the_file_itself(sim, adapter):
    sim.refuse(400, "media type unrecognized", path="/finalize", kind="invalid-request")
    with pytest.raises(errors.RejectedError) as caught:
        adapter.stage_whole(upload())
    assert caught.value.code == "media_rejected"
    sim.refuse(404, "gone", kind="resource-not-found", path="/append")
    with pytest.raises(errors.TransientError):
        adapter.stage_whole(upload())
    sim.fail(path="/initialize", answer=Answer("{}"))
    with pytest.raises(errors.MalformedResponse):
        adapter.stage_whole(upload())


def test_an_upload_that_is_too_old(sim, adapter):
    heard = hear(sim, adapter)
    staged = adapter.stage_whole(upload())
    token, secret = sim.brand_keys
    later = connect(sim, access_token="", oauth1_token=token, oauth1_secret=secret)
    sim.advance(25 * 3600)
    with pytest.raises(errors.RejectedError):
        later.publish(answer(heard, media=(upload(staged=staged),)), "k")


# --- in ---------------------------------------------------------------------------
def test_files_of_posts_come_without_our_token(sim, adapter):
    heard = hear(sim, adapter, "@acme look", media=[("image/png", PNG, "A lamp")])
    [file] = heard.media
    assert (file.kind, file.alt) == ("image", "A lamp")
    assert adapter.fetch_media(file.ref) == (PNG, "image/png")
    assert "authorization" not in sim.calls[-1].headers


def test_the_best_version_of_a_video(sim, adapter):
    heard = hear(sim, adapter, "@acme look", media=[("video/mp4", MP4)])
    [file] = heard.media
    assert (file.kind, file.mime) == ("video", "video/mp4")
    assert file.ref.endswith(".mp4") and "_low" not in file.ref
    assert adapter.fetch_media(file.ref)[0] == MP4


def test_files_of_private_messages_come_with_it(sim, adapter):
    heard = hear_direct(sim, adapter, "look", media=[("image/png", PNG)])
    [file] = heard.media
    assert file.ref.startswith("dm:") and file.url == ""
    assert heard.text == "look"
    assert adapter.fetch_media(file.ref) == (PNG, "image/png")
    assert sim.calls[-1].headers["authorization"]


def test_a_file_without_an_address_is_asked_for(sim, adapter):
    heard = hear(sim, adapter, "@acme look", media=[("image/png", PNG)])
    key = sim.world.posts[heard.key].media[0]
    assert adapter.fetch_media(f"post:{heard.key}/{key}") == (PNG, "image/png")
    for ref in (
        "post:",
        "post:1/2",
        f"post:{heard.key}/3_999",
        "post:x",
        "",
        "dm:",
        "x",
    ):
        with pytest.raises(errors.NotFoundError):
            adapter.fetch_media(ref)


def test_no_way_out_of_the_folder(adapter):
    for ref in ("dm:../../users/me", "dm:1/../x", "dm:1/2/3/4", "dm:1/2"):
        with pytest.raises(errors.NotFoundError):
            adapter.fetch_media(ref)
