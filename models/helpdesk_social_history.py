"""The social history of contacts: which messages belong to whom, ticket as text.

For people who sell and never open a ticket. Every message is searched and read as the
user who looks; of a ticket he may not open he sees the number and the stage's name,
and never more.
"""

from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ..networks.items import PUBLIC


class HelpdeskSocialIdentity(models.Model):
    _inherit = "helpdesk.social.identity"

    message_count = fields.Integer(compute="_compute_message_count", string="Messages")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_message_count(self):
        counts = self._count_messages({one: one for one in self._origin})
        for identity in self:
            identity.message_count = counts.get(identity._origin, 0)

    def action_view_history(self):
        """What was said with this person, on this network."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_social.action_social_history"
        )
        return {
            **action,
            "display_name": self.display_name,
            "domain": [("person_id", "in", self.ids)],
        }

    def _history_threads(self):
        """Conversations of these identities: {identity: ids}, of theirs and joined.

        Answers of ours belong to the person who started the thread. In a public
        thread that somebody else started, only answers to the person itself do.
        """
        own, joined = defaultdict(set), defaultdict(set)
        # sudo: helpdesk.social.conversation - only to find out whose messages they
        # are; the messages themselves are searched as the user
        model = self.env["helpdesk.social.conversation"].sudo()
        names = ["identity_id", "participant_ids", "audience"]
        # two searches, each with an index: one with OR would read the whole table
        found = model.search_fetch([("identity_id", "in", self.ids)], names, order="id")
        found |= model.search_fetch(
            [("participant_ids", "in", self.ids)], names, order="id"
        )
        wanted = set(self.ids)
        for conversation in found:
            starter = conversation.identity_id.id
            if starter in wanted:
                own[starter].add(conversation.id)
            for person in wanted.intersection(conversation.participant_ids.ids):
                if person != starter:
                    public = conversation.audience == PUBLIC
                    (joined if public else own)[person].add(conversation.id)
        return own, joined

    def _history_domain(self):
        """All messages by these identities, and ours to them."""
        own, joined = self._history_threads()
        sent = Domain("direction", "=", "out")
        every = Domain("identity_id", "in", self.ids) & Domain("direction", "=", "in")
        every |= sent & Domain("to_identity_id", "in", self.ids)
        if own:
            threads = sorted(set().union(*own.values()))
            every |= sent & Domain("conversation_id", "in", threads)
        if joined:
            threads = sorted(set().union(*joined.values()))
            every |= (
                sent
                & Domain("conversation_id", "in", threads)
                & Domain("parent_id.identity_id", "in", self.ids)
            )
        return every

    @api.model
    def _count_messages(self, groups):
        """How long each group's history is, for this user.

        :param groups: {anything: identities}
        """
        counts = Counter()
        everyone = self.union(*groups.values())
        if not everyone:
            return counts
        own, joined = everyone._history_threads()
        messages = self.env["helpdesk.social.message"]
        received = messages._read_group(
            [("identity_id", "in", everyone.ids), ("direction", "=", "in")],
            ["identity_id"],
            ["__count"],
        )
        threads = sorted(set().union(*own.values(), *joined.values()))
        sent = messages._read_group(
            Domain("direction", "=", "out")
            & (
                Domain("conversation_id", "in", threads)
                | Domain("to_identity_id", "in", everyone.ids)
            ),
            ["conversation_id", "parent_id.identity_id", "to_identity_id"],
            ["__count"],
        )
        for group, identities in groups.items():
            ids = set(identities.ids)
            theirs = set().union(*(own.get(one, ()) for one in ids))
            others = set().union(*(joined.get(one, ()) for one in ids))
            counts[group] = sum(
                count for identity, count in received if identity.id in ids
            ) + sum(
                count
                for thread, answered, to, count in sent
                if to.id in ids
                or thread.id in theirs
                or (thread.id in others and answered.id in ids)
            )
        return counts


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    contact_id = fields.Many2one(
        "res.partner",
        compute="_compute_contact_id",
        search="_search_contact_id",
        help="Whose history the message belongs to.",
    )
    person_id = fields.Many2one(
        "helpdesk.social.identity",
        compute="_compute_contact_id",
        search="_search_person_id",
        help="With whom this was said.",
    )
    network_icon = fields.Char(related="network_id.icon")
    speaker = fields.Char(compute="_compute_speaker", help="Who says it.")
    shown_text = fields.Text(
        compute="_compute_shown_text", string="Shown", help="Empty when deleted."
    )
    shown_line = fields.Char(compute="_compute_shown_text", string="Summary")
    safe_permalink = fields.Char(
        compute="_compute_safe_permalink", string="Page on the Network"
    )
    ticket_number = fields.Char(compute="_compute_ticket_text")
    ticket_stage = fields.Char(compute="_compute_ticket_text")
    ticket_closed = fields.Boolean(compute="_compute_ticket_text")
    ticket_readable = fields.Boolean(compute="_compute_ticket_text")
    file_count = fields.Integer(compute="_compute_file_count", string="Files")

    _sent_to = models.Index("(to_identity_id) WHERE to_identity_id IS NOT NULL")

    # === COMPUTE METHODS === #
    @api.depends("identity_id.partner_id", "conversation_id", "parent_id")
    def _compute_contact_id(self):
        for message in self:
            # sudo: helpdesk.social.conversation - with whom it was, not what was said
            source = message.sudo()
            person = source.identity_id
            if message.direction == "out":
                person = (
                    source.to_identity_id
                    or source.parent_id.identity_id
                    or source.conversation_id.identity_id
                )
            message.person_id = person.sudo(False)
            message.contact_id = person.partner_id.sudo(False)

    def _search_person_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        ids = [one for one in value if isinstance(one, int) and one]
        identities = self.env["helpdesk.social.identity"].search([("id", "in", ids)])
        return identities._history_domain() if identities else Domain.FALSE

    def _search_contact_id(self, operator, value):
        """A company's history contains that of its people."""
        if operator != "in":
            return NotImplemented
        ids = [one for one in value if isinstance(one, int) and one]
        identities = self.env["helpdesk.social.identity"].search(
            [("partner_id", "child_of", ids)]
        )
        return identities._history_domain() if identities else Domain.FALSE

    @api.depends("direction", "identity_id", "account_id")
    def _compute_speaker(self):
        for message in self:
            if message.direction == "out":
                message.speaker = message.account_id.display_name
            else:
                message.speaker = message.identity_id.display_name or self.env._(
                    "Somebody"
                )

    @api.depends("text", "warning", "deleted_at", "expired_at")
    def _compute_shown_text(self):
        """What was deleted is not told; what carries a warning is not in lists."""
        for message in self:
            gone = bool(message.deleted_at)
            message.shown_text = not gone and message.text
            line = self.env._("Deleted") if gone else message.warning
            if message.expired_at and not gone:
                line = message.shown_text = message._expired_note()
            message.shown_line = line or message.preview

    @api.depends("permalink", "deleted_at")
    def _compute_safe_permalink(self):
        for message in self:
            link = (message.permalink or "").strip()
            web = link.lower().startswith(("https://", "http://"))
            message.safe_permalink = web and not message.deleted_at and link

    @api.depends("ticket_id")
    @api.depends_context("uid")
    def _compute_ticket_text(self):
        # sudo: helpdesk.ticket - number and stage of a ticket whose message the user
        # may read; nothing else of it
        tickets = self.sudo().ticket_id
        readable = set(tickets.sudo(False)._filtered_access("read")._ids)
        for message in self:
            ticket = message.sudo().ticket_id
            message.ticket_number = ticket.number
            message.ticket_stage = ticket.stage_id.name
            message.ticket_closed = ticket.stage_id.closed
            message.ticket_readable = ticket.id in readable

    @api.depends("media", "attachment_ids")
    def _compute_file_count(self):
        for message in self:
            # sudo: ir.attachment - only how many there are
            held = len(message.sudo().attachment_ids)
            message.file_count = max(held, len(message.media or ()))

    # === ACTIONS === #
    def action_open_ticket(self):
        """The ticket, for those who may open it."""
        self.ensure_one()
        self.check_access("read")
        self.ticket_id.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "res_id": self.ticket_id.id,
            "views": [(False, "form")],
        }
