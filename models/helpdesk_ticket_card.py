"""What is known of the person who is answered: the card beside the composer.

Asked for only when somebody opens it, and read with the rights of whoever asks: a line
that this person may not read is not there, rather than wrong. Sales and invoices are
asked by name, because this addon works without them.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from .helpdesk_social_account import HELPDESK_USER

#: whoever sees all invoices of the company: a part of the revenue is a wrong number
SEES_REVENUE = ("account.group_account_invoice", "account.group_account_readonly")
#: other identities shown by name
MOST = 6


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def social_card(self, person_id):
        """The card of one person who takes part in this ticket.

        :return: ``{person, contact, lines: [{code, icon, label, value}], others}``
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group(HELPDESK_USER):
            raise AccessError(self.env._("Only helpdesk users may do this."))
        person_id = int(person_id) if str(person_id).isdecimal() else 0
        said = self.env["helpdesk.social.message"].search(
            [("ticket_id", "=", self.id), ("identity_id", "=", person_id)], limit=1
        )
        person = said.identity_id
        if not person:
            raise UserError(self.env._("This person does not take part any more."))
        contact = person.partner_id._filtered_access("read")
        lines = self._card_person(person)
        if contact:
            lines += self._card_contact(contact)
        return {
            "person": {"id": person.id, "name": person.display_name},
            "contact": bool(contact)
            and {
                "id": contact.id,
                "name": contact.display_name,
                "avatar": f"/web/image/res.partner/{contact.id}/avatar_128",
            },
            "hidden": bool(person.partner_id - contact),
            "lines": lines,
            "others": self._card_others(person, contact),
        }

    @api.model
    def _card_line(self, code, icon, label, value, title=""):
        return {
            "code": code,
            "icon": icon,
            "label": label,
            "value": value,
            "title": title,
        }

    def _card_person(self, person):
        line, lines = self._card_line, []
        if person.verified_until:
            until = format_date(self.env, person.verified_until)
            lines.append(
                line("verified", "fa-shield", self.env._("Verified until"), until)
            )
        if person.followers:
            lines.append(
                line(
                    "reach",
                    "fa-bullhorn",
                    self.env._("Followers"),
                    formatLang(self.env, person.followers, digits=0),
                )
            )
        return lines

    def _card_contact(self, contact):
        """The lines about a contact and the company it belongs to."""
        firm = contact.commercial_partner_id
        # what one may not read of the company is told of the person alone
        whole = firm._filtered_access("read") or contact
        lines = self._card_since(whole)
        lines += self._card_revenue(whole)
        lines += self._card_orders(whole)
        tickets = self.search_count(
            [
                ("partner_id", "child_of", whole.ids),
                ("stage_id.closed", "=", False),
                ("id", "!=", self.id),
            ]
        )
        lines.append(
            self._card_line(
                "tickets", "fa-ticket", self.env._("Other open tickets"), str(tickets)
            )
        )
        return lines

    def _card_since(self, partner):
        return [
            self._card_line(
                "since",
                "fa-calendar-o",
                self.env._("Known since"),
                format_date(self.env, partner.create_date),
            )
        ]

    def _card_revenue(self, partner):
        """Invoiced, without taxes, less refunds; in the company's currency."""
        if "account.move" not in self.env or not any(
            self.env.user.has_group(group) for group in SEES_REVENUE
        ):
            return []
        moves = self.env["account.move"]
        if not moves.has_access("read"):
            return []
        company = self.company_id or self.env.company
        [(total, first)] = moves._read_group(
            Domain("partner_id", "child_of", partner.ids)
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & Domain("state", "=", "posted")
            & Domain("company_id", "=", company.id),
            [],
            ["amount_untaxed_signed:sum", "invoice_date:min"],
        )
        lines = [
            self._card_line(
                "revenue",
                "fa-money",
                self.env._("Invoiced"),
                formatLang(self.env, total or 0, currency_obj=company.currency_id),
            )
        ]
        if first:
            lines.insert(
                0,
                self._card_line(
                    "customer",
                    "fa-handshake-o",
                    self.env._("Customer since"),
                    format_date(self.env, fields.Date.to_date(first)),
                ),
            )
        return lines

    def _card_orders(self, partner):
        """Confirmed and not invoiced completely, as far as this person sees orders."""
        if "sale.order" not in self.env:
            return []
        orders = self.env["sale.order"]
        if not orders.has_access("read"):
            return []
        count = orders.search_count(
            Domain("partner_id", "child_of", partner.ids)
            & Domain("state", "=", "sale")
            & Domain("invoice_status", "!=", "invoiced")
        )
        return [
            self._card_line(
                "orders", "fa-shopping-cart", self.env._("Open orders"), str(count)
            )
        ]

    def _card_others(self, person, contact):
        """Other identities of the same contact, and those merged with this one."""
        others = person._same_person() - person
        if contact:
            others |= contact._social_identities()[contact] - person
        others = others._filtered_access("read")
        return {
            "names": [
                {
                    "id": one.id,
                    "name": one.display_name,
                    "network": one.network_id.name,
                    "verified": bool(one.verified_until),
                    "merged": one.merged_into_id == person
                    or person.merged_into_id == one,
                }
                for one in others[:MOST]
            ],
            "more": max(0, len(others) - MOST),
        }
