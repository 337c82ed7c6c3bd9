"""An account of somebody else on a network, linked to a contact or not yet.

The id identifies, the handle is a label. Nobody is ever linked on a name alone;
anonymous and shared authors are never matched. How a link came about is kept.
"""

from odoo import api, fields, models


class HelpdeskSocialIdentity(models.Model):
    _name = "helpdesk.social.identity"
    _description = "Social Identity"
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "handle"]

    company_id = fields.Many2one("res.company", required=True, index=True)
    network_id = fields.Many2one(
        "helpdesk.social.network", required=True, ondelete="restrict", index=True
    )
    scope = fields.Char(required=True, default="")
    external_id = fields.Char(required=True)
    handle = fields.Char()
    name = fields.Char()
    url = fields.Char(string="Profile")
    avatar_url = fields.Char()
    language = fields.Char()
    followers = fields.Integer()
    verified = fields.Boolean()
    bot = fields.Boolean()
    shared = fields.Boolean(help="One id for many people; never matched to a contact.")
    evidence = fields.Json(
        help="Phones and e-mail addresses the person gave through the network: "
        "list of {kind, value, source, at}."
    )
    # the link and how sure it is
    partner_id = fields.Many2one(
        "res.partner", string="Contact", index="btree_not_null", check_company=True
    )
    link_basis = fields.Selection(
        [
            ("manual", "Linked by a colleague"),
            ("phone", "Gave the contact's phone number"),
            ("email", "Gave the contact's e-mail address"),
            ("created", "Contact made from this identity"),
            ("accepted", "Suggestion accepted"),
        ],
        readonly=True,
    )
    link_note = fields.Char(readonly=True)
    linked_by_id = fields.Many2one("res.users", readonly=True)
    linked_at = fields.Datetime(readonly=True)
    suggested_partner_id = fields.Many2one(
        "res.partner", string="Suggested Contact", index="btree_not_null"
    )
    suggestion_reason = fields.Char()
    refused_partner_ids = fields.Many2many(
        "res.partner", "helpdesk_social_identity_refused_rel", string="Refused"
    )
    message_ids = fields.One2many("helpdesk.social.message", "identity_id")

    _external_unique = models.Constraint(
        "UNIQUE (company_id, network_id, scope, external_id)",
        "This identity is known already.",
    )

    @api.depends("name", "handle", "network_id")
    def _compute_display_name(self):
        for identity in self:
            handle = identity.handle and f"@{identity.handle.lstrip('@')}"
            label = identity.name or handle or identity.external_id
            if handle and label != handle:
                label = f"{label} ({handle})"
            identity.display_name = label
