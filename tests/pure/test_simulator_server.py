"""What all simulators share: their own crash is never taken for a network's answer."""

import urllib.error
import urllib.request

import pytest
from simulators.server import Answer, Simulator, SimulatorCrash, route


class Broken(Simulator):
    @route("GET", "/fine")
    def fine(self, call):
        return Answer({"ok": True})

    @route("GET", "/broken")
    def broken(self, call):
        return Answer({"who": self.nobody})

    @route("GET", "/unwritable")
    def unwritable(self, call):
        return Answer({"who": object()})


def get(sim, path):
    try:
        with urllib.request.urlopen(sim.url + path) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_fine_simulator_says_nothing():
    with Broken() as sim:
        assert get(sim, "/fine") == 200
        assert get(sim, "/nowhere") == 404


@pytest.mark.parametrize("path", ["/broken", "/unwritable"])
def test_a_crash_fails_whoever_used_it(path):
    sim = Broken().start()
    assert get(sim, path) == 500
    assert get(sim, "/fine") == 200, "the others are served"
    with pytest.raises(SimulatorCrash) as crash:
        sim.stop()
    assert f"GET {path} of Broken" in str(crash.value)
    assert "Traceback" in str(crash.value)
    sim.stop()  # said once


def test_a_crash_stands_beside_the_failure_it_caused():
    with pytest.raises(SimulatorCrash) as crash, Broken() as sim:
        assert get(sim, "/broken") == 200
    assert isinstance(crash.value.__context__, AssertionError)


def test_a_crash_behind_a_cut_is_one_too():
    with pytest.raises(SimulatorCrash), Broken() as sim:
        sim.fail(path="/broken", cut="after")
        with pytest.raises(OSError):
            get(sim, "/broken")


def test_an_accident_that_cannot_happen_is_a_crash():
    with pytest.raises(SimulatorCrash), Broken() as sim:
        sim.fail(path="/fine", transform=lambda answer: answer.nothing)
        assert get(sim, "/fine") == 500
