"""Any number of mentions on Bluesky, as the simulator shows them.

One is made by the simulator; the others are copies with other people, keys and times
(see ``bench.mentions``).
"""

import base64
import hashlib
import json
from datetime import datetime, timedelta, timezone

from simulators.bluesky import BlueskySimulator
from simulators.bluesky_view import View
from simulators.bluesky_world import POST, cid, stamp, tid

from bench.mentions import WORDS, crowd

HANDLE = "acme.example"
SETTINGS = {"base_url": "http://127.0.0.1:9", "access_token": "bench-token-0001"}


def identity(name):
    """A DID of the shape that the directory gives."""
    digest = hashlib.sha256(name.encode()).digest()
    return "did:plc:" + base64.b32encode(digest).decode().lower()[:24]


#: what an account that is connected to nothing must know of itself
OWN_ID = identity(HANDLE)
FACTS = {"id": OWN_ID, "handle": HANDLE, "pds": SETTINGS["base_url"], "chat": False}


class BlueskyMentions:
    """``count`` people on Bluesky who mention @acme, one after the other.

    :param prefix: separates one crowd from another
    """

    def __init__(self, prefix, count, start=None):
        self.prefix, self.count = prefix, count
        self.start = start or datetime.now(timezone.utc) - timedelta(hours=1)
        sim = BlueskySimulator()
        jo = sim.add_person("jo.example", "Jo")
        post = sim.post(jo, f"@{HANDLE} {WORDS.format(n=0)}")
        [notice] = sim.world.notices[sim.brand.did]
        view = View(sim.world, sim.brand, "https://cdn.example")
        self.template = json.dumps(view.notice(notice, jo, post))
        #: keys of one crowd do not meet those of another
        self.shift = crowd(prefix) % 1024

    def at(self, number, turn=0):
        return self.start + timedelta(milliseconds=5 * number, minutes=turn)

    def name(self, number):
        return f"{self.prefix.lower()}{number}.example"

    def uri(self, number, turn=0):
        micros = int(self.at(number, turn).timestamp() * 1_000_000)
        rkey = tid((micros << 10) | self.shift)
        return f"at://{identity(self.name(number))}/{POST}/{rkey}"

    def ref(self, number, turn=0):
        uri = self.uri(number, turn)
        return {"uri": uri, "cid": cid(uri.encode())}

    def items(self, raw_item, turn=0):
        """Raw items as the adapter journals them; later turns answer the one before."""
        for number in range(self.count):
            one = json.loads(self.template)
            at, name = self.at(number, turn), self.name(number)
            one |= {
                **self.ref(number, turn),
                "indexedAt": stamp(at),
                "reason": "reply" if turn else "mention",
            }
            one["author"] |= {
                "did": identity(name),
                "handle": name,
                "displayName": f"Person {name}",
            }
            one["record"] |= {
                "createdAt": stamp(at),
                "text": f"@{HANDLE} {WORDS.format(n=number)}",
            }
            if turn:
                one["record"]["reply"] = {
                    "root": self.ref(number),
                    "parent": self.ref(number, turn - 1),
                }
            key = f"notification:{one['uri']}:{one['reason']}"
            yield raw_item(key, {"notification": one}, sent_at=at)
