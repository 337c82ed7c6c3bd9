"""What X says when it says no, and what that means (fact sheet x §2, §5)."""

import pytest
from simulators.server import Answer
from simulators.x import XSimulator
from x_desk import answer, connect, hear, pull

from networks import errors
from networks.x_line import problem, refusal

PROBLEMS = "https://api.twitter.com/2/problems/"


@pytest.fixture
def sim():
    with XSimulator() as server:
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


@pytest.mark.parametrize(
    ("status", "said", "kind", "code"),
    [
        (
            403,
            {"detail": "Forbidden", "title": "Forbidden"},
            errors.ScopeError,
            "scope",
        ),
        (403, {"type": PROBLEMS + "oauth1-permissions"}, errors.ScopeError, "scope"),
        (
            403,
            {"type": PROBLEMS + "unsupported-authentication", "detail": "App-Only"},
            errors.ConfigError,
            "wrong_sign_in",
        ),
        (
            403,
            {"type": PROBLEMS + "client-forbidden", "reason": "client-not-enrolled"},
            errors.RejectedError,
            "not_in_plan",
        ),
        (
            403,
            {"detail": "You are not allowed to create a Tweet with duplicate content."},
            errors.RejectedError,
            "duplicate",
        ),
        (403, {"errors": [{"code": 187}]}, errors.RejectedError, "duplicate"),
        (403, {"errors": [{"code": 226}]}, errors.RejectedError, "looks_automated"),
        (
            403,
            {"errors": [{"code": 349, "message": "cannot send"}]},
            errors.RejectedError,
            "direct_refused",
        ),
        (403, {"errors": [{"code": []}]}, errors.RejectedError, "forbidden"),
        (400, {"detail": "Tweet text is too long"}, errors.RejectedError, "too_long"),
        (
            400,
            {"errors": [{"parameters": {"ids": ["x"]}, "message": "bad ids"}]},
            errors.RejectedError,
            "bad_parameter",
        ),
        (404, {"title": "Not Found"}, errors.NotFoundError, "not_found"),
        (
            400,
            {"type": PROBLEMS + "resource-not-found"},
            errors.NotFoundError,
            "not_found",
        ),
        (409, {"detail": "A duplicate subscription"}, errors.RejectedError, "exists"),
        (403, {}, errors.RejectedError, "forbidden"),
        (
            403,
            {"errors": "x", "detail": 7, "type": None},
            errors.RejectedError,
            "forbidden",
        ),
    ],
)
def test_problem_documents(status, said, kind, code):
    found = refusal(status, said)
    assert (type(found).__mro__[0] is kind or isinstance(found, kind), found.code) == (
        True,
        code,
    )


def test_partial_problems():
    missing = {"type": PROBLEMS + "resource-not-found", "detail": "gone"}
    assert isinstance(problem(missing), errors.NotFoundError)
    hidden = {"type": PROBLEMS + "not-authorized-for-resource"}
    assert isinstance(problem(hidden), errors.NotFoundError)
    assert problem({"title": "Odd"}).code == "rejected"


def test_a_200_with_errors_and_no_data(sim, adapter):
    problem_ = {"title": "Not Found Error", "detail": "no user", "type": "x"}
    sim.fail(path="/2/users/me", answer=Answer({"errors": [problem_]}))
    with pytest.raises(errors.NotFoundError):
        adapter.check()
    sim.fail(path="/2/users/me", answer=Answer({"meta": {}}))
    with pytest.raises(errors.MalformedResponse):
        adapter.check()


def test_out_of_money(sim, adapter):
    """402, and a plan's cap that comes as 429: nothing more until somebody pays."""
    heard = hear(sim, adapter)
    for accident in (sim.no_credits, sim.capped):
        accident()
        with pytest.raises(errors.Exhausted) as caught:
            pull(adapter)
        assert caught.value.code == "out_of_money"
        accident()
        with pytest.raises(errors.Exhausted):
            adapter.publish(answer(heard), "k")
    assert "post" not in adapter.spent and "summoned_reply" not in adapter.spent


def test_too_fast_and_overloaded(sim, adapter):
    heard = hear(sim, adapter)
    sim.exhaust("POST", "/2/tweets")
    with pytest.raises(errors.RateLimited) as caught:
        adapter.publish(answer(heard), "k")
    assert 0 < caught.value.retry_after <= 901
    assert "summoned_reply" not in adapter.spent
    sim.limits.pop(0)
    sim.overload()
    with pytest.raises(errors.TransientError):
        pull(adapter)
    sim.overload(path=r"/2/tweets\Z")
    with pytest.raises(errors.UncertainError):
        adapter.publish(answer(heard), "k")


def test_a_page_instead_of_json(sim, adapter):
    for status in (200, 403, 404, 502):
        sim.fail(times=1, answer=Answer("<html>Just a moment…</html>", status))
        with pytest.raises(errors.NetworkError) as caught:
            pull(adapter)
        assert not isinstance(caught.value, errors.AuthError)


def test_what_x_says_is_kept_for_the_admin(sim, adapter):
    sim.refuse(400, "One or more parameters were invalid.", kind="invalid-request")
    with pytest.raises(errors.RejectedError) as caught:
        adapter.reread(["17"])
    assert "parameters were invalid" in caught.value.detail
