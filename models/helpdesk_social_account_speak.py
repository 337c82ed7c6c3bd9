"""Who may speak as an account, to whom in private, and which authors are us.

Decides; it never sends.
"""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import ormcache

from ..networks import base
from ..networks.items import PRIVATE
from .helpdesk_social_account import HELPDESK_USER


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    private_note = fields.Text(related="network_id.private_note")

    # === WHO MAY SPEAK === #
    def _may_speak(self, user=None):
        """Is this user allowed to speak as this account?"""
        self.ensure_one()
        user = user or self.env.user
        if not user._is_internal() or not user.has_group(HELPDESK_USER):
            return False
        # sudo: res.users - the companies and groups of whoever is asked about
        user = user.sudo()
        if self.company_id.id not in user._get_company_ids():
            return False
        people, groups = self._speakers()
        if not people and not groups:
            return True
        return user.id in people or not groups.isdisjoint(user._get_group_ids())

    @ormcache("self.id")
    def _speakers(self):
        """Ids of (people, groups) that may speak; a person who left is still named,
        so that nobody else takes the place. Remembered until somebody changes it."""
        # sudo: helpdesk.social.account - the list of speakers decides for everyone
        account = self.sudo().with_context(active_test=False)
        return (
            frozenset(account.speaker_user_ids.ids),
            frozenset(account.speaker_group_ids.ids),
        )

    def write(self, vals):
        result = super().write(vals)
        if "speaker_user_ids" in vals or "speaker_group_ids" in vals:
            self.env.registry.clear_cache()
        return result

    def _knows_in_private(self, person):
        """May a private message to this person leave now?

        Some networks let us write first; on the others the person must have.
        """
        self.ensure_one()
        if self.network_id._get_adapter_class().can(base.PRIVATE_FIRST):
            return True
        return bool(
            person
            and self.env["helpdesk.social.conversation"].search_count(
                [
                    ("account_id", "=", self.id),
                    ("audience", "=", PRIVATE),
                    ("participant_ids", "in", person.ids),
                ],
                limit=1,
            )
        )

    def _known_in_private(self, messages):
        """{(account id, identity id)} of authors of these messages with whom there is a
        private conversation; of accounts whose rules go by that.

        One query for a whole page, and none where nothing asks: a private message needs
        no such knowledge, and most networks let anybody write first.
        """
        asking = self.filtered(lambda one: one._asks_private_past())
        shown = messages.filtered(
            lambda one: one.account_id in asking and one.audience != PRIVATE
        )
        people = shown.identity_id
        if not people:
            return set()
        found = self.env["helpdesk.social.conversation"]._read_group(
            [
                ("account_id", "in", shown.account_id.ids),
                ("audience", "=", PRIVATE),
                ("participant_ids", "in", people.ids),
            ],
            ["account_id", "participant_ids"],
        )
        return {(account.id, person.id) for account, person in found}

    def _asks_private_past(self):
        adapter_class = self.network_id._adapter_class(self.network_id.code)
        if adapter_class is None or not adapter_class.can(base.REPLY_PRIVATE):
            return False
        return adapter_class.asks_private_past or not adapter_class.can(
            base.PRIVATE_FIRST
        )

    @api.model
    def _own_ids(self, network, external_ids):
        """Which of these author ids are accounts of ours, of any company."""
        # sudo: helpdesk.social.account - an author of another company is us as well
        accounts = (
            self.sudo()
            .with_context(active_test=False)
            .search(
                Domain("network_id", "=", network.id)
                & Domain("external_id", "in", list(external_ids))
            )
        )
        return set(accounts.mapped("external_id"))
