"""Webhooks: only what proves itself gets in, and of that nothing is lost."""

import base64
import json

from odoo.tests import HttpCase, RecordCapturer, tagged
from odoo.tools import mute_logger

from ..controllers.webhook import MAX_DELIVERY
from ..models import common
from ..networks import base
from .common import FAKE, SocialFixtures
from .push_network import PushAdapter, PushFixtures

CONTROLLER = "odoo.addons.helpdesk_social.controllers.webhook"


@tagged("post_install", "-at_install")
class TestWebhook(PushFixtures, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.app = cls.account.app_id
        cls.secret = cls.app.sudo().webhook_secret
        cls.token = cls.app.sudo().webhook_token
        cls.address = f"/helpdesk_social/webhook/{FAKE}/{cls.token}"

    def push(self, *found, address=None, body=None, **headers):
        body = json.dumps({"items": list(found)}) if body is None else body
        headers = {
            "Content-Type": "application/json",
            "X-Secret": self.secret,
            **headers,
        }
        address = address or self.address
        return self.url_open(address, data=body, headers=headers, method="POST")

    def events(self, *states):
        events = self.env["helpdesk.social.event"].search(
            [("app_id", "=", self.app.id)], order="id"
        )
        return events.filtered(lambda one: one.state in states) if states else events

    # === WHAT GETS IN === #
    def test_delivery_is_journalled_and_answered_as_the_network_wants(self):
        answer = self.push({"key": "1"}, {"key": "2", "text": "hé\x00\ud83d"})
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.json(), {"thanks": True})
        self.assertNotIn("session_id", answer.headers.get("Set-Cookie", ""))
        events = self.events()
        self.assertEqual(events.mapped("key"), ["1", "2"])
        self.assertEqual(set(events.mapped("state")), {"new"})
        self.assertEqual(set(events.mapped("source")), {"push"})
        self.assertEqual(events.account_id, self.account)
        self.assertEqual(json.loads(events[1].raw)["text"], "hé\x00\ud83d")

    def test_nothing_is_interpreted(self):
        tickets = self.env["helpdesk.ticket"].search_count([])
        self.push({"key": "1"})
        self.assertFalse(self.world.calls)
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), tickets)
        self.assertFalse(self.events().message_id)

    def test_second_delivery_changes_nothing(self):
        for _again in range(2):
            self.assertEqual(self.push({"key": "1", "revision": "a"}).status_code, 200)
        self.assertEqual(len(self.events()), 1)
        self.push({"key": "1", "revision": "b"})
        self.assertEqual(len(self.events()), 2)

    def test_a_lane_is_woken_once_not_per_request(self):
        cron = self.env.ref("helpdesk_social.cron_process")
        triggers = self.env["ir.cron.trigger"].sudo()
        with RecordCapturer(triggers, [("cron_id", "=", cron.id)]) as captured:
            for number in range(5):
                self.push({"key": str(number)})
        self.assertEqual(len(captured.records), 1)
        with RecordCapturer(triggers, [("cron_id", "=", cron.id)]) as captured:
            self.push({"key": "4"})  # known already: nothing to do
        self.assertFalse(captured.records)

    def test_every_state_of_the_account_is_journalled(self):
        states = ("draft", "active", "paused", "needs_auth", "error")
        for state in states:
            self.account.sudo().state = state
            self.assertEqual(self.push({"key": state}).status_code, 200)
        self.env["ir.config_parameter"].sudo().set_param(common.PARAM_STOP, "True")
        self.assertEqual(self.push({"key": "stopped"}).status_code, 200)
        self.assertEqual(self.events().mapped("key"), [*states, "stopped"])

    def test_an_app_fans_out_to_its_accounts(self):
        other = self.make_account(app_id=self.app.id, external_id="them")
        self.push(
            {"key": "1", "to": "us"},
            {"key": "1", "to": "them"},
            {"key": "1", "to": "?"},
        )
        events = self.events()
        self.assertEqual(events[0].account_id, self.account)
        self.assertEqual(events[1].account_id, other)
        self.assertFalse(events[2].account_id)
        self.push({"key": "1", "to": "?"})
        self.assertEqual(len(self.events()), 3)

    def test_queries_do_not_grow_with_the_batch(self):
        self.push({"key": "warm"})
        with self.assertQueryCount(5):
            self.push({"key": "1"})
        with self.assertQueryCount(5):
            self.push(*({"key": f"batch{number}"} for number in range(50)))

    # === WHO IS KNOCKING === #
    def test_any_doubt_is_refused_without_detail(self):
        for headers in ({"X-Secret": "wrong"}, {"X-Secret": ""}):
            answer = self.push({"key": "1"}, **headers)
            self.assertEqual((answer.status_code, answer.content), (403, b""))
        self.assertFalse(self.events())

    def test_no_secret_configured_is_a_refusal(self):
        self.app.sudo().webhook_secret = False
        for secret in ("", "False", "None"):
            answer = self.push({"key": "1"}, **{"X-Secret": secret})
            self.assertEqual(answer.status_code, 403)
        self.assertFalse(self.events())

    def test_unknown_addresses(self):
        for address in (
            f"/helpdesk_social/webhook/{FAKE}/{'x' * 43}",
            f"/helpdesk_social/webhook/telegram/{self.token}",
            f"/helpdesk_social/webhook/nothing/{self.token}",
            f"/helpdesk_social/webhook/{FAKE}/%00",
        ):
            answer = self.push({"key": "1"}, address=address)
            self.assertEqual((answer.status_code, answer.content), (404, b""), address)
            self.assertEqual(self.url_open(address).status_code, 404)
        self.assertFalse(self.events())

    def test_a_network_that_cannot_push_has_no_door(self):
        self.patch(PushAdapter, "capabilities", frozenset())
        self.assertEqual(self.push({"key": "1"}).status_code, 404)

    def test_a_renewed_address_closes_the_old_one(self):
        self.app.action_renew_webhook_token()
        self.assertEqual(self.push({"key": "1"}).status_code, 404)

    def test_handshake(self):
        query = f"{self.address}?challenge=abc%20d&verify="
        answer = self.url_open(query + self.secret)
        self.assertEqual((answer.status_code, answer.text), (200, "abc d"))
        for wrong in ("", "wrong"):
            answer = self.url_open(query + wrong)
            self.assertEqual((answer.status_code, answer.content), (404, b""))

    # === BAD INPUT === #
    def test_too_large_is_not_read(self):
        answer = self.push(body="x" * (MAX_DELIVERY + 1))
        self.assertEqual(answer.status_code, 413)
        self.assertFalse(self.events())

    def test_genuine_but_unreadable_is_kept_as_a_failed_event(self):
        for body in ("not json", "[]", '{"items": 5}', "", '{"items": ["x"]}'):
            with self.subTest(body=body), mute_logger(CONTROLLER):
                for _again in range(2):
                    self.assertEqual(self.push(body=body).status_code, 200)
                event = self.events("dead")[-1]
                self.assertEqual(json.loads(event.raw), {"body": body})
                self.assertTrue(event.error)
        self.assertEqual(len(self.events()), 5)
        self.assertFalse(self.events("new"))

    def test_unreadable_bytes_are_kept_whole(self):
        body = bytes(range(256))
        self.assertEqual(self.push(body=body).status_code, 200)
        kept = json.loads(self.events("dead").raw)["body_base64"]
        self.assertEqual(base64.b64decode(kept), body)

    @mute_logger(CONTROLLER)
    def test_json_that_is_nested_too_deep(self):
        body = '{"items":' + "[" * 200_000
        self.assertEqual(self.push(body=body).status_code, 200)
        self.assertEqual(json.loads(self.events("dead").raw), {"body": body})

    @mute_logger(CONTROLLER)
    def test_items_that_cannot_be_journalled_are_kept_whole(self):
        body = json.dumps({"items": [{"key": "fine"}, {"key": "odd", "at": "noon"}]})
        self.assertEqual(self.push(body=body).status_code, 200)
        event = self.events()
        self.assertEqual(event.state, "dead")
        self.assertEqual(json.loads(event.raw), {"body": body})

    @mute_logger(CONTROLLER)
    def test_a_bug_of_the_adapter_loses_nothing_and_lets_nobody_in(self):
        with self.crashing("verify"):
            self.assertEqual(self.push({"key": "1"}).status_code, 403)
        self.assertFalse(self.events())
        with self.crashing("split"):
            self.assertEqual(self.push({"key": "1"}).status_code, 200)
        self.assertEqual(self.events("dead").error, "crash: RuntimeError")
        with self.crashing("acknowledge"):
            self.assertEqual(self.push({"key": "2"}).status_code, 200)
        self.assertEqual(self.events("new").key, "2")

    def test_a_form_is_no_way_in(self):
        answer = self.url_open(self.address, data={"items": "1"})
        self.assertEqual(answer.status_code, 403)
        self.assertEqual(self.url_open(self.address, method="PUT").status_code, 405)


@tagged("post_install", "-at_install")
class TestWebhookOfEveryNetwork(SocialFixtures, HttpCase):
    """The door fits every adapter that says it can be pushed to."""

    def test_nobody_gets_in_without_proof(self):
        networks = self.env["helpdesk.social.network"].search([("code", "!=", FAKE)])
        pushing = networks.filtered(lambda one: base.WEBHOOK in one.capabilities)
        self.assertIn("telegram", pushing.mapped("code"))
        for network in networks:
            account = self.make_account(network.code)
            app = account.app_id.sudo()
            address = f"/helpdesk_social/webhook/{network.code}/{app.webhook_token}"
            expected = 403 if network in pushing else 404
            for secret in (app.webhook_secret, False):
                app.webhook_secret = secret
                answer = self.url_open(address, data="{}", method="POST")
                self.assertEqual(answer.status_code, expected, network.code)
        events = self.env["helpdesk.social.event"].search([])
        self.assertFalse(events.filtered(lambda one: one.source == "push"))

    def test_telegram(self):
        account = self.make_account("telegram")
        app = account.app_id.sudo()
        update = {"update_id": 7, "message": {"message_id": 1, "text": "hello"}}
        answer = self.url_open(
            f"/helpdesk_social/webhook/telegram/{app.webhook_token}",
            data=json.dumps(update),
            headers={
                "Content-Type": "application/json",
                "X-Telegram-Bot-Api-Secret-Token": app.webhook_secret,
            },
        )
        self.assertEqual(answer.status_code, 200)
        event = self.env["helpdesk.social.event"].search([("app_id", "=", app.id)])
        self.assertEqual(event.account_id, account)
        self.assertEqual(json.loads(event.raw), update)
