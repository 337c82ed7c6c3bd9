"""What went from one ticket to another, so that it can go back.

One row per split or merge; written by code only. It holds ids and no words: what may
be read of them is decided where they are.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError


class HelpdeskSocialMove(models.Model):
    _name = "helpdesk.social.move"
    _description = "Conversations That Changed Their Ticket"
    _order = "id desc"

    kind = fields.Selection(
        [("split", "Split off"), ("merge", "Merged")], required=True, readonly=True
    )
    from_ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, index=True, ondelete="cascade"
    )
    to_ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", readonly=True)
    identity_id = fields.Many2one(
        "helpdesk.social.identity",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Who was split off.",
    )
    left = fields.Integer(
        readonly=True, help="Conversations that stayed, for they are private."
    )
    moved = fields.Json(
        readonly=True,
        help="{threads: ids, branches: {new conversation: former one}, messages: ids "
        "that were in none of them, handoffs: ids, stage: the one before}",
    )
    undone_at = fields.Datetime(readonly=True)
    undone_by_id = fields.Many2one("res.users", readonly=True)

    def _told(self, ticket):
        """For the page of one of the two tickets; the other one by its number, which
        everybody who works here may know."""
        self.ensure_one()
        other = self.to_ticket_id if self.from_ticket_id == ticket else None
        other = other or self.from_ticket_id
        return {
            "id": self.id,
            "kind": self.kind,
            "here": self.to_ticket_id == ticket,
            "person": self.identity_id._social_label(),
            "ticket_id": other.id,
            "number": other.number,
            "at": fields.Datetime.to_string(self.create_date),
            "left": self.left,
        }

    # === GOING BACK === #
    def _take_back(self):
        """Everything that went goes back, and what has been said there since.

        :raises UserError: it went back already, or others would get to read it
        """
        self.ensure_one()
        self.lock_for_update()
        self.invalidate_recordset()
        if self.undone_at:
            raise UserError(self.env._("This was taken back already."))
        source, target = self.from_ticket_id, self.to_ticket_id
        moved, model = self.moved or {}, self.env["helpdesk.social.conversation"]
        threads = model.browse(moved.get("threads") or ()).exists()
        # what has gone on to yet another ticket is none of this
        threads = threads.filtered(lambda one: one.ticket_id == target)
        branches = {
            thread: model.browse(former).exists()
            for key, former in (moved.get("branches") or {}).items()
            if (thread := model.browse(int(key)).exists()).ticket_id == target
        }
        threads |= model.union(*(one for one, former in branches.items() if not former))
        alone = self.env["helpdesk.social.message"].browse(moved.get("messages") or ())
        alone = alone.exists().filtered(lambda one: one.ticket_id == target)
        # its own mark: a split leads to where it came from, a merge to nowhere
        back = source._social_target() if self.kind == "split" else source
        joined = model.union(*branches)
        target._social_check_readers(back, threads | joined, alone)
        target._social_carry(
            back,
            threads,
            alone,
            into={thread: former for thread, former in branches.items() if former},
            handoffs=moved.get("handoffs") or (),
        )
        self.write({"undone_at": fields.Datetime.now(), "undone_by_id": self.env.uid})
        return back

    @api.model
    def _open_of(self, ticket):
        """Those of a ticket that could be taken back, newest first."""
        return self.search(
            [
                ("undone_at", "=", False),
                "|",
                ("from_ticket_id", "=", ticket.id),
                ("to_ticket_id", "=", ticket.id),
            ],
            limit=20,
        )


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def _quoting_tickets(self):
        """Override: also the ticket that a message was on before it was split off or
        merged, and the incident about the post."""
        tickets = super()._quoting_tickets()
        # sudo: helpdesk.social.move, .incident - erasing reaches all of them
        moves = self.env["helpdesk.social.move"].sudo()
        new = tickets
        while new:
            found = moves.search(
                [
                    "|",
                    ("from_ticket_id", "in", new.ids),
                    ("to_ticket_id", "in", new.ids),
                ]
            )
            new = (found.from_ticket_id | found.to_ticket_id) - tickets
            tickets |= new
        if self.key:
            incidents = self.env["helpdesk.social.incident"].sudo()
            about = incidents.search([("root_key", "=", self.key)])
            about = about.filtered(
                lambda one: (
                    one.account_id.network_id == self.network_id
                    and one.account_id.company_id == self.company_id
                )
            )
            tickets |= about.ticket_id
        return tickets
