"""The line under the transport: which address it really led to, and cutting it.

A name may lead anywhere, so the *connected* address is what is checked, before a byte
is sent. It knows no HTTP beyond that, and only ``transport`` may use it.
"""

import contextlib
import ipaddress
import socket

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class ForbiddenAddress(OSError):
    """The name led to an address that we do not talk to."""


def is_forbidden(address: str) -> bool:
    """Is this no address of the public internet (loopback, private, link-local …)?"""
    ip = ipaddress.ip_address(address.split("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return not ip.is_global or ip.is_multicast


class Guard:
    """Hooks for one call: checks the peer address, lets a timer cut the line.

    ``sent``: the request may have left, so that an effect may have taken place.
    ``expired``: the line was cut because the call took too long.
    """

    def __init__(self, allow_private: bool):
        self.allow_private = allow_private
        self.socket = None
        self.sent = False
        self.expired = False

    def connected(self, sock):
        if not self.allow_private and is_forbidden(sock.getpeername()[0]):
            sock.close()
            raise ForbiddenAddress("forbidden address")
        self.release()
        # a second hold on the same line: TLS takes the first one away from us, and a
        # timer that held only that one would cut nothing
        self.socket = sock.dup()
        if self.expired:
            # it took all the time there was, perhaps over several addresses
            sock.close()
            raise TimeoutError("connected too late")
        return sock

    def cut(self):
        self.expired = True
        line = self.socket
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def release(self):
        """Let go of the line; the call is over."""
        line, self.socket = self.socket, None
        if line is not None:
            line.close()


def _guarded(connection_class, guard: Guard):
    class Guarded(connection_class):
        def _new_conn(self):
            return guard.connected(super()._new_conn())

        def request(self, *args, **kwargs):
            guard.sent = guard.sent or self.sock is not None
            if self.sock is None:
                self.connect()
                guard.sent = True
            return super().request(*args, **kwargs)

    return Guarded


class GuardedAdapter(HTTPAdapter):
    """Connections of one session that go through its ``Guard``."""

    def __init__(self, guard: Guard):
        self._guard = guard
        super().__init__(max_retries=0, pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args, **kwargs):
        made = super().init_poolmanager(*args, **kwargs)
        guard = self._guard

        class Plain(HTTPConnectionPool):
            ConnectionCls = _guarded(HTTPConnection, guard)

        class Secure(HTTPSConnectionPool):
            ConnectionCls = _guarded(HTTPSConnection, guard)

        self.poolmanager.pool_classes_by_scheme = {"http": Plain, "https": Secure}
        return made
