"""How triage rules did, and the answers they suggest.

Counted from the messages that say which rules matched; a colleague who finds a rule
wrong about a message says so in the inbox or on the ticket.
"""

from odoo import fields, models
from odoo.tools import SQL


class HelpdeskSocialRule(models.Model):
    _inherit = "helpdesk.social.rule"

    matched_count = fields.Integer(string="Matched", compute="_compute_counts")
    wrong_count = fields.Integer(
        string="Wrong",
        compute="_compute_counts",
        help="Messages about which a colleague said that this rule was wrong.",
    )
    precision = fields.Float(
        string="Right",
        compute="_compute_counts",
        help="Part of the matched messages that nobody objected to.",
    )

    def _compute_counts(self):
        messages = self.env["helpdesk.social.message"]
        messages.flush_model(["why_rule_ids", "rule_wrong_at"])
        # SQL: one count over the relation; numbers only, of a rule that is readable
        rows = self.env.execute_query(
            SQL(
                """
                SELECT said.rule_id, COUNT(*), COUNT(message.rule_wrong_at)
                  FROM helpdesk_social_message_rule_rel said
                  JOIN helpdesk_social_message message ON message.id = said.message_id
                 WHERE said.rule_id IN %s
                 GROUP BY said.rule_id
                """,
                tuple(self.ids) or (0,),
            )
        )
        found = {rule_id: (matched, wrong) for rule_id, matched, wrong in rows}
        for rule in self:
            matched, wrong = found.get(rule._origin.id, (0, 0))
            rule.matched_count, rule.wrong_count = matched, wrong
            rule.precision = (matched - wrong) / matched if matched else 0

    def action_open_matched(self):
        """The messages that this rule was about."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "helpdesk.social.message",
            "views": [(False, "list"), (False, "form")],
            "domain": [("why_rule_ids", "in", self.ids)],
        }


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_desk(self, targets):
        """Override: answers that rules suggest, of those this person may use."""
        desk = super()._social_desk(targets)
        said = {
            target.id: [rule_id for rule_id, _reasons in target.why_rules]
            for target in targets
            if target.why_rules
        }
        if said:
            desk["canned"] = self._social_suggested_by_rules(said, targets)
        return desk

    def _social_suggested_by_rules(self, said, targets):
        """{message id: [{id, name, text}]}

        :param said: {message id: ids of the rules that matched}
        """
        # sudo: helpdesk.social.rule - which answer; may it be used is asked next
        rules = self.env["helpdesk.social.rule"].sudo()
        rules = rules.browse({one for ids in said.values() for one in ids}).exists()
        answers = self.env["mail.canned.response"].search(
            [("id", "in", rules.canned_id.ids)]
        )
        of_rule = {rule.id: rule.canned_id.sudo(False) & answers for rule in rules}
        result = {}
        for message_id, ids in said.items():
            found = answers.union(*(of_rule.get(one, answers[:0]) for one in ids))
            result[message_id] = [
                {
                    "id": one.id,
                    "name": one.source,
                    "text": self._social_filled(one, targets.browse(message_id)),
                }
                for one in found
            ]
        return result
