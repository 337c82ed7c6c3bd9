"""Any number of people on WhatsApp, Facebook and Instagram, as the simulators tell of
them and the adapters keep them.

One delivery is made by the simulator; the others are copies with other people, ids and
times (see ``bench.mentions``), cut by the adapter's own ``split``.
"""

import json
from datetime import datetime, timedelta, timezone

from simulators.facebook import FacebookSimulator
from simulators.instagram import InstagramSimulator
from simulators.whatsapp import WhatsAppSimulator

from bench.mentions import WORDS, crowd

APP = {"app_id": "4100200300400", "app_secret": "bench-secret-0001"}


class Delivered:
    """``count`` people, one delivery each; later turns are more of the same people's.

    :param prefix: separates one crowd from another
    """

    def __init__(self, prefix, count, start=None):
        self.prefix, self.count = prefix, count
        self.start = start or datetime.now(timezone.utc) - timedelta(hours=1)
        #: ids of one crowd do not meet those of another
        self.shift = crowd(prefix)
        self.template = json.dumps(self.delivery())

    def delivery(self):
        """A delivery of one message, as the simulator makes it."""
        raise NotImplementedError

    def vary(self, payload, number, turn, seconds):
        """Make it another person's, in place."""
        raise NotImplementedError

    @staticmethod
    def split(raw):
        """As the adapter cuts it."""
        raise NotImplementedError

    def items(self, raw_item, turn=0):
        """Raw items as the webhook journals them."""
        for number in range(self.count):
            payload = json.loads(self.template)
            at = self.start + timedelta(milliseconds=5 * number, minutes=turn)
            self.vary(payload, number, turn, int(at.timestamp()))
            for one in self.split(json.dumps(payload).encode()):
                yield raw_item(
                    one.key, one.data, one.revision, sent_at=one.sent_at or at
                )


class WhatsAppMessages(Delivered):
    """People who write to our number."""

    OWN_ID, HANDLE = WhatsAppSimulator.number, WhatsAppSimulator.shown
    SETTINGS = {
        **APP,
        "access_token": "bench-token-0001",
        "phone_number_id": WhatsAppSimulator.number,
        "waba_id": WhatsAppSimulator.waba,
    }
    FACTS = {"id": OWN_ID, "digits": "15550783881"}

    def delivery(self):
        with WhatsAppSimulator() as sim:
            jo = sim.add_person("Jo")
            return sim.payload((jo, sim.message(jo, content=WORDS.format(n=0))))

    def vary(self, payload, number, turn, seconds):
        value = payload["entry"][0]["changes"][0]["value"]
        [message], [contact] = value["messages"], value["contacts"]
        phone = f"57300{self.shift % 1000:03d}{number:04d}"
        person = f"CO.{self.shift}{10**6 + number}"
        contact |= {"wa_id": phone, "user_id": person}
        contact["profile"] = {"name": f"Person {self.prefix}{number}"}
        message |= {
            "from": phone,
            "from_user_id": person,
            "id": f"wamid.{self.prefix}{turn}x{number}",
            "timestamp": str(seconds),
            "text": {"body": WORDS.format(n=number)},
        }

    @staticmethod
    def split(raw):
        from odoo.addons.helpdesk_social.networks.whatsapp_push import raw_items

        return raw_items(raw)


class FacebookComments(Delivered):
    """People who comment, each below another post of ours: of one post all would be an
    incident, and one ticket."""

    OWN_ID, HANDLE = "104510294000001", "acme"
    SETTINGS = {**APP, "access_token": "bench-token-0001", "page_id": OWN_ID}
    FACTS = {"id": OWN_ID, "username": HANDLE}

    def delivery(self):
        with FacebookSimulator() as sim:
            jo = sim.add_customer("Jo K")
            sim.queue.clear()
            sim.comment(jo, WORDS.format(n=0), sim.write_post())
            own = sim.page.id
            return json.loads(json.dumps(sim.queue[-1]).replace(own, self.OWN_ID))

    def vary(self, payload, number, turn, seconds):
        [entry] = payload["entry"]
        value = entry["changes"][0]["value"]
        post = f"{self.shift + 1}{5 * 10**6 + number}"
        entry["time"] = seconds
        value["post"]["id"] = f"{self.OWN_ID}_{post}"
        value |= {
            "post_id": f"{self.OWN_ID}_{post}",
            "parent_id": f"{self.OWN_ID}_{post}",
            "comment_id": f"{post}_{self.shift + 1}{turn}{10**6 + number}",
            "from": {
                "id": f"{self.shift + 1}{10**9 + number}",
                "name": f"Person {self.prefix}{number}",
            },
            "created_time": seconds,
            "message": WORDS.format(n=number),
        }

    @staticmethod
    def split(raw):
        from odoo.addons.helpdesk_social.networks.facebook_push import raw_items

        return raw_items(raw, lambda _entry, _page: [])


class InstagramComments(Delivered):
    """The same below pictures."""

    OWN_ID, HANDLE = "17841405309211844", "acme"
    SETTINGS = {**APP, "access_token": "bench-token-0001", "page_id": "104510294000001"}
    FACTS = {"id": OWN_ID, "ids": [OWN_ID], "handle": HANDLE}

    def delivery(self):
        with InstagramSimulator("facebook") as sim:
            one = sim.comment(sim.add_customer("Jo"), WORDS.format(n=0))
            return sim.comment_payload(one)

    def vary(self, payload, number, turn, seconds):
        [entry] = payload["entry"]
        value = entry["changes"][0]["value"]
        entry |= {"id": self.OWN_ID, "time": seconds}
        value["media"]["id"] = f"{self.shift + 1}{7 * 10**6 + number}"
        value |= {
            "id": f"{self.shift + 1}{turn}{8 * 10**6 + number}",
            "text": WORDS.format(n=number),
            "from": {
                "id": f"{self.shift + 1}{10**9 + number}",
                "username": f"{self.prefix}{number}",
            },
        }

    @staticmethod
    def split(raw):
        from odoo.addons.helpdesk_social.networks.instagram_push import raw_items

        return raw_items(raw, lambda _entry, _account: [])


CROWDS = {
    "whatsapp": WhatsAppMessages,
    "facebook": FacebookComments,
    "instagram": InstagramComments,
}
