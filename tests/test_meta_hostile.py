"""What Meta's webhooks may bring at worst, over the wire and through the whole addon.

One poison item in a thousand, ids beyond what a float holds, escapes and halves of
characters, times in seconds and in milliseconds, the same news twice and in any order.
"""

import copy
import itertools
import json

from odoo.tests import HttpCase, tagged

from .simulators.meta_graph import signature
from .test_facebook import FacebookFixtures
from .test_instagram import InstagramFixtures
from .test_whatsapp import WhatsAppFixtures

#: values that are none, or that no database takes as they are
POISON = (
    None,
    [],
    "words",
    7,
    True,
    {},
    {"id": None, "message": None, "from": [], "text": {}, "mid": 3},
    {"text": "\x00", "message": "\x00", "\x00": "\x00", "id": "1\x00"},
    {"text": "half \ud83d", "message": "half \udca1", "id": "\ud83d"},
    {"text": 10**400, "id": -1, "created_time": 10**30, "timestamp": 10**30},
    {"id": float("nan"), "text": float("inf"), "created_time": float("-inf")},
    {"id": "../../me", "comment_id": "1_2?x=y", "text": "<script>alert(1)</script>"},
)


class MetaDoor:
    """Over the wire: what the networks' own fixtures have, and the door."""

    code = ""
    #: the tests here are for each of them
    allow_inherited_tests_method = True

    def setUp(self):
        super().setUp()
        # sudo: helpdesk.social.app - its address, as Meta was told
        self.app = self.account.app_id.sudo()
        self.address = f"/helpdesk_social/webhook/{self.code}/{self.app.webhook_token}"

    def knock(self, raw, secret=None, **headers):
        if secret is None:
            secret = self.sim.app_secret
        headers.setdefault("x-hub-signature-256", signature(secret, raw))
        headers["content-type"] = "application/json"
        answer = self.url_open(self.address, data=raw, headers=headers, method="POST")
        return answer.status_code

    def push(self, payload, **kwargs):
        return self.knock(json.dumps(payload).encode(), **kwargs)

    def read(self):
        self.env["helpdesk.social.intake"]._process_all(self.account)
        self.env.invalidate_all()

    def again(self):
        """What came too early has its turn once more."""
        early = self.pushed().filtered(lambda one: one.state == "new")
        early.retry_at = False
        self.read()

    def heard(self):
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id), ("direction", "=", "in")], order="id"
        )

    def pushed(self):
        return self.env["helpdesk.social.event"].search(
            [("app_id", "=", self.app.id), ("source", "=", "push")], order="id"
        )

    def batch(self, payloads):
        whole = copy.deepcopy(payloads[0])
        whole["entry"] = [entry for one in payloads for entry in one["entry"]]
        return whole

    # --- what each network says of itself ---------------------------------------
    def many(self, count):
        """So many deliveries of something said, and what was said, in order."""
        raise NotImplementedError

    def poisoned(self, payload, value):
        """The delivery with ``value`` where something said would be."""
        entry = payload["entry"][0]
        if "changes" in entry:
            entry["changes"][0]["value"] = value
        else:
            entry["messaging"] = [value]

    # --- for all of them --------------------------------------------------------
    def test_one_poison_item_in_a_thousand_takes_no_other_with_it(self):
        payloads, texts = self.many(1000)
        for number, value in enumerate(POISON, 1):
            bad = copy.deepcopy(payloads[0])
            self.poisoned(bad, value)
            payloads.insert(number * 70, bad)
        # an entry that is none, and one of somebody else's
        stranger = copy.deepcopy(payloads[0])
        stranger["entry"][0]["id"] = "424242424242"
        payloads.insert(500, stranger)
        whole = self.batch(payloads)
        whole["entry"].insert(300, None)
        whole["entry"].insert(301, [[]])
        for _twice in range(2):
            self.assertEqual(self.push(whole), 200)
            self.read()
            self.assertEqual([one.text for one in self.heard()], texts)
        self.assertGreaterEqual(len(self.pushed()), 1000 + 5, "poison is kept as well")

    def test_only_the_very_bytes_are_believed(self):
        [payload], texts = self.many(1)
        raw = json.dumps(payload).encode()  # what is not ASCII is escaped, as Meta does
        again = json.dumps(payload, ensure_ascii=False).encode()
        self.assertNotEqual(raw, again)
        good = signature(self.sim.app_secret, raw)
        before = len(self.pushed())
        for body, sign in (
            (again, good),
            (raw + b" ", good),
            (raw, ""),
            (raw, "sha256="),
            (raw, good.replace("sha256=", "sha1=")),
            (raw, good.removeprefix("sha256=")),
            (raw, good[:-2]),
            (raw, signature("", raw)),
            (raw, signature(self.app.webhook_secret, raw)),
        ):
            status = self.knock(body, **{"x-hub-signature-256": sign})
            self.assertIn(status, (403, 404))
        self.assertEqual(len(self.pushed()), before)
        self.assertEqual(self.knock(raw, **{"x-hub-signature-256": good}), 200)
        self.read()
        self.assertEqual([one.text for one in self.heard()], texts)

    def test_another_registrations_secret_opens_no_door(self):
        [payload], _texts = self.many(1)
        self.assertEqual(self.push(payload, secret="another app's secret"), 403)
        wrong = f"/helpdesk_social/webhook/telegram/{self.app.webhook_token}"
        self.address = wrong
        self.assertEqual(self.push(payload), 404)
        self.assertFalse(self.pushed())


@tagged("post_install", "-at_install")
class TestFacebookHostile(MetaDoor, FacebookFixtures, HttpCase):
    code = "facebook"

    def many(self, count):
        top = self.sim.comment(self.jo, "The first é💡")
        rest = [self.sim.comment(self.jo, f"{n} é💡", top) for n in range(1, count)]
        payloads, self.sim.queue = self.sim.queue[-count:], []
        return payloads, [one.message for one in (top, *rest)]

    def test_numbers_instead_of_words_keep_every_digit(self):
        said = self.sim.comment(self.jo, "My lamp broke")
        payload = self.sim.queue.pop()
        payload["entry"][0]["id"] = int(self.sim.page.id)
        value = payload["entry"][0]["changes"][0]["value"]
        value["from"]["id"] = 2**62 + 1
        self.push(payload)
        self.read()
        message = self.message(said.id)
        self.assertEqual(message.identity_id.external_id, str(2**62 + 1))

    def test_seconds_and_milliseconds_are_one_moment(self):
        said = [self.sim.comment(self.jo, text) for text in ("One", "Two")]
        first, second = self.sim.queue[-2:]
        at = 1785312004
        first["entry"][0]["changes"][0]["value"]["created_time"] = at
        second["entry"][0]["changes"][0]["value"]["created_time"] = at * 1000
        self.push(self.batch([first, second]))
        self.read()
        times = {self.message(one.id).sent_at for one in said}
        self.assertEqual(len(times), 1)
        self.assertEqual(times.pop().year, 2026)

    def test_the_same_news_in_any_order_and_twice(self):
        """chatwoot#12661, #3608: the last word is the network's, not the arrival's."""
        for order in itertools.permutations(range(3)):
            self.sim.queue.clear()
            said = self.sim.comment(self.jo, "My lmap broke")
            self.sim.edit(said, "My lamp broke")
            self.sim.remove(said)
            news = self.sim.queue[-3:]
            for number in (*order, *reversed(order)):
                self.assertEqual(self.push(news[number]), 200)
                self.read()
            self.again()
            found = self.env["helpdesk.social.message"].search(
                [("account_id", "=", self.account.id), ("key", "=", said.id)]
            )
            self.assertLessEqual(len(found), 1, order)
            if found:
                self.assertTrue(found.deleted_at, order)


@tagged("post_install", "-at_install")
class TestInstagramHostile(MetaDoor, InstagramFixtures, HttpCase):
    code = "instagram"

    def many(self, count):
        top = self.sim.comment(self.jo, "The first é💡")
        rest = [
            self.sim.comment(self.jo, f"{n} é💡", parent=top) for n in range(1, count)
        ]
        payloads, self.sim.queue = self.sim.queue[-count:], []
        return payloads, [one.text for one in (top, *rest)]

    def test_a_thousand_messages_and_one_poison_item_each(self):
        said = [self.sim.write(self.jo, f"{number} é💡") for number in range(100)]
        payloads, self.sim.queue = self.sim.queue[-100:], []
        for number, value in enumerate(POISON, 1):
            bad = copy.deepcopy(payloads[0])
            self.poisoned(bad, value)
            payloads.insert(number * 7, bad)
        self.assertEqual(self.push(self.batch(payloads)), 200)
        self.read()
        found = self.heard().filtered(lambda one: one.audience == "private")
        self.assertEqual([one.text for one in found], [one.text for one in said])

    def test_seconds_and_milliseconds_are_one_moment(self):
        said = [self.sim.write(self.jo, text) for text in ("One", "Two")]
        first, second = self.sim.queue[-2:]
        first["entry"][0]["messaging"][0]["timestamp"] = 1785312004
        second["entry"][0]["messaging"][0]["timestamp"] = 1785312004000
        self.push(self.batch([first, second]))
        self.read()
        keys = [f"{self.sim.own}:{one.mid}" for one in said]
        times = {self.message(key).sent_at for key in keys}
        self.assertEqual(len(times), 1)
        self.assertEqual(times.pop().year, 2026)

    def test_said_and_taken_back_in_any_order_and_twice(self):
        """chatwoot#12661, #3608, and §5: the same id with ``is_deleted``."""
        for order in itertools.permutations(range(2)):
            self.sim.queue.clear()
            said = self.sim.write(self.jo, "My secretword")
            self.sim.unsend(said)
            news = self.sim.queue[-2:]
            for number in (*order, *reversed(order)):
                self.assertEqual(self.push(news[number]), 200)
                self.read()
            self.again()
            found = self.message(f"{self.sim.own}:{said.mid}")
            self.assertLessEqual(len(found), 1, order)
            self.assertNotIn("secretword", found.text or "", order)


@tagged("post_install", "-at_install")
class TestWhatsAppHostile(MetaDoor, WhatsAppFixtures, HttpCase):
    code = "whatsapp"

    def many(self, count):
        jo = self.sim.add_person("Jo")
        texts = [f"{number} é💡" for number in range(count)]
        said = [self.sim.message(jo, content=text) for text in texts]
        return [self.sim.payload((jo, one)) for one in said], texts
