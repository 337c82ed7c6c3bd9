"""A second pair of eyes, time to undo, and who may see what never left."""

from datetime import datetime, timedelta, timezone
from unittest.mock import Mock, patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..networks import items
from .common import USER_ALL
from .test_spine_outbox import OutboxCase

TRAINEES = "helpdesk_social.group_trainee"


@tagged("post_install", "-at_install")
class TestApproval(OutboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trainee = new_test_user(
            cls.env, "trainee", f"base.group_user,{USER_ALL},{TRAINEES}"
        )
        cls.rules = cls.env["helpdesk.social.approval.rule"]

    def asked(self, text="We look into it", user=None, **kwargs):
        """What a trainee wants to say in public."""
        ticket = self.ticket.with_user(user or self.trainee)
        kwargs = {"audience": "public", "to": self.message, **kwargs}
        return ticket.social_reply(text, kwargs.pop("audience"), **kwargs).sudo()

    def approve(self, row, user=None, **kwargs):
        return row.approval_id.with_user(user or self.manager).action_approve(**kwargs)

    # --- by rule ------------------------------------------------------------------
    def test_what_a_trainee_says_to_the_public_waits(self):
        row = self.asked()
        self.assertEqual((row.delivery_state, row.held_for), ("held", ["approval"]))
        self.assertEqual(row.approval_id.state, "waiting")
        self.assertEqual(row.approval_id.author_id, self.trainee)
        self.deliver()
        self.assertFalse(self.world.published)

    def test_in_private_it_does_not_unless_the_rule_says_so(self):
        self.assertEqual(self.asked(audience="private").delivery_state, "queued")
        rule = self.env.ref("helpdesk_social.approval_rule_trainee")
        rule.private_too = True
        self.assertEqual(self.asked(audience="private").delivery_state, "held")

    def test_others_need_none(self):
        row = self.asked(user=self.agent_all)
        self.assertEqual(row.delivery_state, "queued")
        self.assertFalse(row.approval_id)

    def test_a_list_of_words(self):
        self.rules.create({"name": "Money", "words": "refund\nour   Lawyer\n\n50 %"})
        held = {
            "We refund it.": True,
            "REFUND!": True,
            "Refunds are slow": False,  # another word
            "ask OUR\nlawyer": True,
            "that is 50 % off": True,
            "We look into it": False,
            "Ｒｅｆｕｎｄ": False,  # other letters are other words
        }
        found = {
            text: self.asked(text, user=self.agent_all).delivery_state == "held"
            for text in held
        }
        self.assertEqual(found, held)

    def test_a_word_in_a_picture_s_description_counts(self):
        self.rules.create({"name": "Money", "words": "refund"})
        picture = (
            self.env["ir.attachment"]
            .with_user(self.agent_all)
            .create(
                {
                    "name": "a.png",
                    "raw": b"\x89PNG\r\n\x1a\n0000",
                    "mimetype": "image/png",
                    "description": "a refund form",
                    "res_model": "helpdesk.social.message",
                    "res_id": 0,
                }
            )
        )
        row = self.asked(user=self.agent_all, attachments=picture)
        self.assertEqual(row.delivery_state, "held")

    def test_an_important_person(self):
        tag = self.env["res.partner.category"].create({"name": "VIP"})
        self.rules.create({"name": "Important", "partner_category_ids": tag.ids})
        self.rules.create({"name": "Known", "min_followers": 10_000})
        person = self.message.identity_id
        self.assertEqual(self.asked(user=self.agent_all).delivery_state, "queued")
        person.partner_id = self.partner
        self.partner.category_id = tag
        self.assertEqual(self.asked(user=self.agent_all).held_for, ["approval"])
        person.partner_id = False
        person.followers = 10_000
        row = self.asked(user=self.agent_all)
        self.assertEqual(row.approval_id.why, "Known")

    def test_rules_of_other_accounts_and_companies_say_nothing(self):
        other = self.make_account()
        self.rules.create({"name": "Other", "words": "we", "account_ids": other.ids})
        self.rules.create(
            {"name": "Foreign", "words": "we", "company_id": self.other_company.id}
        )
        self.assertEqual(self.asked(user=self.agent_all).delivery_state, "queued")

    def test_too_many_words(self):
        with self.assertRaisesRegex(ValidationError, "500"):
            self.rules.create({"name": "All", "words": "\n".join(map(str, range(501)))})

    def test_shown_while_writing(self):
        told = self.ticket.with_user(self.trainee).social_measure(
            "Hello", f"public:{self.account.id}:{self.message.id}"
        )
        self.assertIn("Written by a trainee", told["concerns"][0]["message"])

    # --- deciding -----------------------------------------------------------------
    def test_approved_it_leaves_and_is_on_record(self):
        row = self.asked()
        self.approve(row, comment="Well said")
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        approval = row.approval_id
        self.assertEqual(
            (approval.state, approval.author_id, approval.decided_by_id),
            ("approved", self.trainee, self.manager),
        )
        self.assertTrue(approval.decided_at)
        self.assertIn("Well said", approval.comment_text)
        with self.assertRaises(AccessError):
            approval.with_user(self.manager).unlink()

    def test_nobody_approves_words_of_their_own(self):
        self.rules.create({"name": "Money", "words": "refund"})
        row = self.asked("We refund it", user=self.manager)
        self.assertEqual(row.delivery_state, "held")
        with self.assertRaises(AccessError):
            self.approve(row)
        self.assertFalse(row.approval_id.with_user(self.manager).may_decide)
        self.assertEqual(row.delivery_state, "held")

    def test_approvers_that_a_rule_names(self):
        colleague = new_test_user(self.env, "colleague", f"base.group_user,{USER_ALL}")
        self.rules.create(
            {
                "name": "Money",
                "words": "refund",
                "approver_user_ids": [self.agent_all.id],
            }
        )
        row = self.asked("We refund it", user=colleague)
        self.assertTrue(row.approval_id.with_user(self.agent_all).may_decide)
        with self.assertRaises(AccessError):
            self.approve(row, self.trainee)
        self.approve(row, self.agent_all)
        self.assertEqual(row.delivery_state, "queued")

    def test_an_approver_may_be_exempt(self):
        rule = self.rules.create(
            {
                "name": "Money",
                "words": "refund",
                "approver_user_ids": [self.agent_all.id],
            }
        )
        row = self.asked("We refund it", user=self.agent_all)
        self.assertEqual(row.delivery_state, "held")
        rule.exempt_approvers = True
        row = self.asked("We refund it", user=self.agent_all)
        self.assertEqual(row.delivery_state, "queued")

    def test_who_may_not_speak_as_the_account_does_not_approve(self):
        row = self.asked()
        self.account.speaker_user_ids = self.trainee
        with self.assertRaises(AccessError):
            self.approve(row)

    def test_decided_once(self):
        row = self.asked()
        self.approve(row)
        with self.assertRaisesRegex(UserError, "already"):
            row.approval_id.with_user(self.admin).action_return("no")
        self.assertEqual(row.delivery_state, "queued")

    def test_sent_back_with_a_reason(self):
        row = self.asked()
        approval = row.approval_id.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "different"):
            approval.action_return(" ")
        approval.action_return("Say sorry first")
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "returned"))
        self.assertIn("Say sorry first", row.error_text)
        activity = self.ticket.activity_ids.filtered(
            lambda one: one.user_id == self.trainee
        )
        self.assertEqual(activity.summary, "Your reply was sent back")

    def test_sending_again_asks_again(self):
        """The way around an approver is none."""
        row = self.asked()
        row.approval_id.with_user(self.manager).action_return("Say sorry first")
        row.with_user(self.trainee).action_retry()
        self.deliver()
        self.assertEqual((row.delivery_state, row.held_for), ("held", ["approval"]))
        self.assertEqual(row.approval_id.state, "waiting")
        self.assertEqual(
            self.env["helpdesk.social.approval"]
            .search([("message_id", "=", row.id)])
            .mapped("state"),
            ["waiting", "returned"],
        )
        self.assertFalse(self.world.published)

    def test_letting_go_by_itself_is_no_approval(self):
        row = self.asked()
        row.with_user(self.trainee).action_send_now()
        self.assertEqual(row.delivery_state, "held")
        row._release()  # whatever way it came into the queue
        self.deliver()
        self.assertEqual((row.delivery_state, row.held_for), ("held", ["approval"]))
        self.assertFalse(self.world.published)

    def test_other_words_than_those_approved_do_not_leave(self):
        row = self.asked()
        self.approve(row)
        row.text = "Something else"
        self.deliver()
        self.assertEqual((row.delivery_state, row.held_for), ("held", ["approval"]))
        self.assertFalse(self.world.published)

    def test_withdrawn_by_its_author(self):
        row = self.asked()
        row.with_user(self.trainee).action_cancel()
        self.assertEqual(row.approval_id.state, "withdrawn")
        with self.assertRaises(UserError):
            self.approve(row)
        self.assertFalse(self.ticket.activity_ids)

    def test_all_parts_at_once(self):
        row = self.asked("word " * 200)
        rows = row._whole_reply()
        self.assertGreater(len(rows), 1)
        self.assertEqual(rows.approval_id, row.approval_id)
        self.assertIn("word", row.approval_id.text)
        self.approve(row)
        self.deliver()
        self.assertEqual(set(rows.mapped("delivery_state")), {"sent"})

    def test_it_goes_where_its_reply_goes(self):
        row = self.asked()
        other = self.make_ticket(team_id=self.other_team.id)
        row.ticket_id = other
        self.assertEqual(row.approval_id.ticket_id, other)

    def test_a_rule_that_changes_counts_at_once(self):
        rule = self.rules.create({"name": "Money", "words": "refund"})
        self.assertEqual(
            self.asked("refund", user=self.agent_all).held_for, ["approval"]
        )
        rule.words = "lawyer"
        row = self.asked("refund", user=self.agent_all)
        self.assertEqual(row.delivery_state, "queued")
        rule.unlink()

    def test_forgotten_words_are_not_repeated_in_comments(self):
        row = self.asked()
        approval = row.approval_id
        self.approve(row, comment="She says 'broken'")
        self.message._forget_copies(["broken"])
        self.assertFalse(approval.comments)
        self.assertEqual(approval.decided_by_id, self.manager)

    # --- everything is checked again ------------------------------------------------
    def test_something_new_came_in(self):
        row = self.asked()
        row.queued_at = fields.Datetime.now() - timedelta(minutes=5)
        self.message.received_at = row.queued_at - timedelta(minutes=1)
        self.received("Too late, I am gone", author="ann", parent=self.message.key)
        with self.assertRaisesRegex(UserError, "a new message"):
            self.approve(row)
        self.assertEqual(row.delivery_state, "held")
        self.approve(row, anyway=True)
        self.assertEqual(row.delivery_state, "queued")

    def test_an_edit_that_the_network_told_late(self):
        """Found by reading again: older than the answer, and seen by nobody here."""
        post = self.world.post("Blue ones?", author="ann")
        self.account.action_pull()
        message = self.env["helpdesk.social.message"].search([("key", "=", post.key)])
        self.message, self.ticket = message, message.ticket_id
        row = self.asked("Yes!")
        now = datetime.now(timezone.utc)
        row.queued_at = fields.Datetime.now() - timedelta(minutes=5)
        message.received_at = row.queued_at - timedelta(minutes=9)
        self.world.edit(post, "Red ones?", edited_at=now - timedelta(minutes=7))
        self.account.action_pull()
        self.assertLess(message.edited_at, row.queued_at)
        with self.assertRaisesRegex(UserError, "edited"):
            self.approve(row)
        self.approve(row, anyway=True)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertTrue(message.waiting, "answered was what it said before")

    def test_what_is_answered_was_deleted(self):
        row = self.asked()
        self.message.deleted_at = fields.Datetime.now()
        with self.assertRaises(UserError):
            self.approve(row)
        self.assertEqual(row.approval_id.state, "waiting")

    def test_the_author_may_not_speak_any_more(self):
        row = self.asked()
        self.account.speaker_user_ids = self.manager
        with self.assertRaisesRegex(UserError, "may not speak"):
            self.approve(row)

    # --- who is asked, and who sees it ------------------------------------------------
    def test_somebody_is_asked(self):
        self.ticket.team_id = self.team
        self.team.user_id = self.agent_all
        row = self.asked()
        self.assertEqual(self.ticket.activity_ids.user_id, self.agent_all)
        self.approve(row, self.agent_all)
        self.assertFalse(self.ticket.activity_ids)

    def test_comments_of_author_and_approvers_only(self):
        approval = self.asked().approval_id
        approval.with_user(self.trainee).action_comment("Is this all right?")
        approval.with_user(self.manager).action_comment("Shorter, please")
        with self.assertRaises(AccessError):
            approval.with_user(self.agent_team).action_comment("Hm")
        self.assertEqual(
            [one["text"] for one in approval.comments],
            ["Is this all right?", "Shorter, please"],
        )

    def test_what_never_left_is_read_by_those_who_work_on_the_ticket(self):
        row = self.asked("zqsecretq")
        for state in ("held", "queued", "failed", "cancelled"):
            row.delivery_state = state
            for user in (self.internal, self.sales, self.follower):
                messages = self.env["helpdesk.social.message"].with_user(user)
                with self.subTest(state=state, user=user.login):
                    self.assertFalse(messages.search([("text", "ilike", "zqsecretq")]))
                    with self.assertRaises(AccessError):
                        messages.browse(row.id).read(["text"])
            self.assertTrue(row.with_user(self.agent_all).text)
        row.delivery_state = "sent"
        self.assertTrue(row.with_user(self.sales).text)

    def test_the_page_tells_who_may_decide(self):
        row = self.asked()
        for user, may in ((self.manager, True), (self.trainee, False)):
            page = self.ticket.with_user(user).social_timeline()
            told = next(one for one in page["messages"] if one["id"] == row.id)
            self.assertEqual(told["approval"]["may_decide"], may)
            self.assertEqual(told["approval"]["why"], "Written by a trainee")
            self.assertIn("waits for approval", told["notes"][0]["text"])


@tagged("post_install", "-at_install")
class TestUndo(OutboxCase):
    def send(self, text="Hello", audience="public", user=None, **kwargs):
        ticket = self.ticket.with_user(user or self.agent_all)
        option = f"{audience}:{self.account.id}:{self.message.id}"
        answer = ticket.social_send(option, text, **kwargs)
        self.assertTrue(answer["ok"], answer)
        messages = self.env["helpdesk.social.message"]
        return answer, messages.browse(answer["message_ids"])

    def test_a_moment_to_think_again(self):
        answer, row = self.send()
        self.assertEqual((row.delivery_state, row.held_for), ("held", ["undo"]))
        self.assertTrue(5 <= answer["undo"] <= 6)
        self.deliver()
        self.assertFalse(self.world.published)
        row.with_user(self.agent_all).action_cancel()
        self.deliver()
        self.assertEqual(row.delivery_state, "cancelled")
        self.assertFalse(self.world.published)

    def test_the_screen_lets_it_go_or_the_clock_does(self):
        for by_screen in (True, False):
            with self.subTest(by_screen=by_screen):
                self.world.published.clear()
                _answer, row = self.send(key=f"undo{by_screen}")
                if by_screen:
                    row.with_user(self.agent_all).action_send_now()
                else:
                    row.held_until = fields.Datetime.now()
                self.deliver()
                self.assertEqual(row.delivery_state, "sent")
                self.assertEqual(len(self.world.published), 1)

    def test_letting_go_twice_sends_once(self):
        _answer, row = self.send()
        mine = row.with_user(self.agent_all)
        mine.action_send_now()
        mine.action_send_now()
        self.deliver()
        mine.action_send_now()
        self.deliver()
        self.assertEqual(len(self.world.published), 1)

    def test_only_its_author_lets_it_go(self):
        _answer, row = self.send()
        with self.assertRaises(UserError):
            row.with_user(self.manager).action_send_now()
        self.assertEqual(row.delivery_state, "held")

    def test_an_account_may_have_none(self):
        self.account.undo_seconds = 0
        answer, row = self.send()
        self.assertEqual((row.delivery_state, answer["undo"]), ("queued", 0))
        for seconds in (-1, 61):
            with self.assertRaises(ValidationError):
                self.account.undo_seconds = seconds

    def test_code_that_replies_does_not_wait(self):
        self.assertEqual(self.reply().delivery_state, "queued")

    def test_an_approval_is_no_shorter_for_it(self):
        self.env["helpdesk.social.approval.rule"].create(
            {"name": "All", "min_followers": 0}
        )
        answer, row = self.send()
        self.assertEqual((row.delivery_state, row.held_until), ("held", False))
        self.assertEqual((answer["undo"], answer["approval"]), (0, True))
        row.with_user(self.agent_all).action_send_now()
        self.deliver()
        self.assertEqual(row.delivery_state, "held")


@tagged("post_install", "-at_install")
class TestStale(OutboxCase):
    def send(self, seen, user=None):
        option = f"public:{self.account.id}:{self.message.id}"
        ticket = self.ticket.with_user(user or self.agent_all)
        return ticket.social_send(option, "Hello", seen=seen)

    def follow_up(self, text="And another thing"):
        return self.received(text, author="ann", parent=self.message.key)

    def test_seen_and_nothing_new(self):
        self.assertTrue(self.send({"id": self.message.id, "revisions": 0})["ok"])

    def test_who_does_not_say_what_was_shown_saw_the_one_answered(self):
        self.assertTrue(self.send(None)["ok"], "nothing came after it")
        later = self.follow_up()
        for seen in (None, {}, 0, False, "", [], {"id": 0}, {"id": "x"}, {"id": None}):
            with self.subTest(seen):
                answer = self.send(seen)
                self.assertFalse(answer["ok"])
                self.assertEqual(answer["stale"], later.ids)
        nonsense = {"id": later.id, "revisions": "many"}
        self.assertTrue(self.send(nonsense)["ok"])
        # a program speaks for itself: it is not compared
        row = self.reply("Hello", to=self.message)
        self.assertEqual(row.delivery_state, "queued")

    def test_new_messages(self):
        self.follow_up()
        later = self.follow_up("Hello?")
        answer = self.send({"id": self.message.id})
        self.assertFalse(answer["ok"])
        self.assertIn("2 new messages", answer["error"])
        self.assertIn(later.id, answer["stale"])
        self.assertTrue(self.send({"id": later.id})["ok"])

    def test_a_colleague_was_quicker(self):
        seen = {"id": self.message.id}
        reply = self.reply()
        answer = self.send(seen, user=self.manager)
        self.assertRegex(answer["error"], r"Agent All answered \d+ s ago")
        self.assertEqual(answer["stale"], reply.ids)

    def test_own_words_and_those_that_go_nowhere_do_not_count(self):
        seen = {"id": self.message.id}
        reply = self.reply()
        self.assertTrue(self.send(seen)["ok"])
        reply.delivery_state = "cancelled"
        self.ticket.social_message_ids.filtered(
            lambda one: one.user_id == self.agent_all
        ).write({"delivery_state": "cancelled"})
        self.assertTrue(self.send(seen, user=self.manager)["ok"])

    def test_answered_in_the_app(self):
        seen = {"id": self.message.id}
        self.received("Fixed", author="us", parent=self.message.key)
        self.assertIn("in the network's app", self.send(seen)["error"])

    def test_what_is_answered_was_edited(self):
        post = self.world.post("I want my money", author="ann")
        self.account.action_pull()
        message = self.env["helpdesk.social.message"].search([("key", "=", post.key)])
        self.message, self.ticket = message, message.ticket_id
        seen = {"id": message.id, "revisions": 0}
        self.world.edit(post, "All is well")
        self.account.action_pull()
        self.assertIn("was edited", self.send(seen)["error"])
        self.assertTrue(self.send({**seen, "revisions": 1})["ok"])

    def test_the_same_person_in_another_thread_of_the_ticket(self):
        private = self.received("psst", audience=items.PRIVATE, author="ann")
        self.assertEqual(private.ticket_id, self.ticket)
        self.assertIn("a new message", self.send({"id": self.message.id})["error"])

    def test_somebody_else_on_the_ticket_is_another_matter(self):
        other = self.received("me too", author="bob")
        other.conversation_id.ticket_id = self.ticket
        other.ticket_id = self.ticket
        self.assertTrue(self.send({"id": self.message.id})["ok"])

    def test_nonsense_from_a_browser(self):
        for seen in ({}, {"id": False}, False, None, {"revisions": None}):
            with self.subTest(seen=seen):
                self.assertTrue(self.send(seen)["ok"])


@tagged("post_install", "-at_install")
class TestPresence(OutboxCase):
    def setUp(self):
        super().setUp()
        request = patch("odoo.addons.bus.models.ir_websocket.request", Mock())
        request.start()
        self.addCleanup(request.stop)

    def channels(self, user, *asked):
        found = self.env["ir.websocket"].with_user(user)._build_bus_channel_list
        return [one for one in found(list(asked)) if one[-1] == "social_presence"]

    def test_told_to_who_has_the_ticket_open(self):
        sent = []
        ticket = self.ticket.with_user(self.agent_all)
        self.patch(
            self.env.registry["bus.bus"],
            "_sendone",
            lambda _bus, *args: sent.append(args),
        )
        self.assertTrue(ticket.social_presence("writing", hello=True))
        [(channel, _notice, payload)] = sent
        self.assertEqual(channel, (ticket, "social_presence"))
        self.assertEqual(
            payload,
            {
                "ticket_id": ticket.id,
                "user_id": self.agent_all.id,
                "name": self.agent_all.name,
                "doing": "writing",
                "hello": True,
            },
        )
        self.assertFalse(ticket.social_presence("shouting"))

    def test_only_readers_of_the_ticket_hear_it(self):
        asked = f"helpdesk_social_ticket:{self.ticket.id}"
        heard = {
            user.login: bool(self.channels(user, asked))
            for user in (self.agent_all, self.manager, self.internal, self.follower)
        }
        self.assertEqual(list(heard.values()), [True, True, False, False])
        foreign = self.other_company_agent
        self.assertFalse(self.channels(foreign, asked))

    def test_the_name_alone_opens_no_channel(self):
        """Whatever a browser asks for, the channel is the server's."""
        found = self.env["ir.websocket"].with_user(self.internal)
        for asked in (
            f"helpdesk_social_ticket:{self.ticket.id}",
            "helpdesk_social_ticket:",
            "helpdesk_social_ticket:1;2",
            "helpdesk_social_ticket:٣",
            f"helpdesk_social_ticket:{'9' * 30}",
        ):
            with self.subTest(asked=asked):
                self.assertNotIn(asked, found._build_bus_channel_list([asked]))
        agent = self.env["ir.websocket"].with_user(self.agent_all)
        for asked in ("helpdesk_social_ticket:9999999", "helpdesk_social_ticket:x"):
            self.assertFalse(self.channels(self.agent_all, asked))
        many = [f"helpdesk_social_ticket:{self.ticket.id}"] * 50
        self.assertTrue(agent._build_bus_channel_list(many))
