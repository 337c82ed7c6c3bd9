"""The token invites, it never proves: what may and what may not happen with one."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..networks import items
from .handoff_common import HandoffCase


@tagged("post_install", "-at_install")
class TestHandoffToken(HandoffCase):
    def private(self, token, author="ann", text="Here is my address", **values):
        said = self.world.post(text, items.PRIVATE, author, payload=token, **values)
        self.pull()
        return self.heard(said)

    # --- making -----------------------------------------------------------------
    def test_a_token_is_long_random_and_stored_as_a_hash(self):
        message = self.complaint()
        found = {self.invite(message)[1] for _one in range(50)}
        self.assertEqual(len(found), 50)
        handoff, token = self.invite(message)
        # base64: six bits a character
        self.assertGreaterEqual(len(token) * 6, 128)
        self.assertRegex(token, r"^[A-Za-z0-9_-]{32}$")
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT h::text FROM helpdesk_social_handoff h WHERE id = %s", [handoff.id]
        )
        self.assertNotIn(token, self.env.cr.fetchone()[0])

    def test_it_lasts_a_week_unless_the_account_says_otherwise(self):
        message = self.complaint()
        now = fields.Datetime.now()
        ends = self.invite(message)[0].expires_at
        self.assertAlmostEqual(
            ends, now + timedelta(days=7), delta=timedelta(minutes=1)
        )
        self.account.handoff_days = 2
        ends = self.invite(message)[0].expires_at
        self.assertAlmostEqual(
            ends, now + timedelta(days=2), delta=timedelta(minutes=1)
        )
        for days in (0, -1, 91):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.account.handoff_days = days

    # --- the invited identity ---------------------------------------------------
    def test_the_invited_identity_joins_the_ticket_by_itself(self):
        message = self.complaint()
        handoff, token = self.invite(message)
        # another, newer open ticket of the same person: the token decides
        newer = self.complaint("ann", "@us And my chair too")
        self.assertNotEqual(newer.ticket_id, message.ticket_id)
        private = self.private(token)
        self.assertEqual(private.ticket_id, message.ticket_id)
        self.assertEqual(private.audience, "private")
        self.assertEqual(private.why, "invited")
        self.assertTrue(private.waiting)
        self.assertEqual(handoff.state, "joined")
        self.assertEqual(handoff.used_by_id, message.identity_id)
        self.assertEqual(handoff.conversation_id, private.conversation_id)
        self.assertFalse(message.ticket_id.social_same_asked)
        # what comes later in the same thread needs no token
        self.assertEqual(self.private("").ticket_id, message.ticket_id)

    def test_opening_the_chat_without_a_word_is_enough(self):
        message = self.complaint()
        _handoff, token = self.invite(message)
        private = self.private(token, text="/start", kind=items.START)
        self.assertEqual(private.ticket_id, message.ticket_id)
        self.assertTrue(private.waiting, "somebody should write now")

    def test_a_closed_ticket_is_opened_again(self):
        message = self.complaint()
        _handoff, token = self.invite(message)
        message.ticket_id.stage_id = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_done"
        )
        private = self.private(token)
        self.assertEqual(private.ticket_id, message.ticket_id)
        self.assertFalse(message.ticket_id.stage_id.closed)
        self.assertEqual(private.why, "reopen")

    def test_a_merged_ticket_leads_to_where_it_went(self):
        message = self.complaint()
        _handoff, token = self.invite(message)
        target = self.make_ticket()
        message.ticket_id.duplicate_id = target
        self.assertEqual(self.private(token).ticket_id, target)

    def test_a_thread_that_is_busy_elsewhere_is_not_taken_away(self):
        """The private chat belongs to another open ticket: a person decides."""
        other = self.private("", text="My invoice is wrong")
        message = self.complaint()
        second = self.make_ticket()
        handoff, token = self.handoffs._mint(second, message, self.account, items.LINK)
        private = self.private(token)
        self.assertEqual(private.ticket_id, other.ticket_id)
        self.assertEqual(handoff.state, "suggested")

    # --- somebody else ----------------------------------------------------------
    def test_somebody_else_gets_an_own_ticket_and_a_question_is_asked(self):
        message = self.complaint()
        handoff, token = self.invite(message)
        private = self.private(token, "mallory", "Give me the parcel")
        own = private.ticket_id
        self.assertTrue(own)
        self.assertNotEqual(own, message.ticket_id)
        self.assertEqual(handoff.state, "suggested")
        self.assertTrue(own.social_same_asked)
        self.assertTrue(message.ticket_id.social_same_asked)
        for ticket, other in ((own, message.ticket_id), (message.ticket_id, own)):
            page = ticket.with_user(self.agent_all).social_composer()
            [asked] = page["desk"]["same"]
            self.assertEqual(asked["came"], "@mallory")
            self.assertEqual(asked["invited"], "@ann")
            self.assertEqual([one["id"] for one in asked["ticket"]], [other.id])

    def test_a_stranger_without_a_word_gets_an_own_ticket_too(self):
        message = self.complaint()
        _handoff, token = self.invite(message)
        private = self.private(token, "mallory", "/start", kind=items.START)
        self.assertTrue(private.ticket_id)
        self.assertNotEqual(private.ticket_id, message.ticket_id)

    def test_one_click_joins_the_two(self):
        message = self.complaint()
        handoff, token = self.invite(message)
        private = self.private(token, "ann_elsewhere")
        own, ticket = private.ticket_id, message.ticket_id.with_user(self.agent_all)
        ticket.social_same_person(handoff.id)
        self.assertEqual(private.ticket_id, message.ticket_id)
        self.assertEqual(private.conversation_id.ticket_id, message.ticket_id)
        self.assertEqual(own.duplicate_id, message.ticket_id)
        self.assertFalse(message.ticket_id.social_same_asked or own.social_same_asked)
        self.assertNotIn("same", ticket.social_composer()["desk"])
        # the next one goes there by itself
        self.assertEqual(self.private("", "ann_elsewhere").ticket_id, message.ticket_id)
        with self.assertRaises(UserError):
            ticket.social_same_person(handoff.id)

    def test_one_click_leaves_them_apart(self):
        message = self.complaint()
        handoff, token = self.invite(message)
        private = self.private(token, "mallory")
        own = private.ticket_id
        own.with_user(self.agent_all).social_other_person(handoff.id)
        self.assertEqual(private.ticket_id, own)
        self.assertEqual(handoff.state, "dismissed")
        self.assertFalse(message.ticket_id.social_same_asked or own.social_same_asked)

    def test_only_those_decide_who_may_change_both(self):
        message = self.complaint()
        message.ticket_id.team_id = self.other_team
        handoff, token = self.invite(message)
        private = self.private(token, "mallory")
        private.ticket_id.user_id = self.agent_team
        seen = private.ticket_id.with_user(self.agent_team)
        # the other ticket is none of theirs: nothing is told of it
        self.assertEqual(seen.social_composer()["desk"].get("same"), [])
        for method in ("social_same_person", "social_other_person"):
            with self.assertRaises(AccessError):
                getattr(seen, method)(handoff.id)
        self.assertEqual(handoff.state, "suggested")
        for user in (self.internal, self.portal_customer, self.other_company_agent):
            with self.assertRaises(UserError):
                private.ticket_id.with_user(user).social_same_person(handoff.id)

    # --- worth nothing ----------------------------------------------------------
    def assertWorthless(self, message, handoff, token, **values):
        """It is as if there had been no token at all."""
        state = handoff.state
        private = self.private(token, "mallory", **values)
        self.assertNotEqual(private.ticket_id, message.ticket_id)
        self.assertFalse(message.ticket_id.social_same_asked)
        self.assertEqual(handoff.state, state)

    def test_a_token_works_once(self):
        message = self.complaint()
        handoff, token = self.invite(message)
        self.assertEqual(self.private(token).ticket_id, message.ticket_id)
        self.assertWorthless(message, handoff, token)

    def test_a_token_works_once_within_one_batch(self):
        message = self.complaint()
        _handoff, token = self.invite(message)
        first = self.world.post("One", items.PRIVATE, "eve", payload=token)
        second = self.world.post("Two", items.PRIVATE, "mallory", payload=token)
        self.pull()
        tickets = self.heard(first).ticket_id, self.heard(second).ticket_id
        self.assertTrue(tickets[0].social_same_asked)
        self.assertFalse(tickets[1].social_same_asked)

    def test_a_token_ends(self):
        message = self.complaint()
        handoff, token = self.invite(message)
        handoff.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.assertWorthless(message, handoff, token)

    def test_a_forged_token_is_nothing(self):
        message = self.complaint()
        handoff, token = self.invite(message)
        for forged in (
            "x" * 32,
            token[:-1],
            token + "x",
            token.swapcase(),
            handoff.token_hash,
            "' OR 1=1 --",
            "\x00\ud800",
            "灯" * 500,
        ):
            self.assertWorthless(message, handoff, forged)
        self.assertEqual(self.private(token).ticket_id, message.ticket_id)

    def test_a_token_of_another_account_or_company_is_nothing(self):
        message = self.complaint()
        elsewhere = self.make_account(handle="them", external_id="them")
        handoff, token = self.invite(message, elsewhere)
        with self.assertLogs("odoo.addons.helpdesk_social", "WARNING") as logs:
            self.assertWorthless(message, handoff, token)
        self.assertIn("another account", logs.output[0])
        self.assertNotIn(token, "".join(logs.output))
        handoff, token = self.invite(message, company_id=self.other_company.id)
        self.assertWorthless(message, handoff, token)

    def test_a_page_s_address_is_no_token(self):
        message = self.complaint()
        handoff, token = self.invite(message, way=items.PAGE)
        self.assertWorthless(message, handoff, token)

    def test_a_token_in_public_does_nothing(self):
        message = self.complaint()
        handoff, token = self.invite(message)
        said = self.world.post("@us look", author="mallory", payload=token)
        self.pull()
        self.assertNotEqual(self.heard(said).ticket_id, message.ticket_id)
        self.assertEqual(handoff.state, "open")

    def test_the_same_name_is_not_the_same_identity(self):
        """Scope and id decide; of the name everybody can have the like."""
        message = self.complaint()
        handoff, token = self.invite(message)
        impostor = items.Author(id="ann-2", handle="ann", name="Ann")
        self.assertNotEqual(self._from(impostor, token).ticket_id, message.ticket_id)
        self.assertEqual(handoff.state, "suggested")
        handoff, token = self.invite(message)
        scoped = items.Author(id="ann", handle="ann", name="Ann", scope="another")
        self.assertNotEqual(self._from(scoped, token).ticket_id, message.ticket_id)

    def test_a_name_that_many_share_is_never_the_invited_person(self):
        message = self.complaint()
        handoff, token = self.invite(message)
        message.identity_id.shared = True
        shared = items.Author(id="ann", handle="ann", name="Ann", shared=True)
        self.assertNotEqual(self._from(shared, token).ticket_id, message.ticket_id)

    def _from(self, author, token):
        said = self.world.post(
            "Hello",
            items.PRIVATE,
            payload=token,
            thread=f"t-{author.id}-{author.scope}",
        )
        raw = self.world.inbox.pop()
        raw.data["author"] = {**raw.data["author"], **vars(author)}
        self.world.inbox.append(raw)
        self.pull()
        return self.heard(said)

    # --- what it costs ----------------------------------------------------------
    def test_messages_without_a_token_cost_no_query(self):
        self.complaint()
        with patch.object(type(self.handoffs), "search") as looked:
            self.private("", "bob", "Nothing to see here")
        looked.assert_not_called()

    def test_old_invitations_are_forgotten(self):
        message = self.complaint()
        handoff, _token = self.invite(message)
        kept, _token = self.invite(message)
        handoff.expires_at = fields.Datetime.now() - timedelta(days=91)
        self.handoffs._gc_handoffs()
        self.assertFalse(handoff.exists())
        self.assertTrue(kept.exists())
