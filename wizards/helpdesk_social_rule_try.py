"""Dry run: what a triage rule would have done to the messages of the last days.

Asks the rules once with and once without this one and shows the difference. It changes
no message and no ticket; only that somebody has looked is noted on the rule.
"""

from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain

from ..models import ticket_policy
from ..models.intake_rules import person_facts
from ..texts.rules import Watch, judge

#: messages looked at, and shown
MOST, SHOWN = 2000, 60
#: what rules were, or would have been, asked about
ASKED = ("new", "ruled_out", "by_hand", "rule_wrong")
EFFECTS = [
    ("not", "No ticket"),
    ("opens", "Ticket after all"),
    ("changes", "Other ticket"),
    ("same", "No change"),
]


class HelpdeskSocialRuleTry(models.TransientModel):
    _name = "helpdesk.social.rule.try"
    _description = "Dry Run of a Triage Rule"

    rule_id = fields.Many2one("helpdesk.social.rule", required=True, ondelete="cascade")
    state = fields.Selection(related="rule_id.state")
    days = fields.Integer(default=30, string="Days looked back")
    looked_count = fields.Integer(readonly=True, string="Messages looked at")
    matched_count = fields.Integer(readonly=True, string="It matches")
    not_count = fields.Integer(readonly=True, string="Would open no ticket any more")
    opens_count = fields.Integer(readonly=True, string="Would open a ticket after all")
    changes_count = fields.Integer(readonly=True, string="Would change the ticket")
    slow = fields.Boolean(readonly=True)
    line_ids = fields.One2many("helpdesk.social.rule.try.line", "try_id", readonly=True)

    @api.model
    def _start(self, rule):
        """The dialog for this rule, having looked."""
        dialog = self.create({"rule_id": rule.id})
        dialog._look()
        return dialog._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dry run: %(rule)s", rule=self.rule_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_look(self):
        self.ensure_one()
        self.rule_id.check_access("write")
        self._look()
        return self._reopen()

    def action_switch_on(self):
        self.ensure_one()
        self.rule_id.write({"state": "on"})
        return {"type": "ir.actions.act_window_close"}

    def _look(self):
        rule, watch = self.rule_id, Watch()
        # sudo: helpdesk.social.rule - all that the intake would ask, in its order
        others = rule.sudo().search(
            [
                ("company_id", "=", rule.company_id.id),
                ("state", "=", "on"),
                ("id", "!=", rule.id),
            ]
        )
        without, asked = others._make_ready()
        every = (others | rule.sudo()).sorted(lambda one: (one.sequence, one.id))
        with_it, asked_with = every._make_ready()
        messages = self._messages()
        counts, samples = Counter(), {code: [] for code, _label in EFFECTS}
        for message, facts in self._facts(messages, asked | asked_with).items():
            after = judge(with_it, facts, watch)
            why = next((why for id_, why in after.why if id_ == rule.id), None)
            if why is None:
                continue
            effect = self._effect(judge(without, facts, watch), after)
            counts[effect] += 1
            samples[effect].append((message, why, after))
        self._show(messages, counts, samples, rule.id in watch.slow)
        # sudo: helpdesk.social.rule - noted here and nowhere else; whoever looks may
        # change the rule
        rule.sudo().write(
            {"tried_at": fields.Datetime.now(), "tried_by_id": self.env.user.id}
        )

    def _show(self, messages, counts, samples, slow):
        lines = []
        for effect, found in samples.items():
            # some of each kind, the rarer ones before there is no room
            for message, why, after in found[: SHOWN // len(EFFECTS)]:
                lines.append(
                    fields.Command.create(
                        {
                            "message_id": message.id,
                            "effect": effect,
                            "why": ", ".join(
                                message._reason_words(*one) for one in why
                            ),
                            "outcome": self._outcome(after),
                        }
                    )
                )
        self.write(
            {
                "looked_count": len(messages),
                "matched_count": sum(counts.values()),
                "not_count": counts["not"],
                "opens_count": counts["opens"],
                "changes_count": counts["changes"],
                "slow": slow,
                "line_ids": [fields.Command.clear(), *lines],
            }
        )

    def _messages(self):
        """What the rules are asked about, newest first; as the user reads it."""
        since = fields.Datetime.subtract(
            fields.Datetime.now(), days=max(1, min(self.days, 365))
        )
        return self.env["helpdesk.social.message"].search(
            Domain("company_id", "=", self.rule_id.company_id.id)
            & Domain("direction", "=", "in")
            & Domain("why", "in", ASKED)
            & Domain("deleted_at", "=", False)
            & Domain("sent_at", ">=", since),
            order="sent_at desc, id desc",
            limit=MOST,
        )

    def _facts(self, messages, asked):
        """{message: Facts}: the words as they read now, people as they are today."""
        model = self.env["helpdesk.social.rule"]
        people = messages.identity_id
        business = model._business(
            people.partner_id.sudo(), self.rule_id.company_id, asked
        )
        firsts = dict(
            messages._read_group(
                [("identity_id", "in", people.ids), ("direction", "=", "in")],
                ["identity_id"],
                ["id:min"],
            )
        )
        result = {}
        for message in messages:
            # sudo: helpdesk.social.identity - as the intake sees the author
            person = message.identity_id.sudo()
            result[message] = facts = person_facts(person, asked, business, model)
            facts.text = message.text or ""
            facts.language = message.language or ""
            facts.network = message.network_id.id
            facts.account = message.account_id.id
            facts.audience = message.audience
            facts.thanks = ticket_policy.kind_of(facts.text) == ticket_policy.THANKS
            facts.reply = bool(message.parent_key)
            facts.first = firsts.get(message.identity_id) == message.id
            facts.at = message.sent_at
        return result

    @api.model
    def _effect(self, before, after):
        if before.ruled_out != after.ruled_out:
            return "not" if after.ruled_out else "opens"
        if after.ruled_out:
            return "same"

        def ticket(verdict):
            said = {k: v for k, v in verdict.results.items() if k != "ticket"}
            return said, set(verdict.tags)

        return "same" if ticket(before) == ticket(after) else "changes"

    def _outcome(self, verdict):
        """What would become of the message, in words."""
        if verdict.ruled_out:
            return self.env._("No ticket")
        said, words = verdict.results, [self.env._("Ticket")]
        if "team" in said:
            words.append(self.env["helpdesk.ticket.team"].browse(said["team"]).name)
        if "user" in said:
            words.append(self.env["res.users"].browse(said["user"]).name)
        if "priority" in said:
            field = self.env["helpdesk.ticket"]._fields["priority"]
            labels = dict(field._description_selection(self.env))
            words.append(labels.get(said["priority"], ""))
        if verdict.tags:
            words += self.env["helpdesk.ticket.tag"].browse(verdict.tags).mapped("name")
        return " · ".join(word for word in words if word)


class HelpdeskSocialRuleTryLine(models.TransientModel):
    _name = "helpdesk.social.rule.try.line"
    _description = "Message in the Dry Run of a Triage Rule"

    try_id = fields.Many2one("helpdesk.social.rule.try", ondelete="cascade")
    message_id = fields.Many2one("helpdesk.social.message", ondelete="cascade")
    sent_at = fields.Datetime(related="message_id.sent_at", string="When")
    identity_id = fields.Many2one(related="message_id.identity_id", string="Person")
    preview = fields.Char(related="message_id.preview", string="Message")
    effect = fields.Selection(EFFECTS)
    why = fields.Char(string="Because")
    outcome = fields.Char(string="Would Be")
