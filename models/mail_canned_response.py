"""Canned responses for the networks: in which language, for which of them, with
placeholders that are filled for the audience before anybody sees them.

Who may use which is Odoo's own rule; nothing here opens more.
"""

from odoo import api, fields, models

from ..networks import items
from ..texts import placeholders
from .helpdesk_social_suggestion import UNKNOWN, language_code
from .helpdesk_ticket_suggest import CANNED


class MailCannedResponse(models.Model):
    _inherit = "mail.canned.response"

    social_network_ids = fields.Many2many(
        "helpdesk.social.network",
        "helpdesk_social_canned_network_rel",
        string="Social Networks",
        help="Offered for these networks only; empty: for all.",
    )
    social_language = fields.Selection(
        selection="_social_languages",
        string="Language",
        help="Offered to people who write in it, and where the language is not known; "
        "empty: to all.",
    )

    @api.model
    def _social_languages(self):
        """One entry per language of Odoo, regions apart."""
        names = {}
        for code, name in self.env["res.lang"].get_installed():
            names.setdefault(language_code(code), name.partition("(")[0].split("/")[0])
        return [(code, name.strip()) for code, name in sorted(names.items())]

    @api.model
    def _social_for(self, network, language):
        """Those that the person may use for this network and language."""
        found = self.search([], order="last_used desc nulls last, source", limit=CANNED)
        # sudo: helpdesk.social.network - ids only
        return found.filtered(
            lambda one: (
                (not one.social_network_ids or network in one.sudo().social_network_ids)
                and (
                    not one.social_language
                    or language in (UNKNOWN, one.social_language)
                )
            )
        )


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def social_canned(self, option):
        """Canned responses for an option of the composer, placeholders filled.

        :return: list of {id, source, text, long, left}
        """
        audience, account, message = self._social_choice(option)
        self._social_suggest_check()
        canned = self.env["mail.canned.response"]._social_for(
            account.network_id, language_code(message.language)
        )
        values = self._social_placeholders(account, message, audience)
        told = []
        for one in canned:
            text = placeholders.fill(one.substitution, values)
            told.append(
                {
                    "id": one.id,
                    "source": one.source,
                    "text": text,
                    "long": self._social_too_long(text, account, message, audience),
                    "left": placeholders.left(text),
                }
            )
        # of two of one name, the one that fits the network
        return sorted(told, key=lambda one: one["long"])

    def _social_filled(self, canned, message, audience=items.PUBLIC):
        """Its words for whoever said this; for the world unless told otherwise."""
        account = message.account_id
        values = self._social_placeholders(account, message, audience)
        return placeholders.fill(canned.substitution, values)

    def _social_canned_to_rank(self, account, message):
        """(key, shortcut, text, opinions) of the canned responses for this person."""
        canned = self.env["mail.canned.response"]._social_for(
            account.network_id, language_code(message.language)
        )
        opinions = {
            one: dict.fromkeys(("accepted", "edited", "dismissed"), 0)
            for one in canned.ids
        }
        if not canned:
            return []
        # sudo: …feedback - numbers only
        feedback = self.env["helpdesk.social.suggestion.feedback"].sudo()
        for one, how, number in feedback._read_group(
            [("canned_id", "in", canned.ids)], ["canned_id", "how"], ["__count"]
        ):
            opinions[one.id][how] = number
        return [
            (f"canned:{one.id}", one.source, one.substitution, opinions[one.id])
            for one in canned
        ]
