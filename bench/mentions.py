"""Any number of mentions and Telegram updates, as the simulators show them.

One is made by the simulator itself; the others are copies with other names, numbers
and times, because a simulator that remembers 100,000 posts would be what is measured.
"""

import copy
import json
import zlib
from datetime import datetime, timedelta, timezone

from simulators.mastodon import MastodonSimulator
from simulators.mastodon_view import notification_json
from simulators.telegram import TelegramSimulator

WORDS = (
    "the parcel {n} arrived yesterday but the lid of the red box is broken, and I "
    "cannot find out from your page whom to ask. Could you help me, please?"
)
URL = "http://127.0.0.1"


def crowd(prefix):
    """A number that tells the crowds of a measurement apart."""
    return zlib.crc32(prefix.encode()) % 90_000


class Mentions:
    """``count`` people on other servers who mention @acme, one after the other.

    :param prefix: separates one crowd from another
    """

    def __init__(self, prefix, count, start=None):
        self.prefix, self.count = prefix, count
        self.start = start or datetime.now(timezone.utc) - timedelta(hours=1)
        sim = MastodonSimulator()
        author = sim.add_account("jo@other.example", "Jo Other")
        sim.post(author, "@acme " + WORDS.format(n=0))
        self.template = json.dumps(
            notification_json(
                sim.world, sim.world.notifications[-1], sim.brand, "https://us.example"
            )
        )
        #: ids of one crowd do not meet those of another
        self.base = 10**8 * (1 + crowd(prefix))

    def key(self, number, turn=0):
        return f"https://other.example/users/{self.name(number)}/statuses/" + self.id(
            number, turn
        )

    def id(self, number, turn=0):
        return str(self.base + turn * 10**7 + number)

    def name(self, number):
        return f"{self.prefix}{number}"

    def notification(self, number, turn=0):
        """The ``number``-th person's mention; later turns answer the turn before."""
        one = json.loads(self.template)
        at = self.start + timedelta(milliseconds=5 * number, minutes=turn)
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        name, account = self.name(number), one["account"]
        account |= {
            "id": self.id(number),
            "username": name,
            "acct": f"{name}@other.example",
            "display_name": f"Person {name}",
            "uri": f"https://other.example/users/{name}",
            "url": f"https://other.example/@{name}",
        }
        one |= {"id": self.id(number, turn), "created_at": stamp}
        one["status"] |= {
            "id": self.id(number, turn),
            "created_at": stamp,
            "uri": self.key(number, turn),
            "url": f"https://other.example/@{name}/{self.id(number, turn)}",
            "account": copy.deepcopy(account),
            "content": f"<p>@acme {WORDS.format(n=number)}</p>",
        }
        if turn:
            one["status"]["in_reply_to_id"] = self.id(number, turn - 1)
        return one

    def items(self, raw_item, turn=0):
        """Raw items as the Mastodon adapter journals them."""
        for number in range(self.count):
            one = self.notification(number, turn)
            data = {"notification": one}
            if turn:
                data["parent"] = self.key(number, turn - 1)
            at = datetime.fromisoformat(one["created_at"].replace("Z", "+00:00"))
            yield raw_item(f"notification:{one['id']}", data, sent_at=at)


class Updates:
    """Telegram updates of ``count`` people who write to the bot in private."""

    def __init__(self, prefix, count):
        sim = TelegramSimulator()
        sim.now = int(datetime.now(timezone.utc).timestamp()) - 3600
        sim._next_update += crowd(prefix) * 10**6
        shift = crowd(prefix) * 10**6
        self.updates = []
        for number in range(count):
            user = sim.make_user(
                f"Person {prefix}{number}", username=f"{prefix}{number}"
            )
            sim.users.pop(user.id)
            user.id += shift
            sim.users[user.id] = user
            sim.say(user, None, WORDS.format(n=number))
            self.updates.append(sim.queue.pop()["update"])
        self.bot, self.secret = sim.bot, "bench-secret-0123456789"


def gateway_mail(prefix, number, answers=None):
    """The same words as an e-mail."""
    name = f"{prefix}{number}"
    message_id = f"<{name}.{'re.' if answers else ''}1@mail.example>"
    reference = (
        f"In-Reply-To: {answers}\r\nReferences: {answers}\r\n" if answers else ""
    )
    return message_id, (
        f'From: "Person {name}" <{name}@mail.example>\r\n'
        f"To: bench@acme.example\r\n"
        f"Subject: {'Re: ' if answers else ''}Parcel {number} arrived broken\r\n"
        f"Message-Id: {message_id}\r\n{reference}"
        "Date: Mon, 05 Jan 2026 10:00:00 +0000\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"\r\n{WORDS.format(n=number)}\r\n"
    )
