"""Approved words in the composer: which there are, what fills their gaps, what the
person will read.

The browser hands back a template's id and the words for its gaps; what is sent is made
here of both. Nothing that is no template of the account is ever believed.
"""

from odoo import models
from odoo.exceptions import UserError

from ..networks import base, errors, items
from . import common, social_failure
from .helpdesk_social_suggestion import UNKNOWN, language_code

#: templates told to the browser: more are found by their list on the account
MAX_TOLD = 500


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === THE LIST === #
    def social_templates(self, option, refresh=False):
        """The templates for an option of the composer, the person's language first.

        :param refresh: ask the network first
        :return: {"templates": [{id, name, language, …, fields}], "at", "error"}
        """
        self.ensure_one()
        audience, account, message = self._social_choice(option)
        self._social_template_check(account, audience)
        error = ""
        if refresh:
            try:
                with self.env.cr.savepoint():
                    account.action_sync_templates()
            except UserError as caught:
                error = str(caught.args[0])
        rows = self.env["helpdesk.social.template"].search(
            [("account_id", "=", account.id)], limit=MAX_TOLD
        )
        wanted = self._social_template_language(message)
        values = self._social_placeholders(account, message, audience)
        told = [row._told(values) for row in rows]
        told.sort(key=lambda one: (not one["usable"], one["name"], one["language"]))
        # sudo: helpdesk.social.account - a moment
        at = account.sudo().templates_at
        return {
            "templates": told,
            "language": wanted,
            "at": str(at) if at else False,
            "error": error,
        }

    def _social_template_check(self, account, audience):
        """:raises UserError: no templates there, or not for this person"""
        # sudo: helpdesk.social.account - the company is compared by _may_speak
        if not account.sudo()._may_speak(self.env.user):
            raise UserError(social_failure.explain(self.env, "not_allowed_to_speak"))
        if audience != items.PRIVATE or not account.has_templates:
            raise UserError(social_failure.explain(self.env, "unsupported"))

    def _social_template_language(self, message):
        """Two letters: the person's language, the contact's, or the company's."""
        # sudo: helpdesk.social.identity, res.partner - a language
        partner = message.sudo().identity_id.partner_id
        for one in (
            message.language,
            message.sudo().identity_id.language,
            partner.lang,
            self.company_id.partner_id.lang,
        ):
            if language_code(one) != UNKNOWN:
                return language_code(one)
        return "en"

    # === CHOSEN === #
    def _social_template(self, account, chosen):
        """(the template, the words for its gaps) behind what the browser says.

        :param chosen: {"id": …, "values": {gap: words}}
        :raises UserError: with a sentence that says why not
        """

        def refuse(code, detail=""):
            raise UserError(social_failure.explain(self.env, code, detail))

        try:
            number = int(chosen["id"])
            given = dict(chosen.get("values") or {})
        except (KeyError, TypeError, ValueError):
            refuse("template_gone")
        template = self.env["helpdesk.social.template"].search(
            [("id", "=", number), ("account_id", "=", account.id)]
        )
        if not template:
            refuse("template_gone")
        reason = template._why_not()
        if reason:
            refuse(reason)
        names = [one["name"] for one in template.gaps or () if one["kind"] == "text"]
        return template, {
            name: common.storable(given.get(name) or "") for name in names
        }

    def _social_filled_template(self, account, chosen):
        """(template, words for its gaps, what the person will read).

        :raises UserError: with a sentence that says why not
        """
        template, values = self._social_template(account, chosen)
        filled = items.FilledTemplate(template._item(), values)
        try:
            text = account.sudo()._bare_adapter(tokens={}).preview(filled)
        except errors.NetworkError as error:
            detail = template._gap_label(error.detail)
            raise UserError(
                social_failure.explain(self.env, error.code, detail)
            ) from error
        return template, values, text

    def _social_made_of(self, account, audience, text, template):
        """Override: approved words instead of one's own."""
        if not template:
            return super()._social_made_of(account, audience, text, template)
        self._social_template_check(account, audience)
        row, values, text = self._social_filled_template(account, template)
        filled = items.FilledTemplate(row._item(), values)
        kept = {"template_id": row.id, "template_values": values or False}
        return {"values": kept, "filled": filled}, text

    # === THE COMPOSER === #
    def _social_option(self, message, account, audience, afforded, silence):
        """Override: remember whether it is the account that is silent."""
        option = super()._social_option(message, account, audience, afforded, silence)
        return option | ({"silent": True} if silence else {})

    def _social_options(self, message, affordances):
        """Override: with what is said of approved words, where there are any."""
        options = super()._social_options(message, affordances)
        way = next((one for one in affordances if one["kind"] == base.TEMPLATE), None)
        if not way:
            return options
        for option in options:
            if option["audience"] == message.audience:
                option["template"] = {
                    "allowed": way["allowed"] and not option.get("silent"),
                    "reason": way["reason"],
                }
        return options

    def social_measure(self, text, option, files=0, consent=None, template=None):
        """Override: a template's words are what its gaps make of them.

        :param template: {"id": …, "values": {gap: words}}
        """
        if not template:
            return super().social_measure(text, option, files, consent)
        audience, account, message = self._social_choice(option)
        self._social_template_check(account, audience)
        try:
            chosen, _values, text = self._social_filled_template(account, template)
        except UserError as error:
            return {"error": str(error.args[0])}
        return {
            "length": len(text),
            "limit": 0,
            "parts": [text],
            "preview": text,
            "cost": chosen._price()[0],
            "concerns": self._social_concerns_told(
                text, audience, account, message, consent
            ),
        }
