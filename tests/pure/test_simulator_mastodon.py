"""Is the simulator a Mastodon server? Mastodon.py, which knows only that, judges."""

import pytest
import requests
from mastodon import Mastodon
from mastodon.errors import (
    MastodonAPIError,
    MastodonNotFoundError,
    MastodonRatelimitError,
    MastodonUnauthorizedError,
)
from simulators.mastodon import MastodonSimulator
from simulators.mastodon_snac2 import Snac2Simulator
from simulators.mastodon_world import World, grapheme_length
from simulators.server import Answer

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
BACK = "https://odoo.example/back"


@pytest.fixture
def sim():
    with MastodonSimulator() as server:
        server.jo = server.add_account("jo@other.example", "Jo")
        server.sam = server.add_account("sam")
        yield server


def client(sim, account=None, **kwargs):
    token = sim.brand_token if account is None else sim.token_for(account)
    return Mastodon(
        access_token=token, api_base_url=sim.url, ratelimit_method="throw", **kwargs
    )


def ids(things):
    return [str(one["id"]) for one in things]


# --- sign-in ----------------------------------------------------------------------
def test_signing_in_as_a_client_library_does(sim):
    client_id, secret = Mastodon.create_app(
        "helpdesk", scopes=["read"], redirect_uris=[BACK], api_base_url=sim.url
    )
    api = Mastodon(client_id=client_id, client_secret=secret, api_base_url=sim.url)
    url = api.auth_request_url(
        redirect_uris=BACK, scopes=["read"], state="s1", allow_http=True
    )
    back = requests.get(url, allow_redirects=False).headers["location"]
    assert back.startswith(BACK) and "state=s1" in back
    code = back.split("code=")[1].split("&")[0]
    api.log_in(code=code, redirect_uri=BACK, scopes=["read"], allow_http=True)
    assert api.account_verify_credentials().acct == "acme"


def test_a_code_needs_its_verifier_and_works_once(sim):
    app = requests.post(
        f"{sim.url}/api/v1/apps",
        data={"client_name": "x", "redirect_uris": BACK, "scopes": "read"},
    ).json()
    ask = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": BACK,
        "scope": "read:accounts",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        "state": "xyz",
    }

    def code():
        answer = requests.get(
            f"{sim.url}/oauth/authorize", params=ask, allow_redirects=False
        )
        assert "state=xyz" in answer.headers["location"]
        return answer.headers["location"].split("code=")[1].split("&")[0]

    form = {
        "grant_type": "authorization_code",
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": BACK,
    }
    wrong = {**form, "code": code(), "code_verifier": "wrong"}
    assert requests.post(f"{sim.url}/oauth/token", data=wrong).status_code == 400
    # the verifier of RFC 7636, appendix B
    right = {
        **form,
        "code": code(),
        "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    }
    granted = requests.post(f"{sim.url}/oauth/token", data=right).json()
    assert granted["scope"] == "read:accounts"
    api = Mastodon(access_token=granted["access_token"], api_base_url=sim.url)
    assert api.account_verify_credentials().username == "acme"
    assert requests.post(f"{sim.url}/oauth/token", data=right).status_code == 400


def test_revoked_tokens_and_missing_scopes_are_refused(sim):
    narrow = Mastodon(
        access_token=sim.token_for(sim.brand, "read:accounts"), api_base_url=sim.url
    )
    with pytest.raises(MastodonAPIError, match="outside the authorized scopes"):
        narrow.status_post("no")
    api = client(sim)
    sim.revoke(sim.brand_token)
    with pytest.raises(MastodonUnauthorizedError):
        api.account_verify_credentials()


def test_the_server_tells_its_limits(sim):
    api = client(sim)
    assert api.instance_v2().configuration.statuses.max_characters == 500
    assert api.instance_v1().uri == "us.example"


# --- notifications ----------------------------------------------------------------
def test_paging_forward_from_an_id_is_gap_free(sim):
    for number in range(25):
        sim.post(sim.jo, f"@acme {number}")
    api = client(sim)
    everything = ids(api.notifications(limit=80))
    assert len(everything) == 25
    first = everything[-1]
    assert ids(api.notifications(min_id=first, limit=10)) == everything[-11:-1]
    assert ids(api.notifications(since_id=first, limit=10)) == everything[:10]
    assert ids(api.notifications(max_id=everything[10], limit=5)) == everything[11:16]


def test_link_headers_lead_to_the_next_pages(sim):
    for number in range(7):
        sim.post(sim.jo, f"@acme {number}")
    api = client(sim)
    page = api.notifications(limit=3)
    older = api.fetch_next(page)
    assert ids(older) == ids(api.notifications(limit=80))[3:6]
    assert ids(api.fetch_previous(older)) == ids(page)


def test_private_mentions_by_strangers_are_filtered_until_accepted(sim):
    sim.post(sim.jo, "@acme psst", "direct")
    api = client(sim)
    assert api.notifications() == []
    shown = requests.get(
        f"{sim.url}/api/v1/notifications?include_filtered=true",
        headers={"Authorization": f"Bearer {sim.brand_token}"},
    ).json()
    assert shown[0]["status"]["visibility"] == "direct"
    requested = api.notification_requests()
    assert str(requested[0].account.acct) == "jo@other.example"
    api.accept_notification_request(requested[0].id)
    assert len(api.notifications()) == 1
    assert api.notifications_policy().summary.pending_requests_count == 0


def test_a_private_answer_to_us_is_not_filtered(sim):
    ours = client(sim).status_post("@jo@other.example hello", visibility="direct")
    sim.post(sim.jo, "@acme hi", "direct", str(ours.id))
    assert len(client(sim).notifications()) == 1


def test_types_and_blocks(sim):
    api = client(sim)
    ours = api.status_post("we open at nine")
    sim.like(sim.jo, str(ours.id))
    sim.post(sim.jo, "@acme thanks")
    assert {one.type for one in api.notifications()} == {"favourite", "mention"}
    assert [one.type for one in api.notifications(types=["mention"])] == ["mention"]
    api.account_block(sim.jo.id)
    sim.post(sim.jo, "@acme hello?")
    assert len(api.notifications(types=["mention"])) == 1


# --- posts ------------------------------------------------------------------------
def test_mentions_links_and_tags_become_html(sim):
    status = sim.post(
        sim.jo, "@acme it <broke>\n\nsee https://example.com/" + "x" * 40 + " #help"
    )
    shown = client(sim).status(status.id)
    assert '<a href="https://us.example/@acme" class="u-url mention">' in shown.content
    assert "&lt;broke&gt;</p><p>see" in shown.content
    assert '<span class="invisible">https://</span>' in shown.content
    assert shown.tags[0].name == "help"
    assert shown.mentions[0].acct == "acme"


def test_direct_posts_are_seen_by_those_they_name(sim):
    direct = client(sim).status_post("@sam hi", visibility="direct")
    assert client(sim, sim.sam).status(direct.id).visibility == "direct"
    max_ = sim.add_account("max")
    with pytest.raises(MastodonNotFoundError):
        client(sim, max_).status(direct.id)
    private = sim.post(sim.jo, "for followers", "private")
    with pytest.raises(MastodonNotFoundError):
        client(sim).status(private.id)
    sim.jo.followers.add(sim.brand.id)
    assert client(sim).status(private.id).visibility == "private"


def test_an_idempotency_key_gives_the_same_post_for_an_hour(sim):
    api = client(sim)
    first = api.status_post("once", idempotency_key="k")
    assert api.status_post("once", idempotency_key="k").id == first.id
    assert api.status_post("once", idempotency_key="l").id != first.id
    sim.world.clock.advance(3601)
    assert api.status_post("once", idempotency_key="k").id != first.id


def test_a_forgetful_server_posts_twice():
    with MastodonSimulator(no_keys=True) as sim:
        api = client(sim)
        first = api.status_post("once", idempotency_key="k")
        assert api.status_post("once", idempotency_key="k").id != first.id


def test_the_limit_counts_urls_mentions_and_graphemes(sim):
    api = client(sim)
    url = "https://example.com/" + "x" * 200
    api.status_post("x" * 476 + " " + url)  # 476 + 1 + 23
    with pytest.raises(MastodonAPIError, match="character limit of 500"):
        api.status_post("x" * 477 + " " + url)
    api.status_post("@jo@other.example " + "x" * 496)
    with pytest.raises(MastodonAPIError):
        api.status_post("@jo@other.example " + "x" * 497)
    api.status_post("👩‍👩‍👧‍👦" * 500)
    with pytest.raises(MastodonAPIError):
        api.status_post("x" * 490, spoiler_text="x" * 11)


@pytest.mark.parametrize(
    "text,length",
    [
        ("é", 1),
        ("e\u0301", 1),
        ("👍🏽", 1),
        ("🇩🇪🇫🇷", 2),
        ("a\nb", 3),
        ("", 0),
        ("각", 1),
    ],
)
def test_graphemes(text, length):
    assert grapheme_length(text) == length


def test_edits_leave_a_history(sim):
    status = sim.post(sim.jo, "@acme befor")
    sim.edit(status, "@acme before")
    api = client(sim)
    assert api.status(status.id).edited_at is not None
    assert len(api.status_history(status.id)) == 2
    ours = api.status_post("tpyo")
    assert "typo" in api.status_update(ours, "typo").content
    assert api.status_source(ours).text == "typo"


def test_deleted_posts_are_gone_everywhere(sim):
    status = sim.post(sim.jo, "@acme oops")
    kept = sim.post(sim.jo, "@acme kept")
    api = client(sim)
    sim.delete(status)
    with pytest.raises(MastodonNotFoundError):
        api.status(status.id)
    assert ids(api.statuses([status.id, kept.id])) == [kept.id]
    assert len(api.notifications()) == 1
    ours = api.status_post("ours")
    assert api.status_delete(ours).text == "ours"
    with pytest.raises(MastodonNotFoundError):
        api.status_delete(ours)


def test_context_shows_the_branch(sim):
    root = sim.post(sim.jo, "my thing broke")
    middle = sim.post(sim.sam, "ask @acme", in_reply_to=root)
    sim.post(sim.jo, "aside", in_reply_to=root)
    leaf = sim.post(sim.jo, "@acme help", in_reply_to=middle)
    api = client(sim)
    context = api.status_context(leaf.id)
    assert ids(context.ancestors) == [root.id, middle.id]
    assert len(api.status_context(root.id).descendants) == 3


def test_answering_what_is_gone_is_refused(sim):
    with pytest.raises(MastodonNotFoundError, match="does not appear to exist"):
        client(sim).status_post("hello?", in_reply_to_id="12345")


def test_likes(sim):
    status = sim.post(sim.sam, "@acme thanks")
    api = client(sim)
    assert api.status_favourite(status.id).favourited
    assert client(sim, sim.sam).notifications()[0].type == "favourite"
    assert not api.status_unfavourite(status.id).favourited


def test_search_resolves_an_address(sim):
    status = sim.post(sim.jo, "a post elsewhere")
    api = client(sim)
    found = api.search_v2(status.url, resolve=True, result_type="statuses")
    assert ids(found.statuses) == [status.id]
    assert str(api.account_lookup("jo@other.example").id) == sim.jo.id
    assert api.account_statuses(sim.jo.id)[0].uri == status.uri


def test_conversations_group_by_people(sim):
    first = sim.post(sim.jo, "@acme one", "direct")
    sim.post(sim.sam, "@acme two", "direct")
    sim.post(sim.jo, "@acme three", "direct", first)
    shown = client(sim).conversations()
    assert [str(one.accounts[0].acct) for one in shown] == ["jo@other.example", "sam"]


# --- media ------------------------------------------------------------------------
def test_an_image_with_its_description(sim):
    api = client(sim)
    medium = api.media_post(PNG, "image/png", description="a plug", file_name="a.png")
    shown = api.status_post("look", media_ids=[medium])
    assert shown.media_attachments[0].description == "a plug"
    assert requests.get(shown.media_attachments[0].url).content == PNG


def test_a_video_takes_its_time(sim):
    api = client(sim)
    medium = api.media_post(b"video", "video/mp4", file_name="a.mp4")
    assert medium.url is None
    with pytest.raises(MastodonAPIError, match="not finished processing"):
        api.status_post("look", media_ids=[medium])
    headers = {"Authorization": f"Bearer {sim.brand_token}"}
    url = f"{sim.url}/api/v1/media/{medium.id}"
    assert requests.get(url, headers=headers).status_code == 206
    assert requests.get(url, headers=headers).status_code == 200
    assert api.status_post("look", media_ids=[medium]).media_attachments


def test_wrong_media_are_refused(sim):
    api = client(sim)
    with pytest.raises(MastodonAPIError, match="content type"):
        api.media_post(b"<svg/>", "image/svg+xml", file_name="a.svg")
    many = [api.media_post(PNG, "image/png") for _ in range(5)]
    with pytest.raises(MastodonAPIError, match="more than 4"):
        api.status_post("look", media_ids=many)


# --- limits and accidents ---------------------------------------------------------
def test_too_many_requests_say_when_to_come_back(sim):
    sim.limits["all"] = (2, 300)
    api = client(sim)
    api.account_verify_credentials()
    api.account_verify_credentials()
    with pytest.raises(MastodonRatelimitError):
        api.account_verify_credentials()
    answer = requests.get(f"{sim.url}/api/v1/notifications")
    assert answer.headers["X-RateLimit-Reset"].endswith("Z")
    assert "T" in answer.headers["X-RateLimit-Reset"]


def test_paging_has_a_budget_of_its_own(sim):
    sim.limits["paging"] = (1, 900)
    api = client(sim)
    api.notifications(min_id="1")
    api.notifications()
    with pytest.raises(MastodonRatelimitError):
        api.notifications(min_id="1")


def test_faults_happen_once(sim):
    sim.fail(path="/notifications", answer=Answer("<h1>Oops</h1>", 502))
    api = client(sim)
    with pytest.raises(MastodonAPIError):
        api.notifications()
    assert api.notifications() == []


# --- other servers ----------------------------------------------------------------
def test_ulids_are_ordered_like_time():
    with MastodonSimulator(ulid=True) as sim:
        jo = sim.add_account("jo@other.example")
        for number in range(30):
            sim.post(jo, f"@acme {number}")
        api = client(sim)
        everything = ids(api.notifications(limit=80))
        assert len(everything[0]) == 26
        assert everything == sorted(everything, reverse=True)
        assert (
            ids(api.notifications(min_id=everything[-1], limit=3)) == everything[-4:-1]
        )


def test_what_federates_late_has_an_early_id_but_a_late_notification(sim):
    late = sim.post(sim.jo, "@acme I wrote first", deliver=False)
    sim.post(sim.sam, "@acme I arrived first")
    sim.world.deliver()
    api = client(sim)
    newest, oldest = api.notifications()
    assert str(newest.status.id) == late.id
    assert int(newest.status.id) < int(oldest.status.id)


def test_world_ids_are_unique():
    world = World(ulid=True)
    assert len({world.serial() for _ in range(1000)}) == 1000


@pytest.fixture
def snac():
    with Snac2Simulator() as server:
        server.jo = server.add_account("jo", "Jo")
        yield server


def test_snac2_answers_as_the_real_one_does(snac):
    """Facts of running.md, "snac2", seen again on 2.96-1."""
    get = requests.Session()
    get.headers["Authorization"] = f"Bearer {snac.brand_token}"
    base = f"{snac.url}/api/v1"
    for number in range(5):
        snac.post(snac.jo, f"@acme {number}")
    assert len(get.get(f"{base}/notifications").json()) == 1
    everything = ids(get.get(f"{base}/notifications?limit=80").json())
    assert len(everything) == 5
    page = get.get(f"{base}/notifications?limit=2&min_id={everything[-1]}")
    assert ids(page.json()) == everything[:2]
    assert "link" not in page.headers
    page = get.get(f"{base}/notifications?limit=80&since_id={everything[0]}")
    assert ids(page.json()) == everything
    page = get.get(f"{base}/notifications?limit=2&max_id={everything[1]}")
    assert ids(page.json()) == everything[2:4]
    assert get.get(f"{base}/notifications?limit=2&max_id=999").json() == []
    assert page.json()[0]["status"]["mentions"] == []
    assert page.json()[0]["account"]["acct"] == f"jo@{snac.world.domain}"
    answer = get.get(f"{snac.url}/api/v2/instance")
    assert (answer.status_code, answer.text[:4]) == (404, "<h1>")
    answer = requests.get(f"{base}/notifications")
    assert (answer.status_code, answer.text) == (401, "")
    assert requests.get(f"{base}/accounts/verify_credentials").status_code == 422
    form = {"status": "x" * 2000, "visibility": "direct", "in_reply_to_id": "gone"}
    key = {"Idempotency-Key": "k"}
    posted = [get.post(f"{base}/statuses", data=form, headers=key) for _ in "12"]
    assert posted[0].json()["id"] != posted[1].json()["id"]
    assert posted[0].json()["in_reply_to_id"] is None
