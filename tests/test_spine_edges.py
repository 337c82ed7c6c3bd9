"""Edges of the spine: files, answers as another account, whose item it is."""

from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models import common
from ..networks import base, items
from .common import FakeAdapter, SocialCase


@tagged("post_install", "-at_install")
class TestSpineMedia(SocialCase):
    def setUp(self):
        super().setUp()
        self.asked = []
        able = FakeAdapter.capabilities | {base.MEDIA_IN}
        self.patch(FakeAdapter, "capabilities", able)
        self.startPatcher(patch.object(FakeAdapter, "fetch_media", self.fetch))
        self.first = self.message_with("one")
        self.second = self.message_with("two", author="bob")

    def fetch(self, ref):
        self.asked.append(ref)
        if ref == "one":
            raise ZeroDivisionError
        return b"\x89PNG\r\n\x1a\n", "image/png"

    def message_with(self, ref, **values):
        post = self.world.post("look", **values)
        self.world.inbox[-1].data["media"] = [asdict(items.Media(ref))]
        self.account.action_pull()
        return self.env["helpdesk.social.message"].search([("key", "=", post.key)])

    def run_lane(self):
        self.env["helpdesk.social.message"]._cron_fetch_media()

    def test_a_crash_keeps_no_other_file(self):
        with self.assertLogs("odoo.addons.helpdesk_social", "ERROR"):
            self.run_lane()
        self.assertEqual(self.first.media[0]["error"], "crash")
        self.assertTrue(self.second.media[0]["attachment_id"])
        self.assertFalse((self.first | self.second).filtered("media_try_at"))

    def test_what_kills_the_lane_each_time_is_given_up(self):
        self.first.write({"media_attempts": 5})
        self.run_lane()
        self.assertEqual(self.asked, ["two"])
        self.assertEqual(self.first.media[0]["error"], "crash")

    def test_files_of_a_deleted_message_go_with_its_words(self):
        self.patch(FakeAdapter, "forget_deleted", True)
        with self.assertLogs("odoo.addons.helpdesk_social", "ERROR"):
            self.run_lane()
        files = self.env["ir.attachment"].browse(self.second.media[0]["attachment_id"])
        gone = items.Removal(self.second.key, datetime.now(timezone.utc))
        self.patch(FakeAdapter, "parse", lambda adapter, item: gone)
        events = self.env["helpdesk.social.event"]
        events._journal(self.account.app_id, [items.RawItem("d", {})], self.account)
        self.env["helpdesk.social.intake"]._process_all(self.account)
        self.assertFalse(self.second.text)
        self.assertFalse(files.exists())

    def test_no_file_is_asked_for_in_silence(self):
        self.env["ir.config_parameter"].set_param(common.PARAM_STOP, "1")
        self.run_lane()
        self.env["ir.config_parameter"].set_param(common.PARAM_STOP, False)
        self.account.sudo().home_uuid = "another database"
        self.run_lane()
        self.assertFalse(self.asked)


@tagged("post_install", "-at_install")
class TestSpineReply(SocialCase):
    def setUp(self):
        super().setUp()
        post = self.world.post("broken")
        self.account.action_pull()
        messages = self.env["helpdesk.social.message"]
        self.message = messages.search([("key", "=", post.key)])
        self.ticket = self.message.ticket_id.with_user(self.agent_all)

    def test_another_server_has_another_post_of_that_id(self):
        other = self.make_account(
            handle="o", external_id="o", state="active", base_url="https://b.example"
        )
        with self.assertRaises(UserError):
            self.ticket.social_reply("hi", "public", to=self.message, account=other)
        self.message.sudo().also_account_ids = other
        self.assertTrue(
            self.ticket.social_reply("hi", "public", to=self.message, account=other)
        )

    def test_an_account_of_another_company(self):
        self.agent_all.company_ids |= self.other_company
        other = self.make_account(
            handle="o",
            external_id="o",
            state="active",
            company_id=self.other_company.id,
        )
        with self.assertRaisesRegex(UserError, "may not speak"):
            self.ticket.social_reply("hi", "public", to=self.message, account=other)

    def test_private_to_nobody_in_particular(self):
        self.make_conversation("private", self.message.ticket_id)
        self.message.sudo().identity_id = False
        with self.assertRaisesRegex(UserError, "nobody to answer"):
            self.ticket.social_reply("hi", "private", to=self.message)

    def test_a_book_is_not_posted(self):
        with self.assertRaisesRegex(UserError, "shorten"):
            self.ticket.social_reply("x" * 500 * 30, "public")
        self.assertEqual(len(self.message.ticket_id.social_message_ids), 1)


@tagged("post_install", "-at_install")
class TestSpineJournal(SocialCase):
    def journal(self, **values):
        events = self.env["helpdesk.social.event"]
        events._journal(self.account.app_id, [items.RawItem("k", {}, **values)])
        return events.search([("app_id", "=", self.account.app_id.id)], limit=1)

    def test_an_item_for_somebody_else_is_not_ours(self):
        self.assertFalse(self.journal(account="them").account_id)

    def test_an_item_for_whom_it_may_concern_is_ours(self):
        self.assertEqual(self.journal().account_id, self.account)

    def test_an_account_that_does_not_know_its_name_yet(self):
        self.account.sudo().external_id = False
        self.assertEqual(self.journal(account="us").account_id, self.account)

    def test_an_archived_account_keeps_its_items(self):
        self.account.active = False
        self.assertEqual(self.journal(account="us").account_id, self.account)

    def test_long_keys_stay_apart(self):
        raw = [items.RawItem("k" * 600 + one, {}) for one in "ab"]
        events = self.env["helpdesk.social.event"]
        self.assertEqual(events._journal(self.account.app_id, raw, self.account), 2)

    def test_a_number_of_days_that_is_none(self):
        self.env["ir.config_parameter"].set_param("helpdesk_social.journal_days", "x")
        event = self.journal()
        event.write(
            {
                "state": "done",
                "received_at": fields.Datetime.now() - timedelta(days=31),
            }
        )
        self.env["helpdesk.social.event"]._gc_done()
        self.assertFalse(event.exists())
