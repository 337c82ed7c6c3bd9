"""Any number of mentions on X, as the simulator shows them and the adapter keeps them.

One is made by the simulator; the others are copies with other people, ids and times
(see ``bench.mentions``).
"""

import json
from datetime import datetime, timedelta, timezone

from simulators.x import XSimulator
from simulators.x_events import EVERYTHING
from simulators.x_view import View, stamp
from simulators.x_world import EPOCH

from bench.mentions import WORDS, crowd

OWN_ID, HANDLE = "1100001", "acme"
#: what an account that is connected to nothing must know of itself
SETTINGS = {"access_token": "bench-token-0001", "consumer_secret": "bench-secret-01"}
FACTS = {"id": OWN_ID, "handle": HANDLE, "subscription": "None", "protected": False}


class XMentions:
    """``count`` people on X who mention @acme, one after the other.

    :param prefix: separates one crowd from another
    """

    def __init__(self, prefix, count, start=None):
        self.prefix, self.count = prefix, count
        self.start = start or datetime.now(timezone.utc) - timedelta(hours=1)
        with XSimulator() as sim:
            jo = sim.add_user("jo_k", "Jo")
            post = sim.post(jo, "@acme " + WORDS.format(n=0))
            asked = ("author_id", "attachments.media_keys", "referenced_tweets.id")
            view = View(sim.world, sim.url, sim.brand.id, EVERYTHING, asked)
            shown = view.post(post)
            users = view.answer()["includes"]["users"]
        self.template = json.dumps({"post": shown, "users": users})
        self.own_id = sim.brand.id
        #: ids of one crowd do not meet those of another
        self.shift = crowd(prefix)

    def id(self, number, turn=0):
        """An id that tells its time, as X's do."""
        at = self.at(number, turn)
        moment = int(at.timestamp() * 1000) - EPOCH
        # 22 bits below the milliseconds are X's own; the crowd fits into 17 of them
        return str((moment << 22) | self.shift)

    def at(self, number, turn=0):
        return self.start + timedelta(milliseconds=5 * number, minutes=turn)

    def items(self, raw_item, turn=0):
        """Raw items as the X adapter journals them; later turns answer the turn
        before."""
        for number in range(self.count):
            one = json.loads(self.template)
            post, [user] = one["post"], one["users"]
            one_id, person = self.id(number, turn), f"{self.shift}{10**6 + number}"
            at = self.at(number, turn)
            user |= {
                "id": person,
                "username": f"{self.prefix}{number}"[:15],
                "name": f"Person {self.prefix}{number}",
            }
            post |= {
                "id": one_id,
                "edit_history_tweet_ids": [one_id],
                "conversation_id": self.id(number),
                "author_id": person,
                "created_at": stamp(at),
                "text": f"@acme {WORDS.format(n=number)}",
            }
            if turn:
                above = {"type": "replied_to", "id": self.id(number, turn - 1)}
                post["referenced_tweets"] = [above]
            data = {"via": "mentions", "post": post, "includes": {"users": [user]}}
            yield raw_item(f"mentions:{one_id}", data, sent_at=at)
