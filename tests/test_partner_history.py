"""A contact's social history as each colleague sees it; merged, archived, deleted."""

import json

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .identity_common import IdentityCase


@tagged("post_install", "-at_install")
class TestPartnerHistory(IdentityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.on_fake = cls.make_identity("jo", partner_id=cls.jo.id)
        cls.second = cls.make_account(handle="us2", external_id="us2", state="active")
        cls.elsewhere = cls.make_identity("jo.elsewhere", partner_id=cls.jo.id)
        cls.ticket = cls.make_ticket(name="Secret title", user_id=cls.agent_all.id)
        cls.ticket.team_id = cls.other_team
        cls.public_thread = cls.make_conversation(
            "public", cls.ticket, identity_id=cls.on_fake.id
        )
        cls.private_thread = cls.make_conversation(
            "private", cls.ticket, identity_id=cls.elsewhere.id, account=cls.second
        )
        cls.asked = cls.make_message(
            cls.public_thread, "Where is it?", sent_at="2026-01-01 10:00:00"
        )
        cls.answered = cls.make_message(
            cls.public_thread,
            "On its way",
            direction="out",
            parent_id=cls.asked.id,
            sent_at="2026-01-01 11:00:00",
        )
        cls.address = cls.make_message(
            cls.private_thread, "12 High Street", sent_at="2026-01-02 10:00:00"
        )
        cls.thanks = cls.make_message(
            cls.private_thread,
            "Thank you",
            direction="out",
            sent_at="2026-01-02 11:00:00",
        )
        # somebody else's thread, in which Jo says something and is answered
        cls.joined = cls.make_conversation(
            "public",
            cls.make_ticket(),
            identity_id=cls.make_identity("ann").id,
            participant_ids=[(4, cls.on_fake.id)],
        )
        cls.strangers = cls.make_message(cls.joined, "I am Ann")
        cls.me_too = cls.make_message(
            cls.joined,
            "Me too",
            identity_id=cls.on_fake.id,
            sent_at="2026-01-03 10:00:00",
        )
        cls.to_ann = cls.make_message(
            cls.joined, "Dear Ann", direction="out", parent_id=cls.strangers.id
        )
        cls.to_jo = cls.make_message(
            cls.joined,
            "Dear Jo",
            direction="out",
            parent_id=cls.me_too.id,
            sent_at="2026-01-03 11:00:00",
        )
        cls.open_part = cls.asked | cls.answered | cls.me_too | cls.to_jo
        cls.everything = cls.open_part | cls.address | cls.thanks

    def seen_by(self, user, partner=None):
        partner = (partner or self.jo).with_user(user)
        action = partner.action_view_social_history()
        return self.env[action["res_model"]].with_user(user).search(action["domain"])

    def test_sales_see_what_is_public_in_both_directions(self):
        for user in (self.sales, self.internal, self.agent_own):
            with self.subTest(user=user.login):
                self.assertEqual(self.seen_by(user), self.open_part)
                self.assertEqual(self.jo.with_user(user).social_message_count, 4)

    def test_private_ones_for_who_may_read_them(self):
        for user in (self.agent_all, self.manager, self.history):
            with self.subTest(user=user.login):
                self.assertEqual(self.seen_by(user), self.everything)
                self.assertEqual(self.jo.with_user(user).social_message_count, 6)

    def test_by_time_newest_first(self):
        expected = [
            self.to_jo,
            self.me_too,
            self.thanks,
            self.address,
            self.answered,
            self.asked,
        ]
        self.assertEqual(list(self.seen_by(self.agent_all)), expected)

    def test_ticket_as_text_where_it_may_not_be_opened(self):
        asked = self.asked.with_user(self.sales)
        self.assertEqual(asked.ticket_number, self.ticket.number)
        self.assertEqual(asked.ticket_stage, self.ticket.stage_id.name)
        self.assertFalse(asked.ticket_readable)
        with self.assertRaises(AccessError):
            asked.action_open_ticket()
        asked = self.asked.with_user(self.agent_all)
        self.assertTrue(asked.ticket_readable)
        self.assertEqual(asked.action_open_ticket()["res_id"], self.ticket.id)

    def test_what_the_screen_of_sales_gets_names_no_ticket(self):
        """Read the history exactly as the browser does."""
        messages = self.env["helpdesk.social.message"].with_user(self.sales)
        view = messages.get_view(
            self.env.ref("helpdesk_social.helpdesk_social_history_view_kanban").id,
            "kanban",
        )
        names = {
            node.get("name") for node in etree.fromstring(view["arch"]).iter("field")
        }
        found = messages.web_search_read(
            [("contact_id", "in", self.jo.ids)], {name: {} for name in names}, limit=40
        )
        self.assertEqual(found["length"], 4)
        told = json.dumps(found, default=str)
        self.assertIn(self.ticket.number, told)
        for secret in ("Secret title", "High Street", "Thank you"):
            self.assertNotIn(secret, told)

    def test_what_was_deleted_is_not_told(self):
        self.asked.write({"deleted_at": "2026-01-05", "permalink": "https://fake/1"})
        self.assertFalse(self.asked.shown_text or self.asked.safe_permalink)
        self.assertNotIn("Where", self.asked.shown_line)
        self.me_too.warning = "spoiler"
        self.assertEqual(self.me_too.shown_line, "spoiler")
        self.assertEqual(self.me_too.shown_text, "Me too")

    def test_links_lead_to_pages_only(self):
        for link in ("javascript://x%0aalert(1)", "data:text/html,x", " ftp://x", ""):
            self.asked.permalink = self.on_fake.url = link
            self.assertFalse(self.asked.safe_permalink or self.on_fake.profile_link)
        self.asked.permalink = self.on_fake.url = "HTTPS://fake.example/1"
        self.assertTrue(self.asked.safe_permalink and self.on_fake.profile_link)

    def test_company_shows_its_people(self):
        firm = self.make_partner("Mill", is_company=True)
        self.jo.parent_id = firm
        self.assertEqual(self.seen_by(self.agent_all, firm), self.everything)
        both = (firm | self.jo).with_user(self.agent_all)
        self.assertEqual(both.mapped("social_message_count"), [6, 6])
        self.assertEqual(firm.social_shown_identity_ids, self.on_fake | self.elsewhere)
        self.assertFalse(firm.social_identity_ids)

    def test_one_group_counts_once(self):
        firm = self.make_partner("Mill", is_company=True)
        kim = self.make_partner("Kim", parent_id=firm.id)
        self.jo.parent_id = firm
        group = self.make_conversation(
            "group",
            identity_id=self.on_fake.id,
            participant_ids=[
                (4, self.on_fake.id),
                (4, self.make_identity("kim", partner_id=kim.id).id),
            ],
        )
        self.make_message(group, "To both", direction="out")
        for partner in (firm, self.jo):
            partner = partner.with_user(self.history)
            self.assertEqual(
                partner.social_message_count,
                len(self.seen_by(self.history, partner)),
            )
        self.assertEqual(firm.with_user(self.history).social_message_count, 7)

    def test_other_company_sees_nothing(self):
        self.assertFalse(self.seen_by(self.other_company_agent))
        contact = self.jo.with_user(self.other_company_agent)
        self.assertFalse(contact.social_message_count)
        self.assertFalse(contact.social_shown_identity_ids)

    def test_nobody_without_identities(self):
        mary = self.make_partner("Mary")
        self.assertFalse(self.seen_by(self.agent_all, mary))
        self.assertFalse(mary.social_message_count)
        self.assertFalse(self.env["res.partner"].new().social_message_count)

    def test_domain_with_nonsense(self):
        messages = self.env["helpdesk.social.message"]
        for value in ([], [False], [2**31 - 1]):
            self.assertFalse(messages.search([("contact_id", "in", value)]))

    def test_counting_many_contacts_costs_the_same(self):
        def partners(number):
            found = self.env["res.partner"].create(
                [{"name": f"C{number}-{one}"} for one in range(number)]
            )
            for one, partner in enumerate(found):
                identity = self.make_identity(f"c{number}-{one}", partner_id=partner.id)
                thread = self.make_conversation("public", identity_id=identity.id)
                message = self.make_message(thread)
                self.make_message(thread, direction="out", parent_id=message.id)
            return found

        def queries(found):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            counts = found.with_user(self.sales).mapped("social_message_count")
            self.assertEqual(counts, [2] * len(found))
            return self.cr.sql_log_count - before

        few, many = partners(2), partners(40)
        queries(few)
        self.assertLessEqual(queries(many), queries(few) + 1)

    def test_a_page_costs_the_same_however_long_the_history(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["helpdesk.social.message"].with_user(self.sales).web_search_read(
                [("contact_id", "in", self.jo.ids)],
                {"text": {}, "ticket_number": {}, "ticket_readable": {}, "speaker": {}},
                limit=40,
            )
            return self.cr.sql_log_count - before

        def talk(number):
            for one in range(number):
                thread = self.public_thread
                if not one % 10:
                    thread = self.make_conversation(
                        "public", self.make_ticket(), identity_id=self.on_fake.id
                    )
                self.make_message(thread, "more")

        talk(60)
        queries()
        short = queries()
        talk(120)
        self.assertLessEqual(queries(), short)

    # === THE CONTACT'S LIFE === #
    def test_merging_contacts_keeps_their_identities(self):
        double = self.make_partner("Jo Miller", email="jo.miller@example.com")
        theirs = self.make_identity("double", partner_id=double.id)
        waiting = self.make_identity("waiting", suggested_partner_id=double.id)
        refusing = self.make_identity("refusing")
        refusing.refused_partner_ids = double | self.jo
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.jo | double).ids, self.jo)
        self.env.invalidate_all()
        self.assertFalse(double.exists())
        self.assertIn(theirs, self.jo.social_identity_ids)
        self.assertEqual(waiting.suggested_partner_id, self.jo)
        self.assertEqual(refusing.refused_partner_ids, self.jo)

    def test_archived_contacts_keep_theirs(self):
        self.jo.action_archive()
        self.assertEqual(self.on_fake.partner_id, self.jo)
        self.assertEqual(self.seen_by(self.agent_all), self.everything)

    def test_deleted_contacts_leave_theirs_behind(self):
        mary = self.make_partner("Mary")
        linked = self.make_identity()
        linked.action_link(mary.id)
        suggested = self.make_identity(
            suggested_partner_id=mary.id, suggestion_reason="maybe"
        )
        mary.unlink()
        self.assertTrue(linked.exists())
        self.assertFalse(linked.link_basis)
        self.assertFalse(linked.linked_at)
        self.assertFalse(suggested.suggestion_reason)

    def test_customers_with_a_login_see_nothing(self):
        self.partner.parent_id.user_ids |= self.portal_customer
        contact = self.partner.with_user(self.portal_customer)
        for name in ("social_message_count", "social_shown_identity_ids"):
            with self.assertRaises(AccessError):
                contact.read([name])
        with self.assertRaises(AccessError):
            self.seen_by(self.portal_customer, self.partner)

    # === THE FORM === #
    def test_form_of_a_contact(self):
        for user in (self.sales, self.internal, self.agent_own, self.manager):
            with self.subTest(user=user.login):
                contact = self.jo.with_user(user)
                view = contact.get_view(view_type="form")
                tree = etree.fromstring(view["arch"])
                self.assertTrue(
                    tree.xpath("//button[@name='action_view_social_history']")
                )
                spec = {
                    "social_shown_identity_ids": {
                        "fields": {
                            "display_name": {},
                            "network_icon": {},
                            "linked_by_id": {"fields": {"display_name": {}}},
                        }
                    },
                    "social_suggested_identity_ids": {"fields": {"may_link": {}}},
                }
                found = contact.web_read(spec)[0]
                self.assertEqual(len(found["social_shown_identity_ids"]), 2)
