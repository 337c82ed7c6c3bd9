"""Many people below one post within a short time: one matter, one ticket.

The intake opens an incident (``intake_incident``); who writes below the same post while
it is open joins its ticket. One row per account and post; it holds no words and no
names. An incident is over when its ticket is: whoever writes then gets a ticket as
usual, and a new storm makes a new incident.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .helpdesk_social_account import HELPDESK_USER


class HelpdeskSocialIncident(models.Model):
    _name = "helpdesk.social.incident"
    _description = "Social Incident"
    _order = "id desc"

    account_id = fields.Many2one(
        "helpdesk.social.account", required=True, ondelete="cascade"
    )
    root_key = fields.Char(
        required=True, index=True, help="The post that all write below."
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, ondelete="cascade", index=True
    )
    ended_at = fields.Datetime()
    holding_id = fields.Many2one(
        "helpdesk.social.message",
        ondelete="set null",
        index="btree_not_null",
        help="The holding statement below the post.",
    )

    # two lanes at once never open two
    _one_open = models.UniqueIndex(
        "(account_id, root_key) WHERE ended_at IS NULL",
        "There is an incident about this post already.",
    )

    @api.model
    def _of(self, ticket):
        return self.search([("ticket_id", "=", ticket.id)], limit=1)

    def _root(self):
        """The post that all write below, as far as it is known here."""
        self.ensure_one()
        return self.env["helpdesk.social.message"].search(
            Domain("company_id", "=", self.account_id.company_id.id)
            & Domain("network_id", "=", self.account_id.network_id.id)
            & Domain("key", "=", self.root_key),
            limit=1,
        )

    def _threads(self):
        """All conversations below that post, on whatever ticket."""
        self.ensure_one()
        return self.env["helpdesk.social.conversation"].search(
            [("account_id", "=", self.account_id.id), ("root_key", "=", self.root_key)]
        )


class HelpdeskSocialConversation(models.Model):
    _inherit = "helpdesk.social.conversation"

    root_key = fields.Char(
        readonly=True,
        copy=False,
        help="The post at the top that it stands below, whoever wrote that.",
    )

    _same_root = models.Index(
        "(account_id, root_key, last_inbound_at) WHERE root_key IS NOT NULL"
    )


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    incident_people = fields.Integer(
        string="Incident From",
        default=20,
        help="So many people below one post make one incident with one ticket instead "
        "of a ticket each. 0: never.",
    )
    incident_minutes = fields.Integer(
        string="Within", default=60, help="Minutes in which they write."
    )
    incident_rate = fields.Integer(
        string="Paced Answers",
        default=6,
        help="Answers per minute, when many people are answered one by one.",
    )

    @api.constrains("incident_people", "incident_minutes", "incident_rate")
    def _check_incident(self):
        for account in self:
            if account.incident_people and not 3 <= account.incident_people <= 10000:
                raise ValidationError(
                    self.env._("An incident takes 3 to 10000 people, or 0 for never.")
                )
            if not 1 <= account.incident_minutes <= 60 * 24 * 7:
                raise ValidationError(
                    self.env._("An incident is looked for within 1 minute to 7 days.")
                )
            # 60: the sending lane is called once a minute, and people read along
            if not 1 <= account.incident_rate <= 60:
                raise ValidationError(
                    self.env._("Paced answers are 1 to 60 per minute.")
                )


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    social_incident = fields.Boolean(
        string="Incident",
        copy=False,
        readonly=True,
        groups=HELPDESK_USER,
        help="Many people below one post.",
    )
