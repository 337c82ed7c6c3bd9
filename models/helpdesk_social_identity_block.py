"""People who are blocked by us: their messages open no ticket and nobody is asked.

What they say is kept and shown as blocked; blocking is undone any time. Shared names
cannot be blocked: that would silence everybody behind them. It is ours alone, unless
somebody asks for the network as well (``helpdesk_social_block``): there it can be seen
by the person, and by others on some networks, so nothing of it happens by itself.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..networks import items
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
    block_ids = fields.One2many(
        "helpdesk.social.block",
        "identity_id",
        string="Blocked on the Network",
        readonly=True,
        groups=HELPDESK_USER,
    )
    block_offer = fields.Char(
        compute="_compute_block_offer",
        groups=HELPDESK_USER,
        help="What it means to be blocked on the network; empty where it cannot be.",
    )

    _blocked = models.Index("(blocked_at) WHERE blocked_at IS NOT NULL")

    @api.depends("network_id")
    def _compute_block_offer(self):
        for identity in self:
            identity.block_offer = identity._block_means()

    def _block_means(self):
        """What the network does to whom we block there, in words, or ''."""
        adapter_class = self.network_id._adapter_class(self.network_id.code)
        if self.shared or not adapter_class or not adapter_class.block_means:
            return ""
        # pylint: disable=translation-not-lazy
        return self.env._(adapter_class.block_means)

    def _as_author(self):
        """The identity as an adapter's ``Author``."""
        return items.Author(
            id=self.external_id or "",
            handle=self.handle or "",
            name=self.name or "",
            url=self.url or "",
            language=self.language or "",
            shared=self.shared,
            bot=self.bot,
            scope=self.scope or "",
        )

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

    def action_block_there(self):
        """As ``action_block``, and on the network too, as each account of ours that
        they wrote to.

        :raises UserError: the network cannot, or none of them may now
        """
        self.action_block()
        pairs = self._block_pairs()
        _rows, refused = self.env["helpdesk.social.block"]._ask(pairs)
        if len(refused) == len(pairs):
            self._say_refused(refused)
        return True

    def action_unblock(self):
        """New messages are treated as anybody's; what was said meanwhile stays put.

        Where we blocked them on the network, they are let in again there.
        """
        self._check_may_block()
        # sudo: helpdesk.social.identity - written by code only; checked above
        self.sudo().write({"blocked_at": False, "blocked_by_id": False})
        blocks = self.env["helpdesk.social.block"]
        # sudo: helpdesk.social.block - where they were blocked; checked above
        rows = blocks.sudo().search([("identity_id", "in", self.ids)])
        pairs = dict.fromkeys((one.identity_id, one.account_id) for one in rows)
        blocks._ask_back(list(pairs))
        return True

    def _block_pairs(self):
        """(person, account of ours they wrote to): all of them."""
        # sudo: helpdesk.social.message - which accounts, not what was said
        groups = (
            self.env["helpdesk.social.message"]
            .sudo()
            ._read_group(
                [("identity_id", "in", self.ids), ("direction", "=", "in")],
                ["identity_id", "account_id"],
            )
        )
        return [(one.sudo(False), account) for one, account in groups if account]

    @api.model
    def _say_refused(self, refused):
        """:raises UserError: with each reason once, if there is any"""
        if refused:
            raise UserError("\n".join(dict.fromkeys(refused.values())))

    def _block_told(self, accounts):
        """For a screen: can the network block too, and what was done there.

        :param accounts: those of ours that it is about
        """
        self.ensure_one()
        blocks = self.env["helpdesk.social.block"]
        pairs = [(self, one) for one in accounts]
        offers = blocks._offers(pairs) if self._block_means() else {}
        # sudo: helpdesk.social.block, res.users - what colleagues did, their names
        rows = blocks._latest(self._block_pairs() if self.blocked_at else pairs)
        return {
            "means": self._block_means(),
            "allowed": any(one["allowed"] for one in offers.values()),
            "reason": next((one["reason"] for one in offers.values()), ""),
            "cost": next((one["cost"] for one in offers.values()), ""),
            "done": [
                {
                    "id": row.id,
                    "words": row.outcome,
                    "state": row.state,
                    "account": row.account_id.sudo().display_name,
                    "by": row.user_id.sudo().name,
                    "at": fields.Datetime.to_string(row.done_at or row.create_date),
                }
                for row in rows.values()
            ],
        }
