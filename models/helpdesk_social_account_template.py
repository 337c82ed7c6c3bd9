"""The approved words of an account: fetched when it is connected, once a day, and when
somebody asks.

Only where the network has such a thing; nobody else asks it anything.
"""

import logging
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..networks import base, errors
from . import common

_logger = logging.getLogger(__name__)

#: pages of one list that are read: WhatsApp allows 6,000 templates, a hundred a page
MAX_PAGES = 100
#: the list is fetched again after this long
SYNC_EVERY = timedelta(days=1)
#: whoever asks again within this time gets what is there
SYNC_PAUSE = timedelta(seconds=30)


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    template_ids = fields.One2many("helpdesk.social.template", "account_id")
    templates_at = fields.Datetime(
        string="Templates Fetched", readonly=True, copy=False
    )
    has_templates = fields.Boolean(compute="_compute_has_templates")

    def _compute_has_templates(self):
        for account in self:
            adapter_class = account.network_id._adapter_class(account.network_id.code)
            account.has_templates = bool(
                adapter_class and adapter_class.can(base.TEMPLATES)
            )

    def _sync_templates(self):
        """Read the whole list of the network and make ours the same.

        :raises NetworkError: it could not be read to its end; nothing has changed then
        """
        self.ensure_one()
        adapter, found, cursor = self._adapter(), [], ""
        for _page in range(MAX_PAGES):
            page = adapter.templates(cursor)
            found += page.templates
            if not page.more or page.cursor == cursor:
                break
            cursor = page.cursor
        else:
            raise errors.MalformedResponse("too_large", "templates")
        self.env["helpdesk.social.template"]._follow(self, found)
        # sudo: helpdesk.social.account - kept by the machine
        self.sudo().templates_at = fields.Datetime.now()

    def _try_templates(self):
        """As ``_sync_templates``, for callers that have something better to do."""
        if not self.has_templates:
            return
        try:
            self._sync_templates()
        except errors.NetworkError as error:
            _logger.info("account %s: templates: %s", self.id, error)  # tomorrow again

    def _connected(self, profile):
        """Override: agents find the templates from the first moment on."""
        result = super()._connected(profile)
        self._try_templates()
        return result

    def _keep_alive(self):
        """Override: the list once a day."""
        result = super()._keep_alive()
        since = self.templates_at
        if self.state == "active" and not (
            since and since > fields.Datetime.now() - SYNC_EVERY
        ):
            if self.has_templates:
                common.let_go(self.env)
            self._try_templates()
        return result

    def action_sync_templates(self):
        """Fetch them now; helpdesk users may, not more often than makes sense.

        :raises UserError: why the network gave none
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(
            "helpdesk_mgmt.group_helpdesk_user_own"
        ):
            raise UserError(self.env._("Only helpdesk users may do this."))
        if not self.has_templates or self._silence_reason():
            return True
        # sudo: helpdesk.social.account - the lists of the network, no secret is told
        account = self.sudo()
        since = account.templates_at
        if since and since > fields.Datetime.now() - SYNC_PAUSE:
            return True
        try:
            account._sync_templates()
        except errors.NetworkError as error:
            raise UserError(self._explain(error)) from error
        return True

    def action_open_templates(self):
        """What the network has approved, and what it has not."""
        action = self._action_of("helpdesk_social.action_template", [])
        action["context"] = {"active_test": False}
        return action
