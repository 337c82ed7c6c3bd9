"""The admin's screens: health, settings, lanes; neutralised copies, uninstalling."""

import json
import re
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open, file_path

from ..hooks import uninstall_hook
from ..models import common, social_failure
from ..networks import items
from .common import SocialFixtures

ACTIONS = (
    "action_account",
    "action_app",
    "action_conversation",
    "action_event",
    "action_message",
    "action_message_failed",
    "action_message_uncertain",
    "action_message_waiting",
    "action_network",
    "action_spending",
)


@tagged("post_install", "-at_install")
class TestHealth(SocialFixtures, TransactionCase):
    def setUp(self):
        super().setUp()
        self.account._remember_home()

    def health(self):
        self.account.invalidate_recordset()
        account = self.account.with_user(self.manager)
        return account.health, account.health_text

    def test_verdicts(self):
        account = self.account.sudo()
        self.assertEqual(self.health(), ("good", ""))
        ends = common.utcnow() + timedelta(days=3)
        account._store_tokens(items.Tokens({}, ends))
        self.assertEqual(self.health()[0], "attention")
        account.missing_scopes = "write:media"
        self.assertIn("write:media", self.health()[1])
        account.write({"error_code": "unreachable"})
        self.assertIn("cannot be reached", self.health()[1])
        account.state = "needs_auth"
        account.error_code = "auth"
        self.assertEqual(self.health()[0], "bad")
        account.state = "paused"
        self.assertEqual(self.health()[0], "off")
        account.state = "draft"
        self.assertEqual(self.health()[0], "off")

    def test_stopped_and_copied(self):
        self.env["ir.config_parameter"].set_param(common.PARAM_STOP, "True")
        self.assertEqual(self.health()[0], "bad")
        self.assertIn("stopped", self.health()[1])
        self.env["ir.config_parameter"].set_param(common.PARAM_STOP, False)
        self.env["ir.config_parameter"].set_param("database.uuid", "a copy")
        self.assertEqual(self.health()[0], "bad")
        self.assertIn("copy", self.health()[1])
        with self.assertRaises(UserError):
            self.account.with_user(self.manager).action_confirm_copy()
        self.account.with_user(self.admin).action_confirm_copy()
        self.assertEqual(self.health(), ("good", ""))

    def test_numbers_in_one_query_however_many_accounts(self):
        conversation = self.make_conversation()
        self.make_message(conversation, waiting=True)
        for state in (
            "queued",
            "sending",
            "failed",
            "undelivered",
            "uncertain",
            "sent",
        ):
            self.make_message(
                conversation, direction="out", delivery_state=state, key=False
            )
        events = self.env["helpdesk.social.event"]
        now = fields.Datetime.now()
        for number, state in enumerate(("new", "dead", "done", "held")):
            events.create(
                {
                    "app_id": self.account.app_id.id,
                    "account_id": self.account.id,
                    "key": str(number),
                    "raw": "{}",
                    "received_at": now - timedelta(minutes=9 - number),
                    "state": state,
                }
            )
        others = self.env["helpdesk.social.account"].union(
            *(self.make_account() for _number in range(5))
        )
        self.env.flush_all()
        self.env.invalidate_all()
        accounts = (self.account | others).with_user(self.manager)
        accounts.mapped("name")
        with self.assertQueryCount(1):
            accounts.mapped("failed_count")
        one = accounts[0]
        self.assertEqual(one.waiting_count, 1)
        conversation.last_outbound_at = now
        self.assertEqual(one.last_out_at, now)
        self.assertEqual(one.queued_count, 2)
        self.assertEqual(one.failed_count, 2)
        self.assertEqual(one.uncertain_count, 1)
        self.assertEqual(one.new_event_count, 1)
        self.assertEqual(one.dead_event_count, 1)
        self.assertEqual(one.last_in_at, now - timedelta(minutes=6))
        self.assertEqual(set(accounts[1:].mapped("failed_count")), {0})
        self.assertEqual(self.health()[0], "attention")

    def test_buttons(self):
        account = self.account.with_user(self.manager)
        self.world.post("Hello")
        action = account.action_pull_now()
        self.assertIn("1 new", action["params"]["message"])
        self.assertIn("Nothing", account.action_pull_now()["params"]["message"])
        account.action_pause()
        account.action_check()
        self.assertEqual(account.state, "paused")
        account.action_resume()
        self.assertEqual(account.state, "active")
        for name in ("waiting", "queued", "failed", "uncertain", "backlog"):
            action = getattr(account, f"action_open_{name}")()
            model = self.env[action["res_model"]].with_user(self.manager)
            model.search(action["domain"])

    def test_agents_see_health_and_change_nothing(self):
        account = self.account.with_user(self.agent_all)
        self.assertTrue(account.health)
        for name in ("webhook_url", "error_detail"):
            with self.assertRaises(AccessError):
                account.read([name])
        for method in ("action_pause", "action_connect", "action_check"):
            with self.assertRaises(AccessError):
                getattr(account, method)()

    def test_every_view_opens_for_whoever_has_the_menu(self):
        for name in ACTIONS:
            action = self.env.ref(f"helpdesk_social.{name}")
            self.assertTrue(action.path.startswith("helpdesk-social-"), name)
            user = self.admin if name == "action_event" else self.manager
            model = self.env[action.res_model].with_user(user)
            model.get_views([(False, kind) for kind in action.view_mode.split(",")])
            model.search([]).read()


@tagged("post_install", "-at_install")
class TestEvents(SocialFixtures, TransactionCase):
    def make_event(self, raw="{}", **values):
        return self.env["helpdesk.social.event"].create(
            {
                "app_id": self.account.app_id.id,
                "account_id": self.account.id,
                "key": "k",
                "raw": raw,
                "received_at": fields.Datetime.now(),
                **values,
            }
        )

    def test_raw_is_readable_and_bounded(self):
        event = self.make_event(json.dumps({"a": ["é", "\x00"]}))
        self.assertIn('"a": [\n', event.raw_text)
        event.raw = "not json"
        self.assertEqual(event.raw_text, "not json")
        event.raw = json.dumps("x" * 500_000)
        self.assertLess(len(event.raw_text), 110_000)

    def test_replay(self):
        self.account._remember_home()
        incoming = self.world.post("Hello")
        raw = self.world.inbox[0].data
        event = self.make_event(json.dumps(raw), state="dead", error="a bug")
        with self.assertRaises(UserError):
            event.with_user(self.manager).action_replay()
        event.with_user(self.admin).action_replay()
        self.env["helpdesk.social.intake"]._process_all(self.account)
        self.assertEqual(event.state, "done")
        self.assertFalse(event.error)
        self.assertEqual(event.message_id.key, incoming.key)


@tagged("post_install", "-at_install")
class TestSettings(SocialFixtures, TransactionCase):
    def settings(self, **values):
        settings = self.env["res.config.settings"].create(values)
        settings.execute()

    def lanes(self, kind):
        return self.env["helpdesk.social.lanes"]._lanes(kind)

    def test_stop_and_go(self):
        self.account._remember_home()
        self.settings(social_traffic_stopped=True)
        self.assertEqual(self.account._silence_reason(), "traffic_stopped")
        with self.assertRaisesRegex(UserError, "stopped"):
            self.account.action_pull()
        self.settings(social_traffic_stopped=False)
        self.assertEqual(self.account._silence_reason(), "")

    def test_lanes_come_and_go(self):
        crons = self.env["ir.cron"].with_context(active_test=False)
        before = crons.search_count([])
        self.settings(social_lanes_pull=3, social_lanes_deliver=2)
        lanes = self.lanes("pull")
        self.assertEqual(len(lanes), 3)
        self.assertEqual(len(self.lanes("deliver")), 2)
        self.assertEqual(len(self.lanes("process")), 1)
        self.assertEqual(set(lanes.mapped("code")), {"model._cron_pull()"})
        self.assertTrue(all(lanes.mapped("active")))
        self.assertEqual(len(set(lanes.mapped("name"))), 3)
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.social_lanes_pull, 3)
        # saving again changes nothing
        settings.execute()
        self.assertEqual(self.lanes("pull"), lanes)
        self.settings(social_lanes_pull=1, social_lanes_deliver=1)
        self.assertEqual(crons.search_count([]), before)
        self.assertEqual(lanes.exists(), self.env.ref("helpdesk_social.cron_pull"))

    def test_a_lane_deleted_by_hand_is_made_again(self):
        self.settings(social_lanes_pull=3)
        self.lanes("pull")[1].unlink()
        self.assertEqual(len(self.lanes("pull")), 2)
        self.settings(social_lanes_pull=3)
        self.assertEqual(len(self.lanes("pull")), 3)

    def test_numbers_that_make_no_sense(self):
        for values in (
            {"social_lanes_pull": 0},
            {"social_lanes_process": -1},
            {"social_lanes_deliver": 99},
            {"social_journal_days": 0},
        ):
            with self.assertRaises(ValidationError):
                self.settings(**values)
        self.assertEqual(len(self.lanes("pull")), 1)

    def test_journal_days(self):
        self.settings(social_journal_days=5)
        params = self.env["ir.config_parameter"]
        self.assertEqual(params.get_param("helpdesk_social.journal_days"), "5")


@tagged("post_install", "-at_install")
class TestWords(TransactionCase):
    """Whatever goes wrong is told in a sentence, not as a code."""

    def test_every_code_of_the_networks_has_words(self):
        raised = re.compile(
            r"(?:Error|Response|RateLimited|CursorExpired)"
            r'(?:\(\s*|,\s*)"([a-z_]+)"'
        )
        missing = {}
        folder = Path(file_path("helpdesk_social/networks"))
        for file in folder.glob("*.py"):
            for code in raised.findall(file.read_text()):
                if code not in social_failure.WORDS:
                    missing.setdefault(code, set()).add(file.name)
        self.assertFalse(missing)

    def test_sentences(self):
        for code in (*social_failure.WORDS, "http_418", "http_503", "never heard of"):
            sentence = social_failure.explain(self.env, code, "100% <b>")
            self.assertGreater(len(sentence), 10, code)
            self.assertNotIn("%(", sentence)


@tagged("post_install", "-at_install")
class TestCopies(SocialFixtures, TransactionCase):
    def test_neutralize(self):
        conversation = self.make_conversation()
        states = ("draft", "held", "queued", "sending", "uncertain", "failed", "sent")
        messages = self.env["helpdesk.social.message"].union(
            *(
                self.make_message(
                    conversation, direction="out", delivery_state=state, key=False
                )
                for state in states
            )
        )
        account, app = self.account.sudo(), self.account.app_id.sudo()
        account.write({"oauth": {"nonce": "x"}, "push": True, "home_uuid": "x"})
        app.secrets = {"client_secret": "x"}
        dialogs = self.env["helpdesk.social.connect"]
        dialog = dialogs.browse(account.action_open_connect()["res_id"])
        line = dialog.line_ids.filtered("secret")[:1]
        line.value = "typed in"
        self.env["helpdesk.social.lanes"]._set_lanes("pull", 2)
        token, secret = app.webhook_token, app.webhook_secret
        self.env.flush_all()
        with file_open("helpdesk_social/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        self.assertEqual(account.state, "draft")
        for name in ("secrets", "oauth", "push", "home_uuid", "home_url"):
            self.assertFalse(account[name], name)
        self.assertFalse(app.secrets)
        self.assertTrue(line)
        self.assertFalse(line.value)
        self.assertNotIn(app.webhook_token, (token, False))
        self.assertNotIn(app.webhook_secret, (secret, False))
        self.assertEqual(
            messages.mapped("delivery_state"), ["cancelled"] * 6 + ["sent"]
        )
        names = self.env["ir.model.data"].search(
            [("module", "=", "helpdesk_social"), ("model", "=", "ir.cron")]
        )
        crons = self.env["ir.cron"].browse(names.mapped("res_id"))
        self.assertGreaterEqual(len(crons), 5)
        self.assertFalse(any(crons.mapped("active")))

    def test_uninstall(self):
        params = self.env["ir.config_parameter"]
        params.set_param("helpdesk_social.journal_days", "3")
        params.set_param("helpdesk_socialite.kept", "3")
        used = self.env.ref("helpdesk_social.channel_mastodon")
        self.make_ticket(channel_id=used.id, active=False)
        networks = self.env["helpdesk.social.network"].search([])
        # as the demo data's: nobody may be asked to remove what conversations point at
        self.make_message(self.make_conversation("public"))
        names = self.env["ir.model.data"]
        demo = {"module": "helpdesk_social", "model": self.account._name}
        names.create({**demo, "name": "account_demo", "res_id": self.account.id})
        uninstall_hook(self.env)
        self.assertFalse(names.search([("model", "=", self.account._name)]))
        self.assertTrue(self.account.exists())
        self.assertFalse(params.search([("key", "=like", "helpdesk\\_social.%")]))
        self.assertTrue(params.get_param("helpdesk_socialite.kept"))
        # a channel that tickets show stays, as the user's own; the others go
        names = self.env["ir.model.data"].search(
            [
                ("module", "=", "helpdesk_social"),
                ("model", "=", "helpdesk.ticket.channel"),
            ]
        )
        self.assertNotIn(used.id, names.mapped("res_id"))
        self.assertTrue(used.exists())
        self.assertIn(
            self.env.ref("helpdesk_social.channel_telegram").id, names.mapped("res_id")
        )
        # what Odoo does next: networks go although apps point at them
        self.assertTrue(self.account.app_id)
        networks.unlink()
