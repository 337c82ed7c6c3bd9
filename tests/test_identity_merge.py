"""Merging identities loses nothing and is undone; Odoo's merge of contacts."""

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..networks import items
from .identity_common import IdentityCase


class MergeCase(IdentityCase):
    LINK = ("partner_id", "link_basis", "link_note", "linked_by_id", "linked_at")

    def setUp(self):
        super().setUp()
        self.old = self.make_identity("jo_old")
        self.new = self.make_identity("jo_new")
        self.anna = self.make_partner("Anna")

    def state(self, *identities):
        return [
            (
                *(one[name] for name in self.LINK),
                one.refused_partner_ids,
                one.merged_into_id,
                one.merged,
                one.message_ids.ids,
            )
            for one in identities
        ]


@tagged("post_install", "-at_install")
class TestIdentityMerge(MergeCase):
    def test_messages_stay_and_appear_under_both(self):
        said = [
            self.make_message(
                self.make_conversation("public", identity_id=one.id), f"by {one.handle}"
            )
            for one in (self.old, self.new)
        ]
        self.old.action_merge(self.new.id)
        for message, one in zip(said, (self.old, self.new), strict=True):
            self.assertEqual(message.identity_id, one)
            self.assertEqual(one.message_count, 2)
            domain = one.action_view_history()["domain"]
            found = self.env["helpdesk.social.message"].search(domain)
            self.assertLessEqual(set(m.id for m in said), set(found.ids))
        self.old.action_unmerge()
        self.env.invalidate_all()
        self.assertEqual((self.old | self.new).mapped("message_count"), [1, 1])

    def test_the_link_follows_and_goes_again(self):
        for linked, other in ((self.old, self.new), (self.new, self.old)):
            with self.subTest(linked=linked.handle):
                linked.action_link(self.jo.id)
                before = self.state(self.old, self.new)
                self.old.action_merge(self.new.id)
                self.assertEqual(other.partner_id, self.jo)
                self.assertEqual(other.link_basis, "merged")
                self.old.action_unmerge()
                self.assertEqual(self.state(self.old, self.new), before)
                linked._unlink_partner(refuse=False)

    def test_both_linked_to_the_same_stay_so(self):
        self.old.action_link(self.jo.id)
        self.new.action_link(self.jo.id)
        before = self.state(self.old, self.new)
        self.old.action_merge(self.new.id)
        self.old.action_unmerge()
        self.assertEqual(self.state(self.old, self.new), before)

    def test_a_link_made_since_then_stays_with_the_one_it_was_made_for(self):
        self.old.action_link(self.jo.id)
        self.old.action_merge(self.new.id)
        self.new.action_link(self.anna.id)
        self.assertEqual(self.old.partner_id, self.anna)
        self.old.action_unmerge()
        self.assertEqual(self.new.partner_id, self.anna)
        self.assertEqual(self.old.partner_id, self.jo, "as it was before the merge")
        self.assertEqual(self.old.link_basis, "manual")

    def test_unlinking_one_unlinks_both(self):
        self.old.action_link(self.jo.id)
        self.old.action_merge(self.new.id)
        self.new.action_unlink()
        self.assertFalse((self.old | self.new).partner_id)
        self.assertEqual(self.old.refused_partner_ids, self.jo)
        self.assertEqual(self.new.refused_partner_ids, self.jo)

    def test_what_one_gives_links_both(self):
        self.old.action_merge(self.new.id)
        self.match(self.phone(), identity=self.old)
        self.assertEqual(self.new.partner_id, self.jo)
        self.assertEqual(
            (self.old.link_basis, self.new.link_basis), ("phone", "merged")
        )

    def test_tickets_are_completed_and_restored(self):
        ticket = self.make_ticket(partner_name="New")
        self.make_conversation("public", ticket, identity_id=self.new.id)
        self.old.action_link(self.jo.id)
        self.old.action_merge(self.new.id)
        self.assertEqual(ticket.partner_id, self.jo)
        self.old.action_unmerge()
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.partner_name, "New")

    def test_chains_and_circles(self):
        third = self.make_identity("jo_third")
        self.old.action_merge(self.new.id)
        third.action_merge(self.old.id)
        self.assertEqual(third.merged_into_id, self.new, "into the one that counts")
        self.assertEqual(self.old._same_person(), self.old | self.new | third)
        for one, other in (
            (self.new, self.old),
            (self.old, self.new),
            (self.old, third),
            (self.old, self.old),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                one.action_merge(other.id)
        fourth = self.make_identity("jo_fourth")
        self.new.action_merge(fourth.id)
        self.assertEqual(len(third._same_person()), 4)
        fourth.action_link(self.jo.id)
        self.assertEqual(third.partner_id, self.jo)
        self.new.action_unmerge()
        self.assertEqual(fourth.partner_id, self.jo)
        self.assertFalse((self.old | self.new | third).partner_id)
        self.assertFalse(fourth.merged)
        self.assertEqual(third._same_person(), self.old | self.new | third)

    def test_what_cannot_be_one(self):
        other_company = self.make_identity("x", company_id=self.other_company.id)
        shared = self.make_identity("many", shared=True)
        channel = self.network.channel_id
        elsewhere = self.env["helpdesk.social.network"].create(
            {"name": "Else", "code": "else", "channel_id": channel.id}
        )
        there = self.make_identity("jo_else", network_id=elsewhere.id)
        for wrong in (other_company, shared, there):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.old.action_merge(wrong.id)
        self.old.action_link(self.jo.id)
        self.new.action_link(self.anna.id)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.old.action_merge(self.new.id)
        self.new.action_unlink()
        self.new.sudo().refused_partner_ids = self.jo
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.old.action_merge(self.new.id)
        with self.assertRaises(UserError):
            self.old.action_merge(0)

    def test_who_may(self):
        with self.assertRaises(AccessError):
            self.old.with_user(self.internal).action_merge(self.new.id)
        self.old.with_user(self.agent_own).action_merge(self.new.id)
        with self.assertRaises(AccessError):
            self.old.with_user(self.internal).action_unmerge()
        self.assertEqual(self.old.merged_by_id, self.agent_own)

    def test_a_proof_stays_with_who_gave_it(self):
        self.old.action_link(self.jo.id)
        until = fields.Datetime.add(fields.Datetime.now(), days=3)
        self.old.sudo().write({"proved_partner_id": self.jo.id, "proved_until": until})
        self.old.action_merge(self.new.id)
        self.assertEqual(self.new.partner_id, self.jo)
        self.assertFalse(self.new.verified_until)
        self.assertTrue(self.old.verified_until)

    def test_private_messages_of_either_join_the_open_ticket(self):
        first = self.world.post("@us My lamp", items.PUBLIC, "jo_old")
        self.account.sudo().action_pull()
        heard = self.env["helpdesk.social.message"].search([("key", "=", first.key)])
        self.old.action_merge(self.new.id)
        second = self.world.post("It is me again", items.PRIVATE, "jo_new")
        self.account.sudo().action_pull()
        other = self.env["helpdesk.social.message"].search([("key", "=", second.key)])
        self.assertEqual(heard.identity_id, self.old)
        self.assertEqual(other.identity_id, self.new)
        self.assertEqual(other.ticket_id, heard.ticket_id)
        self.old.action_unmerge()
        third = self.world.post("And again", items.PRIVATE, "jo_old", thread="another")
        self.account.sudo().action_pull()
        late = self.env["helpdesk.social.message"].search([("key", "=", third.key)])
        self.assertEqual(late.ticket_id, heard.ticket_id, "its own open ticket")

    def test_forgetting_forgets_both(self):
        for one in (self.old, self.new):
            self.make_message(
                self.make_conversation("public", identity_id=one.id), "secret"
            )
        self.old.action_merge(self.new.id)
        self.new.with_user(self.manager)._social_forget()
        self.assertFalse((self.old | self.new).mapped("handle") != [False, False])
        self.assertFalse(any((self.old | self.new).message_ids.mapped("text")))

    def test_without_merges_nothing_more_is_asked(self):
        people = self.old | self.new
        people.fetch(["merged"])
        with self.assertQueryCount(0):
            people._same_person()

    def test_the_dialog(self):
        dialog = self.env["helpdesk.social.same"].with_user(self.agent_own)
        dialog = dialog.create({"identity_id": self.old.id, "into_id": self.new.id})
        dialog.action_merge()
        self.assertEqual(self.old.merged_into_id, self.new)


@tagged("post_install", "-at_install")
class TestContactMerge(MergeCase):
    """The real wizard of Odoo."""

    def setUp(self):
        super().setUp()
        self.double = self.make_partner("Jo Miller (double)", email="jo@example.org")

    def merge(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "dst_partner_id": self.jo.id,
                "partner_ids": [(6, 0, (self.jo | self.double).ids)],
                "state": "selection",
            }
        )
        wizard.action_merge()
        self.env.invalidate_all()
        self.assertFalse(self.double.exists())

    def test_nothing_is_lost_or_doubled(self):
        self.old.sudo().evidence = [{"kind": "email", "value": "jo@example.org"}]
        self.old.action_link(self.double.id)
        self.new.action_link(self.jo.id)
        third = self.make_identity("maybe", suggestion_reason="looks alike")
        third.sudo().suggested_partner_id = self.double
        stranger = self.make_identity("stranger")
        stranger.sudo().refused_partner_ids = self.double | self.jo
        before = self.old.read([*self.LINK[1:], "evidence"])
        self.merge()
        self.assertEqual(self.jo.social_identity_ids, self.old | self.new)
        self.assertEqual(self.old.read([*self.LINK[1:], "evidence"]), before)
        self.assertEqual(third.suggested_partner_id, self.jo)
        self.assertEqual(stranger.refused_partner_ids, self.jo)

    def test_proofs_go_along(self):
        self.old.action_link(self.double.id)
        thread = self.make_conversation("private", identity_id=self.old.id)
        now = fields.Datetime.now()
        until = fields.Datetime.add(now, days=9)
        values = {
            "company_id": self.company.id,
            "identity_id": self.old.id,
            "conversation_id": thread.id,
            "asked_at": now,
            "expires_at": until,
        }
        proofs = self.env["helpdesk.social.proof"].create(
            [
                {**values, "partner_id": partner.id, "code_hash": f"x{partner.id}"}
                for partner in (self.jo, self.double)
            ]
        )
        self.old.sudo().write(
            {"proved_partner_id": self.double.id, "proved_until": until}
        )
        self.merge()
        self.assertEqual(len(proofs.exists()), 2)
        self.assertEqual(proofs.partner_id, self.jo)
        self.assertEqual(self.old.proved_partner_id, self.jo)
        self.assertTrue(self.old.verified_until)

    def test_what_no_longer_makes_sense_goes(self):
        self.old.action_link(self.double.id)
        self.old.sudo().refused_partner_ids = self.jo
        self.new.sudo().write(
            {
                "suggested_partner_id": self.double.id,
                "suggestion_reason": "looks alike",
                "refused_partner_ids": [(4, self.jo.id)],
            }
        )
        self.merge()
        self.assertEqual(self.old.partner_id, self.jo)
        self.assertFalse(self.old.refused_partner_ids)
        self.assertFalse(self.new.suggested_partner_id, "a refusal outweighs it")
        self.assertFalse(self.new.suggestion_reason)

    def test_what_can_be_taken_back_can_still_be(self):
        self.old.sudo().write(
            {"suggested_partner_id": self.double.id, "suggestion_reason": "alike"}
        )
        self.old.action_accept()
        self.new.action_link(self.double.id)
        third = self.make_identity("third")
        self.new.action_merge(third.id)
        self.merge()
        self.old.action_undo_decision()
        self.assertEqual(self.old.suggested_partner_id, self.jo)
        self.assertEqual(third.partner_id, self.jo)
        third.action_link(self.anna.id)
        self.new.action_unmerge()
        self.assertEqual(self.new.partner_id, self.jo)

    def test_merged_identities_and_merged_contacts(self):
        self.old.action_link(self.double.id)
        self.old.action_merge(self.new.id)
        self.merge()
        self.assertEqual((self.old | self.new).partner_id, self.jo)
        self.old.action_unmerge()
        self.assertEqual(self.old.partner_id, self.jo)
        self.assertFalse(self.new.partner_id)
