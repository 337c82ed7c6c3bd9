"""What an agent's desk can do on each network, by what its adapter affords.

Nothing on the desk asks for a network by name: it offers what is afforded and says why
not for the rest. The table at the end of the run shows network × act; here it is
checked that each cell is true against the network's own fake server.
"""

import dataclasses

import pytest
from contract_kit import HARNESSES, answer, linked

from networks import base, errors, items

#: kinds for which the desk has a button, a composer or a dialog
ANSWERS = ("reply_public", "reply_group", "reply_private", base.TEMPLATE)
VERBS = (base.LIKE, base.HIDE, base.DELETE, base.EDIT)
TOKEN = "q" * 32
#: act -> network -> "yes", "no" (the network has no such thing) or why not now;
#: printed by conftest
TABLE = {}


@pytest.fixture(params=HARNESSES, ids=[one.code for one in HARNESSES])
def link(request):
    with linked(request.param) as connected:
        # where a network has likes in some plans only, the harness buys that one
        getattr(request.param, "allow_likes", lambda sim: None)(connected.sim)
        yield connected


def facts_of(heard, **values):
    """What the model would say of a message that was just received."""
    return items.MessageFacts(
        **{
            "audience": heard.audience,
            "own": False,
            "ref": heard.ref or heard.key,
            "thread": heard.thread,
            "author": heard.author,
            "addressed": heard.addressed,
            "sent_at": heard.sent_at,
            "last_inbound_at": heard.sent_at,
            "knows_in_private": heard.audience == items.PRIVATE,
            "extra": heard.extra,
            **values,
        }
    )


def note(link, act, found):
    """A cell of the table; of several chances the best counts."""
    cell = "no" if found is None else "yes" if found.allowed else found.reason
    row = TABLE.setdefault(act, {})
    code = link.harness.code
    if row.get(code) in (None, "no") or cell == "yes":
        row[code] = cell


def afforded(link, facts):
    found = link.adapter.affordances(facts)
    kinds = [one.kind for one in found]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) <= {*ANSWERS, *VERBS}, "the desk has no such act"
    for one in found:
        assert one.allowed != bool(one.reason), "allowed, or a reason why not"
    return {one.kind: one for one in found}


def ours(link, heard):
    """Our answer to it: what it is on the network, and its facts."""
    done = link.adapter.publish(answer(heard, "We look into it"), f"k{heard.key}")
    target = dataclasses.replace(
        answer(heard).target,
        key=done.key,
        ref=done.ref or done.key,
        author=items.Author(id=link.profile.id),
        sent_at=link.now(),
        text="We looked into it",
    )
    facts = facts_of(
        heard, own=True, ref=target.ref, author=target.author, sent_at=target.sent_at
    )
    return target, facts


def test_answering(link):
    """Where customers speak they are answered, and never in front of more people."""
    for audience in link.audiences():
        heard = link.hears("My lamp broke", audience)
        can = afforded(link, facts_of(heard))
        for kind in ("reply_public", "reply_group", "reply_private"):
            if kind == f"reply_{audience}":
                note(link, f"answer in {audience}", can[kind])
                assert can[kind].allowed, can[kind].reason
        note(link, "answer by a template", can.get(base.TEMPLATE))
        if audience != items.PRIVATE:
            note(link, "answer it in private", can.get("reply_private"))
        wider = items.AUDIENCES[items.AUDIENCES.index(audience) + 1 :]
        assert not {f"reply_{one}" for one in wider} & set(can)
        gone = afforded(link, facts_of(heard, deleted=True))
        assert not any(one.allowed for one in gone.values())
    assert link.audiences(), "a network on which nobody can be answered"


def test_moving_to_private(link):
    """Somebody who speaks where others read can always be asked into private."""
    for audience in link.audiences():
        if audience == items.PRIVATE:
            continue
        heard = link.hears("My lamp broke", audience)
        ways = {one.kind: one for one in link.adapter.handoff(facts_of(heard), TOKEN)}
        for kind in (items.DIRECT, items.DIRECT_POST, items.PRIVATE_REPLY, items.LINK):
            note(link, f"move: {kind}", ways.get(kind))
        note(link, f"move: {items.PAGE}", ways.get(items.PAGE))
        assert any(one.allowed for one in ways.values())


def test_what_is_afforded_is_done_and_the_rest_refused(link):
    """A button that is there works; a verb that no button offers changes nothing."""
    audience = link.audiences()[0]
    heard = link.hears("My lamp broke", audience)
    mine, facts = ours(link, heard)
    before = len(link.published())
    sides = (
        (afforded(link, facts_of(heard)), answer(heard).target, (base.LIKE, base.HIDE)),
        (afforded(link, facts), mine, (base.EDIT, base.DELETE)),
    )
    for can, target, verbs in sides:
        for verb in verbs:
            found = can.get(verb)
            note(link, verb if verb in VERBS[:2] else f"{verb} ours", found)
            if found is None:
                with pytest.raises(errors.RejectedError):
                    link.adapter.moderate(verb, target)
                assert len(link.published()) == before
            elif found.allowed:
                link.adapter.moderate(verb, target)
                if verb == base.HIDE:
                    link.adapter.moderate("unhide", target)
                assert len(link.published()) == before - (verb == base.DELETE)


def test_blocking(link):
    heard = link.hears("My lamp broke")
    found = link.adapter.blocking(items.PersonFacts(heard.author, heard.sent_at))
    note(link, base.BLOCK, found if link.adapter.can(base.BLOCK) else None)
    assert found.allowed == link.adapter.can(base.BLOCK)
    if not found.allowed:
        target = items.Target("", "", heard.author, items.PRIVATE)
        with pytest.raises(errors.RejectedError):
            link.adapter.moderate(base.BLOCK, target)


def test_files(link):
    for audience in link.audiences():
        rules = link.adapter.media_rules(audience)
        can = items.Affordance("files", True) if rules.max_files else None
        note(link, "files", can)
        if not rules.max_files:
            assert not link.adapter.can(base.MEDIA_OUT) or len(link.audiences()) > 1
