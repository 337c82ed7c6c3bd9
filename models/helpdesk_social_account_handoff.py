"""What an account says when it asks into private, and when it closes in public.

Words of the admin, per language; without any, ours. They are said in public: nothing of
a customer may ever be put into them. Also the account of our own page that goes with
this one: whoever may speak as the one speaks through the other.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

from ..networks import items
from .helpdesk_social_account_checklist import GOOD

_lt = LazyTranslate(__name__)

#: what stands for the invitation's address in the words
LINK = "{link}"
NOTES = {
    items.DIRECT: _lt("We have sent you a private message."),
    items.DIRECT_POST: _lt("We have sent you a private message."),
    items.PRIVATE_REPLY: _lt("We have sent you a private message."),
    items.LINK: _lt("Please write to us in private: {link}"),
    items.PAGE: _lt("Please write to us in private: {link}"),
}
DONE = _lt("Solved in private. Thank you for your patience!")
PAGE_NETWORK = "helpdesk_social.network_own_page"


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    handoff_days = fields.Integer(
        string="Invitations Last",
        default=7,
        help="Days after which an invitation into private is worth nothing.",
    )
    handoff_note = fields.Text(
        string="After a Private Message",
        translate=True,
        help="Said in public when a private message was sent. Empty: our own words, in "
        "the customer's language.",
    )
    handoff_link_note = fields.Text(
        string="With an Invitation",
        translate=True,
        help="Said in public to somebody who is to write to us; {link} is the address.",
    )
    handoff_done = fields.Text(
        string="Solved in Private",
        translate=True,
        help="Proposed as public answer once it was solved in private.",
    )
    page_for_id = fields.Many2one(
        "helpdesk.social.account",
        string="Private Page Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
        help="The account whose customers write here when their network has no private "
        "messages.",
    )

    _page_unique = models.UniqueIndex(
        "(page_for_id) WHERE page_for_id IS NOT NULL", "It has a page already."
    )

    @api.constrains("handoff_days")
    def _check_handoff_days(self):
        if any(not 1 <= one.handoff_days <= 90 for one in self):
            raise ValidationError(self.env._("Invitations last 1 to 90 days."))

    @api.constrains("handoff_link_note")
    def _check_handoff_link_note(self):
        for account in self:
            if account.handoff_link_note and LINK not in account.handoff_link_note:
                raise ValidationError(
                    self.env._("The words of an invitation must contain {link}.")
                )

    # === WORDS === #
    @api.model
    def _lang_of(self, message):
        """The installed language in which somebody is best answered in public.

        That of the message, else of the person; the same language of another country
        will do. Else the language of whoever asks.
        """
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        for said in (message.language, message.identity_id.language):
            wanted = (said or "").replace("-", "_")
            exact = [one for one in installed if one.lower() == wanted.lower()]
            close = [
                one
                for one in installed
                if wanted and one.partition("_")[0] == wanted.partition("_")[0].lower()
            ]
            if exact or close:
                return (exact or close)[0]
        return self.env.lang or "en_US"

    def _handoff_words(self, kind, message):
        """The public note for a way, in the person's language."""
        self.ensure_one()
        account = self.with_context(lang=self._lang_of(message))
        own = (
            account.handoff_link_note
            if kind in (items.LINK, items.PAGE)
            else account.handoff_note
        )
        # pylint: disable-next=translation-not-lazy
        return own or account.env._(NOTES[kind])

    def _closing_words(self, message):
        """The short public answer after a private solution, in their language."""
        account = self.with_context(lang=self._lang_of(message))
        # pylint: disable-next=translation-not-lazy
        return account.handoff_done or account.env._(DONE)

    # === THE PAGE === #
    def _page_account(self):
        """The account of our own page that goes with this one, made when needed."""
        self.ensure_one()
        # sudo: helpdesk.social.account - kept by the machine; callers checked who asks
        accounts = self.sudo().with_context(active_test=False)
        known = accounts.search([("page_for_id", "=", self.id)])
        if known:
            return known
        own = self.sudo()
        page = accounts.create(
            {
                "name": self.env._("%(account)s, private page", account=own.name),
                "network_id": self.env.ref(PAGE_NETWORK).id,
                "company_id": own.company_id.id,
                "team_id": own.team_id.id,
                "page_for_id": own.id,
                # nobody has to ask a page of ours for what was written there
                "push": True,
            }
        )
        page._connected(page._adapter().check())
        return page

    def _checked_delivery(self, adapter_class):
        """Override: nobody delivers to a page of ours."""
        if self.page_for_id and self.state == "active":
            title = self.env._("Delivery")
            text = self.env._("What is written on the page is here at once.")
            return self._line("delivery", GOOD, title, text)
        return super()._checked_delivery(adapter_class)

    def _speakers(self):
        """Override: through the page speaks whoever may speak as its account."""
        # sudo: helpdesk.social.account - the list of speakers decides for everyone
        origin = self.sudo().page_for_id
        return origin._speakers() if origin else super()._speakers()

    def write(self, vals):
        """Override: the page follows its account to another team."""
        result = super().write(vals)
        if "team_id" in vals:
            # sudo: helpdesk.social.account - as above
            pages = self.sudo().with_context(active_test=False)
            pages = pages.search([("page_for_id", "in", self.ids)])
            if pages:
                pages.write({"team_id": vals["team_id"]})
        return result
