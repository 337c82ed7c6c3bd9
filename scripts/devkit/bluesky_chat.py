"""A program: the private messages of a real Bluesky network, which has no server.

It is the tests' simulator standing behind the real data server; run with the Python of
the tests. Arguments: port, DID of the service, address of the AppView.
"""

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from simulators.bluesky_chat import BlueskyChat  # noqa: E402


def main(port, did, appview):
    BlueskyChat(did, appview).start(int(port))
    threading.Event().wait()


main(*sys.argv[1:])
