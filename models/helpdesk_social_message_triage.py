"""What triage leaves on a message: which rules spoke, who put it aside, and why.

Codes and ids are stored and put into words for whoever reads. A rule can be called
wrong; that is counted on the rule. The acts themselves are in
``helpdesk_social_inbox_acts``.
"""

from odoo import fields, models
from odoo.tools.translate import LazyTranslate

from .helpdesk_social_account import HELPDESK_USER

_lt = LazyTranslate(__name__)

#: conditions of a rule -> why it matched
REASONS = {
    "network": _lt("on this network"),
    "account": _lt("to this account of ours"),
    "audience": _lt("said to this audience"),
    "kind": _lt("this kind of message"),
    "turn": _lt("this place in the conversation"),
    "author": _lt("this author"),
    "handle": _lt("this @name"),
    "verified": _lt("verified by the network, or not"),
    "known": _lt("linked to a contact, or not"),
    "followers": _lt("number of followers"),
    "tags": _lt("the contact's tags"),
    "orders": _lt("open orders, or none"),
    "invoices": _lt("unpaid invoices, or none"),
    "language": _lt("language %(detail)s"),
    "words": _lt("contains “%(detail)s”"),
    "words_only": _lt("words it contains, or not"),
    "regex": _lt("a pattern found in the text"),
    "hours": _lt("time of day"),
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
        if code == "words" and not detail:
            code = "words_only"
        words = REASONS.get(code)
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
