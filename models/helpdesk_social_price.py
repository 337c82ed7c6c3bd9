"""What a network charges an app for, one row per kind, and the app's own price of it.

The list comes from the adapter and is the vendor's; an empty own price follows it. The
rows are made by the app; nobody adds or removes one.
"""

from dataclasses import dataclass
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from . import social_meter


@dataclass(frozen=True)
class Price:
    """What one of a kind costs: US dollars, and units of the daily quota.

    ``known`` False: the vendor charges by lists of its own, which nobody has told us;
    the amount is then 0, and says nothing.
    """

    label: str
    amount: Decimal = Decimal(0)
    units: int = 0
    known: bool = True


class HelpdeskSocialPrice(models.Model):
    _name = "helpdesk.social.price"
    _description = "Social Price"
    _order = "app_id, id"
    _rec_name = "label"

    app_id = fields.Many2one(
        "helpdesk.social.app", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="app_id.company_id")
    kind = fields.Char(required=True, readonly=True)
    label = fields.Char(string="What", compute="_compute_list")
    list_price = fields.Char(
        string="List Price (USD)", compute="_compute_list", help="The vendor's price."
    )
    own_price = fields.Char(
        string="Our Price (USD)",
        help="What one really costs us, when it is not the list price. Empty: the list "
        "price. It counts for what is spent from now on.",
    )
    units = fields.Integer(string="Quota Units", compute="_compute_list")
    number_month = fields.Integer(string="This Month", compute="_compute_month")
    amount_month = fields.Float(
        string="Spent (USD)", digits=(16, 6), compute="_compute_month"
    )
    units_month = fields.Integer(string="Units This Month", compute="_compute_month")

    _kind_unique = models.UniqueIndex("(app_id, kind)", "A kind has one price.")

    @api.depends("kind", "app_id.network_id")
    @api.depends_context("lang")
    def _compute_list(self):
        for row in self:
            listed = row.app_id._list_prices().get(row.kind)
            label = row.app_id.network_id._term(listed.label) if listed else ""
            row.label = label or row.kind
            known = listed and listed.known
            row.list_price = f"{listed.amount.normalize():f}" if known else False
            row.units = listed.units if listed else 0

    def _check_access(self, operation):
        """Override: an app of all companies has prices for all of them."""
        found = super()._check_access(operation)
        if found or operation == "read" or not any(self._ids):
            return found
        apps = self.sudo().app_id.sudo(self.env.su)
        refused = apps._check_access("write")
        if refused:
            mine = self.filtered(lambda row: row.sudo().app_id in refused[0])
            return mine, refused[1]
        return None

    def _compute_month(self):
        spending = self.env["helpdesk.social.spending"]
        for app, rows in self.grouped("app_id").items():
            # sudo: helpdesk.social.spending - sums of an app that the user reads
            found = spending.sudo()._read_group(
                [("app_id", "=", app.id), ("day", ">=", app._month_start())],
                ["kind"],
                ["number:sum", "amount:sum", "units:sum"],
            )
            sums = {kind: numbers for kind, *numbers in found}
            for row in rows:
                row.number_month, row.amount_month, row.units_month = sums.get(
                    row.kind, (0, 0, 0)
                )

    @api.constrains("own_price")
    def _check_own_price(self):
        for row in self:
            if row.own_price and social_meter.price(row.own_price) is None:
                raise ValidationError(
                    self.env._(
                        "%(text)s is no price. It looks like 0.005, in US dollars; "
                        "leave it empty for the list price.",
                        text=row.own_price,
                    )
                )
