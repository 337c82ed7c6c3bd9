"""The check list of a connection: what works, what does not, what to do about it.

The same list after connecting and on the account's form, made of what is so at this
moment. It asks the network nothing, changes nothing and holds no secret.
"""

from datetime import timedelta

from odoo import api, fields, models

from ..networks import base
from . import social_failure
from .helpdesk_social_account_state import STOPPED

GOOD, WARN, BAD, OFF = "good", "warn", "bad", "off"
#: a look that is due for this long did not take place: lanes run every minute
OVERDUE = timedelta(minutes=15)


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    checklist = fields.Json(
        compute="_compute_checklist",
        help="Lines of key, mark, title, text, at (a moment, UTC) and items.",
    )

    @api.depends_context("lang")
    def _compute_checklist(self):
        for account in self:
            adapter_class = account.network_id._adapter_class(account.network_id.code)
            account.checklist = adapter_class and [
                line
                for line in (
                    account._checked_credentials(),
                    account._checked_end(),
                    account._checked_scopes(adapter_class),
                    account._checked_delivery(adapter_class),
                    account._checked_events(),
                    account._checked_team(),
                )
                if line
            ]

    def _line(self, key, mark, title, text="", at=False, items=()):
        return {
            "key": key,
            "mark": mark,
            "title": title,
            "text": text or "",
            "at": at and fields.Datetime.to_string(at),
            "items": list(items),
        }

    # === THE LINES === #
    def _checked_credentials(self):
        title = self.env._("Sign-in")
        if self.state == "draft":
            return self._line(
                "credentials", OFF, title, self.env._("Not connected yet.")
            )
        if self.state in STOPPED:
            text = self.error_text or social_failure.explain(self.env, "auth")
            return self._line("credentials", BAD, title, text, self.error_at)
        text = self.env._(
            "The network accepts it; we are %(name)s there. Last proved:",
            name=self.display_name,
        )
        return self._line("credentials", GOOD, title, text, self.last_check_at)

    def _checked_end(self):
        """When it ends, where it does."""
        if self.state not in ("active", "paused") or not self.token_expires_at:
            return None
        title, ends = self.env._("Sign-in ends"), self.token_expires_at
        # sudo: helpdesk.social.token - whether renewals fail, and why
        row = self.env["helpdesk.social.token"].sudo()
        row = row.search([("account_id", "=", self._origin.id)])
        if row.failing_since:
            text = self.env._(
                "Renewing it fails: %(why)s",
                why=social_failure.explain(self.env, row.error_code or "transient"),
            )
            return self._line("end", WARN, title, text, ends)
        if self.renews_itself:
            text = self.env._("Odoo renews it by itself; this one ends:")
            return self._line("end", GOOD, title, text, ends)
        text = self.env._("Nobody but you can renew it. Sign in again before:")
        return self._line("end", WARN if self._ends_soon() else GOOD, title, text, ends)

    def _checked_scopes(self, adapter_class):
        if not adapter_class.scopes or self.state == "draft":
            return None
        title, term = self.env._("Rights"), self.network_id._term
        missing = set(filter(None, (self.missing_scopes or "").split(", ")))
        granted = set(filter(None, (self.granted_scopes or "").split(", ")))

        def mark(scope):
            if scope in missing:
                return BAD
            # a right includes those below it: read, read:accounts
            known = not granted or {scope, scope.partition(":")[0]} & granted
            return GOOD if known else OFF

        rights = [
            {"mark": mark(scope), "name": term(scope), "text": term(why)}
            for scope, why in adapter_class.scopes.items()
        ]
        if missing:
            text = self.env._("Some are missing. Sign in again and allow them.")
            return self._line("scopes", WARN, title, text, items=rights)
        text = self.env._("All that Odoo asks for were given.")
        return self._line("scopes", GOOD, title, text, items=rights)

    def _checked_delivery(self, adapter_class):
        """How what people write reaches us."""
        if self.state == "draft":
            return None
        title = self.env._("Delivery")
        if self.state in STOPPED:
            text = self.env._("Nothing is read or sent until you have signed in again.")
            return self._line("delivery", OFF, title, text)
        if self.state == "paused":
            text = self.env._("Nothing is read or sent until it is resumed.")
            return self._line("delivery", OFF, title, text)
        if self.push:
            if self.push_error:
                text, last = self._unpushed_sentence(), self._last_pushed()
                return self._line("delivery", WARN, title, text, last)
            last = self._last_pushed()
            if last:
                text = self.env._("The network tells Odoo at once. Last time:")
                return self._line("delivery", GOOD, title, text, last)
            text = self.env._(
                "The network tells Odoo at once. Nothing has come this way yet: "
                "write something to the account to try it."
            )
            return self._line("delivery", WARN, title, text)
        if not adapter_class.can(base.PULL):
            text = self.env._("The network must be told our webhook address first.")
            return self._line("delivery", WARN, title, self.push_error or text)
        if self.push_error:
            text = self.env._("Odoo asks the network: %(why)s", why=self.push_error)
            return self._line("delivery", WARN, title, text)
        due = self.next_pull_at
        if due and due < fields.Datetime.now() - OVERDUE:
            text = self.env._(
                "Nobody has asked the network lately. Do the scheduled actions run? "
                "Last look:"
            )
            return self._line("delivery", BAD, title, text, self.last_pull_at)
        text = self.env._("Odoo asks the network regularly.")
        if self.last_pull_at:
            text = self.env._("Odoo asks the network regularly. Last look:")
        return self._line("delivery", GOOD, title, text, self.last_pull_at)

    def _unpushed_sentence(self):
        return self.env._(
            "The network no longer tells Odoo at once: %(why)s", why=self.push_error
        )

    def _last_pushed(self):
        """When something was pushed for this account; the newest few tell."""
        # sudo: helpdesk.social.event - a moment, nothing that was said
        events = self.env["helpdesk.social.event"].sudo()
        newest = events.search(
            [("account_id", "=", self._origin.id)], order="id desc", limit=100
        )
        return newest.filtered(lambda one: one.source == "push")[:1].received_at

    def _checked_events(self):
        title = self.env._("Last event")
        if self.state == "draft":
            return None
        lost = self._unclaimed_count()
        if lost:
            text = self.env._(
                "%(number)s deliveries for this registration name no account of it; "
                "see the failed events.",
                number=lost,
            )
            return self._line("events", WARN, title, text, self.last_in_at)
        if self.dead_event_count:
            text = self.env._("Some of what came in could not be read. Last event:")
            return self._line("events", WARN, title, text, self.last_in_at)
        if self.last_in_at:
            text = self.env._("Received:")
            return self._line("events", GOOD, title, text, self.last_in_at)
        return self._line("events", OFF, title, self.env._("Nothing has come in yet."))

    def _unclaimed_count(self):
        # sudo: helpdesk.social.event - a number only
        events = self.env["helpdesk.social.event"].sudo()
        return events.search_count(
            [
                ("app_id", "=", self.app_id.id),
                ("account_id", "=", False),
                ("state", "in", ("new", "dead")),
                ("error", "=like", "unclaimed:%"),
            ],
            limit=1000,
        )

    def _checked_team(self):
        if self.team_id:
            return None
        text = self.env._("No team gets the tickets yet. Choose one when you can.")
        return self._line("team", WARN, self.env._("Team"), text)
