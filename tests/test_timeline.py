"""The ticket's Social page from the server's side: what goes out, what never does."""

import dataclasses
import json
from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..networks import base, items
from .common import FakeAdapter, SocialCase


class TimelineCase(SocialCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account._remember_home()
        cls.ticket = cls.make_ticket()
        cls.ann = cls.make_identity("ann")
        cls.public_thread = cls.make_conversation(
            "public", cls.ticket, identity_id=cls.ann.id
        )
        cls.private_thread = cls.make_conversation(
            "private", cls.ticket, identity_id=cls.ann.id
        )
        cls.now = fields.Datetime.now()

    def ago(self, minutes):
        return self.now - timedelta(minutes=minutes)

    def as_user(self, user):
        return self.ticket.with_user(user)

    def timeline(self, user=None, **arguments):
        return self.as_user(user or self.agent_all).social_timeline(**arguments)

    def composer(self, user=None, target=None):
        return self.as_user(user or self.agent_all).social_composer(target)

    def option(self, audience, message, user=None):
        found = [
            one
            for one in self.composer(user, message.id)["options"]
            if one["audience"] == audience and one["message_id"] == message.id
        ]
        self.assertEqual(len(found), 1)
        return found[0]


@tagged("post_install", "-at_install")
class TestTimeline(TimelineCase):
    def test_order_is_the_networks_clock(self):
        second = self.make_message(self.public_thread, "b", sent_at=self.ago(5))
        first = self.make_message(self.private_thread, "a", sent_at=self.ago(9))
        third = self.make_message(self.public_thread, "c", sent_at=self.ago(1))
        rows = self.timeline()["messages"]
        self.assertEqual([row["id"] for row in rows], (first + second + third).ids)
        self.assertEqual([row["audience"] for row in rows][0], "private")

    def test_microseconds_order_pages_and_browser_alike(self):
        base_at = datetime(2026, 1, 1, 12, 0, 0)
        late = self.make_message(
            self.public_thread, "late", sent_at=base_at.replace(microsecond=900)
        )
        early = self.make_message(
            self.public_thread, "early", sent_at=base_at.replace(microsecond=100)
        )
        page = self.timeline(limit=1)
        self.assertEqual([row["id"] for row in page["messages"]], late.ids)
        above = self.timeline(limit=1, before=page["before"])
        self.assertEqual([row["id"] for row in above["messages"]], early.ids)
        self.assertLess(above["messages"][0]["at"], page["messages"][0]["at"])

    def test_pages_cover_everything_once(self):
        made = self.env["helpdesk.social.message"]
        for minutes in range(7):
            # two of a moment each: the id breaks the tie
            made |= self.make_message(
                self.public_thread, str(minutes), sent_at=self.ago(minutes // 2)
            )
        seen, before = [], None
        while True:
            page = self.timeline(limit=3, before=before)
            seen = [row["id"] for row in page["messages"]] + seen
            before = page["before"]
            if not page["has_more"]:
                break
        self.assertEqual(seen, made.sorted(lambda one: (one.sent_at, one.id)).ids)

    def test_page_that_does_not_exist(self):
        for nonsense in ("x|y", "2026-01-01", "|", "2026-01-01 00:00:00|x"):
            with self.assertRaises(UserError):
                self.timeline(before=nonsense)

    def test_empty_ticket(self):
        page = self.timeline()
        self.assertEqual(page["messages"], [])
        self.assertFalse(page["before"])
        self.assertFalse(page["has_more"])

    def test_queries_do_not_grow_with_messages(self):
        def fill(count):
            self.env["helpdesk.social.message"].create(
                [
                    {
                        "account_id": self.account.id,
                        "network_id": self.account.network_id.id,
                        "conversation_id": self.public_thread.id,
                        "key": f"fill{count}-{number}",
                        "direction": "in",
                        "origin": "customer",
                        "audience": "public",
                        "identity_id": self.ann.id,
                        "text": "x",
                        "sent_at": self.ago(number),
                    }
                    for number in range(count)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()

        def queries(ask):
            ask()  # what is cached for good is cached now
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows = ask()["messages"]
            return self.cr.sql_log_count - before, len(rows)

        def opened():
            ticket = self.as_user(self.agent_all)
            return ticket.web_read({"social_page": {}})[0]["social_page"]["timeline"]

        # a page above others, and the page as the form opens with it, which is told
        # what may be answered as well
        fill(5)
        few = [queries(ask) for ask in (self.timeline, opened)]
        fill(400)
        many = [queries(ask) for ask in (self.timeline, opened)]
        for (fewer, shown_few), (more, shown_many) in zip(few, many, strict=True):
            self.assertEqual((shown_few, shown_many), (5, 50))
            self.assertLessEqual(more, fewer)
            self.assertLess(more, 20)

    # --- who sees what ------------------------------------------------------------
    def test_follower_gets_the_public_part_only(self):
        shown = self.make_message(self.public_thread, "for all")
        self.make_message(self.private_thread, "a secret")
        self.ticket.message_subscribe(self.follower.partner_id.ids)
        page = self.timeline(self.follower)
        self.assertEqual([row["id"] for row in page["messages"]], shown.ids)
        self.assertNotIn("a secret", str(page))
        self.assertNotIn(str(self.private_thread.id), map(str, page["conversations"]))

    def test_agent_without_the_ticket_gets_nothing(self):
        ticket = self.make_ticket(team_id=self.other_team.id)
        thread = self.make_conversation("private", ticket)
        self.make_message(thread, "a secret")
        for method in ("social_timeline", "social_composer", "social_notes"):
            with self.assertRaises(AccessError):
                getattr(ticket.with_user(self.agent_own), method)()
        with self.assertRaises(AccessError):
            ticket.with_user(self.agent_own).social_changes([1])

    def test_portal_customer_gets_nothing(self):
        self.ticket.partner_id = self.partner
        self.make_message(self.public_thread, "for all")
        with self.assertRaises(AccessError):
            self.timeline(self.portal_customer)

    def test_changes_of_another_ticket_are_not_told(self):
        other = self.make_conversation("public", self.make_ticket())
        strange = self.make_message(other, "elsewhere")
        mine = self.make_message(self.public_thread, "here")
        page = self.as_user(self.agent_all).social_changes([strange.id, mine.id])
        page = page["timeline"]
        self.assertEqual([row["id"] for row in page["messages"]], mine.ids)

    def test_a_parent_one_may_not_read_is_not_quoted(self):
        secret = self.make_message(self.private_thread, "a secret")
        self.make_message(self.public_thread, "open", parent_id=secret.id)
        self.ticket.message_subscribe(self.follower.partner_id.ids)
        page = self.timeline(self.follower)
        self.assertFalse(page["messages"][0]["parent"])
        self.assertNotIn("a secret", str(page))

    # --- what a row says ----------------------------------------------------------
    def test_context_stands_above_and_is_shared(self):
        messages = self.env["helpdesk.social.message"]
        plain = {
            "account_id": self.account.id,
            "network_id": self.account.network_id.id,
            "direction": "in",
            "origin": "customer",
            "audience": "public",
            "context": True,
        }
        top = messages.create(
            {**plain, "key": "c1", "text": "first", "sent_at": self.ago(30)}
        )
        middle = messages.create(
            {
                **plain,
                "key": "c2",
                "text": "second",
                "sent_at": self.ago(20),
                "parent_id": top.id,
            }
        )
        hers = self.make_message(self.public_thread, parent_id=middle.id)
        other = self.make_conversation("public", self.make_ticket())
        his = self.make_message(other, parent_id=middle.id)
        for message in (hers, his):
            page = message.ticket_id.with_user(self.agent_all).social_timeline()
            (row,) = page["messages"]
            self.assertEqual(row["above"], (top + middle).ids)
            self.assertEqual({one["id"] for one in page["above"]}, {top.id, middle.id})

    def test_context_never_runs_in_circles(self):
        one = self.make_message(self.make_conversation("public"), "one")
        one.conversation_id = False
        one.parent_id = one
        below = self.make_message(self.public_thread, parent_id=one.id)
        row = self.timeline()["messages"][0]
        self.assertEqual(row["id"], below.id)
        self.assertLessEqual(len(row["above"]), 20)

    def test_hostile_addresses_are_left_out(self):
        self.ann.write({"url": "javascript:alert(1)", "avatar_url": "data:text/html,x"})
        self.make_message(
            self.public_thread,
            permalink=" javascript:alert(1)",
            media=[{"ref": "r", "kind": "image", "url": "file:///etc/passwd"}],
        )
        page = self.timeline()
        (row,) = page["messages"]
        self.assertEqual(row["permalink"], "")
        self.assertEqual(row["media"][0]["url"], "")
        person = page["people"][self.ann.id]
        self.assertEqual((person["url"], person["avatar"]), ("", ""))

    def test_text_stays_text(self):
        text = "<img src=x onerror=alert(1)>\n&amp; ‮ ok"
        self.make_message(self.public_thread, text)
        self.assertEqual(self.timeline()["messages"][0]["text"], text)

    def test_files_we_hold_and_files_we_do_not(self):
        message = self.make_message(self.public_thread)
        held, page_file = self.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": b"\x89PNG\r\n\x1a\n" if mime == "image/png" else b"<b>x</b>",
                    "mimetype": mime,
                    "res_model": message._name,
                    "res_id": message.id,
                    "description": "from us",
                }
                for name, mime in (("a.png", "image/png"), ("b.html", "text/html"))
            ]
        )
        message.attachment_ids = page_file
        message.media = [
            {"ref": "1", "kind": "image", "attachment_id": held.id, "alt": "a cat"},
            {"ref": "2", "kind": "video", "url": "https://x.example/v", "name": "v"},
            {"ref": "3", "kind": "image", "error": "too_large"},
        ]
        media = self.timeline()["messages"][0]["media"]
        self.assertEqual(
            [one["kind"] for one in media][:3], ["image", "video", "image"]
        )
        self.assertEqual(media[0]["alt"], "a cat")
        self.assertTrue(media[0]["thumb"].startswith("/web/image/"))
        self.assertFalse(media[1]["thumb"])
        self.assertIn("Larger", media[2]["error"])
        self.assertEqual(media[3]["kind"], "file")
        self.assertIn("download=true", media[3]["url"])

    def test_edited_after_the_answer(self):
        self.make_message(
            self.public_thread,
            edited_at=self.ago(1),
            handled_at=self.ago(5),
            handled_how="answered",
            revisions=[{"revision": 0, "at": str(self.ago(9)), "text": "old"}],
            sent_at=self.ago(9),
        )
        self.make_message(
            self.public_thread,
            edited_at=self.ago(7),
            handled_at=self.ago(5),
            handled_how="answered",
        )
        rows = self.timeline()["messages"]
        self.assertEqual([row["answered_before_edit"] for row in rows], [True, False])
        self.assertEqual(rows[0]["revisions"][0]["text"], "old")

    def test_delivery_in_words(self):
        self.make_message(
            self.public_thread,
            direction="out",
            delivery_state="failed",
            error_code="blocked",
            user_id=self.agent_all.id,
        )
        page = self.timeline()
        delivery = page["messages"][0]["delivery"]
        self.assertEqual((delivery["state"], delivery["label"]), ("failed", "Failed"))
        self.assertIn("blocked us", delivery["error"])
        self.assertEqual(page["users"][self.agent_all.id]["name"], self.agent_all.name)

    def test_why_is_a_sentence_or_nothing(self):
        self.make_message(self.public_thread, why="reopen", sent_at=self.ago(2))
        self.make_message(self.public_thread, why="code_nobody_knows")
        rows = self.timeline()["messages"]
        self.assertEqual([row["why"] for row in rows], ["Reopened this ticket", ""])

    def test_adding_by_link_is_offered_where_it_can_work(self):
        self.make_message(self.public_thread)
        self.assertFalse(self.timeline()["may_add"])
        able = FakeAdapter.capabilities | {base.RESOLVE}
        self.patch(FakeAdapter, "capabilities", able)
        self.env.invalidate_all()
        offered = hasattr(self.ticket, "social_pull_permalink")
        self.assertEqual(self.timeline()["may_add"], offered)
        self.ticket.message_subscribe(self.follower.partner_id.ids)
        self.assertFalse(self.timeline(self.follower)["may_add"])

    def test_notes_come_as_plain_text(self):
        self.ticket.message_post(
            body="<b>look</b>", message_type="comment", subtype_xmlid="mail.mt_note"
        )
        self.ticket.message_post(
            body="mail", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        notes = self.as_user(self.agent_all).social_notes()
        self.assertEqual(len(notes), 1)
        self.assertIn("look", notes[0]["text"])


@tagged("post_install", "-at_install")
class TestPage(TimelineCase):
    """The field that brings the page with the form's record."""

    def page(self, user=None, ticket=None):
        return self.read(user, ticket)["social_page"]

    def read(self, user=None, ticket=None):
        ticket = (ticket or self.ticket).with_user(user or self.agent_all)
        ticket.invalidate_recordset()
        return ticket.web_read({"social_page": {}})[0]

    def test_it_is_the_timeline_and_the_composer(self):
        other = self.make_account(handle="them", external_id="them", state="active")
        first = self.make_message(self.public_thread, "one", sent_at=self.ago(9))
        file = self.env["ir.attachment"].create(
            {"name": "x.txt", "raw": b"x", "res_model": first._name, "res_id": first.id}
        )
        first.write({"attachment_ids": file.ids, "also_account_ids": other.ids})
        self.make_message(self.private_thread, "two", sent_at=self.ago(5), waiting=True)
        for minutes in range(3):
            self.make_message(
                self.public_thread,
                f"out {minutes}",
                direction="out",
                origin="agent",
                parent_id=first.id,
                sent_at=self.ago(minutes),
            )
        self.as_user(self.agent_all).social_save_draft(
            self.option("private", self.private_thread.message_ids)["id"], "begun"
        )
        page = self.page()
        self.env.invalidate_all()
        # keys of JSON are texts
        timeline = json.loads(json.dumps(self.timeline()))
        timeline["now"] = page["timeline"]["now"]
        self.assertEqual(page["timeline"], timeline)
        self.assertEqual(page["timeline"]["messages"][0]["also"], other.ids)
        self.assertTrue(page["timeline"]["messages"][0]["media"])
        self.env.invalidate_all()
        composer = json.loads(json.dumps(self.composer()))
        self.assertEqual(page["composer"], composer)
        self.assertEqual(page["composer"]["drafts"][0]["text"], "begun")

    def test_no_messages_no_page(self):
        self.assertIs(self.page(), False)
        self.assertIs(self.page(ticket=self.make_ticket()), False)

    def test_one_hears_only_what_one_may_read(self):
        self.make_message(self.private_thread, "a secret", waiting=True)
        self.ticket.message_subscribe(self.follower.partner_id.ids)
        self.assertIs(self.page(self.follower), False)
        self.make_message(self.public_thread, "for all")
        page = self.page(self.follower)
        self.assertEqual(page["timeline"]["waiting"], 0)
        self.assertEqual(page["composer"]["options"], [])
        self.assertNotIn("a secret", str(page))

    def test_customers_do_not_have_it(self):
        self.ticket.partner_id = self.partner
        self.make_message(self.public_thread, "for all")
        with self.assertRaises(AccessError):
            self.read(self.portal_customer)

    def test_an_onchange_does_not_ask_for_it(self):
        self.make_message(self.public_thread, "one")
        ticket = self.as_user(self.agent_all)
        spec = {"name": {}, "social_page": {}}
        found = ticket.onchange({"name": "x"}, ["name"], spec)
        self.assertNotIn("social_page", found["value"])

    def test_a_broken_network_does_not_close_the_ticket(self):
        self.make_message(self.public_thread, "one")

        def broken(_self, _facts):
            raise ZeroDivisionError

        self.patch(FakeAdapter, "affordances", broken)
        with self.assertLogs(
            "odoo.addons.helpdesk_social.models.helpdesk_ticket_page", "ERROR"
        ):
            page = self.page()
        self.assertEqual(list(page), ["problem"])

    def test_everything_changed(self):
        ticket = self.as_user(self.agent_all)
        found = ticket.social_changes(False)
        self.assertEqual(found["timeline"]["messages"], [])
        message = self.make_message(self.public_thread, "one")
        found = ticket.social_changes(False)
        self.assertEqual(found["timeline"]["messages"][0]["id"], message.id)

    def test_names_of_networks_follow_the_catalogue(self):
        self.make_message(self.public_thread, "one")
        network = self.account.network_id
        self.page()
        network.name = "Renamed"
        account = self.page()["timeline"]["accounts"][str(self.account.id)]
        self.assertEqual(account["network"]["name"], "Renamed")


@tagged("post_install", "-at_install")
class TestComposer(TimelineCase):
    def test_public_is_never_the_default(self):
        self.make_message(self.public_thread, waiting=True, sent_at=self.ago(1))
        self.assertFalse(self.composer()["default"])

    def test_newest_waiting_decides(self):
        private = self.make_message(
            self.private_thread, waiting=True, sent_at=self.ago(5)
        )
        self.assertEqual(
            self.composer()["default"], self.option("private", private)["id"]
        )
        # a newer public one waits: a person has to choose
        self.make_message(self.public_thread, waiting=True, sent_at=self.ago(1))
        self.assertFalse(self.composer()["default"])

    def test_nobody_waits_nothing_is_open(self):
        self.make_message(self.private_thread)
        self.assertFalse(self.composer()["default"])
        self.assertTrue(self.composer()["options"])

    def test_a_private_message_offers_no_public_answer(self):
        message = self.make_message(self.private_thread)
        audiences = {
            one["audience"] for one in self.composer(target=message.id)["options"]
        }
        self.assertEqual(audiences, {"private"})

    def test_labels_name_the_act(self):
        message = self.make_message(self.public_thread)
        self.assertEqual(
            self.option("public", message)["label"], "Reply publicly as @us"
        )
        private = self.option("private", message)
        self.assertEqual(private["label"], "Reply privately as @us")
        self.assertTrue(private["narrower"])

    def test_nothing_for_those_without_helpdesk_rights(self):
        self.make_message(self.public_thread)
        self.ticket.message_subscribe(self.follower.partner_id.ids)
        self.assertEqual(self.composer(self.follower)["options"], [])

    def test_reason_for_those_who_may_not_speak(self):
        message = self.make_message(self.public_thread)
        self.account.speaker_user_ids = self.manager
        option = self.option("public", message)
        self.assertFalse(option["allowed"])
        self.assertIn("may not speak", option["reason"])

    def test_reason_when_the_account_is_silent(self):
        message = self.make_message(self.private_thread, waiting=True)
        self.account.state = "paused"
        option = self.option("private", message)
        self.assertFalse(option["allowed"])
        self.assertIn("not connected", option["reason"])
        self.assertFalse(self.composer()["default"])

    def test_where_it_may_be_done_by_hand(self):
        message = self.make_message(
            self.public_thread, permalink="https://fake.example.com/1"
        )
        blocked = [
            items.Affordance("reply_public", False, reason="not_summoned"),
            items.Affordance(
                "reply_private",
                False,
                reason="forbidden",
                url="https://fake.example.com/dm/ann",
            ),
        ]
        self.patch(FakeAdapter, "affordances", lambda _self, _facts: blocked)
        # a public answer can be written where the message can be read
        option = self.option("public", message)
        self.assertEqual(option["url"], "https://fake.example.com/1")
        self.assertFalse(option["allowed"])
        option = self.option("private", message)
        self.assertEqual(option["url"], "https://fake.example.com/dm/ann")
        self.assertTrue(option["reason"])
        for address in ("javascript:alert(1)", "data:text/html,x", "//evil", "x" * 9):
            blocked[1] = dataclasses.replace(blocked[1], url=address)
            self.assertEqual(self.option("private", message)["url"], "")
        # whoever may not speak as us is not sent there to do it
        self.account.speaker_user_ids = self.manager
        self.assertEqual(self.option("public", message)["url"], "")

    def test_what_is_allowed_needs_no_address(self):
        message = self.make_message(
            self.public_thread, permalink="https://fake.example.com/1"
        )
        self.assertEqual(self.option("public", message)["url"], "")

    def test_agents_are_told_about_private_messages(self):
        self.account.network_id.private_note = "Some do not reach us."
        message = self.make_message(self.public_thread)
        self.assertEqual(
            self.option("private", message)["note"], "Some do not reach us."
        )
        self.assertEqual(self.option("public", message)["note"], "")
        self.assertEqual(self.account.private_note, "Some do not reach us.")

    def test_the_price_follows_the_text(self):
        def measure(_self, draft):
            cost = "$0.20" if "http" in draft.text else "$0.01"
            return items.Measure(len(draft.text), 500, (draft.text,), cost=cost)

        self.patch(FakeAdapter, "measure", measure)
        option = self.option("public", self.make_message(self.public_thread))["id"]
        ticket = self.as_user(self.agent_all)
        self.assertEqual(ticket.social_measure("hello", option)["cost"], "$0.01")
        self.assertEqual(
            ticket.social_measure("see https://x.org", option)["cost"], "$0.20"
        )

    def test_missing_capability_is_no_option(self):
        message = self.make_message(self.public_thread)
        without = FakeAdapter.capabilities - {base.REPLY_PUBLIC}
        self.patch(FakeAdapter, "capabilities", without)
        options = self.composer(target=message.id)["options"]
        self.assertEqual({one["audience"] for one in options}, {"private"})

    def test_measure(self):
        message = self.make_message(self.public_thread)
        option = self.option("public", message)["id"]
        measured = self.as_user(self.agent_all).social_measure("x" * 1100, option)
        self.assertEqual(measured["length"], 1100)
        self.assertEqual([len(one) for one in measured["parts"]], [500, 500, 100])

    def test_options_that_are_not_ours_to_use(self):
        message = self.make_message(self.public_thread)
        strange = self.make_message(
            self.make_conversation("public", self.make_ticket())
        )
        other = self.make_account(handle="them", external_id="them", state="active")
        ticket = self.as_user(self.agent_all)
        for option in (
            None,
            "",
            "public",
            "everyone:1:1",
            f"public:{self.account.id}:x",
            f"public:{self.account.id}:{strange.id}",
            f"public:{other.id}:{message.id}",
        ):
            with self.assertRaises(UserError):
                ticket.social_measure("hi", option)
            self.assertFalse(ticket.social_send(option, "hi")["ok"])
            with self.assertRaises(UserError):
                ticket.social_save_draft(option, "hi")

    # --- sending ------------------------------------------------------------------
    def test_send(self):
        message = self.make_message(self.private_thread, waiting=True)
        option = self.option("private", message)["id"]
        answer = self.as_user(self.agent_all).social_send(option, "Hi", (), "k1")
        self.assertTrue(answer["ok"], answer)
        sent = self.env["helpdesk.social.message"].browse(answer["message_ids"])
        self.assertEqual(
            (sent.text, sent.audience, sent.delivery_state, sent.user_id),
            ("Hi", "private", "held", self.agent_all),
        )

    def test_the_same_key_makes_one_message(self):
        message = self.make_message(self.public_thread)
        option = self.option("public", message)["id"]
        ticket = self.as_user(self.agent_all)
        once = ticket.social_send(option, "Hi", (), "k2")
        twice = ticket.social_send(option, "Hi", (), "k2")
        self.assertEqual(once["message_ids"], twice["message_ids"])
        self.assertEqual(
            self.env["helpdesk.social.message"].search_count(
                [("ticket_id", "=", self.ticket.id), ("direction", "=", "out")]
            ),
            1,
        )

    def test_wider_than_asked_is_refused_in_words(self):
        message = self.make_message(self.private_thread)
        answer = self.as_user(self.agent_all).social_send(
            f"public:{self.account.id}:{message.id}", "Hi", (), "k3"
        )
        self.assertFalse(answer["ok"])
        self.assertIn("never answered in public", answer["error"])

    def test_nothing_to_send(self):
        message = self.make_message(self.public_thread)
        answer = self.as_user(self.agent_all).social_send(
            self.option("public", message)["id"], "  \n ", (), "k4"
        )
        self.assertFalse(answer["ok"])
        self.assertTrue(answer["error"])

    def test_something_new_came_in(self):
        seen = self.make_message(self.public_thread)
        option = self.option("public", seen)["id"]
        newer = self.make_message(self.public_thread, "wait, solved!")
        ticket = self.as_user(self.agent_all)
        answer = ticket.social_send(option, "Hi", (), "k5", seen.id)
        self.assertEqual(answer["stale"], newer.ids)
        self.assertTrue(ticket.social_send(option, "Hi", (), "k5", newer.id)["ok"])

    def test_other_threads_do_not_disturb(self):
        seen = self.make_message(self.public_thread)
        option = self.option("public", seen)["id"]
        other = self.make_conversation(
            "private", self.ticket, identity_id=self.make_identity("bob").id
        )
        self.make_message(other, "elsewhere")
        answer = self.as_user(self.agent_all).social_send(
            option, "Hi", (), "k6", seen.id
        )
        self.assertTrue(answer["ok"], answer)

    def test_files_must_be_ones_own_and_unsent(self):
        message = self.make_message(self.public_thread)
        option = self.option("public", message)["id"]
        theirs = (
            self.env["ir.attachment"]
            .with_user(self.manager)
            .create({"name": "x", "raw": b"x", "res_model": message._name, "res_id": 0})
        )
        for files in (theirs.ids, [999999999]):
            answer = self.as_user(self.agent_all).social_send(option, "Hi", files, "k7")
            self.assertFalse(answer["ok"])
            self.assertIn("file", answer["error"])

    # --- drafts -------------------------------------------------------------------
    def test_drafts_stay_with_owner_audience_and_thread(self):
        message = self.make_message(self.public_thread)
        ticket = self.as_user(self.agent_all)
        ticket.social_save_draft(self.option("private", message)["id"], "psst")
        ticket.social_save_draft(self.option("private", message)["id"], "psst!")
        (draft,) = self.composer()["drafts"]
        self.assertEqual(
            (draft["audience"], draft["text"], draft["conversation_id"]),
            ("private", "psst!", self.public_thread.id),
        )
        self.assertEqual(self.composer(self.manager)["drafts"], [])
        drafts = self.env["helpdesk.social.draft"].with_user(self.manager)
        self.assertFalse(drafts.search([("ticket_id", "=", self.ticket.id)]))
        ticket.social_save_draft(self.option("private", message)["id"], "  ")
        self.assertEqual(self.composer()["drafts"], [])

    def test_drafts_for_two_people_of_one_thread_are_two(self):
        dora = self.make_message(
            self.public_thread, identity_id=self.make_identity("dora").id
        )
        emil = self.make_message(
            self.public_thread, identity_id=self.make_identity("emil").id
        )
        ticket = self.as_user(self.agent_all)
        for message in (dora, emil):
            for audience in ("private", "public"):
                option = self.option(audience, message)
                self.assertEqual(option["draft_person_id"], message.identity_id.id)
                text = f"{audience} {message.identity_id.handle}"
                ticket.social_save_draft(option["id"], text)
        self.assertEqual(
            {
                (one["audience"], one["person_id"], one["text"])
                for one in self.composer()["drafts"]
            },
            {
                ("private", dora.identity_id.id, "private dora"),
                ("public", dora.identity_id.id, "public dora"),
                ("private", emil.identity_id.id, "private emil"),
                ("public", emil.identity_id.id, "public emil"),
            },
        )
        option = self.option("private", dora)["id"]
        ticket.social_send(option, "Psst", (), "kd", seen=emil.id)
        self.assertEqual(
            sorted(one["text"] for one in self.composer()["drafts"]),
            ["private emil", "public dora", "public emil"],
        )

    def test_a_draft_for_a_group_or_in_private_is_of_the_thread(self):
        group = self.make_conversation("group", self.ticket)
        for thread, audience in (
            (group, "group"),
            (self.private_thread, "private"),
        ):
            first, second = self.make_message(thread), self.make_message(thread)
            options = [self.option(audience, one) for one in (first, second)]
            self.assertEqual(
                [one["draft_person_id"] for one in options], [False, False]
            )
            for option in options:
                self.as_user(self.agent_all).social_save_draft(option["id"], "begun")
        self.assertEqual(len(self.composer()["drafts"]), 2)

    def test_sending_forgets_its_draft_only(self):
        public = self.make_message(self.public_thread)
        private = self.make_message(self.private_thread)
        ticket = self.as_user(self.agent_all)
        for audience, message in (("public", public), ("private", private)):
            ticket.social_save_draft(self.option(audience, message)["id"], audience)
        ticket.social_send(self.option("private", private)["id"], "private", (), "k8")
        self.assertEqual([one["text"] for one in self.composer()["drafts"]], ["public"])

    def test_others_cannot_write_into_my_draft(self):
        message = self.make_message(self.public_thread)
        self.as_user(self.agent_all).social_save_draft(
            self.option("public", message)["id"], "mine"
        )
        draft = self.env["helpdesk.social.draft"].search(
            [("user_id", "=", self.agent_all.id)]
        )
        with self.assertRaises(AccessError):
            draft.with_user(self.manager).text = "changed"
        with self.assertRaises(AccessError):
            draft.with_user(self.internal).read(["text"])

    def test_old_drafts_and_lost_files_go(self):
        message = self.make_message(self.public_thread)
        files = self.env["ir.attachment"].with_user(self.agent_all)
        lost, kept = files.create(
            [
                {"name": n, "raw": b"x", "res_model": message._name, "res_id": 0}
                for n in "ab"
            ]
        )
        self.as_user(self.agent_all).social_save_draft(
            self.option("public", message)["id"], "with a file", kept.ids
        )
        self.env.flush_all()
        self.cr.execute(
            "UPDATE ir_attachment SET create_date = create_date - interval '3 days' "
            "WHERE id IN %s",
            [(lost.id, kept.id)],
        )
        self.env.invalidate_all()
        self.env["helpdesk.social.draft"]._gc_drafts()
        self.assertFalse(lost.exists())
        self.assertTrue(kept.exists())


@tagged("post_install", "-at_install")
class TestCounters(TimelineCase):
    def test_marks(self):
        self.make_message(self.public_thread, waiting=True, sent_at=self.ago(90))
        self.make_message(self.private_thread, waiting=True, sent_at=self.ago(30))
        ticket = self.as_user(self.agent_all)
        self.assertEqual(ticket.social_conversation_count, 2)
        self.assertEqual(ticket.social_marks["audiences"], ["public", "private"])
        self.assertEqual(ticket.social_marks["waiting"], 2)
        self.assertEqual(
            ticket.social_waiting_since, self.ago(90).replace(microsecond=0)
        )
        self.assertFalse(self.make_ticket().with_user(self.agent_all).social_marks)

    def test_a_thread_that_went_on_leaves_its_page(self):
        self.make_message(self.public_thread, "said on the old ticket")
        self.public_thread.ticket_id = self.make_ticket()
        self.private_thread.ticket_id = False
        ticket = self.as_user(self.agent_all)
        self.assertFalse(ticket.social_conversation_count)
        self.assertTrue(ticket.social_linked)
        self.assertEqual(ticket.social_marks["audiences"], ["public"])
        found = ticket.search([("id", "=", ticket.id), ("social_linked", "=", True)])
        self.assertEqual(found, ticket)

    def test_followers_count_only_what_they_may_read(self):
        self.make_message(self.private_thread, waiting=True)
        self.ticket.message_subscribe(self.follower.partner_id.ids)
        ticket = self.as_user(self.follower)
        self.assertEqual(ticket.social_waiting_count, 0)
        self.assertEqual(ticket.social_conversation_count, 1)
        found = self.env["helpdesk.ticket"].with_user(self.follower)
        self.assertFalse(found.search([("social_waiting", "=", True)]))

    def test_a_list_costs_the_same_for_one_and_for_many(self):
        tickets = self.ticket
        for _number in range(20):
            ticket = self.make_ticket()
            self.make_message(self.make_conversation("public", ticket), waiting=True)
            tickets |= ticket

        def queries(records):
            records = records.with_user(self.agent_all)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records.read(["social_marks", "social_waiting_since"])
            return self.cr.sql_log_count - before

        queries(tickets)
        self.assertEqual(queries(tickets), queries(tickets[:2]))

    def test_search_and_sort(self):
        old, new = self.make_ticket(), self.make_ticket()
        for ticket, minutes in ((new, 1), (old, 600)):
            thread = self.make_conversation("public", ticket)
            self.make_message(thread, waiting=True, sent_at=self.ago(minutes))
        tickets = self.env["helpdesk.ticket"].with_user(self.agent_all)
        mine = [("id", "in", (self.ticket | old | new).ids)]
        found = tickets.search(
            [*mine, ("social_waiting", "=", True)], order="social_waiting_since"
        )
        self.assertEqual(found.ids, (old | new).ids)
        found = tickets.search(mine, order="social_waiting_since desc")
        self.assertEqual(found.ids, (new | old | self.ticket).ids)
        self.assertEqual(
            tickets.search([*mine, ("social_waiting", "=", False)]).ids, self.ticket.ids
        )
        bare = self.make_ticket()
        mine = [("id", "in", (old | bare).ids)]
        for domain, expected in (
            ([("social_network_ids", "in", self.network.ids)], old),
            ([("social_network_ids", "ilike", "fak")], old),
            ([("social_network_ids", "=", False)], bare),
            ([("social_network_ids", "!=", False)], old),
        ):
            self.assertEqual(tickets.search(mine + domain).ids, expected.ids, domain)

    def test_filter_for_each_network_in_use(self):
        arch = self.env["helpdesk.ticket"].get_view(view_type="search")["arch"]
        self.assertIn(f"social_network_{self.network.id}", arch)
        unused = self.env.ref("helpdesk_social.network_telegram")
        if not unused.account_ids:
            self.assertNotIn(f'"social_network_{unused.id}"', arch)

    def test_chatter_proposes_nobody_without_an_address(self):
        self.ticket.partner_id = self.env["res.partner"].create({"name": "No mail"})
        plain = self.make_ticket(partner_id=self.ticket.partner_id.id)
        for ticket, proposed in ((self.ticket, 0), (plain, 1)):
            found = ticket._message_get_suggested_recipients(reply_discussion=True)
            names = [one["name"] for one in found if one["name"] == "No mail"]
            self.assertEqual(len(names), proposed)
        self.ticket.partner_id.email = "jo@example.com"
        found = self.ticket._message_get_suggested_recipients(reply_discussion=True)
        self.assertIn("jo@example.com", str(found))


@tagged("post_install", "-at_install")
class TestLive(TimelineCase):
    def told(self):
        """Payloads of the notices that this transaction would send."""
        self.env.flush_all()
        self.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([])
        return [row for row in rows if "helpdesk_social/changed" in (row.message or "")]

    def setUp(self):
        super().setUp()
        self.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()

    def test_one_notice_per_transaction_and_ids_only(self):
        for number in range(30):
            self.make_message(self.public_thread, f"words{number}")
        (notice,) = self.told()
        self.assertIn(f'"ticket_ids":[{self.ticket.id}]', notice.message)
        self.assertNotIn("words", notice.message)
        self.assertNotIn("ann", notice.message)
        self.assertIn("res.groups", notice.channel)

    def test_messages_without_a_ticket_are_told_for_the_inbox(self):
        message = self.make_message(self.make_conversation("private"), "words")
        (notice,) = self.told()
        self.assertIn('"ticket_ids":[]', notice.message)
        self.assertIn(f'"message_ids":[{message.id}]', notice.message)
        self.assertNotIn("words", notice.message)

    def test_bookkeeping_tells_nobody(self):
        message = self.make_message(self.public_thread)
        self.told()[0].unlink()
        message.write({"reread_at": self.now})
        self.assertFalse(self.told())
        message.write({"waiting": True})
        self.assertEqual(len(self.told()), 1)

    def test_both_tickets_hear_when_a_message_moves(self):
        message = self.make_message(self.public_thread)
        self.told()[0].unlink()
        other = self.make_ticket()
        message.ticket_id = other
        (notice,) = self.told()
        self.assertIn(f"[{self.ticket.id},{other.id}]", notice.message)

    def test_both_tickets_hear_of_a_thread(self):
        self.make_message(self.public_thread)
        self.told()[0].unlink()
        other = self.make_ticket()
        self.public_thread.ticket_id = other
        (notice,) = self.told()
        self.assertIn(str(self.ticket.id), notice.message)
        self.assertIn(str(other.id), notice.message)

    def test_a_storm_is_not_named(self):
        live = self.env["helpdesk.social.live"]
        messages = self.env["helpdesk.social.message"].browse(range(1, 700))
        live._changed(messages, self.ticket)
        (notice,) = self.told()
        self.assertIn('"message_ids":false', notice.message)
