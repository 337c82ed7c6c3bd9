"""Meta's error tables, row by row as the fact sheets have them (meta §1 and §3 to §5,
whatsapp §5), and what each row must do."""

import json

import pytest

from networks import errors, meta_graph_errors
from networks.transport import Response

#: what a row asks for -> classes that do it
MEANS = {
    "reconnect": (errors.AuthError,),
    "rights": (errors.ScopeError,),
    "back off": (errors.RateLimited,),
    # nobody knows whether it happened: after an effect it is not simply repeated
    "perhaps": (errors.UncertainError,),
    "later": (errors.TransientError,),
    "stop": (errors.RejectedError, errors.NotFoundError),
    "fix": (errors.ConfigError,),
    "pay": (errors.Exhausted,),
}
#: code, subcode, what is done, our word
ROWS = """
0       -        reconnect  auth
1       -        perhaps    unknown
2       -        perhaps    unknown
3       -        rights     scope
4       -        back_off   rate_limited
10      -        rights     scope
10      2018278  stop       window_closed
10      2534022  stop       window_closed
10      2018108  stop       undeliverable
10      1893063  stop       account_blocked
17      -        back_off   rate_limited
32      -        back_off   rate_limited
100     -        stop       bad_parameter
100     33       stop       not_found
100     2018001  stop       undeliverable
100     2534014  stop       undeliverable
100     2534025  stop       private_reply_used
100     2018047  stop       media_rejected
100     2018109  stop       media_rejected
100     2018008  stop       media_rejected
102     -        reconnect  auth
190     -        reconnect  auth
190     458      reconnect  revoked
190     459      reconnect  second_factor
190     460      reconnect  revoked
190     463      reconnect  token_ended
190     464      reconnect  auth
190     467      reconnect  token_ended
200     -        rights     scope
200     2018028  fix        app_not_live
200     1545041  stop       undeliverable
230     -        stop       undeliverable
250     -        rights     scope
299     -        rights     scope
368     -        stop       account_blocked
506     -        stop       duplicate
551     -        stop       undeliverable
551     1545041  stop       undeliverable
613     -        back_off   rate_limited
613     1996     back_off   rate_limited
613     2018338  back_off   rate_limited
613     2534040  back_off   rate_limited
10900   -        stop       private_reply_used
80001   -        back_off   rate_limited
80002   -        back_off   rate_limited
80006   -        back_off   rate_limited
80007   -        back_off   rate_limited
80008   -        back_off   rate_limited
130429  -        back_off   rate_limited
130472  -        stop       experiment
131000  -        perhaps    unknown
131005  -        rights     scope
131008  -        stop       bad_parameter
131009  -        stop       bad_parameter
131016  -        later      unavailable
131021  -        stop       undeliverable
131026  -        stop       undeliverable
131030  -        stop       test_number
131031  -        stop       account_blocked
131042  -        pay        payment
131045  -        fix        not_registered
131047  -        stop       window_closed
131048  -        stop       looks_automated
131049  -        stop       too_many_ads
131050  -        stop       opted_out
131051  -        stop       unsupported
131052  -        stop       media_rejected
131053  -        stop       media_rejected
131056  -        later      pair_limit
131057  -        later      maintenance
131062  -        stop       phone_needed
132000  -        stop       template_values
132001  -        stop       template_gone
132005  -        stop       template_values
132007  -        stop       template_refused
132012  -        stop       template_values
132015  -        stop       template_refused
132016  -        stop       template_refused
133010  -        fix        not_registered
2018218 -        stop       not_found
2018247 -        stop       not_found
2018300 -        stop       other_program
2534037 -        stop       other_program
9000001 -        stop       deleted
"""
SHEET = [
    (int(code), None if sub == "-" else int(sub), action.replace("_", " "), word)
    for code, sub, action, word in (line.split() for line in ROWS.split("\n") if line)
]


def refusal(code, subcode=None, effect=True, status=400, **more):
    error = {"code": code, "message": "Lo que sea", **more}
    if subcode:
        error["error_subcode"] = subcode
    raw = json.dumps({"error": error}).encode()
    return meta_graph_errors.refusal(Response(status, {}, raw), effect)


@pytest.mark.parametrize(("code", "subcode", "action", "word"), SHEET)
def test_each_row_of_the_sheets(code, subcode, action, word):
    found = refusal(code, subcode)
    assert type(found) in MEANS[action] and found.code == word
    assert str(code) in found.detail


@pytest.mark.parametrize(("code", "subcode", "action", "word"), SHEET)
def test_reading_is_never_uncertain(code, subcode, action, word):
    """Nothing can have happened where nothing was asked to happen."""
    found = refusal(code, subcode, effect=False)
    assert not isinstance(found, errors.UncertainError)


def test_no_row_of_ours_is_without_a_line_in_the_sheets():
    known = {(code, subcode) for code, subcode, _action, _word in SHEET}
    table = meta_graph_errors.TABLE
    ours = {one if isinstance(one, tuple) else (one, None) for one in table}
    # blocking (whatsapp §9), and an address that could not be proved (meta §7)
    elsewhere = {(code, None) for code in (139100, 139101, 139102, 139103, 2200)}
    assert ours - known <= elsewhere


@pytest.mark.parametrize("effect", [True, False])
def test_what_meta_calls_transient_is_not_for_good(effect):
    found = refusal(999999, is_transient=True, effect=effect)
    wanted = errors.UncertainError if effect else errors.TransientError
    assert type(found) is wanted
    # said of a code that we know, it changes nothing
    assert type(refusal(131047, is_transient=True)) is errors.RejectedError
    assert type(refusal(999999, is_transient="yes")) is errors.RejectedError
