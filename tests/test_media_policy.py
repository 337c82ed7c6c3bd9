"""Kept, linked, or kept for a while: per network and account, and in words."""

from datetime import datetime, timedelta
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..networks import errors, items
from .test_media import PNG, MediaCase


@tagged("post_install", "-at_install")
class TestMediaPolicy(MediaCase):
    def setUp(self):
        super().setUp()
        self.account._remember_home()
        self.files |= {"a": PNG, "b": PNG}

    def shown(self, message, user=None):
        ticket = message.ticket_id.with_user(user or self.agent_all)
        rows = ticket.social_timeline()["messages"]
        return next(row for row in rows if row["id"] == message.id)["media"]

    def run_expiry(self):
        self.env["helpdesk.social.message"]._cron_expire_media()

    def old_message(self, days=40):
        message = self.message_with(items.Media("a", "image", name="lamp.png"))
        self.run_lane()
        message.received_at = fields.Datetime.now() - timedelta(days=days)
        return message

    def file_of(self, message):
        return self.env["ir.attachment"].browse(message.media[0]["attachment_id"])

    # --- link only ------------------------------------------------------------
    def test_link_only_asks_for_nothing(self):
        self.network.media_policy = "link"
        url = "https://files.example/lamp.png"
        message = self.message_with(items.Media("a", "image", url=url, alt="A lamp"))
        self.assertFalse(message.media_try_at)
        self.run_lane()
        self.assertFalse(self.asked)
        [one] = self.shown(message)
        self.assertEqual((one["state"], one["url"]), ("link", url))
        self.assertEqual(
            (one["alt"], one["thumb"], one["again"]), ("A lamp", "", False)
        )
        self.assertIn("Not stored here", one["words"])

    def test_the_way_out_is_the_post_where_the_file_has_no_address(self):
        self.network.media_policy = "link"
        post = "https://fake.example/post/1"
        message = self.message_with(items.Media("a", "image"), permalink=post)
        self.assertEqual(self.shown(message)[0]["url"], post)
        hostile = self.message_with(items.Media("a", url="javascript:alert(1)"))
        self.assertEqual(self.shown(hostile)[0]["url"], "")

    def test_a_story_is_linked_and_kept_only_where_somebody_said_so(self):
        """chatwoot#8583, #8498: refused by the network for storing them."""
        url = "https://files.example/story"
        story = items.Media("a", "image", url=url, fleeting=True)
        message = self.message_with(story, items.Media("b", "image"))
        self.run_lane()
        self.assertEqual(self.asked, ["b"], "an ordinary picture is kept as ever")
        first, second = self.shown(message)
        self.assertEqual((first["state"], first["url"]), ("link", url))
        self.assertFalse(first["again"])
        self.assertTrue(second["attachment_id"])
        with self.assertRaisesRegex(UserError, "no file that could be fetched"):
            message.with_user(self.agent_all).action_fetch_media()
        self.network.media_fleeting = True
        self.assertTrue(self.shown(message)[0]["again"])
        message.with_user(self.agent_all).action_fetch_media()
        self.run_lane()
        self.assertTrue(message.media[0]["attachment_id"])
        self.network.media_policy = "link"
        other = self.message_with(items.Media("c", fleeting=True))
        self.assertTrue(other.media[0]["skipped"])

    def test_an_account_may_differ_from_its_network(self):
        self.network.media_policy = "link"
        self.account.media_policy = "store"
        message = self.message_with(items.Media("a"))
        self.run_lane()
        self.assertTrue(message.media[0]["attachment_id"])
        self.network.media_policy = "store"
        self.account.media_policy = "link"
        other = self.message_with(items.Media("b"))
        self.run_lane()
        self.assertTrue(other.media[0]["skipped"])

    def test_a_policy_that_comes_between_counts(self):
        message = self.message_with(items.Media("a"))
        self.network.media_policy = "link"
        self.run_lane()
        self.assertFalse(self.asked)
        self.assertTrue(message.media[0]["skipped"])
        self.assertFalse(message.media_try_at)

    def test_what_was_only_linked_can_be_fetched_once_that_is_allowed(self):
        self.network.media_policy = "link"
        message = self.message_with(items.Media("a"))
        with self.assertRaisesRegex(UserError, "not stored here"):
            message.with_user(self.agent_all).action_fetch_media()
        self.network.media_policy = "store"
        self.assertTrue(self.shown(message)[0]["again"])
        message.with_user(self.agent_all).action_fetch_media()
        self.run_lane()
        self.assertTrue(message.media[0]["attachment_id"])

    # --- once more ------------------------------------------------------------
    def test_a_failed_file_is_asked_for_again_by_the_agent(self):
        self.files["a"] = errors.NotFoundError()
        message = self.message_with(items.Media("a"), items.Media("b"))
        self.run_lane()
        failed, held = self.shown(message)
        self.assertEqual((failed["state"], failed["again"]), ("failed", True))
        self.assertIn("it is gone", failed["words"])
        self.assertTrue(held["attachment_id"])
        self.files["a"] = PNG
        message.with_user(self.agent_all).action_fetch_media()
        self.assertEqual(self.shown(message)[0]["state"], "coming")
        self.run_lane()
        self.assertEqual(self.asked, ["a", "b", "a"])
        self.assertTrue(all(one["attachment_id"] for one in self.shown(message)))
        with self.assertRaisesRegex(UserError, "no file"):
            message.with_user(self.agent_all).action_fetch_media()

    def test_asking_again_needs_the_ticket_and_an_account_that_may_speak(self):
        self.files["a"] = errors.NotFoundError()
        message = self.message_with(items.Media("a"))
        self.run_lane()
        for user in (self.internal, self.portal_customer):
            with self.assertRaises(AccessError):
                message.with_user(user).action_fetch_media()
        self.account.state = "paused"
        with self.assertRaises(UserError):
            message.with_user(self.agent_all).action_fetch_media()

    def test_what_no_repetition_helps_is_not_offered(self):
        self.files["a"] = PNG + b"x" * (25 * 1024 * 1024)
        message = self.message_with(items.Media("a"))
        self.run_lane()
        self.assertFalse(self.shown(message)[0]["again"])

    # --- for some days --------------------------------------------------------
    def test_files_go_after_their_days_and_the_page_says_so(self):
        old, young = self.old_message(40), self.old_message(20)
        file = self.file_of(old)
        self.network.write({"media_policy": "expire", "media_days": 30})
        self.network.media_policy_at -= timedelta(days=2)
        self.run_expiry()
        self.assertFalse(file.exists())
        self.assertFalse(old.media_kept)
        self.assertTrue(self.file_of(young).exists())
        [one] = self.shown(old)
        self.assertEqual((one["state"], one["name"]), ("expired", "lamp.png"))
        self.assertIn("after 30 days", one["words"])
        self.assertFalse(one["again"], "it would only be removed again")
        self.asked.clear()
        self.run_expiry()
        self.run_lane()
        self.assertFalse(self.asked)

    def test_a_slip_can_be_taken_back(self):
        old = self.old_message()
        self.network.write({"media_policy": "expire", "media_days": 1})
        self.run_expiry()
        self.assertTrue(self.file_of(old).exists(), "not within 24 hours")
        self.network.media_policy = "store"
        self.network.media_policy_at -= timedelta(days=2)
        self.run_expiry()
        self.assertTrue(self.file_of(old).exists())

    def test_saving_the_same_again_starts_no_new_day(self):
        self.network.write({"media_policy": "expire", "media_days": 30})
        moment = self.network.media_policy_at = datetime(2026, 1, 1)
        self.network.write({"media_policy": "expire", "media_days": 30, "note": "x"})
        self.assertEqual(self.network.media_policy_at, moment)
        self.network.media_days = 31
        self.assertGreater(self.network.media_policy_at, moment)

    def test_the_form_says_beforehand_what_will_go(self):
        self.old_message(40)
        self.network = self.network.with_user(self.manager)
        with Form(self.network) as form:
            self.assertEqual(form.media_doomed, 0)
            form.media_policy = "expire"
            form.media_days = 30
            self.assertEqual(form.media_doomed, 1)
            form.media_days = 50
            self.assertEqual(form.media_doomed, 0)

    def test_an_account_that_keeps_is_left_alone(self):
        old = self.old_message()
        self.account.media_policy = "store"
        self.network.write({"media_policy": "expire", "media_days": 30})
        self.network.media_policy_at -= timedelta(days=2)
        self.run_expiry()
        self.assertTrue(self.file_of(old).exists())

    def test_in_batches(self):
        for _number in range(5):
            self.old_message()
        self.network.write({"media_policy": "expire", "media_days": 30})
        self.network.media_policy_at -= timedelta(days=2)
        batches = []
        drop = type(self.env["helpdesk.social.message"])._drop_fetched

        def watched(messages):
            batches.append(len(messages))
            return drop(messages)

        path = "odoo.addons.helpdesk_social.models.helpdesk_social_media_policy.BATCH"
        with (
            patch(path, 2),
            patch.object(
                type(self.env["helpdesk.social.message"]), "_drop_fetched", watched
            ),
        ):
            self.run_expiry()
        self.assertEqual(batches, [2, 2, 1])
        kept = self.env["helpdesk.social.message"].search([("media_kept", "=", True)])
        self.assertFalse(kept & kept.filtered(lambda m: m.account_id == self.account))

    def test_files_of_versions_go_as_well_ours_stay(self):
        message = self.old_message()
        first = self.file_of(message)
        self.edit(message, "look now", items.Media("b", "image"))
        self.run_lane()
        ours = self.env["ir.attachment"].create(
            {"name": "x", "raw": b"x", "res_model": message._name, "res_id": message.id}
        )
        message.attachment_ids = ours
        self.assertEqual(message.revisions[0]["media"][0]["attachment_id"], first.id)
        message._expire_files()
        self.assertFalse(first.exists())
        self.assertTrue(ours.exists())
        self.assertTrue(message.revisions[0]["media"][0]["expired"])

    def test_days_are_days(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.network.media_days = 0
            self.env.flush_all()

    # --- edits ----------------------------------------------------------------
    def edit(self, message, text, *media):
        self.world.edit(self.posts[message.key], text, media=media)
        self.account.action_pull()

    def test_an_edit_of_the_text_fetches_nothing_anew(self):
        message = self.message_with(items.Media("a", "image"))
        self.run_lane()
        file = self.file_of(message)
        self.edit(message, "look closer", items.Media("a", "image", alt="A lamp"))
        self.run_lane()
        self.assertEqual(self.asked, ["a"])
        self.assertEqual(self.file_of(message), file)
        self.assertEqual(message.media[0]["alt"], "A lamp")
        self.assertNotIn("media", message.revisions[0])

    def test_other_files_of_an_edit_are_fetched_and_the_old_ones_kept(self):
        message = self.message_with(items.Media("a", "image"))
        self.run_lane()
        first = self.file_of(message)
        self.edit(message, "look closer", items.Media("b", "image"))
        self.run_lane()
        self.assertEqual(self.asked, ["a", "b"])
        row = message.ticket_id.with_user(self.agent_all).social_timeline()
        [shown] = [one for one in row["messages"] if one["id"] == message.id]
        [version] = shown["revisions"]
        self.assertEqual(version["media"][0]["attachment_id"], first.id)
        self.assertEqual(len(shown["media"]), 1)
        self.assertNotEqual(shown["media"][0]["attachment_id"], first.id)

    def test_files_cost_the_page_no_query_each(self):
        message = self.message_with(items.Media("a", "image"))
        self.run_lane()
        file = self.file_of(message)

        def fill(number):
            for count in range(number):
                other = self.make_message(
                    message.conversation_id,
                    media=[
                        {"ref": "x", "kind": "image", "skipped": True},
                        {"ref": "y", "kind": "image", "error": "not_found"},
                        {"ref": "z", "kind": "image", "expired": "2026-01-01"},
                    ],
                    revisions=[
                        {"at": "2026-01-01", "text": "x", "media": [{"ref": "w"}]}
                    ],
                    edited_at=fields.Datetime.now(),
                )
                copy = file.copy({"res_id": other.id, "name": f"{count}.png"})
                other.media = [*other.media, {"ref": "a", "attachment_id": copy.id}]
            self.env.flush_all()

        def queries():
            ticket = message.ticket_id.with_user(self.agent_all)
            ticket.social_timeline()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows = ticket.social_timeline()["messages"]
            return self.cr.sql_log_count - before, len(rows)

        fill(3)
        few, shown_few = queries()
        fill(30)
        many, shown_many = queries()
        self.assertEqual((shown_few, shown_many), (4, 34))
        self.assertLessEqual(many, few)

    # --- odd ones -------------------------------------------------------------
    def test_thousands_of_files_on_one_post_are_not_all_asked_for(self):
        for number in range(200):
            self.files[f"f{number}"] = PNG
        message = self.message_with(*(items.Media(f"f{n}") for n in range(200)))
        self.run_lane()
        self.assertEqual((len(message.media), len(self.asked)), (40, 40))

    def test_the_same_file_twice_is_one_request(self):
        message = self.message_with(items.Media("a"), items.Media("a"))
        self.run_lane()
        self.assertEqual(self.asked, ["a"])
        first, second = self.shown(message)
        self.assertEqual(first["attachment_id"], second["attachment_id"])
        self.assertFalse(message.media_try_at)

    def test_a_message_that_was_emptied_meanwhile_gets_no_file(self):
        message = self.message_with(items.Media("a"))

        def late(_adapter, ref):
            message.write({"media": False, "deleted_at": fields.Datetime.now()})
            return PNG, "image/png"

        self.patch(type(self.account._adapter()), "fetch_media", late)
        self.run_lane()
        files = self.env["ir.attachment"].search(
            [("res_model", "=", message._name), ("res_id", "=", message.id)]
        )
        self.assertFalse(files)
        self.assertFalse(message.media_try_at)

    def test_a_film_in_disguise_is_a_download(self):
        self.files["a"] = b"\x00\x00\x00\x18ftypheic" + b"\x00" * 64
        message = self.message_with(items.Media("a", "image", mime="image/heic"))
        self.run_lane()
        self.assertEqual(self.shown(message)[0]["kind"], "file")
