"""Evidence, links made by themselves, suggestions; and what all of it costs."""

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import social_evidence
from ..networks import items
from ..networks.items import Evidence
from .identity_common import IdentityCase


@tagged("post_install", "-at_install")
class TestEvidenceForms(IdentityCase):
    def test_numbers_that_ring_the_same_telephone(self):
        forms = social_evidence.phone_forms
        for one, other in (
            ("+49 170 1234567", "0049 (170) 123-4567"),
            ("+49 170 1234567", "491701234567"),
            ("+55 11 98765-4321", "+55 11 8765-4321"),
            ("+52 1 55 1234 5678", "+52 55 1234 5678"),
            ("+54 9 11 1234-5678", "+54 11 1234-5678"),
        ):
            with self.subTest(one=one, other=other):
                self.assertTrue(forms(one) & forms(other))

    def test_a_number_without_country_needs_a_region(self):
        forms = social_evidence.phone_forms
        self.assertEqual(forms("0170 1234567", ("DE",)), {"+491701234567"})
        self.assertFalse(forms("0170 1234567"))
        self.assertTrue(
            forms("011 15-1234-5678", ("AR",)) & forms("+54 9 11 1234-5678")
        )

    def test_what_is_no_number(self):
        for text in ("", None, "112", "call me", "+49", "+" * 500, "9" * 400):
            with self.subTest(text=text):
                self.assertFalse(social_evidence.phone_forms(text, ("DE",)))

    def test_an_extension_is_not_the_switchboard(self):
        forms = social_evidence.phone_forms
        self.assertTrue(forms("+1 650 253 0000"))
        self.assertFalse(forms("+1 650 253 0000 ext. 3"))

    def test_addresses(self):
        forms = social_evidence.email_forms
        self.assertIn("jo@example.com", forms(" Jo@EXAMPLE.com "))
        self.assertIn("jo@xn--bcher-kva.example", forms("jo@bücher.example"))
        for text in ("", None, "jo", "jo@", "@example.com", "a b@example.com", "x@y"):
            with self.subTest(text=text):
                self.assertFalse(forms(text))


@tagged("post_install", "-at_install")
class TestIdentityMatch(IdentityCase):
    def test_phone_links_by_itself(self):
        identity = self.match(self.phone())
        self.assertEqual(identity.partner_id, self.jo)
        self.assertEqual(identity.link_basis, "phone")
        self.assertTrue(identity.linked_at)
        self.assertTrue(identity.linked_by_id)
        self.assertIn("Fake", self.chatter(self.jo))
        self.assertNotIn(identity.handle, self.chatter(self.jo))
        self.assertNotIn("1234567", self.chatter(self.jo))

    def test_email_links_by_itself(self):
        identity = self.match(self.email("Jo.Miller@Example.com"))
        self.assertEqual((identity.partner_id, identity.link_basis), (self.jo, "email"))

    def test_written_in_any_way(self):
        ana = self.make_partner(
            "Ana", phone="+55 (11) 8765 4321", country_id=self.env.ref("base.br").id
        )
        self.assertEqual(self.match(self.phone("5511987654321")).partner_id, ana)

    def test_the_contact_s_country_counts(self):
        us = self.make_partner(
            "Sam", phone="(650) 253-0000", country_id=self.env.ref("base.us").id
        )
        self.assertEqual(self.match(self.phone("+1 650 253 0000")).partner_id, us)

    def test_evidence_is_kept_once_and_hidden_from_colleagues(self):
        identity = self.match(self.phone(), self.phone(), self.email("nonsense"))
        self.match(self.phone(), identity=identity)
        self.assertEqual(len(identity.evidence), 1)
        self.assertEqual(identity.evidence[0]["source"], "contact_shared")
        with self.assertRaises(AccessError):
            identity.with_user(self.sales).read(["evidence"])

    @mute_logger("odoo.addons.helpdesk_social.models.helpdesk_social_identity_match")
    def test_nonsense_is_dropped(self):
        identity = self.match(
            self.phone("call me"),
            self.phone("\x00"),
            self.email("x"),
            Evidence("shoe_size", "44"),
            self.phone("1" * 10000),
        )
        self.assertFalse(identity.evidence)
        self.assertFalse(identity.partner_id | identity.suggested_partner_id)

    def test_no_more_evidence_than_anybody_has(self):
        given = [self.email(f"jo{number}@example.com") for number in range(100)]
        self.assertEqual(len(self.match(*given).evidence), 20)

    def test_two_contacts_with_the_number_are_for_a_person_to_decide(self):
        other = self.make_partner("Mary", phone="+491701234567")
        identity = self.match(self.phone())
        self.assertFalse(identity.partner_id | identity.suggested_partner_id)
        self.assertIn("2", identity.suggestion_reason)
        self.assertEqual(identity._candidates(), self.jo | other)

    def test_phone_of_one_and_email_of_another(self):
        self.make_partner("Mary", email="mary@example.com")
        identity = self.match(self.phone(), self.email("mary@example.com"))
        self.assertFalse(identity.partner_id)
        self.assertTrue(identity.suggestion_reason)

    def test_a_number_that_everybody_has_identifies_nobody(self):
        for number in range(25):
            self.make_partner(f"Desk {number}", phone="+49 30 5550000")
        identity = self.match(self.phone("+49 30 5550000"))
        self.assertFalse(identity.partner_id)
        self.assertFalse(identity.suggestion_reason)

    def test_company_with_its_only_person(self):
        firm = self.make_partner("Mill", is_company=True, phone="+49 30 5550001")
        person = self.make_partner("Jim", parent_id=firm.id, phone="+49 30 5550001")
        self.make_partner(
            "Ramp", parent_id=person.id, type="delivery", phone="+49 30 5550001"
        )
        self.assertEqual(self.match(self.phone("+49 30 5550001")).partner_id, person)

    def test_company_with_several_people_is_suggested(self):
        firm = self.make_partner("Mill", is_company=True, phone="+49 30 5550001")
        for name in ("Jim", "Kim"):
            self.make_partner(name, parent_id=firm.id, phone="+49 30 5550001")
        identity = self.match(self.phone("+49 30 5550001"))
        self.assertFalse(identity.partner_id)
        self.assertEqual(identity.suggested_partner_id, firm)

    def test_archived_and_other_companies_contacts_are_not_used(self):
        self.jo.active = False
        self.make_partner(
            "Jo elsewhere", phone="+491701234567", company_id=self.other_company.id
        )
        identity = self.match(self.phone())
        self.assertFalse(identity.partner_id | identity.suggested_partner_id)

    def test_what_is_only_claimed_is_a_suggestion(self):
        identity = self.match(self.email(source="text"))
        self.assertFalse(identity.partner_id)
        self.assertEqual(identity.suggested_partner_id, self.jo)
        # and becomes a fact when the network vouches for it
        self.match(self.phone(), identity=identity)
        self.assertEqual(identity.partner_id, self.jo)

    def test_shared_authors_are_never_matched(self):
        identity = self.match(self.phone(), shared=True, url="https://fake/jo")
        self.assertFalse(identity.partner_id | identity.suggested_partner_id)
        self.assertFalse(identity.evidence)

    def test_a_name_alone_is_nothing(self):
        identity = self.match(name="Jo Miller", handle="somebody")
        self.assertFalse(identity.partner_id | identity.suggested_partner_id)
        self.assertFalse(identity.suggestion_reason)

    def test_name_and_handle_are_a_suggestion(self):
        identity = self.match(name="Miller, Jo", handle="@Jo.Miller@fake.example")
        self.assertFalse(identity.partner_id)
        self.assertEqual(identity.suggested_partner_id, self.jo)
        other = self.match(name="Joan Miller", handle="jo.miller")
        self.assertFalse(other.suggested_partner_id)

    def test_profile_on_the_contact_s_website_is_a_suggestion(self):
        self.jo.website = "http://WWW.fake.example/@jo/"
        identity = self.match(url="https://fake.example/@jo")
        self.assertEqual(identity.suggested_partner_id, self.jo)
        self.assertFalse(self.match(url="https://fake.example").suggestion_reason)

    def test_linked_stays_linked(self):
        identity = self.match(self.phone())
        mary = self.make_partner("Mary", email="mary@example.com")
        self.match(self.email("mary@example.com"), identity=identity)
        self.assertEqual(identity.partner_id, self.jo)
        self.assertNotEqual(identity.suggested_partner_id, mary)

    def test_refused_is_never_suggested_again(self):
        identity = self.match(self.email(source="text"))
        identity.with_user(self.agent_own).action_refuse()
        self.assertFalse(identity.suggested_partner_id)
        self.match(self.email(), self.phone(), identity=identity)
        self.assertFalse(identity.partner_id | identity.suggested_partner_id)

    def test_undone_is_never_done_again(self):
        identity = self.match(self.phone())
        identity.with_user(self.agent_own).action_unlink()
        self.match(self.phone(), self.email(), identity=identity)
        self.assertFalse(identity.partner_id | identity.suggested_partner_id)
        # but a person may think again
        identity.with_user(self.agent_own).action_link(self.jo.id)
        self.assertEqual(identity.partner_id, self.jo)
        self.assertFalse(identity.refused_partner_ids)

    def test_accept(self):
        identity = self.match(self.email(source="text"))
        identity.with_user(self.agent_own).action_accept()
        self.assertEqual(identity.partner_id, self.jo)
        self.assertEqual(identity.link_basis, "accepted")
        self.assertEqual(identity.linked_by_id, self.agent_own)
        self.assertTrue(identity.link_note)
        self.assertFalse(identity.suggested_partner_id)

    def test_look_again_after_the_contact_got_its_number(self):
        identity = self.match(self.phone("+49 170 7654321"))
        self.assertFalse(identity.partner_id)
        self.jo.phone = "0170 7654321"
        identity.with_user(self.agent_own).action_match()
        self.assertEqual(identity.partner_id, self.jo)

    def test_a_batch_costs_no_query_per_identity(self):
        def batch(number):
            partners = self.env["res.partner"].create(
                [
                    {
                        "name": f"P{number} {one}",
                        "phone": f"+4917{number}{one:05}",
                        "email": f"p{number}.{one}@example.com",
                    }
                    for one in range(number)
                ]
            )
            identities = self.env["helpdesk.social.identity"].create(
                [
                    {
                        "network_id": self.network.id,
                        "company_id": self.company.id,
                        "external_id": f"{number}-{one}",
                        "handle": f"p{number}.{one}",
                        "name": f"P{number} {one}",
                    }
                    for one in range(number)
                ]
            )
            tickets = self.env["helpdesk.ticket"].create(
                [
                    {
                        "name": f"T{one}",
                        "description": "",
                        "team_id": self.team.id,
                        "user_id": False,
                    }
                    for one in range(number)
                ]
            )
            self.env["helpdesk.social.conversation"].create(
                [
                    {
                        "account_id": self.account.id,
                        "key": f"{number}-{one}",
                        "audience": "private",
                        "identity_id": identities[one].id,
                        "ticket_id": tickets[one].id,
                    }
                    for one in range(number)
                ]
            )
            evidence = {
                identity: [self.phone(partner.phone)]
                for identity, partner in zip(identities, partners, strict=True)
            }
            return identities, partners, tickets, evidence

        def queries(identities, evidence):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            identities._match(evidence)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        # warm caches that belong to the registry, not to the batch
        few, _partners, _tickets, evidence = batch(101)
        queries(few[:1], dict(list(evidence.items())[:1]))
        one = queries(few[1:2], dict(list(evidence.items())[1:2]))
        many, partners, tickets, evidence = batch(200)
        all_of_them = queries(many, evidence)
        self.assertEqual(many.partner_id, partners)
        self.assertEqual(tickets.partner_id, partners)
        self.assertLessEqual(all_of_them, one + 12)

    def test_a_batch_of_strangers(self):
        identities = self.env["helpdesk.social.identity"].union(
            *(self.make_identity() for _one in range(50))
        )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        identities._match()
        self.env.flush_all()
        self.assertLessEqual(self.cr.sql_log_count - before, 10)

    def test_what_somebody_gives_in_a_chat_links_the_ticket(self):
        self.world.post("here is my number", items.PRIVATE, evidence=(self.phone(),))
        self.world.post("hello", items.PRIVATE, author="zoe")
        self.assertEqual(self.account.action_pull(), 2)
        people = {
            one.handle: one
            for one in self.env["helpdesk.social.identity"].search([])
            if one.network_id == self.network
        }
        self.assertEqual(people["ann"].partner_id, self.jo)
        ticket = people["ann"].message_ids.ticket_id
        self.assertEqual(ticket.partner_id, self.jo)
        self.assertEqual(ticket.partner_email, self.jo.email)
        self.assertFalse(people["zoe"].partner_id)
