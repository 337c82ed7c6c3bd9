"""What an agent has begun to write: kept on the server, one per thread, audience and,
where several people write in a thread, person.

Only its owner sees it. A text begun for one audience or person is never offered for
another.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..networks import items
from .helpdesk_social_conversation import AUDIENCE

#: an unfinished answer older than this is of no use to anybody
KEEP_DRAFT = timedelta(days=90)
#: a file that was put in and then neither sent nor kept in a draft
KEEP_FILE = timedelta(days=2)


class HelpdeskSocialDraft(models.Model):
    _name = "helpdesk.social.draft"
    _description = "Social Draft"
    _order = "write_date desc, id desc"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, ondelete="cascade", index=True
    )
    conversation_id = fields.Many2one(
        "helpdesk.social.conversation", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="cascade",
        default=lambda self: self._default_user(),
    )
    audience = fields.Selection(AUDIENCE, required=True)
    identity_id = fields.Many2one(
        "helpdesk.social.identity",
        ondelete="cascade",
        index="btree_not_null",
        help="Whom it answers, in a thread of several people.",
    )
    text = fields.Text()
    attachment_ids = fields.Many2many(
        "ir.attachment", "helpdesk_social_draft_attachment_rel", copy=False
    )

    _one_per_person = models.UniqueIndex(
        "(user_id, conversation_id, audience, COALESCE(identity_id, 0))",
        "There is a draft for this audience already.",
    )

    @api.model
    def _default_user(self):
        return self.env.user

    @api.autovacuum
    def _gc_drafts(self):
        now = fields.Datetime.now()
        self.search([("write_date", "<", now - KEEP_DRAFT)], limit=1000).unlink()
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "helpdesk.social.message"),
                ("res_id", "in", (0, False)),
                ("create_date", "<", now - KEEP_FILE),
            ],
            limit=1000,
        )
        kept = self.search([("attachment_ids", "in", files.ids)]).attachment_ids
        sent = self.env["helpdesk.social.message"].search(
            [("attachment_ids", "in", files.ids)]
        )
        (files - kept - sent.attachment_ids).unlink()


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_own_drafts_domain(self):
        return Domain("ticket_id", "=", self.id) & Domain("user_id", "=", self.env.uid)

    def _social_own_drafts(self):
        return self.env["helpdesk.social.draft"].search(
            self._social_own_drafts_domain()
        )

    def _social_drafts(self):
        return [
            {
                "audience": draft.audience,
                "conversation_id": draft.conversation_id.id,
                "person_id": draft.identity_id.id,
                "text": draft.text or "",
                "attachments": [
                    self._social_draft_file(one) for one in draft.attachment_ids
                ],
            }
            for draft in self._social_own_drafts()
        ]

    @api.model
    def _social_draft_file(self, file):
        """A file that was put in and has not been sent, for the composer."""
        return {
            "id": file.id,
            "name": file.name,
            "mimetype": file.mimetype,
            "size": file.file_size,
            "alt": file.description or "",
            # an empty description was chosen, a missing one was not
            "decorative": file.description == "",
        }

    def social_save_draft(self, option, text, attachment_ids=()):
        """Keep what was written in answer to a thread; nothing written forgets it."""
        audience, _account, message = self._social_choice(option)
        draft = self._social_own_draft(message, audience)
        if not (text or "").strip() and not attachment_ids:
            draft.unlink()
            return True
        values = {
            "text": text or "",
            "attachment_ids": [(6, 0, self._social_uploads(attachment_ids).ids)],
        }
        if draft:
            draft.write(values)
        else:
            draft.create(
                {
                    **values,
                    "ticket_id": self.id,
                    "conversation_id": message.conversation_id.id,
                    "audience": audience,
                    "identity_id": self._social_draft_person(message, audience).id,
                }
            )
        return True

    def _social_own_draft(self, message, audience):
        person = self._social_draft_person(message, audience)
        return self._social_own_drafts().filtered(
            lambda one: (
                one.conversation_id == message.conversation_id
                and one.audience == audience
                and one.identity_id == person
            )
        )

    @api.model
    def _social_draft_person(self, message, audience):
        """Whom a draft is for; nobody where its readers are who is in the thread."""
        if audience == items.GROUP or message.audience == items.PRIVATE:
            return message.identity_id.browse()
        return message.identity_id
