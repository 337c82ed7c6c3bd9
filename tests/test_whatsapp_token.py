"""Meta's refusals in words, and what its token may do and until when."""

from datetime import datetime, timezone

from odoo.tests import TransactionCase, tagged

from ..models import social_failure
from ..models.helpdesk_social_account_ends import DATA_ENDS
from ..networks import meta_graph_errors
from .test_whatsapp import WhatsAppFixtures


@tagged("post_install", "-at_install")
class TestMetaWords(TransactionCase):
    def test_each_refusal_has_a_sentence(self):
        """What an agent or admin reads: never a bare code."""
        words = {word for _kind, word in meta_graph_errors.TABLE.values()}
        for word in sorted(words):
            self.assertIn(word, social_failure.WORDS)
            said = social_failure.explain(self.env, word, "detail")
            self.assertNotIn("%(", said, word)
            self.assertGreater(len(said), 15, word)


@tagged("post_install", "-at_install")
class TestWhatsAppToken(WhatsAppFixtures, TransactionCase):
    """What Meta says of the token is on the form, and told before it happens."""

    def in_days(self, days):
        return int(datetime.now(timezone.utc).timestamp()) + days * 86400

    def prove(self, **facts):
        self.sim.tokens[self.sim.token] |= facts
        self.account.last_check_at = False
        self.account._keep_alive()
        self.env.invalidate_all()

    def end(self):
        return next(one for one in self.account.checklist if one["key"] == "end")

    def test_a_system_users_token_never_ends(self):
        self.assertEqual(self.end()["mark"], "good")
        self.assertIn("never ends", self.end()["text"])
        self.assertFalse(self.account.token_expires_at)

    def test_one_that_ends_is_told_two_weeks_before(self):
        self.prove(expires_at=self.in_days(40))
        self.assertEqual(self.end()["mark"], "good")
        self.assertEqual(self.account.health, "good")
        self.prove(expires_at=self.in_days(10))
        self.assertEqual(self.end()["mark"], "warn")
        self.assertEqual(self.account.health, "attention")
        ending = ["helpdesk_social.mail_activity_sign_in_ends"]
        self.account._keep_alive()
        self.assertEqual(len(self.account.activity_search(ending)), 1)
        # a system user's took its place
        self.prove(expires_at=0)
        self.account._keep_alive()
        self.assertFalse(self.account.activity_search(ending))
        self.assertIn("never ends", self.end()["text"])

    def test_access_to_data_is_told_before_it_ends_and_stops_nothing(self):
        self.prove(data_access_expires_at=self.in_days(60))
        self.assertEqual(self.end()["mark"], "good")
        self.assertIn("leaves out", self.end()["text"])
        self.assertEqual(self.account.health, "good")
        self.prove(data_access_expires_at=self.in_days(13))
        self.assertEqual(self.end()["mark"], "warn")
        self.assertEqual(self.account.health, "attention")
        self.prove()
        self.assertEqual(len(self.account.activity_search([DATA_ENDS])), 1)
        self.prove(data_access_expires_at=self.in_days(-1))
        self.assertEqual(self.account.state, "active", "what works goes on")
        self.assertTrue(self.reply(self.hear()))
        self.prove(data_access_expires_at=self.in_days(90))
        self.assertFalse(self.account.activity_search([DATA_ENDS]))

    def test_a_token_that_ended_stops_the_account(self):
        self.prove(expires_at=self.in_days(10))
        self.prove(error=True)
        self.assertEqual(self.account.state, "needs_auth")
