"""When a reply needs a second pair of eyes: who writes, to whom, and which words.

A rule only says that somebody must look. What happens then is in
``helpdesk_social_approval``; nothing here lets a reply pass.
"""

import re
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

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

    # === REMEMBERED === #
    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    @ormcache("company_id")
    def _ready(self, company_id):
        """The company's rules as plain data: every reply is asked about twice, and the
        outbox forgets records with each commit."""
        # sudo: helpdesk.social.approval.rule - they bind whoever writes, who need not
        # be able to read them
        rules = self.sudo().search([("company_id", "in", [company_id, False])])
        return tuple(one._as_data() for one in rules)

    def _as_data(self):
        return Ready(
            id=self.id,
            accounts=frozenset(self.account_ids.ids),
            private_too=self.private_too,
            author_group=self.author_group_id.id,
            guard=self.guard,
            categories=frozenset(self.partner_category_ids.ids),
            followers=self.min_followers,
            words=tuple(self._word_list()),
            exempt_users=frozenset(self.approver_user_ids.ids)
            if self.exempt_approvers
            else frozenset(),
            exempt_group=self.exempt_approvers and self.approver_group_id.id,
        )

    def _word_list(self):
        lines = (self.words or "").casefold().splitlines()
        return [" ".join(one.split()) for one in lines if one.strip()]

    # === DOES IT APPLY === #
    @api.model
    def _matching(self, words):
        """Rules that want ``words`` (``social_concern.Words``) to be looked at."""
        ready = self._ready(words.account.sudo().company_id.id)
        return self.browse(one.id for one in ready if one.wants(words))

    def _is_named(self, user):
        """Does the rule name this user as an approver?"""
        return (
            user in self.approver_user_ids
            or bool(self.approver_group_id)
            and self.approver_group_id in user.all_group_ids
        )


class Ready(NamedTuple):
    """A rule without its record; ids and words."""

    id: int
    accounts: frozenset
    private_too: bool
    author_group: int
    guard: bool
    categories: frozenset
    followers: int
    words: tuple
    exempt_users: frozenset
    exempt_group: int

    def wants(self, words):
        """Do all of its conditions hold for these ``Words``?"""
        if words.audience == PRIVATE and not self.private_too:
            return False
        if self.accounts and words.account.id not in self.accounts:
            return False
        if words.user.id in self.exempt_users:
            return False
        groups = words.user.sudo()._get_group_ids()
        if self.exempt_group and self.exempt_group in groups:
            return False
        if self.author_group and self.author_group not in groups:
            return False
        if self.guard and not _overridden(words.consent):
            return False
        person = words.person.sudo()
        if self.categories and self.categories.isdisjoint(
            person.partner_id.category_id.ids
        ):
            return False
        if self.followers and (person.followers or 0) < self.followers:
            return False
        return not self.words or self._has_word(words)

    def _has_word(self, words):
        said = [words.text, *words.files.sudo().mapped("description")]
        text = " ".join(" ".join(filter(None, said)).casefold().split())
        return any(
            re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text) for one in self.words
        )


def _overridden(consent):
    """Did the author decide to send what the guard found?"""
    decision = consent.get("guard")
    return bool(isinstance(decision, dict) and decision.get("override"))
