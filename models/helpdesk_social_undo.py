"""What was before an act in the inbox, so that it can be taken back exactly.

Kept for some minutes, for the person who did it. Nothing is taken back once somebody
else has gone on from there: that would undo their work as well.
"""

from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

#: for how long an act can be taken back
MINUTES = 15


class HelpdeskSocialUndo(models.Model):
    _name = "helpdesk.social.undo"
    _description = "What an Inbox Act Changed"

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    act = fields.Char(required=True)
    before = fields.Json(help="{model: {id: {field: value}}}")
    after = fields.Json(help="The same, when the act was done.")
    opened_ids = fields.Json(help="Tickets that the act opened.")
    block_ids = fields.Json(help="Blocks on the network that the act asked for.")
    done = fields.Boolean()

    @api.model
    def _watching(self, act, changes):
        """Note what is about to be changed.

        :param changes: [(records, names of fields)]
        """
        return self.create(
            {
                "user_id": self.env.uid,
                "act": act,
                "before": self._snapshot(changes),
            }
        )

    def _seal(self, opened=None):
        """The act is done: note what it left."""
        self.ensure_one()
        self.write(
            {
                "after": self._snapshot(self._noted(self.before)),
                "opened_ids": (opened and opened.ids) or [],
            }
        )

    @api.model
    def _noted(self, found):
        """[(records that still exist, names of fields)] of a snapshot."""
        return [
            (
                self.env[model].browse(map(int, rows)).exists(),
                [*next(iter(rows.values()))],
            )
            for model, rows in found.items()
        ]

    @api.model
    def _snapshot(self, changes):
        found = {}
        for records, names in changes:
            # sudo: what the act changes was checked by the act
            for record in records.sudo():
                found.setdefault(record._name, {})[str(record.id)] = {
                    name: self._plain(record[name]) for name in names
                }
        return found

    @api.model
    def _plain(self, value):
        if isinstance(value, models.BaseModel):
            return value.id
        return str(value) if isinstance(value, datetime) else value

    def _take_back(self):
        """Everything as it was before; the messages concerned.

        :raises UserError: too late, not this person's, or somebody went on
        """
        # sudo: helpdesk.social.undo - nobody has rights on it; its user is checked
        self = self.sudo()  # noqa: PLW0642
        self.lock_for_update()
        limit = fields.Datetime.now() - timedelta(minutes=MINUTES)
        if self.user_id != self.env.user or self.done or self.create_date < limit:
            raise UserError(self.env._("This cannot be taken back any more."))
        present = self._snapshot(self._noted(self.after))
        tickets = self.env["helpdesk.ticket"].browse(self.opened_ids).exists()
        known = map(int, self.before.get("helpdesk.social.message", {}))
        if present != self.after or not self._untouched(tickets, set(known)):
            raise UserError(
                self.env._(
                    "Somebody has gone on from here in the meantime, so this cannot "
                    "be taken back as a whole."
                )
            )
        messages = self._restore()
        # sudo: helpdesk.social.block - those of this very act
        blocks = self.env["helpdesk.social.block"].sudo()
        blocks = blocks.browse(self.block_ids or ()).exists()
        blocks._take_back(self.act)
        # sudo: helpdesk.ticket - the act opened it, and nobody has touched it
        tickets.unlink()
        self.done = True
        return messages

    def _restore(self):
        messages = self.env["helpdesk.social.message"]
        for model, rows in self.before.items():
            alike = {}
            for id_, values in rows.items():
                alike.setdefault(tuple(sorted(values.items())), []).append(int(id_))
            for values, ids in alike.items():
                # sudo: users never write these; what was there before comes back
                records = self.env[model].sudo().browse(ids)
                records.write(
                    {
                        name: self._value(records._fields[name], value)
                        for name, value in values
                    }
                )
                if model == messages._name:
                    messages |= records
        return messages.sudo(False)

    @api.model
    def _value(self, field, value):
        if value and field.type == "datetime":
            return datetime.fromisoformat(value)
        return value or False

    @api.model
    def _untouched(self, tickets, known):
        """Has nobody worked on these tickets, and said nothing more on them?

        :param known: ids of the messages that may be there
        """
        # sudo: helpdesk.ticket, mail.message - whether, not what
        tickets = tickets.sudo()
        if not set(tickets.social_message_ids.ids) <= known:
            return False
        if tickets.user_id or tickets.duplicate_ids:
            return False
        if any(one.stage_id.closed for one in tickets):
            return False
        said = [
            ("model", "=", "helpdesk.ticket"),
            ("res_id", "in", tickets.ids),
            ("message_type", "in", ("comment", "email", "email_outgoing")),
        ]
        return not self.env["mail.message"].sudo().search_count(said, limit=1)

    @api.autovacuum
    def _gc_undo(self):
        old = fields.Datetime.now() - timedelta(days=1)
        self.sudo().search([("create_date", "<", old)], limit=10000).unlink()
