"""What happens to a ticket because of social messages: opened, joined, reopened.

Decisions are in ``ticket_policy``; the calls come from the intake. The customer never
gets helpdesk e-mail because of social activity. The timeline is elsewhere.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, html_escape, plaintext2html

from ..networks.items import PUBLIC
from . import ticket_policy

#: characters of a public post that a ticket's title quotes
TITLE = 80


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    social_conversation_ids = fields.One2many(
        "helpdesk.social.conversation", "ticket_id", string="Conversations"
    )
    social_message_ids = fields.One2many(
        "helpdesk.social.message", "ticket_id", string="Social Messages"
    )
    social_previous_id = fields.Many2one(
        "helpdesk.ticket",
        string="Follows On",
        copy=False,
        index="btree_not_null",
        help="An older ticket of the same conversation, closed long ago.",
    )

    # === STATE === #
    def _social_state(self, account, now):
        """Which row of the policy's table this ticket is in."""
        if not self:
            return ticket_policy.NONE
        if self.duplicate_id:
            return ticket_policy.MERGED
        if not self.active:
            return ticket_policy.ARCHIVED
        if not self.stage_id.closed:
            return ticket_policy.OPEN
        rejected = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_rejected", raise_if_not_found=False
        )
        if rejected and self.stage_id == rejected:
            return ticket_policy.ARCHIVED
        closed = self.closed_date or self.last_stage_update or self.write_date
        if closed and closed < now - timedelta(days=account.reopen_days):
            return ticket_policy.OLD
        return ticket_policy.RECENT

    def _social_target(self):
        """The ticket that a duplicate, or a duplicate of a duplicate, leads to."""
        seen, ticket = self.browse(), self
        while ticket.duplicate_id and ticket not in seen:
            seen |= ticket
            ticket = ticket.duplicate_id
        return ticket

    # === OPENING === #
    @api.model
    def _social_open(self, account, openings):
        """Create one ticket per opening, in one batch.

        :param openings: list of dicts ``identity``, ``audience``, ``text``,
            ``permalink``, ``previous`` (ticket) and optional ``values``
        """
        if not openings:
            return self.browse()
        company = account.company_id
        tickets = self.with_company(company).with_context(
            # the log line, the followers and the notices are made in batch by
            # helpdesk.social.notice; one by one they cost more than the ticket
            tracking_disable=True,
            mail_create_nosubscribe=True,
        )
        numbers = self._social_numbers(company, len(openings))
        team = account.team_id
        stage = team._get_applicable_stages()[:1]
        common = {
            "user_id": False,
            "team_id": team.id,
            "company_id": company.id,
            "channel_id": account.network_id.channel_id.id,
        }
        if stage:
            common["stage_id"] = stage.id
        vals_list = []
        for number, opening in zip(numbers, openings, strict=True):
            partner = opening["identity"].partner_id
            vals_list.append(
                {
                    **common,
                    "number": number,
                    "name": self._social_title(account, opening),
                    "description": self._social_description(account, opening),
                    "partner_id": partner.id,
                    "partner_name": partner.name or opening["identity"].name,
                    "partner_email": partner.email,
                    "social_previous_id": opening.get("previous", self.browse()).id,
                    **opening.get("values", {}),
                }
            )
        # back to the caller's own context
        return self.browse(tickets.create(vals_list).ids)

    @api.model
    def _social_numbers(self, company, count):
        """``count`` ticket numbers, drawn in one query where the sequence allows."""
        sequences = self.env["ir.sequence"].with_company(company)
        sequence = sequences.search(
            [
                ("code", "=", "helpdesk.ticket.sequence"),
                ("company_id", "in", [company.id, False]),
            ],
            order="company_id",
            limit=1,
        )
        simple = (
            sequence
            and sequence.implementation == "standard"
            and not sequence.use_date_range
            and sequence.number_increment == 1
        )
        if not simple or count == 1:
            values = {"company_id": company.id}
            return [self._prepare_ticket_number(values) for _one in range(count)]
        # SQL: ir.sequence draws one number per query
        self.env.cr.execute(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{sequence.id:03d}",
                count,
            )
        )
        return [sequence.get_next_char(row[0]) for row in self.env.cr.fetchall()]

    @api.model
    def _social_title(self, account, opening):
        """A public post is quoted; what is not public stays out of the title."""
        who = opening["identity"]._social_label()
        network = account.network_id.name
        if opening["audience"] == PUBLIC:
            text = self._social_quote(account, opening["text"])
            if text:
                return text if len(text) <= TITLE else f"{text[: TITLE - 1]}…"
            return self.env._(
                "Post by %(who)s on %(network)s", who=who, network=network
            )
        if opening["audience"] == "group":
            return self.env._(
                "Group message from %(who)s on %(network)s", who=who, network=network
            )
        return self.env._(
            "Private message from %(who)s on %(network)s", who=who, network=network
        )

    @api.model
    def _social_quote(self, account, text):
        """The words without our own name in front: everybody who asks us says it."""
        words = (text or "").split()
        ours = (account.handle or "").lstrip("@").partition("@")[0].lower()
        while words and ours and words[0].startswith("@"):
            name = words[0].lstrip("@").partition("@")[0].rstrip(":,").lower()
            if name != ours:
                break
            words.pop(0)
        return " ".join(words)

    @api.model
    def _social_description(self, account, opening):
        if opening["audience"] != PUBLIC:
            return html_escape(
                self.env._("The conversation is on the Social page of this ticket.")
            )
        quote = plaintext2html(opening["text"] or "")
        link = opening.get("permalink") or ""
        if link.startswith(("https://", "http://")):
            quote += f'<p><a href="{html_escape(link)}">{html_escape(link)}</a></p>'
        return quote

    # === REOPENING === #
    def _social_reopen(self):
        """Back to the team's first open stage; the closing date goes."""
        for team, tickets in self.grouped("team_id").items():
            stages = team._get_applicable_stages().filtered(lambda one: not one.closed)
            values = {"closed_date": False}
            if stages:
                values["stage_id"] = stages[0].id
            tickets.with_context(social_activity=True).write(values)

    def _track_template(self, changes):
        """Override of `mail`: no mail to a customer because of social activity, nor
        to one who has no e-mail address (it would only end as an error)."""
        templates = super()._track_template(changes)
        ticket = self[:1]
        if self.env.context.get("social_activity") or (
            ticket.social_conversation_ids
            and not ticket.partner_email
            and not ticket.partner_id.email
        ):
            templates.pop("stage_id", None)
        return templates
