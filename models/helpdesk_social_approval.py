"""A reply that waits for a second person, what was said about it, and who decided.

It is also the record of who wrote and who approved a public word, so nothing here is
ever deleted or rewritten. Approving checks everything again; nobody approves words of
their own. The words themselves are in ``helpdesk.social.message`` only.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from . import social_failure
from .helpdesk_social_account import HELPDESK_USER, MANAGER
from .helpdesk_social_conversation import AUDIENCE
from .social_concern import BLOCK, SEND

ACTIVITY = "helpdesk_social.mail_activity_approve"
RETURNED = "helpdesk_social.mail_activity_returned"
#: people who are asked by an activity; others find it in the list
MAX_ASKED = 5
CODE = "approval"


class NewerWordsError(UserError):
    """Something came in since it was written; whoever has read that may go on."""


class HelpdeskSocialApproval(models.Model):
    _name = "helpdesk.social.approval"
    _inherit = "helpdesk.social.access"
    _description = "Social Approval"
    _order = "id desc"
    _rec_name = "message_id"

    message_id = fields.Many2one(
        "helpdesk.social.message",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The reply; of one in several parts the first.",
    )
    # of the reply; plain columns, as a related one would ask for approvals whenever a
    # message is written. Only the ticket ever changes (``write`` of the message)
    ticket_id = fields.Many2one("helpdesk.ticket", readonly=True, index=True)
    account_id = fields.Many2one("helpdesk.social.account", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    audience = fields.Selection(AUDIENCE, readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("approved", "Approved"),
            ("returned", "Sent back"),
            ("withdrawn", "Withdrawn"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    author_id = fields.Many2one(
        "res.users", string="Written by", required=True, readonly=True
    )
    rule_ids = fields.Many2many(
        "helpdesk.social.approval.rule",
        "helpdesk_social_approval_reason_rel",
        string="Why",
        readonly=True,
    )
    guard = fields.Boolean(readonly=True, help="The guard was overridden.")
    digest = fields.Char(readonly=True, help="Of the words that are to be approved.")
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    comments = fields.Json(
        readonly=True, help="List of {user_id, name, at, text}, in their order."
    )
    comment_text = fields.Text(compute="_compute_comment_text", string="Comments")
    text = fields.Text(compute="_compute_text", string="Reply")
    asked_text = fields.Text(related="message_id.parent_id.text", string="Answers")
    why = fields.Char(compute="_compute_why")
    may_decide = fields.Boolean(compute="_compute_may_decide")

    @api.model
    def _public_sql(self, alias, query):
        """Only those who work on the ticket: what waits here is not public yet, and
        what colleagues say about it never is."""
        return SQL("FALSE")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            message = self.env["helpdesk.social.message"].browse(vals["message_id"])
            vals.update(
                ticket_id=message.ticket_id.id,
                account_id=message.account_id.id,
                company_id=message.company_id.id,
                audience=message.audience,
            )
        return super().create(vals_list)

    # === COMPUTE METHODS === #
    @api.depends("message_id")
    def _compute_text(self):
        for approval in self:
            rows = approval.message_id._whole_reply()
            approval.text = "\n\n".join(one.text or "" for one in rows)

    @api.depends("comments")
    def _compute_comment_text(self):
        for approval in self:
            approval.comment_text = "\n".join(
                f"{one['name']}: {one['text']}" for one in approval.comments or []
            )

    @api.depends("rule_ids", "guard")
    def _compute_why(self):
        for approval in self:
            # sudo: helpdesk.social.approval.rule - the names are shown to the author
            names = (
                approval.sudo().rule_ids.with_context(active_test=False).mapped("name")
            )
            if approval.guard:
                names.append(self.env._("The guard was overridden"))
            approval.why = ", ".join(names)

    @api.depends_context("uid")
    @api.depends("state", "rule_ids", "author_id")
    def _compute_may_decide(self):
        for approval in self:
            approval.may_decide = approval.state == "waiting" and approval._may_decide(
                self.env.user
            )

    # === WHO DECIDES === #
    def _may_decide(self, user):
        """A second person, named by every rule that asked; managers always."""
        self.ensure_one()
        if user == self.author_id or not user.has_group(HELPDESK_USER):
            return False
        if not self.account_id._may_speak(user):
            return False
        if user.has_group(MANAGER):
            return True
        # sudo: helpdesk.social.approval - rules and the team are looked up, not shown
        me = self.sudo()
        if not me.rule_ids:
            return user == me.ticket_id.team_id.user_id
        return all(
            rule._is_named(user)
            or not (rule.approver_user_ids or rule.approver_group_id)
            and user == me.ticket_id.team_id.user_id
            for rule in me.rule_ids
        )

    def _whom_to_ask(self):
        """People who may decide, those named first; at most ``MAX_ASKED``."""
        me = self.sudo()
        people = me.rule_ids.approver_user_ids
        people |= me.rule_ids.approver_group_id.all_user_ids
        people |= me.ticket_id.team_id.user_id
        able = people.filtered(lambda one: one.active and me._may_decide(one))
        if not able:
            managers = self.env.ref(MANAGER).sudo().all_user_ids
            able = managers.filtered(lambda one: one.active and me._may_decide(one))
        return able[:MAX_ASKED]

    # === ASKING === #
    @api.model
    def _ask(self, rows, rules, guard):
        """Ask for the approval of a reply (all its parts)."""
        first = rows[0]
        # sudo: helpdesk.social.approval - made for whoever writes; read by few
        approval = self.sudo().create(
            {
                "message_id": first.id,
                "author_id": first.user_id.id,
                "rule_ids": [(6, 0, rules.ids)],
                "guard": guard,
                "digest": rows._words_digest(),
            }
        )
        rows.sudo().approval_id = approval
        for user in approval._whom_to_ask():
            approval.ticket_id.with_context(
                mail_activity_quick_update=True, social_activity=True
            ).activity_schedule(
                ACTIVITY,
                user_id=user.id,
                note=False,
                summary=self.env._("A reply waits for your approval"),
            )
        return approval

    def _close(self, state, comment=""):
        """Decided, or withdrawn; the row that decides wins."""
        self.ensure_one()
        values = {
            "state": state,
            "decided_by_id": self.env.uid,
            "decided_at": fields.Datetime.now(),
        }
        me = self.sudo()
        if comment:
            values["comments"] = me._with_comment(comment)
        me.write(values)
        others = me.search_count(
            [("ticket_id", "=", me.ticket_id.id), ("state", "=", "waiting")], limit=1
        )
        if not others:
            me.ticket_id.with_context(social_activity=True).activity_unlink([ACTIVITY])

    def _with_comment(self, text):
        one = {
            "user_id": self.env.uid,
            "name": self.env.user.name,
            "at": fields.Datetime.to_string(fields.Datetime.now()),
            "text": str(text).strip()[:2000],
        }
        return [*(self.comments or []), one]

    # === BUTTONS === #
    def _check_decider(self):
        self.ensure_one()
        self.check_access("read")
        self.sudo().lock_for_update()
        self.invalidate_recordset()
        if self.state != "waiting":
            raise UserError(
                self.env._("Somebody has decided about this reply already.")
            )
        if not self._may_decide(self.env.user):
            raise AccessError(
                self.env._(
                    "Another person must decide about this reply: one of the "
                    "approvers, and not who wrote it."
                )
            )
        self.ticket_id.check_access("write")

    def action_comment(self, text):
        """Say something about it, without deciding; the author may as well."""
        self.ensure_one()
        self.check_access("read")
        if self.env.user != self.author_id and not self._may_decide(self.env.user):
            raise AccessError(self.env._("Only its author and approvers may comment."))
        if str(text or "").strip():
            self.sudo().comments = self._with_comment(text)
            self._tell()
        return True

    def action_approve(self, comment="", anyway=False):
        """Let it go, after everything was checked again.

        :param anyway: the approver has read what came in since it was written
        :raises UserError: why it must not go out now
        """
        self._check_decider()
        # sudo: helpdesk.social.message - users never write messages; checked above
        rows = self.sudo().message_id._whole_reply()
        rows.lock_for_update()
        rows.invalidate_recordset()
        if rows._words_digest() != self.sudo().digest:
            raise UserError(self.env._("The words have changed. Look at them again."))
        newer = rows[0]._newer_words()
        if newer and not anyway:
            raise NewerWordsError(
                self.env._(
                    "Something came in after it was written: %(what)s. Read it first; "
                    "then approve it all the same, or send it back.",
                    what=self.ticket_id._social_stale_words(newer),
                )
            )
        self._recheck(rows)
        self._close("approved", comment)
        rows._release()
        return True

    def _recheck(self, rows):
        """:raises UserError: when it could not be sent, whatever it waited for"""
        ticket = self.ticket_id
        for row in rows:
            reason = row._why_not_now(row.account_id._adapter())
            if reason:
                raise UserError(social_failure.explain(self.env, reason))
            concerns = ticket._social_concerns(row._words(SEND))
            blocking = [one for one in concerns if one.effect == BLOCK]
            ticket._social_refuse_concerns(blocking)

    def action_return(self, comment=""):
        """Back to its author, who reads why."""
        self._check_decider()
        if not str(comment or "").strip():
            raise UserError(self.env._("Say what should be different."))
        rows = self.sudo().message_id._whole_reply()
        rows.lock_for_update()
        self._close("returned", comment)
        rows._move(
            "failed",
            held_for=False,
            error_code="returned",
            error_detail=self.sudo().comments[-1]["text"],
        )
        self.ticket_id.with_context(social_activity=True).activity_schedule(
            RETURNED,
            user_id=self.author_id.id,
            summary=self.env._("Your reply was sent back"),
        )
        return True

    def social_decide(self, how, comment="", anyway=False):
        """As the buttons; JSON for the browser, with a sentence when it cannot be.

        :param how: ``approve``, ``return`` or ``comment``
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                if how == "approve":
                    self.action_approve(comment, anyway)
                elif how == "return":
                    self.action_return(comment)
                else:
                    self.action_comment(comment)
        except NewerWordsError as error:
            return {"ok": False, "newer": True, "error": str(error.args[0])}
        except (AccessError, UserError) as error:
            return {"ok": False, "error": str(error.args[0])}
        return {"ok": True}

    def action_open_ticket(self):
        """The ticket, where the reply stands in its context."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "res_id": self.ticket_id.id,
            "views": [(False, "form")],
        }

    def action_approve_form(self):
        """The list's and form's button."""
        return self.action_approve()

    def _tell(self):
        self.env["helpdesk.social.live"]._changed(self.message_id)

    # === FOR THE TIMELINE === #
    def _note(self):
        """The remark under the reply; nothing where its state says it already."""
        who = self.decided_by_id.name or ""
        if self.state == "waiting":
            text = self.env._("waits for approval: %(why)s", why=self.why)
            return {"icon": "fa-user-plus", "text": text, "tone": "text-warning"}
        if self.state == "approved":
            text = self.env._("approved by %(who)s", who=who)
            return {
                "icon": "fa-check-square-o",
                "text": text,
                "title": fields.Datetime.to_string(self.decided_at),
            }
        if self.state == "returned":
            text = self.env._("sent back by %(who)s", who=who)
            return {"icon": "fa-reply", "text": text, "tone": "text-danger"}
        return None
