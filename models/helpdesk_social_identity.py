"""An account of somebody else on a network, linked to a contact or not yet.

The id identifies, the handle is a label. Nobody is ever linked on a name alone;
anonymous and shared authors are never matched. How a link came about is kept, and
undoing it undoes what the link did and nothing else. Nobody writes this model through
the ORM's access rules: every change goes through a method here that checks first.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from . import common

HELPDESK_USER = "helpdesk_mgmt.group_helpdesk_user_own"

#: how a link came about, for people
LINK_BASIS = [
    ("manual", "Linked by a colleague"),
    ("phone", "Gave the contact's phone number"),
    ("email", "Gave the contact's e-mail address"),
    ("created", "Contact made from this identity"),
    ("accepted", "Suggestion accepted"),
    ("merged", "Same person as another identity"),
    ("proved", "Sent back a code that was mailed to the contact"),
]
#: words, not numbers: nobody has measured how often it is right
CONFIDENCE = [("likely", "Likely"), ("possible", "Possible")]
NO_SUGGESTION = dict.fromkeys(
    ("suggested_partner_id", "suggestion_reason", "suggestion_confidence"), False
)


class HelpdeskSocialIdentity(models.Model):
    _name = "helpdesk.social.identity"
    _description = "Social Identity"
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "handle"]

    company_id = fields.Many2one("res.company", required=True)
    network_id = fields.Many2one(
        "helpdesk.social.network", required=True, ondelete="restrict"
    )
    network_icon = fields.Char(related="network_id.icon")
    scope = fields.Char(required=True, default="")
    external_id = fields.Char(required=True)
    handle = fields.Char()
    name = fields.Char()
    url = fields.Char(string="Profile")
    profile_link = fields.Char(string="Profile Page", compute="_compute_profile_link")
    avatar_url = fields.Char()
    language = fields.Char()
    followers = fields.Integer()
    verified = fields.Boolean()
    bot = fields.Boolean()
    shared = fields.Boolean(help="One id for many people; never matched to a contact.")
    evidence = fields.Json(
        groups=HELPDESK_USER,
        help="Phones and e-mail addresses the person gave through the network: "
        "list of {kind, value, source, at}.",
    )
    # the link and how sure it is
    partner_id = fields.Many2one(
        "res.partner", string="Contact", index="btree_not_null", check_company=True
    )
    link_basis = fields.Selection(LINK_BASIS, string="How Linked", readonly=True)
    link_note = fields.Char(readonly=True)
    linked_by_id = fields.Many2one("res.users", readonly=True)
    linked_at = fields.Datetime(readonly=True)
    link_undo = fields.Json(
        groups=fields.NO_ACCESS,
        help="What the link changed: {ticket id: [name, e-mail] before}.",
    )
    suggested_partner_id = fields.Many2one(
        "res.partner", string="Suggested Contact", index="btree_not_null"
    )
    suggestion_reason = fields.Char()
    suggestion_confidence = fields.Selection(
        CONFIDENCE, string="How Sure", help="How much the reason says."
    )
    decision = fields.Json(
        groups=HELPDESK_USER,
        help="The last answer to a suggestion, so that it can be taken back: {answer, "
        "partner, reason, confidence, by}.",
    )
    refused_partner_ids = fields.Many2many(
        "res.partner", "helpdesk_social_identity_refused_rel", string="Refused"
    )
    message_ids = fields.One2many("helpdesk.social.message", "identity_id")
    may_link = fields.Boolean(compute="_compute_may_link")

    _external_unique = models.Constraint(
        "UNIQUE (company_id, network_id, scope, external_id)",
        "This identity is known already.",
    )

    # === COMPUTE METHODS === #
    @api.depends("name", "handle", "network_id")
    def _compute_display_name(self):
        for identity in self:
            handle = common.shown_handle(identity.handle)
            label = identity.name or handle or identity.external_id
            if handle and label != handle:
                label = f"{label} ({handle})"
            identity.display_name = label

    @api.depends("url")
    def _compute_profile_link(self):
        for identity in self:
            # what a network gives may be any scheme; a browser goes to pages only
            url = (identity.url or "").strip()
            web = url.lower().startswith(("https://", "http://"))
            identity.profile_link = web and url

    @api.depends("shared", "partner_id")
    @api.depends_context("uid")
    def _compute_may_link(self):
        entitled = self._entitled_to_link()
        for identity in self:
            identity.may_link = entitled and not identity.shared

    def _social_label(self):
        """How the person is called in a sentence: "@jo", or the name; a phone number,
        which is nobody's business, only where there is nothing else."""
        handle = common.shown_handle(self.handle)
        known = (handle, self.name) if handle.startswith("@") else (self.name, handle)
        return next(filter(None, known), "") or self.env._("somebody")

    # === WHO MAY LINK === #
    @api.model
    def _entitled_to_link(self):
        """Helpdesk users, and whoever may change contacts: sales, contact managers."""
        return (
            self.env.su
            or self.env.user.has_group(HELPDESK_USER)
            or self.env["res.partner"].has_access("write")
        )

    def _check_may_link(self, partners=None):
        """Refuse whoever may not link these identities to these contacts."""
        self.check_access("read")
        if partners:
            partners.check_access("read")
        if not self._entitled_to_link():
            raise AccessError(
                self.env._(
                    "Only helpdesk users and people who may change contacts can say "
                    "who is behind a social identity. Please ask one of them."
                )
            )
        if any(identity.shared for identity in self):
            raise UserError(
                self.env._(
                    "Several people write under this one name, so it cannot belong "
                    "to a contact."
                )
            )

    # === ACTIONS === #
    def action_link(self, partner_id):
        """Link to the contact with this id, because the user says so."""
        partner = self.env["res.partner"].browse(partner_id).exists()
        if not partner:
            raise UserError(self.env._("Choose the contact first."))
        self._check_may_link(partner)
        self._link({identity: (partner, "manual", False) for identity in self})

    def action_unlink(self):
        """Undo the link, and all that it did."""
        linked = self.filtered("partner_id")
        linked._check_may_link(linked.partner_id)
        linked._unlink_partner()

    def action_accept(self):
        """Yes, it is the suggested contact."""
        suggested = self.filtered("suggested_partner_id")
        suggested._check_may_link(suggested.suggested_partner_id)
        decisions = suggested._decisions("accepted")
        suggested._link(
            {
                one: (one.suggested_partner_id, "accepted", one.suggestion_reason)
                for one in suggested
            }
        )
        suggested._decided(decisions)

    def action_refuse(self):
        """No, it is somebody else: never suggest this contact again."""
        self._check_may_link()
        decisions = self._decisions("refused")
        # sudo: helpdesk.social.identity - written by code only; checked above
        for identity in self.sudo():
            identity.write(
                {
                    "refused_partner_ids": [
                        (4, partner.id) for partner in identity.suggested_partner_id
                    ],
                    **NO_SUGGESTION,
                }
            )
        self._decided(decisions)

    def action_create_contact(self):
        """A contact from what the network tells: a name, and nothing invented."""
        self.ensure_one()
        partner = self._create_contact()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": partner.id,
            "views": [(False, "form")],
        }

    def action_open_link(self):
        """The dialog that links by hand."""
        self.ensure_one()
        self._check_may_link()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who is this?"),
            "res_model": "helpdesk.social.link",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_identity_id": self.id},
        }

    def action_open_profile(self):
        self.ensure_one()
        if not self.profile_link:
            raise UserError(self.env._("This network does not tell a profile page."))
        return {"type": "ir.actions.act_url", "url": self.profile_link, "target": "new"}

    # === LINKING === #
    def _create_contact(self, **values):
        """Make and link a contact; in the user's own rights."""
        self.ensure_one()
        self._check_may_link()
        if self.partner_id:
            raise UserError(
                self.env._(
                    "This identity belongs to %(contact)s already.",
                    contact=self.partner_id.display_name,
                )
            )
        partner = self.env["res.partner"].create(
            {
                "name": self.name or self._social_label(),
                "company_id": self.company_id.id,
                **values,
            }
        )
        self._link({self: (partner, "created", False)})
        return partner

    @api.model
    def _link(self, links):
        """Link identities, tell the contacts' chatters, complete open tickets.

        The callers have checked the rights, or are the matching itself.

        :param links: {identity: (partner, basis, note)}
        """
        links = {one: link for one, link in links.items() if one.partner_id != link[0]}
        identities = self.browse().union(*links)
        identities.filtered("partner_id")._unlink_partner(refuse=False)
        now = fields.Datetime.now()
        # sudo: helpdesk.social.identity - written by code only, see the module
        for identity in identities.sudo():
            partner, basis, note = links[identity]
            identity.write(
                {
                    "partner_id": partner.id,
                    "link_basis": basis,
                    "link_note": note or False,
                    "linked_by_id": self.env.uid,
                    "linked_at": now,
                    **NO_SUGGESTION,
                    "decision": False,
                    "refused_partner_ids": [(3, partner.id)],
                }
            )
        identities._log_in_chatter(
            self.env._("A social identity was linked to this contact: %(links)s")
        )
        identities._complete_tickets()

    def _unlink_partner(self, refuse=True):
        """Undo the links.

        :param refuse: remember that it is not this contact, so that nothing links
            or suggests it again
        """
        self._log_in_chatter(
            self.env._("A social identity was unlinked from this contact: %(links)s")
        )
        self._restore_tickets()
        # sudo: helpdesk.social.identity - written by code only, see the module
        for identity in self.sudo() if refuse else ():
            identity.refused_partner_ids |= identity.partner_id
        self._clear_link()

    def _clear_link(self):
        """The link's fields only; nothing is restored or told."""
        names = ("link_basis", "link_note", "linked_by_id", "linked_at", "link_undo")
        # sudo: helpdesk.social.identity - written by code only, see the module
        self.sudo().write(dict.fromkeys(("partner_id", *names), False))

    def _log_in_chatter(self, text):
        """A note on each contact, without the handle: that one may be forgotten."""
        basis = dict(self._fields["link_basis"]._description_selection(self.env))
        bodies = defaultdict(list)
        # sudo: res.partner - an agent may link a contact he may not change
        for identity in self.sudo():
            how = basis.get(identity.link_basis)
            bodies[identity.partner_id].append(f"{identity.network_id.name} ({how})")
        partners = self.env["res.partner"].sudo().union(*bodies)
        if partners:
            partners._message_log_batch(
                bodies={
                    partner.id: text % {"links": ", ".join(bodies[partner])}
                    for partner in partners
                }
            )
