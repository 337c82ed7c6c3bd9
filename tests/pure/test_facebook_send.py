"""What we say and do on a Page, the one private answer, signing in, subscriptions."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from facebook_kit import PNG, afforded, answer, connect, facts_of, heard, pushed
from simulators.facebook import FacebookSimulator
from simulators.server import Answer

from networks import base, errors, items

TOKEN = "Zm9yIHRoaXMgdGVzdA"
BACK = "https://odoo.example/helpdesk_social/oauth/callback"


@pytest.fixture
def sim():
    with FacebookSimulator() as server:
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


def ours(sim):
    return [one for one in sim.comments.values() if one.author is None]


def target(one, **values) -> items.Target:
    return replace(answer(one).target, **values)


# --- answers ------------------------------------------------------------------------
def test_an_answer_to_an_answer_is_put_below_the_first_one(sim, adapter):
    """Two levels: we put it where it will stand, so that it is found again (§2)."""
    top = heard(adapter, sim)
    deep = heard(adapter, sim, "And now?", sim.comments[top.key])
    draft = answer(deep, "Wait")
    done = adapter.publish(draft, "key")
    assert sim.comments[done.key].parent.id == top.key
    assert sim.calls[-1].path.endswith(f"/{top.key}/comments")
    assert (
        adapter.lookup(draft, "key", sim.now() - timedelta(minutes=1)).key == done.key
    )


def test_a_visitors_post_is_answered_below_it(sim, adapter):
    sim.write_post("Broken", sim.add_customer("Jo"))
    [post] = pushed(adapter, sim)
    done = adapter.publish(answer(post, "Sorry"), "key")
    made = sim.comments[done.key]
    assert made.parent is None and made.post.id == post.key


def test_a_picture_goes_along_in_the_same_call(sim, adapter):
    draft = answer(heard(adapter, sim), "Look here")
    file = items.Upload("lamp.png", "image/png", PNG)
    staged = replace(file, staged=adapter.stage(file))
    done = adapter.publish(replace(draft, media=(staged,)), "key")
    assert sim.pictures[done.key] == PNG
    assert sim.comments[done.key].message == "Look here"
    alone = adapter.publish(replace(draft, text="", media=(staged,)), "key")
    assert sim.comments[alone.key].message == ""


@pytest.mark.parametrize(
    "files",
    [
        [items.Upload("a.pdf", "application/pdf", b"%PDF")],
        [items.Upload("a.png", "image/png", PNG)] * 2,
        [items.Upload("a.png", "image/png", b"")],
        [items.Upload("a.png", "image/png", b"x" * (10 * 1024 * 1024 + 1))],
    ],
)
def test_files_that_a_comment_does_not_take(sim, adapter, files):
    draft = answer(heard(adapter, sim))
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(replace(draft, media=tuple(files)), "key")
    assert caught.value.code == "media_rejected"
    assert not ours(sim)


def test_nothing_is_said_to_nobody(sim, adapter):
    draft = answer(heard(adapter, sim))
    wrong = [
        replace(draft, target=None),
        replace(draft, text="  "),
        replace(draft, text="x" * 8001),
        replace(draft, target=target(heard(adapter, sim), ref="../me")),
        replace(draft, target=target(heard(adapter, sim), audience=items.PRIVATE)),
    ]
    for one in wrong:
        with pytest.raises(errors.RejectedError):
            adapter.publish(one, "key")
    assert not ours(sim)


def test_the_same_words_of_before_or_elsewhere_are_not_ours(sim, adapter):
    first, other = heard(adapter, sim), heard(adapter, sim, "Mine too")
    draft = answer(first, "We look into it")
    jo = sim.add_customer("Jo")
    sim.comment(jo, "We look into it", sim.comments[first.key])
    sim.comment(None, "We look into it", sim.comments[other.key])
    sim.comment(None, "We look into it", sim.comments[first.key])
    sim.advance(hours=1)
    assert adapter.lookup(draft, "key", sim.now()) is None
    done = adapter.publish(draft, "key")
    assert adapter.lookup(draft, "key", sim.now()).key == done.key


@pytest.mark.parametrize(
    ("code", "subcode", "kind", "word"),
    [
        (190, 460, errors.AuthError, "revoked"),
        (190, 463, errors.AuthError, "token_ended"),
        (200, None, errors.ScopeError, "scope"),
        (368, None, errors.RejectedError, "account_blocked"),
        (506, None, errors.RejectedError, "duplicate"),
        (100, 33, errors.NotFoundError, "not_found"),
        (4, None, errors.RateLimited, "rate_limited"),
        (32, None, errors.RateLimited, "rate_limited"),
        (80001, None, errors.RateLimited, "rate_limited"),
        (1, None, errors.UncertainError, "unknown"),
        (2, None, errors.UncertainError, "unknown"),
    ],
)
def test_refusals_go_by_their_number(sim, adapter, code, subcode, kind, word):
    draft = answer(heard(adapter, sim))
    sim.refuse(code, subcode, path="/comments")
    with pytest.raises(kind) as caught:
        adapter.publish(draft, "key")
    assert caught.value.code == word


# --- acts ---------------------------------------------------------------------------
def test_hide_like_edit_delete_and_back(sim, adapter):
    one = heard(adapter, sim)
    said, mine = sim.comments[one.key], adapter.publish(answer(one), "key")
    for verb, state in (("hide", True), ("hide", True), ("unhide", False)):
        adapter.moderate(verb, target(one))
        assert said.hidden is state
    adapter.moderate("like", target(one))
    assert said.likes
    adapter.moderate("unlike", target(one))
    assert not said.likes
    own = target(one, ref=mine.ref, key=mine.key, text="Better words")
    adapter.moderate("edit", own)
    assert sim.comments[mine.key].message == "Better words"
    adapter.moderate("delete", own)
    adapter.moderate("delete", own)
    assert sim.comments[mine.key].deleted
    with pytest.raises(errors.ScopeError):
        adapter.moderate("edit", target(one, text="Words in somebody's mouth"))
    with pytest.raises(errors.RejectedError):
        adapter.moderate("paint", target(one))


def test_what_may_be_done(sim, adapter):
    one = heard(adapter, sim)
    may = afforded(adapter, one)
    assert set(may) == {"reply_public", "reply_private", "like", "hide", "delete"}
    assert all(it.allowed for it in may.values())
    own = afforded(adapter, one, own=True)
    assert set(own) == {"delete", "edit"}, "our own comments cannot be hidden"
    post = afforded(adapter, one, own=True, ref="post:1_2")
    assert set(post) == {"reply_public", "delete", "edit"}
    said = {"can_hide": False, "can_comment": False, "can_remove": False}
    less = afforded(adapter, one, extra=said)
    assert not less["hide"].allowed and not less["reply_public"].allowed
    assert "delete" not in less


def test_we_do_not_block_ourselves(sim, adapter):
    one = heard(adapter, sim)
    with pytest.raises(errors.RejectedError):
        adapter.moderate("block", target(one, author=items.Author(id=sim.page.id)))


# --- into private -------------------------------------------------------------------
def test_one_private_answer_for_seven_days(sim, adapter):
    one = heard(adapter, sim)
    may = afforded(adapter, one)[base.REPLY_PRIVATE]
    assert (may.allowed, may.remaining) == (True, 1)
    assert may.until == one.sent_at + timedelta(days=7)
    draft = answer(one, "Your address?", audience=items.PRIVATE, to=one.author)
    done = adapter.publish(replace(draft, thread=""), "key")
    assert done.thread == one.author.id, "the person is known from then on"
    assert done.key.startswith(f"{sim.page.id}:m_")
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(replace(draft, thread=""), "key2")
    assert caught.value.code == "private_reply_used"
    assert len(sim.sent()) == 1
    for values in (
        {"private_replies_sent": 1},
        {"extra": {"private_replied": True}},
    ):
        may = afforded(adapter, one, **values)[base.REPLY_PRIVATE]
        assert (may.allowed, may.remaining) == (False, 0)
        assert may.reason == "private_reply_used"
    [again] = adapter.reread([one.ref]).items
    assert adapter.parse(again).extra["private_replied"] is True
    sim.advance(days=7)
    assert afforded(adapter, one)[base.REPLY_PRIVATE].reason == "private_reply_late"
    other = afforded(adapter, one, extra={"can_reply_privately": False})
    assert not other[base.REPLY_PRIVATE].allowed


def test_a_private_answer_to_a_visitors_post(sim, adapter):
    sim.write_post("Broken", sim.add_customer("Jo"))
    [post] = pushed(adapter, sim)
    draft = answer(post, "Sorry", audience=items.PRIVATE, to=post.author)
    adapter.publish(replace(draft, thread=""), "key")
    assert sim.public[post.key]["used"]


def test_a_private_answer_whose_call_was_cut_off_is_found(sim, adapter):
    one = heard(adapter, sim)
    draft = answer(one, "Your address?", audience=items.PRIVATE, to=one.author)
    draft = replace(draft, thread="")
    before = sim.now() - timedelta(minutes=1)
    assert adapter.lookup(draft, "key", before) is None
    sim.fail(method="POST", path="/messages", cut="after")
    with pytest.raises(errors.UncertainError):
        adapter.publish(draft, "key")
    found = adapter.lookup(draft, "key", before)
    assert found and found.thread == one.author.id


def test_ways_into_private(sim, adapter):
    one = heard(adapter, sim)
    ways = adapter.handoff(facts_of(one), TOKEN)
    assert [it.kind for it in ways] == ["private_reply", "link", "page"]
    assert ways[1].url == f"https://m.me/acme?ref={TOKEN}" and ways[1].brings
    used = adapter.handoff(facts_of(one, private_replies_sent=1), TOKEN)
    assert [it.kind for it in used if it.allowed] == ["link", "page"]
    nobody = adapter.handoff(facts_of(one, author=items.Author()), TOKEN)
    assert "link" in [it.kind for it in nobody if it.allowed]


def test_a_page_without_a_name_is_linked_by_its_number(sim):
    sim.page.username = ""
    assert connect(sim).invite_url(TOKEN) == f"https://m.me/{sim.page.id}?ref={TOKEN}"


# --- access -------------------------------------------------------------------------
def test_signing_in_asks_for_the_fewest_rights(sim, adapter):
    url = adapter.authorize_url(BACK, "state", "challenge")
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    assert parts.path.endswith("/dialog/oauth")
    assert query["redirect_uri"] == BACK and query["state"] == "state"
    assert sim.app_secret not in url
    business = connect(sim, config_id="4711").authorize_url(BACK, "s", "c")
    asked = dict(parse_qsl(urlsplit(business).query))
    assert asked["config_id"] == "4711" and "scope" not in asked
    real = connect(sim, base_url="https://graph.facebook.com")
    assert real.authorize_url(BACK, "s", "c").startswith("https://www.facebook.com/v26")


def test_a_code_becomes_the_pages_token_once(sim, adapter):
    back = sim.approve(adapter.authorize_url(BACK, "state", "c"))
    tokens = adapter.exchange(back["code"], BACK, "v")
    assert tokens.settings == {"access_token": sim.page.token, "refresh_token": ""}
    assert tokens.expires_at is None, "a page's token does not end by itself"
    with pytest.raises(errors.AuthError):
        adapter.exchange(back["code"], BACK, "v")


def test_a_code_for_another_address_is_worth_nothing(sim, adapter):
    back = sim.approve(adapter.authorize_url(BACK, "state", "c"))
    with pytest.raises(errors.AuthError):
        adapter.exchange(back["code"], "https://evil.example/", "v")


def test_several_pages_wait_for_a_choice(sim):
    pages = [sim.add_page(str(900 + one), f"Shop {one}") for one in range(130)]
    fresh = connect(sim)
    fresh.facts = {}
    back = sim.approve(fresh.authorize_url(BACK, "state", "c"))
    tokens = fresh.exchange(back["code"], BACK, "v")
    assert not tokens.settings["access_token"]
    asking = connect(sim, **tokens.settings)
    with pytest.raises(errors.ConfigError) as caught:
        asking.check()
    assert caught.value.code == "choose_page" and "Shop 0 (900)" in caught.value.detail
    chosen = connect(sim, **tokens.settings, page_id=pages[-1].id)
    with pytest.raises(errors.AuthError) as caught:
        chosen.check()
    assert caught.value.code == "token_expired"
    chosen.facts = {}
    assert chosen.refresh().settings["access_token"] == pages[-1].token
    wrong = connect(sim, **tokens.settings, page_id="1")
    wrong.facts = {}
    with pytest.raises(errors.AuthError):
        wrong.refresh()


def test_the_wrong_page_the_wrong_secret_and_a_persons_token(sim):
    for changes, code in (
        ({"page_id": "12"}, "bad_setting"),
        ({"app_secret": "0" * 32}, "bad_setting"),
        ({"access_token": sim.user_token}, "page_token"),
        ({"app_id": ""}, "missing_setting"),
    ):
        with pytest.raises(errors.ConfigError) as caught:
            connect(sim, **changes).check()
        assert caught.value.code in (code, "page_token"), changes


def test_what_the_token_may_do_is_told(sim, adapter):
    facts = sim.tokens[sim.token]
    facts["scopes"].remove("pages_messaging")
    profile = adapter.check()
    assert profile.missing_scopes == ("pages_messaging",)
    assert int(profile.data_until.timestamp()) == facts["data_access_expires_at"]
    assert profile.expires_at is None
    facts["expires_at"] = int(sim.now().timestamp()) + 60
    assert adapter.check().expires_at == sim.now() + timedelta(seconds=60)


def test_no_secret_leaves_in_an_address(sim, adapter):
    adapter.check()
    heard(adapter, sim)
    adapter.fetch("published_posts", "", sim.now() - timedelta(days=7))
    for call in sim.calls:
        query = dict(call.query)
        # what is asked about a token is asked with the token
        asked = {**query, "input_token": ""}
        assert sim.token not in asked.values() and "access_token" not in query
        assert query["appsecret_proof"]


# --- subscriptions --------------------------------------------------------------------
def test_a_subscription_is_looked_at_after_it_was_made(sim, adapter, monkeypatch):
    monkeypatch.setattr(FacebookSimulator, "ask", staticmethod(lambda *_args: True))
    adapter.subscribe("https://odoo.example/hook", "verify")
    assert {"feed", "mention", "messages"} <= set(sim.page.fields)
    assert {"feed", "messages"} <= set(sim.subscriptions["page"]["fields"])
    adapter.subscribe("https://odoo.example/hook", "verify")
    adapter.unsubscribe()
    assert sim.page.fields is None
    nothing = Answer({"data": []})
    sim.fail(method="GET", path="/subscribed_apps", answer=nothing, times=2)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.subscribe("https://odoo.example/hook", "verify")
    assert caught.value.code == "webhook_fields"
    with pytest.raises(errors.ConfigError):
        adapter.subscribe("https://odoo.example/hook", "")


def test_what_else_goes_by_way_of_the_page_stays(sim, adapter, monkeypatch):
    """Its Instagram account, and what the app's other products hear of."""
    monkeypatch.setattr(FacebookSimulator, "ask", staticmethod(lambda *_args: True))
    sim.page.fields = ["ratings", "messages"]
    there = {"callback_url": "https://odoo.example/other", "fields": ["comments"]}
    sim.subscriptions["instagram"] = there
    adapter.subscribe("https://odoo.example/hook", "verify")
    assert {"feed", "messages", "ratings"} <= set(sim.page.fields)
    for _time in range(2):
        adapter.unsubscribe()
        assert sim.page.fields == ["messages", "ratings"]
    # nobody on Instagram: our own fields only
    del sim.subscriptions["instagram"]
    adapter.subscribe("https://odoo.example/hook", "verify")
    adapter.unsubscribe()
    assert sim.page.fields == ["ratings"]


def test_stopping_what_never_began_asks_for_nothing(sim, adapter):
    adapter.unsubscribe()
    assert not [one for one in sim.calls if one.method in ("POST", "DELETE")]


def test_a_page_that_stays_although_it_should_go_is_told(sim, adapter):
    sim.page.fields = ["feed", "ratings"]
    refused = Answer({"success": False})
    sim.fail(method="POST", path="/subscribed_apps", answer=refused)
    with pytest.raises(errors.MalformedResponse):
        adapter.unsubscribe()
