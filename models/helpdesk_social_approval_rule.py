"""When a reply needs a second pair of eyes: who writes, to whom, and which words.

A rule only says that somebody must look. What happens then is in
``helpdesk_social_approval``; nothing here lets a reply pass.
"""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..networks.items import PRIVATE

#: words a list may hold: each is looked for in every reply
MAX_WORDS = 500


class HelpdeskSocialApprovalRule(models.Model):
    _name = "helpdesk.social.approval.rule"
    _description = "Social Approval Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(
        required=True, translate=True, help="Shown to whoever writes and approves."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self._default_company(),
        help="Empty: for all companies.",
    )
    account_ids = fields.Many2many(
        "helpdesk.social.account",
        "helpdesk_social_approval_rule_account_rel",
        string="Accounts",
        help="Empty: all accounts.",
    )
    private_too = fields.Boolean(
        string="Private Replies Too", help="Otherwise what everybody or a group reads."
    )
    # conditions: all that are filled in must hold
    author_group_id = fields.Many2one(
        "res.groups", string="Written by a Member of", ondelete="cascade"
    )
    guard = fields.Boolean(
        string="Guard Overridden",
        help="The guard found something private in it and the author wants to send it "
        "all the same.",
    )
    partner_category_ids = fields.Many2many(
        "res.partner.category",
        "helpdesk_social_approval_rule_category_rel",
        string="Customer Has a Tag",
    )
    min_followers = fields.Integer(
        string="Followers", help="The person has at least as many; 0: does not matter."
    )
    words = fields.Text(
        help="One word or phrase a line. A reply that has one of them is looked at; "
        "small and capital letters are the same.",
    )
    # who decides
    approver_user_ids = fields.Many2many(
        "res.users",
        "helpdesk_social_approval_rule_user_rel",
        string="Approvers",
        domain="[('share', '=', False)]",
    )
    approver_group_id = fields.Many2one(
        "res.groups", string="Approving Group", ondelete="set null"
    )
    exempt_approvers = fields.Boolean(
        string="Approvers Need None",
        help="What an approver writes needs no second person.",
    )

    @api.model
    def _default_company(self):
        return self.env.company

    @api.constrains("words")
    def _check_words(self):
        for rule in self:
            if len(rule._word_list()) > MAX_WORDS:
                raise ValidationError(
                    self.env._(
                        "At most %(number)s words in a list. Make another rule for "
                        "the rest.",
                        number=MAX_WORDS,
                    )
                )

    # === DOES IT APPLY === #
    @api.model
    def _matching(self, words):
        """Rules that want ``words`` (``social_concern.Words``) to be looked at."""
        # sudo: helpdesk.social.approval.rule - they bind whoever writes, who need not
        # be able to read them
        rules = self.sudo().search(
            [("company_id", "in", [words.account.sudo().company_id.id, False])]
        )
        return rules.filtered(lambda one: one._wants(words))

    def _wants(self, words):
        self.ensure_one()
        if words.audience == PRIVATE and not self.private_too:
            return False
        if self.account_ids and words.account.sudo() not in self.account_ids:
            return False
        user = words.user.sudo()
        if self.author_group_id and self.author_group_id not in user.all_group_ids:
            return False
        if self.exempt_approvers and self._is_named(user):
            return False
        if self.guard and not _overridden(words.consent):
            return False
        person = words.person.sudo()
        if self.partner_category_ids and not (
            self.partner_category_ids & person.partner_id.category_id
        ):
            return False
        if self.min_followers and (person.followers or 0) < self.min_followers:
            return False
        return not self.words or self._has_word(words)

    def _has_word(self, words):
        said = [words.text, *words.files.sudo().mapped("description")]
        text = " ".join(" ".join(filter(None, said)).casefold().split())
        return any(
            re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text)
            for one in self._word_list()
        )

    def _word_list(self):
        lines = (self.words or "").casefold().splitlines()
        return [" ".join(one.split()) for one in lines if one.strip()]

    def _is_named(self, user):
        return (
            user in self.approver_user_ids
            or bool(self.approver_group_id)
            and self.approver_group_id in user.all_group_ids
        )


def _overridden(consent):
    """Did the author decide to send what the guard found?"""
    decision = consent.get("guard")
    return bool(isinstance(decision, dict) and decision.get("override"))
