"""People who are blocked by us: their messages open no ticket and nobody is asked.

What they say is kept and shown as blocked; blocking is undone any time. Shared names
cannot be blocked: that would silence everybody behind them.
"""

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .helpdesk_social_account import HELPDESK_USER


class HelpdeskSocialIdentity(models.Model):
    _inherit = "helpdesk.social.identity"

    blocked_at = fields.Datetime(
        string="Blocked since",
        readonly=True,
        copy=False,
        help="New messages open no ticket and do not wait for an answer.",
    )
    blocked_by_id = fields.Many2one("res.users", readonly=True, copy=False)

    _blocked = models.Index("(blocked_at) WHERE blocked_at IS NOT NULL")

    def _check_may_block(self):
        self.check_access("read")
        if not self.env.user.has_group(HELPDESK_USER):
            raise AccessError(self.env._("Only helpdesk users may block people."))

    def action_block(self):
        """From now on this person's messages open no ticket and do not wait."""
        self._check_may_block()
        if any(one.shared for one in self):
            raise UserError(
                self.env._(
                    "Many people write under this one name: blocking it would silence "
                    "all of them."
                )
            )
        # sudo: helpdesk.social.identity - written by code only; checked above
        self.sudo().filtered(lambda one: not one.blocked_at).write(
            {"blocked_at": fields.Datetime.now(), "blocked_by_id": self.env.uid}
        )
        return True

    def action_unblock(self):
        """New messages are treated as anybody's; what was said meanwhile stays put."""
        self._check_may_block()
        # sudo: helpdesk.social.identity - written by code only; checked above
        self.sudo().write({"blocked_at": False, "blocked_by_id": False})
        return True
