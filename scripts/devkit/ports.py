"""Free ports on the loopback interface.

Must never bind anything but 127.0.0.1.
"""

import socket

from .console import Failure


def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def taken(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def claim(port, variable):
    """`port`, if nobody listens there."""
    if taken(port):
        raise Failure(
            f"port {port} is in use; choose another one with {variable}=… (`make stop` "
            "ends leftovers of this checkout)"
        )
    return port
