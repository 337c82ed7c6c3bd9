"""Words that a network has approved: a copy of what it keeps, one row per language.

The network's list is the truth: rows follow it and are never written by hand, but for
what fills the gaps and whether agents are offered them. What the network no longer has
stays as a row that cannot be used, as messages refer to it. Nothing here sends.
"""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..networks import items
from ..texts import gaps as gap_words
from ..texts import placeholders
from . import common, social_failure

#: a line of ``fills``: the field of the template, and what goes into it
FILL = re.compile(r"\s*([a-z]+\.\w{1,60})\s*[:=]\s*(.*?)\s*", re.ASCII)
#: what the network says may be long; more than this is not a template
MAX_TEXT = 4096


class HelpdeskSocialTemplate(models.Model):
    _name = "helpdesk.social.template"
    _description = "Social Template"
    _order = "name, language, id"
    _rec_name = "name"
    _rec_names_search = ["name", "body"]

    account_id = fields.Many2one(
        "helpdesk.social.account",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    active = fields.Boolean(default=True, help="Offered to agents.")
    key = fields.Char(required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    language = fields.Char(readonly=True)
    status = fields.Char(readonly=True, help="The network's word for it.")
    usable = fields.Boolean(readonly=True, help="Approved, and nothing we cannot fill.")
    category = fields.Char(readonly=True, help="What the network bills by.")
    category_label = fields.Char(string="Category", compute="_compute_category_label")
    header = fields.Char(readonly=True)
    body = fields.Text(readonly=True)
    footer = fields.Char(readonly=True)
    buttons = fields.Json(readonly=True)
    gaps = fields.Json(readonly=True, help="List of {name, kind, example}.")
    extra = fields.Json(readonly=True, help="What the adapter wants back.")
    fills = fields.Text(
        string="Fill With",
        help="What agents find in the gaps, a line each, like “body.1: {{customer}}”. "
        "There are {{customer}}, {{handle}}, {{agent}}, {{account}}, {{network}} and "
        "{{ticket}}. Left out: what is clear from the words is filled, the rest is for "
        "the agent.",
    )
    shown = fields.Text(compute="_compute_shown", string="Words")
    synced_at = fields.Datetime(readonly=True, help="When the network last had it.")

    _key_unique = models.UniqueIndex("(account_id, key)", "A template is listed once.")

    # === COMPUTE METHODS === #
    @api.depends("header", "body", "footer", "buttons")
    def _compute_shown(self):
        for row in self:
            lines = [row.header, row.body, row.footer]
            lines += [f"[{one}]" for one in row.buttons or () if one]
            row.shown = "\n".join(one for one in lines if one)

    @api.depends("category")
    @api.depends_context("lang")
    def _compute_category_label(self):
        for row in self:
            # sudo: helpdesk.social.account - the network's words only
            account = row.sudo().account_id
            adapter_class = account.network_id._adapter_class(account.network_id.code)
            label = adapter_class and adapter_class.price_labels.get(row.category or "")
            row.category_label = label and account.network_id._term(label)

    @api.constrains("fills")
    def _check_fills(self):
        for row in self:
            known = {one["name"] for one in row.gaps or ()}
            for line in filter(str.strip, (row.fills or "").splitlines()):
                found = FILL.fullmatch(line)
                if not found or found[1] not in known:
                    raise ValidationError(
                        self.env._(
                            "“%(line)s” names no gap of this template. Its gaps are: "
                            "%(names)s.",
                            line=line.strip(),
                            names=", ".join(sorted(known)) or "–",
                        )
                    )

    # === FOLLOWING THE NETWORK === #
    @api.model
    def _follow(self, account, templates):
        """Make the rows of ``account`` what the network listed, all of it."""
        # sudo: helpdesk.social.template - kept by the machine
        rows = self.sudo().with_context(active_test=False)
        known = {one.key: one for one in rows.search([("account_id", "=", account.id)])}
        now, new, seen = fields.Datetime.now(), [], set()
        for template in templates:
            values = self._values_of(template)
            key = values["key"]
            if not key or key in seen:
                continue
            seen.add(key)
            if key in known:
                known[key]._take(values | {"synced_at": now})
            else:
                new.append({**values, "account_id": account.id, "synced_at": now})
        rows.create(new)
        for key, row in known.items():
            if key not in seen and row.usable:
                row._withdrawn("gone")

    def _take(self, values):
        changed = {name: value for name, value in values.items() if self[name] != value}
        if changed:
            self.write(changed)

    def _withdrawn(self, status):
        """The network does not take it any more; it may come back with the list."""
        # sudo: helpdesk.social.template - kept by the machine
        self.sudo().write({"usable": False, "status": status})

    @api.model
    def _values_of(self, template):
        text = common.storable
        return {
            "key": text(template.key)[:600],
            "name": text(template.name)[:600],
            "language": text(template.language)[:20],
            "status": text(template.status)[:60] or False,
            "usable": template.usable and len(template.body) <= MAX_TEXT,
            "category": text(template.category)[:60] or False,
            "header": text(template.header)[:MAX_TEXT] or False,
            "body": text(template.body)[:MAX_TEXT] or False,
            "footer": text(template.footer)[:MAX_TEXT] or False,
            "buttons": [text(one) for one in template.buttons] or False,
            "gaps": [
                {
                    "name": text(one.name),
                    "kind": text(one.kind),
                    "example": text(one.example),
                }
                for one in template.fields
            ]
            or False,
            "extra": template.extra or False,
        }

    def _item(self):
        """As adapters have it."""
        self.ensure_one()
        return items.Template(
            key=self.key,
            name=self.name,
            language=self.language or "",
            body=self.body or "",
            usable=self.usable,
            status=self.status or "",
            category=self.category or "",
            header=self.header or "",
            footer=self.footer or "",
            buttons=tuple(self.buttons or ()),
            fields=tuple(
                items.TemplateField(one["name"], one["kind"], one["example"])
                for one in self.gaps or ()
            ),
            extra=self.extra or {},
        )

    def _files_needed(self):
        """How many files go with it: none or one."""
        return sum(one["kind"] != "text" for one in self.gaps or ())

    # === FILLING === #
    def _filled_with(self, values):
        """{gap: what an agent finds there}, each editable.

        :param values: as of ``texts.placeholders.values``
        """
        own = {}
        for line in (self.fills or "").splitlines():
            found = FILL.fullmatch(line)
            if found:
                own[found[1]] = found[2]
        parts = {"header": self.header, "body": self.body}
        filled = {}
        for gap in self.gaps or ():
            part, _dot, name = gap["name"].partition(".")
            if gap["kind"] != "text":
                continue
            guessed = gap_words.guess(name, parts.get(part) or "")
            with_what = own.get(gap["name"], f"{{{{{guessed}}}}}" if guessed else "")
            filled[gap["name"]] = placeholders.fill(with_what, values)
        return filled

    def _price(self):
        """What sending one costs, in words for people; '' where it costs nothing or
        nobody knows, and whether it is known."""
        if not self.category:
            return "", True
        # sudo: helpdesk.social.app - what an agent's reply costs is no secret
        price = self.account_id.sudo().app_id._prices().get(self.category)
        if price is None or not price.known:
            return "", False
        return (f"${price.amount.normalize():f}" if price.amount else "", True)

    def _why_not(self):
        """Why it cannot be used now: a code, or ''."""
        if not self.usable:
            return "template_gone" if self.status == "gone" else "template_refused"
        return "" if self.active else "template_off"

    # === FOR THE COMPOSER === #
    def _told(self, values):
        """This template for the browser, its gaps filled as far as we know.

        :param values: as of ``texts.placeholders.values``
        """
        filled, why, (price, known) = self._filled_with(values), "", self._price()
        reason = self._why_not()
        if reason:
            why = social_failure.explain(self.env, reason)
        return {
            "id": self.id,
            "name": self.name,
            "language": self.language or "",
            "category": self.category_label or "",
            "price": price,
            "price_known": known,
            "usable": not reason,
            "why": why,
            "shown": self.shown,
            "fields": [
                {
                    "name": one["name"],
                    "kind": one["kind"],
                    "label": self._gap_label(one["name"]),
                    "example": one["example"],
                    "value": filled.get(one["name"], ""),
                }
                for one in self.gaps or ()
            ],
        }

    def _gap_label(self, name):
        """What people call a gap: "2", "day", "file", "1 (header)"."""
        part, _dot, own = (name or "").partition(".")
        if name == "header.file":
            return self.env._("File")
        own = own.replace("_", " ")
        if part == "header":
            return self.env._("%(gap)s (heading)", gap=own)
        if part == "button":
            return self.env._("End of the link of button %(gap)s", gap=int(own) + 1)
        return own or name or ""
