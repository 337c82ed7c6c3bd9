"""The deadline under TLS: wrapping takes the plain socket away from whoever held it."""

import socket
import ssl
import subprocess
import threading
import time

import pytest

from networks import connection, transport
from networks.errors import TransientError, UncertainError


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate for localhost, made for this run."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
        + ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        + ["-keyout", key, "-out", cert, "-subj", "/CN=localhost"]
        + ["-addext", "subjectAltName=DNS:localhost"],
        check=True,
        capture_output=True,
    )
    return key, cert


@pytest.fixture
def dripping(certificate, monkeypatch):
    """Address of a TLS server that says one byte now and then, for ever."""
    key, cert = certificate
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve():
        try:
            line, _peer = listener.accept()
            with context.wrap_socket(line, server_side=True) as secure:
                secure.recv(4096)
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
                while not over.wait(0.1):
                    secure.sendall(b"x")
        except OSError:
            pass  # it was cut, as it should be

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"https://localhost:{listener.getsockname()[1]}"
    over.set()
    listener.close()
    thread.join(5)


@pytest.mark.parametrize(("effect", "kind"), [(0, TransientError), (1, UncertainError)])
def test_the_deadline_is_a_wall_clock_under_tls(dripping, effect, kind):
    slow = transport.Transport(dripping, allow_private=True, deadline=1)
    started = time.monotonic()
    with pytest.raises(kind) as caught:
        slow.request("POST", "/x", effect=bool(effect))
    assert caught.value.code == "timeout"
    assert time.monotonic() - started < 5


def test_a_line_that_comes_too_late_is_not_used():
    """Several addresses may each take their time to connect."""
    guard = connection.Guard(allow_private=True)
    guard.cut()
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(OSError, match="too late"):
        guard.connected(ours)
    guard.release()
