"""Words of adapters in the reader's language, wherever they are shown."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import code_translations

from ..networks import errors
from .budget_network import REPLY, BudgetCase, TwoStreams
from .push_network import PushFixtures

MODULE, LANG = "helpdesk_social", "fr_FR"
WORDS = {
    "Server": "Serveur",
    "Where it lives.": "Où il se trouve.",
    "Access token": "Jeton d'accès",
    "Nickname": "Surnom",
    "to see what people write": "pour voir ce qu'on écrit",
    "Letters": "Lettres",
    "Items read": "Éléments lus",
    "Replies sent": "Réponses envoyées",
}


class French:
    """Fixtures: a language is installed, and the addon has these words in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang(LANG)
        known = {**code_translations.get_python_translations(MODULE, LANG), **WORDS}
        cls.startClassPatcher(
            patch.dict(code_translations.python_translations, {(MODULE, LANG): known})
        )


@tagged("post_install", "-at_install")
class TestTermsOfConnecting(French, PushFixtures, TransactionCase):
    def test_the_dialog(self):
        self.account.sudo().external_id = "somebody else"
        self.manager.lang = LANG
        network = self.network.with_user(self.manager).with_context(lang=LANG)
        action = network.action_open_connect()
        dialog = network.env["helpdesk.social.connect"].browse(action["res_id"])
        self.assertEqual(dialog.server_label, "Serveur")
        self.assertEqual(dialog.server_help, "Où il se trouve.")
        # Client id has no translation here: it stays
        self.assertEqual(
            dialog.line_ids.mapped("label"), ["Jeton d'accès", "Client id", "Surnom"]
        )
        self.assertIn("pour voir ce qu'on écrit", dialog.scopes_text)
        self.assertIn("<code>read</code>", dialog.scopes_text)

    def test_the_same_account_for_two_readers(self):
        """Nothing is kept in the language of whoever looked first."""
        for lang, words in ((LANG, "pour voir"), ("en_US", "to see"), (LANG, "pour")):
            account = self.account.with_context(lang=lang)
            rights = next(one for one in account.checklist if one["key"] == "scopes")
            self.assertIn(words, " ".join(one["text"] for one in rights["items"]))
            self.assertIn("read", [one["name"] for one in rights["items"]])

    def test_what_is_missing_is_named(self):
        account = self.account.with_context(lang=LANG)
        account.sudo().base_url = False
        with self.assertRaisesRegex(UserError, "Serveur"):
            account.action_connect()
        with self.assertRaisesRegex(UserError, "Serveur"):
            account.action_sign_in()
        error = errors.ConfigError("missing_setting", "nickname")
        self.assertIn("Surnom", account._explain(error))

    def test_what_is_no_word_of_ours_stays(self):
        network = self.network.with_context(lang=LANG)
        for text in ("", False, "Sérveur", "%(x)s", "100 %", "<b>Server</b>"):
            self.assertEqual(network._term(text), text)
        self.assertEqual(self.env["helpdesk.social.network"]._term("Server"), "Server")
        with patch.object(type(network), "_adapter_class", lambda model, code: None):
            self.assertEqual(network._term("Server"), "Server")


@tagged("post_install", "-at_install")
class TestTermsOfMoney(French, BudgetCase):
    def test_prices(self):
        rows = self.app.price_ids
        self.assertIn("Éléments lus", rows.with_context(lang=LANG).mapped("label"))
        self.assertIn("Items read", rows.mapped("label"))

    def test_what_was_spent(self):
        for number in range(2):
            self.world.post(f"hello {number}")
        self.account.action_pull()
        self.reply()
        self.deliver()
        self.book()
        rows = self.rows()
        french = rows.with_context(lang=LANG)
        self.assertEqual(set(rows.mapped("label")), {"Items read", "Replies sent"})
        self.assertEqual(
            set(french.mapped("label")), {"Éléments lus", "Réponses envoyées"}
        )
        groups = french.formatted_read_group(
            [("id", "in", rows.ids)], ["label"], ["number:sum"]
        )
        self.assertEqual(
            {one["label"]: one["number:sum"] for one in groups},
            {"Éléments lus": 2, "Réponses envoyées": 1},
        )
        self.assertEqual(french.search([("label", "ilike", "envoy")]).kind, REPLY)
        # merging what is old keeps all languages
        rows.day = "2020-01-01"
        rows.copy()
        while self.env["helpdesk.social.spending"]._gc_merge()[1]:
            pass
        self.env.invalidate_all()
        merged = self.rows().with_context(lang=LANG)
        self.assertEqual(
            sorted(merged.mapped("label")), ["Réponses envoyées", "Éléments lus"]
        )

    def test_a_stream(self):
        with self.with_network(TwoStreams):
            account = self.account.with_context(lang=LANG)
            self.assertEqual(account._stream_label("mail"), "Lettres")
            self.assertEqual(account._stream_label("inbox"), "inbox")
