"""Speaking on X on a bad day: lost answers, refusals, rules, sign-ins, costs."""

import dataclasses
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from simulators.server import Answer, Simulator, route
from simulators.x import XHarness
from x_kit import draft, heard, may, x_link

from networks import errors, items, oauth2

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 40


@pytest.fixture
def link():
    with x_link() as one:
        yield one


@pytest.fixture
def sim(link):
    return link.sim


@pytest.fixture
def jo(sim):
    return sim.add_user("jo_k", "Jo")


@pytest.fixture
def named(link, sim, jo):
    return heard(link, sim.post(jo, "@acme my lamp broke"))


def texts(link):
    return [one["text"] for one in link.published()]


# --- once, and only once ----------------------------------------------------------
def test_the_same_words_to_another_post_are_refused_not_mistaken(link, sim, jo, named):
    """X refuses the same words twice; the first answer is not the second's."""
    link.adapter.publish(draft(named, "Thank you!"), "a")
    other = heard(link, sim.post(jo, "@acme and my chair"))
    with pytest.raises(errors.RejectedError) as caught:
        link.adapter.publish(draft(other, "Thank you!"), "b")
    assert caught.value.code == "duplicate"
    assert len(texts(link)) == 1


def test_a_refused_repeat_finds_the_first(link, sim, named):
    one = draft(named, "Which lamp? https://acme.example/lamps & more 👍")
    sim.fail(method="POST", path=r"/2/tweets\Z", cut="after")
    with pytest.raises(errors.UncertainError):
        link.adapter.publish(one, "a")
    done = link.adapter.publish(one, "a")
    assert texts(link) == [f"@jo_k {one.text}"]
    assert done.key == link.published()[0]["key"]
    assert link.adapter.lookup(one, "a", link.now()).key == done.key


@pytest.mark.parametrize(
    "words",
    [
        "A & B <c> &amp; &lt;",
        "see www.acme.com/x, then https://acme.example/a?b=1&c=2.",
        "https://acme.example/",
        "👩‍🚀 e\u0301 日本 \u202ertl\u202c",
        "line\n\nbreak  and   spaces ",
        "@max @acme look",
        "$ACME #lamp",
        "...",
    ],
)
def test_what_was_said_is_found_again_whatever_x_made_of_it(link, sim, named, words):
    one = draft(named, words)
    since = link.now()
    assert link.adapter.lookup(one, "a", since) is None
    done = link.adapter.publish(one, "a")
    assert link.adapter.lookup(one, "a", since).key == done.key
    assert link.adapter.lookup(draft(named, words + " not"), "a", since) is None


def test_a_long_time_ago_is_not_now(link, sim, named):
    link.adapter.publish(draft(named, "Thanks"), "a")
    sim.advance(3600)
    assert link.adapter.lookup(draft(named, "Thanks"), "b", link.now()) is None


def test_parts_are_told_apart_by_what_they_answer(link, sim, named):
    since = link.now()
    first = link.adapter.publish(draft(named, "One", part=1, parts=2), "a")
    second = draft(named, "Two", part=2, parts=2, previous=first.ref)
    assert link.adapter.lookup(second, "b", since) is None
    done = link.adapter.publish(second, "b")
    assert link.adapter.lookup(second, "b", since).key == done.key
    alone = draft(named, "Two")
    assert link.adapter.lookup(alone, "c", since) is None
    assert [one["reply_to"] for one in link.published()] == [named.key, first.key]


@pytest.mark.parametrize(
    "answer",
    [
        Answer("<html>", 201),
        Answer({}, 201),
        Answer({"data": {"id": "abc"}}, 201),
        Answer({"data": None}, 200),
        Answer("[1]", 201),
        Answer("oops", 500),
        Answer("oops", 504),
    ],
)
def test_an_answer_that_says_nothing_is_uncertain(link, sim, named, answer):
    sim.fail(method="POST", path=r"/2/tweets\Z", answer=answer, effect=True)
    one = draft(named, "Did it work?")
    since = link.now()
    with pytest.raises(errors.UncertainError):
        link.adapter.publish(one, "a")
    assert link.adapter.lookup(one, "a", since).key == link.published()[0]["key"]


def test_the_lookup_reads_on_and_says_when_it_cannot_know(link, sim, named):
    since = link.now()
    one = draft(named, "Lost in the crowd")
    done = link.adapter.publish(one, "a")
    for number in range(150):
        sim.post(sim.brand, f"campaign {number}")
    assert link.adapter.lookup(one, "a", since).key == done.key
    for number in range(500):
        sim.post(sim.brand, f"more {number}")
    with pytest.raises(errors.TransientError):
        link.adapter.lookup(draft(named, "Never said"), "b", since)


def test_a_lookup_that_gets_half_an_answer_does_not_say_no(link, sim, named):
    one = draft(named, "Here")
    since = link.now()
    link.adapter.publish(one, "a")
    for answer in (Answer("<html>"), Answer({"x": 1}), Answer("[]"), Answer("", 503)):
        sim.fail(path=r"/2/users/\d+/tweets", answer=answer)
        with pytest.raises(errors.NetworkError):
            link.adapter.lookup(one, "a", since)


# --- refusals ---------------------------------------------------------------------
def test_no_money_says_nothing_and_is_told(link, sim, named):
    sim.no_credits(path=r"/2/tweets\Z")
    with pytest.raises(errors.Exhausted):
        link.adapter.publish(draft(named), "a")
    sim.capped(path="/mentions")
    with pytest.raises(errors.Exhausted) as caught:
        link.read()
    assert caught.value.retry_after > 3600
    assert not texts(link) and not link.adapter.spent.get("summoned_reply")


def test_a_stranger_is_not_answered(link, sim, jo):
    """Read as context of a thread, not because they named us."""
    post = sim.post(jo, "acme is bad")
    item = link.adapter.resolve(f"https://x.com/jo_k/status/{post.id}")
    one = link.adapter.parse(item)
    affordance = may(link, one)
    assert not affordance.allowed and post.id in affordance.url
    with pytest.raises(errors.RejectedError) as caught:
        link.adapter.publish(draft(one), "a")
    assert caught.value.code == "reply_refused"


def test_a_post_that_is_gone_is_not_answered_as_a_post_of_its_own(link, sim, named):
    sim.delete(named.key)
    with pytest.raises(errors.RejectedError):
        link.adapter.publish(draft(named), "a")
    lost = dataclasses.replace(draft(named).target, ref="")
    with pytest.raises(errors.RejectedError):
        link.adapter.publish(dataclasses.replace(draft(named), target=lost), "b")
    assert not texts(link)


def test_an_edited_post_can_still_be_answered(link, sim, named):
    sim.edit(named.key, "@acme my lamp broke!")
    one = draft(named, "Which?")
    since = link.now()
    done = link.adapter.publish(one, "a")
    assert link.adapter.lookup(one, "a", since).key == done.key
    again = heard(link, sim.find(sim.find(named.key).chain[-1]))
    later = draft(again, "And when?")
    done = link.adapter.publish(later, "b")
    assert link.adapter.lookup(later, "b", since).key == done.key


def test_words_that_are_none_never_leave(link, sim, named):
    before = len(sim.calls)
    for words in ("", "  \n", "\ufeff", "\ufeff \uffff"):
        with pytest.raises(errors.RejectedError):
            link.adapter.publish(draft(named, words), "a")
    assert len(sim.calls) == before
    link.adapter.publish(draft(named, "\ufeffpasted"), "b")
    assert texts(link) == ["@jo_k pasted"]


def test_a_reply_never_grows_wider(link, sim, jo):
    private = heard(link, sim.dm(jo, "my number is 12345"))
    wide = dataclasses.replace(draft(private, "12345, yes"), audience="public")
    with pytest.raises(errors.RejectedError):
        link.adapter.publish(wide, "a")
    assert not texts(link)


def test_slow_down_after_a_reply_is_that_and_nothing_was_said(link, sim, named):
    sim.exhaust("POST", r"/2/tweets")
    with pytest.raises(errors.RateLimited) as caught:
        link.adapter.publish(draft(named), "a")
    assert 890 < caught.value.retry_after <= 902
    assert not texts(link)


# --- private ----------------------------------------------------------------------
def test_a_private_answer_is_sent_once_and_found(link, sim, jo):
    one = draft(heard(link, sim.dm(jo, "psst")), "yes? https://a.example/x & co")
    since = link.now()
    sim.fail(method="POST", path="/messages", cut="after")
    with pytest.raises(errors.UncertainError):
        link.adapter.publish(one, "a")
    found = link.adapter.lookup(one, "a", since)
    assert found.key == link.published()[0]["key"]
    other = dataclasses.replace(one, text="something else")
    assert link.adapter.lookup(other, "b", since) is None


def test_the_same_private_words_of_yesterday_are_not_todays(link, sim, jo):
    psst = heard(link, sim.dm(jo, "psst"))
    sim.dm(sim.brand, "Hello!", to=jo, at=sim.now() - timedelta(days=1))
    assert link.adapter.lookup(draft(psst, "Hello!"), "a", link.now()) is None


def test_who_does_not_take_messages_gets_a_link(link, sim, jo, named):
    closed = may(link, named, "reply_private")
    assert not closed.allowed and f"recipient_id={jo.id}" in closed.url
    private = dataclasses.replace(
        draft(named, "Hello"), audience="private", to=named.author
    )
    with pytest.raises(errors.RejectedError) as caught:
        link.adapter.publish(private, "a")
    assert caught.value.code == "direct_refused"
    sim.dm(jo, "write to me")
    link.adapter.publish(private, "b")
    assert texts(link) == ["Hello"]


def test_the_code_of_an_invitation_comes_back(link, sim, jo):
    url = link.adapter.invite_url("tok-EN_42")
    assert f"recipient_id={sim.brand.id}" in url
    one = heard(link, sim.dm(jo, "[ref: tok-EN_42]"))
    assert one.payload == "tok-EN_42"
    for payload in ("", "a b", "x" * 65, "é", "]["):
        with pytest.raises(errors.RejectedError):
            link.adapter.invite_url(payload)


def test_a_group_is_answered_as_a_group(link, sim, jo):
    group = sim.dm(jo, "hello all", group=[sim.add_user("kim")])
    one = heard(link, group)
    assert (one.audience, one.thread) == (items.GROUP, group.conversation)
    link.adapter.publish(draft(one, "Hello"), "a")
    assert [row["audience"] for row in link.published()] == ["group"]


# --- files ------------------------------------------------------------------------
def test_a_file_is_described_and_sent_once(link, sim, named):
    file = items.Upload("lamp.png", "image/png", PNG, alt="A lamp")
    staged = dataclasses.replace(file, staged=link.adapter.stage_whole(file))
    link.adapter.publish(draft(named, "Like this?", media=(staged,)), "a")
    [medium] = sim.world.media.values()
    assert (medium.data, medium.alt) == (PNG, "A lamp")
    assert link.published()[0]["media"] == [medium.key]


def test_a_video_in_work_waits_without_a_word(link, sim, named):
    film = items.Upload("f.mp4", "video/mp4", b"\0\0\0\x18ftypmp42" + b"x" * 60)
    film = dataclasses.replace(film, staged=link.adapter.stage_whole(film))
    for _turn in range(2):
        with pytest.raises(errors.TransientError) as caught:
            link.adapter.publish(draft(named, "See", media=(film,)), "a")
        assert caught.value.retry_after
    link.adapter.publish(draft(named, "See", media=(film,)), "a")
    assert len(link.published()) == 1


def test_a_video_that_x_cannot_read_is_refused(link, sim, named):
    sim.media_waits, sim.media_fails = 0, True
    film = items.Upload("f.mp4", "video/mp4", b"\0\0\0\x18ftypmp42" + b"x" * 60)
    film = dataclasses.replace(film, staged=link.adapter.stage_whole(film))
    with pytest.raises(errors.RejectedError) as caught:
        link.adapter.publish(draft(named, "See", media=(film,)), "a")
    assert caught.value.code == "media_rejected" and not link.published()


def test_a_file_that_ended_is_uploaded_again_or_refused(link, sim, named):
    file = items.Upload("lamp.png", "image/png", PNG)
    staged = dataclasses.replace(file, staged=link.adapter.stage_whole(file))
    sim.world.media.clear()
    with pytest.raises(errors.NetworkError) as caught:
        link.adapter.publish(draft(named, "Look", media=(staged,)), "a")
    assert not isinstance(caught.value, errors.UncertainError)
    assert not link.published()


def test_our_token_goes_to_nobody_else(link, sim, jo):
    """Files of posts are fetched without it, and nothing outside X's hosts at all."""
    post = sim.post(jo, "@acme look", media=[("image/png", PNG)])
    one = heard(link, post)
    assert link.adapter.fetch_media(one.media[0].ref)[0] == PNG
    assert "authorization" not in sim.calls[-1].headers
    for ref in (
        "https://evil.example/x.png",
        "file:///etc/passwd",
        "http://169.254.169.254/",
        "dm:1/2/../../../../oauth2/token",
        "dm:1/2/..",
        "dm:1/2/%2e%2e",
        "dm:../../x",
        "dm:1/2/x?y=1",
        "dm:a/b/c",
        "post:abc",
        "post:",
        "",
    ):
        before = len(sim.calls)
        with pytest.raises(errors.NetworkError):
            link.adapter.fetch_media(ref)
        for call in sim.calls[before:]:
            assert call.path.startswith("/2/tweets"), ref


# --- signing in -------------------------------------------------------------------
def test_a_sign_in_and_its_renewal(link, sim):
    back = "https://odoo.example/helpdesk_social/oauth"
    sim.app.redirect_uris = [back]
    verifier = oauth2.verifier(b"0" * 32)
    url = link.adapter.authorize_url(back, "state", oauth2.challenge(verifier))
    query = dict(parse_qsl(urlsplit(url).query))
    assert query["code_challenge_method"] == "S256"
    answer = requests.get(
        f"{sim.url}/i/oauth2/authorize", params=query, allow_redirects=False
    )
    code = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]
    tokens = link.adapter.exchange(code, back, verifier)
    other = link.connect(**tokens.settings)
    assert other.check().handle == "acme"
    again = other.refresh()
    assert again.settings["refresh_token"] != tokens.settings["refresh_token"]
    with pytest.raises(errors.AuthError):
        other.refresh()
    # used twice: all that came from it is dead
    with pytest.raises(errors.AuthError):
        link.connect(**again.settings).check()


def test_an_ended_token_asks_for_a_new_one_and_does_nothing(link, sim, named):
    sim.expire(link.adapter.settings["access_token"])
    for act in (
        lambda: link.adapter.check(),
        lambda: link.read(),
        lambda: link.adapter.publish(draft(named), "a"),
        lambda: link.adapter.moderate("delete", draft(named).target),
    ):
        with pytest.raises(errors.AuthError) as caught:
            act()
        assert caught.value.code == "token_expired"
    assert not link.published()


@pytest.mark.parametrize(
    "answer", [Answer("<html>", 503), Answer("", 500), Answer("<html>", 200)]
)
def test_a_renewal_that_x_did_not_answer_is_no_refusal(link, sim, answer):
    sim.fail(path="/2/oauth2/token", answer=answer)
    with pytest.raises(errors.NetworkError) as caught:
        link.adapter.refresh()
    assert not isinstance(caught.value, errors.AuthError)
    assert link.adapter.refresh().settings["access_token"]


def test_keys_that_were_pasted_do_everything(link, sim, named):
    """OAuth 1.0a: reading with a query, posting JSON, uploading multipart."""
    token, secret = sim.brand_keys
    keys = link.connect(
        access_token="", refresh_token="", oauth1_token=token, oauth1_secret=secret
    )
    assert keys.check().handle == "acme"
    assert keys.fetch("mentions", "", link.since).items
    file = items.Upload("l.png", "image/png", PNG, alt="日本 & 50%")
    staged = dataclasses.replace(file, staged=keys.stage_whole(file))
    keys.publish(draft(named, "Signed", media=(staged,)), "a")
    assert texts(link) == ["@jo_k Signed"]
    wrong = link.connect(access_token="", oauth1_token=token, oauth1_secret=secret[1:])
    with pytest.raises(errors.AuthError):
        wrong.check()


def test_a_server_that_repeats_our_secrets_does_not_spread_them(link, sim, named):
    secrets = [
        link.adapter.settings[one]
        for one in ("access_token", "client_secret", "consumer_secret")
    ]
    echo = {"title": "Forbidden", "detail": " ".join(secrets), "status": 403}
    sim.fail(times=20, answer=Answer(echo, 403))
    for act in (
        lambda: link.adapter.check(),
        lambda: link.adapter.publish(draft(named), "a"),
        lambda: link.adapter.refresh(),
        lambda: link.adapter.subscribe("https://odoo.example/hook", "s"),
    ):
        with pytest.raises(errors.NetworkError) as caught:
            act()
        for secret in secrets:
            assert secret not in f"{caught.value} {caught.value.detail}"


# --- what it costs ----------------------------------------------------------------
def test_what_we_count_is_what_x_bills(link, sim, jo):
    link.adapter.settings = {**link.adapter.settings, "app_owner": "acme"}
    posts = [sim.post(jo, f"@acme {number}") for number in range(7)]
    sim.dm(jo, "psst")
    link.adapter.spent.clear(), sim.bill.clear()
    cursors = {}
    link.read(cursors)
    link.read(cursors)
    assert link.adapter.spent["owned_read"] == sim.bill["owned_read"] == 7
    assert link.adapter.spent["dm_read"] == sim.bill["dm_read"] == 1
    one = heard(link, posts[0])
    link.adapter.spent.clear(), sim.bill.clear()
    link.adapter.publish(draft(one, "plain"), "a")
    link.adapter.publish(draft(one, "see acme.com"), "b")
    link.adapter.publish(draft(one, "more", previous=link.published()[0]["key"]), "c")
    spent = link.adapter.spent
    assert spent.get("post_url") == sim.bill["post_url"] == 1
    assert spent.get("summoned_reply") == 1 and spent.get("post") == 1
    for kind in spent:
        assert float(link.adapter.prices[kind]) > 0 and link.adapter.price_labels[kind]


def test_a_lost_answer_counts_as_sent(link, sim, named):
    link.adapter.spent.clear()
    sim.fail(method="POST", path=r"/2/tweets\Z", cut="after")
    with pytest.raises(errors.UncertainError):
        link.adapter.publish(draft(named, "Hello"), "a")
    assert link.adapter.spent == {"summoned_reply": 1}


# --- the webhook ------------------------------------------------------------------
class Receiver(Simulator):
    adapter, broken = None, False

    @route("GET", "/helpdesk_social/webhook/x/token")
    @route("GET", "/helpdesk_social/webhook/x/newer")
    def prove(self, call):
        ack = self.adapter.handshake(dict(call.query))
        return Answer("no", 404) if self.broken or not ack else Answer(ack.body)

    @route("POST", "/helpdesk_social/webhook/x/token")
    def take(self, call):
        right = self.adapter.verify(call.headers, dict(call.query), call.body)
        return Answer({}, 200 if right else 403)


@pytest.fixture
def hook(link):
    with Receiver() as one:
        one.adapter = link.adapter
        one.address = f"{one.url}/helpdesk_social/webhook/x/token"
        yield one


def test_subscribing_twice_is_subscribing_once(link, sim, hook, jo):
    for _turn in range(2):
        link.adapter.subscribe(hook.address, "")
    assert len(sim.webhooks) == 1
    kinds = [one["event_type"] for one in sim.subscriptions.values()]
    assert len(kinds) == len(set(kinds)) and "post.mention.create" in kinds
    sim.post(jo, "@acme hello")
    assert sim.deliver() and set(sim.deliver()) <= {200}
    sim.listed_subscription = True
    link.adapter.unsubscribe()
    assert not sim.webhooks and not sim.subscriptions


def test_a_switched_off_webhook_is_proved_again_and_a_former_one_replaced(
    link, sim, hook
):
    link.adapter.subscribe(hook.address, "")
    [one] = sim.webhooks.values()
    one["valid"] = False
    link.adapter.subscribe(hook.address, "")
    assert one["valid"] and len(sim.webhooks) == 1
    link.adapter.subscribe(hook.address.replace("token", "newer"), "")
    [one] = sim.webhooks.values()
    assert one["url"].endswith("newer")
    assert {row["webhook_id"] for row in sim.subscriptions.values()} == {one["id"]}


def test_an_address_that_cannot_be_proved_says_so(link, sim, hook):
    hook.broken = True
    with pytest.raises(errors.RejectedError) as caught:
        link.adapter.subscribe(hook.address, "")
    assert caught.value.code == "webhook_unproved"
    with pytest.raises(errors.RejectedError) as caught:
        link.adapter.subscribe("http://odoo.example:8069/hook", "")
    assert caught.value.code == "webhook_address"
    assert not sim.subscriptions


def test_somebody_elses_webhook_is_left_alone(link, sim, hook):
    with Receiver() as other:
        other.adapter = link.adapter
        sim.challenge = lambda url, token: sim.signature(
            sim.app.consumer_secret, token.encode()
        )
        link.adapter._app_call(
            "POST", "/2/webhooks", json={"url": f"{other.url}/their/tool"}
        )
        with pytest.raises(errors.RejectedError) as caught:
            link.adapter.subscribe(hook.address, "")
    assert caught.value.code == "webhook_active"
    assert [one["url"][-10:] for one in sim.webhooks.values()] == ["their/tool"]


def test_the_last_account_takes_the_webhook_along(link, sim, hook, jo):
    other = sim.add_user("acme_uk")
    second = link.connect(access_token=sim.tokens_of(other)["access_token"])
    second.facts = {"id": other.id, "handle": "acme_uk"}
    link.adapter.subscribe(hook.address, "")
    second.subscribe(hook.address, "")
    assert len(sim.webhooks) == 1
    link.adapter.unsubscribe()
    assert len(sim.webhooks) == 1
    assert {row["filter"]["user_id"] for row in sim.subscriptions.values()} == {
        other.id
    }
    second.unsubscribe()
    assert not sim.webhooks
    second.unsubscribe()  # twice is fine


def test_without_the_right_to_read_messages_mentions_are_pushed(link, sim, hook):
    narrow = "tweet.read users.read tweet.write offline.access"
    token = sim.tokens_of(sim.brand, scopes=narrow)["access_token"]
    other = link.connect(access_token=token)
    other.subscribe(hook.address, "")
    kinds = {one["event_type"] for one in sim.subscriptions.values()}
    assert "post.mention.create" in kinds and "dm.received" not in kinds


def test_the_harness_sees_what_customers_see(link, sim, named):
    """Of an edited post of ours only the last version, of a deleted one nothing."""
    done = link.adapter.publish(draft(named, "Oops"), "a")
    assert XHarness.published(sim)[0]["key"] == done.key
    target = items.Target(
        key=done.key, ref=done.ref, author=items.Author(), audience="public"
    )
    link.adapter.moderate("delete", target)
    link.adapter.moderate("delete", target)
    assert not XHarness.published(sim)
