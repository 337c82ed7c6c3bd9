"""What triage leaves on a message: which rules spoke, who put it aside, and why.

Codes and ids are stored and put into words for whoever reads. A rule can be called
wrong; that is counted on the rule. The acts themselves are in
``helpdesk_social_inbox_acts``.
"""

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .helpdesk_social_account import HELPDESK_USER

_lt = LazyTranslate(__name__)

#: condition of a rule, with its detail where that is one of few -> why it matched
REASONS = {
    "network": _lt("on this network"),
    "account": _lt("to this account of ours"),
    "audience": _lt("said to this audience"),
    "kind:thanks": _lt("a bare thanks or emoji"),
    "kind:message": _lt("more than a thanks"),
    "turn:first": _lt("the person's first message to us"),
    "turn:reply": _lt("answers something"),
    "author": _lt("written by this person"),
    "handle": _lt("written under this @name"),
    "verified:yes": _lt("verified by the network"),
    "verified:no": _lt("not verified by the network"),
    "known:yes": _lt("linked to a contact"),
    "known:no": _lt("not linked to a contact"),
    "followers": _lt("the number of followers"),
    "tags": _lt("the contact's tags"),
    "orders:yes": _lt("has open orders"),
    "orders:no": _lt("has no open orders"),
    "invoices:yes": _lt("has unpaid invoices"),
    "invoices:no": _lt("has no unpaid invoices"),
    "language": _lt("language %(detail)s"),
    "words": _lt("contains “%(detail)s”"),
    "words_all": _lt("contains all of its words"),
    "words_none": _lt("contains none of its words"),
    "regex": _lt("the pattern is in the text"),
    "hours:in": _lt("within its hours"),
    "hours:out": _lt("outside of its hours"),
    "always": _lt("every message"),
}


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    handled_how = fields.Selection(
        selection_add=[("ignored", "Ignored"), ("blocked", "Author blocked")]
    )
    why_rules = fields.Json(
        copy=False, help="Triage rules that matched: [[rule id, [[condition, word]]]]."
    )
    why_rule_ids = fields.Many2many(
        "helpdesk.social.rule",
        "helpdesk_social_message_rule_rel",
        "message_id",
        "rule_id",
        string="Triage Rules",
        copy=False,
    )
    rule_wrong_at = fields.Datetime(
        copy=False, help="When somebody said that the rules were wrong about it."
    )
    rule_wrong_by_id = fields.Many2one("res.users", copy=False)
    why_words = fields.Text(string="Why", compute="_compute_why_words")

    # what opens a ticket, as nearly everything does, is in neither
    _loose = models.Index(
        "(sent_at DESC, id DESC) WHERE ticket_id IS NULL AND handled_by_id IS NULL "
        "AND direction = 'in' AND conversation_id IS NOT NULL"
    )
    _put_aside = models.Index(
        "(handled_at DESC, id DESC) "
        "WHERE handled_how IN ('no_answer', 'ignored', 'blocked')"
    )

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        said = zip(messages, vals_list, strict=True)
        self._relate_rules([one for one, vals in said if vals.get("why_rules")])
        return messages

    def write(self, vals):
        result = super().write(vals)
        if vals.get("why_rules"):
            self._relate_rules(self)
        return result

    @api.model
    def _relate_rules(self, messages):
        """The relation follows ``why_rules``; told twice, it stays the same."""
        rows = [
            (one.id, rule_id) for one in messages for rule_id, _why in one.why_rules
        ]
        if not rows:
            return
        # SQL: the intake says it for hundreds at once, and the ORM takes ten times as
        # long for a relation
        self.env.cr.execute(
            SQL(
                "INSERT INTO helpdesk_social_message_rule_rel (message_id, rule_id) "
                "SELECT * FROM unnest(%s, %s) ON CONFLICT DO NOTHING",
                [message_id for message_id, _rule_id in rows],
                [rule_id for _message_id, rule_id in rows],
            )
        )
        self.browse(one.id for one in messages).invalidate_recordset(["why_rule_ids"])

    # === IN WORDS === #
    def _compute_why_words(self):
        for message in self:
            lines = [message._timeline_why(), *message._rule_words()]
            message.why_words = "\n".join(line for line in lines if line)

    def _rule_words(self):
        """Each rule that matched and why, as a sentence; for helpdesk users."""
        self.ensure_one()
        said = self.why_rules or []
        if not said or not self.env.user.has_group(HELPDESK_USER):
            return []
        # through the relation: a rule that was deleted is no longer told of
        names = {rule.id: rule.name for rule in self.why_rule_ids}
        return [
            self.env._(
                "Rule “%(rule)s”: %(reasons)s",
                rule=names[rule_id],
                reasons=", ".join(self._reason_words(*one) for one in reasons),
            )
            for rule_id, reasons in said
            if rule_id in names
        ]

    def _reason_words(self, code, detail=""):
        words = REASONS.get(f"{code}:{detail}") or REASONS.get(code)
        if not words:
            return code
        text = self.env._(words)  # pylint: disable=translation-not-lazy
        return text % {"detail": detail}

    def _timeline_row(self, parents, files, words):
        row = super()._timeline_row(parents, files, words)
        if self.why_rules:
            row["rules"] = self.why_rule_ids.ids
            row["rule_wrong"] = bool(self.rule_wrong_at)
            notes = [
                {"icon": "fa-magic", "text": text, "tone": "", "title": ""}
                for text in self._rule_words()
            ]
            if notes and self.rule_wrong_at:
                notes.append(
                    {
                        "icon": "fa-undo",
                        "text": self.env._("This rule was wrong here"),
                        "tone": "",
                        "title": "",
                    }
                )
            row["notes"] = [*row.get("notes", ()), *notes]
        return row

    # === DELIVERED IN BULK === #
    def _check_may_handle(self):
        """May the user say what becomes of these messages?

        :raises AccessError: one of them may not be read, or its ticket not be changed
        """
        self.env["helpdesk.social.inbox"]._check_desk()
        self.check_access("read")
        self.ticket_id.check_access("write")

    def _put_aside_as(self, how, why=""):
        """They stop waiting, and say who saw to it; one write for all."""
        values = self._handled_values("no_answer", why)
        # sudo: helpdesk.social.message - users never write messages; callers checked
        self.sudo().write({**values, "handled_how": how})

    def _unseen(self):
        """Those that nobody has said anything about: they wait, or were settled by
        themselves."""
        return self.filtered(
            lambda one: one.waiting or one.handled_how in (False, "auto")
        )
