"""Our own page as a network: files, theirs and ours; what is damaged is no file."""

import dataclasses

import pytest
from contract_kit import answer, linked
from simulators.own_page import PageHarness

from networks import errors, items


@pytest.fixture
def link():
    with linked(PageHarness()) as one:
        yield one


def heard(link, **values):
    link.hears("See the picture")
    link.sim.said[-1] |= values
    return [*link.messages().values()][-1]


def test_a_file_is_part_of_the_message_and_can_be_had(link):
    link.sim.files["7"] = {"data": b"bytes", "mime": "image/png"}
    file = {
        "ref": "7",
        "kind": "image",
        "mime": "image/png",
        "name": "a.png",
        "size": 5,
    }
    found = heard(link, media=[file])
    assert found.media == (items.Media(**file),)
    assert link.adapter.fetch_media("7") == (b"bytes", "image/png")
    # without a word beside it as well
    assert heard(link, text="", media=[file]).media[0].name == "a.png"


def test_a_file_that_is_gone(link):
    for ref in ("8", "", "x"):
        with pytest.raises(errors.NotFoundError):
            link.adapter.fetch_media(ref)
    link.sim.files["9"] = {"data": b"", "mime": "image/png"}
    with pytest.raises(errors.NotFoundError):
        link.adapter.fetch_media("9")


@pytest.mark.parametrize("media", [[5], [{}], [{"ref": "../7"}], [{"ref": 7}], ["x"]])
def test_what_names_no_file_is_not_taken_for_a_message(link, media):
    link.hears("Hello")
    link.sim.said[-1]["media"] = media
    [raw] = [items.RawItem(key, data) for key, data in link.harness.pushed(link.sim)]
    assert isinstance(link.adapter.parse(raw), items.Unknown)


def test_a_file_alone_is_an_answer(link):
    draft = answer(heard(link), "", media=(items.Upload("a.pdf", "x/y", b"1"),))
    assert link.adapter.publish(draft, "k").key
    with pytest.raises(errors.RejectedError):
        link.adapter.publish(dataclasses.replace(draft, media=()), "k2")
