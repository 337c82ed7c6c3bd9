"""Proof by a code: who counts, where, when, how often; and what is never told."""

import re
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models import helpdesk_social_proof as proof_module
from ..networks import items
from ..texts import proof_code
from .identity_common import IdentityCase

MAILED = re.compile(r"[2-9C-Z]{4}-[2-9C-Z]{4}")


class ProofCase(IdentityCase):
    def setUp(self):
        super().setUp()
        self.agent = self.agent_all
        self.account.undo_seconds = 0
        self.message = self.say("Where is my parcel?")
        self.ticket = self.message.ticket_id
        self.identity = self.message.identity_id
        self.identity.action_link(self.jo.id)

    def say(self, text, audience=items.PRIVATE, author="jo_social", **values):
        said = self.world.post(text, audience, author, **values)
        self.account.sudo().action_pull()
        return self.env["helpdesk.social.message"].search([("key", "=", said.key)])

    def option(self, message=None):
        message = message or self.message
        return f"private:{self.account.id}:{message.id}"

    def ask(self, message=None, user=None):
        """(answer, code) of a question; the code is read in the customer's mailbox."""
        codes = []
        mint = proof_code.new_code

        def noted(groups=proof_code.GROUPS):
            codes.append(mint(groups))
            return codes[-1]

        ticket = (message or self.message).ticket_id.with_user(user or self.agent)
        with patch.object(proof_module.proof_code, "new_code", noted):
            answer = ticket.social_ask_proof(self.option(message))
        return answer, codes[-1] if codes else ""

    def asked(self, **values):
        answer, code = self.ask(**values)
        self.assertTrue(answer["ok"], answer)
        return self.proofs()[:1], proof_code.shown(code)

    def proofs(self):
        return self.env["helpdesk.social.proof"].sudo().search([])


@tagged("post_install", "-at_install")
class TestProof(ProofCase):
    # --- asking -----------------------------------------------------------------
    def test_the_code_is_mailed_to_the_address_on_file_and_nowhere_else(self):
        proof, code = self.asked()
        mail = proof.mail_id
        self.assertIn("jo.miller@example.com", mail.email_to)
        self.assertFalse(mail.recipient_ids)
        self.assertIn(code, mail.body_html)
        for secret in ("parcel", self.ticket.number, self.ticket.name, "jo_social"):
            self.assertNotIn(secret, mail.body_html + mail.subject)
        self.assertFalse(mail.model)
        self.assertTrue(mail.auto_delete)

    def test_the_request_is_a_private_reply_without_code_or_address(self):
        proof, code = self.asked()
        request = proof.request_id
        self.assertEqual(request.audience, "private")
        self.assertEqual(request.conversation_id, self.message.conversation_id)
        self.assertEqual(request.user_id, self.agent)
        self.assertEqual(request.delivery_state, "queued")
        for secret in (code, code.replace("-", ""), "example.com", "Miller", "miller"):
            self.assertNotIn(secret, request.text)

    def test_nobody_here_can_read_the_code(self):
        proof, code = self.asked()
        bare = code.replace("-", "")
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT p::text FROM helpdesk_social_proof p WHERE id = %s", [proof.id]
        )
        row = self.env.cr.fetchone()[0]
        self.assertNotIn(bare, row)
        self.assertNotIn(code, row)
        said = proof.mail_id.mail_message_id
        for user in (self.agent, self.manager, self.agent_own, self.internal):
            self.assertFalse(
                self.env["mail.message"].with_user(user).search([("id", "=", said.id)]),
                user.login,
            )
        self.assertNotIn(code, self.chatter(self.ticket) + self.chatter(self.jo))

    def test_only_in_private_with_a_contact_that_has_an_address(self):
        public = self.say("@us hello", items.PUBLIC, "jo_social")
        ticket = public.ticket_id.with_user(self.agent)
        for option in (
            f"public:{self.account.id}:{public.id}",
            f"private:{self.account.id}:{public.id}",
            "private:0:0",
            "nonsense",
            False,
        ):
            answer = ticket.social_ask_proof(option)
            self.assertFalse(answer["ok"], option)
        self.jo.email = False
        self.assertFalse(self.ask()[0]["ok"])
        self.jo.email = "jo.miller@example.com"
        self.identity.action_unlink()
        self.assertFalse(self.ask()[0]["ok"], "nobody is supposed to be behind it")
        self.identity.sudo().shared = True
        self.assertFalse(self.ask()[0]["ok"])
        self.assertFalse(self.proofs())
        self.assertEqual(self.world.published, [])

    def test_what_cannot_be_said_sends_no_mail(self):
        """The account may not speak: the code must not go out alone."""
        self.account.sudo().speaker_user_ids = self.manager
        answer, _code = self.ask()
        self.assertFalse(answer["ok"])
        self.assertFalse(self.proofs())
        self.assertFalse(self.env["mail.mail"].search([("email_to", "like", "jo.m")]))

    def test_a_contact_is_mailed_three_times_a_day(self):
        for _one in range(proof_module.PER_DAY):
            self.assertTrue(self.ask()[0]["ok"])
        answer, _code = self.ask()
        self.assertFalse(answer["ok"])
        # somebody else who is said to be the same contact does not get round it
        other = self.say("Hello", author="jo_again")
        other.identity_id.action_link(self.jo.id)
        self.assertFalse(self.ask(other)[0]["ok"])
        self.proofs().asked_at = fields.Datetime.now() - timedelta(hours=25)
        self.assertTrue(self.ask(other)[0]["ok"])

    def test_asking_for_a_proof_answers_nobody(self):
        self.message.waiting = True
        self.asked()
        self.env["helpdesk.social.outbox"]._cron_deliver()
        request = self.proofs().request_id
        self.assertEqual((request.delivery_state, request.holding), ("sent", True))
        self.assertTrue(self.message.waiting, "the question is still open")

    # --- proving ----------------------------------------------------------------
    def test_the_right_code_in_the_right_place_verifies(self):
        proof, code = self.asked()
        said = self.say(f"{code.lower()} thanks")
        self.assertEqual(proof.state, "proved")
        self.assertEqual(proof.message_id, said)
        self.assertEqual(said.proof_said, "proved")
        self.assertEqual(said.why, "verified")
        self.assertFalse(said.waiting)
        self.assertNotIn(code.lower(), said.text)
        self.assertIn("thanks", said.text)
        until = self.identity.verified_until
        expected = fields.Datetime.now() + timedelta(days=90)
        self.assertAlmostEqual(until, expected, delta=timedelta(minutes=1))
        self.assertIn("proved by a code", self.chatter(self.jo))
        page = self.ticket.with_user(self.agent).social_timeline()
        person = page["people"][self.identity.id]
        self.assertEqual(person["verified_until"], fields.Datetime.to_string(until))
        row = next(one for one in page["messages"] if one["id"] == said.id)
        self.assertIn("success", [one["tone"] for one in row["notes"]])
        desk = self.ticket.with_user(self.agent).social_composer()["desk"]
        self.assertEqual(desk["who"][self.identity.id]["proof"]["state"], "proved")

    def test_what_is_said_besides_waits_for_an_answer(self):
        _proof, code = self.asked()
        said = self.say(f"{code} and my second parcel is broken, what shall I do?")
        self.assertEqual(said.proof_said, "proved")
        self.assertTrue(said.waiting)

    def test_a_suggested_contact_is_linked_by_its_proof(self):
        self.identity.action_unlink()
        self.identity.sudo().write(
            {
                "refused_partner_ids": [(5,)],
                "suggested_partner_id": self.jo.id,
                "suggestion_reason": "looks alike",
            }
        )
        _proof, code = self.asked()
        self.say(code)
        self.assertEqual(self.identity.partner_id, self.jo)
        self.assertEqual(self.identity.link_basis, "proved")
        self.assertTrue(self.identity.verified_until)

    def test_the_badge_belongs_to_the_contact_it_was_proved_for(self):
        _proof, code = self.asked()
        self.say(code)
        other = self.make_partner("Somebody else")
        self.identity.action_link(other.id)
        self.assertFalse(self.identity.verified_until)
        self.identity.action_link(self.jo.id)
        self.assertTrue(self.identity.verified_until)
        self.identity.sudo().proved_until = fields.Datetime.now() - timedelta(days=1)
        self.assertFalse(self.identity.verified_until)

    # --- what never counts ------------------------------------------------------
    def test_a_code_works_once(self):
        proof, code = self.asked()
        self.say(code)
        self.identity.sudo().proved_until = False
        again = self.say(code)
        self.assertFalse(again.proof_said)
        self.assertFalse(self.identity.verified_until)
        self.assertEqual(proof.state, "proved")

    def test_said_in_public_it_is_burnt(self):
        proof, code = self.asked()
        said = self.say(f"@us what is this? {code}", items.PUBLIC)
        self.assertEqual(said.proof_said, "leaked")
        self.assertTrue(said.waiting, "somebody should look at it")
        self.assertEqual(proof.state, "leaked")
        self.say(code)
        self.assertFalse(self.identity.verified_until)

    def test_the_real_contact_who_complains_in_public_helps_no_impostor(self):
        proof, code = self.asked()
        self.say(f"@us I got {code} and never asked for it", items.PUBLIC, "real_jo")
        self.assertEqual(proof.state, "leaked")
        self.say(code)
        self.assertFalse(self.identity.verified_until)

    def test_another_person_another_conversation_another_account(self):
        proof, code = self.asked()
        elsewhere = self.say(code, thread="another-thread")
        self.assertEqual(elsewhere.proof_said, "elsewhere")
        self.assertEqual(proof.state, "open")
        self.say(code, author="mallory")
        self.assertEqual(proof.state, "leaked")
        self.say(code)
        self.assertFalse(self.identity.verified_until)

    def test_a_group_is_not_private(self):
        proof, code = self.asked()
        self.say(code, items.GROUP, thread="group-1")
        self.assertEqual(proof.state, "leaked")

    def test_forwarded_words_prove_nothing(self):
        proof, code = self.asked()
        said = self.say(code, kind=items.FORWARD)
        self.assertNotEqual(said.proof_said, "proved")
        self.assertEqual(proof.state, "open")

    def test_late_is_late_by_both_clocks(self):
        proof, code = self.asked()
        late = datetime.now(timezone.utc) + timedelta(minutes=3)
        proof.expires_at = fields.Datetime.now() + timedelta(minutes=1)
        said = self.say(code, sent_at=late)
        self.assertEqual(said.proof_said, "late")
        # a network lets people write any date: ours ends it too
        proof.expires_at = fields.Datetime.now() - timedelta(minutes=11)
        early = datetime.now(timezone.utc) - timedelta(minutes=12)
        proof.asked_at = fields.Datetime.now() - timedelta(minutes=26)
        self.assertEqual(self.say(code, sent_at=early).proof_said, "late")
        self.assertFalse(self.identity.verified_until)

    def test_five_wrong_codes_are_enough(self):
        proof, code = self.asked()
        for number in range(proof_module.TRIES):
            self.assertEqual(proof.state, "open", number)
            said = self.say(f"CDFG-{number + 2}{number + 2}HJ")
            self.assertEqual(said.proof_said, "wrong")
        self.assertEqual(proof.state, "tried")
        self.say(code)
        self.assertFalse(self.identity.verified_until)

    def test_many_codes_at_once_are_many_tries(self):
        proof, code = self.asked()
        guesses = [proof_code.shown(proof_code.new_code(2)) for _one in range(50)]
        self.say(" ".join(guesses))
        self.say(" ".join([*guesses[:2], "HJKM-2222"]))
        self.assertEqual(proof.state, "tried")
        self.say(code)
        self.assertFalse(self.identity.verified_until)

    def test_in_one_batch_the_order_of_what_was_said_decides(self):
        proof, code = self.asked()
        for number in range(2, 7):
            self.world.post(f"CDFG-{number}HJ{number}", items.PRIVATE, "jo_social")
        self.say(code)
        self.assertEqual(proof.state, "tried")
        self.assertFalse(self.identity.verified_until)

    def test_wrong_codes_of_others_do_not_lock_anybody_out(self):
        proof, code = self.asked()
        for number in range(2, 9):
            self.say(f"CDFG-{number}HJ{number}", author="mallory")
            self.say(f"CDFG-{number}HJ{number}", items.PUBLIC)
        self.assertEqual(proof.tries, 0)
        self.say(code)
        self.assertTrue(self.identity.verified_until)

    def test_a_new_question_ends_the_one_before(self):
        first, old = self.asked()
        _second, new = self.asked()
        self.assertEqual(first.state, "ended")
        self.assertFalse(first.mail_id.exists(), "it had not left yet")
        self.say(old)
        self.assertFalse(self.identity.verified_until)
        self.say(new)
        self.assertTrue(self.identity.verified_until)

    def test_an_edit_neither_proves_nor_brings_the_code_back(self):
        proof, code = self.asked()
        said = self.world.post("hello", items.PRIVATE, "jo_social")
        self.account.sudo().action_pull()
        self.world.edit(said, code)
        self.account.sudo().action_pull()
        self.assertEqual(proof.state, "open")
        right = self.world.post(code, items.PRIVATE, "jo_social")
        self.account.sudo().action_pull()
        self.world.edit(right, f"{code}!")
        self.account.sudo().action_pull()
        stored = self.env["helpdesk.social.message"].search([("key", "=", right.key)])
        self.assertEqual(stored.proof_said, "proved")
        self.assertNotIn(code, stored.text)

    def test_ordinary_words_cost_no_query(self):
        """Only what looks like a code is looked up."""
        self.asked()
        with patch.object(type(self.proofs()), "_in_question") as looked:
            self.say("My number is +49 2345 6789, order 23456789")
        looked.assert_not_called()

    # --- who and how long --------------------------------------------------------
    def test_who_may_ask(self):
        for user in (self.internal, self.sales, self.history, self.follower):
            with self.subTest(user=user.login):
                answer = None
                try:
                    answer, _code = self.ask(user=user)
                except Exception as error:  # noqa: BLE001 - any refusal will do
                    self.assertIn(type(error).__name__, ("AccessError", "MissingError"))
                self.assertFalse(answer and answer["ok"])
        self.assertFalse(self.proofs())

    def test_settings_have_bounds(self):
        for values in (
            {"proof_minutes": 4},
            {"proof_minutes": 61},
            {"proof_days": 0},
            {"proof_days": 731},
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.account.write(values)

    def test_forgetting_forgets_proofs(self):
        _proof, code = self.asked()
        self.say(code)
        self.identity.with_user(self.manager)._social_forget()
        self.assertFalse(self.proofs())
        self.assertFalse(self.identity.proved_until)

    def test_old_questions_go(self):
        proof, _code = self.asked()
        proof.expires_at = fields.Datetime.now() - timedelta(hours=1)
        self.env["helpdesk.social.proof"].sudo()._gc_proofs()
        self.assertEqual(proof.state, "ended")
        self.assertFalse(proof.code_hash)
        proof.asked_at = fields.Datetime.now() - timedelta(days=401)
        self.env["helpdesk.social.proof"].sudo()._gc_proofs()
        self.assertFalse(proof.exists())

    def test_what_is_told_of_an_address(self):
        for email, told in (
            ("jo.miller@example.com", "j…r@example.com"),
            ("ab@x.example", "a…@x.example"),
            ("a@x.example", "a…@x.example"),
            ("", ""),
            (False, ""),
            ("nonsense", ""),
        ):
            self.assertEqual(proof_module.covered(email), told)


@tagged("post_install", "-at_install")
class TestSuggestionOnThePage(IdentityCase):
    def setUp(self):
        super().setUp()
        self.ticket = self.make_ticket(user_id=self.agent_all.id)
        self.person = self.make_identity("jo.miller", name="Jo Miller")
        thread = self.make_conversation(
            "public", self.ticket, identity_id=self.person.id
        )
        self.make_message(thread, waiting=True)
        self.person._match()

    def who(self, user=None):
        ticket = self.ticket.with_user(user or self.agent_all)
        return ticket.social_composer()["desk"]["who"][self.person.id]

    def test_it_is_told_with_reason_and_confidence(self):
        told = self.who()["suggestion"]
        self.assertEqual(told["id"], self.jo.id)
        self.assertEqual(told["confidence"], "possible")
        self.assertIn("Same name", told["reason"])

    def test_what_the_person_wrote_is_likelier_than_a_name(self):
        other = self.make_identity("someone")
        self.match(self.email(source="text"), identity=other)
        self.assertEqual(other.suggested_partner_id, self.jo)
        self.assertEqual(other.suggestion_confidence, "likely")

    def test_one_click_links_and_one_click_undoes_it_exactly(self):
        before = self.person.suggestion_reason, self.person.suggestion_confidence
        person = self.person.with_user(self.agent_all)
        person.action_accept()
        self.assertEqual(self.person.partner_id, self.jo)
        self.assertEqual(self.ticket.partner_id, self.jo)
        self.assertEqual(self.who()["undo"]["answer"], "accepted")
        person.action_undo_decision()
        self.assertFalse(self.person.partner_id)
        self.assertFalse(self.ticket.partner_id)
        self.assertFalse(self.person.refused_partner_ids)
        self.assertEqual(self.person.suggested_partner_id, self.jo)
        self.assertEqual(
            (self.person.suggestion_reason, self.person.suggestion_confidence), before
        )
        with self.assertRaises(UserError):
            person.action_undo_decision()

    def test_not_them_and_back(self):
        person = self.person.with_user(self.agent_all)
        person.action_refuse()
        self.assertEqual(self.person.refused_partner_ids, self.jo)
        self.assertNotIn("suggestion", self.who())
        self.assertEqual(self.who()["undo"]["answer"], "refused")
        self.assertNotIn("undo", self.who(self.manager), "a colleague's decision")
        person.action_undo_decision()
        self.assertFalse(self.person.refused_partner_ids)
        self.assertEqual(self.who()["suggestion"]["id"], self.jo.id)

    def test_what_was_decided_since_stays(self):
        person = self.person.with_user(self.agent_all)
        person.action_refuse()
        other = self.make_partner("Other")
        person.action_link(other.id)
        with self.assertRaises(UserError):
            person.action_undo_decision()
        self.assertEqual(self.person.partner_id, other)

    def test_a_contact_one_may_not_read_is_not_told(self):
        secret = self.make_partner("Secret", company_id=self.other_company.id)
        self.person.sudo().write({"suggested_partner_id": secret.id})
        self.assertNotIn("suggestion", self.who())
