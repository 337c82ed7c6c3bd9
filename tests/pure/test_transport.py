"""The transport: every limit holds, every failure is the right kind of error."""

import socket
import threading

import pytest
from simulators.server import Answer, Simulator, route

from networks import connection, transport
from networks.errors import (
    AuthError,
    ConfigError,
    MalformedResponse,
    NetworkError,
    NotFoundError,
    RateLimited,
    RejectedError,
    TransientError,
    UncertainError,
)

SECRET = "s3cr3t/token+value"


class Echo(Simulator):
    @route("GET", "/ok")
    def ok(self, call):
        return Answer({"query": call.query, "agent": call.headers["user-agent"]})

    @route("POST", "/ok")
    def post(self, call):
        return Answer({"got": call.body.decode()})

    @route("GET", "/big")
    def big(self, call):
        return Answer(b"x" * 5000)

    @route("GET", "/away")
    def away(self, call):
        return Answer("", 302, {"Location": "http://127.0.0.1:1/"})


@pytest.fixture
def sim():
    with Echo() as running:
        yield running


def line(sim, **options):
    options = {"allow_private": True, "secrets": [SECRET], "deadline": 2, **options}
    return transport.Transport(sim.url, **options)


def test_an_ordinary_call(sim):
    answer = line(sim).request("GET", "/ok", query=[("a", "1"), ("a", "2")])
    assert answer.json() == {
        "query": [["a", "1"], ["a", "2"]],
        "agent": "helpdesk_social",
    }


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RejectedError),
        (401, AuthError),
        (403, RejectedError),
        (404, NotFoundError),
        (410, NotFoundError),
        (422, RejectedError),
        (429, RateLimited),
        (408, TransientError),
        (500, TransientError),
        (502, TransientError),
        (503, TransientError),
        (302, MalformedResponse),
    ],
)
def test_each_status_has_its_error(sim, status, kind):
    sim.fail(answer=Answer(f"no: {SECRET}", status))
    with pytest.raises(kind) as caught:
        line(sim).request("GET", "/ok")
    assert type(caught.value) is kind
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_server_trouble_after_an_effect_is_uncertain(sim, status):
    sim.fail(answer=Answer("", status))
    with pytest.raises(UncertainError):
        line(sim).request("POST", "/ok", effect=True)


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_broken_line(sim, cut):
    sim.fail(times=2, cut=cut)
    with pytest.raises(TransientError):
        line(sim).request("GET", "/ok")
    with pytest.raises(UncertainError):
        line(sim).request("POST", "/ok", effect=True)


def test_nothing_was_sent_when_nobody_listens(sim):
    closed = line(sim)
    sim.stop()
    with pytest.raises(TransientError) as caught:
        closed.request("POST", "/ok", effect=True)
    assert caught.value.code == "unreachable"


def test_the_deadline_is_a_wall_clock(sim):
    """A server that sends a byte now and then keeps no one waiting."""
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip():
        peer, _address = server.accept()
        peer.recv(1000)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not stop.wait(0.05):
            try:
                peer.sendall(b"x")
            except OSError:
                return

    threading.Thread(target=drip, daemon=True).start()
    url = f"http://127.0.0.1:{server.getsockname()[1]}"
    slow = transport.Transport(url, allow_private=True, deadline=0.4)
    with pytest.raises(UncertainError) as caught:
        slow.request("POST", "/x", effect=True)
    assert caught.value.code == "timeout"
    stop.set()
    server.close()


def test_a_body_has_a_cap(sim):
    with pytest.raises(MalformedResponse) as caught:
        line(sim).request("GET", "/big", max_body=4999)
    assert caught.value.code == "too_large"
    assert len(line(sim).request("GET", "/big", max_body=5000).content) == 5000


def test_half_a_body_is_a_broken_line():
    server = socket.create_server(("127.0.0.1", 0))

    def half():
        peer, _address = server.accept()
        peer.recv(1000)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        peer.close()

    threading.Thread(target=half, daemon=True).start()
    url = f"http://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(TransientError):
        transport.Transport(url, allow_private=True, deadline=2).request("GET", "/x")
    server.close()


def test_redirects_are_not_followed(sim):
    with pytest.raises(MalformedResponse) as caught:
        line(sim).request("GET", "/away")
    assert caught.value.code == "redirect"
    assert len(sim.calls) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.example/x",
        "https://127.0.0.1:1/",
        "http://169.254.169.254/latest/meta-data",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://user:word@127.0.0.1/",
        "//elsewhere.example/x",
    ],
)
def test_other_hosts_are_not_called(sim, url):
    reached = line(sim)
    try:
        reached.request("GET", url)
    except (ConfigError, NotFoundError):
        assert all(call.path.startswith("/") for call in sim.calls)
    else:
        raise AssertionError("it was called")


def test_allow_listed_hosts_may_be_called(sim):
    port = sim.url.rpartition(":")[2]
    other = transport.Transport(
        "http://api.example", hosts=["127.0.0.1"], allow_private=True, deadline=2
    )
    assert other.request("GET", f"http://127.0.0.1:{port}/ok").status == 200
    stars = transport.Transport(
        "http://api.example", hosts=["*.0.0.1"], allow_private=True, deadline=2
    )
    assert stars.request("GET", f"http://127.0.0.1:{port}/ok").status == 200


def test_private_addresses_are_refused_by_what_was_connected(sim, monkeypatch):
    """The name is checked where it led to, not where it claims to lead."""
    public = line(sim, allow_private=False)
    monkeypatch.setattr(public, "_target", lambda url, hosts=(): sim.url + url)
    with pytest.raises(ConfigError) as caught:
        public.request("GET", "/ok")
    assert caught.value.code == "address_not_allowed"
    assert not sim.calls


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
    ],
)
def test_what_counts_as_private(address):
    assert connection.is_forbidden(address)


def test_public_addresses_are_fine():
    assert not connection.is_forbidden("93.184.216.34")
    assert not connection.is_forbidden("2606:2800:220:1::1")


def test_plain_http_is_for_private_networks_only():
    with pytest.raises(ConfigError) as caught:
        transport.Transport("http://social.example").request("GET", "/x")
    assert caught.value.code == "https_required"


def test_a_certificate_that_is_none(sim):
    broken = transport.Transport(
        sim.url.replace("http:", "https:"), allow_private=True, deadline=2
    )
    with pytest.raises(ConfigError) as caught:
        broken.request("POST", "/ok", effect=True)
    assert caught.value.code == "tls"


def test_secrets_are_taken_out_of_addresses_and_words(sim):
    redact = line(sim).redact
    assert SECRET not in redact(f"/bot{SECRET}/x")
    assert "s3cr3t%2Ftoken%2Bvalue" not in redact("?t=s3cr3t%2Ftoken%2Bvalue")
    assert redact("nothing here") == "nothing here"


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("2030-01-01T00:00:30.123456Z", 30),
        ("1893456030", 30),
        ("30", 30),
        ("nonsense", None),
        ("1e400", None),
    ],
)
def test_rate_headers_in_three_spellings(sim, reset, seconds):
    from datetime import datetime, timezone

    start = datetime(2030, 1, 1, tzinfo=timezone.utc)
    told = line(sim, now=lambda: start, rate_headers=("X-Limit", "X-Left", "X-Reset"))
    sim.fail(answer=Answer("", 429, {"X-Left": "0", "X-Reset": reset}))
    with pytest.raises(RateLimited) as caught:
        told.request("GET", "/ok")
    if seconds is None:
        assert caught.value.retry_after is None
    else:
        assert caught.value.retry_after == pytest.approx(seconds, abs=1)
    assert told.rate.remaining == 0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("17", 17),
        ("Tue, 01 Jan 2030 00:00:40 GMT", 40),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("-5", 0),
    ],
)
def test_retry_after_in_all_its_forms(sim, value, seconds):
    from datetime import datetime, timezone

    start = datetime(2030, 1, 1, tzinfo=timezone.utc)
    sim.fail(answer=Answer("", 429, {"Retry-After": value}))
    with pytest.raises(RateLimited) as caught:
        line(sim, now=lambda: start).request("GET", "/ok")
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("body", ["<html>", '{"half": ', "", b"\xff", b"[" * 100000])
def test_json_that_is_none(sim, body):
    sim.fail(answer=Answer(body))
    with pytest.raises(MalformedResponse) as caught:
        line(sim).request("GET", "/ok").json()
    assert caught.value.code == "not_json"


@pytest.mark.parametrize("before", [0, 110, 118, 490])
@pytest.mark.parametrize("status", [200, 400, 502])
def test_a_body_that_repeats_a_secret_is_not_quoted_with_it(sim, before, status):
    """Also not with half of it, where the quotation ends."""
    sim.fail(answer=Answer("x" * before + SECRET, status))
    with pytest.raises(NetworkError) as caught:
        line(sim).request("GET", "/ok").json()
    assert SECRET[:6] not in f"{caught.value} {caught.value.detail}"
    assert len(caught.value.detail) <= 500


def test_an_answer_is_the_same_whoever_redacts_it(sim):
    answer = line(sim).request("GET", "/ok")
    same = transport.Response(answer.status, answer.headers, answer.content)
    assert same == answer
    assert SECRET not in repr(answer)
    with pytest.raises(MalformedResponse) as caught:
        transport.Response(200, {}, b"<html>").json()
    assert caught.value.detail == "<html>"
