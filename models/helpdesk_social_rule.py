"""Triage rules: which new messages become tickets, whose and how urgent.

A rule is asked when a message would open a ticket, and at no other time: what belongs
to a ticket already is never touched, and what is ruled out stays in the inbox, apart.
The conditions themselves are plain Python (``texts.rules``); here they are stored,
checked and made ready once for all batches. How rules did is in
``helpdesk_social_rule_result``.
"""

import logging
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import ormcache

from odoo.addons.base.models.res_partner import _tz_get

from ..networks.items import GROUP, PRIVATE, PUBLIC
from ..texts.linear_regex import Pattern, PatternError
from ..texts.rules import Rule

_logger = logging.getLogger(__name__)

YES_NO = [("yes", "Yes"), ("no", "No")]
#: written by the dry run alone
TRIED = {"tried_at", "tried_by_id"}
#: what may be changed without looking at the rule's effect again
HARMLESS = {"name", "note", "sequence", "state", "active"} | TRIED
AUDIENCES = {
    "public": (PUBLIC,),
    "group": (GROUP,),
    "private": (PRIVATE,),
    "closed": (GROUP, PRIVATE),
}


class HelpdeskSocialRule(models.Model):
    _name = "helpdesk.social.rule"
    _description = "Social Triage Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=False)
    note = fields.Text(help="Why there is this rule.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [("off", "Switched off"), ("on", "Switched on")],
        default="off",
        required=True,
        copy=False,
    )
    tried_at = fields.Datetime(
        readonly=True, copy=False, help="Last dry run since it was changed."
    )
    tried_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    # === CONDITIONS: all of them must hold === #
    network_ids = fields.Many2many(
        "helpdesk.social.network", "helpdesk_social_rule_network_rel", string="Networks"
    )
    account_ids = fields.Many2many(
        "helpdesk.social.account",
        "helpdesk_social_rule_account_rel",
        string="Our Accounts",
        check_company=True,
    )
    audience = fields.Selection(
        [
            ("public", "Public"),
            ("group", "Group"),
            ("private", "Private"),
            ("closed", "Group or private"),
        ]
    )
    kind = fields.Selection(
        [("thanks", "A bare thanks or emoji"), ("message", "More than a thanks")],
        string="What It Is",
    )
    turn = fields.Selection(
        [("first", "The person's first message to us"), ("reply", "Answers something")],
        string="Which Message",
    )
    words_mode = fields.Selection(
        [
            ("any", "Contains any of"),
            ("all", "Contains all of"),
            ("none", "Contains none of"),
        ],
        string="Text",
    )
    words = fields.Text(
        help="Words or phrases, separated by commas or lines. Capitals make no "
        "difference. refund* stands for all words that begin so."
    )
    regex = fields.Char(
        string="Pattern",
        help="A regular expression found anywhere in the text, such as "
        r"order #?\d+. Capitals make no difference.",
    )
    languages = fields.Char(help="Codes separated by commas: en, pt-br.")
    identity_ids = fields.Many2many(
        "helpdesk.social.identity",
        "helpdesk_social_rule_identity_rel",
        string="Authors",
        check_company=True,
    )
    handles = fields.Text(
        string="Author's Name There",
        help="@names separated by commas or lines. They can change; better choose "
        "authors.",
    )
    verified = fields.Selection(YES_NO, string="Verified by the Network")
    followers_min = fields.Integer(string="Followers at Least")
    followers_max = fields.Integer(string="Followers at Most")
    known = fields.Selection(YES_NO, string="Linked to a Contact")
    partner_category_ids = fields.Many2many(
        "res.partner.category",
        "helpdesk_social_rule_category_rel",
        string="Contact's Tags",
        ondelete="restrict",
    )
    orders = fields.Selection(YES_NO, string="Open Orders")
    invoices = fields.Selection(YES_NO, string="Unpaid Invoices")
    has_orders = fields.Boolean(compute="_compute_has_apps")
    has_invoices = fields.Boolean(compute="_compute_has_apps")
    hours = fields.Selection([("in", "Between"), ("out", "Not between")])
    hour_from = fields.Float(default=9)
    hour_to = fields.Float(default=17)
    days = fields.Selection(
        [
            ("all", "Every day"),
            ("working", "Monday to Friday"),
            ("weekend", "Saturday and Sunday"),
        ],
        default="all",
    )
    zone = fields.Selection(
        _tz_get, string="Time Zone", default=lambda self: self.env.user.tz or "UTC"
    )
    # === RESULTS === #
    # restricted: a rule is remembered ready-made, and must not point to what is gone
    ticket = fields.Selection(
        [("yes", "Opens a ticket"), ("no", "Opens no ticket")],
        help="Nothing chosen: other rules decide, and without them a ticket is opened.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team", check_company=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Assign to",
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    priority = fields.Selection(
        lambda self: self.env["helpdesk.ticket"]._fields["priority"].selection
    )
    tag_ids = fields.Many2many(
        "helpdesk.ticket.tag",
        "helpdesk_social_rule_tag_rel",
        string="Tags",
        ondelete="restrict",
    )
    canned_id = fields.Many2one(
        "mail.canned.response",
        string="Suggested Answer",
        ondelete="restrict",
        help="Offered in the composer; nobody sends it but the agent.",
    )
    stop = fields.Boolean(
        string="Stop Here",
        default=True,
        help="Rules below are not asked about messages that this one matches.",
    )

    # === COMPUTE AND CHECKS === #
    def _compute_has_apps(self):
        self.has_orders = "sale.order" in self.env
        self.has_invoices = "account.move" in self.env

    @api.constrains("regex")
    def _check_regex(self):
        for rule in self.filtered("regex"):
            try:
                Pattern(rule.regex)
            except PatternError as error:
                raise ValidationError(rule._pattern_words(error)) from error

    def _pattern_words(self, error):
        """What is wrong with a pattern, for the one who wrote it."""
        words = {
            "syntax": self.env._("This pattern is not complete: %(detail)s"),
            "unsupported": self.env._(
                "This pattern looks ahead, behind or back, or sets flags. Rules cannot "
                "use that: it could take too long."
            ),
            "too_big": self.env._("This pattern is too big. Write a shorter one."),
            "empty": self.env._("This pattern fits every text."),
        }
        return words[error.code] % {"detail": error.detail}

    @api.constrains("hour_from", "hour_to", "hours", "zone")
    def _check_hours(self):
        for rule in self.filtered("hours"):
            if not all(0 <= hour <= 24 for hour in (rule.hour_from, rule.hour_to)):
                raise ValidationError(self.env._("Hours are written as 0:00 to 24:00."))
            if rule.hour_from == rule.hour_to:
                raise ValidationError(
                    self.env._("These hours begin and end at the same time.")
                )
            ZoneInfo(rule.zone or "UTC")

    @api.constrains("followers_min", "followers_max")
    def _check_followers(self):
        for rule in self:
            least, most = rule.followers_min, rule.followers_max
            if least < 0 or most < 0 or most and least > most:
                raise ValidationError(
                    self.env._("Nobody can have this number of followers.")
                )

    # === WRITING === #
    @api.model_create_multi
    def create(self, vals_list):
        self._check_not_claimed(vals_list)
        rules = super().create(vals_list)
        rules.filtered(lambda one: one.state == "on")._check_tried()
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        self._check_not_claimed([vals])
        if not vals.keys() <= HARMLESS:
            # its effect is another one now: it goes on, but is marked
            vals = {"tried_at": False, "tried_by_id": False, **vals}
        turned_on = vals.get("state") == "on" and self.filtered(
            lambda one: one.state != "on"
        )
        result = super().write(vals)
        if turned_on:
            turned_on._check_tried()
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    def _check_not_claimed(self, vals_list):
        """That somebody has looked is noted by the dry run, never by who says so."""
        if not self.env.su and any(TRIED & vals.keys() for vals in vals_list):
            raise AccessError(
                self.env._("Only a dry run notes that a rule was tried. Make one.")
            )

    def _check_tried(self):
        """Nobody switches a rule on without having seen what it would have done."""
        for rule in self:
            if not rule.tried_at:
                raise UserError(
                    self.env._(
                        "Look first what “%(rule)s” would have done: make a dry run.",
                        rule=rule.name,
                    )
                )

    # === ACTIONS === #
    def action_switch_on(self):
        """On, where somebody has looked since the last change; else the dry run."""
        self.check_access("write")
        if any(not rule.tried_at for rule in self):
            return self[:1].action_try()
        self.write({"state": "on"})
        return True

    def action_switch_off(self):
        self.check_access("write")
        self.write({"state": "off"})
        return True

    def action_try(self):
        """The dry run's dialog."""
        self.ensure_one()
        self.check_access("write")
        return self.env["helpdesk.social.rule.try"]._start(self)

    # === READY FOR THE INTAKE === #
    def _spec(self):
        """This rule as plain values, as ``texts.rules`` takes them."""
        self.ensure_one()
        user = self.user_id.filtered("active")
        return {
            "id": self.id,
            "networks": self.network_ids.ids,
            "accounts": self.account_ids.ids,
            "audiences": AUDIENCES.get(self.audience),
            "kind": self.kind,
            "turn": self.turn,
            "words_mode": self.words_mode,
            "words": self.words,
            "regex": self.regex,
            "languages": self.languages,
            "authors": self.identity_ids.ids,
            "handles": self.handles,
            "verified": self.verified,
            "known": self.known,
            "followers_min": self.followers_min,
            "followers_max": self.followers_max,
            "tags": self.partner_category_ids.ids,
            "orders": self.orders,
            "invoices": self.invoices,
            "hours": self.hours,
            "hour_from": self.hour_from,
            "hour_to": self.hour_to,
            "days": self.days,
            "zone": self.zone,
            "ticket": {"yes": True, "no": False}.get(self.ticket),
            "team": self.team_id.id,
            "user": user.id,
            "priority": self.priority or None,
            "tag_ids": self.tag_ids.ids,
            "canned": self.canned_id.id,
            "stop": self.stop,
        }

    @api.model
    @ormcache("company_id")
    def _compiled(self, company_id):
        """(rules that are on, facts that cost a query), for all batches.

        Remembered until a rule is changed anywhere, which empties this cache.
        """
        # sudo: helpdesk.social.rule - the intake asks, for everybody
        rules = self.sudo().search(
            Domain("company_id", "=", company_id) & Domain("state", "=", "on")
        )
        return rules._make_ready()

    def _make_ready(self):
        """(rules, facts that cost a query) of these rules, in their order."""
        ready = []
        for rule in self:
            one = Rule.make(rule._spec())
            if one.broken:
                _logger.warning("triage rule %s is left out: %s", rule.id, one.broken)
            ready.append(one)
        asked = {code for one in ready for code, _test in one.tests}
        return tuple(ready), frozenset(asked & {"tags", "orders", "invoices"})

    # === FACTS ABOUT CONTACTS === #
    @api.model
    def _business(self, partners, company, asked):
        """{fact: ids of commercial partners it holds for}, for ``orders`` and
        ``invoices`` where their apps are installed; one query each for all.

        :param asked: names of the facts that a rule asks for
        """
        found = {}
        firms = partners.commercial_partner_id
        if "orders" in asked and "sale.order" in self.env:
            # sudo: sale.order - a yes or a no, no order is shown
            found["orders"] = self._firms_with(
                self.env["sale.order"].sudo(),
                Domain("partner_id.commercial_partner_id", "in", firms.ids)
                & Domain("company_id", "=", company.id)
                & Domain("state", "=", "sale")
                & Domain("invoice_status", "!=", "invoiced"),
            )
        if "invoices" in asked and "account.move" in self.env:
            # sudo: account.move - a yes or a no, no invoice is shown
            found["invoices"] = self._firms_with(
                self.env["account.move"].sudo(),
                Domain("commercial_partner_id", "in", firms.ids)
                & Domain("company_id", "=", company.id)
                & Domain("move_type", "=", "out_invoice")
                & Domain("state", "=", "posted")
                & Domain("payment_state", "in", ("not_paid", "partial")),
            )
        return found

    @api.model
    def _firms_with(self, model, domain):
        groups = model._read_group(domain, ["partner_id"])
        partners = self.env["res.partner"].sudo().union(*(one for (one,) in groups))
        return frozenset(partners.commercial_partner_id.ids)
