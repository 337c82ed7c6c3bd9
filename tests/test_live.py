"""Who is told that something changed: ids only, and only to who may read what they are
of. What a browser then does with it is in the tests of the screens."""

import json
from unittest.mock import Mock, patch

from odoo.tests import tagged

from ..models import helpdesk_social_live as live
from ..models.helpdesk_social_live_channels import ASKED
from .common import SocialCase

PUBLIC, PRIVATE = live.NOTICES[True], live.NOTICES[False]


class LiveCase(SocialCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firm = cls.env["res.partner"].create({"name": "Firm", "is_company": True})
        cls.ann = cls.env["res.partner"].create(
            {"name": "Ann Secret", "parent_id": cls.firm.id}
        )
        cls.bob = cls.env["res.partner"].create({"name": "Bob Secret"})
        cls.identity = cls.make_identity("ann", partner_id=cls.ann.id)
        cls.ticket = cls.make_ticket()
        cls.public_thread = cls.make_conversation(
            "public", cls.ticket, identity_id=cls.identity.id
        )
        cls.private_thread = cls.make_conversation(
            "private", cls.ticket, identity_id=cls.identity.id
        )

    def setUp(self):
        super().setUp()
        self.commit()

    def commit(self):
        """What this transaction tells: [(channel, notice, payload)]."""
        self.env.flush_all()
        self.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([], order="id")
        told = [(json.loads(row.channel), json.loads(row.message)) for row in rows]
        rows.unlink()
        return [
            (channel[1:], message["type"], message["payload"])
            for channel, message in told
            if message["type"] in (live.NOTICE, PUBLIC, PRIVATE)
        ]

    def told(self, notice):
        """The one payload of this kind, or None; its channel is the company's."""
        found = [one for one in self.commit() if one[1] == notice]
        self.assertLessEqual(len(found), 1)
        if not found:
            return None
        [(channel, _notice, payload)] = found
        is_open = notice == PUBLIC
        self.assertEqual(
            channel, ["res.company", self.company.id, live.SUBCHANNELS[is_open]]
        )
        return payload


@tagged("post_install", "-at_install")
class TestLiveColleagues(LiveCase):
    # --- messages -----------------------------------------------------------------
    def test_a_public_message_names_the_contact_and_its_firm(self):
        message = self.make_message(self.public_thread, "words of ann")
        self.assertEqual(
            self.told(PUBLIC),
            {
                "message_ids": message.ids,
                "partner_ids": sorted((self.ann | self.firm).ids),
                "ticket_ids": self.ticket.ids,
            },
        )

    def test_no_word_and_no_name_goes_through(self):
        self.make_message(self.public_thread, "words of ann")
        self.make_message(self.private_thread, "words in private")
        self.ann.name = "Ann Other"
        for _channel, _notice, payload in self.commit():
            for ids in payload.values():
                self.assertTrue(all(isinstance(one, int) for one in ids))

    def test_of_what_is_private_the_public_channel_hears_nothing(self):
        for audience in ("private", "group"):
            thread = self.make_conversation(
                audience, self.ticket, identity_id=self.identity.id
            )
            message = self.make_message(thread, "between us")
            with self.subTest(audience=audience):
                told = {notice: one for _c, notice, one in self.commit()}
                self.assertNotIn(PUBLIC, told)
                self.assertEqual(told[PRIVATE]["message_ids"], message.ids)
                self.assertIn(self.ann.id, told[PRIVATE]["partner_ids"])

    def test_a_mixed_transaction_is_told_apart(self):
        loose = self.make_identity("bob", partner_id=self.bob.id)
        self.commit()
        private = self.make_message(
            self.make_conversation("private", self.make_ticket()), identity_id=loose.id
        )
        public = self.make_message(self.public_thread)
        told = {notice: one for _c, notice, one in self.commit()}
        self.assertEqual(told[PUBLIC]["message_ids"], public.ids)
        self.assertEqual(told[PUBLIC]["ticket_ids"], self.ticket.ids)
        self.assertNotIn(self.bob.id, told[PUBLIC]["partner_ids"])
        self.assertEqual(told[PRIVATE]["message_ids"], private.ids)
        self.assertEqual(told[PRIVATE]["partner_ids"], self.bob.ids)

    def reply(self, state, **values):
        return self.make_message(
            self.public_thread,
            direction="out",
            identity_id=False,
            delivery_state=state,
            **values,
        )

    def test_an_answer_is_told_once_it_is_out(self):
        for state in ("draft", "held", "queued", "sending", "failed", "cancelled"):
            self.reply(state)
            with self.subTest(state=state):
                told = {notice: one for _c, notice, one in self.commit()}
                self.assertNotIn(PUBLIC, told)
                self.assertIn(PRIVATE, told)
        reply = self.reply("sending")
        self.commit()
        reply.delivery_state = "sent"
        told = self.told(PUBLIC)
        self.assertEqual(told["message_ids"], reply.ids)
        # it has no author among the customers: it is in the history of who started
        self.assertIn(self.ann.id, told["partner_ids"])

    def test_whoever_is_answered_in_somebody_elses_thread_hears_it_too(self):
        bobs = self.make_identity("bob", partner_id=self.bob.id)
        asked = self.make_message(self.public_thread, identity_id=bobs.id)
        self.commit()
        self.reply("sent", parent_id=asked.id)
        self.assertLess(
            {self.ann.id, self.bob.id}, set(self.told(PUBLIC)["partner_ids"])
        )
        self.reply("sent", to_identity_id=bobs.id)
        self.assertIn(self.bob.id, self.told(PUBLIC)["partner_ids"])

    def test_what_colleagues_may_not_read_any_more_is_told_to_them(self):
        reply = self.reply("uncertain")
        self.assertIn(self.ann.id, self.told(PUBLIC)["partner_ids"])
        reply.delivery_state = "cancelled"
        self.assertIn(self.ann.id, self.told(PUBLIC)["partner_ids"])

    def test_a_message_that_is_deleted_or_becomes_somebody_elses(self):
        bobs = self.make_identity("bob", partner_id=self.bob.id)
        message = self.make_message(self.public_thread)
        self.commit()
        message.identity_id = bobs
        self.assertLess(
            {self.ann.id, self.bob.id}, set(self.told(PUBLIC)["partner_ids"])
        )
        message.unlink()
        self.assertIn(self.bob.id, self.told(PUBLIC)["partner_ids"])

    def test_people_without_a_contact_and_messages_without_a_ticket(self):
        message = self.make_message(self.make_conversation("public"))
        self.assertEqual(
            self.told(PUBLIC),
            {"message_ids": message.ids, "partner_ids": [], "ticket_ids": []},
        )

    def test_bookkeeping_and_nothing_at_all(self):
        message = self.make_message(self.public_thread)
        self.commit()
        message.write({"reread_at": "2026-01-01 10:00:00"})
        self.assertEqual(self.commit(), [])
        self.env["helpdesk.social.live"]._changed(message.browse())
        self.assertEqual(self.commit(), [])

    def test_firms_in_a_circle_end(self):
        """Odoo refuses circles; data from before, or from elsewhere, may hold one."""
        self.cr.execute(
            "UPDATE res_partner SET parent_id = %s WHERE id = %s",
            [self.ann.id, self.firm.id],
        )
        self.env.invalidate_all()
        self.make_message(self.public_thread)
        self.assertEqual(
            self.told(PUBLIC)["partner_ids"], sorted((self.ann | self.firm).ids)
        )

    # --- complaints -----------------------------------------------------------------
    def test_a_ticket_that_is_closed_ends_the_complaint(self):
        self.make_message(self.public_thread, waiting=True)
        self.commit()
        self.ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        told = self.told(PUBLIC)
        self.assertIn(self.ann.id, told["partner_ids"])
        self.assertEqual(told["ticket_ids"], self.ticket.ids)
        # which of its messages: nothing happened to them
        self.assertEqual(told["message_ids"], [])

    def test_a_private_ticket_that_is_closed_is_nobodys_business(self):
        self.make_message(self.private_thread)
        self.commit()
        self.ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.assertIsNone(self.told(PUBLIC))

    def test_a_message_that_was_handled(self):
        message = self.make_message(self.public_thread, waiting=True)
        self.commit()
        message.waiting = False
        self.assertIn(self.ann.id, self.told(PUBLIC)["partner_ids"])

    # --- identities -----------------------------------------------------------------
    def test_links_are_told_to_both_contacts(self):
        self.identity.action_link(self.bob.id)
        self.assertEqual(
            self.told(PUBLIC),
            {
                "message_ids": [],
                "partner_ids": sorted((self.ann | self.firm | self.bob).ids),
                "ticket_ids": [],
            },
        )

    def test_suggestions_and_proofs_and_names(self):
        for values in (
            {"suggested_partner_id": self.bob.id, "suggestion_reason": "Looks alike"},
            {"suggested_partner_id": False},
            {"name": "Ann, renamed"},
            {"proved_partner_id": self.ann.id, "proved_until": "2030-01-01"},
        ):
            self.identity.write(values)
            with self.subTest(values=values):
                told = self.told(PUBLIC)["partner_ids"]
                self.assertIn(self.ann.id, told)
                about_bob = "suggested_partner_id" in values
                self.assertEqual(self.bob.id in told, about_bob)

    def test_what_only_the_helpdesk_sees_of_people_is_told_to_nobody(self):
        self.identity.write(
            {
                "proof_asked_at": "2026-01-01 10:00:00",
                "evidence": [{"kind": "phone", "value": "+491701234567"}],
                "followers": 7,
            }
        )
        self.assertEqual(self.commit(), [])

    def test_tickets_on_which_somebody_takes_part_hear_who_it_is(self):
        private = self.make_ticket()
        thread = self.make_conversation("private", private)
        self.make_message(thread, identity_id=self.identity.id)
        self.make_message(self.public_thread)
        self.commit()
        self.identity.proved_until = "2030-01-01"
        told = {notice: one for _c, notice, one in self.commit()}
        self.assertEqual(
            told[live.NOTICE],
            {"ticket_ids": sorted((self.ticket | private).ids), "message_ids": []},
        )
        self.assertEqual(told[PUBLIC]["ticket_ids"], self.ticket.ids)
        self.assertEqual(told[PRIVATE]["ticket_ids"], private.ids)

    def test_an_identity_that_goes(self):
        self.identity.unlink()
        self.assertIn(self.ann.id, self.told(PUBLIC)["partner_ids"])

    # --- companies --------------------------------------------------------------------
    def test_each_company_hears_of_its_own(self):
        account = self.make_account(company_id=self.other_company.id)
        self.commit()
        theirs = self.make_message(self.make_conversation("public", account=account))
        ours = self.make_message(self.public_thread)
        told = {
            channel[1]: payload
            for channel, notice, payload in self.commit()
            if notice == PUBLIC
        }
        self.assertEqual(told[self.company.id]["message_ids"], ours.ids)
        self.assertEqual(told[self.other_company.id]["message_ids"], theirs.ids)
        self.assertEqual(told[self.other_company.id]["partner_ids"], [])

    # --- what it costs ----------------------------------------------------------------
    def test_one_query_and_one_notice_however_many(self):
        def cost(count):
            for number in range(count):
                identity = self.make_identity(partner_id=self.bob.id)
                self.make_message(
                    self.make_conversation("public", self.ticket),
                    f"words {number}",
                    identity_id=identity.id,
                )
            self.env.flush_all()
            news = self.cr.precommit.data[live._KEY]
            before = self.cr.sql_log_count
            found = self.env["helpdesk.social.live"]._find_out(news)
            self.assertTrue(found)
            queries = self.cr.sql_log_count - before
            self.assertEqual(len([one for one in self.commit() if one[1] == PUBLIC]), 1)
            return queries

        self.assertEqual((cost(1), cost(30)), (1, 1))
        # a query for each level of firms above, however many people they have
        self.bob.parent_id = self.firm
        self.commit()
        self.assertEqual((cost(1), cost(30)), (2, 2))

    def test_a_storm_is_not_named(self):
        with patch.object(live, "MAX_IDS", 2):
            for _number in range(3):
                identity = self.make_identity(
                    partner_id=self.env["res.partner"].create({"name": "X"}).id
                )
                self.make_message(
                    self.make_conversation("public"), identity_id=identity.id
                )
            self.assertEqual(
                self.told(PUBLIC),
                {"message_ids": False, "partner_ids": False, "ticket_ids": []},
            )


@tagged("post_install", "-at_install")
class TestLiveTickets(LiveCase):
    """The helpdesk's own channel: also what happens to tickets by themselves."""

    def tickets(self):
        return {
            id_
            for _channel, notice, payload in self.commit()
            if notice == live.NOTICE
            for id_ in payload["ticket_ids"]
        }

    def test_what_lists_boards_and_counters_show(self):
        ticket = self.make_ticket()
        self.assertEqual(self.tickets(), set(ticket.ids))
        for values in (
            {"user_id": self.agent_all.id},
            {"priority": "3"},
            {"team_id": self.other_team.id},
            {"name": "Another title"},
            {"stage_id": self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id},
        ):
            ticket.write(values)
            with self.subTest(values=values):
                self.assertEqual(self.tickets(), set(ticket.ids))
        gone = set(ticket.ids)
        ticket.unlink()
        self.assertEqual(self.tickets(), gone)

    def test_what_nobody_sees(self):
        self.ticket.write({"last_stage_update": "2026-01-01 10:00:00"})
        self.assertEqual(self.commit(), [])

    def test_a_ticket_without_messages_is_not_told_to_others(self):
        self.make_ticket().priority = "3"
        self.assertEqual({notice for _c, notice, _p in self.commit()}, {live.NOTICE})


@tagged("post_install", "-at_install")
class TestLiveChannels(LiveCase):
    def setUp(self):
        super().setUp()
        request = patch("odoo.addons.bus.models.ir_websocket.request", Mock())
        request.start()
        self.addCleanup(request.stop)

    def heard(self, user, *asked):
        """{(company, subchannel)} of ours that this person's browser gets."""
        sockets = self.env["ir.websocket"].with_user(user)
        found = sockets._build_bus_channel_list(list(asked))
        self.assertNotIn(ASKED, found)
        return {
            (one[0].id, one[1])
            for one in found
            if isinstance(one, tuple) and one[1] in live.SUBCHANNELS.values()
        }

    def test_who_hears_what(self):
        ours, theirs = self.company.id, self.other_company.id
        public, private = live.SUBCHANNELS[True], live.SUBCHANNELS[False]
        for user, expected in (
            (self.sales, {(ours, public)}),
            (self.internal, {(ours, public)}),
            (self.agent_own, {(ours, public)}),
            (self.history, {(ours, public), (ours, private)}),
            (self.other_company_agent, {(theirs, public)}),
            (self.portal_customer, set()),
            (self.public, set()),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self.heard(user, ASKED), expected)
                self.assertEqual(self.heard(user), set())

    def test_all_companies_of_a_person(self):
        self.sales.company_ids |= self.other_company
        self.assertEqual(
            {company for company, _name in self.heard(self.sales, ASKED)},
            {self.company.id, self.other_company.id},
        )

    def test_a_browser_names_no_company(self):
        for asked in (
            f"res.company,{self.company.id},social_public",
            json.dumps(["res.company", self.company.id, "social_private"]),
            f"{ASKED}:{self.company.id}",
            "social_private",
        ):
            with self.subTest(asked=asked):
                self.assertEqual(self.heard(self.portal_customer, asked), set())
                self.assertEqual(self.heard(self.sales, asked), set())

    def test_what_arrives(self):
        """From the commit to what the bus gives each of them."""
        self.make_message(self.private_thread)
        self.env.flush_all()
        self.cr.precommit.run()
        for user, expected in (
            (self.sales, set()),
            (self.other_company_agent, {live.NOTICE}),
            (self.portal_customer, set()),
            (self.history, {PRIVATE}),
            (self.agent_all, {live.NOTICE}),
        ):
            sockets = self.env["ir.websocket"].with_user(user)
            channels = sockets._build_bus_channel_list([ASKED])
            told = self.env["bus.bus"].with_user(user)._poll(channels)
            with self.subTest(user=user.login):
                got = {one["message"]["type"] for one in told}
                ours = {live.NOTICE, PUBLIC, PRIVATE}
                self.assertEqual(got & ours, expected)
