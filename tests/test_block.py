"""Blocking on the network too: asked for, done by the lane, refused, taken back."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..networks import base, errors
from .common import FakeAdapter
from .test_triage import InboxCase

BLOCK = "helpdesk.social.block"


class BlockCase(InboxCase):
    def setUp(self):
        super().setUp()
        able = FakeAdapter.capabilities | {base.BLOCK}
        self.startPatcher(patch.object(FakeAdapter, "capabilities", able))
        self.patch(FakeAdapter, "block_means", "They cannot write to us.")
        # what a screen knows of a network is remembered
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)

    def run_lane(self):
        self.env[BLOCK]._cron_block()
        self.env.invalidate_all()

    def told(self):
        """What the network was told: [(verb, person's id)]."""
        return [(verb, target.author.id) for verb, target in self.world.moderated]

    def rows(self, *states):
        found = self.env[BLOCK].search([], order="id")
        return found.filtered(lambda one: not states or one.state in states)

    def later(self, **delta):
        for row in self.rows("waiting"):
            row.next_try_at = fields.Datetime.now() - timedelta(seconds=1)


@tagged("post_install", "-at_install")
class TestBlockThere(BlockCase):
    def test_ours_alone_unless_the_network_is_asked_for(self):
        message = self.say("buy pills", author="bot42")
        self.act("block", message)
        self.assertTrue(message.identity_id.blocked_at)
        self.run_lane()
        self.assertFalse(self.rows())
        self.assertEqual(self.told(), [])

    def test_with_us_at_once_and_there_by_the_lane(self):
        message = self.say("buy pills", author="bot42")
        result = self.act("block_there", message)
        self.assertEqual((result["there"], result["not_there"]), (1, []))
        self.assertTrue(message.identity_id.blocked_at)
        self.assertEqual((message.waiting, message.handled_how), (False, "blocked"))
        row = self.rows()
        self.assertEqual((row.verb, row.state), ("block", "waiting"))
        self.assertEqual((row.user_id, row.account_id), (self.agent_all, self.account))
        self.assertEqual(self.told(), [])
        self.run_lane()
        self.assertEqual(self.told(), [("block", "bot42")])
        self.assertEqual(row.state, "done")
        self.assertTrue(row.done_at)
        self.assertEqual(row.outcome, "Blocked on Fake as well")
        self.run_lane()
        self.assertEqual(len(self.told()), 1)
        there = self.inbox().get_message(message.id)["author"]["there"]
        self.assertEqual(there["means"], "They cannot write to us.")
        self.assertEqual(
            [(one["state"], one["by"]) for one in there["done"]],
            [("done", self.agent_all.name)],
        )

    def test_taken_back_before_anybody_was_told(self):
        message = self.say("buy pills", author="bot42")
        result = self.act("block_there", message)
        self.take_back(result)
        self.assertFalse(message.identity_id.blocked_at)
        self.run_lane()
        self.assertEqual(self.told(), [])
        self.assertEqual(self.rows().state, "dropped")

    def test_taken_back_afterwards_lets_them_in_there_too(self):
        message = self.say("buy pills", author="bot42")
        result = self.act("block_there", message)
        self.run_lane()
        self.take_back(result)
        self.run_lane()
        self.assertEqual(self.told(), [("block", "bot42"), ("unblock", "bot42")])
        # history is kept: who, when, what
        self.assertEqual(self.rows().mapped("verb"), ["block", "unblock"])
        self.assertEqual(set(self.rows().mapped("state")), {"done"})

    def test_an_answer_may_be_lost_between_and_the_order_stays(self):
        """Taken back while the first try is in the dark: blocked, then let in."""
        message = self.say("buy pills", author="bot42")
        result = self.act("block_there", message)
        self.world.failures = [errors.TransientError("timeout")]
        self.run_lane()
        self.take_back(result)
        self.run_lane()
        self.assertEqual(self.told(), [])
        self.later()
        self.run_lane()
        self.assertEqual(self.told(), [("block", "bot42"), ("unblock", "bot42")])

    def test_unblocking_undoes_what_we_did_there_and_only_that(self):
        here = self.say("buy pills", author="bot1")
        there = self.say("buy pills", author="bot2")
        self.act("block", here)
        self.act("block_there", there)
        self.run_lane()
        result = self.act("unblock", here | there)
        self.run_lane()
        self.assertEqual(self.told(), [("block", "bot2"), ("unblock", "bot2")])
        self.take_back(result)
        self.assertTrue(here.identity_id.blocked_at)
        self.run_lane()
        self.assertEqual(self.told()[2:], [("block", "bot2")])

    def test_blocked_twice_and_let_in_by_hand_meanwhile(self):
        message = self.say("buy pills", author="bot42")
        self.act("block_there", message)
        self.act("block_there", message)  # on its way: not asked for twice
        self.assertEqual(len(self.rows()), 1)
        self.run_lane()
        # somebody let them in on the network by hand; we are told nothing of it
        self.act("block_there", message)
        self.run_lane()
        self.assertEqual(self.told(), [("block", "bot42")] * 2)
        self.act("unblock", message)
        self.act("unblock", message)
        self.run_lane()
        self.assertEqual(self.told()[2:], [("unblock", "bot42")])

    def test_many_at_once_and_as_each_account_that_they_wrote_to(self):
        messages = self.env["helpdesk.social.message"]
        for number in range(30):
            messages |= self.say(f"pills {number}", author=f"bot{number}")
        other = self.make_account(handle="us2", external_id="us2", state="active")
        thread = self.make_conversation(
            account=other, identity_id=messages[0].identity_id.id
        )
        messages |= self.make_message(
            thread, account_id=other.id, identity_id=messages[0].identity_id.id
        )
        result = self.act("block_there", messages)
        self.assertEqual(result["there"], 30)
        self.assertEqual(len(self.rows()), 31)
        self.run_lane()
        self.assertEqual(len(self.told()), 31)
        self.take_back(result)
        self.run_lane()
        self.assertEqual(len(self.told()), 62)

    def test_queries_do_not_grow_with_the_messages(self):
        def cost(number, name):
            messages = self.env["helpdesk.social.message"]
            for turn in range(number):
                author = f"{name}{turn}"
                self.world.post("pills", author=author)
            before = self.take_in()
            messages = before.filtered(
                lambda one: one.identity_id.handle.startswith(name)
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.inbox().act("block_there", messages.ids)
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        cost(2, "warm")
        few, many = cost(3, "few"), cost(40, "many")
        self.assertLessEqual(many, few + 12)


@tagged("post_install", "-at_install")
class TestBlockRefused(BlockCase):
    def blocked(self, *failures):
        message = self.say("buy pills", author="bot42")
        self.act("block_there", message)
        self.world.failures = list(failures)
        self.run_lane()
        return message

    def test_a_refusal_is_a_sentence_and_they_stay_blocked_with_us(self):
        message = self.blocked(errors.RejectedError("block_list_full", "139101"))
        row = self.rows()
        self.assertEqual(row.state, "failed")
        self.assertTrue(row.outcome.startswith("Not blocked on Fake: "))
        self.assertIn("list of blocked people is full", row.outcome)
        self.assertTrue(message.identity_id.blocked_at)
        self.run_lane()
        self.assertEqual(self.told(), [])
        row.with_user(self.agent_all).action_again()
        self.run_lane()
        self.assertEqual(self.told(), [("block", "bot42")])
        self.assertEqual(self.rows().mapped("state"), ["failed", "done"])
        # what failed is not let in again: nothing was shut
        self.act("unblock", message)
        self.run_lane()
        self.assertEqual(self.told()[1:], [("unblock", "bot42")])

    def test_what_was_refused_is_not_taken_back(self):
        message = self.blocked(errors.RejectedError("forbidden"))
        self.act("unblock", message)
        self.run_lane()
        self.assertEqual(self.told(), [])

    def test_a_network_that_does_not_answer_is_tried_again(self):
        self.blocked(errors.TransientError("timeout"), errors.TransientError("x"))
        row = self.rows()
        self.assertEqual((row.state, row.attempts), ("waiting", 1))
        self.run_lane()
        self.assertEqual(row.attempts, 1)  # not before its time
        self.later()
        self.run_lane()
        self.assertEqual((row.state, row.attempts), ("waiting", 2))
        self.later()
        self.run_lane()
        self.assertEqual((row.state, row.attempts), ("done", 3))
        self.assertFalse(row.error_code)

    def test_it_is_given_up_in_the_end(self):
        self.blocked()
        self.world.moderated.clear()
        message = self.say("more", author="bot43")
        self.act("block_there", message)
        row = self.rows("waiting")
        for _turn in range(20):
            self.world.failures = [errors.MalformedResponse()]
            self.run_lane()
            self.later()
        self.world.failures = []
        self.assertEqual((row.state, row.attempts), ("failed", 12))

    def test_a_lost_sign_in_waits_for_a_person(self):
        self.blocked(errors.AuthError("auth"))
        row = self.rows()
        self.assertEqual(self.account.state, "needs_auth")
        self.assertEqual(row.state, "waiting")
        self.later()
        self.run_lane()
        self.assertEqual(self.told(), [])
        self.account.state = "active"
        self.later()
        self.run_lane()
        self.assertEqual(row.state, "done")

    def test_a_missing_right_and_an_empty_purse_are_told_at_once(self):
        self.blocked(errors.ScopeError("scope"))
        self.assertEqual(self.rows().state, "failed")
        self.assertEqual(self.account.state, "active")

    def test_somebody_gone_is_neither_kept_out_nor_in(self):
        message = self.blocked(errors.NotFoundError("not_found"))
        self.assertEqual(self.rows().state, "failed")
        self.act("block_there", message)
        self.run_lane()
        self.world.failures = [errors.NotFoundError("not_found")]
        self.act("unblock", message)
        self.run_lane()
        self.assertEqual(self.rows()[-1].verb, "unblock")
        self.assertEqual(self.rows()[-1].state, "done")

    def test_one_of_many_breaks_and_the_others_are_done(self):
        messages = self.say("pills", author="bot1") | self.say("pills", author="bot2")
        self.act("block_there", messages)
        self.world.failures = [ZeroDivisionError("oops")]
        with self.assertLogs("odoo.addons.helpdesk_social", "ERROR"):
            self.run_lane()
        self.assertEqual(self.rows().mapped("state"), ["failed", "done"])

    def test_a_network_without_it_says_so_and_blocks_with_us(self):
        with patch.object(
            FakeAdapter, "capabilities", FakeAdapter.capabilities - {base.BLOCK}
        ):
            message = self.say("buy pills", author="bot42")
            result = self.act("block_there", message)
            self.assertEqual(result["there"], 0)
            self.assertEqual(len(result["not_there"]), 1)
            self.assertTrue(message.identity_id.blocked_at)
            with self.assertRaises(UserError):
                message.identity_id.with_user(self.agent_all).action_block_there()
        self.assertFalse(self.rows())

    def test_a_stopped_account_is_told_nothing(self):
        message = self.say("buy pills", author="bot42")
        self.account.state = "paused"
        result = self.act("block_there", message)
        self.assertTrue(result["not_there"])
        self.account.state = "active"
        self.act("block_there", message)
        self.account.state = "paused"
        self.run_lane()
        self.assertEqual(self.told(), [])
        self.assertEqual(self.rows().state, "waiting")


@tagged("post_install", "-at_install")
class TestBlockAccess(BlockCase):
    def test_who_may_not_speak_blocks_with_us_only(self):
        message = self.say("buy pills", author="bot42")
        self.account.speaker_user_ids = self.manager
        result = self.act("block_there", message)
        self.assertEqual(result["there"], 0)
        self.assertTrue(message.identity_id.blocked_at)
        self.assertFalse(self.rows())
        result = self.act("block_there", message, self.manager)
        self.assertEqual(result["there"], 1)
        # the right may go before it is done
        self.account.speaker_user_ids = self.agent_all
        self.run_lane()
        self.assertEqual((self.told(), self.rows().state), ([], "failed"))

    def test_letting_in_again_takes_no_right_to_speak(self):
        message = self.say("buy pills", author="bot42")
        self.act("block_there", message)
        self.run_lane()
        self.account.speaker_user_ids = self.manager
        self.act("unblock", message)
        self.run_lane()
        self.assertEqual(self.told()[1:], [("unblock", "bot42")])

    def test_outsiders_and_other_companies(self):
        message = self.say("buy pills", author="bot42")
        self.act("block_there", message)
        row = self.rows()
        person = message.identity_id
        for user in (self.internal, self.sales, self.portal_customer, self.public):
            with self.assertRaises(AccessError):
                row.with_user(user).read(["state"])
            with self.assertRaises(AccessError):
                row.with_user(user).action_again()
            with self.assertRaises(AccessError):
                person.with_user(user).action_block_there()
        other = row.with_user(self.other_company_agent)
        self.assertFalse(other.search([]))
        with self.assertRaises(AccessError):
            other.action_again()
        for user in (self.agent_own, self.manager):
            mine = row.with_user(user)
            self.assertEqual(mine.state, "waiting")
            for forge in (
                lambda mine=mine: mine.write({"state": "done"}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.create(
                    {
                        "identity_id": person.id,
                        "account_id": self.account.id,
                        "verb": "block",
                        "user_id": self.agent_all.id,
                    }
                ),
            ):
                with self.assertRaises(AccessError):
                    forge()

    def test_a_shared_name_is_never_blocked_there(self):
        crowd = self.make_identity("crowd", shared=True)
        with self.assertRaises(UserError):
            crowd.with_user(self.agent_all).action_block_there()
        self.assertFalse(self.rows())

    def test_the_form_blocks_as_every_account_they_wrote_to(self):
        person = self.say("pills", author="bot42").identity_id
        person.with_user(self.agent_all).action_block_there()
        self.run_lane()
        person.with_user(self.agent_all).action_unblock()
        self.run_lane()
        self.assertEqual(self.told(), [("block", "bot42"), ("unblock", "bot42")])

    def test_forgetting_a_person_forgets_this_too(self):
        person = self.say("pills", author="bot42").identity_id
        person.with_user(self.agent_all).action_block_there()
        person.sudo().message_ids.unlink()
        person.sudo().unlink()
        self.assertFalse(self.rows())
        self.run_lane()
        self.assertEqual(self.told(), [])
